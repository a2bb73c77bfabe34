"""Processes that place orders in one home, each with its own lock, over one broker that tests own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.events.event_handler import DURABLE_TYPES
from robotrader.core.background_scheduler.stores import halt_store, order_steps, order_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import (
    BrokerOrder,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
)
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.event_bus import EventBus
from robotrader.core.services.execution_service import ExecutionService, Parts, Rules
from robotrader.core.services.exit_rules import ExitRules
from robotrader.core.services.live_guard import LiveGuard
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_sender import OrderSender
from robotrader.core.services.order_settler import Hands, OrderSettler
from robotrader.providers import calendar_of
from robotrader.settings import KiteSettings, Settings, TradingSettings
from tests.support import exits
from tests.support.clock import FakeClock

Behaviour = Callable[["Book", Order], Awaitable[None]]
SELL_SBIN = OrderRequest("SBIN", Side.SELL, 10)


def limit(quantity: int = 10, price: str = "800") -> OrderRequest:
    """An order at a price."""
    return OrderRequest("SBIN", Side.BUY, quantity, OrderType.LIMIT, price=Decimal(price))


@dataclass
class Book:
    """A broker. ``before`` and ``after`` are called around the acceptance of an order, and may raise."""

    account: str = "kite"
    rows: dict[str, BrokerOrder] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)
    before: Behaviour | None = None
    after: Behaviour | None = None
    status: OrderStatus = OrderStatus.COMPLETE
    looks: int = 0
    deaf: Exception | None = None
    refuses: Exception | None = None

    async def place(self, order: Order) -> Order:
        if self.before is not None:
            await self.before(self, order)
        self.placed.append(order.tag)
        number = f"{len(self.placed):015}"
        filled = order.request.quantity if self.status is OrderStatus.COMPLETE else 0
        average = Decimal(90) if filled else None
        self.rows[number] = BrokerOrder(
            number, order.tag, order.request, self.status, filled, average, None, order.sent_at
        )
        if self.after is not None:
            await self.after(self, order)
        return order._replace(status=OrderStatus.OPEN, broker_order_id=number)

    async def find(self, order: Order) -> BrokerOrder | None:
        return next((each for each in await self.book() if each.tag == order.tag), None)

    async def cancel(self, order: Order) -> None:
        if self.refuses is not None:
            raise self.refuses
        number = order.broker_order_id or ""
        self.rows[number] = self.rows[number]._replace(status=OrderStatus.CANCELLED)

    async def book(self) -> tuple[BrokerOrder, ...]:
        self.looks += 1
        if self.deaf is not None:
            raise self.deaf
        return tuple(self.rows.values())


@dataclass
class Trader:
    """One process of a home that trades."""

    db: DatabaseStateManager
    clock: FakeClock
    owners: OwnerRegistry
    events: EventStore
    bus: EventBus
    service: ExecutionService
    sender: OrderSender
    guard: LiveGuard
    account: str
    session_ends: datetime | None

    async def orders(self) -> tuple[Order, ...]:
        found = await self.db.read(lambda tx: order_store.newest(tx, self.account, day=None, symbol=None, limit=100))
        return found[::-1]

    async def only(self) -> Order:
        (order,) = await self.orders()
        return order

    async def told(self) -> list[str]:
        """The events of orders, oldest first."""
        found = (await self.events.list(limit=1000))[::-1]
        return [each.event.type.value for each in found if each.event.type.value.startswith("order.")]

    async def stop(self, reason: str = "a test") -> None:
        await self.db.write(lambda tx: halt_store.put(tx, reason, self.clock.now()))

    async def broken(self, symbol: str = "SBIN", **more: object) -> str:
        """Break a rule; the shares are held."""
        now = self.clock.now()
        return await self.db.write(
            lambda tx: exits.break_rule(tx, self.events, self.account, symbol, now, **more)  # type: ignore[arg-type]
        )

    async def hold(self, *symbols: str, quantity: int = 10) -> None:
        now = self.clock.now()
        await self.db.write(lambda tx: exits.hold(tx, self.account, symbols, now, quantity))

    async def follow(self, breach_id: str, symbol: str = "SBIN", **more: object) -> None:
        event = exits.breach_event(breach_id, self.account, symbol, self.clock.now(), **more)  # type: ignore[arg-type]
        await self.service.follow(event)

    async def outcome(self, breach_id: str) -> tuple[str, str | None]:
        row = await self.db.read(
            lambda tx: tx.one("SELECT outcome, detail FROM risk_breaches WHERE id = ?", (breach_id,))
        )
        assert row is not None
        return row[0], row[1]

    async def left(self, request: OrderRequest = SELL_SBIN, *, owner: str = "1-dead", **more: object) -> Order:
        """An order as another process left it, CREATED unless ``more`` says otherwise."""
        from robotrader.core.services.order_words import new_order

        order = new_order(request, self.account, self.clock.now(), reason="by hand")._replace(**more)  # type: ignore[arg-type]

        def unit(tx: object) -> None:
            order_store.insert(tx, order)  # type: ignore[arg-type]
            order_steps.take(tx, order.id, owner)  # type: ignore[arg-type]

        await self.db.write(unit)
        return order


@asynccontextmanager
async def trader(
    home: Path,
    clock: FakeClock,
    book: Book,
    *,
    per_minute: int = 10,
    max_order_inr: str | None = None,
    last_price: str | None = "800",
    mode: str = "live",
    asked: bool = True,
) -> AsyncIterator[Trader]:
    """A process; it leaves its lock behind on disk as any does, and lets go of it at the end."""
    home.mkdir(exist_ok=True)  # noqa: ASYNC240 - a test's own folder
    db = DatabaseStateManager(home / "robotrader.db", clock=clock)
    events = EventStore(db, clock, durable_types=DURABLE_TYPES, grace_seconds=60)
    bus, owners = EventBus(events, clock, durable_types=DURABLE_TYPES), OwnerRegistry(home / "locks")
    config = Settings(
        home,
        trading=TradingSettings(mode=mode),  # type: ignore[arg-type]
        kite=KiteSettings(api_key="key", api_secret="secret"),
    )
    made: list[Trader] = []

    async def session_ends() -> datetime | None:
        return made[0].session_ends

    async def broker() -> Book:
        return book

    async def trades(orders: object) -> None:
        del orders

    log, exit_rules = OrderLog(db, clock, events, bus), ExitRules(partial(calendar_of, home))
    guard = LiveGuard(config, clock, source="kite", session_ends=session_ends)
    if asked and mode == "live":
        guard.allow()
    sender = OrderSender(db, clock, owners=owners, log=log, broker=broker, per_minute=per_minute)
    settler = OrderSettler(
        db,
        clock,
        account=book.account,
        hands=Hands(owners, log, sender, guard, exit_rules),
        broker=broker,
        trades=trades,
        settle_seconds=10.0,
    )
    price = None if last_price is None else Decimal(last_price)
    parts = Parts(owners, log, sender, settler, guard, exit_rules, lambda *_: price)
    rules = Rules(None if max_order_inr is None else Decimal(max_order_inr), per_minute)
    service = ExecutionService(db, clock, account=book.account, rules=rules, parts=parts)
    ends = clock.now() + timedelta(hours=10)
    made.append(Trader(db, clock, owners, events, bus, service, sender, guard, book.account, ends))
    try:
        yield made[0]
    finally:
        await service.close()
        await db.close()


def today(clock: FakeClock) -> object:
    """The Indian day of a clock."""
    return clock.now().astimezone(IST).date()
