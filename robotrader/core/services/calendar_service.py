"""What the trading calendar says about days, as it is shown. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from robotrader.core.background_scheduler.config.market_calendar import (
    WEEKDAYS,
    Doubt,
    MarketCalendar,
    covered,
    doubts,
    in_ist,
    settles,
    warning,
)
from robotrader.core.background_scheduler.config.market_rows import Part, SessionKind, TemplateRow
from robotrader.core.background_scheduler.config.market_sessions import Session
from robotrader.core.errors import ConfigurationError, ValidationError

T = TypeVar("T")

DAY = timedelta(days=1)
SOON = timedelta(days=45)
KINDS: Mapping[str, bool] = {"fno": True, "other": False}


@dataclass(frozen=True, slots=True)
class PartView:
    """What a stretch of a session is for; hours in IST."""

    hours: str
    name: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session; ``hours`` in IST, ``start`` and ``end`` in UTC."""

    session: str
    hours: str
    start: datetime
    end: datetime
    source: str
    confirmed: bool
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """One day; ``hours`` of continuous trading by kind of stock, ``settles`` None where that is not listed."""

    date: date
    weekday: str
    open: bool
    hours: Mapping[str, str | None]
    reason: str
    source: str
    confirmed: bool
    settles: bool | None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A session that has other hours from a day on; None where there is none from then on."""

    effective_from: date
    session: str
    stocks: str
    hours: str | None
    source: str
    confirmed: bool
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class ListingView:
    """Days of a month or of a year, and the changes of sessions in it."""

    first: date
    last: date
    days: tuple[DayView, ...]
    changes: tuple[ChangeView, ...]
    warning: str | None


@dataclass(frozen=True, slots=True)
class StockView:
    """One stock on one day; ``is_fno`` None where no row says so, and then ``note`` tells what was assumed."""

    symbol: str
    is_fno: bool | None
    state: str | None
    opens: datetime | None
    closes: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class CheckView:
    """Everything about one day; ``state`` by kind of stock for the present day alone."""

    day: DayView
    state: Mapping[str, str] | None
    sessions: Mapping[str, tuple[SessionView, ...]]
    stock: StockView | None
    previous_trading_day: date | None
    next_trading_day: date | None
    settlement_day: date | None
    unconfirmed: tuple[Doubt, ...]
    not_covered: tuple[str, ...]
    warning: str | None


def check(calendar: MarketCalendar, day: date, now: datetime, symbol: str | None = None) -> CheckView:
    """Everything about a day.

    Raises:
        ConfigurationError: its year is not covered.
    """
    shown, today = day_view(calendar, day), in_ist(now).date() == day
    missing: list[str] = []

    def known(ask: Callable[[date], T]) -> T | None:
        try:
            return ask(day)
        except ConfigurationError as error:
            missing.append(str(error))
            return None

    before, after = known(calendar.previous_trading_day), known(calendar.next_trading_day)
    return CheckView(
        day=shown,
        state={name: calendar.state_at(now, is_fno).value for name, is_fno in KINDS.items()} if today else None,
        sessions={name: tuple(map(_session, calendar.sessions(day, is_fno))) for name, is_fno in KINDS.items()},
        stock=None if symbol is None else _stock(calendar, symbol, day, now if today else None),
        previous_trading_day=before,
        next_trading_day=after,
        settlement_day=known(calendar.settlement_day) if shown.open else None,
        unconfirmed=doubts(calendar, day, day + SOON),
        not_covered=tuple(dict.fromkeys(missing)),
        warning=warning(calendar, now),
    )


def listing(calendar: MarketCalendar, first: date, last: date, now: datetime, *, every: bool) -> ListingView:
    """The days between two, both included: all of them, or those that have a row of their own.

    Raises:
        ConfigurationError: a year is not covered.
    """
    covered(calendar, first)
    days = (first + number * DAY for number in range((last - first).days + 1))
    rowed = {*calendar.days, *calendar.settlement_holidays}
    changes = sorted(
        (row for row in calendar.templates if first <= row.effective_from <= last), key=lambda row: row.effective_from
    )
    return ListingView(
        first,
        last,
        tuple(day_view(calendar, day) for day in days if every or day in rowed),
        tuple(map(_change, changes)),
        warning(calendar, now),
    )


def day_view(calendar: MarketCalendar, day: date) -> DayView:
    """One day as it is shown. Raises as ``check``."""
    why = calendar.why(day)
    hours = {
        name: ", ".join(str(each.window) for each in _continuous(calendar, day, is_fno=is_fno)) or None
        for name, is_fno in KINDS.items()
    }
    reason = why.text
    if (row := calendar.settlement_holidays.get(day)) is not None:
        reason += f"; no settlement ({row.reason})"
    settled = settles(calendar, day) if covered(calendar, day).settlement else None
    return DayView(day, WEEKDAYS[day.weekday()], why.is_open, hours, reason, why.source, why.confirmed, settled)


def parse_day(text: str) -> date:
    """A day as it is written on the command line.

    Raises:
        ValidationError: it is none.
    """
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else _no_day(text)
    except ValueError:
        return _no_day(text)


def _no_day(text: str) -> date:
    raise ValidationError(f"not a day: {text[:40]!r}", remedy="a day is written YYYY-MM-DD, such as 2026-11-24")


def _continuous(calendar: MarketCalendar, day: date, *, is_fno: bool) -> list[Session]:
    return [each for each in calendar.sessions(day, is_fno) if each.kind is SessionKind.CONTINUOUS]


def _session(found: Session) -> SessionView:
    words = (found.kind.value, str(found.window), found.start, found.end, found.source, found.confirmed)
    return SessionView(*words, _parts(found.parts))


def _change(row: TemplateRow) -> ChangeView:
    hours = None if row.window is None else str(row.window)
    return ChangeView(
        row.effective_from, row.kind.value, row.stocks.value, hours, row.source, row.confirmed, _parts(row.parts)
    )


def _parts(parts: Iterable[Part]) -> tuple[PartView, ...]:
    return tuple(PartView(str(part.window), part.name) for part in parts)


def _stock(calendar: MarketCalendar, symbol: str, day: date, now: datetime | None) -> StockView:
    is_fno = calendar.is_fno(symbol, day)
    notes = [each.note for each in calendar.sessions(day, is_fno) if each.note]
    return StockView(
        symbol,
        is_fno,
        None if now is None else calendar.state_at(now, is_fno).value,
        calendar.open_at(day, is_fno),
        calendar.close_at(day, is_fno),
        next(iter(notes), None),
    )
