"""What follows from events. Handlers here are durable: they may see an event twice, and must bear it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from robotrader.core.event_bus import Event, EventBus, EventType, Subscription

FUNDAMENTALS_FOLLOW = (EventType.DATA_NEWS_HIGH_IMPACT, EventType.DATA_EARNINGS_ANNOUNCED)
"""After these the stored fundamentals of the company are old."""

DURABLE_TYPES = frozenset({EventType.DATA_PARSED, *FUNDAMENTALS_FOLLOW, EventType.RISK_STOP_LOSS_TRIGGER})
"""The types that must be handled even after a crash; every process of a home agrees on them."""


class EventHandler:
    """Subscribes the scheduler's own consequences of events.

    Args:
        log_strategy: appends one line to the strategy log.
        ask_fundamentals: has fundamentals read again after an event.
        order_exit: orders the exit that a broken rule asks for; None where there is no trading.
    """

    def __init__(
        self,
        event_bus: EventBus,
        log_strategy: Callable[[Mapping[str, Any]], Awaitable[None]],
        ask_fundamentals: Callable[[Event], Awaitable[object]],
        order_exit: Callable[[Event], Awaitable[object]] | None = None,
    ) -> None:
        self._bus = event_bus
        self._append = log_strategy
        self._ask_fundamentals = ask_fundamentals
        self._order_exit = order_exit
        self._subscriptions: list[Subscription] = []

    async def start(self) -> None:
        """Subscribe; a second time changes nothing."""
        if self._subscriptions:
            return
        self._subscriptions.append(self._bus.subscribe(EventType.DATA_PARSED, self._log_strategy, durable=True))
        self._subscriptions += [
            self._bus.subscribe(kind, self._follow_up, durable=True) for kind in FUNDAMENTALS_FOLLOW
        ]
        if self._order_exit is not None:
            exits = self._bus.subscribe(EventType.RISK_STOP_LOSS_TRIGGER, self._exit, durable=True)
            self._subscriptions.append(exits)

    async def cleanup(self) -> None:
        """Undo every subscription."""
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()

    async def _log_strategy(self, event: Event) -> None:
        await self._append({"event": event.id, "at": event.timestamp, **event.data})

    async def _follow_up(self, event: Event) -> None:
        await self._ask_fundamentals(event)

    async def _exit(self, event: Event) -> None:
        if self._order_exit is not None:
            await self._order_exit(event)
