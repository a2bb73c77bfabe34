"""Watches the session and the quotes of what is watched and held; tells of moves and volumes once per crossing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from robotrader.core.background_scheduler.models import Task, TaskStatus
from robotrader.core.background_scheduler.monitors.hours import Hours
from robotrader.core.background_scheduler.monitors.market_moves import (
    DOWN,
    UP,
    USUAL_DAYS,
    WHOLE_DAY,
    Move,
    Spike,
    moves,
    spike,
)
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk, stale
from robotrader.core.background_scheduler.stores import mark_store, portfolio_store, quote_store
from robotrader.core.background_scheduler.stores.mark_store import Mark
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.trading import Book, Quote, Quotes
from robotrader.core.clock import IST, Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NoDataError, TaskTimeoutError
from robotrader.core.event_bus import Event, EventType

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

SOURCE = "market_monitor"
YOUNG = timedelta(seconds=15)
"""Quotes that another monitor fetched this shortly before are not fetched again."""

SESSION, SPIKE, MOVES = "session", "volume_spike", {UP: "move_up", DOWN: "move_down"}
"""Kinds of marks; that of the session is kept under no symbol."""


class Limits(NamedTuple):
    """From which move, in percent, and from how many times a usual volume on something is told."""

    move_pct: Decimal
    volume_times: Decimal
    stale_after: timedelta


class Seen(NamedTuple):
    """One look; ``fresh`` are the quotes of this day's session, which alone are compared with anything."""

    hours: Hours
    quotes: Quotes
    fresh: Mapping[str, Quote]
    stale: tuple[str, ...]


