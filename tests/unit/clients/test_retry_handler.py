import asyncio
from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import AsyncRetrying, RetryCallState

from robotrader.core.background_scheduler.clients.retry_handler import (
    AttemptRefusedError,
    RetryHandler,
    _refusal,
    backoff_seconds,
    retry_after_seconds,
)
from robotrader.core.errors import UpstreamError
from tests.support.ports import START, FakeClock

IN_TEN = format_datetime(START + timedelta(seconds=10), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": IN_TEN}, 10),
        ({"retry-after": IN_TEN, "date": format_datetime(START + timedelta(seconds=4), usegmt=True)}, 6),
        ({"retry-after": IN_TEN, "date": "yesterday"}, 10),
        ({"retry-after": format_datetime(START - timedelta(seconds=10), usegmt=True)}, None),
        ({"retry-after": IN_TEN.replace("GMT", "-0000")}, 10),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, 86_400),
        ({"retry-after": "1e99"}, 86_400),
        ({"retry-after": "٧"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Fri, 99 Nov 2026 25:00:00 GMT"}, None),
        ({"retry-after": "in a minute"}, None),
    ],
)
def test_the_servers_hint(headers: Mapping[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, START) == seconds


@given(st.text() | st.sampled_from(["Fri, 20 Nov 2026 04:00:10 GMT", "1e400", "0x10"]), st.text())
def test_any_hint_is_none_or_between_zero_and_a_day(text: str, date: str) -> None:
    seconds = retry_after_seconds({"retry-after": text, "date": date}, START)
    assert seconds is None or 0 < seconds <= 86_400


@given(st.integers(1, 10_000), st.floats(0.001, 100), st.floats(0, 1, exclude_max=True))
def test_the_back_off_doubles_up_to_a_minute_and_is_spread_over_half(failures: int, base: float, spread: float) -> None:
    full = min(60.0, base * 2.0 ** min(failures - 1, 32))
    seconds = backoff_seconds(failures, base, spread)
    assert full / 2 <= seconds <= full
    assert backoff_seconds(failures + 1, base, 0) >= backoff_seconds(failures, base, 0)


class Attempts:
    """Refused as often as told, then answered."""

    def __init__(self, *refusals: AttemptRefusedError) -> None:
        self.left, self.made = list(refusals), 0

    async def __call__(self) -> str:
        self.made += 1
        if self.left:
            raise self.left.pop(0)
        return "answer"


def refused(wait: float | None = None, *, counts: bool = True) -> AttemptRefusedError:
    return AttemptRefusedError(UpstreamError("503"), wait=wait, counts=counts)


async def test_back_off_until_it_succeeds() -> None:
    clock = FakeClock()
    attempts = Attempts(refused(), refused(), refused())
    assert await RetryHandler(3, 1.0, clock=clock, spread=lambda: 0.0).retry(attempts) == "answer"
    assert clock.sleeps == [1.0, 2.0, 4.0]


async def test_the_hint_goes_before_the_back_off() -> None:
    clock = FakeClock()
    assert await RetryHandler(3, 1.0, clock=clock).retry(Attempts(refused(17.0))) == "answer"
    assert clock.sleeps == [17.0]


async def test_attempts_run_out() -> None:
    attempts = Attempts(*[refused(1.0) for _ in range(9)])
    with pytest.raises(UpstreamError) as caught:
        await RetryHandler(2, clock=FakeClock()).retry(attempts)
    assert attempts.made == 3
    assert caught.value.__cause__ is None


async def test_an_attempt_that_does_not_count_is_free() -> None:
    attempts = Attempts(*[refused(0.0, counts=False) for _ in range(7)])
    assert await RetryHandler(0, clock=FakeClock()).retry(attempts) == "answer"


async def test_no_wait_reaches_the_deadline() -> None:
    clock, attempts = FakeClock(), Attempts(refused(4.0), refused(6.0))
    with pytest.raises(UpstreamError):
        await RetryHandler(3, clock=clock).retry(attempts, deadline=10.0)
    assert (attempts.made, clock.sleeps) == (2, [4.0])


@pytest.mark.parametrize("error", [ValueError("x"), UpstreamError("not marked as refused"), asyncio.CancelledError()])
async def test_whatever_else_is_raised_ends_it_at_once(error: BaseException) -> None:
    made = 0

    async def attempt() -> str:
        nonlocal made
        made += 1
        raise error

    with pytest.raises(type(error)):
        await RetryHandler(3, clock=FakeClock()).retry(attempt)
    assert made == 1


@given(
    st.lists(st.tuples(st.none() | st.floats(0, 50), st.booleans()), max_size=12), st.integers(0, 5), st.floats(0, 200)
)
def test_attempts_and_time_are_kept(plan: list[tuple[float | None, bool]], retries: int, deadline: float) -> None:
    clock, attempts = FakeClock(), Attempts(*[refused(wait, counts=counts) for wait, counts in plan])

    async def run() -> bool:
        try:
            return bool(await RetryHandler(retries, clock=clock, spread=lambda: 0.5).retry(attempts, deadline))
        except UpstreamError:
            return False

    done = asyncio.run(run())
    made = plan[: attempts.made]
    assert sum(counts for _, counts in made) <= retries + 1
    assert clock.monotonic() < deadline or clock.monotonic() == 0
    assert done == (attempts.made == len(plan) + 1)


async def test_it_works_with_the_machines_clock() -> None:
    assert await RetryHandler(max_retries=1, base_delay=0.001).retry(Attempts(refused())) == "answer"


def test_only_a_refusal_is_waited_for() -> None:
    state = RetryCallState(AsyncRetrying(), None, (), {})
    with pytest.raises(TypeError, match="only a refused attempt"):
        _refusal(state)
