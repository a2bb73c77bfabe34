"""What the paper broker knows of the orders it has taken, as parts of transactions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.charges import Before, exact_stt
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import ZERO, OrderStatus, Product, Side
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Row, Transaction
from robotrader.core.event_bus import Event

_COLUMNS = (
    "order_id, account, accepted_at, good_on, opens_at, ends_at, auction, arriving, triggered, bound_inr, reserved_inr"
)


class PaperOrder(NamedTuple):
    """An order that was taken.

    Attributes:
        good_on: the Indian day on which it may be filled, from ``opens_at`` until ``ends_at``.
        arriving, triggered, bound_inr: as of ``paper_matching.Rest``.
        reserved_inr: rupees that are kept for it.
    """

    order_id: str
    account: str
    accepted_at: datetime
    good_on: date
    opens_at: datetime
    ends_at: datetime
    auction: bool
    arriving: bool
    triggered: bool
    bound_inr: Decimal | None
    reserved_inr: Decimal


class Matched(NamedTuple):
    """What came of holding an account's orders against prices: its events, and why what could not be done, by order
    or symbol."""

    events: tuple[Event, ...]
    problems: Mapping[str, str]


def take(tx: Transaction, order: PaperOrder) -> None:
    """Write down that an order was taken, or how it stands now."""
    values = (
        order.order_id,
        order.account,
        to_micros(order.accepted_at),
        order.good_on.isoformat(),
        to_micros(order.opens_at),
        to_micros(order.ends_at),
        int(order.auction),
        int(order.arriving),
        int(order.triggered),
        None if order.bound_inr is None else str(order.bound_inr),
        str(order.reserved_inr),
    )
    tx.run(f"INSERT OR REPLACE INTO paper_orders ({_COLUMNS}) VALUES ({', '.join('?' * 11)})", values)


def get(tx: Transaction, order_id: str) -> PaperOrder | None:
    """One order; None where it was never taken."""
    row = tx.one(f"SELECT {_COLUMNS} FROM paper_orders WHERE order_id = ?", (order_id,))
    return None if row is None else _paper_order(row)


def spend(tx: Transaction, order_id: str, amount_inr: Decimal) -> None:
    """Keep so much less for an order, because it was spent."""
    paper = get(tx, order_id)
    if paper is not None:
        left = max(ZERO, paper.reserved_inr - amount_inr)
        tx.run("UPDATE paper_orders SET reserved_inr = ? WHERE order_id = ?", (str(left), order_id))


def release(tx: Transaction, order_id: str) -> None:
    """Keep nothing for an order any more."""
    tx.run("UPDATE paper_orders SET reserved_inr = '0' WHERE order_id = ?", (order_id,))


def reserved(tx: Transaction, account: str, but_for: str) -> Decimal:
    """Rupees kept for the open orders of an account, one order left out."""
    rows = tx.all(
        "SELECT p.reserved_inr FROM paper_orders p JOIN orders o ON o.id = p.order_id"
        " WHERE p.account = ? AND o.status = ? AND p.order_id <> ?",
        (account, OrderStatus.OPEN.value, but_for),
    )
    return sum((Decimal(row[0]) for row in rows), ZERO)


def on_offer(tx: Transaction, account: str, symbol: str, product: str, but_for: str) -> int:
    """Shares that open orders are to sell, one order left out."""
    row = tx.one(
        "SELECT ifnull(sum(quantity - filled), 0) FROM orders WHERE account = ? AND symbol = ? AND product = ?"
        " AND side = ? AND status = ? AND id <> ?",
        (account, symbol, product, Side.SELL.value, OrderStatus.OPEN.value, but_for),
    )
    return int(row[0]) if row else 0


def before(tx: Transaction, account: str, symbol: str, isin: str | None, order_id: str, day: date) -> Before:
    """What an order and a day have paid for already, as far as it decides what the next trade costs."""
    on = day.isoformat()
    rows = tx.all(
        "SELECT order_id, side, product, quantity, price FROM trades WHERE account = ? AND day = ? AND symbol = ?",
        (account, on, symbol),
    )
    own, stt = ZERO, ZERO
    for trade_of, side, product, quantity, price in rows:
        turnover = Decimal(price) * quantity
        stt += exact_stt(Side(side), Product(product), turnover, day)
        own += turnover if trade_of == order_id else ZERO
    paid = tx.one(
        "SELECT 1 FROM cash_entries WHERE account = ? AND day = ? AND kind = ? AND (symbol = ? OR detail = ?)",
        (account, on, CashKind.DP.value, symbol, isin),
    )
    return Before(own, stt, paid is not None)


def resting(tx: Transaction, account: str) -> tuple[str, ...]:
    """Symbols of which there is something to do: orders that are open, and intraday shares."""
    rows = tx.all(
        "SELECT symbol FROM orders WHERE account = ? AND finished_at IS NULL AND broker_order_id IS NOT NULL"
        " UNION SELECT symbol FROM lots WHERE account = ? AND product = ? AND remaining > 0",
        (account, account, Product.MIS.value),
    )
    return tuple(row[0] for row in rows)


def _paper_order(row: Row) -> PaperOrder:
    order_id, account, accepted, good_on, opens, ends, auction, arriving, triggered, bound, kept = row
    return PaperOrder(
        order_id,
        account,
        from_micros(accepted),
        date.fromisoformat(good_on),
        from_micros(opens),
        from_micros(ends),
        bool(auction),
        bool(arriving),
        bool(triggered),
        None if bound is None else Decimal(bound),
        Decimal(kept),
    )
