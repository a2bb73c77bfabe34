"""Tasks: run now, tick, plan, serve, look, cancel, retry."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler, Done, outcome_of
from robotrader.core.background_scheduler.models import (
    FREE,
    WORDS,
    RunReport,
    TaskOutcome,
    TaskStatus,
    parse_symbol,
)
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import EventBus
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.status_service import StatusService
    from robotrader.core.services.views import PlanView

RecordOf = Callable[[str, str], Awaitable[Any]]
"""What is stored of a symbol out of a document, as the run that read it showed it; None where nothing is."""


class TaskCoordinator(BaseCoordinator):
    """What the owner does with tasks."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        scheduler: BackgroundScheduler,
        tasks: TaskStore,
        stocks: StockStateStore,
        overview: Callable[[], Awaitable[StatusService]],
        record: RecordOf,
    ) -> None:
        super().__init__(config, event_bus)
        self._scheduler = scheduler
        self._tasks = tasks
        self._stocks = stocks
        self._overview = overview
        self._record = record

    async def initialize(self) -> None:
        """Get the scheduler ready.

        Raises:
            TradingError: why nothing can run.
        """
        await self._scheduler.initialize()
        self._initialized = True

    async def cleanup(self) -> None:
        """Let go of what the scheduler holds."""
        await super().cleanup()
        await self._scheduler.cleanup()

    async def run(
        self, word: str, symbols: Sequence[str], *, force: bool = False, done: Done | None = None
    ) -> RunReport:
        """Run one task type now: for the symbols or the whole watchlist, or once where it has no symbol.

        Raises:
            SymbolError: a text is not a symbol; nothing was run.
            ValidationError: an unknown type, or no symbol anywhere.
        """
        names = [parse_symbol(text) for text in symbols]
        if WORDS.get(word) in FREE:
            return await self._scheduler.run_now(word, names, force=force, done=done)
        names = names or [symbol for symbol, _ in await self._stocks.watchlist()]
        if not names:
            raise ValidationError("no symbol given, and the watchlist is empty", remedy="robotrader watchlist add SBIN")
        return await _with_records(await self._scheduler.run_now(word, names, force=force, done=done), self._record)

    async def tick(self, done: Done | None = None, stop: asyncio.Event | None = None) -> RunReport:
        """Run what is due."""
        return await _with_records(await self._scheduler.tick(done=done, stop=stop), self._record)

    async def plan(self) -> PlanView:
        """What a tick would run, and what it would cost."""
        return await (await self._overview()).plan()

    async def serve(
        self,
        stop: asyncio.Event,
        on_tick: Callable[[RunReport, datetime | None], None],
        before_tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Tick at each due instant until ``stop`` is set, which ``before_tick`` may do as well.

        Raises:
            LockedError: another process serves this home.
        """
        await self._scheduler.serve(stop, on_tick, before_tick)

    async def list_tasks(self, *, status: str | None = None, symbol: str | None = None, limit: int = 50) -> RunReport:
        """The newest tasks that match.

        Raises:
            ValidationError: no such status, or not a symbol.
        """
        wanted = None if status is None else status.upper()
        if wanted is not None and wanted not in TaskStatus.__members__:
            names = ", ".join(name.lower() for name in TaskStatus.__members__)
            raise ValidationError(f"no such status: {status!r}", remedy=f"the statuses are: {names}")
        name = None if symbol is None else parse_symbol(symbol)
        found = await self._tasks.list(status=wanted, symbol=name, limit=limit)
        return RunReport(tuple(outcome_of(task) for task in found))

    async def show(self, task_id: str) -> TaskOutcome:
        """One task, by its id or the beginning of it.

        Raises:
            NotFoundError: none, or more than one.
        """
        report = RunReport((outcome_of(await self._tasks.get(task_id)),))
        return (await _with_records(report, self._record)).outcomes[0]

    async def cancel(self, task_id: str) -> TaskOutcome:
        """Cancel a task that waits; see ``BackgroundScheduler.cancel``."""
        return outcome_of(await self._scheduler.cancel(task_id))

    async def retry(self, task_id: str) -> RunReport:
        """Ask again for what a task was to fetch; see ``BackgroundScheduler.retry``."""
        return await _with_records(await self._scheduler.retry(task_id), self._record)


async def _with_records(report: RunReport, record_of: RecordOf) -> RunReport:
    """The report with what is stored, for tasks that another process ran or that found their data fresh."""
    outcomes = []
    for outcome in report.outcomes:
        document, symbol = outcome.task.document_id, outcome.task.symbol
        if document and symbol and outcome.record is None:
            outcomes.append(outcome._replace(record=await record_of(document, symbol)))
        else:
            outcomes.append(outcome)
    return report._replace(outcomes=tuple(outcomes))
