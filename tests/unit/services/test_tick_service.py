"""Live ticks beside the real ``serve``: quotes stay young without being asked for, and orders are looked up."""

from __future__ import annotations

import asyncio
import json
import logging
import struct
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from robotrader.bootstrap import build_container, make_home, open_app
from robotrader.cli.live_ticks import listening
from robotrader.core.background_scheduler.processors.price_basis import FELL
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import mark_store, order_store, quote_store
from robotrader.core.background_scheduler.stores.broker_session_store import (
    BrokerSession,
    BrokerSessionStore,
    SessionState,
    dies_at,
)
from robotrader.core.background_scheduler.trading import (
    Instrument,
    OrderRequest,
    OrderStatus,
    OrderType,
    Quote,
    Quotes,
    Side,
)
from robotrader.core.clock import IST, SystemClock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.services.tick_service import LOOK_SECONDS, Parts, TickService, keep, merge
from robotrader.settings import MarketSettings, Settings, TradingSettings
from tests.support import exits
from tests.support.clock import FakeClock
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY
from tests.support.market import packaged
from tests.support.quotes import quote
from tests.support.sockets import FULL, Sockets, sockets

pytest.importorskip("websockets")
SBIN = 3045 << 8 | 1
NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def settings_of(home: Path, server: KiteServer, address: str, mode: str = "paper") -> Settings:
    given = exits.live(home, server.url)
    return replace(
        given,
        kite=replace(given.kite, stream_url=address),
        market=MarketSettings(source="kite", ticks=True),
        trading=TradingSettings(mode=mode),  # type: ignore[arg-type]
    )


class Serving:
    """A home that is served, with live ticks, until the block is left."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.clock = settings, SystemClock()
        self.said: list[str] = []

    async def read(self, query: Any) -> Any:
        container = build_container(self.settings, self.clock)
        try:
            return await (await container.get(DatabaseStateManager)).read(query)
        finally:
            await container.close()

    async def quote(self, symbol: str = "SBIN") -> Quote | None:
        return (await self.read(lambda tx: quote_store.read(tx, "kite", [symbol]))).get(symbol)

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for something that is looked at again and again; the test's own timeout bounds it."""
        async with asyncio.timeout(20):
            while not (found := await condition()):  # noqa: ASYNC110 - the database tells no one
                await asyncio.sleep(0.05)
        return found


@asynccontextmanager
async def serving(settings: Settings, *watched: str) -> AsyncIterator[Serving]:
    made, stop = Serving(settings), asyncio.Event()
    make_home(settings.home)
    async with open_app(settings) as app:
        await (await app.watchlist()).watch(watched)
        tasks = await app.tasks()
        async with listening(app, made.said.append):
            loop = asyncio.create_task(tasks.serve(stop, lambda *_: None))
            try:
                yield made
            finally:
                stop.set()
                await loop


def full(token: int, paise: int, at: datetime) -> bytes:
    """One packet of mode full."""
    values = [token, paise, 1, paise, 5000, 10, 10, 81000, 82500, 80900, 81235, int(at.timestamp()), 0, 0, 0]
    levels = b"".join(struct.pack(">IIH2x", 7, paise + step, 1) for step in (-5,) * 5 + (5,) * 5)
    packet = struct.pack(">16I", *values, int(at.timestamp())) + levels
    return struct.pack(">HH", 1, FULL) + packet


@pytest.fixture
async def kite(tmp_path: Path) -> AsyncIterator[KiteServer]:
    async with kite_server(tmp_path / "kite") as server:
        yield server


async def test_ticks_keep_quotes_young_without_asking(tmp_path: Path, kite: KiteServer) -> None:
    async with sockets() as double:
        settings = settings_of(tmp_path / "home", kite, double.address)
        make_home(settings.home)
        await exits.log_in(settings, SystemClock())
        async with serving(settings, "SBIN") as served:
            await served.until(lambda: asyncio.sleep(0, double.heard and len(double.heard[0]) >= 2))
            assert served.said == ["live ticks of 1 symbols"]
            assert double.heard[0][0] == {"a": "subscribe", "v": [SBIN]}

            async def ticked() -> Quote | None:
                await double.send(full(SBIN, 81995, datetime.now(UTC)))
                found = await served.quote()
                return found if found is not None and found.last_price == Decimal("819.95") else None

            found = await served.until(ticked)
            assert (found.bid, found.ask) == (Decimal("819.90"), Decimal("820.00"))
            assert found.upper_circuit is not None  # of the quote that was asked for once
            asked = kite.counts["GET /quote"]
            assert asked >= 1
            container = build_container(settings, SystemClock())
            desk = await container.get(QuoteDesk)
            got = await desk.get(["SBIN"], max_age=timedelta(seconds=15))
            await container.close()
            assert got.found["SBIN"].last_price == Decimal("819.95")
            assert kite.counts["GET /quote"] == asked


