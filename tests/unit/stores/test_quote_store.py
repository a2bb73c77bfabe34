"""Quotes on disk: the newest of each symbol, exactly; and the volumes of the last days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.stores import quote_store
from robotrader.core.database_state import DatabaseStateManager
from tests.support.clock import START, FakeClock
from tests.support.quotes import quote


@pytest.fixture
async def db(tmp_path: Path, clock: FakeClock) -> AsyncIterator[DatabaseStateManager]:
    made = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    yield made
    await made.close()


async def test_what_is_read_is_what_was_saved(db: DatabaseStateManager) -> None:
    full = quote(
        "M&M", "3012.10", "2999.95", open=Decimal(3000), high=Decimal("3020.5"), low=Decimal(2990), volume=12,
        lower_circuit=Decimal(2700), upper_circuit=Decimal(3300), bid=Decimal("3012.05"), ask=Decimal("3012.15"),
        last_trade_at=START - timedelta(seconds=3),
    )  # fmt: skip
    bare = quote("SBIN", "800", last_trade_at=None, exchange_at=None)
    assert await db.write(lambda tx: quote_store.save(tx, [full, bare])) == 2
    found = await db.read(lambda tx: quote_store.read(tx, "sandbox", ["M&M", "SBIN", "TCS"]))
    assert found == {"M&M": full, "SBIN": bare}
    assert str(found["M&M"].last_price) == "3012.10"
    assert await db.read(lambda tx: quote_store.read(tx, "kite", ["SBIN"])) == {}
    assert await db.read(lambda tx: quote_store.read(tx, "sandbox", [])) == {}


async def test_an_older_quote_replaces_no_newer_one(db: DatabaseStateManager) -> None:
    newer, older = quote("SBIN", "801", at=START), quote("SBIN", "799", at=START - timedelta(seconds=1))
    await db.write(lambda tx: quote_store.save(tx, [newer]))
    assert await db.write(lambda tx: quote_store.save(tx, [older])) == 0
    assert (await db.read(lambda tx: quote_store.read(tx, "sandbox", ["SBIN"])))["SBIN"] == newer


async def test_day_volumes_only_grow_and_the_last_days_are_read(db: DatabaseStateManager) -> None:
    first = date(2026, 11, 2)
    for number in range(25):
        day = first + timedelta(days=number)
        await db.write(lambda tx, d=day, n=number: quote_store.keep_volumes(tx, "sandbox", d, {"SBIN": 100 + n}))
    await db.write(lambda tx: quote_store.keep_volumes(tx, "sandbox", first, {"SBIN": 50, "TCS": 7}))
    read = await db.read(
        lambda tx: quote_store.volumes(tx, "sandbox", ["SBIN", "TCS"], before=date(2026, 11, 26), days=20)
    )
    assert read == {"SBIN": tuple(range(123, 103, -1)), "TCS": (7,)}
    read = await db.read(lambda tx: quote_store.volumes(tx, "sandbox", ["SBIN"], before=date(2026, 11, 3), days=20))
    assert read == {"SBIN": (100,)}


async def test_days_long_ago_are_forgotten(db: DatabaseStateManager) -> None:
    for day in (date(2026, 1, 5), date(2026, 8, 24), date(2026, 11, 20)):
        await db.write(lambda tx, d=day: quote_store.keep_volumes(tx, "sandbox", d, {"SBIN": 1}))
    read = await db.read(lambda tx: tx.all("SELECT day FROM day_volumes ORDER BY day"))
    assert read == [("2026-08-24",), ("2026-11-20",)]
