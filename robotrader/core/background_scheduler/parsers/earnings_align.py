"""Rows of statements without cells: which figure stands in which column, where some of the cells are empty."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_grid import Row, Value
from robotrader.core.background_scheduler.parsers.earnings_rows import Column
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.text import Span

_NEAR = 2
"""Characters that a figure may stand beside its column, as the numbers of a column are not all equally long."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A label and the figures beside or below it; ``line`` is where their one line starts, None for a cell a line."""

    label: str
    span: Span
    values: tuple[Span, ...]
    line: int | None


def place_rows(view: str, columns: list[Column], raws: list[RawRow]) -> list[Row]:
    """The rows with the column of each figure; a row whose empty cell may be any is left without figures."""
    full = [r for r in raws if len(r.values) == len(columns)]
    rows = []
    for raw in raws:
        places = _places(view, columns, raw, full)
        values = []
        for (start, end), column in zip(raw.values, places, strict=False):
            cell = read_cell(view[start:end])
            if cell:
                values.append(Value(cell, start, end, column))
        rows.append(Row(raw.label, raw.span, tuple(values)))
    return rows


def _places(view: str, columns: list[Column], raw: RawRow, full: list[RawRow]) -> list[int]:
    count = len(raw.values)
    if count == len(columns):
        return list(range(count))
    if raw.line is not None and any(b[0] - a[1] >= _NEAR for a, b in pairwise(raw.values)):
        return _by_place(raw, [r for r in full if r.line is not None])
    periods = [i for i, c in enumerate(columns) if not c.growth]
    growths = [r.values[i] for r in full for i, c in enumerate(columns) if c.growth]
    told = all("%" in view[a:b] or not re.search(r"\d", view[a:b]) for a, b in growths)
    level = "margin" in raw.label.lower() or not any("%" in view[a:b] for a, b in raw.values)
    return periods if count == len(periods) and told and level else []


def _by_place(raw: RawRow, full: list[RawRow]) -> list[int]:
    """The columns of full rows under which the figures stand, by their ends or else their beginnings."""
    found = [p for side in (1, 0) if (p := _matched(raw, full, side))]
    return found[0] if found and all(p == found[0] for p in found) else []


def _matched(raw: RawRow, full: list[RawRow], side: int) -> list[int]:
    places: list[int] = []
    for value in raw.values:
        at = value[side] - (raw.line or 0)
        near = {i for r in full for i, v in enumerate(r.values) if abs(v[side] - (r.line or 0) - at) <= _NEAR}
        if len(near) != 1:
            return []
        places.append(near.pop())
    return places if all(a < b for a, b in pairwise(places)) else []
