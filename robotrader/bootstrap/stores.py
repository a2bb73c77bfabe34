"""Where things are kept: the database and the stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from robotrader.core.background_scheduler.clients.breaker import after_failure, after_success
from robotrader.core.background_scheduler.events.event_handler import DURABLE_TYPES
from robotrader.core.background_scheduler.models import BreakerState
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.background_scheduler.stores.paid_call_store import Limits, PaidCallStore
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import Event, EventType
from robotrader.providers import calendar_of, market_source_of, provider_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from datetime import datetime

    from robotrader.core.background_scheduler.monitors.health_check import HealthCheck
    from robotrader.core.background_scheduler.monitors.health_monitor import Finding, HealthMonitor
    from robotrader.core.background_scheduler.stores.broker_session_store import SessionState
    from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore

T = TypeVar("T")

SCHEDULER = "robotrader.core.background_scheduler"


def register_stores(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """The database and the stores over it."""
    home = settings.home

    def on_state_change(store: list[EventStore], tx: Transaction, key: str, old: object, new: object) -> None:
        data = {"state": key, "old": old, "new": new}
        store[0].insert(tx, [Event(type=EventType.SYSTEM_STATE_CHANGED, source="database_state", data=data)])

    async def database(_: DependencyContainer) -> DatabaseStateManager:
        told: list[EventStore] = []
        db = DatabaseStateManager(
            home / "robotrader.db",
            clock=clock,
            synchronous=settings.database.synchronous,
            busy_timeout_seconds=settings.database.busy_timeout_seconds,
            backups=home / "backups",
            on_state_change=partial(on_state_change, told),
        )
        told.append(event_store(db))
        return db

    def event_store(db: DatabaseStateManager) -> EventStore:
        return EventStore(db, clock, durable_types=DURABLE_TYPES, grace_seconds=settings.scheduler.lease_seconds)

    def breaker_rule(state: BreakerState, ok: bool, now: datetime) -> BreakerState:
        limit, seconds = settings.perplexity.breaker_failures, settings.perplexity.breaker_seconds
        return after_success(state) if ok else after_failure(state, now, limit=limit, seconds=seconds)

    async def limits(c: DependencyContainer) -> LimitsStore:
        return LimitsStore(await c.get(DatabaseStateManager), clock, await c.get(EventStore), breaker_rule)

    async def ledger(c: DependencyContainer) -> PaidCallStore:
        b = settings.budget
        counted = Limits(b.daily_usd, b.monthly_usd, b.daily_calls, b.monthly_calls, b.reserve_usd)
        return PaidCallStore(
            await c.get(DatabaseStateManager),
            clock,
            await c.get(DocumentStore),
            await c.get(EventStore),
            counted if settings.live else None,
        )

    async def stocks(c: DependencyContainer) -> StockStateStore:
        return StockStateStore(await c.get(DatabaseStateManager), clock, await c.get(EventStore))

    async def earnings(c: DependencyContainer) -> EarningsStore:
        from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore

        return EarningsStore(await c.get(DatabaseStateManager))

    container.register_singleton(DatabaseStateManager, database)
    container.register_singleton(EventStore, lambda c: _with_db(c, event_store))
    container.register_singleton(TaskStore, lambda c: _with_db(c, TaskStore))
    container.register_singleton(StatusStore, lambda c: _with_db(c, StatusStore))
    container.register_place(f"{SCHEDULER}.stores.earnings_store:EarningsStore", earnings)
    container.register_singleton(DocumentStore, lambda c: _with_db(c, lambda db: DocumentStore(db, home / "documents")))
    container.register_singleton(LimitsStore, limits)
    container.register_singleton(PaidCallStore, ledger)
    container.register_singleton(StockStateStore, stocks)


def register_health(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """What looks whether all is well, asked for or as a task."""
    home, provider = settings.home, provider_of(settings)

    async def session(c: DependencyContainer) -> SessionState:
        from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore

        return await (await c.get(BrokerSessionStore)).state()

    async def trading(c: DependencyContainer) -> Sequence[Finding]:
        from robotrader.core.background_scheduler.monitors.trading_health import TradingHealth

        db = await c.get(DatabaseStateManager)
        source = market_source_of(settings)
        return await TradingHealth(settings, clock, db, source=source, session=partial(session, c)).findings()

    async def health(c: DependencyContainer) -> HealthMonitor:
        from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor

        return HealthMonitor(
            settings,
            clock,
            await c.get(DatabaseStateManager),
            await c.get(StatusStore),
            provider=provider,
            calendar=partial(calendar_of, home),
            trading=partial(trading, c),
        )

    async def health_check(c: DependencyContainer) -> HealthCheck:
        from robotrader.core.background_scheduler.monitors.health_check import HealthCheck
        from robotrader.core.background_scheduler.monitors.health_monitor import HealthMonitor

        return HealthCheck(await c.get(HealthMonitor))

    container.register_place(f"{SCHEDULER}.monitors.health_monitor:HealthMonitor", health)
    container.register_place(f"{SCHEDULER}.monitors.health_check:HealthCheck", health_check)


async def _with_db(c: DependencyContainer, make: Callable[[DatabaseStateManager], T]) -> T:
    return make(await c.get(DatabaseStateManager))
