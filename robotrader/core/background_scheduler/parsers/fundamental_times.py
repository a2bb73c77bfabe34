"""When a figure is of: TTM and current before Q3 FY26 before FY25 before Mar 2024; figures of the future are none."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.dates import MONTH, find_dates, month_number
from robotrader.core.background_scheduler.parsers.fundamental_facts import NOW, Time
from robotrader.core.background_scheduler.parsers.patterns import regex

_NOW = regex(
    r"\b(?:TTM|LTM|trailing|current(?![ ](?:assets|liabilit|ratio|invest|borrow|tax|account))|latest|present|now|today"
    r"|recent|MRQ)\b",
    re.IGNORECASE,
)
_QUARTER = regex(
    r"\bQ(?P<q>[1-4])[ ]?[-']?(?:FY)?[ ]?[-']?(?P<y>(?:20)?\d\d)(?![\d.%])|\b(?P<q2>[1-4])Q[ ]?(?:FY)?"
    r"[ ]?'?(?P<y2>(?:20)?\d\d)"
    r"(?![\d.%])",
    re.IGNORECASE,
)
_YEAR = regex(
    r"\bFY[ ]?[-']?[ ]?(?:20\d\d[-/](?P<a>\d\d)|(?P<b>(?:20)?\d\d))(?![\d.%])"
    r"|(?<![\d.,\u20b9-])20\d\d[-/](?P<c>\d\d)(?![\d-])",
    re.IGNORECASE,
)
_HALF = regex(r"\b(?:(?P<n>9M)|H(?P<h>[12]))[ ]?(?:FY)?[ ]?'?(?P<y>(?:20)?\d\d)(?![\d.%])", re.IGNORECASE)
_MONTH = regex(
    rf"\b(?P<m>{MONTH}|(?:Mar|Jun|Sep|Dec)(?=\d))[ ]?[-,' ]{{0,2}}(?P<y>20\d\d|'?\d\d)(?![\d.%,])", re.IGNORECASE
)
_PLAIN = regex(r"(?<![\d.,/\u20b9-])(?P<y>(?:19|20)\d\d)(?![\d.,/%-])")

PERIODS = regex(
    r"\b(?:Q[1-4][ ]?'?FY[ ]?'?\d\d|[1-4]QFY\d\d|FY[ ]?'?(?:20)?\d\d(?:-\d\d)?(?:[ ]?E\b|\(E\))?|(?:19"
    r"|20)\d\d(?:-\d\d)?|TTM|LTM"
    rf"|{MONTH}[-' ,]{{0,2}}(?:20)?\d\d)(?![\w.%])",
    re.IGNORECASE,
)
"""One period as the head of a column names it."""


def _full(digits: str) -> int:
    year = int(digits.lstrip("'"))
    return year if year > 100 else 2000 + year


def of_month(year: int, month: int) -> Time:
    """The fiscal year and quarter a month is in."""
    return (year + 1, (month - 1) // 3) if month > 3 else (year, 4)


def times(words: str) -> list[Time]:
    """Every time ``words`` tell, in order of kind: quarters, months, then years."""
    found = [(_full(m["y"] or m["y2"]), int(m["q"] or m["q2"])) for m in _QUARTER.finditer(words)]
    words = _QUARTER.sub(" ", words)
    found += [(_full(m["y"]), 3 if m["n"] else int(m["h"]) * 2) for m in _HALF.finditer(words)]
    words = _HALF.sub(" ", words)
    found += [of_month(d.day.year, d.day.month) for d in find_dates(words)]
    if not found:
        found += [of_month(_full(m["y"]), month_number(m["m"])) for m in _MONTH.finditer(words)]
    found += [(_full(m["a"] or m["b"] or m["c"]), 4) for m in _YEAR.finditer(words)]
    return found


def time_of(words: str) -> Time | None:
    """The one time ``words`` tell, ``NOW`` for current or TTM, None where they tell none or several."""
    if _NOW.search(words):
        return NOW
    found = set(times(words))
    return found.pop() if len(found) == 1 else None


def head_time(words: str) -> Time | None:
    """As ``time_of``, for the head of a column, where a bare 2025 is a year too."""
    told = time_of(words)
    plain = _PLAIN.search(words) if told is None else None
    return (int(plain["y"]), 4) if plain else told
