"""Fundamentals: one reading by group with its doubts, the history, and several companies side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts
from robotrader.cli.screens.fields import LABELS, LONGEST_TEXT, label, value

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.services.views import FundamentalsView

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Valuation": ("pe", "pb", "market_cap_inr", "eps_ttm_inr", "book_value_inr", "dividend_yield_pct"),
    "Returns": ("roe_pct", "roce_pct", "roa_pct"),
    "Growth": ("sales_growth_pct", "profit_growth_pct"),
    "Debt": ("debt_to_equity", "current_ratio"),
    "Holdings": ("promoter_holding_pct",),
}
METRICS = tuple(name for names in GROUPS.values() for name in names)
SAID = ("recommendation", "fair_value_inr")
SWOT = ("strengths", "weaknesses", "opportunities", "threats")
IN_ONE_LINE = ("pe", "pb", "roe_pct", "roce_pct", "debt_to_equity", "market_cap_inr")
IN_HISTORY = ("pe", "pb", "roe_pct", "debt_to_equity", "eps_ttm_inr", "market_cap_inr")
SHORT = {"debt_to_equity": "D/E", "eps_ttm_inr": "EPS"}
SWOT_SHOWN = 12
DOUBTFUL = "yellow"
MARK = "?"
EDGES, GAP = 2, 2
"""What a table without a frame adds to its columns: at its edges, and before each column but the first."""
NO_ADVICE = "recommendation and fair value are the words of the answers, no advice of robotrader"


def headline(record: object, view: Look) -> str:
    """A record in one line: the ratios it states; empty where there is none."""
    if not isinstance(record, Mapping):
        return ""
    known = [name for name in IN_ONE_LINE if record.get(name) is not None]
    names = known or [name for name in (*METRICS, *SAID) if record.get(name) is not None]
    words = ", ".join(f"{LABELS[name]} {value(name, record[name], view)}" for name in names)
    return words or ("strengths and weaknesses in words" if any(record.get(name) for name in SWOT) else "")


def run_of_one(outcome: TaskOutcome, stored: Sequence[FundamentalsView], view: Look) -> list[Any]:
    """What ``run-task fundamentals SYMBOL`` found: the figures, what is doubtful about them, how they were come by."""
    task = outcome.task
    same = next((entry for entry in stored if entry.document_id == task.document_id), None)
    doubts, sources = ((), ()) if same is None else (same.doubts, same.sources)
    shown = _reading(task.symbol or "", outcome.record, doubts, task.provider, view)
    return [*shown, *parts.sources(sources), *parts.ended(task, view)]


def latest(symbol: str, views: Sequence[FundamentalsView], view: Look) -> list[Any]:
    """The newest stored reading with its doubts, age and sources."""
    found = views[0]
    return [
        *_reading(symbol, found.record, found.doubts, found.provider, view),
        *parts.sources(found.sources),
        *parts.origin(found.fetched_at, found.strategy, found.document_id, view),
    ]


def stored(symbol: str, views: Sequence[FundamentalsView], view: Look) -> list[Any]:
    """The newest reading, and the earlier ones below it."""
    return [*latest(symbol, views, view), *(["", _history(views, view)] if len(views) > 1 else [])]


def compare(symbols: Sequence[str], views: Sequence[FundamentalsView | None], view: Look, width: int) -> list[Any]:
    """Several companies side by side, a column each; more than fit are set below, in blocks of their own."""
    kept = list(zip(symbols, views, strict=True))
    shown_names = [name for name in METRICS if any(_of(found, name) is not None for _, found in kept)]
    names = ["From", "Fetched", "As of", *(LABELS[name] for name in (*shown_names, *SAID)), "Doubts"]
    columns = [_column(symbol, found, shown_names, view) for symbol, found in kept]
    sandbox = parts.sandbox(each.provider for each in columns)
    stated = [
        number
        for number in range(0 if sandbox else 1, len(names))
        if any(_plain(each.cells[number]) != fmt.EMPTY for each in columns)
    ]
    shown: list[Any] = []
    for block in _blocks(columns, width - EDGES - max(map(len, names))):
        heading = render.title(["Side by side"], parts.sandbox(each.provider for each in block), view)
        header: list[render.Column] = ["", *[(each.symbol, render.RIGHT) for each in block]]
        rows = [(names[number], *[each.cells[number] for each in block]) for number in stated]
        shown.append(render.table(heading, header, rows))
    absent = [name for name in METRICS if name not in shown_names]
    shown += [_listed("stated of none", absent)] if absent else []
    for symbol, found in kept:
        shown += [f"{MARK} {symbol}: {doubt_words(doubt)}" for doubt in (() if found is None else found.doubts)]
    missing = [symbol for symbol, found in kept if found is None]
    remedy = f"nothing is stored of {', '.join(missing)}: robotrader run-task fundamentals {' '.join(missing)}"
    said = any(_of(found, name) is not None for _, found in kept for name in SAID)
    return [*shown, *([NO_ADVICE] if said else []), *([remedy] if missing else [])]


class _Column(NamedTuple):
    """One company of a comparison: its cells from top to bottom."""

    symbol: str
    provider: str | None
    cells: tuple[object, ...]

    def width(self) -> int:
        """How wide the widest cell is."""
        return max(len(self.symbol), *(len(_plain(cell)) for cell in self.cells))


def _column(symbol: str, found: FundamentalsView | None, names: Iterable[str], view: Look) -> _Column:
    if found is None:
        return _Column(symbol, None, (fmt.EMPTY,) * (len(tuple(names)) + 6))
    doubtful = doubted(found.doubts)
    said = clean.short(found.record.get("recommendation") or fmt.EMPTY, 20)
    cells = (
        parts.origin_of(found.provider),
        fmt.age(found.fetched_at, view.now),
        clean.short(found.record.get("as_of") or fmt.EMPTY, 12),
        *[cell(found.record, name, doubtful, view) for name in names],
        said,
        cell(found.record, "fair_value_inr", doubtful, view),
        str(len(found.doubts)) if found.doubts else fmt.EMPTY,
    )
    return _Column(symbol, found.provider, cells)


def _blocks(columns: Sequence[_Column], room: int) -> list[list[_Column]]:
    """The columns in runs that fit beside each other; one that is wider than the room stands alone."""
    blocks: list[list[_Column]] = []
    left = 0
    for column in columns:
        needed = column.width() + GAP
        if not blocks or needed > left:
            blocks.append([])
            left = room
        blocks[-1].append(column)
        left -= needed
    return blocks


def _reading(
    symbol: str, record: Mapping[str, Any], doubts: Sequence[Mapping[str, Any]], provider: str | None, view: Look
) -> list[Any]:
    as_of = f"as of {clean.short(record['as_of'], 20)}" if record.get("as_of") else ""
    heading = render.title([symbol, "Fundamentals", as_of], provider, view)
    rows = list(_grouped(record, doubted(doubts), view))
    shown: list[Any] = []
    if rows:
        shown.append(render.facts(heading, rows, ["", "", ("Value", render.RIGHT)]))
        absent = [name for name in METRICS if record.get(name) is None]
        shown += [_listed("not stated", absent)] if absent else []
    else:
        shown += [render.heading(heading), "no ratio is stated"]
    shown += [render.words((f"{MARK} {doubt_words(doubt)}", DOUBTFUL)) for doubt in doubts]
    shown += _said(record, provider, view)
    for name in SWOT:
        items = record.get(name) or ()
        shown += [f"{LABELS[name]}:", render.bullets(_cut(items))] if items else []
    return shown


def _grouped(record: Mapping[str, Any], doubtful: frozenset[str], view: Look) -> Iterable[tuple[object, ...]]:
    for group, names in GROUPS.items():
        known = [name for name in names if record.get(name) is not None]
        for number, name in enumerate(known):
            yield group if number == 0 else "", LABELS[name], cell(record, name, doubtful, view)


def cell(record: Mapping[str, Any], name: str, doubtful: frozenset[str], view: Look) -> object:
    """A figure as a cell, marked where it is in doubt."""
    shown = value(name, record.get(name), view)
    return (f"{MARK} {shown}", DOUBTFUL) if name in doubtful else shown


def _plain(cell: object) -> str:
    return str(cell[0] if isinstance(cell, tuple) else cell)


def doubted(doubts: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The fields that are in doubt."""
    return frozenset(str(doubt.get("field")) for doubt in doubts)