class MarketMonitor:
    """Watches one source of quotes for one account."""

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        desk: QuoteDesk,
        stocks: StockStateStore,
        calendar: Callable[[], MarketCalendar],
        limits: Limits,
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._desk = desk
        self._stocks = stocks
        self._calendar = calendar
        self._limits = limits

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Look once, and write down what was seen in the task's last transaction.

        Raises:
            LoginRequiredError: the session at the source of quotes has ended.
            APIError: the source did not answer.
            TaskTimeoutError: it took too long.
        """
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock.monotonic())):
                seen = await self.look()
        except TimeoutError as error:
            raise TaskTimeoutError("the source of quotes took too long") from error
        record: dict[str, Any] = {}

        def save(tx: Transaction) -> Sequence[Event]:
            # The record is filled here, anew each time: another process may have told of a move meanwhile.
            events, shown = self._save(tx, seen, task.correlation_id)
            record.clear()
            record.update(shown)
            return events

        return Outcome(TaskStatus.COMPLETED, record=record, save=save)

    async def look(self, symbols: Sequence[str] = (), *, max_age: timedelta = YOUNG) -> Seen:
        """The session, and the quotes of some symbols or of all that is watched and held; raises as ``process``."""
        wanted = list(symbols) or await self._wanted()
        quotes = await self._desk.get(wanted, max_age=max_age) if wanted else Quotes({}, ())
        now = self._clock.now()
        hours = Hours(self._calendar(), now)
        hours.state()  # raises, where the calendar does not cover the year, before anything is written
        old = tuple(
            symbol
            for symbol, quote in quotes.found.items()
            if stale(quote, now, self._limits.stale_after, hours.is_open(symbol))
        )
        gone = set(old)
        fresh = {
            symbol: quote
            for symbol, quote in quotes.found.items()
            if symbol not in gone and hours.has_opened() and _of_day(quote, hours)
        }
        return Seen(hours, quotes, fresh, old)

    async def _wanted(self) -> list[str]:
        watched = [symbol for symbol, _ in await self._stocks.watchlist()]
        book = await self._db.read(self._book)
        held = [] if book is None else [each.symbol for each in book.positions]
        return sorted({*watched, *held})

    def _book(self, tx: Transaction) -> Book | None:
        try:
            return portfolio_store.book(tx, self._account, self._clock.now())
        except NoDataError:
            return None

    def _save(self, tx: Transaction, seen: Seen, correlation_id: str) -> tuple[list[Event], dict[str, Any]]:
        now, day, provider = seen.hours.now, seen.hours.day, self._desk.provider
        session, before = seen.hours.state().value, mark_store.read(tx, provider, SESSION).get("")
        events = []
        if before != (day, session):
            mark_store.save(tx, provider, SESSION, {"": Mark(day, session)}, now)
            data = {"session": session, "before": before.level if before else None, "day": day.isoformat()}
            events.append(_event(EventType.MARKET_SESSION_CHANGED, data, seen, correlation_id))
        moved, spikes = self._moves(tx, seen), self._spikes(tx, seen)
        events += [_event(EventType.MARKET_MOVE, _move(each, provider), seen, correlation_id) for each in moved]
        events += [
            _event(EventType.MARKET_VOLUME_SPIKE, _spike(each, provider), seen, correlation_id) for each in spikes
        ]
        book = self._book(tx)
        if book is not None and book.positions and seen.hours.has_opened():
            portfolio_store.snapshot(tx, self._account, book, seen.fresh, day, now)
        return events, {
            "provider": provider,
            "at": now,
            "session": session,
            "session_changed": before != (day, session),
            "symbols": len(seen.quotes.found) + len(seen.quotes.missing),
            "quotes": len(seen.quotes.found),
            "moves": [each._asdict() for each in moved],
            "spikes": [each._asdict() for each in spikes],
            "stale": list(seen.stale),
            "missing": list(seen.quotes.missing),
        }

    def _moves(self, tx: Transaction, seen: Seen) -> list[Move]:
        """Part of a transaction: the moves to be told, marked as told."""
        day, provider = seen.hours.day, self._desk.provider
        told = {
            (symbol, way): int(mark.level)
            for way, kind in MOVES.items()
            for symbol, mark in mark_store.read(tx, provider, kind).items()
            if mark.day == day
        }
        found = moves(seen.fresh.values(), told, self._limits.move_pct)
        for way, kind in MOVES.items():
            marks = {each.symbol: Mark(day, str(each.step)) for each in found if each.direction == way}
            mark_store.save(tx, provider, kind, marks, seen.hours.now)
        return found

    def _spikes(self, tx: Transaction, seen: Seen) -> list[Spike]:
        """Part of a transaction: the spikes to be told, marked as told; volumes of days nearly over are kept."""
        day, provider = seen.hours.day, self._desk.provider
        told = {symbol for symbol, mark in mark_store.read(tx, provider, SPIKE).items() if mark.day == day}
        known = quote_store.volumes(tx, provider, list(seen.fresh), before=day, days=USUAL_DAYS)
        found, whole = [], {}
        for symbol, quote in seen.fresh.items():
            elapsed = seen.hours.elapsed(symbol, quote.exchange_at or quote.fetched_at)
            if elapsed is None or quote.volume is None:
                continue
            if elapsed >= WHOLE_DAY:
                whole[symbol] = quote.volume
            high = None if symbol in told else spike(quote, known.get(symbol, ()), elapsed, self._limits.volume_times)
            if high is not None:
                found.append(high)
        quote_store.keep_volumes(tx, provider, day, whole)
        marks = {each.symbol: Mark(day, str(each.times)) for each in found}
        mark_store.save(tx, provider, SPIKE, marks, seen.hours.now)
        return found


def _of_day(quote: Quote, hours: Hours) -> bool:
    """Whether a quote is of this day's session, and not the close of an earlier one."""
    return (quote.exchange_at or quote.last_trade_at or quote.fetched_at).astimezone(IST).date() == hours.day


def _move(found: Move, provider: str) -> dict[str, Any]:
    return {
        "symbol": found.symbol,
        "provider": provider,
        "direction": found.direction,
        "change_pct": str(found.change_pct),
        "crossed_pct": str(found.crossed_pct),
        "last_price_inr": str(found.last_price),
        "previous_close_inr": str(found.previous_close),
    }


def _spike(found: Spike, provider: str) -> dict[str, Any]:
    return {
        "symbol": found.symbol,
        "provider": provider,
        "volume": found.volume,
        "usual_volume": found.usual,
        "times": str(found.times),
    }


def _event(kind: EventType, data: Mapping[str, Any], seen: Seen, correlation_id: str) -> Event:
    return Event(type=kind, timestamp=iso(seen.hours.now), source=SOURCE, data=data, correlation_id=correlation_id)
