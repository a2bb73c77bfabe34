"""Hands orders to the broker: "sending" is on disk before an order leaves, and a row is sent once in its life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.stores import halt_store, order_steps
from robotrader.core.background_scheduler.trading import Order, OrderRejectedError, OrderStatus
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import (
    ConfigurationError,
    ConnectionFailedError,
    HaltedError,
    LoginRequiredError,
    RateLimitError,
    RequestRefusedError,
    TradingError,
)
from robotrader.core.event_bus import Event
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_words import LIMIT_SET, Placed, own_words

if TYPE_CHECKING:
    from robotrader.core.services.broker import Broker

PER_SECOND = 8
"""Orders a second, over all processes: the exchange asks for registration above 10 (NSE, 2025-05-05)."""

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)
_NEVER_THERE = (RateLimitError, ConnectionFailedError)
_NOT_ALLOWED = (LoginRequiredError, ConfigurationError, HaltedError)
_REFUSED = (OrderRejectedError, RequestRefusedError)


class _Wait(Enum):
    """Why an order cannot leave this instant."""

    SECOND = 1
    MINUTE = 2


class _Start(NamedTuple):
    order: Order | None
    events: list[Event]
    wait: _Wait | None = None
    error: TradingError | None = None


class OrderSender:
    """Sends orders of one account.

    Args:
        broker: makes the broker, when it is first needed.
        per_minute: the most orders a minute, over all processes.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        owners: OwnerRegistry,
        log: OrderLog,
        broker: Callable[[], Awaitable[Broker]],
        per_minute: int,
    ) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners
        self._log = log
        self._broker = broker
        self._per_minute = per_minute
        self.busy: set[str] = set()

    async def send(self, order: Order) -> Placed:
        """Send an order that was never sent.

        An order that answers a breach waits, as CREATED, where the minute has had its orders; others are blocked then.
        """
        self.busy.add(order.id)
        try:
            try:
                broker = await self._broker()
            except TradingError as error:
                return await self._end(order, OrderStatus.BLOCKED, error)
            while (started := await self._start(order)).wait is _Wait.SECOND:
                await self._clock.sleep(_SECOND.total_seconds() / PER_SECOND)
            if started.order is None or started.order.status is not OrderStatus.SENDING:
                return Placed(started.order or order, started.error)
            return await self._hand_over(broker, started.order)
        finally:
            self.busy.discard(order.id)

    async def _start(self, order: Order) -> _Start:
        started = await self._db.write(lambda tx: self._begin(tx, order))
        await self._log.deliver(started.events)
        return started

    def _begin(self, tx: Transaction, order: Order) -> _Start:
        """Part of a transaction: CREATED > SENDING, or why not."""
        now = self._clock.now()
        halt = halt_store.read(tx)
        error: TradingError | None = None if halt is None else halt_store.halted(halt)
        if error is None:
            if order_steps.first_free(tx, order.account, now, most=PER_SECOND, within=_SECOND) is not None:
                return _Start(order, [], _Wait.SECOND)
            error = too_many(tx, order.account, self._per_minute, self._clock)
            if error is not None and order.breach_id is not None:
                order_steps.take(tx, order.id, None)
                return _Start(order, [], _Wait.MINUTE, error)
        if error is not None:
            blocked = self._log.step(tx, order, OrderStatus.BLOCKED, now, message=own_words(error))
            return _Start(None, []) if blocked is None else _Start(blocked[0], blocked[1], error=error)
        moved = self._log.step(tx, order, OrderStatus.SENDING, now, sent_at=now)
        if moved is None:
            return _Start(None, [])
        order_steps.take(tx, order.id, self._owners.owner)
        return _Start(moved[0], moved[1])

    async def _hand_over(self, broker: Broker, order: Order) -> Placed:
        try:
            told = await broker.place(order)
        except _REFUSED as error:
            return await self._end(order, OrderStatus.REJECTED, error)
        except _NOT_ALLOWED as error:
            return await self._end(order, OrderStatus.BLOCKED, error)
        except _NEVER_THERE as error:
            return await self._end(order, OrderStatus.UNPLACED, error)
        except TradingError as error:
            # A timeout, a cut, a 5xx: whether it was placed is found out by its tag, and it is never sent again.
            return await self._end(order, OrderStatus.DOUBT, error)
        after = await self._log.move(
            order,
            told.status,
            broker_order_id=told.broker_order_id,
            filled=told.filled,
            average_price=told.average_price,
            message=told.message,
        )
        return Placed(after)

    async def _end(self, order: Order, status: OrderStatus, error: TradingError) -> Placed:
        return Placed(await self._log.move(order, status, message=own_words(error)), error)


def too_many(tx: Transaction, account: str, per_minute: int, clock: Clock) -> HaltedError | None:
    """Part of a transaction: the refusal where the minute has had its orders, over all processes."""
    free = order_steps.first_free(tx, account, clock.now(), most=per_minute, within=_MINUTE)
    if free is None:
        return None
    return HaltedError(
        f"{per_minute} orders were sent within a minute, {LIMIT_SET}",
        remedy="wait a minute, or raise trading.orders_per_minute",
    )
