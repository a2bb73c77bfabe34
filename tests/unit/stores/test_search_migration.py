"""What was stored before there was an index is found as if it had been stored with one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core import migrations
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult
from robotrader.core.background_scheduler.stores import earnings_store
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.clock import to_micros
from tests.support.shelf import NOON, shelf

FULL = EarningsReport(
    symbol="SBIN", company="State Bank of India", fiscal_year=2026, fiscal_quarter=2, eps_inr=Decimal("20.10"),
    guidance="Credit growth of 12% to 14%",
)  # fmt: skip


def old_home(folder: Path, report: EarningsReport) -> None:
    """A database as the first version left it, with one record."""
    path = folder / "robotrader.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        migrations.prepare(raw, path, now=0, backups=None, patience_seconds=5.0, names=migrations.NAMES[:1])
        raw.execute(
            "INSERT INTO tasks (id, type, symbol, provider, slot, status, priority, stale_since, forced, not_before,"
            " created_at, finished_at)"
            " VALUES ('t', 'EARNINGS_ANALYSIS', 'SBIN', 'sandbox', 0, 'COMPLETED', 0, 0, 0, 0, 0, 1)"
        )
        raw.execute(
            "INSERT INTO paid_calls (id, task_id, dataset, symbol, provider, slot, status, owner, day, reserved_usd,"
            " claimed_at, document_id)"
            " VALUES ('c', 't', 'earnings', 'SBIN', 'sandbox', 0, 'answered', '', '', '0', 0, 'd')"
        )
        raw.execute("INSERT INTO documents VALUES ('d', 'c', 't', 'earnings', 'SBIN', 'sandbox', 'd', 0, NULL, 1)")
        record = earnings_store.dumps({k: v for k, v in earnings_store.plain(report).items() if k != "surprise_pct"})
        raw.execute(
            "INSERT INTO earnings (document_id, symbol, provider, fiscal_year, fiscal_quarter, record, provenance,"
            " sources, strategy, fetched_at, parsed_at)"
            " VALUES ('d', 'SBIN', 'sandbox', ?, ?, ?, '{}', '[]', 'structured', ?, 1)",
            (report.fiscal_year, report.fiscal_quarter, record, to_micros(NOON)),
        )


@pytest.mark.parametrize(
    ("report", "title"),
    [
        (FULL, "State Bank of India results Q2 FY26"),
        (EarningsReport(eps_inr=Decimal(1)), "SBIN results"),
        (EarningsReport(company="S. B. I.", fiscal_year=2005), "S. B. I. results FY05"),
        (EarningsReport(fiscal_quarter=3, guidance="none"), "SBIN results Q3"),
    ],
)
async def test_an_older_record_is_found_as_a_new_one_is(tmp_path: Path, report: EarningsReport, title: str) -> None:
    old_home(tmp_path, report)
    async with shelf(tmp_path) as made:
        assert await made.db.problems() == []
        (hit,) = await SearchStore(made.db).search("results", kind="earnings")
        assert (hit.ref, hit.symbol, hit.title, hit.at) == ("d", "SBIN", title, NOON)
        (found,) = await EarningsStore(made.db).history("SBIN", provider=None, limit=9)
        assert dict(found.record) == earnings_store.plain(report)
        before = await made.dump("search_texts")
        await made.do(
            earnings_store.save, symbol="SBIN", provider="sandbox", document_id="d",
            parsed=ParseResult("earnings", "structured", (), report), sources=[], fetched_at=NOON, now=NOON,
        )  # fmt: skip
        assert await made.dump("search_texts") == before
        if report.guidance:
            assert [each.ref for each in await SearchStore(made.db).search(report.guidance)] == ["d"]
