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
    from rich.text import Text

MARKS = "₹─│╭·"
Column: TypeAlias = "str | tuple[str, str]"
"""A name, or a name and ``right`` for numbers."""


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
    """A list with a header. A column is a name, or (name, "right"); a cell is text, or (text, style)."""
    from rich import box  # noqa: PLC0415
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        name, justify = column if isinstance(column, tuple) else (column, "left")
        made.add_column(_text(name), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        made.add_row(*[_text(cell) for cell in row])
    return Group(_text((heading, "bold")), made)


def facts(heading: str, rows: Iterable[Sequence[object]], columns: Sequence[Column] | None = None) -> Group:
    """Names and values of one thing, in a frame."""
    from rich import box  # noqa: PLC0415
    from rich.console import Group  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    kept = [tuple(row) for row in rows]
    made = Table(box=box.ROUNDED, show_header=columns is not None)
    for column in columns or [""] * max((len(row) for row in kept), default=2):
        name, justify = column if isinstance(column, tuple) else (column, "left")
        made.add_column(_text(name), justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in kept:
        made.add_row(*[_text(cell) for cell in row])
    return Group(_text((heading, "bold")), made)


def show(*parts: RenderableType | str) -> None:
    """Print tables and lines to stdout."""
    console = _console()
    with console.capture() as captured:
        for part in parts:
            console.print(_line(part) if isinstance(part, str) else part)
    lines = [line.rstrip() for line in captured.get().splitlines()]
    output.write("\n".join(lines).strip("\n"))


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console(file=sys.stdout, markup=False, highlight=False, emoji=False)


def stderr_console() -> Console:
    """A console on stderr, for progress."""
    from rich.console import Console  # noqa: PLC0415

    return Console(file=sys.stderr, markup=False, highlight=False, emoji=False)


def _line(words: str) -> Text:
    from rich.text import Text  # noqa: PLC0415

    return Text(clean.block(words), overflow="fold")


def _text(cell: Any) -> Text:
    from rich.text import Text  # noqa: PLC0415

    words, style = cell if isinstance(cell, tuple) else (cell, "")
    return Text(clean.line("-" if words is None else words), style=style, overflow="fold")
