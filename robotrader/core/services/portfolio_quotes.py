"""Prices for what is held: as young as can be had, else what is stored, and what there is to say of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar, in_ist, market_hours
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import portfolio_store, quote_store
from robotrader.core.background_scheduler.trading import Quote
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import ConfigurationError, TradingError

YOUNG = timedelta(seconds=30)
DAY = timedelta(days=1)
LONGEST_CLOSE = 15
SOURCES = {"sandbox": "sandbox", "paper": "kite", "kite": "kite"}
"""Whose prices an account is valued by: simulated ones never stand for real shares."""


class Priced(NamedTuple):
    """The quotes that there are, the symbols whose quote is too old to decide by, and what to know of them.

    ``day`` is that of the last session, None where the calendar does not know; ``daily`` are the symbols whose quote
    tells what that day brought.
    """

    provider: str
    found: dict[str, Quote]
    stale: frozenset[str]
    notes: tuple[str, ...]
    day: date | None
    daily: frozenset[str]


class PortfolioQuotes:
    """Prices of what accounts hold.

    Args:
        calendar: read when it is first needed.
        stale: how old a quote may be while the market is open.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        desk: QuoteDesk,
        *,
        calendar: Callable[[], MarketCalendar],
        stale: timedelta,
    ) -> None:
        self._db = db
        self._clock = clock
        self._desk = desk
        self._load = calendar
        self._calendar: MarketCalendar | None = None
        self._stale = stale

    async def of(self, account: str, symbols: Sequence[str]) -> Priced:
        """Quotes of symbols, asked for where they are older than half a minute and their source is in use."""
        provider = SOURCES[account]
        notes = []
        if symbols and not self._desk.provider:
            notes.append("there is no source of prices: set KITE_API_KEY and KITE_API_SECRET")
        elif symbols and self._desk.provider != provider:
            notes.append(f"prices of {provider} are not asked for now: these are the last that were")
        elif symbols:
            try:
                await self._desk.get(symbols, max_age=YOUNG)
            except TradingError as error:
                notes.append(f"prices could not be asked for: {error}")
        found = await self._db.read(lambda tx: quote_store.read(tx, provider, symbols))
        now = self._clock.now()
        close, limit = self.last_close(now), now - self._stale
        old = frozenset(symbol for symbol, quote in found.items() if stale(quote, limit, close))
        day = self.session_day(now)
        return Priced(provider, found, old, tuple(notes), day, self._daily(found, day))

    def session_day(self, now: datetime) -> date | None:
        """The Indian day of the session that is held or was the last; None where the calendar does not know."""
        day = in_ist(now).date()
        try:
            calendar = self._calendar = self._calendar or self._load()
            for _ in range(LONGEST_CLOSE):
                hours = market_hours(calendar, day)
                if hours and hours[0][0] <= now:
                    return day
                day -= DAY
        except ConfigurationError:
            return None
        return None

    def _daily(self, found: Mapping[str, Quote], day: date | None) -> frozenset[str]:
        """Of what was asked for since the session of a day began, a share that was not traded in it tells of it too."""
        if day is None:
            return frozenset()
        tell = {symbol for symbol, quote in found.items() if self._tells(quote, day)}
        if tell:
            tell |= {
                symbol
                for symbol, quote in found.items()
                if portfolio_store.made_on(quote) < day <= in_ist(quote.fetched_at).date()
            }
        return frozenset(tell)

    def _tells(self, quote: Quote, day: date) -> bool:
        """Whether a quote is of the session of a day, the last one, and not of one before or of one to come."""
        made = portfolio_store.made_on(quote)
        return made == day or (made > day and self._calendar is not None and not self._calendar.is_trading_day(made))

    def last_close(self, now: datetime) -> datetime | None:
        """When the market last closed; None while it is open, and where the calendar does not know."""
        day = in_ist(now).date()
        try:
            calendar = self._calendar = self._calendar or self._load()
            for _ in range(LONGEST_CLOSE):
                for opens, closes in reversed(market_hours(calendar, day)):
                    if opens <= now < closes:
                        return None
                    if closes <= now:
                        return closes
                day -= DAY
        except ConfigurationError:
            return None
        return None


def stale(quote: Quote, limit: datetime, close: datetime | None) -> bool:
    """Whether a quote is too old to decide by. Pure.

    While the market is open (``close`` is None) it is where it was fetched, or made by the exchange, before ``limit``;
    else where it was fetched before the market closed: the last close is what there is.
    """
    if close is not None:
        return quote.fetched_at < min(limit, close)
    return min(quote.fetched_at, quote.exchange_at or quote.fetched_at) < limit
