"""The order book, trades, histories, charges and triggers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from robotrader.core.background_scheduler.clients import kite_gtt, kite_orders, kite_wire
from robotrader.core.background_scheduler.clients.exchange import End, Exchange
from robotrader.core.background_scheduler.clients.kite_gtt import GttLeg
from robotrader.core.background_scheduler.trading import (
    OrderRejectedError,
    OrderRequest,
    OrderStatus,
    OrderType,
    Product,
    Side,
)
from robotrader.core.errors import OutcomeUnknownError, ResponseError
from tests.support.kite_desk import kite_desk

TWO = Decimal(2)
ROW: dict[str, Any] = {
    "order_id": "1", "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "SELL", "order_type": "SL-M",
    "product": "MIS", "quantity": 5, "status": "OPEN", "filled_quantity": 2, "average_price": 801.5, "price": 0,
    "trigger_price": 790.5, "order_timestamp": "2026-11-20 09:30:00", "tag": "t1", "status_message": None,
}  # fmt: skip


def data_of(body: object) -> object:
    text = json.dumps({"status": "success", "data": body}).encode()
    return kite_wire.judge(Exchange(200, {}, bytearray(text), len(text), End.WHOLE)).data


def read(**changes: Any) -> tuple[Any, ...]:
    return kite_orders.read_orders(data_of([{**ROW, **changes}]))


def test_a_row_in_our_words() -> None:
    (order,) = read()
    request = OrderRequest("SBIN", Side.SELL, 5, OrderType.SL_M, Product.MIS, None, Decimal("790.5"))
    assert order.request == request
    assert (order.status, order.filled, order.average_price) == (OrderStatus.OPEN, 2, Decimal("801.5"))
    assert order.placed_at == datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("COMPLETE", OrderStatus.COMPLETE),
        ("CANCELLED", OrderStatus.CANCELLED),
        ("REJECTED", OrderStatus.REJECTED),
        ("OPEN", OrderStatus.OPEN),
        ("TRIGGER PENDING", OrderStatus.OPEN),
        ("PUT ORDER REQ RECEIVED", OrderStatus.OPEN),
        ("CANCEL PENDING", OrderStatus.OPEN),
        ("SOMETHING NEW", OrderStatus.OPEN),
        (None, OrderStatus.OPEN),
    ],
)
def test_only_three_words_are_final(status: str | None, ours: OrderStatus) -> None:
    assert read(status=status)[0].status is ours


@pytest.mark.parametrize(
    ("tag", "tags", "ours"),
    [
        ("t1", ["t1", "mktp:2.00"], "t1"),
        (None, ["mktp", "mktp:2.00", "t1"], "t1"),
        (None, ["mktp", "mktp:2.00"], None),
        (None, ["autoslice", "autoslice:1953367517640548352"], None),
        (None, None, None),
        ("", [], None),
    ],
)
def test_the_tag_is_found_wherever_it_stands(tag: str | None, tags: list[str] | None, ours: str | None) -> None:
    assert read(tag=tag, tags=tags)[0].tag == ours


@pytest.mark.parametrize("foreign", [{"exchange": "NFO"}, {"product": "NRML"}, {"product": "MTF"}, {"exchange": "MCX"}])
def test_what_has_no_form_here_is_left_out(foreign: dict[str, str]) -> None:
    assert read(**foreign) == ()


@pytest.mark.parametrize("wrong", [{"order_id": None}, {"quantity": "5"}, {"filled_quantity": 1.5}])
def test_a_row_of_ours_that_cannot_be_read_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(ResponseError):
        read(**wrong)


@pytest.mark.parametrize("data", [None, [], {}, "x"])
def test_an_empty_book_and_no_book(data: object) -> None:
    if data is None or data == []:
        assert kite_orders.read_orders(data) == ()
    else:
        with pytest.raises(ResponseError):
            kite_orders.read_orders(data)


@pytest.mark.parametrize("data", [{}, {"order_id": None}, {"order_id": ""}, {"order_id": True}, [], None])
def test_a_success_without_a_number_is_in_doubt(data: object) -> None:
    with pytest.raises(OutcomeUnknownError):
        kite_orders.placed(data)


async def test_an_order_through_its_life() -> None:
    limit = OrderRequest("M&M", Side.BUY, 3, OrderType.LIMIT, price=Decimal("3400.1"))
    async with kite_desk() as d:
        number = await kite_orders.place_order(d.client, limit, tag="t1", market_protection=TWO)
        assert (await kite_orders.order_book(d.client))[0].status is OrderStatus.OPEN
        d.server.set(prices={"NSE:M&M": 3399.5})
        (order,) = await kite_orders.order_book(d.client)
        (trade,) = await kite_orders.trades(d.client)
        history = await kite_orders.order_history(d.client, number)
        assert trade == (await kite_orders.trades(d.client, number))[0]
        with pytest.raises(OrderRejectedError):
            await kite_orders.cancel_order(d.client, number)
    assert (order.status, order.average_price) == (OrderStatus.COMPLETE, Decimal("3399.5"))
    assert (trade.broker_order_id, trade.symbol, trade.quantity, trade.price) == (number, "M&M", 3, Decimal("3399.5"))
    assert [each.status for each in history] == ["PUT ORDER REQ RECEIVED", "OPEN", "COMPLETE"]


async def test_taking_back() -> None:
    limit = OrderRequest("SBIN", Side.BUY, 3, OrderType.LIMIT, price=Decimal(700))
    async with kite_desk() as d:
        number = await kite_orders.place_order(d.client, limit, tag="t1", market_protection=TWO)
        await kite_orders.cancel_order(d.client, number)
        assert (await kite_orders.order_book(d.client))[0].status is OrderStatus.CANCELLED
        for unknown in ("999", "../user"):
            with pytest.raises(OrderRejectedError):
                await kite_orders.cancel_order(d.client, unknown)
        assert not [each for each in d.server.requests if ".." in each.path]


async def test_a_taking_back_in_doubt() -> None:
    async with kite_desk("accept-reset", match="DELETE") as d:
        limit = OrderRequest("SBIN", Side.BUY, 3, OrderType.LIMIT, price=Decimal(700))
        number = await kite_orders.place_order(d.client, limit, tag="t1", market_protection=TWO)
        with pytest.raises(OutcomeUnknownError):
            await kite_orders.cancel_order(d.client, number)


async def test_a_price_between_two_steps_is_refused_by_kite() -> None:
    odd = OrderRequest("SBIN", Side.BUY, 3, OrderType.LIMIT, price=Decimal("700.02"))
    async with kite_desk() as d:
        with pytest.raises(OrderRejectedError, match="Tick size"):
            await kite_orders.place_order(d.client, odd, tag="t1", market_protection=TWO)


async def test_charges_are_asked_for_as_json() -> None:
    items = [kite_orders.Charged("SBIN", Side.BUY, "CNC", 1, Decimal("560.05"))]
    async with kite_desk() as d:
        (found,) = await kite_orders.charges(d.client, items)
        assert json.loads(d.server.requests[0].body)[0]["average_price"] == 560.05
    assert (found.transaction_tax, found.total) == (Decimal("0.56"), Decimal("0.5825"))


# -- triggers


async def test_a_trigger_is_deleted() -> None:
    leg = GttLeg(Decimal(780), Side.SELL, 10, Decimal(779))
    async with kite_desk() as d:
        number = await kite_gtt.place_gtt(d.client, "SBIN", [leg], Decimal(820))
        await kite_gtt.delete_gtt(d.client, number)
        assert (await kite_gtt.list_gtt(d.client))[0].status == "deleted"


@pytest.mark.parametrize("legs", [0, 3])
def test_one_leg_or_two(legs: int) -> None:
    with pytest.raises(OrderRejectedError):
        kite_gtt.gtt_form("SBIN", [GttLeg(Decimal(780), Side.SELL, 1, Decimal(1))] * legs, Decimal(820))


@pytest.mark.parametrize(
    ("result", "number", "failure"),
    [
        (None, None, None),
        ({"order_result": {"status": "success", "order_id": "151220000000001"}}, "151220000000001", None),
        ({"order_result": {"status": "failed", "order_id": "", "rejection_reason": "no"}}, None, "no"),
        ({"meta": '{"message": "margin"}', "order_result": {"status": "failed", "order_id": ""}}, None, "margin"),
        ({"meta": "{}", "order_result": {"status": "failed"}}, None, "the order was not taken"),
        ({"meta": "no json", "order_result": {"status": "failed"}}, None, "the order was not taken"),
        ({"meta": None, "order_result": None}, None, None),
    ],
)
def test_what_a_fired_trigger_did(result: object, number: str | None, failure: str | None) -> None:
    order = {"transaction_type": "SELL", "quantity": 1, "price": 779, "product": "CNC", "result": result}
    condition = {"exchange": "NSE", "tradingsymbol": "SBIN", "trigger_values": [780.5]}
    row = {"id": 1, "status": "triggered", "condition": condition, "orders": [order], "meta": {}}
    (found,) = kite_gtt.read_gtt(data_of([row]))
    assert (found.legs[0].broker_order_id, found.legs[0].failure) == (number, failure)
    assert found.failed is (failure is not None)
