"""One paid call for several slots: rows that move together, one reservation, one bill, shares that add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Task
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_batches import LEFT_OUT, PaidBatches, Wanted
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore, Spent, split
from robotrader.core.database_state import DatabaseStateManager, Row
from robotrader.core.errors import BudgetExceededError, OutcomeUnknownError
from robotrader.settings import BudgetSettings
from tests.support.clock import FakeClock
from tests.support.spine import Process, live, process
from tests.support.together import BILL, Script, Together, claim, joint_answer, ledger_adds_up, lone_answer

URL = "http://127.0.0.1:9"
SYMBOLS = ["AAA", "BBB", "CCC"]
RESERVE = Decimal("0.02")
NONE = Spent(Decimal(0), Decimal(0), 0, 0)


async def in_tasks(home: Path, clock: FakeClock, script: Script, *, budget: BudgetSettings | None = None) -> None:
    """Run a script for three tasks that run at the same time."""
    shared = Together(len(SYMBOLS), script)
    settings = live(home, URL, budget=budget or BudgetSettings())
    async with process(home, clock, shared.work, settings=settings) as p:
        await p.watch(*SYMBOLS)
        await p.scheduler.tick()
        if shared.problem is not None:
            raise shared.problem
        await ledger_adds_up(p)


async def rows(p: Process) -> list[Row]:
    sql = "SELECT symbol, status, batch_id, document_id, cost_usd, sends, reason, id FROM paid_calls ORDER BY symbol"
    return await (await p.get(DatabaseStateManager)).read(lambda tx: tx.all(sql))


async def statuses(p: Process) -> list[str]:
    return [row[1] for row in await rows(p)]


async def spent(p: Process) -> Spent:
    return await (await p.get(PaidCallStore)).spent("perplexity")


async def lose_lease(p: Process, task: Task) -> None:
    sql = "UPDATE leases SET owner = 'another', attempt = attempt + 1 WHERE task_id = ?"
    await (await p.get(DatabaseStateManager)).write(lambda tx: tx.run(sql, (task.id,)))


async def test_one_call_is_reserved_counted_and_billed_for_all(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        assert await statuses(p) == ["claimed"] * 3
        assert await spent(p) == Spent(RESERVE, RESERVE, 1, 1)
        await call.sent("key")
        assert (await statuses(p), call.outcome) == (["sent"] * 3, CallStatus.SENT)
        assert await spent(p) == Spent(RESERVE, RESERVE, 1, 1)
        document_id = await call.answered(joint_answer(SYMBOLS))
        assert document_id == call.id
        assert await spent(p) == Spent(BILL, BILL, 1, 1)
        found = await rows(p)
        assert {row[1:4] for row in found} == {("answered", call.id, call.id)}
        assert sum(Decimal(row[4]) for row in found) == BILL
        bills = await PaidBatches(await p.get(PaidCallStore)).bills(tasks)
        assert sorted(bill.calls for bill in bills.values()) == [0, 0, 1]
        ledger = await p.get(PaidCallStore)
        assert {await ledger.claim(task, Dataset.EARNINGS) for task in tasks} == {document_id}
        archived = await (await p.get(DocumentStore)).load(document_id)
        assert archived.document.symbol in SYMBOLS
        assert len(list((home / "documents").rglob("*.json"))) == 1

    await in_tasks(home, clock, script)


async def test_a_bill_that_is_not_stated_stays_reserved_once(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        await call.sent("key")
        await call.answered(joint_answer(SYMBOLS, cost=None))
        assert await spent(p) == Spent(RESERVE, RESERVE, 1, 1)
        assert {row[4] for row in await rows(p)} == {None}

    await in_tasks(home, clock, script)


async def test_a_refusal_gives_back_and_the_same_rows_are_sent_again(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        for attempt in range(1, 4):
            await call.sent("key")
            assert await spent(p) == Spent(RESERVE, RESERVE, 1, 1)
            await call.refused("429")
            assert (await statuses(p), call.outcome) == (["refused"] * 3, CallStatus.REFUSED)
            assert await spent(p) == NONE
            assert [row[5] for row in await rows(p)] == [attempt] * 3
        await call.refused("once more")  # changes nothing
        await call.sent("key")
        await call.answered(joint_answer(SYMBOLS))

    await in_tasks(home, clock, script)


async def test_a_call_that_was_not_sent_gives_back(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        await (await claim(p, tasks)).refused("not sent")
        assert await spent(p) == NONE

    await in_tasks(home, clock, script)


async def test_nobody_knows_is_said_of_all_and_none_is_sent_again(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        await call.sent("key")
        with pytest.raises(OutcomeUnknownError):
            await call.sent("other")
        await call.unknown("silence")
        assert await statuses(p) == ["unknown"] * 3
        assert await spent(p) == Spent(RESERVE, RESERVE, 1, 1)
        with pytest.raises(OutcomeUnknownError):
            await call.sent("other")
        ledger = await p.get(PaidCallStore)
        for task in tasks:
            assert not await PaidBatches(ledger).sharable(Wanted(task, None), Dataset.EARNINGS)
            with pytest.raises(OutcomeUnknownError):
                await ledger.claim(task, Dataset.EARNINGS)
        assert await PaidBatches(ledger).claim([Wanted(task, None) for task in tasks], Dataset.EARNINGS) is None
        await call.answered(joint_answer(SYMBOLS))  # after all
        assert await spent(p) == Spent(BILL, BILL, 1, 1)
        await call.answered(joint_answer(SYMBOLS, cost=Decimal(9)))  # the first one counts
        assert await spent(p) == Spent(BILL, BILL, 1, 1)

    await in_tasks(home, clock, script)


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_who_lost_its_lease_is_left_out_and_the_others_go_on(home: Path, clock: FakeClock, lost: int) -> None:
    """Also where it is the row that stood for the call: what it holds is for whoever took it over to give back."""

    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        await lose_lease(p, tasks[lost])
        await call.sent("key")
        rest = [task for task in tasks if task is not tasks[lost]]
        assert [member.task for member in call.members] == rest
        expected = ["sent"] * 3
        expected[lost] = "claimed"
        assert await statuses(p) == expected
        document_id = await call.answered(joint_answer(SYMBOLS))
        found = await rows(p)
        assert {row[3] for row in found} == {document_id, None}
        assert sum(Decimal(row[4]) for row in found if row[4]) == BILL
        assert (await spent(p)).day_calls == (2 if lost == 0 else 1)

    await in_tasks(home, clock, script)


async def test_where_every_lease_is_lost_nothing_leaves(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        for task in tasks:
            await lose_lease(p, task)
        with pytest.raises(OutcomeUnknownError):
            await call.sent("key")
        assert await statuses(p) == ["claimed"] * 3

    await in_tasks(home, clock, script)


async def test_who_left_early_stays_unknown_when_the_others_are_sent_again(home: Path, clock: FakeClock) -> None:
    """Its end was written while the request was under way: it may have been billed for all anyone knew."""

    async def script(p: Process, tasks: Sequence[Task]) -> None:
        call = await claim(p, tasks)
        await call.sent("key")
        sql = "UPDATE paid_calls SET status = 'unknown' WHERE task_id = ?"
        await (await p.get(DatabaseStateManager)).write(lambda tx: tx.run(sql, (tasks[0].id,)))
        await call.refused("429")
        assert await statuses(p) == ["unknown", "refused", "refused"]
        await call.sent("key")
        assert await statuses(p) == ["unknown", "sent", "sent"]
        assert [member.task for member in call.members] == list(tasks[1:])
        assert (await spent(p)).day_calls == 2
        await call.answered(joint_answer(SYMBOLS))
        assert await statuses(p) == ["unknown", "answered", "answered"]

    await in_tasks(home, clock, script)


async def test_the_budget_counts_a_batch_as_one_call(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        ledger = await p.get(PaidCallStore)
        call = await claim(p, tasks[:2])
        with pytest.raises(BudgetExceededError):
            await ledger.claim(tasks[2], Dataset.EARNINGS)
        await call.refused("not sent")
        first = await ledger.claim(tasks[2], Dataset.EARNINGS)
        assert isinstance(first, PaidCall)
        with pytest.raises(BudgetExceededError):
            await claim(p, tasks[:2])
        assert await statuses(p) == ["refused", "refused", "claimed"]
        with pytest.raises(BudgetExceededError):
            await call.sent("key")
        assert await statuses(p) == ["refused", "refused", "claimed"]

    await in_tasks(home, clock, script, budget=BudgetSettings(daily_calls=1))


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("cost", [BILL, None])
async def test_who_is_not_in_the_answer_asks_alone_and_keeps_its_share(
    home: Path, clock: FakeClock, which: int, cost: Decimal | None
) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        ledger = await p.get(PaidCallStore)
        shared, task = PaidBatches(ledger), tasks[which]
        call = await claim(p, tasks)
        await call.sent("key")
        document_id = await call.answered(joint_answer(SYMBOLS, without=[task.symbol or ""], cost=cost))
        await shared.leave_out(task, Dataset.EARNINGS)
        found = (await rows(p))[which]
        assert (found[1], found[2], found[3], found[6]) == ("refused", "alone", None, LEFT_OUT)
        assert not await shared.sharable(Wanted(task, None), Dataset.EARNINGS)
        with pytest.raises(OutcomeUnknownError):
            await shared.leave_out(task, Dataset.EARNINGS)
        # Refused, sent again, as often as it takes: it never becomes part of a batch again.
        alone = await ledger.claim(task, Dataset.EARNINGS)
        assert isinstance(alone, PaidCall)
        await alone.sent("key")
        await alone.refused("429")
        assert not await shared.sharable(Wanted(task, None), Dataset.EARNINGS)
        await alone.sent("key")
        mine = await alone.answered(lone_answer(task.symbol or "", cost=cost))
        assert mine != document_id
        documents = await p.get(DocumentStore)
        kept = await documents.load(document_id)
        assert kept.raw.body == joint_answer(SYMBOLS, without=[task.symbol or ""]).body
        assert (await documents.load(mine)).document.symbol == task.symbol
        assert (await spent(p)).day_calls == 2
        bills = await shared.bills(tasks)
        assert bills[task.id].calls == (2 if which == 0 else 1)
        assert sum(bill.calls for bill in bills.values()) == 2
        if cost is not None:
            assert sum(bill.usd or 0 for bill in bills.values()) == 2 * cost
        with pytest.raises(OutcomeUnknownError):
            await shared.leave_out(task, Dataset.EARNINGS)

    await in_tasks(home, clock, script)


async def test_a_task_alone_is_no_batch(home: Path, clock: FakeClock) -> None:
    async def script(p: Process, tasks: Sequence[Task]) -> None:
        ledger = await p.get(PaidCallStore)
        assert await PaidBatches(ledger).claim([Wanted(tasks[0], None)], Dataset.EARNINGS) is None
        assert await rows(p) == []
        single = await ledger.claim(tasks[0], Dataset.EARNINGS)
        assert isinstance(single, PaidCall)
        await single.sent("key")
        call = await PaidBatches(ledger).claim([Wanted(task, None) for task in tasks], Dataset.EARNINGS)
        assert call is not None
        assert [member.task for member in call.members] == list(tasks[1:])
        await single.answered(lone_answer("AAA"))
        with pytest.raises(OutcomeUnknownError):
            await PaidBatches(ledger).leave_out(tasks[0], Dataset.EARNINGS)
        assert await statuses(p) == ["answered", "claimed", "claimed"]

    await in_tasks(home, clock, script)


@given(st.decimals(0, 100, places=12) | st.decimals(0, 1, places=28), st.integers(1, 20))
def test_shares_add_up_to_the_bill_exactly(bill: Decimal, count: int) -> None:
    shares = split(bill, count)
    assert len(shares) == count
    assert sum(shares, Decimal(0)).compare(bill) == 0
    assert all(share >= 0 for share in shares)
    assert max(shares) - min(shares) < Decimal("3e-11")
