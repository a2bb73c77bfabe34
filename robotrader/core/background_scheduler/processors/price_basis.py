"""Whether the prices of a symbol mean something else than before: after a split, a bonus, a consolidation, a demerger.

The exchange adjusts the previous close on the first day without the right ("ex-date"), the owner's rules it does not
know. So the previous close that the first trades of a day come with is compared with what the symbol was last seen at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores import mark_store, quote_store
from robotrader.core.background_scheduler.stores.mark_store import Mark
from robotrader.core.background_scheduler.trading import Quote
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import ConfigurationError

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

FELL, ROSE = "basis fell", "basis rose"
"""The marks of a symbol whose prices mean something else since then: a split, a consolidation."""

NEAR_THE_CLOSE = timedelta(minutes=15)
AT_THE_CLOSE, SAME_SESSION, LONG_AGO = (Decimal(each) for each in ("0.08", "0.30", "0.45"))
"""By how much the previous close may differ from what was last seen, as a part of the larger of the two.

A bonus of one for ten, 9 %, is seen where the symbol was looked at shortly before the close: the close is an average of
the last half hour, or the price of the auction after it. What was seen earlier may have moved by itself since then, and
a stop that does not sell in a crash does more harm than one that sells on the day of a small bonus.
"""

Sessions = Callable[[], "MarketCalendar | None"]
"""The trading calendar; None where it cannot be read."""


def keep(tx: Transaction, quotes: Iterable[Quote], calendar: Callable[[], MarketCalendar], now: datetime) -> None:
    """Part of a transaction: save quotes of one source, and mark the symbols whose prices have another basis now."""
    new = {each.symbol: each for each in quotes}
    if not new:
        return
    provider = next(iter(new.values())).provider
    midnight = datetime.combine(now.astimezone(IST).date(), time(), IST)
    sessions = cache(partial(_read, calendar))  # reading it takes long, and many symbols may ask
    marks: dict[str, dict[str, Mark]] = {FELL: {}, ROSE: {}}
    for symbol, old in quote_store.read(tx, provider, new, traded_before=midnight).items():
        if (change := basis_change(old, new[symbol], sessions)) is not None:
            marks[change][symbol] = Mark(now.astimezone(IST).date(), _words(old, new[symbol], change))
    for change, found in marks.items():
        if found:
            mark_store.save(tx, provider, change, found, now)
    quote_store.save(tx, new.values())


def basis_change(old: Quote, new: Quote, sessions: Sessions) -> str | None:
    """``FELL`` or ``ROSE`` where ``new`` has another basis than ``old``, the quote stored before it. Pure.

    None also where a quote does not say when its last trade was, or there was none since: then the previous close is
    still that of the session before ``old``, but the price of the same trade may have another basis already.
    """
    before, after = old.last_trade_at, new.last_trade_at
    if before is None or after is None or new.fetched_at < old.fetched_at or not old.last_price:
        return None
    if before == after:
        return _change(old.last_price, new.last_price, AT_THE_CLOSE)
    if _day(before) >= _day(after) or not new.previous_close:
        return None
    return _change(old.last_price, new.previous_close, _tolerance(old, _day(before), _day(after), sessions()))


def _tolerance(old: Quote, before: date, after: date, calendar: MarketCalendar | None) -> Decimal:
    try:
        if calendar is None or calendar.previous_trading_day(after) != before:
            return LONG_AGO
        close = calendar.close_at(before, is_fno=None)
    except ConfigurationError:  # a year that is not covered
        return LONG_AGO
    seen = old.exchange_at or old.fetched_at
    return AT_THE_CLOSE if close is not None and seen >= close - NEAR_THE_CLOSE else SAME_SESSION


def _read(calendar: Callable[[], MarketCalendar]) -> MarketCalendar | None:
    try:
        return calendar()
    except ConfigurationError:
        return None


def _change(seen: Decimal, told: Decimal, tolerance: Decimal) -> str | None:
    if abs(seen - told) <= tolerance * max(seen, told):
        return None
    return FELL if told < seen else ROSE


def _day(instant: datetime) -> date:
    return instant.astimezone(IST).date()


def _words(old: Quote, new: Quote, change: str) -> str:
    day = "" if old.last_trade_at is None else f" on {_day(old.last_trade_at).isoformat()}"
    told = new.last_price if old.last_trade_at == new.last_trade_at else new.previous_close
    why = "a split or a bonus" if change == FELL else "a consolidation"
    seen = f"it was last seen at {old.last_price}{day}, of which the exchange makes {told}"
    return f"{seen}: {why} perhaps; set the rule anew"
