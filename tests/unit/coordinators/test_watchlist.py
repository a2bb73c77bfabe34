"""The watchlist and its next results dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.bootstrap import open_app
from robotrader.core.background_scheduler.stores.earnings_store import Expected
from robotrader.core.coordinators.watchlist_coordinator import upcoming
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.services.views import UpcomingRow
from tests.support.clock import FakeClock
from tests.support.spine import offline

TODAY = date(2026, 11, 20)
AT = datetime(2026, 11, 1, tzinfo=UTC)


def expected(symbol: str, day: str) -> Expected:
    return Expected(symbol, day, AT, f"document-{symbol}", "perplexity")


def test_known_dates_come_first_the_soonest_of_them_first() -> None:
    days = {"TCS": "2026-12-01", "SBIN": "2026-11-20", "INFY": "2026-11-19", "ITC": "2026-12-01"}
    known = {symbol: expected(symbol, day) for symbol, day in days.items()}
    rows = upcoming(["INFY", "ITC", "SBIN", "TCS", "WIPRO"], known, TODAY)
    assert [(row.symbol, row.date, row.days) for row in rows] == [
        ("SBIN", "2026-11-20", 0), ("ITC", "2026-12-01", 11), ("TCS", "2026-12-01", 11), ("INFY", None, None),
        ("WIPRO", None, None),
    ]  # fmt: skip
    assert rows[0][3:] == (AT, "document-SBIN", "perplexity")
    assert rows[-2] == UpcomingRow("INFY", None, None, None, None, None)


@given(
    st.dictionaries(st.sampled_from("ABCDEFG"), st.dates(date(2026, 1, 1), date(2027, 1, 1))),
    st.sets(st.sampled_from("ABCDEFG")),
)
def test_every_watched_symbol_has_one_row_and_no_row_is_past(days: dict[str, date], watched: set[str]) -> None:
    rows = upcoming(sorted(watched), {name: expected(name, day.isoformat()) for name, day in days.items()}, TODAY)
    assert {row.symbol for row in rows} == watched
    assert len(rows) == len(watched)
    left = [row.days for row in rows if row.days is not None]
    assert left == sorted(left)
    assert all(count >= 0 for count in left)
    assert [row.days is None for row in rows] == sorted(row.days is None for row in rows)
    assert len(left) == sum(day >= TODAY for name, day in days.items() if name in watched)


@pytest.mark.parametrize(("hour", "days"), [(18.4, 10), (18.6, 9)])
async def test_days_are_counted_in_india(home: Path, hour: float, days: int) -> None:
    clock = FakeClock(datetime(2026, 11, 20, tzinfo=UTC))
    clock.advance(hour * 3600)
    async with open_app(offline(home), clock=clock) as app:
        watchlist = await app.watchlist()
        assert await watchlist.upcoming() == ()
        await watchlist.watch(["SBIN", "TCS"])
        assert [(row.symbol, row.date) for row in await watchlist.upcoming()] == [("SBIN", None), ("TCS", None)]
        db = await app._container.get(DatabaseStateManager)
        await (await app.tasks()).run("earnings", ["SBIN"])
        day = "2026-11-30"

        def known(tx: Transaction) -> None:
            tx.run("UPDATE stock_state SET next_known = ?", (day,))
            tx.run("UPDATE earnings SET record = json_set(record, '$.next_earnings_date', ?)", (day,))

        await db.write(known)
        soon, none = await watchlist.upcoming()
        assert (soon.symbol, soon.date, soon.days, soon.provider) == ("SBIN", day, days, "sandbox")
        assert (none.symbol, none.date) == ("TCS", None)
