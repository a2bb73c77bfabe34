"""Reading the text of a calendar, the packaged one or the owner's: every key checked, every row with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeVar

from robotrader.core.background_scheduler.config.market_rows import (
    CalendarRows,
    DayRow,
    FnoRow,
    Part,
    SessionKind,
    SettlementRow,
    Stocks,
    TemplateRow,
    Window,
    YearRow,
    parse_hours,
    parse_window,
)
from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.errors import ConfigurationError, SymbolError

T = TypeVar("T")
U = TypeVar("U")

LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = 2000, 2100
_ALWAYS = ("source", "confirmed")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "days": ("date", "closed", "open", "reason", *_ALWAYS),
    "templates": ("session", "stocks", "effective_from", "hours", "parts", *_ALWAYS),
    "settlement_holidays": ("date", "reason", *_ALWAYS),
    "years": ("year", "settlement", *_ALWAYS),
    "fno": ("symbol", "symbols", "fno", "from", "until", *_ALWAYS),
}


def read_rows(text: str, origin: str) -> CalendarRows:
    """The rows of a TOML text. ``origin`` names it in messages.

    Raises:
        ConfigurationError: it is not TOML, or a key or a value in it is unknown or wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(origin, f"is not TOML: {str(error).lower()}") from None
    for name in table:
        if name not in _KEYS:
            raise ConfigurationError(f"{origin}: {name!r} is not a part of a calendar", remedy=_nearest(name, _KEYS))
    return CalendarRows(
        _rows(table, "days", origin, _day),
        _rows(table, "templates", origin, _template),
        _rows(table, "settlement_holidays", origin, _settlement),
        _rows(table, "years", origin, _year),
        tuple(chain.from_iterable(_rows(table, "fno", origin, _fno))),
    )


def checked_text(text: object) -> str:
    """A reason or a source: one line of words.

    Raises:
        ValueError: it is no text, empty, too long, or holds what is not printed.
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError("words are needed")
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"at most {LONGEST_TEXT} characters")
    if not text.isprintable():
        raise ValueError("one line of printable text is needed")
    return text.strip()


class _Row:
    """One table of the text; ``ValueError`` from it is told with the row and the key."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.key = ""

    def take(self, key: str, read: Callable[[Any], T]) -> T:
        """A value that must be there."""
        self.key = key
        if key not in self.values:
            raise ValueError("is missing")
        return read(self.values[key])

    def maybe(self, key: str, read: Callable[[Any], T], default: U) -> T | U:
        """A value that may be left out."""
        return self.take(key, read) if key in self.values else default

    def origin(self) -> tuple[str, bool]:
        """Where the row is from, and whether that is certain."""
        return self.take("source", checked_text), self.maybe("confirmed", _flag, default=True)


def _rows(table: Mapping[str, Any], name: str, origin: str, make: Callable[[_Row], T]) -> tuple[T, ...]:
    found = table.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _wrong(origin, f"{name}: rows are needed, each under [[{name}]]")
    made = []
    for number, values in enumerate(found, 1):
        where = f"[[{name}]] row {number}"
        row = _Row(values)
        for key in values:
            if key not in _KEYS[name]:
                raise ConfigurationError(
                    f"{origin}, {where}: {key!r} is not a key of it", remedy=_nearest(key, _KEYS[name])
                )
        try:
            made.append(make(row))
        except (ValueError, SymbolError) as error:
            raise _wrong(f"{origin}, {where}", f"{row.key}: {error}") from None
    return tuple(made)


def _day(row: _Row) -> DayRow:
    day = row.take("date", _date)
    closed = row.maybe("closed", _flag, default=False)
    row.key = "open"
    if closed is ("open" in row.values):
        raise ValueError('either closed = true or open = "HH:MM-HH:MM" is needed')
    windows = () if closed else row.take("open", _hours)
    return DayRow(day, closed, windows, row.take("reason", checked_text), *row.origin())


def _template(row: _Row) -> TemplateRow:
    kind = row.take("session", lambda value: _one_of(SessionKind, value))
    stocks = row.maybe("stocks", lambda value: _one_of(Stocks, value), Stocks.ALL)
    first = row.take("effective_from", _date)
    window = row.take("hours", _window)
    parts: tuple[Part, ...] = row.maybe("parts", lambda value: _parts(value, window), ())
    return TemplateRow(kind, stocks, first, window, parts, *row.origin())


def _settlement(row: _Row) -> SettlementRow:
    return SettlementRow(row.take("date", _date), row.take("reason", checked_text), *row.origin())


def _year(row: _Row) -> YearRow:
    return YearRow(row.take("year", _number), row.maybe("settlement", _flag, default=None), *row.origin())


def _fno(row: _Row) -> tuple[FnoRow, ...]:
    """One row a symbol; what is said of many at once is written once, under ``symbols``."""
    row.key = "symbols"
    if ("symbol" in row.values) is ("symbols" in row.values):
        raise ValueError("either symbol or symbols is needed")
    many = "symbols" in row.values
    names = row.take("symbols", _names) if many else (row.take("symbol", lambda value: parse_symbol(_text(value))),)
    is_fno, first, last = row.take("fno", _flag), row.take("from", _date), row.maybe("until", _date, None)
    if last is not None and last < first:
        raise ValueError("is before the day it holds from")
    origin = row.origin()
    return tuple(FnoRow(name, is_fno, first, last, *origin) for name in names)


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("a list of symbols is needed")
    return tuple(parse_symbol(_text(each)) for each in value)


def _date(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("a date is needed, such as 2026-11-24 without quotes")  # noqa: TRY004 - one kind for all
    _number(value.year)
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not FIRST_YEAR <= value <= LAST_YEAR:
        raise ValueError(f"a year between {FIRST_YEAR} and {LAST_YEAR} is needed")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed")  # noqa: TRY004 - as above
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("text in quotes is needed")  # noqa: TRY004 - as above
    return value


def _hours(value: Any) -> tuple[Window, ...]:
    return parse_hours(_text(value))


def _window(value: Any) -> Window | None:
    return None if value == "none" else parse_window(_text(value))


def _parts(value: Any, whole: Window | None) -> tuple[Part, ...]:
    rows: list[Any] = value if isinstance(value, list) else [None]
    if not all(isinstance(each, dict) and set(each) == {"hours", "name"} for each in rows):
        raise ValueError('a list of { hours = "HH:MM-HH:MM", name = "..." } is needed')
    parts = tuple(Part(parse_window(_text(each["hours"])), checked_text(each["name"])) for each in rows)
    edge = None if whole is None else whole.opens
    for part in parts:
        if whole is None or edge is None or part.window.opens < edge or part.window.closes > whole.closes:
            raise ValueError(f"{part.window} does not follow the part before it within the hours of the session")
        edge = part.window.closes
    return parts


def _one_of(kind: type[T], value: Any) -> T:
    names = [str(each) for each in kind]  # type: ignore[attr-defined]
    if value not in names:
        raise ValueError(f"one of {', '.join(names)} is needed")
    return kind(value)  # type: ignore[call-arg]


def _nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    import difflib  # only mistakes pay for it

    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"one of: {', '.join(known)}"


def _wrong(where: str, what: str) -> ConfigurationError:
    return ConfigurationError(f"{where}: {what}", remedy="correct that place, or take the row out")
