"""Tables of tasks: what ran, what would run, what is stored of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from robotrader.cli import clean, idle, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import earnings, fundamentals, market, news, risk
from robotrader.core.background_scheduler.models import NextDue

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import RunReport, Task, TaskOutcome
    from robotrader.core.services.views import PlanView

REASON_WIDTH = 160
NAMED = 5


class Screens(NamedTuple):
    """How the record of a dataset is shown: in one line, as found by a task, as stored; ``kind`` is its shape."""

    kind: type
    line: Callable[[object, Look], str]
    found: Callable[[TaskOutcome, Sequence[Any], Look], list[Any]]
    stored: Callable[[str, Sequence[Any], Look], list[Any]]


NO_RECORD = Screens(object, lambda *_: "", lambda outcome, _, view: detail(outcome, view), lambda *_: [])
SCREENS: Mapping[str, Screens] = {
    "earnings": Screens(Mapping, earnings.headline, earnings.run_of_one, earnings.latest),
    "news": Screens(Sequence, news.headline, news.run_of_one, news.latest),
    "fundamentals": Screens(Mapping, fundamentals.headline, fundamentals.run_of_one, fundamentals.latest),
    "market": Screens(Mapping, market.headline, market.run_of_one, lambda *_: []),
    "risk": Screens(Mapping, risk.headline, risk.run_of_one, lambda *_: []),
}


def provider_of(outcomes: Sequence[TaskOutcome]) -> str | None:
    """``sandbox`` where the embedded provider answered any of the tasks."""
    providers = {outcome.task.provider for outcome in outcomes}
    return "sandbox" if "sandbox" in providers else next((name for name in sorted(filter(None, providers))), None)


def why(task: Task) -> str:
    """The reason of a task's end in words."""
    said = task.reason or (task.error or {}).get("message") or ""
    return clean.short(said, REASON_WIDTH)


def ran(report: RunReport, view: Look) -> list[Any]:
    """The tasks of one run: symbol, how it ended, the figures, or why there are none."""
    heading = render.title(["What ran"], provider_of(report.outcomes), view)
    rows = [
        (
            outcome.task.symbol or "",
            idle.word(outcome.task.type),
            (outcome.task.status, render.STYLES.get(outcome.task.status, "")),
            _outcome_words(outcome, view),
            fmt.dollars(outcome.task.cost_usd),
        )
        for outcome in report.outcomes
    ]
    columns: list[render.Column] = ["Symbol", "Task", "Status", "Result", ("Cost", "right")]
    return [render.table(heading, columns, rows), summary(report)]


def summary(report: RunReport) -> str:
    """How many ended in each way, in one line."""
    counts = report.counts()
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "no task"


def listed(report: RunReport, view: Look) -> list[Any]:
    """Tasks with their ids, newest first."""
    if not report.outcomes:
        return ["no tasks"]
    rows = [
        (
            outcome.task.id,
            f"{idle.word(outcome.task.type)} {outcome.task.symbol or ''}",
            (outcome.task.status, render.STYLES.get(outcome.task.status, "")),
            fmt.age(outcome.task.finished_at or outcome.task.started_at or outcome.task.created_at, view.now),
        )
        for outcome in report.outcomes
    ]
    heading = render.title(["Tasks"], provider_of(report.outcomes), view)
    return [render.table(heading, [("Id", render.WHOLE), "Task", "Status", "When"], rows), summary_of_list(report)]


def summary_of_list(report: RunReport) -> str:
    """How many tasks are shown."""
    number = len(report.outcomes)
    return f"{fmt.amount(number)} task{'' if number == 1 else 's'}"


def detail(outcome: TaskOutcome, view: Look) -> list[Any]:
    """Everything about one task."""
    task = outcome.task
    rows: list[tuple[object, ...]] = [
        ("Id", task.id),
        ("Task", f"{idle.word(task.type)} {task.symbol or ''}"),
        ("Status", (task.status, render.STYLES.get(task.status, ""))),
        ("Reason", why(task) or None),
        ("Slot", fmt.instant(task.slot)),
        ("Attempts", task.attempts),
        ("Not before", fmt.instant(task.not_before) if task.not_before else None),
        ("Started", fmt.instant(task.started_at)),
        ("Finished", fmt.instant(task.finished_at)),
        ("Provider", task.provider),
        ("Paid calls", task.paid_calls),
        ("Cost", fmt.dollars(task.cost_usd)),
        ("Read by", task.strategy),
        ("Document", task.document_id),
        ("Correlation", task.correlation_id),
    ]
    if task.error:
        rows.insert(4, ("Error", f"{task.error.get('code')}: {task.error.get('message')}"))
    heading = render.title([f"{idle.word(task.type)} {task.symbol or ''}"], task.provider, view)
    return [render.facts(heading, [row for row in rows if row[1] is not None])]


