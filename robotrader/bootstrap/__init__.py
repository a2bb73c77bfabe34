"""The composition root: every service is registered here, once, and made when it is first needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from robotrader.bootstrap.coordinators import register_coordinators
from robotrader.bootstrap.execution import register_execution
from robotrader.bootstrap.kite import register_kite
from robotrader.bootstrap.market import register_market
from robotrader.bootstrap.portfolio import register_portfolio
from robotrader.bootstrap.records import register_records
from robotrader.bootstrap.research import register_research
from robotrader.bootstrap.scheduler import register_scheduler
from robotrader.bootstrap.stores import register_health, register_stores
from robotrader.core import logs
from robotrader.core.background_scheduler.config.task_specs import dataset_specs, task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.clock import Clock, SystemClock
from robotrader.core.di import DependencyContainer
from robotrader.core.errors import ResourceError
from robotrader.core.event_bus import EventBus
from robotrader.core.orchestrator import RoboTraderOrchestrator
from robotrader.providers import calendar_of, market_source_of, provider_of
from robotrader.settings import Settings

FOLDERS = ("documents", "logs", "backups", "locks", "prompts")


@asynccontextmanager
async def open_app(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[RoboTraderOrchestrator]:
    """The program over one home, closed when the block is left.

    Raises:
        ResourceError: the home cannot be made or written.
        TradingError: whatever a service cannot start without.
    """
    make_home(settings.home)
    handler = logs.configure(settings.home / "logs", settings.logging.level)
    try:
        container = build_container(settings, clock or SystemClock())
        async with RoboTraderOrchestrator(settings, container, await container.get(EventBus)) as orchestrator:
            yield orchestrator
    finally:
        logs.release(handler)


def make_home(home: Path) -> None:
    """Make the home and its folders, for the owner alone (0700).

    Raises:
        ResourceError: it cannot be made.
    """
    try:
        for folder in (home, *(home / name for name in FOLDERS)):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(
            f"the home {home} cannot be made: {error.strerror}", remedy="set ROBOTRADER_HOME to a folder you can write"
        ) from error


def build_container(settings: Settings, clock: Clock) -> DependencyContainer:
    """Every service by its type, none of them made yet."""
    container = DependencyContainer()
    container.register_instance(Settings, settings)
    container.register_instance(OwnerRegistry, OwnerRegistry(settings.home / "locks"))
    register_stores(container, settings, clock)
    register_health(container, settings, clock)
    specs = task_specs(
        settings.schedules,
        partial(calendar_of, settings.home),
        provider=provider_of(settings),
        market=market_source_of(settings),
    )
    register_research(container, settings, clock, {spec.type: spec for spec in dataset_specs(specs)})
    register_scheduler(container, settings, clock, specs)
    register_kite(container, settings, clock)
    register_portfolio(container, settings, clock)
    register_execution(container, settings, clock)
    register_market(container, settings, clock, specs)
    register_records(container, settings, clock)
    register_coordinators(container, settings, clock)
    container.freeze()
    return container
