from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from robotrader.core.errors import UnknownSymbolError
from robotrader.sandbox import MODEL, NOTICE, facts

DATA = json.loads(files("robotrader.sandbox").joinpath("data/companies.json").read_text("utf-8"), parse_float=Decimal)
MONEY = {"revenue_inr", "net_profit_inr", "ebitda_inr", "eps_inr"}
PERCENT = {"revenue_yoy_pct", "profit_yoy_pct", "revenue_qoq_pct", "profit_qoq_pct", "net_margin_pct"}
PUBLISHED = MONEY | PERCENT | {"dividend_per_share_inr", "guidance", "next_earnings_date", "surprise_pct"}

# Crore rupees: revenue, net profit after tax; then EPS, growth of both over the year in per cent, dividend.
HEADLINES = {
    "SBIN": ("134979.47", "20159.67", None, "4.52", "9.97", None),
    "RELIANCE": ("258898", "18165", "13.42", "10", "10", None),
    "TCS": ("65799", "12075", "33.37", "2.4", "1.4", "11"),
    "INFY": ("44490", "7364", "17.76", "8.6", "13.2", "23"),
    "HDFCBANK": ("91040", "18641.28", "12.78", None, "10.8", None),
    "ICICIBANK": ("49333.49", "12358.89", "18.42", "3.39", "5.21", None),
    "ITC": ("21255.86", "5186.55", "4.09", "-1.3", "4.17", None),
    "LT": ("67983.53", "3926.09", "28.53", "10.4", "15.63", None),
    "BHARTIARTL": ("52145.4", "6791.7", "11.3", "25.7", "89.02", None),
    "HINDUNILVR": ("16061", "2694", "11.43", "2", "3.8", "19"),
    "AXISBANK": ("37594.81", "5089.64", "17.72", "1.22", "-26.42", None),
    "MARUTI": ("42344", "3349", "106.52", None, "7.9", None),
}


