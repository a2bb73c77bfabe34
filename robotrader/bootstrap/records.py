"""What is known of companies: the services over the stored records, and the coordinators in front of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from robotrader.bootstrap.research import processor_class
from robotrader.core.background_scheduler.models import WORDS, Dataset
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import EventBus
from robotrader.providers import provider_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor
    from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
    from robotrader.core.coordinators.watchlist_coordinator import WatchlistCoordinator
    from robotrader.core.services.report_service import ReportService
    from robotrader.core.services.research_service import ResearchService

COORDINATORS = "robotrader.core.coordinators"


def register_records(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """Stored research, and which symbols it is about."""
    provider = provider_of(settings)

    async def service(c: DependencyContainer) -> ResearchService:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
        from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore
        from robotrader.core.background_scheduler.stores.news_store import NewsStore
        from robotrader.core.services.research_service import ResearchService

        db = await c.get(DatabaseStateManager)
        return ResearchService(
            earnings=await c.get(EarningsStore),
            news=NewsStore(db),
            fundamentals=FundamentalsStore(db),
            provider=provider,
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
            research=await c.get(ResearchService),
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
        from robotrader.core.services.report_service import ReportService
        from robotrader.core.services.research_service import ResearchService

        return ReportService(await c.get(ResearchService), provider=provider)

    container.register_place("robotrader.core.services.research_service:ResearchService", service)
    container.register_place(f"{COORDINATORS}.research_coordinator:ResearchCoordinator", research)
    container.register_place(f"{COORDINATORS}.watchlist_coordinator:WatchlistCoordinator", watchlist)
