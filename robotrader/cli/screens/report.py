"""The report on the terminal: for each symbol its figures with their trend, the latest stories, ages and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render, series
from robotrader.cli import format as fmt
from robotrader.cli.screens import fundamentals, news, parts
from robotrader.cli.screens.fields import LABELS, value
from robotrader.cli.sparkline import sparkline

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.views import NewsView, ReportView, SymbolReport

QUARTERLY = (("revenue_inr", "revenue_yoy_pct"), ("net_profit_inr", "profit_yoy_pct"), ("eps_inr", None))
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
    if not (found.quarters or found.fundamentals or found.news):
        hint = f"nothing is stored of {found.symbol} yet: robotrader run-task earnings {found.symbol}"
        return [render.heading(heading), hint]
    rows = [*_quarterly(found, view, plain=plain), *_read(found, view, plain=plain)]
    rows.append(("Next results", next_results(found), "", ""))
    shown: list[Any] = [render.table(heading, ["", ("Latest", "right"), "", "Trend"], rows)]
    shown += doubts(found)
    if found.news:
        shown.append(render.bullets(_story(each, view) for each in found.news[:STORIES_SHOWN]))
    shown.append(f" {view.dot} ".join(ages(found, view)))
    return shown + _sources(found)


def provider_of(found: SymbolReport) -> str | None:
    """``sandbox`` where anything of it came from the sandbox."""
    given = [each.provider for part in (found.quarters, found.fundamentals, found.news) for each in part]
    return parts.sandbox([*given, None if found.upcoming is None else found.upcoming.provider])


def next_results(found: SymbolReport) -> str:
    """When the next results are due, as far as an answer stated it."""
    row = found.upcoming
    if row is None or row.date is None or row.days is None:
        return "no date known"
    return _marked(f"{fmt.day(date.fromisoformat(row.date))} ({fmt.days_away(row.days)})", [row.provider])


def ages(found: SymbolReport, view: Look) -> list[str]:
    """How old each part is, and whether it is the sandbox's."""
    given: tuple[tuple[str, list[tuple[datetime, str]]], ...] = (
        ("earnings", [(each.fetched_at, each.provider) for each in found.quarters]),
        ("news", [(each.first_seen, each.provider) for each in found.news]),
        ("fundamentals", [(each.fetched_at, each.provider) for each in found.fundamentals]),
    )
    return [
        _marked(f"{name} {fmt.age(max(each)[0], view.now)}", [provider for _, provider in each])
        if each
        else f"{name} never fetched"
        for name, each in given
    ]


def doubts(found: SymbolReport) -> list[str]:
    """What is doubtful about the newest reading, a line each."""
    given = found.fundamentals[0].doubts if found.fundamentals else ()
    return [f"{fundamentals.MARK} {fundamentals.doubt_words(doubt)}" for doubt in given]


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
        period = fmt.period(record)
        grown = record.get(growth) if growth else None
        note = period if grown is None or growth is None else f"{period}, {value(growth, grown, view)} YoY"
        trend = sparkline([point.value for point in series.quarters(found.quarters, name)], plain=plain)
        yield LABELS[name], value(name, record[name], view), note, trend


def _read(found: SymbolReport, view: Look, *, plain: bool) -> Iterator[tuple[object, ...]]:
    doubtful = fundamentals.doubted(found.fundamentals[0].doubts if found.fundamentals else ())
    for name in fundamentals.METRICS:
        record: Mapping[str, Any] = found.fundamentals[0].record if found.fundamentals else {}
        if record.get(name) is None:
            continue
        trend = sparkline([point.value for point in series.readings(found.fundamentals, name)], plain=plain)
        note = f"as of {clean.short(record['as_of'], 10)}" if record.get("as_of") else ""
        yield LABELS[name], fundamentals.cell(record, name, doubtful, view), note, trend


def _marked(words: str, providers: Iterable[str | None]) -> str:
    return f"{words}, {parts.SANDBOX}" if parts.sandbox(providers) else words


def _story(found: NewsView, view: Look) -> str:
    said = clean.short(found.record.get("headline") or "", LONGEST_HEADLINE)
    where = clean.short(found.record.get("source") or "", 40)
    return f"{news.dated(found, view)}: {said}{f' ({where})' if where else ''}"


def _sources(found: SymbolReport) -> list[str]:
    pages = sources(found)
    lines = ["Sources:"] if pages else []
    lines += [clean.line(url) for _, url in pages[:SOURCES_SHOWN]]
    more = len(pages) - SOURCES_SHOWN
    return [*lines, *([f"and {more} more"] if more > 0 else [])]
