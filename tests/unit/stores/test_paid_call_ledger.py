"""The ledger of paid calls: one row a slot, its life, and the budget it is held against."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import (
    Limits,
    PaidCallStore,
    Spent,
    check_budget,
    day_of,
)
from robotrader.core.database_state import Transaction
from robotrader.core.errors import BudgetExceededError, OutcomeUnknownError
from robotrader.settings import BudgetSettings
from tests.support.clock import FakeClock
from tests.support.spine import Process, live, offline, process, raw_answer

URL = "http://127.0.0.1:9"
CENT = Decimal("0.01")
RESERVE = Decimal("0.02")
NONE = Spent(Decimal(0), Decimal(0), 0, 0)

Steps = Callable[[Process, Task, PaidCall], Awaitable[None]]


async def in_a_task(home: Path, clock: FakeClock, steps: Steps, budget: BudgetSettings | None = None) -> Spent:
    """Run ``steps`` in a claimed task with its call claimed; returns what is spent afterwards."""
    problems: list[BaseException] = []

    async def work(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        try:
            await steps(p, task, call)
        except AssertionError as problem:
            problems.append(problem)

    settings = live(home, URL, budget=budget or BudgetSettings())
    async with process(home, clock, work, settings=settings) as p:
        clock.advance(1)
        await p.scheduler.run_now("earnings", ["SBIN"], force=True)
        if problems:
            raise problems[0]
        return await (await p.get(PaidCallStore)).spent("perplexity")


async def test_a_call_that_is_answered_costs_its_bill(home: Path, clock: FakeClock) -> None:
    async def steps(p: Process, task: Task, call: PaidCall) -> None:
        ledger = await p.get(PaidCallStore)
        assert await ledger.spent("perplexity") == Spent(RESERVE, RESERVE, 1, 1)
        await call.sent("key")
        assert (call.outcome, call.sends) == (CallStatus.SENT, 1)
        document_id = await call.answered(raw_answer(cost="0.0123456789012345678901234567"))
        assert (call.outcome, call.cost_usd) == (CallStatus.ANSWERED, Decimal("0.0123456789012345678901234567"))
        assert await ledger.claim(task, Dataset.EARNINGS) == document_id

    bill = Decimal("0.0123456789012345678901234567")
    assert await in_a_task(home, clock, steps) == Spent(bill, bill, 1, 1)


async def test_a_bill_that_is_not_stated_stays_reserved(home: Path, clock: FakeClock) -> None:
    async def steps(_: Process, __: Task, call: PaidCall) -> None:
        await call.sent("key")
        await call.answered(raw_answer(cost=None))

    assert await in_a_task(home, clock, steps) == Spent(RESERVE, RESERVE, 1, 1)


async def test_a_call_is_sent_once(home: Path, clock: FakeClock) -> None:
    async def steps(p: Process, task: Task, call: PaidCall) -> None:
        await call.sent("key")
        with pytest.raises(OutcomeUnknownError):
            await call.sent("other")
        with pytest.raises(OutcomeUnknownError):
            await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert call.sends == 1
        await call.unknown("silence")
        with pytest.raises(OutcomeUnknownError):
            await call.sent("other")
        with pytest.raises(OutcomeUnknownError):
            await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)

    assert await in_a_task(home, clock, steps) == Spent(RESERVE, RESERVE, 1, 1)


async def test_an_answered_call_is_never_sent_again(home: Path, clock: FakeClock) -> None:
    async def steps(_: Process, __: Task, call: PaidCall) -> None:
        await call.sent("key")
        await call.answered(raw_answer())
        with pytest.raises(OutcomeUnknownError):
            await call.sent("key")

    assert await in_a_task(home, clock, steps) == Spent(CENT, CENT, 1, 1)


async def test_a_refusal_gives_back_and_may_be_sent_again(home: Path, clock: FakeClock) -> None:
    async def steps(p: Process, _: Task, call: PaidCall) -> None:
        ledger = await p.get(PaidCallStore)
        for attempt in range(1, 4):
            await call.sent("key")
            assert await ledger.spent("perplexity") == Spent(RESERVE, RESERVE, 1, 1)
            await call.refused("429")
            assert await ledger.spent("perplexity") == NONE
            assert call.sends == attempt
        await call.refused("once more")  # changes nothing
        await call.sent("key")
        await call.answered(raw_answer())

    assert await in_a_task(home, clock, steps) == Spent(CENT, CENT, 1, 1)


async def test_an_unknown_call_that_is_answered_late_costs_its_bill(home: Path, clock: FakeClock) -> None:
    async def steps(_: Process, __: Task, call: PaidCall) -> None:
        await call.sent("key")
        await call.unknown("silence")
        await call.refused("too late to say so")
        assert call.outcome is not CallStatus.SENT
        await call.answered(raw_answer())
        await call.answered(raw_answer(cost="9"))  # the first one counts

    assert await in_a_task(home, clock, steps) == Spent(CENT, CENT, 1, 1)


async def test_a_call_that_was_claimed_and_not_sent_gives_back(home: Path, clock: FakeClock) -> None:
    async def steps(_: Process, __: Task, call: PaidCall) -> None:
        await call.refused("not sent")

    assert await in_a_task(home, clock, steps) == NONE


@pytest.mark.parametrize(
    ("budget", "remedy"),
    [
        (BudgetSettings(daily_usd=Decimal("0.05")), "budget.daily_usd"),
        (BudgetSettings(monthly_usd=Decimal("0.05")), "budget.monthly_usd"),
        (BudgetSettings(daily_calls=2), "budget.daily_calls"),
        (BudgetSettings(monthly_calls=2), "budget.monthly_calls"),
        (BudgetSettings(daily_usd=Decimal("0.04")), "budget.daily_usd"),
    ],
)
async def test_the_budget_is_asked_before_a_call(
    home: Path, clock: FakeClock, budget: BudgetSettings, remedy: str
) -> None:
    """Two calls fit, to the last fraction of a cent; the third is held back, and nothing of it is written."""

    async def work(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        await call.sent("key")
        await call.unknown("silence")

    async with process(home, clock, work, settings=live(home, URL, budget=budget), concurrency=1) as p:
        report = await p.scheduler.run_now("earnings", ["AAA", "BBB", "CCC"], force=True)
        statuses = sorted(outcome.task.status for outcome in report.outcomes)
        assert statuses == [TaskStatus.COMPLETED, TaskStatus.COMPLETED, TaskStatus.DEFERRED]
        held = next(outcome for outcome in report.outcomes if outcome.task.status is TaskStatus.DEFERRED)
        assert held.exit_code == 6
        assert held.remedy is not None
        assert remedy in held.remedy
        assert (await (await p.get(PaidCallStore)).spent("perplexity")).day_calls == 2
        assert (await p.event_types()).count("system.budget_spent") == 1


async def test_a_spent_day_is_over_at_midnight_in_india(home: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 30, 18, 29, tzinfo=UTC))  # 23:59 IST on the last of the month

    async def steps(_: Process, __: Task, call: PaidCall) -> None:
        await call.sent("key")
        await call.answered(raw_answer())

    one_call = BudgetSettings(daily_calls=1)
    assert await in_a_task(home, clock, steps, one_call) == Spent(CENT, CENT, 1, 1)
    clock.advance(60)
    assert day_of(clock.now()) == "2026-12-01"
    assert await in_a_task(home, clock, steps, one_call) == Spent(CENT, CENT, 1, 1)


async def test_what_was_claimed_yesterday_and_sent_today_is_of_today(home: Path) -> None:
    """A row that a dead process claimed before midnight is held against the day on which it is sent."""
    from tests.support.spine import Killed

    clock = FakeClock(datetime(2026, 11, 20, 18, 29, tzinfo=UTC))

    async def dies(p: Process, task: Task) -> None:
        await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        raise Killed

    async def pays(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        await call.sent("key")
        await call.answered(raw_answer())

    async with process(home, clock, dies, settings=live(home, URL)) as p:
        await p.watch("SBIN")
        with pytest.raises(Killed):
            await p.scheduler.tick()
        await p.killed()
    clock.advance(3600)
    async with process(home, clock, pays, settings=live(home, URL)) as p:
        await p.scheduler.tick()
        assert await (await p.get(PaidCallStore)).spent("perplexity") == Spent(CENT, CENT, 1, 1)


async def test_the_sandbox_counts_and_limits_nothing(home: Path, clock: FakeClock) -> None:
    async def work(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        await call.sent("key")
        await call.answered(replace(raw_answer(), provider="sandbox"))

    settings = offline(home, budget=BudgetSettings(daily_usd=Decimal(0), daily_calls=0))
    async with process(home, clock, work, settings=settings) as p:
        (outcome,) = (await p.scheduler.run_now("earnings", ["SBIN"], force=True)).outcomes
        assert outcome.task.status is TaskStatus.COMPLETED
        assert await (await p.get(PaidCallStore)).spent("sandbox") == NONE
        assert len(await (await p.get(DocumentStore)).of(Dataset.EARNINGS, "SBIN")) == 1


def test_a_budget_without_limits_refuses_nothing() -> None:
    a_lot = Spent(Decimal(10**9), Decimal(10**9), 10**9, 10**9)
    check_budget(a_lot, Limits(None, None, None, None, RESERVE))


@pytest.mark.parametrize("spent", ["0.98", "0.979999999999999999999999"])
def test_the_last_call_may_use_the_budget_up(spent: str) -> None:
    so_far = Spent(Decimal(spent), Decimal(0), 0, 0)
    check_budget(so_far, Limits(Decimal(1), None, None, None, RESERVE))


def test_no_call_may_go_past_the_budget_by_any_fraction() -> None:
    so_far = Spent(Decimal("0.980000000000000000000000001"), Decimal(0), 0, 0)
    with pytest.raises(BudgetExceededError, match=r"the daily budget of \$1 is spent"):
        check_budget(so_far, Limits(Decimal(1), None, None, None, RESERVE))


def test_a_budget_of_nothing_allows_nothing() -> None:
    for limits in (
        Limits(Decimal(0), None, None, None, RESERVE),
        Limits(None, Decimal(0), None, None, RESERVE),
        Limits(None, None, 0, None, RESERVE),
        Limits(None, None, None, 0, RESERVE),
    ):
        with pytest.raises(BudgetExceededError):
            check_budget(NONE, limits)


def test_days_are_counted_in_india() -> None:
    midnight = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    assert day_of(midnight) == "2026-11-21"
    assert day_of(midnight - timedelta(microseconds=1)) == "2026-11-20"


async def test_sent_by_a_key_that_is_named_in_the_same_transaction(home: Path, clock: FakeClock) -> None:
    async def steps(p: Process, task: Task, call: PaidCall) -> None:
        ledger = await p.get(PaidCallStore)

        def mark(tx: Transaction) -> None:
            tx.run("INSERT INTO rate_reservations VALUES ('gate', 1, 0)")

        assert not await call.sent_by(mark)
        assert (call.outcome, call.sends) == (CallStatus.CLAIMED, 0)
        assert await ledger.look(lambda tx, _: tx.all("SELECT status, n FROM paid_calls, rate_reservations")) == [
            ("claimed", 0)
        ]
        assert await call.sent_by(lambda _: "key")
        assert (call.outcome, call.sends) == (CallStatus.SENT, 1)
        with pytest.raises(OutcomeUnknownError):
            await call.sent_by(lambda tx: str(tx.run("DELETE FROM rate_reservations")))
        assert await ledger.look(lambda tx, _: tx.one("SELECT count(*) FROM rate_reservations")) == (1,)
        await call.refused("429")

    await in_a_task(home, clock, steps)


async def test_a_reason_not_to_ask_is_looked_for_first(home: Path, clock: FakeClock) -> None:
    async def work(p: Process, task: Task) -> None:
        ledger = await p.get(PaidCallStore)
        found.append(await ledger.claim(task, Dataset.EARNINGS, unless=lambda _: 7))
        found.append(await ledger.look(lambda tx, _: tx.one("SELECT count(*) FROM paid_calls")))

    found: list[object] = []
    async with process(home, clock, work, settings=live(home, URL)) as p:
        clock.advance(1)
        await p.scheduler.run_now("earnings", ["SBIN"], force=True)
    assert found == [7, (0,)]
