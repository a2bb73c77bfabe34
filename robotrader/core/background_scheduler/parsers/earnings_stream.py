"""Statements without cells: text out of a PDF with one cell to a line, or a label and its figures on one line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.earnings_align import RawRow, place_rows
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_grid import grid_facts
from robotrader.core.background_scheduler.parsers.earnings_heads import Item, fitting, head_items
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, basis_of, row_label
from robotrader.core.background_scheduler.parsers.earnings_tables import Around
from robotrader.core.background_scheduler.parsers.earnings_xbrl import filed_columns
from robotrader.core.background_scheduler.parsers.numbers import UNIT, read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import Line, Span

_TOKEN = regex(r"(?:\((?=\s?[\d\u20b9])\s?)?(?:\u20b9\s?|Rs\.?\s?)?[-+]?\S+")
_UNIT_ONLY = regex(
    rf"\s*(?:[-(]?\s*(?:(?:in\s)?(?:\u20b9|Rs\.?|INR)?\s*(?:in\s)?(?:{UNIT})?)\s*[)]?)\s*$", re.IGNORECASE
)
_PAIRED = regex(r"[:=]\s{0,3}[(-]?(?:\u20b9|Rs\.?|INR)?\s?\d|\b(?:vs|versus|against|from)\.?$", re.IGNORECASE)
"""A line of prose that has its amount before the last figures: "Profit: 200 vs 150 +33%"."""
_MAX_HEAD = 60
_MAX_LINES = 2500


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


def read_stream(view: str, found: list[Line], around: Around) -> tuple[list[Fact], list[Span], list[Period]]:
    """The facts of all such statements, the spans of the lines they took, the quarters of their columns."""
    state = _Stream(basis=around.basis)
    facts: list[Fact] = []
    taken: list[Span] = []
    periods: list[Period] = []
    fresh, filed = True, filed_columns(view)
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
                state.columns, fresh = fitting(view, state.items, len(values), around.periods), False
                state.columns = state.columns or (filed if len(filed) == len(values) else [])
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


def unread_rows(view: str, found: list[Line]) -> list[Span]:
    """Lines of a label and several bare figures; where no columns are known, which of them is meant is not either."""
    spans = []
    for line in found:
        if line.end - line.start > _LONGEST_ROW or "|" in view[line.start : line.end]:
            continue
        label, values = split_values(view, line.start, line.end)
        cells = [c for a, b in values if (c := read_cell(view[a:b])) and c.value is not None and not c.percent]
        words = view[label[0] : label[1]]
        earlier = (
            len(cells) == _SEVERAL and view[values[1][0]] == "(" != view[values[0][0]]
        )  # "Revenue 1,289 (929) +39%"
        if (
            len(cells) >= _SEVERAL
            and not earlier
            and not any(c.currency or c.factor for c in cells)
            and not _PAIRED.search(words)
        ):
            spans.append((line.start, line.end))
    return spans


_LONGEST_ROW, _SEVERAL = 200, 2


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
