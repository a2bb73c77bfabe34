"""What is known of symbols, put together for one reading."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from robotrader.core.errors import NoDataError
from robotrader.core.services.research_service import ResearchService
from robotrader.core.services.views import ReportView, SymbolReport, UpcomingRow

QUARTERS = 12
READINGS = 12
STORIES = 8
"""The most of each that a report has for one symbol."""

T = TypeVar("T")


class ReportService:
    """Puts reports together; nothing is asked and nothing is spent.

    Args:
        provider: who answers now.
    """

    def __init__(self, research: ResearchService, *, provider: str) -> None:
        self._research = research
        self._provider = provider

    async def report(
        self, symbols: Sequence[str], upcoming: Mapping[str, UpcomingRow], made_at: datetime
    ) -> ReportView:
        """What is known of each symbol, in the order given; a symbol nothing is known of has empty parts.

        Raises:
            NoDataError: nothing is stored of any of them.
        """
        found = [await self._of(symbol, upcoming.get(symbol)) for symbol in symbols]
        if not any(each.quarters or each.fundamentals or each.news for each in found):
            raise NoDataError(
                "nothing is stored of any of these symbols yet",
                remedy="robotrader tick fetches what is due of the watchlist",
            )
        return ReportView(made_at, self._provider, tuple(found))

    async def _of(self, symbol: str, upcoming: UpcomingRow | None) -> SymbolReport:
        return SymbolReport(
            symbol,
            await _stored(self._research.earnings(symbol, QUARTERS)),
            await _stored(self._research.fundamentals(symbol, READINGS)),
            await _stored(self._research.news(symbol, None, STORIES)),
            upcoming,
        )


async def _stored(found: Awaitable[tuple[T, ...]]) -> tuple[T, ...]:
    try:
        return await found
    except NoDataError:
        return ()
