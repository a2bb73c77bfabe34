from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.triggers import Daily, Every, Trigger, parse_trigger
from robotrader.core.clock import IST
from robotrader.core.errors import ValidationError

MICRO = timedelta(microseconds=1)
CRONS = [
    "30 8 * * 1-5",
    "*/15 9-15 * * 1-5",
    "0 0 1 * *",
    "0 0 29 2 *",
    "59 23 31 12 *",
    "0 12 13 * 5",
    "15 10 * * 0",
    "15 10 * * 7",
    "0 9 L * *",
    "0 9 LW * *",
    "0 9 * * 5#3",
    "0 9 * * 2L",
    "* * * * *",
    "5,35 */6 1-7 JAN,JUL MON",
]

units = st.sampled_from(["s", "m", "h", "d"])
intervals = st.builds(lambda count, unit: f"every {count}{unit}", st.integers(1, 366), units)
daily = st.builds(lambda hour, minute: f"daily {hour:02}:{minute:02}", st.integers(0, 23), st.integers(0, 59))
texts = intervals | daily | st.sampled_from(CRONS).map(lambda cron: f"cron {cron}")
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1975, 1, 1), datetime(2190, 1, 1), timezones=zones)  # noqa: DTZ001
near_slots = st.sampled_from([timedelta(0), MICRO, -MICRO, timedelta(seconds=1), timedelta(milliseconds=999)])


@given(texts, instants)
def test_now_lies_between_two_slots_that_know_each_other(text: str, now: datetime) -> None:
    trigger = parse_trigger(text)
    latest, following = trigger.latest(now), trigger.next(now)
    assert latest <= now < following
    assert latest.tzinfo is UTC
    assert following.tzinfo is UTC
    assert trigger.next(latest - MICRO) == latest
    assert trigger.latest(latest) == latest
    assert trigger.next(latest) == following
    assert trigger.latest(following) == following
    assert trigger.latest(following - MICRO) == latest


@given(texts, instants, near_slots)
def test_around_a_slot(text: str, now: datetime, offset: timedelta) -> None:
    trigger = parse_trigger(text)
    slot = trigger.latest(now)
    near = slot + offset
    assert trigger.latest(near) <= near < trigger.next(near)
    assert (trigger.latest(near) >= slot) is (offset >= timedelta(0))


@given(texts, instants, zones)
def test_the_zone_of_the_instant_does_not_matter(text: str, now: datetime, zone: timezone) -> None:
    trigger = parse_trigger(text)
    assert trigger.latest(now.astimezone(zone)) == trigger.latest(now)
    assert trigger.next(now.astimezone(zone)) == trigger.next(now)


@given(texts)
def test_the_text_can_be_read_again(text: str) -> None:
    trigger = parse_trigger(text)
    assert str(trigger) == text
    assert parse_trigger(str(trigger)) == trigger


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.mark.parametrize(
    ("text", "now", "latest", "following"),
    [
        ("every 15m", "2026-11-20 09:20", "2026-11-20 09:15", "2026-11-20 09:30"),
        ("every 1h", "2026-11-20 09:20", "2026-11-20 09:00", "2026-11-20 10:00"),
        ("every 1d", "2026-11-20 09:20", "2026-11-20 00:00", "2026-11-21 00:00"),
        ("every 30s", "2026-11-20 09:20:29", "2026-11-20 09:20:00", "2026-11-20 09:20:30"),
        ("every 2h", "2026-11-20 00:00", "2026-11-20 00:00", "2026-11-20 02:00"),
        ("daily 19:30", "2026-11-20 19:29", "2026-11-19 19:30", "2026-11-20 19:30"),
        ("daily 19:30", "2026-11-20 19:30", "2026-11-20 19:30", "2026-11-21 19:30"),
        ("daily 02:00", "2026-12-31 23:00", "2026-12-31 02:00", "2027-01-01 02:00"),
        ("cron 30 8 * * 1-5", "2026-11-20 09:00", "2026-11-20 08:30", "2026-11-23 08:30"),
        ("cron 0 10 * * 0", "2026-11-20 09:00", "2026-11-15 10:00", "2026-11-22 10:00"),
        ("cron 0 10 * * 7", "2026-11-20 09:00", "2026-11-15 10:00", "2026-11-22 10:00"),
        ("cron 0 0 29 2 *", "2026-11-20 09:00", "2024-02-29 00:00", "2028-02-29 00:00"),
    ],
)
def test_slots(text: str, now: str, latest: str, following: str) -> None:
    trigger = parse_trigger(text)
    assert trigger.latest(ist(now)) == ist(latest)
    assert trigger.next(ist(now)) == ist(following)


