"""The daily list of instruments: fetched when it is due, whole or not at all, and of one provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.parsers.instruments_csv import read_instruments
from robotrader.core.background_scheduler.processors.instrument_list import REST_SECONDS, InstrumentList
from robotrader.core.background_scheduler.stores import instrument_store
from robotrader.core.background_scheduler.stores.instrument_store import Loaded, is_due
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import LoginRequiredError, ResponseError
from tests.support.kite_desk import KiteDesk, kite_desk
from tests.support.kite_shapes import COLUMNS


@dataclass
class Lists:
    desk: KiteDesk
    db: DatabaseStateManager
    folder: Path
    made: int = 0

    def of(self, provider: str = "kite") -> InstrumentList:
        async def client() -> Any:
            self.made += 1
            return self.desk.client

        return InstrumentList(self.db, self.desk.clock, provider=provider, client=client, folder=self.folder)

    def fetches(self) -> int:
        return self.desk.server.counts["GET /instruments/NSE"]


@asynccontextmanager
async def lists(folder: Path, *script: str) -> AsyncIterator[Lists]:
    async with kite_desk(*script, match="GET /instruments", forever=bool(script)) as desk:
        db = DatabaseStateManager(folder / "db", clock=desk.clock)
        yield Lists(desk, db, folder)
        await db.close()


def left_behind(folder: Path) -> list[Path]:
    return list(folder.glob(".instruments*"))


async def test_one_instrument_from_a_list_that_is_fetched_once(tmp_path: Path) -> None:
    async with lists(tmp_path) as s:
        listed = s.of()
        found = await listed.instrument("M&M")
        assert found is not None
        assert (found.token, found.tick_size, found.lot_size, found.segment) == (519937, Decimal("0.1"), 1, "NSE")
        assert (await listed.instrument("BSE:SBIN")).token == 500112 << 8 | 4  # type: ignore[union-attr]
        assert await listed.instrument("GONE") is None
        assert s.fetches() == 1
        assert not left_behind(tmp_path)


async def test_it_is_fetched_again_after_half_past_eight(tmp_path: Path) -> None:
    async with lists(tmp_path) as s:
        listed = s.of()
        await listed.instrument("SBIN")  # 09:30 IST
        s.desk.clock.advance(22.9 * 3600)
        await listed.instrument("SBIN")
        assert s.fetches() == 1
        s.desk.clock.advance(0.2 * 3600)
        await listed.instrument("SBIN")
        assert s.fetches() == 2


async def test_what_is_gone_from_the_list_is_gone(tmp_path: Path) -> None:
    extra = {"instrument_token": 777, "tradingsymbol": "NEWCO", "exchange": "NSE", "segment": "NSE", "tick_size": 1}
    async with lists(tmp_path) as s:
        s.desk.server.set(instruments=[extra])
        listed = s.of()
        assert await listed.instrument("NEWCO") is not None
        s.desk.server.set(instruments=[])
        await listed.refresh()
        assert await listed.instrument("NEWCO") is None


@pytest.mark.parametrize("trouble", ["cut", "502-html", "html", "dead-token"])
async def test_a_list_that_cannot_be_had_leaves_the_old_one(tmp_path: Path, trouble: str) -> None:
    async with lists(tmp_path) as s:
        listed = s.of()
        await listed.instrument("SBIN")
        s.desk.server.script("GET /instruments", trouble, forever=True)
        s.desk.clock.advance(24 * 3600)
        assert await listed.instrument("SBIN") is not None
        tried = s.desk.server.counts.total()
        assert await listed.instrument("SBIN") is not None
        assert s.desk.server.counts.total() == tried  # not again at once
        s.desk.clock.advance(REST_SECONDS)
        await listed.instrument("SBIN")
        assert s.desk.server.counts.total() >= tried
        assert not left_behind(tmp_path)


async def test_asked_for_by_name_a_failure_is_an_error(tmp_path: Path) -> None:
    async with lists(tmp_path, "dead-token") as s:
        with pytest.raises(LoginRequiredError):
            await s.of().refresh()
        assert await s.of().instrument("SBIN") is None


async def test_another_providers_list_is_none(tmp_path: Path) -> None:
    async with lists(tmp_path) as s:
        await s.of("sandbox").instrument("SBIN")
        await s.of("kite").instrument("SBIN")
        assert s.fetches() == 2
        assert (await s.db.read(instrument_store.loaded)).provider == "kite"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("loaded", "now", "due"),
    [
        ("2026-11-20T09:00:00+05:30", "2026-11-20T23:00:00+05:30", False),
        ("2026-11-20T09:00:00+05:30", "2026-11-21T08:29:00+05:30", False),
        ("2026-11-20T09:00:00+05:30", "2026-11-21T08:30:00+05:30", True),
        ("2026-11-20T08:00:00+05:30", "2026-11-20T08:30:00+05:30", True),
        ("2026-11-25T08:00:00+05:30", "2026-11-20T08:30:00+05:30", True),  # written while the clock was wrong
    ],
)
def test_when_a_list_is_due(loaded: str, now: str, due: bool) -> None:
    found = Loaded("kite", 5, datetime.fromisoformat(loaded))
    assert is_due(found, "kite", datetime.fromisoformat(now)) is due


def test_no_list_is_due() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    assert is_due(None, "kite", now)
    assert is_due(Loaded("sandbox", 5, now - timedelta(minutes=1)), "kite", now)


def test_rows_that_cannot_be_asked_for_are_left_out() -> None:
    lines = [
        ",".join(COLUMNS),
        "1,0,GOOD,NAME,0,,0,0.05,1,EQ,NSE,NSE",
        ",0,NOTOKEN,NAME,0,,0,0.05,1,EQ,NSE,NSE",
        "x,0,WRONG,NAME,0,,0,0.05,1,EQ,NSE,NSE",
        "3,0,,NAME,0,,0,0.05,1,EQ,NSE,NSE",
        "4,0,TICK,NAME,0,,0,NaN,1,EQ,NSE,NSE",
        "5,0,LOT,NAME,0,,0,0.05,many,EQ,NSE,NSE",
        '6,0,QUOTED,"A, B & C",0,,0,0.05,1.0,EQ,NFO-OPT,NFO',
        "7,0",
    ]
    found = list(read_instruments(lines))
    assert [(row.symbol, row.name, row.lot_size) for row in found] == [
        ("GOOD", "NAME", 1),
        ("NFO:QUOTED", "A, B & C", 1),
    ]


@pytest.mark.parametrize("lines", [[], ["<html>"], ["a,b,c", "1,2,3"]])
def test_what_is_no_list(lines: list[str]) -> None:
    with pytest.raises(ResponseError):
        list(read_instruments(lines))
