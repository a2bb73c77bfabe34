"""The JSON documents whose shape is not simply that of a view; ``docs/json.md`` lists them all. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from robotrader.cli.run import DONE, FAILED, HALTED

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
    from robotrader.core.background_scheduler.records import EarningsReport, Fundamentals, NewsItem, ParseResult
    from robotrader.core.services.views import EarningsView, FundamentalsView, NewsView, SearchHit

TASK_FIELDS = (
    "id", "type", "symbol", "slot", "status", "reason", "attempts", "provider", "paid_calls", "cost_usd", "strategy",
    "started_at", "finished_at", "document_id", "error",
)  # fmt: skip
ERROR_FIELDS = ("code", "category", "severity", "message", "recoverable", "retry_after_seconds")
READING_FIELDS = ("record", "doubts", "provider", "document_id", "fetched_at", "strategy", "sources")
FAILED_EXITS = frozenset({"blocked", "rejected", "unplaced"})
"""What came of an exit that sold nothing though its rule is broken."""

NO_VALUE = frozenset({"symbol", "company", "currency"})


def task(outcome: TaskOutcome) -> dict[str, Any]:
    """One task of the envelope."""
    shown: dict[str, Any] = {name: getattr(outcome.task, name) for name in TASK_FIELDS}
    error = outcome.task.error
    shown["error"] = None if error is None else {name: error.get(name) for name in ERROR_FIELDS}
    shown["record"] = outcome.record
    return shown


def envelope(report: RunReport) -> dict[str, Any]:
    """``run-task``, ``tick`` and ``tasks``: the tasks, how many ended in each way, what held others back."""
    tasks = [task(outcome) for outcome in report.outcomes]
    return {"tasks": tasks, "summary": report.counts(), "held": report.held}


def exit_code(outcomes: Iterable[TaskOutcome]) -> int:
    """0 where every task ended well, the common code where those that did not agree on one, else 1."""
    codes = {outcome.exit_code for outcome in outcomes} - {0}
    return codes.pop() if len(codes) == 1 else int(bool(codes))


def unsold_code(breaches: Iterable[Mapping[str, Any]]) -> int:
    """What the exits of one look end with: 0 where none failed, 6 where the owner kept all of them back, else 1."""
    failed = [each for each in breaches if each["outcome"] in FAILED_EXITS]
    if not failed:
        return DONE
    from robotrader.core.services.order_words import owner_holds

    kept = all(each["outcome"] == "blocked" and owner_holds(each["detail"]) for each in failed)
    return HALTED if kept else FAILED


def record_of(record: EarningsReport | Fundamentals | NewsItem) -> dict[str, Any]:
    """The fields of a record without their provenance."""
    return {field.name: getattr(record, field.name) for field in fields(record) if field.name != "sources"}


def parsed(result: ParseResult[Any]) -> dict[str, Any]:
    """``parse``: what was read, by which layer, with what to know about it; news has ``items``, the rest ``record``."""
    head = {"dataset": result.dataset, "strategy": result.strategy, "warnings": list(result.warnings)}
    if isinstance(result.record, tuple):
        return {**head, "items": [record_of(item) for item in result.record]}
    return {**head, "record": record_of(result.record)}


def has_data(result: ParseResult[Any]) -> bool:
    """Whether a text says anything beyond whose it is."""
    if isinstance(result.record, tuple):
        return bool(result.record)
    return any(value is not None for name, value in record_of(result.record).items() if name not in NO_VALUE)


def earnings(symbol: str, views: Iterable[EarningsView]) -> dict[str, Any]:
    """``earnings``: the stored quarters of a symbol, newest first."""
    return {"symbol": symbol, "quarters": list(views)}


def news(symbol: str | None, since: datetime | None, views: Iterable[NewsView]) -> dict[str, Any]:
    """``news``: stored stories, newest first; ``symbol`` is null for the whole watchlist."""
    return {"symbol": symbol, "since": since, "items": list(views)}


def fundamentals(symbol: str, views: Iterable[FundamentalsView]) -> dict[str, Any]:
    """``fundamentals``: the stored readings of a symbol, newest first."""
    return {"symbol": symbol, "readings": list(views)}


def compared(symbols: Sequence[str], views: Sequence[FundamentalsView | None]) -> dict[str, Any]:
    """``compare``: the newest reading of each symbol in the order they were named; nulls where nothing is stored."""
    return {
        "companies": [
            {"symbol": symbol, **{name: getattr(found, name, None) for name in READING_FIELDS}}
            for symbol, found in zip(symbols, views, strict=True)
        ]
    }


def hits(query: str, found: Iterable[SearchHit]) -> dict[str, Any]:
    """``search``: what was found, best first; the words that matched beside the plain snippet."""
    from robotrader.cli import snippets

    plain = [
        {**hit._asdict(), "snippet": snippets.plain(hit.snippet), "matched": snippets.matched(hit.snippet)}
        for hit in found
    ]
    return {"query": query, "hits": plain}
