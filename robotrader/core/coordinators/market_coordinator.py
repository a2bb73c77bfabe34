"""The market: its session, and quotes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.market_service import MarketService
    from robotrader.core.services.risk_views import MarketView
    from robotrader.core.services.tick_service import TickService


class MarketCoordinator(BaseCoordinator):
    """What the market does."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        market: MarketService,
        ticks: Callable[[], Awaitable[TickService]],
    ) -> None:
        super().__init__(config, event_bus)
        self._market = market
        self._ticks = ticks

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def show(self, symbols: Sequence[str]) -> MarketView:
        """The session, and the quotes of symbols or of all that is watched and held.

        Raises:
            SymbolError: a text is not a symbol.
            TradingError: quotes cannot be had.
        """
        return await self._market.show(list(dict.fromkeys(parse_symbol(text) for text in symbols)))

    async def listen(self, say: Callable[[str], None]) -> None:
        """Listen to live ticks until cancelled; see ``TickService.run``."""
        await (await self._ticks()).run(say)
