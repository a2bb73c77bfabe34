"""The health check as a task: by hand, by schedule once a day, and a problem is a failure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from robotrader.core.background_scheduler.models import TaskStatus, TaskType
from robotrader.core.clock import IST
from robotrader.settings import SchedulesSettings, WatchSettings
from tests.support.clock import FakeClock
from tests.support.spine import offline, process

MORNING = datetime(2026, 11, 23, 6, 59, tzinfo=IST)


async def test_by_hand_it_says_what_it_found(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        (outcome,) = (await p.scheduler.run_now("health", [], force=False)).outcomes
        assert outcome.task.type is TaskType.HEALTH_CHECK
        assert outcome.task.status is TaskStatus.COMPLETED
        names = [each["name"] for each in outcome.record["findings"]]
        assert {"provider", "database", "archive"} <= set(names)


async def test_a_problem_is_a_failure_that_says_so(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        folder = home / "documents" / "2025" / "11"
        folder.mkdir(parents=True)
        (folder / "019ab7f0-0000-8000-8000-000000000001.json").write_text("{}")
        (outcome,) = (await p.scheduler.run_now("health", [], force=False)).outcomes
        assert outcome.task.status is TaskStatus.FAILED
        assert outcome.exit_code == 1
        assert "it would be bought again" in (outcome.task.reason or "")
        assert outcome.remedy == "robotrader doctor says what to do"


async def test_by_schedule_it_runs_once_a_day_where_it_is_switched_on(home: Path) -> None:
    clock, base = FakeClock(MORNING), offline(home)
    daily = WatchSettings(trigger="daily 07:00", timeout_seconds=60.0)
    off = replace(SchedulesSettings().market, enabled=False)
    schedules = replace(base.schedules, health=daily, market=off)
    async with process(home, clock, settings=replace(base, schedules=schedules)) as p:
        assert len((await p.scheduler.tick()).outcomes) == 1  # yesterday's, which nobody ran
        for _ in range(3):
            assert not (await p.scheduler.tick()).outcomes
        clock.advance(timedelta(minutes=2).total_seconds())
        (outcome,) = (await p.scheduler.tick()).outcomes
        assert outcome.task.slot == MORNING.replace(hour=7, minute=0)
        assert not (await p.scheduler.tick()).outcomes
    async with process(home, clock, settings=base) as p:
        clock.advance(timedelta(days=1).total_seconds())
        assert not (await p.scheduler.tick()).outcomes
