"""A trading day, minute by minute, each minute a process of its own: a stop that fires once, and what follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import build_container, make_home, open_app
from robotrader.cli import shapes
from robotrader.cli.tasks import followed
from robotrader.core.background_scheduler.models import RunReport, TaskStatus, TaskType
from robotrader.core.background_scheduler.stores import order_store, portfolio_store, risk_store
from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSession, BrokerSessionStore, dies_at
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import OrderStatus
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.event_bus import Event, EventType
from robotrader.core.services.live_guard import NEEDS_OPTION
from robotrader.sandbox.prices import Walk, tick_of
from robotrader.settings import (
    KiteSettings,
    MarketSettings,
    ScheduleSettings,
    SchedulesSettings,
    Settings,
    TradingSettings,
)
from tests.support.clock import FakeClock
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, API_SECRET, holding
from tests.support.market import packaged

MONDAY = datetime(2026, 11, 23, tzinfo=IST)
MINUTE = timedelta(minutes=1)


def only_watching(home: Path, **sections: Any) -> Settings:
    rest = ScheduleSettings(enabled=False)
    schedules = SchedulesSettings(earnings=rest, news=rest, fundamentals=rest)
    return replace(Settings(home, provider="sandbox", schedules=schedules), **sections)


class Day:
    """One home through a day."""

    def __init__(self, settings: Settings, account: str) -> None:
        self.settings = settings
        self.account = account
        self.reports: list[RunReport] = []

    async def tick(self, at: datetime) -> RunReport:
        """One tick in a process of its own."""
        async with open_app(self.settings, clock=FakeClock(at)) as app:
            report = await (await app.tasks()).tick()
        self.reports.append(report)
        return report

    def runs(self, kind: TaskType) -> list[Any]:
        found = [outcome for report in self.reports for outcome in report.outcomes if outcome.task.type is kind]
        assert {outcome.task.status for outcome in found} <= {TaskStatus.COMPLETED}
        return found

    async def events(self, *types: EventType) -> list[Event]:
        """What was told, oldest first."""
        container = build_container(self.settings, FakeClock(MONDAY + timedelta(hours=16)))
        try:
            stored = await (await container.get(EventStore)).list(limit=100_000)
        finally:
            await container.close()
        return [each.event for each in stored[::-1] if each.event.type in types]

    async def read(self, query: Any) -> Any:
        container = build_container(self.settings, FakeClock(MONDAY + timedelta(hours=16)))
        try:
            return await (await container.get(DatabaseStateManager)).read(query)
        finally:
            await container.close()


@pytest.fixture
async def sandbox(home: Path) -> Day:
    """Ten shares of SBIN since Friday, a stop that the day's simulated prices reach, and a loss that they do not."""
    settings = only_watching(home)
    make_home(home)
    async with open_app(settings, clock=FakeClock(MONDAY - timedelta(days=3))) as app:
        await (await app.portfolio()).hold("SBIN", 10, Decimal(900))
        await (await app.watchlist()).watch(["TCS"])
    return Day(settings, "sandbox")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_day_of_simulated_prices(sandbox: Day) -> None:
    prices, _ = Walk(packaged).day("SBIN", MONDAY.date(), MONDAY + timedelta(hours=16))
    stop = (min(prices) + prices[0]) / 2
    reached = next(number for number, price in enumerate(prices) if price <= stop)
    assert 0 < reached < 300, "a day of another course needs another stop"
    async with open_app(sandbox.settings, clock=FakeClock(MONDAY.replace(hour=8))) as app:
        await (await app.risk()).set(["SBIN", "stop", f"{stop:.2f}"], force=True)
        await (await app.risk()).set(["daily-loss", "50000"])

    at = MONDAY.replace(hour=9, minute=10)
    while at < MONDAY.replace(hour=15, minute=40):
        await sandbox.tick(at)
        at += MINUTE

    (trigger,) = await sandbox.events(EventType.RISK_STOP_LOSS_TRIGGER)
    fired = MONDAY.replace(hour=9, minute=15) + reached * MINUTE
    assert datetime.fromisoformat(trigger.timestamp) == fired
    (breach,) = await sandbox.read(lambda tx: risk_store.breaches(tx, "sandbox", limit=10))
    (order,) = await sandbox.read(lambda tx: order_store.newest(tx, "sandbox", day=None, symbol=None, limit=10))
    assert (breach.id, breach.outcome, breach.quantity) == (order.breach_id, "filled", 10)
    assert (order.status, order.filled, order.request.symbol) == (OrderStatus.COMPLETE, 10, "SBIN")
    assert order.correlation_id == trigger.correlation_id == breach.correlation_id
    book = await sandbox.read(lambda tx: portfolio_store.book(tx, "sandbox", MONDAY + timedelta(hours=16)))
    assert [each for each in book.positions if each.quantity] == []
    # Every minute was looked at once while there was anything to look after.
    looks = sandbox.runs(TaskType.RISK_MONITORING)
    assert len({outcome.task.slot for outcome in looks}) == len(looks) >= reached
    sessions = [each.data["session"] for each in await sandbox.events(EventType.MARKET_SESSION_CHANGED)]
    assert sessions[0] == "open"
    assert len(sessions) == len(set(sessions))
    assert len(sandbox.runs(TaskType.MARKET_MONITORING)) >= 75


