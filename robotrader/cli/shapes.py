"""The JSON documents whose shape is not simply that of a view; ``docs/json.md`` lists them all. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
    from robotrader.core.background_scheduler.records import EarningsReport, ParseResult
    from robotrader.core.services.views import EarningsView

TASK_FIELDS = (
    "id", "type", "symbol", "slot", "status", "reason", "attempts", "provider", "paid_calls", "cost_usd", "strategy",
    "started_at", "finished_at", "document_id", "error",
)  # fmt: skip
ERROR_FIELDS = ("code", "category", "severity", "message", "recoverable", "retry_after_seconds")
NO_VALUE = frozenset({"symbol", "company", "currency"})


def task(outcome: TaskOutcome) -> dict[str, Any]:
    """One task of the envelope."""
    shown: dict[str, Any] = {name: getattr(outcome.task, name) for name in TASK_FIELDS}
    error = outcome.task.error
    shown["error"] = None if error is None else {name: error.get(name) for name in ERROR_FIELDS}
    shown["record"] = outcome.record
    return shown


def envelope(report: RunReport) -> dict[str, Any]:
    """``run-task``, ``tick`` and ``tasks``: the tasks, and how many ended in each way."""
    return {"tasks": [task(outcome) for outcome in report.outcomes], "summary": report.counts()}


def exit_code(outcomes: Iterable[TaskOutcome]) -> int:
    """0 where every task ended well, the common code where those that did not agree on one, else 1."""
    codes = {outcome.exit_code for outcome in outcomes} - {0}
    return codes.pop() if len(codes) == 1 else int(bool(codes))


def record_of(report: EarningsReport) -> dict[str, Any]:
    """The fields of a record without their provenance."""
    return {field.name: getattr(report, field.name) for field in fields(report) if field.name != "sources"}


def parsed(result: ParseResult[EarningsReport]) -> dict[str, Any]:
    """``parse``: what was read, by which layer, with what to know about it."""
    return {
        "dataset": result.dataset,
        "strategy": result.strategy,
        "warnings": list(result.warnings),
        "record": record_of(result.record),
    }


def has_data(record: Mapping[str, Any]) -> bool:
    """Whether a record says anything beyond whose it is."""
    return any(value is not None for name, value in record.items() if name not in NO_VALUE)


def earnings(symbol: str, views: Iterable[EarningsView]) -> dict[str, Any]:
    """``earnings``: the stored quarters of a symbol, newest first."""
    return {"symbol": symbol, "quarters": list(views)}
