"""Results in tables with cells: statements by period, snapshots, lists of companies, key and value."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.dates import MONTHS
from robotrader.core.background_scheduler.parsers.earnings_blocks import opened_basis, unit_cell, words_of
from robotrader.core.background_scheduler.parsers.earnings_dated import against_now, date_columns
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_grid import Row, Unit, Value, grid_facts, row_unit
from robotrader.core.background_scheduler.parsers.earnings_lexer import tokens
from robotrader.core.background_scheduler.parsers.earnings_prose import read_sentence
from robotrader.core.background_scheduler.parsers.earnings_rows import (
    UNIT_HEAD,
    Column,
    Label,
    basis_of,
    kind_only,
    opens_eps,
    read_head,
    row_label,
)
from robotrader.core.background_scheduler.parsers.earnings_state import Context
from robotrader.core.background_scheduler.parsers.earnings_xbrl import reporting_columns
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Span, sentences

_ROMAN = regex(r"\(?[ivxl]{1,6}[).]?$", re.IGNORECASE)
_YEAR_CELL = regex(r"(?:19|20)\d\d$")


_MONTH_HEAD = regex(r"[A-Z][a-z]{2,8}[-' ]{1,2}(?:20)?\d\d$")


@dataclass(frozen=True, slots=True)
class Around:
    """What the text around a table says: period, basis, the units, every period of the text."""

    period: Period | None
    basis: str | None
    unit: Unit
    periods: list[Period]


def _label_at(view: str, row: tuple[Span, ...]) -> int | None:
    """The cell that holds a row's label: the first words that are no numbering and no head of a column."""
    for i, span in enumerate(row[:4]):
        words = words_of(view, span)
        if sum(c.isalpha() for c in words) < 2 or _ROMAN.match(words) or read_cell(words):
            continue
        if not (i and _is_head(words) and row_label(words) is None):
            return i
    return None


def _is_head(words: str) -> bool:
    return (
        bool(kind_only(words))
        or read_head(words, "quarter").period is not None
        or bool(re.match(r"\(?(?:un)?-?\s?audited", words, re.IGNORECASE))
    )


def _figures(view: str, row: tuple[Span, ...], label: int) -> list[tuple[int, Span]]:
    return [
        (i, s)
        for i, s in enumerate(row)
        if i > label and (c := read_cell(words_of(view, s))) and not (c.value is None and s[0] == s[1])
    ]


def split_rows(view: str, table: Table) -> tuple[list[tuple[Span, ...]], list[tuple[Span, ...]]]:
    """The head rows and the body rows of a table."""
    dated = False
    for i, row in enumerate(table.rows):
        if dated and opened_basis(view, row):
            return list(table.rows[:i]), list(table.rows[i:])
        dated = dated or any(_is_head(words_of(view, s)) and not basis_of(words_of(view, s)) for s in row[1:])
        at = _label_at(view, row)
        found = _figures(view, row, at) if at is not None else []
        years = all(_YEAR_CELL.match(words_of(view, s)) for _, s in found)
        worded = (
            at is not None
            and row_label(words_of(view, row[at]))
            and any(re.search(r"\d", view[a:b]) for a, b in row[at + 1 :])
        )
        if (found and not (i == 0 and years)) or (worded and i):
            return list(table.rows[:i]), list(table.rows[i:])
    return list(table.rows[:1]), list(table.rows[1:])


def columns_of(view: str, head: list[tuple[Span, ...]]) -> dict[int, Column]:
    """The columns by the index of their cell."""
    width = max((len(r) for r in head), default=0)
    kinds: dict[int, str] = {}
    bases: dict[int, str] = {}
    pieces: dict[int, list[str]] = {}
    for row in head:
        kind, basis, carried_from = None, None, -1
        for i in range(width):
            words = words_of(view, row[i]) if i < len(row) else ""
            if words and re.search(r"particulars|metric|description|sr\.? ?no|s\.? ?no", words, re.IGNORECASE):
                kind = basis = None
                continue
            if words:
                kind, basis = (
                    kind_only(re.sub(r"(?i)consolidated|standalone|[()]|-\s*$", " ", words).strip() or "-"),
                    basis_of(words),
                )
                carried_from = i
                if not kind and not (basis and len(words) < 40 and not re.search(r"\d", words)):
                    pieces.setdefault(i, []).append(words)
            if kind and carried_from >= 0:
                kinds.setdefault(i, kind)
            if basis and carried_from >= 0:
                bases.setdefault(i, basis)
    made = _made(pieces, kinds, bases)
    units = {i for i, p in pieces.items() if UNIT_HEAD.fullmatch(" ".join(p))}
    told = any(c.period for i, c in made.items() if i not in units)
    return {i: c for i, c in made.items() if i not in units or (i and not told)}


