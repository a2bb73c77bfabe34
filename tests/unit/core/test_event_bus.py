from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from robotrader.core.clock import SystemClock
from robotrader.core.errors import ResourceError, StoreBusyError, SystemFailure, ValidationError
from robotrader.core.event_bus import Event, EventBus, EventType, Handler, correlation
from robotrader.core.events import MAX_DEPTH

A, B = EventType.TASK_COMPLETED, EventType.TASK_FAILED
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LONG = 3600.0


class FixedClock(SystemClock):
    def now(self) -> datetime:
        return NOW


class MemoryStore:
    """An event store that keeps what a database would, and breaks when told to."""

    def __init__(self, durable: frozenset[EventType] = frozenset({A})) -> None:
        self.durable = durable
        self.events: list[Event] = []
        self.pending: dict[str, Event] = {}
        self.errors: list[tuple[str, str, datetime]] = []
        self.confirmations: list[set[str]] = []
        self.broken: ResourceError | None = None

    def written(self, event: Event) -> None:
        self.events.append(event)
        if event.type in self.durable:
            self.pending[event.id] = event

    def _check(self) -> None:
        if self.broken is not None:
            raise self.broken

    async def append(self, events: Sequence[Event]) -> None:
        await asyncio.sleep(0)
        self._check()
        for event in events:
            self.written(event)

    async def delivered(self, ids: Sequence[str]) -> None:
        self._check()
        self.confirmations.append(set(ids))
        for each in ids:
            del self.pending[each]

    async def failed(self, event_id: str, error: str, now: datetime) -> None:
        self._check()
        self.errors.append((event_id, error, now))

    async def undelivered(self, now: datetime, limit: int) -> Sequence[Event]:
        return list(self.pending.values())[:limit]


def event(type_: EventType = A, **data: Any) -> Event:
    return Event(type=type_, source="test", data=data)


@pytest.fixture
def bus() -> EventBus:
    return EventBus(None, SystemClock(), handler_timeout_seconds=0.02, handler_grace_seconds=0.02)


@pytest.fixture
def seen() -> list[str]:
    return []


def noting(seen: list[str], word: str) -> Handler:
    async def note(_: Event) -> None:
        seen.append(word)

    return note


# What an event is


def test_an_event_fills_in_what_is_not_given() -> None:
    made = Event(type=A, source="tests")
    assert made.version == "1.0"
    assert made.data == {}
    assert made.correlation_id == made.id
    assert datetime.fromisoformat(made.timestamp).utcoffset() == timedelta(0)
    assert made.id != Event(type=A, source="tests").id


def test_an_event_keeps_what_is_given() -> None:
    made = Event(
        id="1", type=A, timestamp="2026-01-01T00:00:00Z", source="s", data={"a": 1}, correlation_id="c", version="2"
    )
    assert (made.id, made.timestamp, made.correlation_id, made.version) == ("1", "2026-01-01T00:00:00Z", "c", "2")
    with pytest.raises(AttributeError):
        made.id = "2"  # type: ignore[misc]


@pytest.mark.parametrize("source", ["", "  "])
def test_an_event_needs_a_source(source: str) -> None:
    with pytest.raises(ValidationError, match="source"):
        Event(type=A, source=source)


def test_an_event_needs_a_type_of_the_enum() -> None:
    with pytest.raises(ValidationError, match="EventType"):
        Event(type="task.mine", source="s")  # type: ignore[arg-type]


def test_every_type_is_grouped_by_its_prefix() -> None:
    for each in EventType:
        assert each.value == each.name.lower().replace("_", ".", 1)


def test_events_of_a_block_share_its_correlation() -> None:
    with correlation("outer"):
        assert event().correlation_id == "outer"
        with correlation("inner"):
            assert event().correlation_id == "inner"
        assert event().correlation_id == "outer"
    assert event().correlation_id != "outer"


async def test_a_task_inherits_the_correlation() -> None:
    async def made() -> str:
        return event().correlation_id

    with correlation("outer"):
        task = asyncio.create_task(made())
    assert await task == "outer"


