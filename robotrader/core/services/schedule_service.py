"""The schedules as they are shown: what holds, where it comes from, and when each is due next. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from robotrader.core.background_scheduler.config.task_specs import RunSpec
from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.errors import ConfigurationError
from robotrader.settings import ScheduleSettings, SchedulesSettings, WatchSettings

ASKING = ("fresh_hours", "fresh_hours_for", "batch", "concurrency")
"""What only a schedule says by which something is asked for."""


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """One schedule.

    Attributes:
        fresh_hours, fresh_hours_for: hours for which an answer needs no asking again; the latter by symbol.
        batch: symbols asked for in one paid call. This, freshness and concurrency are None where nothing is asked.
        next_slot: None where it is switched off, or (``problem`` says so) where the slot is not known.
        origins: where each value that is not the default comes from: ``file``, ``env`` or ``option``.
    """

    type: str
    enabled: bool
    trigger: str
    fresh_hours: float | None
    fresh_hours_for: Mapping[str, float] | None
    batch: int | None
    timeout_seconds: float
    max_attempts: int
    concurrency: int | None
    next_slot: datetime | None
    problem: str | None
    origins: Mapping[str, str]


def views(
    schedules: SchedulesSettings, specs: Mapping[TaskType, RunSpec], origins: Mapping[str, str], now: datetime
) -> tuple[ScheduleView, ...]:
    """Every schedule that something runs by. ``origins`` are those of all settings, by dotted key."""
    return tuple(_view(getattr(schedules, spec.word), spec, origins, now) for spec in specs.values())


def _view(
    given: ScheduleSettings | WatchSettings, spec: RunSpec, origins: Mapping[str, str], now: datetime
) -> ScheduleView:
    slot, problem = None, None
    if given.enabled:
        try:
            slot = spec.trigger.next(now)
        except ConfigurationError as error:  # the slot lies beyond the trading calendar
            problem = str(error)
    values: dict[str, Any] = {each.name: getattr(given, each.name) for each in fields(given)}
    known = {name: origins.get(f"schedules.{spec.word}.{name}", "default") for name in values}
    shown = {name: origin for name, origin in known.items() if origin != "default"}
    every: dict[str, Any] = {**dict.fromkeys(ASKING), **values}
    return ScheduleView(type=spec.word, next_slot=slot, problem=problem, origins=shown, **every)