def test_words_are_read_leniently_and_kept_in_one_form() -> None:
    assert str(parse_trigger("  EVERY   15M ")) == "every 15m"
    assert str(parse_trigger("Cron  0 9  * *  mon-fri")) == "cron 0 9 * * MON-FRI"
    assert isinstance(parse_trigger("every 15m"), Every)
    assert isinstance(parse_trigger("daily 09:15"), Daily)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "15m",
        "every",
        "every 0m",
        "every 15",
        "every 15x",
        "every -1m",
        "every 1.5h",
        "every 1h30m",
        "every 367d",
        "every 99999999d",
        "every 1m 2m",
        "every ١٥m",
        "daily",
        "daily 24:00",
        "daily 7:30",
        "daily 19:60",
        "daily 19:30:00",
        "daily 19.30",
        "cron",
        "cron * * * *",
        "cron 0 * * * * *",
        "cron 60 * * * *",
        "cron 0 24 * * *",
        "cron 0 0 31 2 *",
        "cron 0 0 30 2 *",
        "cron 5-1 * * * *",
        "cron */0 * * * *",
        "cron a * * * *",
        "cron 0 0 * * 8",
        "@daily",
        "hourly",
        "at 08:30 on trading days",
        "every 5m while open",
    ],
)
def test_bad_text_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        parse_trigger(text)
    assert "\n" not in str(caught.value)
    assert caught.value.context.remedy is not None
    assert "\n" not in caught.value.context.remedy


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, f"cron {text}", f"every {text}", f"daily {text}"):
        try:
            parse_trigger(whole)
        except ValidationError as error:
            assert len(str(error)) < 1000  # noqa: PT017


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    step = st.builds(lambda base, width: f"{base}/{width}", st.just("*") | span, st.integers(1, high))
    return st.just("*") | st.lists(number.map(str) | span | step, min_size=1, max_size=3).map(",".join)


crons = st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).map(" ".join)


@given(crons, instants)
def test_a_cron_expression_is_refused_or_works(expression: str, now: datetime) -> None:
    try:
        trigger = parse_trigger(f"cron {expression}")
    except ValidationError as error:
        assert "bad day-of-month" in str(error)  # noqa: PT017
        return
    latest, following = trigger.latest(now), trigger.next(now)
    assert latest <= now < following
    assert trigger.next(latest) == following
    assert trigger.latest(following - MICRO) == latest


@pytest.mark.parametrize("text", ["every 15m", "daily 19:30", "cron 30 8 * * *"])
def test_an_instant_needs_a_zone(text: str) -> None:
    trigger = parse_trigger(text)
    for ask in (trigger.latest, trigger.next):
        with pytest.raises(ValidationError, match="timezone"):
            ask(datetime(2026, 11, 20))  # noqa: DTZ001


def test_forms_that_need_a_calendar_can_be_added() -> None:
    class WhileOpen:
        def __init__(self, words: str) -> None:
            if words != "08:30 on trading days":
                raise ValueError("no such session")

        def latest(self, now: datetime) -> datetime:
            return now

        def next(self, now: datetime) -> datetime:
            return now

    made: Trigger = parse_trigger("at 08:30 on trading days", {"at": WhileOpen})
    assert isinstance(made, WhileOpen)
    with pytest.raises(ValidationError, match="no such session"):
        parse_trigger("at noon", {"at": WhileOpen})
    assert parse_trigger("every 5m", {"at": WhileOpen}) == parse_trigger("every 5m")


SCRIPT = """
import sys
from datetime import UTC, datetime
from robotrader.core.background_scheduler.triggers import parse_trigger
now = datetime(2026, 11, 20, 14, 7, tzinfo=UTC)
for text in ("every 2h", "every 1d", "daily 19:30"):
    trigger = parse_trigger(text)
    print(trigger.latest(now).isoformat(), trigger.next(now).isoformat())
assert "cronsim" not in sys.modules
trigger = parse_trigger("cron 30 8 * * 1-5")
print(trigger.latest(now).isoformat(), trigger.next(now).isoformat())
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
def test_the_zone_of_the_machine_does_not_matter(zone: str) -> None:
    environ = {**os.environ, "TZ": zone}
    shown = subprocess.run([sys.executable, "-c", SCRIPT], env=environ, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines() == [
        "2026-11-20T12:30:00+00:00 2026-11-20T14:30:00+00:00",
        "2026-11-19T18:30:00+00:00 2026-11-20T18:30:00+00:00",
        "2026-11-20T14:00:00+00:00 2026-11-21T14:00:00+00:00",
        "2026-11-20T03:00:00+00:00 2026-11-23T03:00:00+00:00",
    ]
