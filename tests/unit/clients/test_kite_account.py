"""What is held, counted once: holdings, positions, and both together."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients import kite_account, kite_wire
from robotrader.core.background_scheduler.clients.exchange import End, Exchange
from robotrader.core.background_scheduler.trading import OrderRequest, OrderType, Position, Product, Side
from robotrader.core.errors import ResponseError
from tests.support.kite_desk import kite_desk
from tests.support.kite_shapes import holding, margins, mtf, position


def data_of(body: object) -> object:
    text = json.dumps({"status": "success", "data": body}).encode()
    return kite_wire.judge(Exchange(200, {}, bytearray(text), len(text), End.WHOLE)).data


def held(*rows: dict[str, Any]) -> tuple[kite_account.Holding, ...]:
    return kite_account.read_holdings(data_of(list(rows)))


def book(rows: list[dict[str, Any]], moved: list[dict[str, Any]]) -> dict[tuple[str, str], Position]:
    positions = kite_account.read_positions(data_of({"net": moved, "day": moved}))
    merged = kite_account.merged(held(*rows), positions)
    assert len({(each.symbol, each.product) for each in merged}) == len(merged)
    return {(each.symbol, each.product): each for each in merged}


# -- holdings


def test_an_unknown_buy_price_is_not_zero() -> None:
    assert held(holding(average_price=0))[0].average_price is None
    assert held(holding(average_price=700, discrepancy=True))[0].average_price is None
    assert held(holding(average_price=700))[0].average_price == Decimal(700)


def test_both_exchanges_are_one_by_isin() -> None:
    (found,) = held(
        holding("SBIN", 6, exchange="BSE", average_price=100), holding("SBIN", 4, exchange="NSE", average_price=200)
    )
    assert (found.symbol, found.quantity, found.average_price) == ("SBIN", 10, Decimal(140))
    (alone,) = held(holding("SBIN", 6, exchange="BSE"))
    assert alone.symbol == "BSE:SBIN"
    assert len(held(holding("SBIN", 6, isin="A"), holding("TCS", 4, isin="B"))) == 2


def test_one_unknown_price_makes_the_mean_unknown() -> None:
    (found,) = held(holding("SBIN", 6, exchange="BSE", average_price=0), holding("SBIN", 4))
    assert found.average_price is None


@pytest.mark.parametrize(
    ("row", "settled", "t1", "sold"),
    [
        (holding(quantity=6, used_quantity=4, opening_quantity=10), 6, 0, 4),  # less by it already
        (holding(quantity=10, used_quantity=4, opening_quantity=10), 6, 0, 4),  # not yet
        (holding(quantity=10, used_quantity=4, opening_quantity=None), 6, 0, 4),  # in doubt less
        (holding(quantity=6, used_quantity=4, t1_quantity=5, opening_quantity=15), 6, 5, 4),
        (holding(quantity=2, used_quantity=4, t1_quantity=5, opening_quantity=7), 0, 3, 4),  # unsettled ones, too
        (holding(quantity=6, used_quantity=0, opening_quantity=10), 6, 0, 4),  # the gap
        (holding(quantity=6, used_quantity=0, collateral_quantity=4, opening_quantity=10), 6, 0, 0),  # pledged
    ],
)
def test_what_was_sold_today_is_taken_off_once(row: dict[str, Any], settled: int, t1: int, sold: int) -> None:
    (found,) = held(row)
    assert (found.settled, found.t1, found.sold) == (settled, t1, sold)


@pytest.mark.parametrize("wrong", [{"quantity": None}, {"quantity": 1.5}, {"quantity": "10"}, {"average_price": "7"}])
def test_no_share_is_passed_over(wrong: dict[str, Any]) -> None:
    with pytest.raises(ResponseError):
        held({**holding(), **wrong})


def test_fields_that_are_missing_are_none() -> None:
    bare = {"tradingsymbol": "SBIN", "exchange": "NSE", "quantity": 3}
    (found,) = held(bare)
    assert (found.quantity, found.average_price, found.isin) == (3, None, None)


def test_funded_shares_alone_are_one_position() -> None:
    (found,) = held(holding(quantity=0, mtf=mtf(50, 100, used=10)))
    assert (found.product, found.quantity, found.sold) == ("MTF", 40, 10)


# -- positions


def test_positions_are_shares_closed_ones_included() -> None:
    rows = [position(bought=5, sold=5, product="MIS"), position("GOLD", exchange="MCX", bought=1)]
    (found,) = kite_account.read_positions(data_of({"net": rows, "day": []}))
    assert (found.symbol, found.product, found.quantity, found.sellable) == ("SBIN", "MIS", 0, 0)


def test_what_a_day_trade_won() -> None:
    row = position(bought=10, sold=10, product="MIS", day_buy_value=8000, day_sell_value=8050.5)
    (found,) = kite_account.read_positions(data_of({"net": [row], "day": []}))
    assert found.realised_inr == Decimal("50.50")


# -- both


@pytest.mark.parametrize("dropped", [True, False])
def test_a_sale_out_of_holdings_counts_once(dropped: bool) -> None:
    row = holding(quantity=6 if dropped else 10, used_quantity=4, opening_quantity=10)
    found = book([row], [position(sold=4, price=800)])["SBIN", "CNC"]
    assert (found.quantity, found.sellable, found.overnight_quantity) == (6, 6, 10)
    assert (found.day_sell_quantity, found.day_sell_inr) == (4, Decimal(3200))
    assert found.realised_inr == Decimal(400)  # 4 x (800 - 700)
    assert found.average_price == Decimal(700)


def test_a_sale_that_holdings_do_not_show_yet() -> None:
    assert book([holding(quantity=10)], [position(sold=4)])["SBIN", "CNC"].quantity == 6


def test_a_sale_that_only_holdings_show() -> None:
    found = book([holding(quantity=6, used_quantity=4, opening_quantity=10)], [])["SBIN", "CNC"]
    assert (found.quantity, found.overnight_quantity) == (6, 6)  # for how much is not known, so nothing is won or lost


def test_shares_bought_today_join_those_held() -> None:
    found = book([holding(quantity=10)], [position(bought=10, price=800)])["SBIN", "CNC"]
    assert (found.quantity, found.sellable, found.unsettled) == (20, 20, 10)
    assert found.average_price == Decimal(750)


def test_sold_and_bought_back_on_one_day() -> None:
    rows = [holding(quantity=0, used_quantity=10, opening_quantity=10)]
    assert book(rows, [position(sold=10, bought=3)])["SBIN", "CNC"].quantity == 3
    netted = [holding(quantity=3, used_quantity=7, opening_quantity=10)]
    assert book(netted, [position(sold=10, bought=3)])["SBIN", "CNC"].quantity == 3 + (7 - 7)


def test_the_other_exchange_is_the_same_share() -> None:
    found = book([holding(quantity=10, exchange="BSE")], [position(sold=4)])
    assert list(found) == [("SBIN", "CNC")]
    assert found["SBIN", "CNC"].quantity == 6


def test_intraday_and_delivery_stay_apart() -> None:
    found = book([holding(quantity=10)], [position(bought=5, product="MIS")])
    assert found["SBIN", "CNC"].quantity == 10
    assert found["SBIN", "MIS"].quantity == 5


def test_pledged_shares_are_held_and_not_sellable() -> None:
    found = book([holding(quantity=10, collateral_quantity=5)], [position(sold=2)])["SBIN", "CNC"]
    assert (found.quantity, found.sellable, found.pledged) == (13, 8, 5)


@given(
    settled=st.integers(0, 50),
    t1=st.integers(0, 50),
    pledged=st.integers(0, 50),
    bought=st.integers(0, 50),
    part=st.floats(0, 1),
    net=st.booleans(),
    with_t1=st.booleans(),
)
def test_the_book_is_the_morning_and_the_days_trades(
    settled: int, t1: int, pledged: int, bought: int, part: float, net: bool, with_t1: bool
) -> None:
    sold = int(part * (settled + bought))
    out = max(0, sold - bought)
    row = holding(
        quantity=settled - out if net else settled,
        used_quantity=out,
        t1_quantity=t1,
        collateral_quantity=pledged,
        opening_quantity=settled + (t1 if with_t1 else 0),
    )
    found = book([row], [position(bought=bought, sold=sold)])["SBIN", "CNC"]
    ambiguous = net is False and out and t1 == out and with_t1  # both readings make up the same morning
    if not ambiguous:
        assert found.quantity == settled + t1 + pledged + bought - sold


# -- over the wire


async def test_a_whole_account() -> None:
    rows = [holding("SBIN", 10), holding("TCS", 2, isin="INE467B01029", average_price=3000)]
    async with kite_desk(holdings=rows, margins=margins(1234.56)) as d:
        from robotrader.core.background_scheduler.clients import kite_orders

        sell = OrderRequest("SBIN", Side.SELL, 4, OrderType.MARKET, Product.CNC)
        await kite_orders.place_order(d.client, sell, tag="t1", market_protection=Decimal(2))
        found = await kite_account.book(d.client, d.clock.now())
    quantities = {each.symbol: each.quantity for each in found.positions}
    assert quantities == {"SBIN": 6, "TCS": 2}
    assert (found.account, found.cash_inr) == ("kite", Decimal("1234.56"))


def test_what_may_be_spent_is_net_without_the_noise_of_doubles() -> None:
    found = kite_account.read_margins(data_of(margins(99725.05000000002)))
    assert found.cash_inr == Decimal("99725.05")
    assert kite_account.read_margins(data_of(margins(-12.5)["equity"])).cash_inr == Decimal("-12.5")
    with pytest.raises(ResponseError):
        kite_account.read_margins(data_of({"equity": {"enabled": False}}))