async def test_orders_that_change_are_looked_up_at_once(tmp_path: Path, kite: KiteServer) -> None:
    kite.set(fill="none")
    async with sockets() as double:
        settings = settings_of(tmp_path / "home", kite, double.address, mode="live")
        make_home(settings.home)
        await exits.log_in(settings, SystemClock())
        container = build_container(settings, SystemClock())
        from robotrader.core.services.execution_service import ExecutionService
        from robotrader.core.services.live_guard import LiveGuard

        (await container.get(LiveGuard)).allow()
        request = OrderRequest("SBIN", Side.BUY, 1, OrderType.LIMIT, price=Decimal(800))
        placed = await (await container.get(ExecutionService)).place(request)
        await container.close()
        number = placed.order.broker_order_id or ""
        async with serving(settings) as served:
            await served.until(lambda: asyncio.sleep(0, double.heard and double.heard[0]))
            kite.state.fill(number, 1, 800.0)
            data = {
                "order_id": number, "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "BUY",
                "order_type": "LIMIT", "product": "CNC", "quantity": 1, "status": "COMPLETE", "filled_quantity": 1,
                "average_price": 800, "price": 800,
            }  # fmt: skip
            await double.send(json.dumps({"type": "order", "data": data}))

            async def complete() -> bool:
                order = await served.read(lambda tx: order_store.get(tx, placed.order.id))
                return bool(order.status is OrderStatus.COMPLETE)

            await served.until(complete)


@asynccontextmanager
async def refused(
    home: Path, kite: KiteServer, error_type: str, message: str
) -> AsyncIterator[tuple[Settings, Sockets]]:
    """A home with a session whose live ticks are refused."""
    body = json.dumps({"status": "error", "error_type": error_type, "message": message})
    async with sockets(refuse=(403, body.encode())) as double:
        settings = settings_of(home, kite, double.address)
        make_home(settings.home)
        await exits.log_in(settings, SystemClock())
        yield settings, double


async def test_a_session_that_kite_refuses_ends_quietly(tmp_path: Path, kite: KiteServer) -> None:
    async with refused(tmp_path / "home", kite, "TokenException", "another login") as (settings, double):
        async with serving(settings, "SBIN") as served:
            await served.until(lambda: asyncio.sleep(0, double.paths))
            container = build_container(settings, SystemClock())
            store = await container.get(BrokerSessionStore)

            async def dead_now() -> bool:
                return not (await store.state()).alive

            await served.until(dead_now)
            await container.close()
        assert len(double.paths) == 1
        assert served.said == ["live ticks of 1 symbols"]


async def test_a_plan_without_ticks_is_said_once(tmp_path: Path, kite: KiteServer) -> None:
    async with refused(tmp_path / "home", kite, "PermissionException", "no plan") as (settings, _):
        async with serving(settings, "SBIN") as served:
            await served.until(lambda: asyncio.sleep(0, len(served.said) == 2))
        assert served.said[1].startswith("no live ticks: kite refused the live ticks (HTTP 403)")
        assert ACCESS_TOKEN not in "".join(served.said)


class QuietStream:
    """A connection on which nothing is heard."""

    def __init__(self) -> None:
        self.closed = 0

    async def subscribe(self, tokens: Iterable[int], mode: str) -> None:
        assert (list(tokens), mode) == ([SBIN], "full")

    async def unsubscribe(self, tokens: Iterable[int]) -> None:
        assert list(tokens) == []

    async def messages(self) -> AsyncIterator[Any]:
        try:
            await asyncio.Event().wait()
            yield ()
        finally:
            self.closed += 1


