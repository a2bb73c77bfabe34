"""A paper broker over a real database, quotes that a test sets, and what must be true of its books at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.stores import ledger_store, order_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import (
    ZERO,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Position,
    Product,
    Quote,
    Side,
)
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import TradingError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.order_words import new_order
from robotrader.core.services.paper_broker import PaperBroker
from robotrader.settings import PaperSettings, TradingSettings
from tests.support.clock import FakeClock
from tests.support.market import with_rows
from tests.support.paper_books import imbalances
from tests.support.quotes import quote

ACCOUNT = "paper"
OTHER = "NIFTYBEES"
"""A symbol that the calendar of these tests knows as none of the F&O stocks; SBIN is one of them."""

CALENDAR = """
[[fno]]
symbol = "SBIN"
from = 2025-01-01
fno = true
source = "a test"

[[fno]]
symbol = "NIFTYBEES"
from = 2025-01-01
fno = false
source = "a test"
"""


def calendar() -> MarketCalendar:
    """The shipped calendar, and two symbols of which it is known whether they are F&O stocks."""
    return with_rows(CALENDAR)


def request(side: str, quantity: int, symbol: str = "SBIN", **more: Any) -> OrderRequest:
    """An order: ``type``, ``product``, ``price`` and ``trigger`` as plain words."""
    price, trigger = more.get("price"), more.get("trigger")
    return OrderRequest(
        symbol,
        Side(side),
        quantity,
        OrderType(more.get("type", "MARKET")),
        Product(more.get("product", "CNC")),
        None if price is None else Decimal(price),
        None if trigger is None else Decimal(trigger),
    )


@dataclass
class Desk:
    """One paper account, and the prices of the day."""

    db: DatabaseStateManager
    clock: FakeClock
    broker: PaperBroker
    quotes: dict[str, Quote] = field(default_factory=dict)
    error: TradingError | None = None
    asked: int = 0
    unmatched: dict[str, str] = field(default_factory=dict)

    def price(self, price: str, symbol: str = "SBIN", **more: Any) -> None:
        """What a symbol costs now."""
        at = more.pop("at", self.clock.now())
        self.quotes[symbol] = quote(symbol, price, more.pop("close", None), at=at, **more)

    async def order(self, given: OrderRequest, status: OrderStatus = OrderStatus.SENDING) -> Order:
        """An order that is written down and not placed."""
        now = self.clock.now()
        made = new_order(given, ACCOUNT, now, reason="by hand")._replace(status=status, sent_at=now)
        await self.db.write(lambda tx: order_store.insert(tx, made))
        return made

    async def place(self, side: str, quantity: int, symbol: str = "SBIN", **more: Any) -> Order:
        """Place an order."""
        return await self.broker.place(await self.order(request(side, quantity, symbol, **more)))

    async def match(self, quotes: Mapping[str, Quote] | None = None) -> Sequence[Event]:
        """Hold what rests against the prices that are set."""
        given, now = self.quotes if quotes is None else quotes, self.clock.now()
        matched = await self.db.write(lambda tx: self.broker.match(tx, given, now))
        assert matched.problems == self.unmatched
        return matched.events

    async def get(self, order: Order) -> Order:
        return await self.db.read(lambda tx: order_store.get(tx, order.id))

    async def cash(self) -> Decimal:
        found = await self.db.read(lambda tx: ledger_store.account(tx, ACCOUNT))
        return ZERO if found is None else found.cash_inr

    async def positions(self) -> dict[tuple[str, str], Position]:
        today = self.clock.now().astimezone(IST).date()
        found = await self.db.read(lambda tx: ledger_store.positions(tx, ACCOUNT, today))
        return {(each.symbol, each.product): each for each in found}

    async def events(self) -> list[str]:
        rows = await self.db.read(lambda tx: tx.all("SELECT type FROM events ORDER BY seq"))
        return [row[0] for row in rows]

    async def check(self) -> None:
        """See that the books balance."""
        problems = await self.db.read(partial(imbalances, account=ACCOUNT))
        if problems:
            raise AssertionError("\n".join(problems))

    async def prices_of(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {symbol: self.quotes[symbol] for symbol in symbols if symbol in self.quotes}


@asynccontextmanager
async def desk(
    folder: Path, clock: FakeClock, *, paper: PaperSettings | None = None, trading: TradingSettings | None = None
) -> AsyncIterator[Desk]:
    """A paper account over a database of its own; SBIN costs 100."""
    db = DatabaseStateManager(folder / "robotrader.db", clock=clock, synchronous="NORMAL")
    events = EventStore(db, clock, durable_types=frozenset({EventType.ORDER_FILLED}), grace_seconds=5.0)
    log = OrderLog(db, clock, events, EventBus(events, clock))
    made: list[Desk] = []
    known = calendar()

    async def prices(symbols: Sequence[str]) -> Mapping[str, Quote]:
        return await made[0].prices_of(symbols)

    broker = PaperBroker(
        db,
        clock,
        account=ACCOUNT,
        calendar=lambda: known,
        quotes=prices,
        log=log,
        paper=paper or PaperSettings(),
        trading=trading or TradingSettings(),
    )
    made.append(Desk(db, clock, broker))
    made[0].price("100")
    try:
        yield made[0]
    finally:
        await db.close()


def at(text: str) -> datetime:
    """An instant by an Indian wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=IST)