# Subscribing


async def test_handlers_get_events_of_their_type_in_order(bus: EventBus, seen: list[str]) -> None:
    bus.subscribe(A, noting(seen, "first"))
    bus.subscribe(B, noting(seen, "other"))
    bus.subscribe(A, noting(seen, "second"))
    await bus.emit(event(A))
    assert seen == ["first", "second"]


async def test_publish_is_emit(bus: EventBus, seen: list[str]) -> None:
    assert EventBus.publish is EventBus.emit
    bus.subscribe(A, noting(seen, "a"))
    await bus.publish(event(A))
    assert seen == ["a"]


async def test_emitting_to_nobody_is_fine(bus: EventBus) -> None:
    await bus.emit(event())
    await bus.deliver([event()])


async def test_unsubscribe_one_all_or_none(bus: EventBus, seen: list[str]) -> None:
    first, second = noting(seen, "1"), noting(seen, "2")
    for each in (first, second, first):
        bus.subscribe(A, each)
    bus.unsubscribe(A, first)
    await bus.emit(event())
    assert seen == ["2"]
    bus.unsubscribe(A, first)
    bus.unsubscribe(B)
    bus.unsubscribe(A)
    await bus.emit(event())
    assert seen == ["2"]


async def test_a_bound_method_can_be_unsubscribed(bus: EventBus, seen: list[str]) -> None:
    class Service:
        async def handle(self, _: Event) -> None:
            seen.append("called")

    service = Service()
    bus.subscribe(A, service.handle)
    bus.unsubscribe(A, service.handle)
    await bus.emit(event())
    assert seen == []


async def test_closing_a_subscription_leaves_its_twin(bus: EventBus, seen: list[str]) -> None:
    handler = noting(seen, "x")
    with bus.subscribe(A, handler) as first:
        bus.subscribe(A, handler)
    assert not first.active
    first.close()
    await bus.emit(event())
    assert seen == ["x"]


async def test_unsubscribing_inside_a_handler_counts_at_once(bus: EventBus, seen: list[str]) -> None:
    async def stop_all(_: Event) -> None:
        seen.append("stopping")
        bus.unsubscribe(A)

    bus.subscribe(A, stop_all)
    bus.subscribe(A, noting(seen, "never"))
    await bus.emit(event())
    await bus.emit(event())
    assert seen == ["stopping"]


async def test_subscribing_inside_a_handler_counts_from_the_next_event(bus: EventBus, seen: list[str]) -> None:
    async def add(_: Event) -> None:
        bus.subscribe(A, noting(seen, "new"))

    bus.subscribe(A, add)
    await bus.emit(event())
    assert seen == []
    bus.unsubscribe(A, add)
    await bus.emit(event())
    assert seen == ["new"]


def test_a_handler_is_an_async_function(bus: EventBus) -> None:
    def plain(_: Event) -> None: ...

    for wrong in (plain, lambda _: None, 3, print):
        with pytest.raises(ValidationError, match="async"):
            bus.subscribe(A, wrong)  # type: ignore[arg-type]


async def test_async_callables_of_every_kind(bus: EventBus, seen: list[str]) -> None:
    class AsyncObject:
        async def __call__(self, _: Event) -> None:
            seen.append("object")

    mock = AsyncMock()
    bus.subscribe(A, AsyncObject())
    bus.subscribe(A, mock)
    await bus.emit(event())
    assert seen == ["object"]
    mock.assert_awaited_once()


# Isolation


async def boom(_: Event) -> None:
    raise LookupError("no such thing")


async def cancels_itself(_: Event) -> None:
    raise asyncio.CancelledError


async def awaits_something_cancelled(_: Event) -> None:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.cancel)
    await future


async def too_slow(_: Event) -> None:
    await asyncio.sleep(LONG)


async def slow_after_turns(_: Event) -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(LONG)


async def swallows_once_then_waits(_: Event) -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(LONG)
    await asyncio.sleep(LONG)


async def swallows_and_returns(_: Event) -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(LONG)


