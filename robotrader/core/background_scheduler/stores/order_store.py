"""Orders and their trades on disk, as parts of transactions: written down before anything is sent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.stores import columns
from robotrader.core.background_scheduler.trading import (
    FINAL_ORDERS,
    Fill,
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Side,
)
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Row, Transaction
from robotrader.core.errors import NotFoundError

_COLUMNS = (
    "id, account, tag, symbol, side, type, product, quantity, price, trigger_price, status, reason, day, created_at,"
    " correlation_id, breach_id, broker_order_id, filled, average_price, message, sent_at, updated_at, finished_at"
)
_FILL_COLUMNS = "id, order_id, account, symbol, side, product, quantity, price, at, day, charges_inr, broker_trade_id"


def insert(tx: Transaction, order: Order) -> bool:
    """Write an order down; returns False where its breach has an order already, and nothing is written then."""
    given = order.request
    values = (
        order.id,
        order.account,
        order.tag,
        given.symbol,
        given.side.value,
        given.type.value,
        given.product.value,
        given.quantity,
        columns.text(given.price),
        columns.text(given.trigger_price),
        order.status.value,
        order.reason,
        order.day.isoformat(),
        to_micros(order.created_at),
        order.correlation_id,
        order.breach_id,
        order.broker_order_id,
        order.filled,
        columns.text(order.average_price),
        order.message,
        columns.micros(order.sent_at),
        to_micros(order.updated_at or order.created_at),
        columns.micros(order.finished_at),
    )
    marks = ", ".join("?" * len(values))
    return bool(tx.run(f"INSERT INTO orders ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (breach_id) DO NOTHING", values))


def get(tx: Transaction, order_id: str) -> Order:
    """One order, by its id or an unmistakable beginning of it, or by its tag.

    Raises:
        NotFoundError: none, or more than one.
    """
    sql = f"SELECT {_COLUMNS} FROM orders WHERE (id >= ? AND id < ?) OR tag = ? LIMIT 2"
    rows = tx.all(sql, (order_id, order_id + "~", order_id))
    if len(rows) != 1 or not order_id:
        raise NotFoundError(
            f"{'no' if not rows else 'more than one'} order {order_id[:60]!r}", remedy="robotrader orders shows the ids"
        )
    return _order(rows[0])


def move(tx: Transaction, order: Order, status: OrderStatus, now: datetime, **changes: Any) -> Order | None:
    """Take an order from the status it was seen in to another; None where it was moved meanwhile, and nothing is done.

    Args:
        changes: ``broker_order_id``, ``filled``, ``average_price``, ``message``, ``sent_at``.
    """
    after = order._replace(
        status=status, updated_at=now, finished_at=now if status in FINAL_ORDERS else None, **changes
    )
    changed = tx.run(
        "UPDATE orders SET status = ?, broker_order_id = ?, filled = ?, average_price = ?, message = ?, sent_at = ?,"
        " updated_at = ?, finished_at = ? WHERE id = ? AND status = ? AND filled = ?",
        (
            status.value,
            after.broker_order_id,
            after.filled,
            columns.text(after.average_price),
            after.message,
            columns.micros(after.sent_at),
            to_micros(now),
            columns.micros(after.finished_at),
            order.id,
            order.status.value,
            order.filled,
        ),
    )
    return after if changed else None


def unfinished(tx: Transaction, account: str) -> tuple[Order, ...]:
    """Orders that have not come to their end, oldest first."""
    sql = f"SELECT {_COLUMNS} FROM orders WHERE account = ? AND finished_at IS NULL ORDER BY seq"
    return tuple(_order(row) for row in tx.all(sql, (account,)))


def newest(tx: Transaction, account: str, *, day: date | None, symbol: str | None, limit: int) -> tuple[Order, ...]:
    """The newest orders that match, newest first."""
    sql = (
        f"SELECT {_COLUMNS} FROM orders WHERE account = ? AND (? IS NULL OR day = ?) AND (? IS NULL OR symbol = ?)"
        " ORDER BY seq DESC LIMIT ?"
    )
    on = None if day is None else day.isoformat()
    return tuple(_order(row) for row in tx.all(sql, (account, on, on, symbol, symbol, limit)))


def sent_since(tx: Transaction, account: str, since: datetime) -> int:
    """How many orders were sent from an instant on, whatever became of them."""
    row = tx.one("SELECT count(*) FROM orders WHERE account = ? AND sent_at >= ?", (account, to_micros(since)))
    return int(row[0]) if row else 0


def insert_fill(tx: Transaction, fill: Fill, charges: str | None = None) -> bool:
    """Write a trade down, with its charges one by one as JSON; False where the broker's trade is there already."""
    values = (
        fill.id,
        fill.order_id,
        fill.account,
        fill.symbol,
        fill.side.value,
        fill.product.value,
        fill.quantity,
        str(fill.price),
        to_micros(fill.at),
        fill.day.isoformat(),
        columns.text(fill.charges_inr),
        fill.broker_trade_id,
        charges,
    )
    marks = ", ".join("?" * len(values))
    sql = f"INSERT INTO trades ({_FILL_COLUMNS}, charges) VALUES ({marks}) ON CONFLICT (broker_trade_id) DO NOTHING"
    return bool(tx.run(sql, values))


def fills(
    tx: Transaction,
    account: str,
    *,
    first: date | None = None,
    last: date | None = None,
    symbol: str | None = None,
    order_id: str | None = None,
    limit: int = -1,
) -> tuple[Fill, ...]:
    """Trades that match, newest first."""
    given = {
        "account": account,
        "first": first.isoformat() if first else "",
        "last": last.isoformat() if last else "~",
        "symbol": symbol,
        "order_id": order_id,
        "limit": limit,
    }
    sql = (
        f"SELECT {_FILL_COLUMNS} FROM trades WHERE account = :account AND day BETWEEN :first AND :last"
        " AND (:symbol IS NULL OR symbol = :symbol) AND (:order_id IS NULL OR order_id = :order_id)"
        " ORDER BY at DESC, id DESC LIMIT :limit"
    )
    return tuple(_fill(row) for row in tx.all(sql, given))


def _order(row: Row) -> Order:
    (
        order_id, account, tag, symbol, side, kind, product, quantity, price, trigger, status, reason, day, created,
        correlation, breach, broker_id, filled, average, message, sent, updated, finished,
    ) = row  # fmt: skip
    request = OrderRequest(
        symbol,
        Side(side),
        quantity,
        OrderType(kind),
        Product(product),
        columns.decimal(price),
        columns.decimal(trigger),
    )
    return Order(
        order_id,
        account,
        tag,
        request,
        OrderStatus(status),
        reason,
        date.fromisoformat(day),
        from_micros(created),
        correlation,
        breach,
        broker_id,
        filled,
        columns.decimal(average),
        message,
        columns.instant(sent),
        columns.instant(updated),
        columns.instant(finished),
    )


def _fill(row: Row) -> Fill:
    fill_id, order_id, account, symbol, side, product, quantity, price, at, day, charges, broker_id = row
    return Fill(
        fill_id,
        order_id,
        account,
        symbol,
        Side(side),
        Product(product),
        quantity,
        Decimal(price),
        from_micros(at),
        date.fromisoformat(day),
        columns.decimal(charges),
        broker_id,
    )
