"""What is known of symbols, where each figure comes from, and what is found by its words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.reparse_service import ReparseService
from robotrader.core.services.research_service import ResearchService
from robotrader.core.services.trail_service import TrailService
from robotrader.core.services.views import (
    EarningsView,
    FundamentalsView,
    NewsView,
    ReparseView,
    SearchHit,
    WhyView,
)
from robotrader.settings import Settings


class ResearchCoordinator(BaseCoordinator):
    """Stored research."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        research: ResearchService,
        trails: TrailService,
        reparsing: ReparseService,
        index: SearchStore,
    ) -> None:
        super().__init__(config, event_bus)
        self._research = research
        self._trails = trails
        self._reparsing = reparsing
        self._index = index

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def earnings(self, symbol: str, *, limit: int = 8) -> tuple[EarningsView, ...]:
        """Stored earnings of a symbol, latest quarter first.

        Raises:
            SymbolError, NoDataError: not a symbol; none stored.
        """
        return await self._research.earnings(parse_symbol(symbol), limit)

    async def news(self, symbol: str | None, *, since: datetime | None = None, limit: int = 20) -> tuple[NewsView, ...]:
        """Stored stories of a symbol (None: of the watchlist), newest first; none where all are older than ``since``.

        Raises:
            SymbolError, NoDataError: not a symbol; none stored, however old.
        """
        return await self._research.news(None if symbol is None else parse_symbol(symbol), since, limit)

    async def fundamentals(self, symbol: str, *, limit: int = 8) -> tuple[FundamentalsView, ...]:
        """Stored fundamentals of a symbol, the newest first.

        Raises:
            SymbolError, NoDataError: not a symbol; none stored.
        """
        return await self._research.fundamentals(parse_symbol(symbol), limit)

    async def compare(self, symbols: Sequence[str]) -> tuple[FundamentalsView | None, ...]:
        """The newest fundamentals of each symbol, in their order; None where none is stored.

        Raises:
            SymbolError, NoDataError: a text is not a symbol; none stored of any.
        """
        return await self._research.compare([parse_symbol(text) for text in symbols])

    async def search(
        self, text: str, *, symbol: str | None = None, kind: str | None = None, limit: int = 20
    ) -> tuple[SearchHit, ...]:
        """What holds all the words of a text, best match first; see ``search_store.expression``.

        Raises:
            SymbolError, ValidationError: not a symbol; no word to search for, no such kind.
        """
        name = None if symbol is None else parse_symbol(symbol)
        return tuple(SearchHit(*hit) for hit in await self._index.search(text, symbol=name, kind=kind, limit=limit))

    async def why(self, symbol: str, field: str) -> WhyView:
        """The trail of one field: ``eps``, ``fundamentals.pe``, ``news.ID.headline``.

        Raises:
            SymbolError, ValidationError: not a symbol; no such field.
            NotFoundError, NoDataError: no such story; nothing stored holds it.
        """
        return await self._trails.why(parse_symbol(symbol), field)

    async def reparse(self, dataset: str | None = None, symbol: str | None = None) -> ReparseView:
        """Read archived answers again with today's parsers.

        Raises:
            SymbolError, ValidationError: not a symbol; no such dataset.
        """
        return await self._reparsing.reparse(dataset, None if symbol is None else parse_symbol(symbol))
