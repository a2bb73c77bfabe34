"""What must be true of an order before the paper broker takes it, as parts of its transaction."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config import charges as charging
from robotrader.core.background_scheduler.config.price_rules import BSE
from robotrader.core.background_scheduler.stores import instrument_store, ledger_store, paper_store
from robotrader.core.background_scheduler.trading import (
    ZERO,
    Order,
    OrderRejectedError,
    OrderRequest,
    Product,
    Quote,
    Side,
)
from robotrader.core.database_state import Transaction
from robotrader.core.services import instrument_rules
from robotrader.core.services.paper_matching import TRIGGERED, UNPRICED, outside, protected
from robotrader.core.services.paper_sessions import Stage


class Terms(NamedTuple):
    """What an order was taken at: the price step, and the rupees that are kept for it."""

    tick: Decimal
    reserved_inr: Decimal = ZERO


def check(tx: Transaction, order: Order, quote: Quote, held: Stage, protection: Decimal) -> Terms:
    """Part of a transaction: see that an order may be taken.

    Args:
        quote: the last that is known of the price, stale or not.
        held: the session that it belongs to.
        protection: how far from the last price a market order may be filled, in percent.

    Raises:
        OrderRejectedError: why not.
        ConfigurationError: what trading costs on the day is not known.
    """
    given = order.request
    if quote.last_price <= 0:
        raise OrderRejectedError(f"no price of {given.symbol} is known")
    tick = _check_instrument(tx, given, quote, held.day)
    _check_prices(given, quote, tick, held)
    if given.side is Side.SELL:
        _check_shares(tx, order, held.day)
        return Terms(tick)
    return Terms(tick, _check_cash(tx, order, quote, tick, held.day, protection))


def tick_of(tx: Transaction, symbol: str, quote: Quote, day: date) -> Decimal:
    """Part of a transaction: the price step by the broker's list, else by the table."""
    return instrument_rules.tick_of(instrument_store.listed(tx, quote.provider, symbol), quote, day)


def exchange_of(symbol: str) -> str:
    """Where a symbol is traded."""
    return "BSE" if symbol.startswith(BSE) else "NSE"


def _check_instrument(tx: Transaction, given: OrderRequest, quote: Quote, day: date) -> Decimal:
    if given.quantity < 1:
        raise OrderRejectedError("the quantity is a whole number of shares, at least 1")
    known = instrument_store.listed(tx, quote.provider, given.symbol)
    if known is not None:
        instrument_rules.check(known, given)
    return instrument_rules.tick_of(known, quote, day)


def _check_prices(given: OrderRequest, quote: Quote, tick: Decimal, held: Stage) -> None:
    needed = (given.type not in UNPRICED, given.type in TRIGGERED)
    for name, price, needs in zip(("limit", "trigger"), (given.price, given.trigger_price), needed, strict=True):
        if needs != (price is not None):
            raise OrderRejectedError(f"an order of type {given.type} {'needs' if needs else 'has no'} {name} price")
        if price is None:
            continue
        instrument_rules.check_step(name, price, tick, given.symbol)
        if held.auction or held.waits is None:
            words = outside(price, quote, tick, auction=held.auction)
            if words is not None:
                raise OrderRejectedError(f"the {name} price {price} is {words}")
    if given.type in TRIGGERED:
        _check_trigger(given, quote, auction=held.auction)


def _check_trigger(given: OrderRequest, quote: Quote, *, auction: bool) -> None:
    if auction:
        raise OrderRejectedError("the closing auction takes limit and market orders only, no stop orders")
    trigger, limit, buys = given.trigger_price, given.price, given.side is Side.BUY
    if trigger is None:
        return
    if limit is not None and ((trigger > limit) if buys else (trigger < limit)):
        where = "below" if buys else "above"
        raise OrderRejectedError(f"the trigger of a {given.side} order is at or {where} its limit")
    if (trigger <= quote.last_price) if buys else (trigger >= quote.last_price):
        raise OrderRejectedError(
            f"the trigger price of a stop order to {'buy lies above' if buys else 'sell lies below'} the last price,"
            f" {quote.last_price}"
        )


def _check_shares(tx: Transaction, order: Order, day: date) -> None:
    given = order.request
    lots = ledger_store.lots(tx, order.account, given.symbol, given.product.value)
    free = sum(lot.remaining for lot in lots if ledger_store.sellable(lot, day))
    offered = paper_store.on_offer(tx, order.account, given.symbol, given.product.value, order.id)
    if given.quantity <= free - offered:
        return
    what = f"{given.product.value} shares of {given.symbol}"
    if not lots:
        why = (
            "intraday positions begin with a purchase" if given.product is Product.MIS else "only what is held is sold"
        )
        raise OrderRejectedError(f"there are no {what}: {why}, short sales are not taken")
    words = f"{max(0, free - offered)} {what} may be sold, not {given.quantity}"
    if offered:
        words += f"; open orders sell {offered} already"
    later = [lot for lot in lots if not ledger_store.sellable(lot, day)]
    if later:
        first = min(lot.settles_on for lot in later)
        words += f"; {sum(lot.remaining for lot in later)} are not settled (T+1), from {first} on they may be sold"
    raise OrderRejectedError(words)


def _check_cash(tx: Transaction, order: Order, quote: Quote, tick: Decimal, day: date, protection: Decimal) -> Decimal:
    given = order.request
    worst = given.price
    if worst is None:
        seen = quote if given.trigger_price is None else quote._replace(last_price=given.trigger_price)
        worst = protected(Side.BUY, seen, tick, protection)
    turnover = worst * given.quantity
    before = paper_store.before(tx, order.account, given.symbol, None, order.id, day)
    found = charging.charges(
        Side.BUY, given.product, given.quantity, worst, day, exchange_of(given.symbol), before=before
    )
    needed = turnover + charging.most(found, Side.BUY, given.product, turnover, day)
    account = ledger_store.account(tx, order.account)
    free = (ZERO if account is None else account.cash_inr) - paper_store.reserved(tx, order.account, order.id)
    if needed > free:
        raise OrderRejectedError(
            f"the cash does not suffice: {given.quantity} at up to {worst} need ₹{needed:.2f} with charges, ₹{free:.2f}"
            " is free",
            remedy="robotrader portfolio cash shows it",
        )
    return needed
