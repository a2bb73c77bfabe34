"""The heads of columns in statements without cells: dates, quarters, lengths of time, growths, bases side by side."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from robotrader.core.background_scheduler.parsers.dates import DATE, find_dates
from robotrader.core.background_scheduler.parsers.earnings_dated import grouped, heads_of_dates
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, kind_only, read_head
from robotrader.core.background_scheduler.parsers.earnings_xbrl import spanned
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods
from robotrader.core.background_scheduler.parsers.text import Span

_HEADISH = regex(
    r"\b(?:particulars?|(?:un)?-?aud[il]ted|restated|reviewed|quarters?|nine|three|six|twelve|months?"
    r"|half|years?|period|ended|ending|for the|sr\.?|s\.?|no\.?|yoy|qoq|y-o-y|q-o-q|growth|change"
    r"|consolidated"
    r"|standalone|stand-alone|vs\.?|over|and|rs\.?|in|inr|except|eps|data|fy|as|at|on|refer|note|crs?"
    r"|crores?|lakhs?|millions?|mn|financials|our|est|estimates?|consensus|var|variance"
    r"|metrics?|description|to[ -]date)\b|[^\w\s]|[\d]+",
    re.IGNORECASE,
)
_GROWTH_ITEM = regex(
    (
        r"(?:%\s?)?\b(?:y-?o-?y|q-?o-?q)\b(?:\s?(?:\(%\)|%|growth|change))*|\b(?:growth|change"
        r"|chg)\b\s?(?:\(%\)|%)?(?:\s?\(?(?:y-?o-?y|q-?o-?q)\)?)?"
    ),
    re.IGNORECASE,
)
_FY_ITEM = regex(r"(?<![\w-])(?:20\d\d-\d\d(?:\d\d)?)(?![\w-])")
_KIND_ITEM = regex(
    (
        r"\b(?:quarters?|three months|nine months?|half[ -]?year|six months|(?:financial |fiscal )?years?"
        r"|year[ -]to[ -]date|9M|period)\b"
    ),
    re.IGNORECASE,
)
_EXPECTED_ITEM = regex(
    r"\b(?:our |consensus |cons\.? |street )?(?:est(?:imates?)?\b\.?|consensus\b)|\bvar(?:iance)?\b\.?[ ]?\(?%?\)?",
    re.IGNORECASE,
)
"""A column of what was expected, or of the difference to it."""
_MONTH_ITEM = r"\b(?:Mar|Jun|Sep|Sept|Dec|March|June|September|December)[-' ]{1,2}(?:20)?\d\d\b(?![\d-])"
_DATE_ITEM = regex(rf"(?<![\w./-]){DATE}|\b[A-Z][a-z]{{2}}[-' ]\d\d\b(?!\d)|{_MONTH_ITEM}", re.IGNORECASE)
_BASIS_ITEM = regex(r"\b(?:consolidated|stand-?alone)\b", re.IGNORECASE)
Item = tuple[str, int, str]
"""What a line of heads holds: its kind, its place, its words."""


_HEAD_WORDS = regex(
    rf"{DATE}|\b[A-Z][a-z]{{2,8}}\b(?=[-' ]{{0,2}}\d)|\bQ[1-4]\b|\b[1-4]Q[ ]?(?:FY|CY)?(?=[ ]?\d)|\bFY"
    rf"|\b(?:9M|12M|H[12])(?:FY)?(?=[^a-z]|$)"
    rf"|\b[A-Z][a-z]{{2}}-[A-Z][a-z]{{2}}\b",
    re.IGNORECASE,
)
_FIGURES = regex(r"\d,\d|\d\.\d{1,2}(?![.\d])|\d%")
_HEAD_ONLY = regex(r"particulars|audited|ended|standalone|consolidated", re.IGNORECASE)


_LETTER = regex(r"(?<=[A-Za-z]{2})1(?=[A-Za-z]{2})")
"""A letter that a scanner took for a digit."""


def head_items(view: str, start: int, end: int) -> list[Item]:
    """What a line of column heads holds, in order; nothing where the line holds anything else."""
    words = view[start:end].rstrip()
    if re.search(r"\d\)?\.$", words):
        return []  # the end of a sentence
    rest = _HEADISH.sub(" ", _HEAD_WORDS.sub(" ", _LETTER.sub("l", words))) if len(words) <= 240 else "other"
    if re.search(r"[A-Za-z]{3}", rest) or _FIGURES.search(words):
        return []
    taken = bytearray(len(words))
    items: list[Item] = []
    for kind, (a, b) in _head_parts(words):
        if not any(taken[a:b]):
            items.append((kind, start + a, words[a:b]))
            taken[a:b] = b"\x01" * (b - a)
    if not items and not _HEAD_ONLY.search(words):
        return []
    return sorted(items, key=lambda item: item[1]) or [("none", start, words)]


_SPAN_ITEM = regex(rf"{DATE}[ ]{{0,2}}(?:to|-|till)[ ]{{0,2}}{DATE}", re.IGNORECASE)


def _head_parts(words: str) -> Iterator[tuple[str, Span]]:
    for match in _SPAN_ITEM.finditer(words):
        yield "span", match.span()
    for match in _EXPECTED_ITEM.finditer(words):
        yield "est", match.span()
    for match in _GROWTH_ITEM.finditer(words):
        yield "growth", match.span()
    for p in find_periods(words):
        if p.year and (p.kind != "quarter" or p.quarter):
            yield "col", (p.start, p.end)
        elif re.search(r"[A-Za-z]{3} ?- ?[A-Za-z]{3}", words[p.start : p.end]):
            yield "range", (p.start, p.end)
    for kind, pattern in (("date", _DATE_ITEM), ("fy", _FY_ITEM), ("kind", _KIND_ITEM), ("basis", _BASIS_ITEM)):
        for match in pattern.finditer(words):
            yield kind, match.span()


def make_columns(items: list[Item], periods: Sequence[Period] = ()) -> list[Column]:
    """The columns that the gathered heads stand for, each with its basis where they stand side by side.

    None where the parts do not fit together; ``periods`` are those of the whole text.
    """
    return grouped(_columns(items, periods), [w for k, _, w in items if k == "basis"])


def _columns(items: list[Item], periods: Sequence[Period]) -> list[Column]:
    heads = [(k, "estimate" if k == "est" else w) for k, _, w in items if k in ("col", "growth", "est")]
    dates, kinds = (
        [w for k, _, w in items if k == "date"],
        [kind_only(w) or "other" for k, _, w in items if k == "kind"],
    )
    ranges, years = [w for k, _, w in items if k == "range"], [w for k, _, w in items if k == "fy"]
    spans = [spanned(*(d.day for d in find_dates(w))) for k, _, w in items if k == "span"]
    if spans:
        return [Column(p) for p in spans] if all(spans) and not dates else []
    if sum(k == "col" for k, _ in heads) >= 1 and not dates:
        return [read_head(w) for _, w in heads]
    if ranges and len(ranges) == len(years):
        return [read_head(f"{r} {y}") for r, y in zip(ranges, years, strict=True)]
    if dates and (each := _under_kinds(items)):
        return [read_head(w, k) for w, k in each]
    if dates and kinds:
        return [read_head(w, k) for w, k in zip(dates, _spread(kinds, dates), strict=True)]
    return _columns_of_dates(items, dates, periods)


def _columns_of_dates(items: list[Item], dates: list[str], periods: Sequence[Period]) -> list[Column]:
    """Columns headed by dates, without a word of the length of time."""
    heads = [k for k, _, _ in items if k in ("col", "growth")]
    months = {w[:3].lower() for w in dates}
    if len(dates) >= 3 and len(months) > 1 and all(re.fullmatch(_MONTH_ITEM, w, re.IGNORECASE) for w in dates):
        return [
            read_head(w, "quarter") for k, _, w in items if k in ("date", "growth")
        ]  # months that end quarters, one after the other
    if dates and heads and all(k == "growth" for k in heads):
        return _dates_and_growths(items, dates, periods)
    whole = [w for w in dates if not re.fullmatch(_MONTH_ITEM, w, re.IGNORECASE)]
    bases = sum(k == "basis" for k, _, _ in items)
    return (
        heads_of_dates(dates, bases, periods)
        if len(whole) == len(dates) >= 2 and not (heads or any(k == "fy" for k, _, _ in items))
        else []
    )


def _dates_and_growths(items: list[Item], dates: list[str], periods: Sequence[Period]) -> list[Column]:
    """Columns of which some are headed by dates alone and the others by what they compare."""
    if len(set(dates)) < len(dates):
        return []
    found = iter(heads_of_dates(dates, 0, periods))
    columns = [next(found, None) if k == "date" else read_head(w) for k, _, w in items if k in ("date", "growth")]
    return [c for c in columns if c] if all(columns) else []


def fitting(view: str, items: list[Item], count: int, periods: Sequence[Period]) -> list[Column]:
    """The columns of the heads; where they do not fit the figures of a row, those of the last lines of heads."""
    columns = make_columns(items, periods)
    if count < _LEAST_COLUMNS or len(columns) == count:
        return columns
    starts = [0, *(i for i in range(1, len(items)) if "\n" in view[items[i - 1][1] : items[i][1]])]
    for start in starts[1:]:
        last = make_columns(items[start:], periods)
        if len(last) == count and any(c.period for c in last):
            return last
    return columns


_LEAST_COLUMNS = 3


def _under_kinds(items: list[Item]) -> list[tuple[str, str]]:
    """Dates with the length of time that leads them, where each length has dates of its own behind it."""
    found: list[tuple[str, str]] = []
    kind, fresh = "", False
    for name, _, words in items:
        whole = _KIND_ITEM.search(words) if name == "col" else None
        day = _DATE_ITEM.search(words) if whole else None
        if whole and day and not fresh:
            kind = kind_only(whole[0]) or "other"
            found.append((day[0], kind))
        elif name == "kind":
            if fresh:
                return []
            kind, fresh = kind_only(words) or "other", True
        elif name == "date":
            if not kind:
                return []
            found.append((words, kind))
            fresh = False
    return found if not fresh and len({k for _, k in found}) > 1 else []


def _spread(kinds: list[str], dates: list[str]) -> list[str]:
    """The length of time of each date: as told one by one, or by groups that start anew with the first date."""
    if len(kinds) == len(dates):
        return kinds
    days = [d[0].day.isoformat() if (d := find_dates(w)) else w for w in dates]
    again = next((i for i in range(1, len(days)) if days[i] == days[0]), None)
    cut = again if again is not None else len(days) - (1 if len(kinds) > 1 else 0)
    return [
        kinds[0] if i < cut else (kinds[1] if len(kinds) > 1 and kinds[1] != "quarter" else "other")
        for i in range(len(days))
    ]
