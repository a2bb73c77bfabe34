"""Which symbols are watched, how old what is known of them is, and when their next results are due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import Dataset, parse_symbol
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore, Expected
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.clock import IST, Clock
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import EventBus
from robotrader.core.services.views import ReportView, UpcomingRow, WatchRow
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.report_service import ReportService


class WatchlistCoordinator(BaseCoordinator):
    """The watchlist."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        clock: Clock,
        stocks: StockStateStore,
        earnings: EarningsStore,
        reports: Callable[[], Awaitable[ReportService]],
        provider: str,
    ) -> None:
        super().__init__(config, event_bus)
        self._clock = clock
        self._stocks = stocks
        self._earnings = earnings
        self._reports = reports
        self._provider = provider

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

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

    async def rows(self) -> tuple[WatchRow, ...]:
        """The watchlist, with how old what is known of each symbol is."""
        ages = await self._stocks.ages(self._provider)
        return tuple(
            WatchRow(symbol, added, {dataset.value: ages.get((symbol, dataset)) for dataset in Dataset})
            for symbol, added in await self._stocks.watchlist()
        )

    async def upcoming(self) -> tuple[UpcomingRow, ...]:
        """The watchlist with the next results dates that are known: those first, the soonest of them first."""
        today = self._clock.now().astimezone(IST).date()
        expected = await self._earnings.expected(self._provider)
        return upcoming([symbol for symbol, _ in await self._stocks.watchlist()], expected, today)

    async def report(self, symbols: Sequence[str]) -> ReportView:
        """What is known of symbols, or of the whole watchlist where none is given.

        Raises:
            SymbolError: a text is not a symbol.
            ValidationError: no symbol anywhere.
            NoDataError: nothing is stored of any of them.
        """
        names = list(dict.fromkeys(parse_symbol(text) for text in symbols))
        names = names or [symbol for symbol, _ in await self._stocks.watchlist()]
        if not names:
            raise ValidationError("no symbol given, and the watchlist is empty", remedy="robotrader watchlist add SBIN")
        now = self._clock.now()
        expected = await self._earnings.expected(self._provider)
        dates = {row.symbol: row for row in upcoming(names, expected, now.astimezone(IST).date())}
        return await (await self._reports()).report(names, dates, now)


def upcoming(symbols: Sequence[str], expected: Mapping[str, Expected], today: date) -> tuple[UpcomingRow, ...]:
    """A row for each symbol; a date that is past by ``today`` (in India) is no date any more."""
    rows = []
    for symbol in symbols:
        found = expected.get(symbol)
        days = None if found is None else (date.fromisoformat(found.date) - today).days
        if found is None or days is None or days < 0:
            rows.append(UpcomingRow(symbol, None, None, None, None, None))
        else:
            rows.append(UpcomingRow(symbol, found.date, days, found.fetched_at, found.document_id, found.provider))
    return tuple(sorted(rows, key=lambda row: (row.days is None, row.days, row.symbol)))
