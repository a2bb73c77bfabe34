"""Who places orders, and what stops them; all of it imported when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.stores import watch_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import Event, EventBus
from robotrader.providers import account_of, calendar_of, market_source_of
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient
    from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
    from robotrader.core.background_scheduler.trading import Instrument, Order, Quote
    from robotrader.core.coordinators.lifecycle_coordinator import LifecycleCoordinator
    from robotrader.core.coordinators.order_coordinator import OrderCoordinator
    from robotrader.core.services.broker import Broker
    from robotrader.core.services.execution_service import ExecutionService
    from robotrader.core.services.kite_broker import KiteBroker
    from robotrader.core.services.lifecycle_service import LifecycleService
    from robotrader.core.services.live_guard import LiveGuard
    from robotrader.core.services.order_desk import OrderDesk
    from robotrader.core.services.order_log import OrderLog
    from robotrader.core.services.paper_broker import PaperBroker
    from robotrader.core.services.trading_status import TradingStatus
    from robotrader.core.services.what_if_service import WhatIfService

SERVICES = "robotrader.core.services"
COORDINATORS = "robotrader.core.coordinators"
KITE = "kite"
PAPER_QUOTE_AGE = timedelta(seconds=5)
"""How old a quote may be that a paper order is filled at."""


def register_execution(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """Who places orders, and what stops them."""
    services = {
        "order_log:OrderLog": _log,
        "kite_broker:KiteBroker": _kite_broker,
        "paper_broker:PaperBroker": _paper_broker,
        "live_guard:LiveGuard": _guard,
        "execution_service:ExecutionService": _execution,
        "order_desk:OrderDesk": _desk,
        "what_if_service:WhatIfService": _what_if,
        "lifecycle_service:LifecycleService": _lifecycle_service,
        "trading_status:TradingStatus": _trading_status,
    }
    for place, make in services.items():
        container.register_place(f"{SERVICES}.{place}", partial(make, settings, clock))
    coordinators = {
        "order_coordinator:OrderCoordinator": _orders,
        "lifecycle_coordinator:LifecycleCoordinator": _lifecycle,
    }
    for place, make_one in coordinators.items():
        container.register_place(f"{COORDINATORS}.{place}", partial(make_one, settings))


async def settle_orders(settings: Settings, clock: Clock, c: DependencyContainer) -> None:
    """Bring on the orders that dead processes and doubts left behind; where there are none, nothing is imported."""
    db, account = await c.get(DatabaseStateManager), account_of(settings)
    today = clock.now().astimezone(IST).date()
    if not await db.read(lambda tx: watch_rows.ordered(tx, account, today)):
        return
    from robotrader.core.services.execution_service import ExecutionService

    await (await c.get(ExecutionService)).settle()


async def follow_exit(c: DependencyContainer, event: Event) -> None:
    """Order the exit that a broken rule asks for."""
    from robotrader.core.services.execution_service import ExecutionService

    await (await c.get(ExecutionService)).follow(event)


async def _execution(settings: Settings, clock: Clock, c: DependencyContainer) -> ExecutionService:
    from robotrader.core.services.execution_service import ExecutionService, Parts, Rules
    from robotrader.core.services.exit_rules import ExitRules
    from robotrader.core.services.live_guard import LiveGuard
    from robotrader.core.services.order_log import OrderLog
    from robotrader.core.services.order_sender import OrderSender
    from robotrader.core.services.order_settler import Hands, OrderSettler

    db, owners = await c.get(DatabaseStateManager), await c.get(OwnerRegistry)
    account, limit = account_of(settings), settings.trading.orders_per_minute
    broker = partial(_broker, account, c)
    log = await c.get(OrderLog)
    sender = OrderSender(db, clock, owners=owners, log=log, broker=broker, per_minute=limit)
    guard, exits = await c.get(LiveGuard), ExitRules(partial(calendar_of, settings.home))
    settler = OrderSettler(
        db,
        clock,
        account=account,
        hands=Hands(owners, log, sender, guard, exits),
        broker=broker,
        trades=partial(_trades, account, c),
        settle_seconds=settings.trading.settle_seconds,
    )
    parts = Parts(owners, log, sender, settler, guard, exits, partial(_price, settings, clock))
    return ExecutionService(db, clock, account=account, rules=Rules(settings.trading.max_order_inr, limit), parts=parts)


async def _broker(account: str, c: DependencyContainer) -> Broker:
    if account == KITE:
        from robotrader.core.services.kite_broker import KiteBroker

        return await c.get(KiteBroker)
    from robotrader.core.services.paper_broker import PaperBroker

    return await c.get(PaperBroker)


async def _log(_: Settings, clock: Clock, c: DependencyContainer) -> OrderLog:
    from robotrader.core.services.order_log import OrderLog

    return OrderLog(await c.get(DatabaseStateManager), clock, await c.get(EventStore), await c.get(EventBus))


async def _paper_broker(settings: Settings, clock: Clock, c: DependencyContainer) -> PaperBroker:
    from robotrader.core.services.order_log import OrderLog
    from robotrader.core.services.paper_broker import PaperBroker

    async def quotes(symbols: Sequence[str]) -> Mapping[str, Quote]:
        return (await (await _quotes(c)).get(symbols, max_age=PAPER_QUOTE_AGE)).found

    return PaperBroker(
        await c.get(DatabaseStateManager),
        clock,
        account=account_of(settings),
        calendar=partial(calendar_of, settings.home),
        quotes=quotes,
        log=await c.get(OrderLog),
        paper=settings.paper,
        trading=settings.trading,
    )


async def _trades(
    account: str, c: DependencyContainer, orders: Sequence[Order]
) -> Callable[[Transaction], None] | None:
    if account != KITE:
        return None  # the paper broker writes its trades down with its fills
    from robotrader.core.services.kite_broker import KiteBroker

    return await (await c.get(KiteBroker)).trades(orders)


async def _kite_broker(settings: Settings, _: Clock, c: DependencyContainer) -> KiteBroker:
    from robotrader.core.services.kite_broker import KiteBroker

    async def client() -> KiteClient:
        from robotrader.core.background_scheduler.clients.kite_client import KiteClient

        return await c.get(KiteClient)

    async def listed(symbol: str) -> Instrument | None:
        return await (await _instruments(c)).stored(symbol)

    return KiteBroker(client, protection=settings.trading.market_protection_pct, listed=listed)


async def _guard(settings: Settings, clock: Clock, c: DependencyContainer) -> LiveGuard:
    from robotrader.core.services.live_guard import LiveGuard

    return LiveGuard(settings, clock, source=market_source_of(settings), session_ends=partial(session_ends, c))


async def session_ends(c: DependencyContainer) -> datetime | None:
    """When the broker session ends, or has ended; None where there is none."""
    from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore

    state = await (await c.get(BrokerSessionStore)).state()
    if state.session is None:
        return None
    return state.session.expires_at if state.alive else state.ended_at


def _price(settings: Settings, clock: Clock, tx: Transaction, symbol: str) -> Decimal | None:
    """The last price that is stored and not stale."""
    from robotrader.core.background_scheduler.stores import quote_store

    found = quote_store.read(tx, market_source_of(settings), [symbol]).get(symbol)
    oldest = clock.now() - timedelta(seconds=settings.trading.stale_quote_seconds)
    return None if found is None or found.fetched_at < oldest else found.last_price


async def _desk(settings: Settings, clock: Clock, c: DependencyContainer) -> OrderDesk:
    from robotrader.core.services.execution_service import ExecutionService
    from robotrader.core.services.order_desk import OrderDesk

    limited = settings.trading.max_order_inr is not None
    return OrderDesk(
        await c.get(DatabaseStateManager),
        clock,
        account=account_of(settings),
        execution=await c.get(ExecutionService),
        quotes=partial(_quotes, c),
        price_age=timedelta(seconds=settings.trading.stale_quote_seconds / 2) if limited else None,
        renew=partial(_renew, settings, c),
    )


async def _instruments(c: DependencyContainer) -> InstrumentList:
    from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList

    return await c.get(InstrumentList)


async def _renew(settings: Settings, c: DependencyContainer, symbol: str) -> None:
    """See that the list of instruments is of today, where there is somebody who has one."""
    if market_source_of(settings):
        await (await _instruments(c)).instrument(symbol)


async def _quotes(c: DependencyContainer) -> QuoteDesk:
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk

    return await c.get(QuoteDesk)


async def _what_if(settings: Settings, clock: Clock, c: DependencyContainer) -> WhatIfService:
    from robotrader.core.services.what_if_service import WhatIfService

    db, quotes = await c.get(DatabaseStateManager), await _quotes(c)
    renew = partial(_renew, settings, c)
    return WhatIfService(settings, db, clock, account=account_of(settings), quotes=quotes, renew=renew)


async def _trading_status(settings: Settings, clock: Clock, c: DependencyContainer) -> TradingStatus:
    from robotrader.core.services.trading_status import TradingStatus

    db = await c.get(DatabaseStateManager)

    async def ends() -> datetime | None:
        return await session_ends(c) if settings.kite.api_key else None

    return TradingStatus(db, clock, account=account_of(settings), session_ends=ends)


async def _orders(settings: Settings, c: DependencyContainer) -> OrderCoordinator:
    from robotrader.core.coordinators.order_coordinator import OrderCoordinator

    return OrderCoordinator(
        settings, await c.get(EventBus), desk=await _open_desk(c), what_if=partial(_open_what_if, c)
    )


async def _open_desk(c: DependencyContainer) -> OrderDesk:
    from robotrader.core.services.order_desk import OrderDesk

    return await c.get(OrderDesk)


async def _open_what_if(c: DependencyContainer) -> WhatIfService:
    from robotrader.core.services.what_if_service import WhatIfService

    return await c.get(WhatIfService)


async def _lifecycle_service(_: Settings, clock: Clock, c: DependencyContainer) -> LifecycleService:
    from robotrader.core.services.lifecycle_service import LifecycleService

    return LifecycleService(await c.get(DatabaseStateManager), clock, await c.get(EventStore), await c.get(EventBus))


async def _lifecycle(settings: Settings, c: DependencyContainer) -> LifecycleCoordinator:
    from robotrader.core.coordinators.lifecycle_coordinator import LifecycleCoordinator
    from robotrader.core.services.lifecycle_service import LifecycleService

    service = await c.get(LifecycleService)
    return LifecycleCoordinator(settings, await c.get(EventBus), lifecycle=service, orders=partial(_open_desk, c))
