"""What follows from events. Handlers here are durable: they may see an event twice, and must bear it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from robotrader.core.event_bus import Event, EventBus, EventType, Subscription

DURABLE_TYPES = frozenset({EventType.DATA_PARSED})
"""The types that must be handled even after a crash; every process of a home agrees on them."""


class EventHandler:
    """Subscribes the scheduler's own consequences of events.

    Args:
        log_strategy: appends one line to the strategy log.
    """

    def __init__(self, event_bus: EventBus, log_strategy: Callable[[Mapping[str, Any]], Awaitable[None]]) -> None:
        self._bus = event_bus
        self._append = log_strategy
        self._subscriptions: list[Subscription] = []

    async def start(self) -> None:
        """Subscribe; a second time changes nothing."""
        if not self._subscriptions:
            self._subscriptions.append(self._bus.subscribe(EventType.DATA_PARSED, self._log_strategy, durable=True))

    async def cleanup(self) -> None:
        """Undo every subscription."""
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()

    async def _log_strategy(self, event: Event) -> None:
        await self._append({"event": event.id, "at": event.timestamp, **event.data})
