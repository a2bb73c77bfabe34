"""Adding to the owner's calendar: what cannot be meant or changes nothing is refused before anything is written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from robotrader.core.background_scheduler.config.market_calendar import SATURDAY, WEEKDAYS, MarketCalendar, in_ist
from robotrader.core.background_scheduler.config.market_reader import checked_text
from robotrader.core.background_scheduler.config.market_rows import Window, hours_text, parse_hours
from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.stores import calendar_file
from robotrader.core.errors import ValidationError
from robotrader.core.services.calendar_service import parse_day

YEARS_AHEAD = 2


@dataclass(frozen=True, slots=True)
class NewRow:
    """What the owner wants to add: ``what`` is a day, or a year that is now complete."""

    what: date | int
    windows: tuple[Window, ...] | None
    reason: str | None
    source: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class AddedView:
    """What was added and where; whether its year is covered now, and how many weekdays of it are holidays."""

    path: Path
    what: str
    open: str | None
    reason: str | None
    source: str
    confirmed: bool
    covered: bool
    holidays: int


@dataclass(frozen=True, slots=True)
class StockRow:
    """Whether a symbol is an F&O stock, from a day on, until and including another where one is named."""

    symbol: str
    is_fno: bool
    first: date
    last: date | None
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class StockAddedView:
    """What was added about a stock, and where."""

    path: Path
    symbol: str
    is_fno: bool
    first: date
    last: date | None
    source: str
    confirmed: bool


def new_row(
    what: str, *, closed: bool, hours: str | None, complete: bool, reason: str | None, source: str, confirmed: bool
) -> NewRow:
    """What a command line asks to add, as far as it can be judged without a calendar.

    Raises:
        ValidationError: it cannot be meant.
    """
    if [closed, hours is not None, complete].count(True) != 1:
        raise ValidationError(
            "one of --closed, --open and --complete is needed",
            remedy="such as: robotrader calendar add 2027-01-26 --closed --reason 'Republic Day' --source 'NSE/CMTR/1'",
        )
    said = _words(source, "--source")
    if complete:
        if re.fullmatch(r"[0-9]{4}", what) is None:
            raise ValidationError(f"not a year: {what[:40]!r}", remedy="--complete is about a year, such as 2027")
        return NewRow(int(what), None, None, said, confirmed)
    because = _words(reason or "", "--reason")
    try:
        windows = None if hours is None else parse_hours(hours)
    except ValueError as error:
        raise ValidationError(f"--open: {error}", remedy="such as 18:00-19:00, or full for an ordinary day") from None
    return NewRow(parse_day(what), windows, because, said, confirmed)


def new_stock(
    symbol: str, *, is_fno: bool, first: str | None, last: str | None, source: str, confirmed: bool
) -> StockRow:
    """What a command line asks to add about a stock.

    Raises:
        SymbolError: it is no symbol.
        ValidationError: it cannot be meant.
    """
    if first is None:
        raise ValidationError("from which day on is missing", remedy="add --from, such as --from 2026-12-30")
    begin, end = parse_day(first), None if last is None else parse_day(last)
    if end is not None and end < begin:
        raise ValidationError(f"{end} is before {begin}", remedy="--until is a day after that of --from")
    return StockRow(parse_symbol(symbol), is_fno, begin, end, _words(source, "--source"), confirmed)


async def add_stock(home: Path, wanted: StockRow) -> StockAddedView:
    """Write a row about a stock to the owner's file. Raises as ``add``."""
    await calendar_file.append(home, lambda found: _stock_text(found, wanted))
    words = (wanted.symbol, wanted.is_fno, wanted.first, wanted.last, wanted.source, wanted.confirmed)
    return StockAddedView(calendar_file.path_of(home), *words)


