"""Events: what happened, told to whoever subscribed, at least once.

``emit`` writes an event to the store and then delivers it; events written in the transaction of their change are handed
to ``deliver``. Handlers run one after the other in the emitter's own task: a handler that never waits costs a plain
``await``. One that fails, runs too long or cancels itself harms nobody. Durable handlers are the ones a crash may not
skip: what they have not confirmed stays in the store, and ``redeliver`` brings it again, so they must bear seeing an
event twice.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from asyncio import CancelledError
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from operator import length_hint
from typing import Any, NamedTuple, Protocol

from robotrader.core.clock import Clock
from robotrader.core.errors import ResourceError, ValidationError
from robotrader.core.events import Event, EventType, check_depth, correlation, follow, unfollow
from robotrader.core.privacy import privacy_violation
from robotrader.core.timeouts import CANCELLED_ITSELF, carry_on, let_go

__all__ = [
    "Event",
    "EventBus",
    "EventStore",
    "EventType",
    "Handler",
    "HandlerFailure",
    "Subscription",
    "correlation",
    "privacy_violation",
]

REDELIVERY_BATCH = 100
KEPT_FAILURES = 100
_log = logging.getLogger(__name__)
_UNWRITTEN = "the delivery of event %s was not written down, and will be made once more: %s"

Handler = Callable[[Event], Coroutine[Any, Any, None]]


class EventStore(Protocol):
    """Where events outlive the process. After the last allowed failure an event is dead and no longer undelivered."""

    async def append(self, events: Sequence[Event]) -> None:
        """Write events that are not part of any other change."""
        ...

    async def delivered(self, ids: Sequence[str]) -> None:
        """Every durable handler has seen these."""
        ...

    async def failed(self, event_id: str, error: str, now: datetime) -> None:
        """A durable handler failed; ``error`` is one line."""
        ...

    async def undelivered(self, now: datetime, limit: int) -> Sequence[Event]:
        """Events whose durable handlers have not confirmed them and that may be tried now, oldest first."""
        ...


class HandlerFailure(NamedTuple):
    """One handler that did not do its part."""

    event_id: str
    type: EventType
    handler: str
    error: str


class Subscription:
    """The handle of one subscription; close it, or leave its ``with`` block, and the handler is never called again."""

    __slots__ = ("_bus", "active", "durable", "handler", "type")

    def __init__(self, bus: EventBus, type_: EventType, handler: Handler, durable: bool) -> None:
        self._bus, self.type, self.handler, self.durable = bus, type_, handler, durable
        self.active = True

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop; a second time does nothing."""
        if self.active:
            self._bus.unsubscribe(self.type, self)


Failures = list[tuple[Subscription, str]]


class EventBus:
    """Delivers events to async handlers.

    Args:
        durable_types: the ones that some durable handler, in any process, waits for.
        handler_timeout_seconds: how long one handler may take before it is cancelled.
        handler_grace_seconds: how long a cancelled handler may take to end before it is left behind.
    """

    def __init__(
        self,
        store: EventStore | None,
        clock: Clock,
        *,
        durable_types: frozenset[EventType] = frozenset(),
        handler_timeout_seconds: float = 30.0,
        handler_grace_seconds: float = 2.0,
    ) -> None:
        self._store, self._clock, self._durable_types = store, clock, durable_types
        self._subscriptions: dict[EventType, tuple[Subscription, ...]] = {}
        self._under_way: set[str] = set()
        self.failures: deque[HandlerFailure] = deque(maxlen=KEPT_FAILURES)
        self._teller = _Teller((handler_timeout_seconds, handler_grace_seconds), self.failures)

    def subscribe(self, type_: EventType, handler: Handler, *, durable: bool = False) -> Subscription:
        """Call ``handler`` with every event of a type from now on.

        Raises:
            ValidationError: the handler is not an async function, or is durable for a type the bus does not keep.
        """
        if not (inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__)):
            raise ValidationError(f"an event handler is an async function: {_name(handler)}")
        if durable and type_ not in self._durable_types:
            raise ValidationError(
                f"{type_} is not kept for durable handlers", remedy="name it in the bus's durable_types"
            )
        subscription = Subscription(self, type_, handler, durable)
        self._subscriptions[type_] = (*self._subscriptions.get(type_, ()), subscription)
        return subscription

    def unsubscribe(self, type_: EventType, handler: Handler | Subscription | None = None) -> None:
        """Drop one handler of a type, or one subscription, or (with None) all of them; those unknown are ignored."""
        kept = []
        for subscription in self._subscriptions.get(type_, ()):
            if handler is None or handler is subscription or handler == subscription.handler:
                subscription.active = False
            else:
                kept.append(subscription)
        self._subscriptions[type_] = tuple(kept)

    def heard(self, type_: EventType) -> bool:
        """Whether anybody in this process subscribes to a type; who makes events that are not kept may ask first."""
        return bool(self._subscriptions.get(type_))

    async def emit(self, event: Event) -> None:
        """Write an event to the store, then deliver it. Returns when every handler has ended or was given up.

        Raises:
            ValidationError: the data holds a secret or something personal; nothing was written.
            SystemFailure: emitted from within too long a chain of handlers; nothing was written.
            ResourceError: it could not be written; it was not delivered.
        """
        if event.data and (problem := privacy_violation(event.data)) is not None:
            raise ValidationError(f"event {event.type} may not be told: {problem}", source=event.source)
        if self._store is not None:
            check_depth(event)
            await self._store.append((event,))
        if subscriptions := self._subscriptions.get(event.type):
            if event.type not in self._durable_types:
                await self._teller.tell(event, subscriptions)
            elif await self._offer(event, subscriptions):
                await self._confirm([event.id])

    publish = emit

    async def deliver(self, *changes: Iterable[Event]) -> None:
        """Deliver events that were written in the transaction of their change.

        Those of one change are told in their order, those of several at the same time. That durable handlers have seen
        them is written down once, for all.

        Raises:
            SystemFailure: called from within too long a chain of handlers.
        """
        seen: list[str] = []
        told: Sequence[BaseException | None] = ()
        try:
            if len(changes) == 1:
                await self._tell_all(changes[0], seen)
            else:
                told = await asyncio.gather(*(self._tell_all(each, seen) for each in changes), return_exceptions=True)
        finally:
            if seen:
                await self._confirm(seen)
        for error in told:
            if isinstance(error, Exception):
                raise error

    async def redeliver(self) -> int:
        """Bring the durable handlers what they have not confirmed yet; returns how many events they confirmed now."""
        confirmed = 0
        pending = await self._store.undelivered(self._clock.now(), REDELIVERY_BATCH) if self._store is not None else ()
        for event in pending:
            durable = tuple(each for each in self._subscriptions.get(event.type, ()) if each.durable)
            if durable and event.id not in self._under_way and await self._offer(event, durable):
                confirmed += await self._confirm([event.id])
        return confirmed

    async def _tell_all(self, events: Iterable[Event], seen: list[str]) -> None:
        """Tell of events one after the other; ``seen`` gets the ids of those that are to be confirmed."""
        for event in events:
            if subscriptions := self._subscriptions.get(event.type):
                if event.type not in self._durable_types:
                    await self._teller.tell(event, subscriptions)
                elif await self._offer(event, subscriptions):
                    seen.append(event.id)

    async def _offer(self, event: Event, subscriptions: tuple[Subscription, ...]) -> bool:
        """Tell of an event of a kept type; True where its durable handlers have seen it, which is to be confirmed."""
        self._under_way.add(event.id)
        seen = False
        try:
            failures = await self._teller.tell(event, subscriptions)
            if self._store is not None and any(each.durable for each in subscriptions):
                error = next((error for subscription, error in failures if subscription.durable), None)
                seen = error is None
                if error is not None:
                    await self._store.failed(event.id, error, self._clock.now())
        except ResourceError as problem:
            _log.warning(_UNWRITTEN, event.id, problem)
        finally:
            if not seen:
                self._under_way.discard(event.id)
        return seen

    async def _confirm(self, seen: Sequence[str]) -> int:
        """Write down that durable handlers have seen events; returns how many it was written of."""
        try:
            if self._store is not None:
                await self._store.delivered(seen)
        except ResourceError as problem:
            _log.warning(_UNWRITTEN, ", ".join(seen), problem)
            return 0
        finally:
            self._under_way.difference_update(seen)
        return len(seen)


