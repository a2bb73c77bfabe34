"""Tables of ratios: ratios down and companies or years across, or the reverse; averages and benchmarks are nobody's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.company_mentions import surely_company
from robotrader.core.background_scheduler.parsers.dates import find_dates
from robotrader.core.background_scheduler.parsers.fundamental_cells import (
    TTM,
    Label,
    cell_fact,
    holds_figure,
    is_figure,
    lead_figure,
    read_label,
)
from robotrader.core.background_scheduler.parsers.fundamental_columns import (
    COMPANY_HEAD,
    OTHERS,
    columns_of,
    could_be_company,
    excluded,
    newest,
    own_column,
)
from robotrader.core.background_scheduler.parsers.fundamental_companies import best_like, is_company, likeness
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, NOW, Fact
from robotrader.core.background_scheduler.parsers.fundamental_prose import Note, Told, read_span
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time, time_of
from robotrader.core.background_scheduler.parsers.numbers import declared_units
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Span

_NO_COMPANY = regex(
    r"median|average|\bavg|industry|sector|peers?\b|total|mean\b|nifty|sensex|index|benchmark|\d+ co\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TableTold:
    """What a table says.

    Attributes:
        companies: the companies it lists, where it lists several.
        missing: it lists companies and the one asked for is not among them, or none was asked for.
        day: the date of the column that was read, where its head is one.
    """

    told: Told = field(default_factory=Told)
    companies: tuple[str, ...] = ()
    missing: bool = False
    day: tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Grid:
    """Cells as text and as spans, and where its data begin."""

    view: str
    rows: tuple[tuple[Span, ...], ...]
    symbol: str | None
    factor: Decimal | None

    def text(self, row: int, column: int) -> str:
        """The words of a cell, an empty text where the row is shorter."""
        return (
            self.view[slice(*self.rows[row][column])].strip("* \t").replace("\n", " ")
            if column < len(self.rows[row])
            else ""
        )


def read_table(view: str, table: Table, symbol: str | None) -> TableTold:
    """The facts of a table about ``symbol``, or about the one company it is of."""
    rows = tuple(r for r in table.rows if any(b > a for a, b in r))
    if not rows:
        return TableTold()
    before = max(0, table.start - 300)
    if len(blocks := _blocks(view, rows)) > 1:
        told = [read_table(view, Table(block[0][0][0], table.end, block), symbol) for block in blocks]
        facts, notes = [f for t in told for f in t.told.facts], [n for t in told for n in t.told.notes]
        names = tuple(dict.fromkeys(c for t in told for c in t.companies))
        return TableTold(Told(tuple(facts), tuple(notes)), names, all(t.missing for t in told))
    units = [u for u in declared_units(view[before : table.end]) if u.factor]
    grid = _Grid(view, rows, symbol, units[0].factor if len({u.factor for u in units}) == 1 else None)
    begin = 0 if len(rows) > 1 and is_figure(view, *rows[1][0]) else 1
    across = [
        c for c in range(begin, len(rows[0])) if read_label(grid.text(0, c)) and not holds_figure(grid.text(0, c))
    ]
    first = {r: c for r in range(len(rows)) for c in range(min(2, len(rows[r]))) if _row_label(grid, r, c)}
    own = [c for c in across if (label := read_label(grid.text(0, c))) and label.field != "other"]
    if any(holds_figure(text) and read_label(text) for c in range(len(rows[0])) if (text := grid.text(0, c))):
        return _down(grid) if first else _loose(grid)
    if len(own) >= 2 or (across and not first):
        return _across(grid, across)
    if first:
        return _down(grid)
    return _loose(grid)


def _blocks(view: str, rows: tuple[tuple[Span, ...], ...]) -> list[tuple[tuple[Span, ...], ...]]:
    """A table whose rows are names and figures by turns, cut at the rows of names."""
    named = [sum(bool(read_label(view[a:b])) and not holds_figure(view[a:b]) for a, b in row) >= 2 for row in rows]
    cuts = [i for i in range(len(rows) - 1) if named[i] and not named[i + 1] and is_figure(view, *rows[i + 1][0])]
    if len(cuts) < 2 or cuts[0] != 0:
        return [rows]
    return [rows[a:b] for a, b in pairwise([*cuts, len(rows)])]


def _row_label(grid: _Grid, row: int, column: int) -> Label | None:
    label = read_label(grid.text(row, column))
    if label and holds_figure(grid.text(row, column)):
        return None
    return label if label and column + 1 < len(grid.rows[row]) else None


def _readable(view: str, row: tuple[Span, ...]) -> tuple[Span, ...]:
    """The cells of a row, or all of it where only its first cell has a name: "ROE: FY24 17.4 | FY25 18.2"."""
    alone = len(row) > 1 and all(not terms(view, a, b) for a, b in row[1:]) and terms(view, *row[0])
    return ((row[0][0], row[-1][1]),) if alone else row


def _loose(grid: _Grid) -> TableTold:
    """Cells that hold a name and its figure together."""
    spans = [span for row in grid.rows for span in _readable(grid.view, row)]
    told = [read_span(grid.view, a, b) for a, b in spans if b > a]
    return TableTold(Told(tuple(f for t in told for f in t.facts), tuple(n for t in told for n in t.notes)))


def _pairs(grid: _Grid, row: int) -> list[tuple[int, Label]]:
    """Every name of a row that stands beside others of its kind: "P/E | 11.7 | P/B | 1.6"."""
    found = []
    for column in range(len(grid.rows[row]) - 1):
        label = _row_label(grid, row, column)
        if label:
            found.append((column, label))
    return found


def _down(grid: _Grid) -> TableTold:
    """Ratios down: each row's figure from the column that is the company's newest."""
    data = next(
        (r for r in range(len(grid.rows)) if (p := _pairs(grid, r)) and any(_has_figure(grid, r, c) for c, _ in p)),
        None,
    )
    if data is None:
        return TableTold()
    heads = _heads(grid, data)
    base = next(iter(_pairs(grid, data)))[0]
    choice = _choose_column(grid, heads, base)
    if isinstance(choice, TableTold):
        return choice
    facts: list[Fact] = []
    notes: list[Note] = []
    for row in range(data, len(grid.rows)):
        pairs = _pairs(grid, row)
        if not pairs and row > data and not OTHERS.search(grid.text(row, base)):
            _remark(grid, row, base, choice, facts)
        for at, label in pairs:
            column = at + 1 if len(pairs) > 1 or choice is None or at != base else _filled(grid, row, heads, choice)
            if column >= len(grid.rows[row]) or (choice is None and len(pairs) == 1 and _many(grid, row, at)):
                continue
            head = heads.get(column, "")
            outcome = _cell(grid, row, column, label, head if choice is not None else "")
            _add(outcome, facts, notes)
    days = find_dates(heads.get(choice, "")) if choice is not None else []
    day = (
        (days[0].day.isoformat(), *grid.rows[_date_row(grid, data, choice)][choice])
        if days and choice is not None
        else None
    )
    return TableTold(Told(tuple(facts), tuple(notes)), day=day)


def _filled(grid: _Grid, row: int, heads: dict[int, str], choice: int) -> int:
    """The chosen column, or the newest one before it where a row is empty there."""
    told = grid.text(row, choice)
    if head_time(heads.get(choice, "")) == NOW and _NONE.match(told) and _of_year_end(grid, row):
        told = ""
    if told or head_time(heads.get(choice, "")) is None:
        return choice
    timed = {c: h for c, h in heads.items() if head_time(h) and not excluded(h) and not _NONE.match(grid.text(row, c))}
    return newest(timed) if timed else choice


_NONE = regex(r"(?:-{1,3}|n\.?[am]\.?)?$", re.IGNORECASE)
_YEAR_END = frozenset(("roe_pct", "roce_pct", "roa_pct", "debt_to_equity", "current_ratio", "book_value_inr"))
"""What is of a balance sheet: a dash below "TTM" says only that none was drawn up since."""


def _of_year_end(grid: _Grid, row: int) -> bool:
    label = next((t for c in range(2) if (t := _row_label(grid, row, c))), None)
    return label is not None and label.field in _YEAR_END


def _many(grid: _Grid, row: int, column: int) -> bool:
    """Several figures stand in a row, and no head says which is which."""
    return sum(lead_figure(grid.view, *cell) is not None for cell in grid.rows[row][column + 1 :]) > 1


def _remark(grid: _Grid, row: int, base: int, choice: int | None, facts: list[Fact]) -> None:
    """A row with another name whose cell tells a ratio in words: "Dividend | small (yield 0.5%)"."""
    column = base + 1 if choice is None else choice
    if column == base + 1 < len(grid.rows[row]):
        told = read_span(grid.view, grid.rows[row][base][0], grid.rows[row][column][1])
        facts += with_rank(told, 1).facts


def _has_figure(grid: _Grid, row: int, column: int) -> bool:
    return any(lead_figure(grid.view, *cell) for cell in grid.rows[row][column + 1 :])


def _cell(grid: _Grid, row: int, column: int, label: Label, head: str) -> Fact | Note | None:
    time = head_time(head)
    if label.field in GROWTH and time and time != NOW and time[1] != 4:
        return None
    if label.field == "eps" and TTM.search(head):
        label = replace(label, field="eps_ttm_inr")
    unit = read_label(f"market cap {head}") if head and label.field == "market_cap_inr" else None
    factor = unit.factor if unit and unit.factor else grid.factor
    return cell_fact(grid.view, label, *grid.rows[row][column], time=time, factor=factor)


def _add(outcome: Fact | Note | None, facts: list[Fact], notes: list[Note]) -> None:
    if isinstance(outcome, Fact):
        facts.append(outcome)
    elif outcome is not None:
        notes.append(outcome)


def _heads(grid: _Grid, data: int) -> dict[int, str]:
    """The head of each column: the row of periods if there is one, else the first row; none where data come first."""
    if data == 0:
        return {}
    best = max(range(data), key=lambda r: sum(head_time(grid.text(r, c)) is not None for c in range(len(grid.rows[r]))))
    timed = sum(head_time(grid.text(best, c)) is not None for c in range(len(grid.rows[best])))
    row = best if timed >= 2 else 0
    bare = timed >= 2 and head_time(grid.text(row, 0)) is not None and _row_label(grid, data, 0) is not None
    # the name column has no head of its own, and every other head stands one cell too far to the left
    shift = 1 if bare and not grid.text(row, len(grid.rows[row]) - 1) else 0
    return {c + shift: grid.text(row, c) for c in range(len(grid.rows[row]))}


def _date_row(grid: _Grid, data: int, column: int) -> int:
    return next((r for r in range(data) if find_dates(grid.text(r, column))), 0)


def _choose_column(grid: _Grid, heads: dict[int, str], base: int) -> int | TableTold | None:
    """The column to read, None where no head tells (the one behind the name), or why nothing is read."""
    if not heads:
        return None
    usable = {c: h for c, h in heads.items() if c > base and not excluded(h)}
    named = {c: h for c, h in usable.items() if h and could_be_company(h)}
    if grid.symbol and named and (hit := columns_of(grid.symbol, named)):
        return newest(hit)
    firms = [h for h in named.values() if surely_company(h)]
    others = any(h.strip() for c, h in usable.items() if c not in named)
    if (len(named) >= 2 and not others) or len(firms) >= 2:
        return TableTold(companies=tuple(named.values()), missing=True)
    if firms and grid.symbol and likeness(grid.symbol, firms[0]) == 0:
        return TableTold(companies=tuple(firms), missing=True)
    column = own_column(heads, usable, base)
    return TableTold() if column is None else column


def _across(grid: _Grid, across: list[int]) -> TableTold:
    """Ratios across: the row of the company asked for, the newest row of periods, or the only one."""
    column = _name_column(grid, across)
    body = [r for r in range(1, len(grid.rows)) if any(lead_figure(grid.view, *cell) for cell in grid.rows[r])]
    row, companies, missing = _choose_row(grid, column, body)
    if row is None:
        return TableTold(companies=companies, missing=missing)
    facts: list[Fact] = []
    notes: list[Note] = []
    time = head_time(grid.text(row, column)) if not companies else None
    for c in across:
        label = read_label(grid.text(0, c))
        if label and c < len(grid.rows[row]) and not (label.field in GROWTH and time and time[1] != 4 and time != NOW):
            outcome = cell_fact(grid.view, label, *grid.rows[row][c], time=time, factor=grid.factor)
            _add(outcome, facts, notes)
    return TableTold(Told(tuple(facts), tuple(notes)), companies)


def _name_column(grid: _Grid, across: list[int]) -> int:
    told = next((c for c in range(len(grid.rows[0])) if COMPANY_HEAD.match(grid.text(0, c)) and grid.text(0, c)), None)
    if told is not None:
        return told
    others = [c for c in range(len(grid.rows[0])) if c not in across]
    return next((c for c in others if re.search(r"[A-Za-z]", grid.text(len(grid.rows) - 1, c))), 0)


def _choose_row(grid: _Grid, column: int, body: list[int]) -> tuple[int | None, tuple[str, ...], bool]:
    names = {r: grid.text(r, column) for r in body}
    listing = bool(COMPANY_HEAD.match(grid.text(0, column))) and bool(grid.text(0, column))
    firms = {
        r: n
        for r, n in names.items()
        if n and not _NO_COMPANY.search(n) and not time_of(n) and (listing or is_company(n))
    }
    timed = {r: n for r, n in names.items() if head_time(n) and not excluded(n)}
    if firms and (listing or not timed):
        order = list(firms)
        told = tuple(firms.values())
        if grid.symbol:
            if (best := best_like(grid.symbol, [firms[r] for r in order])) is not None:
                return order[best], told, False
            alone = len(firms) == 1 and not listing and not surely_company(told[0])
            return (order[0], (), False) if alone else (None, told, True)
        return (order[0], told, False) if len(firms) == 1 else (None, told, True)
    if timed:
        return newest(timed), (), False
    plain = [r for r in body if not _NO_COMPANY.search(names[r])]
    return (plain[0] if len(plain) == 1 else None), (), False


def with_rank(told: Told, rank: int) -> Told:
    """The same facts, as stand-ins of a lower rank."""
    return replace(told, facts=tuple(replace(f, rank=f.rank + rank) for f in told.facts))
