"""What is known of symbols, where each figure comes from, and which symbols are watched."""

from __future__ import annotations

from collections.abc import Sequence

from robotrader.core.background_scheduler.models import Dataset, parse_symbol
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.research_service import ResearchService
from robotrader.core.services.views import EarningsView, ReparseView, WatchRow, WhyView
from robotrader.settings import Settings


class ResearchCoordinator(BaseCoordinator):
    """Stored research and the watchlist."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        research: ResearchService,
        stocks: StockStateStore,
        provider: str,
    ) -> None:
        super().__init__(config, event_bus)
        self._research = research
        self._stocks = stocks
        self._provider = provider

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def earnings(self, symbol: str, *, limit: int = 8) -> tuple[EarningsView, ...]:
        """Stored earnings of a symbol, latest quarter first.

        Raises:
            SymbolError, NoDataError: not a symbol; nothing stored.
        """
        return await self._research.earnings(parse_symbol(symbol), limit)

    async def why(self, symbol: str, field: str) -> WhyView:
        """The trail of one field.

        Raises:
            SymbolError, ValidationError, NoDataError: not a symbol; no such field; nothing stored holds it.
        """
        return await self._research.why(parse_symbol(symbol), field)

    async def reparse(self, dataset: str | None = None, symbol: str | None = None) -> ReparseView:
        """Read archived answers again with today's parser."""
        return await self._research.reparse(dataset, None if symbol is None else parse_symbol(symbol))

    async def watch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Add symbols to the watchlist; returns those that were new.

        Raises:
            SymbolError: a text is not a symbol; nothing was added.
        """
        return await self._stocks.watch([parse_symbol(text) for text in symbols])

    async def unwatch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Remove symbols from the watchlist; returns those that were on it.

        Raises:
            SymbolError: a text is not a symbol; nothing was removed.
        """
        return await self._stocks.unwatch([parse_symbol(text) for text in symbols])

    async def watchlist(self) -> tuple[WatchRow, ...]:
        """The watchlist, with how old what is known of each symbol is."""
        ages = await self._stocks.ages(self._provider)
        return tuple(
            WatchRow(symbol, added, {dataset.value: ages.get((symbol, dataset)) for dataset in Dataset})
            for symbol, added in await self._stocks.watchlist()
        )
