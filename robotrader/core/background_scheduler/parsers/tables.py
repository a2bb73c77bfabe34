"""Tables in plain text: pipes as in Markdown, tabs, commas. Cells are spans of the text, so nothing loses its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

_RULE = regex(r"[\s|:+=_-]+$")
_FIGURE = regex(r"[\s\"'(\u20b9+-]*\d[\d,.]*\s*[%)\"']?\s*$")
_QUARTER = regex(r"[\s\"']*(?:Q[1-4]|[1-4]Q|FY)[\w '-]{0,12}[\s\"']*$", re.IGNORECASE)
_WORD_CELL = regex(
    r"[A-Z][A-Z0-9&-]{0,19}$|(?:consolidated|stand-?alone|cons\.?|n\.?a\.?)$|20\d\d-\d\d-\d\d$", re.IGNORECASE
)
"""A symbol, a basis or a day, which stand among the figures of a table with a row to a company."""
UNIT_CELL = regex(
    r"\(?(?:in )?(?:\u20b9|rs\.?|inr|rupees)?[ .]{0,2}(?:in )?"
    r"(?P<unit>crores?|crs?|lakhs?|lacs?|millions?|mn|billions?|bn)?\.?[ ]?"
    r"(?:\u20b9|rs\.?|inr|rupees|per share|/ ?share|%|per ?cent)?\)?",
    re.IGNORECASE,
)
"""A cell that holds nothing but the unit of its row."""
_WIDE = 4
_TAB_ROWS = 2
_SINGLE, _SHORT = 3, 90
_TWO = regex(r"\s*[A-Za-z][^|]*\|[^|]*[^|\s][^|]*$")
"""Lines with one bar each that are a table of keys and values."""
_BLANKED = 4
"""A line of more spaces than these was words once."""
_REACH = 60
"""Empty lines behind which a table may go on: rows of other companies were there."""
_MAX_CELLS = 60


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; a cell is the span of its text without the space around it."""

    start: int
    end: int
    rows: tuple[tuple[Span, ...], ...]


def trimmed(view: str, start: int, end: int) -> Span:
    """The span without space at its ends (an empty one stays where it starts)."""
    piece = view[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + left + len(piece.strip())) if piece.strip() else (start, start)


def _split(view: str, start: int, end: int, mark: str, bare: bool = False) -> tuple[Span, ...]:
    """The cells of a line; ``bare`` says that the rows of its table have no bars around them."""
    cells: list[Span] = []
    at, quoted = start, False
    for i in range(start, end):
        if view[i] == '"' and mark == ",":
            quoted = not quoted
        if view[i] == mark and not quoted and len(cells) < _MAX_CELLS:
            cells.append(trimmed(view, at, i))
            at = i + 1
    cells.append(trimmed(view, at, end))
    if mark == "|" and not bare:
        if cells and cells[0][0] == cells[0][1] and view[start:end].lstrip().startswith("|"):
            cells = cells[1:]
        if cells and cells[-1][0] == cells[-1][1] and view[start:end].rstrip().endswith("|"):
            cells = cells[:-1]
    if mark == ",":
        cells = [(a + 1, b - 1) if b - a >= 2 and view[a] == '"' and view[b - 1] == '"' else (a, b) for a, b in cells]
    return tuple(cells)


def _is_pipe_row(line: str) -> bool:
    return line.lstrip().startswith("|") and line.count("|") >= 2


def _spans(view: str) -> list[Span]:
    found, at = [], 0
    for piece in view.split("\n"):
        found.append((at, at + len(piece)))
        at += len(piece) + 1
    return found


_ONE_LINE = regex(r"^[^\n]{0,600}\|[ ]?:?-{2,}:?[ ]?\|[^\n]*[^\s|:-][^\n]*$", re.MULTILINE)
_ROW_END = regex(r"\|[ ]\|(?=[ ]?[^\s|])")


def unfolded(view: str) -> str:
    """The view with the rows of a table of pipes that stands in one line on lines of their own."""
    if "--" not in view or not _ONE_LINE.search(view):
        return view
    return _ONE_LINE.sub(lambda m: _ROW_END.sub("|\n|", m[0]), view)


