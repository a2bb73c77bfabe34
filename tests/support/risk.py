"""A risk monitor over a real database, with prices and holdings that a test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.config.risk_kinds import Breach, Rule, RuleKind
from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.monitors.risk_monitor import RiskMonitor
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import order_store, risk_store
from robotrader.core.background_scheduler.trading import Book, Order, OrderRequest, OrderStatus, Position, Side
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event
from robotrader.core.ids import new_id
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.quotes import Prices

ACCOUNT = "kite"
OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=IST)
"""A Monday morning."""


def position(symbol: str, quantity: int, paid: str | None = None, *, product: str = "CNC", **more: Any) -> Position:
    """Shares that were held when the day began, and may all be sold."""
    given = {"sellable": max(0, quantity), "overnight_quantity": quantity, **more}
    return Position(symbol, product, quantity, average_price=None if paid is None else Decimal(paid), **given)


class Watch:
    """The monitor, its account, and what it told."""

    def __init__(self, db: DatabaseStateManager, clock: FakeClock) -> None:
        self.db = db
        self.clock = clock
        self.prices = Prices(clock, provider="kite")
        self.positions: list[Position] = []
        self.cash = Decimal(100_000)
        self.events: list[Event] = []
        self.record: dict[str, Any] = {}
        self.looks = 0
        desk = QuoteDesk(db, clock, provider="kite", fetch=self.prices.fetch, calendar=packaged)
        self.monitor = RiskMonitor(
            db, clock, account=ACCOUNT, desk=desk, calendar=packaged, stale_after=timedelta(seconds=120),
            refresh=self._book,
        )  # fmt: skip

    async def _book(self) -> Book:
        return Book(ACCOUNT, self.cash, tuple(self.positions), self.clock.now())

    async def rule(self, kind: RuleKind, subject: str, value: str, **more: Any) -> Rule:
        """Set a rule."""
        now = self.clock.now()
        made = Rule(new_id(now), ACCOUNT, kind, subject, Decimal(value), True, True, 0, None, now, now)
        return await self.db.write(lambda tx: risk_store.put(tx, made._replace(**more)))

    async def look(self, minutes: float = 1, *, seconds: float = 30) -> list[Event]:
        """One run, and then a minute; returns what it told. ``seconds`` are what the run may take, for real."""
        self.looks += 1
        now, name = self.clock.now(), f"c-{self.looks}"
        task = Task(name, TaskType.RISK_MONITORING, None, now, TaskStatus.RUNNING, now, name)
        outcome = await self.monitor.process(task, self.clock.monotonic() + seconds)
        save = outcome.save
        assert save is not None
        told = list(await self.db.write(save))
        self.record = outcome.record
        self.events += told
        self.clock.advance(60 * minutes)
        return told

    async def at(self, symbol: str, price: str, close: str | None = None, *, minutes: float = 1) -> list[str]:
        """A run at a price; returns the types of what it told."""
        self.prices.set(symbol, price, close)
        return [each.type.name for each in await self.look(minutes)]

    async def rules(self) -> list[Rule]:
        return list(await self.db.read(lambda tx: risk_store.rules(tx, ACCOUNT)))

    async def breaches(self) -> list[Breach]:
        """Oldest first."""
        return list(await self.db.read(lambda tx: risk_store.breaches(tx, ACCOUNT, limit=1000)))[::-1]

    async def outcome(self, outcome: str, breach_id: str | None = None) -> None:
        """What came of the last breach, or of one."""
        wanted = breach_id or (await self.breaches())[-1].id

        def unit(tx: Transaction) -> None:
            tx.run("UPDATE risk_breaches SET outcome = ? WHERE id = ?", (outcome, wanted))

        await self.db.write(unit)

    async def order(self, symbol: str, quantity: int, **more: Any) -> Order:
        """A sell order that is open, or as said."""
        now = self.clock.now()
        order_id = new_id(now)
        made = Order(
            order_id, ACCOUNT, order_id[-20:], OrderRequest(symbol, Side.SELL, quantity), OrderStatus.OPEN, "by hand",
            date(2026, 11, 23), now, order_id, sent_at=now,
        )._replace(**more)  # fmt: skip
        await self.db.write(lambda tx: order_store.insert(tx, made))
        return made


@asynccontextmanager
async def watch(tmp_path: Path, positions: Sequence[Position] = (), *, at: datetime = OPEN) -> AsyncIterator[Watch]:
    """A monitor that looks at some positions."""
    clock = FakeClock(at)
    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    try:
        made = Watch(db, clock)
        made.positions = list(positions)
        yield made
    finally:
        await db.close()
