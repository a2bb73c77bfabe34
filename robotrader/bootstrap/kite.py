"""The client of Kite, or of the simulated market, its session and its lists; all of it imported when first needed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.core.errors import ConfigurationError
from robotrader.core.event_bus import EventBus
from robotrader.providers import calendar_of, market_source_of
from robotrader.settings import KiteSettings, Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient
    from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList
    from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore
    from robotrader.core.coordinators.session_coordinator import SessionCoordinator

SCHEDULER = "robotrader.core.background_scheduler"
SANDBOX = "sandbox"


def register_kite(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """The client of whoever gives quotes, the broker session, the list of instruments."""
    source = market_source_of(settings)

    async def sessions(c: DependencyContainer) -> BrokerSessionStore:
        from robotrader.core.background_scheduler.stores import broker_session_store as store

        db, events = await c.get(DatabaseStateManager), await c.get(EventStore)
        path = settings.home / store.NAME
        return store.BrokerSessionStore(db, clock, events, path=path, api_key=settings.kite.api_key)

    async def client(c: DependencyContainer) -> KiteClient:
        if settings.trading.mode == "live" and source == SANDBOX:
            raise ConfigurationError(
                "trading.mode is live and market.source is sandbox: simulated prices never stand beside real orders",
                remedy='set market.source to "kite"',
            )
        return _simulated(settings, clock) if source == SANDBOX else await real(c)

    async def real(c: DependencyContainer) -> KiteClient:
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient
        from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore
        from robotrader.core.background_scheduler.stores.rate_windows import RateWindows

        if not settings.kite.api_key:
            raise ConfigurationError(
                "no app of Kite is set",
                remedy='set KITE_API_KEY and KITE_API_SECRET, or market.source = "sandbox" for simulated prices',
            )
        return KiteClient(
            settings.kite,
            session=await c.get(BrokerSessionStore),
            gates=RateWindows(await c.get(DatabaseStateManager), clock),
            clock=clock,
            orders_per_minute=settings.trading.orders_per_minute,
        )

    async def instruments(c: DependencyContainer) -> InstrumentList:
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient
        from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList

        async def market() -> KiteClient:
            return await c.get(KiteClient)

        db = await c.get(DatabaseStateManager)
        return InstrumentList(db, clock, provider=source, client=market, folder=settings.home)

    async def session(c: DependencyContainer) -> SessionCoordinator:
        from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore
        from robotrader.core.coordinators.session_coordinator import SessionCoordinator
        from robotrader.core.services.session_service import SessionService

        service = SessionService(settings.kite, clock, await c.get(BrokerSessionStore), client=partial(real, c))
        return SessionCoordinator(settings, await c.get(EventBus), session=service)

    container.register_place(f"{SCHEDULER}.stores.broker_session_store:BrokerSessionStore", sessions)
    container.register_place(f"{SCHEDULER}.clients.kite_client:KiteClient", client)
    container.register_place(f"{SCHEDULER}.processors.instrument_list:InstrumentList", instruments)
    container.register_place("robotrader.core.coordinators.session_coordinator:SessionCoordinator", session)


def _simulated(settings: Settings, clock: Clock) -> KiteClient:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient
    from robotrader.sandbox.kite_session import SandboxSession
    from robotrader.sandbox.kite_transport import KiteSandboxTransport

    everything = SandboxSession()
    return KiteClient(
        KiteSettings(api_key=SANDBOX),
        session=everything,
        gates=everything,
        clock=clock,
        transport=KiteSandboxTransport(clock=clock, calendar=partial(calendar_of, settings.home)),
        provider=SANDBOX,
    )
