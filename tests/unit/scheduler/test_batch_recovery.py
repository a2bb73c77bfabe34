"""What a process killed in the middle of a shared call leaves behind, between any two of its steps."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_call_rows import ALONE, apart
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCall, PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from tests.support.perplexity_server import perplexity_server
from tests.support.spine import LEASE_SECONDS, Killed, Process, live, process, until
from tests.support.together import (
    PatientClock,
    Script,
    Together,
    batched,
    batches,
    claim,
    joint_answer,
    ledger_adds_up,
    lone_answer,
)

URL = "http://127.0.0.1:9"
SYMBOLS = ["INFY", "SBIN", "TCS"]
STEPS = ("claimed", "sent", "archived", "answered", "left out", "claimed alone", "sent alone", "archived alone",
         "answered alone")  # fmt: skip


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


def dies_after(last: str, missing: str) -> Script:
    """A process that is killed at once after a step of a shared call, in whose answer one symbol is missing."""

    async def script(p: Process, tasks: Sequence[Task]) -> None:
        ledger, documents, now = await p.get(PaidCallStore), await p.get(DocumentStore), p.clock.now()
        (left,) = (task for task in tasks if task.symbol == missing)

        def reached(step: str) -> None:
            if step == last:
                raise Killed

        call = await claim(p, tasks)
        reached("claimed")
        await call.sent("fingerprint")
        reached("sent")
        raw = joint_answer(SYMBOLS, without=[missing])
        if last == "archived":
            await documents.write(tasks[0], Dataset.EARNINGS, call.id, raw, now)
        reached("archived")
        await call.answered(raw)
        reached("answered")
        await batches(ledger).leave_out(left, Dataset.EARNINGS)
        reached("left out")
        alone = await ledger.claim(left, Dataset.EARNINGS)
        assert isinstance(alone, PaidCall)
        reached("claimed alone")
        await alone.sent("fingerprint")
        reached("sent alone")
        if last == "archived alone":
            await documents.write(left, Dataset.EARNINGS, apart(alone.id), lone_answer(missing), now)
        reached("archived alone")
        await alone.answered(lone_answer(missing))
        reached("answered alone")

    return script


async def leave_behind(home: Path, clock: PatientClock, step: str, missing: str) -> None:
    dying = Together(3, dies_after(step, missing))
    async with process(home, clock, dying.work, settings=live(home, URL)) as p:
        await p.watch(*SYMBOLS)
        with pytest.raises(Killed):
            await p.scheduler.tick()
        await p.killed()


@pytest.mark.parametrize("missing", ["INFY", "TCS"])  # the one whose row stands for the call, and another
@pytest.mark.parametrize("step", STEPS)
async def test_a_shared_call_of_a_killed_process_is_settled_by_the_next_one(
    home: Path, clock: PatientClock, step: str, missing: str
) -> None:
    """Never a second bill, nothing lost; who was not in the answer is asked for alone, if it was not yet."""
    await leave_behind(home, clock, step, missing)
    async with perplexity_server() as server, process(home, clock, settings=batched(home, server.url, 3)) as p:
        assert {task.status for task in await p.tasks()} == {TaskStatus.RUNNING}
        await p.scheduler.tick()
        tasks = {task.symbol or "": task for task in await p.tasks()}
        asked = sorted(tuple(sorted(row["symbols"])) for row in server.billed)
        unknown = {"sent": set(SYMBOLS), "sent alone": {missing}}.get(step, set())
        assert {symbol for symbol, task in tasks.items() if task.status is TaskStatus.UNKNOWN} == unknown
        assert {task.status for symbol, task in tasks.items() if symbol not in unknown} <= {TaskStatus.COMPLETED}
        lone = [(missing,)] if step in {"archived", "answered", "left out", "claimed alone"} else []
        assert asked == ([tuple(SYMBOLS)] if step == "claimed" else lone)
        await ledger_adds_up(p)
        calls = 1 + (step not in {"claimed", "sent"})
        assert sum(task.paid_calls for task in tasks.values()) == calls
        snapshot = await (await p.get(StatusStore)).snapshot("perplexity", clock.now(), recent=0)
        assert (snapshot.spent.day_calls, snapshot.unknown_calls, snapshot.running) == (calls, bool(unknown), 0)
        if not unknown:
            assert sum(task.cost_usd or 0 for task in tasks.values()) == snapshot.spent.day_usd
        # And it stays so.
        assert (await p.scheduler.tick()).outcomes == ()
        assert len(server.billed) == len(asked)


@pytest.mark.parametrize("step", STEPS)
async def test_dying_again_and_again_pays_no_more(home: Path, clock: PatientClock, step: str) -> None:
    """The next process dies too, in the middle of what it took over; the one after it makes it good."""
    await leave_behind(home, clock, step, "TCS")
    async with perplexity_server() as server:
        for behaviour in ("hang", "answer"):
            server.default = behaviour
            async with process(home, clock, settings=batched(home, server.url, 3)) as p:
                ticking = asyncio.create_task(p.scheduler.tick())
                await until(lambda: server.billed or ticking.done())  # noqa: B023
                if behaviour == "hang" and not ticking.done():
                    await p.killed()
                    ticking.cancel()
                await asyncio.wait((ticking,))
                if behaviour == "answer":
                    assert {task.status for task in await p.tasks()} <= {TaskStatus.COMPLETED, TaskStatus.UNKNOWN}
                    await ledger_adds_up(p)
        bills = Counter(symbol for row in server.billed for symbol in row["symbols"])
        assert all(count == 1 for count in bills.values())


@pytest.mark.parametrize("damage", ['{"document": {', None])
async def test_half_a_file_is_no_answer_for_any_of_them(home: Path, clock: PatientClock, damage: str | None) -> None:
    await leave_behind(home, clock, "archived", "TCS")
    (path,) = (home / "documents").rglob("*.json")
    if damage is None:
        path.unlink()
    else:
        path.write_text(damage, encoding="utf-8")
    async with perplexity_server() as server:
        async with process(home, clock, settings=batched(home, server.url, 3)) as p:
            await p.scheduler.tick()
            tasks = await p.tasks()
            assert {task.status for task in tasks} == {TaskStatus.UNKNOWN}
            assert sum(task.paid_calls for task in tasks) == 1
            await ledger_adds_up(p)
        assert server.billed == []


async def test_an_answer_that_comes_late_reopens_all_of_them(home: Path, clock: PatientClock) -> None:
    """A process that hung through its leases is answered when all are called unknown."""
    gate, woken = asyncio.Event(), asyncio.Event()

    async def hangs(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        await call.sent("fingerprint")
        woken.set()
        await gate.wait()
        await call.answered(joint_answer(SYMBOLS))

    async with perplexity_server() as server:
        slow_work = Together(3, hangs)
        async with (
            process(home, clock, slow_work.work, settings=live(home, URL)) as slow,
            process(home, clock, settings=batched(home, server.url, 3)) as p,
        ):
            await slow.watch(*SYMBOLS)
            ticking = asyncio.create_task(slow.scheduler.tick())
            await woken.wait()
            clock._elapsed += LEASE_SECONDS + 1
            await p.scheduler.tick()
            assert {task.status for task in await p.tasks()} == {TaskStatus.UNKNOWN}
            gate.set()
            await ticking
            assert slow_work.problem is None
            await p.scheduler.tick()
            tasks = await p.tasks()
            assert {task.status for task in tasks} == {TaskStatus.COMPLETED}
            assert sum(task.paid_calls for task in tasks) == 1
            assert len({task.document_id for task in tasks}) == 1
            await ledger_adds_up(p)
        assert server.billed == []


async def test_a_batch_that_is_switched_off_in_between_is_still_read(home: Path, clock: PatientClock) -> None:
    """The next process asks for each symbol by itself; what was archived together is taken apart all the same."""
    await leave_behind(home, clock, "archived", "TCS")
    async with perplexity_server() as server:
        async with process(home, clock, settings=batched(home, server.url, 1)) as p:
            await p.scheduler.tick()
            assert {task.status for task in await p.tasks()} == {TaskStatus.COMPLETED}
            assert sum((task.cost_usd or Decimal(0)) for task in await p.tasks()) > 0
            await ledger_adds_up(p)
        assert [row["symbols"] for row in server.billed] == [("TCS",)]


def test_the_document_of_a_lone_call_has_a_name_of_its_own() -> None:
    from robotrader.core.background_scheduler.stores.paid_call_rows import CallRow

    first, other = "01a200e1-9888-70c2-9afc-da9a961c88ea", "01a200e1-9888-7ca1-8ca1-c078cc154a40"
    shared = CallRow(other, CallStatus.SENT, "t", None, None, 1, first)
    assert (shared.archived_as, shared.stand_in, shared.shared) == (first, first, True)
    alone = CallRow(first, CallStatus.SENT, "t", None, None, 1, ALONE)
    assert (alone.stand_in, alone.shared) == (first, False)
    assert alone.archived_as == apart(first) == "01a200e1-9888-80c2-9afc-da9a961c88ea"
    plain = CallRow(first, CallStatus.SENT, "t", None, None, 1)
    assert (plain.archived_as, plain.stand_in, plain.shared) == (first, first, False)