@pytest.mark.slow
async def test_an_order_that_rests_is_filled_by_the_look_of_its_minute(sandbox: Day) -> None:
    prices, _ = Walk(packaged).day("TCS", MONDAY.date(), MONDAY + timedelta(hours=16))
    start = 60
    minute = next(number for number in range(start + 1, 300) if prices[number] < min(prices[start:number]))
    at, limit = MONDAY.replace(hour=9, minute=15), prices[minute] + tick_of("TCS")  # what is asked for it then
    async with open_app(sandbox.settings, clock=FakeClock(at + start * MINUTE)) as app:
        await (await app.orders()).place("BUY", "TCS", 2, limit=limit)
    for number in range(start, minute + 1):
        (order,) = await sandbox.read(lambda tx: order_store.newest(tx, "sandbox", day=None, symbol="TCS", limit=2))
        assert order.status is OrderStatus.OPEN
        await sandbox.tick(at + number * MINUTE)
    (order,) = await sandbox.read(lambda tx: order_store.newest(tx, "sandbox", day=None, symbol="TCS", limit=2))
    assert (order.status, order.filled, order.average_price) == (OrderStatus.COMPLETE, 2, limit)
    book = await sandbox.read(lambda tx: portfolio_store.book(tx, "sandbox", at + minute * MINUTE))
    assert {each.symbol: each.quantity for each in book.positions} == {"SBIN": 10, "TCS": 2}


@pytest.fixture
async def kite(home: Path, tmp_path: Path) -> AsyncIterator[tuple[Day, KiteServer]]:
    """An account at a double of Kite: ten shares that may be sold, logged in this morning, orders allowed."""
    async with kite_server(tmp_path / "kite") as server:
        keys = KiteSettings(base_url=server.url, api_key=API_KEY, api_secret=API_SECRET)
        trading, source = TradingSettings(mode="live"), MarketSettings(source="kite")
        settings = only_watching(home, kite=keys, trading=trading, market=source)
        make_home(home)
        eight = MONDAY.replace(hour=8)
        container = build_container(settings, FakeClock(eight))
        session = BrokerSession("AB1234", API_KEY, ACCESS_TOKEN, eight, dies_at(eight))
        await (await container.get(BrokerSessionStore)).write(session)
        await container.close()
        server.set(now=f"{eight:%Y-%m-%dT%H:%M:%S}", holdings=[holding("SBIN", 10)])
        server.set(prices={"NSE:SBIN": 800})
        yield KiteDay(settings, "kite", server), server


class KiteDay(Day):
    """A home whose broker is the double."""

    def __init__(self, settings: Settings, account: str, server: KiteServer) -> None:
        super().__init__(settings, account)
        self.server = server

    async def tick(self, at: datetime, price: float | None = None) -> RunReport:
        self.server.set(now=f"{at:%Y-%m-%dT%H:%M:%S}")
        if price is not None:
            self.server.set(prices={"NSE:SBIN": price})
        async with open_app(self.settings, clock=FakeClock(at)) as app:
            (await app.orders()).go_live()
            report = await (await app.tasks()).tick()
        self.reports.append(report)
        return report

    async def paper_tick(self, at: datetime) -> RunReport:
        """A tick of the paper broker, over the double's quotes."""
        self.server.set(now=f"{at:%Y-%m-%dT%H:%M:%S}")
        return await Day.tick(self, at)

    async def log_in(self, at: datetime) -> None:
        container = build_container(self.settings, FakeClock(at))
        session = BrokerSession("AB1234", API_KEY, ACCESS_TOKEN, at, dies_at(at))
        await (await container.get(BrokerSessionStore)).write(session)
        await container.close()


@pytest.mark.slow
async def test_a_stop_at_kite_fires_once_however_the_price_trembles(kite: tuple[KiteDay, KiteServer]) -> None:
    day, server = kite
    begin = MONDAY.replace(hour=10)
    await day.tick(begin, 800)
    async with open_app(day.settings, clock=FakeClock(begin)) as app:
        await (await app.risk()).set(["SBIN", "stop", "790"])
    # The exit is accepted and its answer never comes; the price goes back and forth about the stop.
    server.script("POST /orders", "accept-close")
    prices = [795, 790.5, 790, 789.5, 790.5, 789, 791, 785, 780]
    for number, price in enumerate(prices):
        await day.tick(begin + (number + 1) * MINUTE, price)
    triggers = await day.events(EventType.RISK_STOP_LOSS_TRIGGER)
    assert [each.data["observed"] for each in triggers] == ["790"]
    assert len(server.book.by_tag()) == 1
    breaches = await day.read(lambda tx: risk_store.breaches(tx, "kite", limit=10))
    assert [each.outcome for each in breaches] == ["filled"]
    (order,) = await day.read(lambda tx: order_store.newest(tx, "kite", day=None, symbol=None, limit=10))
    assert (order.status, order.filled) == (OrderStatus.COMPLETE, 10)


