"""The rows a trading calendar is made of: plain dated facts, each with its source.

Times are wall-clock times in IST (UTC+05:30 all year), windows include their start and not their end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

FULL = "full"
_WINDOW = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


class SessionKind(StrEnum):
    """The sessions of a full trading day, in the order in which they begin."""

    BLOCK_DEAL_MORNING = "block-deal-morning"
    PRE_OPEN = "pre-open"
    CONTINUOUS = "continuous"
    BLOCK_DEAL_AFTERNOON = "block-deal-afternoon"
    CLOSING_AUCTION = "closing-auction"
    POST_CLOSE = "post-close"


class Stocks(StrEnum):
    """Which stocks a session is for; F&O stocks are those with futures and options on them."""

    ALL = "all"
    FNO = "fno"
    OTHER = "other"


class Window(NamedTuple):
    """A stretch of one day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


class Part(NamedTuple):
    """What a stretch of a session is for, such as order entry or matching."""

    window: Window
    name: str


class DayRow(NamedTuple):
    """A day that differs from its weekday: closed, or open. Open without windows is a full trading day."""

    day: date
    closed: bool
    windows: tuple[Window, ...]
    reason: str
    source: str
    confirmed: bool = True


class TemplateRow(NamedTuple):
    """One session of full trading days from a day on; without a window there is none from then on."""

    kind: SessionKind
    stocks: Stocks
    effective_from: date
    window: Window | None
    parts: tuple[Part, ...]
    source: str
    confirmed: bool = True


class SettlementRow(NamedTuple):
    """A day on which nothing is settled, though it may be traded."""

    day: date
    reason: str
    source: str
    confirmed: bool = True


class YearRow(NamedTuple):
    """A year of which every holiday is listed; ``settlement``: those too, None leaves what was said of them before."""

    year: int
    settlement: bool | None
    source: str
    confirmed: bool = True


class FnoRow(NamedTuple):
    """Whether a symbol is an F&O stock, from a day on, until and including another where one is named."""

    symbol: str
    is_fno: bool
    first: date
    last: date | None
    source: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class CalendarRows:
    """All rows of one text in the order in which they stand there; of two about the same thing the later one holds."""

    days: tuple[DayRow, ...] = ()
    templates: tuple[TemplateRow, ...] = ()
    settlement_holidays: tuple[SettlementRow, ...] = ()
    years: tuple[YearRow, ...] = ()
    fno: tuple[FnoRow, ...] = ()

    def __add__(self, later: CalendarRows) -> CalendarRows:
        return CalendarRows(
            self.days + later.days,
            self.templates + later.templates,
            self.settlement_holidays + later.settlement_holidays,
            self.years + later.years,
            self.fno + later.fno,
        )


def parse_window(text: str) -> Window:
    """``09:15-15:30``.

    Raises:
        ValueError: it is not of that form, or does not end after it begins.
    """
    match = _WINDOW.fullmatch(text.strip())
    if match is None:
        raise ValueError("hours are written HH:MM-HH:MM, such as 09:15-15:30")
    window = Window(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4])))
    if window.closes <= window.opens:
        raise ValueError(f"hours end after they begin, which {window} does not")
    return window


def parse_hours(text: str) -> tuple[Window, ...]:
    """When a day is open: ``full`` (nothing, as all follows from the templates), or windows with commas between them.

    Raises:
        ValueError: a window is wrong, or begins before the one before it has ended.
    """
    if text.strip() == FULL:
        return ()
    windows = tuple(parse_window(part) for part in text.split(","))
    for earlier, later in pairwise(windows):
        if later.opens <= earlier.closes:
            raise ValueError(f"{later} begins before {earlier} has ended")
    return windows


def hours_text(windows: tuple[Window, ...]) -> str:
    """The text that ``parse_hours`` reads."""
    return ", ".join(map(str, windows)) or FULL
