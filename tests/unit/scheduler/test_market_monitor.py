"""The market monitor: each change of session, crossing and spike told once; what is old or missing is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.monitors.hours import Hours
from robotrader.core.background_scheduler.monitors.market_monitor import Limits, MarketMonitor
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import ledger_store, portfolio_store, quote_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.trading import Quotes
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import LoginRequiredError, TaskTimeoutError
from robotrader.core.event_bus import Event, privacy_violation
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.quotes import Prices

MONDAY = datetime(2026, 11, 23, tzinfo=IST)
OPEN = MONDAY.replace(hour=10)
SESSION, MOVE, SPIKE = "MARKET_SESSION_CHANGED", "MARKET_MOVE", "MARKET_VOLUME_SPIKE"


class Look:
    """A monitor over a real database, with prices that a test sets."""

    def __init__(self, db: DatabaseStateManager, clock: FakeClock) -> None:
        self.db, self.clock = db, clock
        self.prices = Prices(clock)
        self.record: dict[str, Any] = {}
        self.events: list[Event] = []
        events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
        self.stocks = StockStateStore(db, clock, events)
        self.desk = QuoteDesk(db, clock, provider="sandbox", fetch=self.prices.fetch, calendar=packaged)
        self.monitor = MarketMonitor(
            db, clock, account="sandbox", desk=self.desk, stocks=self.stocks, calendar=packaged,
            limits=Limits(Decimal(3), Decimal(3), timedelta(seconds=120)),
        )  # fmt: skip

    async def look(self, minutes: float = 5, *, seconds: float = 30) -> list[str]:
        """One run, and then some minutes; returns the types of what it told."""
        now = self.clock.now()
        task = Task("t", TaskType.MARKET_MONITORING, None, now, TaskStatus.RUNNING, now, "c")
        outcome = await self.monitor.process(task, self.clock.monotonic() + seconds)
        assert outcome.save is not None
        told = list(await self.db.write(outcome.save))
        self.record = outcome.record
        self.events += told
        self.clock.advance(60 * minutes)
        assert all(privacy_violation(each.data) is None for each in told)
        return [each.type.name for each in told]

    async def at(self, price: str, **more: Any) -> list[str]:
        self.prices.set("SBIN", price, "100", **more)
        return await self.look()


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[DatabaseStateManager]:
    made = DatabaseStateManager(tmp_path / "robotrader.db", clock=FakeClock(OPEN))
    yield made
    await made.close()


@pytest.fixture
async def w(db: DatabaseStateManager) -> Look:
    made = Look(db, FakeClock(OPEN))
    await made.stocks.watch(["SBIN"])
    return made


async def test_the_session_is_told_once_a_change(w: Look) -> None:
    w.prices.set("SBIN", "100", "100")
    assert await w.look() == [SESSION]
    assert w.events[-1].data == {"session": "open", "before": None, "day": "2026-11-23"}
    assert await w.look() == []
    w.clock.advance(5 * 3600 + 30 * 60)  # past the close
    assert await w.look() == [SESSION]
    assert w.events[-1].data["before"] == "open"
    w.clock.advance(42 * 3600)  # Tuesday is a holiday; Wednesday morning
    assert w.clock.now() > MONDAY + timedelta(days=2)
    assert await w.look() == [SESSION]
    assert w.events[-1].data["session"] == "open"


async def test_a_move_is_told_once_a_crossing_and_again_on_the_next_day(w: Look) -> None:
    told = [await w.at(price) for price in ("102.99", "103", "102.9", "103.1", "106", "97", "96", "94")]
    assert told == [[SESSION], [MOVE], [], [], [MOVE], [MOVE], [], [MOVE]]
    assert [each.data["crossed_pct"] for each in w.events[1:]] == ["3", "6", "-3", "-6"]
    assert w.events[1].data == {
        "symbol": "SBIN",
        "provider": "sandbox",
        "direction": "up",
        "change_pct": "3.00",
        "crossed_pct": "3",
        "last_price_inr": "103",
        "previous_close_inr": "100",
    }
    w.clock.advance(48 * 3600 - 3600)
    assert await w.at("103.5") == [SESSION, MOVE]


async def test_another_process_does_not_tell_again(w: Look, db: DatabaseStateManager) -> None:
    assert await w.at("105") == [SESSION, MOVE]
    other = Look(db, FakeClock(w.clock.now()))
    assert await other.at("105") == []


async def test_the_last_close_is_told_of_on_no_other_day(w: Look) -> None:
    w.clock.advance(6 * 3600)
    old = w.clock.now() - timedelta(days=3)

    async def friday(symbols: Sequence[str]) -> Quotes:
        found = await w.prices.fetch(symbols)
        return Quotes({each: quote._replace(exchange_at=old) for each, quote in found.found.items()}, found.missing)

    w.desk._fetch = friday
    assert await w.at("150") == [SESSION]


async def test_stale_and_missing_quotes_are_named_and_told_of_nowhere(w: Look) -> None:
    await w.stocks.watch(["NOSUCH"])
    old = w.clock.now() - timedelta(minutes=3)

    async def stuck(symbols: Sequence[str]) -> Quotes:
        found = await w.prices.fetch(symbols)
        return Quotes({each: quote._replace(exchange_at=old) for each, quote in found.found.items()}, found.missing)

    w.desk._fetch = stuck
    assert await w.at("150") == [SESSION]
    assert (w.record["stale"], w.record["missing"]) == (["SBIN"], ["NOSUCH"])
    assert (w.record["symbols"], w.record["quotes"]) == (2, 1)


async def keep(w: Look, days: int, volume: int = 1000) -> None:
    for number in range(days):
        day = date(2026, 11, 20) - timedelta(days=number)
        await w.db.write(lambda tx, d=day: quote_store.keep_volumes(tx, "sandbox", d, {"SBIN": volume}))


async def test_a_spike_is_told_once_a_day(w: Look) -> None:
    await keep(w, 5)
    assert await w.at("100", volume=300) == [SESSION]  # 45 of 360 minutes: 125 is usual
    assert await w.at("100", volume=450) == [SPIKE]
    assert w.events[-1].data["times"] == "3.26"
    assert await w.at("100", volume=5000) == []


async def test_nothing_is_a_spike_while_less_than_five_days_are_known(w: Look) -> None:
    await keep(w, 4)
    assert await w.at("100", volume=10**6) == [SESSION]


async def test_volumes_are_kept_of_days_that_are_nearly_over(w: Look) -> None:
    await w.at("100", volume=500)
    read = {"before": date(2026, 11, 30), "days": 20}
    assert await w.db.read(lambda tx: quote_store.volumes(tx, "sandbox", ["SBIN"], **read)) == {}
    w.clock.advance(5 * 3600 + 60 * 15)
    await w.at("100", volume=900)
    await w.at("100", volume=950)
    assert await w.db.read(lambda tx: quote_store.volumes(tx, "sandbox", ["SBIN"], **read)) == {"SBIN": (950,)}


async def test_what_is_held_is_watched_and_the_day_is_written_down(w: Look) -> None:
    now = w.clock.now()
    day = date(2026, 11, 1)

    def hold(tx: Any) -> None:
        ledger_store.open_account(tx, "sandbox", Decimal(1000), now)
        ledger_store.add_lot(tx, "sandbox", "TCS", "CNC", 2, Decimal(90), day, day, "typed")

    await w.db.write(hold)
    w.prices.set("TCS", "110", "100")
    w.prices.set("SBIN", "100", "100")
    await w.look()
    assert w.prices.asked == [("SBIN", "TCS")]
    (kept,) = await w.db.read(lambda tx: portfolio_store.history(tx, "sandbox", 10))
    assert (kept.day, kept.value_inr, kept.day_pnl_inr) == (MONDAY.date(), Decimal(220), Decimal(20))


async def test_on_a_sunday_nothing_is_written_down_but_the_session(db: DatabaseStateManager) -> None:
    w = Look(db, FakeClock(OPEN - timedelta(days=1)))
    await w.stocks.watch(["SBIN"])
    await keep(w, 5)
    assert await w.at("150", volume=10**6) == [SESSION]
    assert w.events[-1].data["session"] == "closed"
    assert w.record["stale"] == []


async def test_a_dead_session_and_a_source_that_hangs(w: Look) -> None:
    w.prices.error = LoginRequiredError("the session has ended")
    with pytest.raises(LoginRequiredError):
        await w.look()

    async def forever(_: Sequence[str]) -> Quotes:
        await asyncio.Event().wait()
        return Quotes({}, ())

    w.desk._fetch = forever
    with pytest.raises(TaskTimeoutError):
        await w.look(seconds=0.05)


async def test_nothing_is_watched(db: DatabaseStateManager) -> None:
    w = Look(db, FakeClock(OPEN))
    assert await w.look() == [SESSION]
    assert w.prices.asked == []


@pytest.mark.parametrize(
    ("at", "state", "unknown", "fno"),
    [
        ("2026-11-23 09:05", "pre-open", False, False),
        ("2026-11-23 09:15", "open", True, True),
        ("2026-11-23 15:20", "open", True, False),  # F&O stocks are in their auction, others go on
        ("2026-11-23 15:31", "closing-auction", False, False),
        ("2026-11-23 16:30", "closed", False, False),
        ("2026-11-22 11:00", "closed", False, False),
    ],
)
def test_hours(at: str, state: str, unknown: bool, fno: bool) -> None:
    found = Hours(packaged(), datetime.fromisoformat(at).replace(tzinfo=IST))
    assert (found.state().value, found.is_open("NOBODY-KNOWS"), found.is_open("SBIN")) == (state, unknown, fno)


def test_hours_to_come() -> None:
    monday = Hours(packaged(), OPEN)
    assert monday.opens_at() is None
    assert monday.closes_at() == MONDAY.replace(hour=15, minute=30)
    sunday = Hours(packaged(), OPEN - timedelta(days=1))
    assert (sunday.opens_at(), sunday.closes_at()) == (MONDAY.replace(hour=9, minute=15), None)
    early = Hours(packaged(), MONDAY.replace(hour=8))
    assert early.opens_at() == MONDAY.replace(hour=9, minute=15)
    assert not early.has_opened()
    assert monday.elapsed("X", OPEN) is not None
    assert sunday.elapsed("X", OPEN) is None
    last = max(packaged().years)
    end = Hours(packaged(), datetime(last, 12, 31, 16, 0, tzinfo=IST))
    assert end.opens_at() is None  # the calendar goes no further
