"""Many ends in one commit: what one of them does wrong harms no other, and few commits serve many tasks."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.task_specs import task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.planner import Planner, new_task
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import Task, TaskOutcome, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores import task_leases, task_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_leases import Claim
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ResourceError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.settings import SchedulesSettings
from tests.support.clock import FakeClock

KIND = TaskType.EARNINGS_ANALYSIS
COMPLETED, FAILED, DEFERRED, PENDING = TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.DEFERRED, TaskStatus.PENDING
SYMBOLS = [f"S{n:02}" for n in range(20)]


@dataclass
class Made:
    """The parts of one process, over a database of their own."""

    path: Path
    db: DatabaseStateManager
    clock: FakeClock
    bus: EventBus
    tasks: TaskStore
    events: EventStore
    planner: Planner
    scheduler: TaskScheduler
    owners: OwnerRegistry
    work: dict[str, Callable[[Task], object]]
    started: list[str] = field(default_factory=list)

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Be the processor: what ``work`` says for the symbol, or nothing."""
        del deadline
        self.started.append(task.symbol or "")
        act = self.work.get(task.symbol or "")
        result = None if act is None else act(task)
        if asyncio.iscoroutine(result):
            result = await result
        return result if isinstance(result, Outcome) else Outcome(COMPLETED)

    async def statuses(self) -> dict[str, TaskStatus]:
        return {task.symbol or "": task.status for task in await self.tasks.list(status=None, symbol=None, limit=1000)}


@asynccontextmanager
async def made(
    tmp_path: Path, *, concurrency: int = 20, seconds: float = 60.0, bound: float = 1.0
) -> AsyncIterator[Made]:
    clock = FakeClock()
    db = DatabaseStateManager(tmp_path / "tasks.db", clock=clock)
    events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
    bus = EventBus(events, clock)
    table = task_specs(SchedulesSettings(), provider="none")
    row = replace(table[KIND], concurrency=concurrency, fresh_for=timedelta(1))
    specs = {KIND: replace(row, timeout_seconds=seconds)}
    tasks, owners = TaskStore(db), OwnerRegistry(tmp_path / "locks")
    planner = Planner(db, clock, tasks=tasks, events=events, specs=specs, account="none")
    processors: dict[TaskType, Made] = {}
    parts = Made(tmp_path / "tasks.db", db, clock, bus, tasks, events, planner, None, owners, {})  # type: ignore[arg-type]
    processors[KIND] = parts
    executor = TaskExecutor(
        db, events, bus, clock, specs=specs, processors=processors, concurrency=concurrency,
        margin_seconds=bound, grace_seconds=bound,
    )  # fmt: skip
    parts.scheduler = TaskScheduler(
        db, clock, owners=owners, tasks=tasks, event_bus=bus, executor=executor, specs=specs,
        lease_seconds=60,
    )  # fmt: skip
    await StockStateStore(db, clock, events).watch(SYMBOLS)
    try:
        yield parts
    finally:
        await owners.close()
        await db.close()


def note(tx: Transaction, symbol: str) -> None:
    tx.run("INSERT INTO state (key, value, updated_at) VALUES (?, '1', 0)", (f"note.{symbol}",))


async def notes(db: DatabaseStateManager) -> set[str]:
    rows = await db.read(lambda tx: tx.all("SELECT key FROM state WHERE key LIKE 'note.%'"))
    return {row[0].removeprefix("note.") for row in rows}


@pytest.mark.parametrize("error", [ValueError("no"), AttributeError("no"), ResourceError("no"), RecursionError("no")])
async def test_what_cannot_be_saved_harms_no_neighbour(tmp_path: Path, error: Exception) -> None:
    def saving(task: Task) -> Outcome:
        def save(tx: Transaction) -> tuple[Event, ...]:
            note(tx, task.symbol or "")
            if task.symbol == "S07":
                raise error
            return ()

        return Outcome(COMPLETED, save=save)

    async with made(tmp_path) as p:
        p.work = dict.fromkeys(SYMBOLS, saving)
        await p.planner.plan()
        outcomes = await p.scheduler.run_due()
        expected = {symbol: FAILED if symbol == "S07" else COMPLETED for symbol in SYMBOLS}
        assert await p.statuses() == expected
        assert {o.task.symbol: o.task.status for o in outcomes} == expected
        assert await notes(p.db) == set(SYMBOLS) - {"S07"}
        (failed,) = await p.tasks.list(status="FAILED", symbol=None, limit=5)
        assert failed.reason == f"the result could not be saved: {type(error).__name__}"
        assert len(await p.events.list(type="task.completed")) == len(SYMBOLS) - 1
        assert len(await p.events.list(type="task.failed")) == 1
        counted = await p.db.read(lambda tx: tx.all("SELECT status, n FROM task_counts ORDER BY status"))
        assert counted == [("COMPLETED", 19), ("FAILED", 1)]


