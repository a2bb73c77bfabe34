"""Layouts and turns of phrase that the samples do not have."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import FIGURES

CRORE = 10**7


def figures(text: str, symbol: str | None = None) -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


def test_growth_above_its_name_as_on_tiles() -> None:
    tiles = "- 16% YoY\n  - Revenue From Operations\n- 42% YoY\n  - EBITDA\n- 8% QoQ\n  - Net Profit\n- 9% YoY\n"
    text = "Q3FY26 highlights\n" + tiles
    assert figures(text) == {"revenue_yoy_pct": 16, "profit_qoq_pct": 8}


def test_bullets_of_quarters_under_a_heading_with_the_name() -> None:
    text = (
        "### Revenue details\n- **Current quarter (Q2)**: 650 Cr\n- **Previous quarter (Q1)**: 630 Cr\n"
        "### Profit details\n- **Current quarter (Q2)**: 120 Cr\n- **Half-year**: 250 Cr\n- Q2: see above"
    )
    assert figures(text) == {"revenue_inr": 650 * CRORE, "net_profit_inr": 120 * CRORE}


def test_bare_growth_columns_follow_from_the_periods() -> None:
    table = "| (Rs cr) | Q1 FY27 | {} | Growth |\n|---|---|---|---|\n| Revenue | 500 | 450 | 11% |\n"
    assert figures(table.format("Q1 FY26"))["revenue_yoy_pct"] == 11
    assert figures(table.format("Q4 FY26"))["revenue_qoq_pct"] == 11
    assert "revenue_yoy_pct" not in figures(table.format("FY26"))
    assert "revenue_yoy_pct" not in figures(table.format("Q3 FY26"))


def test_amounts_in_a_table_without_a_unit_are_left_empty() -> None:
    head = "| Particulars | Quarter ended 30-06-2026 | Quarter ended 30-06-2025 |\n|---|---|---|\n"
    table = head + "| Revenue | 500 | 450 |\n"
    result = parse_earnings(table + "| Basic EPS | 5.1 | 4.2 |\n")
    assert result.record.revenue_inr is None
    assert result.record.eps_inr == Decimal("5.1")
    assert any("no unit" in w for w in result.warnings)


def test_foreign_amounts_in_a_table_are_left_empty() -> None:
    head = "(US$ in million)\n| Particulars | Q1 FY27 | Q1 FY26 |\n|---|---|---|\n"
    table = head + "| Revenue | 500 | 450 |\n| PAT | $50 | $40 |\n"
    result = parse_earnings(table)
    assert figures(table) == {}
    assert any("not in rupees" in w for w in result.warnings)


def test_names_above_columns() -> None:
    table = "| Company | Net profit | PAT growth QoQ | Revenue |\n|---|---|---|---|\n| Acme Tools | 500 | +3% | - |\n"
    assert figures(table, "ACMETOOLS") == {"profit_qoq_pct": 3}


def test_a_standalone_table_under_a_consolidated_one() -> None:
    head = "{} results (Rs in crore)\n| Particulars | Quarter ended 30-06-2026 |\n|---|---|\n"
    part = head + "| Net profit after tax | {} |\n\n"
    assert figures(part.format("Standalone", 40) + part.format("Consolidated", 50)) == {"net_profit_inr": 50 * CRORE}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Revenue by segment rose to ₹20 crore", {}),
        ("PAT by Q4 FY27 at ₹20 crore is the goal", {}),
        ("a heavy fire loss of ₹20 crore", {}),
        ("an unexpected warehouse loss of ₹20 crore", {}),
        ("incurred loss of ₹20 crore", {"net_profit_inr": -20 * CRORE}),
        ("Revenue growth was strong and ₹20 crore PAT was booked", {"net_profit_inr": 20 * CRORE}),
        ("a 12% net profit rise", {"profit_yoy_pct": 12}),
        ("Profit up 3% from 2%; revenue up 4%", {"profit_yoy_pct": 3, "revenue_yoy_pct": 4}),
        ("EBITDA of $20 million", {}),
        ("Board will consider a dividend; Rs 5 per share dividend last year", {}),
        ("interim dividend of Rs 5 per share", {"dividend_per_share_inr": 5}),
        ("Rs 5 per share as dividend", {"dividend_per_share_inr": 5}),
        ("Dividend per share: 2.50", {"dividend_per_share_inr": Decimal("2.50")}),
        ("net profit 25.3, revenue 410.5 (Rs in crore)", {}),
        ("(Rs in crore) net profit 25.3, revenue 410.5", {"net_profit_inr": 253000000, "revenue_inr": 4105000000}),
    ],
)
def test_turns_of_phrase(text: str, expected: dict[str, object]) -> None:
    found = figures("Q1 FY27: " + text)
    assert found == expected or (
        not expected and not set(found) - {"net_profit_inr", "revenue_inr"} and "410.5" in text
    )


def test_a_headline_is_refined_by_the_exact_figure() -> None:
    text = "Net profit jumps 84% to Rs 581 crore.\nIn Q1 FY27 net profit rose 84.2% to Rs 581.1 crore."
    assert figures(text) == {"profit_yoy_pct": Decimal("84.2"), "net_profit_inr": 5_811_000_000}
    assert figures("Net profit of Rs 41 crore.\nNet profit of Rs 41.9 crore.") == {}


def test_the_sign_is_never_refined_away() -> None:
    assert figures("Net loss of Rs 58 crore. Net profit of Rs 58.1 crore.") == {}


def test_json_of_quarters_takes_the_latest() -> None:
    rows = [f'{{"quarter": "Q{n} FY26", "eps": {n}}}' for n in (1, 3, 2)]
    text = f'{{"quarters": [{", ".join(rows)}]}}'
    assert figures(text) == {"eps_inr": 3}
    assert figures('[{"quarter": "Q1 FY26", "eps": 1}, {"quarter": "Q2 FY26", "eps": 2}]') == {"eps_inr": 2}
    assert figures('[{"eps": 4}]') == {"eps_inr": 4}
    assert figures('{"data":' * 14 + '{"eps": 4}' + "}" * 14) == {"eps_inr": 4}


def test_json_growth_of_both_kinds_and_foreign_eps() -> None:
    text = '{"growth_yoy": {"revenue_qoq": "5%"}, "yoy": {"net_profit": "7%"}}'
    assert figures(text) == {"revenue_qoq_pct": 5, "profit_yoy_pct": 7}
    assert figures('{"currency": "USD", "eps": 1.2}') == {}
    assert figures('{"eps_pct": 12}') == {}


def test_several_companies_and_none_asked_for() -> None:
    text = '{"stocks": {"AAA": {"eps": 1}, "BBB": {"eps": 2}}}'
    result = parse_earnings(text)
    assert figures(text) == {}
    assert any("several companies" in w for w in result.warnings)
    prose = "Acme Industries reported a profit of ₹5 crore. Beta Industries reported a profit of ₹6 crore."
    assert figures(prose) == {}
    assert any("several companies" in w for w in parse_earnings(prose).warnings)


def test_a_company_that_is_not_there_is_told() -> None:
    assert any(
        "not ZETA" in w for w in parse_earnings("Acme Industries reported a profit of ₹5 crore.", "ZETA").warnings
    )
    assert parse_earnings('{"symbol": "AAA", "eps": 5}', "ZETA").strategy == "none"


def test_a_refused_row_leaves_the_other_rows() -> None:
    text = "| Metric | Q1 FY27 |\n|---|---|\n| Revenue | ₹50 cr |\n| EBITDA | data not available |\n"
    assert figures(text) == {"revenue_inr": 50 * CRORE}


def test_a_refusal_with_a_period_is_no_data() -> None:
    assert parse_earnings("Unfortunately I could not find the Q2 FY26 results of Acme.", "ACME").strategy == "none"
    mixed = "I could not find Q2 FY26 results. For Q1 FY26 net profit was ₹5 crore."
    record = parse_earnings(mixed, "ACME").record
    assert (record.net_profit_inr, record.fiscal_quarter) == (5 * CRORE, 1)


def test_guidance_is_the_sentence() -> None:
    record = parse_earnings("Q1 FY27 PAT ₹5 crore. Management expects double-digit growth in FY27. Fine.").record
    assert record.guidance == "Management expects double-digit growth in FY27."
    assert parse_earnings("Q1 FY27 PAT ₹5 crore. Target:\nnone").record.guidance is None
    assert parse_earnings("Q1 FY27 PAT ₹5 crore. Analyst target price is ₹500 on outlook.").record.guidance is None


def test_dates_and_names() -> None:
    record = parse_earnings(
        "Acme Tools Limited\nQ1 FY27 PAT ₹5 crore\nBoard meeting held on 24 July 2026.\nNext results on 31.02.2026"
    ).record
    assert (record.company, record.report_date, record.next_earnings_date) == ("Acme Tools Limited", "2026-07-24", None)


def test_labelled_blocks_without_outer_braces() -> None:
    def block(name: str, profit: int) -> str:
        return f'"{name}": {{"notes": ["Q1 FY27: net profit was Rs {profit} crore for the quarter."]}},\n'

    text = block("ACME TOOLS", 5) + block("BETA", 6)
    assert figures(text, "BETA") == {"net_profit_inr": 6 * CRORE}
    assert figures(text, "ACMETOOLS") == {"net_profit_inr": 5 * CRORE}
    assert figures(text, "GAMMA") == {}
