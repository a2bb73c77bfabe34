"""What is known of symbols: stored earnings, news and fundamentals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore, StoredFundamentals
from robotrader.core.background_scheduler.stores.news_store import NewsStore
from robotrader.core.errors import NoDataError
from robotrader.core.services.views import EarningsView, FundamentalsView, NewsView


class ResearchService:
    """Shows records.

    Args:
        provider: whose records are shown first; those of others are shown where it has none.
    """

    def __init__(
        self, *, earnings: EarningsStore, news: NewsStore, fundamentals: FundamentalsStore, provider: str
    ) -> None:
        self._earnings = earnings
        self._news = news
        self._fundamentals = fundamentals
        self._provider = provider

    async def earnings(self, symbol: str, limit: int) -> tuple[EarningsView, ...]:
        """Stored earnings, latest quarter first.

        Raises:
            NoDataError: none is stored of the symbol.
        """
        found = await self._earnings.history(symbol, provider=self._provider, limit=limit)
        found = found or await self._earnings.history(symbol, provider=None, limit=limit)
        if not found:
            raise _nothing("earnings", symbol)
        return tuple(
            EarningsView(each.record, each.provider, each.document_id, each.fetched_at, each.strategy,
                         tuple(each.sources))
            for each in found
        )  # fmt: skip

    async def news(self, symbol: str | None, since: datetime | None, limit: int) -> tuple[NewsView, ...]:
        """Stored stories of a symbol, or of the whole watchlist, newest first; none where all are older than ``since``.

        Raises:
            NoDataError: none is stored, however old.
        """
        for provider in (self._provider, None):
            found = await self._news.newest(symbol, provider=provider, since=since, limit=limit)
            if found or await self._news.newest(symbol, provider=provider, since=None, limit=1):
                return tuple(
                    NewsView(each.id, each.symbol, each.record, each.provider, each.at, each.first_seen,
                             each.strategy, each.document_ids)
                    for each in found
                )  # fmt: skip
        raise _nothing("news", symbol)

    async def fundamentals(self, symbol: str, limit: int) -> tuple[FundamentalsView, ...]:
        """Stored fundamentals, the newest first.

        Raises:
            NoDataError: none is stored of the symbol.
        """
        if not (found := await self._read(symbol, limit)):
            raise _nothing("fundamentals", symbol)
        return tuple(_fundamentals(each) for each in found)

    async def compare(self, symbols: Sequence[str]) -> tuple[FundamentalsView | None, ...]:
        """The newest fundamentals of each symbol, in their order; None where none is stored.

        Raises:
            NoDataError: none is stored of any.
        """
        found = [await self._read(symbol, 1) for symbol in symbols]
        if not any(found):
            raise _nothing("fundamentals", " ".join(symbols))
        return tuple(_fundamentals(each[0]) if each else None for each in found)

    async def _read(self, symbol: str, limit: int) -> list[StoredFundamentals]:
        own = await self._fundamentals.history(symbol, provider=self._provider, limit=limit)
        return own or await self._fundamentals.history(symbol, provider=None, limit=limit)


def _fundamentals(found: StoredFundamentals) -> FundamentalsView:
    return FundamentalsView(
        found.symbol,
        found.record,
        tuple(found.doubts),
        found.provider,
        found.document_id,
        found.fetched_at,
        found.strategy,
        tuple(found.sources),
    )


def _nothing(dataset: str, symbols: str | None) -> NoDataError:
    whose, command = (f"of {symbols}", f"{dataset} {symbols}") if symbols else ("of the watchlist", dataset)
    return NoDataError(f"no {dataset} stored {whose} yet", remedy=f"robotrader run-task {command}")