async def test_a_lost_lease_in_a_batch_is_left_to_its_new_owner(tmp_path: Path) -> None:
    async with made(tmp_path) as p:

        async def loses(task: Task) -> Outcome:
            def steal(tx: Transaction) -> None:
                tx.run("UPDATE leases SET owner = 'another', attempt = attempt + 1 WHERE task_id = ?", (task.id,))

            await p.db.write(steal)
            return Outcome(COMPLETED, save=lambda tx: note(tx, "S03") or ())

        p.work["S03"] = loses
        await p.planner.plan()
        outcomes = {o.task.symbol: o.task for o in await p.scheduler.run_due()}
        assert (outcomes["S03"].status, outcomes["S03"].reason) == (DEFERRED, "taken over by another process")
        (running,) = await p.tasks.list(status="RUNNING", symbol=None, limit=5)
        assert (running.symbol, running.owner, running.attempts) == ("S03", "another", 2)
        assert await notes(p.db) == set()
        assert {symbol for symbol, status in (await p.statuses()).items() if status is COMPLETED} == set(SYMBOLS) - {
            "S03"
        }
        assert len(await p.events.list(type="task.completed")) == len(SYMBOLS) - 1


async def test_two_tasks_for_one_subject_never_run_together(tmp_path: Path) -> None:
    async with made(tmp_path) as p:
        now, running = p.clock.now(), list[str]()

        async def alone(task: Task) -> None:
            running.append(task.id)
            await asyncio.sleep(0)
            assert running == [task.id]
            running.remove(task.id)

        p.work["TWICE"] = alone
        twice = [
            new_task(KIND, "TWICE", now + timedelta(microseconds=n), now, priority=0, provider="none") for n in range(3)
        ]
        await p.db.write(lambda tx: task_rows.insert(tx, twice, {}))
        assert [o.task.id for o in await p.scheduler.run_due()] == [task.id for task in twice]
        assert [o.status for o in await p.tasks.many([task.id for task in twice])] == [COMPLETED] * 3


async def test_the_key_of_the_leases_is_what_is_worked_on(tmp_path: Path) -> None:
    async with made(tmp_path) as p:
        now = p.clock.now()
        task = new_task(KIND, "SBIN", now, now, priority=0, provider="none")
        await p.db.write(lambda tx: task_rows.insert(tx, [task], {}))
        wanted = Claim("me", now + timedelta(minutes=1), {KIND: "none"}, {KIND: 5})
        (mine,) = await p.db.write(lambda tx: task_leases.claim(tx, wanted, now))
        assert await p.db.write(lambda tx: task_leases.claim(tx, wanted._replace(owner="other"), now)) == []
        assert (mine.status, mine.owner, mine.attempts) == (TaskStatus.RUNNING, "me", 1)
        second = "INSERT INTO leases SELECT type, symbol, provider, 'another', 'other', until, 1, 0 FROM leases"
        with pytest.raises(ResourceError) as caught:
            await p.db.write(lambda tx: tx.run(second))
        assert caught.value.context.metadata["sqlite"] == "SQLITE_CONSTRAINT_PRIMARYKEY"


def commits(wal: Path) -> int:
    """How many transactions a write-ahead log holds: frames that carry the size of the database after a commit."""
    data = wal.read_bytes()
    size = int(struct.unpack(">I", data[8:12])[0])
    salts = data[16:24]
    frames = range(32, len(data) - 24 - size + 1, 24 + size)
    return sum(
        1 for at in frames if data[at + 8 : at + 16] == salts and struct.unpack(">I", data[at + 4 : at + 8])[0] != 0
    )


async def test_few_commits_serve_many_tasks(tmp_path: Path) -> None:
    """The disk is flushed once a commit (synchronous FULL), so this bounds flushes on every machine."""
    async with made(tmp_path, concurrency=100) as p:
        many = [f"M{n}" for n in range(1000)]
        await StockStateStore(p.db, p.clock, p.events).watch(many)
        before = commits(p.path.with_name("tasks.db-wal"))
        await p.planner.plan()
        outcomes = await p.scheduler.run_due()
        assert len(outcomes) == len(many) + len(SYMBOLS)
        used = commits(p.path.with_name("tasks.db-wal")) - before
        assert 0 < used <= len(outcomes) * 0.1


