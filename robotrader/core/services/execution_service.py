"""The only road to a broker: what is ordered by hand, and the exits that follow from broken rules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.stores import halt_store, order_steps, order_store
from robotrader.core.background_scheduler.trading import (
    FINAL_ORDERS,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Side,
)
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import HaltedError, TradingError, ValidationError
from robotrader.core.event_bus import Event
from robotrader.core.services.exit_rules import ExitRules, not_held
from robotrader.core.services.live_guard import LiveGuard
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_sender import OrderSender, too_many
from robotrader.core.services.order_settler import OrderSettler
from robotrader.core.services.order_words import (
    BY_HAND,
    Placed,
    breach_words,
    check_request,
    new_order,
    own_words,
    worth,
)

logger = logging.getLogger(__name__)

PriceOf = Callable[[Transaction, str], Decimal | None]
"""The last price of a symbol as it is stored, None where none is."""


class Rules(NamedTuple):
    """What the owner allows: the largest order in rupees (None: any), and how many a minute."""

    max_order_inr: Decimal | None
    per_minute: int


class Parts(NamedTuple):
    """What the service is made of."""

    owners: OwnerRegistry
    log: OrderLog
    sender: OrderSender
    settler: OrderSettler
    guard: LiveGuard
    exits: ExitRules
    price: PriceOf


class ExecutionService:
    """Orders of one account. Each is on disk before it is sent, and is sent once, whatever happens."""

    def __init__(self, db: DatabaseStateManager, clock: Clock, *, account: str, rules: Rules, parts: Parts) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._rules = rules
        self._parts = parts

    def go_live(self) -> None:
        """The command said ``--live``. Raises ConfigurationError where the settings do not say so."""
        self._parts.guard.allow()

    async def place(self, request: OrderRequest, *, reason: str = BY_HAND) -> Placed:
        """Write an order down and send it; one in doubt is looked for until that is settled.

        Raises:
            ValidationError: it cannot be meant; nothing was written.
        """
        check_request(request)
        await self._parts.owners.register()
        error = await self._not_allowed()
        placed = await self._write(new_order(request, self._account, self._clock.now(), reason=reason), error)
        if placed.order.status is not OrderStatus.CREATED:
            return placed
        placed = await self._parts.sender.send(placed.order)
        if placed.order.status is OrderStatus.DOUBT:
            order = await self._parts.settler.clear_up(placed.order)
            return Placed(order, placed.error if order.status in {OrderStatus.DOUBT, OrderStatus.UNPLACED} else None)
        return placed

    async def follow(self, event: Event) -> None:
        """Order the exit that a broken rule asks for, once however often the event comes."""
        data, now = event.data, self._clock.now()
        if data.get("action") != "exit" or not (breach_id := str(data.get("breach_id") or "")):
            return
        await self._parts.owners.register()
        error = await self._not_allowed()
        words = breach_words(data)
        order, events = await self._db.write(lambda tx: self._answer(tx, breach_id, words, error, now))
        await self._parts.log.deliver(events)
        if order is not None and order.status is OrderStatus.CREATED:
            await self._parts.sender.send(order)

    async def settle(self) -> None:
        """Bring on what dead processes and doubts left behind; see ``OrderSettler``."""
        await self._parts.settler.settle()

    async def cancel(self, order_id: str) -> Order:
        """Cancel an order that has not come to its end.

        Raises:
            NotFoundError: there is none. ValidationError: it has ended, or nobody knows yet whether it was placed.
            TradingError: why the broker does not cancel it.
        """
        order = await self._db.read(lambda tx: order_store.get(tx, order_id))
        if order.account != self._account:
            raise ValidationError(f"the order is of the account {order.account}, and {self._account} is in force")
        if order.status is OrderStatus.CREATED:
            return await self._parts.log.move(order, OrderStatus.CANCELLED, message="cancelled before it was sent")
        if order.status in FINAL_ORDERS:
            raise ValidationError(f"the order has ended: it is {order.status.value.lower()}")
        if order.status is not OrderStatus.OPEN:
            raise ValidationError(
                "whether the order was placed is being found out",
                remedy="try again in a minute; robotrader tick looks for it in the broker's book",
            )
        await self._parts.settler.withdraw(order)
        return await self._db.read(lambda tx: order_store.get(tx, order.id))

    async def cancel_all(self) -> tuple[tuple[Order, ...], tuple[str, ...]]:
        """Cancel every order that rests or waits, for the emergency stop.

        The owner takes no rule back by that: an exit among them is tried anew once the stop is lifted. Returns the
        orders as they are then, and what stood in the way.
        """
        found, problems = [], []
        for order in await self._db.read(lambda tx: order_store.unfinished(tx, self._account)):
            try:
                after = await self.cancel(order.id)
            except TradingError as error:
                problems.append(f"{order.id}: {own_words(error)}")
                continue
            found.append(after)
            if after.status is OrderStatus.CANCELLED:
                await self._db.write(partial(order_steps.tell_breach, order=after, lapsed=True))
        return tuple(found), tuple(problems)

    async def close(self) -> None:
        """Let go of this process's lock."""
        await self._parts.owners.close()

    async def _not_allowed(self) -> TradingError | None:
        try:
            await self._parts.guard.check()
        except TradingError as error:
            return error
        return None

    async def _write(self, order: Order, error: TradingError | None) -> Placed:
        """Write an order down as CREATED, or as BLOCKED with the reason."""

        def unit(tx: Transaction) -> tuple[Placed, list[Event]]:
            problem = error or _blocked(tx, order, self._rules, self._parts.price, self._clock)
            written = order if problem is None else _as_blocked(order, problem)
            events = self._parts.log.create(tx, written, self._parts.owners.owner, order.created_at)
            return Placed(written, problem), events

        placed, events = await self._db.write(unit)
        await self._parts.log.deliver(events)
        return placed

    def _answer(
        self, tx: Transaction, breach_id: str, words: str, error: TradingError | None, now: datetime
    ) -> tuple[Order | None, list[Event]]:
        """Part of a transaction: the order that answers a breach; none where it has one, or nothing can be sold."""
        breach = order_steps.breach(tx, breach_id)
        if breach is None or order_steps.answered(tx, breach_id) or breach.outcome != order_steps.PENDING:
            return None, []
        why: int | str | None = self._parts.exits.stale(breach.at, now) or self._parts.exits.closed(breach.symbol, now)
        if breach.account != self._account:
            why = f"the account {breach.account} is not in force any more"
        if why is None:
            why = self._parts.exits.sellable(tx, self._account, breach.symbol, breach.product, now)
        if not isinstance(why, int):
            order_steps.set_outcome(tx, breach_id, "blocked", why)
            return None, []
        if breach.product not in set(Product):
            order_steps.set_outcome(tx, breach_id, "blocked", f"{breach.product} is not sold by itself")
            return None, []
        quantity = min(why, breach.quantity or why)
        request = OrderRequest(breach.symbol, Side.SELL, quantity, OrderType.MARKET, Product(breach.product))
        order = new_order(
            request,
            self._account,
            now,
            reason=words,
            correlation_id=breach.correlation_id,
            breach_id=breach_id,
        )
        halt = halt_store.read(tx)
        problem = halt_store.halted(halt) if halt is not None else error
        order = order if problem is None else _as_blocked(order, problem)
        return order, self._parts.log.create(tx, order, self._parts.owners.owner, now)


def _as_blocked(order: Order, error: TradingError) -> Order:
    return order._replace(
        status=OrderStatus.BLOCKED,
        message=own_words(error),
        updated_at=order.created_at,
        finished_at=order.created_at,
    )


def _blocked(tx: Transaction, order: Order, rules: Rules, price: PriceOf, clock: Clock) -> TradingError | None:
    """Part of a transaction: why an order by hand may not be sent."""
    halt = halt_store.read(tx)
    if halt is not None:
        return halt_store.halted(halt)
    if (error := too_many(tx, order.account, rules.per_minute, clock) or not_held(tx, order)) is not None:
        return error
    if rules.max_order_inr is None:
        return None
    value = worth(order.request, price(tx, order.request.symbol))
    if value is None:
        return HaltedError(
            "what the order is worth is not known, and trading.max_order_inr is set", remedy="give --limit"
        )
    if value <= rules.max_order_inr:
        return None
    return HaltedError(
        f"the order is worth Rs {value:,.2f}, and the largest allowed is Rs {rules.max_order_inr:,.2f}",
        remedy="order less, or raise trading.max_order_inr",
    )
