"""What the commands of the portfolio need of the program behind them; see ``ports``."""
# ruff: noqa: D102

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile
    from robotrader.core.services.pnl_views import PnlView, TradesView
    from robotrader.core.services.portfolio_views import (
        CashView,
        ChangeView,
        HistoryView,
        ImportView,
        PortfolioView,
        SectorView,
        SyncView,
    )
    from robotrader.core.services.statement import Statement


class PortfolioPort(Protocol):
    """What is held and what it is worth."""

    async def show(self, account: str | None = None) -> PortfolioView: ...

    async def take_in(self, found: HoldingsFile, *, replace: bool = False, dry_run: bool = False) -> ImportView: ...

    async def hold(self, symbol: str, quantity: int, price: Decimal, on: date | None = None) -> ChangeView: ...

    async def drop(self, symbol: str) -> ChangeView: ...

    async def cash(self, account: str | None = None, amount: Decimal | None = None) -> CashView: ...

    async def sync(self, *, to_paper: bool = False) -> SyncView: ...

    async def history(self, account: str | None = None, *, days: int = 30) -> HistoryView: ...

    async def sector(self, symbol: str, name: str | None = None, *, forget: bool = False) -> SectorView: ...


class PnlPort(Protocol):
    """What was won and lost, and the trades it came from."""

    async def pnl(
        self, account: str | None = None, *, first: date | None = None, symbol: str | None = None
    ) -> PnlView: ...

    async def trades(
        self,
        account: str | None = None,
        *,
        first: date | None = None,
        last: date | None = None,
        symbol: str | None = None,
        limit: int = 100,
    ) -> TradesView: ...

    async def statement(self, account: str | None, month: date) -> Statement: ...