def planned(plan: PlanView, view: Look) -> list[Any]:
    """What a tick would run now and what it would cost."""
    left = [] if plan.budget_left_usd is None else [f"{fmt.dollars(plan.budget_left_usd)}"]
    left += [] if plan.budget_left_calls is None else [f"{fmt.amount(plan.budget_left_calls)} calls"]
    budget = f"budget left: {', '.join(left) or 'no limit'}"
    if not plan.runs:
        coming = None if plan.next_due is None else NextDue(plan.next_due, plan.next_type)
        return [idle.line(coming, view.now), budget]
    rows = [
        (
            idle.word(run.type),
            run.symbol or "",
            fmt.instant(run.slot),
            clean.short(run.reason, REASON_WIDTH),
            fmt.dollars(run.cost_usd),
        )
        for run in plan.runs
    ]
    heading = render.title(["What a tick would run now"], plan.provider, view)
    total = f"{len(rows)} task{'' if len(rows) == 1 else 's'}, estimated cost {fmt.dollars(plan.cost_usd)}; {budget}"
    columns: list[render.Column] = ["Task", "Symbol", "Slot", "Why", ("Cost", "right")]
    return [render.table(heading, columns, rows), total, "nothing was run"]


def one(outcome: TaskOutcome, stored: Sequence[Any], view: Look) -> list[Any]:
    """The outcome of a single task: what it found, or what is stored and still fresh, or how it ended without."""
    screens = SCREENS.get(idle.word(outcome.task.type), NO_RECORD)
    if outcome.record and isinstance(outcome.record, screens.kind):
        return screens.found(outcome, stored, view)
    if outcome.task.status == "SKIPPED" and outcome.task.symbol and stored:
        return [*screens.stored(outcome.task.symbol, stored, view), f"skipped: {why(outcome.task)}"]
    return [] if outcome.task.error else detail(outcome, view)


def complaints(report: RunReport, view: Look) -> list[tuple[str, str | None]]:
    """What went wrong and what to do, once per kind of error, a hint once; symbols that share it are named together."""
    kinds: dict[tuple[str, str | None], list[str]] = {}
    for outcome in report.outcomes:
        error = outcome.task.error
        if error and outcome.exit_code:
            kinds.setdefault((str(error.get("message") or error.get("code")), _remedy(outcome.task, view)), []).append(
                outcome.task.symbol or idle.word(outcome.task.type)
            )
    said = [
        (f"{_names(list(dict.fromkeys(symbols)), message)}{message}", remedy)
        for (message, remedy), symbols in kinds.items()
    ]
    shown = [
        (message, None if remedy in {later for _, later in said[number + 1 : NAMED]} else remedy)
        for number, (message, remedy) in enumerate(said[:NAMED])
    ]
    more = len(said) - NAMED
    return [*shown, *([(f"and {more} more; see: robotrader tasks list --status FAILED", None)] if more > 0 else [])]


def _names(symbols: Sequence[str], message: str) -> str:
    if len(symbols) == 1 and symbols[0] in message:
        return ""
    more = f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else ""
    return f"{', '.join(symbols[:NAMED])}{more}: "


def _remedy(task: Task, view: Look) -> str | None:
    if task.status == "UNKNOWN":
        return f"it may have been billed and is not sent again by itself: robotrader tasks retry {task.id}"
    remedy = (task.error or {}).get("remedy")
    if task.status == "DEFERRED" and task.not_before is not None:
        later = f"nothing is lost: the next tick after {fmt.due(task.not_before, view.now)} goes on with it"
        return f"{remedy}; {later}" if remedy else later
    return str(remedy) if remedy else None


def _outcome_words(outcome: TaskOutcome, view: Look) -> str:
    figures = SCREENS.get(idle.word(outcome.task.type), NO_RECORD).line(outcome.record, view)
    reason = why(outcome.task)
    if outcome.task.status == "COMPLETED" or not reason:
        return figures or reason
    return reason
