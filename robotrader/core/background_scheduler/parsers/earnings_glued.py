"""Tables whose cells run together, as copies of pages lose them: "Q3FY26Q3FY25YoY" above "Revenue5,4804,71616.2%".

A row is only read where its digits can be cut into the cells of its columns in one way, and where the growth it tells
is that of its amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_grid import Row, Value, grid_facts, settle
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, read_head
from robotrader.core.background_scheduler.parsers.earnings_tables import Around
from robotrader.core.background_scheduler.parsers.numbers import Cell, read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line, Span

_ITEM = regex(
    r"(?:Q[1-4]|[1-4]Q|H[12]|9M|12M)[ ]?(?:FY)?[ ]?'?\d\d(?!\d)|FY[ ]?'?\d\d(?!\d)"
    r"|(?:YoY|QoQ|Y-o-Y|Q-o-Q)(?:[ ]?(?:Growth|Change))?[ ]?(?:\(%\)|%)?|(?:Growth|Change)[ ]?(?:\(%\)|%)?",
    re.IGNORECASE,
)
_ROW = regex(
    r"(?P<label>[A-Za-z][^\d\n]{1,70}?(?:\([^()\d\n]{1,14}\))?)[ ]?"
    r"(?P<cells>[-(]?(?:Rs\.?|\u20b9)?\d[\d,.()%-]{4,160})\s*$"
)
_NUMBER = regex(r"\(?-?(?P<digits>\d{1,3}(?:,\d{2,3})+|\d{1,7})(?:\.(?P<part>\d{1,2}))?\)?")
_PERCENT = regex(r"\(?-?\d{1,5}(?:\.(?P<part>\d{1,2}))?(?:%\)?|\)%)")
_LEAST_HEADS, _LONGEST_CELL, _GROUPED = 3, 16, 1000
_MOST_TRIES = 20_000
"""Cells that are tried in all the rows of one text."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """One cell of a row as it may be cut: its place, its figure, the digits behind its point."""

    start: int
    end: int
    cell: Cell
    places: int


def glued_lines(view: str, found: list[Line]) -> list[tuple[Line, list[Column], list[Line]]]:
    """Every head that runs together, its columns, and the lines below it whose cells do."""
    blocks = []
    for i, line in enumerate(found):
        columns = _columns(view[line.body : line.end])
        if not columns:
            continue
        rows = []
        for below in found[i + 1 :]:
            if not _ROW.match(view, below.body, below.end):
                break
            rows.append(below)
        if rows:
            blocks.append((line, columns, rows))
    return blocks


def _columns(words: str) -> list[Column]:
    items: list[re.Match[str]] = []
    for match in _ITEM.finditer(words.rstrip()):
        items = [*items, match] if items and items[-1].end() == match.start() else [match]
    if len(items) < _LEAST_HEADS or items[-1].end() < len(words.rstrip()):
        return []
    return [read_head(m[0]) for m in items]


def glued_facts(view: str, found: list[Line], around: Around) -> tuple[list[Fact], list[Span]]:
    """The facts of such tables, and the spans of all their lines."""
    facts: list[Fact] = []
    taken: list[Span] = []
    tries = iter(range(_MOST_TRIES))
    for head, columns, lines in glued_lines(view, found):
        settled = settle(columns)
        rows = []
        for line in lines:
            match = _ROW.match(view, line.body, line.end)
            cuts = _cut_row(match, settled, tries) if match else None
            if match and cuts:
                values = tuple(Value(c.cell, c.start, c.end, i) for i, c in enumerate(cuts))
                rows.append(Row(match["label"], match.span("label"), values))
        facts += grid_facts(columns, rows, around.unit, None, around.basis)
        taken += [(line.start, line.end) for line in (head, *lines)]
    return facts, taken


def _cut_row(match: re.Match[str], columns: list[Column], tries: Iterator[int]) -> list[_Cut] | None:
    """The one way to cut the digits of a row into cells; None where there are several or none, or no try is left."""
    ways = [way for way in _ways(match["cells"], 0, columns, tries) if _fits(way, columns, match["cells"])]
    base = match.start("cells")
    if len(ways) != 1 or next(tries, None) is None:
        return None
    return [_Cut(c.start + base, c.end + base, c.cell, c.places) for c in ways[0]]


def _ways(words: str, at: int, columns: list[Column], tries: Iterator[int]) -> Iterator[list[_Cut]]:
    left = len(words) - at
    if not columns:
        if not left:
            yield []
        return
    pattern = _PERCENT if columns[0].growth else _NUMBER
    shortest, longest = max(1, left - _LONGEST_CELL * (len(columns) - 1)), min(left - len(columns) + 1, _LONGEST_CELL)
    for end in range(at + shortest, at + longest + 1):
        if next(tries, None) is None:
            return
        match = pattern.fullmatch(words, at, end)
        cell = read_cell(words[at:end]) if match else None
        if match is None or cell is None or cell.value is None:
            continue
        for rest in _ways(words, end, columns[1:], tries):
            yield [_Cut(at, end, cell, len(match["part"] or "")), *rest]


def _fits(way: list[_Cut], columns: list[Column], words: str) -> bool:
    """Amounts are written alike, and each growth is that of the two amounts it stands beside."""
    amounts = [c for c, column in zip(way, columns, strict=True) if not column.growth]
    if len({c.places for c in amounts}) > 1:
        return False
    long = (c for c in amounts if c.cell.value is not None and abs(c.cell.value) >= _GROUPED)
    if "," in words and any("," not in words[c.start : c.end] for c in long):
        return False
    checked = [
        _is_growth(way, columns, i) for i, column in enumerate(columns) if column.growth and column.period is not None
    ]
    return all(c is not False for c in checked)


def _is_growth(way: list[_Cut], columns: list[Column], i: int) -> bool | None:
    """The growth in a column is right by the amounts; None where one of the two is not in the table."""
    now, told = columns[i].period, way[i].cell.value
    if now is None or told is None or not now.quarter or not now.year:
        return None
    step = (now.year - 1, now.quarter)
    if columns[i].against == "qoq":
        step = (now.year, now.quarter - 1) if now.quarter > 1 else (now.year - 1, 4)
    at = {(c.period.year, c.period.quarter): k for k, c in enumerate(columns) if c.period and not c.growth}
    if (now.year, now.quarter) not in at or step not in at:
        return None
    new, old = way[at[now.year, now.quarter]], way[at[step]]
    if not old.cell.value or new.cell.value is None:
        return None
    grown = (new.cell.value - old.cell.value) / abs(old.cell.value) * 100
    unsure = Decimal(1).scaleb(-way[i].places) / 2 + 100 * Decimal(1).scaleb(-old.places) / abs(old.cell.value)
    return abs(grown - told) <= unsure + Decimal("0.06")
