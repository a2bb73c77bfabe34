"""Values checked against bounds and against each other: honest figures keep the tolerances, slips do not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.fundamental_checks import BOUNDS, NAMES, Doubt, check
from robotrader.core.background_scheduler.records import Fundamentals


def record(**values: str) -> Fundamentals:
    return Fundamentals(**{name: Decimal(value) for name, value in values.items()})  # type: ignore[arg-type]


def kinds(doubts: tuple[Doubt, ...]) -> list[tuple[str, str]]:
    return [(d.field, d.check) for d in doubts]


def test_an_empty_record_is_not_doubted() -> None:
    assert check(Fundamentals()) == ()
    assert check(Fundamentals(), price_inr=Decimal(100), profit_ttm_inr=Decimal(10**9)) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("promoter_holding_pct", "5749"),
        ("promoter_holding_pct", "-0.1"),
        ("dividend_yield_pct", "158"),
        ("roe_pct", "1720"),
        ("roce_pct", "-1001"),
        ("roa_pct", "201"),
        ("pe", "11700"),
        ("pb", "1600"),
        ("current_ratio", "-1"),
        ("debt_to_equity", "150"),
        ("market_cap_inr", "944523"),
        ("market_cap_inr", "944523000000000"),
        ("eps_ttm_inr", "1000000"),
        ("book_value_inr", "64100000"),
        ("sales_growth_pct", "-101"),
        ("fair_value_inr", "0"),
    ],
)
def test_a_value_out_of_bounds_is_doubted(name: str, value: str) -> None:
    doubts = check(record(**{name: value}))
    assert (name, "bounds") in kinds(doubts)
    assert doubts[0].message.startswith(NAMES[name])


@pytest.mark.parametrize("name", BOUNDS)
def test_the_bounds_themselves_are_allowed(name: str) -> None:
    for end in BOUNDS[name]:
        if end:
            assert "bounds" not in [d.check for d in check(record(**{name: str(end)}))]


@pytest.mark.parametrize(
    ("values", "price", "profit", "doubts"),
    [
        ({"pe": "11.7", "eps_ttm_inr": "54", "pb": "1.6", "book_value_inr": "641"}, None, None, [("pe", "price")]),
        ({"pe": "11.7", "eps_ttm_inr": "87.4", "pb": "1.6", "book_value_inr": "641"}, None, None, []),
        ({"pe": "11.7", "eps_ttm_inr": "87.4"}, "1023", None, []),
        ({"pe": "11.7", "eps_ttm_inr": "87.4"}, "102.3", None, [("pe", "price")]),
        ({"pb": "1.6", "book_value_inr": "641"}, "10230", None, [("pb", "price")]),
        ({"pe": "11.7", "eps_ttm_inr": "-5"}, None, None, [("pe", "sign")]),
        ({"pe": "-11.7", "eps_ttm_inr": "-5"}, None, None, []),
        ({"pe": "0"}, None, None, [("pe", "sign")]),
        ({"pb": "-3"}, None, None, [("pb", "sign")]),
        ({"pb": "-3", "book_value_inr": "-20"}, None, None, []),
        ({"debt_to_equity": "-3"}, None, None, [("debt_to_equity", "sign")]),
        ({"debt_to_equity": "-3", "book_value_inr": "-20"}, None, None, []),
        ({"roe_pct": "17.2", "pe": "11.7", "pb": "1.6"}, None, None, []),
        ({"roe_pct": "0.172", "pe": "11.7", "pb": "1.6"}, None, None, [("roe_pct", "return")]),
        ({"roe_pct": "17.2", "eps_ttm_inr": "8.74", "book_value_inr": "641"}, None, None, [("roe_pct", "return")]),
        ({"roe_pct": "4", "pe": "50", "pb": "0.6"}, None, None, []),
        ({"roe_pct": "17.2", "pb": "1.6", "market_cap_inr": "9445230000000"}, None, "810000000000", []),
        (
            {"roe_pct": "17.2", "pb": "1.6", "market_cap_inr": "94452300000"},
            None,
            "810000000000",
            [("roe_pct", "return")],
        ),
        ({"pe": "11.7", "market_cap_inr": "9445230000000"}, None, "810000000000", []),
        ({"pe": "11.7", "market_cap_inr": "94452300000"}, None, "810000000000", [("market_cap_inr", "profit")]),
        ({"pe": "11.7", "market_cap_inr": "9445230000000"}, None, "-810000000000", [("pe", "profit")]),
        ({"fair_value_inr": "1200", "pe": "11.7", "eps_ttm_inr": "87.4"}, None, None, []),
        ({"fair_value_inr": "120000"}, "1023", None, [("fair_value_inr", "fair value")]),
        ({"fair_value_inr": "12"}, "1023", None, [("fair_value_inr", "fair value")]),
        ({"dividend_yield_pct": "60", "pe": "20"}, None, None, [("dividend_yield_pct", "payout")]),
        ({"dividend_yield_pct": "1.58", "pe": "11.7"}, None, None, []),
        ({"pe": "11.7", "eps_ttm_inr": "87.4"}, "NaN", None, []),
        ({"pe": "NaN", "eps_ttm_inr": "87.4"}, None, None, [("pe", "bounds")]),
        ({"pe": "11.7", "eps_ttm_inr": "87.4"}, "0", "0", []),
    ],
)
def test_values_against_each_other(
    values: dict[str, str], price: str | None, profit: str | None, doubts: list[tuple[str, str]]
) -> None:
    found = check(
        record(**values),
        price_inr=Decimal(price) if price else None,
        profit_ttm_inr=Decimal(profit) if profit else None,
    )
    assert kinds(found) == doubts


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"pe": "11.7", "eps_ttm_inr": "54", "pb": "1.6", "book_value_inr": "641"},
            "P/E 11.7 x EPS 54 gives ₹632, P/B 1.6 x book value 641 gives ₹1,026",
        ),
        ({"promoter_holding_pct": "5749"}, "promoter holding 5749 % is outside of 0 % to 100 %"),
        (
            {"roe_pct": "0.172", "pe": "11.7", "pb": "1.6"},
            "return on equity is 0.172 %, P/B 1.6 / P/E 11.7 gives 13.7 %",
        ),
        ({"pe": "11.7", "eps_ttm_inr": "-5"}, "P/E 11.7 and EPS -₹5 have different signs"),
        (
            {"market_cap_inr": "944523000000000"},
            "market cap ₹9,44,52,300 crore is outside of ₹1 crore to ₹1,00,00,000 crore",
        ),
    ],
)
def test_the_message_is_one_plain_sentence_with_the_figures(values: dict[str, str], message: str) -> None:
    assert [d.message for d in check(record(**values))] == [message]


def test_a_doubt_never_alters_a_value() -> None:
    given_record = record(pe="11.7", eps_ttm_inr="54", pb="1.6", book_value_inr="641", roe_pct="1720")
    before = replace(given_record)
    assert check(given_record)
    assert given_record == before


def money(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(Decimal)


@st.composite
def companies(draw: st.DrawFn) -> tuple[Fundamentals, Decimal, Decimal]:
    """A record as a page would round it, with the price and the profit behind it."""
    shares = draw(money(10**7, 10**10))
    book = draw(st.decimals(min_value="10", max_value="3000", places=2))
    pb = draw(st.decimals(min_value="0.8", max_value="30", places=4))
    roe = draw(st.decimals(min_value="5", max_value="60", places=4))
    price, equity = book * pb, book * shares
    profit = equity * roe / 100
    eps = profit / shares
    assume(price / eps <= 300)
    assume(10**7 < price * shares < 9 * 10**13)
    cent, tenth = Decimal("0.01"), Decimal("0.1")
    made = Fundamentals(
        pe=(price / eps).quantize(tenth),
        pb=pb.quantize(cent),
        roe_pct=roe.quantize(tenth),
        eps_ttm_inr=eps.quantize(cent),
        book_value_inr=book.quantize(Decimal(1)),
        market_cap_inr=(price * shares / 10**7).quantize(Decimal(1)) * 10**7,
        dividend_yield_pct=(eps / price * 30).quantize(cent),
        promoter_holding_pct=Decimal("55.5"),
        fair_value_inr=(price * Decimal("1.2")).quantize(Decimal(1)),
    )
    return made, price, profit


@given(companies())
def test_consistent_records_are_never_doubted(company: tuple[Fundamentals, Decimal, Decimal]) -> None:
    made, price, profit = company
    assert check(made) == ()
    assert check(made, price_inr=price, profit_ttm_inr=profit) == ()


@given(companies(), st.decimals(min_value="0.75", max_value="1.3", places=3))
def test_a_price_of_another_day_is_no_contradiction(
    company: tuple[Fundamentals, Decimal, Decimal], moved: Decimal
) -> None:
    made, price, profit = company
    assert check(made, price_inr=price * moved, profit_ttm_inr=profit) == ()


SLIPS = ("pe", "pb", "roe_pct", "eps_ttm_inr", "book_value_inr", "market_cap_inr")


@given(companies(), st.sampled_from(SLIPS), st.sampled_from(["100", "0.01"]))
def test_a_slip_of_one_value_is_always_doubted(
    company: tuple[Fundamentals, Decimal, Decimal], name: str, factor: str
) -> None:
    made, price, profit = company
    slipped = replace(made, **{name: getattr(made, name) * Decimal(factor)})
    assert check(slipped, price_inr=price, profit_ttm_inr=profit)


@given(
    st.builds(lambda v: v, st.dictionaries(st.sampled_from(sorted(NAMES)), st.decimals(allow_nan=True), max_size=15))
)
def test_any_values_are_checked_without_an_exception(values: dict[str, Decimal]) -> None:
    for doubt in check(Fundamentals(**values)):  # type: ignore[arg-type]
        assert doubt.field in NAMES
        assert doubt.message
        assert "\n" not in doubt.message
