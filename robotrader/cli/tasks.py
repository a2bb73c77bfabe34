"""``run-task``, ``tick`` and ``tasks``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from robotrader.cli import output
from robotrader.cli.options import Fault, Json, Limit, Live, complete_symbol, complete_word, session_of
from robotrader.cli.run import DONE, HALTED, Session, run
from robotrader.core.errors import NoDataError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from robotrader.cli.ports import App
    from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
    from robotrader.core.services.views import PlanView

STATUSES = ("PENDING", "RUNNING", "DEFERRED", "COMPLETED", "SKIPPED", "FAILED", "CANCELLED", "UNKNOWN")
NEWS_SHOWN = 20
RESUME = "robotrader resume lifts it"
TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id, as 'tasks list' shows it.")]

tasks = typer.Typer(help="Look at tasks, cancel them, run them again.", no_args_is_help=True)


def run_task(
    context: typer.Context,
    word: Annotated[
        str,
        typer.Argument(
            metavar="TYPE",
            help="What to do: earnings, news, fundamentals, market, risk, health.",
            autocompletion=complete_word,
            show_default=False,
        ),
    ],
    symbols: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SYMBOL]...",
            help="For which symbols; the whole watchlist if none. Market, risk and health take none.",
            autocompletion=complete_symbol,
        ),
    ] = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Ask again even if what is stored is fresh; this may cost.")
    ] = False,
    live: Live = False,
    as_json: Json = False,
    fault: Fault = None,
) -> int:
    """Run one task now, for some symbols or all watched."""
    from robotrader.cli.datasets import WATCHES, checked_word
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    if fault is not None:
        from robotrader.cli import faults

        if faults.settled(fault, session):
            return DONE
    checked_word(word)
    wanted = list(dict.fromkeys(parse_symbol(symbol) for symbol in symbols or ()))
    watching = word in WATCHES
    if watching and wanted:
        raise ValidationError(f"{word} takes no symbols", remedy=f"robotrader run-task {word}")

    async def operation(app: App) -> tuple[RunReport, Sequence[Any]]:
        from robotrader.cli import progress

        await _go_live(app, live=live)
        if watching:
            return await followed(app, await (await app.tasks()).run(word, (), force=force)), ()
        todo = wanted or [row.symbol for row in await (await app.watchlist()).rows()]
        if not todo:
            raise ValidationError(
                "no symbol given and the watchlist is empty",
                remedy=f"name one (robotrader run-task {word} SBIN) or watch one (robotrader watchlist add SBIN)",
            )
        with progress.shown(app.event_bus, len(todo)):
            report = await (await app.tasks()).run(word, todo, force=force)
        return report, () if as_json else await _stored(app, report)

    report, stored = run(session, operation)
    return _ended(session, report, stored, as_json=as_json)


def tick(
    context: typer.Context,
    *,
    plan: Annotated[
        bool, typer.Option("--plan", help="Show what would run and what it would cost; run nothing.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing where there is nothing new.")] = False,
    live: Live = False,
    as_json: Json = False,
    fault: Fault = None,
) -> int:
    """Run everything that is due, once; made for cron.

    Ticks may overlap: a slot runs once. With --plan nothing is run.
    """
    session = session_of(context)
    if fault is not None:
        from robotrader.cli import faults

        if faults.settled(fault, session):
            return DONE
    return _plan(session, as_json=as_json) if plan else _tick(session, live=live, as_json=as_json, quiet=quiet)


def _plan(session: Session, *, as_json: bool) -> int:
    async def planned(app: App) -> PlanView:
        return await (await app.tasks()).plan()

    found = run(session, planned)
    if as_json:
        output.document(found)
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import tasks as screens

    render.show(*screens.planned(found, render.look(session.now())))
    return DONE


def _tick(session: Session, *, live: bool, as_json: bool, quiet: bool) -> int:
    async def ticked(app: App) -> tuple[RunReport, Sequence[Any]]:
        await _go_live(app, live=live)
        report = await followed(app, await (await app.tasks()).tick())
        return report, () if as_json else await _stored(app, report)

    report, stored = run(session, ticked)
    from robotrader.cli import idle

    said = [each for each in report.outcomes if not (quiet and idle.nothing_new(each))]
    if as_json or said:
        return _ended(session, report, stored, as_json=as_json)
    if report.held is not None:
        output.complain(report.held, RESUME)
        return HALTED
    if not quiet:
        output.write(idle.line(report.next_due, session.now()))
    return DONE


def _ended(session: Session, report: RunReport, stored: Sequence[Any], *, as_json: bool) -> int:
    """Show what ran; returns the exit code."""
    from robotrader.cli import shapes

    if as_json:
        output.document(shapes.envelope(report))
    else:
        _show_run(session, report, stored)
        if report.held is not None:
            output.complain(report.held, RESUME)
    return shapes.exit_code(report.outcomes) or (DONE if report.held is None else HALTED)


async def _go_live(app: App, *, live: bool) -> None:
    """Let the orders that follow from this run be real, where the command says so."""
    if live:
        (await app.orders()).go_live()


async def followed(app: App, report: RunReport) -> RunReport:
    """The same with what came of the exits that a look at risk asked for: they are ordered after its record is kept."""
    records = [each.record for each in report.outcomes if isinstance(each.record, dict)]
    asked = [breach for record in records for breach in record.get("breaches", ()) if breach["outcome"] == "pending"]
    if asked:
        told = {each.id: each for each in (await (await app.risk()).breaches(None, limit=len(asked) + 100)).breaches}
        for breach in asked:
            if (found := told.get(breach["id"])) is not None:
                breach.update(outcome=found.outcome, detail=found.detail)
    return report._replace(outcomes=tuple(_judged(each) for each in report.outcomes)) if asked else report


def _judged(outcome: TaskOutcome) -> TaskOutcome:
    """The same with the exit code of a look whose exits sold nothing."""
    from robotrader.cli import shapes

    if outcome.exit_code or not isinstance(outcome.record, dict):
        return outcome
    return outcome._replace(exit_code=shapes.unsold_code(outcome.record.get("breaches", ())))


async def _stored(app: App, report: RunReport) -> Sequence[Any]:
    """What is stored of the symbol of a single task, for its sources, or for its figures where it was skipped."""
    from robotrader.cli import idle

    task = report.outcomes[0].task if len(report.outcomes) == 1 else None
    if task is None or task.symbol is None or task.error:
        return ()
    research = await app.research()
    word = idle.word(task.type)
    try:
        if word == "news":
            return await research.news(task.symbol, since=None, limit=NEWS_SHOWN)
        if word == "fundamentals":
            return await research.fundamentals(task.symbol)
        return await research.earnings(task.symbol)
    except NoDataError:
        return ()


def _show_run(session: Session, report: RunReport, stored: Sequence[Any]) -> None:
    from robotrader.cli import render
    from robotrader.cli.screens import tasks as screens

    look = render.look(session.now())
    shown = screens.one(report.outcomes[0], stored, look) if len(report.outcomes) == 1 else screens.ran(report, look)
    if shown:
        render.show(*shown)
    for message, remedy in screens.complaints(report, look):
        output.complain(message, remedy, session.secrets)


@tasks.command("list")
def list_tasks(
    context: typer.Context,
    *,
    status: Annotated[
        str | None, typer.Option("--status", help=f"Only: {', '.join(STATUSES)}.", metavar="STATUS")
    ] = None,
    symbol: Annotated[str | None, typer.Option("--symbol", metavar="SYMBOL", autocompletion=complete_symbol)] = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show tasks, newest first."""
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import tasks as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = None if status is None else status.upper()
    if wanted is not None and wanted not in STATUSES:
        raise ValidationError(f"no such status: {status!r}", remedy=f"one of: {', '.join(STATUSES)}")
    only = None if symbol is None else parse_symbol(symbol)

    async def operation(app: App) -> RunReport:
        return await (await app.tasks()).list_tasks(status=wanted, symbol=only, limit=limit)

    report = run(session, operation)
    if as_json:
        output.document(shapes.envelope(report))
    else:
        render.show(*screens.listed(report, render.look(session.now())))
    return DONE


