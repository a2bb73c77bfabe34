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


def show(*parts: RenderableType | str) -> None:
    """Print tables and lines to stdout."""
    console = _console()
    with console.capture() as captured:
        for part in parts:
            # A terminal wraps a link itself and lets it be copied whole; in a pipe every line fits.
            whole = isinstance(part, str) and part.startswith(LINK) and console.is_terminal
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
