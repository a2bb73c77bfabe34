"""What careless clients of Kite get wrong, one test for each; the numbers are those of the list of traps."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.clients import (
    kite_account,
    kite_gtt,
    kite_market,
    kite_orders,
    kite_wire,
)
from robotrader.core.background_scheduler.clients.exchange import End, Exchange
from robotrader.core.background_scheduler.clients.kite_client import Gate
from robotrader.core.background_scheduler.clients.kite_gtt import GttLeg
from robotrader.core.background_scheduler.clients.kite_ticks import read_frame
from robotrader.core.background_scheduler.parsers.instruments_csv import read_instruments
from robotrader.core.background_scheduler.trading import OrderRejectedError, OrderRequest, OrderStatus, OrderType, Side
from robotrader.core.errors import (
    LoginRequiredError,
    OutcomeUnknownError,
    RequestRefusedError,
    ResponseError,
)
from tests.support import kite_shapes as shapes
from tests.support.kite_desk import kite_desk

TWO = Decimal(2)
BUY = OrderRequest("SBIN", Side.BUY, 5)


def data_of(body: object) -> object:
    """The data of an answer, by way of the wire."""
    text = json.dumps({"status": "success", "data": body}).encode()
    return kite_wire.judge(Exchange(200, {}, bytearray(text), len(text), End.WHOLE)).data


def test_trap_01_three_forms_of_time() -> None:
    at = datetime(2021, 6, 8, 10, 15, 56, tzinfo=UTC)
    assert kite_wire.instant("2021-06-08 15:45:56") == at  # REST: naive, India time
    assert kite_wire.instant("2021-06-08T15:45:56+0530") == at  # candles
    assert kite_wire.instant("2021-06-08T15:45:56+05:30") == at
    packet = struct.pack(">11I", 408065, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
    packet += struct.pack(">5I", int(at.timestamp()), 0, 0, 0, int(at.timestamp())) + bytes(120)
    (tick,) = read_frame(struct.pack(">HH", 1, len(packet)) + packet)
    assert tick.exchange_at == tick.last_trade_at == at  # WebSocket: seconds of UTC, whatever this machine's zone


def test_trap_02_whole_numbers_where_others_have_a_point() -> None:
    quote = kite_market.read_quote(
        kite_wire.table(data_of({"last_price": 1075, "ohlc": {"close": 1075.8}}), "quote"),
        "INFY",
        "kite",
        datetime(2026, 11, 20, tzinfo=UTC),
    )
    assert quote is not None
    assert quote.last_price == Decimal(1075)
    assert isinstance(quote.last_price, Decimal)
    (held,) = kite_account.read_holdings(data_of([shapes.holding(average_price=161)]))
    assert held.average_price == Decimal(161)
    with pytest.raises(ResponseError):
        kite_wire.number({"price": True}, "price")


def test_trap_03_times_that_are_none() -> None:
    assert kite_wire.instant(None) is None
    assert kite_wire.instant("0001-01-01 00:00:00") is None
    assert kite_wire.instant("09:16:39") is None
    (order,) = kite_orders.read_orders(data_of([rejected_row()]))
    assert order.status is OrderStatus.REJECTED
    now = datetime(2026, 11, 20, 5, tzinfo=UTC)
    row = {**trade_row(), "fill_timestamp": None, "exchange_timestamp": None}
    assert kite_orders.read_trades(data_of([row]), now)[0].at == datetime(2026, 11, 20, 3, 46, 39, tzinfo=UTC)


async def test_trap_04_a_missing_key_is_a_bad_symbol() -> None:
    async with kite_desk() as d:
        found = await kite_market.quotes(d.client, ["SBIN", "GONE", "M&M"])
    assert sorted(found.found) == ["M&M", "SBIN"]
    assert found.missing == ("GONE",)


async def test_trap_05_an_ampersand_and_a_blank_stay_one_value() -> None:
    async with kite_desk() as d:
        found = await kite_market.quotes(d.client, ["M&M", "NIFTY 50"])
        assert found.missing == ()
        assert d.server.requests[0].query == (("i", "NSE:M&M"), ("i", "NSE:NIFTY 50"))
        assert "M%26M" in d.server.requests[0].raw_query


def test_trap_06_a_dash_is_no_series() -> None:
    rows = {row.symbol: row for row in read_instruments(shapes.instruments_csv().splitlines())}
    assert {"BAJAJ-AUTO", "CDSL-BE", "BSE:SBIN"} <= rows.keys()
    assert "BAJAJ" not in rows
    assert "CDSL" not in rows
    assert kite_wire.key_of("BAJAJ-AUTO") == "NSE:BAJAJ-AUTO"
    assert kite_wire.key_of("BSE:SBIN") == "BSE:SBIN"


async def test_trap_07_unsettled_pledged_and_funded_shares_are_held() -> None:
    row = shapes.holding(
        quantity=10, t1_quantity=4, collateral_quantity=3, opening_quantity=14, mtf=shapes.mtf(100, 500)
    )
    async with kite_desk(holdings=[row]) as d:
        own, funded = await kite_account.holdings(d.client)
    assert (own.quantity, own.sellable, own.unsettled, own.pledged) == (17, 14, 4, 3)
    assert (funded.product, funded.quantity, funded.average_price) == ("MTF", 100, Decimal(500))


def test_trap_08_day_change_is_a_share_and_pnl_is_all() -> None:
    # Neither is read: both are reckoned from quantity and prices, whatever these two say.
    plain = shapes.holding()
    odd = {**plain, "day_change": 10**6, "pnl": -1, "day_change_percentage": None}
    assert kite_account.read_holdings(data_of([odd])) == kite_account.read_holdings(data_of([plain]))


async def test_trap_09_the_close_of_a_quote_is_yesterdays() -> None:
    async with kite_desk() as d:
        quote = (await kite_market.quotes(d.client, ["SBIN"])).found["SBIN"]
    assert quote.previous_close == Decimal("812.35")
    assert quote.last_price == Decimal(820)


async def test_trap_10_taken_is_not_executed() -> None:
    async with kite_desk(fill="half") as d:
        number = await kite_orders.place_order(d.client, BUY, tag="t1", market_protection=TWO)
        (order,) = await kite_orders.order_book(d.client)
    assert (order.broker_order_id, order.status, order.filled) == (number, OrderStatus.OPEN, 2)
    with pytest.raises(OutcomeUnknownError):
        kite_orders.placed({"order_id": "1", "children": [{"order_id": "2"}, {"error": {"code": 400}}]})
    (gtt,) = kite_gtt.read_gtt(data_of([triggered_row("failed")]))
    assert gtt.status == "triggered"
    assert gtt.failed
    assert gtt.legs[0].failure == "Insufficient holding"


def test_trap_11_nineteen_digits() -> None:
    number = 1953341975595868161
    (order,) = kite_orders.read_orders(data_of([{**order_row(), "order_id": number}]))
    assert order.broker_order_id == "1953341975595868161"
    assert kite_orders.placed(data_of({"order_id": str(number)})) == "1953341975595868161"


async def test_trap_12_a_market_order_needs_its_protection() -> None:
    async with kite_desk() as d:
        await kite_orders.place_order(d.client, BUY, tag="t1", market_protection=TWO)
        assert d.server.requests[0].form["market_protection"] == "2"
        with pytest.raises(OrderRejectedError, match="protection"):
            await kite_orders.place_order(d.client, BUY, tag="t2", market_protection=Decimal(0))
        assert len(d.server.requests) == 1
    limit = OrderRequest("SBIN", Side.BUY, 5, OrderType.LIMIT, price=Decimal(800))
    assert "market_protection" not in dict(kite_orders.order_form(limit, "t3", TWO))


async def test_trap_13_gtt_is_a_form_with_json_in_it_and_the_stop_comes_first() -> None:
    stop = GttLeg(Decimal(780), Side.SELL, 10, Decimal("779.5"))
    target = GttLeg(Decimal(900), Side.SELL, 10, Decimal(899))
    async with kite_desk() as d:
        number = await kite_gtt.place_gtt(d.client, "SBIN", [stop, target], Decimal(820))
        form = d.server.requests[0].form
        assert json.loads(form["condition"])["trigger_values"] == [780, 900]
        assert json.loads(form["orders"])[0]["order_type"] == "LIMIT"
        with pytest.raises(OrderRejectedError, match="stop"):
            await kite_gtt.place_gtt(d.client, "SBIN", [target, stop], Decimal(820))
        (found,) = await kite_gtt.list_gtt(d.client)
    assert isinstance(number, int)
    assert (found.id, found.status, [leg.trigger for leg in found.legs]) == (number, "active", [780, 900])


def test_trap_14_a_trigger_too_near_is_refused_here() -> None:
    with pytest.raises(OrderRejectedError, match="too close"):
        kite_gtt.gtt_form("SBIN", [GttLeg(Decimal("818.5"), Side.SELL, 1, Decimal(818))], Decimal(820))
    with pytest.raises(OrderRejectedError, match="too close"):
        kite_gtt.gtt_form("YESBANK", [GttLeg(Decimal("21.40"), Side.SELL, 1, Decimal(21))], Decimal("21.47"))
    assert kite_gtt.gtt_form("YESBANK", [GttLeg(Decimal("21.38"), Side.SELL, 1, Decimal(21))], Decimal("21.47"))


async def test_trap_15_two_kinds_of_403() -> None:
    async with kite_desk("no-permission", "dead-token", match="GET /quote") as d:
        with pytest.raises(RequestRefusedError) as refused:
            await kite_market.quotes(d.client, ["SBIN"])
        assert "Connect plan" in str(refused.value.context.remedy)
        assert d.session.deaths == []
        with pytest.raises(LoginRequiredError) as ended:
            await kite_market.quotes(d.client, ["SBIN"])
        assert ended.value.context.remedy == "robotrader login"
        assert len(d.session.deaths) == 1
        assert len(d.server.requests) == 2  # neither was tried again


async def test_trap_16_quotes_share_one_gate_and_go_by_the_thousand() -> None:
    symbols = [f"S{n}" for n in range(1001)]
    async with kite_desk() as d:
        await kite_market.quotes(d.client, symbols)
        await kite_market.ltp(d.client, symbols)
        await kite_market.ohlc(d.client, symbols)
        assert [len(each.query) for each in d.server.requests] == [500, 500, 1, 1000, 1, 1000, 1]
        gates = {gate for gate, _ in d.gates.asked}
    assert gates == {Gate.QUOTES}
    assert d.gates.asked[0][1] == ((1, 1.1),)


async def test_trap_17_a_dead_session_sends_nothing() -> None:
    async with kite_desk() as d:
        d.session.deaths.append("06:00")
        with pytest.raises(LoginRequiredError):
            await kite_account.holdings(d.client)
        assert d.server.requests == []


@pytest.mark.parametrize("end", ["accept-reset", "accept-close", "accept-502", "accept-504-html", "accept-html"])
async def test_trap_18_an_order_is_never_sent_twice(end: str) -> None:
    async with kite_desk(end, match="POST /orders") as d:
        with pytest.raises(OutcomeUnknownError):
            await kite_orders.place_order(d.client, BUY, tag="t1", market_protection=TWO)
        assert d.server.counts["POST /orders/regular"] == 1
        (order,) = await kite_orders.order_book(d.client)
    assert order.tag == "t1"


def test_trap_19_the_tick_is_that_of_the_row() -> None:
    rows = {row.symbol: row.tick_size for row in read_instruments(shapes.instruments_csv().splitlines())}
    assert (rows["YESBANK"], rows["SBIN"], rows["BAJAJ-AUTO"]) == (Decimal("0.01"), Decimal("0.05"), Decimal("0.5"))


def test_trap_20_an_index_packet_has_another_order_and_currencies_other_divisors() -> None:
    index = struct.pack(">7I", 256265, 2510035, 2520000, 2500000, 2505000, 2505010, 5025)
    currency = struct.pack(">2I", 412675 << 8 | 3, 843_250_000)
    frame = struct.pack(">HH", 2, len(index)) + index + struct.pack(">H", len(currency)) + currency
    nifty, dollar = read_frame(frame)
    assert (nifty.high, nifty.low, nifty.open) == (Decimal(25200), Decimal(25000), Decimal(25050))
    assert nifty.previous_close == Decimal("25050.1")
    assert dollar.last_price == Decimal("84.325")


def order_row() -> dict[str, object]:
    return {
        "order_id": "1", "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "BUY", "order_type": "MARKET",
        "product": "CNC", "quantity": 5, "status": "OPEN", "filled_quantity": 0, "average_price": 0, "price": 0,
        "trigger_price": 0, "order_timestamp": "2026-11-20 09:30:00", "tag": None, "exchange_timestamp": None,
    }  # fmt: skip


def rejected_row() -> dict[str, object]:
    return {**order_row(), "status": "REJECTED", "status_message": "Insufficient funds.", "exchange_order_id": None}


def trade_row() -> dict[str, object]:
    return {
        "trade_id": "10000000", "order_id": "1", "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "BUY",
        "product": "CNC", "quantity": 5, "average_price": 420.65, "order_timestamp": "09:16:39",
        "fill_timestamp": "2026-11-20 09:16:39", "exchange_timestamp": "2026-11-20 09:16:39",
    }  # fmt: skip


def triggered_row(status: str) -> dict[str, object]:
    result = {"status": status, "order_id": "", "rejection_reason": "Insufficient holding"}
    order = {
        "exchange": "NSE", "tradingsymbol": "SBIN", "product": "CNC", "order_type": "LIMIT", "transaction_type": "SELL",
        "quantity": 10, "price": 779.5, "result": {"meta": '{"code": 1}', "order_result": result},
    }  # fmt: skip
    condition = {"exchange": "NSE", "tradingsymbol": "SBIN", "trigger_values": [780], "last_price": 820}
    return {
        "id": 123, "type": "single", "status": "triggered", "condition": condition, "orders": [order], "meta": None,
        "created_at": "2026-11-01 09:20:00", "expires_at": "2027-11-01 09:20:00",
    }  # fmt: skip
