"""What commands talk to: the coordinators and the services behind them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
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
    from robotrader.core.coordinators.status_coordinator import StatusCoordinator
    from robotrader.core.services.status_service import StatusService

COORDINATORS = "robotrader.core.coordinators"


def register_coordinators(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """What commands talk to."""
    provider = provider_of(settings)

    async def overview(c: DependencyContainer) -> StatusService:
        from robotrader.core.services.status_service import StatusService
        from robotrader.core.services.trading_status import TradingStatus

        return StatusService(
            settings,
            clock,
            store=await c.get(StatusStore),
            ledger=await c.get(PaidCallStore),
            owners=await c.get(OwnerRegistry),
            scheduler=await c.get(BackgroundScheduler),
            provider=provider,
            trading=await c.get(TradingStatus),
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
    container.register_place(f"{COORDINATORS}.status_coordinator:StatusCoordinator", status)
