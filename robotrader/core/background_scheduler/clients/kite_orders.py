"""Orders at Kite: placed once, taken back, looked up. Accepted is not executed: what became of one, the book says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.kite_client import Call, Gate, KiteClient
from robotrader.core.background_scheduler.clients.kite_errors import unknown_order
from robotrader.core.background_scheduler.trading import (
    ZERO,
    BrokerOrder,
    OrderRejectedError,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Side,
)
from robotrader.core.clock import IST

EXCHANGES = ("NSE", "BSE")
FINAL: Mapping[str, OrderStatus] = {
    "COMPLETE": OrderStatus.COMPLETE,
    "CANCELLED": OrderStatus.CANCELLED,
    "REJECTED": OrderStatus.REJECTED,
}
"""Every other text is of an order that is not at its end; Kite adds to them (``CANCELLED AMO`` was one)."""

PROTECTED = frozenset({OrderType.MARKET, OrderType.SL_M})
PRICED, TRIGGERED = frozenset({OrderType.LIMIT, OrderType.SL}), frozenset({OrderType.SL, OrderType.SL_M})
MARKS = frozenset({"mktp", "autoslice"})
_TAG = re.compile(r"[A-Za-z0-9]{1,20}\Z")


class BrokerTrade(NamedTuple):
    """One trade of today. ``symbol`` is canonical, ``at`` in UTC."""

    id: str
    broker_order_id: str
    symbol: str
    side: Side
    product: str
    quantity: int
    price: Decimal
    at: datetime


class OrderState(NamedTuple):
    """One entry of an order's history: its state from ``at`` on, in Kite's own words."""

    status: str
    at: datetime | None
    filled: int
    pending: int
    message: str | None


class Charged(NamedTuple):
    """An order to reckon the charges of; ``price`` may not be 0."""

    symbol: str
    side: Side
    product: str
    quantity: int
    price: Decimal


class KiteCharges(NamedTuple):
    """What Kite reckons an order costs, in rupees; the depository's charge of a sale is not in it."""

    brokerage: Decimal
    transaction_tax: Decimal
    exchange: Decimal
    sebi: Decimal
    stamp: Decimal
    gst: Decimal
    total: Decimal


async def place_order(k: KiteClient, request: OrderRequest, *, tag: str, market_protection: Decimal) -> str:
    """Place a regular day order; returns its number at the broker, which says that it was taken, not executed.

    Args:
        tag: 1 to 20 letters and digits: the only handle by which an order is found after a silence.
        market_protection: percent from the last price that a MARKET or SL-M order may be filled at; one without is
            refused since 1 April 2026, and one with may rest part-filled.

    Raises:
        OrderRejectedError: refused, here or by Kite; nothing was placed.
        LoginRequiredError, RateLimitError, ConnectionFailedError: never taken.
        OutcomeUnknownError: it was sent, and may have been taken.
    """
    form = order_form(request, tag, market_protection)
    return placed(await k.order(Call("POST", "/orders/regular", form=form, gate=Gate.ORDERS, order=True)))


def order_form(request: OrderRequest, tag: str, market_protection: Decimal) -> list[tuple[str, str]]:
    """The fields of an order as they are sent.

    Raises:
        OrderRejectedError: Kite would refuse it.
    """
    if _TAG.match(tag) is None:
        raise OrderRejectedError("the tag of an order is 1 to 20 letters and digits")
    exchange, _, name = wire.key_of(request.symbol).partition(":")
    if exchange not in EXCHANGES or request.quantity < 1:
        raise OrderRejectedError(f"no order of {request.quantity} {request.symbol} can be placed")
    form = [
        ("exchange", exchange),
        ("tradingsymbol", name),
        ("transaction_type", request.side.value),
        ("quantity", str(request.quantity)),
        ("product", request.product.value),
        ("order_type", request.type.value),
        ("validity", "DAY"),
        ("tag", tag),
    ]
    if request.type in PRICED:
        form.append(("price", _price(request.price, "price")))
    if request.type in TRIGGERED:
        form.append(("trigger_price", _price(request.trigger_price, "trigger price")))
    if request.type in PROTECTED:
        if not 0 < market_protection <= 100:
            raise OrderRejectedError(
                f"a {request.type} order needs a market protection of more than 0 and at most 100 %"
            )
        form.append(("market_protection", f"{market_protection:f}"))
    return form


