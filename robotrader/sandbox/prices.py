"""Simulated prices: the same for everybody who asks at the same minute, and nobody's advice.

A price is a pure function of symbol, day and minute. It starts from the price that the snapshot has of a company (its
``price``, else market capitalisation by the shares below) and goes up and down with four waves, whose crests are
taken from SHA-256; between the close of one session and that of the next it goes by a bridge that ends there. So the
previous close is what the session before ended with, whoever asked or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar, market_hours
from robotrader.core.background_scheduler.config.price_rules import band, tick_size
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError
from robotrader.sandbox import facts

WAVES = ((61, 0.10), (23, 0.06), (7, 0.025), (1, 0.012))
"""Days from crest to crest, and how far from the base, as a part of it."""

BRIDGE = 0.012
BAND_PCT = Decimal(10)
SHARES_CRORE = MappingProxyType({"SBIN": Decimal(923), "RELIANCE": Decimal(1353)})
"""Shares outstanding, in crore (published share capital, 2026), for companies of which the snapshot has no price."""
CRORE = Decimal(10_000_000)
MOST_VOLUME = 4_000_000
OPENS, CLOSES = time(9, 15), time(15, 30)
LONGEST_HOLIDAY = 15
SATURDAY = 5
DAY = timedelta(days=1)
TICK_DAY = date(2026, 1, 1)


class Price(NamedTuple):
    """What a symbol stands at; ``at`` is the minute that this was traded in."""

    last: Decimal
    previous_close: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: int
    lower_circuit: Decimal
    upper_circuit: Decimal
    at: datetime
    tick: Decimal


@lru_cache(maxsize=256)
def base_price(symbol: str) -> Decimal:
    """Where the walk starts, in rupees.

    Raises:
        UnknownSymbolError: the sandbox does not know the symbol.
    """
    company = facts.company(symbol)
    named = {ratio.metric: ratio.value for ratio in company.ratios}
    if "price" in named:
        return named["price"]
    if "market_cap" in named and company.symbol in SHARES_CRORE:
        return (named["market_cap"] / (SHARES_CRORE[company.symbol] * CRORE)).quantize(Decimal("0.01"))
    return Decimal(100 + _hash(company.symbol, "base") % 2_900)  # no source: a plain number between Rs 100 and 3,000


class Walk:
    """Prices by a calendar.

    Args:
        calendar: read when it is first needed; a year that it does not cover is taken as Monday to Friday.
    """

    def __init__(self, calendar: Callable[[], MarketCalendar]) -> None:
        self._read = calendar
        self._calendar: MarketCalendar | None = None

    def price(self, symbol: str, now: datetime) -> Price:
        """What the symbol stands at: in a session by the minute, otherwise the last close."""
        day, minute, minutes, opened = self._session(now)
        before = self.previous(day)
        close_before, close = close_of(symbol, before), close_of(symbol, day)
        tick = tick_of(symbol)
        lower, upper = band(close_before, BAND_PCT, tick)
        prices, volumes = _course(symbol, day, close_before, close, minutes)
        path, traded = prices[: minute + 1], volumes[: minute + 1]
        at = opened + timedelta(minutes=minute)
        return Price(path[-1], close_before, path[0], max(path), min(path), sum(traded), lower, upper, at, tick)

    def day(self, symbol: str, day: date, until: datetime) -> tuple[list[Decimal], list[int]]:
        """The prices and the shares traded of each minute of a trading day up to an instant."""
        hours = self.hours(day)
        if hours is None or until < hours[0]:
            return [], []
        minutes = length(hours)
        minute = min(minutes - 1, int((until - hours[0]).total_seconds() // 60))
        prices, volumes = _course(symbol, day, close_of(symbol, self.previous(day)), close_of(symbol, day), minutes)
        return prices[: minute + 1], volumes[: minute + 1]

    def previous(self, day: date) -> date:
        """The trading day before a day."""
        for _ in range(LONGEST_HOLIDAY):
            day -= DAY
            if self.hours(day):
                break
        return day

    def hours(self, day: date) -> tuple[datetime, datetime] | None:
        """When a day is traded; None where it is not."""
        if self._calendar is None:
            self._calendar = self._read()
        try:
            spans = market_hours(self._calendar, day)
        except ConfigurationError:
            if day.weekday() >= SATURDAY:
                return None
            return datetime.combine(day, OPENS, IST), datetime.combine(day, CLOSES, IST)
        return (spans[0][0], spans[-1][1]) if spans else None

    def _session(self, now: datetime) -> tuple[date, int, int, datetime]:
        """The session that is on, or the last one: its day, the minute of it, how many it has, when it opened."""
        day = now.astimezone(IST).date()
        for _ in range(LONGEST_HOLIDAY):
            hours = self.hours(day)
            if hours is not None and hours[0] <= now:
                break
            day -= DAY
        opens, closes = self.hours(day) or (datetime.combine(day, OPENS, IST), datetime.combine(day, CLOSES, IST))
        minutes = length((opens, closes))
        minute = min(minutes - 1, int((now - opens).total_seconds() // 60))
        return day, minute, minutes, opens


@lru_cache(maxsize=4096)
def close_of(symbol: str, day: date) -> Decimal:
    """What a symbol closes at on a trading day."""
    height = sum(size * _wave(symbol, day.toordinal(), days) for days, size in WAVES)
    return _round(base_price(symbol) * (1 + _decimal(height)), tick_of(symbol))


@lru_cache(maxsize=256)
def tick_of(symbol: str) -> Decimal:
    """The step of prices, by the price the walk starts from."""
    return tick_size(base_price(symbol), TICK_DAY)


@lru_cache(maxsize=128)
def _course(symbol: str, day: date, start: Decimal, end: Decimal, minutes: int) -> tuple[list[Decimal], list[int]]:
    """Prices and shares traded of each minute of a day, from the close before to its own."""
    tick, name = tick_of(symbol), f"{symbol}{day}"
    prices = []
    for minute in range(minutes - 1):
        part = Decimal(minute + 1) / minutes
        swing = _decimal(BRIDGE * _wave(name, minute, 11) + BRIDGE / 4 * _wave(name, minute, 1))
        prices.append(_round(start + (end - start) * part + start * swing * 4 * part * (1 - part), tick))
    return [*prices, end], [500 + _hash(name, f"v{each}") % (MOST_VOLUME // 375) for each in range(minutes)]


def length(hours: tuple[datetime, datetime]) -> int:
    """How many minutes a session has."""
    return max(1, int((hours[1] - hours[0]).total_seconds() // 60))


def _wave(name: str, position: int, length: int) -> float:
    """A number from -1 to 1 that goes evenly from one crest to the next."""
    left, offset = divmod(position, length)
    first, second = (_hash(name, f"{length}:{step}") / 2**31 - 1.0 for step in (left, left + 1))
    part = offset / length
    smooth = part * part * (3 - 2 * part)
    return first + (second - first) * smooth


@lru_cache(maxsize=8192)
def _hash(name: str, what: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{name}|{what}".encode()).digest()[:4], "big")


def _decimal(number: float) -> Decimal:
    return Decimal(repr(round(number, 8)))


def _round(price: Decimal, tick: Decimal) -> Decimal:
    return max(tick, (price / tick).to_integral_value(ROUND_HALF_UP) * tick)