class _Teller:
    """Calls handlers, each within its bounds, and remembers the ones that failed."""

    def __init__(self, bounds: tuple[float, float], failed: deque[HandlerFailure]) -> None:
        self._bounds, self._failed = bounds, failed

    async def tell(self, event: Event, subscriptions: tuple[Subscription, ...]) -> Failures:
        """Call the handlers one after the other; returns the ones that failed and why."""
        failures: Failures = []
        try:
            while subscriptions:
                waiting = iter(subscriptions)
                calls = _call_each(event, waiting, failures)
                # Going through the coroutine by hand tells a handler that waits (and needs a bound) from one that does
                # not.
                try:
                    for awaited in calls.__await__():  # noqa: B007
                        break
                    else:
                        break
                except CancelledError:
                    rest = tuple(waiting)
                    failures.append((subscriptions[-1 - len(rest)], CANCELLED_ITSELF))
                    subscriptions = rest
                else:
                    subscriptions = await self._wait_for(calls, awaited, subscriptions, waiting, failures)
        finally:
            if failures:
                self._record(event, failures)
        return failures

    async def _wait_for(
        self,
        calls: Coroutine[Any, Any, None],
        awaited: Any,
        subscriptions: tuple[Subscription, ...],
        waiting: Iterator[Subscription],
        failures: Failures,
    ) -> tuple[Subscription, ...]:
        """Let the handlers that wait come to their ends, each within its bound; returns those not called yet."""

        def fail(left: int, reason: str) -> None:
            failed = subscriptions[-1 - left]
            if not failures or failures[-1][0] is not failed:
                failures.append((failed, reason))

        reason = None
        try:
            reason = await carry_on(calls, awaited, *self._bounds, partial(length_hint, waiting), fail)
        finally:
            rest = tuple(waiting)  # taken out first: closing one handler must not call the next
            if reason is not None:
                fail(len(rest), reason)
            known = len(failures)
            let_go(calls)
            for _, error in failures[known:]:  # what a handler says to being closed is no second failure
                _log.warning("a handler that was given up did not end cleanly: %s", error)
            del failures[known:]
        return rest

    def _record(self, event: Event, failures: Failures) -> None:
        for subscription, error in failures:
            self._failed.append(HandlerFailure(event.id, event.type, _name(subscription.handler), error))
            _log.warning("%s failed on %s %s: %s", _name(subscription.handler), event.type, event.id, error)


async def _call_each(event: Event, waiting: Iterator[Subscription], failures: Failures) -> None:
    token = follow(event)
    try:
        for subscription in waiting:
            if subscription.active:
                try:
                    await subscription.handler(event)
                except Exception as error:  # noqa: BLE001 - whatever it is, it harms nobody else; the caller keeps it
                    failures.append((subscription, _in_one_line(error)))
    finally:
        unfollow(token)


def _name(handler: object) -> str:
    return getattr(handler, "__qualname__", None) or type(handler).__qualname__


def _in_one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    if not text or privacy_violation({"error": text}) is not None:
        return type(error).__name__
    return f"{type(error).__name__}: {text}"
