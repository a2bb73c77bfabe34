"""What events ask for: due however fresh, planned once, in the chain of the event; and who goes first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.executors.fundamental_executor import FundamentalExecutor, due_after
from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores import ask_store, stock_state_store
from robotrader.core.background_scheduler.stores.ask_store import Ask
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.triggers import parse_trigger
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ConfigurationError, ValidationError
from robotrader.core.event_bus import Event, EventBus, EventType
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.spine import HOUR, Process, process

FUNDAMENTALS, EARNINGS, NEWS = TaskType.FUNDAMENTAL_ANALYSIS, TaskType.EARNINGS_ANALYSIS, TaskType.NEWS_PROCESSING
DATASETS = {EARNINGS: Dataset.EARNINGS, NEWS: Dataset.NEWS, FUNDAMENTALS: Dataset.FUNDAMENTALS}
CHAIN = "0190aaaa-0000-7000-8000-000000000001"


async def fetched(process: Process, task: Task) -> Outcome:
    """Complete as a fetch does."""
    now, dataset = process.clock.now(), DATASETS[task.type]
    symbol, provider = task.symbol or "", task.provider or ""

    def save(tx: Transaction) -> tuple[Event, ...]:
        stock_state_store.update(tx, symbol, dataset, provider, now, task.id, None)
        ask_store.settle(tx, symbol, dataset, provider, now)
        return ()

    return Outcome(TaskStatus.COMPLETED, save=save)


async def ask(p: Process, symbol: str, due: datetime, dataset: Dataset = Dataset.FUNDAMENTALS) -> bool:
    wanted = Ask(symbol, dataset, "sandbox", due, "because of a test", CHAIN, "the event")
    db = await p.get(DatabaseStateManager)
    return await db.write(lambda tx: ask_store.add(tx, wanted, p.clock.now()))


async def expect_results(p: Process, symbol: str, day: date) -> None:
    db, now = await p.get(DatabaseStateManager), p.clock.now()
    await db.write(
        lambda tx: stock_state_store.update(tx, symbol, Dataset.EARNINGS, "sandbox", now, "doc", day.isoformat())
    )


async def test_what_an_event_asks_for_is_due_however_fresh_and_runs_once(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN", "TCS")
        await p.scheduler.tick()
        clock.advance(60)
        due = clock.now()
        assert await ask(p, "SBIN", due)
        clock.advance(60)
        p.runs.clear()
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert (outcome.task.symbol, outcome.task.slot) == ("SBIN", due)
        assert outcome.task.correlation_id == CHAIN
        assert (await p.scheduler.tick()).outcomes == ()


async def test_the_plan_is_told_in_the_chain_of_the_event(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        await ask(p, "SBIN", clock.now())
        await p.scheduler.tick()
        told = await (await p.get(EventStore)).list(correlation=CHAIN)
        assert [each.event.type for each in told][::-1] == [EventType.TASK_PLANNED, EventType.TASK_COMPLETED]
        assert told[-1].event.data["reason"] == "because of a test"
        assert told[-1].event.data["task_id"] == told[0].event.data["task_id"]


async def test_the_outlook_says_why_and_when(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        due = clock.now() + HOUR
        await ask(p, "SBIN", due)
        coming = (await p.scheduler.outlook()).next_due
        assert coming is not None
        assert (coming.at, coming.word) == (due, "fundamentals")
        clock.advance(3600)
        (planned,) = (await p.scheduler.outlook()).due
        assert (planned.symbol, planned.reason) == ("SBIN", "because of a test")


async def test_nothing_is_spent_on_a_symbol_nobody_watches(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("TCS")
        await ask(p, "SBIN", clock.now())
        assert [o.task.symbol for o in (await p.scheduler.tick()).outcomes] == ["TCS"]


async def test_an_ask_that_was_answered_since_is_not_made_again(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        asked = clock.now()
        assert await ask(p, "SBIN", asked)
        assert not await ask(p, "SBIN", asked)
        clock.advance(60)
        await p.scheduler.tick()
        assert not await ask(p, "SBIN", asked)
        assert (await p.scheduler.tick()).outcomes == ()


async def test_an_ask_whose_task_failed_comes_again_with_the_next_slot(home: Path, clock: FakeClock) -> None:
    broken = True

    async def work(p: Process, task: Task) -> Outcome:
        if broken and task.correlation_id == CHAIN:
            raise ValidationError("cannot be meant")
        return await fetched(p, task)

    async with process(home, clock, work, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        clock.advance(60)
        await ask(p, "SBIN", clock.now())
        assert [o.task.status for o in (await p.scheduler.tick()).outcomes] == [TaskStatus.FAILED]
        assert (await p.scheduler.tick()).outcomes == ()
        broken = False
        clock.advance(12 * 3600)  # past 20:00 IST, within the week in which it would be fresh
        assert [o.task.status for o in (await p.scheduler.tick()).outcomes] == [TaskStatus.COMPLETED]


async def test_a_symbol_of_its_own_freshness(home: Path, clock: FakeClock) -> None:
    row = {"trigger": parse_trigger("every 1h"), "fresh_for": timedelta(days=7), "own_fresh_for": {"SBIN": 2 * HOUR}}
    async with process(home, clock, fetched, kinds=(NEWS,), **row) as p:
        await p.watch("SBIN", "TCS")
        await p.scheduler.tick()
        coming = (await p.scheduler.outlook()).next_due
        assert coming is not None
        assert coming.at == clock.now() + 2 * HOUR
        clock.advance(2 * 3600)
        assert [o.task.symbol for o in (await p.scheduler.tick()).outcomes] == ["SBIN"]


@pytest.mark.parametrize(("days", "first"), [(0, "TCS"), (7, "TCS"), (8, "SBIN"), (-1, "SBIN")])
async def test_results_within_a_week_raise_the_priority(home: Path, clock: FakeClock, days: int, first: str) -> None:
    async with process(home, clock, fetched, kinds=(NEWS,), limit=1) as p:
        await p.watch("SBIN", "TCS")
        await expect_results(p, "TCS", date(2026, 11, 20) + timedelta(days=days))
        await p.scheduler.tick()
        assert next(task.symbol for task in p.runs) == first
        planned = (await (await p.get(EventStore)).list(type="task.planned"))[0]
        assert planned.event.data.get("raised") == (["TCS"] if first == "TCS" else None)


async def test_the_stalest_goes_first_whatever_its_dataset(home: Path, clock: FakeClock) -> None:
    row = {"trigger": parse_trigger("every 1h"), "fresh_for": HOUR}
    async with process(home, clock, fetched, kinds=(EARNINGS, NEWS), limit=1, **row) as p:
        db = await p.get(DatabaseStateManager)
        ages = {("SBIN", Dataset.NEWS): 9, ("TCS", Dataset.EARNINGS): 8, ("TCS", Dataset.NEWS): 7}
        for (symbol, dataset), hours in ages.items():
            at = clock.now() - hours * HOUR
            await db.write(
                lambda tx, s=symbol, d=dataset, t=at: stock_state_store.update(tx, s, d, "sandbox", t, "doc", None)  # type: ignore[misc]
            )
        await p.watch("SBIN", "TCS")
        await p.scheduler.tick()
        assert [(task.symbol, task.type) for task in p.runs] == [
            ("SBIN", EARNINGS),  # never fetched
            ("SBIN", NEWS),
            ("TCS", EARNINGS),
            ("TCS", NEWS),
        ]


def calendar() -> MarketCalendar:
    return packaged()


def happened(kind: EventType, at: datetime, **data: object) -> Event:
    told = {"symbol": "SBIN", "provider": "sandbox", **data}
    return Event(type=kind, source="test", timestamp=at.isoformat(), data=told, correlation_id=CHAIN)


NEWS_EVENT, RESULTS = EventType.DATA_NEWS_HIGH_IMPACT, EventType.DATA_EARNINGS_ANNOUNCED


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2026, 11, 20, 14, 0, tzinfo=UTC), datetime(2026, 11, 23, 3, 45, tzinfo=UTC)),  # Friday > Monday
        (datetime(2026, 11, 20, 20, 0, tzinfo=UTC), datetime(2026, 11, 23, 3, 45, tzinfo=UTC)),  # Saturday in India
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), datetime(2026, 11, 25, 3, 45, tzinfo=UTC)),  # over Guru Nanak
        (datetime(2026, 11, 22, 19, 0, tzinfo=UTC), datetime(2026, 11, 25, 3, 45, tzinfo=UTC)),  # Monday in India
    ],
)
def test_results_ask_for_fundamentals_from_the_next_open_on(at: datetime, due: datetime) -> None:
    event = happened(RESULTS, at, fiscal_year=2026, fiscal_quarter=2, surprise_pct="6.5")
    found, reason = due_after(event, calendar)
    assert found == due
    assert reason == "results of Q2 FY26 are out, 6.5 % from what was expected"


def test_news_asks_at_once() -> None:
    at = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    assert due_after(happened(NEWS_EVENT, at, headline="A merger"), calendar) == (at, "news of high impact: A merger")


def test_a_year_without_a_calendar_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        due_after(happened(RESULTS, datetime(2026, 12, 31, 14, 0, tzinfo=UTC)), calendar)


def test_another_event_asks_for_nothing() -> None:
    with pytest.raises(ValidationError):
        due_after(happened(EventType.DATA_PARSED, datetime(2026, 11, 20, tzinfo=UTC)), calendar)


async def test_an_event_told_three_times_asks_once(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        executor = await p.get(FundamentalExecutor)
        event = happened(NEWS_EVENT, clock.now(), headline="A merger")
        assert [await executor.follow(event) for _ in range(3)] == [True, False, False]
        clock.advance(1)
        assert len((await p.scheduler.tick()).outcomes) == 1
        assert not await executor.follow(event)  # read since
        assert (await p.scheduler.tick()).outcomes == ()
        told = await (await p.get(EventStore)).list(correlation=CHAIN)
        assert [each.event.type.value for each in told][::-1] == ["data.flagged", "task.planned", "task.completed"]


async def test_an_event_that_does_not_say_for_whom_is_refused(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, fetched, kinds=(FUNDAMENTALS,)) as p:
        event = Event(type=NEWS_EVENT, source="test", timestamp=clock.now().isoformat(), data={"symbol": "SBIN"})
        with pytest.raises(ValidationError, match="whose fundamentals"):
            await (await p.get(FundamentalExecutor)).follow(event)


async def test_a_chain_that_cannot_go_on_is_kept_and_goes_on_later(home: Path) -> None:
    """Results on the last day of a calendar: the ask waits until the owner has added the next year."""
    late = FakeClock(datetime(2026, 12, 31, 14, 0, tzinfo=UTC))
    async with process(home, late, fetched, kinds=(FUNDAMENTALS,)) as p:
        await p.watch("SBIN")
        await p.scheduler.tick()
        event = happened(RESULTS, late.now(), fiscal_year=2026, fiscal_quarter=2)
        bus = await p.get(EventBus)
        await bus.emit(event)
        (kept,) = await (await p.get(EventStore)).list(correlation=CHAIN)
        assert kept.delivery == "pending"
        assert "calendar" in (kept.error or "")
    (home / "calendar.toml").write_text(
        '[[years]]\nyear = 2027\nsource = "the owner"\nsettlement = false\n', encoding="utf-8"
    )
    async with process(home, late, fetched, kinds=(FUNDAMENTALS,)) as p:
        late.advance(3600)
        await p.scheduler.tick()
        told = await (await p.get(EventStore)).list(correlation=CHAIN)
        assert [each.event.type.value for each in told][::-1][:2] == ["data.earnings_announced", "data.flagged"]
        assert told[-1].delivery == "delivered"
