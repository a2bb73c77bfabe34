"""Figures on cards: a name on one line and its amount on the next, or the other way round, as web pages lose them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_facts import MONEY_FIELDS, Fact
from robotrader.core.background_scheduler.parsers.earnings_rows import Label, row_label
from robotrader.core.background_scheduler.parsers.numbers import Cell, plain, read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods
from robotrader.core.background_scheduler.parsers.text import Line

_GROWTH = regex(
    r"\s*(?P<way>[\u2191\u2193] ?)?(?P<pct>[-+]?\d{1,4}(?:\.\d+)?) ?%(?: ?(?P<how>YoY|QoQ|y-o-y|q-o-q))?\s*$",
    re.IGNORECASE,
)
_GROWING = {"revenue_inr": "revenue", "net_profit_inr": "profit"}
_LONGEST = 45


@dataclass(frozen=True, slots=True)
class _Piece:
    """One line of a card: a name, an amount, or a growth that stands beside them."""

    line: Line
    label: Label | None
    cell: Cell | None
    period: Period | None = None


def cards(view: str, found: list[Line], periods: list[Period]) -> list[Fact]:
    """The facts of all such runs of lines; a run that begins with an amount has its names below the amounts."""
    facts: list[Fact] = []
    run: list[_Piece] = []
    for line in found:
        piece = _piece(view, line)
        if piece is None:
            facts += _read(view, run, periods)
            run = []
        else:
            run.append(piece)
    return facts + list(_read(view, run, periods))


def _piece(view: str, line: Line) -> _Piece | None:
    words = view[line.body : line.end].strip()
    if not words or len(words) > _LONGEST or "|" in words:
        return None
    if _GROWTH.match(words):
        return _Piece(line, None, None)
    cell = read_cell(words)
    if cell and cell.value is not None:
        return _Piece(line, None, cell) if not cell.percent and (cell.factor or cell.currency) else None
    named = find_periods(words)
    for period in reversed(named):
        words = words[: period.start] + words[period.end :]
    words = words.replace("()", "").strip()
    label = None if re.search(r"\d", words) else row_label(words.rstrip(":"))
    return _Piece(line, label, None, named[0] if named else None) if label else None


def _read(view: str, run: list[_Piece], periods: list[Period]) -> Iterator[Fact]:
    told = [p for p in run if p.label or p.cell]
    if len(told) < 2 or (told[0].cell and len(told) < 4):
        return
    below = bool(told[0].cell)
    before = [p for p in periods if p.start < run[0].line.start and (p.kind != "quarter" or p.quarter)]
    period = before[-1] if before else None
    for first, second in pairwise(told):
        name, figure = (second, first) if below else (first, second)
        if name.label and figure.cell and figure.cell.value is not None and first is not second:
            fact = _fact(name.label, figure, name.period or period)
            if fact:
                yield fact
    if not below:
        yield from _growths(view, run, period)


def _growths(view: str, run: list[_Piece], period: Period | None) -> Iterator[Fact]:
    """The growths on lines of their own below an amount that stands below its name."""
    name: Label | None = None
    own, told = period, False
    for piece in run:
        match = _GROWTH.match(view[piece.line.body : piece.line.end]) if not (piece.label or piece.cell) else None
        if piece.label:
            name, own, told = piece.label, piece.period or period, False
        told = told or piece.cell is not None
        base = _GROWING.get(name.field) if name and told else None
        if match and match["how"] and base and not (match["way"] and match["pct"][0] in "-+"):
            value = Decimal(match["pct"]) * (-1 if (match["way"] or "").strip() == "\u2193" else 1)
            kind = "yoy" if match["how"][0] in "yY" else "qoq"
            start = piece.line.body + match.start("pct")
            yield Fact(f"{base}_{kind}_pct", value, start, start + len(match["pct"]) + 1, own)


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
