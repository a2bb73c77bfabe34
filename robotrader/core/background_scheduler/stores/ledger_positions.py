"""Positions of a paper account on a day, made from its lots and what was sold of them; part of a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import ZERO, Position, Product
from robotrader.core.database_state import Row, Transaction

_FINE = Decimal("0.00000001")
_LOTS = (
    "SELECT l.symbol, l.product, l.remaining + ifnull(t.later, 0), l.price_inr, l.dated AND l.acquired_on = :today,"
    " l.settles_on, l.isin, ifnull(t.sold, 0)"
    " FROM lots l LEFT JOIN (SELECT lot_id, sum(iif(sold_on = :today, quantity, 0)) AS sold,"
    " sum(iif(sold_on > :today, quantity, 0)) AS later FROM disposals WHERE account = :account"
    " AND sold_on >= :today GROUP BY lot_id) t ON t.lot_id = l.id WHERE l.account = :account"
    " AND (l.acquired_on <= :today OR NOT l.dated) AND (l.remaining > 0 OR t.lot_id IS NOT NULL) ORDER BY l.id"
)
_SOLD = (
    "SELECT symbol, product, quantity, price_inr, cost_inr FROM disposals WHERE account = ? AND sold_on = ? ORDER BY id"
)


class _Lot(NamedTuple):
    """A lot that is held, or of which something was sold today."""

    remaining: int
    price: Decimal | None
    new: bool
    settled: bool
    isin: str | None
    sold_today: int

    @property
    def began(self) -> int:
        """Shares there were when the day began, or when they came during it."""
        return self.remaining + self.sold_today


def positions(tx: Transaction, account: str, today: date) -> tuple[Position, ...]:
    """As ``ledger_store.positions``.

    What was acquired today at a known price counts as bought today; of unknown price, as held before: its day is then
    judged from the previous close. ``sellable`` does not know of open orders.
    """
    day = today.isoformat()
    held: dict[tuple[str, str], list[_Lot]] = defaultdict(list)
    for row in tx.all(_LOTS, {"account": account, "today": day}):
        held[row[0], row[1]].append(_lot(row, day))
    sold: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tx.all(_SOLD, (account, day)):
        sold[row[0], row[1]].append(row[2:])
    return tuple(_position(key, held[key], sold.get(key, ())) for key in sorted(held))


def _lot(row: Row, day: str) -> _Lot:
    _, product, remaining, price, new, settles, isin, sold_today = row
    settled = product != Product.CNC or settles <= day
    return _Lot(remaining, None if price is None else Decimal(price), bool(new), settled, isin, sold_today)


def _position(key: tuple[str, str], lots: list[_Lot], sold: Iterable[Row]) -> Position:
    left = [lot for lot in lots if lot.remaining]
    quantity = sum(lot.remaining for lot in left)
    average = None
    if quantity and all(lot.price is not None for lot in left):
        cost = sum(((lot.price or ZERO) * lot.remaining for lot in left), ZERO)
        average = plain(cost / quantity)
    bought = [lot for lot in lots if lot.new and lot.price is not None]
    taken = [(count, Decimal(price), None if cost is None else Decimal(cost)) for count, price, cost in sold]
    settled = sum(lot.remaining for lot in left if lot.settled)
    return Position(
        symbol=key[0],
        product=key[1],
        quantity=quantity,
        sellable=settled,
        average_price=average,
        overnight_quantity=sum(lot.began for lot in lots if not lot.new or lot.price is None),
        day_buy_quantity=sum(lot.began for lot in bought),
        day_buy_inr=sum(((lot.price or ZERO) * lot.began for lot in bought), ZERO),
        day_sell_quantity=sum(count for count, _, _ in taken),
        day_sell_inr=sum((price * count for count, price, _ in taken), ZERO),
        realised_inr=sum((price * count - cost for count, price, cost in taken if cost is not None), ZERO),
        unsettled=quantity - settled,
        isin=next((lot.isin for lot in lots if lot.isin), None),
    )


def plain(value: Decimal) -> Decimal:
    """A price or average without the digits nobody needs: at most eight decimals, and no zeros behind them."""
    rounded = value.quantize(_FINE)
    whole = rounded.to_integral_value()
    return whole.quantize(Decimal(1)) if rounded == whole else rounded.normalize()
