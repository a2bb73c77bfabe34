"""The table of recurring work: what each task type is for, when it is due, and what one run may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import WORDS, Dataset, TaskType
from robotrader.core.background_scheduler.triggers import Trigger, parse_trigger
from robotrader.core.errors import ConfigurationError, ValidationError
from robotrader.settings import ScheduleSettings, SchedulesSettings, WatchSettings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What every row says.

    Attributes:
        word: the type's name on the command line and in ``[schedules]``.
        provider: who answers; empty where nobody does, and it cannot run then.
        timeout_seconds: the deadline of one run, waits for keys and rate windows included.
        max_attempts: how often a run that failed for a passing reason is tried in all.
        concurrency: the most runs at the same time in one process.
        again_within_seconds: the longest that a run which was put off waits; None for as long as is asked.
    """

    type: TaskType
    word: str
    provider: str
    trigger: Trigger
    timeout_seconds: float
    max_attempts: int
    concurrency: int = 1
    enabled: bool = True
    priority: int = 0
    again_within_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec(RunSpec):
    """A row for a dataset that is fetched for each symbol of the watchlist, and paid for.

    Attributes:
        fresh_for: how long an answer needs no asking again; ``own_fresh_for`` the same for single symbols.
        batch: how many symbols are asked for in one paid call; 1 asks for each by itself.
    """

    dataset: Dataset
    fresh_for: timedelta
    own_fresh_for: Mapping[str, timedelta] = field(default_factory=dict)
    batch: int = 1

    def fresh(self, symbol: str) -> timedelta:
        """How long an answer about a symbol needs no asking again."""
        return self.own_fresh_for.get(symbol, self.fresh_for)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSpec(RunSpec):
    """A row for work that has no symbol and costs nothing; a slot missed for longer than ``catch_up`` is left out."""

    catch_up: timedelta


CalendarOf = Callable[[], "MarketCalendar"]
"""Gives the trading calendar; called only where a trigger speaks market time."""

CATCH_UP = timedelta(minutes=15)
A_DAY = timedelta(days=1)
WATCH_PRIORITY = 20
"""Positions are looked after before anything is asked, by hand or not."""

WATCH_AGAIN_SECONDS = 45.0
"""What watches looks again after this long at most, whatever a service asks for: else the stops were blind meanwhile.
Less than a minute, so that a tick a minute finds it due."""


class OnDemand:
    """A trigger in market time that is read, with the calendar, when it is first asked for an instant."""

    def __init__(self, text: str, read: Callable[[], Trigger]) -> None:
        self._text = text
        self._read = read
        self._found: Trigger | None = None

    def __str__(self) -> str:
        return self._text

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC; raises as the trigger does."""
        return self._trigger().latest(now)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC; raises as the trigger does."""
        return self._trigger().next(now)

    def _trigger(self) -> Trigger:
        if self._found is None:
            self._found = self._read()
        return self._found


def task_specs(
    schedules: SchedulesSettings, calendar: CalendarOf | None = None, *, provider: str = "", market: str = ""
) -> Mapping[TaskType, RunSpec]:
    """The table, with the numbers of the settings. Without a calendar, triggers in market time are refused.

    Args:
        provider: who answers questions.
        market: who gives quotes, empty for nobody.

    Raises:
        ConfigurationError: a trigger, or the calendar it needs, cannot be read.
    """
    specs: list[RunSpec] = [
        _spec("earnings", Dataset.EARNINGS, schedules.earnings, calendar, provider),
        _spec("news", Dataset.NEWS, schedules.news, calendar, provider),
        _spec("fundamentals", Dataset.FUNDAMENTALS, schedules.fundamentals, calendar, provider),
    ]
    if calendar is not None:
        defaults = SchedulesSettings()
        specs += [
            _watch("market", schedules.market, defaults.market, calendar, market),
            _watch("risk", schedules.risk, defaults.risk, calendar, market),
            replace(
                _watch("health", schedules.health, defaults.health, calendar, provider), priority=0, catch_up=A_DAY
            ),
        ]
    return {spec.type: spec for spec in specs}


def dataset_specs(specs: Mapping[TaskType, RunSpec]) -> tuple[TaskSpec, ...]:
    """The rows that fetch a dataset."""
    return tuple(spec for spec in specs.values() if isinstance(spec, TaskSpec))


def watch_specs(specs: Mapping[TaskType, RunSpec]) -> tuple[WatchSpec, ...]:
    """The rows that watch something."""
    return tuple(spec for spec in specs.values() if isinstance(spec, WatchSpec))


def _trigger(word: str, text: str, calendar: CalendarOf | None) -> Trigger:
    try:
        try:
            return parse_trigger(text)
        except ValidationError:
            if calendar is None:
                raise
            from robotrader.core.background_scheduler.config.market_triggers import read_trigger

            return read_trigger(text, calendar)
    except ValidationError as error:
        raise ConfigurationError(f"schedules.{word}.trigger: {error}", remedy=error.context.remedy) from error


def _spec(word: str, dataset: Dataset, given: ScheduleSettings, calendar: CalendarOf | None, provider: str) -> TaskSpec:
    return TaskSpec(
        type=WORDS[word],
        word=word,
        provider=provider,
        dataset=dataset,
        trigger=_trigger(word, given.trigger, calendar),
        fresh_for=timedelta(hours=given.fresh_hours),
        timeout_seconds=given.timeout_seconds,
        max_attempts=given.max_attempts,
        concurrency=given.concurrency,
        enabled=given.enabled,
        own_fresh_for={symbol: timedelta(hours=hours) for symbol, hours in given.fresh_hours_for.items()},
        batch=given.batch,
    )


def _watch(word: str, given: WatchSettings, default: WatchSettings, calendar: CalendarOf, market: str) -> WatchSpec:
    # The default is known to be well written: a tick with nothing to watch does not read the calendar for it.
    known = given.trigger == default.trigger
    read = partial(_trigger, word, given.trigger, calendar)
    return WatchSpec(
        type=WORDS[word],
        word=word,
        provider=market,
        trigger=OnDemand(given.trigger, read) if known else read(),
        timeout_seconds=given.timeout_seconds,
        max_attempts=given.max_attempts,
        enabled=given.enabled,
        priority=WATCH_PRIORITY,
        catch_up=CATCH_UP,
        again_within_seconds=WATCH_AGAIN_SECONDS,
    )
