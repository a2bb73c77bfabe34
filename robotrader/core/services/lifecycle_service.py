"""The emergency stop: one row that every process obeys, kept until it is lifted, told as events."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.stores import halt_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.halt_store import Halt
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event, EventBus, EventType, privacy_violation
from robotrader.core.services.order_words import WITHHELD

LONGEST_REASON = 200


class Resumed(NamedTuple):
    """What lifting the stop did: the stop that was lifted, and how many tasks it had held back."""

    lifted: Halt | None
    released: int


class LifecycleService:
    """Sets and lifts the emergency stop. It needs the database and nothing else."""

    def __init__(self, db: DatabaseStateManager, clock: Clock, events: EventStore, event_bus: EventBus) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._bus = event_bus

    async def stop(self, reason: str) -> tuple[Halt, bool]:
        """Stop everything that spends or trades, in all processes; returns the stop, and whether it is new.

        A stop that is on already stays as it is, with its first reason.
        """
        words, now = " ".join(reason.split())[:LONGEST_REASON], self._clock.now()

        def unit(tx: Transaction) -> tuple[Halt, bool, list[Event]]:
            new = halt_store.put(tx, words, now)
            halt = halt_store.read(tx) or Halt(words, now)
            said = words if privacy_violation({"reason": words}) is None else WITHHELD
            data = {"by": "the owner, with robotrader emergency-stop", "reason": said}
            return halt, new, self._tell(tx, EventType.SYSTEM_EMERGENCY_STOP, data, now) if new else []

        halt, new, events = await self._db.write(unit)
        await self._bus.deliver(events)
        return halt, new

    async def resume(self) -> Resumed:
        """Lift the stop; tasks that it held back are due at once."""
        now = self._clock.now()

        def unit(tx: Transaction) -> tuple[Resumed, list[Event]]:
            halt = halt_store.read(tx)
            if halt is None:
                return Resumed(None, 0), []
            halt_store.lift(tx)
            released = halt_store.release(tx, now)
            data = {
                "by": "the owner, with robotrader resume",
                "stopped_at": iso(halt.since),
                "released_tasks": released,
            }
            return Resumed(halt, released), self._tell(tx, EventType.SYSTEM_RESUMED, data, now)

        resumed, events = await self._db.write(unit)
        await self._bus.deliver(events)
        return resumed

    def _tell(self, tx: Transaction, kind: EventType, data: dict[str, Any], now: datetime) -> list[Event]:
        events = [Event(type=kind, timestamp=iso(now), source="lifecycle", data=data)]
        self._events.insert(tx, events)
        return events
