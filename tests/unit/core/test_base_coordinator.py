from __future__ import annotations

import logging
from pathlib import Path

import pytest

from robotrader.core.clock import SystemClock
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.errors import InitializationError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.settings import Settings

TYPE = EventType.TASK_COMPLETED


class Listening(BaseCoordinator):
    def __init__(self, config: Settings, event_bus: EventBus) -> None:
        super().__init__(config, event_bus)
        self.seen: list[str] = []

    async def initialize(self) -> None:
        self._log_info("starting with %s", self.config.provider)
        self._subscribe(TYPE, self._handle)
        self._subscribe(TYPE, self._handle, durable=True)
        self._initialized = True

    async def cleanup(self) -> None:
        if not self._initialized:
            return
        self._log_warning("cleaning up")
        await super().cleanup()

    def answer(self) -> int:
        self._require_initialized()
        return 7

    async def _handle(self, event: Event) -> None:
        self.seen.append(event.id)
        self._log_error("saw %s", event.source)


@pytest.fixture
def bus() -> EventBus:
    return EventBus(None, SystemClock(), durable_types=frozenset({TYPE}))


@pytest.fixture
def coordinator(bus: EventBus) -> Listening:
    return Listening(Settings(Path("home")), bus)


def test_it_is_abstract(bus: EventBus) -> None:
    with pytest.raises(TypeError, match="abstract"):
        BaseCoordinator(Settings(Path("home")), bus)  # type: ignore[abstract]


async def test_subscriptions_end_with_the_coordinator(coordinator: Listening, bus: EventBus) -> None:
    other: list[str] = []

    async def stays(event: Event) -> None:
        other.append(event.id)

    bus.subscribe(TYPE, stays)
    await coordinator.initialize()
    await bus.emit(Event(type=TYPE, source="test"))
    assert len(coordinator.seen) == 2
    await coordinator.cleanup()
    await coordinator.cleanup()
    await bus.emit(Event(type=TYPE, source="test"))
    assert len(coordinator.seen) == 2
    assert len(other) == 2


async def test_it_works_only_between_initialize_and_cleanup(coordinator: Listening) -> None:
    with pytest.raises(InitializationError, match="Listening is not initialized"):
        coordinator.answer()
    await coordinator.cleanup()
    await coordinator.initialize()
    assert coordinator.answer() == 7
    await coordinator.cleanup()
    with pytest.raises(InitializationError):
        coordinator.answer()


async def test_it_can_be_initialized_again(coordinator: Listening, bus: EventBus) -> None:
    for _ in range(2):
        await coordinator.initialize()
        await coordinator.cleanup()
    await coordinator.initialize()
    await bus.emit(Event(type=TYPE, source="test"))
    assert len(coordinator.seen) == 2


async def test_what_it_logs_says_who(coordinator: Listening, bus: EventBus, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await coordinator.initialize()
        await bus.emit(Event(type=TYPE, source="the test"))
        await coordinator.cleanup()
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert ("INFO", "Listening: starting with auto") in lines
    assert ("ERROR", "Listening: saw the test") in lines
    assert ("WARNING", "Listening: cleaning up") in lines
