"""Plain lines about ticks, for cron and logs; kept apart because they must come without rich."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from datetime import datetime

    from robotrader.core.background_scheduler.models import NextDue, RunReport, TaskOutcome

LONGEST = 300
TOLD = {
    "breaches": "broken",
    "rearmed": "armed again",
    "not_judged": "not judged",
    "moves": "moved",
    "spikes": "of unusual volume",
    "problems": "in trouble",
}
"""What of a look at the market or at risk is worth a word, by its name in the record."""
WORDS = {
    "EARNINGS_ANALYSIS": "earnings",
    "NEWS_PROCESSING": "news",
    "FUNDAMENTAL_ANALYSIS": "fundamentals",
    "MARKET_MONITORING": "market",
    "RISK_MONITORING": "risk",
    "HEALTH_CHECK": "health",
}


def line(coming: NextDue | None, now: datetime) -> str:
    """``nothing due; next: earnings at 19:30 IST (in 3 h)``."""
    if coming is None:
        return "nothing due; nothing is scheduled: robotrader watchlist add SBIN, or robotrader schedule enable news"
    what = "a waiting task" if coming.word is None else coming.word
    return f"nothing due; next: {what} {_when(coming.at, now)}"


def log_lines(report: RunReport, next_due: datetime | None, now: datetime) -> Iterator[str]:
    """The log lines of one tick of ``serve``: one a task, then when the next is due."""
    from robotrader.cli import clean

    for outcome in report.outcomes:
        if nothing_new(outcome):
            continue
        task = outcome.task
        said = task.reason or (task.error or {}).get("message") or _seen(outcome.record)
        paid = f" (cost {fmt.dollars(task.cost_usd)})" if task.cost_usd else ""
        sandbox = " SANDBOX" if task.provider == "sandbox" else ""
        words = f"{word(task.type)} {task.symbol or ''} {task.status.lower()}{sandbox}{paid}"
        yield clean.short(f"{words}: {said}" if said else words, LONGEST)
    if report.held is not None:
        yield clean.short(f"held back: {report.held}", LONGEST)
    if next_due is not None:
        yield f"next: {fmt.due(next_due, now)}"


def nothing_new(outcome: TaskOutcome) -> bool:
    """Whether it was a look at the market or at risk that went well and found nothing to tell."""
    watched = outcome.task.type in {"MARKET_MONITORING", "RISK_MONITORING"}
    return watched and outcome.task.status == "COMPLETED" and not outcome.task.reason and not _seen(outcome.record)


def _seen(record: object) -> str:
    """What a look found, in words; empty for nothing, and for every other record."""
    if not isinstance(record, dict):
        return ""
    words = [f"{len(record[name])} {word}" for name, word in TOLD.items() if record.get(name)]
    orders = record.get("orders")
    return ", ".join([*words, f"{orders} orders went on"] if isinstance(orders, int) and orders else words)


def _when(moment: datetime, now: datetime) -> str:
    """``at 19:30 IST (in 3 h)``, ``tomorrow 03:55 IST (in 20 h)``, ``on 24 Nov 2026 03:55 IST (in 3 days)``."""
    said = fmt.due(moment, now)
    if moment <= now or said.startswith("tomorrow"):
        return said
    return f"at {said}" if fmt.local_day(moment) == fmt.local_day(now) else f"on {said}"


def word(task_type: str) -> str:
    """The name of a task type on the command line."""
    return WORDS.get(str(task_type), str(task_type).lower())
