"""What is known of a symbol and how old it is; the watchlist; earnings by quarter."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import earnings_store, stock_state_store
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockState, StockStateStore
from robotrader.core.clock import EPOCH
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event
from tests.support.clock import FakeClock
from tests.support.spine import Process, process, raw_answer

WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("age", "fresh"),
    [(timedelta(0), True), (WEEK - timedelta(microseconds=1), True), (WEEK, False), (-timedelta(hours=1), True)],
)
def test_freshness_ends_at_its_instant(age: timedelta, fresh: bool) -> None:
    state = StockState("SBIN", Dataset.EARNINGS, "sandbox", EPOCH + 10 * WEEK - age, "d")
    assert state.fresh(EPOCH + 10 * WEEK, WEEK) is fresh


def test_what_was_never_fetched_is_not_fresh() -> None:
    assert not StockState("SBIN", Dataset.EARNINGS, "sandbox").fresh(EPOCH, WEEK)


async def test_an_older_fetch_never_replaces_a_newer_one(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        db, store, now = await p.get(DatabaseStateManager), await p.get(StockStateStore), clock.now()
        for document, age in (("first", 5), ("newest", 1), ("late", 3)):
            at = now - timedelta(hours=age)
            await db.write(
                lambda tx, at=at, document=document: stock_state_store.update(
                    tx, "SBIN", Dataset.EARNINGS, "sandbox", at, document, None
                )
            )
        state = await store.get_stock_state("SBIN", Dataset.EARNINGS, "sandbox")
        assert (state.document_id, state.fetched_at) == ("newest", now - timedelta(hours=1))
        assert await store.ages("sandbox") == {("SBIN", Dataset.EARNINGS): now - timedelta(hours=1)}
        for symbol, dataset, provider in (
            ("TCS", Dataset.EARNINGS, "sandbox"),
            ("SBIN", Dataset.NEWS, "sandbox"),
            ("SBIN", Dataset.EARNINGS, "perplexity"),
        ):  # fmt: skip
            assert (await store.get_stock_state(symbol, dataset, provider)).fetched_at is None


async def test_the_watchlist_tells_what_changed(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        store = await p.get(StockStateStore)
        assert await store.watch(["TCS", "SBIN", "TCS"]) == ("TCS", "SBIN")
        clock.advance(60)
        assert await store.watch(["SBIN", "M&M"]) == ("M&M",)
        assert await store.watch(["SBIN"]) == ()
        assert [symbol for symbol, _ in await store.watchlist()] == ["M&M", "SBIN", "TCS"]
        assert await store.unwatch(["SBIN", "NONE", "SBIN"]) == ("SBIN",)
        assert await store.unwatch([]) == ()
        assert [symbol for symbol, _ in await store.watchlist()] == ["M&M", "TCS"]
        assert (await p.event_types()).count("data.watchlist_changed") == 3


def report(**fields: object) -> ParseResult[EarningsReport]:
    sources = {name: Provenance("structured", str(value), 3) for name, value in fields.items()}
    record = EarningsReport(symbol="SBIN", sources=sources, **fields)  # type: ignore[arg-type]
    return ParseResult("earnings", "structured", (), record)


async def store_reports(p: Process, reports: list[ParseResult[EarningsReport]]) -> None:
    """Store one report after the other, each out of a document of its own, an hour apart."""

    async def work(inner: Process, task: Task) -> Outcome:
        call = await (await inner.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
        assert isinstance(call, PaidCall)
        await call.sent("key")
        document_id, now, parsed = await call.answered(raw_answer()), inner.clock.now(), reports.pop(0)

        def save(tx: Transaction) -> tuple[Event, ...]:
            earnings_store.save(
                tx, symbol="SBIN", provider="sandbox", document_id=document_id, parsed=parsed,
                sources=[{"url": "https://example.com"}], fetched_at=now, now=now,
            )  # fmt: skip
            return ()

        return Outcome(TaskStatus.COMPLETED, document_id=document_id, save=save)

    async with process(p.settings.home, p.clock, work) as writer:
        while reports:
            p.clock.advance(3600)  # type: ignore[attr-defined]
            await writer.scheduler.run_now("earnings", ["SBIN"], force=True)


async def test_the_newest_record_of_each_quarter_is_history(home: Path, clock: FakeClock) -> None:
    exact = Decimal("20160.0000000000000000000000000000001")
    async with process(home, clock) as p:
        await store_reports(
            p,
            [
                report(fiscal_year=2026, fiscal_quarter=1, eps_inr=Decimal(1)),
                report(fiscal_year=2026, fiscal_quarter=2, eps_inr=Decimal(2)),
                report(fiscal_year=2026, fiscal_quarter=1, eps_inr=exact),
                report(fiscal_year=2025, fiscal_quarter=4, eps_inr=Decimal(4)),
                report(fiscal_year=2026, revenue_inr=Decimal(5)),
                report(revenue_inr=Decimal(6)),
            ],
        )
        store = await p.get(EarningsStore)
        history = await store.history("SBIN", provider="sandbox", limit=10)
        quarters = [(each.record["fiscal_year"], each.record["fiscal_quarter"]) for each in history]
        assert quarters == [(2026, None), (2026, 2), (2026, 1), (2025, 4), (None, None)]
        assert history[2].record["eps_inr"] == exact
        assert history[2].provenance["eps_inr"] == Provenance("structured", str(exact), 3)
        assert [len(await store.history("SBIN", provider="sandbox", limit=n)) for n in (1, 3)] == [1, 3]
        assert await store.history("SBIN", provider="perplexity", limit=10) == []
        assert len(await store.history("SBIN", provider=None, limit=10)) == 5
        assert await store.history("TCS", provider=None, limit=10) == []
