"""Who watches the market and the risk; all of it imported when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from robotrader.bootstrap.ticks import tick_service
from robotrader.core.background_scheduler.config.task_specs import RunSpec
from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import EventBus
from robotrader.providers import account_of, calendar_of, market_source_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.monitors.market_monitor import MarketMonitor
    from robotrader.core.background_scheduler.monitors.risk_monitor import RiskMonitor
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
    from robotrader.core.background_scheduler.trading import Book, Quotes
    from robotrader.core.coordinators.market_coordinator import MarketCoordinator
    from robotrader.core.coordinators.risk_coordinator import RiskCoordinator

KITE = "kite"
COORDINATORS = "robotrader.core.coordinators"
SCHEDULER = "robotrader.core.background_scheduler"
MONITORS = {
    TaskType.MARKET_MONITORING: "market_monitor:MarketMonitor",
    TaskType.RISK_MONITORING: "risk_monitor:RiskMonitor",
    TaskType.HEALTH_CHECK: "health_check:HealthCheck",
}


def register_market(
    container: DependencyContainer, settings: Settings, clock: Clock, specs: Mapping[TaskType, RunSpec]
) -> None:
    """Who watches the market and the risk."""
    source, account = market_source_of(settings), account_of(settings)
    stale_after = timedelta(seconds=settings.trading.stale_quote_seconds)

    async def fetch(c: DependencyContainer, symbols: Sequence[str]) -> Quotes:
        from robotrader.core.background_scheduler.clients import kite_market
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient

        return await kite_market.quotes(await c.get(KiteClient), symbols)

    async def desk(c: DependencyContainer) -> QuoteDesk:
        from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk

        return QuoteDesk(
            await c.get(DatabaseStateManager),
            clock,
            provider=source,
            fetch=partial(fetch, c),
            calendar=partial(calendar_of, settings.home),
        )

    async def ask_kite(c: DependencyContainer) -> Book:
        from robotrader.core.background_scheduler.clients import kite_account
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient

        return await kite_account.book(await c.get(KiteClient), clock.now())

    async def market_monitor(c: DependencyContainer) -> MarketMonitor:
        from robotrader.core.background_scheduler.monitors.market_monitor import Limits, MarketMonitor
        from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk

        return MarketMonitor(
            await c.get(DatabaseStateManager),
            clock,
            account=account,
            desk=await c.get(QuoteDesk),
            stocks=await c.get(StockStateStore),
            calendar=partial(calendar_of, settings.home),
            limits=Limits(settings.market.move_pct, settings.market.volume_times, stale_after),
        )

    async def risk_monitor(c: DependencyContainer) -> RiskMonitor:
        from robotrader.core.background_scheduler.monitors.risk_monitor import RiskMonitor
        from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk

        match = None
        if account != KITE:
            from robotrader.core.services.paper_broker import PaperBroker

            match = (await c.get(PaperBroker)).match
        return RiskMonitor(
            await c.get(DatabaseStateManager),
            clock,
            account=account,
            desk=await c.get(QuoteDesk),
            calendar=partial(calendar_of, settings.home),
            stale_after=stale_after,
            refresh=partial(ask_kite, c) if account == KITE else None,
            match=match,  # orders were settled already, when the tick or the run began
        )

    async def market(c: DependencyContainer) -> MarketCoordinator:
        from robotrader.core.background_scheduler.monitors.market_monitor import MarketMonitor
        from robotrader.core.coordinators.market_coordinator import MarketCoordinator
        from robotrader.core.services.market_service import MarketService

        return MarketCoordinator(
            settings,
            await c.get(EventBus),
            market=MarketService(await c.get(MarketMonitor), provider=source),
            ticks=partial(tick_service, settings, clock, c),
        )

    async def risk(c: DependencyContainer) -> RiskCoordinator:
        from robotrader.core.background_scheduler.monitors.risk_monitor import RiskMonitor
        from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
        from robotrader.core.coordinators.risk_coordinator import RiskCoordinator
        from robotrader.core.services.risk_service import RiskService

        async def monitor() -> RiskMonitor:
            return await c.get(RiskMonitor)

        return RiskCoordinator(
            settings,
            await c.get(EventBus),
            risk=RiskService(
                await c.get(DatabaseStateManager),
                clock,
                account=account,
                provider=source,
                desk=await c.get(QuoteDesk),
                monitor=monitor,
            ),
        )

    container.register_place(f"{SCHEDULER}.processors.quote_desk:QuoteDesk", desk)
    container.register_place(f"{SCHEDULER}.monitors.market_monitor:MarketMonitor", market_monitor)
    container.register_place(f"{SCHEDULER}.monitors.risk_monitor:RiskMonitor", risk_monitor)
    container.register_place(f"{COORDINATORS}.market_coordinator:MarketCoordinator", market)
    container.register_place(f"{COORDINATORS}.risk_coordinator:RiskCoordinator", risk)


def monitor_class(kind: TaskType) -> type:
    """Who runs a type of task that watches, imported now."""
    from importlib import import_module

    module, _, name = MONITORS[kind].partition(":")
    found: type = getattr(import_module(f"{SCHEDULER}.monitors.{module}"), name)
    return found
