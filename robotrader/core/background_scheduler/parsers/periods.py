"""Fiscal periods as Indian companies name them: Q2 FY26, 2QFY26, quarter ended 30.09.2025, Apr-Jun, 9M FY26, H1.

A fiscal year runs from April to March and is named by the calendar year it ends in. A year that is not written stays
None.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from robotrader.core.background_scheduler.parsers.dates import (
    DATE,
    MONTH,
    MONTH_YEAR,
    month_end,
    month_number,
    read_date,
)
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.period_years import FISCAL as _FY
from robotrader.core.background_scheduler.parsers.period_years import fiscal_year, impossible_periods


@dataclass(frozen=True, slots=True)
class Period:
    """One period in a text.

    Attributes:
        kind: ``quarter``, ``half``, ``nine``, ``year`` or ``other``.
        year: the fiscal year, None where it is not written.
        quarter: 1 to 4 of a quarter, None where the words do not say which.
        part: 1 or 2 of a half, None where the words do not say which.
    """

    kind: str
    year: int | None
    quarter: int | None
    start: int
    end: int
    part: int | None = None

    @property
    def last_day(self) -> date | None:
        """The last day of a quarter or a half whose year is known."""
        if self.kind == "half" and self.part and self.year and 1950 <= self.year <= 2100:
            return date(self.year, 3, 31) if self.part == 2 else date(self.year - 1, 9, 30)
        if self.kind != "quarter" or not self.year or not self.quarter or not 1950 <= self.year <= 2100:
            return None
        month = (6, 9, 12, 3)[self.quarter - 1]
        year = self.year if self.quarter == 4 else self.year - 1
        return date(year, month, monthrange(year, month)[1])


_YEARS = r"(?:(?:19|20)\d\d[ ]?[-/][ ]?(?:20\d\d|\d\d)|\d\d[ ]?[-/][ ]?\d\d|\d{4}|\d\d)(?!\d|[.,]\d|[ ]?%)"
_FYEAR = rf"{_FY}[ ]{{0,2}}(?:of[ ])?[-'(]?[ ]?{_YEARS}"
_GAP = r"[ \t]{0,3}"
_KIND = (
    r"(?:quarters?|qtr|three[ -]months?|3[ -]months?|half[ -]?years?|six[ -]months?|nine[ -]months?"
    r"|9[ -]months?|9M|twelve[ -]months?|"
    r"(?:full |financial |fiscal )?year(?:[ -]to[ -]date)?|F\.Y\.|period)"
)
_SHORT_KINDS = {
    "QE": "quarter",
    "HYE": "half",
    "H/YE": "half",
    "9ME": "nine",
    "NME": "nine",
    "YE": "year",
    "FYE": "year",
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


def quarter_of(day: date) -> tuple[int, int] | None:
    """Fiscal year and quarter that end in the month of ``day``, or None where no quarter does."""
    if day.month % 3:
        return None
    return (day.year, 4) if day.month == 3 else (day.year + 1, day.month // 3 - 1)


def _ending(kind: str, day: date, start: int, end: int) -> Period | None:
    found = quarter_of(day)
    if kind == "quarter" and found:
        return Period("quarter", found[0], found[1], start, end)
    year = day.year if day.month <= 3 else day.year + 1
    return Period(kind if kind != "quarter" else "other", year, None, start, end, half_of(kind, day))


def half_of(kind: str, day: date) -> int | None:
    """Which half of a fiscal year ends in the month of ``day``."""
    return {9: 1, 3: 2}.get(day.month) if kind == "half" else None


def _kind(words: str) -> str:
    words = _SHORT_KINDS.get(words.upper().replace(".", ""), words).lower()
    if re.search(r"quarter|qtr|three|3[ -]m", words):
        return "quarter"
    if re.search(r"half|six", words):
        return "half"
    if re.search(r"nine|9", words):
        return "nine"
    return "year" if re.search(r"year|twelve|f\.y", words) and "to" not in words else "other"


def _q_year(m: re.Match[str]) -> Period | None:
    year = fiscal_year(m["y"])
    quarter = int(m["q"])
    if m["cy"] and year:
        month = quarter * 3
        found = quarter_of(date(year, month, 28))
        return Period("quarter", *found, m.start(), m.end()) if found else None
    return Period("quarter", year, quarter, m.start(), m.end()) if year else None


def _q_beside(m: re.Match[str]) -> Period | None:
    """The quarter of "Q4 and FY26", "Q2 & H1 FY26": the year stands behind the longer period."""
    year = fiscal_year(m["y"])
    return Period("quarter", year, int(m["q"] or m["r"]), m.start(), m.end()) if year else None


def _word_quarter(m: re.Match[str]) -> Period | None:
    quarter = _ORDINALS[m["ord"].lower()]
    words = m["y"] or m["z"]
    return Period("quarter", fiscal_year(words) if words else None, quarter, m.start(), m.end())


def _ended(m: re.Match[str]) -> Period | None:
    kind = _kind(m["kinds"])
    if m["date"]:
        day = read_date(m["date"])
        return _ending(kind, day, m.start(), m.end()) if day else None
    if m["my"]:
        day = month_end(m["my"])
        return _ending(kind, day, m.start(), m.end()) if day else None
    month = month_number(m["m"])
    if kind != "quarter":
        return Period(kind, None, None, m.start(), m.end())
    return Period("quarter", None, _month_quarter(month), m.start(), m.end()) if month % 3 == 0 else None


def _month_quarter(month: int) -> int:
    return 4 if month == 3 else month // 3 - 1


def _month_named(m: re.Match[str]) -> Period | None:
    month = month_number(m["m"])
    if month % 3:
        return None
    quarter, calendar = _month_quarter(month), m["y1"] or m["y2"]
    year = fiscal_year(m["fy"]) if m["fy"] else None
    if calendar and not year:
        year = int(calendar) if quarter == 4 else int(calendar) + 1
    return Period("quarter", year, quarter, m.start(), m.end())


_RANGES = {
    (4, 6): ("quarter", 1),
    (7, 9): ("quarter", 2),
    (10, 12): ("quarter", 3),
    (1, 3): ("quarter", 4),
    (4, 9): ("half", None),
    (4, 12): ("nine", None),
    (4, 3): ("year", None),
    (10, 3): ("half", None),
}


def _range(m: re.Match[str]) -> Period | None:
    found = _RANGES.get((month_number(m["a"]), month_number(m["b"])))
    if not found:
        return None
    kind, quarter = found
    words = m["fy"] or m["y"]
    year = None
    if words and (m["fy"] or re.search(r"[-/]", words)):
        year = fiscal_year(words)
    elif words:
        year = int(words) + (1 if month_number(m["b"]) > 3 else 0)
    half = {4: 1, 10: 2}.get(month_number(m["a"])) if kind == "half" else None
    return Period(kind, year, quarter, m.start(), m.end(), half)


_HALF = regex(r"H[12]|[12]H|(?:first|second)[ -]half", re.IGNORECASE)


def _long(kind: str) -> Callable[[re.Match[str]], Period | None]:
    def made(m: re.Match[str]) -> Period | None:
        words = m.groupdict().get("y")
        year = fiscal_year(words) if words else None
        part = _HALF.match(m[0]) if kind == "half" else None
        half = (1 if part[0][:1].lower() == "f" or "1" in part[0] else 2) if part else None
        return None if words and year is None else Period(kind, year, None, m.start(), m.end(), half)

    return made


_Q_LAST = rf"\b{_FY}[ ]{{0,2}}[-']?[ ]?(?P<y>{_YEARS})[ ,:/-]{{0,3}}Q[ -]?(?P<q>[1-4])\b(?P<cy>(?!))?"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = tuple(
    (regex(pattern, re.IGNORECASE), made)
    for pattern, made in (
        (
            (
                rf"\bQ[ -]?(?P<q>[1-4])(?:\)(?=[ ]of))?[ ]?(?:of[ ]|results[ ]|,|-|\(|/|_|:|')?[ ]?"
                rf"(?:\(?(?:{_FY}|(?P<cy>CY"
                rf"|calendar(?: year)?))[ ]{{0,2}}[-'(]?[ ]?"
                rf"(?P<y>{_YEARS}))"
            ),
            _q_year,
        ),
        (
            (
                r"\bQ[ -]?(?P<q>[1-4])[ ]?(?:of[ ]|,|-|\(|/|')?[ ]?(?P<y>(?:20\d\d[ ]?[-/][ ]?(?:20)?\d\d|20\d\d"
                r"|(?<=')\d\d))(?!\d|[.,]\d|%)"
                r"(?P<cy>(?!))?"
            ),
            _q_year,
        ),
        (
            (
                rf"\bQ[ -]?(?:(?P<q>4)|(?P<r>[23]))(?=[ ](?:results[ ])?(?:and|&|\+)[ ]"
                rf"(?(q)(?:(?:full[ -]year|H2)[ ,]?)?"
                rf"|(?:H1|9[ ]?M|half[ -]year|nine[ -]months?)[ ,]?)(?:{_FY})[ ]{{0,2}}[-'(]?[ ]?(?P<y>{_YEARS}))"
            ),
            _q_beside,
        ),
        (
            (
                rf"\bQuarter[ -]{{0,2}}(?P<q>[1-4])\b[ ]?(?:of[ ]|,|-|\("
                rf"|/)?[ ]?(?:{_FY}[ ]{{0,2}}[-'(]?[ ]?(?P<y>{_YEARS}))(?P<cy>(?!))?"
            ),
            _q_year,
        ),
        (rf"\b(?P<q>[1-4])Q[ ]?(?:{_FY}|(?P<cy>CY))?[ ]?[-']?[ ]?(?P<y>\d\d(?:\d\d)?)(?=[AEFP]?\b)", _q_year),
        (_Q_LAST, _q_year),
        (
            (
                r"\b(?:(?:first|second|third|fourth|1st|2nd|3rd|4th|last)[ -](?:fiscal[ -])?(?=q))?"
                rf"(?P<kinds>{_KIND}(?:{_GAP}(?:/|and|&|,"
                rf"|-)?{_GAP}(?:the[ ])?{_KIND}){{0,3}})(?:[ ]\(Q[1-4]\))?\n?{_GAP}(?:and\s{{1,3}}full[ "
                rf"]year{_GAP})?"
                rf"(?:ended|ending|end)\b{_GAP}(?:on|as on|as of|as at|:|-|in)?[ \t]{{0,3}}\n?[ \t]{{0,3}}(?:the[ ])?"
                rf"(?:(?P<date>{DATE})|(?P<my>{MONTH_YEAR})|(?:\d{{1,2}}(?:st|nd|rd|th)?[ ])?(?P<m>{MONTH}))"
            ),
            _ended,
        ),
        (
            (
                rf"\b(?P<ord>first|second|third|fourth|1st|2nd|3rd"
                rf"|4th)[ -](?:fiscal[ -])?quarter(?:[ ](?:results[ ])?(?:\(Q[1-4]\)[ ])?(?:(?:of|in"
                rf"|for)[ ](?:the[ ])?)?"
                rf"(?:{_FY}[ ]{{0,2}}[-']?[ ]?(?P<y>{_YEARS})|(?P<z>20\d\d[-/](?:20)?\d\d)(?!\d)))?"
                r"(?:[ ]\(?Q[1-4](?!\w|[ ]?FY)\)?)?"
            ),
            _word_quarter,
        ),
        (
            (
                rf"\b(?P<kinds>Q\.?E|HYE|H/YE|Y\.?E|9ME|NME|FYE)\b[ .:-]{{0,3}}(?:(?P<date>{DATE})|(?P<my>{MONTH_YEAR})"
                rf"|(?P<m>(?!)))"
            ),
            _ended,
        ),
        (
            (
                rf"\b(?P<a>{MONTH})[ ]?(?:20\d\d)?[ ]?(?:-|to"
                rf"|through)[ ]?(?P<b>{MONTH})(?:[ ](?:quarter"
                rf"|period))?(?:[ ,]{{1,2}}(?:of[ ])?(?:the[ ])?(?:(?P<fy>{_FYEAR})|"
                rf"(?P<y>20\d\d(?:[-/](?:20)?\d\d)?)(?!\d)))?"
            ),
            _range,
        ),
        (
            (
                rf"\b(?P<m>{MONTH})[ ]?(?P<y1>20\d\d)?[ -]{{1,2}}(?:ended[ -])?(?:quarter"
                rf"|qtr)(?:[ ](?:of[ ])?(?:the[ ])?(?:(?P<fy>{_FYEAR})|(?P<y2>20\d\d)(?!\d|-\d)))?"
            ),
            _month_named,
        ),
        (
            rf"\b(?:9[ ]?M|nine[ -]months?|YTD)(?:[ ]?(?:of[ ]|for[ ])?(?:{_FY})?[ ]?[-']?[ ]?(?P<y>{_YEARS}))?\b",
            _long("nine"),
        ),
        (
            (
                rf"\b(?:H[12]|[12]H|half[ -]?year(?:ly)?|six[ -]months?|(?:first"
                rf"|second)[ -]half(?:[ ]of(?:[ ]the)?)?)(?:[ ]?(?:{_FY})[ ]?[-']?[ ]?(?P<y>{_YEARS}))?\b"
            ),
            _long("half"),
        ),
        (rf"\b{_FY}[ ]{{0,2}}(?:ended[ ]|of[ ])?[-'(]?[ ]?(?P<y>{_YEARS})(?=[AEFP]?\b)", _long("year")),
        (
            (
                r"\b(?:full[ -](?:year|fiscal)|annual(?:ly)?\b(?!ised|ized)|(?:for|during|in)[ ]the[ ](?:entire[ ]"
                r"|full[ ]"
                r"|financial[ ]|fiscal[ ])?year\b(?!-| earlier| ago)|"
                r"whole[ ]year|12M|[TL]TM|(?:trailing|last)[ -](?:twelve|12|four)[ -](?:months?|quarters)|year-to-date)"
            ),
            _long("year"),
        ),
        (r"\bQ[ -]?(?P<q>[1-4])\b", lambda m: Period("quarter", None, int(m["q"]), m.start(), m.end())),
        (
            (
                r"\b(?:(?:for|during|in|of)[ ](?:the|this)[ ](?:\w{1,12}[ ])?quarter|current[ ]quarter"
                r"|reported[ ]quarter|latest[ ]quarter|quarterly|"
                r"quarter[ ]ended|this[ ]quarter)\b(?![ ](?:of[ ]last|last))"
            ),
            _long("quarter"),
        ),
    )
)


def _marked(period: Period, text: str) -> Period:
    """A year that ends in A is of actual figures; in E, F or P of figures somebody expects: no period of results."""
    mark = text[period.end : period.end + 2]
    if not period.year or mark[:1] not in ("A", "E", "F", "P") or mark[1:].isalnum():
        return period
    return replace(period, kind=period.kind if mark[0] == "A" else "other", end=period.end + 1)


def find_periods(text: str) -> list[Period]:
    """Every period in ``text``, in order, none overlapping another."""
    found: list[Period] = []
    taken = bytearray(len(text))
    for start, end in impossible_periods(text):
        taken[start:end] = b"\x01" * (end - start)
    for pattern, made in _PATTERNS:
        for match in pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                period = made(match)
                if period:
                    period = _marked(period, text)
                    found.append(period)
                    taken[period.start : period.end] = b"\x01" * (period.end - period.start)
    return sorted(found, key=lambda p: p.start)
