"""A clock that ran ahead once: what it fetched "in the future" is stale, and is asked for again once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.research import not_due
from robotrader.core.background_scheduler.stores import ask_store, stock_state_store
from robotrader.core.background_scheduler.stores.ask_store import Ask
from robotrader.core.background_scheduler.stores.stock_state_store import StockState, StockStateStore
from robotrader.core.background_scheduler.triggers import parse_trigger
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event
from tests.support.clock import START, FakeClock
from tests.support.spine import DAY, HOUR, KIND, Process, process

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


async def fetched(process: Process, task: Task) -> Outcome:
    """Complete as a fetch does."""
    now, symbol = process.clock.now(), task.symbol or ""

    def save(tx: Transaction) -> tuple[Event, ...]:
        stock_state_store.update(tx, symbol, Dataset.EARNINGS, "sandbox", now, task.id, None, now=now)
        ask_store.settle(tx, symbol, Dataset.EARNINGS, "sandbox", now)
        return ()

    return Outcome(TaskStatus.COMPLETED, save=save)


async def runs_at(home: Path, clock: FakeClock, **spec: object) -> int:
    """How many tasks a tick at this time runs."""
    async with process(home, clock, fetched, **spec) as p:
        await p.watch("SBIN")
        return len((await p.scheduler.tick()).outcomes)


@pytest.mark.parametrize("trigger", ["every 15m", "daily 19:30", "cron 30 8 * * *"])
@pytest.mark.parametrize("fresh_for", [HOUR, WEEK])
@pytest.mark.parametrize(
    ("ahead", "again"),
    [(-SECOND, 0), (SECOND, 0), (timedelta(minutes=50), 0), (DAY, 0), (2 * DAY, 1), (WEEK, 1), (90 * DAY, 1)],
)
async def test_what_was_fetched_more_than_a_day_ahead_is_asked_for_again_once(
    home: Path, ahead: timedelta, again: int, fresh_for: timedelta, trigger: str
) -> None:
    spec = {"trigger": parse_trigger(trigger), "fresh_for": fresh_for}
    assert await runs_at(home, FakeClock(START + ahead), **spec) == 1
    clock = FakeClock(START)
    assert await runs_at(home, clock, **spec) == again
    assert await runs_at(home, clock, **spec) == 0
    # From then on everything goes by the new fetch.
    clock.advance(fresh_for.total_seconds() - 10)
    assert await runs_at(home, clock, **spec) == 0
    async with process(home, clock, fetched, **spec) as p:
        state = await (await p.get(StockStateStore)).get_stock_state("SBIN", Dataset.EARNINGS, "sandbox")
        assert state.fetched_at == (START if again else START + ahead)


@pytest.mark.parametrize("seconds", [1, 30, 3599])
async def test_a_small_step_back_runs_no_slot_twice(home: Path, seconds: int) -> None:
    """Nothing is fresh here: the slot that has run, a later one than the clock now shows, is what counts."""
    spec = {"trigger": parse_trigger("every 15m"), "fresh_for": timedelta(0)}
    assert await runs_at(home, FakeClock(START), **spec) == 1
    assert await runs_at(home, FakeClock(START - timedelta(seconds=seconds)), **spec) == 0


@pytest.mark.parametrize(("ahead", "asked"), [(SECOND, False), (DAY, False), (DAY + SECOND, True), (60 * DAY, True)])
async def test_what_an_event_asks_for_is_not_answered_by_the_future(home: Path, ahead: timedelta, asked: bool) -> None:
    # The slots of the schedule are a year apart, so that what runs is what was asked for.
    spec = {"trigger": parse_trigger("cron 0 0 1 1 *"), "fresh_for": WEEK}
    assert await runs_at(home, FakeClock(START + ahead), **spec) == 1
    clock = FakeClock(START)
    async with process(home, clock, fetched, **spec) as p:
        wanted = Ask("SBIN", Dataset.EARNINGS, "sandbox", START, "results", "chain", "event")
        db = await p.get(DatabaseStateManager)
        assert await db.write(lambda tx: ask_store.add(tx, wanted, START)) is asked
        assert [o.task.slot for o in (await p.scheduler.tick()).outcomes] == [START] * asked
        assert (await p.scheduler.tick()).outcomes == ()


@pytest.mark.parametrize(("ahead", "stale"), [(DAY, False), (2 * DAY, True)])
async def test_the_outlook_counts_it_as_stale(home: Path, ahead: timedelta, stale: bool) -> None:
    spec = {"trigger": parse_trigger("every 1h"), "fresh_for": WEEK}
    assert await runs_at(home, FakeClock(START + ahead), **spec) == 1
    async with process(home, FakeClock(START), fetched, **spec) as p:
        due = (await p.scheduler.outlook()).next_due
        assert due is not None
        assert due.at == (START if stale else START + ahead + WEEK)


@pytest.mark.parametrize("forced", [True, False])
@pytest.mark.parametrize(("ahead", "due"), [(SECOND, False), (DAY, False), (DAY + SECOND, True)])
def test_a_task_asks_where_the_answer_is_from_the_future(ahead: timedelta, due: bool, forced: bool) -> None:
    task = Task("t", KIND, "SBIN", START, TaskStatus.RUNNING, START, "c", provider="sandbox", forced=forced)
    state = StockState("SBIN", Dataset.EARNINGS, "sandbox", START + ahead, "d")
    assert (not_due(task, state, START, WEEK) is None) is due


@pytest.mark.parametrize(
    ("stored", "fetch", "kept"),
    [(0, -1, 0), (-3, -1, -1), (-1, -3, -1), (30, -3, -3), (30, 0, 0), (-3, 30, -3), (30, 40, 40), (1, -2, 1)],
)
async def test_an_answer_read_again_goes_by_what_a_right_clock_says(
    home: Path, stored: int, fetch: int, kept: int
) -> None:
    """Reading old answers again neither brings a future one back nor lets an older one win. In days from now."""
    async with process(home, FakeClock(START), fetched) as p:
        db, store = await p.get(DatabaseStateManager), await p.get(StockStateStore)
        for days, now in ((stored, START + stored * DAY), (fetch, START)):
            await db.write(
                lambda tx, days=days, now=now: stock_state_store.update(  # type: ignore[misc]
                    tx, "SBIN", Dataset.EARNINGS, "sandbox", START + days * DAY, f"{days}", None, now=now
                )
            )
        state = await store.get_stock_state("SBIN", Dataset.EARNINGS, "sandbox")
        assert (state.fetched_at, state.document_id) == (START + kept * DAY, str(kept))
