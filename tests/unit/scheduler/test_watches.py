"""Work without a symbol: planned once a slot while there is something to watch, and while the market is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.task_specs import WATCH_AGAIN_SECONDS
from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.stores import halt_store
from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSession, BrokerSessionStore, dies_at
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import HaltedError, LoginRequiredError, RateLimitError, ValidationError
from tests.support.clock import FakeClock
from tests.support.spine import KIND, Process, process

MARKET, RISK = TaskType.MARKET_MONITORING, TaskType.RISK_MONITORING
KINDS = (MARKET, RISK)
OPEN = datetime(2026, 11, 23, 10, 2, 30, tzinfo=IST)


async def nothing(_: Process, __: Task) -> None:
    return None


async def hold(p: Process, product: str = "CNC", account: str = "sandbox") -> None:
    sql = (
        "INSERT INTO lots (account, symbol, product, quantity, remaining, acquired_on, settles_on, origin)"
        " VALUES (?, 'SBIN', ?, 5, 5, '2026-11-20', '2026-11-23', 'typed')"
    )
    db = await p.get(DatabaseStateManager)
    await db.write(lambda tx: tx.run("INSERT OR IGNORE INTO accounts VALUES (?, '0', 0, NULL)", (account,)))
    await db.write(lambda tx: tx.run(sql, (account, product)))


async def rule(p: Process, *, enabled: bool = True) -> None:
    sql = "INSERT INTO risk_rules VALUES ('r', 'sandbox', 'stop_loss', 'SBIN', '700', ?, 1, 0, NULL, 0, 0)"
    db = await p.get(DatabaseStateManager)
    await db.write(lambda tx: tx.run(sql, (enabled,)))


def kinds(p: Process) -> list[TaskType]:
    return [task.type for task in p.runs]


async def test_each_slot_runs_once_while_the_market_is_open(home: Path) -> None:
    clock = FakeClock(OPEN)
    async with process(home, clock, nothing, kinds=KINDS) as p, process(home, clock, nothing, kinds=KINDS) as other:
        await p.watch("SBIN")
        for _ in range(12):  # of five seconds, within one slot of five minutes
            await p.scheduler.tick()
            await other.scheduler.tick()
            clock.advance(5)
        assert kinds(p) == [MARKET]
        assert p.runs[0].symbol is None
        assert p.runs[0].provider == "sandbox"
        assert p.runs[0].slot == OPEN.replace(minute=0, second=0)
        clock.advance(180)
        await other.scheduler.tick()
        assert kinds(other) == [MARKET]


@pytest.mark.parametrize(
    ("at", "planned"),
    [
        (OPEN, True),
        (OPEN.replace(hour=9, minute=14, second=59), False),
        (OPEN.replace(hour=9, minute=15), True),
        (OPEN.replace(hour=15, minute=31), True),  # the last slot, missed by a little
        (OPEN.replace(hour=16, minute=0), False),
        (OPEN - timedelta(days=1), False),  # a Sunday
        (datetime(2026, 11, 24, 11, 0, tzinfo=IST), False),  # Guru Nanak
        (datetime(2026, 11, 8, 11, 0, tzinfo=UTC), False),
    ],
)
async def test_nothing_is_watched_while_the_market_is_closed(home: Path, at: datetime, planned: bool) -> None:
    async with process(home, FakeClock(at), nothing, kinds=KINDS) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        assert kinds(p) == ([MARKET] if planned else [])


async def test_what_is_not_there_is_not_watched(home: Path) -> None:
    clock = FakeClock(OPEN)
    async with process(home, clock, nothing, kinds=KINDS) as p:
        report = await p.scheduler.tick()
        assert (p.runs, report.next_due) == ([], None)
        await rule(p)
        await hold(p, account="kite")  # an account that is not in force
        assert not (await p.scheduler.tick()).outcomes
        await hold(p)
        await p.scheduler.tick()
        assert sorted(kinds(p)) == [MARKET, RISK]


async def test_risk_is_watched_where_rules_or_intraday_positions_ask_for_it(home: Path) -> None:
    clock = FakeClock(OPEN)
    async with process(home, clock, nothing, kinds=(RISK,)) as p:
        await hold(p)
        await rule(p, enabled=False)
        assert not (await p.scheduler.tick()).outcomes
        await hold(p, "MIS")
        await p.scheduler.tick()
        assert kinds(p) == [RISK]


async def test_a_year_that_is_not_listed_stops_watching_alone(home: Path) -> None:
    clock = FakeClock(datetime(2031, 6, 2, 11, 0, tzinfo=IST))
    async with process(home, clock, nothing, kinds=(*KINDS, KIND)) as p:
        await p.watch("SBIN")
        report = await p.scheduler.tick()
        assert kinds(p) == [KIND]
        assert [outcome.task.status for outcome in report.outcomes] == [TaskStatus.COMPLETED]


async def test_by_hand_it_takes_no_symbols(home: Path) -> None:
    async with process(home, FakeClock(OPEN), nothing, kinds=KINDS) as p:
        with pytest.raises(ValidationError, match="market takes no symbols"):
            await p.scheduler.run_now("market", ["SBIN"], force=False)
        report = await p.scheduler.run_now("market", [], force=False)
        assert [(o.task.type, o.task.symbol) for o in report.outcomes] == [(MARKET, None)]
        again = await p.scheduler.retry(report.outcomes[0].task.id)
        assert [(o.task.type, o.task.symbol) for o in again.outcomes] == [(MARKET, None)]


async def test_the_outlook_names_what_is_watched(home: Path) -> None:
    async with process(home, FakeClock(OPEN), nothing, kinds=KINDS) as p:
        await p.watch("SBIN")
        found = await p.scheduler.outlook()
        assert [(each.spec.word, each.symbol) for each in found.due] == [("market", None)]
        await p.scheduler.tick()
        report = await p.scheduler.tick()
        assert report.next_due is not None
        assert (report.next_due.word, report.next_due.at) == ("market", OPEN.replace(minute=5, second=0))


@pytest.mark.parametrize(
    ("error", "tasks"),
    [
        (LoginRequiredError("the broker session has ended"), 1),  # the slot that waits stands for those after it
        (RateLimitError("too many requests", retry_after_seconds=3600), 3),
    ],
    ids=["held for the owner", "told to wait"],
)
async def test_whatever_it_waits_for_risk_is_looked_at_each_minute(home: Path, error: Exception, tasks: int) -> None:
    async def fails(_: Process, __: Task) -> None:
        raise error

    clock = FakeClock(OPEN)
    async with process(home, clock, fails, kinds=(RISK,)) as p:
        await hold(p)
        await rule(p)
        for number in range(1, 4):
            await p.scheduler.tick()
            assert kinds(p) == [RISK] * number
            clock.advance(60)
        assert len({task.id for task in p.runs}) == tasks
        rows = await (await p.get(DatabaseStateManager)).read(lambda tx: tx.all("SELECT status FROM tasks"))
        assert len([row for row in rows if row[0] in {"PENDING", "DEFERRED"}]) <= 1


async def test_what_waited_for_a_login_looks_again_at_once(home: Path) -> None:
    """The market falls on while a stop waits."""

    async def logged_out(_: Process, __: Task) -> None:
        raise LoginRequiredError("the broker session has ended")

    clock = FakeClock(OPEN)
    async with process(home, clock, logged_out, kinds=(RISK,)) as p:
        await rule(p)
        await hold(p)
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert outcome.task.not_before == OPEN + timedelta(seconds=WATCH_AGAIN_SECONDS)
        clock.advance(40)  # into the next slot
        report = await p.scheduler.tick()
        assert report.outcomes == ()
        assert report.next_due is not None
        assert report.next_due.at == outcome.task.not_before  # not the next slot, which is not planned before
        db, events = await p.get(DatabaseStateManager), await p.get(EventStore)
        store = BrokerSessionStore(db, clock, events, path=home / "session.json", api_key="key1")
        await store.write(BrokerSession("AB1234", "key1", "token1", OPEN, dies_at(OPEN)))
        assert len((await p.scheduler.tick()).outcomes) == 1


async def test_the_emergency_stop_holds_back_what_is_paid_for(home: Path) -> None:
    clock = FakeClock(OPEN)
    async with process(home, clock, nothing, kinds=(*KINDS, KIND)) as p:
        db = await p.get(DatabaseStateManager)
        await p.watch("SBIN")
        await db.set_state(halt_store.STOP, {"reason": "odd prices"})
        report = await p.scheduler.tick()
        assert kinds(p) == [MARKET]
        assert report.held is not None
        assert "odd prices" in report.held
        with pytest.raises(HaltedError, match="odd prices") as raised:
            await p.scheduler.run_now("earnings", ["SBIN"], force=True)
        assert raised.value.exit_code == 6
        await db.set_state(halt_store.STOP, None)
        report = await p.scheduler.tick()
        assert kinds(p) == [MARKET, KIND]
        assert report.held is None
