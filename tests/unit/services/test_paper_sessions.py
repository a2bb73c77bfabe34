"""The session an order belongs to, and when intraday positions are closed."""

from __future__ import annotations

from datetime import time

import pytest

from robotrader.core.errors import ConfigurationError
from robotrader.core.services.paper_sessions import clock_time, is_open, square_off_at, stage, worth_a_look
from tests.support.paper import OTHER, at, calendar

CALENDAR = calendar()
TEN_PAST_THREE = time(15, 10)


@pytest.mark.parametrize(
    ("symbol", "now", "opens", "ends", "auction"),
    [
        ("SBIN", "2026-11-20 09:15", "2026-11-20 09:15", "2026-11-20 15:15", False),
        (OTHER, "2026-11-20 15:29", "2026-11-20 09:15", "2026-11-20 15:30", False),
        ("BSE:SBIN", "2026-11-20 12:00", "2026-11-20 09:15", "2026-11-20 15:15", False),
        ("UNKNOWN", "2026-11-20 12:00", "2026-11-20 09:15", "2026-11-20 15:30", False),
        ("UNKNOWN", "2026-11-20 15:20", "2026-11-20 09:15", "2026-11-20 15:30", False),  # as the rules are judged
        ("SBIN", "2026-11-20 15:15", "2026-11-20 15:15", "2026-11-20 15:50", True),
        ("SBIN", "2026-11-20 15:29", "2026-11-20 15:15", "2026-11-20 15:50", True),
        ("SBIN", "2026-11-20 15:30", "2026-11-23 09:15", "2026-11-23 15:15", False),
        ("SBIN", "2026-11-20 09:00", "2026-11-20 09:15", "2026-11-20 15:15", False),
        ("SBIN", "2026-11-21 12:00", "2026-11-23 09:15", "2026-11-23 15:15", False),
        ("SBIN", "2026-11-23 18:00", "2026-11-25 09:15", "2026-11-25 15:15", False),  # a holiday between
        ("SBIN", "2026-12-08 15:16", "2026-12-08 09:15", "2026-12-08 15:30", False),
        ("SBIN", "2026-12-08 15:35", "2026-12-08 15:30", "2026-12-08 15:55", True),
    ],
)
def test_the_session_of_an_order(symbol: str, now: str, opens: str, ends: str, *, auction: bool) -> None:
    found = stage(CALENDAR, symbol, at(now))
    assert (found.opens, found.ends, found.auction) == (at(opens), at(ends), auction)
    assert (found.waits is None) == (at(opens) <= at(now) and not auction)


def test_beyond_the_calendar_there_is_no_session() -> None:
    with pytest.raises(ConfigurationError, match="2027"):
        stage(CALENDAR, "SBIN", at("2026-12-31 18:00"))


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-11-20", "2026-11-20 15:10"), ("2026-11-08", "2026-11-08 19:10"), ("2026-11-21", None)],
)
def test_the_square_off_of_a_day(day: str, closes: str | None) -> None:
    found = square_off_at(CALENDAR, "SBIN", at(f"{day} 00:00").date(), TEN_PAST_THREE)
    assert found == (None if closes is None else at(closes))


def test_a_square_off_after_the_close_comes_before_it() -> None:
    assert square_off_at(CALENDAR, "SBIN", at("2026-11-20 00:00").date(), time(15, 20)) == at("2026-11-20 15:10")


def test_when_a_look_is_worth_while() -> None:
    assert is_open(CALENDAR, "SBIN", at("2026-11-20 15:14"))
    assert not is_open(CALENDAR, "SBIN", at("2026-11-20 15:15"))
    assert worth_a_look(CALENDAR, "SBIN", at("2026-11-20 15:40"))
    assert not worth_a_look(CALENDAR, OTHER, at("2026-11-20 15:40"))
    assert not worth_a_look(CALENDAR, "SBIN", at("2026-11-21 12:00"))


def test_a_time_of_day() -> None:
    assert (clock_time(" 15:10 ").hour, clock_time("9:05").minute) == (15, 5)