def _made(pieces: dict[int, list[str]], kinds: dict[int, str], bases: dict[int, str]) -> dict[int, Column]:
    """The columns that the gathered words, lengths of time and bases stand for."""
    dated = sorted(i for i, p in pieces.items() if _is_head(" ".join(p)) or read_head(" ".join(p), "quarter").growth)
    shift = min(kinds) - dated[0] if kinds and dated and min(kinds) > dated[0] else 0
    bare = {i: re.sub(r"\s*\([^()]*\)\s*$", "", " ".join(pieces[i])) for i in dated}
    same = {words[:3].lower() for words in bare.values()}
    spaced = (len(same) > 1 or same == {"mar"}) and sum(bool(_MONTH_HEAD.match(w)) for w in bare.values()) >= 3
    columns = {}
    for i in dated:
        words = " ".join(sorted(pieces[i], key=lambda w: bool(re.match(r"(?:20)?\d\d-\d\d$", w))))
        annual = "year" if spaced and len(same) == 1 else None
        column = read_head(words, kinds.get(i + shift) or annual, spaced)
        columns[i] = replace(column, basis=column.basis or bases.get(i + shift))
    if not dated and kinds and len(set(kinds.values())) == len(kinds):
        columns = {i: Column(None, basis=bases.get(i)) for i in kinds}
    if not dated and not kinds and len(set(bases.values())) == len(bases) > 1:
        columns = {i: Column(Period("quarter", None, None, 0, 0), basis=bases[i]) for i in bases}
    return columns


def _around_it(column: Column, told: Period | None) -> Column:
    """A column headed "Actual" or "Value" is of the period that is told above the table."""
    loose = column.period and column.period.kind == "quarter" and not column.period.quarter
    return replace(column, period=told) if loose and told and not column.growth else column


def table_facts(view: str, table: Table, around: Around) -> list[Fact]:
    """Every fact of one table."""
    head, body = split_rows(view, table)
    if not body:
        head, body = [], list(table.rows)
    sideways = _sideways(view, head, body, around)
    if sideways:
        return sideways
    heads: dict[int, str] = {}
    for cells in head:
        heads.update({i: f"{heads.get(i, '')} {words_of(view, s)}".strip() for i, s in enumerate(cells)})
    told = reporting_columns(view, list(table.rows))
    dated = told or date_columns(columns_of(view, head), heads, around.period, around.periods)
    if dated is None:
        return []
    columns = against_now({i: _around_it(c, around.period) for i, c in dated.items()}, heads, around.period)
    order = sorted(columns)
    groups: list[tuple[str | None, list[Row]]] = []
    facts: list[Fact] = []
    basis = (
        next((b for r in head for s in r if (b := basis_of(words_of(view, s)))), None)
        if not any(c.basis for c in columns.values())
        else None
    )
    groups.append((basis or around.basis, []))
    for cells in body:
        opened = opened_basis(view, cells)
        if opened:
            groups.append((opened, []))
        at = _label_at(view, cells)
        if at is None:
            continue
        found = _figures(view, cells, at)
        values = _placed(view, found, order)
        groups[-1][1].append(
            Row(words_of(view, cells[at]) + unit_cell(view, cells[at + 1 :]), cells[at], tuple(values))
        )
        facts += _worded(view, cells, at, {i for i, _ in found}, columns, around)
    for told_basis, rows in groups:
        facts += grid_facts([columns[i] for i in order], rows, around.unit, around.period, told_basis)
    return facts


def _placed(view: str, found: list[tuple[int, Span]], order: list[int]) -> tuple[Value, ...]:
    """The figures of a row, each with the column it stands in."""
    by_index = {i: k for k, i in enumerate(order)}
    aligned = bool(found) and found[0][0] in by_index and (len(found) != len(order) or found[0][0] == order[0])
    values = []
    for k, (i, span) in enumerate(found):
        cell = read_cell(words_of(view, span))
        if cell:
            column = by_index.get(i) if aligned else (k if len(found) == len(order) else None)
            values.append(Value(cell, span[0], span[1], column))
    return tuple(values)


def _worded(
    view: str, cells: tuple[Span, ...], at: int, done: set[int], columns: dict[int, Column], around: Around
) -> list[Fact]:
    """Cells that hold words beside their figure: "₹584 cr (+36% YoY)", or whole sentences."""
    label = row_label(words_of(view, cells[at]))
    facts: list[Fact] = []
    latest = _latest_dated(view, cells)
    for i, span in enumerate(cells):
        if (
            i in done
            or span[0] == span[1]
            or i < at
            or (i == at and (label or opens_eps(words_of(view, span))))
            or not re.search(r"\d", view[span[0] : span[1]])
        ):
            continue
        column = columns.get(i)
        if (latest is not None and i != latest) or (
            column and (column.growth or (column.period is None and len(columns) > 1))
        ):
            continue
        context = Context(column.period if column and column.period else around.period, around.basis)
        first = tokens(view, *cells[at], around.periods) if label and i > at else []
        for start, end in sentences(view, *span):
            items = first + tokens(view, start, end, around.periods)
            new, after = read_sentence(items, context, view)
            facts += new
            context, first = Context(after, around.basis), []
    return facts


