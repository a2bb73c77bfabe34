"""What the market does at one instant, for each symbol and as a whole; quick for thousands of symbols. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.config.market_sessions import MarketState
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError

_FIRST = (
    MarketState.OPEN,
    MarketState.CLOSING_AUCTION,
    MarketState.PRE_OPEN,
    MarketState.POST_CLOSE,
    MarketState.BREAK,
    MarketState.CLOSED,
)
"""Of what F&O stocks and the others do, the market as a whole does the one that stands first here."""


class Hours:
    """The market at an instant.

    Raises:
        ConfigurationError: from whatever is asked, where the calendar does not cover the year.
    """

    def __init__(self, calendar: MarketCalendar, now: datetime) -> None:
        self._calendar = calendar
        self.now = now
        self.day: date = now.astimezone(IST).date()

    def is_open(self, symbol: str) -> bool:
        """Whether a symbol is, or may be, in continuous trading.

        Of a stock of which it is not known whether it is an F&O stock, the later of the two closes counts: it would do
        more harm to leave a position alone for the last minutes of a day than to look at a price that is not moving.
        """
        return MarketState.OPEN in self._states[self._fno.get(symbol)]

    def state(self) -> MarketState:
        """What the market as a whole does."""
        found = self._states[None]
        return next(each for each in _FIRST if each in found)

    def has_opened(self) -> bool:
        """Whether continuous trading of this day has begun, and perhaps ended."""
        opens = self._calendar.open_at(self.day, is_fno=False)
        return opens is not None and self.now >= opens

    def opens_at(self) -> datetime | None:
        """When continuous trading begins next; None while it is under way, and where the calendar ends before."""
        closes = self.closes_at()
        if closes is not None and self.has_opened():
            return None
        try:
            day = self.day if closes is not None else self._calendar.next_trading_day(self.day)
            return self._calendar.open_at(day, is_fno=False)
        except ConfigurationError:
            return None

    def closes_at(self) -> datetime | None:
        """When this day's continuous trading ends, that of stocks without an auction; None where it has, or is none."""
        closes = self._calendar.close_at(self.day, is_fno=False)
        return closes if closes is not None and self.now < closes else None

    def elapsed(self, symbol: str, at: datetime) -> float | None:
        """The part of the day's continuous trading of a symbol that is over at an instant, 0 to 1; None without any."""
        span = self._spans[self._fno.get(symbol)]
        if span is None:
            return None
        opens, closes = span
        return min(1.0, max(0.0, (at - opens) / (closes - opens)))

    @cached_property
    def _fno(self) -> Mapping[str, bool]:
        rows = self._calendar.fno
        return {
            row.symbol: row.is_fno
            for row in rows
            if row.first <= self.day and (row.last is None or self.day <= row.last)
        }

    @cached_property
    def _states(self) -> Mapping[bool | None, frozenset[MarketState]]:
        fno, other = (self._calendar.state_at(self.now, is_fno) for is_fno in (True, False))
        return {True: frozenset({fno}), False: frozenset({other}), None: frozenset({fno, other})}

    @cached_property
    def _spans(self) -> Mapping[bool | None, tuple[datetime, datetime] | None]:
        found: dict[bool | None, tuple[datetime, datetime] | None] = {}
        for is_fno in (True, False, None):
            opens, closes = (find(self.day, is_fno) for find in (self._calendar.open_at, self._calendar.close_at))
            found[is_fno] = None if opens is None or closes is None else (opens, closes)
        return found
