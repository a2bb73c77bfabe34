"""How attempts end: the retry decision, the states that follow, stopping, and what the owner does by hand."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.background_scheduler.config.task_specs import WATCH_AGAIN_SECONDS, task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.executors.retry_decision import decide
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import Dataset, RunReport, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCall, PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.background_scheduler.triggers import parse_trigger
from robotrader.core.clock import EPOCH
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import (
    APIError,
    AuthenticationError,
    BudgetExceededError,
    CircuitOpenError,
    ConfigurationError,
    ConnectionFailedError,
    HaltedError,
    InitializationError,
    LockedError,
    LoginRequiredError,
    NoDataError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitError,
    RequestRefusedError,
    ResponseError,
    StoreBusyError,
    SystemFailure,
    TaskTimeoutError,
    TradingError,
    UnknownSymbolError,
    UpstreamError,
    ValidationError,
)
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.settings import SchedulesSettings
from tests.support.clock import FakeClock
from tests.support.spine import Process, live, offline, process, raw_answer, until

DEFERRED, FAILED, UNKNOWN = TaskStatus.DEFERRED, TaskStatus.FAILED, TaskStatus.UNKNOWN
COMPLETED, CANCELLED, PENDING = TaskStatus.COMPLETED, TaskStatus.CANCELLED, TaskStatus.PENDING
NOW = EPOCH + timedelta(days=20_000)
URL = "http://127.0.0.1:9"


async def nothing(_: Process, __: Task) -> None:
    """Complete at once."""


@pytest.mark.parametrize(
    ("error", "attempts", "status", "wait"),
    [
        (ConnectionFailedError("x"), 1, DEFERRED, 30),
        (ConnectionFailedError("x"), 2, DEFERRED, 60),
        (ConnectionFailedError("x"), 3, FAILED, None),
        (UpstreamError("x"), 1, DEFERRED, 30),
        (UpstreamError("x", retry_after_seconds=7), 1, DEFERRED, 7),
        (UpstreamError("x", retry_after_seconds=7), 3, FAILED, None),
        (RateLimitError("x", retry_after_seconds=100_000), 2, DEFERRED, 100_000),
        (RateLimitError("x", retry_after_seconds=-5), 2, DEFERRED, 0),
        (CircuitOpenError("x"), 1, DEFERRED, 30),
        (StoreBusyError("x"), 1, DEFERRED, 30),
        (TaskTimeoutError("x"), 1, DEFERRED, 30),
        (TaskTimeoutError("x"), 3, FAILED, None),
        (BudgetExceededError("x"), 1, DEFERRED, 900),
        (BudgetExceededError("x"), 500, DEFERRED, 900),
        (HaltedError("x"), 500, DEFERRED, 900),
        (AuthenticationError("x"), 500, DEFERRED, 900),
        (ConfigurationError("x"), 500, DEFERRED, 900),
        (LoginRequiredError("x"), 500, DEFERRED, 900),
        (OutcomeUnknownError("x"), 1, UNKNOWN, None),
        (OutcomeUnknownError("x", recoverable=True), 1, UNKNOWN, None),
        (NoDataError("x"), 1, FAILED, None),
        (UnknownSymbolError("x"), 1, FAILED, None),
        (ResponseError("x"), 1, FAILED, None),
        (RequestRefusedError("x"), 1, FAILED, None),
        (ValidationError("x"), 1, FAILED, None),
        (SystemFailure("x"), 1, FAILED, None),
        (APIError("x", recoverable=True), 1, DEFERRED, 30),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, TradingError) else str(value),
)
def test_what_follows_from_an_error(error: TradingError, attempts: int, status: TaskStatus, wait: float | None) -> None:
    ending = decide(error, attempts, 3, NOW)
    assert ending.status is status
    assert ending.not_before == (None if wait is None else NOW + timedelta(seconds=wait))
    assert ending.reason == "x"
    assert ending.error == {**error.to_dict(), "remedy": None}


def test_the_wait_is_bounded_and_the_document_is_kept() -> None:
    assert decide(UpstreamError("x"), 9, 10, NOW).not_before == NOW + timedelta(seconds=3600)
    assert decide(NoDataError("x", metadata={"document_id": "d"}), 1, 3, NOW).document_id == "d"


@pytest.mark.parametrize(
    ("error", "attempts", "wait"),
    [
        (RateLimitError("x", retry_after_seconds=7200), 1, 45),
        (RateLimitError("x", retry_after_seconds=5), 1, 5),
        (UpstreamError("x"), 1, 30),
        (UpstreamError("x"), 2, 45),
        (LoginRequiredError("x"), 500, 45),
        (ConfigurationError("x"), 500, 45),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, TradingError) else str(value),
)
def test_what_watches_looks_again_within_the_minute(error: TradingError, attempts: int, wait: float) -> None:
    ending = decide(error, attempts, 3, NOW, longest_seconds=WATCH_AGAIN_SECONDS)
    assert (ending.status, ending.not_before) == (DEFERRED, NOW + timedelta(seconds=wait))
    assert WATCH_AGAIN_SECONDS <= 60


async def test_a_passing_trouble_is_tried_again_until_it_has_failed(home: Path, clock: FakeClock) -> None:
    async def broken(_: Process, __: Task) -> None:
        raise UpstreamError("it has a problem")

    async with process(home, clock, broken) as p:
        await p.watch("SBIN")
        for attempt, wait in ((1, 30), (2, 60)):
            (outcome,) = (await p.scheduler.tick()).outcomes
            task = outcome.task
            assert (task.status, task.attempts, outcome.exit_code) == (DEFERRED, attempt, 4)
            assert task.not_before == clock.now() + timedelta(seconds=wait)
            due = (await p.scheduler.outlook()).next_due
            assert due is not None
            assert due.at == task.not_before
            clock.advance(wait - 1)
            assert (await p.scheduler.tick()).outcomes == ()
            clock.advance(1)
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert (outcome.task.status, outcome.task.attempts) == (FAILED, 3)
        assert outcome.task.finished_at == clock.now()
        told = await p.event_types()
        assert (told.count("task.deferred"), told.count("task.failed")) == (2, 1)


async def test_the_servers_own_hint_is_kept(home: Path, clock: FakeClock) -> None:
    async def limited(_: Process, task: Task) -> None:
        if task.attempts == 1:
            raise RateLimitError("slow down", retry_after_seconds=7.5)

    async with process(home, clock, limited) as p:
        await p.watch("SBIN")
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert outcome.task.not_before == clock.now() + timedelta(seconds=7.5)
        clock.advance(7.5)
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert (outcome.task.status, outcome.task.reason, outcome.task.error) == (COMPLETED, None, None)


async def test_a_processor_that_breaks_fails_its_task_alone(
    home: Path, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def breaks(_: Process, task: Task) -> None:
        if task.symbol == "BAD":
            raise ZeroDivisionError("pplx-not-for-the-screen")

    with caplog.at_level(logging.ERROR):
        async with process(home, clock, breaks) as p:
            await p.watch("BAD", "SBIN")
            report = await p.scheduler.tick()
    outcomes = {outcome.task.symbol: outcome for outcome in report.outcomes}
    assert outcomes["SBIN"].task.status is COMPLETED
    bad = outcomes["BAD"]
    assert (bad.task.status, bad.exit_code) == (FAILED, 1)
    assert bad.task.reason == "the earnings task broke: ZeroDivisionError"
    assert bad.task.error is not None
    assert (bad.task.error["category"], bad.task.error["code"]) == ("SYSTEM", SystemFailure.code)
    assert "not-for-the-screen" not in str(bad.task.error)


async def test_a_result_that_cannot_be_saved_fails_its_task_alone(home: Path, clock: FakeClock) -> None:
    async def brings(_: Process, task: Task) -> Outcome:
        def save(tx: Transaction) -> tuple[Event, ...]:
            tx.run("INSERT INTO watchlist VALUES (?, 0)", (f"X{task.symbol}",))
            if task.symbol == "BAD":
                raise RuntimeError("cannot be saved")
            return ()

        return Outcome(COMPLETED, save=save)

    async with process(home, clock, brings) as p:
        await p.watch("BAD", "SBIN", "TCS")
        report = await p.scheduler.tick()
        statuses = {outcome.task.symbol: outcome.task.status for outcome in report.outcomes}
        assert statuses == {"SBIN": COMPLETED, "TCS": COMPLETED, "BAD": FAILED}
        db = await p.get(DatabaseStateManager)
        saved = await db.read(lambda tx: tx.all("SELECT symbol FROM watchlist WHERE symbol LIKE 'X%' ORDER BY symbol"))
        assert saved == [("XSBIN",), ("XTCS",)]


@pytest.mark.parametrize("step", ["claimed", "sent", "unknown", "answered", "refused"])
async def test_the_ledger_has_the_last_word(home: Path, clock: FakeClock, step: str) -> None:
    """Whatever an attempt says of itself: a call that is out is UNKNOWN, one that was answered is kept."""

    async def work(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        if step != "claimed":
            await call.sent("key")
        if step == "unknown":
            await call.unknown("silence")
        if step == "answered":
            await call.answered(raw_answer())
        if step == "refused":
            await call.refused("503")
        raise UpstreamError("whatever")

    async with process(home, clock, work, settings=live(home, URL)) as p:
        (outcome,) = (await p.scheduler.run_now("earnings", ["SBIN"], force=True)).outcomes
        task = outcome.task
        assert task.status is (UNKNOWN if step in {"sent", "unknown"} else DEFERRED)
        assert task.paid_calls == (1 if step in {"sent", "unknown", "answered"} else 0)
        assert (task.document_id is not None) == (step == "answered")
        status = await (await p.get(StatusStore)).snapshot("perplexity", clock.now(), recent=0)
        assert status.unknown_calls == (step in {"sent", "unknown"})


async def test_a_task_that_runs_past_its_deadline_after_sending_is_unknown(home: Path, clock: FakeClock) -> None:
    async def late(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        await call.sent("key")
        raise TaskTimeoutError("the deadline passed")

    async with process(home, clock, late, settings=live(home, URL)) as p:
        (outcome,) = (await p.scheduler.run_now("earnings", ["SBIN"], force=True)).outcomes
        assert (outcome.task.status, outcome.exit_code) == (UNKNOWN, 4)


async def test_a_task_that_ignores_its_deadline_is_stopped(home: Path, clock: FakeClock) -> None:
    async def hangs(_: Process, __: Task) -> None:
        await asyncio.Event().wait()

    async with process(home, clock, hangs, timeout_seconds=-1.9, max_attempts=1) as p:
        (outcome,) = (await p.scheduler.run_now("earnings", ["SBIN"], force=True)).outcomes
        assert outcome.task.status is FAILED
        assert outcome.task.error is not None
        assert outcome.task.error["code"] == TaskTimeoutError.code


async def test_a_task_without_a_processor_is_refused_loudly(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        db, events, bus = await p.get(DatabaseStateManager), await p.get(EventStore), await p.get(EventBus)

        async def build() -> None:  # what bootstrap does, with nobody to run the tasks
            specs = task_specs(SchedulesSettings(), provider="sandbox")
            TaskExecutor(db, events, bus, clock, specs=specs, processors={}, concurrency=1)

        scheduler = BackgroundScheduler(db, build, stop_grace_seconds=0)  # type: ignore[arg-type]
        assert scheduler.initialization == "initializing"
        with pytest.raises(InitializationError, match="is not ready: initializing"):
            await scheduler.tick()
        with pytest.raises(InitializationError, match="no processor for earnings, news, fundamentals"):
            await scheduler.initialize()
        assert scheduler.initialization == "failed: no processor for earnings, news, fundamentals"
        status = await (await p.get(StatusStore)).snapshot("sandbox", clock.now(), recent=0)
        assert status.initialization == "failed: no processor for earnings, news, fundamentals"
        for use in (
            scheduler.tick(), scheduler.outlook(), scheduler.cancel("x"), scheduler.retry("x"),
            scheduler.run_now("earnings", ["SBIN"], force=False), scheduler.serve(asyncio.Event(), lambda *_: None),
        ):  # fmt: skip
            with pytest.raises(InitializationError, match="failed: no processor for earnings, news, fundamentals"):
                await use


async def test_a_schedule_that_is_off_needs_no_processor(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        db, events, bus = await p.get(DatabaseStateManager), await p.get(EventStore), await p.get(EventBus)
        specs = {kind: replace(spec, enabled=False) for kind, spec in task_specs(SchedulesSettings()).items()}
        TaskExecutor(db, events, bus, clock, specs=specs, processors={}, concurrency=1)


async def test_a_reason_is_shown_as_it_was_given(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, nothing) as p:
        db = await p.get(DatabaseStateManager)

        async def build() -> None:
            raise InitializationError('no "ünit" \\ here')

        scheduler = BackgroundScheduler(db, build, stop_grace_seconds=0)  # type: ignore[arg-type]
        with pytest.raises(InitializationError):
            await scheduler.initialize()
        status = await (await p.get(StatusStore)).snapshot("sandbox", clock.now(), recent=0)
        assert status.initialization == 'failed: no "ünit" \\ here'


async def test_a_stop_hands_the_leases_back(home: Path, clock: FakeClock) -> None:
    gate, stop, sent = asyncio.Event(), asyncio.Event(), list[str]()

    async def waits(p: Process, task: Task) -> None:
        call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        if task.symbol == "AAA" and isinstance(call, PaidCall):
            await call.sent("key")
            sent.append(task.symbol)
        await gate.wait()

    async with process(home, clock, waits, settings=live(home, URL), limit=4) as p:
        await p.watch("AAA", "BBB", "CCC", "DDD", "EEE")
        ticking = asyncio.create_task(p.scheduler.tick(stop=stop))
        await until(lambda: sent)
        stop.set()
        await ticking
        tasks = {task.symbol: task for task in await p.tasks()}
        assert tasks.pop("AAA").status is UNKNOWN
        assert {task.status for task in tasks.values()} == {PENDING}
        assert all(task.owner is None and task.lease_until is None for task in tasks.values())
        gate.set()
        await p.scheduler.tick()
        assert {task.status for task in await p.tasks() if task.symbol != "AAA"} == {COMPLETED}
    assert list((home / "locks").iterdir()) == []


async def test_a_cancelled_caller_hands_the_leases_back(home: Path, clock: FakeClock) -> None:
    gate = asyncio.Event()

    async def waits(_: Process, __: Task) -> None:
        await gate.wait()

    async with process(home, clock, waits, limit=2) as p:
        await p.watch("AAA", "BBB", "CCC", "DDD", "EEE")
        ticking = asyncio.create_task(p.scheduler.tick())
        await until(lambda: p.runs)
        ticking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ticking
        assert {task.status for task in await p.tasks()} == {PENDING}


async def test_a_cancelled_task_is_told_of(home: Path, clock: FakeClock) -> None:
    async def broken(_: Process, __: Task) -> None:
        raise UpstreamError("it has a problem")

    async with process(home, clock, broken) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        await p.scheduler.cancel((await p.only_task()).id)
        assert (await p.event_types()).count("task.cancelled") == 1


async def test_by_hand_a_waiting_task_is_cancelled(home: Path, clock: FakeClock) -> None:
    async def broken(_: Process, __: Task) -> None:
        raise UpstreamError("it has a problem")

    async with process(home, clock, broken) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        waiting = await p.only_task()
        cancelled = await p.scheduler.cancel(waiting.id[:20])
        assert (cancelled.status, cancelled.reason) == (CANCELLED, "cancelled by hand")
        with pytest.raises(ValidationError, match="the task is cancelled"):
            await p.scheduler.cancel(waiting.id)
        with pytest.raises(NotFoundError):
            await p.scheduler.cancel("nothing")
        clock.advance(3600)
        assert (await p.scheduler.tick()).outcomes == ()
        status = await (await p.get(StatusStore)).snapshot("sandbox", clock.now(), recent=0)
        assert (status.waiting, status.today["cancelled"]) == (0, 1)


async def test_by_hand_a_deferred_task_is_hurried(home: Path, clock: FakeClock) -> None:
    async def limited(_: Process, task: Task) -> None:
        if task.attempts == 1:
            raise RateLimitError("slow down", retry_after_seconds=5000)

    async with process(home, clock, limited) as p:
        (outcome,) = (await p.scheduler.run_now("earnings", ["SBIN"], force=False)).outcomes
        assert outcome.task.status is DEFERRED
        (again,) = (await p.scheduler.retry(outcome.task.id)).outcomes
        assert (again.task.id, again.task.status, again.task.attempts) == (outcome.task.id, COMPLETED, 2)
        clock.advance(1)
        (fresh,) = (await p.scheduler.retry(outcome.task.id)).outcomes  # it has ended: a new task, forced
        assert fresh.task.id != outcome.task.id
        assert fresh.task.forced


async def test_a_running_task_can_be_neither_cancelled_nor_retried(home: Path, clock: FakeClock) -> None:
    gate = asyncio.Event()

    async def waits(_: Process, __: Task) -> None:
        await gate.wait()

    async with process(home, clock, waits) as p, process(home, clock, waits) as other:
        await p.watch("SBIN")
        ticking = asyncio.create_task(p.scheduler.tick())
        await until(lambda: p.runs)
        task = await other.only_task()
        with pytest.raises(ValidationError, match="running"):
            await other.scheduler.cancel(task.id)
        with pytest.raises(ValidationError, match="running"):
            await other.scheduler.retry(task.id)
        gate.set()
        await ticking


async def test_run_now_waits_for_the_run_that_another_process_has_begun(home: Path, clock: FakeClock) -> None:
    """And says how its own task went, which the other process may have taken too."""
    gate = asyncio.Event()

    async def waits(_: Process, task: Task) -> None:
        await gate.wait()
        if task.forced:
            raise NoDataError("no figure")

    async with process(home, clock, waits) as p, process(home, clock, waits) as hand:
        await p.watch("SBIN")
        ticking = asyncio.create_task(p.scheduler.tick())
        await until(lambda: p.runs)
        asking = asyncio.create_task(hand.scheduler.run_now("earnings", ["SBIN"], force=True))
        while len(await p.tasks()) < 2:  # noqa: ASYNC110 - it is the other process that writes it
            await asyncio.sleep(0)
        assert not asking.done()
        gate.set()
        (outcome,) = (await asking).outcomes
        assert (outcome.task.status, outcome.exit_code) == (FAILED, 5)
        assert outcome.task.forced
        await ticking


async def test_the_owner_is_told_of_each_task_as_it_ends(home: Path, clock: FakeClock) -> None:
    ended: list[str | None] = []
    started: list[object] = []

    async def on_start(event: Event) -> None:
        started.append(event.data["symbol"])

    async with process(home, clock, nothing) as p:
        (await p.get(EventBus)).subscribe(EventType.TASK_STARTED, on_start)
        await p.watch("SBIN", "TCS")
        report = await p.scheduler.tick(done=lambda outcome: ended.append(outcome.task.symbol))
        assert sorted(map(str, ended)) == sorted(map(str, started)) == ["SBIN", "TCS"]
        assert len(report.outcomes) == 2


async def test_serve_ticks_at_each_due_instant(home: Path) -> None:
    clock = FakeClock(patience=43_200)
    settings = offline(home)
    settings = replace(settings, scheduler=replace(settings.scheduler, lease_seconds=200_000))
    ticks: list[tuple[datetime, int, datetime | None]] = []
    stop = asyncio.Event()

    def on_tick(report: RunReport, due: datetime | None) -> None:
        ticks.append((clock.now(), len(report.outcomes), due))
        if clock.now() >= began + timedelta(minutes=31):
            stop.set()

    async def broken(_: Process, __: Task) -> None:
        raise ValidationError("never fresh")

    async with process(home, clock, broken, settings=settings, trigger=parse_trigger("every 10m")) as p:
        await p.watch("SBIN")
        clock.advance(125)
        began = clock.now()
        await p.scheduler.serve(stop, on_tick)
    ran = [at for at, tasks, _ in ticks if tasks]
    # At once, for the slot that was missed; then at each tenth minute, not a moment late.
    assert ran[0] == began
    assert [(at.minute, at.second) for at in ran[1:]] == [(10, 0), (20, 0), (30, 0)]
    assert all(due is not None and due > at for at, _, due in ticks)
    waits = [later[0] - earlier[0] for earlier, later in pairwise(ticks)]
    assert max(waits) <= timedelta(seconds=30)


async def test_serve_runs_what_another_process_adds(home: Path) -> None:
    clock = FakeClock(patience=43_200)
    settings = offline(home)
    settings = replace(settings, scheduler=replace(settings.scheduler, lease_seconds=200_000))
    stop, seen = asyncio.Event(), list[int]()

    def on_tick(report: RunReport, _: datetime | None) -> None:
        seen.append(len(report.outcomes))
        if report.outcomes:
            stop.set()

    async with process(home, clock, nothing, settings=settings) as p, process(home, clock, nothing) as other:
        serving = asyncio.create_task(p.scheduler.serve(stop, on_tick))
        await until(lambda: len(seen) >= 3)
        await other.watch("SBIN")
        await serving
    assert seen[-1] == 1
    assert not any(seen[:-1])


async def test_one_home_is_served_once(home: Path) -> None:
    clock, stop, ticked = FakeClock(patience=0.0), asyncio.Event(), asyncio.Event()
    async with process(home, clock, nothing) as p:
        serving = asyncio.create_task(p.scheduler.serve(stop, lambda *_: ticked.set()))
        await ticked.wait()
        async with process(home, clock, nothing) as other:
            with pytest.raises(LockedError, match="another process serves this home"):
                await other.scheduler.serve(asyncio.Event(), lambda *_: None)
            assert await (await other.get(OwnerRegistry)).held_elsewhere("serve")
        stop.set()
        await serving
    async with process(home, clock, nothing) as other:
        done = asyncio.Event()
        done.set()
        assert not await (await other.get(OwnerRegistry)).held_elsewhere("serve")
        await other.scheduler.serve(done, lambda *_: None)


async def test_serve_outlives_a_database_that_was_busy_for_a_while(home: Path) -> None:
    """One tick that could not write is not the end of the loop."""
    import sqlite3

    clock = FakeClock(patience=43_200)
    settings = offline(home)
    settings = replace(settings, database=replace(settings.database, busy_timeout_seconds=0.02))
    stop, ticks = asyncio.Event(), list[RunReport]()

    def on_tick(report: RunReport, _: datetime | None) -> None:
        ticks.append(report)
        if len(ticks) == 1:
            blocker.execute("BEGIN IMMEDIATE")
        if len(ticks) > 2:
            stop.set()

    async with process(home, clock, nothing, settings=settings) as p:
        blocker = sqlite3.connect(home / "robotrader.db", isolation_level=None)
        try:
            serving = asyncio.create_task(p.scheduler.serve(stop, on_tick))
            await until(lambda: len(clock.sleeps) >= 3 or serving.done())
            blocker.execute("ROLLBACK")
            await serving
        finally:
            blocker.close()
    assert len(ticks) > 2


async def test_what_may_be_private_in_a_reason_is_withheld_from_the_event(home: Path, clock: FakeClock) -> None:
    async def chatty(_: Process, __: Task) -> None:
        raise NoDataError("no credits left for someone@example.com")

    async with process(home, clock, chatty) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        (stored,) = await (await p.get(EventStore)).list(type="task.failed")
        assert "example.com" not in str(stored.event.data)
        assert stored.event.data["code"] == "NO_DATA"
