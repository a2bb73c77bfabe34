"""Who watches the market and the risk."""

from __future__ import annotations

from collections.abc import Mapping

from robotrader.core.background_scheduler.config.task_specs import RunSpec
from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.clock import Clock
from robotrader.core.di import DependencyContainer
from robotrader.settings import Settings

MONITORS = {
    TaskType.MARKET_MONITORING: "market_monitor:MarketMonitor",
    TaskType.RISK_MONITORING: "risk_monitor:RiskMonitor",
    TaskType.HEALTH_CHECK: "health_check:HealthCheck",
}


def register_market(
    container: DependencyContainer, settings: Settings, clock: Clock, specs: Mapping[TaskType, RunSpec]
) -> None:
    """Who watches the market and the risk."""


def monitor_class(kind: TaskType) -> type:
    """Who runs a type of task that watches, imported now."""
    from importlib import import_module

    module, _, name = MONITORS[kind].partition(":")
    found: type = getattr(import_module(f"robotrader.core.background_scheduler.monitors.{module}"), name)
    return found
