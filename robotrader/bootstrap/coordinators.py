"""What commands talk to: the coordinators and the services behind them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from robotrader.bootstrap.research import processor_class
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.models import WORDS, Dataset
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock
from robotrader.core.coordinators.task_coordinator import TaskCoordinator
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import EventBus
from robotrader.providers import provider_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor
    from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
    from robotrader.core.coordinators.status_coordinator import StatusCoordinator
    from robotrader.core.coordinators.watchlist_coordinator import WatchlistCoordinator
    from robotrader.core.services.report_service import ReportService
    from robotrader.core.services.status_service import StatusService

COORDINATORS = "robotrader.core.coordinators"


def register_coordinators(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """What commands talk to."""
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

    async def service(c: DependencyContainer) -> StatusService:
        from robotrader.core.services.status_service import StatusService

        return await c.get(StatusService)

    async def record(c: DependencyContainer, document_id: str, symbol: str) -> Any:
        from robotrader.core.background_scheduler.stores.archive_store import ArchiveStore

        return await ArchiveStore(await c.get(DatabaseStateManager)).record(document_id, symbol)

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

    async def processor_of(c: DependencyContainer, dataset: Dataset) -> DatasetProcessor[Any]:
        return await c.get(processor_class(WORDS[dataset.value]))

    async def research(c: DependencyContainer) -> ResearchCoordinator:
        from robotrader.core.background_scheduler.stores.archive_store import ArchiveStore
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
        from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore
        from robotrader.core.background_scheduler.stores.news_store import NewsStore
        from robotrader.core.background_scheduler.stores.search_store import SearchStore
        from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
        from robotrader.core.services.reparse_service import ReparseService
        from robotrader.core.services.research_service import ResearchService
        from robotrader.core.services.trail_service import TrailService

        db, bus, documents = await c.get(DatabaseStateManager), await c.get(EventBus), await c.get(DocumentStore)
        earnings, news, fundamentals = await c.get(EarningsStore), NewsStore(db), FundamentalsStore(db)
        return ResearchCoordinator(
            settings,
            bus,
            research=ResearchService(earnings=earnings, news=news, fundamentals=fundamentals, provider=provider),
            trails=TrailService(
                earnings=earnings, news=news, fundamentals=fundamentals, documents=documents, provider=provider
            ),
            reparsing=ReparseService(
                db,
                clock,
                archive=ArchiveStore(db),
                documents=documents,
                events=await c.get(EventStore),
                event_bus=bus,
                processor=partial(processor_of, c),
            ),
            index=SearchStore(db),
        )

    async def watchlist(c: DependencyContainer) -> WatchlistCoordinator:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
        from robotrader.core.coordinators.watchlist_coordinator import WatchlistCoordinator

        return WatchlistCoordinator(
            settings,
            await c.get(EventBus),
            clock=clock,
            stocks=await c.get(StockStateStore),
            earnings=await c.get(EarningsStore),
            reports=partial(reports, c),
            provider=provider,
        )

    async def reports(c: DependencyContainer) -> ReportService:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
        from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore
        from robotrader.core.background_scheduler.stores.news_store import NewsStore
        from robotrader.core.services.report_service import ReportService
        from robotrader.core.services.research_service import ResearchService

        db = await c.get(DatabaseStateManager)
        earnings, news, fundamentals = await c.get(EarningsStore), NewsStore(db), FundamentalsStore(db)
        service = ResearchService(earnings=earnings, news=news, fundamentals=fundamentals, provider=provider)
        return ReportService(service, provider=provider)

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
    container.register_singleton(TaskCoordinator, tasks)
    container.register_place(f"{COORDINATORS}.research_coordinator:ResearchCoordinator", research)
    container.register_place(f"{COORDINATORS}.watchlist_coordinator:WatchlistCoordinator", watchlist)
    container.register_place(f"{COORDINATORS}.status_coordinator:StatusCoordinator", status)
