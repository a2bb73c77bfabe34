"""What the broker's list of instruments says an order must keep to. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from robotrader.core.background_scheduler.config.price_rules import TRADE_FOR_TRADE, on_tick, series_of, tick_size
from robotrader.core.background_scheduler.trading import (
    Instrument,
    OrderRejectedError,
    OrderRequest,
    OrderType,
    Product,
    Quote,
    Side,
)


def check(known: Instrument, given: OrderRequest) -> None:
    """See that an order is for whole lots, and for delivery where nothing else is traded.

    Raises:
        OrderRejectedError: it is not.
    """
    if known.lot_size > 1 and given.quantity % known.lot_size:
        raise OrderRejectedError(f"{given.symbol} trades in lots of {known.lot_size}: {given.quantity} is none")
    series = series_of(given.symbol)
    if series in TRADE_FOR_TRADE and given.product is Product.MIS:
        raise OrderRejectedError(
            f"{given.symbol} is traded for delivery only (series {series}): there is no intraday", remedy="use CNC"
        )


def check_step(name: str, price: Decimal, tick: Decimal, symbol: str) -> None:
    """See that a price is one that can be asked.

    Raises:
        OrderRejectedError: it is not.
    """
    if not price.is_finite() or price <= 0 or not on_tick(price, tick):
        raise OrderRejectedError(f"the {name} price {price} is not a multiple of {tick}, the tick of {symbol}")


def check_listed(known: Instrument, given: OrderRequest) -> None:
    """See that an order keeps to all that the list says. Raises as the others."""
    check(known, given)
    for name, price in (("limit", given.price), ("trigger", given.trigger_price)):
        if price is not None and known.tick_size > 0:
            check_step(name, price, known.tick_size, given.symbol)


def tick_of(known: Instrument | None, quote: Quote, day: date) -> Decimal:
    """The price step by the list, else by the published table.

    Raises:
        ConfigurationError: the day lies before the table.
    """
    if known is not None and known.tick_size > 0:
        return known.tick_size
    return tick_size(quote.previous_close or quote.last_price, day)


def wants_list(given: OrderRequest) -> bool:
    """Whether an order is worth waiting for a new list: a sale at any price is not, for nothing could be wrong with it
    that is worse than being late."""
    return given.side is Side.BUY or given.type is not OrderType.MARKET
