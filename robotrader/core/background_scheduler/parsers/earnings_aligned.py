"""Tables that only spaces hold together: a quarter or a company to a row, the figures' names above the columns."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.earnings_rows import read_head, row_label
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import find_periods
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Line, Span, places_in

_CELL = regex(r"\S(?:[^\s]|[ ](?=\S))*")
_LONGEST = 240
_COMPANY = regex(
    r"(?:the )?(?:company|companies|stocks?|banks?|lenders?|name|scrip|symbol|ticker|firm|entity)(?: name)?$",
    re.IGNORECASE,
)
_NO_FIGURE = regex(r"(?:flat|unch\w*|-+|n\.?[am]\.?|loss|profit|lp|pl|ltp|ptl|turnaround)$", re.IGNORECASE)
_NAME = regex(r"(?:'s?|[A-Z0-9])[\w&.'() -]{0,40}$")
_WIDTH = 3


def aligned_tables(view: str, found: list[Line], taken: list[Span]) -> list[Table]:
    """Every such table outside of ``taken``: a head of names, then rows that begin with a period or a company."""
    tables: list[Table] = []
    at, told = 0, places_in(taken)
    while at < len(found):
        head = () if told(found[at].start) else _head(view, found[at])
        last = at
        rows: list[tuple[Span, ...]] = []
        while head and last + 1 < len(found) and (row := _row(view, found[last + 1], head)):
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


def _head(view: str, line: Line) -> tuple[Span, ...]:
    if "|" in view[line.start : line.end]:
        return ()
    cells = _cells(view, line)
    words = [view[a:b] for a, b in cells]
    named = sum(_names_figure(w) for w in words[1:])
    if len(cells) < _WIDTH or any(read_cell(w) for w in words):
        return ()
    if _COMPANY.match(words[0]):
        return (
            cells if named >= 1 and all(_names_figure(w) or read_head(w).growth or _other(w) for w in words[1:]) else ()
        )
    return cells if sum(row_label(w) is not None for w in words[1:]) > 1 else ()


def _names_figure(words: str) -> bool:
    """A head that names a figure, with or without its quarter: "Q3 PAT (Rs cr)"."""
    bare = words
    for period in reversed(find_periods(words)):
        bare = bare[: period.start] + " " + bare[period.end :]
    return row_label(bare.strip()) is not None


def _other(words: str) -> bool:
    """A head of a column that is no figure of ours: a margin, a ratio, interest income."""
    return bool(re.search(r"[A-Za-z]{2}", words))


def _named_rows(view: str, head: tuple[Span, ...]) -> bool:
    return bool(_COMPANY.match(view[slice(*head[0])]))


_NAMELESS = 4


def _row(view: str, line: Line, head: tuple[Span, ...]) -> tuple[Span, ...]:
    cells = _cells(view, line)
    if cells and len(cells) == len(head) - 1 and cells[0][0] - line.start >= _NAMELESS and _named_rows(view, head):
        cells = ((line.start, line.start), *cells)  # the name of the company asked for is taken out of the text
    if len(cells) != len(head):
        return ()
    words = [view[a:b] for a, b in cells]
    if not find_periods(words[0]) and not (_named_rows(view, head) and (not words[0] or _NAME.match(words[0]))):
        return ()
    return cells if all(read_cell(w) or (i and _NO_FIGURE.match(w)) for i, w in enumerate(words) if i) else ()