@tasks.command("show")
def show_task(context: typer.Context, task_id: TaskId, *, as_json: Json = False) -> int:
    """Show everything about one task."""
    session = session_of(context)

    async def operation(app: App) -> TaskOutcome:
        return await (await app.tasks()).show(task_id)

    _show_one(session, run(session, operation), as_json=as_json)
    return DONE


@tasks.command("cancel")
def cancel_task(context: typer.Context, task_id: TaskId, *, as_json: Json = False) -> int:
    """Cancel a task that has not ended."""
    session = session_of(context)

    async def operation(app: App) -> TaskOutcome:
        return await (await app.tasks()).cancel(task_id)

    _show_one(session, run(session, operation), as_json=as_json)
    return DONE


@tasks.command("retry")
def retry_task(context: typer.Context, task_id: TaskId, *, as_json: Json = False) -> int:
    """Run a task again; this may cost.

    Also one whose paid call has an unknown outcome and that is therefore never sent again by itself.
    """

    session = session_of(context)

    async def operation(app: App) -> tuple[RunReport, Sequence[Any]]:
        report = await (await app.tasks()).retry(task_id)
        return report, () if as_json else await _stored(app, report)

    report, stored = run(session, operation)
    return _ended(session, report, stored, as_json=as_json)


def _show_one(session: Session, outcome: TaskOutcome, *, as_json: bool) -> None:
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import tasks as screens
    from robotrader.core.background_scheduler.models import RunReport

    if as_json:
        output.document(shapes.envelope(RunReport((outcome,))))
    else:
        render.show(*screens.detail(outcome, render.look(session.now())))
