"""The report on the terminal: for each symbol its figures with their trend, the latest stories, ages and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render, series
from robotrader.cli import format as fmt
from robotrader.cli.screens.fields import LABELS, value
from robotrader.cli.sparkline import sparkline

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.views import ReportView, SymbolReport

QUARTERLY = (("revenue_inr", "revenue_yoy_pct"), ("net_profit_inr", "profit_yoy_pct"), ("eps_inr", None))
READ = (
    "pe", "pb", "roe_pct", "roce_pct", "debt_to_equity", "dividend_yield_pct", "market_cap_inr", "promoter_holding_pct",
)  # fmt: skip
STORIES_SHOWN = 3
LONGEST_HEADLINE = 160
SOURCES_SHOWN = 8


def report(found: ReportView, view: Look, *, plain: bool) -> list[Any]:
    """All symbols, one below the other; ``plain`` draws trends in ASCII."""
    shown: list[Any] = []
    for each in found.symbols:
        shown += [*([""] if shown else []), *symbol(each, view, plain=plain)]
    return shown


def symbol(found: SymbolReport, view: Look, *, plain: bool) -> list[Any]:
    """One symbol."""
    latest = found.quarters[0] if found.quarters else None
    company = "" if latest is None else str(latest.record.get("company") or "")
    heading = render.title([found.symbol, company], provider_of(found), view)
    rows = [*_quarterly(found, view, plain=plain), *_read(found, view, plain=plain)]
    if not (rows or found.news):
        return [render.heading(heading), f"nothing is stored of {found.symbol} yet: robotrader tick"]
    rows.append(("Next results", next_results(found), "", ""))
    shown: list[Any] = [render.table(heading, ["", ("Latest", "right"), "", "Trend"], rows)]
    shown += [f"? {clean.line(doubt.get('message') or '')}" for doubt in _doubts(found)]
    if found.news:
        shown.append(render.bullets(_story(each.record, each.at) for each in found.news[:STORIES_SHOWN]))
    shown.append(f" {view.dot} ".join(ages(found, view)))
    return shown + _sources(found)


def provider_of(found: SymbolReport) -> str | None:
    """``sandbox`` where anything of it came from the sandbox."""
    providers = {each.provider for each in found.quarters} | {each.provider for each in found.fundamentals}
    return "sandbox" if "sandbox" in providers | {each.provider for each in found.news} else None


def next_results(found: SymbolReport) -> str:
    """When the next results are due, as far as an answer stated it."""
    row = found.upcoming
    if row is None or row.date is None or row.days is None:
        return "no date known"
    return f"{fmt.day(date.fromisoformat(row.date))} ({fmt.days_away(row.days)})"


def ages(found: SymbolReport, view: Look) -> list[str]:
    """How old each part is."""
    parts = (
        ("earnings", [each.fetched_at for each in found.quarters]),
        ("news", [each.first_seen for each in found.news]),
        ("fundamentals", [each.fetched_at for each in found.fundamentals]),
    )
    return [f"{name} {fmt.age(max(times), view.now) if times else 'never fetched'}" for name, times in parts]


def sources(found: SymbolReport) -> list[tuple[str, str]]:
    """The pages behind what is shown, each once: title and address."""
    pages: dict[str, str] = {}
    behind = [source for quarter in found.quarters[:1] for source in quarter.sources]
    behind += [source for reading in found.fundamentals[:1] for source in reading.sources]
    for source in behind:
        if url := str(source.get("url") or ""):
            pages.setdefault(url, str(source.get("title") or ""))
    for story in found.news:
        if url := str(story.record.get("url") or ""):
            pages.setdefault(url, str(story.record.get("source") or story.record.get("headline") or ""))
    return [(title, url) for url, title in pages.items()]


def _quarterly(found: SymbolReport, view: Look, *, plain: bool) -> Iterator[tuple[object, ...]]:
    for name, growth in QUARTERLY:
        record: Mapping[str, Any] = found.quarters[0].record if found.quarters else {}
        if record.get(name) is None:
            continue
        period = fmt.quarter(record.get("fiscal_year"), record.get("fiscal_quarter"))
        grown = record.get(growth) if growth else None
        note = period if grown is None or growth is None else f"{period}, {value(growth, grown, view)} YoY"
        trend = sparkline([point.value for point in series.quarters(found.quarters, name)], plain=plain)
        yield LABELS[name], value(name, record[name], view), note, trend


def _read(found: SymbolReport, view: Look, *, plain: bool) -> Iterator[tuple[object, ...]]:
    for name in READ:
        record: Mapping[str, Any] = found.fundamentals[0].record if found.fundamentals else {}
        if record.get(name) is None:
            continue
        trend = sparkline([point.value for point in series.readings(found.fundamentals, name)], plain=plain)
        note = f"as of {clean.short(record['as_of'], 10)}" if record.get("as_of") else ""
        yield LABELS[name], value(name, record[name], view), note, trend


def _doubts(found: SymbolReport) -> Iterable[Mapping[str, Any]]:
    return found.fundamentals[0].doubts if found.fundamentals else ()


def _story(record: Mapping[str, Any], at: Any) -> str:
    said = clean.short(record.get("headline") or "", LONGEST_HEADLINE)
    where = clean.short(record.get("source") or "", 40)
    return f"{fmt.local_day(at)}: {said}{f' ({where})' if where else ''}"


def _sources(found: SymbolReport) -> list[str]:
    pages = sources(found)
    lines = ["Sources:"] if pages else []
    lines += [clean.line(url) for _, url in pages[:SOURCES_SHOWN]]
    more = len(pages) - SOURCES_SHOWN
    return [*lines, *([f"and {more} more"] if more > 0 else [])]
