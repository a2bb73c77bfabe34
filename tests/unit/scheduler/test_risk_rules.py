"""Whether a rule is broken: tables of cases, and what holds for all prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.risk_kinds import EXITS, Rule, RuleKind
from robotrader.core.background_scheduler.monitors.risk_rules import Scene, bound_of, highest, judge, reached
from robotrader.core.background_scheduler.trading import Position
from tests.support.clock import START
from tests.support.risk import position

PRICES = st.integers(5, 5_000_000).map(lambda paise: Decimal(paise) / 100)
PERCENTS = st.integers(1, 9999).map(lambda hundredths: Decimal(hundredths) / 100)


def rule(kind: RuleKind, value: str, subject: str = "SBIN", **more: Any) -> Rule:
    made = Rule(f"{kind}-{subject}", "kite", kind, subject, Decimal(value), True, True, 0, None, START, START)
    return made._replace(**more)


def scene(*positions: Position, cash: str = "0", day_pnl: str | None = None, orders: int = 0, **prices: str) -> Scene:
    return Scene(
        positions,
        {symbol: Decimal(price) for symbol, price in prices.items()},
        cash=Decimal(cash),
        sectors={"SBIN": "Banks", "ITC": "Goods", "HDFCBANK": "Banks"},
        day_pnl=None if day_pnl is None else Decimal(day_pnl),
        orders_sent=orders,
    )


@pytest.mark.parametrize(
    ("kind", "value", "paid", "high", "price", "bound", "broken"),
    [
        (RuleKind.STOP_LOSS, "780", "800", None, "780.05", "780", False),
        (RuleKind.STOP_LOSS, "780", "800", None, "780", "780", True),
        (RuleKind.STOP_LOSS, "780", None, None, "779.95", "780", True),
        (RuleKind.STOP_LOSS_PCT, "5", "800", None, "760.05", "760", False),
        (RuleKind.STOP_LOSS_PCT, "5", "800", None, "760", "760", True),
        (RuleKind.STOP_LOSS_PCT, "5", "812.333333", None, "771.71", "771.71", True),
        (RuleKind.STOP_LOSS_PCT, "5", "812.333333", None, "771.72", "771.71", False),
        (RuleKind.STOP_LOSS_PCT, "5", None, None, "1", None, None),
        (RuleKind.TRAILING_PCT, "10", None, None, "100", "90", False),  # the first look
        (RuleKind.TRAILING_PCT, "10", None, "100", "90.01", "90", False),
        (RuleKind.TRAILING_PCT, "10", None, "100", "90", "90", True),
        (RuleKind.TRAILING_PCT, "10", None, "100", "120", "108", False),
        (RuleKind.TARGET, "900", None, None, "899.95", "900", False),
        (RuleKind.TARGET, "900", None, None, "900", "900", True),
        (RuleKind.TARGET_PCT, "12.5", "800", None, "900", "900", True),
        (RuleKind.TARGET_PCT, "12.5", "800", None, "899.95", "900", False),
        (RuleKind.TARGET_PCT, "10", "812.333333", None, "893.56", "893.57", False),
        (RuleKind.TARGET_PCT, "12.5", None, None, "900", None, None),
    ],
)
def test_exits(
    kind: RuleKind, value: str, paid: str | None, high: str | None, price: str, bound: str | None, broken: bool | None
) -> None:
    given_rule = rule(kind, value, high_inr=None if high is None else Decimal(high))
    (found,) = judge([given_rule], scene(position("SBIN", 10, paid), SBIN=price))
    assert (found.broken, found.product) == (broken, "CNC")
    assert found.bound == (None if bound is None else Decimal(bound))


def test_what_is_not_known_is_not_judged() -> None:
    rules = [rule(kind, "5") for kind in EXITS]
    judged = judge(rules, scene(position("SBIN", 10, "800")))
    assert [each.broken for each in judged] == [None] * 5
    assert all(each.why == "no quote" for each in judged)
    (short,) = judge(rules[:1], scene(position("SBIN", -10, "800"), SBIN="1"))
    assert (short.broken, short.why) == (None, "a short position is not watched")


def test_what_is_not_held_is_not_judged() -> None:
    rules = [rule(kind, "5") for kind in EXITS]
    assert judge(rules, scene(position("ITC", 10, "300"), SBIN="1", ITC="300")) == ()
    assert judge(rules, scene(position("SBIN", 0, "800", day_sell_quantity=10), SBIN="1")) == ()


@given(PRICES, PERCENTS, PRICES, st.sampled_from(EXITS))
def test_bounds_in_paise_decide_as_exact_ones_would(
    paid: Decimal, value: Decimal, price: Decimal, kind: RuleKind
) -> None:
    bound = bound_of(kind, value, paid=paid, high=paid)
    assert bound is not None
    if kind in (RuleKind.STOP_LOSS, RuleKind.TARGET):
        exact = value
    else:
        exact = paid * (100 + (value if kind is RuleKind.TARGET_PCT else -value)) / 100
    beyond = price >= exact if kind in (RuleKind.TARGET, RuleKind.TARGET_PCT) else price <= exact
    assert reached(kind, price, bound) is beyond


@given(st.lists(PRICES, min_size=1, max_size=30), PERCENTS)
def test_a_trailing_stop_never_goes_down(prices: list[Decimal], value: Decimal) -> None:
    kept = rule(RuleKind.TRAILING_PCT, str(value))
    bounds = []
    for price in prices:
        seen = scene(position("SBIN", 1), SBIN=str(price))
        (found,) = judge([kept], seen)
        kept = kept._replace(high_inr=highest(kept, seen))
        assert found.bound is not None
        bounds.append(found.bound)
        assert found.broken is (price <= found.bound)
    assert bounds == sorted(bounds)
    assert kept.high_inr == max(prices)


@pytest.mark.parametrize(
    ("bound", "broken"), [("59.99", True), ("60", False), ("60.01", False)]
)  # of 6,000 rupees in an account of 10,000
def test_a_share_is_of_the_whole_account_with_its_cash(bound: str, broken: bool) -> None:
    seen = scene(position("SBIN", 6), position("ITC", 1), cash="3000", SBIN="1000", ITC="1000")
    (found,) = judge([rule(RuleKind.POSITION_PCT, bound)], seen)
    assert (found.broken, found.observed) == (broken, Decimal("60.00"))


def test_a_rule_for_every_symbol_leaves_out_those_with_their_own() -> None:
    seen = scene(position("SBIN", 6), position("ITC", 4), SBIN="1000", ITC="1000")
    rules = [rule(RuleKind.POSITION_PCT, "50", ""), rule(RuleKind.POSITION_PCT, "70", "SBIN")]
    found = judge(rules, seen)
    assert [(each.subject, each.broken) for each in found] == [("ITC", False), ("SBIN", False)]


def test_products_of_a_symbol_count_together() -> None:
    seen = scene(position("SBIN", 3), position("SBIN", 3, product="MIS"), position("ITC", 4), SBIN="1000", ITC="1000")
    (found,) = judge([rule(RuleKind.POSITION_PCT, "50")], seen)
    assert (found.broken, found.observed) == (True, Decimal("60.00"))


def test_one_price_missing_leaves_every_share_unjudged() -> None:
    seen = scene(position("SBIN", 6), position("ITC", 4), SBIN="1000")
    found = judge([rule(RuleKind.POSITION_PCT, "50"), rule(RuleKind.SECTOR_PCT, "50", "")], seen)
    assert [(each.broken, each.why) for each in found] == [(None, "no price to decide by of ITC")] * 2


def test_sectors() -> None:
    seen = scene(position("SBIN", 2), position("HDFCBANK", 3), position("ITC", 5), SBIN="10", HDFCBANK="10", ITC="10")
    found = judge([rule(RuleKind.SECTOR_PCT, "49", "")], seen)
    assert [(each.subject, each.observed, each.broken) for each in found] == [
        ("Banks", Decimal("50.00"), True),
        ("Goods", Decimal("50.00"), True),
    ]


def test_a_sector_that_stocks_without_one_may_belong_to() -> None:
    seen = scene(position("SBIN", 4), position("NEWCO", 6), SBIN="10", NEWCO="10")
    (sure,) = judge([rule(RuleKind.SECTOR_PCT, "30", "Banks")], seen)
    assert sure.broken is True
    (unsure,) = judge([rule(RuleKind.SECTOR_PCT, "50", "Banks")], seen)
    assert (unsure.broken, unsure.why) == (None, "the sector of 60.00% of the account is not known")


@pytest.mark.parametrize(
    ("pnl", "broken"), [("-999.99", False), ("-1000", True), ("-1000.01", True), ("500", False), (None, None)]
)
def test_the_loss_of_a_day(pnl: str | None, broken: bool | None) -> None:
    (found,) = judge([rule(RuleKind.DAILY_LOSS, "1000", "")], scene(day_pnl=pnl))
    assert (found.broken, found.bound) == (broken, Decimal(-1000))


@pytest.mark.parametrize(("sent", "broken"), [(5, False), (6, True)])
def test_orders_a_minute(sent: int, broken: bool) -> None:
    (found,) = judge([rule(RuleKind.ORDER_RATE, "5", "")], scene(orders=sent))
    assert found.broken is broken


def test_an_account_worth_nothing() -> None:
    seen = scene(position("SBIN", 1), cash="-1000", SBIN="1000")
    (found,) = judge([rule(RuleKind.POSITION_PCT, "50")], seen)
    assert (found.broken, found.why) == (None, "the account is worth nothing")
    assert judge([rule(RuleKind.POSITION_PCT, "50", "")], scene()) == ()
