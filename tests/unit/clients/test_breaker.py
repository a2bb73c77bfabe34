from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients.breaker import admits, after_failure, after_success, seconds_open
from robotrader.core.background_scheduler.models import BreakerState
from tests.support.ports import START


def fail(state: BreakerState, at: float) -> BreakerState:
    return after_failure(state, START + timedelta(seconds=at), limit=3, seconds=60)


def test_it_opens_at_the_limit_and_not_before() -> None:
    state = fail(fail(BreakerState(), 0), 0)
    assert admits(state, START)
    state = fail(state, 0)
    assert state == BreakerState(3, START + timedelta(seconds=60))
    assert not admits(state, START + timedelta(seconds=59.9))
    assert seconds_open(state, START + timedelta(seconds=20)) == 40


def test_once_the_time_is_over_one_failure_opens_it_anew() -> None:
    state = fail(fail(fail(BreakerState(), 0), 0), 0)
    assert admits(state, START + timedelta(seconds=60))
    assert seconds_open(state, START + timedelta(seconds=61)) == 0
    assert fail(state, 60).opened_until == START + timedelta(seconds=120)


def test_a_late_failure_does_not_prolong_it() -> None:
    state = fail(fail(fail(BreakerState(), 0), 0), 0)
    assert fail(state, 30) == BreakerState(4, state.opened_until)


def test_a_success_clears_everything() -> None:
    assert after_success(fail(fail(fail(BreakerState(), 0), 0), 0)) == BreakerState()
    assert after_success(BreakerState()) == BreakerState()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 300)), max_size=40), st.integers(1, 6))
def test_it_is_open_only_after_enough_failures_in_a_row(steps: list[tuple[bool, float]], limit: int) -> None:
    state, row, at = BreakerState(), 0, 0.0
    for ok, pause in steps:
        at += pause
        now = START + timedelta(seconds=at)
        state = after_success(state) if ok else after_failure(state, now, limit=limit, seconds=60)
        row = 0 if ok else row + 1
        assert state.failures == row
        assert admits(state, now) or row >= limit
        assert admits(state, now + timedelta(seconds=60))
