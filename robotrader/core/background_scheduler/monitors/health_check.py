"""The health check as a task: what ``doctor`` finds, looked at by schedule."""

from __future__ import annotations

from dataclasses import asdict

from robotrader.core.background_scheduler.models import Task, TaskStatus
from robotrader.core.background_scheduler.monitors.health_monitor import PROBLEM, WARNING, Finding, HealthMonitor
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.errors import SystemFailure

LONGEST_FINDING = 160


class HealthCheck:
    """Runs health checks; a check that finds a problem is a task that failed, so that cron and scripts hear of it."""

    def __init__(self, monitor: HealthMonitor) -> None:
        self._monitor = monitor

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Look at everything once.

        Raises:
            SystemFailure: something is wrong that keeps work from being done; the message says what.
        """
        del task, deadline
        found = await self._monitor.check()
        problems = [each for each in found if each.state == PROBLEM]
        if problems:
            raise SystemFailure(_words(problems), remedy="robotrader doctor says what to do")
        warnings = [each for each in found if each.state == WARNING]
        reason = _words(warnings) if warnings else f"{len(found)} checks, all well"
        return Outcome(TaskStatus.COMPLETED, reason, record={"findings": [asdict(each) for each in found]})


def _words(found: list[Finding]) -> str:
    return "; ".join(f"{each.name}: {each.finding[:LONGEST_FINDING]}" for each in found)
