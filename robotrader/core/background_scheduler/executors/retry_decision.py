"""What follows from a failed attempt, as a value; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from robotrader.core.background_scheduler.models import Ending, TaskStatus
from robotrader.core.errors import (
    AuthenticationError,
    ConfigurationError,
    HaltedError,
    LoginRequiredError,
    OutcomeUnknownError,
    TradingError,
)

BASE_SECONDS = 30.0
CAP_SECONDS = 3600.0
HELD_SECONDS = 900.0
"""A task that waits for the owner looks again after this long; looking costs nothing."""

FOR_THE_OWNER = (HaltedError, AuthenticationError, ConfigurationError, LoginRequiredError)
"""What goes on failing until the owner acts."""


def decide(
    error: TradingError, attempts: int, max_attempts: int, now: datetime, *, longest_seconds: float | None = None
) -> Ending:
    """How a task goes on after ``error`` in its ``attempts``-th attempt.

    ``longest_seconds`` bounds every wait, also one that a service asks for; None waits as long as is asked.

    A perhaps-paid call ends the task (UNKNOWN). What only the owner can mend (a budget, a stop, keys, settings, a
    login) holds it back without counting attempts, so that it goes on by itself afterwards. A passing trouble is tried
    again after what the service asked for, else after a wait that doubles. Everything else has failed.
    """
    told = {**error.to_dict(), "remedy": error.context.remedy}
    document = error.context.metadata.get("document_id")
    if isinstance(error, OutcomeUnknownError):
        return Ending(TaskStatus.UNKNOWN, str(error), told, document_id=document)
    if isinstance(error, FOR_THE_OWNER):
        later = _later(now, HELD_SECONDS, longest_seconds)
        return Ending(TaskStatus.DEFERRED, str(error), told, not_before=later, counted=False)
    if error.context.recoverable and attempts < max_attempts:
        asked = error.context.retry_after_seconds
        wait = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** (attempts - 1)) if asked is None else max(asked, 0.0)
        later = _later(now, wait, longest_seconds)
        return Ending(TaskStatus.DEFERRED, str(error), told, not_before=later, document_id=document)
    return Ending(TaskStatus.FAILED, str(error), told, document_id=document)


def _later(now: datetime, wait: float, longest: float | None) -> datetime:
    return now + timedelta(seconds=wait if longest is None else min(wait, longest))
