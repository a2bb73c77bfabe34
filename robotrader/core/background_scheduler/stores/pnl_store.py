"""What was sold and what trading cost, as it is written down; parts of transactions that only read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import columns
from robotrader.core.background_scheduler.stores.ledger_store import NOT_CHARGES
from robotrader.core.database_state import Transaction

_LAST = date.max
_FIRST = date.min


class Charge(NamedTuple):
    """What a trade cost, in rupees; ``amount_inr`` is None where that is not known."""

    day: date
    symbol: str | None
    order_id: str | None
    amount_inr: Decimal | None


class Disposal(NamedTuple):
    """Shares of one purchase that were sold; ``cost_inr`` is what they had cost, None where that is not known.

    ``acquired_on`` is None where nobody said when they were bought.
    """

    symbol: str
    product: str
    quantity: int
    price_inr: Decimal
    cost_inr: Decimal | None
    sold_on: date
    order_id: str
    acquired_on: date | None
    bought_by: str | None


def charges(
    tx: Transaction, account: str, first: date = _FIRST, last: date = _LAST, symbol: str | None = None
) -> tuple[Charge, ...]:
    """The charges of an account: of a paper account as they left its cash, of Kite's as its trades have them."""
    given = {"account": account, "first": first.isoformat(), "last": last.isoformat(), "symbol": symbol}
    where = "account = :account AND day BETWEEN :first AND :last AND (:symbol IS NULL OR symbol = :symbol)"
    if account == "kite":
        rows = tx.all(f"SELECT day, symbol, order_id, charges_inr FROM trades WHERE {where} ORDER BY at, id", given)
        return tuple(Charge(date.fromisoformat(row[0]), row[1], row[2], columns.decimal(row[3])) for row in rows)
    kinds = ", ".join(f"'{kind.value}'" for kind in NOT_CHARGES)
    rows = tx.all(
        f"SELECT day, symbol, order_id, amount_inr FROM cash_entries WHERE {where} AND kind NOT IN ({kinds})"
        " ORDER BY seq",
        given,
    )
    return tuple(Charge(date.fromisoformat(row[0]), row[1], row[2], -Decimal(row[3])) for row in rows)


def disposals(
    tx: Transaction, account: str, first: date = _FIRST, last: date = _LAST, symbol: str | None = None
) -> tuple[Disposal, ...]:
    """What a paper account sold on these days, in the order in which it was sold."""
    rows = tx.all(
        "SELECT d.symbol, d.product, d.quantity, d.price_inr, d.cost_inr, d.sold_on, d.order_id,"
        " iif(l.dated, l.acquired_on, NULL), l.order_id FROM disposals d JOIN lots l ON l.id = d.lot_id"
        " WHERE d.account = :account AND d.sold_on BETWEEN :first AND :last"
        " AND (:symbol IS NULL OR d.symbol = :symbol) ORDER BY d.id",
        {"account": account, "first": first.isoformat(), "last": last.isoformat(), "symbol": symbol},
    )
    return tuple(
        Disposal(
            row[0], row[1], row[2], Decimal(row[3]), columns.decimal(row[4]), date.fromisoformat(row[5]), row[6],
            None if row[7] is None else date.fromisoformat(row[7]), row[8],
        )
        for row in rows
    )  # fmt: skip


def traded(tx: Transaction, account: str) -> dict[str, int]:
    """How many shares each order traded."""
    sql = "SELECT order_id, sum(quantity) FROM trades WHERE account = ? GROUP BY order_id"
    return {row[0]: int(row[1]) for row in tx.all(sql, (account,))}
