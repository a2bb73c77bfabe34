"""What the market does now, and quotes with how old they are."""

from __future__ import annotations

from collections.abc import Sequence

from robotrader.core.background_scheduler.monitors.market_monitor import MarketMonitor
from robotrader.core.background_scheduler.monitors.market_moves import change_pct
from robotrader.core.background_scheduler.trading import Quote
from robotrader.core.services.risk_views import MarketView, QuoteView


class MarketService:
    """Looks at the market; nothing but quotes is written."""

    def __init__(self, monitor: MarketMonitor, *, provider: str) -> None:
        self._monitor = monitor
        self._provider = provider

    async def show(self, symbols: Sequence[str]) -> MarketView:
        """The session, and the quotes of some symbols or of all that is watched and held.

        Raises:
            LoginRequiredError: the session at the source of quotes has ended.
            TradingError: the source did not answer, or there is none.
        """
        seen = await self._monitor.look(symbols)
        hours, quotes = seen.hours, seen.quotes
        old = set(seen.stale)
        order = list(symbols) or sorted(quotes.found)
        return MarketView(
            self._provider,
            hours.now,
            hours.day,
            hours.state().value,
            hours.opens_at(),
            hours.closes_at(),
            tuple(_row(quotes.found[each], each in old) for each in dict.fromkeys(order) if each in quotes.found),
            quotes.missing,
        )


def _row(quote: Quote, stale: bool) -> QuoteView:
    return QuoteView(
        quote.symbol,
        quote.last_price,
        quote.previous_close,
        change_pct(quote),
        quote.open,
        quote.high,
        quote.low,
        quote.volume,
        quote.lower_circuit,
        quote.upper_circuit,
        quote.exchange_at,
        quote.fetched_at,
        stale,
    )
