"""Triggers that rest at Kite (GTT): placed as a form whose fields hold JSON, listed, deleted.

A trigger that fired is not a sale: its limit order may be refused, or rest beyond the market after a gap. Kite drops
triggers on corporate actions, keeps at most 250, and needs the depository's consent for a sale on the day it fires.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.kite_client import Call, Gate, KiteClient
from robotrader.core.background_scheduler.clients.kite_errors import unknown_order
from robotrader.core.background_scheduler.trading import OrderRejectedError, Side

NEAREST_PCT, NEAREST_INR, CHEAP = Decimal("0.25"), Decimal("0.09"), Decimal(50)
"""A trigger nearer to the last price is refused: 0.25 %, or 9 paise below Rs 50 (support.zerodha.com, GTT)."""


class GttLeg(NamedTuple):
    """A trigger price and the limit order that it sends; in a list the ``result`` of having sent it.

    Attributes:
        broker_order_id: of the order that was sent; None where none was, or it was refused.
        failure: why it was not taken; None where it was, or nothing was sent yet.
    """

    trigger: Decimal
    side: Side
    quantity: int
    price: Decimal
    product: str = "CNC"
    broker_order_id: str | None = None
    failure: str | None = None


class Gtt(NamedTuple):
    """One trigger order. ``status`` is Kite's word: active, triggered, disabled, expired, cancelled, rejected."""

    id: int
    status: str
    symbol: str
    legs: tuple[GttLeg, ...]
    created_at: datetime | None
    expires_at: datetime | None

    @property
    def failed(self) -> bool:
        """Whether it fired and an order that it sent was not taken."""
        return any(leg.failure is not None for leg in self.legs)


async def place_gtt(k: KiteClient, symbol: str, legs: Sequence[GttLeg], last_price: Decimal) -> int:
    """Place a trigger (one leg) or a stop with a target (two legs, the lower trigger first); returns its number.

    Raises:
        OrderRejectedError: refused, here or by Kite.
        Else as ``kite_orders.place_order``.
    """
    form = gtt_form(symbol, legs, last_price)
    data = await k.order(Call("POST", "/gtt/triggers", form=form, gate=Gate.ORDERS, order=True))
    number = data.get("trigger_id") if isinstance(data, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise unknown_order("a success without the number of a trigger")
    return number


def gtt_form(symbol: str, legs: Sequence[GttLeg], last_price: Decimal) -> list[tuple[str, str]]:
    """The three fields of a trigger; ``condition`` and ``orders`` are JSON in a text.

    Raises:
        OrderRejectedError: Kite would refuse it, or would take a stop for a target.
    """
    if len(legs) not in (1, 2) or last_price <= 0:
        raise OrderRejectedError("a trigger has one leg, or two: the stop and the target")
    if len(legs) == 2 and not legs[0].trigger < last_price < legs[1].trigger:
        raise OrderRejectedError("the stop lies below the last price and comes first, the target above it")
    for leg in legs:
        _check_distance(leg.trigger, last_price)
    exchange, _, name = wire.key_of(symbol).partition(":")
    where = {"exchange": exchange, "tradingsymbol": name}
    condition = {**where, "trigger_values": [_plain(leg.trigger) for leg in legs], "last_price": _plain(last_price)}
    orders = [
        {
            **where,
            "transaction_type": leg.side.value,
            "quantity": leg.quantity,
            "order_type": "LIMIT",  # the only one there is inside a trigger
            "product": leg.product,
            "price": _plain(leg.price),
        }
        for leg in legs
    ]
    kind = "single" if len(legs) == 1 else "two-leg"
    return [("type", kind), ("condition", json.dumps(condition)), ("orders", json.dumps(orders))]


def _check_distance(trigger: Decimal, last_price: Decimal) -> None:
    nearest = NEAREST_INR if last_price < CHEAP else last_price * NEAREST_PCT / 100
    if trigger <= 0 or abs(trigger - last_price) < nearest:
        raise OrderRejectedError(
            f"the trigger {trigger} is too close to the last price {last_price}",
            remedy=f"at least {nearest.quantize(Decimal('0.01'))} rupees apart",
        )


async def list_gtt(k: KiteClient) -> tuple[Gtt, ...]:
    """Active triggers and those of the last seven days. Raises as ``KiteClient.read``."""
    return read_gtt(await k.get("/gtt/triggers"))


async def delete_gtt(k: KiteClient, number: int) -> None:
    """Delete a trigger. Raises as ``kite_orders.place_order``."""
    await k.order(Call("DELETE", f"/gtt/triggers/{number:d}", gate=Gate.ORDERS, order=True))


def read_gtt(data: object) -> tuple[Gtt, ...]:
    """The rows of the list.

    Raises:
        ResponseError: a row cannot be read.
    """
    return tuple(_gtt(row) for row in wire.rows(data, "triggers"))


def _gtt(row: Mapping[str, Any]) -> Gtt:
    condition = wire.table(row.get("condition"), "triggers.condition")
    values = condition.get("trigger_values")
    orders = wire.rows(row.get("orders"), "triggers.orders")
    if not isinstance(values, list):
        raise wire.malformed("trigger_values", "a list is needed")
    pairs = zip(values, orders, strict=False)
    return Gtt(
        wire.whole(row, "id"),
        wire.needed(row, "status"),
        wire.symbol_of(wire.needed(condition, "exchange"), wire.needed(condition, "tradingsymbol")),
        tuple(_leg(wire.amount({"trigger": value}, "trigger"), order) for value, order in pairs),
        wire.instant(row.get("created_at")),
        wire.instant(row.get("expires_at")),
    )


def _leg(trigger: Decimal, order: Mapping[str, Any]) -> GttLeg:
    side = wire.needed(order, "transaction_type")
    if side not in set(Side):
        raise wire.malformed("transaction_type", "BUY or SELL is needed")
    number, failure = _result(order.get("result"))
    return GttLeg(
        trigger,
        Side(side),
        wire.whole(order, "quantity"),
        wire.amount(order, "price"),
        wire.text(order, "product") or "CNC",
        number,
        failure,
    )


def _result(value: object) -> tuple[str | None, str | None]:
    """The number of the order that was sent, or why it was not taken. ``result.meta`` is JSON in a text."""
    if not isinstance(value, dict):
        return None, None
    sent = value.get("order_result")
    if not isinstance(sent, dict):
        return None, None
    number = wire.identifier(sent, "order_id")
    if sent.get("status") != "failed" and number is not None:
        return number, None
    why = wire.text(sent, "rejection_reason") or _meta_words(value.get("meta")) or "the order was not taken"
    return number, why


def _meta_words(meta: object) -> str | None:
    """The message in ``result.meta``, which is JSON in a text, an object, or nothing."""
    if isinstance(meta, str):
        try:
            meta = json.loads(meta)
        except ValueError:
            return None
    found = meta.get("message") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else None


def _plain(price: Decimal) -> int | float:
    """A price as a number of JSON; a double holds every price that there is."""
    return int(price) if price == price.to_integral_value() else float(price)