@pytest.mark.slow
async def test_neither_a_quote_that_stands_still_nor_a_dead_session_sells(kite: tuple[KiteDay, KiteServer]) -> None:
    day, server = kite
    begin = MONDAY.replace(hour=10)
    async with open_app(day.settings, clock=FakeClock(begin)) as app:
        await (await app.risk()).set(["SBIN", "stop", "790"])
    await day.tick(begin, 800)
    server.set(now=f"{begin + MINUTE:%Y-%m-%dT%H:%M:%S}")
    server.set(prices={"NSE:SBIN": 700})
    for minutes in (5, 6):  # the exchange's stamp is four minutes old by then
        await day.tick(begin + minutes * MINUTE)
    (flagged,) = await day.events(EventType.DATA_FLAGGED)
    assert flagged.data["symbols"] == ["SBIN"]
    server.script("GET /portfolio", "dead-token")
    report = await day.tick(begin + 7 * MINUTE, 700)
    assert {outcome.exit_code for outcome in report.outcomes if outcome.task.type is TaskType.RISK_MONITORING} == {7}
    assert await day.events(EventType.RISK_STOP_LOSS_TRIGGER) == []
    assert await day.read(lambda tx: order_store.newest(tx, "kite", day=None, symbol=None, limit=10)) == ()


@pytest.mark.slow
async def test_without_the_option_nothing_is_sold_and_the_exit_code_says_so(
    kite: tuple[KiteDay, KiteServer],
) -> None:
    day, server = kite
    clock = FakeClock(MONDAY.replace(hour=10))
    server.set(now=f"{clock.now():%Y-%m-%dT%H:%M:%S}")
    async with open_app(day.settings, clock=clock) as app:
        await (await app.risk()).set(["SBIN", "stop", "790"])
    server.set(prices={"NSE:SBIN": 780})
    clock.advance(60)
    server.set(now=f"{clock.now():%Y-%m-%dT%H:%M:%S}")
    async with open_app(day.settings, clock=clock) as app:
        report = await followed(app, await (await app.tasks()).run("risk", ()))
    (outcome,) = report.outcomes
    (breach,) = outcome.record["breaches"]
    assert breach["outcome"] == "blocked"
    assert NEEDS_OPTION in breach["detail"]
    assert shapes.exit_code(report.outcomes) == 6
    assert server.book.orders == {}


def _locked(price: float, at: datetime, buyers: int, *, close: float = 812.0) -> dict[str, Any]:
    """A quote of SBIN at its lower band: sellers, and so many shares wanted; ``close``: of the session before."""
    stamp = f"{at:%Y-%m-%d %H:%M:%S}"
    offer = {"price": price, "quantity": 100, "orders": 3}
    bid = {"price": price if buyers else 0, "quantity": buyers, "orders": 1 if buyers else 0}
    row = {"last_price": price, "lower_circuit_limit": price, "timestamp": stamp, "last_trade_time": stamp}
    row["ohlc"] = {"open": price, "high": price, "low": price, "close": close}
    return {"NSE:SBIN": {**row, "depth": {"buy": [bid], "sell": [offer]}}}


@pytest.mark.slow
async def test_an_exit_that_nobody_took_by_the_close_is_ordered_again_on_the_next_day(
    kite: tuple[KiteDay, KiteServer],
) -> None:
    """At the lower band nobody buys: the order dies with its day, and the stop still holds."""
    live, server = kite
    day = KiteDay(replace(live.settings, trading=TradingSettings()), "paper", server)
    begin = MONDAY.replace(hour=14)
    server.set(now=f"{begin:%Y-%m-%dT%H:%M:%S}")
    async with open_app(day.settings, clock=FakeClock(begin)) as app:
        await (await app.portfolio()).hold("SBIN", 10, Decimal(820))
        await (await app.risk()).set(["SBIN", "stop", "790"])
    for at in (begin, begin + 5 * MINUTE, MONDAY.replace(hour=15, minute=31)):
        server.set(quotes=_locked(731.1, at, buyers=0))
        await day.paper_tick(at)
    (order,) = await day.read(lambda tx: order_store.newest(tx, "paper", day=None, symbol=None, limit=10))
    assert (order.status, order.filled) == (OrderStatus.CANCELLED, 0)
    wednesday = MONDAY.replace(hour=9, minute=20) + timedelta(days=2)  # Tuesday is a holiday
    await day.log_in(wednesday)
    server.set(quotes=_locked(700.0, wednesday, buyers=500, close=731.1))
    await day.paper_tick(wednesday)
    breaches = await day.read(lambda tx: risk_store.breaches(tx, "paper", limit=10))
    assert [each.outcome for each in breaches] == ["filled", "unplaced"]
    book = await day.read(lambda tx: portfolio_store.book(tx, "paper", wednesday))
    assert [each for each in book.positions if each.quantity] == []
