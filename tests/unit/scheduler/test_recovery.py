"""What a process that died or hangs leaves behind, at each instant of a paid call; and who takes it over."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCall, PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.errors import OutcomeUnknownError
from tests.support.clock import FakeClock
from tests.support.spine import LEASE_SECONDS, Killed, Process, Work, live, process, raw_answer, until

URL = "http://127.0.0.1:9"
STEPS = ("claimed", "sent", "archived", "answered")


async def claimed(p: Process, task: Task) -> PaidCall | str:
    return await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)


async def documents(p: Process) -> int:
    return len(await (await p.get(DocumentStore)).of(Dataset.EARNINGS, None))


def dies_when(step: str) -> Work:
    """A processor whose process is killed at once after ``step`` of its paid call."""

    async def work(p: Process, task: Task) -> None:
        call = await claimed(p, task)
        assert isinstance(call, PaidCall)
        if step == "claimed":
            raise Killed
        await call.sent("fingerprint")
        if step == "sent":
            raise Killed
        raw = raw_answer()
        if step == "archived":
            await (await p.get(DocumentStore)).write(task, Dataset.EARNINGS, call.id, raw, p.clock.now())
            raise Killed
        await call.answered(raw)
        raise Killed

    return work


def pays(sent: list[str]) -> Work:
    """A processor that pays where it must, and says so in ``sent``."""

    async def work(p: Process, task: Task) -> Outcome:
        call = await claimed(p, task)
        if isinstance(call, str):
            return Outcome(TaskStatus.COMPLETED, "from the archive", document_id=call)
        await call.sent("fingerprint")
        sent.append(task.symbol or "")
        document_id = await call.answered(raw_answer())
        return Outcome(TaskStatus.COMPLETED, "paid", document_id=document_id, paid_calls=1)

    return work


async def leave_behind(home: Path, clock: FakeClock, step: str) -> None:
    """A process is killed at ``step`` of the only task."""
    async with process(home, clock, dies_when(step), settings=live(home, URL)) as dying:
        await dying.watch("SBIN")
        with pytest.raises(Killed):
            await dying.scheduler.tick()
        await dying.killed()


@pytest.mark.parametrize("step", STEPS)
async def test_a_task_of_a_killed_process_is_settled_by_the_next_one(home: Path, clock: FakeClock, step: str) -> None:
    await leave_behind(home, clock, step)
    sent: list[str] = []
    async with process(home, clock, pays(sent), settings=live(home, URL)) as p:
        assert (await p.only_task()).status is TaskStatus.RUNNING
        await p.scheduler.tick()
        task = await p.only_task()
        snapshot = await (await p.get(StatusStore)).snapshot("perplexity", clock.now(), recent=0)
        if step == "claimed":
            assert (task.status, task.reason, sent) == (TaskStatus.COMPLETED, "paid", ["SBIN"])
        elif step == "sent":
            assert (task.status, sent, task.paid_calls) == (TaskStatus.UNKNOWN, [], 1)
            assert task.error is not None
            assert task.error["code"] == OutcomeUnknownError.code
        else:
            assert (task.status, task.reason, sent) == (TaskStatus.COMPLETED, "from the archive", [])
            assert task.document_id is not None
        assert snapshot.unknown_calls == (step == "sent")
        assert snapshot.spent.day_calls == 1
        assert snapshot.running == 0
        assert task.attempts == (1 if step == "sent" else 2)
        # And it stays so: nothing is sent later, in this slot or by recovering once more.
        await p.scheduler.tick()
        assert sent == (["SBIN"] if step == "claimed" else [])


@pytest.mark.parametrize("step", STEPS)
async def test_every_settlement_is_told(home: Path, clock: FakeClock, step: str) -> None:
    await leave_behind(home, clock, step)
    async with process(home, clock, pays([]), settings=live(home, URL)) as p:
        await p.scheduler.tick()
        told = await p.event_types()
        last = "task.unknown" if step == "sent" else "task.completed"
        assert told.count(last) == 1
        assert told.count("task.deferred") == (step != "sent")


async def test_an_unknown_slot_is_not_asked_again_by_a_plain_run(home: Path, clock: FakeClock) -> None:
    """Only the next slot, --force and tasks retry ask again for what may have been paid."""
    await leave_behind(home, clock, "sent")
    sent: list[str] = []
    async with process(home, clock, settings=live(home, URL)) as p:
        await p.scheduler.tick()
        clock.advance(1)
        report = await p.scheduler.run_now("earnings", ["SBIN"], force=False)
        (outcome,) = report.outcomes
        assert outcome.task.status is TaskStatus.UNKNOWN
        assert outcome.exit_code == 4
        assert outcome.task.paid_calls == 0
        assert (await (await p.get(PaidCallStore)).spent("perplexity")).day_calls == 1
    async with process(home, clock, pays(sent), settings=live(home, URL)) as p:
        (again,) = (await p.scheduler.retry((await p.tasks())[0].id)).outcomes
        assert (again.task.status, sent) == (TaskStatus.COMPLETED, ["SBIN"])


async def test_an_unknown_slot_is_asked_again_in_the_next_slot(home: Path, clock: FakeClock) -> None:
    await leave_behind(home, clock, "sent")
    sent: list[str] = []
    async with process(home, clock, pays(sent), settings=live(home, URL)) as p:
        await p.scheduler.tick()
        assert sent == []
        clock.advance(86_400)
        await p.scheduler.tick()
        assert sent == ["SBIN"]


async def test_a_lease_that_ran_out_is_taken_over_though_its_owner_lives(home: Path, clock: FakeClock) -> None:
    sent: list[str] = []
    async with (
        process(home, clock, dies_when("claimed"), settings=live(home, URL)) as hanging,
        process(home, clock, pays(sent), settings=live(home, URL)) as p,
    ):
        await hanging.watch("SBIN")
        with pytest.raises(Killed):
            await hanging.scheduler.tick()
        await p.scheduler.tick()
        assert ((await p.only_task()).status, sent) == (TaskStatus.RUNNING, [])
        clock.advance(LEASE_SECONDS - 1)
        await p.scheduler.tick()
        assert ((await p.only_task()).status, sent) == (TaskStatus.RUNNING, [])
        clock.advance(1)
        await p.scheduler.tick()
        assert ((await p.only_task()).status, sent) == (TaskStatus.COMPLETED, ["SBIN"])


async def test_a_lease_is_renewed_while_its_owner_works(home: Path, clock: FakeClock) -> None:
    async def long(_: Process, __: Task) -> None:
        for _turn in range(30):
            clock.advance(LEASE_SECONDS / 5)
            for _pause in range(40):  # the renewal is under way in the database's thread
                await asyncio.sleep(0.001)

    async with process(home, clock, long) as busy, process(home, clock, long) as other:
        await busy.watch("SBIN")
        ticking = asyncio.create_task(busy.scheduler.tick())
        await until(lambda: busy.runs)
        while not ticking.done():
            await other.scheduler.tick()
            assert (await other.only_task()).attempts == 1
        (outcome,) = (await ticking).outcomes
        assert outcome.task.status is TaskStatus.COMPLETED
        assert other.runs == []


async def test_who_lost_the_lease_can_neither_send_nor_finish(home: Path, clock: FakeClock) -> None:
    """A process that hung through its lease wakes up when another one has done the work."""
    gate, woken = asyncio.Event(), asyncio.Event()
    refused: list[type[BaseException]] = []
    sent: list[str] = []

    async def hangs(p: Process, task: Task) -> None:
        call = await claimed(p, task)
        assert isinstance(call, PaidCall)
        woken.set()
        await gate.wait()
        try:
            await call.sent("late")
        except OutcomeUnknownError as error:
            refused.append(type(error))
            raise
        sent.append("late")

    async with (
        process(home, clock, hangs, settings=live(home, URL)) as slow,
        process(home, clock, pays(sent), settings=live(home, URL)) as p,
    ):
        await slow.watch("SBIN")
        ticking = asyncio.create_task(slow.scheduler.tick())
        await woken.wait()
        # The whole process stood still: its renewals too.
        db_lease = LEASE_SECONDS + 1
        clock._elapsed += db_lease
        await p.scheduler.tick()
        assert sent == ["SBIN"]
        gate.set()
        (outcome,) = (await ticking).outcomes
        assert refused == [OutcomeUnknownError]
        assert sent == ["SBIN"]
        assert outcome.task.reason == "taken over by another process"
        task = await p.only_task()
        assert (task.status, task.attempts) == (TaskStatus.COMPLETED, 2)
        assert (await (await p.get(PaidCallStore)).spent("perplexity")).day_calls == 1


async def test_an_answer_that_comes_late_reopens_its_task(home: Path, clock: FakeClock) -> None:
    gate, woken = asyncio.Event(), asyncio.Event()
    sent: list[str] = []

    async def hangs(p: Process, task: Task) -> None:
        call = await claimed(p, task)
        assert isinstance(call, PaidCall)
        await call.sent("fingerprint")
        woken.set()
        await gate.wait()
        await call.answered(raw_answer())

    async with (
        process(home, clock, hangs, settings=live(home, URL)) as slow,
        process(home, clock, pays(sent), settings=live(home, URL)) as p,
    ):
        await slow.watch("SBIN")
        ticking = asyncio.create_task(slow.scheduler.tick())
        await woken.wait()
        clock._elapsed += LEASE_SECONDS + 1
        await p.scheduler.tick()
        assert (await p.only_task()).status is TaskStatus.UNKNOWN
        gate.set()
        await ticking
        await p.scheduler.tick()
        task = await p.only_task()
        assert (task.status, task.reason, sent) == (TaskStatus.COMPLETED, "from the archive", [])
        assert task.paid_calls == 1
        status = await (await p.get(StatusStore)).snapshot("perplexity", clock.now(), recent=0)
        assert status.unknown_calls == 0


async def test_a_damaged_archive_file_stops_nothing_else(home: Path, clock: FakeClock) -> None:
    """One file that cannot be read leaves its own call unknown; the rest of the home goes on."""
    async with process(home, clock, dies_when("archived"), settings=live(home, URL)) as dying:
        await dying.watch("SBIN")
        with pytest.raises(Killed):
            await dying.scheduler.tick()
        await dying.killed()
    (path,) = (home / "documents").rglob("*.json")
    path.write_text('{"document": {', encoding="utf-8")
    sent: list[str] = []
    async with process(home, clock, pays(sent), settings=live(home, URL)) as p:
        await p.watch("TCS")
        await p.scheduler.tick()
        assert {task.symbol: task.status for task in await p.tasks()} == {
            "SBIN": TaskStatus.UNKNOWN,
            "TCS": TaskStatus.COMPLETED,
        }
        assert sent == ["TCS"]


async def test_a_task_that_kills_each_process_fails_in_the_end(home: Path, clock: FakeClock) -> None:
    deaths = 0

    async def kills(_: Process, __: Task) -> None:
        raise Killed

    while deaths < 100:
        async with process(home, clock, kills) as p:
            await p.watch("SBIN")
            try:
                await p.scheduler.tick()
            except Killed:
                deaths += 1
            else:
                break
            await p.killed()
    async with process(home, clock, kills) as p:
        task = await p.only_task()
        assert task.status is TaskStatus.FAILED
        assert task.reason == f"the process running it died {deaths} times"
        assert 10 <= deaths < 100  # rare enough that no run of bad luck is taken for a cause


async def test_waiting_for_the_budget_is_not_dying(home: Path, clock: FakeClock) -> None:
    """Attempts that a budget held back count neither as tries nor as crashes."""
    from robotrader.core.errors import BudgetExceededError, RateLimitError

    errors: list[Exception] = [BudgetExceededError("spent")] * 40 + [RateLimitError("slow down", retry_after_seconds=5)]

    async def held(_: Process, __: Task) -> None:
        if errors:
            raise errors.pop(0)

    async with process(home, clock, held) as p:
        await p.watch("SBIN")
        for _ in range(40):
            (outcome,) = (await p.scheduler.tick()).outcomes
            assert (outcome.task.status, outcome.exit_code) == (TaskStatus.DEFERRED, 6)
            clock.advance(900)
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert outcome.task.status is TaskStatus.DEFERRED
        clock.advance(5)
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert outcome.task.status is TaskStatus.COMPLETED


async def test_what_a_stopped_process_hands_back_is_not_counted_as_a_crash(home: Path, clock: FakeClock) -> None:
    gate = asyncio.Event()

    async def waits(_: Process, __: Task) -> None:
        await gate.wait()

    for _ in range(40):
        async with process(home, clock, waits) as p:
            await p.watch("SBIN")
            stop = asyncio.Event()
            ticking = asyncio.create_task(p.scheduler.tick(stop=stop))
            await until(lambda: p.runs)
            stop.set()
            await ticking
    async with process(home, clock, dies_when("claimed"), settings=None) as dying:
        with pytest.raises(Killed):
            await dying.scheduler.tick()
        await dying.killed()
    gate.set()
    async with process(home, clock, waits) as p:
        await p.scheduler.tick()
        assert (await p.only_task()).status is TaskStatus.COMPLETED


async def test_the_lock_of_a_dead_owner_is_cleared_away(home: Path, clock: FakeClock) -> None:
    await leave_behind(home, clock, "claimed")
    async with process(home, clock, pays([]), settings=live(home, URL)) as p:
        await p.scheduler.tick()
    assert list((home / "locks").glob("*.lock")) == []
