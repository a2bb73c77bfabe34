"""The orders that rest with the paper broker, as parts of transactions: filled, cancelled, squared off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores import ledger_store, order_store, paper_store
from robotrader.core.background_scheduler.stores.ledger_store import Lot
from robotrader.core.background_scheduler.stores.paper_store import Matched, PaperOrder
from robotrader.core.background_scheduler.trading import (
    ZERO,
    Order,
    OrderRejectedError,
    OrderRequest,
    OrderStatus,
    Product,
    Quote,
    Side,
)
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import ConfigurationError, SystemFailure, TradingError
from robotrader.core.event_bus import Event
from robotrader.core.services import paper_fills, paper_matching, paper_sessions
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_words import new_order
from robotrader.core.services.paper_checks import tick_of
from robotrader.core.services.paper_fills import Deal
from robotrader.core.services.paper_matching import Look, Rest

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

logger = logging.getLogger(__name__)


@contextmanager
def _apart(tx: Transaction, name: str, problems: dict[str, str]) -> Iterator[None]:
    """One order's part of a transaction: where it fails it is undone, and told of, and the others go on."""
    try:
        with tx.part():
            yield
    except (TradingError, ArithmeticError) as error:
        problems[name] = str(error) or type(error).__name__
        logger.warning("%s could not be held against prices: %s", name, problems[name])


