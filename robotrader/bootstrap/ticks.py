"""Who listens to live ticks; imported, with all it needs, when somebody is to listen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from robotrader.bootstrap.execution import KITE, settle_orders
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.di import DependencyContainer
from robotrader.providers import account_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_stream import KiteStream
    from robotrader.core.services.tick_service import TickService


async def tick_service(settings: Settings, clock: Clock, c: DependencyContainer) -> TickService:
    """Who listens to live ticks."""
    from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
    from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore
    from robotrader.core.services.tick_service import Parts, TickService

    sessions, listed = await c.get(BrokerSessionStore), await c.get(InstrumentList)
    account = account_of(settings)

    def stream() -> KiteStream:
        from robotrader.core.background_scheduler.clients import kite_stream

        kite_stream.library()
        kite = settings.kite
        return kite_stream.KiteStream(kite.api_key, session=sessions, clock=clock, address=kite.stream_url)

    settle = partial(settle_orders, settings, clock, c) if account == KITE else None
    parts = Parts(sessions.state, stream, listed.known, await c.get(QuoteDesk), settle)
    return TickService(await c.get(DatabaseStateManager), clock, account=account, parts=parts)
