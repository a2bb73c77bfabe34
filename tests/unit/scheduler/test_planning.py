"""Slots: planned once, caught up once, claimed in order, one subject at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores import stock_state_store
from robotrader.core.background_scheduler.triggers import parse_trigger
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import Event
from tests.support.clock import FakeClock
from tests.support.spine import DAY, HOUR, Process, process, until

COMPLETED, SKIPPED, PENDING = TaskStatus.COMPLETED, TaskStatus.SKIPPED, TaskStatus.PENDING
SEVEN_DAYS = timedelta(days=7)


async def nothing(_: Process, __: Task) -> None:
    """Complete at once."""


async def fetched(process: Process, task: Task) -> Outcome:
    """Complete as a fetch does: the symbol is fresh afterwards."""
    now = process.clock.now()

    def save(tx: Transaction) -> tuple[Event, ...]:
        stock_state_store.update(tx, task.symbol or "", Dataset.EARNINGS, task.provider or "", now, task.id, None)
        return ()

    return Outcome(COMPLETED, save=save)


async def test_what_was_never_fetched_is_due_at_once_and_runs_once(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched) as p:
        await p.watch("SBIN", "TCS")
        report = await p.scheduler.tick()
        assert sorted(outcome.task.symbol or "" for outcome in report.outcomes) == ["SBIN", "TCS"]
        assert {outcome.task.status for outcome in report.outcomes} == {COMPLETED}
        assert (await p.scheduler.tick()).outcomes == ()


async def test_eight_overlapping_ticks_run_each_slot_once(home: Path, clock: FakeClock) -> None:
    started = 0

    async def slowly(_: Process, __: Task) -> None:
        nonlocal started
        started += 1
        for _turn in range(50):
            await asyncio.sleep(0)

    symbols = [f"S{n}" for n in range(12)]
    async with process(home, clock, slowly) as first:
        await first.watch(*symbols)

        async def one() -> None:
            async with process(home, clock, slowly) as p:
                await p.scheduler.tick()

        await asyncio.gather(*(one() for _ in range(8)))
        tasks = await first.tasks()
    assert started == len(symbols)
    assert sorted(task.symbol or "" for task in tasks) == sorted(symbols)
    assert {task.status for task in tasks} == {COMPLETED}
    assert {task.attempts for task in tasks} == {1}


@pytest.mark.parametrize("trigger", ["every 15m", "daily 19:30", "cron 30 8 * * *"])
async def test_missed_slots_are_caught_up_once(home: Path, clock: FakeClock, trigger: str) -> None:
    row = {"trigger": parse_trigger(trigger), "fresh_for": timedelta(0)}
    async with process(home, clock, fetched, **row) as p:
        await p.watch("SBIN")
        assert len((await p.scheduler.tick()).outcomes) == 1
        clock.advance(30 * 86_400)
        assert len((await p.scheduler.tick()).outcomes) == 1
        assert (await p.scheduler.tick()).outcomes == ()
        newest = (await p.tasks())[-1]
        assert newest.slot == parse_trigger(trigger).latest(clock.now())


async def test_a_failed_slot_is_asked_again_in_the_next_slot_only(home: Path, clock: FakeClock) -> None:
    async def broken(_: Process, __: Task) -> None:
        raise ValidationError("cannot be meant")

    async with process(home, clock, broken) as p:
        await p.watch("SBIN")
        assert [o.task.status for o in (await p.scheduler.tick()).outcomes] == [TaskStatus.FAILED]
        assert (await p.scheduler.tick()).outcomes == ()
        clock.advance(11 * 3600)  # past 19:30 IST
        assert [o.task.status for o in (await p.scheduler.tick()).outcomes] == [TaskStatus.FAILED]


async def test_what_is_fresh_is_not_planned_until_it_is_stale(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        due = (await p.scheduler.outlook()).next_due
        assert due is not None
        assert due.at == clock.now() + SEVEN_DAYS
        clock.advance(SEVEN_DAYS.total_seconds() - 1)
        assert (await p.scheduler.tick()).outcomes == ()
        clock.advance(1)
        assert len((await p.scheduler.tick()).outcomes) == 1


async def test_the_stalest_symbol_comes_first(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, limit=1, fresh_for=HOUR, trigger=parse_trigger("every 1h")) as p:
        for symbol in ("TCS", "INFY", "SBIN"):
            await p.watch(symbol)
            await p.scheduler.tick()
            clock.advance(60)
        await p.watch("WIPRO")  # never fetched: staler than all
        p.runs.clear()
        clock.advance(4 * 3600)
        await p.scheduler.tick()
        assert [task.symbol for task in p.runs] == ["WIPRO", "TCS", "INFY", "SBIN"]


async def test_what_the_owner_asks_for_goes_first(home: Path, clock: FakeClock) -> None:
    """Tasks by hand that come while the process is busy are taken before those that a tick planned."""
    gate = asyncio.Event()

    async def gated(_: Process, __: Task) -> None:
        await gate.wait()

    async with process(home, clock, gated, limit=1) as p, process(home, clock, nothing) as hand:
        await p.watch("AAA", "BBB", "CCC", "DDD", "EEE")
        ticking = asyncio.create_task(p.scheduler.tick())
        await until(lambda: p.runs)
        already = len(await p.tasks(status="RUNNING"))
        await _write(hand, [_new_task(hand, *asked) for asked in (("LOW", -1), ("HIGH", 10), ("HIGHEST", 11))])
        gate.set()
        await ticking
        order = [task.symbol for task in p.runs]
        assert order[already : already + 2] == ["HIGHEST", "HIGH"]
        assert order[-1] == "LOW"


def _new_task(p: Process, symbol: str, priority: int) -> Task:
    from robotrader.core.background_scheduler.core.planner import new_task
    from tests.support.spine import KIND

    now = p.clock.now()
    return new_task(KIND, symbol, now, now, priority=priority, provider="sandbox")


async def _write(p: Process, tasks: list[Task]) -> None:
    from robotrader.core.background_scheduler.stores import task_rows

    db = await p.get(DatabaseStateManager)
    await db.write(lambda tx: task_rows.insert(tx, tasks, {}))


async def test_one_subject_is_worked_on_once_at_a_time(home: Path, clock: FakeClock) -> None:
    running = most = 0

    async def counted(_: Process, __: Task) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _turn in range(30):
            await asyncio.sleep(0)
        running -= 1

    async def by_hand() -> list[TaskStatus]:
        async with process(home, clock, counted) as p:
            clock.advance(1)
            report = await p.scheduler.run_now("earnings", ["SBIN"], force=True)
            return [outcome.task.status for outcome in report.outcomes]

    assert await asyncio.gather(*(by_hand() for _ in range(5))) == [[COMPLETED]] * 5
    assert most == 1


async def test_two_runs_asked_for_in_the_same_microsecond_are_both_reported(home: Path, clock: FakeClock) -> None:
    async def by_hand() -> list[str | None]:
        async with process(home, clock, nothing) as p:
            report = await p.scheduler.run_now("earnings", ["SBIN"], force=True)
            return [outcome.task.symbol for outcome in report.outcomes]

    assert await asyncio.gather(by_hand(), by_hand()) == [["SBIN"], ["SBIN"]]


async def test_a_symbol_named_twice_is_run_once(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        report = await p.scheduler.run_now("earnings", ["SBIN", "TCS", "SBIN"], force=False)
        assert [outcome.task.symbol for outcome in report.outcomes] == ["SBIN", "TCS"]


async def test_a_type_nobody_runs_is_refused_by_name(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        for word in ("news", "", "EARNINGS_ANALYSIS", "x" * 500):
            with pytest.raises(ValidationError) as caught:
                await p.scheduler.run_now(word, ["SBIN"], force=False)
            assert caught.value.context.remedy == "the types are: earnings"
        assert await p.tasks() == []


async def test_a_schedule_that_is_off_plans_nothing_but_runs_by_hand(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing, enabled=False) as p:
        await p.watch("SBIN")
        assert (await p.scheduler.tick()).outcomes == ()
        assert (await p.scheduler.outlook()).next_due is None
        async with asyncio.timeout(5):
            report = await p.scheduler.run_now("earnings", ["SBIN"], force=False)
        assert [outcome.task.status for outcome in report.outcomes] == [COMPLETED]


async def test_concurrency_is_bounded_over_the_process(home: Path, clock: FakeClock) -> None:
    running = most = 0

    async def counted(_: Process, __: Task) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    async with process(home, clock, counted, limit=3) as p:
        await p.watch(*(f"S{n}" for n in range(25)))
        assert len((await p.scheduler.tick()).outcomes) == 25
    assert most == 3


async def test_a_type_has_a_bound_of_its_own(home: Path, clock: FakeClock) -> None:
    running = most = 0

    async def counted(_: Process, __: Task) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    async with process(home, clock, counted, limit=10, concurrency=2) as p:
        await p.watch(*(f"S{n}" for n in range(9)))
        assert len((await p.scheduler.tick()).outcomes) == 9
    assert most == 2


async def test_the_outlook_says_what_a_tick_would_run(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched) as p:
        assert (await p.scheduler.outlook()).next_due is None
        await p.watch("SBIN", "TCS")
        outlook = await p.scheduler.outlook()
        assert [due.symbol for due in outlook.due] == ["SBIN", "TCS"]
        assert await p.tasks() == []
        await p.scheduler.tick()
        assert (await p.scheduler.outlook()).due == ()


async def test_a_task_of_another_provider_waits_for_it(home: Path, clock: FakeClock) -> None:
    """What the sandbox left waiting is not asked of (and billed by) Perplexity once there are keys."""
    from tests.support.spine import live

    async with process(home, clock, nothing) as sandbox:
        await _write(sandbox, [_new_task(sandbox, "SBIN", 0)])
    async with process(home, clock, nothing, settings=live(home, "http://127.0.0.1:9")) as p:
        assert (await p.scheduler.tick()).outcomes == ()
        assert p.runs == []
        report = await p.scheduler.run_now("earnings", ["SBIN"], force=False)
        assert [outcome.task.provider for outcome in report.outcomes] == ["perplexity"]
    async with process(home, clock, nothing) as sandbox:
        assert [o.task.symbol for o in (await sandbox.scheduler.tick()).outcomes] == ["SBIN"]


async def test_planning_is_told_with_the_task_ends(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        await p.watch("SBIN", "TCS")
        await p.scheduler.tick()
        told = await p.event_types()
        assert told.count("task.planned") == 1
        assert told.count("task.completed") == 2


async def test_the_day_is_counted_in_india(home: Path) -> None:
    """18:29 UTC is still today in India, 18:30 is tomorrow: the slot of 19:30 IST is 14:00 UTC."""
    clock = FakeClock(patience=10)
    async with process(home, clock, nothing) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        slot = (await p.only_task()).slot
        assert (slot.hour, slot.minute) == (14, 0)
        assert slot <= clock.now() < slot + DAY