def doubt_words(doubt: Mapping[str, Any]) -> str:
    """What is doubtful, in the words stored with it where there are any."""
    said = clean.short(doubt.get("message") or "", LONGEST_TEXT)
    return said or f"{label(str(doubt.get('field')))} is doubtful ({clean.short(doubt.get('check') or '', 40)})"


def _said(record: Mapping[str, Any], provider: str | None, view: Look) -> list[str]:
    """Recommendation and fair value: whose words they are is part of them."""
    known = [f"{LABELS[name]}: {value(name, record[name], view)}" for name in SAID if record.get(name) is not None]
    whose = "the sandbox's answer" if provider == "sandbox" else "the answer"
    return [*known, f"(these are the words of {whose}, no advice of robotrader)"] if known else []


def _cut(items: Sequence[object]) -> list[str]:
    shown = [clean.short(item, LONGEST_TEXT) for item in items[:SWOT_SHOWN]]
    more = len(items) - SWOT_SHOWN
    return [*shown, *([f"and {more} more"] if more > 0 else [])]


def _history(views: Sequence[FundamentalsView], view: Look) -> Any:
    names = [name for name in IN_HISTORY if any(entry.record.get(name) is not None for entry in views)]
    rows = [
        (
            fmt.local_day(entry.fetched_at),
            *[cell(entry.record, name, doubted(entry.doubts), view) for name in names],
        )
        for entry in views
    ]
    heading = render.title(["History"], parts.sandbox(entry.provider for entry in views), view)
    columns: list[render.Column] = [
        ("Fetched", render.WHOLE),
        *[(SHORT.get(name, LABELS[name]), render.RIGHT) for name in names],
    ]
    return render.table(heading, columns, rows)


def _listed(words: str, names: Iterable[str]) -> str:
    return f"{words}: {', '.join(LABELS[name] for name in names)}"


def _of(found: FundamentalsView | None, name: str) -> Any:
    return None if found is None else found.record.get(name)