_DATED = regex(r"[\s*]*(?P<m>[A-Z][a-z]{2,8}) (?P<y>20\d\d)[\s*]*:")


def _latest_dated(view: str, cells: tuple[Span, ...]) -> int | None:
    """Of cells that start with a month and a year, the last one."""
    dated = []
    for i, span in enumerate(cells):
        match = _DATED.match(view[span[0] : span[0] + 40])
        if match and match["m"][:3].lower() in MONTHS:
            dated.append((int(match["y"]), MONTHS[match["m"][:3].lower()], i))
    return max(dated)[2] if len(dated) >= 2 else None


_PERIOD_WORDS = regex(r"\b(?:Q[1-4]|[1-4]Q)\s?(?:FY)?\s?'?\d{0,4}(?:-\d\d)?\b|\bFY\s?\d{2,4}(?:-\d\d)?\b")


_AMOUNT = regex(r"(?:\u20b9|\bRs\.?|\bINR)[ ]?\d|\d[\d.,]*[ ]?(?:%|cr\b|crore)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Name:
    """A column that is a figure by its head: the figure, its period where the head has one, the head's words."""

    label: Label
    period: Period | None
    words: str


def _names(view: str, head: tuple[Span, ...]) -> dict[int, _Name]:
    """The columns whose heads name figures; a bare growth column is that of the figure before it."""
    names: dict[int, _Name] = {}
    last: Label | None = None
    for i, span in enumerate(head):
        words = words_of(view, span)
        bare = _PERIOD_WORDS.sub(" ", words).strip()
        label = row_label(bare) if i and not _AMOUNT.search(bare) else None
        if label is None and last and (column := read_head(words, "quarter")).growth:
            base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(last.field)
            label = Label(f"{base}_{column.against or 'yoy'}_pct", last.rank) if base else None
        elif label is None or not label.field.endswith("_pct"):
            last = label or last
        if label:
            periods = find_periods(words)
            names[i] = _Name(label, periods[0] if periods else None, words)
    return names


def _sideways(view: str, head: list[tuple[Span, ...]], body: list[tuple[Span, ...]], around: Around) -> list[Fact]:
    """A table with a company or a period to a row and the figures' names above the columns."""
    names = _names(view, head[0]) if len(head) == 1 else {}
    rows = [r for r in body if any(b > a for a, b in r)]
    if not names or any(row_label(words_of(view, r[0])) for r in rows):
        return []
    owns = [_own_period(view, r) for r in rows]
    if len(rows) > 1 and not all(owns):
        return []
    facts: list[Fact] = []
    for cells, own in zip(rows, owns, strict=True):
        for i, name in names.items():
            cell = read_cell(words_of(view, cells[i])) if i < len(cells) else None
            if cell and cell.value is not None:
                column = Column(name.period or own or around.period)
                row = Row(name.words, cells[0], (Value(cell, *cells[i], 0),))
                facts += _one(name.label, row, column, around)
            elif i < len(cells) and _worth(view[slice(*cells[i])], name.label):
                context = Context(name.period or own or around.period, around.basis)
                items = tokens(view, *head[0][i], []) + tokens(view, *cells[i], around.periods)
                facts += [f for f in read_sentence(items, context, view)[0] if f.start >= cells[i][0]]
    return facts


def _worth(words: str, label: Label) -> bool:
    """A cell with words beside its figure; under a growth's name only where it has the amount as well."""
    return bool(_AMOUNT.search(words) if label.field.endswith("_pct") else re.search(r"\d", words))


def _own_period(view: str, cells: tuple[Span, ...]) -> Period | None:
    """The quarter a row names in one of its first cells, figures aside."""
    words = [words_of(view, s) for s in cells[:4]]
    found = [p for w in words if len(w) <= _NAME_CELL and not read_cell(w) for p in find_periods(w)]
    return next((p for p in found if p.kind != "quarter" or p.quarter), found[0] if found else None)


_NAME_CELL = 60


def _one(label: Label, row: Row, column: Column, around: Around) -> list[Fact]:
    value = row.values[0]
    cell = value.cell
    if cell.value is None:
        return []
    if label.field.endswith("_pct") or label.field in ("eps_inr", "dividend_per_share_inr"):
        return [Fact(label.field, cell.value, value.start, value.end, column.period, around.basis, label.rank)]
    factor: Decimal | None = cell.factor or row_unit(row.label, value.start, around.unit)[0]
    if factor is None or cell.percent or cell.currency == "USD":
        return [Fact(f"lost:{label.field}", cell.value, value.start, value.end, column.period)]
    return [Fact(label.field, cell.value * factor, value.start, value.end, column.period, around.basis, label.rank)]
