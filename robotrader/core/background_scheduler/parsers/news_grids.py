"""Tables that can hold stories: pipes, comma or tab separated lines, columns parted by spaces, rows of a dump."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.news_dates import published
from robotrader.core.background_scheduler.parsers.news_dump import dump_rows
from robotrader.core.background_scheduler.parsers.news_facts import Page
from robotrader.core.background_scheduler.parsers.news_keys import DETAILS, best, column_key, field_of
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import find_tables, trimmed
from robotrader.core.background_scheduler.parsers.text import Span

Row = tuple[Span, ...]
MOST_ROWS = 400
_LATER = (
    "development",
    "update",
    "developments",
    "updates",
    "key_development",
    "what_happened",
    "highlights",
    "key_news",
    "top_news",
    "catalyst",
    "catalysts",
    "trigger",
    "key_catalyst",
    "news_catalyst",
    "latest_news",
    "recent_news",
    "highlight",
    "key_event",
    "key_update",
    "latest_update",
    "what_is_new",
    "headlines",
    "top_headlines",
    "key_headlines",
    "stories",
    "news_items",
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells; the first row holds names, if ``named``.

    Attributes:
        start, end: where it stands; cut: its last row ends with the text.
    """

    start: int
    end: int
    rows: tuple[Row, ...]
    named: bool


def find_grids(page: Page) -> list[Grid]:
    """Every table in the page that can hold stories."""
    grids = []
    for table in find_tables(page.view):
        rows = tuple(row for row in table.rows if row)  # a lone bar is a row without cells
        if rows and "|" in page.view[table.start : rows[0][-1][1] + 4]:
            grids.append(Grid(table.start, table.end, rows, bool(columns_of(page, rows[0]))))
    grids += [Grid(a, b, rows, named=True) for a, b, rows in dump_rows(page) if columns_of(page, rows[0])]
    grids += _separated(page, [(g.start, g.end) for g in grids])
    return grids or _unnamed(page, [])


def columns_of(page: Page, row: Row) -> dict[str, int]:
    """The column of each field that a row of names has; empty where it names no headline."""
    keys = [column_key(page.view[a:b]) for a, b in row]
    fields: dict[str, int] = {}
    for name in ("headline", *DETAILS):
        named = [k for k in best(name, keys) if keys.index(k) not in fields.values()]
        if named:
            fields[name] = keys.index(named[0])
    if "headline" not in fields:
        later = [k for k in _LATER if k in keys]
        if later:
            fields = {n: i for n, i in fields.items() if i != keys.index(later[0])}
            fields["headline"] = keys.index(later[0])
    told = "headline" in fields and keys[fields["headline"]]
    details = next((i for i, k in enumerate(keys) if k in ("details", "detail", "description", "summary")), None)
    if told in ("subject", "event") and details is not None:
        fields["category"] = fields["headline"]
        fields["headline"] = details
        fields.pop("summary", None)
    if (
        "headline" not in fields
        and details is not None
        and ("published_at" in fields or "url" in fields)
        and len(fields) >= 2
    ):
        fields["headline"] = details
        fields.pop("summary", None)
    return fields if "headline" in fields and len(keys) >= 2 else {}


_HEADED = regex(r"[^\n]{6,600}")


def _unnamed(page: Page, taken: list[Span]) -> list[Grid]:
    """Lines of commas without names above them: as many cells in each, one of them quoted, one a day or a link."""
    rows: list[Row] = []
    start = end = 0
    for line in _HEADED.finditer(page.view):
        if not _QUOTED_CELL.search(line[0]) or any(a <= line.start() < b for a, b in taken):
            continue
        cells, _ = _records(page.view, line.start(), ",", most=1)
        row = cells[0] if cells else ()
        stated = any(published(page.view[a:b]) or _LINK.match(page.view, a, b) for a, b in row)
        if len(row) < 3 or not stated or (rows and len(row) != len(rows[0])):
            return []
        start, end = (line.start() if not rows else start), line.end()
        rows.append(row)
    return [Grid(start, end, tuple(rows), named=False)] if len(rows) >= 2 else []


