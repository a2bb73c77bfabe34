"""From rows and columns to facts: every figure of a named row in a column whose period is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, Label, opens_eps, row_label
from robotrader.core.background_scheduler.parsers.numbers import Cell, declared_units, plain
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import Span


@dataclass(frozen=True, slots=True)
class Value:
    """One figure of a row: its place, and the column it stands in (None: unknown)."""

    cell: Cell
    start: int
    end: int
    column: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """A label and the figures beside it."""

    label: str
    span: Span
    values: tuple[Value, ...]


Unit = Callable[[int], tuple[Decimal | None, bool]]
"""Given a place in the text, the unit told for it, and whether that is foreign money."""


def settle(columns: list[Column]) -> list[Column]:
    """Give every growth column the period it is the growth of, and what it compares with."""
    settled: list[Column] = []
    for column in columns:
        if not column.growth or column.period:
            settled.append(column)
            continue
        before = [c for c in settled if c.period and not c.growth and c.period.kind != "other"]
        if not before:
            settled.append(replace(column, period=None))
            continue
        kind = before[-1].period.kind if before[-1].period else ""
        run: list[Period] = []
        for c in reversed(before):
            if c.period is None or c.period.kind != kind:
                break
            run.append(c.period)
        current = max(run, key=lambda p: (p.year or 0, p.quarter or 0))
        settled.append(
            replace(
                column,
                period=current,
                against=column.against or _implied(run, current),
                basis=column.basis or before[-1].basis,
            )
        )
    return settled


def _implied(run: list[Period], current: Period) -> str | None:
    others = [p for p in run if p is not current]
    if current.kind != "quarter" or len(others) != 1 or not others[0].quarter:
        return None
    if others[0].quarter == current.quarter:
        return "yoy"
    steps = ((current.year or 0) - (others[0].year or 0)) * 4 + (current.quarter or 0) - others[0].quarter
    return "qoq" if steps == 1 else None


def grid_facts(
    columns: list[Column], rows: list[Row], unit: Unit, period: Period | None, basis: str | None
) -> Iterator[Fact]:
    """The facts of a table; ``period`` and ``basis`` are what the text around says of a lone column of figures."""
    columns = settle(columns)
    known = [c for c in columns if c.period and not c.growth]
    in_eps = False
    for row in rows:
        label = row_label(row.label, in_eps)
        if label is None or label.field != "eps_inr":
            in_eps = (
                opens_eps(row.label)
                or (in_eps and not row.values)
                or (in_eps and bool(re.search(r"face value|basic|diluted|operations", row.label, re.IGNORECASE)))
            )
        else:
            in_eps = True
        if label is None:
            continue
        for value in row.values:
            if value.column is None or value.column >= len(columns):
                column = Column(period, basis=basis) if not known and len(row.values) == 1 else None
            else:
                column = columns[value.column]
            if column is None or (column.period is None and known):
                continue
            fact = _fact(label, value, column, row, unit, basis) if value.cell.value is not None else None
            if fact:
                yield fact


def _fact(label: Label, value: Value, column: Column, row: Row, unit: Unit, basis: str | None) -> Fact | None:
    cell, name = value.cell, label.field
    figure = cell.value if cell.value is not None else Decimal(0)
    fact = Fact(name, figure, value.start, value.end, column.period, column.basis or basis, label.rank)
    if name.startswith("adjusted:"):
        return fact
    if column.against == "surprise":
        of_profit = cell.percent and name in ("net_profit_inr", "eps_inr")
        return replace(fact, field="surprise_pct", rank=int(name == "eps_inr")) if of_profit else None
    if column.growth:
        base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(name)
        told = base and column.against and (cell.percent or column.percent) and not cell.factor and not cell.currency
        rank = label.rank + _IN_DOLLARS * row_unit(row.label, value.start, unit)[1]
        return replace(fact, field=f"{base}_{column.against}_pct", rank=rank) if told else None
    if name.endswith("_pct"):
        return fact if cell.percent or "%" in row.label else None
    return _amount(fact, label, cell, row, unit)


def _amount(fact: Fact, label: Label, cell: Cell, row: Row, unit: Unit) -> Fact | None:
    """The fact in rupees, or told as lost where no unit is to be found for it."""
    name, figure = fact.field, cell.value if cell.value is not None else Decimal(0)
    per_share = name in ("eps_inr", "dividend_per_share_inr")
    if cell.percent or cell.currency == "USD" or (per_share and (cell.factor or abs(figure) > 100_000)):
        return None
    if per_share:
        return None if _DOLLARS.search(row.label) or row_unit(row.label, fact.start, unit)[1] else fact
    factor, foreign = (cell.factor, False) if cell.factor else row_unit(row.label, fact.start, unit)
    if factor is None:
        return replace(fact, field=f"{'foreign' if foreign else 'lost'}:{name}")
    figure = plain(figure * factor)
    return replace(fact, value=-abs(figure) if label.loss else figure)


_IN_DOLLARS = 5
"""How much worse the growth of dollars is, which stands in for that of rupees."""
_DOLLARS = regex(r"\$|\b(?:usd|us dollars?)\b", re.IGNORECASE)
_BARE_UNIT = regex(
    r"(?:\((?:in )?|[a-z]{3}[ ](?:in )?)(cr|crs|crores?|lakhs?|lacs?|mn|million|bn|billion)\.?(?:\)|$)", re.IGNORECASE
)


def row_unit(label: str, position: int, unit: Unit) -> tuple[Decimal | None, bool]:
    """The unit in a row's own label, else the one told for its place."""
    told = declared_units(label)
    bare = None if told else _BARE_UNIT.search(label)
    told = declared_units("Rs " + bare[1]) if bare else told
    return (told[-1].factor, told[-1].factor is None) if told else unit(position)
