"""When the NSE cash market trades and settles: pure answers from dated rows, and a refusal where there are none.

Days are Indian days, instants are UTC. A year without a list of its holidays is refused, never guessed: holidays move,
are added at three days' notice, and some sessions are held on weekends. What rests on an unconfirmed row says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_reader import read_rows
from robotrader.core.background_scheduler.config.market_rows import (
    CalendarRows,
    DayRow,
    FnoRow,
    SessionKind,
    SettlementRow,
    Stocks,
    TemplateRow,
    YearRow,
)
from robotrader.core.background_scheduler.config.market_sessions import (
    STATES,
    MarketState,
    Session,
    certain,
    full_day,
    in_force,
)
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError, ValidationError

DAY = timedelta(days=1)
WARN_BEFORE = timedelta(days=45)
SATURDAY = 5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORIGIN = "calendar.toml"


class Reason(NamedTuple):
    """Whether a day is traded and why."""

    is_open: bool
    text: str
    source: str
    confirmed: bool = True


class Doubt(NamedTuple):
    """Something that a calendar takes as so and that is not confirmed."""

    what: str
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class MarketCalendar:
    """Made by ``load_calendar``; ``holidays`` are the days of the holiday lists, those with a special session included.

    Methods that are asked about a day raise ``ConfigurationError`` where its year is not covered. ``is_fno`` is None
    where that is not known of a stock: its continuous trading then ends at the earlier of the two closes.
    """

    days: Mapping[date, DayRow]
    holidays: frozenset[date]
    settlement_holidays: Mapping[date, SettlementRow]
    templates: tuple[TemplateRow, ...]
    years: Mapping[int, YearRow]
    fno: tuple[FnoRow, ...]
    origin: str = ORIGIN

    def sessions(self, day: date, is_fno: bool | None) -> tuple[Session, ...]:
        """The sessions of a day in the order in which they begin; none where it is not traded."""
        if not self.is_trading_day(day):
            return ()
        row = self.days.get(day)
        if row is not None and row.windows:
            return tuple(Session(day, SessionKind.CONTINUOUS, each, row.source, row.confirmed) for each in row.windows)
        if is_fno is None:
            return certain(self.sessions(day, is_fno=True), self.sessions(day, is_fno=False))
        return full_day(self.templates, Stocks.FNO if is_fno else Stocks.OTHER, day)

    def is_trading_day(self, day: date) -> bool:
        """Whether there is any session, a special one such as Muhurat included."""
        covered(self, day)
        row = self.days.get(day)
        return day.weekday() < SATURDAY if row is None else not row.closed

    def next_trading_day(self, day: date) -> date:
        """The first trading day after a day."""
        day += DAY
        while not self.is_trading_day(day):
            day += DAY
        return day

    def previous_trading_day(self, day: date) -> date:
        """The last trading day before a day."""
        day -= DAY
        while not self.is_trading_day(day):
            day -= DAY
        return day

    def settlement_day(self, trade_day: date) -> date:
        """When trades of a day settle: the next day (T+1) on which there is trading and settlement.

        Nothing settles on weekends and on days of the holiday list, special sessions or not.

        Raises:
            ValidationError: the day is not traded.
            ConfigurationError: the settlement holidays of the year it would fall in are not listed.
        """
        if not self.is_trading_day(trade_day):
            raise ValidationError(f"there is no trading on {trade_day}: {self.why(trade_day).text}")
        day = trade_day + DAY
        while not settles(self, day):
            day += DAY
        return day

    def state_at(self, instant: datetime, is_fno: bool | None) -> MarketState:
        """What the market does at an instant for a stock; block deal windows alone do not open it."""
        local = in_ist(instant)
        today = [each for each in self.sessions(local.date(), is_fno) if each.kind in STATES]
        for session in today:
            if session.window.opens <= local.time() < session.window.closes:
                return STATES[session.kind]
        between = bool(today) and today[0].window.opens <= local.time() < today[-1].window.closes
        return MarketState.BREAK if between else MarketState.CLOSED

    def open_at(self, day: date, is_fno: bool | None) -> datetime | None:
        """When continuous trading begins, in UTC; None where the day is not traded."""
        return next((each.start for each in _continuous(self, day, is_fno)), None)

    def close_at(self, day: date, is_fno: bool | None) -> datetime | None:
        """When continuous trading ends, in UTC, before any closing auction; None where the day is not traded."""
        return max((each.end for each in _continuous(self, day, is_fno)), default=None)

    def why(self, day: date) -> Reason:
        """Whether a day is traded, for which reason, and who says so."""
        year = covered(self, day)
        row = self.days.get(day)
        if row is not None:
            return Reason(not row.closed, row.reason, row.source, row.confirmed)
        if day.weekday() >= SATURDAY:
            return Reason(is_open=False, text=WEEKDAYS[day.weekday()], source="NSE trades from Monday to Friday")
        return Reason(True, "a regular trading day", year.source, year.confirmed)

    def is_fno(self, symbol: str, day: date) -> bool | None:
        """Whether a symbol was an F&O stock on a day; None where no row says so."""
        said = [
            row.is_fno
            for row in self.fno
            if row.symbol == symbol and row.first <= day and (row.last is None or day <= row.last)
        ]
        return said[-1] if said else None


def load_calendar(packaged: str, override: str | None = None, origin: str = ORIGIN) -> MarketCalendar:
    """The calendar of the packaged text with the owner's on top; ``origin`` is what the latter is called in messages.

    Raises:
        ConfigurationError: something in them is wrong.
    """
    rows = read_rows(packaged, "the packaged calendar")
    if override is not None:
        rows += read_rows(override, origin)
    return from_rows(rows, origin)


def from_rows(rows: CalendarRows, origin: str = ORIGIN) -> MarketCalendar:
    """The calendar of rows, of which the later one about the same thing holds."""
    holidays: set[date] = set()
    for row in rows.days:
        if row.closed:
            holidays.add(row.day)
        elif not row.windows:  # a full day takes a holiday back; a special session is held on one
            holidays.discard(row.day)
    years: dict[int, YearRow] = {}
    for year in rows.years:
        said = year.settlement if year.settlement is not None or year.year not in years else years[year.year].settlement
        years[year.year] = year._replace(settlement=said)
    return MarketCalendar(
        days={row.day: row for row in rows.days},
        holidays=frozenset(holidays),
        settlement_holidays={row.day: row for row in rows.settlement_holidays},
        templates=rows.templates,
        years=years,
        fno=rows.fno,
        origin=origin,
    )


def covered(calendar: MarketCalendar, day: date) -> YearRow:
    """The row that says that a day's year is listed.

    Raises:
        ConfigurationError: it is not.
    """
    if (row := calendar.years.get(day.year)) is not None:
        return row
    have = ", ".join(map(str, sorted(calendar.years)))
    add = "robotrader calendar add"
    raise ConfigurationError(
        f"the trading calendar does not cover {day.year} (it has {have or 'no year'})",
        remedy=f"list its holidays with '{add} DAY --closed --reason TEXT --source TEXT', then '{add} {day.year} "
        f"--complete --source TEXT'; they are kept in {calendar.origin}",
        year=day.year,
    )


def settles(calendar: MarketCalendar, day: date) -> bool:
    """Whether trades of an earlier day can settle on a day.

    Raises:
        ConfigurationError: the settlement holidays of its year are not listed.
    """
    if not covered(calendar, day).settlement:
        raise ConfigurationError(
            f"the settlement holidays of {day.year} are not listed",
            remedy=f"add them to {calendar.origin} under [[settlement_holidays]], and the year under [[years]] with "
            "settlement = true",
            year=day.year,
        )
    weekend = day.weekday() >= SATURDAY
    return not (weekend or day in calendar.holidays or day in calendar.settlement_holidays)


def market_hours(calendar: MarketCalendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """When any stock trades continuously on a day: (first instant, first instant after it) in UTC, none overlapping.

    On a full trading day this is one stretch, from the earliest open to the latest close of F&O and other stocks.
    """
    fno, other = (_continuous(calendar, day, is_fno) for is_fno in (True, False))
    spans = [tuple((each.start, each.end) for each in found) for found in (fno, other) if found]
    if len(set(spans)) <= 1:
        return spans[0] if spans else ()
    return ((min(span[0][0] for span in spans), max(span[-1][1] for span in spans)),)


def doubts(calendar: MarketCalendar, first: date, last: date) -> tuple[Doubt, ...]:
    """The unconfirmed rows that answers about these days rest on."""
    found = [
        Doubt(f"{row.day}: {'closed' if row.closed else ', '.join(map(str, row.windows)) or 'open'}, {row.reason}",
              row.source)
        for row in calendar.days.values()
        if not row.confirmed and first <= row.day <= last
    ]  # fmt: skip
    found += [
        Doubt(f"from {row.effective_from}: {row.kind} {row.window or 'none'} for {_WHOSE[row.stocks]}", row.source)
        for row in calendar.templates
        if not row.confirmed and _holds(calendar, row, first, last)
    ]
    found += [
        Doubt(f"{row.day}: no settlement, {row.reason}", row.source)
        for row in calendar.settlement_holidays.values()
        if not row.confirmed and first <= row.day <= last
    ]
    years = [row for row in calendar.years.values() if first.year <= row.year <= last.year]
    return (*found, *(Doubt(f"the holidays of {row.year}", row.source) for row in years if not row.confirmed))


def warning(calendar: MarketCalendar, now: datetime) -> str | None:
    """Words, from some weeks before the last day that is covered; None before that."""
    today = in_ist(now).date()
    if today.year not in calendar.years:
        return f"the trading calendar does not cover {today.year}"
    year = today.year
    while year + 1 in calendar.years:
        year += 1
    left = date(year, 12, 31) - today
    if left > WARN_BEFORE:
        return None
    days = f"in {left.days} day{'' if left.days == 1 else 's'}" if left else "today"
    return f"the trading calendar ends on {year}-12-31 ({days}); NSE lists the next year about 12 December"


def in_ist(instant: datetime) -> datetime:
    """An instant as an Indian wall clock shows it.

    Raises:
        ValidationError: it has no timezone.
    """
    if instant.tzinfo is None:
        raise ValidationError("an instant needs a timezone")
    return instant.astimezone(IST)


_WHOSE: Mapping[Stocks, str] = {
    Stocks.ALL: "all stocks",
    Stocks.FNO: "F&O stocks",
    Stocks.OTHER: "other stocks",
}


def _continuous(calendar: MarketCalendar, day: date, is_fno: bool | None) -> list[Session]:
    return [each for each in calendar.sessions(day, is_fno) if each.kind is SessionKind.CONTINUOUS]


def _holds(calendar: MarketCalendar, row: TemplateRow, first: date, last: date) -> bool:
    days = (first, row.effective_from) if first < row.effective_from <= last else (first,)
    stocks = (Stocks.FNO, Stocks.OTHER) if row.stocks is Stocks.ALL else (row.stocks,)
    return any(in_force(calendar.templates, row.kind, each, day) is row for day in days for each in stocks)
