"""Screens: tables of outside text that is never read as markup, as wide as the terminal at most (80 in a pipe)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from robotrader.cli import clean, output

if TYPE_CHECKING:
    from rich.console import Console, Group, RenderableType
    from rich.table import Table
    from rich.text import Text

MARKS = "₹─│╭·"
Column: TypeAlias = "str | tuple[str, str]"
"""A name, or a name with ``RIGHT`` for numbers or ``WHOLE`` for what should not be broken over lines."""
RIGHT, WHOLE = "right", "whole"
STYLES = {
    "COMPLETED": "green",
    "SKIPPED": "cyan",
    "FAILED": "red",
    "UNKNOWN": "bold yellow",
    "DEFERRED": "yellow",
    "CANCELLED": "dim",
}
LINK = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Look:
    """What a screen depends on besides its data: the present instant, and how rupees are written."""

    now: datetime
    rupee: str = "₹"
    dot: str = "·"


def look(now: datetime) -> Look:
    """The look that stdout can print."""
    return Look(now) if output.can_print(MARKS) else Look(now, "Rs ", "-")


def title(words: Sequence[str], provider: str | None, view: Look) -> str:
    """A title of several parts, with SANDBOX in it where the embedded provider answered."""
    parts = [clean.line(word) for word in words if word]
    if provider == "sandbox":
        parts.append("SANDBOX")
    return f" {view.dot} ".join(parts)


def table(heading: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Group:
    """A list with a header; a cell is text, or (text, style)."""
    from rich import box
    from rich.table import Table

    return _filled(Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)), heading, columns, rows)


def facts(heading: str, rows: Iterable[Sequence[object]], columns: Sequence[Column] | None = None) -> Group:
    """Names and values of one thing, in a frame."""
    from rich import box
    from rich.table import Table

    return _filled(Table(box=box.ROUNDED, show_header=columns is not None), heading, columns or ("", ""), rows)


def _filled(made: Table, heading: str, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> Group:
    from rich.console import Group

    for column in columns:
        name, kind = column if isinstance(column, tuple) else (column, "")
        made.add_column(
            _text(name), justify="right" if kind == RIGHT else "left", overflow="fold", no_wrap=kind == WHOLE
        )
    for row in rows:
        made.add_row(*[_text(cell) for cell in row])
    return Group(_text((heading, "bold")), made)


def words(*pieces: str | tuple[str, str]) -> Text:
    """One line of pieces of outside text, each plain or with a style."""
    from rich.text import Text

    found = Text(overflow="fold")
    for piece in pieces:
        said, style = piece if isinstance(piece, tuple) else (piece, "")
        found.append(clean.inline(said), style=style)
    return found


def heading(title: str) -> Text:
    """A title that stands above something that is no table."""
    return _text((title, "bold"))


def bullets(items: Iterable[object]) -> Table:
    """A list whose lines stay behind their dashes where they are broken."""
    from rich.table import Table

    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column()
    made.add_column(overflow="fold")
    for item in items:
        made.add_row(_text("-"), _text(item))
    return made


def width() -> int:
    """How wide stdout is: the terminal's columns, 80 in a pipe, else what COLUMNS says."""
    return _console().width


def show(*parts: RenderableType | str) -> None:
    """Print tables and lines to stdout."""
    console = _console()
    with console.capture() as captured:
        for part in parts:
            # A link stays whole: a terminal wraps it and lets it be copied, and in a pipe it can be searched for.
            whole = isinstance(part, str) and part.startswith(LINK) and " " not in part
            console.print(_line(part) if isinstance(part, str) else part, soft_wrap=whole)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    output.write("\n".join(lines).strip("\n"))


def _console() -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)


def stderr_console() -> Console:
    """A console on stderr, for progress."""
    from rich.console import Console

    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)


def _line(words: str) -> Text:
    from rich.text import Text

    return Text(clean.block(words), overflow="fold")


def _text(cell: Any) -> Text:
    from rich.text import Text

    words, style = cell if isinstance(cell, tuple) else (cell, "")
    return Text(clean.line("-" if words is None else words), style=style, overflow="fold")
