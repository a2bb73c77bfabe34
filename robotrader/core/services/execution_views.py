"""What the commands around orders and the emergency stop show: frozen values, ready for a table or JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class StopView(NamedTuple):
    """The emergency stop as it is after a command.

    Attributes:
        changed: whether the command changed anything.
        released: tasks that were held back and are due now.
        cancelled: orders that were cancelled, or their state after trying.
        problems: what could not be cancelled, and why.
    """

    stopped: bool
    reason: str | None
    since: datetime | None
    changed: bool
    released: int = 0
    cancelled: tuple[OrderView, ...] = ()
    problems: tuple[str, ...] = ()


class OrderView(NamedTuple):
    """One order. Prices are rupees a share; ``mode`` is sandbox, paper or live."""

    id: str
    mode: str
    account: str
    symbol: str
    side: str
    type: str
    product: str
    quantity: int
    filled: int
    price: Decimal | None
    trigger_price: Decimal | None
    average_price: Decimal | None
    status: str
    reason: str
    message: str | None
    tag: str
    broker_order_id: str | None
    breach_id: str | None
    day: date
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


class TradeView(NamedTuple):
    """One trade. ``price`` is rupees a share; the charges are None where they are not known."""

    id: str
    mode: str
    order_id: str
    symbol: str
    side: str
    product: str
    quantity: int
    price: Decimal
    value_inr: Decimal
    charges_inr: Decimal | None
    at: datetime
    day: date


class OrderDetail(NamedTuple):
    """One order with its trades."""

    order: OrderView
    trades: tuple[TradeView, ...]


class Ordered(NamedTuple):
    """What became of an order, and the error that says why it did not go through, where it did not."""

    order: OrderView
    error: dict[str, Any] | None
    remedy: str | None
    exit_code: int


class ChargeLine(NamedTuple):
    """One charge of an order, in rupees."""

    name: str
    amount_inr: Decimal


class Before(NamedTuple):
    """Something before and after an order."""

    before: Decimal | None
    after: Decimal | None


class LotSold(NamedTuple):
    """Shares of one purchase that a sale would take; ``cost_inr`` is None where what was paid is not known.

    ``acquired_on`` and ``long_term`` are None where nobody said when they were bought.
    """

    quantity: int
    price: Decimal | None
    acquired_on: date | None
    cost_inr: Decimal | None
    gain_inr: Decimal | None
    long_term: bool | None


class WhatIf(NamedTuple):
    """What an order would do; nothing was ordered.

    Attributes:
        price: rupees a share that was reckoned with; ``price_from`` says where it is from, ``price_at`` how old.
        charges: one line each, without those that are nothing; ``charges_source`` says whose rates they are.
        cash_inr, quantity, average_price, position_pct, sector_pct: of the account, before and after.
        realised_inr: proceeds less what the shares had cost, before charges; None for purchases and unknown costs.
        breaks: the risk limits that would be broken; ``refused`` why the paper broker would refuse it.
    """

    mode: str
    account: str
    symbol: str
    side: str
    product: str
    quantity: int
    price: Decimal
    price_from: str
    price_at: datetime | None
    value_inr: Decimal
    charges: tuple[ChargeLine, ...]
    charges_inr: Decimal
    charges_source: str
    cash_inr: Before
    held: Before
    average_price: Before
    realised_inr: Decimal | None
    lots: tuple[LotSold, ...]
    position_pct: Before
    sector: str | None
    sector_pct: Before
    breaks: tuple[str, ...]
    refused: tuple[str, ...]
