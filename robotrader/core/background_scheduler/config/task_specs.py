"""The table of recurring work: what each task type is for, when it is due, and what one run may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from robotrader.core.background_scheduler.models import Dataset, TaskType
from robotrader.core.background_scheduler.triggers import Trigger, parse_trigger
from robotrader.settings import SchedulesSettings, ScheduleSettings


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One row.

    Attributes:
        word: the type's name on the command line and in ``[schedules]``.
        dataset: what it fetches per symbol of the watchlist.
        fresh_for: how long an answer needs no asking again.
        timeout_seconds: the deadline of one run, waits for keys and rate windows included.
        max_attempts: how often a run that failed for a passing reason is tried in all.
        concurrency: the most runs at the same time in one process.
    """

    type: TaskType
    word: str
    dataset: Dataset
    trigger: Trigger
    fresh_for: timedelta
    timeout_seconds: float
    max_attempts: int
    concurrency: int
    enabled: bool = True
    priority: int = 0


# Results come out after the market's close and through the evening; a symbol is asked once a week.
_DEFAULTS = (
    TaskSpec(
        type=TaskType.EARNINGS_ANALYSIS,
        word="earnings",
        dataset=Dataset.EARNINGS,
        trigger=parse_trigger("daily 19:30"),
        fresh_for=timedelta(days=7),
        timeout_seconds=150.0,
        max_attempts=3,
        concurrency=50,
    ),
)


def task_specs(schedules: SchedulesSettings) -> Mapping[TaskType, TaskSpec]:
    """The table with the owner's settings applied.

    Raises:
        ValidationError: a trigger cannot be read.
    """
    return {spec.type: _applied(spec, getattr(schedules, spec.word)) for spec in _DEFAULTS}


def _applied(spec: TaskSpec, given: ScheduleSettings) -> TaskSpec:
    return replace(
        spec,
        trigger=spec.trigger if given.trigger is None else parse_trigger(given.trigger),
        fresh_for=spec.fresh_for if given.fresh_hours is None else timedelta(hours=given.fresh_hours),
        timeout_seconds=given.timeout_seconds or spec.timeout_seconds,
        max_attempts=given.max_attempts or spec.max_attempts,
        concurrency=given.concurrency or spec.concurrency,
        enabled=spec.enabled if given.enabled is None else given.enabled,
    )
