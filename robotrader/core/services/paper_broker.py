"""The paper broker: takes orders as a real one does, and fills them against quotes. Nothing leaves this machine.

An order that comes while its stock does not trade rests until the next open, as an after-market order does. All that
follows from an order - its acceptance, its fills, cash, charges, shares, events - is written in one transaction, so a
process that is killed leaves either all of it or nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores import halt_store, ledger_store, order_store, paper_store
from robotrader.core.background_scheduler.stores.paper_store import Matched, PaperOrder
from robotrader.core.background_scheduler.trading import (
    FINAL_ORDERS,
    BrokerOrder,
    Order,
    OrderRejectedError,
    OrderStatus,
    Product,
    Quote,
    Side,
)
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import LoginRequiredError, NotFoundError, TradingError
from robotrader.core.event_bus import Event
from robotrader.core.services import paper_checks, paper_matching, paper_sessions
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.paper_book import PaperBook
from robotrader.settings import PaperSettings, TradingSettings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

logger = logging.getLogger(__name__)

_TAKEN = frozenset({OrderStatus.SENDING, OrderStatus.DOUBT})


class PaperBroker:
    """Implements ``broker.Broker`` for a paper account.

    Args:
        account: ``sandbox`` or ``paper``; opened with the cash of the settings when its first order comes.
        calendar: the trading calendar, read when it is first needed.
        quotes: asks for the last prices of symbols; those that nobody knows are left out.
        log: writes each step of an order, with its event.

    Raises:
        ConfigurationError: ``paper.square_off`` is not a time of day.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        calendar: Callable[[], MarketCalendar],
        quotes: Callable[[Sequence[str]], Awaitable[Mapping[str, Quote]]],
        log: OrderLog,
        paper: PaperSettings,
        trading: TradingSettings,
    ) -> None:
        self.account = account
        self._db = db
        self._clock = clock
        self._calendar = calendar
        self._quotes = quotes
        self._log = log
        self._paper = paper
        self._protection = trading.market_protection_pct
        self._stale = timedelta(seconds=trading.stale_quote_seconds)
        square_off = paper_sessions.clock_time(paper.square_off)
        self._book = PaperBook(account, log, calendar, square_off, self._protection, self._stale)

    async def place(self, order: Order) -> Order:
        """Take an order that is SENDING in the store, and fill what the quote allows; the same order a second time
        changes nothing.

        Raises:
            OrderRejectedError: it is not taken; nothing is written.
            LoginRequiredError: prices cannot be asked for before the owner has logged in.
            HaltedError: the emergency stop was set meanwhile; nothing is written.
            ConfigurationError: the calendar or the rates of the charges do not cover the day.
        """
        symbol = order.request.symbol
        try:
            found = await self._quotes((symbol,))
        except LoginRequiredError:
            raise
        except TradingError as error:
            raise OrderRejectedError(
                f"no price of {symbol} is known: {error}", remedy=error.context.remedy, details=error.context.details
            ) from error
        quote = found.get(symbol)
        if quote is None:
            raise OrderRejectedError(f"no price of {symbol} is known", remedy="check the symbol")
        calendar = self._calendar()
        placed, events = await self._db.write(lambda tx: self._take(tx, calendar, order, quote))
        await self._log.deliver(events)
        return placed

    async def find(self, order: Order) -> BrokerOrder | None:
        """The order as this broker has it; None where it was never taken."""

        def query(tx: Transaction) -> Order | None:
            try:
                found = order_store.get(tx, order.tag)
            except NotFoundError:
                return None
            return found if paper_store.get(tx, found.id) is not None else None

        found = await self._db.read(query)
        return None if found is None else _in_book(found)

    async def cancel(self, order: Order) -> None:
        """Take back what is open of an order; what is final stays.

        Raises:
            OrderRejectedError: it was never taken.
        """
        now = self._clock.now()

        def unit(tx: Transaction) -> Sequence[Event]:
            current = order_store.get(tx, order.id)
            if paper_store.get(tx, order.id) is None:
                raise OrderRejectedError(f"the paper broker does not know order {order.id}")
            return () if current.status in FINAL_ORDERS else self._book.cancel(tx, current, now, "cancelled")

        await self._log.deliver(await self._db.write(unit))

    async def book(self) -> tuple[BrokerOrder, ...]:
        """Today's orders and those that rest, brought up to date first: what rests is held against fresh quotes."""
        await self._attend()
        today = self._clock.now().astimezone(IST).date()

        def query(tx: Transaction) -> list[Order]:
            orders = {each.id: each for each in order_store.unfinished(tx, self.account)}
            orders |= {each.id: each for each in order_store.newest(tx, self.account, day=today, symbol=None, limit=-1)}
            return [each for each in orders.values() if paper_store.get(tx, each.id) is not None]

        return tuple(_in_book(order) for order in await self._db.read(query))

    def match(self, tx: Transaction, quotes: Mapping[str, Quote], now: datetime) -> Matched:
        """Part of a transaction: fill what rests, cancel what has outlived its day, square intraday positions off.

        The events are written already; they are the caller's to deliver. What fails of one order keeps no other back.
        """
        return self._book.match(tx, quotes, now)

    async def _attend(self) -> None:
        """Hold what rests against fresh quotes; where there are none, only what has outlived its day changes."""
        symbols = await self._db.read(lambda tx: paper_store.resting(tx, self.account))
        if not symbols:
            return
        quotes: Mapping[str, Quote] = {}
        now = self._clock.now()
        try:
            calendar = self._calendar()
            if any(paper_sessions.worth_a_look(calendar, symbol, now) for symbol in symbols):
                quotes = await self._quotes(symbols)
        except TradingError as error:
            logger.info("resting orders are not held against prices now: %s", error)
        now = self._clock.now()
        await self._log.deliver(await self._db.write(lambda tx: self._book.match(tx, quotes, now).events))

    def _take(
        self, tx: Transaction, calendar: MarketCalendar, order: Order, quote: Quote
    ) -> tuple[Order, Sequence[Event]]:
        current = order_store.get(tx, order.id)
        if paper_store.get(tx, order.id) is not None:
            return current, ()
        if current.status not in _TAKEN or current.account != self.account:
            raise OrderRejectedError(f"an order that is {current.status} is not taken")
        halt_store.check(tx)
        now, given = self._clock.now(), current.request
        ledger_store.open_account(tx, self.account, self._paper.cash_inr, now)
        held = paper_sessions.stage(calendar, given.symbol, now)
        self._check_intraday(calendar, current, held, now)
        if given.side is Side.BUY and given.product is Product.CNC:
            calendar.settlement_day(held.day)  # or what is bought could never be said to be settled
        unusable = None if held.waits else paper_matching.unusable(quote, now, self._stale)
        if unusable is not None and given.type in paper_matching.UNPRICED:
            raise OrderRejectedError(f"a {given.type} order needs a price of now: {unusable}")
        terms = paper_checks.check(tx, current, quote, held, self._protection)
        paper = PaperOrder(
            current.id,
            self.account,
            now,
            held.day,
            held.opens,
            held.ends,
            held.auction,
            arriving=True,
            triggered=False,
            bound_inr=None,
            reserved_inr=terms.reserved_inr,
        )
        paper_store.take(tx, paper)
        moved = self._log.step(
            tx, current, OrderStatus.OPEN, now, broker_order_id=f"paper-{current.tag}", message=held.waits or unusable
        )
        if moved is None:
            raise OrderRejectedError("the order was moved meanwhile")
        taken, events = moved
        if held.waits or unusable:
            return taken, events
        filled, more = self._book.hold(tx, taken, paper, quote, now)
        return filled, [*events, *more]

    def _check_intraday(
        self, calendar: MarketCalendar, order: Order, held: paper_sessions.Stage, now: datetime
    ) -> None:
        given = order.request
        if given.product is not Product.MIS or given.side is Side.SELL:
            return
        closes = self._book.square_off_at(calendar, given.symbol, held.day)
        if held.auction or (closes is not None and now >= closes):
            at = "" if closes is None else f" at {closes.astimezone(IST):%H:%M} IST"
            raise OrderRejectedError(
                f"intraday positions are squared off{at}: no new one is taken today", remedy="use CNC, or wait"
            )


def _in_book(order: Order) -> BrokerOrder:
    return BrokerOrder(
        order.broker_order_id or f"paper-{order.tag}",
        order.tag,
        order.request,
        order.status,
        order.filled,
        order.average_price,
        order.message,
        order.sent_at,
    )
