"""The circuit breaker as three pure functions over ``BreakerState``; where the state lives is the store's business.

While open nothing passes. Once the time is over everybody passes again, and the first failure opens it anew, because
only a success clears the count of failures in a row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from robotrader.core.background_scheduler.models import BreakerState


def admits(state: BreakerState, now: datetime) -> bool:
    """Whether a request may go out at ``now``."""
    return state.opened_until is None or state.opened_until <= now


def seconds_open(state: BreakerState, now: datetime) -> float:
    """For how long nothing passes, in seconds; 0 where the breaker is closed."""
    return 0.0 if state.opened_until is None else max(0.0, (state.opened_until - now).total_seconds())


def after_failure(state: BreakerState, now: datetime, *, limit: int, seconds: float) -> BreakerState:
    """The state after one more failure: from ``limit`` failures in a row on it is open for ``seconds``.

    A failure that comes in while it is open (sent before it opened) is counted and does not prolong it.
    """
    failures = state.failures + 1
    if not admits(state, now):
        return BreakerState(failures, state.opened_until)
    return BreakerState(failures, now + timedelta(seconds=seconds) if failures >= limit else None)


def after_success(state: BreakerState) -> BreakerState:
    """The state after a success: closed, nothing counted."""
    return state if state == BreakerState() else BreakerState()
