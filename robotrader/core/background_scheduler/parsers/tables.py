"""Tables in plain text: pipes as in Markdown, tabs, commas. Cells are spans of the text, so nothing loses its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.text import Span

_RULE = re.compile(r"[\s|:+=_-]+$")
_FIGURE = re.compile(r"[\s\"'(\u20b9+-]*\d[\d,.]*\s*[%)\"']?\s*$")
_QUARTER = re.compile(r"[\s\"']*(?:Q[1-4]|[1-4]Q|FY)[\w '-]{0,12}[\s\"']*$", re.IGNORECASE)
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


def _split(view: str, start: int, end: int, mark: str) -> tuple[Span, ...]:
    cells: list[Span] = []
    at, quoted = start, False
    for i in range(start, end):
        if view[i] == '"' and mark == ",":
            quoted = not quoted
        if view[i] == mark and not quoted and len(cells) < _MAX_CELLS:
            cells.append(trimmed(view, at, i))
            at = i + 1
    cells.append(trimmed(view, at, end))
    if mark == "|":
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


def find_tables(view: str) -> list[Table]:
    """Every table in ``view``, in order."""
    found: list[Table] = []
    rows: list[tuple[Span, ...]] = []
    begun, ended, mark = 0, 0, ""
    spans = _spans(view)

    def close() -> None:
        if rows and (mark == "|" or _holds(view, rows, mark)):
            found.append(Table(begun, ended, tuple(rows)))
        rows.clear()

    for i, (start, end) in enumerate(spans):
        line = view[start:end]
        if rows and len(line) > 4 and line.isspace():
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
        rows.append(_split(view, start, end, new))
    close()
    return found


def _mark(view: str, spans: list[Span], i: int, line: str) -> str:
    if not line.strip() or len(line) > 20_000:
        return ""
    if _is_pipe_row(line):
        return "|"
    if "|" in line:
        near = [view[a:b] for a, b in spans[max(0, i - 2) : i + 3]]
        ruled = any(_is_pipe_row(n) or bool(_RULE.match(n) and "|" in n and "-" in n) for n in near)
        if ruled or (line.count("|") >= 2 and sum(n.count("|") == line.count("|") for n in near) >= 2):
            return "|"
    if "\t" in line.strip():
        return "\t"
    return "," if line.count(",") >= 1 and len(line) < 400 else ""


def _holds(view: str, rows: list[tuple[Span, ...]], mark: str) -> bool:
    """Lines with commas or tabs are a table if they are several of one width and hold figures."""
    if len(rows) < 2 or len(rows[0]) < 2 or (mark == "," and len(rows) < 3 and len(rows[0]) < 3):
        return False
    cells = [view[a:b] for row in rows[1:] for a, b in row[1:] if b > a]
    if mark == "," and not all(_FIGURE.match(c) or _QUARTER.match(c) or not re.search(r"\w\w", c) for c in cells):
        return False
    if mark == "," and not all(re.search(r"[A-Za-z]", view[row[0][0] : row[0][1]]) for row in rows):
        return False
    if mark == "," and any(b - a > 70 for row in rows for a, b in row):
        return False
    return bool(cells) and sum(bool(_FIGURE.match(c)) for c in cells) * 2 >= len(cells)
