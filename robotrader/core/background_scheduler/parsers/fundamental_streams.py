"""Tables that lost their shape: one cell to a line, heads broken over lines, years glued together.

What is recognised is handed on as a ``Table`` with its cells where they stand, so that it is read as any other.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.dates import MONTH
from robotrader.core.background_scheduler.parsers.fundamental_cells import holds_figure, is_figure, read_label
from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company
from robotrader.core.background_scheduler.parsers.fundamental_times import PERIODS, head_time
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import Table, trimmed
from robotrader.core.background_scheduler.parsers.text import Line, Span

_RULE = regex(r"[\s|:+=_-]+$")
_DASH = regex(r"\s*(?:-{1,3}|n\.?a\.?|nil)\s*$", re.IGNORECASE)
_MOST_LINES = 2500
LEAST_ROWS = 3
"""Rows from which on names and figures parted by commas are a file."""
_MOST_CELLS = 40
_LONG_ROW = 6000
"""Characters of a line that holds a whole table."""


@dataclass(slots=True)
class _Cells:
    """The cells of the lines and, looked at once each, what they are."""

    view: str
    spans: list[Span]
    kinds: list[str | None] = field(default_factory=list)

    def kind(self, i: int) -> str:
        """``label``, ``value``, ``time``, ``text``, ``rule`` or, behind the last cell, ``end``."""
        if i >= len(self.spans):
            return "end"
        found = self.kinds[i]
        if found is None:
            found = self.kinds[i] = _kind(self.view, *self.spans[i])
        return found

    def run(self, i: int, *kinds: str) -> int:
        """How many cells from ``i`` on are of these kinds."""
        j = i
        while j - i < _MOST_CELLS and self.kind(j) in kinds:
            j += 1
        return j - i


def _kind(view: str, start: int, end: int) -> str:
    text = view[start:end]
    if start == end:
        return "rule"
    if end - start > 90:
        return "text"
    if _DASH.match(text) or is_figure(view, start, end):
        return "value"
    if head_time(text) is not None and len(text) < 30 and not read_label(text):
        return "time"
    return "label" if read_label(text) and not holds_figure(text) else "text"


def stream_tables(view: str, found: list[Line]) -> list[Table]:
    """Every such table among lines that belong to no other."""
    spans = [s for line in found[:_MOST_LINES] for s in _pieces(view, line)]
    cells = _Cells(view, spans, [None] * len(spans))
    tables: list[Table] = []
    heads: list[Span] = []
    rows: list[tuple[Span, ...]] = []
    i = 0
    while i < len(spans):
        told, size = _heads(cells, i)
        if told:
            _close(heads, rows, tables)
            heads, i = told, i + size
            continue
        labels = cells.run(i, "label")
        across = _across(cells, i, labels) if labels >= 2 else None
        if across is not None:
            tables.append(across[0])
            i += across[1]
            continue
        between = _explained(cells, i, len(heads))
        values = cells.run(i + 1 + between, "value") if cells.kind(i) in ("label", "text") else 0
        if heads and values == len(heads):
            rows.append((spans[i], *spans[i + 1 + between : i + 1 + between + values]))
            i += values + between
        i += 1
    _close(heads, rows, tables)
    return tables


_MADE_OF = 4


def _explained(cells: _Cells, i: int, width: int) -> int:
    """How many cells of words stand between a name and its figures: what the ratio is made of, why it changed."""
    size = cells.run(i + 1, "text") if width >= 2 and cells.kind(i) == "label" else 0
    return size if 0 < size <= _MADE_OF and cells.run(i + 1 + size, "value") == width else 0


def _pieces(view: str, line: Line) -> list[Span]:
    text = view[line.start : line.end]
    if len(text) > (_LONG_ROW if text.count("|") >= 10 else 400) or (_RULE.match(text) and not _DASH.match(text)):
        return [(line.start, line.start)] if "--" in text and "|" in text else []
    if "|" not in view[line.start : line.end]:
        return _words(view, line) or [trimmed(view, line.body, line.end)]
    cuts = [line.start - 1, *(i for i in range(line.start, line.end) if view[i] == "|"), line.end]
    spans = [trimmed(view, a + 1, b) for a, b in itertools.pairwise(cuts)]
    return [s for s in spans if s[1] > s[0]][: _MOST_CELLS * (10 if text.count("|") >= 10 else 1)]


_ONE_TIME = rf"(?:(?:{MONTH}|Mar|Jun|Sep|Dec)[-' ]{{0,2}}(?:20)?\d\d|FY[ ]?'?(?:20)?\d\dE?|(?:19|20)\d\d)"
_GLUED = tuple(
    (regex(rf"(?:{one}){{2,12}}\s*$", re.IGNORECASE), regex(one, re.IGNORECASE))
    for one in (r"-?\d{1,7}\.\d\d[%x]?", r"-?\d{1,5}\.\d[%x]?(?!\d)|-?\d{1,5}\.\d(?=\d{1,5}\.)", _ONE_TIME)
)


def _glued(view: str, line: Line) -> list[Span]:
    """The cells of "Current Ratio (X)1.501.401.30" and of "Key RatiosMar 24Mar 23Mar 22"."""
    if line.end - line.body > 160:
        return []
    for whole, one in _GLUED:
        if match := whole.search(view, line.body, line.end):
            cells = [m.span() for m in one.finditer(view, match.start(), match.end())]
            lead = trimmed(view, line.body, match.start())
            return [*([lead] if lead[1] > lead[0] else []), *cells] if len(cells) > 1 else []
    return []


def _words(view: str, line: Line) -> list[Span]:
    """The cells of "ROE (%) 12.1 13.5 15.0" and of "Particulars FY23 FY24 FY25": a text and two and more of a kind."""
    glued = _glued(view, line)
    if glued:
        return glued
    for spans in (
        [m.span() for m in PERIODS.finditer(view, line.body, line.end)],
        [(f.start, f.end) for f in figures(view, line.body, line.end)],
    ):
        size = len(spans)
        while size > 1 and not re.search(r"[^\s()%x]", view[spans[size - 2][1] : spans[size - 1][0]]):
            size -= 1
        tail = spans[size - 1 :]
        if len(tail) < 2 or re.search(r"[^\s()%x.]", view[tail[-1][1] : line.end]) or len(tail) != len(spans):
            continue
        lead = trimmed(view, line.body, tail[0][0])
        if lead[1] == lead[0] or (re.match(r"[A-Za-z]", view[lead[0] : lead[1]]) and lead[1] - lead[0] < 60):
            return ([lead] if lead[1] > lead[0] else []) + tail
    return []


def _heads(cells: _Cells, i: int) -> tuple[list[Span], int]:
    """The heads of columns that begin at a cell: periods, glued years, or companies right before the first name."""
    times = cells.run(i, "time")
    if times >= 2:
        return cells.spans[i : i + times], times
    size = 0
    while size < 12 and cells.kind(i + size) == "text" and is_company(_text(cells, i + size)):
        size += 1
    ruled = cells.kind(i + size) == "rule"
    if size >= 2:
        ahead = next(
            (j for j in range(i + size, min(i + size + 5, len(cells.spans))) if cells.kind(j) == "label"), None
        )
        values = cells.run(ahead + 1, "value") if ahead is not None else 0
        if values == size or (ruled and 2 <= values < size):
            return cells.spans[i + size - values : i + size], size
    return [], 0


def _text(cells: _Cells, i: int) -> str:
    return cells.view[slice(*cells.spans[i])]


def _across(cells: _Cells, i: int, labels: int) -> tuple[Table, int] | None:
    """A run of names followed by rows of one text and as many figures."""
    j = i + labels
    rows: list[tuple[Span, ...]] = []
    while cells.kind(j) == "text" and cells.run(j + 1, "value") == labels:
        rows.append((cells.spans[j], *cells.spans[j + 1 : j + 1 + labels]))
        j += 1 + labels
    if not rows:
        return None
    first = cells.spans[i - 1] if i and cells.kind(i - 1) == "text" else (cells.spans[i][0], cells.spans[i][0])
    head = (first, *cells.spans[i : i + labels])
    return Table(first[0], rows[-1][-1][1], (head, *rows)), j - i


def _close(heads: list[Span], rows: list[tuple[Span, ...]], tables: list[Table]) -> None:
    if rows:
        corner = (heads[0][0], heads[0][0])
        tables.append(Table(heads[0][0], rows[-1][-1][1], ((corner, *heads), *rows)))
    rows.clear()


def aligned_tables(view: str, found: list[Line], marks: str) -> list[Table]:
    """Rows whose cells are set apart by two spaces and more: at least two lines of three cells."""
    tables: list[Table] = []
    rows: list[tuple[Span, ...]] = []
    spans: list[Span] = []
    for line in [*found, None]:
        cells: list[Span] = []
        if line is not None and line.end - line.start < 300:
            cuts = [m.span() for m in re.finditer(r"[ ]{2,200}", marks[line.start : line.end].rstrip())]
            at = line.start
            for a, b in cuts:
                cells.append(trimmed(view, at, line.start + a))
                at = line.start + b
            cells.append(trimmed(view, at, line.end))
            cells = [c for k, c in enumerate(cells) if (c[1] > c[0] or k) and not _COLON.match(view[c[0] : c[1]])]
            if rows and len(rows) == 1 and len(cells) == len(rows[0]) + 1 and _heads_only(view, rows[0]):
                rows = [((rows[0][0][0], rows[0][0][0]), *rows[0])]
        held = len(cells) >= 3 and bool(_RUN_IN.search(view[slice(*cells[0])])) and is_figure(view, *cells[1])
        if (
            line is not None
            and line.level >= 8
            and not held
            and (len(cells) >= 3 or (not rows and _bases(view, cells)))
        ):
            rows.append(tuple(cells))
            spans.append((line.start, line.end))
            continue
        if len(rows) >= 2 and len({len(r) for r in rows}) <= 2:
            tables.append(Table(spans[0][0], spans[-1][1], tuple(rows)))
        rows, spans = [], []
    return tables


_COLON = regex(r"[:=][ ]*$")
_RUN_IN = regex(r"[A-Za-z)%]-?\d+\.\d+%?$")
"""A name with the first figure of its row run into it: "ROE(%)12.13"."""
_BASIS = regex(
    r"(?:stand-?alone|consolidated|consol\.?|current|latest|TTM|LTM|FY[ ]?'?\d\d(?:\d\d)?|company|stock"
    r"|(?:present |current |latest )?values?|percentile(?: \([^()]*\))?|benchmark|norm|ideal|rank|score"
    r"|(?:peers?|peer group|industry|sector)(?: (?:avg\.?|average|median|mean))?)$",
    re.IGNORECASE,
)


def _bases(view: str, cells: list[Span]) -> bool:
    """The two heads of a table of two columns: "Standalone   Consolidated"."""
    return len(cells) == 2 and all(_BASIS.match(view[a:b]) for a, b in cells)


def _heads_only(view: str, cells: tuple[Span, ...]) -> bool:
    """A row of heads that leaves out the one of its names."""
    return all(b > a and read_label(view[a:b]) is None and not is_figure(view, a, b) for a, b in cells)


def comma_tables(view: str, found: list[Line]) -> list[Table]:
    """Lines of as many commas or semicolons below a line of at least two names of ratios."""
    tables: list[Table] = []
    rows: list[tuple[Span, ...]] = []
    mark = ""
    for line in [*found, None]:
        text = view[line.start : line.end] if line is not None and line.end - line.start < 2000 else ""
        cells = _split(view, line, mark) if line is not None and mark and text.count(mark) >= 2 else []
        if rows and len(cells) == len(rows[0]):
            rows.append(tuple(cells))
            continue
        if len(rows) > 1:
            tables.append(Table(rows[0][0][0], rows[-1][-1][1], tuple(rows)))
        rows, mark = [], next((m for m in ",;" if text.count(m) >= 2), "")
        head = _split(view, line, mark) if line is not None and mark else []
        named = [c for c in head if read_label(view[c[0] : c[1]]) and not holds_figure(view[c[0] : c[1]])]
        rows = [tuple(head)] if len(named) >= 2 and not any(is_figure(view, *c) for c in head) else []
    return tables


def two_columns(view: str, found: list[Line]) -> list[Table]:
    """Lines of a name, a comma or semicolon, and one figure: a file of two columns."""
    rows: list[tuple[Span, ...]] = []
    runs: list[list[tuple[Span, ...]]] = [rows]
    for line in found:
        text = view[line.start : line.end]
        cut = next((i for i, c in enumerate(text) if c in ",;"), 0) if len(text) < 120 else 0
        if not cut or "|" in text:
            rows = []
            runs.append(rows)
            continue
        at = line.start + cut
        rows.append((trimmed(view, line.start, at), trimmed(view, at + 1, line.end)))
    told = []
    for run in runs:
        named = [r for r in run if is_figure(view, *r[1]) and _plain_label(view[slice(*r[0])])]
        if len(named) >= LEAST_ROWS and 2 * len(named) > len(run):
            told.append(Table(run[0][0][0], run[-1][1][1], tuple(run)))
    return told


def _plain_label(text: str) -> bool:
    return read_label(text) is not None and not holds_figure(text)


def _split(view: str, line: Line, mark: str) -> list[Span]:
    cells: list[Span] = []
    at, quoted = line.start, False
    for i in range(line.start, line.end):
        quoted = quoted != (view[i] == '"')
        if view[i] == mark and not quoted and len(cells) < _MOST_CELLS:
            cells.append(trimmed(view, at, i))
            at = i + 1
    cells.append(trimmed(view, at, line.end))
    return [(a + 1, b - 1) if b - a >= 2 and view[a] == view[b - 1] == '"' else (a, b) for a, b in cells]


def _even(table: Table) -> Table:
    """The table without the empty cells that bars around its rows make and its head does not have."""
    size = len(table.rows[0]) if table.rows else 0
    rest = table.rows[1:]
    if rest and all(len(r) > 3 and r[0][0] == r[0][1] and r[-1][0] == r[-1][1] for r in rest):
        return Table(table.start, table.end, (table.rows[0], *(r[1:-1] for r in rest)))
    rows = tuple(r[:size] if len(r) == size + 1 and r[-1][0] == r[-1][1] else r for r in table.rows)
    return Table(table.start, table.end, rows)


def with_head(view: str, table: Table, found: list[Line], told: dict[Span, bool]) -> Table:
    """A table whose head was broken over lines above it, with the head whole; ``told``: which cells are figures."""
    table = _even(table)
    width = max(map(len, table.rows), default=0)
    if not width:
        return table
    first = next((i for i, row in enumerate(table.rows) if len(row) == width), 0)
    table = Table(table.rows[first][0][0], table.end, table.rows[first:]) if table.rows else table
    if width < 3 or any(read_label(view[a:b]) for row in table.rows[:1] for a, b in row):
        return table
    above = [line for line in found if table.start - 1500 <= line.start and line.end < table.start][-30:]
    kept: tuple[Span, ...] = ()  # more than one row of them, and what stands further above changes nothing
    for size in range(2, len(above) + 1):
        start = above[-size].start
        if re.search(r"\n[ \t]*\n", view[above[-size].end : above[-size + 1].start]):
            break
        region = view[start : table.start].rstrip(" \n|:-")
        if region.count("|") >= width - 1 and len(kept) <= width:
            cuts = [start - 1, *(start + i for i, c in enumerate(region) if c == "|"), start + len(region)]
            cells = [trimmed(view, a + 1, b) for a, b in itertools.pairwise(cuts) if b > a + 1]
            told.update({c: is_figure(view, *c) for c in cells if c not in told})
            if any(told[c] for c in cells):
                return table
            kept = tuple(c for c in cells if c[1] > c[0] and not _RULE.match(view[c[0] : c[1]]))
            if len(kept) >= width and sum(read_label(view[a:b]) is not None for a, b in kept[-width:]) >= 2:
                return Table(kept[-width][0], table.end, (kept[-width:], *table.rows))
    return table
