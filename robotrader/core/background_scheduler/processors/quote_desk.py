"""Where everybody gets quotes: what is stored and young enough, the rest asked for, once for all who wait, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.processors import price_basis
from robotrader.core.background_scheduler.stores import quote_store
from robotrader.core.background_scheduler.trading import Quote, Quotes
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ConfigurationError

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

Fetch = Callable[[Sequence[str]], Awaitable[Quotes]]
"""Asks the source for symbols; whatever it needs is made when it is first called."""


class QuoteDesk:
    """Quotes of one source.

    Args:
        provider: ``kite`` or ``sandbox``; empty where there is no source.
        fetch: raises ``LoginRequiredError`` where the session has ended, and the errors of an API otherwise.
        calendar: the trading calendar, read when it is first needed.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        provider: str,
        fetch: Fetch,
        calendar: Callable[[], MarketCalendar],
    ) -> None:
        self._db = db
        self._clock = clock
        self._fetch = fetch
        self._calendar = calendar
        self._turn = asyncio.Lock()
        self.provider = provider

    async def get(self, symbols: Sequence[str], *, max_age: timedelta) -> Quotes:
        """Quotes that were fetched at most ``max_age`` ago.

        One fetch at a time: whoever waited for another's takes from it what it brought. A symbol of which the source
        says nothing is missing, even where an older quote of it is stored.

        Raises:
            LoginRequiredError: the session at the source has ended.
            ConfigurationError: there is no source.
            APIError: the source did not answer; nothing was saved.
        """
        wanted = list(dict.fromkeys(symbols))
        oldest = self._clock.now() - max_age
        found = await self._young(wanted, oldest)
        if len(found) < len(wanted):
            async with self._turn:
                found = await self._young(wanted, oldest)
                absent = [symbol for symbol in wanted if symbol not in found]
                if absent:
                    found |= await self._ask(absent)
        return Quotes(found, tuple(symbol for symbol in wanted if symbol not in found))

    async def stored(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """The quotes that there are, however old; nothing is asked for."""
        return await self._db.read(lambda tx: quote_store.read(tx, self.provider, symbols))

    def keep(self, tx: Transaction, quotes: Iterable[Quote]) -> None:
        """Part of a transaction: quotes of this source, whoever brings them."""
        price_basis.keep(tx, quotes, self._calendar, self._clock.now())

    async def _young(self, symbols: Sequence[str], oldest: datetime) -> dict[str, Quote]:
        # One from the future was written while the clock was wrong, and is of no known age.
        now = self._clock.now()
        found = await self.stored(symbols)
        return {symbol: quote for symbol, quote in found.items() if oldest <= quote.fetched_at <= now}

    async def _ask(self, symbols: Sequence[str]) -> dict[str, Quote]:
        if not self.provider:
            raise no_source()
        asked = set(symbols)
        answered = await self._fetch(symbols)
        brought = {symbol: quote for symbol, quote in answered.found.items() if symbol in asked}
        await self._db.write(lambda tx: self.keep(tx, brought.values()))
        return brought


def stale(quote: Quote, now: datetime, limit: timedelta, market_open: bool) -> bool:
    """Whether a quote is too old to decide by. Pure.

    While the symbol's market is open, it is where it was fetched, or the exchange made it, longer than ``limit`` ago
    (or that much ahead: one of the clocks is wrong then). A last close is what there is while it is closed.
    """
    told = (quote.fetched_at,) if quote.exchange_at is None else (quote.fetched_at, quote.exchange_at)
    return market_open and any(abs(now - each) > limit for each in told)


def no_source() -> ConfigurationError:
    """The error of asking for quotes where nobody gives any."""
    return ConfigurationError(
        "there is no source of quotes",
        remedy='set KITE_API_KEY and KITE_API_SECRET, or market.source = "sandbox" for simulated prices',
    )
