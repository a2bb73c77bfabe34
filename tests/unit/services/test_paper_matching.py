"""Whether an order fills against a quote, at which price, and how many: pure."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.trading import OrderType, Side
from robotrader.core.services.paper_matching import Look, Rest, in_auction, look, offered, outside, unusable
from tests.support.clock import START
from tests.support.paper import request
from tests.support.quotes import quote

MINUTE = timedelta(minutes=1)
TICK, TWO = Decimal("0.05"), Decimal(2)


def held(
    side: str, last: str, /, *, rest: Rest | None = None, seen: dict[str, Any] | None = None, **order: Any
) -> Look:
    """An order for 10 shares held against one price."""
    made = quote("SBIN", last, **(seen or {}))
    return look(request(side, 10, **order), made, rest or Rest(10), tick=TICK, protection=TWO)


def D(text: str) -> Decimal:  # noqa: N802 - the shortest name for what stands in every line
    return Decimal(text)


@pytest.mark.parametrize(
    ("side", "seen", "price"),
    [
        ("BUY", {"ask": D("100.05"), "bid": D("99.95")}, "100.05"),
        ("SELL", {"ask": D("100.05"), "bid": D("99.95")}, "99.95"),
        ("BUY", {}, "100"),
        ("SELL", {}, "100"),
        ("BUY", {"ask": D(0)}, "100"),
    ],
)
def test_market_orders_take_the_other_side_else_the_last_price(side: str, seen: dict[str, Any], price: str) -> None:
    found = held(side, "100", seen=seen)
    assert (found.quantity, found.price, found.rest.remaining) == (10, D(price), 0)


@pytest.mark.parametrize(
    ("side", "seen", "bound"), [("BUY", {"ask": D("103")}, "102"), ("SELL", {"bid": D("97")}, "98")]
)
def test_market_orders_rest_at_the_bound_of_market_protection(side: str, seen: dict[str, Any], bound: str) -> None:
    found = held(side, "100", seen=seen)
    assert (found.quantity, found.rest.bound, found.rest.arriving) == (0, D(bound), False)
    again = held(side, bound, rest=found.rest)
    assert (again.quantity, again.price) == (10, D(bound))


def test_the_bound_lies_within_the_band_of_the_day() -> None:
    found = held("BUY", "100", seen={"ask": D("101.5"), "upper_circuit": D("101")})
    assert (found.quantity, found.rest.bound) == (0, D(101))


@pytest.mark.parametrize(
    ("side", "limit", "price", "fills"),
    [("BUY", "100", "100", True), ("BUY", "100", "100.05", False), ("SELL", "100", "100", True),
     ("SELL", "100", "99.95", False)],
)  # fmt: skip
def test_limit_orders_fill_at_their_limit_or_better(side: str, limit: str, price: str, *, fills: bool) -> None:
    found = held(side, price, type="LIMIT", price=limit)
    assert (found.quantity, found.price) == ((10, D(price)) if fills else (0, D(0)))


def test_a_limit_order_that_arrives_takes_the_better_price_and_one_that_rested_its_own() -> None:
    assert held("BUY", "97", type="LIMIT", price="100").price == D(97)
    assert held("BUY", "97", type="LIMIT", price="100", rest=Rest(10, arriving=False)).price == D(100)


@pytest.mark.parametrize(
    ("side", "trigger", "waits", "reaches"), [("SELL", "95", "95.05", "95"), ("BUY", "105", "104.95", "105")]
)
def test_stop_orders_wait_for_the_last_price(side: str, trigger: str, waits: str, reaches: str) -> None:
    for kind in ("SL-M", "SL"):
        given = {"type": kind, "trigger": trigger, **({"price": trigger} if kind == "SL" else {})}
        waiting = held(side, waits, seen={"ask": D("200"), "bid": D("1")}, **given)
        assert (waiting.quantity, waiting.rest.triggered, waiting.rest.arriving) == (0, False, True)
        found = held(side, reaches, **given)
        assert (found.quantity, found.price, found.rest.triggered) == (10, D(reaches), True)


def test_a_gap_through_the_stop_fills_at_the_price_that_is_there_and_not_at_the_trigger() -> None:
    assert held("SELL", "80", type="SL-M", trigger="95").price == D(80)


def test_a_gap_through_the_limit_of_a_stop_leaves_it_resting_triggered() -> None:
    found = held("SELL", "80", type="SL", trigger="95", price="94")
    assert (found.quantity, found.rest.triggered) == (0, True)
    later = held("SELL", "94.5", type="SL", trigger="95", price="94", rest=found.rest)
    assert (later.quantity, later.price) == (10, D(94))


@pytest.mark.parametrize(("side", "seen"), [("BUY", {"upper_circuit": D(100)}), ("SELL", {"lower_circuit": D(100)})])
def test_at_the_band_there_is_no_other_side(side: str, seen: dict[str, Any]) -> None:
    assert held(side, "100", seen=seen).quantity == 0
    both = {"ask": D(100), "bid": D(100)}
    assert held(side, "100", seen=seen | both).quantity == 10


def test_no_more_is_filled_than_was_traded_today() -> None:
    first = held("BUY", "100", seen={"volume": 4})
    assert (first.quantity, first.rest.remaining, first.rest.filled) == (4, 6, 4)
    assert held("BUY", "100", seen={"volume": 4}, rest=first.rest).quantity == 0
    assert held("BUY", "100", seen={"volume": 100}, rest=first.rest).quantity == 6


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({}, None),
        ({"fetched_at": START - 2 * MINUTE}, None),
        ({"fetched_at": START - 3 * MINUTE}, "180 s old"),
        ({"fetched_at": START + 3 * MINUTE}, "-180 s old"),
        ({"exchange_at": START - timedelta(days=1)}, "not traded today"),
        ({"last_trade_at": START - timedelta(days=1)}, "not traded today"),
        ({"exchange_at": None, "last_trade_at": None}, None),
        ({"last_price": D(0)}, "no price"),
    ],
)
def test_what_is_stale_or_of_another_day_is_not_used(seen: dict[str, Any], why: str | None) -> None:
    found = unusable(quote("SBIN", "100")._replace(**seen), START, 2 * MINUTE)
    assert (found is None) if why is None else (found is not None and why in found)


def test_the_closing_auction_fills_at_its_one_price_or_not_at_all() -> None:
    before, since = quote("SBIN", "100", at=START - MINUTE), quote("SBIN", "100", at=START)
    market, limit = request("BUY", 10), request("BUY", 10, type="LIMIT", price="99")
    assert in_auction(market, before, Rest(10), began=START).quantity == 0
    assert in_auction(market, since, Rest(10), began=START)[:2] == (10, D(100))
    assert in_auction(limit, since, Rest(10), began=START).quantity == 0


def test_prices_outside_of_the_band() -> None:
    seen = quote("SBIN", "100", lower_circuit=D(90), upper_circuit=D(110))
    assert outside(D(90), seen, TICK, auction=False) is None
    assert "above 110" in (outside(D("110.05"), seen, TICK, auction=False) or "")
    assert "below 97" in (outside(D("96.95"), seen, TICK, auction=True) or "")
    assert outside(D(1), quote("SBIN", "100"), TICK, auction=False) is None


PRICES = st.integers(1, 4000).map(lambda steps: steps * TICK)


@given(
    st.sampled_from(list(Side)), st.sampled_from(list(OrderType)), PRICES, PRICES, PRICES, PRICES, st.integers(0, 20),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_no_fill_is_worse_than_the_order_allows(
    side: Side,
    kind: OrderType,
    limit: Decimal,
    trigger: Decimal,
    last: Decimal,
    other: Decimal,
    volume: int,
    arriving: bool,
    triggered: bool,
) -> None:
    priced, stops = kind in {OrderType.LIMIT, OrderType.SL}, kind in {OrderType.SL, OrderType.SL_M}
    given = request(
        side.value, 10, type=kind.value, price=limit if priced else None, trigger=trigger if stops else None
    )
    seen = quote("SBIN", str(last), ask=other, bid=other, volume=volume)
    found = look(given, seen, Rest(10, 0, arriving, triggered), tick=TICK, protection=TWO)
    assert 0 <= found.quantity <= min(10, volume)
    assert found.rest.remaining + found.rest.filled == 10
    if not found.quantity:
        return
    worst = limit if priced else found.rest.bound
    assert worst is not None
    assert found.price <= worst if side is Side.BUY else found.price >= worst
    if stops and not triggered:
        assert last >= trigger if side is Side.BUY else last <= trigger
    assert offered(side, seen) == other
