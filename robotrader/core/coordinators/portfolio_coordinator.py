"""What is held: shown and valued, imported, typed in, taken over from Kite."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.holdings_service import HoldingsService
from robotrader.core.services.portfolio_service import PortfolioService
from robotrader.core.services.portfolio_views import (
    CashView,
    ChangeView,
    HistoryView,
    ImportView,
    PortfolioView,
    SectorView,
    SyncView,
)
from robotrader.settings import Settings


class PortfolioCoordinator(BaseCoordinator):
    """The portfolio."""

    def __init__(
        self, config: Settings, event_bus: EventBus, *, portfolio: PortfolioService, holdings: HoldingsService
    ) -> None:
        super().__init__(config, event_bus)
        self._portfolio = portfolio
        self._holdings = holdings

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def show(self, account: str | None = None) -> PortfolioView:
        """An account (None: the one in force) with its prices; see ``PortfolioService.show``."""
        return await self._portfolio.show(account)

    async def take_in(self, found: HoldingsFile, *, replace: bool = False, dry_run: bool = False) -> ImportView:
        """Import the holdings of a file; see ``HoldingsService.take_in``."""
        return await self._holdings.take_in(found, replace=replace, dry_run=dry_run)

    async def hold(self, symbol: str, quantity: int, price: Decimal, on: date | None = None) -> ChangeView:
        """Say that shares are held; see ``HoldingsService.hold``.

        Raises:
            SymbolError: not a symbol.
        """
        return await self._holdings.hold(parse_symbol(symbol), quantity, price, on)

    async def drop(self, symbol: str) -> ChangeView:
        """Say that nothing of a symbol is held; see ``HoldingsService.drop``.

        Raises:
            SymbolError: not a symbol.
        """
        return await self._holdings.drop(parse_symbol(symbol))

    async def cash(self, account: str | None = None, amount: Decimal | None = None) -> CashView:
        """The cash of an account; with an amount it is put into the one in force first, or taken out (negative).

        Raises:
            ValidationError: see ``HoldingsService.move_cash``.
            NoDataError: the account is Kite's and was never synchronised.
        """
        if amount is not None:
            await self._holdings.move_cash(amount)
        return await self._portfolio.cash(account)

    async def sync(self, *, to_paper: bool = False) -> SyncView:
        """Ask Kite what is held; see ``PortfolioService.sync``."""
        return await self._portfolio.sync(to_paper=to_paper)

    async def history(self, account: str | None = None, *, days: int = 30) -> HistoryView:
        """An account by day, newest first; see ``PortfolioService.history``."""
        return await self._portfolio.history(account, days)

    async def sector(self, symbol: str, name: str | None = None, *, forget: bool = False) -> SectorView:
        """The sector of a symbol, named or forgotten first where asked; see ``PortfolioService.sector``.

        Raises:
            SymbolError: not a symbol.
        """
        return await self._portfolio.sector(parse_symbol(symbol), name, forget=forget)