async def add(home: Path, wanted: NewRow, now: datetime) -> AddedView:
    """Write a row to the owner's file, or refuse what changes nothing or cannot be meant.

    Raises:
        ValidationError: so it is.
        ConfigurationError: the owner's file is wrong.
        ResourceError: it cannot be written.
    """
    calendar = await calendar_file.append(home, lambda found: row_text(found, wanted, now))
    year = wanted.what if isinstance(wanted.what, int) else wanted.what.year
    opened = None if wanted.windows is None else hours_text(wanted.windows)
    words = (opened, wanted.reason, wanted.source, wanted.confirmed)
    return AddedView(
        calendar_file.path_of(home), str(wanted.what), *words, year in calendar.years, len(_holidays(calendar, year))
    )


def row_text(calendar: MarketCalendar, wanted: NewRow, now: datetime) -> str:
    """The TOML of a row.

    Raises:
        ValidationError: the calendar says so already, or it cannot be meant.
    """
    year = wanted.what if isinstance(wanted.what, int) else wanted.what.year
    first, last = min(calendar.years, default=year), in_ist(now).year + YEARS_AHEAD
    if not first <= year <= last:
        raise ValidationError(f"{year} is out of reach", remedy=f"the calendar takes rows from {first} to {last}")
    if isinstance(wanted.what, int):
        lines = _year_lines(calendar, wanted.what)
    else:
        _refuse_no_change(calendar, wanted.what, wanted.windows)
        lines = ["[[days]]", f"date = {wanted.what}"]
        lines += ["closed = true" if wanted.windows is None else f"open = {_quoted(hours_text(wanted.windows))}"]
        lines += [f"reason = {_quoted(wanted.reason or '')}"]
    lines += [f"source = {_quoted(wanted.source)}"]
    lines += [] if wanted.confirmed else ["confirmed = false"]
    return "\n".join(lines) + "\n"


def _stock_text(calendar: MarketCalendar, wanted: StockRow) -> str:
    if wanted.last is None and calendar.is_fno(wanted.symbol, wanted.first) is wanted.is_fno:
        state = f"{'an' if wanted.is_fno else 'not an'} F&O stock"
        remedy = f"see: robotrader calendar check {wanted.first} --symbol {wanted.symbol}"
        raise ValidationError(f"{wanted.symbol} is {state} on {wanted.first} already", remedy=remedy)
    lines = ["[[fno]]", f"symbol = {_quoted(wanted.symbol)}", f"fno = {str(wanted.is_fno).lower()}"]
    lines += [f"from = {wanted.first}"] + ([] if wanted.last is None else [f"until = {wanted.last}"])
    lines += [f"source = {_quoted(wanted.source)}"] + ([] if wanted.confirmed else ["confirmed = false"])
    return "\n".join(lines) + "\n"


def _year_lines(calendar: MarketCalendar, year: int) -> list[str]:
    if year in calendar.years:
        raise ValidationError(f"{year} is covered already", remedy="a single day is changed with --closed or --open")
    if not _holidays(calendar, year):
        raise ValidationError(
            f"no holiday of {year} is listed, so it is not complete",
            remedy=f"first add each: robotrader calendar add {year}-01-26 --closed --reason TEXT --source TEXT",
        )
    return ["[[years]]", f"year = {year}"]


def _refuse_no_change(calendar: MarketCalendar, day: date, windows: tuple[Window, ...] | None) -> None:
    row = calendar.days.get(day)
    if row is not None:
        closed, open_as, reason = row.closed, row.windows, row.reason
    else:
        closed, open_as = day.weekday() >= SATURDAY, ()
        reason = WEEKDAYS[day.weekday()] if closed else "a regular trading day"
    if windows is None if closed else windows == open_as:
        state = "closed" if closed else "open" if not open_as else f"open {hours_text(open_as)}"
        remedy = f"see: robotrader calendar check {day}"
        raise ValidationError(f"{day} is {state} already: {reason}", remedy=remedy)


def _holidays(calendar: MarketCalendar, year: int) -> list[date]:
    return [day for day in calendar.holidays if day.year == year and day.weekday() < SATURDAY]


def _words(text: str, option: str) -> str:
    try:
        return checked_text(text)
    except ValueError as error:
        remedy = "say it in a few words, such as --reason 'Republic Day' --source 'NSE/CMTR/71775'"
        raise ValidationError(f"{option}: {error}", remedy=remedy) from None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # printable text reads the same in TOML
