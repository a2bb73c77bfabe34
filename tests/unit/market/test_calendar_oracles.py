"""The packaged calendar against the libraries, as far as these are installed; what they get wrong is written down here.

None of them has the NSE right, which is why there is a calendar of our own: none knows the budget sessions on weekends.
"""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from typing import Any

import pytest

from robotrader.core.background_scheduler.config.market_calendar import settles
from tests.support.market import on, packaged

YEARS = (2025, 2026)
BUDGET_SESSIONS = {on("2025-02-01"), on("2026-02-01")}
MUHURAT_2025, MUHURAT_2026 = on("2025-10-21"), on("2026-11-08")


def ours() -> set[date]:
    """Every trading day of the covered years."""
    first, last = date(YEARS[0], 1, 1), date(YEARS[-1], 12, 31)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {day for day in days if packaged().is_trading_day(day)}


def imported(name: str) -> Any:
    with warnings.catch_warnings():  # what a library warns of while it is imported is no concern of ours
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def test_exchange_calendars() -> None:
    library = imported("exchange_calendars")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        days = library.get_calendar("XBOM").sessions_in_range("2025-01-01", "2026-12-31")
    theirs = {day.date() for day in days}
    assert ours() - theirs == {*BUDGET_SESSIONS, MUHURAT_2025, MUHURAT_2026}  # it has no weekend, and no Muhurat
    assert theirs - ours() == set()


def test_pandas_market_calendars() -> None:
    library = imported("pandas_market_calendars")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = library.get_calendar("NSE").schedule("2025-01-01", "2026-12-31")
    theirs = {day.date() for day in table.index}
    assert ours() - theirs == {*BUDGET_SESSIONS, MUHURAT_2026}  # it has no weekend
    assert theirs - ours() == set()
    opened = packaged().open_at(MUHURAT_2025, is_fno=None)
    assert table.loc["2025-10-21", "market_open"].to_pydatetime() == opened


def test_holidays() -> None:
    library = imported("holidays")
    theirs = {day for day in library.financial_holidays("XNSE", years=list(YEARS)) if day.weekday() < 5}
    listed = {day for day in packaged().holidays if day.weekday() < 5}
    assert listed - theirs == {on("2026-01-15")}  # added at three days' notice
    assert theirs - listed == set()


def test_aion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AION_IN_CALENDAR_OFFLINE", "1")  # else it fetches newer data
    library = imported("aion_indian_market_calendar")
    first = date(2026, 1, 1)
    days = [first + timedelta(days=number) for number in range(359)]  # it refuses the days after 25 December
    theirs = {day for day in days if library.is_trading_day(day)}
    mine = {day for day in ours() if day in days}
    assert mine - theirs == {on("2026-02-01")}
    assert theirs - mine == set()
    weekdays = {date(2026, 1, 1) + timedelta(days=number) for number in range(365)}
    unsettled = {day for day in weekdays if day.weekday() < 5 and not settles(packaged(), day)}
    assert unsettled == set(library.settlement_holidays(2026))
