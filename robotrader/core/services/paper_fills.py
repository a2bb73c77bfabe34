"""A fill of a paper order, written down whole: trade, cash, charges, shares and the order's row, in one transaction."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.charges import Charges, charges
from robotrader.core.background_scheduler.stores import ledger_store, order_store, paper_store
from robotrader.core.background_scheduler.stores.ledger_positions import plain
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import (
    PAISA,
    ZERO,
    Fill,
    Order,
    OrderRejectedError,
    OrderStatus,
    Product,
    Side,
)
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import SystemFailure
from robotrader.core.event_bus import Event
from robotrader.core.ids import new_id
from robotrader.core.services.order_log import OrderLog
from robotrader.core.services.paper_checks import exchange_of

BOUGHT = "order"
"""The origin of lots that were bought here."""


class Deal(NamedTuple):
    """So many shares at a price, at an instant; ``settles_on`` is when what is bought may be sold."""

    quantity: int
    price: Decimal
    at: datetime
    settles_on: date
    squared_off: bool = False


def fill(tx: Transaction, log: OrderLog, order: Order, deal: Deal, message: str | None) -> tuple[Order, list[Event]]:
    """Part of a transaction: all that follows from a fill.

    Raises:
        OrderRejectedError: the shares or the cash are not there any more; nothing is written.
        ConfigurationError: what trading costs on the day is not known; nothing is written.
        SystemFailure: the order was moved meanwhile; nothing of the transaction may be kept.
    """
    given, day = order.request, deal.at.astimezone(IST).date()
    turnover = (deal.price * deal.quantity).quantize(PAISA)
    isin = _isin(tx, order)
    before = paper_store.before(tx, order.account, given.symbol, isin, order.id, day)
    charged = charges(
        given.side,
        given.product,
        deal.quantity,
        deal.price,
        day,
        exchange_of(given.symbol),
        before=before,
        squared_off=deal.squared_off,
    )
    _check_still_there(tx, order, deal, day, turnover + charged.total)
    _enter_trade(tx, order, deal, day, charged)
    _enter_cash(tx, order, turnover, charged, deal.at, day, isin)
    if given.side is Side.BUY:
        paper_store.spend(tx, order.id, turnover + charged.total)
        ledger_store.add_lot(
            tx,
            order.account,
            given.symbol,
            given.product.value,
            deal.quantity,
            deal.price,
            day,
            deal.settles_on if given.product is Product.CNC else day,
            BOUGHT,
            order_id=order.id,
            isin=isin,
        )
    else:
        ledger_store.take_lots(
            tx, order.account, given.symbol, given.product.value, deal.quantity, deal.price, day, order.id
        )
    filled = order.filled + deal.quantity
    status = OrderStatus.COMPLETE if filled == given.quantity else OrderStatus.OPEN
    if status is OrderStatus.COMPLETE:
        paper_store.release(tx, order.id)
    average = plain((before.order_inr + turnover) / filled)
    moved = log.step(tx, order, status, deal.at, filled=filled, average_price=average, message=message)
    if moved is None:
        raise SystemFailure(f"order {order.id} is not as it was read")
    return moved


def _check_still_there(tx: Transaction, order: Order, deal: Deal, day: date, needed: Decimal) -> None:
    given = order.request
    if given.side is Side.SELL:
        lots = ledger_store.lots(tx, order.account, given.symbol, given.product.value)
        there = sum(lot.remaining for lot in lots if ledger_store.sellable(lot, day))
        if there < deal.quantity:
            raise OrderRejectedError(f"only {there} shares of {given.symbol} are left to sell")
        return
    account = ledger_store.account(tx, order.account)
    free = (ZERO if account is None else account.cash_inr) - paper_store.reserved(tx, order.account, order.id)
    if needed > free:
        raise OrderRejectedError(f"the cash does not suffice any more: ₹{needed:.2f} is needed, ₹{free:.2f} is free")


def _enter_trade(tx: Transaction, order: Order, deal: Deal, day: date, charged: Charges) -> None:
    given = order.request
    trade_id = new_id(deal.at)
    trade = Fill(
        trade_id,
        order.id,
        order.account,
        given.symbol,
        given.side,
        given.product,
        deal.quantity,
        deal.price,
        deal.at,
        day,
        charged.total,
        f"paper-{trade_id}",
    )
    kinds = {name: str(amount) for name, amount in charged._asdict().items() if amount}
    order_store.insert_fill(tx, trade, json.dumps(kinds))


def _enter_cash(
    tx: Transaction, order: Order, turnover: Decimal, charged: Charges, now: datetime, day: date, isin: str | None
) -> None:
    given = order.request
    bought = given.side is Side.BUY
    kind, amount = (CashKind.BUY, -turnover) if bought else (CashKind.SELL, turnover)
    entries = [(kind, amount), *((CashKind(name), -each) for name, each in charged._asdict().items() if each)]
    for name, each in entries:
        detail = isin if name is CashKind.DP else None
        ledger_store.enter_cash(
            tx, order.account, name, each, now, day, symbol=given.symbol, order_id=order.id, detail=detail
        )


def _isin(tx: Transaction, order: Order) -> str | None:
    lots = ledger_store.lots(tx, order.account, order.request.symbol)
    return next((lot.isin for lot in lots if lot.isin), None)
