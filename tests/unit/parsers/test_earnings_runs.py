"""Bullets in one line, amounts with their quarter in brackets, spreadsheets and statements with odd heads."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import FIGURES

CRORE = 10**7


def read(text: str, symbol: str = "ZENTEX") -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


def test_bullets_in_one_line_are_read_one_by_one() -> None:
    text = (
        "Zentex Q3 FY26 results: \u2022 Revenue: Rs 812 crore (+9% YoY) \u2022 EBITDA: Rs 121 crore, margin 14.9% vs "
        "13.2% \u2022 EPS: Rs 6.15 \u2022 9M revenue: Rs 2,300 crore \u2022 Announced: 28 Jan 2026"
    )
    got = read(text)
    assert got["eps_inr"] == Decimal("6.15")
    assert got["ebitda_inr"] == 121 * CRORE
    assert got["revenue_inr"] == 812 * CRORE
    assert parse_earnings(text, "ZENTEX").record.report_date == "2026-01-28"


def test_dashes_with_names_in_one_line_are_bullets() -> None:
    text = "Zentex Q3 FY26 highlights - Revenue: Rs 812 crore, up 9% - Net profit: Rs 61 crore, up 4% - EPS: Rs 6.15"
    assert read(text) == {
        "revenue_inr": 812 * CRORE,
        "revenue_yoy_pct": Decimal(9),
        "net_profit_inr": 61 * CRORE,
        "profit_yoy_pct": Decimal(4),
        "eps_inr": Decimal("6.15"),
    }


@pytest.mark.parametrize(
    "aside", ["(Rs 55 crore in Q3 FY25)", "(Rs 55 crore for Q3 FY25)", "(vs Rs 55 crore in Q3 FY25)"]
)
def test_a_year_ago_amount_in_brackets_keeps_its_quarter_to_itself(aside: str) -> None:
    text = f"Zentex at a glance, Q3 FY26\n1. PAT: Rs 61 crore, up 11% YoY {aside}\n2. Revenue: Rs 812 crore"
    result = parse_earnings(text, "ZENTEX").record
    assert (result.fiscal_year, result.fiscal_quarter) == (2026, 3)
    assert result.net_profit_inr == 61 * CRORE
    assert result.revenue_inr == 812 * CRORE


def test_what_a_lender_earns_before_costs_is_not_its_profit_beside_one() -> None:
    text = "Zentex Q3 FY26\n- PAT: Rs 210 crore, up 12% YoY\n- Net income: Rs 640 crore, up 19%"
    assert read(text) == {"net_profit_inr": 210 * CRORE, "profit_yoy_pct": Decimal(12)}


@pytest.mark.parametrize(
    "words",
    ["PAT after exceptional items", "Net profit (after minority interest)", "Profit after tax after minority interest"],
)
def test_a_profit_after_what_was_taken_off_is_the_profit(words: str) -> None:
    assert read(f"Zentex Q3 FY26: {words} Rs 61 crore; PAT before exceptional items Rs 70 crore.") == {
        "net_profit_inr": 61 * CRORE
    }


def test_a_profit_after_minority_interest_in_a_table() -> None:
    text = "Rs crore | Q3 FY26 | Q3 FY25 | YoY\nRevenue | 812 | 745 | 9%\nPAT (after minority interest) | 61 | 55 | 11%"
    got = read(text)
    assert (got["net_profit_inr"], got["profit_yoy_pct"]) == (61 * CRORE, Decimal(11))


def test_growths_told_respectively_behind_amounts_with_their_names() -> None:
    text = (
        "Zentex ended Q3 FY26 with revenue of Rs 812 crore and a PAT of Rs 61 crore, down 4% and 9% YoY respectively."
    )
    assert read(text) == {
        "revenue_inr": 812 * CRORE,
        "net_profit_inr": 61 * CRORE,
        "revenue_yoy_pct": Decimal(-4),
        "profit_yoy_pct": Decimal(-9),
    }


def test_respectively_over_more_growths_than_names_tells_none() -> None:
    text = (
        "Zentex ended Q3 FY26 with revenue of Rs 812 crore and PAT of Rs 61 crore, up 4%, 9% and 2% YoY respectively."
    )
    assert read(text) == {"revenue_inr": 812 * CRORE, "net_profit_inr": 61 * CRORE}


def test_each_growth_has_its_own_direction() -> None:
    text = (
        "Zentex Q3 FY26 profit came in at Rs 61 crore, a 10% jump from last year's Rs 55 crore and a 5% dip from "
        "Rs 64 crore in Q2."
    )
    got = read(text)
    assert (got["profit_yoy_pct"], got["profit_qoq_pct"]) == (Decimal(10), Decimal(-5))


@pytest.mark.parametrize("mark", ["|", ";"])
def test_a_second_growth_behind_a_mark_is_of_the_same_figure(mark: str) -> None:
    got = read(f"Zentex Q3 FY26\nNet profit: Rs 61 crore, \u219110% YoY {mark} \u21934% QoQ\nRevenue: Rs 812 crore")
    assert (got["profit_yoy_pct"], got["profit_qoq_pct"]) == (Decimal(10), Decimal(-4))


def test_a_growth_of_its_own_clause() -> None:
    got = read(
        "Zentex Q3 FY26\n- Total income at Rs 812 crore; growth of 14%\n"
        "- Net interest income Rs 300 crore; growth of 11%"
    )
    assert got == {"revenue_inr": 812 * CRORE, "revenue_yoy_pct": Decimal(14)}


def test_a_spreadsheet_with_notes_above_its_head() -> None:
    text = (
        "company,Zentex Limited,,\nbasis,Consolidated,,\nmetric,Q3 FY26,Q3 FY25,YoY %\n"
        "Revenue (Rs crore),812.4,745.3,9.0\nPAT (Rs crore),61.2,55.1,11.1\n"
    )
    assert read(text) == {
        "revenue_inr": Decimal("812.4") * CRORE,
        "net_profit_inr": Decimal("61.2") * CRORE,
        "revenue_yoy_pct": Decimal("9.0"),
        "profit_yoy_pct": Decimal("11.1"),
    }
    assert parse_earnings(text, "ZENTEX").record.basis == "consolidated"


@pytest.mark.parametrize("mark", [",", "|"])
def test_a_unit_in_a_column_of_its_own(mark: str) -> None:
    rows = [
        ("metric", "value", "unit"),
        ("period", "Q3 FY26", ""),
        ("revenue", "812.4", "INR crore"),
        ("eps", "6.15", "INR"),
    ]
    text = "\n".join(f"| {' | '.join(r)} |" if mark == "|" else ",".join(r) for r in rows)
    assert read(text) == {"revenue_inr": Decimal("812.4") * CRORE, "eps_inr": Decimal("6.15")}


def test_a_column_of_odd_units_gives_none() -> None:
    text = "metric,value,unit\nperiod,Q3 FY26,\nrevenue,812.4,widgets\neps,6.15,INR"
    assert "revenue_inr" not in read(text)


def test_a_table_with_a_block_for_each_basis() -> None:
    text = (
        "|Particulars (Rs crore)|Q3 FY26|Q3 FY25|\n|---|---|---|\n|Standalone|\n|Revenue|700|640|\n|PAT|50|46|\n"
        "|Consolidated|\n|Revenue|812|745|\n|PAT|61|55|\n"
    )
    assert read(text) == {"revenue_inr": 812 * CRORE, "net_profit_inr": 61 * CRORE}
    assert parse_earnings(text, "ZENTEX").record.basis == "consolidated"


def test_months_and_growths_above_columns_that_spaces_hold() -> None:
    text = (
        "Zentex quarterly figures, Rs in crores\n"
        "                 Dec-25   Sep-25   Dec-24   QoQ%   YoY%\n"
        "Total income      812.4    790.1    745.3    2.8    9.0\n"
        "PAT                61.2     64.0     55.1   -4.4   11.1\n"
    )
    got = read(text)
    assert (got["revenue_qoq_pct"], got["profit_qoq_pct"], got["profit_yoy_pct"]) == (
        Decimal("2.8"),
        Decimal("-4.4"),
        Decimal("11.1"),
    )


def test_columns_headed_by_the_first_and_the_last_day() -> None:
    text = (
        "Nature of report Standalone\nLevel of rounding used in financial results Lakhs\n"
        "Particulars 3 months ended (01-10-2025 to 31-12-2025) Year to date (01-04-2025 to 31-12-2025)\n"
        "Revenue from operations 81240.00 231100.00\nTotal profit (loss) for period 6120.00 17800.00\n"
        "Basic earnings (loss) per share 6.15 17.90\n"
    )
    result = parse_earnings(text, "ZENTEX").record
    assert (result.fiscal_year, result.fiscal_quarter, result.basis) == (2026, 3, "standalone")
    assert (result.revenue_inr, result.net_profit_inr) == (Decimal("812.4") * CRORE, Decimal("61.2") * CRORE)
    assert result.eps_inr == Decimal("6.15")


def test_the_title_of_json_tells_the_quarter() -> None:
    text = '{"title": "Zentex Q3 FY26 Results: profit rises", "figures": {"net_profit": "Rs 61 crore"}}'
    result = parse_earnings(text, "ZENTEX").record
    assert (result.fiscal_year, result.fiscal_quarter) == (2026, 3)
    assert result.net_profit_inr == 61 * CRORE


def test_the_title_of_another_page_tells_no_quarter() -> None:
    text = (
        '{"net_profit": "Rs 61 crore", "sources": [{"title": "Zentex Q3 FY26 Results", "url": "https://example.org"}]}'
    )
    assert parse_earnings(text, "ZENTEX").record.fiscal_quarter is None


def test_a_dividend_as_an_object_of_json() -> None:
    text = '{"quarter": "Q3 FY26", "pat_cr": 61, "dividend": {"amount_per_share": 4, "record_date": "2026-02-05"}}'
    got = read(text)
    assert (got["dividend_per_share_inr"], got["net_profit_inr"]) == (4, 61 * CRORE)


def test_an_earlier_quarter_before_the_name_of_the_company() -> None:
    text = (
        "In Q2 FY26 Zentex Power had posted revenue of Rs 790 crore. "
        "In Q3 FY26, revenue climbed 9% year-on-year to Rs 812 crore."
    )
    assert read(text, "ZENTEXPOWER") == {"revenue_inr": 812 * CRORE, "revenue_yoy_pct": Decimal(9)}


@pytest.mark.parametrize(
    "words",
    [
        "Zentex announced its results for the quarter ended December 31, 2025 on January 28, 2026.",
        "Zentex Q3 FY26 results came out on January 28, 2026.",
        "Zentex Q3 FY26. The board met on 28 January 2026.",
    ],
)
def test_the_day_of_the_results_in_other_words(words: str) -> None:
    assert parse_earnings(f"{words} Net profit was Rs 61 crore.", "ZENTEX").record.report_date == "2026-01-28"


def test_a_day_in_bold_on_which_the_board_will_meet() -> None:
    text = "The Board of Directors will meet on **28 January 2026** to consider the financial results for the quarter."
    assert parse_earnings(text, "ZENTEX").record.next_earnings_date == "2026-01-28"


def test_a_link_to_the_other_basis_is_no_basis() -> None:
    text = "Zentex\nConsolidated figures in Rs crore / View Standalone\nQ3 FY26 net profit: 61 crore"
    assert parse_earnings(text, "ZENTEX").record.basis == "consolidated"


def test_the_growth_of_the_other_basis_is_not_that_of_the_figure() -> None:
    text = (
        "Zentex Q3 FY26: consolidated net profit was Rs 61 crore. "
        "On a standalone basis, revenue rose 6% to Rs 700 crore and PAT grew 23% to Rs 50 crore."
    )
    assert read(text) == {"net_profit_inr": 61 * CRORE, "revenue_inr": 700 * CRORE, "revenue_yoy_pct": Decimal(6)}


def test_the_basis_is_that_of_the_quarter_and_not_of_the_half_year() -> None:
    text = (
        "Zentex announced results for the quarter and half year ended September 30, 2025.\n"
        "Consolidated PAT for H1 FY26 was Rs 90 crore.\nStandalone PAT for Q2 FY26 was Rs 41 crore."
    )
    assert parse_earnings(text, "ZENTEX").record.basis == "standalone"


def test_a_dividend_a_share_before_its_record_date() -> None:
    text = "Zentex Q3 FY26: PAT at Rs 61 cr; Board declares interim dividend of Rs 5/sh, record date Nov 21"
    assert read(text) == {"net_profit_inr": 61 * CRORE, "dividend_per_share_inr": 5}


def test_revenue_from_contracts_with_customers_is_the_revenue() -> None:
    text = "Zentex Q3 FY26: revenue from contracts with customers grew 9% to Rs 812 crore."
    assert read(text) == {"revenue_inr": 812 * CRORE, "revenue_yoy_pct": Decimal(9)}


def test_a_page_that_calls_its_numbers_quarterly_and_names_months() -> None:
    text = (
        "Net Sales at Rs 812.40 crore in December 2025 up 9.0% from Rs. 745.30 crore in December 2024.\n"
        "Quarterly Net Profit at Rs. 61.20 crore in December 2025 up 11.1% from Rs. 55.10 crore in December 2024.\n"
    )
    result = parse_earnings(text, "ZENTEX").record
    assert (result.fiscal_year, result.fiscal_quarter) == (2026, 3)
    assert (result.revenue_inr, result.profit_yoy_pct) == (Decimal("812.4") * CRORE, Decimal("11.1"))


def test_months_that_end_no_quarter_are_none() -> None:
    text = "Quarterly Net Profit at Rs. 61.20 crore in November 2025 against Rs 55 crore in November 2024."
    assert parse_earnings(text, "ZENTEX").record.fiscal_quarter is None


def test_a_name_with_its_amount_on_the_line_below() -> None:
    text = "Zentex Q3 FY26\nRevenue from operations\nRs 812 crore (up 9% YoY)\nExpenses\nRs 700 crore (up 8% YoY)"
    assert read(text) == {"revenue_inr": 812 * CRORE, "revenue_yoy_pct": Decimal(9)}


def test_growths_in_bullets_below_their_figure() -> None:
    text = (
        "Zentex Q3 FY26\n- Net profit: Rs 61 crore\n  - YoY: +11%\n  - QoQ: -4%\n  - YoY base: Rs 55 crore\n"
        "- Provisions: Rs 9 crore\n  - YoY: +40%\n"
    )
    assert read(text) == {
        "net_profit_inr": 61 * CRORE,
        "profit_yoy_pct": Decimal(11),
        "profit_qoq_pct": Decimal(-4),
    }


def test_a_verb_that_two_figures_share() -> None:
    got = read("Zentex Q3 FY26: EBITDA fell by 7% to Rs 121 crore and PAT by 10% to Rs 61 crore.")
    assert got == {"ebitda_inr": 121 * CRORE, "net_profit_inr": 61 * CRORE, "profit_yoy_pct": Decimal(-10)}


@pytest.mark.parametrize(("what", "day"), [("its Q3 FY26 results", "2026-01-28"), ("an interim dividend", None)])
def test_the_day_before_the_verb(what: str, day: str | None) -> None:
    text = f"On January 28, 2026, Zentex announced {what}. Q3 FY26 net profit was Rs 61 crore."
    assert parse_earnings(text, "ZENTEX").record.report_date == day


@pytest.mark.parametrize("amount", ["Rs. 9,228 Crores", "Rs 745 Crores", "Rs. 745.30 Crores"])
def test_an_amount_before_a_verb_is_no_company(amount: str) -> None:
    text = f"Q3 FY26\n- PAT grew by 11% to Rs. 9,812 Crores as against {amount} reported in the earlier quarter."
    assert read(text)["net_profit_inr"] == 9812 * CRORE


def test_a_company_that_is_called_state_run_is_the_same_company() -> None:
    text = (
        "BHEL results: profit up\n\nState-run Bharat Heavy Electricals Ltd posted a consolidated net profit of "
        "Rs 61.25 crore during Q3 FY26 as against Rs 55 crore in Q3 FY25."
    )
    assert read(text, "BHEL") == {"net_profit_inr": Decimal("61.25") * CRORE}


def test_amounts_above_their_names_are_not_given_to_the_name_before() -> None:
    text = "Zentex Q3 FY26\nRs 812 crore\nRevenue\nRs 61 crore\nNet profit"
    assert read(text).get("revenue_inr") in (None, 812 * CRORE)
    assert read(text).get("net_profit_inr") in (None, 61 * CRORE)


def test_a_headline_is_rounded_and_the_sentence_below_is_exact() -> None:
    text = (
        "Zentex Q3 FY26: Consolidated PAT jumps 11% to Rs 61 crore; revenue up 9%\n\n"
        "The firm's revenue from sales increased 9.4% YoY to Rs 812 crore from Rs 742 crore."
    )
    got = read(text)
    assert (got["revenue_inr"], got["revenue_yoy_pct"]) == (812 * CRORE, Decimal("9.4"))
