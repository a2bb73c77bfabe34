"""When an order of the paper broker may be filled, and when intraday positions are closed. Pure, from the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.config.market_rows import SessionKind
from robotrader.core.background_scheduler.config.market_sessions import Session
from robotrader.core.background_scheduler.config.price_rules import BSE
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError

AFTER_AUCTION = timedelta(minutes=15)
"""For so long after the closing auction its price may still be asked for."""

BEFORE_CLOSE = timedelta(minutes=5)
"""So long before the close intraday positions are closed on a day whose hours do not hold the time that is set."""


class Stage(NamedTuple):
    """When an order that comes now may be filled.

    Attributes:
        opens, ends: the first instant, and the first one after it; what is left then is cancelled.
        auction: in the closing auction of F&O stocks.
        waits: what it waits for, for the owner; None where it may be filled now.
    """

    day: date
    opens: datetime
    ends: datetime
    auction: bool = False
    waits: str | None = None


def stage(calendar: MarketCalendar, symbol: str, now: datetime) -> Stage:
    """The session that an order belongs to: the one that is held now, or the next continuous one.

    Raises:
        ConfigurationError: the calendar does not cover the day that would be.
    """
    day = now.astimezone(IST).date()
    held = _sessions(calendar, symbol, day)
    hours = [each for each in held if each.kind is SessionKind.CONTINUOUS]
    ahead = [each for each in hours if now < each.end]
    if ahead:
        waits = None if ahead[0].start <= now else _waits(ahead[0].start)
        return Stage(day, ahead[0].start, hours[-1].end, waits=waits)
    for each in held:
        if each.kind is SessionKind.CLOSING_AUCTION and each.start <= now < _entry_ends(each):
            waits = "waits for the price of the closing auction"
            return Stage(day, each.start, each.end + AFTER_AUCTION, auction=True, waits=waits)
    following = calendar.next_trading_day(day)
    hours = [each for each in _sessions(calendar, symbol, following) if each.kind is SessionKind.CONTINUOUS]
    if not hours:
        raise ConfigurationError(f"the trading calendar has no session for {symbol} on {following}")
    return Stage(following, hours[0].start, hours[-1].end, waits=_waits(hours[0].start))


def square_off_at(calendar: MarketCalendar, symbol: str, day: date, at: time) -> datetime | None:
    """When intraday positions in a symbol are closed on a day, in UTC; None where it is not traded then.

    Raises:
        ConfigurationError: the calendar does not cover the day.
    """
    hours = [each for each in _sessions(calendar, symbol, day) if each.kind is SessionKind.CONTINUOUS]
    if not hours:
        return None
    wanted = datetime.combine(day, at, IST).astimezone(UTC)
    return wanted if hours[0].start < wanted < hours[-1].end else hours[-1].end - BEFORE_CLOSE


def is_open(calendar: MarketCalendar, symbol: str, now: datetime) -> bool:
    """Whether a symbol is in continuous trading."""
    held = _sessions(calendar, symbol, now.astimezone(IST).date())
    return any(each.kind is SessionKind.CONTINUOUS and each.start <= now < each.end for each in held)


def worth_a_look(calendar: MarketCalendar, symbol: str, now: datetime) -> bool:
    """Whether an order for a symbol could be filled now: in continuous trading, and from the closing auction on."""
    for each in _sessions(calendar, symbol, now.astimezone(IST).date()):
        after = AFTER_AUCTION if each.kind is SessionKind.CLOSING_AUCTION else timedelta()
        if each.kind in {SessionKind.CONTINUOUS, SessionKind.CLOSING_AUCTION} and each.start <= now < each.end + after:
            return True
    return False


def clock_time(text: str) -> time:
    """A time of day, written HH:MM.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return datetime.strptime(text.strip(), "%H:%M").replace(tzinfo=IST).time()
    except ValueError as error:
        raise ConfigurationError(
            f"paper.square_off is a time of day such as 15:10, not {text[:20]!r}",
            remedy="robotrader config set paper.square_off 15:10",
        ) from error


def _sessions(calendar: MarketCalendar, symbol: str, day: date) -> tuple[Session, ...]:
    """Of a symbol of which it is not known whether it is an F&O stock: of the others, which trade until later."""
    return calendar.sessions(day, bool(calendar.is_fno(symbol.removeprefix(BSE), day)))


def _entry_ends(auction: Session) -> datetime:
    """When no order may be entered any more: where matching begins, else where the auction ends."""
    matching = [part.window.opens for part in auction.parts if part.name == "matching"]
    return datetime.combine(auction.day, matching[0], IST).astimezone(UTC) if matching else auction.end


def _waits(opens: datetime) -> str:
    return f"waits for the open on {opens.astimezone(IST):%Y-%m-%d at %H:%M} IST"
