"""What runs tasks. What a tick with nothing due does not need is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from robotrader.bootstrap.execution import follow_exit, settle_orders
from robotrader.bootstrap.market import MONITORS, monitor_class
from robotrader.bootstrap.research import PROCESSORS, ImportsAhead, processor_class
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler, Parts
from robotrader.core.background_scheduler.config.task_specs import RunSpec, TaskSpec
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.planner import Planner
from robotrader.core.background_scheduler.core.recovery import Recovery
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.events.event_handler import DURABLE_TYPES, EventHandler
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import Event, EventBus
from robotrader.providers import LazyProcessor, account_of, calendar_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.executors.fundamental_executor import FundamentalExecutor
    from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor
    from robotrader.core.background_scheduler.processors.processor import Processor
    from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore

SCHEDULER = "robotrader.core.background_scheduler"


def register_scheduler(
    container: DependencyContainer, settings: Settings, clock: Clock, specs: Mapping[TaskType, RunSpec]
) -> None:
    """Who asks, who runs, who follows up."""
    home, lease = settings.home, settings.scheduler.lease_seconds

    async def bus(c: DependencyContainer) -> EventBus:
        return EventBus(await c.get(EventStore), clock, durable_types=DURABLE_TYPES)

    async def processor_of(c: DependencyContainer, kind: TaskType) -> DatasetProcessor[Any]:
        return await c.get(processor_class(kind))

    async def monitor_of(c: DependencyContainer, kind: TaskType) -> Processor:
        found: Processor = await c.get(monitor_class(kind))
        return found

    async def ask_fundamentals(c: DependencyContainer, event: Event) -> None:
        from robotrader.core.background_scheduler.executors.fundamental_executor import FundamentalExecutor

        await (await c.get(FundamentalExecutor)).follow(event)

    async def fundamental_executor(c: DependencyContainer) -> FundamentalExecutor:
        from robotrader.core.background_scheduler.executors.fundamental_executor import FundamentalExecutor

        return FundamentalExecutor(
            await c.get(DatabaseStateManager),
            clock,
            events=await c.get(EventStore),
            event_bus=await c.get(EventBus),
            calendar=partial(calendar_of, home),
        )

    async def log_strategy(c: DependencyContainer, entry: Mapping[str, Any]) -> None:
        from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore

        await (await c.get(StrategyLogStore)).append(entry)

    async def strategy_log(_: DependencyContainer) -> StrategyLogStore:
        from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore

        return StrategyLogStore(home / "logs" / "strategy.jsonl")

    async def parts(c: DependencyContainer) -> Parts:
        db, events, event_bus = await c.get(DatabaseStateManager), await c.get(EventStore), await c.get(EventBus)
        owners, tasks = await c.get(OwnerRegistry), await c.get(TaskStore)
        imports = await c.get(ImportsAhead)
        executor = TaskExecutor(
            db,
            events,
            event_bus,
            clock,
            specs={
                kind: replace(spec, concurrency=ahead(spec.concurrency)) if isinstance(spec, TaskSpec) else spec
                for kind, spec in specs.items()
            },
            processors={
                **{
                    kind: LazyProcessor(partial(processor_of, c, kind), partial(imports.expect, kind))
                    for kind in PROCESSORS
                },
                **{kind: LazyProcessor(partial(monitor_of, c, kind)) for kind in MONITORS},
            },
            concurrency=ahead(settings.scheduler.concurrency),
        )
        scheduler = TaskScheduler(
            db,
            clock,
            owners=owners,
            tasks=tasks,
            event_bus=event_bus,
            executor=executor,
            specs=specs,
            lease_seconds=lease,
        )
        planner = Planner(db, clock, tasks=tasks, events=events, specs=specs, account=account_of(settings))
        documents, ledger = await c.get(DocumentStore), await c.get(PaidCallStore)
        recovery = Recovery(
            db,
            clock,
            owners=owners,
            events=events,
            documents=documents,
            ledger=ledger,
            settle_orders=partial(settle_orders, settings, clock, c),
        )
        exits = partial(follow_exit, c)
        handler = EventHandler(event_bus, partial(log_strategy, c), partial(ask_fundamentals, c), exits)
        return Parts(db, clock, owners, tasks, events, event_bus, handler, planner, scheduler, recovery, specs)

    async def background_scheduler(c: DependencyContainer) -> BackgroundScheduler:
        db, grace = await c.get(DatabaseStateManager), settings.scheduler.stop_grace_seconds
        return BackgroundScheduler(db, partial(parts, c), stop_grace_seconds=grace)

    container.register_singleton(EventBus, bus)
    container.register_place(f"{SCHEDULER}.stores.strategy_log_store:StrategyLogStore", strategy_log)
    container.register_place(f"{SCHEDULER}.executors.fundamental_executor:FundamentalExecutor", fundamental_executor)
    container.register_singleton(BackgroundScheduler, background_scheduler)


def ahead(calls: int) -> int:
    """How many tasks may be at work for this many paid calls on their way: meanwhile others claim, archive and read.

    The calls themselves are held to their number where they are made (``processors.asking.Line``).
    """
    return calls + max(1, calls // 2)
