"""What every coordinator shares: configuration, the event bus, its log, and subscriptions that end with it."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod

from robotrader.core.errors import InitializationError
from robotrader.core.event_bus import EventBus, EventType, Handler, Subscription
from robotrader.settings import Settings


class BaseCoordinator(ABC):
    """Manages one responsibility by delegating to services.

    A subclass sets up in ``initialize`` and ends with ``self._initialized = True``; its ``cleanup`` returns at once
    unless initialized, lets go of what it holds, and ends with ``await super().cleanup()``.
    """

    def __init__(self, config: Settings, event_bus: EventBus) -> None:
        self.config = config
        self.event_bus = event_bus
        self._initialized = False
        self._subscriptions: list[Subscription] = []
        self._log = logging.getLogger(type(self).__module__)

    @abstractmethod
    async def initialize(self) -> None:
        """Set up what the coordinator needs."""

    @abstractmethod
    async def cleanup(self) -> None:
        """Let go of everything; a second time does nothing."""
        while self._subscriptions:
            self._subscriptions.pop().close()
        self._initialized = False

    def _subscribe(self, type_: EventType, handler: Handler, *, durable: bool = False) -> Subscription:
        """Subscribe until ``cleanup``."""
        subscription = self.event_bus.subscribe(type_, handler, durable=durable)
        self._subscriptions.append(subscription)
        return subscription

    def _require_initialized(self) -> None:
        """Raises InitializationError outside the time between ``initialize`` and ``cleanup``."""
        if not self._initialized:
            raise InitializationError(f"{type(self).__name__} is not initialized")

    def _log_info(self, message: str, *args: object) -> None:
        self._log.info(f"%s: {message}", type(self).__name__, *args)

    def _log_warning(self, message: str, *args: object) -> None:
        self._log.warning(f"%s: {message}", type(self).__name__, *args)

    def _log_error(self, message: str, *args: object) -> None:
        self._log.error(f"%s: {message}", type(self).__name__, *args)
