"""Orders as they are written down: every step with its event and the outcome of its breach, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from robotrader.core.background_scheduler.stores import order_steps, order_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import Order, OrderStatus
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event, EventBus
from robotrader.core.services.order_words import event_of


class OrderLog:
    """Writes the life of orders."""

    def __init__(self, db: DatabaseStateManager, clock: Clock, events: EventStore, event_bus: EventBus) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._bus = event_bus

    def create(self, tx: Transaction, order: Order, owner: str, now: datetime) -> list[Event]:
        """Part of a transaction: write an order down, BLOCKED ones too; empty where its breach has one already."""
        if not order_store.insert(tx, order):
            return []
        order_steps.take(tx, order.id, owner)
        return self._tell(tx, order, now, lapsed=False)

    def step(
        self,
        tx: Transaction,
        order: Order,
        status: OrderStatus,
        now: datetime,
        *,
        lapsed: bool = False,
        **changes: Any,
    ) -> tuple[Order, list[Event]] | None:
        """Part of a transaction: move an order on; None where it was moved meanwhile.

        Args:
            lapsed: it ended undone though nobody wanted that.
            changes: as of ``order_store.move``.
        """
        after = order_store.move(tx, order, status, now, **changes)
        return None if after is None else (after, self._tell(tx, after, now, lapsed=lapsed))

    async def move(self, order: Order, status: OrderStatus, *, lapsed: bool = False, **changes: Any) -> Order:
        """Move an order on and tell of it; where somebody else moved it meanwhile, the order as it is now."""
        now = self._clock.now()

        def unit(tx: Transaction) -> tuple[Order, list[Event]]:
            return self.step(tx, order, status, now, lapsed=lapsed, **changes) or (order_store.get(tx, order.id), [])

        after, events = await self._db.write(unit)
        await self._bus.deliver(events)
        return after

    async def deliver(self, events: Sequence[Event]) -> None:
        """Tell the subscribers of what is written."""
        await self._bus.deliver(events)

    def _tell(self, tx: Transaction, order: Order, now: datetime, *, lapsed: bool) -> list[Event]:
        order_steps.tell_breach(tx, order, lapsed=lapsed)
        event = event_of(order, now)
        events = [] if event is None else [event]
        self._events.insert(tx, events)
        return events
