"""The words of trading as frozen values: quotes, orders, fills, positions, accounts. Pure.

Prices are rupees a share and amounts are rupees, both ``Decimal``; quantities are whole shares. Instants are UTC, days
are Indian days. Order vocabulary follows Kite Connect v3 (https://kite.trade/docs/connect/v3/orders/).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from robotrader.core.errors import TradingError

ZERO = Decimal(0)
PAISA = Decimal("0.01")
HUNDRED = Decimal(100)


class OrderRejectedError(TradingError):
    """An order was refused, by the broker or before it was sent: nothing was traded."""


class Side(StrEnum):
    """Which way."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(StrEnum):
    """How the price is set; SL and SL-M wait for their trigger price."""

    MARKET = "MARKET"
    LIMIT = "LIMIT"
    SL = "SL"
    SL_M = "SL-M"


class Product(StrEnum):
    """CNC is delivery, MIS is intraday and squared off before the close."""

    CNC = "CNC"
    MIS = "MIS"


class OrderStatus(StrEnum):
    """The life of an order, from its row to its end.

    CREATED is written down and was never sent. SENDING was committed before the order left; found later, or after a
    timeout, it is in DOUBT until the broker's book was looked through for its tag. OPEN is at the broker, waiting for a
    price or a trigger. The other five are final: UNPLACED means that the broker's book does not hold it, BLOCKED that
    it was never sent (emergency stop, live trading not allowed, a limit of the owner).
    """

    CREATED = "CREATED"
    SENDING = "SENDING"
    DOUBT = "DOUBT"
    OPEN = "OPEN"
    COMPLETE = "COMPLETE"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    UNPLACED = "UNPLACED"
    BLOCKED = "BLOCKED"


FINAL_ORDERS = frozenset(
    {
        OrderStatus.COMPLETE,
        OrderStatus.CANCELLED,
        OrderStatus.REJECTED,
        OrderStatus.UNPLACED,
        OrderStatus.BLOCKED,
    }
)


class OrderRequest(NamedTuple):
    """What the owner, or a risk rule, wants done. ``price`` is for LIMIT and SL, ``trigger_price`` for SL and SL-M."""

    symbol: str
    side: Side
    quantity: int
    type: OrderType = OrderType.MARKET
    product: Product = Product.CNC
    price: Decimal | None = None
    trigger_price: Decimal | None = None


class Order(NamedTuple):
    """One order as it is written down.

    Attributes:
        account: ``sandbox`` and ``paper`` (the paper broker over simulated and over real quotes) or ``kite``.
        tag: at most 20 letters and digits, unique; what the broker's book is looked through for.
        reason: why it was made: ``by hand``, or the words of the breach.
        message: the broker's own words, or why it was not sent.
        breach_id: the risk breach it answers; one order a breach at most.
        day: the Indian day it was made on; the broker's book is cleared each day.
    """

    id: str
    account: str
    tag: str
    request: OrderRequest
    status: OrderStatus
    reason: str
    day: date
    created_at: datetime
    correlation_id: str
    breach_id: str | None = None
    broker_order_id: str | None = None
    filled: int = 0
    average_price: Decimal | None = None
    message: str | None = None
    sent_at: datetime | None = None
    updated_at: datetime | None = None
    finished_at: datetime | None = None


class BrokerOrder(NamedTuple):
    """One row of a broker's order book, in our words. ``status`` is OPEN for every text that is not known as final."""

    broker_order_id: str
    tag: str | None
    request: OrderRequest
    status: OrderStatus
    filled: int
    average_price: Decimal | None
    message: str | None
    placed_at: datetime | None


class Fill(NamedTuple):
    """One trade: a part of an order, or the whole of it, done at one price. ``charges_inr`` is None where not known."""

    id: str
    order_id: str
    account: str
    symbol: str
    side: Side
    product: Product
    quantity: int
    price: Decimal
    at: datetime
    day: date
    charges_inr: Decimal | None
    broker_trade_id: str | None = None


class Quote(NamedTuple):
    """The last that is known of a symbol's price.

    Attributes:
        provider: ``kite`` or ``sandbox``.
        previous_close: of the session before (Kite's ``ohlc.close``).
        volume: shares traded today.
        lower_circuit, upper_circuit: the day's price band, None where the source states none.
        last_trade_at: None where it never traded.
        exchange_at: the exchange's own time stamp, None where the source states none.
        fetched_at: when it was asked for.
    """

    provider: str
    symbol: str
    last_price: Decimal
    previous_close: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    volume: int | None
    lower_circuit: Decimal | None
    upper_circuit: Decimal | None
    last_trade_at: datetime | None
    exchange_at: datetime | None
    fetched_at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None


class Quotes(NamedTuple):
    """What a source of quotes answered; ``missing`` are the symbols of which it said nothing, in the order asked."""

    found: Mapping[str, Quote]
    missing: tuple[str, ...]


class Instrument(NamedTuple):
    """One row of the broker's daily list; ``symbol`` is canonical (``BSE:`` before symbols of BSE)."""

    symbol: str
    token: int
    name: str
    tick_size: Decimal
    lot_size: int
    kind: str
    segment: str


class Position(NamedTuple):
    """What an account holds of one symbol in one product, delivery holdings included; closed today counts as well.

    Attributes:
        product: ``CNC`` or ``MIS``; of a Kite account also ``MTF``, ``NRML``.
        quantity: all shares that are the owner's economically: settled, bought and not settled, pledged.
        sellable: how many may be sold now.
        average_price: what was paid a share; None where the source does not know.
        overnight_quantity: how many were held when the day began.
        realised_inr: of the shares sold today: proceeds less what they had cost, before charges.
    """

    symbol: str
    product: str
    quantity: int
    sellable: int
    average_price: Decimal | None
    overnight_quantity: int = 0
    day_buy_quantity: int = 0
    day_buy_inr: Decimal = ZERO
    day_sell_quantity: int = 0
    day_sell_inr: Decimal = ZERO
    realised_inr: Decimal = ZERO
    unsettled: int = 0
    pledged: int = 0
    isin: str | None = None


class Book(NamedTuple):
    """An account at one instant; ``as_of`` is when its broker last told of it."""

    account: str
    cash_inr: Decimal
    positions: tuple[Position, ...]
    as_of: datetime


def day_pnl(position: Position, quote: Quote) -> Decimal | None:
    """Rupees won or lost since the previous close, before charges; None where that close is not known but needed."""
    if position.overnight_quantity and quote.previous_close is None:
        return None
    before = (quote.previous_close or ZERO) * position.overnight_quantity
    return quote.last_price * position.quantity + position.day_sell_inr - position.day_buy_inr - before
