"""Statements without cells: text out of a PDF with one cell to a line, or a label and its figures on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.dates import DATE, find_dates
from robotrader.core.background_scheduler.parsers.earnings_align import RawRow, place_rows
from robotrader.core.background_scheduler.parsers.earnings_dated import grouped, heads_of_dates
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_grid import grid_facts
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, basis_of, kind_only, read_head, row_label
from robotrader.core.background_scheduler.parsers.earnings_tables import Around
from robotrader.core.background_scheduler.parsers.earnings_xbrl import spanned
from robotrader.core.background_scheduler.parsers.numbers import UNIT, read_cell
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods
from robotrader.core.background_scheduler.parsers.text import Line, Span

_TOKEN = re.compile(r"(?:\((?=\s?[\d\u20b9])\s?)?(?:\u20b9\s?|Rs\.?\s?)?[-+]?\S+")
_UNIT_ONLY = re.compile(
    rf"\s*(?:[-(]?\s*(?:(?:in\s)?(?:\u20b9|Rs\.?|INR)?\s*(?:in\s)?(?:{UNIT})?)\s*[)]?)\s*$", re.IGNORECASE
)
_HEADISH = re.compile(
    r"\b(?:particulars?|(?:un)?-?aud[il]ted|restated|reviewed|quarters?|nine|three|six|twelve|months?"
    r"|half|years?|period|ended|ending|for the|sr\.?|s\.?|no\.?|yoy|qoq|y-o-y|q-o-q|growth|change"
    r"|consolidated"
    r"|standalone|stand-alone|vs\.?|over|and|rs\.?|in|inr|except|eps|data|fy|as|at|on|refer|note|crs?"
    r"|crores?|lakhs?|millions?|mn|metrics?|description|to[ -]date)\b|[^\w\s]|[\d]+",
    re.IGNORECASE,
)
_GROWTH_ITEM = re.compile(
    (
        r"(?:%\s?)?\b(?:y-?o-?y|q-?o-?q)\b(?:\s?(?:\(%\)|%|growth|change))*|\b(?:growth|change"
        r"|chg)\b\s?(?:\(%\)|%)?(?:\s?\(?(?:y-?o-?y|q-?o-?q)\)?)?"
    ),
    re.IGNORECASE,
)
_FY_ITEM = re.compile(r"(?<![\w-])(?:20\d\d-\d\d(?:\d\d)?)(?![\w-])")
_KIND_ITEM = re.compile(
    (
        r"\b(?:quarters?|three months|nine months?|half[ -]?year|six months|(?:financial |fiscal )?years?"
        r"|year[ -]to[ -]date|9M|period)\b"
    ),
    re.IGNORECASE,
)
_MONTH_ITEM = r"\b(?:Mar|Jun|Sep|Sept|Dec|March|June|September|December)[-' ]{1,2}(?:20)?\d\d\b(?![\d-])"
_DATE_ITEM = re.compile(rf"(?<![\w./-]){DATE}|\b[A-Z][a-z]{{2}}[-' ]\d\d\b(?!\d)|{_MONTH_ITEM}", re.IGNORECASE)
_BASIS_ITEM = re.compile(r"\b(?:consolidated|stand-?alone)\b", re.IGNORECASE)
_PAIRED = re.compile(r"[:=]\s{0,3}[(-]?(?:\u20b9|Rs\.?|INR)?\s?\d|\b(?:vs|versus|against|from)\.?$", re.IGNORECASE)
"""A line of prose that has its amount before the last figures: "Profit: 200 vs 150 +33%"."""
_MAX_HEAD = 60
_MAX_LINES = 2500
Item = tuple[str, int, str]


@dataclass(slots=True)
class _Stream:
    """What is gathered on the way down: heads of columns, words of a label, figures of a row."""

    items: list[Item] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    words: list[Span] = field(default_factory=list)
    values: list[tuple[int, int]] = field(default_factory=list)
    rows: list[RawRow] = field(default_factory=list)
    line: int | None = None
    basis: str | None = None
    in_eps: bool = False
    single: bool = True
    serial: int = 0


def split_values(view: str, start: int, end: int) -> tuple[Span, list[Span]]:
    """The words at the beginning of a line and the figures at its end."""
    found = [(m.start(), m.end()) for m in _TOKEN.finditer(view, start, end)]
    values: list[Span] = []
    while found and read_cell(view[found[-1][0] : found[-1][1]]) and not _is_bullet(view, found[-1], start):
        values.insert(0, found.pop())
    label = (start, found[-1][1]) if found else (start, start)
    return label, values


def _is_bullet(view: str, span: Span, start: int) -> bool:
    return view[span[0] : span[1]] in ("-", "--", ".") and not view[start : span[0]].strip()


_HEAD_WORDS = re.compile(
    rf"{DATE}|\b[A-Z][a-z]{{2,8}}\b(?=[-' ]{{0,2}}\d)|\bQ[1-4]\b|\bFY|\b(?:9M|12M|H[12])(?:FY)?(?=[^a-z]|$)"
    rf"|\b[A-Z][a-z]{{2}}-[A-Z][a-z]{{2}}\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\d,\d|\d\.\d{1,2}(?![.\d])|\d%")
_HEAD_ONLY = re.compile(r"particulars|audited|ended|standalone|consolidated", re.IGNORECASE)


_LETTER = re.compile(r"(?<=[A-Za-z]{2})1(?=[A-Za-z]{2})")
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


_SPAN_ITEM = re.compile(rf"{DATE}[ ]{{0,2}}(?:to|-|till)[ ]{{0,2}}{DATE}", re.IGNORECASE)


def _head_parts(words: str) -> Iterator[tuple[str, Span]]:
    for match in _SPAN_ITEM.finditer(words):
        yield "span", match.span()
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
    heads = [(k, w) for k, _, w in items if k in ("col", "growth")]
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
    if dates and kinds:
        return [read_head(w, k) for w, k in zip(dates, _spread(kinds, dates), strict=True)]
    months = {w[:3].lower() for w in dates}
    if len(dates) >= 3 and len(months) > 1 and all(re.fullmatch(_MONTH_ITEM, w, re.IGNORECASE) for w in dates):
        return [
            read_head(w, "quarter") for k, _, w in items if k in ("date", "growth")
        ]  # months that end quarters, one after the other
    whole = [w for w in dates if not re.fullmatch(_MONTH_ITEM, w, re.IGNORECASE)]
    bases = sum(k == "basis" for k, _, _ in items)
    return heads_of_dates(dates, bases, periods) if len(whole) == len(dates) >= 2 and not (heads or years) else []


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


def read_stream(view: str, found: list[Line], around: Around) -> tuple[list[Fact], list[Span], list[Period]]:
    """The facts of all such statements, the spans of the lines they took, the quarters of their columns."""
    state = _Stream(basis=around.basis)
    facts: list[Fact] = []
    taken: list[Span] = []
    periods: list[Period] = []
    fresh = True
    for line in found[:_MAX_LINES]:
        label, values = (
            split_values(view, line.start, line.end) if line.end - line.start < 400 else ((line.start, line.end), [])
        )
        words = view[label[0] : label[1]].strip()
        if _PAIRED.search(words):
            values = []
        bare = not words or (len(words) <= 40 and bool(_UNIT_ONLY.match(words)))
        heading = line.level != 8 or (bare and values and not _yearly(view, line))
        items = [] if heading else head_items(view, line.start, line.end)
        if items:
            _flush(view, state)
            if not fresh:
                facts += _facts(view, state, around)
                state.items, state.columns, state.rows, fresh = [], [], [], True
            state.items = (state.items + items)[-_MAX_HEAD:]
            state.basis = basis_of(view[line.start : line.end]) or state.basis
            state.words = []
            taken.append((line.start, line.end))
        elif values and (bare or len(values) >= 2):
            if fresh:
                state.columns, fresh = make_columns(state.items, around.periods), False
                periods += [c.period for c in state.columns if c.period]
            if not bare:
                _flush(view, state)
                state.words = [*state.words[-2:], (label[0], label[1])]
            state.line = line.start if len(values) > 1 and not state.values else None
            damaged = bare and len(values) > 1 and len(state.values) > 0 and state.single
            state.single = state.single and (damaged or len(values) == 1) if state.values else len(values) == 1
            state.values += [(values[0][0], values[-1][1])] if damaged else values
            taken.append((line.start, line.end))
        else:
            _flush(view, state)
            if line.end - line.start > 110:
                facts += _facts(view, state, around)
                state = _Stream(basis=basis_of(view[line.start : line.end]) or around.basis)
                fresh = True
            else:
                state.basis = basis_of(view[line.start : line.end]) or state.basis if fresh else state.basis
                state.words = [*state.words, (line.start, line.end)][-4:]
    _flush(view, state)
    facts += _facts(view, state, around)
    return facts, taken, periods


def _yearly(view: str, line: Line) -> bool:
    return bool(re.fullmatch(r"(?:\s*20\d\d-\d\d)+\s*", view[line.start : line.end]))


def _flush(view: str, state: _Stream) -> None:
    """Close the row that was gathered."""
    if state.values and state.line is None:
        _numbered(view, state)
    if state.values and state.words and state.columns:
        state.rows.append(RawRow(_label(view, state), state.words[-1], tuple(state.values), state.line))
    if state.values:
        state.values, state.words = [], []


def _numbered(view: str, state: _Stream) -> None:
    """Take the number of the next row off the figures of this one, where every row has its number on a line before."""
    last = view[slice(*state.values[-1])]
    number = int(last) if re.fullmatch(r"\d{1,2}", last) else 0
    if number == 1 and len(state.values) == 1 and not state.words:
        state.serial = 1
    elif state.serial and state.serial < number <= state.serial + 3 and len(state.values) == len(state.columns) + 1:
        state.values.pop()
        state.serial = number


def _label(view: str, state: _Stream) -> str:
    """The label of a row: its last line, or as many lines before it as make it a name."""
    lines = [view[a:b] for a, b in state.words]
    for size in range(1, len(lines) + 1):
        words = " ".join(lines[-size:])
        if row_label(words, state.in_eps) and not (size < len(lines) and _goes_on(lines[-size - 1])):
            return words
        if "margin" in words.lower() and size > 1:
            return words
    return " ".join(lines[-2:])


def _goes_on(words: str) -> bool:
    """A line that cannot be the end of a label: its bracket is open, or it ends in a small word."""
    return words.count("(") > words.count(")") or bool(
        re.search(r"(?:,|/|\b(?:and|of|for|from|before|the|in|to|or))\s*$", words)
    )


def _facts(view: str, state: _Stream, around: Around) -> list[Fact]:
    rows = place_rows(view, state.columns, state.rows)
    return list(grid_facts(state.columns, rows, around.unit, None, state.basis))
