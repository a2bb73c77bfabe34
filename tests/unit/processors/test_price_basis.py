"""A split or a bonus is seen by the previous close; a move of the price, however bad, is not taken for one."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.processors.price_basis import FELL, ROSE, basis_change, keep
from robotrader.core.background_scheduler.stores import mark_store
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ConfigurationError
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.quotes import quote


def at(day: str, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=IST)


FRIDAY, MONDAY = "2026-11-20", "2026-11-23"
AT_THE_CLOSE, AT_NOON, NEXT = at(FRIDAY, "15:29"), at(FRIDAY, "12:00"), at(MONDAY, "09:15:05")


@pytest.mark.parametrize(
    ("seen", "then", "close", "change"),
    [
        ("1000", AT_THE_CLOSE, "500", FELL),  # a bonus of one for one, a split into two
        ("1000", AT_THE_CLOSE, "200", FELL),
        ("1100", AT_THE_CLOSE, "1000", FELL),  # a bonus of one for ten
        ("100", AT_THE_CLOSE, "1000", ROSE),  # a consolidation
        ("1000", AT_THE_CLOSE, "1000", None),
        ("1000", AT_THE_CLOSE, "1060", None),  # the last minutes, and an average as the close
        ("1000", AT_THE_CLOSE, "925", None),
        ("1000", AT_NOON, "810", None),  # fell by the whole of its price band in the afternoon
        ("1000", AT_NOON, "1200", None),
        ("1000", AT_NOON, "666.65", FELL),  # a bonus of one for two
        ("1000", AT_NOON, "500", FELL),
        ("1000", at("2026-11-18", "15:29"), "600", None),  # two sessions that nobody saw
        ("1000", at("2026-11-18", "15:29"), "500", FELL),
    ],
)
def test_the_first_trades_of_a_day_tell(seen: str, then: datetime, close: str, change: str | None) -> None:
    old, new = quote("X", seen, at=then), quote("X", close, close, at=NEXT)
    assert basis_change(old, new, packaged) == change


def test_a_crash_after_the_open_is_none() -> None:
    old, new = quote("X", "1000", at=AT_THE_CLOSE), quote("X", "450", "998", at=NEXT)
    assert basis_change(old, new, packaged) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (quote("X", "1000", at=AT_THE_CLOSE), quote("X", "500", at=NEXT)),  # no previous close
        (quote("X", "1000", at=at(MONDAY, "09:20")), quote("X", "500", "500", at=at(MONDAY, "09:21"))),
        (quote("X", "0", at=AT_THE_CLOSE), quote("X", "500", "500", at=NEXT)),
        (quote("X", "1000", at=AT_THE_CLOSE, last_trade_at=None, exchange_at=None), quote("X", "500", "500", at=NEXT)),
        (quote("X", "1000", at=AT_THE_CLOSE), quote("X", "500", "500", at=NEXT, last_trade_at=None, exchange_at=None)),
        # Asked before the open: the close it comes with is that of the session before the last.
        (quote("X", "1000", at=AT_THE_CLOSE), quote("X", "1000", "500", at=NEXT, last_trade_at=AT_THE_CLOSE)),
        (quote("X", "1000", at=NEXT), quote("X", "500", "500", at=AT_THE_CLOSE)),  # an older one
    ],
)
def test_what_tells_nothing_is_none(old, new) -> None:  # type: ignore[no-untyped-def]
    assert basis_change(old, new, packaged) is None


def test_the_same_trade_at_another_price_is_one() -> None:
    """Before the open of the day the price of the last trade itself is the adjusted one."""
    old = quote("X", "1000", "990", at=AT_THE_CLOSE)
    new = quote("X", "500", "495", at=at(MONDAY, "08:55"), last_trade_at=AT_THE_CLOSE)
    assert basis_change(old, new, packaged) == FELL
    assert basis_change(old, new._replace(last_price=Decimal(1000)), packaged) is None


def test_a_year_without_a_calendar_has_the_widest_bounds() -> None:
    old = quote("X", "1000", at=AT_THE_CLOSE)
    assert basis_change(old, quote("X", "600", "600", at=NEXT), lambda: None) is None
    assert basis_change(old, quote("X", "500", "500", at=NEXT), lambda: None) == FELL


@pytest.mark.parametrize("price", ["975", "930"])
def test_before_the_open_the_last_trade_may_be_told_by_another_price(price: str) -> None:
    """The official close, an average, in place of it."""
    new = quote("X", price, "990", at=at(MONDAY, "09:05"), last_trade_at=AT_THE_CLOSE)
    assert basis_change(quote("X", "1000", "990", at=AT_THE_CLOSE), new, packaged) is None


def test_an_older_answer_tells_nothing() -> None:
    """The stored one was fetched while the clock was ahead."""
    old = quote("X", "1000", at=AT_THE_CLOSE, fetched_at=at(MONDAY, "12:00"))
    assert basis_change(old, quote("X", "500", "500", at=NEXT), packaged) is None


async def test_the_calendar_is_read_once_for_any_number_of_symbols(tmp_path: Path) -> None:
    read = []

    def calendar() -> MarketCalendar:
        read.append(1)
        return packaged()

    def both(tx: Transaction) -> None:
        old = [quote(f"S{n}", "1000", at=AT_THE_CLOSE) for n in range(50)]
        keep(tx, old, calendar, AT_THE_CLOSE)
        keep(tx, [quote(each.symbol, "500", "500", at=NEXT) for each in old], calendar, NEXT)
        keep(tx, [quote(each.symbol, "510", "500", at=NEXT + timedelta(minutes=1)) for each in old], calendar, NEXT)

    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=FakeClock(NEXT))
    try:
        await db.write(both)
        marks = await db.read(lambda tx: mark_store.read(tx, "sandbox", FELL))
    finally:
        await db.close()
    assert len(marks) == 50
    assert read == [1]


async def test_a_calendar_that_cannot_be_read_is_asked_for_once(tmp_path: Path) -> None:
    read = []

    def calendar() -> MarketCalendar:
        read.append(1)
        raise ConfigurationError("calendar.toml is wrong")

    def both(tx: Transaction) -> None:
        keep(tx, [quote(name, "1000", at=AT_THE_CLOSE) for name in "AB"], calendar, AT_THE_CLOSE)
        keep(tx, [quote(name, "600", "600", at=NEXT) for name in "AB"], calendar, NEXT)

    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=FakeClock(NEXT))
    try:
        await db.write(both)
        assert await db.read(lambda tx: mark_store.read(tx, "sandbox", FELL)) == {}
    finally:
        await db.close()
    assert read == [1]


def test_a_holiday_between_makes_no_difference() -> None:
    """The 24th of November 2026 is not traded, so the session before the 25th is the 23rd."""
    old = quote("X", "1000", at=at(MONDAY, "15:29"))
    assert basis_change(old, quote("X", "880", "880", at=at("2026-11-25", "09:16")), packaged) == FELL
