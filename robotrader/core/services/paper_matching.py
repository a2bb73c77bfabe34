"""Would this order fill against this quote, at which price, and how many shares? Pure.

What cannot be known from one look at a quote is decided against the order: a price that came and went between two
looks fills nothing, and nothing is filled that was not traded by anybody today.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.price_rules import AUCTION_BAND, band
from robotrader.core.background_scheduler.trading import ZERO, OrderRequest, OrderType, Quote, Side
from robotrader.core.clock import IST

TRIGGERED = frozenset({OrderType.SL, OrderType.SL_M})
UNPRICED = frozenset({OrderType.MARKET, OrderType.SL_M})


class Rest(NamedTuple):
    """What is left of an order.

    Attributes:
        remaining, filled: shares.
        arriving: it has not met a price that it could not have; until then it takes the price that is there, after
            that others come to it and it is filled at its own limit.
        triggered: of SL and SL-M, whether the trigger price was reached.
        bound: the worst price of a market order, set when it arrived.
    """

    remaining: int
    filled: int = 0
    arriving: bool = True
    triggered: bool = False
    bound: Decimal | None = None


class Look(NamedTuple):
    """What came of holding an order against a quote: ``quantity`` shares at ``price``, and what then rests, or why."""

    quantity: int
    price: Decimal
    rest: Rest
    why: str | None = None


def unusable(quote: Quote, now: datetime, stale: timedelta) -> str | None:
    """Why nothing may be filled against a quote; None where it is of today and not stale."""
    today = now.astimezone(IST).date()
    age = now - quote.fetched_at
    if age > stale or age < -stale:
        return f"the price of {quote.symbol} is {int(age.total_seconds())} s old"
    for at in (quote.exchange_at, quote.last_trade_at):
        if at is not None and at.astimezone(IST).date() != today:
            return f"{quote.symbol} has not traded today"
    return None if quote.last_price > 0 else f"no price of {quote.symbol} is known"


def look(request: OrderRequest, quote: Quote, rest: Rest, *, tick: Decimal, protection: Decimal) -> Look:
    """Hold an order against a usable quote, in continuous trading.

    Args:
        protection: how far from the last price a market order may be filled, in percent.
    """
    if request.type in TRIGGERED and not rest.triggered:
        if not _reached(request, quote.last_price):
            return Look(0, ZERO, rest, f"waits for its trigger price {request.trigger_price}")
        rest = rest._replace(triggered=True)
    worst = rest.bound if request.type in UNPRICED else request.price
    if worst is None:
        worst = protected(request.side, quote, tick, protection)
        rest = rest._replace(bound=worst)
    buys = request.side is Side.BUY
    there = offered(request.side, quote)
    if there is None:
        where = "upper" if buys else "lower"
        return Look(0, ZERO, rest._replace(arriving=False), f"nobody {'sells' if buys else 'buys'} at the {where} band")
    if (there > worst) if buys else (there < worst):
        return Look(0, ZERO, rest._replace(arriving=False), f"rests at {worst}, the price is {there}")
    price = there if rest.arriving else worst
    quantity = rest.remaining if quote.volume is None else max(0, min(rest.remaining, quote.volume - rest.filled))
    left = rest._replace(remaining=rest.remaining - quantity, filled=rest.filled + quantity)
    return Look(quantity, price, left, None if quantity else f"only {quote.volume} shares were traded today")


def in_auction(request: OrderRequest, quote: Quote, rest: Rest, *, began: datetime) -> Look:
    """Hold an order of the closing auction against a usable quote: all of it is filled at the one price, or nothing.

    There is no trade from the auction's beginning until it is matched, so a trade since then is at its price (SEBI of
    2026-01-16, NSE/CMTR/74466).
    """
    if quote.last_trade_at is None or quote.last_trade_at < began:
        return Look(0, ZERO, rest, "waits for the price of the closing auction")
    price, limit = quote.last_price, request.price
    if limit is not None and ((price > limit) if request.side is Side.BUY else (price < limit)):
        return Look(0, ZERO, rest, f"rests at {limit}, the closing auction's price is {price}")
    done = rest._replace(remaining=0, filled=rest.filled + rest.remaining)
    return Look(rest.remaining, price, done)


def protected(side: Side, quote: Quote, tick: Decimal, protection: Decimal) -> Decimal:
    """The worst price of a market order: so many percent from the last price, within the day's band."""
    low, high = band(quote.last_price, protection, tick)
    if side is Side.BUY:
        return high if quote.upper_circuit is None else min(high, quote.upper_circuit)
    return low if quote.lower_circuit is None else max(low, quote.lower_circuit)


def outside(price: Decimal, quote: Quote, tick: Decimal, *, auction: bool) -> str | None:
    """The band that a price lies outside of, in words; None where it lies within, or none is known."""
    low, high = quote.lower_circuit, quote.upper_circuit
    if auction:  # around the reference price, of which the last price is what is known
        low, high = band(quote.last_price, AUCTION_BAND, tick)
    if low is not None and price < low:
        return f"below {low}, the lowest price allowed now"
    return None if high is None or price <= high else f"above {high}, the highest price allowed now"


def offered(side: Side, quote: Quote) -> Decimal | None:
    """What the other side asks for or bids, else the last price; None where the day's band leaves no other side."""
    best, locked = (quote.ask, quote.upper_circuit) if side is Side.BUY else (quote.bid, quote.lower_circuit)
    if best is not None and best > 0:
        return best
    if locked is not None and ((quote.last_price >= locked) if side is Side.BUY else (quote.last_price <= locked)):
        return None
    return quote.last_price


def _reached(request: OrderRequest, last_price: Decimal) -> bool:
    trigger = request.trigger_price
    if trigger is None:
        return True
    return last_price >= trigger if request.side is Side.BUY else last_price <= trigger