def _price(price: Decimal | None, what: str) -> str:
    if price is None or price <= 0:
        raise OrderRejectedError(f"the order needs a {what}")
    return f"{price:f}"


def placed(data: object) -> str:
    """The number of an order that was taken. An order in slices is not ours; where one of them failed, look.

    Raises:
        OutcomeUnknownError: no number came, or not every slice was taken.
    """
    row = data if isinstance(data, dict) else {}
    children = row.get("children")
    if isinstance(children, list) and any(not isinstance(each, dict) or "error" in each for each in children):
        raise unknown_order("only some slices of it were taken")
    number = row.get("order_id")
    if isinstance(number, bool) or not isinstance(number, str | int) or not str(number).strip():
        raise unknown_order("a success without the number of an order")
    return str(number).strip()


async def cancel_order(k: KiteClient, broker_order_id: str, *, variety: str = "regular") -> None:
    """Ask to take back what is open of an order; the book says whether it was.

    Raises:
        OrderRejectedError: Kite does not know it, or it is final already.
        Else as ``place_order``.
    """
    path = f"/orders/{variety}/{_path(broker_order_id)}"
    await k.order(Call("DELETE", path, gate=Gate.ORDERS, order=True))


async def order_book(k: KiteClient) -> tuple[BrokerOrder, ...]:
    """Today's orders in shares, of whoever placed them; the book is empty again each morning.

    Orders in other exchanges or products (derivatives, margin-funded) have no form here and are left out.
    Raises as ``KiteClient.read``.
    """
    return read_orders(await k.get("/orders"))


async def order_history(k: KiteClient, broker_order_id: str) -> tuple[OrderState, ...]:
    """The states of one order, oldest first. Raises as ``KiteClient.read``."""
    data = await k.get(f"/orders/{_path(broker_order_id)}")
    return tuple(_state(row) for row in wire.rows(data, "order history"))


async def trades(k: KiteClient, broker_order_id: str | None = None) -> tuple[BrokerTrade, ...]:
    """Today's trades in shares, of all orders or of one; an order may have many. Raises as ``KiteClient.read``."""
    path = "/trades" if broker_order_id is None else f"/orders/{_path(broker_order_id)}/trades"
    return read_trades(await k.get(path), k.clock.now())


async def charges(k: KiteClient, orders: Sequence[Charged]) -> tuple[KiteCharges, ...]:
    """What orders cost, one answer each. Raises as ``KiteClient.read``."""
    items = [_item(number, order) for number, order in enumerate(orders)]
    return read_charges(await k.read(Call("POST", "/charges/orders", json=items)))


def read_orders(data: object) -> tuple[BrokerOrder, ...]:
    """The rows of the order book in shares.

    Raises:
        ResponseError: a row of ours could not be read: what is unknown is not taken for absent.
    """
    return tuple(_order(row) for row in wire.rows(data, "orders") if _is_ours(row))


def _is_ours(row: Mapping[str, Any]) -> bool:
    return (
        row.get("exchange") in EXCHANGES
        and row.get("product") in set(Product)
        and row.get("order_type") in set(OrderType)
        and row.get("transaction_type") in set(Side)
    )


def _order(row: Mapping[str, Any]) -> BrokerOrder:
    request = OrderRequest(
        wire.symbol_of(wire.needed(row, "exchange"), wire.needed(row, "tradingsymbol")),
        Side(row["transaction_type"]),
        wire.whole(row, "quantity"),
        OrderType(row["order_type"]),
        Product(row["product"]),
        wire.above_zero(row, "price"),
        wire.above_zero(row, "trigger_price"),
    )
    number = wire.identifier(row, "order_id")
    if number is None:
        raise wire.malformed("orders", "an order without its number")
    return BrokerOrder(
        number,
        _tag(row),
        request,
        FINAL.get(wire.text(row, "status") or "", OrderStatus.OPEN),
        wire.whole(row, "filled_quantity", 0),
        wire.above_zero(row, "average_price"),
        wire.text(row, "status_message") or wire.text(row, "status_message_raw"),
        wire.instant(row.get("order_timestamp")),
    )


