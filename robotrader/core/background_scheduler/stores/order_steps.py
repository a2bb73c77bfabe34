"""Orders between their row and their end, as parts of transactions: who is at work on them, what they answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import order_store
from robotrader.core.background_scheduler.trading import Order, OrderStatus, Side
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Transaction

PENDING, ORDERED = "pending", "ordered"
"""The outcome of a breach that nobody has acted on yet, and of one whose order has not come to its end."""

_OUTCOMES = {
    OrderStatus.CREATED: ORDERED,
    OrderStatus.SENDING: ORDERED,
    OrderStatus.DOUBT: "doubt",
    OrderStatus.OPEN: ORDERED,
    OrderStatus.COMPLETE: "filled",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.REJECTED: "rejected",
    OrderStatus.UNPLACED: "unplaced",
    OrderStatus.BLOCKED: "blocked",
}
_CASES = " ".join(f"WHEN '{status}' THEN '{word}'" for status, word in _OUTCOMES.items())
_UNTOLD = (
    "SELECT o.id FROM orders o JOIN risk_breaches b ON b.id = o.breach_id"
    f" WHERE o.account = ? AND b.outcome IN ('{PENDING}', '{ORDERED}', 'doubt')"
    f" AND b.outcome <> CASE o.status {_CASES} END"
)
_UNCOUNTED = (
    "SELECT o.id FROM orders o WHERE o.account = ? AND o.day = ? AND o.filled >"
    " (SELECT ifnull(sum(t.quantity), 0) FROM trades t WHERE t.order_id = o.id)"
)


class Breach(NamedTuple):
    """What of a broken rule matters to the order that answers it."""

    id: str
    account: str
    symbol: str
    product: str
    quantity: int
    at: datetime
    outcome: str
    correlation_id: str


class Waiting(NamedTuple):
    """An order that has not come to its end, who is at work on it, and how often it was looked for in vain."""

    order: Order
    owner: str | None
    looks: int


def take(tx: Transaction, order_id: str, owner: str | None) -> None:
    """Say who is at work on an order; None for nobody."""
    tx.run("UPDATE orders SET owner = ? WHERE id = ?", (owner, order_id))


def looked(tx: Transaction, order_id: str) -> int:
    """Count one look through the broker's book in vain; returns how many there were."""
    tx.run("UPDATE orders SET looks = looks + 1 WHERE id = ?", (order_id,))
    row = tx.one("SELECT looks FROM orders WHERE id = ?", (order_id,))
    return int(row[0]) if row else 0


def waiting(tx: Transaction, account: str) -> tuple[Waiting, ...]:
    """Orders that have not come to their end, oldest first."""
    marks = {
        row[0]: row[1:]
        for row in tx.all("SELECT id, owner, looks FROM orders WHERE account = ? AND finished_at IS NULL", (account,))
    }
    return tuple(Waiting(order, *marks[order.id]) for order in order_store.unfinished(tx, account))


def anything(tx: Transaction, account: str, day: date, before: datetime) -> bool:
    """Whether there is anything to settle.

    An open order, an outcome to be told, an exit asked for before an instant, trades of the day not written down.
    """
    sql = f"SELECT 1 FROM risk_breaches WHERE account = ? AND outcome = '{PENDING}' AND at < ? LIMIT 1"
    return (
        tx.one("SELECT 1 FROM orders WHERE account = ? AND finished_at IS NULL LIMIT 1", (account,)) is not None
        or tx.one(sql, (account, to_micros(before))) is not None
        or tx.one(f"{_UNTOLD} LIMIT 1", (account,)) is not None
        or tx.one(f"{_UNCOUNTED} LIMIT 1", (account, day.isoformat())) is not None
    )


def uncounted(tx: Transaction, account: str, day: date) -> tuple[Order, ...]:
    """Orders of a day of which more was filled than there are trades."""
    found = tx.all(_UNCOUNTED, (account, day.isoformat()))
    return tuple(order_store.get(tx, row[0]) for row in found)


def first_free(tx: Transaction, account: str, now: datetime, *, most: int, within: timedelta) -> datetime | None:
    """When one order more may be sent without there being more than ``most`` within a span; None for now."""
    row = tx.one(
        "SELECT sent_at FROM orders WHERE account = ? AND sent_at > ? AND sent_at <= ? ORDER BY sent_at DESC"
        " LIMIT 1 OFFSET ?",
        (account, to_micros(now - within), to_micros(now), most - 1),
    )
    return None if row is None else from_micros(row[0]) + within


def breach(tx: Transaction, breach_id: str) -> Breach | None:
    """One breach."""
    row = tx.one(
        "SELECT id, account, subject, product, ifnull(quantity, 0), at, outcome, correlation_id FROM risk_breaches"
        " WHERE id = ?",
        (breach_id,),
    )
    if row is None:
        return None
    found, account, subject, product, quantity, at, outcome, correlation = row
    return Breach(found, account, subject, product, quantity, from_micros(at), outcome, correlation)


def answered(tx: Transaction, breach_id: str) -> bool:
    """Whether a breach has an order."""
    return tx.one("SELECT 1 FROM orders WHERE breach_id = ?", (breach_id,)) is not None


def set_outcome(tx: Transaction, breach_id: str, outcome: str, detail: str | None) -> None:
    """Write down what came of a breach."""
    tx.run("UPDATE risk_breaches SET outcome = ?, detail = ? WHERE id = ?", (outcome, detail, breach_id))


def tell_breach(tx: Transaction, order: Order, *, lapsed: bool = False) -> None:
    """Write down what came of the breach that an order answers; ``lapsed`` ended undone and nobody wanted it so."""
    if order.breach_id is None:
        return
    outcome = "unplaced" if lapsed else _OUTCOMES[order.status]
    set_outcome(tx, order.breach_id, outcome, order.message or f"order {order.id}")


def untold(tx: Transaction, account: str) -> int:
    """Write down the outcomes of breaches whose orders went on elsewhere; returns how many there were."""
    found = tx.all(_UNTOLD, (account,))
    for (order_id,) in found:
        tell_breach(tx, order_store.get(tx, order_id))
    return len(found)


def abandon(tx: Transaction, account: str, before: datetime) -> int:
    """Say of exits that were asked for before an instant, and that nobody ordered, that they were not; how many."""
    return tx.run(
        "UPDATE risk_breaches AS b SET outcome = 'blocked', detail = 'nobody acted on it in time'"
        f" WHERE account = ? AND outcome = '{PENDING}' AND at < ?"
        " AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.breach_id = b.id)",
        (account, to_micros(before)),
    )


def being_sold(tx: Transaction, account: str, symbol: str, product: str, as_of: datetime) -> int:
    """Shares that orders sell which what is held, as known at ``as_of``, does not tell of yet."""
    row = tx.one(
        "SELECT ifnull(sum(CASE"
        " WHEN finished_at IS NULL THEN CASE WHEN updated_at >= :as_of THEN quantity ELSE quantity - filled END"
        " WHEN finished_at >= :as_of THEN filled ELSE 0 END), 0) FROM orders"
        " WHERE account = :account AND symbol = :symbol AND product = :product AND side = :sell"
        " AND (finished_at IS NULL OR finished_at >= :as_of)",
        {
            "account": account,
            "symbol": symbol,
            "product": product,
            "sell": Side.SELL.value,
            "as_of": to_micros(as_of),
        },
    )
    return int(row[0]) if row else 0