async def raises_when_cancelled(_: Event) -> None:
    try:
        await asyncio.sleep(LONG)
    except asyncio.CancelledError:
        raise LookupError("on the way out") from None


async def spins(_: Event) -> None:
    while True:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)


async def raises_when_closed(_: Event) -> None:
    try:
        await swallows_once_then_waits(_)
    except GeneratorExit:
        raise LookupError("closed") from None


async def waits_for_itself(_: Event) -> None:
    task = asyncio.current_task()
    assert task is not None
    await task


async def yields_nonsense(_: Event) -> None:
    class Nonsense:
        def __await__(self) -> Iterator[Any]:
            yield "nonsense"

    await Nonsense()  # type: ignore[misc]


TOO_LONG = "ran past 0.02 s"
BAD: list[tuple[Handler, str]] = [
    (boom, "LookupError: no such thing"),
    (cancels_itself, "cancelled itself"),
    (awaits_something_cancelled, "cancelled itself"),
    (too_slow, TOO_LONG),
    (slow_after_turns, TOO_LONG),
    (swallows_once_then_waits, f"{TOO_LONG} and ignored its cancellation"),
    (swallows_and_returns, TOO_LONG),
    (raises_when_cancelled, "LookupError: on the way out"),
    (spins, f"{TOO_LONG} and ignored its cancellation"),
    (raises_when_closed, f"{TOO_LONG} and ignored its cancellation"),
    (waits_for_itself, "RuntimeError: a task cannot wait for itself"),
    (yields_nonsense, "RuntimeError: Task got bad yield: 'nonsense'"),
]


@pytest.mark.parametrize(("bad", "error"), BAD, ids=[handler.__name__ for handler, _ in BAD])
async def test_a_bad_handler_harms_nobody(bus: EventBus, seen: list[str], bad: Handler, error: str) -> None:
    async def waits(_: Event) -> None:
        await asyncio.sleep(0)
        seen.append("waited")

    bus.subscribe(A, noting(seen, "before"))
    bus.subscribe(A, waits)
    bus.subscribe(A, bad)
    bus.subscribe(A, noting(seen, "after"))
    bus.subscribe(A, waits)
    bus.subscribe(A, bad)
    told = event()
    async with asyncio.timeout(5):
        await bus.emit(told)
    assert seen == ["before", "waited", "after", "waited"]
    assert [(each.event_id, each.type, each.error) for each in bus.failures] == [(told.id, A, error)] * 2
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()
    await asyncio.sleep(0)


async def test_a_task_that_swallows_every_cancellation_cannot_hang_the_emitter(bus: EventBus, seen: list[str]) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()

    task = asyncio.create_task(stubborn())

    async def waits_for_it(_: Event) -> None:
        await task

    bus.subscribe(A, waits_for_it)
    bus.subscribe(A, noting(seen, "after"))
    await bus.emit(event())
    assert seen == ["after"]
    assert bus.failures[0].error == f"{TOO_LONG} and ignored its cancellation"
    release.set()
    await task


async def test_one_that_ignores_even_its_closing_is_told_to_the_log(
    bus: EventBus, caplog: pytest.LogCaptureFixture
) -> None:
    tries = 0

    async def unclosable(_: Event) -> None:
        nonlocal tries
        while tries < 3:
            tries += 1
            with suppress(asyncio.CancelledError, GeneratorExit):
                await asyncio.sleep(LONG)

    bus.subscribe(A, unclosable)
    await bus.emit(event())
    assert "ignored GeneratorExit" in caplog.text
    gc.collect()


async def test_the_bound_is_for_each_handler_alone(seen: list[str]) -> None:
    bus = EventBus(None, SystemClock(), handler_timeout_seconds=1.0)

    async def takes_a_while(_: Event) -> None:
        await asyncio.sleep(0.4)
        seen.append("done")

    for _ in range(3):
        bus.subscribe(A, takes_a_while)
    await bus.emit(event())
    assert seen == ["done"] * 3
    assert not bus.failures