def _tag(row: Mapping[str, Any]) -> str | None:
    """The tag of an order. ``tag`` may be null while ``tags`` has it, between marks of the system (``mktp:2.00``)."""
    named = wire.text(row, "tag")
    marks = row.get("tags")
    if named is not None or not isinstance(marks, list):
        return named
    return next((each for each in marks if isinstance(each, str) and _TAG.match(each) and each not in MARKS), None)


def _state(row: Mapping[str, Any]) -> OrderState:
    return OrderState(
        wire.needed(row, "status"),
        wire.instant(row.get("order_timestamp")),
        wire.whole(row, "filled_quantity", 0),
        wire.whole(row, "pending_quantity", 0),
        wire.text(row, "status_message"),
    )


def read_trades(data: object, now: datetime) -> tuple[BrokerTrade, ...]:
    """The rows of trades in shares.

    The instant is ``fill_timestamp``, else ``exchange_timestamp``; ``order_timestamp`` has no date, and the day is that
    of ``now``, for the list is emptied each morning.

    Raises:
        ResponseError: a row cannot be read.
    """
    return tuple(_trade(row, now) for row in wire.rows(data, "trades") if row.get("exchange") in EXCHANGES)


def _trade(row: Mapping[str, Any], now: datetime) -> BrokerTrade:
    number, order = wire.identifier(row, "trade_id"), wire.identifier(row, "order_id")
    at = wire.instant(row.get("fill_timestamp")) or wire.instant(row.get("exchange_timestamp"))
    at = at or wire.instant_on(row.get("order_timestamp"), now.astimezone(IST).date())
    if number is None or order is None or at is None:
        raise wire.malformed("trades", "a trade without its number, its order or its time")
    return BrokerTrade(
        number,
        order,
        wire.symbol_of(wire.needed(row, "exchange"), wire.needed(row, "tradingsymbol")),
        _side(wire.needed(row, "transaction_type")),
        wire.needed(row, "product"),
        wire.whole(row, "quantity"),
        wire.amount(row, "average_price"),
        at,
    )


def _side(word: str) -> Side:
    if word not in set(Side):
        raise wire.malformed("transaction_type", "BUY or SELL is needed")
    return Side(word)


def _item(number: int, order: Charged) -> dict[str, Any]:
    exchange, _, name = wire.key_of(order.symbol).partition(":")
    return {
        "order_id": str(number + 1),
        "exchange": exchange,
        "tradingsymbol": name,
        "transaction_type": order.side.value,
        "variety": "regular",
        "product": order.product,
        "order_type": "LIMIT",
        "quantity": order.quantity,
        "average_price": float(order.price),  # JSON as Kite reads it; nothing is reckoned with this number here
    }


def read_charges(data: object) -> tuple[KiteCharges, ...]:
    """The charges of each order, unrounded as Kite gives them.

    Raises:
        ResponseError: a part is missing or no number.
    """
    return tuple(_charges(wire.table(row.get("charges"), "charges")) for row in wire.rows(data, "charges"))


def _charges(row: Mapping[str, Any]) -> KiteCharges:
    gst = wire.table(row.get("gst") or {}, "charges.gst")
    return KiteCharges(
        wire.number(row, "brokerage") or ZERO,
        wire.number(row, "transaction_tax") or ZERO,
        wire.number(row, "exchange_turnover_charge") or ZERO,
        wire.number(row, "sebi_turnover_charge") or ZERO,
        wire.number(row, "stamp_duty") or ZERO,
        wire.number(gst, "total") or ZERO,
        wire.amount(row, "total"),
    )


def _path(number: str) -> str:
    """The number as a part of an address.

    Raises:
        OrderRejectedError: it is not one.
    """
    if not (number.isascii() and number.isalnum()):
        raise OrderRejectedError(f"not the number of an order at the broker: {number[:30]!r}")
    return number
