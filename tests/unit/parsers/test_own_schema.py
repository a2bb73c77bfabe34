"""The quick way reads what the layers read, or leaves it to them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.schemas import EARNINGS, FUNDAMENTALS
from robotrader.core.background_scheduler.parsers import own_schema
from robotrader.core.background_scheduler.parsers.earnings import read_layers as earnings_layers
from robotrader.core.background_scheduler.parsers.fundamental_analysis import read_layers as fundamentals_layers

ENDS = {1: "06-30", 2: "09-30", 3: "12-31", 4: "03-31"}
WORDS = st.sampled_from(["Largest lender in the country", "Low cost of funds", "Competition", "Rising rates"])
DAYS = st.dates().filter(lambda day: 2020 <= day.year <= 2030).map(str)
BINARY = st.sampled_from([33.870000000000005, 0.30000000000000004, -70.21000000000001])  # sums of floats
PERCENT = st.one_of(st.decimals(min_value=-200, max_value=200, places=2).map(float), BINARY)
MONEY = st.integers(min_value=-(10**13), max_value=10**13)


def or_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


@st.composite
def earnings_answers(draw: st.DrawFn) -> dict[str, Any]:
    quarter, year = draw(st.integers(1, 4)), draw(st.integers(2022, 2028))
    answer: dict[str, Any] = {name: draw(or_null(PERCENT)) for name in EARNINGS["properties"] if name.endswith("_pct")}
    answer |= {name: draw(or_null(MONEY)) for name in ("revenue_inr", "net_profit_inr", "ebitda_inr")}
    answer |= {"eps_inr": draw(or_null(PERCENT)), "dividend_per_share_inr": draw(or_null(st.integers(0, 90)))}
    answer |= {"symbol": "SBIN", "company": draw(or_null(st.just("State Bank of India")))}
    answer |= {"fiscal_year": year, "fiscal_quarter": quarter}
    answer["period_end"] = f"{year if quarter == 4 else year - 1}-{ENDS[quarter]}"
    answer |= {"basis": draw(st.sampled_from(["consolidated", "standalone", None]))}
    answer |= {name: draw(or_null(DAYS)) for name in ("report_date", "next_earnings_date")}
    answer |= {"guidance": draw(or_null(WORDS)), "currency": draw(st.sampled_from(["INR", None]))}
    return {name: answer[name] for name in EARNINGS["properties"]}


@st.composite
def fundamentals_answers(draw: st.DrawFn) -> dict[str, Any]:
    answer: dict[str, Any] = {name: draw(or_null(PERCENT)) for name in FUNDAMENTALS["properties"]}
    answer |= {
        "symbol": "SBIN",
        "as_of": draw(or_null(DAYS)),
        "market_cap_inr": draw(or_null(st.integers(10**8, 10**13))),
    }
    answer |= {"recommendation": draw(st.sampled_from(["Buy", "Hold", "Sell", None]))}
    answer |= {name: draw(or_null(st.lists(WORDS, max_size=3, unique=True))) for name in FUNDAMENTALS["properties"]
               if name in ("strengths", "weaknesses", "opportunities", "threats")}  # fmt: skip
    return answer


@given(earnings_answers(), st.sampled_from([None, 1, 2]))
def test_the_same_is_read_of_earnings(answer: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(answer, indent=indent)
    quick = own_schema.earnings(text, "SBIN")
    if quick is not None:
        slow = earnings_layers(text, "SBIN")
        assert (slow.strategy, slow.warnings) == ("structured", ())
        assert replace(quick, sources={}) == replace(slow.record, sources={})
        assert quick.sources == slow.record.sources


@given(fundamentals_answers(), st.sampled_from([None, 1, 2]))
def test_the_same_is_read_of_fundamentals(answer: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(answer, indent=indent)
    quick = own_schema.fundamentals(text, "SBIN")
    if quick is not None:
        slow = fundamentals_layers(text, "SBIN")
        assert (slow.strategy, slow.warnings) == ("structured", ())
        assert replace(quick, sources={}) == replace(slow.record, sources={})
        assert quick.sources == slow.record.sources


def plain() -> dict[str, Any]:
    answer = dict.fromkeys(EARNINGS["properties"])
    answer |= {"symbol": "SBIN", "fiscal_year": 2026, "fiscal_quarter": 2}
    return answer | {"period_end": "2025-09-30", "net_profit_inr": 10**11}


def test_an_ordinary_answer_takes_the_quick_way() -> None:
    assert own_schema.earnings(json.dumps(plain()), "SBIN") is not None
    assert own_schema.earnings(json.dumps({**plain(), "eps_inr": 33.870000000000005}), "SBIN") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"symbol": "TCS"},
        {"symbol": None},
        {"fiscal_quarter": 5},
        {"fiscal_quarter": None},
        {"fiscal_year": 26},
        {"period_end": "2025-12-31"},
        {"period_end": None},
        {"net_profit_inr": 20159},  # crore may be meant
        {"net_profit_inr": 10**15},
        {"net_profit_inr": "1e11"},
        {"revenue_yoy_pct": 5000},
        {"currency": "USD"},
        {"basis": "both"},
        {"report_date": "4 November 2025"},
        {"report_date": "2025-02-30"},
        {"company": 'State "Bank"'},
        {"company": "State\nBank"},
        {"guidance": ["a list"]},
        {"more": 1},
    ],
)
def test_what_is_not_in_order_is_left_to_the_layers(change: dict[str, Any]) -> None:
    assert own_schema.earnings(json.dumps(plain() | change), "SBIN") is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1],
        lambda text: text + "}",
        lambda text: text + " and more",
        lambda text: "Here: " + text,
        lambda text: f"```json\n{text}\n```",
        lambda text: text.replace('"currency"', '"symbol"'),
        lambda text: text.replace("null", "None", 1),
        lambda text: f"[{text}]",
        lambda text: text + " " * own_schema.LONGEST,
        lambda text: "",
    ],
)
def test_any_other_text_is_left_to_the_layers(spoil: Any) -> None:
    assert own_schema.earnings(spoil(json.dumps(plain())), "SBIN") is None


def test_words_that_state_a_figure_are_left_to_the_layers() -> None:
    answer = dict.fromkeys(FUNDAMENTALS["properties"]) | {"symbol": "SBIN", "pe": 11.7}
    assert own_schema.fundamentals(json.dumps(answer), "SBIN") is not None
    assert own_schema.fundamentals(json.dumps(answer | {"strengths": ["ROE of 17%"]}), "SBIN") is None
    assert own_schema.fundamentals(json.dumps(answer | {"recommendation": "Buy on dips"}), "SBIN") is None
