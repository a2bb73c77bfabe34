"""Rows of a table that say something about others, and cells that say something about their row."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.earnings_rows import basis_of
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.tables import UNIT_CELL
from robotrader.core.background_scheduler.parsers.text import Span

_LONGEST_NAME, _LONGEST_UNIT = 60, 24


def words_of(view: str, span: Span) -> str:
    """The words of a cell in one line."""
    return re.sub(r"\s+", " ", view[span[0] : span[1]].replace("*", " ")).strip()


def opened_basis(view: str, cells: tuple[Span, ...]) -> str | None:
    """The basis that a row with one cell of words names for the rows below it."""
    told = [words for s in cells if (words := words_of(view, s))]
    return basis_of(told[0]) if len(told) == 1 and len(told[0]) <= _LONGEST_NAME and not read_cell(told[0]) else None


def unit_cell(view: str, cells: tuple[Span, ...]) -> str:
    """The unit that a cell of its own tells for its row: " (crore)"."""
    short = [s for s in cells if s[1] - s[0] <= _LONGEST_UNIT]
    told = [m["unit"] for s in short if (m := UNIT_CELL.fullmatch(words_of(view, s))) and m["unit"]]
    return f" ({told[0]})" if len(told) == 1 else ""
