"""What is held, and what it is worth; all of it imported when it is first needed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.errors import ConfigurationError
from robotrader.core.event_bus import EventBus
from robotrader.providers import account_of, calendar_of, market_source_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.trading import Book
    from robotrader.core.coordinators.pnl_coordinator import PnlCoordinator
    from robotrader.core.coordinators.portfolio_coordinator import PortfolioCoordinator
    from robotrader.core.services.portfolio_quotes import PortfolioQuotes

COORDINATORS = "robotrader.core.coordinators"


def register_portfolio(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """What is held, and what it is worth."""
    account = account_of(settings)
    paper = "sandbox" if market_source_of(settings) == "sandbox" else "paper"

    async def ask_kite(c: DependencyContainer) -> Book:
        if market_source_of(settings) == "sandbox":
            raise ConfigurationError(
                "Kite is not asked while prices are simulated",
                remedy='set KITE_API_KEY and KITE_API_SECRET, and market.source = "auto" or "kite"',
            )
        from robotrader.core.background_scheduler.clients import kite_account
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient

        return await kite_account.book(await c.get(KiteClient), clock.now())

    async def quotes(c: DependencyContainer) -> PortfolioQuotes:
        from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
        from robotrader.core.services.portfolio_quotes import PortfolioQuotes

        return PortfolioQuotes(
            await c.get(DatabaseStateManager),
            clock,
            await c.get(QuoteDesk),
            calendar=partial(calendar_of, settings.home),
            stale=timedelta(seconds=settings.trading.stale_quote_seconds),
        )

    async def portfolio(c: DependencyContainer) -> PortfolioCoordinator:
        from robotrader.core.coordinators.portfolio_coordinator import PortfolioCoordinator
        from robotrader.core.services.holdings_service import HoldingsService
        from robotrader.core.services.portfolio_service import PortfolioService

        db, events, cash = await c.get(DatabaseStateManager), await c.get(EventStore), settings.paper.cash_inr
        return PortfolioCoordinator(
            settings,
            await c.get(EventBus),
            portfolio=PortfolioService(
                db,
                clock,
                events,
                await quotes(c),
                account=account,
                paper=paper,
                cash=cash,
                ask_broker=partial(ask_kite, c),
            ),
            holdings=HoldingsService(
                db, clock, events, account=account, cash=cash, calendar=partial(calendar_of, settings.home)
            ),
        )

    async def pnl(c: DependencyContainer) -> PnlCoordinator:
        from robotrader.core.coordinators.pnl_coordinator import PnlCoordinator
        from robotrader.core.services.pnl_service import PnlService

        service = PnlService(await c.get(DatabaseStateManager), clock, await quotes(c), account=account)
        return PnlCoordinator(settings, await c.get(EventBus), service=service)

    container.register_place(f"{COORDINATORS}.portfolio_coordinator:PortfolioCoordinator", portfolio)
    container.register_place(f"{COORDINATORS}.pnl_coordinator:PnlCoordinator", pnl)
