"""Pages made of XBRL filings: cells on lines of their own, and columns whose periods stand in rows of dates."""

from __future__ import annotations

import re
from datetime import date

from robotrader.core.background_scheduler.parsers.dates import find_dates, read_date
from robotrader.core.background_scheduler.parsers.earnings_rows import Column
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, quarter_of
from robotrader.core.background_scheduler.parsers.text import Span

_BROKEN = regex(r"(?<=\|)[ \t]*\n[ \t]{0,20}[^|\s][^|\n]{0,60}\n(?=[ \t]*\|)")
_CLOSED = regex(r"(?<=\|)[ \t]*\n(?=[ \t]*[^|\s][^|\n]{0,120}\|[ \t]*$)", re.MULTILINE)
"""A cell that opens on the line above, after the last bar of that line, and is closed on its own."""
_START = regex(r"date of start of (?:the )?reporting period", re.IGNORECASE)
_END = regex(r"date of end of (?:the )?reporting period", re.IGNORECASE)
_LENGTHS = {2: "quarter", 5: "half", 8: "nine", 11: "year"}


def joined_cells(view: str) -> str:
    """``view`` with table rows that have each cell on a line of its own put on one line, in as many characters."""
    if "|\n" not in view and "| \n" not in view:
        return view
    view = _BROKEN.sub(lambda m: m[0].replace("\n", " "), view)
    return _CLOSED.sub(lambda m: m[0].replace("\n", " "), view)


def reporting_columns(view: str, rows: list[tuple[Span, ...]]) -> dict[int, Column]:
    """The columns by their cells where the rows give the first and the last day of each; nothing without such rows."""
    starts = _days(view, rows, _START)
    ends = _days(view, rows, _END)
    columns = {}
    for i, end in ends.items():
        period = spanned(starts[i], end) if i in starts else None
        if period:
            columns[i] = Column(period)
    return columns


def _days(view: str, rows: list[tuple[Span, ...]], label: re.Pattern[str]) -> dict[int, date]:
    for row in rows:
        if any(label.search(view, a, b) for a, b in row[:3]):
            found = {i: find_dates(view[a:b]) for i, (a, b) in enumerate(row)}
            return {i: days[0].day for i, days in found.items() if len(days) == 1}
    return {}


_RUN = r"[\s:|]{0,8}((?:\d\d[/-]\d\d[/-](?:19|20)\d\d\s{0,4}){1,8})"
_ONE = regex(r"\d\d[/-]\d\d[/-]\d{4}")


def filed_columns(view: str) -> list[Column]:
    """The columns of a filing's page without cells, where the days of each run together: "01/10/202501/07/2025"."""
    runs = [re.search(label.pattern + _RUN, view, re.IGNORECASE) for label in (_START, _END)]
    starts, ends = ([read_date(d) for d in _ONE.findall(r[1])] if r else [] for r in runs)
    if not starts or len(starts) != len(ends) or not all((*starts, *ends)):
        return []
    return [
        Column(spanned(a, b) or Period("other", None, None, 0, 0)) for a, b in zip(starts, ends, strict=True) if a and b
    ]


def spanned(start: date, end: date) -> Period | None:
    """The period between two days where it is a quarter, half a year, nine months or a year."""
    kind = _LENGTHS.get((end.year - start.year) * 12 + end.month - start.month)
    if kind is None:
        return None
    quarter = quarter_of(end) if kind == "quarter" else None
    if kind == "quarter":
        return Period("quarter", *quarter, 0, 0) if quarter else None
    return Period(kind, end.year if end.month <= 3 else end.year + 1, None, 0, 0)
