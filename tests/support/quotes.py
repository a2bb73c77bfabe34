"""Quotes made of a few numbers, and a source of them that tests set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.trading import Quote, Quotes
from tests.support.clock import START, FakeClock


def quote(symbol: str, price: str, close: str | None = None, *, at: datetime = START, **more: Any) -> Quote:
    """A quote that was made and fetched at an instant."""
    given = {
        "provider": "sandbox", "symbol": symbol, "last_price": Decimal(price),
        "previous_close": None if close is None else Decimal(close), "open": None, "high": None, "low": None,
        "volume": None, "lower_circuit": None, "upper_circuit": None, "last_trade_at": at, "exchange_at": at,
        "fetched_at": at,
    }  # fmt: skip
    return Quote(**{**given, **more})


class Prices:
    """A source of quotes: what stands in ``quotes``, stamped with the clock's instant where it is asked."""

    def __init__(
        self, clock: FakeClock, quotes: Mapping[str, Quote] | None = None, *, provider: str | None = None
    ) -> None:
        self.clock = clock
        self.provider = provider
        self.quotes = dict(quotes or {})
        self.asked: list[tuple[str, ...]] = []
        self.error: Exception | None = None

    def set(self, symbol: str, price: str, close: str | None = None, **more: Any) -> None:
        """What a symbol costs from now on."""
        self.quotes[symbol] = quote(symbol, price, close, **more)

    async def fetch(self, symbols: Sequence[str]) -> Quotes:
        self.asked.append(tuple(symbols))
        if self.error is not None:
            raise self.error
        now = self.clock.now()
        stamps: dict[str, Any] = {"fetched_at": now, "exchange_at": now, "last_trade_at": now}
        if self.provider is not None:
            stamps["provider"] = self.provider
        found = {each: self.quotes[each]._replace(**stamps) for each in symbols if each in self.quotes}
        return Quotes(found, tuple(each for each in symbols if each not in found))
