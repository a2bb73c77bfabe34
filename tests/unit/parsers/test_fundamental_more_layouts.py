"""Further layouts: cells one space apart, heads parted from their rows, a line to a company, YAML, SWOT lists."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.fundamental_analysis import parse_fundamentals
from tests.unit.parsers.fundamental_cases import Case, assert_sources, case, read

RUN_IN = """Peer comparison
S.No. Name CMP Rs. P/E Mar Cap Rs.Cr. Div Yld % Qtr Profit Var % ROCE %
1. Delta Looms 489.2 26.6 1,478.3 0.67 8.2 19.8
2. Kiran Mills 877.4 53.1 852.1 - -12.6 12.3
Median: 12 Co. 602.1 31.2 131.3 0.3 10.3 14.6
"""
HEADLESS = "Alpha notes P/E P/B and ROE below\nDelta Looms 26.6 3.1\n"
PARTED = """Key ratios of Delta Looms (Rs crore)\tMar 25\tMar 24\tMar 23
Per share ratios
Book value (Rs)\t624.5\t361.8\t259.2
Return on equity (%)\t20.8\t37.0\t41.2
Total debt/equity (x)\t0.60\t0.84\t0.36
"""
BELOW = """Price to earnings (P/E)
Delta Looms: 33.2
Sector: 48.6
Return on equity
Delta Looms: 16.3%
Sector: 17.4%
"""
IN_A_LINE = (
    "Delta Looms vs Kiran Mills\n\n"
    "ROE: Delta Looms 27.6%, Kiran Mills 53.7%. D/E: Delta Looms 0.12, Kiran Mills 0.67.\n"
)
TWO_HEADS = """Delta Looms
                 Company    Peers
TTM P/E          14.6       22.3
ROE              25.9%      14.2%
Promoter stake   49.8%      -
"""
TTM = """Ratio | Mar 24 | Mar 25 | TTM
ROE % | 21.8 | 20.6 | -
Debt/Equity | 0.02 | 0.03 | n.a.
P/E | 31.0 | 28.4 | -
Book value (Rs) | 544 | 653 | 704
"""
MIXED = """Delta Looms | 1-year forward P/E 28x | TTM P/E 38.4 | 5Y median P/E n/m
Mcap: Rs 0.78 trn | P/BV: 11.6 | RoE: 41.3% | D/E: 0.05
"""
KEYS = """company: Delta Looms
ratios:
  pe_ttm: 74.1
  pe_sector: 62.5
  roe: 10.4%
market_cap_cr: 69350
growth:
  revenue_yoy: 12.8%
  revenue_3y: 10.8%
"""
NESTED = """{"company":"Delta Looms Ltd","growth_1y":{"revenue":"-3.4%","net_profit":"-11.0%"},
"growth_3y_cagr":{"revenue":"9.1%"},"shareholding":{"Promoter (Surya Trust)":"63.13%","FII":"7.9%"}}"""


@pytest.mark.parametrize(
    "given",
    [
        case(RUN_IN, "DELTALOOMS", pe="26.6", market_cap_inr="14783000000", dividend_yield_pct="0.67", roce_pct="19.8"),
        case(RUN_IN, "KIRANMILLS", pe="53.1", market_cap_inr="8521000000", roce_pct="12.3"),
        case(RUN_IN, "SURYAFIN"),
        case(PARTED, "DELTALOOMS", book_value_inr="624.5", roe_pct="20.8", debt_to_equity="0.60"),
        case(BELOW, "DELTALOOMS", pe="33.2", roe_pct="16.3"),
        case(BELOW, "KIRANMILLS"),
        case(IN_A_LINE, "DELTALOOMS", roe_pct="27.6", debt_to_equity="0.12"),
        case(IN_A_LINE, "KIRANMILLS", roe_pct="53.7", debt_to_equity="0.67"),
        case(TWO_HEADS, "DELTALOOMS", pe="14.6", roe_pct="25.9", promoter_holding_pct="49.8"),
        case(TTM, "DELTALOOMS", roe_pct="20.6", debt_to_equity="0.03", book_value_inr="704"),
        case(
            MIXED,
            "DELTALOOMS",
            pe="38.4",
            market_cap_inr="780000000000",
            pb="11.6",
            roe_pct="41.3",
            debt_to_equity="0.05",
        ),
        case(KEYS, "DELTALOOMS", pe="74.1", roe_pct="10.4", market_cap_inr="693500000000", sales_growth_pct="12.8"),
        case(NESTED, "DELTALOOMS", sales_growth_pct="-3.4", profit_growth_pct="-11.0", promoter_holding_pct="63.13"),
    ],
    ids=str,
)
def test_a_layout_is_read(given: Case) -> None:
    assert read(given) == given.fields


def test_cells_one_space_apart_are_no_table_where_their_number_is_not_that_of_the_heads() -> None:
    assert read(case(HEADLESS, "DELTALOOMS")) == {}


@pytest.mark.parametrize(
    ("text", "strengths", "weaknesses"),
    [
        (
            (
                "Pros\nCompany is almost debt free.\nCompany keeps a healthy dividend payout\n"
                "Cons\nStock trades at 9 times its book value\n"
            ),
            ("Company is almost debt free.", "Company keeps a healthy dividend payout"),
            ("Stock trades at 9 times its book value",),
        ),
        (
            "Strong points:\n- old brand\n- no debt\n\nWeak points:\n- slow growth\n",
            ("old brand", "no debt"),
            ("slow growth",),
        ),
        (
            "Pros: debt free; old brand\nCons: (1) slow growth; (2) rich price\n",
            ("debt free", "old brand"),
            ("slow growth", "rich price"),
        ),
    ],
)
def test_points_are_told_apart(text: str, strengths: tuple[str, ...], weaknesses: tuple[str, ...]) -> None:
    result = parse_fundamentals(text, "DELTALOOMS")
    assert (result.record.strengths, result.record.weaknesses) == (strengths, weaknesses)
    assert_sources(text, result)


def test_swot_headings_open_no_other_companys_part() -> None:
    text = (
        "SWOT analysis of DELTALOOMS\n\nStrengths\n• ROE of 37.1%\n\nWeaknesses\n• P/E of 43.5\n\n"
        "Opportunities\n• exports; an arm aims at 20% ROE\n\nThreats\n• rules (promoter holding is 62.4%)\n"
    )
    record = parse_fundamentals(text, "DELTALOOMS").record
    assert (record.opportunities, record.threats) == (
        ("exports; an arm aims at 20% ROE",),
        ("rules (promoter holding is 62.4%)",),
    )


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("We value it at 33x FY27E EPS and reiterate Neutral.", "Neutral"),
        ("Our target is Rs 185 on 20x; rating ADD.", "ADD"),
        ("Nomura said: we maintain Buy on the stock.", None),
        ("Management said we maintain hold times of two weeks.", None),
    ],
)
def test_the_writers_own_advice(text: str, advice: str | None) -> None:
    assert parse_fundamentals(f"P/E 21.5, P/B 3.1.\n{text}", "DELTALOOMS").record.recommendation == advice
