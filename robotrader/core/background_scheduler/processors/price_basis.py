"""Whether the prices of a symbol mean something else than before: after a split, a bonus, a consolidation, a demerger.

The exchange adjusts the previous close on the first day without the right ("ex-date"), the owner's rules it does not
know. So the previous close that the first trades of a day come with is compared with what the symbol was last seen at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
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
SAME_TRADE, AT_THE_CLOSE, SAME_SESSION, LONG_AGO = (Decimal(each) for each in ("0.01", "0.08", "0.30", "0.45"))
"""By how much the previous close may differ from what was last seen, as a part of the larger of the two.

A bonus of one for ten, 9 %, is seen where the symbol was looked at shortly before the close: the close is an average of
the last half hour, or the price of the auction after it. What was seen earlier may have moved by itself since then, and
a stop that does not sell in a crash does more harm than one that sells on the day of a small bonus.
"""


def keep(tx: Transaction, quotes: Iterable[Quote], calendar: Callable[[], MarketCalendar], now: datetime) -> None:
    """Part of a transaction: save quotes of one source, and mark the symbols whose prices have another basis now."""
    new = {each.symbol: each for each in quotes}
    if not new:
        return
    provider = next(iter(new.values())).provider
    midnight = datetime.combine(now.astimezone(IST).date(), time(), IST)
    marks: dict[str, dict[str, Mark]] = {FELL: {}, ROSE: {}}
    for symbol, old in quote_store.read(tx, provider, new, made_before=midnight).items():
        if (change := basis_change(old, new[symbol], calendar)) is not None:
            marks[change][symbol] = Mark(now.astimezone(IST).date(), _words(old, new[symbol], change))
    for change, found in marks.items():
        if found:
            mark_store.save(tx, provider, change, found, now)
    quote_store.save(tx, new.values())


def basis_change(old: Quote, new: Quote, calendar: Callable[[], MarketCalendar]) -> str | None:
    """``FELL`` or ``ROSE`` where ``new`` has another basis than ``old``, the quote stored before it. Pure.

    None also where a quote does not say when it was made, or the symbol was not traded since: then the previous close
    is still that of the session before ``old``.
    """
    before, after = _made_at(old), _made_at(new)
    if before is None or after is None or not old.last_price:
        return None
    if before == after:
        return _change(old.last_price, new.last_price, SAME_TRADE)
    if _day(before) >= _day(after) or not new.previous_close:
        return None
    return _change(old.last_price, new.previous_close, _tolerance(old, _day(before), _day(after), calendar))


def _tolerance(old: Quote, before: date, after: date, calendar: Callable[[], MarketCalendar]) -> Decimal:
    try:
        sessions = calendar()
        if sessions.previous_trading_day(after) != before:
            return LONG_AGO
        close = sessions.close_at(before, is_fno=None)
    except ConfigurationError:  # a year that is not covered
        return LONG_AGO
    seen = old.exchange_at or old.fetched_at
    return AT_THE_CLOSE if close is not None and seen >= close - NEAR_THE_CLOSE else SAME_SESSION


def _change(seen: Decimal, told: Decimal, tolerance: Decimal) -> str | None:
    if abs(seen - told) <= tolerance * max(seen, told):
        return None
    return FELL if told < seen else ROSE


def _made_at(quote: Quote) -> datetime | None:
    return quote.last_trade_at or quote.exchange_at


def _day(instant: datetime) -> date:
    return instant.astimezone(IST).date()


def _words(old: Quote, new: Quote, change: str) -> str:
    made = _made_at(old)
    day = "" if made is None else f" on {_day(made).isoformat()}"
    told = new.previous_close if made != _made_at(new) else new.last_price
    why = "a split or a bonus" if change == FELL else "a consolidation"
    seen = f"it was last seen at {old.last_price}{day}, of which the exchange makes {told}"
    return f"{seen}: {why} perhaps; set the rule anew"