class PaperBook:
    """What rests in one account.

    Args:
        square_off: the Indian time of day at which intraday positions are closed.
        protection: how far from the last price a market order may be filled, in percent.
        stale: older quotes fill nothing.
    """

    def __init__(
        self,
        account: str,
        log: OrderLog,
        calendar: Callable[[], MarketCalendar],
        square_off: time,
        protection: Decimal,
        stale: timedelta,
    ) -> None:
        self._account = account
        self._log = log
        self._calendar = calendar
        self._square_off = square_off
        self._protection = protection
        self._stale = stale

    def match(self, tx: Transaction, quotes: Mapping[str, Quote], now: datetime) -> Matched:
        """As ``PaperBroker.match``."""
        events: list[Event] = []
        problems: dict[str, str] = {}
        for order in order_store.unfinished(tx, self._account):
            with _apart(tx, order.id, problems):
                events += self._match_one(tx, order, quotes, now)
        events += self._close_intraday(tx, quotes, now, problems)
        return Matched(tuple(events), problems)

    def _match_one(self, tx: Transaction, order: Order, quotes: Mapping[str, Quote], now: datetime) -> Sequence[Event]:
        paper = paper_store.get(tx, order.id)
        if paper is None or order.status is not OrderStatus.OPEN or now < paper.opens_at:
            return ()
        if now >= paper.ends_at:
            return self.cancel(tx, order, now, f"not filled by the close of {paper.good_on}", lapsed=True)
        quote = quotes.get(order.request.symbol)
        since = max(paper.accepted_at, paper.opens_at)
        if quote is None or quote.fetched_at < since or paper_matching.unusable(quote, now, self._stale) is not None:
            return ()
        return self.hold(tx, order, paper, quote, now)[1]

    def hold(
        self, tx: Transaction, order: Order, paper: PaperOrder, quote: Quote, now: datetime
    ) -> tuple[Order, list[Event]]:
        """Part of a transaction: hold an open order against a usable quote, and write down what comes of it."""
        found = self._look(tx, order, paper, quote)
        after = paper._replace(
            arriving=found.rest.arriving and not found.quantity,
            triggered=found.rest.triggered,
            bound_inr=found.rest.bound,
        )
        if after != paper:
            paper_store.take(tx, after)
        if not found.quantity:
            if after == paper and order.message is not None:
                return order, []
            moved = order_store.move(tx, order, OrderStatus.OPEN, now, message=found.why)  # no news for anybody
            return moved or order, []
        try:
            deal = Deal(found.quantity, found.price, now, _settles_on(self._calendar, order, paper.good_on))
            return paper_fills.fill(tx, self._log, order, deal, None if not found.rest.remaining else "filled in part")
        except OrderRejectedError as error:
            return order, self.cancel(tx, order, now, str(error), lapsed=True)

    def cancel(
        self, tx: Transaction, order: Order, now: datetime, message: str, *, lapsed: bool = False
    ) -> list[Event]:
        """Part of a transaction: take back what is open of an order; ``lapsed`` where nobody wanted that.

        Raises:
            SystemFailure: the order was moved meanwhile.
        """
        moved = self._log.step(tx, order, OrderStatus.CANCELLED, now, lapsed=lapsed, message=message)
        if moved is None:
            raise SystemFailure(f"order {order.id} is not as it was read")
        paper_store.release(tx, order.id)
        return moved[1]

    def square_off_at(self, calendar: MarketCalendar, symbol: str, day: date) -> datetime | None:
        """When intraday positions in a symbol are closed on a day; None where it is not traded then."""
        return paper_sessions.square_off_at(calendar, symbol, day, self._square_off)

    def _look(self, tx: Transaction, order: Order, paper: PaperOrder, quote: Quote) -> Look:
        given = order.request
        rest = Rest(given.quantity - order.filled, order.filled, paper.arriving, paper.triggered, paper.bound_inr)
        if paper.auction:
            return paper_matching.in_auction(given, quote, rest, began=paper.opens_at)
        tick = tick_of(tx, given.symbol, quote, paper.good_on)
        return paper_matching.look(given, quote, rest, tick=tick, protection=self._protection)

    def _close_intraday(
        self, tx: Transaction, quotes: Mapping[str, Quote], now: datetime, problems: dict[str, str]
    ) -> list[Event]:
        """Square off: first what is open of a symbol's intraday orders is cancelled, then what is held is sold.

        What could not be sold on its day, because nobody was there or no price was known, is sold when next it can be.
        """
        held = ledger_store.lots(tx, self._account, product=Product.MIS.value)
        orders = [
            each
            for each in order_store.unfinished(tx, self._account)
            if each.request.product is Product.MIS and each.status is OrderStatus.OPEN
        ]
        events: list[Event] = []
        for symbol in sorted({*(lot.symbol for lot in held), *(each.request.symbol for each in orders)}):
            today, over = now.astimezone(IST).date(), self._over(symbol, now)
            lots = [lot for lot in held if lot.symbol == symbol and (over or lot.acquired_on < today)]
            if over is None or not (over or lots):
                continue
            with _apart(tx, symbol, problems):
                told: list[Event] = []
                for order in orders:
                    if order.request.symbol == symbol and (over or order.request.side is Side.SELL):
                        told += self._withdraw(tx, order, now)
                quote = quotes.get(symbol)
                if lots and quote is not None and paper_matching.unusable(quote, now, self._stale) is None:
                    told += self._sell_off(tx, symbol, lots, quote, now)
                events += told
        return events

    def _over(self, symbol: str, now: datetime) -> bool | None:
        """Whether the time for intraday positions in a symbol is over today; None where it cannot be traded now."""
        try:
            calendar = self._calendar()
            if not paper_sessions.is_open(calendar, symbol, now):
                return None
            closes = self.square_off_at(calendar, symbol, now.astimezone(IST).date())
        except ConfigurationError as error:
            logger.warning("intraday positions in %s are not squared off: %s", symbol, error)
            return None
        return closes is not None and now >= closes

    def _withdraw(self, tx: Transaction, order: Order, now: datetime) -> list[Event]:
        paper = paper_store.get(tx, order.id)
        if paper is None or now < paper.opens_at:
            return []
        return self.cancel(tx, order, now, "cancelled: intraday positions are squared off", lapsed=True)

    def _sell_off(self, tx: Transaction, symbol: str, lots: Sequence[Lot], quote: Quote, now: datetime) -> list[Event]:
        price = paper_matching.offered(Side.SELL, quote)
        if price is None:
            return []
        today = now.astimezone(IST).date()
        since = min(lot.acquired_on for lot in lots)
        reason = "square-off of intraday positions" + ("" if since == today else f", left over from {since}")
        request = OrderRequest(symbol, Side.SELL, sum(lot.remaining for lot in lots), product=Product.MIS)
        made = new_order(request, self._account, now, reason=reason)
        order = made._replace(status=OrderStatus.OPEN, broker_order_id=f"paper-{made.tag}")
        order_store.insert(tx, order)
        paper_store.take(
            tx,
            PaperOrder(
                order.id,
                self._account,
                now,
                today,
                now,
                now,
                auction=False,
                arriving=False,
                triggered=False,
                bound_inr=None,
                reserved_inr=ZERO,
            ),
        )
        deal = Deal(request.quantity, price, now, today, squared_off=True)
        return paper_fills.fill(tx, self._log, order, deal, None)[1]


def _settles_on(calendar: Callable[[], MarketCalendar], order: Order, day: date) -> date:
    if order.request.side is Side.BUY and order.request.product is Product.CNC:
        return calendar().settlement_day(day)
    return day
