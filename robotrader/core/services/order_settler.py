"""What dead processes and doubts left behind: every order comes to a clear end, and none is sent a second time."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.stores import order_steps, order_store
from robotrader.core.background_scheduler.stores.order_steps import Waiting
from robotrader.core.background_scheduler.trading import BrokerOrder, Order, OrderRejectedError, OrderStatus
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import OutcomeUnknownError, RequestRefusedError, TradingError
from robotrader.core.event_bus import Event
from robotrader.core.services.exit_rules import FRESH, ExitRules
from robotrader.core.services.live_guard import LiveGuard
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_sender import OrderSender
from robotrader.core.services.order_words import own_words, standing

if TYPE_CHECKING:
    from robotrader.core.services.broker import Broker

logger = logging.getLogger(__name__)

LOOKS = 2
NOT_SENT = "its process ended before it was sent, and it is not sent later by itself"
BOOK_GONE = "what came of it is not known: the broker's order book of its day is gone; what is held says it"
_DOUBTFUL = frozenset({OrderStatus.SENDING, OrderStatus.DOUBT})

TradesOf = Callable[[Sequence[Order]], Awaitable[Callable[[Transaction], None] | None]]
"""Asks the broker for the trades of orders; gives what writes them down, None where trades are written elsewhere."""


class Hands(NamedTuple):
    """What settling works with."""

    owners: OwnerRegistry
    log: OrderLog
    sender: OrderSender
    guard: LiveGuard
    exits: ExitRules


class OrderSettler:
    """Looks after the orders of one account that nobody is at work on.

    Args:
        settle_seconds: how long after an order left the silence of the broker's book counts.
        trades: as ``TradesOf``.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        hands: Hands,
        broker: Callable[[], Awaitable[Broker]],
        trades: TradesOf,
        settle_seconds: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._owners, self._log, self._sender, self._guard, self._exits = hands
        self._broker = broker
        self._trades = trades
        self._settle = timedelta(seconds=settle_seconds)

    async def settle(self) -> None:
        """Bring on every order that nobody is at work on; a broker that cannot be asked is asked next time."""
        now = self._clock.now()
        today, long_ago = now.astimezone(IST).date(), now - FRESH
        if not await self._db.read(lambda tx: order_steps.anything(tx, self._account, today, long_ago)):
            return
        await self._db.write(lambda tx: _tidy(tx, self._account, long_ago))
        free = await self._free(await self._db.read(lambda tx: order_steps.waiting(tx, self._account)))
        for each in free:
            if each.order.status is OrderStatus.CREATED:
                await self._leftover(each.order)
        try:
            await self._ask_broker([each for each in free if each.order.status is not OrderStatus.CREATED])
        except TradingError as error:
            logger.warning("the orders under way could not be looked up: %s", error)

    async def clear_up(self, order: Order) -> Order:
        """Look for an order in doubt until it is found or the silence counts."""
        until = self._clock.now() + self._settle * 2
        while order.status in _DOUBTFUL and self._clock.now() < until:
            await self._clock.sleep(self._settle.total_seconds() / LOOKS)
            try:
                order = await self._look(await self._broker(), order)
            except TradingError as error:
                logger.warning("order %s could not be looked up: %s", order.id, error)
        return order

    async def withdraw(self, order: Order) -> None:
        """Have a resting order cancelled, and take over what became of it, also where the broker would not.

        Raises:
            OrderRejectedError: the broker would not; it says what the order is then.
            TradingError: the broker could not be asked, or nobody knows whether it did it.
        """
        broker = await self._broker()
        try:
            await broker.cancel(order)
        except (OrderRejectedError, RequestRefusedError, OutcomeUnknownError) as error:
            try:
                await self._refresh([order], await broker.book(), wanted=True)
            except TradingError as deaf:
                logger.warning("order %s could not be looked up: %s", order.id, deaf)
                raise error from None
            now = await self._db.read(lambda tx: order_store.get(tx, order.id))
            if now.status is OrderStatus.CANCELLED:
                return
            if isinstance(error, OutcomeUnknownError) and now.status is OrderStatus.OPEN:
                raise
            raise OrderRejectedError(f"{error}; {standing(now)}", remedy=f"robotrader orders show {now.id}") from error
        await self._refresh([order], await broker.book(), wanted=True)

    async def _free(self, rows: Sequence[Waiting]) -> list[Waiting]:
        """Those that no living process is at work on; a resting order is everybody's."""
        names = {each.owner for each in rows if each.owner is not None}
        dead = {*await self._owners.dead(names - {self._owners.owner}), self._owners.owner, None} if names else {None}
        return [
            each
            for each in rows
            if each.order.id not in self._sender.busy and (each.order.status is OrderStatus.OPEN or each.owner in dead)
        ]

    async def _leftover(self, order: Order) -> None:
        """An order that was never sent: an exit that is still wanted is sent now, everything else is blocked."""
        now = self._clock.now()
        why = NOT_SENT if order.breach_id is None else self._exits.stale(order.created_at, now)
        why = why or self._exits.closed(order.request.symbol, now)
        if why is None:
            why = await self._db.read(lambda tx: self._unwanted(tx, order, now))
        if why is None:
            try:
                await self._guard.check()
            except TradingError as error:
                why = own_words(error)
        if why is not None:
            await self._log.move(order, OrderStatus.BLOCKED, message=why)
            return
        await self._owners.register()
        await self._sender.send(order)

    def _unwanted(self, tx: Transaction, order: Order, now: datetime) -> str | None:
        given = order.request
        found = self._exits.sellable(tx, order.account, given.symbol, given.product, now, own=given.quantity)
        if isinstance(found, str):
            return found
        return None if found >= given.quantity else f"only {found} of the shares are left to sell"

    async def _ask_broker(self, free: Sequence[Waiting]) -> None:
        today = self._clock.now().astimezone(IST).date()
        lost = [each.order for each in free if self._account == "kite" and each.order.day < today]
        for order in lost:
            await self._lapse(order)
        doubtful = [each.order for each in free if each.order.status in _DOUBTFUL and each.order not in lost]
        resting = [each.order for each in free if each.order.status is OrderStatus.OPEN and each.order not in lost]
        if doubtful or resting:
            broker = await self._broker()
            for order in doubtful:
                await self._look(broker, order)
            if resting:
                await self._refresh(resting, await broker.book())
        uncounted = await self._db.read(lambda tx: order_steps.uncounted(tx, self._account, today))
        if uncounted and (write := await self._trades(uncounted)) is not None:
            await self._db.write(write)

    async def _look(self, broker: Broker, order: Order) -> Order:
        """Look for an order by its tag: adopt it, or after enough looks say that it was never placed."""
        if order.status is OrderStatus.SENDING:
            words = "its process ended, or was stopped, while it was being sent; looked up by its tag"
            order = await self._log.move(order, OrderStatus.DOUBT, message=words)
        if order.status is not OrderStatus.DOUBT:
            return order
        found = await broker.find(order)
        if found is not None:
            return await self._log.move(order, found.status, **_changes(found))
        now, since = self._clock.now(), order.sent_at or order.created_at
        looks = await self._db.write(lambda tx: order_steps.looked(tx, order.id))
        if looks < LOOKS or now - since < self._settle:
            return order
        words = "the broker's order book does not hold it: it was not placed"
        return await self._log.move(order, OrderStatus.UNPLACED, message=words)

    async def _refresh(self, resting: Sequence[Order], book: Sequence[BrokerOrder], *, wanted: bool = False) -> None:
        """Take over what the broker says of orders that rest there.

        Args:
            wanted: the owner had them cancelled. Where nobody did, one that is cancelled after hours has outlived its
                day, and the rule that it answers is judged anew.
        """
        known = {each.broker_order_id: each for each in book}
        now = self._clock.now()

        def unit(tx: Transaction) -> list[Event]:
            events = []
            for order in resting:
                found = known.get(order.broker_order_id or "")
                if found is None or (found.status, found.filled) == (order.status, order.filled):
                    continue
                cancelled = found.status is OrderStatus.CANCELLED
                lapsed = cancelled and not wanted and self._exits.closed(order.request.symbol, now) is not None
                moved = self._log.step(tx, order, found.status, now, lapsed=lapsed, **_changes(found))
                events += [] if moved is None else moved[1]
            return events

        await self._log.deliver(await self._db.write(unit))

    async def _lapse(self, order: Order) -> None:
        """An order of an earlier day: no order outlives its day, and its book is gone."""
        status = OrderStatus.CANCELLED if order.status is OrderStatus.OPEN else OrderStatus.UNPLACED
        await self._log.move(order, status, lapsed=True, message=BOOK_GONE)


def _tidy(tx: Transaction, account: str, long_ago: datetime) -> None:
    order_steps.abandon(tx, account, long_ago)
    order_steps.untold(tx, account)


def _changes(found: BrokerOrder) -> dict[str, Any]:
    return {
        "broker_order_id": found.broker_order_id,
        "filled": found.filled,
        "average_price": found.average_price,
        "message": found.message,
    }
