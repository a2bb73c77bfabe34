"""How the home stands: status, health, the event log."""

from __future__ import annotations

from datetime import datetime

from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor
from robotrader.core.background_scheduler.stores.event_store import EventStore, StoredEvent
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import EventBus, EventType
from robotrader.core.services.status_service import StatusService
from robotrader.core.services.views import Check, EventView, StatusView
from robotrader.settings import Settings


class StatusCoordinator(BaseCoordinator):
    """What the owner wants to know of the tool itself."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        scheduler: BackgroundScheduler,
        overview: StatusService,
        health: HealthMonitor,
        events: EventStore,
        limits: LimitsStore,
    ) -> None:
        super().__init__(config, event_bus)
        self._scheduler = scheduler
        self._overview = overview
        self._health = health
        self._events = events
        self._limits = limits

    async def initialize(self) -> None:
        """Nothing to start: looking must work when running does not."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def status(self) -> StatusView:
        """The state of the home at a glance.

        Raises:
            TradingError: why the scheduler cannot start.
        """
        await self._scheduler.initialize()
        return await self._overview.status()

    async def doctor(self) -> tuple[Check, ...]:
        """Every finding with its remedy."""
        found = await self._health.check()
        return tuple(Check(each.name, each.state, each.finding, each.remedy) for each in found)

    async def forgive_keys(self) -> int:
        """Use rejected and cooling keys again; returns how many."""
        return await self._limits.forgive_keys()

    async def events(
        self, *, type: str | None = None, correlation: str | None = None, delivery: str | None = None, limit: int = 50
    ) -> tuple[EventView, ...]:
        """The newest events that match, newest first.

        Raises:
            ValidationError: no such event type.
        """
        kind = None if type is None else _event_type(type).value
        found = await self._events.list(type=kind, correlation=correlation, delivery=delivery, limit=limit)
        return tuple(_view(each) for each in found)

    async def event(self, event_id: str) -> EventView:
        """One event, by its id or the beginning of it.

        Raises:
            NotFoundError: none, or more than one.
        """
        return _view(await self._events.get(event_id))

    async def retry_events(self, event_id: str | None = None) -> int:
        """Offer dead events to their subscribers again; returns how many.

        Raises:
            NotFoundError: no such event.
        """
        await self._scheduler.initialize()
        wanted = None if event_id is None else (await self._events.get(event_id)).event.id
        revived = await self._events.revive(wanted)
        await self.event_bus.redeliver()
        return revived


def _event_type(text: str) -> EventType:
    name = text.strip().lower().replace("_", ".", 1) if "." not in text else text.strip().lower()
    try:
        return EventType(name)
    except ValueError:
        names = ", ".join(kind.value for kind in EventType)
        raise ValidationError(f"no such event type: {text[:40]!r}", remedy=f"the types are: {names}") from None


def _view(stored: StoredEvent) -> EventView:
    event = stored.event
    return EventView(
        event.id,
        event.type.value,
        datetime.fromisoformat(event.timestamp),
        event.source,
        event.data,
        event.correlation_id,
        stored.delivery,
        stored.attempts,
        stored.error,
    )
