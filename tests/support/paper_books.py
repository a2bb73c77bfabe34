"""What must be true of the books of a paper account at any time: they balance to the paisa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import ledger_store, order_store
from robotrader.core.background_scheduler.stores.ledger_store import CashEntry
from robotrader.core.background_scheduler.trading import ZERO, Fill, Order, OrderStatus, Side
from robotrader.core.database_state import Row, Transaction


class Books(NamedTuple):
    """Everything that is written of one account. ``lots`` and ``sold`` are rows."""

    cash: Decimal
    entries: tuple[CashEntry, ...]
    lots: list[Row]
    sold: list[Row]
    trades: tuple[Fill, ...]
    orders: tuple[Order, ...]

    def entered(self, *kinds: str) -> Decimal:
        return sum((each.amount_inr for each in self.entries if each.kind in kinds), ZERO)

    @property
    def charges(self) -> Decimal:
        charged = (each.amount_inr for each in self.entries if each.kind not in ledger_store.NOT_CHARGES)
        return -sum(charged, ZERO)


def imbalances(tx: Transaction, account: str) -> list[str]:
    """What is wrong with the books; empty where nothing is."""
    found = ledger_store.account(tx, account)
    if found is None:
        return ["there are trades without an account"] if tx.one("SELECT 1 FROM trades") else []
    books = Books(
        found.cash_inr,
        ledger_store.entries(tx, account, date.min, date.max),
        tx.all("SELECT id, symbol, product, quantity, remaining, price_inr, order_id FROM lots ORDER BY id"),
        tx.all("SELECT lot_id, quantity, price_inr, cost_inr FROM disposals ORDER BY id"),
        order_store.fills(tx, account),
        order_store.newest(tx, account, day=None, symbol=None, limit=-1),
    )
    return [*_entries(books), *_lots(books), *_whole(books), *_orders(books), *_again(books)]


def _entries(books: Books) -> Iterator[str]:
    """The entries make the cash, one after the other."""
    running = ZERO
    for entry in books.entries:
        running += entry.amount_inr
        if running != entry.balance_inr:
            yield f"entry {entry.seq} says {entry.balance_inr}, the entries so far make {running}"
    if running != books.cash:
        yield f"the cash is {books.cash}, its entries make {running}"


def _lots(books: Books) -> Iterator[str]:
    """Of each lot, what was sold and what is left make what was bought."""
    gone = Counter[int]()
    for lot_id, quantity, *_ in books.sold:
        gone[lot_id] += quantity
    for lot_id, symbol, _, quantity, remaining, *_ in books.lots:
        if not 0 <= remaining == quantity - gone[lot_id]:
            yield f"lot {lot_id} of {symbol}: {quantity} less {gone[lot_id]} is not {remaining}"


def _whole(books: Books) -> Iterator[str]:
    """Cash and holdings at cost are what came in, and what was realised, less the charges."""
    came = books.entered("opening", "deposit", "withdrawal")
    came += sum((Decimal(row[5] or 0) * row[3] for row in books.lots if row[6] is None), ZERO)
    at_cost = sum((Decimal(row[5] or 0) * row[4] for row in books.lots), ZERO)
    realised = sum((Decimal(price) * count - Decimal(cost or 0) for _, count, price, cost in books.sold), ZERO)
    if books.cash + at_cost != came + realised - books.charges:
        yield f"{books.cash} and {at_cost} are not {came} and {realised} less {books.charges}"
    of_trades = sum((trade.charges_inr or ZERO for trade in books.trades), ZERO)
    if of_trades != books.charges:
        yield f"the entries charge {books.charges}, the trades {of_trades}"


def _orders(books: Books) -> Iterator[str]:
    """No order is filled above its quantity, and what is filled has its trades."""
    filled = Counter[str]()
    for trade in books.trades:
        filled[trade.order_id] += trade.quantity
    for order in books.orders:
        wanted = order.request.quantity
        if filled[order.id] != order.filled or order.filled > wanted:
            yield f"order {order.id}: {order.filled} of {wanted}, its trades make {filled[order.id]}"
        if (order.status is OrderStatus.COMPLETE) != (order.filled == wanted):
            yield f"order {order.id} is {order.status} with {order.filled} of {wanted}"


def _again(books: Books) -> Iterator[str]:
    """Doing the trades again gives the same cash and the same shares."""
    cash = books.entered("opening", "deposit", "withdrawal") - books.charges
    made, held = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for _, symbol, product, quantity, remaining, _, order_id in books.lots:
        made[symbol, product] += quantity if order_id is None else 0
        held[symbol, product] += remaining
    for trade in books.trades:
        way = 1 if trade.side is Side.BUY else -1
        made[trade.symbol, trade.product.value] += way * trade.quantity
        cash -= way * trade.price * trade.quantity
    if cash != books.cash:
        yield f"the trades done again make {cash}, not {books.cash}"
    differ = sorted(key for key in {*made, *held} if made[key] != held[key])
    if differ:
        yield f"the trades done again leave other shares: {[(key, made[key], held[key]) for key in differ[:5]]}"
