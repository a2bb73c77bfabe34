"""Tables whose cells are one space apart: a line of the names of columns, and below it a name and as many figures.

The heads are parted at units and at names of ratios; such a line is a head only where every row below it has a figure,
or a dash, for each of its columns.
"""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import Table, trimmed
from robotrader.core.background_scheduler.parsers.text import Line, Span

_CELL = regex(r"(?:[-+(]?\u20b9?\d[\d,]*(?:\.\d+)?[%x)]?|-{1,2}|n\.?[am]\.?|nil)$", re.IGNORECASE)
_UNIT_END = regex(r"(?:\([^()]{1,16}\)|(?<![A-Za-z])(?:Rs\.?[ ]?(?:Cr\.?)?|%|Cr\.?|x))(?=[ ]|\Z)")
_COUNTED = regex(r"(?:S\.?[ ]?No\.?|Sr\.?(?:[ ]?No\.?)?|#|Rank)[ ]+", re.IGNORECASE)
_LEAST_NAMES, _LEAST_CELLS, _MOST_HEAD = 2, 3, 300


def run_in_tables(view: str, found: list[Line]) -> list[Table]:
    """Every such table among lines that belong to no other."""
    tables: list[Table] = []
    i = 0
    while i < len(found):
        head = _head(view, found[i])
        rows: list[tuple[Span, ...]] = []
        while head and i + 1 + len(rows) < len(found):
            row = _row(view, found[i + 1 + len(rows)], len(head) - 1)
            if not row:
                break
            rows.append(row)
        if rows:
            tables.append(Table(found[i].start, found[i + len(rows)].end, (tuple(head), *rows)))
        i += 1 + len(rows)
    return tables


def _head(view: str, line: Line) -> list[Span]:
    """The name column's head and those of the figures, or nothing."""
    start, end = line.body, line.end
    if not 12 < end - start < _MOST_HEAD or "|" in view[start:end]:
        return []
    named = terms(view, start, end)
    if len([t for t in named if t.field != "other"]) < _LEAST_NAMES:
        return []
    counted = _COUNTED.match(view, start, end)
    start = counted.end() if counted else start
    cuts = {t.start for t in named} | {m.end() for m in _UNIT_END.finditer(view, start, end)}
    for term in named:
        behind = _UNIT_END.match(view, term.end + 1, end) or _UNIT_END.match(view, term.end, end)
        cuts.add(behind.end() if behind else term.end)
    spans = [trimmed(view, a, b) for a, b in pairwise(sorted({start, end, *(c for c in cuts if start < c < end)}))]
    cells = [s for s in spans if s[1] > s[0]]
    told = [re.sub(r"\([^()]*\)|52|\d[ -]?(?:Y|yr|year)s?", "", view[a:b]) for a, b in cells]
    if len(cells) < _LEAST_CELLS or any(re.search(r"\d", t) for t in told) or terms(view, *cells[0]):
        return []
    return cells


def _row(view: str, line: Line, size: int) -> tuple[Span, ...]:
    """A name and exactly ``size`` figures or dashes."""
    pieces = [m.span() for m in re.finditer(r"\S+", view[line.start : line.end])]
    pieces = [(line.start + a, line.start + b) for a, b in pieces]
    values = pieces[-size:]
    if len(pieces) <= size or not all(_CELL.match(view[a:b]) for a, b in values):
        return ()
    name = trimmed(view, line.start, values[0][0])
    words = re.sub(r"^\d{1,3}[.)]?[ ]+", lambda m: " " * len(m[0]), view[slice(*name)])
    name = trimmed(view, name[0] + len(words) - len(words.lstrip()), name[1])
    rest = view[slice(*name)].split()
    if not re.search(r"[A-Za-z]{2}", view[slice(*name)]) or (rest and _CELL.match(rest[-1])):
        return ()
    return (name, *values)


_REACH = 4
_SHORT = 60


def timed_head(view: str, table: Table, found: list[Line]) -> Table:
    """A table below a line of periods that a heading of its own parts from it, with that line as its head."""
    width = max(map(len, table.rows), default=0)
    if width <= _LEAST_NAMES or any(head_time(view[a:b]) for a, b in table.rows[0][1:]):
        return table
    for line in reversed([ln for ln in found if ln.end < table.start][-_REACH:]):
        text = view[line.start : line.end]
        mark = next((m for m in "\t|" if text.count(m) == width - 1), "")
        if mark:
            cuts = [line.start - 1, *(line.start + i for i, c in enumerate(text) if c == mark), line.end]
            head = tuple(trimmed(view, a + 1, b) for a, b in pairwise(cuts))
            timed = sum(head_time(view[a:b]) is not None for a, b in head[1:])
            return Table(head[0][0], table.end, (head, *table.rows)) if timed == width - 1 else table
        if len(text) > _SHORT or re.search(r"\d", text):
            break
    return table
