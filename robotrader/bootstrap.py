"""The composition root: every service is registered here, once, and made when it is first needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from robotrader.core import logs
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler, Parts
from robotrader.core.background_scheduler.clients.breaker import after_failure, after_success
from robotrader.core.background_scheduler.config.task_specs import task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.recovery import Recovery
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.events.event_handler import DURABLE_TYPES, EventHandler
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import BreakerState, TaskType
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.background_scheduler.stores.paid_call_store import Limits, PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock, SystemClock
from robotrader.core.coordinators.task_coordinator import TaskCoordinator
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.di import DependencyContainer
from robotrader.core.errors import ResourceError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.core.orchestrator import RoboTraderOrchestrator
from robotrader.providers import (
    LazyClient,
    LazyProcessor,
    calendar_of,
    earnings_parser,
    make_client,
    provider_of,
    symbol_check,
)
from robotrader.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor
    from robotrader.core.background_scheduler.processors.processor import Processor
    from robotrader.core.background_scheduler.processors.research import Research
    from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
    from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
    from robotrader.core.coordinators.status_coordinator import StatusCoordinator
    from robotrader.core.services.research_service import ResearchService
    from robotrader.core.services.status_service import StatusService

T = TypeVar("T")

# What a tick with nothing due does not need is registered by place and imported when it is asked for.
SCHEDULER = "robotrader.core.background_scheduler"
COORDINATORS = "robotrader.core.coordinators"

FOLDERS = ("documents", "logs", "backups", "locks", "prompts")


@asynccontextmanager
async def open_app(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[RoboTraderOrchestrator]:
    """The program over one home, closed when the block is left.

    Raises:
        ResourceError: the home cannot be made or written.
        TradingError: whatever a service cannot start without.
    """
    make_home(settings.home)
    handler = logs.configure(settings.home / "logs", settings.logging.level)
    try:
        container = build_container(settings, clock or SystemClock())
        async with RoboTraderOrchestrator(settings, container, await container.get(EventBus)) as orchestrator:
            yield orchestrator
    finally:
        logs.release(handler)


def make_home(home: Path) -> None:
    """Make the home and its folders, for the owner alone (0700).

    Raises:
        ResourceError: it cannot be made.
    """
    try:
        for folder in (home, *(home / name for name in FOLDERS)):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"the home {home} cannot be made: {error.strerror}", remedy="set ROBOTRADER_HOME to a folder you can write"
        ) from error


def build_container(settings: Settings, clock: Clock) -> DependencyContainer:
    """Every service by its type, none of them made yet."""
    container = DependencyContainer()
    container.register_instance(Settings, settings)
    container.register_instance(OwnerRegistry, OwnerRegistry(settings.home / "locks"))
    _register_stores(container, settings, clock)
    _register_scheduler(container, settings, clock)
    _register_coordinators(container, settings, clock)
    container.freeze()
    return container


def _register_stores(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    home, provider = settings.home, provider_of(settings)

    def on_state_change(store: list[EventStore], tx: Transaction, key: str, old: object, new: object) -> None:
        data = {"state": key, "old": old, "new": new}
        store[0].insert(tx, [Event(type=EventType.SYSTEM_STATE_CHANGED, source="database_state", data=data)])

    async def database(_: DependencyContainer) -> DatabaseStateManager:
        told: list[EventStore] = []
        db = DatabaseStateManager(
            home / "robotrader.db",
            clock=clock,
            synchronous=settings.database.synchronous,
            busy_timeout_seconds=settings.database.busy_timeout_seconds,
            backups=home / "backups",
            on_state_change=partial(on_state_change, told),
        )
        told.append(event_store(db))
        return db

    def event_store(db: DatabaseStateManager) -> EventStore:
        return EventStore(db, clock, durable_types=DURABLE_TYPES, grace_seconds=settings.scheduler.lease_seconds)

    def breaker_rule(state: BreakerState, ok: bool, now: datetime) -> BreakerState:
        limit, seconds = settings.perplexity.breaker_failures, settings.perplexity.breaker_seconds
        return after_success(state) if ok else after_failure(state, now, limit=limit, seconds=seconds)

    async def limits(c: DependencyContainer) -> LimitsStore:
        return LimitsStore(await c.get(DatabaseStateManager), clock, await c.get(EventStore), breaker_rule)

    async def ledger(c: DependencyContainer) -> PaidCallStore:
        b = settings.budget
        counted = Limits(b.daily_usd, b.monthly_usd, b.daily_calls, b.monthly_calls, b.reserve_usd)
        return PaidCallStore(
            await c.get(DatabaseStateManager),
            clock,
            await c.get(DocumentStore),
            await c.get(EventStore),
            counted if settings.live else None,
        )

    async def stocks(c: DependencyContainer) -> StockStateStore:
        return StockStateStore(await c.get(DatabaseStateManager), clock, await c.get(EventStore))

    async def earnings(c: DependencyContainer) -> EarningsStore:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore

        return EarningsStore(await c.get(DatabaseStateManager))

    async def health(c: DependencyContainer) -> HealthMonitor:
        from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor

        return HealthMonitor(
            settings,
            clock,
            await c.get(DatabaseStateManager),
            await c.get(StatusStore),
            provider=provider,
            calendar=partial(calendar_of, home),
        )

    container.register_singleton(DatabaseStateManager, database)
    container.register_singleton(EventStore, lambda c: _with_db(c, event_store))
    container.register_singleton(TaskStore, lambda c: _with_db(c, TaskStore))
    container.register_singleton(StatusStore, lambda c: _with_db(c, StatusStore))
    container.register_place(f"{SCHEDULER}.stores.earnings_store:EarningsStore", earnings)
    container.register_singleton(DocumentStore, lambda c: _with_db(c, lambda db: DocumentStore(db, home / "documents")))
    container.register_singleton(LimitsStore, limits)
    container.register_singleton(PaidCallStore, ledger)
    container.register_singleton(StockStateStore, stocks)
    container.register_place(f"{SCHEDULER}.monitors.health_monitor:HealthMonitor", health)


def _register_scheduler(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    home, provider, lease = settings.home, provider_of(settings), settings.scheduler.lease_seconds
    specs = task_specs(settings.schedules, partial(calendar_of, home))

    async def bus(c: DependencyContainer) -> EventBus:
        return EventBus(await c.get(EventStore), clock, durable_types=DURABLE_TYPES)

    async def research(c: DependencyContainer) -> Research:
        from robotrader.core.background_scheduler.processors.research import Research

        return Research(
            (await c.get(LazyClient)).get,
            clock,
            states=await c.get(StockStateStore),
            ledger=await c.get(PaidCallStore),
            documents=await c.get(DocumentStore),
            prompts=home / "prompts",
            check_symbol=symbol_check(settings),
            billed=settings.live,
        )

    async def client(c: DependencyContainer) -> LazyClient:
        return LazyClient(partial(make_client, settings, await c.get(LimitsStore), clock))

    async def earnings(c: DependencyContainer) -> Processor:
        from robotrader.core.background_scheduler.processors.earnings_processor import EarningsProcessor
        from robotrader.core.background_scheduler.processors.research import Research

        row = specs[TaskType.EARNINGS_ANALYSIS]
        found = await c.get(Research)
        return EarningsProcessor(found, earnings_parser, clock, fresh_for=row.fresh_for, trigger=row.trigger)

    async def log_strategy(entry: Mapping[str, Any]) -> None:
        from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore

        await StrategyLogStore(home / "logs" / "strategy.jsonl").append(entry)

    async def parts(c: DependencyContainer) -> Parts:
        db, events, event_bus = await c.get(DatabaseStateManager), await c.get(EventStore), await c.get(EventBus)
        owners, tasks = await c.get(OwnerRegistry), await c.get(TaskStore)
        executor = TaskExecutor(
            db,
            events,
            event_bus,
            clock,
            specs=specs,
            processors={TaskType.EARNINGS_ANALYSIS: LazyProcessor(partial(earnings, c))},
            concurrency=settings.scheduler.concurrency,
        )
        scheduler = TaskScheduler(
            db,
            clock,
            owners=owners,
            tasks=tasks,
            events=events,
            event_bus=event_bus,
            executor=executor,
            specs=specs,
            provider=provider,
            lease_seconds=lease,
        )
        documents, ledger = await c.get(DocumentStore), await c.get(PaidCallStore)
        recovery = Recovery(db, clock, owners=owners, events=events, documents=documents, ledger=ledger)
        handler = EventHandler(event_bus, log_strategy)
        return Parts(db, clock, owners, tasks, events, event_bus, handler, scheduler, recovery, specs)

    async def background_scheduler(c: DependencyContainer) -> BackgroundScheduler:
        db, grace = await c.get(DatabaseStateManager), settings.scheduler.stop_grace_seconds
        return BackgroundScheduler(db, partial(parts, c), provider=provider, stop_grace_seconds=grace)

    container.register_singleton(EventBus, bus)
    container.register_singleton(LazyClient, client)
    container.register_place(f"{SCHEDULER}.processors.research:Research", research)
    container.register_singleton(BackgroundScheduler, background_scheduler)


def _register_coordinators(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    provider = provider_of(settings)

    async def overview(c: DependencyContainer) -> StatusService:
        from robotrader.core.services.status_service import StatusService

        return StatusService(
            settings,
            clock,
            store=await c.get(StatusStore),
            ledger=await c.get(PaidCallStore),
            owners=await c.get(OwnerRegistry),
            scheduler=await c.get(BackgroundScheduler),
            provider=provider,
        )

    async def research_service(c: DependencyContainer) -> ResearchService:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
        from robotrader.core.services.research_service import ResearchService

        return ResearchService(
            await c.get(DatabaseStateManager),
            clock,
            earnings=await c.get(EarningsStore),
            documents=await c.get(DocumentStore),
            events=await c.get(EventStore),
            event_bus=await c.get(EventBus),
            parser=earnings_parser,
            provider=provider,
        )

    async def service(c: DependencyContainer) -> StatusService:
        from robotrader.core.services.status_service import StatusService

        return await c.get(StatusService)

    async def record(c: DependencyContainer, document_id: str) -> Mapping[str, Any] | None:
        from robotrader.core.services.research_service import ResearchService

        return await (await c.get(ResearchService)).record(document_id)

    async def tasks(c: DependencyContainer) -> TaskCoordinator:
        return TaskCoordinator(
            settings,
            await c.get(EventBus),
            scheduler=await c.get(BackgroundScheduler),
            tasks=await c.get(TaskStore),
            stocks=await c.get(StockStateStore),
            overview=partial(service, c),
            record=partial(record, c),
        )

    async def research(c: DependencyContainer) -> ResearchCoordinator:
        from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
        from robotrader.core.services.research_service import ResearchService

        return ResearchCoordinator(
            settings,
            await c.get(EventBus),
            research=await c.get(ResearchService),
            stocks=await c.get(StockStateStore),
            provider=provider,
        )

    async def status(c: DependencyContainer) -> StatusCoordinator:
        from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor
        from robotrader.core.coordinators.status_coordinator import StatusCoordinator

        return StatusCoordinator(
            settings,
            await c.get(EventBus),
            scheduler=await c.get(BackgroundScheduler),
            overview=await service(c),
            health=await c.get(HealthMonitor),
            events=await c.get(EventStore),
            limits=await c.get(LimitsStore),
        )

    container.register_place("robotrader.core.services.status_service:StatusService", overview)
    container.register_place("robotrader.core.services.research_service:ResearchService", research_service)
    container.register_singleton(TaskCoordinator, tasks)
    container.register_place(f"{COORDINATORS}.research_coordinator:ResearchCoordinator", research)
    container.register_place(f"{COORDINATORS}.status_coordinator:StatusCoordinator", status)


async def _with_db(c: DependencyContainer, make: Callable[[DatabaseStateManager], T]) -> T:
    return make(await c.get(DatabaseStateManager))
