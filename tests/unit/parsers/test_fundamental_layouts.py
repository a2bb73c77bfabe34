"""Tables and blocks of ratios in the shapes that pages and answers give them."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.fundamental_analysis import parse_fundamentals
from tests.unit.parsers.fundamental_cases import Case, case, read

HTML = (
    "<div><h2>Delta Looms Ltd <small>NSE: DLOOM</small></h2>\n"
    "<table><tr><th>Ratio</th><th>Mar 2025</th><th>Mar 2024</th></tr>\n"
    "<tr><td>P/BV</td><td>2.7&nbsp;x</td><td>2.1&nbsp;x</td></tr>\n"
    "<tr><td>ROE&nbsp;(%)</td><td>12.9</td><td>9.8</td></tr>\n"
    "<tr><td>Debt&nbsp;/&nbsp;Equity</td><td>0.00</td><td>0.10</td></tr></table></div>\n"
)
ONE_LINE = "| Metric | Value | |---|---| | P/E | 21.7 | | P/B | 2.9 | | ROE | 13.6% |"
YEARS_IN_LINE = (
    "Key Ratios\nYears | Mar 2025 | Mar 2024 | Mar 2023 | Debt-Equity Ratio | 0.11 | 0.14 | 0.2 "
    "| Long Term Debt-Equity Ratio | 0.01 | 0.02 | 0.02 | Current Ratio | 2.3 | 2.1 | 1.9 "
    "| Inventory | 4.4 | 4.6 | 4.2 "
    "| Debtors | 7.1 | 7.4 | 7.7 | Fixed Assets | 3.1 | 3.3 | 2.9 | Interest Cover Ratio | 8.8 | 7.9 | 9.1 "
    "| PBIDTM (%) | 14.1 | 13.9 | 13.2 | APATM (%) | 6.9 | 6.7 | 6.1 "
    "| ROCE (%) | 15.5 | 14.2 | 13.8 |\n"
)
BASES = (
    "Delta Looms: ratios\n\n"
    "                    Standalone   Consolidated\n"
    "P/E                 31.2         22.4\n"
    "ROE (%)             9.9          14.1\n"
    "Book value (Rs)     210          188\n"
)
PAIRS = (
    "DELTA LOOMS LTD                         11-Feb-2026\n"
    "Market Cap (Cr)   :  2,140      P/E Ratio     :  18.2\n"
    "Book Value        :  91.5       P/B Ratio     :  1.9\n"
    "Div. Yield (%)    :  1.15       Promoter (%)  :  60.2\n"
)
TTM = "| Ratio | FY25 | TTM |\n|---|---|---|\n| EPS (₹) | 31.1 | 34.9 |\n| P/E | 24.0 | 21.4 |\n"
SCORES = (
    "| Factor | Value | Score (out of 10) | Weight |\n|---|---|---|---|\n"
    "| P/E | 16.4 | 7 | 20% |\n| ROE | 17.2% | 8 | 30% |\n| Dividend yield | 2.1% | 6 | 10% |\n"
)
STACKED = "P/B\n|\n1.60\n|\nDiv Yield (%)\n|\nMonths | 12 | 12 | 12 |\nCurrent Ratio (X) | 4.4 | 3.1 | 30.6 |\n"


OPPOSED = "Compare: Delta Looms vs Kiran Mills\nP/E: 20.4 vs 21.9\nROE: 12.8% vs 14.9%\nDebt to equity: 0.1 vs 0.3\n"
SERIES = "Return Metrics:\n RoE (%): FY23 11.4 | FY24 12.9 | FY25 14.3\n RoCE (%): FY23 15.4 | FY24 16.8 | FY25 18.1\n"


@pytest.mark.parametrize(
    "given",
    [
        case(OPPOSED, "DELTALOOMS", pe="20.4", roe_pct="12.8", debt_to_equity="0.1"),
        case(OPPOSED, "KIRANMILLS", pe="21.9", roe_pct="14.9", debt_to_equity="0.3"),
        case(SERIES, "DLOOM", roe_pct="14.3", roce_pct="18.1"),
        case(HTML, "DLOOM", pb="2.7", roe_pct="12.9", debt_to_equity="0.00"),
        case(ONE_LINE, "DLOOM", pe="21.7", pb="2.9", roe_pct="13.6"),
        case(YEARS_IN_LINE, "DLOOM", debt_to_equity="0.11", current_ratio="2.3", roce_pct="15.5"),
        case(BASES, "DLOOM", pe="22.4", roe_pct="14.1", book_value_inr="188"),
        case(
            PAIRS,
            "DLOOM",
            market_cap_inr="21400000000",
            pe="18.2",
            book_value_inr="91.5",
            pb="1.9",
            dividend_yield_pct="1.15",
            promoter_holding_pct="60.2",
        ),
        case(TTM, "DLOOM", eps_ttm_inr="34.9", pe="21.4"),
        case(SCORES, "DLOOM", pe="16.4", roe_pct="17.2", dividend_yield_pct="2.1"),
    ],
    ids=str,
)
def test_a_layout_is_read(given: Case) -> None:
    assert read(given) == given.fields


def test_a_name_above_a_table_is_no_head_of_a_column() -> None:
    assert "dividend_yield_pct" not in read(case(STACKED, "DLOOM"))


@pytest.mark.parametrize(
    "given",
    [
        case('{"symbol": "DLOOM", "EPS": "₹28.7 (TTM)", "PE": "19.1"}', "DLOOM", eps_ttm_inr="28.7", pe="19.1"),
        case('{"symbol": "DLOOM", "eps": {"ttm": 28.7, "fy25": 21.0}}', "DLOOM", eps_ttm_inr="28.7"),
        case(
            '{"symbol": "DLOOM", "rows": [{"metric": "Market Cap", "value": 1520, "unit": "₹ crore"}]}',
            "DLOOM",
            market_cap_inr="15200000000",
        ),
        case(
            '{"symbol": "DLOOM", "holders": [{"category": "Promoter Group", "percent": 57.3}, '
            '{"category": "FII", "percent": 9.1}]}',
            "DLOOM",
            promoter_holding_pct="57.3",
        ),
    ],
    ids=str,
)
def test_json_of_further_shapes(given: Case) -> None:
    assert read(given) == given.fields


@pytest.mark.parametrize(
    "text", ["A" * 200_000, "P/E: Alpha 5, Beta 6; " * 9000, "|--|" + "| |" * 60_000, "A. " * 60_000]
)
def test_long_runs_of_one_kind_are_nothing_to_fear(text: str) -> None:
    assert parse_fundamentals(text, "DLOOM").record.roe_pct is None
