"""The table of recurring work: what each task type is for, when it is due, and what one run may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import WORDS, Dataset, TaskType
from robotrader.core.background_scheduler.triggers import Trigger, parse_trigger
from robotrader.core.errors import ConfigurationError, ValidationError
from robotrader.settings import ScheduleSettings, SchedulesSettings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One row.

    Attributes:
        word: the type's name on the command line and in ``[schedules]``.
        dataset: what it fetches per symbol of the watchlist.
        fresh_for: how long an answer needs no asking again; ``own_fresh_for`` the same for single symbols.
        timeout_seconds: the deadline of one run, waits for keys and rate windows included.
        max_attempts: how often a run that failed for a passing reason is tried in all.
        concurrency: the most runs at the same time in one process.
        batch: how many symbols are asked for in one paid call; 1 asks for each by itself.
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
    own_fresh_for: Mapping[str, timedelta] = field(default_factory=dict)
    batch: int = 1

    def fresh(self, symbol: str) -> timedelta:
        """How long an answer about a symbol needs no asking again."""
        return self.own_fresh_for.get(symbol, self.fresh_for)


CalendarOf = Callable[[], "MarketCalendar"]
"""Gives the trading calendar; called only where a trigger speaks market time."""


def task_specs(schedules: SchedulesSettings, calendar: CalendarOf | None = None) -> Mapping[TaskType, TaskSpec]:
    """The table, with the numbers of the settings. Without a calendar, triggers in market time are refused.

    Raises:
        ConfigurationError: a trigger, or the calendar it needs, cannot be read.
    """
    specs = [
        _spec("earnings", Dataset.EARNINGS, schedules.earnings, calendar),
        _spec("news", Dataset.NEWS, schedules.news, calendar),
        _spec("fundamentals", Dataset.FUNDAMENTALS, schedules.fundamentals, calendar),
    ]
    return {spec.type: spec for spec in specs}


def _trigger(text: str, calendar: CalendarOf | None) -> Trigger:
    try:
        return parse_trigger(text)
    except ValidationError:
        if calendar is None:
            raise
        from robotrader.core.background_scheduler.config.market_triggers import read_trigger

        return read_trigger(text, calendar)


def _spec(word: str, dataset: Dataset, given: ScheduleSettings, calendar: CalendarOf | None) -> TaskSpec:
    try:
        trigger = _trigger(given.trigger, calendar)
    except ValidationError as error:
        raise ConfigurationError(f"schedules.{word}.trigger: {error}", remedy=error.context.remedy) from error
    return TaskSpec(
        type=WORDS[word],
        word=word,
        dataset=dataset,
        trigger=trigger,
        fresh_for=timedelta(hours=given.fresh_hours),
        timeout_seconds=given.timeout_seconds,
        max_attempts=given.max_attempts,
        concurrency=given.concurrency,
        enabled=given.enabled,
        own_fresh_for={symbol: timedelta(hours=hours) for symbol, hours in given.fresh_hours_for.items()},
        batch=given.batch,
    )