async def test_ends_that_come_one_by_one_are_each_on_disk_before_they_are_told(tmp_path: Path) -> None:
    async with made(tmp_path, concurrency=1) as p:
        written: list[TaskStatus] = []

        def done(outcome: TaskOutcome) -> None:
            told.append(asyncio.ensure_future(look(outcome.task.id)))

        async def look(task_id: str) -> None:
            written.append((await p.tasks.get(task_id)).status)

        told: list[asyncio.Future[None]] = []
        await p.planner.plan()
        await p.scheduler.run_due(done=done)
        await asyncio.gather(*told)
        assert written == [COMPLETED] * len(SYMBOLS)


async def test_the_start_is_told_to_who_listens_and_not_kept(tmp_path: Path) -> None:
    async with made(tmp_path) as p:
        seen: list[Event] = []

        async def listen(event: Event) -> None:
            seen.append(event)

        p.bus.subscribe(EventType.TASK_STARTED, listen)
        await p.planner.plan()
        await p.scheduler.run_due()
        assert sorted(event.data["symbol"] for event in seen) == SYMBOLS
        assert len({event.id for event in seen}) == len(SYMBOLS)
        assert await p.events.list(type="task.started") == ()


async def test_a_processor_that_ignores_its_cancellation_is_left_behind(tmp_path: Path) -> None:
    async with made(tmp_path, concurrency=2, seconds=0.0, bound=0.1) as p:

        async def deaf(_: Task) -> None:
            while True:
                try:
                    await asyncio.sleep(30)
                except asyncio.CancelledError:
                    continue

        async def slow(_: Task) -> None:
            await asyncio.sleep(30)

        p.work |= {"S00": deaf, "S01": slow}
        await p.planner.plan()
        outcomes = {o.task.symbol: o.task for o in await p.scheduler.run_due()}
        assert len(outcomes) == len(SYMBOLS)
        for symbol in ("S00", "S01"):
            assert outcomes[symbol].status is DEFERRED
            assert outcomes[symbol].error is not None
            assert outcomes[symbol].error["code"] == "TASK_TIMEOUT"


async def test_a_processor_may_bound_and_cancel_its_own_steps(tmp_path: Path) -> None:
    """Its first step runs in the same asyncio task as the rest, so that its own time limits find it."""
    async with made(tmp_path) as p:

        async def bounded(_: Task) -> Outcome:
            mine = asyncio.current_task()
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(30)
            except TimeoutError:
                assert asyncio.current_task() is mine
                return Outcome(TaskStatus.SKIPPED, "gave up by itself")
            return Outcome(COMPLETED)

        async def cancels(_: Task) -> None:
            raise asyncio.CancelledError

        p.work |= {"S00": bounded, "S01": cancels}
        await p.planner.plan()
        outcomes = {o.task.symbol: o.task for o in await p.scheduler.run_due()}
        assert (outcomes["S00"].status, outcomes["S00"].reason) == (TaskStatus.SKIPPED, "gave up by itself")
        assert (outcomes["S01"].status, outcomes["S01"].reason) == (FAILED, "the task cancelled itself")


async def test_cancelling_the_run_hands_everything_back(tmp_path: Path) -> None:
    """Also what the transaction under way at that instant claims."""
    for step in range(40):
        folder = tmp_path / str(step)
        folder.mkdir()
        async with made(folder, concurrency=3) as p:

            async def waits(_: Task) -> None:
                await asyncio.sleep(30)

            p.work = dict.fromkeys(SYMBOLS, waits)
            await p.planner.plan()
            running = asyncio.create_task(p.scheduler.run_due())
            await asyncio.sleep(step / 4000)  # anywhere between the first look and the third attempt
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert await p.db.read(lambda tx: tx.one("SELECT count(*) FROM leases")) == (0,)
            tasks = await p.tasks.list(status=None, symbol=None, limit=100)
            assert {(task.status, task.attempts) for task in tasks} == {(PENDING, 0)}


async def test_a_stop_lets_what_runs_end_and_begins_nothing_more(tmp_path: Path) -> None:
    async with made(tmp_path, concurrency=3) as p:
        stop = asyncio.Event()

        async def last(_: Task) -> None:
            stop.set()
            await asyncio.sleep(0.01)

        p.work = dict.fromkeys(SYMBOLS, last)
        await p.planner.plan()
        outcomes = await p.scheduler.run_due(stop=stop, grace_seconds=5)
        ended = [o.task.symbol for o in outcomes if o.task.status is COMPLETED]
        assert ended == p.started
        assert 1 <= len(ended) <= 3
        assert (await p.statuses()).keys() == set(SYMBOLS)
        assert sum(status is PENDING for status in (await p.statuses()).values()) == len(SYMBOLS) - len(ended)