def rows(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the data file."""
    if isinstance(node, dict):
        yield node
        for child in node.values():
            yield from rows(child)
    elif isinstance(node, list):
        for child in node:
            yield from rows(child)


def test_it_knows_twelve_companies() -> None:
    assert facts.symbols() == tuple(sorted(HEADLINES))
    assert all(facts.known(symbol) for symbol in HEADLINES)


@pytest.mark.parametrize("symbol", ["NSE:SBIN", "BSE:SBIN"])
def test_either_exchange_is_the_same_company(symbol: str) -> None:
    assert facts.known(symbol)
    assert facts.company(symbol) == facts.company("SBIN")


@pytest.mark.parametrize("symbol", ["ZOMATO", "sbin", "", "MCX:SBIN", "NSE:BSE:SBIN", "SBI"])
def test_an_unknown_symbol_is_refused_with_a_way_out(symbol: str) -> None:
    assert not facts.known(symbol)
    with pytest.raises(UnknownSymbolError) as caught:
        facts.check_symbol(symbol)
    context = caught.value.context
    assert caught.value.exit_code == 5
    assert context.message == f"the sandbox does not know {symbol}"
    assert context.remedy is not None
    assert ", ".join(sorted(HEADLINES)) in context.remedy
    assert "PERPLEXITY_API_KEYS" in context.remedy
    assert "\n" not in context.remedy
    with pytest.raises(UnknownSymbolError):
        facts.company(symbol)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("SBI", "SBIN"), ("L&T", "LT"), ("HUL", "HINDUNILVR"), ("NSE:INFOSYS", "INFY"), ("sbin", "SBIN")],
)
def test_a_company_by_another_name_is_recognised(said: str, meant: str) -> None:
    with pytest.raises(UnknownSymbolError) as caught:
        facts.check_symbol(said)
    assert str(caught.value.context.remedy).startswith(f"did you mean {meant}? it knows")


def test_no_guess_where_nothing_fits() -> None:
    with pytest.raises(UnknownSymbolError) as caught:
        facts.check_symbol("ZOMATO")
    assert str(caught.value.context.remedy).startswith("it knows AXISBANK")


def test_no_name_belongs_to_two_companies() -> None:
    names = [name for symbol, row in DATA["companies"].items() for name in {symbol, row["name"], *row["aliases"]}]
    folded = [name.casefold() for name in names]
    assert len(folded) == len(set(folded))


@pytest.mark.parametrize("symbol", sorted(HEADLINES))
def test_headline_figures(symbol: str) -> None:
    filled = {figure.fills: figure.value for figure in facts.company(symbol).figures}
    revenue, profit, eps, revenue_growth, profit_growth, dividend = HEADLINES[symbol]
    assert filled["revenue_inr"] == Decimal(str(revenue)) * 10**7
    assert filled["net_profit_inr"] == Decimal(str(profit)) * 10**7
    rest = {"eps_inr": eps, "revenue_yoy_pct": revenue_growth, "profit_yoy_pct": profit_growth}
    for field, value in {**rest, "dividend_per_share_inr": dividend}.items():
        assert filled.get(field) == (None if value is None else Decimal(value)), field


@pytest.mark.parametrize("symbol", sorted(HEADLINES))
def test_every_field_is_filled_once_or_listed_as_not_stated(symbol: str) -> None:
    company = facts.company(symbol)
    figures, told = [row.fills for row in company.figures], [row.fills for row in company.facts]
    filled = [field for field in (*figures, *told) if field]
    assert len(filled) == len(set(filled))
    assert set(filled) | set(company.not_stated) == PUBLISHED
    assert not set(filled) & set(company.not_stated)


@pytest.mark.parametrize("symbol", sorted(HEADLINES))
def test_what_fills_a_field_has_its_unit_and_the_basis_of_the_record(symbol: str) -> None:
    company = facts.company(symbol)
    for figure in company.figures:
        if figure.fills in MONEY:
            assert figure.unit == "INR"
        if figure.fills in PERCENT:
            assert figure.unit == "percent"
        if figure.fills and figure.fills not in {"eps_inr", "dividend_per_share_inr"}:
            assert figure.basis == company.basis
        if figure.fills == "eps_inr":
            assert figure.basis == company.eps_basis
    revenue = next(figure for figure in company.figures if figure.fills == "revenue_inr")
    assert revenue.metric.removeprefix("revenue_from_") == company.revenue_kind


def test_banks_have_total_income_for_revenue_and_a_marked_eps() -> None:
    kinds = {symbol: facts.company(symbol).revenue_kind for symbol in facts.symbols()}
    banks = {symbol for symbol, kind in kinds.items() if kind == "total_income"}
    assert banks == {"SBIN", "HDFCBANK", "ICICIBANK", "AXISBANK"}
    assert {facts.company(symbol).basis for symbol in banks} == {"standalone"}
    assert facts.company("SBIN").eps_basis is None
    assert {facts.company(symbol).eps_basis for symbol in banks - {"SBIN"}} == {"consolidated"}


def test_a_doubtful_figure_fills_nothing() -> None:
    eps = next(figure for figure in facts.company("SBIN").figures if figure.metric == "eps")
    assert (eps.value, eps.fills) == (Decimal(22), None)
    assert eps.note


def test_every_value_names_a_source_that_exists() -> None:
    sourced = [row for row in rows(DATA["companies"]) if {"value", "text", "headline", "on"} & row.keys()]
    assert len(sourced) > 250
    assert all(row["source"] in DATA["sources"] for row in sourced)
    assert {row["source"] for row in sourced} == set(DATA["sources"])


def test_every_source_has_a_link_and_a_date_or_none() -> None:
    links = [source.url for source in facts.sources().values()]
    assert len(links) == len(set(links))
    for source in facts.sources().values():
        assert source.url.startswith(("https://", "http://"))
        assert source.publisher
        assert source.published is None or date.fromisoformat(source.published)


def test_the_period_and_the_notice_agree() -> None:
    period = facts.period()
    assert (period.label, period.fiscal_year, period.fiscal_quarter, period.ends) == ("Q2 FY26", 2026, 2, "2025-09-30")
    assert period.label in NOTICE
    assert NOTICE.startswith("SANDBOX")
    assert (facts.NOTICE, facts.MODEL) == (NOTICE, MODEL)
    for symbol in facts.symbols():
        assert date.fromisoformat(facts.company(symbol).announced) > date.fromisoformat(period.ends)


def test_contradictions_between_sources_are_kept_as_notes() -> None:
    assert all(facts.company(symbol).notes for symbol in facts.symbols())


def test_importing_the_facts_is_light_and_reads_nothing() -> None:
    code = (
        "import sys, robotrader.sandbox.facts as f, robotrader.sandbox.faults; "
        "print([m for m in ('httpx', 'pydantic', 'tenacity', 'aiofiles', 'difflib') if m in sys.modules], "
        "f._content.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "[] 0\n"
