"""Homes in which a rule was just broken, so that its exit is to be ordered; and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from robotrader.bootstrap import build_container, make_home
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.background_scheduler.config.risk_kinds import Breach, RuleKind
from robotrader.core.background_scheduler.stores import (
    ledger_store,
    order_store,
    portfolio_store,
    quote_store,
    risk_store,
)
from robotrader.core.background_scheduler.stores.broker_session_store import (
    BrokerSession,
    BrokerSessionStore,
    dies_at,
)
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import Book, Fill, Order, Position
from robotrader.core.clock import IST, Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import Event, EventType
from robotrader.core.ids import new_id
from robotrader.settings import KiteSettings, MarketSettings, Settings, TradingSettings
from tests.support.clock import START
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY
from tests.support.quotes import quote
from tests.support.spine import offline

BOUGHT_ON = (START - timedelta(days=30)).astimezone(IST).date()


def paper(home: Path, **trading: Any) -> Settings:
    """Settings of the paper broker over simulated quotes; nothing runs by itself."""
    return offline(home, trading=TradingSettings(**trading))


def live(home: Path, url: str, **trading: Any) -> Settings:
    """Settings of real orders at a double of Kite."""
    return replace(
        offline(home),
        trading=TradingSettings(mode="live", **trading),
        kite=KiteSettings(base_url=url, api_key=API_KEY, api_secret="kitesecret1234567890"),
        market=MarketSettings(source="kite"),
    )


class Exit(NamedTuple):
    """What became of one exit."""

    breach_id: str
    outcome: str
    detail: str | None
    orders: tuple[Order, ...]
    fills: tuple[Fill, ...]


def hold(tx: Transaction, account: str, symbols: Sequence[str], now: datetime, quantity: int = 10) -> None:
    """Let an account hold shares that may be sold."""
    if account == "kite":
        held = tuple(Position(each, "CNC", quantity, quantity, Decimal(100), quantity) for each in symbols)
        portfolio_store.save_sync(tx, account, Book(account, Decimal(0), held, now), now)
        return
    ledger_store.open_account(tx, account, Decimal(1_000_000), now)
    for each in symbols:
        ledger_store.add_lot(tx, account, each, "CNC", quantity, Decimal(100), BOUGHT_ON, BOUGHT_ON, "import")


def price(tx: Transaction, provider: str, symbols: Sequence[str], now: datetime, last: str = "90") -> None:
    """Let fresh quotes be stored, so that nobody is asked for them."""
    quote_store.save(tx, [quote(each, last, "100", at=now, provider=provider) for each in symbols])


def break_rule(
    tx: Transaction, events: EventStore, account: str, symbol: str, now: datetime, quantity: int = 10, **more: Any
) -> str:
    """Write a broken stop loss down with its event, as the risk monitor does; returns the breach's id."""
    breach_id, rule_id = new_id(now), new_id(now)
    risk_store.insert(
        tx,
        [
            Breach(
                breach_id, rule_id, account, RuleKind.STOP_LOSS, symbol, more.get("product", "CNC"), 1, now,
                Decimal(90), Decimal(95), quantity, "pending", None, breach_id,
            )
        ],
    )  # fmt: skip
    events.insert(tx, [breach_event(breach_id, account, symbol, now, quantity, **more)])
    tx.run("UPDATE events SET next_attempt_at = 0 WHERE delivery = 'pending'")
    return breach_id


def breach_event(
    breach_id: str, account: str, symbol: str, now: datetime, quantity: int = 10, action: str = "exit", **more: Any
) -> Event:
    """The event of a broken stop loss."""
    data = {
        "breach_id": breach_id, "rule_id": "rule", "account": account, "symbol": symbol,
        "product": more.get("product", "CNC"), "quantity": quantity, "observed": "90", "bound": "95",
        "kind": "stop_loss", "action": action,
    }  # fmt: skip
    kind = EventType.RISK_STOP_LOSS_TRIGGER
    return Event(type=kind, timestamp=iso(now), source="risk", data=data, correlation_id=breach_id)


async def make_exit_home(
    settings: Settings, clock: Clock, account: str, symbols: Sequence[str] = ("SBIN",)
) -> list[str]:
    """A home that holds shares whose stops were just broken; returns the breaches."""
    make_home(settings.home)
    container = build_container(settings, clock)
    try:
        db, events = await container.get(DatabaseStateManager), await container.get(EventStore)
        now = clock.now()

        def unit(tx: Transaction) -> list[str]:
            hold(tx, account, symbols, now)
            price(tx, "kite" if account == "kite" else "sandbox", symbols, now)
            return [break_rule(tx, events, account, each, now) for each in symbols]

        return await db.write(unit)
    finally:
        await container.close()


async def log_in(settings: Settings, clock: Clock) -> None:
    """Let there be a broker session."""
    container = build_container(settings, clock)
    try:
        now = clock.now()
        store = await container.get(BrokerSessionStore)
        await store.write(BrokerSession("AB1234", API_KEY, ACCESS_TOKEN, now, dies_at(now)))
    finally:
        await container.close()


async def tick(settings: Settings, clock: Clock, *, prices: Sequence[str] = ("SBIN",), allow: bool = True) -> None:
    """One tick of a process of its own."""
    container = build_container(settings, clock)
    try:
        now = clock.now()
        db = await container.get(DatabaseStateManager)
        source = "kite" if settings.trading.mode == "live" else "sandbox"
        await db.write(lambda tx: price(tx, source, prices, now))
        if allow and settings.trading.mode == "live":
            from robotrader.core.services.live_guard import LiveGuard

            (await container.get(LiveGuard)).allow()
        scheduler = await container.get(BackgroundScheduler)
        await scheduler.initialize()
        try:
            await scheduler.tick()
        finally:
            await scheduler.cleanup()
    finally:
        await container.close()


async def look(settings: Settings, clock: Clock) -> list[Exit]:
    """What became of every breach of a home."""
    container = build_container(settings, clock)
    try:
        return await look_in(container)
    finally:
        await container.close()


async def look_in(container: DependencyContainer) -> list[Exit]:
    """What became of every breach, as an open process sees it."""

    def query(tx: Transaction) -> list[Exit]:
        found = []
        for row in tx.all("SELECT id, outcome, detail, account FROM risk_breaches ORDER BY at, id"):
            ids = tx.all("SELECT id FROM orders WHERE breach_id = ?", (row[0],))
            orders = tuple(order_store.get(tx, each[0]) for each in ids)
            fills = tuple(fill for order in orders for fill in order_store.fills(tx, row[3], order_id=order.id))
            found.append(Exit(row[0], row[1], row[2], orders, fills))
        return found

    return await (await container.get(DatabaseStateManager)).read(query)
