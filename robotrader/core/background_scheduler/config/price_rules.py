"""Price steps, price bands and lots of the cash market. Pure; prices are rupees a share.

The instrument list's own ``tick_size`` wins over the table: it is set once a month from the close of the last trading
day of the month before and does not follow the price (NSE, in force since 2025-04-15; three brokers' notices).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import HUNDRED
from robotrader.core.errors import ConfigurationError, ValidationError


class TickRow(NamedTuple):
    """From a day on, prices up to ``most`` (None: all above the row before) move in steps of ``tick``."""

    effective_from: date
    most: Decimal | None
    below: bool
    tick: Decimal


_JUNE, _APRIL = date(2024, 6, 10), date(2025, 4, 15)
TICKS: tuple[TickRow, ...] = (
    TickRow(_JUNE, Decimal(250), True, Decimal("0.01")),
    TickRow(_JUNE, None, False, Decimal("0.05")),
    TickRow(_APRIL, Decimal(250), True, Decimal("0.01")),
    TickRow(_APRIL, Decimal(1_000), False, Decimal("0.05")),
    TickRow(_APRIL, Decimal(5_000), False, Decimal("0.10")),
    TickRow(_APRIL, Decimal(10_000), False, Decimal("0.50")),
    TickRow(_APRIL, Decimal(20_000), False, Decimal("1.00")),
    TickRow(_APRIL, None, False, Decimal("5.00")),
)
"""The rows of 250 end below it, every other one at its bound. Earlier days are refused."""

TRADE_FOR_TRADE = frozenset({"BE", "BZ", "ST", "SZ"})
"""Series in which every trade is delivered, so that there is nothing intraday (nseindia.com, legend of series)."""

SERIES = TRADE_FOR_TRADE | {"SM", "BL", "IL", "E1", "RR", "IV", "GB", "GS", "T0"}

BSE = "BSE:"
"""What a symbol of BSE begins with."""

AUCTION_BAND = Decimal(3)
"""Percent around the reference price in the closing auction (SEBI of 2026-01-16, NSE/CMTR/74466)."""


def tick_size(reference_price: Decimal, day: date) -> Decimal:
    """The price step by the table, where the instrument list does not tell it.

    Raises:
        ConfigurationError: the day lies before the table.
        ValidationError: the reference price is none.
    """
    if not reference_price.is_finite() or reference_price <= 0:
        raise ValidationError(f"{reference_price} is not a price")
    since = max((row.effective_from for row in TICKS if row.effective_from <= day), default=None)
    for row in TICKS:
        if row.effective_from == since and (
            row.most is None or reference_price < row.most or (reference_price == row.most and not row.below)
        ):
            return row.tick
    raise ConfigurationError(f"the price steps of {day} are not known")


def on_tick(price: Decimal, tick: Decimal) -> bool:
    """Whether a price is a multiple of the step."""
    return price % tick == 0


def to_tick(price: Decimal, tick: Decimal, *, up: bool | None = None) -> Decimal:
    """The nearest price that is a multiple of the step; ``up`` True takes the next above, False the next below."""
    way = ROUND_HALF_UP if up is None else ROUND_CEILING if up else ROUND_FLOOR
    return (price / tick).to_integral_value(way) * tick


def band(reference: Decimal, percent: Decimal, tick: Decimal) -> tuple[Decimal, Decimal]:
    """The lowest and the highest price allowed so many percent around a reference price, both on a step within it."""
    reach = reference * percent / HUNDRED
    return to_tick(reference - reach, tick, up=True), to_tick(reference + reach, tick, up=False)


def series_of(symbol: str) -> str:
    """The series that Kite writes behind a symbol that is not of EQ, such as ``BE``; empty where it names none.

    Only for symbols that stand in the instrument list: no company's own symbol ends in one of these.
    """
    last = symbol.rpartition("-")[2]
    return last if last != symbol and last in SERIES else ""


def share_of(symbol: str) -> str:
    """A symbol without exchange and series, for guesses alone: no rule of an exchange says that both are one share."""
    bare = symbol.removeprefix(BSE)
    return bare.removesuffix(f"-{series_of(bare)}")
