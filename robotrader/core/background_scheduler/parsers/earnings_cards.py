"""Figures on cards: a name on one line and its amount on the next, or the other way round, as web pages lose them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_facts import MONEY_FIELDS, Fact
from robotrader.core.background_scheduler.parsers.earnings_rows import Label, row_label
from robotrader.core.background_scheduler.parsers.numbers import Cell, plain, read_cell
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import Line

_GROWTH = re.compile(r"\s*[-+]?\d{1,4}(?:\.\d+)? ?%(?: ?(?:YoY|QoQ|y-o-y|q-o-q))?\s*$", re.IGNORECASE)
_LONGEST = 45


@dataclass(frozen=True, slots=True)
class _Piece:
    """One line of a card: a name, an amount, or a growth that stands beside them."""

    line: Line
    label: Label | None
    cell: Cell | None


def cards(view: str, found: list[Line], periods: list[Period]) -> list[Fact]:
    """The facts of all such runs of lines; a run that begins with an amount has its names below the amounts."""
    facts: list[Fact] = []
    run: list[_Piece] = []
    for line in found:
        piece = _piece(view, line)
        if piece is None:
            facts += _read(run, periods)
            run = []
        else:
            run.append(piece)
    return facts + list(_read(run, periods))


def _piece(view: str, line: Line) -> _Piece | None:
    words = view[line.body : line.end].strip()
    if not words or len(words) > _LONGEST or "|" in words:
        return None
    if _GROWTH.match(words):
        return _Piece(line, None, None)
    cell = read_cell(words)
    if cell and cell.value is not None:
        return _Piece(line, None, cell) if not cell.percent and (cell.factor or cell.currency) else None
    label = None if re.search(r"\d", words) else row_label(words.rstrip(":"))
    return _Piece(line, label, None) if label else None


def _read(run: list[_Piece], periods: list[Period]) -> Iterator[Fact]:
    told = [p for p in run if p.label or p.cell]
    if len(told) < 2 or (told[0].cell and len(told) < 4):
        return
    below = bool(told[0].cell)
    before = [p for p in periods if p.start < run[0].line.start and (p.kind != "quarter" or p.quarter)]
    period = before[-1] if before else None
    for first, second in pairwise(told):
        name, figure = (second, first) if below else (first, second)
        if name.label and figure.cell and figure.cell.value is not None and first is not second:
            fact = _fact(name.label, figure, period)
            if fact:
                yield fact


def _fact(label: Label, piece: _Piece, period: Period | None) -> Fact | None:
    cell, line = piece.cell, piece.line
    if cell is None or cell.value is None or cell.currency == "USD":
        return None
    value = cell.value
    if label.field in MONEY_FIELDS and cell.factor:
        value = plain(value * cell.factor)
        value = -abs(value) if label.loss else value
    elif label.field != "eps_inr" or cell.factor:
        return None
    return Fact(label.field, value, line.body, line.end, period, None, label.rank)
