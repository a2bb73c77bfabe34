"""What is said of orders: tags, events, checks of what is wanted. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.stores import halt_store
from robotrader.core.background_scheduler.trading import (
    Order,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
)
from robotrader.core.clock import IST, iso
from robotrader.core.errors import TradingError, ValidationError
from robotrader.core.event_bus import Event, EventType, privacy_violation
from robotrader.core.ids import new_id
from robotrader.core.services.live_guard import NEEDS_OPTION

WITHHELD = "withheld: it may hold something private"
BY_HAND = "by hand"
LIMIT_SET = "which is the limit set"

_TOLD = {
    OrderStatus.CREATED: EventType.ORDER_CREATED,
    OrderStatus.OPEN: EventType.ORDER_PLACED,
    OrderStatus.COMPLETE: EventType.ORDER_FILLED,
    OrderStatus.CANCELLED: EventType.ORDER_CANCELLED,
    OrderStatus.REJECTED: EventType.ORDER_REJECTED,
    OrderStatus.DOUBT: EventType.ORDER_IN_DOUBT,
    OrderStatus.UNPLACED: EventType.ORDER_UNPLACED,
    OrderStatus.BLOCKED: EventType.ORDER_BLOCKED,
}
_PRICED = frozenset({OrderType.LIMIT, OrderType.SL})
_TRIGGERED = frozenset({OrderType.SL, OrderType.SL_M})


class Placed(NamedTuple):
    """An order as it is now; ``error`` says why it did not go through, where it did not."""

    order: Order
    error: TradingError | None = None


def tag_of(order_id: str) -> str:
    """The tag of an order: 20 letters and digits, as unique as the id (https://kite.trade/docs/connect/v3/orders/)."""
    return "RT" + order_id.replace("-", "")[-18:]


def new_order(
    request: OrderRequest,
    account: str,
    now: datetime,
    *,
    reason: str,
    correlation_id: str = "",
    breach_id: str | None = None,
) -> Order:
    """An order that was not sent yet."""
    order_id = new_id(now)
    return Order(
        order_id,
        account,
        tag_of(order_id),
        request,
        OrderStatus.CREATED,
        reason,
        now.astimezone(IST).date(),
        now,
        correlation_id or order_id,
        breach_id,
    )


def event_of(order: Order, now: datetime) -> Event | None:
    """The event that tells of an order as it is now; None where there is nothing to tell (SENDING)."""
    kind = _TOLD.get(order.status)
    if kind is None:
        return None
    if kind is EventType.ORDER_PLACED and order.filled:
        kind = EventType.ORDER_FILLED
    given = order.request
    data: dict[str, Any] = {
        "order_id": order.id,
        "account": order.account,
        "symbol": given.symbol,
        "side": given.side.value,
        "order_type": given.type.value,
        "product": given.product.value,
        "quantity": given.quantity,
        "filled": order.filled,
        "status": order.status.value,
    }
    if order.average_price is not None:
        data["average_price_inr"] = str(order.average_price)
    if order.breach_id is not None:
        data["breach_id"] = order.breach_id
    words = {"reason": order.reason, **({"message": order.message} if order.message else {})}
    data |= {name: text if privacy_violation({name: text}) is None else WITHHELD for name, text in words.items()}
    return Event(type=kind, timestamp=iso(now), source="execution", data=data, correlation_id=order.correlation_id)


def check_request(request: OrderRequest) -> None:
    """See that an order can be meant.

    Raises:
        ValidationError: what is missing, or too much.
    """
    if request.quantity < 1:
        raise ValidationError("the quantity is a whole number of shares, at least 1")
    for name, price, needed in (
        ("--limit", request.price, request.type in _PRICED),
        ("--trigger", request.trigger_price, request.type in _TRIGGERED),
    ):
        if price is not None and (not price.is_finite() or price <= 0):
            raise ValidationError(f"{name} is a price in rupees, more than 0")
        if needed != (price is not None):
            raise ValidationError(f"an order of type {request.type} {'needs' if needed else 'has no'} {name}")
    if request.price is not None and request.trigger_price is not None:
        above = request.trigger_price > request.price
        if above == (request.side is Side.BUY) and request.trigger_price != request.price:
            where = "at or below" if request.side is Side.BUY else "at or above"
            raise ValidationError(f"the trigger of a {request.side} order with a limit is {where} the limit")


def worth(request: OrderRequest, last_price: Decimal | None) -> Decimal | None:
    """Rupees that an order is about; None where no price is known."""
    price = request.price or request.trigger_price or last_price
    return None if price is None else price * request.quantity


def own_words(error: TradingError) -> str:
    """An error in one line: what happened, and what to do about it."""
    remedy = error.context.remedy
    return f"{error}; {remedy}" if remedy else str(error)


def standing(order: Order) -> str:
    """How an order stands, as the end of a sentence."""
    return f"the order is {order.status.value.lower()}, {order.filled} of {order.request.quantity} filled"


def owner_holds(message: str | None) -> bool:
    """Whether the words of an order that was not sent say that the owner kept it back: a stop, no --live, a limit."""
    said = message or ""
    return said.startswith(halt_store.STOPPED) or NEEDS_OPTION in said or LIMIT_SET in said


def breach_words(data: Mapping[str, Any]) -> str:
    """Why an exit was made, in the words of the breach."""
    kind, observed, bound = (data.get(name) for name in ("kind", "observed", "bound"))
    return f"{str(kind or 'stop_loss').replace('_', ' ')}: {observed} against {bound}"
