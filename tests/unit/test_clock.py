"""Time: exact to the microsecond, in UTC inside, with a zone always."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.clock import EPOCH, IST, Clock, SystemClock, from_micros, iso, to_micros
from tests.support.clock import START, FakeClock

INSTANTS = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001
    datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from((UTC, IST, timezone(-timedelta(hours=9))))
)  # fmt: skip


@given(INSTANTS)
def test_instants_come_back_exactly(instant: datetime) -> None:
    back = from_micros(to_micros(instant))
    assert back == instant
    assert back.tzinfo is UTC
    assert datetime.fromisoformat(iso(instant)) == instant
    assert iso(instant).endswith("Z")


@given(st.integers(-(10**15), 10**16))
def test_micros_come_back_exactly(micros: int) -> None:
    assert to_micros(from_micros(micros)) == micros


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="timezone"):
        to_micros(datetime(2026, 11, 20))  # noqa: DTZ001


def test_the_epoch_is_nothing() -> None:
    assert to_micros(EPOCH) == 0
    assert iso(EPOCH) == "1970-01-01T00:00:00Z"
    assert iso(EPOCH + timedelta(microseconds=1)) == "1970-01-01T00:00:00.000001Z"
    assert EPOCH.astimezone(IST).hour == 5


async def test_the_machines_clock_goes_forward() -> None:
    clock: Clock = SystemClock()
    before, mark = clock.now(), clock.monotonic()
    assert before.tzinfo is UTC
    await clock.sleep(0.001)
    await clock.sleep(-5)
    assert clock.monotonic() - mark >= 0.001
    assert abs(datetime.now(UTC) - clock.now()) < timedelta(seconds=5)


async def test_the_tests_clock_moves_by_sleeping() -> None:
    clock = FakeClock(patience=10)
    await clock.sleep(7.5)
    assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=7.5), 7.5)
    long = asyncio.create_task(clock.sleep(100))
    await asyncio.sleep(0)
    assert not long.done()
    clock.advance(99)
    await asyncio.sleep(0)
    assert not long.done()
    clock.advance(1)
    await long
    assert clock.sleeps == [7.5, 100]
