"""What was won and lost, and the trades it came from."""

from __future__ import annotations

from datetime import date

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.pnl_service import PnlService
from robotrader.core.services.pnl_views import PnlView, TradesView
from robotrader.core.services.statement import Statement
from robotrader.settings import Settings


class PnlCoordinator(BaseCoordinator):
    """Profit, loss and trades."""

    def __init__(self, config: Settings, event_bus: EventBus, *, service: PnlService) -> None:
        super().__init__(config, event_bus)
        self._service = service

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def pnl(self, account: str | None = None, *, first: date | None = None, symbol: str | None = None) -> PnlView:
        """What was won and lost from a day on; see ``PnlService.pnl``.

        Raises:
            SymbolError: not a symbol.
        """
        return await self._service.pnl(account, first, None if symbol is None else parse_symbol(symbol))

    async def trades(
        self,
        account: str | None = None,
        *,
        first: date | None = None,
        last: date | None = None,
        symbol: str | None = None,
        limit: int = 100,
    ) -> TradesView:
        """Trades between two days, newest first; see ``PnlService.trades``.

        Raises:
            SymbolError: not a symbol.
        """
        name = None if symbol is None else parse_symbol(symbol)
        return await self._service.trades(account, first, last, name, limit)

    async def statement(self, account: str | None, month: date) -> Statement:
        """The month of an account (None: the one in force) that a day lies in; see ``PnlService.statement``."""
        return await self._service.statement(account, month)
