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

REBASED = "rebased"
"""The mark of a symbol whose prices mean something else since then."""

NEAR_THE_CLOSE = timedelta(minutes=15)
SAME_TRADE, AT_THE_CLOSE, SAME_SESSION, LONG_AGO = (Decimal(each) for each in ("0.01", "0.08", "0.25", "0.45"))
"""By how much the previous close may differ from what was last seen, as a part of the larger of the two.

A bonus of one for ten, 9 %, is seen where the symbol was looked at shortly before the close: the close is an average of
the last half hour, or the price of the auction after it. What was seen earlier may have moved by itself since then.
"""


def keep(tx: Transaction, quotes: Iterable[Quote], calendar: Callable[[], MarketCalendar], now: datetime) -> None:
    """Part of a transaction: save quotes of one source, and mark the symbols whose prices have another basis now."""
    new = {each.symbol: each for each in quotes}
    if not new:
        return
    provider = next(iter(new.values())).provider
    midnight = datetime.combine(now.astimezone(IST).date(), time(), IST)
    marks: dict[str, Mark] = {}
    for symbol, old in quote_store.read(tx, provider, new, made_before=midnight).items():
        if is_rebased(old, new[symbol], calendar):
            marks[symbol] = Mark(now.astimezone(IST).date(), _words(old, new[symbol]))
    if marks:
        mark_store.save(tx, provider, REBASED, marks, now)
    quote_store.save(tx, new.values())


def is_rebased(old: Quote, new: Quote, calendar: Callable[[], MarketCalendar]) -> bool:
    """Whether ``new`` has another basis than ``old``, the quote that was stored before it. Pure.

    False where a quote does not say when it was made, or the symbol was not traded since: then the previous close is
    still that of the session before ``old``.
    """
    before, after = _made_at(old), _made_at(new)
    if before is None or after is None or not old.last_price:
        return False
    if before == after:
        return _differ(old.last_price, new.last_price, SAME_TRADE)
    if _day(before) >= _day(after) or not new.previous_close:
        return False
    return _differ(old.last_price, new.previous_close, _tolerance(old, _day(before), _day(after), calendar))


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


def _differ(one: Decimal, other: Decimal, part: Decimal) -> bool:
    return abs(one - other) > part * max(one, other)


def _made_at(quote: Quote) -> datetime | None:
    return quote.last_trade_at or quote.exchange_at


def _day(instant: datetime) -> date:
    return instant.astimezone(IST).date()


def _words(old: Quote, new: Quote) -> str:
    made = _made_at(old)
    day = "" if made is None else f" on {_day(made).isoformat()}"
    known = new.previous_close if made != _made_at(new) else new.last_price
    return (
        f"it was last seen at {old.last_price}{day} and closed at {known} by the exchange, a split or a bonus perhaps:"
        " set its rules anew"
    )
