from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_questions import FIELDS, schema_of

from robotrader.sandbox import answers, facts, wording

EVERY = facts.symbols()
SYMBOLS = st.sampled_from(EVERY)
NAMES = st.lists(st.one_of(st.sampled_from(FIELDS), st.text(max_size=20)), unique=True, max_size=30)


def answered(dataset: str, symbol: str, schema: dict[str, Any]) -> Any:
    text = answers.answer(dataset, facts.company(symbol), symbol, schema)

    def refuse(name: str) -> None:
        raise AssertionError(f"not JSON: {name}")

    return json.loads(text, parse_float=Decimal, parse_constant=refuse)


@given(SYMBOLS, st.sampled_from(answers.DATASETS), NAMES)
def test_any_property_names_are_answered_with_exactly_these_keys(symbol: str, dataset: str, names: list[str]) -> None:
    assert list(answered(dataset, symbol, schema_of(*names))) == names


@given(SYMBOLS, st.sampled_from(answers.DATASETS), st.text(max_size=20).filter(lambda name: not name.isascii()))
def test_an_unknown_property_is_null(symbol: str, dataset: str, name: str) -> None:
    assert answered(dataset, symbol, schema_of(name)) == {name: None}


@pytest.mark.parametrize("symbol", EVERY)
def test_the_record_holds_the_figures_to_the_digit_and_null_for_the_rest(symbol: str) -> None:
    company = facts.company(symbol)
    record = answered("earnings", symbol, schema_of(*FIELDS))
    for figure in company.figures:
        if figure.fills:
            assert record.pop(figure.fills) == figure.value
    for fact in company.facts:
        if fact.fills:
            assert record.pop(fact.fills) == fact.text
    assert {record.pop(field) for field in company.not_stated} == {None}
    assert record == {
        "symbol": symbol,
        "company": company.name,
        "fiscal_year": 2026,
        "fiscal_quarter": 2,
        "period_end": "2025-09-30",
        "basis": company.basis,
        "report_date": company.announced,
        "currency": "INR",
    }


def test_what_kind_of_revenue_and_eps_it_is_can_be_asked() -> None:
    asked = schema_of("revenue_kind", "eps_basis")
    assert answered("earnings", "AXISBANK", asked) == {"revenue_kind": "total_income", "eps_basis": "consolidated"}
    assert answered("earnings", "HINDUNILVR", asked) == {"revenue_kind": "sales", "eps_basis": "consolidated"}


NEWS_ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {name: {} for name in ("headline", "published_at", "url", "source", "symbols", "sentiment")},
}
LISTS: dict[str, dict[str, Any]] = {
    "plain": {"properties": {"items": {"type": "array", "items": NEWS_ITEM}}},
    "nullable": {"properties": {"items": {"anyOf": [{"type": "null"}, {"type": "array", "items": NEWS_ITEM}]}}},
    "referred": {
        "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/Item"}}},
        "$defs": {"Item": NEWS_ITEM},
    },
}


@pytest.mark.parametrize("shape", LISTS)
def test_news_fills_the_list_of_the_schema(shape: str) -> None:
    company = facts.company("ICICIBANK")
    first, second = company.news
    assert (first.published, second.published) == (None, "2025-10-20")
    assert answered("news", "ICICIBANK", LISTS[shape])["items"] == [
        {
            "headline": item.headline,
            "published_at": item.published,
            "url": item.source.url,
            "source": item.source.publisher,
            "symbols": ["ICICIBANK"],
            "sentiment": None,
        }
        for item in company.news
    ]


@pytest.mark.parametrize("odd", [None, [], "text", {"type": "array"}, {"type": "array", "items": {"type": "string"}}])
def test_a_property_that_is_no_list_of_objects_takes_no_news(odd: Any) -> None:
    assert answered("news", "SBIN", {"properties": {"items": odd}}) == {"items": None}


def test_a_list_of_objects_takes_nothing_outside_news() -> None:
    assert answered("earnings", "SBIN", LISTS["plain"]) == {"items": None}


def test_ratios_of_one_record_come_from_one_page() -> None:
    asked = schema_of("symbol", "as_of", "pe", "pb", "roe_pct", "roce_pct", "dividend_yield_pct", "market_cap_inr")
    assert answered("fundamentals", "TCS", asked) == {
        "symbol": "TCS",
        "as_of": "2026-01-26",
        "pe": None,  # stands on a page of another day
        "pb": Decimal("13.5"),
        "roe_pct": 65,
        "roce_pct": Decimal("78.4"),
        "dividend_yield_pct": None,
        "market_cap_inr": 11_442_200_000_000,
    }


@pytest.mark.parametrize("symbol", EVERY)
def test_one_page_is_one_source_with_figures_of_its_own(symbol: str) -> None:
    chosen = answers.one_page(facts.company(symbol))
    assert chosen
    assert len({ratio.source for ratio in chosen}) == 1


def test_a_bank_has_the_group_ratios_where_a_page_gives_both() -> None:
    asked = schema_of("pe", "eps_ttm_inr")
    assert answered("fundamentals", "HDFCBANK", asked) == {"pe": Decimal("21.36"), "eps_ttm_inr": Decimal("46.92")}


