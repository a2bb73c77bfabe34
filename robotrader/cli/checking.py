"""What is looked at of settings beyond their types, before they are gone by."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robotrader.settings import Settings


def check(loaded: Settings) -> None:
    """See that the program can run by these settings.

    Raises:
        ConfigurationError: a trigger, the calendar, a sandbox fault or the keys are not as they must be.
    """
    from robotrader.core.background_scheduler.config.task_specs import task_specs
    from robotrader.providers import calendar_of, check_keys
    from robotrader.sandbox.faults import check_fault

    task_specs(loaded.schedules, partial(calendar_of, loaded.home))
    check_fault(loaded.sandbox.fault)
    check_keys(loaded)
