"""The books of paper accounts, as parts of transactions: cash to the paisa, and shares by purchase.

Every rupee has its entry: the sum of an account's entries is its cash. Every share has its lot, and every share sold
its disposal: of each lot, what is left and what was sold make what was bought. Sold first in, first out.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import ledger_positions
from robotrader.core.background_scheduler.trading import PAISA, ZERO, Position, Product
from robotrader.core.clock import IST, from_micros, to_micros
from robotrader.core.database_state import Row, Transaction
from robotrader.core.errors import NotFoundError, ValidationError


class CashKind(StrEnum):
    """Why cash came or went. Those from BROKERAGE on are charges."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    BUY = "buy"
    SELL = "sell"
    BROKERAGE = "brokerage"
    STT = "stt"
    EXCHANGE = "exchange"
    SEBI = "sebi"
    STAMP = "stamp"
    GST = "gst"
    DP = "dp"
    SQUARE_OFF = "square_off"


NOT_CHARGES = (CashKind.OPENING, CashKind.DEPOSIT, CashKind.WITHDRAWAL, CashKind.BUY, CashKind.SELL)


class Account(NamedTuple):
    """One account; ``synced_at`` is when its broker last told of it, None for paper accounts."""

    name: str
    cash_inr: Decimal
    opened_at: datetime
    synced_at: datetime | None


class CashEntry(NamedTuple):
    """One change of an account's cash, with what was there after it."""

    seq: int
    at: datetime
    day: date
    kind: str
    amount_inr: Decimal
    balance_inr: Decimal
    symbol: str | None
    order_id: str | None
    detail: str | None


class Sold(NamedTuple):
    """What a sale took; ``cost_inr`` is what the shares had cost, None where that is not known of one of them."""

    quantity: int
    cost_inr: Decimal | None
    isin: str | None


class Lot(NamedTuple):
    """Shares of one purchase; they may be sold from ``settles_on`` on (CNC), MIS at once.

    Where nobody said when they were bought ``dated`` is False, and ``acquired_on`` only gives them their turn.
    """

    id: int
    symbol: str
    product: str
    quantity: int
    remaining: int
    price_inr: Decimal | None
    acquired_on: date
    settles_on: date
    origin: str
    order_id: str | None
    isin: str | None
    dated: bool = True


def open_account(tx: Transaction, name: str, cash_inr: Decimal, now: datetime) -> bool:
    """Make an account with what it begins with, in rupees; returns False where there is one of that name."""
    made = tx.run(
        "INSERT INTO accounts (name, cash_inr, opened_at) VALUES (?, '0', ?) ON CONFLICT (name) DO NOTHING",
        (name, to_micros(now)),
    )
    if made and cash_inr:
        enter_cash(tx, name, CashKind.OPENING, cash_inr, now, now.astimezone(IST).date())
    return bool(made)


def account(tx: Transaction, name: str) -> Account | None:
    """One account; None where it was never opened."""
    row = tx.one("SELECT name, cash_inr, opened_at, synced_at FROM accounts WHERE name = ?", (name,))
    if row is None:
        return None
    return Account(row[0], Decimal(row[1]), from_micros(row[2]), None if row[3] is None else from_micros(row[3]))


def enter_cash(
    tx: Transaction,
    account: str,
    kind: str,
    amount_inr: Decimal,
    now: datetime,
    day: date,
    *,
    symbol: str | None = None,
    order_id: str | None = None,
    detail: str | None = None,
) -> Decimal:
    """Enter what came (positive) or went (negative), in rupees; returns what is there then.

    Raises:
        NotFoundError: there is no such account.
        ValidationError: the amount is not one of whole paise, or a withdrawal takes more than there is.
    """
    row = tx.one("SELECT cash_inr FROM accounts WHERE name = ?", (account,))
    if row is None:
        raise NotFoundError(f"there is no account {account!r}")
    if not amount_inr.is_finite() or amount_inr != amount_inr.quantize(PAISA):
        raise ValidationError(f"an amount of money is one of whole paise: {amount_inr}")
    before = Decimal(row[0])
    balance = (before + amount_inr).quantize(PAISA)
    if kind == CashKind.WITHDRAWAL and balance < 0:
        raise ValidationError(f"{-amount_inr} rupees cannot be taken out: there are {before}", available=str(before))
    tx.run(
        "INSERT INTO cash_entries (account, at, day, kind, amount_inr, balance_inr, symbol, order_id, detail)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            to_micros(now),
            day.isoformat(),
            str(kind),
            str(amount_inr.quantize(PAISA)),
            str(balance),
            symbol,
            order_id,
            detail,
        ),
    )
    tx.run("UPDATE accounts SET cash_inr = ? WHERE name = ?", (str(balance), account))
    return balance


def entries(tx: Transaction, account: str, first: date, last: date) -> tuple[CashEntry, ...]:
    """The changes of an account's cash on these days, in the order in which they were made."""
    rows = tx.all(
        "SELECT seq, at, day, kind, amount_inr, balance_inr, symbol, order_id, detail FROM cash_entries"
        " WHERE account = ? AND day BETWEEN ? AND ? ORDER BY seq",
        (account, first.isoformat(), last.isoformat()),
    )
    return tuple(
        CashEntry(row[0], from_micros(row[1]), date.fromisoformat(row[2]), row[3], Decimal(row[4]), Decimal(row[5]),
                  *row[6:])
        for row in rows
    )  # fmt: skip