@pytest.mark.parametrize("dataset", answers.DATASETS)
@pytest.mark.parametrize("symbol", EVERY)
def test_search_results_are_the_real_pages(symbol: str, dataset: str) -> None:
    company = facts.company(symbol)
    results = answers.search_results(dataset, company)
    pages = {source.url: source for source in facts.sources().values()}
    assert [row["id"] for row in results] == list(range(1, len(results) + 1))
    assert len({row["url"] for row in results}) == len(results) > 0
    for row in results:
        assert row["title"] == f"{company.name}: {pages[row['url']].publisher}"
        assert row["date"] == pages[row["url"]].published
        assert row["snippet"]


@pytest.mark.parametrize("symbol", EVERY)
def test_the_pages_behind_the_record_come_first_and_none_is_missing(symbol: str) -> None:
    company = facts.company(symbol)
    filling = {figure.source.url for figure in company.figures if figure.fills}
    urls = [row["url"] for row in answers.search_results("earnings", company)]
    assert set(urls[: len(filling)]) == filling
    assert company.announced_source.url in urls


def test_a_snippet_says_what_was_read_there() -> None:
    first = answers.search_results("earnings", facts.company("SBIN"))[0]
    assert first["snippet"] == (
        "standalone net profit: ₹20,159.67 crore; standalone net profit (YoY): 9.97%; standalone net profit (QoQ): "
        "5.21%; standalone total income: ₹1,34,979.47 crore; standalone total income (YoY): 4.52%"
    )
    ratio = answers.search_results("fundamentals", facts.company("TCS"))[0]
    assert ratio["snippet"].startswith(
        "P/B: 13.5 as of 2026-01-26; ROE: 65.0% as of 2026-01-26 (on standalone accounts)"
    )


PROSE = {
    "SBIN": "State Bank of India (NSE: SBIN) announced its standalone results for Q2 FY26, the quarter ended 30 "
    "September 2025, on 4 November 2025. Total income was ₹1,34,979.47 crore, up 4.52% year on year. Net profit was "
    "₹20,159.67 crore, up 9.97% year on year, up 5.21% quarter on quarter.",
    "AXISBANK": "Axis Bank (NSE: AXISBANK) announced its standalone results for Q2 FY26, the quarter ended 30 "
    "September 2025, on 15 October 2025. Total income was ₹37,594.81 crore, up 1.22% year on year. Net profit was "
    "₹5,089.64 crore, down 26.42% year on year. EPS (consolidated) was ₹17.72.",
    "TCS": "Tata Consultancy Services (NSE: TCS) announced its consolidated results for Q2 FY26, the quarter ended 30 "
    "September 2025, on 9 October 2025. Revenue from operations was ₹65,799 crore, up 2.4% year on year, up 3.7% "
    "quarter on quarter. Net profit was ₹12,075 crore, up 1.4% year on year. EPS was ₹33.37. The net profit margin was "
    "19.6%. The board declared an interim dividend of ₹11 per share.",
}


@pytest.mark.parametrize("symbol", PROSE)
def test_the_record_in_sentences(symbol: str) -> None:
    assert answers.prose("earnings", facts.company(symbol)) == PROSE[symbol]


def test_guidance_and_ebitda_in_sentences() -> None:
    infosys, reliance = facts.company("INFY"), facts.company("RELIANCE")
    assert answers.prose("earnings", infosys).endswith(f"Guidance: {infosys.facts[0].text}")
    assert " EBITDA was ₹50,367 crore. " in answers.prose("earnings", reliance)


def test_news_and_ratios_in_lines() -> None:
    news = answers.prose("news", facts.company("ICICIBANK")).splitlines()
    assert news == [
        "News on ICICI Bank (NSE: ICICIBANK):",
        "- Geojit upgrades ICICI Bank to Buy from Hold and sees ₹1,568 (Whalesbook)",
        "- 20 October 2025: ICICI Bank slips by up to 2.57% on the first session after its results (Hindustan Times)",
    ]
    ratios = answers.prose("fundamentals", facts.company("ITC")).splitlines()
    assert ratios[:2] == ["ITC (NSE: ITC):", "- P/E (trailing 12 months): 14.5 as of 2025-11-13"]


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=2))
def test_grouping_loses_no_digit(value: Decimal) -> None:
    text = wording.grouped(value)
    assert Decimal(text.replace(",", "")) == value
    assert re.fullmatch(r"-?\d{1,2}(,\d\d)*,\d{3}\.\d\d|-?\d{1,3}\.\d\d", text)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("9445230000000", "INR", "₹9,44,523 crore"),
        ("10000000", "INR", "₹1 crore"),
        ("9999999", "INR", "₹99,99,999"),
        ("-15000000", "INR", "₹-1.5 crore"),
        ("33.37", "INR", "₹33.37"),
        ("256", "INR per month", "₹256 per month"),
        ("5076000000", "USD", "$5,076,000,000"),
        ("-26.42", "percent", "-26.42%"),
        ("11.7", "x", "11.7"),
        ("3", "days", "3 days"),
    ],
)
def test_amounts(value: str, unit: str, text: str) -> None:
    assert wording.amount(Decimal(value), unit) == text


def test_only_figures_become_json() -> None:
    with pytest.raises(TypeError, match="set"):
        answers._number({1})