async def test_failures_are_logged_without_secrets(bus: EventBus, caplog: pytest.LogCaptureFixture) -> None:
    async def leaks(_: Event) -> None:
        raise LookupError("pplx-0123456789abcdef")

    async def silent(_: Event) -> None:
        raise LookupError

    bus.subscribe(A, leaks)
    bus.subscribe(A, silent)
    with caplog.at_level(logging.WARNING):
        await bus.emit(event())
    assert [each.error for each in bus.failures] == ["LookupError", "LookupError"]
    assert "pplx" not in caplog.text
    assert "leaks failed on task.completed" in caplog.text


async def test_the_program_can_still_be_interrupted(bus: EventBus) -> None:
    async def interrupted(_: Event) -> None:
        raise KeyboardInterrupt

    bus.subscribe(A, interrupted)
    with pytest.raises(KeyboardInterrupt):
        await bus.emit(event())


async def test_handlers_run_in_the_emitters_task() -> None:
    bus = EventBus(None, SystemClock())
    tasks: list[asyncio.Task[Any] | None] = []

    async def handler(_: Event) -> None:
        tasks.append(asyncio.current_task())
        await asyncio.sleep(0)
        tasks.append(asyncio.current_task())
        await asyncio.sleep(0.001)
        tasks.append(asyncio.current_task())

    bus.subscribe(A, handler)
    await bus.emit(event())
    assert tasks == [asyncio.current_task()] * 3


async def test_a_time_limit_and_a_group_inside_a_handler_work(seen: list[str]) -> None:
    async def handler(_: Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.001):
                await asyncio.sleep(LONG)
        seen.append("limit")
        await asyncio.sleep(0.001)
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(0.001))
        seen.append("group")
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                group.create_task(boom(event()))
                group.create_task(asyncio.sleep(LONG))
        seen.append("failed group")

    bus = EventBus(None, SystemClock(), handler_timeout_seconds=LONG, handler_grace_seconds=0.001)
    bus.subscribe(A, handler)
    await bus.emit(event())
    await asyncio.sleep(0.01)
    assert seen == ["limit", "group", "failed group"]
    assert not bus.failures


async def test_the_bound_beats_a_longer_limit_inside_the_handler(bus: EventBus, seen: list[str]) -> None:
    async def handler(_: Event) -> None:
        async with asyncio.timeout(LONG):
            await asyncio.sleep(LONG)

    bus.subscribe(A, handler)
    bus.subscribe(A, noting(seen, "after"))
    await bus.emit(event())
    assert seen == ["after"]
    assert bus.failures[0].error == TOO_LONG


# Cancelling the emitter


def emitting(bus: EventBus) -> asyncio.Task[None]:
    return asyncio.create_task(bus.emit(event()))


CANCELLED: list[Handler] = [too_slow, spins, swallows_and_returns, swallows_once_then_waits, raises_when_cancelled]


@pytest.mark.parametrize("handler", CANCELLED, ids=[handler.__name__ for handler in CANCELLED])
async def test_cancelling_the_emitter_is_respected(seen: list[str], handler: Handler) -> None:
    bus = EventBus(None, SystemClock(), handler_timeout_seconds=LONG, handler_grace_seconds=0.02)
    bus.subscribe(A, handler)
    bus.subscribe(A, too_slow)
    task = emitting(bus)
    await asyncio.sleep(0.001)
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert task.cancelled()


async def test_a_cancellation_while_one_turn_is_waited_for(bus: EventBus, seen: list[str]) -> None:
    started = asyncio.Event()

    async def turns(_: Event) -> None:
        started.set()
        for _number in range(100):
            await asyncio.sleep(0)
        seen.append("never")

    bus.subscribe(A, turns)
    task = emitting(bus)
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == []


