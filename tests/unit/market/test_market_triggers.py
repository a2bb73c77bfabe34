"""Schedules in market time."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.config.market_triggers import (
    MARKET_FORMS,
    AroundSession,
    OnTradingDays,
    WhileOpen,
    market_forms,
    read_trigger,
)
from robotrader.core.background_scheduler.triggers import Every, Trigger, parse_trigger
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError, ValidationError
from tests.support.market import ist, packaged, with_rows

MICRO = timedelta(microseconds=1)
FROM, TO = datetime(2025, 1, 8), datetime(2026, 12, 24)  # noqa: DTZ001

lengths = st.builds(lambda count, unit: f"{count}{unit}", st.integers(1, 600), st.sampled_from(["s", "m"])) | st.builds(
    lambda count: f"{count}h", st.integers(1, 24)
)
every = lengths.map(lambda length: f"every {length} while open")
at = st.builds(lambda hour, minute: f"at {hour:02}:{minute:02} on trading days", st.integers(0, 23), st.integers(0, 59))
around = st.builds(
    lambda length, side, edge: f"{length} {side} {edge}",
    lengths,
    st.sampled_from(["before", "after"]),
    st.sampled_from(["open", "close"]),
)
texts = every | at | around
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(FROM, TO, timezones=zones)


def read(text: str, calendar: MarketCalendar | None = None) -> Trigger:
    return read_trigger(text, lambda: calendar or packaged())


@pytest.mark.parametrize(
    ("text", "now", "latest", "following"),
    [
        ("every 5m while open", "2026-11-20 09:14:59", "2026-11-19 15:25", "2026-11-20 09:15"),
        ("every 5m while open", "2026-11-20 09:15", "2026-11-20 09:15", "2026-11-20 09:20"),
        ("every 5m while open", "2026-11-20 11:03", "2026-11-20 11:00", "2026-11-20 11:05"),
        ("every 5m while open", "2026-11-20 15:30", "2026-11-20 15:25", "2026-11-23 09:15"),  # a Friday
        ("every 5m while open", "2026-11-23 16:00", "2026-11-23 15:25", "2026-11-25 09:15"),  # 11-24 is a holiday
        ("every 1h while open", "2026-11-20 12:00", "2026-11-20 11:15", "2026-11-20 12:15"),
        ("every 7m while open", "2026-11-20 15:29", "2026-11-20 15:26", "2026-11-23 09:15"),
        ("every 24h while open", "2026-11-20 12:00", "2026-11-20 09:15", "2026-11-23 09:15"),
        ("every 30m while open", "2025-10-21 14:20", "2025-10-21 14:15", "2025-10-23 09:15"),  # Muhurat, then 10-22
        ("every 30m while open", "2026-02-01 10:00", "2026-02-01 09:45", "2026-02-01 10:15"),  # the budget Sunday
        ("at 08:30 on trading days", "2026-11-20 08:29", "2026-11-19 08:30", "2026-11-20 08:30"),
        ("at 08:30 on trading days", "2026-11-20 08:30", "2026-11-20 08:30", "2026-11-23 08:30"),
        ("at 08:30 on trading days", "2026-11-24 12:00", "2026-11-23 08:30", "2026-11-25 08:30"),
        ("at 23:59 on trading days", "2026-11-21 00:00", "2026-11-20 23:59", "2026-11-23 23:59"),
        ("at 00:00 on trading days", "2026-11-20 00:00", "2026-11-20 00:00", "2026-11-23 00:00"),
        ("15m after close", "2026-11-20 15:44", "2026-11-19 15:45", "2026-11-20 15:45"),
        ("15m after close", "2026-11-20 15:45", "2026-11-20 15:45", "2026-11-23 15:45"),
        ("15m after close", "2025-10-21 16:00", "2025-10-21 15:00", "2025-10-23 15:45"),
        ("10h after close", "2026-11-21 01:00", "2026-11-20 01:30", "2026-11-21 01:30"),  # Friday's, on Saturday
        ("30m before open", "2026-11-20 08:44", "2026-11-19 08:45", "2026-11-20 08:45"),
        ("30m before open", "2026-11-20 08:45", "2026-11-20 08:45", "2026-11-23 08:45"),
        ("12h before open", "2026-11-22 21:14", "2026-11-19 21:15", "2026-11-22 21:15"),  # Monday's, on Sunday
        ("5m after open", "2026-11-20 09:19", "2026-11-19 09:20", "2026-11-20 09:20"),
        ("10m before close", "2026-11-20 15:20", "2026-11-20 15:20", "2026-11-23 15:20"),
    ],
)
def test_slots(text: str, now: str, latest: str, following: str) -> None:
    trigger = read(text)
    assert trigger.latest(ist(now)) == ist(latest)
    assert trigger.next(ist(now)) == ist(following)


@given(texts, instants)
def test_now_lies_between_two_slots_that_know_each_other(text: str, now: datetime) -> None:
    trigger = read(text)
    latest, following = trigger.latest(now), trigger.next(now)
    assert latest <= now < following
    assert latest.tzinfo is UTC
    assert following.tzinfo is UTC
    assert trigger.next(latest - MICRO) == latest
    assert trigger.latest(latest) == latest
    assert trigger.next(latest) == following
    assert trigger.latest(following) == following
    assert trigger.latest(following - MICRO) == latest


@given(texts, instants, zones)
def test_the_zone_of_the_instant_does_not_matter(text: str, now: datetime, zone: timezone) -> None:
    trigger = read(text)
    assert trigger.latest(now.astimezone(zone)) == trigger.latest(now)
    assert trigger.next(now.astimezone(zone)) == trigger.next(now)


@given(texts)
def test_the_text_can_be_read_again(text: str) -> None:
    trigger = read(text)
    assert str(trigger) == text
    assert read(str(trigger)) == trigger


@given(every, instants)
def test_no_slot_lies_outside_trading(text: str, now: datetime) -> None:
    slot = read(text).next(now)
    assert "open" in {packaged().state_at(slot, is_fno) for is_fno in (True, False)}


@given(at, instants)
def test_slots_lie_on_trading_days(text: str, now: datetime) -> None:
    assert packaged().is_trading_day(read(text).next(now).astimezone(IST).date())


def test_the_slots_of_a_day_with_two_sessions() -> None:
    calendar = with_rows(
        '[[days]]\ndate = 2026-11-21\nopen = "09:15-10:00, 11:30-12:30"\nreason = "drill"\nsource = "x"'
    )
    trigger, now, slots = read("every 20m while open", calendar), ist("2026-11-20 15:30"), []
    for _ in range(6):
        now = trigger.next(now)
        slots.append(f"{now.astimezone(IST):%H:%M}")
    assert slots == ["09:15", "09:35", "09:55", "11:30", "11:50", "12:10"]
    assert trigger.latest(ist("2026-11-21 11:00")) == ist("2026-11-21 09:55")
    assert read("15m after close", calendar).next(ist("2026-11-21 09:00")) == ist("2026-11-21 12:45")


@pytest.mark.parametrize(
    "text", ["every 5m while open", "at 08:30 on trading days", "15m after close", "30m before open"]
)
def test_an_uncovered_year_is_refused(text: str) -> None:
    trigger = read(text)
    with pytest.raises(ConfigurationError, match="does not cover 2027") as caught:
        trigger.next(ist("2026-12-31 20:00"))
    assert "robotrader calendar add" in str(caught.value.context.remedy)
    with pytest.raises(ConfigurationError, match="does not cover 2027"):
        trigger.latest(ist("2027-01-02 20:00"))
    with pytest.raises(ConfigurationError, match="does not cover 2024"):
        trigger.latest(ist("2025-01-01 00:01"))
    assert trigger.latest(ist("2026-12-31 20:00")).astimezone(IST).date().isoformat() == "2026-12-31"


def test_a_slot_that_may_lie_in_the_uncovered_year_is_refused_too() -> None:
    with pytest.raises(ConfigurationError, match="2027"):
        read("12h before open").latest(ist("2026-12-31 21:30"))


@pytest.mark.parametrize(
    "text", ["every 5m while open", "at 08:30 on trading days", "15m after close", "30m before open"]
)
def test_an_instant_needs_a_zone(text: str) -> None:
    for ask in (read(text).latest, read(text).next):
        with pytest.raises(ValidationError, match="timezone"):
            ask(datetime(2026, 11, 20))  # noqa: DTZ001


def no_calendar() -> MarketCalendar:
    raise AssertionError("the calendar was asked for")


@pytest.mark.parametrize("text", ["every 15m", "daily 19:30", "cron 30 8 * * 1-5"])
def test_other_triggers_are_read_without_a_calendar(text: str) -> None:
    assert read_trigger(text, no_calendar) == parse_trigger(text)


def test_words_are_read_leniently_and_kept_in_one_form() -> None:
    assert str(read("  EVERY  5M   While Open ")) == "every 5m while open"
    assert str(read("At 08:30 ON trading days")) == "at 08:30 on trading days"
    assert str(read("15M After Close")) == "15m after close"
    assert isinstance(read("every 5m while open"), WhileOpen)
    assert isinstance(read("at 08:30 on trading days"), OnTradingDays)
    assert isinstance(read("15m after close"), AroundSession)
    assert isinstance(read("every 5m"), Every)


def test_the_forms_fit_the_seam_of_parse_trigger() -> None:
    text = "15m after close"
    assert parse_trigger(text, market_forms(text, packaged)) == read(text)
    with pytest.raises(ValidationError):
        parse_trigger(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every 5m while closed",
        "every while open",
        "every 0m while open",
        "every 2d while open",
        "every 25h while open",
        "every 5 while open",
        "at 08:30",
        "at 8:30 on trading days",
        "at 24:00 on trading days",
        "at noon on trading days",
        "at 08:30 on Trading",
        "at on trading days",
        "15m after lunch",
        "15m close",
        "0m after close",
        "25h after close",
        "1d after close",
        "after close",
        "15 m after close",
        "-15m after close",
        "15m",
        "hourly",
        "daily 25:00",
    ],
)
def test_bad_text_is_refused_with_every_form(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(text)
    assert caught.value.context.remedy == MARKET_FORMS
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"every {text} while open", f"at {text} on trading days", f"5m {text}", f"{text} after close"):
        try:
            read(whole)
        except ValidationError as error:
            assert len(str(error)) < 1000  # noqa: PT017


# The instants lie around the days on which New York changes its clocks.
SCRIPT = """
from datetime import UTC, datetime, timedelta
from tests.support.market import packaged
from robotrader.core.background_scheduler.config.market_triggers import read_trigger
calendar = packaged()
for text in ("every 5m while open", "at 08:30 on trading days", "15m after close", "30m before open", "daily 19:30"):
    trigger = read_trigger(text, packaged)
    for now in (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), datetime(2026, 11, 1, 5, 59, tzinfo=UTC)):
        for _ in range(40):
            print(text, trigger.latest(now).isoformat(), trigger.next(now).isoformat(), calendar.state_at(now, None))
            now += timedelta(minutes=97)
"""


def test_the_zone_of_the_machine_does_not_matter() -> None:
    shown = {}
    for zone in ("UTC", "America/New_York", "Asia/Kolkata"):
        environ = {**os.environ, "TZ": zone}
        ran = subprocess.run([sys.executable, "-c", SCRIPT], env=environ, capture_output=True, text=True, check=True)
        shown[zone] = ran.stdout
    assert len(shown["UTC"].splitlines()) == 400
    assert shown["UTC"] == shown["America/New_York"] == shown["Asia/Kolkata"]
    assert "every 5m while open 2026-03-06T09:55:00+00:00 2026-03-09T03:45:00+00:00 closed" in shown["UTC"]