def cash_before(tx: Transaction, account: str, day: date) -> Decimal:
    """What was there when a day began: the sum of all entries of the days before it."""
    rows = tx.all("SELECT amount_inr FROM cash_entries WHERE account = ? AND day < ?", (account, day.isoformat()))
    return sum((Decimal(row[0]) for row in rows), ZERO)


def add_lot(  # noqa: PLR0913 - the columns of its row
    tx: Transaction,
    account: str,
    symbol: str,
    product: str,
    quantity: int,
    price: Decimal | None,
    acquired_on: date,
    settles_on: date,
    origin: str,
    *,
    order_id: str | None = None,
    isin: str | None = None,
    dated: bool = True,
) -> None:
    """Put shares into an account; ``price`` is rupees a share, None where what was paid is not known.

    ``dated`` is False where nobody said when they were bought: they were then held when any day began.

    Raises:
        NotFoundError: there is no such account.
        ValidationError: no whole share, or a price that is none.
    """
    if tx.one("SELECT 1 FROM accounts WHERE name = ?", (account,)) is None:
        raise NotFoundError(f"there is no account {account!r}")
    if quantity <= 0:
        raise ValidationError(f"{quantity} shares of {symbol} cannot be held")
    if price is not None and (not price.is_finite() or price < 0):
        raise ValidationError(f"{price} is not a price of {symbol}")
    tx.run(
        "INSERT INTO lots (account, symbol, product, quantity, remaining, price_inr, acquired_on, settles_on, origin,"
        " order_id, isin, dated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account,
            symbol,
            str(product),
            quantity,
            quantity,
            None if price is None else str(price),
            acquired_on.isoformat(),
            settles_on.isoformat(),
            str(origin),
            order_id,
            isin,
            int(dated),
        ),
    )


def lots(tx: Transaction, account: str, symbol: str | None = None, product: str | None = None) -> tuple[Lot, ...]:
    """What is left of each purchase, in the order in which it is sold."""
    wanted = {"symbol": symbol, "product": product}
    given = {name: value for name, value in wanted.items() if value is not None}
    where = "".join(f" AND {name} = :{name}" for name in given)
    rows = tx.all(
        "SELECT id, symbol, product, quantity, remaining, price_inr, acquired_on, settles_on, origin, order_id, isin,"
        f" dated FROM lots WHERE account = :account AND remaining > 0{where} ORDER BY acquired_on, id",
        {"account": account, **given},
    )
    return tuple(_lot(row) for row in rows)


def sellable(lot: Lot, day: date) -> bool:
    """Whether shares of a lot may be sold on a day: delivery shares once they are settled, intraday ones at once."""
    return lot.product != Product.CNC or lot.settles_on <= day


def take_lots(
    tx: Transaction, account: str, symbol: str, product: str, quantity: int, price: Decimal, day: date, order_id: str
) -> Sold:
    """Sell shares at a price a share, first in, first out; of CNC only those that are settled on the day.

    Raises:
        ValidationError: there are not so many; nothing is changed.
    """
    found = [lot for lot in lots(tx, account, symbol, product) if sellable(lot, day)]
    there = sum(lot.remaining for lot in found)
    if quantity <= 0 or there < quantity:
        raise ValidationError(f"{quantity} shares of {symbol} cannot be sold: there are {there}", available=there)
    left, cost, known, isin = quantity, ZERO, True, None
    for lot in found:
        if not left:
            break
        taken = min(left, lot.remaining)
        left -= taken
        isin = isin or lot.isin
        paid = None if lot.price_inr is None else lot.price_inr * taken
        known, cost = known and paid is not None, cost + (paid or ZERO)
        tx.run("UPDATE lots SET remaining = remaining - ? WHERE id = ?", (taken, lot.id))
        tx.run(
            "INSERT INTO disposals (lot_id, account, symbol, product, quantity, price_inr, cost_inr, sold_on, order_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lot.id,
                account,
                symbol,
                str(product),
                taken,
                str(price),
                None if paid is None else str(paid),
                day.isoformat(),
                order_id,
            ),
        )
    return Sold(quantity, cost if known else None, isin)


def remove_lots(tx: Transaction, account: str, symbol: str | None, origin: str | None) -> int:
    """Take out what is left of lots (of one symbol, of one origin; None is all); returns how many shares went.

    What was sold of them stays known: such a lot shrinks to what was sold.
    """
    which = "account = ? AND remaining > 0 AND (? IS NULL OR symbol = ?) AND (? IS NULL OR origin = ?)"
    given = (account, symbol, symbol, origin, origin)
    row = tx.one(f"SELECT ifnull(sum(remaining), 0) FROM lots WHERE {which}", given)
    tx.run(f"DELETE FROM lots WHERE {which} AND remaining = quantity", given)
    tx.run(f"UPDATE lots SET quantity = quantity - remaining, remaining = 0 WHERE {which}", given)
    return int(row[0]) if row else 0


def positions(tx: Transaction, account: str, today: date) -> tuple[Position, ...]:
    """What an account holds of each symbol and product on a day, what was closed on it included."""
    return ledger_positions.positions(tx, account, today)


def _lot(row: Row) -> Lot:
    lot_id, symbol, product, quantity, remaining, price, acquired, settles, origin, order_id, isin, dated = row
    return Lot(
        lot_id,
        symbol,
        product,
        quantity,
        remaining,
        None if price is None else Decimal(price),
        date.fromisoformat(acquired),
        date.fromisoformat(settles),
        origin,
        order_id,
        isin,
        bool(dated),
    )
