"""The three processors: what counts as data, what is kept, and which events follow from it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import open_app
from robotrader.core.background_scheduler.models import Dataset, TaskStatus
from robotrader.core.background_scheduler.processors.earnings_processor import announces, upcoming
from robotrader.core.background_scheduler.records import EarningsReport
from robotrader.core.background_scheduler.stores import earnings_store
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.stock_state_store import next_known
from robotrader.core.background_scheduler.stores.task_rows import near_results
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.event_bus import EventType
from robotrader.settings import SchedulesSettings
from tests.support.clock import START, FakeClock
from tests.support.perplexity_server import PerplexityServer, perplexity_server
from tests.support.spine import Process, live, process

PAGE = "https://example.com/results/sbin"
"""A page that the double's search results hold."""

DAY = timedelta(days=1)
NOW = datetime(2025, 11, 5, 6, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[PerplexityServer]:
    async with perplexity_server() as running:
        yield running


@pytest.fixture
async def p(home: Path, clock: FakeClock, server: PerplexityServer) -> AsyncIterator[Process]:
    """A process that asks the double, with all three datasets on their schedules."""
    settings = replace(live(home, server.url), schedules=SchedulesSettings())
    async with process(home, clock, settings=settings) as made:
        await made.watch("SBIN")
        yield made


async def answered(p: Process, server: PerplexityServer, word: str, answer: object) -> Any:
    """Ask again, with this answer, and return how that ended."""
    server.script(f"text:{answer if isinstance(answer, str) else json.dumps(answer)}")
    p.clock.advance(60)  # type: ignore[attr-defined]
    (outcome,) = (await p.scheduler.run_now(word, ["SBIN"], force=True)).outcomes
    return outcome


async def told(p: Process, kind: EventType) -> list[dict[str, Any]]:
    found = await (await p.get(EventStore)).list(type=kind.value, limit=100)
    return [dict(each.event.data) for each in found][::-1]


async def asks(p: Process) -> list[tuple[str, str, datetime]]:
    db = await p.get(DatabaseStateManager)
    rows = await db.read(lambda tx: tx.all("SELECT symbol, dataset, due_at FROM asks ORDER BY due_at"))
    return [(symbol, dataset, datetime.fromtimestamp(due / 1e6, UTC)) for symbol, dataset, due in rows]


def story(headline: str = "SBIN wins a case", **more: Any) -> dict[str, Any]:
    return {"headline": headline, "published_at": "2026-11-19", "url": PAGE, "impact": None, **more}


def quarter(number: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "symbol": "SBIN", "fiscal_year": 2026, "fiscal_quarter": number, "net_profit_inr": 2_000_000_000, **more,
    }  # fmt: skip


def report(year: int | None = 2026, number: int | None = 2, **more: Any) -> EarningsReport:
    return EarningsReport(fiscal_year=year, fiscal_quarter=number, **more)


@pytest.mark.parametrize(
    ("found", "latest", "why"),
    [
        (report(), {"fiscal_year": 2026, "fiscal_quarter": 1}, "announced"),
        (report(2027, 1), {"fiscal_year": 2026, "fiscal_quarter": 4}, "announced"),
        (report(), {"fiscal_year": 2026, "fiscal_quarter": 2}, None),
        (report(2025, 4), {"fiscal_year": 2026, "fiscal_quarter": 2}, None),
        (report(None, None), {"fiscal_year": 2026, "fiscal_quarter": 2}, None),
        (report(2026, None), None, None),
        (report(), None, None),
        (report(report_date="2025-11-04"), None, "announced"),
        (report(report_date="2025-10-29"), None, "announced"),
        (report(report_date="2025-10-28"), None, None),
        (report(report_date="2025-11-06"), None, None),  # a date that is still to come announces nothing
        (report(surprise_pct=Decimal(5)), {"fiscal_year": 2026, "fiscal_quarter": 2}, "surprise"),
        (report(surprise_pct=-Decimal(5)), {"fiscal_year": 2026, "fiscal_quarter": 2}, "surprise"),
        (report(surprise_pct=Decimal("4.99")), {"fiscal_year": 2026, "fiscal_quarter": 2}, None),
        (
            report(surprise_pct=Decimal(6)),
            {"fiscal_year": 2026, "fiscal_quarter": 2, "surprise_pct": Decimal(7)},
            None,
        ),
        (report(2025, 4, surprise_pct=Decimal(9)), {"fiscal_year": 2026, "fiscal_quarter": 2}, None),
    ],
)
def test_which_results_are_news(found: EarningsReport, latest: dict[str, Any] | None, why: str | None) -> None:
    assert announces(found, latest, NOW) == why


@pytest.mark.parametrize(
    ("stated", "day"),
    [(None, None), ("2025-11-05", date(2025, 11, 5)), ("2025-11-04", None), ("2026-01-20", date(2026, 1, 20))],
)
def test_a_results_date_that_is_past_is_none(stated: str | None, day: date | None) -> None:
    assert upcoming(stated, NOW) == day


async def test_a_tick_fetches_all_three_datasets(p: Process, server: PerplexityServer) -> None:
    outcomes = (await p.scheduler.tick()).outcomes
    assert {o.task.type.value for o in outcomes} == {"EARNINGS_ANALYSIS", "NEWS_PROCESSING", "FUNDAMENTAL_ANALYSIS"}
    assert {o.task.status for o in outcomes} == {TaskStatus.COMPLETED}
    assert sorted(row["dataset"] for row in server.billed) == ["earnings", "fundamentals", "news"]
    assert (await p.scheduler.tick()).outcomes == ()
    parsed = await told(p, EventType.DATA_PARSED)
    assert {each["dataset"]: each["strategy"] for each in parsed} == dict.fromkeys(
        ("earnings", "news", "fundamentals"), "structured"
    )


async def test_news_of_high_impact_asks_for_fundamentals_now(p: Process, server: PerplexityServer) -> None:
    outcome = await answered(p, server, "news", {"symbol": "SBIN", "items": [story(impact="high")]})
    assert outcome.task.status is TaskStatus.COMPLETED
    assert [item["headline"] for item in outcome.record] == ["SBIN wins a case"]
    (event,) = await told(p, EventType.DATA_NEWS_HIGH_IMPACT)
    assert (event["symbol"], event["headline"], len(event["stories"])) == ("SBIN", "SBIN wins a case", 1)
    ((symbol, dataset, due),) = await asks(p)
    assert (symbol, dataset) == ("SBIN", "fundamentals")
    assert due <= p.clock.now()


@pytest.mark.parametrize("impact", [None, "medium", "low"])
async def test_other_news_asks_for_nothing(p: Process, server: PerplexityServer, impact: str | None) -> None:
    await answered(p, server, "news", {"symbol": "SBIN", "items": [story(impact=impact)]})
    assert await told(p, EventType.DATA_NEWS_HIGH_IMPACT) == []
    assert await asks(p) == []


@pytest.mark.parametrize(("published", "asked"), [("2019-03-01", 0), ("2026-11-12", 0), ("2027-05-05", 0), (None, 1)])
async def test_only_what_is_news_now_asks(
    p: Process, server: PerplexityServer, published: str | None, asked: int
) -> None:
    await answered(p, server, "news", {"symbol": "SBIN", "items": [story(impact="high", published_at=published)]})
    assert len(await asks(p)) == asked


async def test_a_story_told_twice_asks_once(p: Process, server: PerplexityServer) -> None:
    for _ in range(2):
        await answered(p, server, "news", {"symbol": "SBIN", "items": [story(impact="high")]})
    assert len(await told(p, EventType.DATA_NEWS_HIGH_IMPACT)) == 1


async def test_a_story_that_turns_out_to_matter_asks_then(p: Process, server: PerplexityServer) -> None:
    await answered(p, server, "news", {"symbol": "SBIN", "items": [story()]})
    assert await told(p, EventType.DATA_NEWS_HIGH_IMPACT) == []
    for _ in range(2):
        await answered(p, server, "news", {"symbol": "SBIN", "items": [story(impact="high")]})
    assert len(await told(p, EventType.DATA_NEWS_HIGH_IMPACT)) == 1


async def test_a_link_the_search_did_not_find_is_not_kept(p: Process, server: PerplexityServer) -> None:
    items = [story(url=PAGE + "/?utm_source=x"), story("SBIN opens a branch", url="https://example.com/invented")]
    outcome = await answered(p, server, "news", {"symbol": "SBIN", "items": items})
    assert [item["url"] for item in outcome.record] == [PAGE + "/?utm_source=x", None]


@pytest.mark.parametrize("answer", ['{"symbol": "SBIN", "items": []}', "There is no news about SBIN in the last week."])
async def test_no_news_is_no_data(p: Process, server: PerplexityServer, answer: str) -> None:
    outcome = await answered(p, server, "news", answer)
    assert (outcome.task.status, outcome.exit_code, outcome.record) == (TaskStatus.FAILED, 5, None)


async def test_results_ask_for_fundamentals_on_the_next_trading_day(p: Process, server: PerplexityServer) -> None:
    await answered(p, server, "earnings", quarter(1))
    assert await told(p, EventType.DATA_EARNINGS_ANNOUNCED) == []
    await answered(p, server, "earnings", quarter(2, surprise_pct=6.5))
    (event,) = await told(p, EventType.DATA_EARNINGS_ANNOUNCED)
    assert (event["because"], event["fiscal_quarter"], event["surprise_pct"]) == ("announced", 2, "6.5")
    monday = datetime(2026, 11, 23, 3, 45, tzinfo=UTC)  # the clock stands on a Friday
    assert await asks(p) == [("SBIN", "fundamentals", monday)]


async def test_a_results_date_asks_for_earnings_the_morning_after(p: Process, server: PerplexityServer) -> None:
    await answered(p, server, "earnings", quarter(next_earnings_date="2026-11-27"))
    (event,) = await told(p, EventType.DATA_RESULTS_DATE_KNOWN)
    assert (event["symbol"], event["date"]) == ("SBIN", "2026-11-27")
    assert await asks(p) == [("SBIN", "earnings", datetime(2026, 11, 28, 3, 30, tzinfo=UTC))]
    await answered(p, server, "earnings", quarter(next_earnings_date="2026-11-25"))  # it was moved
    assert [due for _, _, due in await asks(p)] == [datetime(2026, 11, 26, 3, 30, tzinfo=UTC)]
    await answered(p, server, "earnings", quarter(next_earnings_date="2026-11-25"))  # nothing new
    assert len(await told(p, EventType.DATA_RESULTS_DATE_KNOWN)) == 2
    assert len(await asks(p)) == 1


async def test_reading_an_old_answer_again_moves_no_date(
    p: Process, server: PerplexityServer, home: Path, clock: FakeClock
) -> None:
    for day in ("2026-12-01", "2026-12-15"):
        await answered(p, server, "earnings", quarter(next_earnings_date=day))
    before = await asks(p)
    settings = replace(live(home, server.url), schedules=SchedulesSettings())
    async with open_app(settings, clock=clock) as app:
        await (await app.research()).reparse("earnings", None)
    assert await asks(p) == before
    assert [due for _, _, due in before] == [datetime(2026, 12, 16, 3, 30, tzinfo=UTC)]


async def test_what_goes_first_agrees_with_the_date_that_is_shown(
    p: Process, server: PerplexityServer, home: Path, clock: FakeClock
) -> None:
    """Also after an answer that states none, and after a better parser took a date back."""

    async def near() -> bool:
        db = await p.get(DatabaseStateManager)
        shown = (await (await p.get(EarningsStore)).expected("perplexity")).get("SBIN")
        found = await db.read(lambda tx: near_results(tx, "perplexity", clock.now()))
        day = await db.read(lambda tx: next_known(tx, "SBIN", Dataset.EARNINGS, "perplexity"))
        assert day == (shown and shown.date)
        return "SBIN" in found

    await answered(p, server, "earnings", quarter(1, next_earnings_date="2026-12-28"))
    assert not await near()
    await answered(p, server, "earnings", quarter(2, next_earnings_date="2026-11-24"))
    assert await near()
    await answered(p, server, "earnings", quarter(2))
    assert await near()
    await answered(p, server, "earnings", quarter(2, next_earnings_date="2026-11-01"))  # long past
    assert await near()
    db = await p.get(DatabaseStateManager)
    sql = "SELECT document_id FROM earnings WHERE json_extract(record, '$.next_earnings_date') = '2026-11-24'"
    await db.write(lambda tx: earnings_store.remove(tx, (tx.one(sql) or ("",))[0], "SBIN"))
    assert not await near()


async def test_results_are_fetched_again_the_day_after_their_date(p: Process, server: PerplexityServer) -> None:
    await p.scheduler.tick()
    await answered(p, server, "earnings", quarter(next_earnings_date="2026-11-21"))
    p.clock.advance((START + 1 * DAY - p.clock.now()).total_seconds())  # type: ignore[attr-defined]
    words = {o.task.type.value for o in (await p.scheduler.tick()).outcomes}
    assert "EARNINGS_ANALYSIS" not in words
    p.clock.advance(DAY.total_seconds())  # type: ignore[attr-defined]
    ran = {o.task.type.value: o.task for o in (await p.scheduler.tick()).outcomes}
    assert ran["EARNINGS_ANALYSIS"].status is TaskStatus.COMPLETED
    assert await asks(p) == [each for each in await asks(p) if each[1] != Dataset.EARNINGS.value]


async def test_an_answer_about_another_company_is_no_data(p: Process, server: PerplexityServer) -> None:
    for word, other in (("earnings", {**quarter(), "symbol": "TCS"}), ("fundamentals", {"symbol": "TCS", "pe": 20})):
        outcome = await answered(p, server, word, other)
        assert (outcome.task.status, outcome.exit_code) == (TaskStatus.FAILED, 5), outcome


async def test_fundamentals_keep_what_is_doubtful_as_it_was_said(p: Process, server: PerplexityServer) -> None:
    outcome = await answered(p, server, "fundamentals", {"symbol": "SBIN", "pe": 12.5, "promoter_holding_pct": 555})
    assert outcome.task.status is TaskStatus.COMPLETED
    assert outcome.record["promoter_holding_pct"] == 555
    db = await p.get(DatabaseStateManager)
    row = await db.read(lambda tx: tx.one("SELECT doubts FROM fundamentals WHERE symbol = 'SBIN'"))
    assert row is not None
    assert "promoter_holding_pct" in row[0]


async def test_an_answer_can_be_searched(p: Process, server: PerplexityServer) -> None:
    await answered(p, server, "news", {"symbol": "SBIN", "items": [story("SBIN sells its zebra business")]})
    db = await p.get(DatabaseStateManager)
    sql = "SELECT kind FROM search_texts WHERE id IN (SELECT rowid FROM search_index WHERE search_index MATCH 'zebra')"
    rows = await db.read(lambda tx: tx.all(sql))
    assert sorted(row[0] for row in rows) == ["answer", "news"]


async def test_the_names_of_empty_fields_are_not_found(p: Process, server: PerplexityServer) -> None:
    await answered(p, server, "earnings", quarter(dividend_per_share_inr=None, guidance="Margins will widen."))
    db = await p.get(DatabaseStateManager)
    sql = "SELECT count(*) FROM search_index WHERE search_index MATCH ?"
    found = {word: await db.read(lambda tx, w=word: tx.one(sql, (w,))) for word in ("dividend*", "widen", "null")}  # type: ignore[misc]
    assert found == {"dividend*": (0,), "widen": (2,), "null": (0,)}
    row = await db.read(lambda tx: tx.one("SELECT body FROM search_texts WHERE kind = 'answer'"))
    assert row == ("SBIN · Margins will widen.",)
