"""Tables that only spaces hold together, with a quarter to a row and the figures' names above the columns."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.earnings_rows import row_label
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.periods import find_periods
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Line, Span

_CELL = re.compile(r"\S(?:[^\s]|[ ](?=\S))*")
_LONGEST = 240


def aligned_tables(view: str, found: list[Line], taken: list[Span]) -> list[Table]:
    """Every such table outside of ``taken``: a head of names, then rows that begin with a period."""
    tables: list[Table] = []
    at = 0
    while at < len(found):
        head = _head(view, found[at], taken)
        last = at
        rows: list[tuple[Span, ...]] = []
        while head and last + 1 < len(found) and (row := _row(view, found[last + 1], len(head))):
            rows.append(row)
            last += 1
        if rows:
            tables.append(Table(found[at].start, found[last].end, (head, *rows)))
        at = last + 1
    return tables


def _cells(view: str, line: Line) -> tuple[Span, ...]:
    if line.end - line.start > _LONGEST:
        return ()
    return tuple(m.span() for m in _CELL.finditer(view, line.start, line.end))


def _head(view: str, line: Line, taken: list[Span]) -> tuple[Span, ...]:
    if any(a <= line.start < b for a, b in taken) or "|" in view[line.start : line.end]:
        return ()
    cells = _cells(view, line)
    named = sum(row_label(view[a:b]) is not None for a, b in cells[1:])
    return cells if len(cells) >= 3 and named >= 2 and not any(read_cell(view[a:b]) for a, b in cells) else ()


def _row(view: str, line: Line, width: int) -> tuple[Span, ...]:
    cells = _cells(view, line)
    if len(cells) != width or not find_periods(view[cells[0][0] : cells[0][1]]):
        return ()
    return cells if all(read_cell(view[a:b]) for a, b in cells[1:]) else ()