async def test_a_session_that_reaches_the_morning_ends_the_stream_quietly(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Sessions end at 06:00 IST; then it is looked each minute whether there is a new one."""
    clock = FakeClock(datetime(2026, 11, 20, 5, 59, 30, tzinfo=IST))
    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    made: list[QuietStream] = []
    began = clock.now() - timedelta(hours=20)
    session = BrokerSession("AB1234", API_KEY, ACCESS_TOKEN, began, dies_at(began))

    def stream() -> QuietStream:
        made.append(QuietStream())
        return made[-1]

    async def state() -> SessionState:
        return SessionState(session, session.expires_at > clock.now(), None)

    async def listed(_: Sequence[str]) -> dict[str, Instrument]:
        return {"SBIN": Instrument("SBIN", SBIN, "", Decimal("0.05"), 1, "EQ", "NSE")}

    said: list[str] = []
    parts = Parts(state, stream, listed, desk=SimpleNamespace(provider="kite"), settle=None)  # type: ignore[arg-type]
    service = TickService(db, clock, account="kite", parts=parts)
    await db.write(lambda tx: tx.run("INSERT INTO watchlist (symbol, added_at) VALUES ('SBIN', 0)"))
    with caplog.at_level(logging.INFO):
        running = asyncio.create_task(service.run(said.append))
        async with asyncio.timeout(10):
            while LOOK_SECONDS not in clock.sleeps:  # noqa: ASYNC110 - the clock tells no one
                await asyncio.sleep(0)
        assert clock.now() == datetime(2026, 11, 20, 6, 0, tzinfo=IST)
        assert [each.closed for each in made] == [1]
        clock.advance(LOOK_SECONDS)
        async with asyncio.timeout(10):
            while clock.sleeps.count(LOOK_SECONDS) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert said == ["live ticks of 1 symbols"]
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]
    await db.close()


async def test_a_split_is_seen_by_the_first_tick_after_a_quote_from_before_the_open(tmp_path: Path) -> None:
    friday, early, opened = (datetime(2026, 11, *each, tzinfo=IST) for each in ((20, 15, 29), (23, 9, 2), (23, 9, 15)))
    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=FakeClock(opened))
    clock = FakeClock(opened)

    async def fetch(_: Sequence[str]) -> Quotes:
        raise AssertionError("nothing is asked for")

    desk = QuoteDesk(db, clock, provider="kite", fetch=fetch, calendar=packaged)
    seen = quote("SBIN", "1000", "990", at=friday, provider="kite")
    asked = quote("SBIN", "1000", "500", at=early, last_trade_at=friday, provider="kite")
    tick = quote("SBIN", "505", "500", at=opened, provider="kite")
    try:
        for each in (seen, asked):
            await db.write(lambda tx, each=each: desk.keep(tx, [each]))  # type: ignore[misc]
        assert await db.read(lambda tx: mark_store.read(tx, "kite", FELL)) == {}
        assert await db.write(lambda tx: keep(tx, [tick], desk)) == set()
        assert set(await db.read(lambda tx: mark_store.read(tx, "kite", FELL))) == {"SBIN"}
    finally:
        await db.close()


async def test_without_kite_there_are_none(tmp_path: Path) -> None:
    settings = replace(exits.paper(tmp_path), market=MarketSettings(source="sandbox", ticks=True))
    async with serving(settings) as served:
        await served.until(lambda: asyncio.sleep(0, served.said))
    assert served.said == ["no live ticks: quotes come from sandbox, not from kite"]


class TestMerging:
    def test_what_a_tick_does_not_hold_is_kept(self) -> None:
        stored = quote("SBIN", "800", "790", at=NOON, upper_circuit=Decimal(900), bid=Decimal(799), ask=Decimal(801))
        told = quote("SBIN", "805", at=NOON + timedelta(seconds=5), volume=7, ask=Decimal(806))
        merged = merge(stored, told)
        assert merged is not None
        assert (merged.last_price, merged.previous_close, merged.upper_circuit, merged.volume) == (805, 790, 900, 7)
        assert (merged.bid, merged.ask) == (None, 806)  # nobody bids any more
        assert merged.fetched_at == NOON + timedelta(seconds=5)

    def test_days_are_never_mixed(self) -> None:
        told = quote("SBIN", "805", at=NOON)
        assert merge(quote("SBIN", "800", at=NOON - timedelta(days=1)), told) is None
        early = quote("SBIN", "800", at=NOON - timedelta(hours=3))._replace(exchange_at=NOON - timedelta(days=1))
        assert merge(early, told) is None  # fetched today, and of yesterday
        assert merge(None, told) is None

    def test_a_later_quote_stays(self) -> None:
        stored = quote("SBIN", "800", at=NOON)
        assert merge(stored, quote("SBIN", "805", at=NOON - timedelta(seconds=1))) == stored
