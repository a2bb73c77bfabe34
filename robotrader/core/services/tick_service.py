"""Live ticks of Kite as quotes: kept fresh in the store, so that whoever wants a quote seldom has to ask for one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from robotrader.core.background_scheduler.clients.kite_ticks import Tick, as_quote
from robotrader.core.background_scheduler.stores import order_store, portfolio_store, quote_store
from robotrader.core.background_scheduler.trading import BrokerOrder, Instrument, Quote
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import (
    ConfigurationError,
    LoginRequiredError,
    NoDataError,
    RequestRefusedError,
    TradingError,
)

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_stream import KiteStream
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
    from robotrader.core.background_scheduler.stores.broker_session_store import SessionState

KITE = "kite"
WRITE_SECONDS = 1.0
"""At most this often ticks are written down, and orders looked up that have changed."""

LOOK_SECONDS = 60.0
"""This often it is looked what is watched, held and ordered, and whether there is a session."""

MOST = 3000
"""Instruments on one connection (https://kite.trade/docs/connect/v3/websocket/)."""

log = logging.getLogger(__name__)

Say = Callable[[str], None]


class Parts(NamedTuple):
    """What the service is made of.

    Attributes:
        session: what became of the broker session.
        stream: makes a connection; raises ConfigurationError where the extra is not installed.
        listed: instruments of the broker's list.
        settle: brings the account's orders up to date; None where they are not at Kite.
    """

    session: Callable[[], Awaitable[SessionState]]
    stream: Callable[[], KiteStream]
    listed: Callable[[Sequence[str]], Awaitable[Mapping[str, Instrument]]]
    desk: QuoteDesk
    settle: Callable[[], Awaitable[None]] | None


class TickService:
    """Listens for as long as it is run.

    A tick holds no price band, and at the first tick of a day there is nothing of that day to take one from: so a quote
    is asked for once, and ticks keep it young from then on.
    """

    def __init__(self, db: DatabaseStateManager, clock: Clock, *, account: str, parts: Parts) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._parts = parts
        self._symbols: dict[int, str] = {}
        self._heard: dict[int, Tick] = {}
        self._lacking: set[str] = set()
        self._ordered = False

    async def run(self, say: Say) -> None:
        """Listen while there is a session, again after each login, until it is cancelled; or until it is clear that
        there will be no ticks, which is said in one line."""
        if self._parts.desk.provider != KITE:
            say(f"no live ticks: quotes come from {self._parts.desk.provider or 'nobody'}, not from kite")
            return
        while True:
            try:
                stream = self._parts.stream()
                state = await self._parts.session()
                if state.session is not None and state.alive:
                    await self._listen(stream, state.session.expires_at, say)
            except (ConfigurationError, RequestRefusedError) as error:
                say(f"no live ticks: {error}" + (f" ({error.context.remedy})" if error.context.remedy else ""))
                return
            except LoginRequiredError as error:
                log.info("live ticks wait for a login: %s", error)
            except TradingError as error:
                log.warning("live ticks were interrupted: %s", error)
            await self._clock.sleep(LOOK_SECONDS)

    async def _listen(self, stream: KiteStream, ends: datetime, say: Say) -> None:
        """Listen until the session ends. Raises what keeps the stream from being made."""
        self._symbols, self._heard, self._lacking, self._ordered = {}, {}, set(), False
        if not await self._choose(stream):
            return
        say(f"live ticks of {len(self._symbols)} symbols")
        hearing = asyncio.ensure_future(self._hear(stream))
        look_at = ask_at = self._clock.monotonic()
        look_at += LOOK_SECONDS
        try:
            while self._clock.now() < ends and not await self._ended(hearing):
                await self._attend()
                now = self._clock.monotonic()
                if self._lacking and now >= ask_at:
                    ask_at = now + LOOK_SECONDS
                    await self._ask()
                if now >= look_at:
                    look_at = now + LOOK_SECONDS
                    await self._choose(stream)
            if hearing.done():
                await hearing
            log.info("the session at the broker has ended, and live ticks with it")
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self, stream: KiteStream) -> None:
        async with aclosing(stream.messages()) as messages:  # type: ignore[type-var]
            async for message in messages:
                if isinstance(message, BrokerOrder):
                    self._ordered = True
                else:
                    self._heard.update((tick.token, tick) for tick in message)

    async def _ended(self, hearing: asyncio.Future[None]) -> bool:
        """Wait until it is time to write again; returns whether nothing more will be heard."""
        pause = asyncio.ensure_future(self._clock.sleep(WRITE_SECONDS))
        try:
            await asyncio.wait({pause, hearing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
        return hearing.done()

    async def _attend(self) -> None:
        """Write down what was heard, in one transaction, and look up what became of orders."""
        heard, self._heard = self._heard, {}
        now = self._clock.now()
        told = [
            quote
            for tick in heard.values()
            if (symbol := self._symbols.get(tick.token)) and (quote := as_quote(tick, symbol, now)) is not None
        ]
        try:
            if told:
                self._lacking |= await self._db.write(lambda tx: keep(tx, told, self._parts.desk))
            if self._ordered and self._parts.settle is not None:
                self._ordered = False
                await self._parts.settle()
        except TradingError as error:
            log.warning("ticks or orders were not taken down: %s", error)

    async def _ask(self) -> None:
        """Ask for quotes of symbols that tick and have none of the day."""
        lacking, self._lacking = sorted(self._lacking), set()
        try:
            await self._parts.desk.get(lacking, max_age=timedelta())
        except LoginRequiredError:
            raise
        except TradingError as error:
            log.warning("no quotes for the live ticks: %s", error)

    async def _choose(self, stream: KiteStream) -> bool:
        """Subscribe to what is watched, held and ordered now; returns whether that is anything."""
        wanted = await self._db.read(self._wanted)
        listed = await self._parts.listed(wanted)
        chosen = {listed[symbol].token: symbol for symbol in wanted if symbol in listed}
        if len(chosen) > MOST:
            log.warning("live ticks of %d of %d symbols only: Kite gives no more", MOST, len(chosen))
            chosen = dict(list(chosen.items())[:MOST])
        gone, new = self._symbols.keys() - chosen.keys(), chosen.keys() - self._symbols.keys()
        self._symbols = chosen
        await stream.unsubscribe(gone)
        await stream.subscribe(new, "full")
        return bool(chosen)

    def _wanted(self, tx: Transaction) -> list[str]:
        """Part of a transaction: orders and holdings first, as they matter most where there are too many."""
        found = [each.request.symbol for each in order_store.unfinished(tx, self._account)]
        try:
            held = portfolio_store.book(tx, self._account, self._clock.now()).positions
        except NoDataError:
            held = ()
        found += [each.symbol for each in held if each.quantity]
        found += [row[0] for row in tx.all("SELECT symbol FROM watchlist ORDER BY symbol")]
        return list(dict.fromkeys(found))


def keep(tx: Transaction, told: Sequence[Quote], desk: QuoteDesk) -> set[str]:
    """Part of a transaction: write ticks down over the quotes of their day; returns the symbols that have none."""
    stored = quote_store.read(tx, KITE, [each.symbol for each in told])
    merged = {each.symbol: merge(stored.get(each.symbol), each) for each in told}
    desk.keep(tx, [quote for quote in merged.values() if quote is not None])
    return {symbol for symbol, quote in merged.items() if quote is None}


def merge(stored: Quote | None, told: Quote) -> Quote | None:
    """A tick with what it does not hold taken from the stored quote; None where that is not of the tick's day. Pure.

    What is stored stays where the exchange made it later than the tick.
    """
    if stored is None or _day(stored) != _day(told):
        return None
    if stored.exchange_at is not None and told.exchange_at is not None and told.exchange_at < stored.exchange_at:
        return stored
    # A full tick without a bid or an offer says that there is none; one without a time says nothing of either.
    silent = [name for name, value in told._asdict().items() if value is None]
    kept = [name for name in silent if told.exchange_at is None or name not in ("bid", "ask")]
    return told._replace(**{name: getattr(stored, name) for name in kept})


def _day(quote: Quote) -> date:
    return (quote.exchange_at or quote.fetched_at).astimezone(IST).date()