def find_tables(view: str) -> list[Table]:
    """Every table in ``view``, in order."""
    found: list[Table] = []
    rows: list[tuple[Span, ...]] = []
    begun, ended, mark, bare = 0, 0, "", False
    spans = _spans(view)

    def close() -> None:
        if rows and (mark == "|" or _holds(view, rows, mark)):
            found.append(Table(begun, ended, tuple(rows)))
        rows.clear()

    for i, (start, end) in enumerate(spans):
        line = view[start:end]
        if rows and not line.strip() and _continues(view, spans, i, mark, len(rows[0])):
            continue
        new = _mark(view, spans, i, line)
        if rows and new != mark:
            close()
        if not new:
            continue
        if new == mark == "," and rows and len(_split(view, start, end, ",")) != len(rows[0]):
            close()
        if not rows:
            begun = start
        mark, ended = new, end
        if _RULE.match(line) and "-" in line:
            continue
        rows.append(_split(view, start, end, new, bool(rows) and bare))
        bare = bare if len(rows) > 1 else not line.lstrip().startswith("|")
    close()
    return found


_GROUPED = regex(r"[A-Za-z)%][ :=\u20b9-]{1,6}\d{1,3},\d{2,3}(?!\d)")
"""A comma within an amount behind its name: "Profit after tax - 1,502.26"."""
_NOTE = regex(r"[^,\d\"]{2,40},[^,]{2,60},{2,}\s*$")
"""A line of a spreadsheet that only tells a word about the sheet: "basis,Consolidated,,,"."""


def _continues(view: str, spans: list[Span], i: int, mark: str, width: int) -> bool:
    """Behind an empty line the same table goes on: a row as wide as the others, or the rule below the heads."""
    if spans[i][1] - spans[i][0] > _BLANKED or mark != "|":
        return spans[i][1] - spans[i][0] > _BLANKED
    ahead = [k for k in range(i + 1, min(i + _REACH, len(spans))) if view[slice(*spans[k])].strip()]
    if not ahead or not _is_pipe_row(view[slice(*spans[ahead[0]])]):
        return False
    line = view[slice(*spans[ahead[0]])]
    if _RULE.match(line) and "-" in line:
        return True
    after = [view[a:b] for a, b in spans[ahead[0] + 1 : ahead[0] + 4] if view[a:b].strip()]
    heads = bool(after) and bool(_RULE.match(after[0])) and "-" in after[0]
    return not heads and len(_split(view, *spans[ahead[0]], "|")) == width


def _mark(view: str, spans: list[Span], i: int, line: str) -> str:
    if not line.strip() or len(line) > 20_000:
        return ""
    if _is_pipe_row(line):
        return "|"
    if "|" in line:
        near = [view[a:b] for a, b in spans[max(0, i - 2) : i + 3]]
        ruled = any(_is_pipe_row(n) or bool(_RULE.match(n) and "|" in n and "-" in n) for n in near)
        single = bool(_TWO.match(line)) and sum(bool(_TWO.match(n)) for n in near) >= _SINGLE
        if (
            ruled
            or (single and len(line) < _SHORT)
            or (line.count("|") >= 2 and sum(n.count("|") == line.count("|") for n in near) >= 2)
        ):
            return "|"
    if "\t" in line.strip():
        return "\t"
    return "," if line.count(",") >= 1 and len(line) < 400 and not _NOTE.match(line) else ""


def _holds(view: str, rows: list[tuple[Span, ...]], mark: str) -> bool:
    """Lines with commas or tabs are a table if they are several of one width and hold figures."""
    if len(rows) < 2 or len(rows[0]) < 2 or (mark == "," and len(rows) < 3 and len(rows[0]) < 3):
        return False
    cells = [view[a:b] for row in rows[1:] for a, b in row[1:] if b > a]
    wide = len(rows[0]) >= _WIDE and all(len(row) == len(rows[0]) for row in rows)
    if mark == "," and not all(
        _FIGURE.match(c)
        or _QUARTER.match(c)
        or not re.search(r"\w\w", c)
        or (wide and _WORD_CELL.match(c))
        or UNIT_CELL.fullmatch(c)
        for c in cells
    ):
        return False
    grouped = (bool(_GROUPED.search(view[row[0][0] : row[1][1]])) for row in rows if len(row) > 1)
    named = (bool(re.search(r"[A-Za-z]", view[row[0][0] : row[0][1]])) for row in rows)
    if mark == "," and (any(grouped) or not all(named)):
        return False
    if mark == "," and any(b - a > 70 for row in rows for a, b in row):
        return False
    if mark == "\t" and len(rows) >= _TAB_ROWS and sum(len(r) == len(rows[0]) for r in rows) * 4 >= len(rows) * 3:
        return any(re.search(r"\d", c) for c in cells)
    cells = [c for c in cells if not UNIT_CELL.fullmatch(c)]
    figures = sum(bool(_FIGURE.match(c)) for c in cells)
    return bool(cells) and (figures * 2 >= len(cells) or (mark == "," and wide and figures >= 2 * (len(rows) - 1)))