def _separated(page: Page, taken: list[Span]) -> list[Grid]:
    """Tables of commas, semicolons or tabs below a line of names."""
    grids: list[Grid] = []
    at = 0
    for match in _HEADED.finditer(page.view):
        if match.start() < at or any(a <= match.start() < b for a, b in taken):
            continue
        line = match[0]
        mark = "\t" if "\t" in line.strip() else ";" if line.count(";") > line.count(",") else ","
        if mark == "," and line.count(mark) < 1 and (grid := _aligned(page, match.start())):
            grids.append(grid)
            at = grid.end
            continue
        if line.count(mark) < 1 or line.lstrip()[:1] in "{[":
            continue
        cells = [column_key(c.strip(" \"'")) for c in line.split(mark)]
        if not any(field_of(c) == "headline" or c in ("details", "description") for c in cells):
            continue
        if sum(field_of(c) is not None for c in cells) < 2 or max(len(c) for c in cells) > 40:
            continue
        rows, end = _records(page.view, match.start(), mark)
        if len(rows) >= 2 and columns_of(page, rows[0]):
            grids.append(Grid(match.start(), end, tuple(rows), named=True))
            at = end
    return grids


_QUOTED_CELL = regex(r"(?:^|,)[ ]?\"[^\"\n]{20,300}\"[ ]?(?:,|$)")
_LINK = regex(r"https?://\S{4,500}$", re.IGNORECASE)
_SPACED = regex(r"\S+(?: \S+)*")
"""A cell of columns that are parted by two spaces at least."""


def _aligned(page: Page, start: int) -> Grid | None:
    """A table whose columns are parted by runs of spaces, below a line of three names or more."""
    rows: list[Row] = []
    end = start
    for line in _HEADED.finditer(page.view, start):
        cells = tuple(m.span() for m in _SPACED.finditer(page.view, *line.span()))
        if not rows:
            keys = [column_key(page.view[a:b]) for a, b in cells]
            known = sum(field_of(k) is not None for k in keys)
            if len(cells) < 3 or known < len(cells) - 1 or not columns_of(page, cells):
                return None
        elif len(cells) != len(rows[0]):
            break
        rows.append(cells)
        end = line.end()
    return Grid(start, end, tuple(rows), named=True) if len(rows) >= 2 else None


def _records(view: str, start: int, mark: str, most: int = MOST_ROWS) -> tuple[list[Row], int]:
    """The rows from ``start`` on, as long as they are as wide as the first; quoted cells may hold marks and line ends.

    A last row that the text breaks off in is left out: one with an open quote, or one with fewer cells.
    """
    rows: list[Row] = []
    at = end = start
    size = len(view)
    while at < size and len(rows) < most:
        cells: list[Span] = []
        while True:
            cell, at, closed = _read_cell(view, at, mark)
            cells.append(cell)
            if not closed:
                return rows, end
            if at >= size or view[at] != mark:
                break
            at += 1
        line_end = view.find("\n", at)
        line_end = size if line_end < 0 else line_end
        if rows and len(cells) != len(rows[0]):
            if cells == [(at, at)] or (len(cells) == 1 and cells[0][0] == cells[0][1]):
                at = line_end + 1
                continue
            if len(cells) < len(rows[0]) or len(cells) > len(rows[0]) + 1:
                break
        rows.append(tuple(cells))
        at, end = line_end + 1, line_end
    return rows, end


def _read_cell(view: str, at: int, mark: str) -> tuple[Span, int, bool]:
    while at < len(view) and view[at] == " ":
        at += 1
    if view[at : at + 1] == '"':
        stop = at + 1
        while True:
            stop = view.find('"', stop)
            if stop < 0:
                return (at, len(view)), len(view), False
            if view[stop + 1 : stop + 2] != '"':
                break
            stop += 2
        after = stop + 1
        while after < len(view) and view[after] in " \r":
            after += 1
        if after >= len(view) or view[after] in (mark, "\n"):
            return (at + 1, stop), after, True
    ends = [i for i in (view.find(mark, at), view.find("\n", at)) if i >= 0]
    stop = min(ends, default=len(view))
    return trimmed(view, at, stop), stop, True
