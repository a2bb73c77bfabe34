"""Triggers in market time: pure functions from an instant and a calendar to slots, beside those of ``triggers``.

==============================  ==================================================================================
``every 5m while open``         counted from the open, while any stock trades continuously; none at the close itself
``at 08:30 on trading days``    at that time in IST on each day with a session, special ones included
``15m after close``             also ``30m before open``, ``after open`` and ``before close``, in s, m or h
==============================  ==================================================================================

Open and close are those of continuous trading, the earliest and the latest of all stocks: 09:15 and 15:30 on a full
day since 2025. A slot that lies in a year without a calendar is refused with ``ConfigurationError``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar, in_ist, market_hours
from robotrader.core.background_scheduler.triggers import FORMS, UNITS, Parser, Trigger, parse_trigger
from robotrader.core.clock import IST
from robotrader.core.errors import ValidationError

MARKET_FORMS = (
    "write 'every 15m', 'daily 19:30', 'cron 30 8 * * 1-5', 'every 5m while open', 'at 08:30 on trading days' or "
    "'15m after close' (times in IST)"
)
LONGEST = timedelta(hours=24)
NO_TIME = timedelta(0)
WHILE_OPEN, TRADING_DAYS = "while open", "on trading days"
_INTERVAL = re.compile(r"([1-9][0-9]{0,5})([smh])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_AROUND = re.compile(r"(before|after) (open|close)")


class Slots(NamedTuple):
    """``size`` slots of one day, each ``step`` after the one before it."""

    first: datetime
    step: timedelta = LONGEST
    size: int = 1


@dataclass(frozen=True, slots=True)
class WhileOpen:
    """Due each ``interval`` from the open on, as long as the market is open."""

    interval: timedelta
    words: str
    calendar: MarketCalendar = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"every {self.words} {WHILE_OPEN}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        return _latest(self.calendar, self._slots, now)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        return _next(self.calendar, self._slots, now)

    def _slots(self, day: date) -> Sequence[Slots]:
        hours = market_hours(self.calendar, day)
        return [Slots(start, self.interval, -((start - end) // self.interval)) for start, end in hours]


@dataclass(frozen=True, slots=True)
class OnTradingDays:
    """Due on each trading day at one time of the day in IST."""

    at: time
    calendar: MarketCalendar = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"at {self.at:%H:%M} {TRADING_DAYS}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        return _latest(self.calendar, self._slots, now)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        return _next(self.calendar, self._slots, now)

    def _slots(self, day: date) -> Sequence[Slots]:
        traded = self.calendar.is_trading_day(day)
        return [Slots(datetime.combine(day, self.at, IST).astimezone(UTC))] if traded else []


@dataclass(frozen=True, slots=True)
class AroundSession:
    """Due once a trading day, ``offset`` after its open or close; a negative offset is before it."""

    offset: timedelta
    edge: str
    words: str
    calendar: MarketCalendar = field(compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.words} {'before' if self.offset < NO_TIME else 'after'} {self.edge}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        return _latest(self.calendar, self._edges, in_ist(now) - self.offset) + self.offset

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        return _next(self.calendar, self._edges, in_ist(now) - self.offset) + self.offset

    def _edges(self, day: date) -> Sequence[Slots]:
        hours = market_hours(self.calendar, day)
        return [Slots(hours[0][0] if self.edge == "open" else hours[-1][1])] if hours else []


def read_trigger(text: str, calendar: Callable[[], MarketCalendar]) -> Trigger:
    """Any trigger, those in market time included; ``calendar`` is called only where one of them needs it.

    Raises:
        ValidationError: it is none of the forms.
        ConfigurationError: the calendar cannot be read.
    """
    try:
        return parse_trigger(text, market_forms(text, calendar))
    except ValidationError as error:
        remedy = MARKET_FORMS if error.context.remedy == FORMS else error.context.remedy
        raise ValidationError(error.context.message, remedy=remedy) from None


def market_forms(text: str, calendar: Callable[[], MarketCalendar]) -> Mapping[str, Parser]:
    """What ``parse_trigger`` takes as ``more`` to read a text: the forms in market time by their first word.

    The form that begins with a length of time has no fixed first word, so the text decides under which it stands.
    """
    first = "".join(text.split(maxsplit=1)[:1]).lower()

    def every(rest: str) -> Trigger:
        words = rest.lower().removesuffix(f" {WHILE_OPEN}")
        if words == rest.lower():
            return parse_trigger(f"every {rest}")
        return WhileOpen(_length(words), words, calendar())

    def at(rest: str) -> Trigger:
        match = _TIME.fullmatch(rest.lower().removesuffix(f" {TRADING_DAYS}"))
        if match is None or not rest.lower().endswith(TRADING_DAYS):
            raise ValueError("the form is: at HH:MM on trading days")
        return OnTradingDays(time(int(match[1]), int(match[2])), calendar())

    def around(rest: str) -> Trigger:
        match = _AROUND.fullmatch(rest.lower())
        if match is None:
            raise ValueError("a length of time is followed by: before open, after open, before close or after close")
        length = _length(first)
        return AroundSession(-length if match[1] == "before" else length, match[2], first, calendar())

    forms: dict[str, Parser] = {"every": every, "at": at}
    return {**forms, first: around} if _INTERVAL.fullmatch(first) else forms


def _length(words: str) -> timedelta:
    match = _INTERVAL.fullmatch(words)
    if match is None:
        raise ValueError("a length of time is a whole number and one of s, m, h")
    length = int(match[1]) * UNITS[match[2]]
    if length > LONGEST:
        raise ValueError("the longest is 24h")
    return length


def _latest(calendar: MarketCalendar, slots_of: Callable[[date], Sequence[Slots]], now: datetime) -> datetime:
    day = in_ist(now).date()
    for slots in reversed(slots_of(day)):
        if slots.first <= now:
            return slots.first + min((now - slots.first) // slots.step, slots.size - 1) * slots.step
    last = slots_of(calendar.previous_trading_day(day))[-1]
    return last.first + (last.size - 1) * last.step


def _next(calendar: MarketCalendar, slots_of: Callable[[date], Sequence[Slots]], now: datetime) -> datetime:
    day = in_ist(now).date()
    for slots in slots_of(day):
        number = max(0, (now - slots.first) // slots.step + 1)
        if number < slots.size:
            return slots.first + number * slots.step
    return slots_of(calendar.next_trading_day(day))[0].first
