"""A portfolio in one test: real SQLite, the real services, prices that the test sets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile, parse_holdings
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import ledger_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import Book
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import LoginRequiredError
from robotrader.core.event_bus import EventBus
from robotrader.core.services.holdings_service import HoldingsService
from robotrader.core.services.pnl_service import PnlService
from robotrader.core.services.portfolio_quotes import PortfolioQuotes
from robotrader.core.services.portfolio_service import PortfolioService
from robotrader.providers import calendar_of
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.quotes import Prices

T = TypeVar("T")
CASH = Decimal(1_000_000)


@dataclass
class Desk:
    """The services of one account over one database."""

    clock: FakeClock
    db: DatabaseStateManager
    events: EventStore
    prices: Prices
    portfolio: PortfolioService
    holdings: HoldingsService
    results: PnlService
    kite: list[Book]
    bus: EventBus

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(IST).date()

    async def take_in(self, text: str, *, replace: bool = False, dry_run: bool = False):
        found: HoldingsFile = parse_holdings(text, self.today)
        return await self.holdings.take_in(found, replace=replace, dry_run=dry_run)

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        return await self.db.write(unit)

    async def read(self, query: Callable[[Transaction], T]) -> T:
        return await self.db.read(query)

    async def event_count(self) -> int:
        return len(await self.events.list(limit=1000))

    def until(self, moment: datetime) -> None:
        """Let time pass until an instant."""
        self.clock.advance((moment - self.clock.now()).total_seconds())


@asynccontextmanager
async def desk(
    home: Path, clock: FakeClock, *, account: str = "sandbox", source: str = "sandbox"
) -> AsyncIterator[Desk]:
    """The services of an account whose prices come from ``source``."""
    db = DatabaseStateManager(home / "robotrader.db", clock=clock)
    events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
    prices, told = Prices(clock), list[Book]()

    async def ask() -> Book:
        if not told:
            raise LoginRequiredError("the session at Kite has ended", remedy="robotrader login")
        return told[-1]

    quotes = PortfolioQuotes(
        db,
        clock,
        QuoteDesk(db, clock, provider=source, fetch=prices.fetch, calendar=packaged),
        calendar=partial(calendar_of, home),
        stale=timedelta(seconds=120),
    )
    try:
        yield Desk(
            clock,
            db,
            events,
            prices,
            PortfolioService(
                db,
                clock,
                events,
                quotes,
                account=account,
                paper="sandbox" if source == "sandbox" else "paper",
                cash=CASH,
                ask_broker=ask,
            ),
            HoldingsService(db, clock, events, account=account, cash=CASH, calendar=partial(calendar_of, home)),
            PnlService(db, clock, quotes, account=account),
            told,
            EventBus(events, clock),
        )
    finally:
        await db.close()


def buy(tx: Transaction, account: str, symbol: str, quantity: int, price: str, day: date, order: str) -> None:
    """Shares bought by an order, as the paper broker writes it down, without its charges."""
    now = datetime(day.year, day.month, day.day, 10, tzinfo=IST)
    paid = Decimal(price) * quantity
    ledger_store.add_lot(
        tx, account, symbol, "CNC", quantity, Decimal(price), day, day + timedelta(days=1), "order", order_id=order
    )
    ledger_store.enter_cash(tx, account, CashKind.BUY, -paid, now, day, symbol=symbol, order_id=order)
    _trade(tx, account, symbol, "BUY", quantity, price, day, order)


def sell(tx: Transaction, account: str, symbol: str, quantity: int, price: str, day: date, order: str) -> None:
    """Shares sold by an order, as the paper broker writes it down, without its charges."""
    now = datetime(day.year, day.month, day.day, 10, tzinfo=IST)
    ledger_store.take_lots(tx, account, symbol, "CNC", quantity, Decimal(price), day, order)
    ledger_store.enter_cash(
        tx, account, CashKind.SELL, Decimal(price) * quantity, now, day, symbol=symbol, order_id=order
    )
    _trade(tx, account, symbol, "SELL", quantity, price, day, order)


def charge(tx: Transaction, account: str, symbol: str, kind: CashKind, amount: str, day: date, order: str) -> None:
    """A charge of an order."""
    now = datetime(day.year, day.month, day.day, 10, tzinfo=IST)
    ledger_store.enter_cash(tx, account, kind, -Decimal(amount), now, day, symbol=symbol, order_id=order)


def _trade(
    tx: Transaction, account: str, symbol: str, side: str, quantity: int, price: str, day: date, order: str
) -> None:
    tx.run(
        "INSERT INTO orders (id, account, tag, symbol, side, type, product, quantity, status, reason, day, created_at,"
        " correlation_id, filled, updated_at, finished_at)"
        " VALUES (?, ?, ?, ?, ?, 'MARKET', 'CNC', ?, 'COMPLETE', 'by hand', ?, 0, 'c', ?, 0, 0)",
        (order, account, order, symbol, side, quantity, day.isoformat(), quantity),
    )
    tx.run(
        "INSERT INTO trades (id, order_id, account, symbol, side, product, quantity, price, at, day)"
        " VALUES (?, ?, ?, ?, ?, 'CNC', ?, ?, 0, ?)",
        (f"t-{order}", order, account, symbol, side, quantity, price, day.isoformat()),
    )
