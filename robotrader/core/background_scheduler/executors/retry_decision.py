"""What follows from a failed attempt, as a value; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from robotrader.core.background_scheduler.models import Ending, TaskStatus
from robotrader.core.errors import HaltedError, OutcomeUnknownError, TradingError

BASE_SECONDS = 30.0
CAP_SECONDS = 3600.0
HALTED_SECONDS = 900.0
"""A task that a budget or a stop holds back looks again after this long; looking costs nothing."""


def decide(error: TradingError, attempts: int, max_attempts: int, now: datetime) -> Ending:
    """How a task goes on after ``error`` in its ``attempts``-th attempt.

    A perhaps-paid call ends the task (UNKNOWN); a budget or a stop holds it back without counting; a passing trouble is
    tried again after what the service asked for, else after a wait that doubles; everything else has failed.
    """
    told = error.to_dict()
    document = error.context.metadata.get("document_id")
    if isinstance(error, OutcomeUnknownError):
        return Ending(TaskStatus.UNKNOWN, str(error), told, document_id=document)
    if isinstance(error, HaltedError):
        return Ending(TaskStatus.DEFERRED, str(error), told, not_before=now + timedelta(seconds=HALTED_SECONDS))
    if error.context.recoverable and attempts < max_attempts:
        asked = error.context.retry_after_seconds
        wait = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** (attempts - 1)) if asked is None else max(asked, 0.0)
        return Ending(TaskStatus.DEFERRED, str(error), told, not_before=now + timedelta(seconds=wait), document_id=document)
    return Ending(TaskStatus.FAILED, str(error), told, document_id=document)
