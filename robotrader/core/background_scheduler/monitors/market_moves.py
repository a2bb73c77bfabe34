"""What is told of prices and volumes: each crossing once a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import HUNDRED, PAISA, Quote

UP, DOWN = "up", "down"
LEAST_DAYS = 5
"""With fewer days known than this nobody knows what a usual day is."""

USUAL_DAYS = 20
LEAST_ELAPSED = 0.1
"""The first minutes trade more than their share of the day, so no less of a day than this is compared with."""

WHOLE_DAY = 0.9
"""A day's volume is kept from this part of its session on: a look in the morning alone says nothing of a usual day."""


class Move(NamedTuple):
    """A price that went beyond a multiple of the step that is told, seen from the previous close."""

    symbol: str
    direction: str
    step: int
    crossed_pct: Decimal
    change_pct: Decimal
    last_price: Decimal
    previous_close: Decimal


class Spike(NamedTuple):
    """A volume beyond so many times what is usual by this time of the day."""

    symbol: str
    volume: int
    usual: int
    times: Decimal


def change_pct(quote: Quote) -> Decimal | None:
    """The change from the previous close in percent, to two decimals; None where that close is not known."""
    if not quote.previous_close:
        return None
    return ((quote.last_price - quote.previous_close) * HUNDRED / quote.previous_close).quantize(PAISA)


def steps(quote: Quote, move_pct: Decimal) -> int:
    """How many whole multiples of ``move_pct`` the price is away from the previous close, exactly."""
    if not quote.previous_close:
        return 0
    return int(abs(quote.last_price - quote.previous_close) * HUNDRED // (move_pct * quote.previous_close))


def direction(quote: Quote) -> str:
    """Which way the price went."""
    return DOWN if quote.previous_close is not None and quote.last_price < quote.previous_close else UP


def moves(quotes: Iterable[Quote], told: Mapping[tuple[str, str], int], move_pct: Decimal) -> list[Move]:
    """What is to be told now.

    What was told is told again only for a further multiple in the same direction on the same day, so a price that goes
    back and forth about a line is told once.

    Args:
        told: the multiple told today, by symbol and direction.
    """
    found = []
    for quote in quotes:
        step, way = steps(quote, move_pct), direction(quote)
        change = change_pct(quote)
        if change is not None and quote.previous_close is not None and step > told.get((quote.symbol, way), 0):
            crossed = move_pct * step * (-1 if way == DOWN else 1)
            found.append(Move(quote.symbol, way, step, crossed, change, quote.last_price, quote.previous_close))
    return found


def usual(volumes: Sequence[int]) -> int | None:
    """The usual volume of a day: the median of the days that are known; None where too few are."""
    return int(median(volumes)) if len(volumes) >= LEAST_DAYS else None


def spike(quote: Quote, volumes: Sequence[int], elapsed: float, times: Decimal) -> Spike | None:
    """The spike, where the volume is at least ``times`` what is usual after a part of the day (0 to 1)."""
    day = usual(volumes)
    if day is None or day <= 0 or quote.volume is None:
        return None
    so_far = max(1, int(day * max(LEAST_ELAPSED, elapsed)))
    if quote.volume < times * so_far:
        return None
    return Spike(quote.symbol, quote.volume, so_far, (Decimal(quote.volume) / so_far).quantize(PAISA))