async def test_a_cancellation_just_as_the_wait_is_over(bus: EventBus, seen: list[str]) -> None:
    future = asyncio.get_running_loop().create_future()

    async def waits(_: Event) -> None:
        await future
        seen.append("never")

    bus.subscribe(A, waits)
    task = emitting(bus)
    await asyncio.sleep(0)
    future.set_result(None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == []


async def test_a_cancellation_asked_for_before_the_first_wait(bus: EventBus, seen: list[str]) -> None:
    async def emit() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await bus.emit(event())
        seen.append("never")

    bus.subscribe(A, too_slow)
    task = asyncio.create_task(emit())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == []


async def test_emitting_while_cleaning_up_after_a_cancellation(bus: EventBus, seen: list[str]) -> None:
    async def waits(_: Event) -> None:
        await asyncio.sleep(0)
        seen.append("told")

    async def work() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            await bus.emit(event())
            seen.append("cleaned up")

    bus.subscribe(A, too_slow)
    bus.subscribe(A, waits)
    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["told", "cleaned up"]


async def test_a_limit_around_the_emitter_is_respected(seen: list[str]) -> None:
    bus = EventBus(None, SystemClock(), handler_timeout_seconds=LONG, handler_grace_seconds=0.02)
    bus.subscribe(A, too_slow)
    bus.subscribe(A, noting(seen, "never"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await bus.emit(event())
    assert seen == []


async def test_an_emitter_that_is_thrown_away_closes_its_handlers(seen: list[str]) -> None:
    bus = EventBus(None, SystemClock())

    async def handler(_: Event) -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            seen.append("closed")

    bus.subscribe(A, handler)
    bus.subscribe(A, noting(seen, "never"))
    emission = bus.emit(event())
    emission.send(None)
    emission.close()
    assert seen == ["closed"]


# Chains of events


async def test_events_of_a_handler_follow_from_the_one_it_handles(bus: EventBus) -> None:
    correlations: list[str] = []

    async def first(_: Event) -> None:
        await asyncio.sleep(0)
        await bus.emit(event(B))
        task = asyncio.create_task(spawned())
        await task

    async def spawned() -> None:
        correlations.append(event().correlation_id)

    async def second(got: Event) -> None:
        correlations.append(got.correlation_id)

    bus.subscribe(A, first)
    bus.subscribe(B, second)
    told = event(A)
    await bus.emit(told)
    assert correlations == [told.id, told.id]
    assert event().correlation_id != told.id


@pytest.mark.parametrize("turns", [0, 1])
async def test_a_circle_of_events_ends_in_an_error(bus: EventBus, turns: int) -> None:
    count = 0

    async def again(got: Event) -> None:
        nonlocal count
        count += 1
        for _ in range(turns):
            await asyncio.sleep(0)
        await bus.emit(got)

    bus.subscribe(A, again)
    await bus.emit(event())
    assert count == MAX_DEPTH
    assert [each.error.partition(":")[0] for each in bus.failures] == ["SystemFailure"]
    await bus.emit(event())
    assert count == 2 * MAX_DEPTH


async def test_an_event_too_deep_is_not_written() -> None:
    store = MemoryStore(frozenset())
    bus = EventBus(store, SystemClock())

    async def again(_: Event) -> None:
        await bus.emit(event())

    bus.subscribe(A, again)
    await bus.emit(event())
    assert len(store.events) == MAX_DEPTH


async def test_an_outer_bound_stops_what_is_emitted_inside(seen: list[str]) -> None:
    bus = EventBus(None, SystemClock(), handler_timeout_seconds=0.02, handler_grace_seconds=0.02)
    inner = EventBus(None, SystemClock(), handler_timeout_seconds=LONG, handler_grace_seconds=0.02)

    async def outer(_: Event) -> None:
        await inner.emit(event(B))
        seen.append("never")

    bus.subscribe(A, outer)
    inner.subscribe(B, swallows_and_returns)
    inner.subscribe(B, noting(seen, "goes by before the cancellation is told"))
    bus.subscribe(A, noting(seen, "after"))
    await bus.emit(event())
    assert seen[-1] == "after"
    assert "never" not in seen
    assert [each.error for each in bus.failures] == [TOO_LONG]


# Persistence


async def test_an_event_is_written_before_it_is_told(seen: list[str]) -> None:
    store = MemoryStore()
    bus = EventBus(store, SystemClock())

    async def handler(got: Event) -> None:
        seen.append("written" if got in store.events else "not written")

    bus.subscribe(A, handler)
    await bus.emit(event())
    assert seen == ["written"]


async def test_what_cannot_be_written_is_not_told(seen: list[str]) -> None:
    store = MemoryStore()
    store.broken = StoreBusyError("busy")
    bus = EventBus(store, SystemClock())
    bus.subscribe(A, noting(seen, "told"))
    with pytest.raises(StoreBusyError):
        await bus.emit(event())
    assert seen == []


async def test_what_is_private_is_neither_written_nor_told(seen: list[str]) -> None:
    store = MemoryStore()
    bus = EventBus(store, SystemClock())
    bus.subscribe(A, noting(seen, "told"))
    with pytest.raises(ValidationError, match="api_key") as caught:
        await bus.emit(event(api_key="pplx-0123456789abcdef"))
    assert "pplx" not in str(caught.value)
    assert (seen, store.events) == ([], [])


def durable_bus(store: MemoryStore) -> EventBus:
    types = frozenset({A})
    return EventBus(store, FixedClock(), durable_types=types, handler_timeout_seconds=0.02, handler_grace_seconds=0.02)


async def test_a_durable_handler_confirms(seen: list[str]) -> None:
    store = MemoryStore()
    bus = durable_bus(store)
    bus.subscribe(A, noting(seen, "durable"), durable=True)
    bus.subscribe(A, boom)
    await bus.emit(event())
    assert seen == ["durable"]
    assert store.pending == {}
    assert store.errors == []


@pytest.mark.parametrize(("bad", "error"), BAD, ids=[handler.__name__ for handler, _ in BAD])
async def test_a_durable_handler_that_fails_is_tried_again(seen: list[str], bad: Handler, error: str) -> None:
    store = MemoryStore()
    bus = durable_bus(store)
    bad_one = bus.subscribe(A, bad, durable=True)
    bus.subscribe(A, noting(seen, "durable"), durable=True)
    bus.subscribe(A, noting(seen, "passing"))
    told = event()
    await bus.emit(told)
    assert store.errors == [(told.id, error, NOW)]
    assert list(store.pending) == [told.id]
    assert await bus.redeliver() == 0
    bad_one.close()
    assert await bus.redeliver() == 1
    assert store.pending == {}
    assert seen == ["durable", "passing", "durable", "durable"]
    await asyncio.sleep(0)


async def test_deliver_confirms_what_was_written_elsewhere(seen: list[str]) -> None:
    store = MemoryStore()
    bus = durable_bus(store)
    bus.subscribe(A, noting(seen, "durable"), durable=True)
    bus.subscribe(B, noting(seen, "passing"))
    first, second = event(A), event(B)
    store.written(first)
    await bus.deliver([first, second])
    assert seen == ["durable", "passing"]
    assert store.pending == {}


async def test_the_events_of_several_changes_are_told_together_and_confirmed_at_once(seen: list[str]) -> None:
    """A change whose handler waits holds up no other; of one change the second event comes after the first."""
    store = MemoryStore()
    bus = durable_bus(store)
    others = asyncio.Event()

    async def handler(got: Event) -> None:
        word = got.data["word"]
        if word == "first":
            await others.wait()
        seen.append(word)
        if word == "third":
            others.set()

    bus.subscribe(A, handler, durable=True)
    told = {word: event(A, word=word) for word in ("first", "second", "third")}
    for each in told.values():
        store.written(each)
    await bus.deliver([told["first"], told["second"]], [told["third"]])
    assert seen == ["third", "first", "second"]
    assert store.confirmations == [{each.id for each in told.values()}]
    assert store.pending == {}


async def test_one_of_several_changes_that_fails_leaves_the_others_confirmed() -> None:
    store = MemoryStore()
    bus = durable_bus(store)

    async def handler(got: Event) -> None:
        await asyncio.sleep(0)
        if got.data["bad"]:
            raise ValueError("bad")

    bus.subscribe(A, handler, durable=True)
    good, bad = event(A, bad=False), event(A, bad=True)
    for each in (good, bad):
        store.written(each)
    await bus.deliver([bad], [good], [])
    assert [error[:2] for error in store.errors] == [(bad.id, "ValueError: bad")]
    assert list(store.pending) == [bad.id]
    assert store.confirmations == [{good.id}]


async def test_a_cancelled_delivery_leaves_what_was_not_seen_to_be_told_again(seen: list[str]) -> None:
    store = MemoryStore()
    bus = EventBus(store, SystemClock(), durable_types=frozenset({A}))

    async def handler(got: Event) -> None:
        seen.append(got.data["word"])
        if got.data["word"] == "slow" and seen.count("slow") == 1:
            await asyncio.sleep(5.0)

    bus.subscribe(A, handler, durable=True)
    changes = [event(A, word="quick"), event(A, word="slow")]
    for each in changes:
        store.written(each)
    task = asyncio.create_task(bus.deliver(*([each] for each in changes)))
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(store.pending) == [changes[1].id]
    assert await bus.redeliver() == 1
    assert seen == ["quick", "slow", "slow"]


async def test_an_event_without_its_durable_handler_stays_for_another_process(seen: list[str]) -> None:
    store = MemoryStore()
    bus = durable_bus(store)
    bus.subscribe(A, noting(seen, "passing"))
    await bus.emit(event())
    assert seen == ["passing"]
    assert len(store.pending) == 1
    assert await bus.redeliver() == 0
    assert await EventBus(None, SystemClock()).redeliver() == 0


async def test_redelivery_leaves_alone_what_is_under_way(seen: list[str]) -> None:
    store = MemoryStore()
    bus = EventBus(store, SystemClock(), durable_types=frozenset({A}))
    called, release = asyncio.Event(), asyncio.Event()

    async def waits(_: Event) -> None:
        seen.append("called")
        called.set()
        await release.wait()

    bus.subscribe(A, waits, durable=True)
    task = emitting(bus)
    await called.wait()
    assert await bus.redeliver() == 0
    release.set()
    await task
    assert seen == ["called"]
    assert store.pending == {}


async def test_a_cancelled_delivery_is_not_confirmed(seen: list[str]) -> None:
    store = MemoryStore()
    bus = EventBus(store, SystemClock(), durable_types=frozenset({A}))
    subscription = bus.subscribe(A, too_slow, durable=True)
    task = emitting(bus)
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(store.pending), store.errors) == (1, [])
    subscription.close()
    bus.subscribe(A, noting(seen, "again"), durable=True)
    assert await bus.redeliver() == 1
    assert seen == ["again"]


@pytest.mark.parametrize("handler", [boom, AsyncMock()], ids=["failing", "fine"])
async def test_a_confirmation_that_cannot_be_written_costs_one_more_delivery(
    caplog: pytest.LogCaptureFixture, handler: Callable[[Event], Any]
) -> None:
    store = MemoryStore()
    bus = durable_bus(store)
    bus.subscribe(A, handler, durable=True)
    told = event()
    store.written(told)
    store.broken = StoreBusyError("busy")
    await bus.deliver([told])
    assert list(store.pending) == [told.id]
    assert "was not written down" in caplog.text


async def test_durable_without_a_store_is_delivered(seen: list[str]) -> None:
    bus = EventBus(None, SystemClock(), durable_types=frozenset({A}))
    bus.subscribe(A, noting(seen, "told"), durable=True)
    await bus.emit(event())
    assert seen == ["told"]


def test_durable_needs_a_type_that_is_kept(bus: EventBus) -> None:
    with pytest.raises(ValidationError, match="kept"):
        bus.subscribe(A, boom, durable=True)


async def test_a_system_failure_of_the_depth_is_typed(bus: EventBus) -> None:
    errors: list[Exception] = []

    async def again(got: Event) -> None:
        try:
            await bus.deliver([got])
        except SystemFailure as error:
            errors.append(error)

    bus.subscribe(A, again)
    await bus.deliver([event()])
    assert len(errors) == 1
