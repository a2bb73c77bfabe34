"""Processes of one home inside one test: real files, real SQLite, the program's own wiring.

A *process* is a container of its own over the home, with its own name in ``locks/`` and its own connection. One that is
left by ``killed()`` has lost its locks as a killed one would; what it had claimed and sent stays as it was on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from robotrader.bootstrap import build_container, make_home
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler, Parts
from robotrader.core.background_scheduler.config.task_specs import RunSpec, task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.planner import Planner
from robotrader.core.background_scheduler.core.recovery import Recovery
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.events.event_handler import EventHandler
from robotrader.core.background_scheduler.executors.fundamental_executor import FundamentalExecutor
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import RawAnswer, Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.errors import InitializationError
from robotrader.core.event_bus import EventBus
from robotrader.providers import calendar_of
from robotrader.settings import (
    PerplexitySettings,
    SchedulerSettings,
    ScheduleSettings,
    SchedulesSettings,
    Settings,
    WatchSettings,
)

T = TypeVar("T")
KIND = TaskType.EARNINGS_ANALYSIS
KEYS = ("pplx-" + "a" * 40, "pplx-" + "b" * 40, "pplx-" + "c" * 40)
LEASE_SECONDS = 60.0


async def until(condition: Callable[[], object]) -> None:
    """Let everything else go on until something is so; the test's own timeout bounds it."""
    while not condition():  # noqa: ASYNC110 - what is waited for is none of ours to set an event in
        await asyncio.sleep(0)


class Killed(BaseException):
    """Raised by a processor to end its process at this instant: nothing after it is written."""


Work = Callable[["Process", Task], Awaitable[Outcome | None]]


def offline(home: Path, **sections: Any) -> Settings:
    """Settings of the sandbox; a stop hands back at once, and only earnings run by themselves."""
    scheduler = SchedulerSettings(lease_seconds=LEASE_SECONDS, stop_grace_seconds=0.0)
    rest = ScheduleSettings(enabled=False)
    market, risk = replace(SchedulesSettings().market, enabled=False), WatchSettings(enabled=False)
    schedules = SchedulesSettings(news=rest, fundamentals=rest, market=market, risk=risk)
    return replace(Settings(home, scheduler=scheduler, schedules=schedules), **sections)


def live(home: Path, url: str, *, keys: int = 1, **sections: Any) -> Settings:
    """Settings that ask a server on the loopback, without waiting long for anything."""
    perplexity = PerplexitySettings(base_url=url, api_keys=KEYS[:keys])
    return replace(offline(home), perplexity=perplexity, **sections)


@dataclass
class Process:
    """One process of a home."""

    container: DependencyContainer
    clock: Clock
    settings: Settings
    scheduler: BackgroundScheduler
    runs: list[Task]
    dead: bool = False

    async def get(self, kind: type[T]) -> T:
        return await self.container.get(kind)

    async def watch(self, *symbols: str) -> None:
        await (await self.get(StockStateStore)).watch(symbols)

    async def tasks(self, **wanted: Any) -> list[Task]:
        """The home's tasks, oldest first."""
        given = {"status": None, "symbol": None, "limit": 1000, **wanted}
        return (await (await self.get(TaskStore)).list(**given))[::-1]

    async def only_task(self) -> Task:
        (task,) = await self.tasks()
        return task

    async def event_types(self) -> list[str]:
        """What was told, oldest first."""
        return [each.event.type.value for each in (await (await self.get(EventStore)).list(limit=1000))[::-1]]

    async def killed(self) -> None:
        """End as kill -9 would."""
        await (await self.get(OwnerRegistry)).close()
        self.dead = True


@asynccontextmanager
async def process(
    home: Path,
    clock: Clock,
    work: Work | None = None,
    *,
    settings: Settings | None = None,
    limit: int = 10,
    kinds: Sequence[TaskType] = (KIND,),
    **spec: Any,
) -> AsyncIterator[Process]:
    """A process with the real processors, or with ``work`` in place of those of ``kinds``; ``spec`` changes their
    schedules.
    """
    settings = settings or offline(home)
    make_home(home)
    container = build_container(settings, clock)
    runs: list[Task] = []
    async with AsyncExitStack() as stack:
        stack.push_async_callback(container.close)
        if work is None:
            scheduler = await container.get(BackgroundScheduler)
        else:
            scripted = Scripted(work, runs)
            scheduler = await _with_work(container, clock, settings, scripted, limit, kinds, spec)
        made = Process(container, clock, settings, scheduler, runs)
        if work is not None:
            scripted.owner = made
        await scheduler.initialize()
        stack.push_async_callback(scheduler.cleanup)
        yield made


class Scripted:
    """A processor that does what the test says."""

    def __init__(self, work: Work, runs: list[Task]) -> None:
        self._work = work
        self._runs = runs
        self.owner: Process | None = None

    async def process(self, task: Task, deadline: float) -> Outcome:
        del deadline
        if self.owner is None:
            raise InitializationError("the process is not there yet")
        self._runs.append(task)
        return await self._work(self.owner, task) or Outcome(TaskStatus.COMPLETED)


async def _with_work(
    container: DependencyContainer,
    clock: Clock,
    settings: Settings,
    processor: Scripted,
    limit: int,
    kinds: Sequence[TaskType],
    spec: Mapping[str, Any],
) -> BackgroundScheduler:
    db, events = await container.get(DatabaseStateManager), await container.get(EventStore)
    bus = await container.get(EventBus)
    owners, tasks = await container.get(OwnerRegistry), await container.get(TaskStore)
    provider = "perplexity" if settings.live else "sandbox"
    table = task_specs(settings.schedules, partial(calendar_of, settings.home), provider=provider, market="sandbox")
    specs: dict[TaskType, RunSpec] = {kind: replace(table[kind], **{"enabled": True, **spec}) for kind in kinds}
    processors = dict.fromkeys(kinds, processor)
    executor = TaskExecutor(db, events, bus, clock, specs=specs, processors=processors, concurrency=limit)
    scheduler = TaskScheduler(
        db,
        clock,
        owners=owners,
        tasks=tasks,
        event_bus=bus,
        executor=executor,
        specs=specs,
        lease_seconds=settings.scheduler.lease_seconds,
    )
    planner = Planner(db, clock, tasks=tasks, events=events, specs=specs, account="sandbox")
    documents, ledger = await container.get(DocumentStore), await container.get(PaidCallStore)
    recovery = Recovery(db, clock, owners=owners, events=events, documents=documents, ledger=ledger)
    follow = await container.get(FundamentalExecutor)
    handler = EventHandler(bus, StrategyLogStore(settings.home / "logs" / "strategy.jsonl").append, follow.follow)

    async def parts() -> Parts:
        return Parts(db, clock, owners, tasks, events, bus, handler, planner, scheduler, recovery, specs)

    return BackgroundScheduler(
        db,
        parts,
        stop_grace_seconds=settings.scheduler.stop_grace_seconds,
    )


def raw_answer(text: str = "{}", *, cost: str | None = "0.01", usable: bool = True) -> RawAnswer:
    """An answer as it may come over the wire; not one that a dialect can read unless ``text`` is its body."""
    return RawAnswer(
        provider="perplexity",
        request={"method": "POST", "url": "http://127.0.0.1/v1/agent", "json": {}},
        status_code=200,
        headers={"content-type": "application/json"},
        body=text,
        complete=True,
        usable=usable,
        cost_usd=None if cost is None else Decimal(cost),
    )


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
