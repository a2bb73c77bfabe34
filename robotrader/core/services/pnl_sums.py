"""What was won and lost, added up by disposal, by day and by symbol. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from robotrader.core.background_scheduler.stores.pnl_store import Charge, Disposal
from robotrader.core.background_scheduler.trading import PAISA, ZERO
from robotrader.core.services.pnl_views import DisposalRow, PnlRow
from robotrader.core.services.portfolio_sums import minus, total
from robotrader.core.services.portfolio_views import Sum

T = TypeVar("T")


def disposal_rows(
    disposals: Iterable[Disposal], charges: Iterable[Charge], traded: Mapping[str, int]
) -> tuple[DisposalRow, ...]:
    """Each disposal with its part of what its sale and its purchase cost, by shares.

    Args:
        charges: of all orders of the account, whenever they were.
        traded: how many shares each order traded.
    """
    paid: dict[str, list[Decimal | None]] = {}
    for each in charges:
        if each.order_id is not None:
            paid.setdefault(each.order_id, []).append(each.amount_inr)
    return tuple(_row(each, paid, traded) for each in disposals)


def by_key(
    disposals: Sequence[DisposalRow], charges: Sequence[Charge], key: Callable[[DisposalRow | Charge], str]
) -> tuple[PnlRow, ...]:
    """What was realised and paid for each day or symbol, in the order of the keys."""
    realised = _grouped((key(each), each.realised_inr) for each in disposals)
    costs = _grouped((key(each), each.amount_inr) for each in charges)
    rows = []
    for name in sorted({*realised, *costs}):
        won, paid = total(realised.get(name, ())), total(costs.get(name, ()))
        rows.append(PnlRow(name, won, paid, minus(won, paid)))
    return tuple(rows)


def day_of(each: DisposalRow | Charge) -> str:
    """The day a disposal or a charge is of."""
    return (each.day if isinstance(each, Charge) else each.sold_on).isoformat()


def symbol_of(each: DisposalRow | Charge) -> str:
    """The symbol a disposal or a charge is of; empty for none."""
    return each.symbol or ""


def realised_of(disposals: Sequence[DisposalRow]) -> Sum:
    """What all of them brought, before charges."""
    return total(each.realised_inr for each in disposals)


def charges_of(charges: Sequence[Charge]) -> Sum:
    """What all of them cost."""
    return total(each.amount_inr for each in charges)


def _row(sold: Disposal, paid: Mapping[str, Sequence[Decimal | None]], traded: Mapping[str, int]) -> DisposalRow:
    proceeds = sold.price_inr * sold.quantity
    won = None if sold.cost_inr is None else proceeds - sold.cost_inr
    parts = [_part(order, sold.quantity, paid, traded) for order in (sold.order_id, sold.bought_by) if order]
    known = [part for part in parts if part is not None]
    charges = sum(known, ZERO).quantize(PAISA) if len(known) == len(parts) else None
    return DisposalRow(
        sold.sold_on,
        sold.symbol,
        sold.product,
        sold.quantity,
        sold.acquired_on,
        sold.price_inr,
        sold.cost_inr,
        won,
        charges,
        None if won is None or charges is None else won - charges,
        sold.order_id,
    )


def _part(
    order_id: str, quantity: int, paid: Mapping[str, Sequence[Decimal | None]], traded: Mapping[str, int]
) -> Decimal | None:
    amounts = paid.get(order_id, ())
    if any(amount is None for amount in amounts) or not traded.get(order_id):
        return None
    return sum((amount for amount in amounts if amount is not None), ZERO) * quantity / traded[order_id]


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
