"""Wordings and layouts of results: growth without a word for it, parts, looks ahead, Hindi, filings in XML."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import FIGURES

CRORE = 10**7


def read(text: str, symbol: str | None = None) -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


def told(text: str, *names: str) -> tuple[object, ...]:
    record = parse_earnings(text, None).record
    return tuple(getattr(record, n) for n in names)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Rs 90 crore, 17.8% YoY", {"profit_yoy_pct": Decimal("17.8")}),
        ("Rs 90 crore (17.8% YoY)", {"profit_yoy_pct": Decimal("17.8")}),
        ("Rs 90 crore, (6.8%) QoQ, 17.8% YoY", {"profit_yoy_pct": Decimal("17.8"), "profit_qoq_pct": Decimal("-6.8")}),
        ("Rs 90 crore (12% of revenues), QoQ decline of 2.1%", {"profit_qoq_pct": Decimal("-2.1")}),
        ("Rs 90 crore, 12% of the year's target", {}),
    ],
)
def test_growth_that_stands_bare_behind_the_amount(words: str, expected: dict[str, object]) -> None:
    assert read(f"Q2 FY26\nPAT: {words}\n") == {"net_profit_inr": 90 * CRORE, **expected}


@pytest.mark.parametrize(
    "beside",
    [
        "North revenues were Rs 340 crore and EBITDA Rs 50 crore.",
        "The overseas plants posted an EBITDA of 92 million euros.",
        "Cash EBITDA was Rs 60 crore.",
        "Analysts peg the EBITDA at Rs 95 crore, revenue at Rs 700 crore.",
        "EBITDA (est. Rs 95 crore) was in line.",
        "We raise FY27E EBITDA to Rs 400 crore.",
    ],
)
def test_a_figure_of_a_part_or_of_what_is_expected_does_not_stand_in(beside: str) -> None:
    found = read(f"EBITDA for the second quarter of FY26 was Rs 91 crore. {beside}")
    assert found["ebitda_inr"] == 91 * CRORE
    assert "revenue_inr" not in found


def test_estimates_of_a_look_ahead_are_nobodys_figures() -> None:
    assert read("2QFY26: sales grew 4% YoY to INR484m. We raise FY26E/FY27E EPS by 2%/3% to INR106.2/INR124.5.") == {
        "revenue_inr": 484_000_000,
        "revenue_yoy_pct": 4,
    }


def test_a_loss_in_foreign_money_named_behind_it_is_left_out() -> None:
    assert read("Net loss was 66 million pounds in Q2 FY26.") == {}


def test_an_earlier_period_behind_the_name_of_a_line() -> None:
    lines = (
        "Net sales (Rs Cr): 190.18\nNet sales previous quarter (Rs Cr): 188.99\nNet sales last year (Rs Cr): 203.2\n"
    )
    assert read(lines + "NPM: 6.24%\n") == {
        "revenue_inr": Decimal(1_901_800_000),
        "net_margin_pct": Decimal("6.24"),
    }
    assert read("| Particulars | Rs Cr |\n|---|---|\n| Net profit (year ago) | 17.2 |\n| EPS | 2.10 |\n") == {
        "eps_inr": Decimal("2.10")
    }


def test_profit_after_minority_interest_stands_behind_the_profit() -> None:
    assert read("1. PAT: Rs 74 crore, +81% YoY\n2. PAT after minority interest: Rs 67 crore, +72% YoY") == {
        "net_profit_inr": 74 * CRORE,
        "profit_yoy_pct": 81,
    }


def test_lines_of_a_day_with_their_times() -> None:
    assert read(
        "03:45 PM: Revenue rises 16% to Rs 76 crore vs Rs 65 crore\n03:40 PM: Net profit falls to Rs 9 crore"
    ) == {
        "revenue_inr": 76 * CRORE,
        "revenue_yoy_pct": 16,
        "net_profit_inr": 9 * CRORE,
    }


def test_a_figure_at_the_head_of_a_clause_is_no_company() -> None:
    text = "Zentex Q2 FY26.\nEPS stood at Rs. 12.27 as against Rs. 11.02 recorded a year ago.\nPAT: Rs 9 crore.\n"
    assert read(text, "ZENTEX") == {"eps_inr": Decimal("12.27"), "net_profit_inr": 9 * CRORE}


@pytest.mark.parametrize(
    "words",
    ["Zentex on Thursday (30 October 2025) reported", "Zentex on October 30, 2025 declared"],
)
def test_the_day_in_the_middle_of_the_sentence(words: str) -> None:
    assert told(f"{words} a net profit of Rs 9 crore for Q2 FY26.", "report_date") == ("2025-10-30",)


def test_growth_of_total_income_stands_behind_that_of_revenue_in_json() -> None:
    text = (
        '{"quarter": "Q2 FY26", "unit": "INR Cr", "total_income": {"value": 188, "yoy": "28.7%"},'
        ' "revenue_from_operations": {"value": 187, "yoy": "28.8%"}}'
    )
    assert read(text) == {"revenue_inr": 187 * CRORE, "revenue_yoy_pct": Decimal("28.8")}


def test_rows_of_one_quarter_that_are_one_figure_each() -> None:
    text = (
        '{"data": [{"metric": "Revenue", "period": "Q3 FY26", "value": "Rs 338 crore", "change_yoy": "+13.3%"},'
        '{"metric": "Net income", "period": "Q3 FY26", "value": "Rs 40 crore", "change_yoy": null}]}'
    )
    assert read(text) == {
        "revenue_inr": 338 * CRORE,
        "revenue_yoy_pct": Decimal("13.3"),
        "net_profit_inr": 40 * CRORE,
    }


@pytest.mark.parametrize(
    ("words", "growth"), [("(+56% YoY)", 56), (", down 5%", -5), ("(-3% QoQ)", None), ("(8% margin)", None)]
)
def test_growth_in_the_string_of_the_amount(words: str, growth: int | None) -> None:
    found = read('{"quarter": "Q3 FY26", "pat": "Rs 68 Cr ' + words + '"}')
    assert found["net_profit_inr"] == 68 * CRORE
    assert found.get("profit_yoy_pct") == growth


def test_the_sentence_before_the_json_names_its_quarter() -> None:
    block = '\n```json\n{"pat_crore": 294, "eps_rs": 6.8}\n```\n'
    names = ("fiscal_year", "fiscal_quarter", "net_profit_inr")
    assert told(f"Zentex reported for Q3 FY26:{block}", *names) == (2026, 3, 294 * CRORE)
    assert told(f"The preview of Q4 FY26 is not out; older figures:{block}", *names)[:2] == (None, None)
    assert told(f"Q3 FY26 beside Q3 FY25:{block}", *names)[:2] == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Q2 FY26 में कंपनी का शुद्ध लाभ 210 करोड़ रुपये से घटकर 150 करोड़ रुपये रहा। राजस्व 5 प्रतिशत बढ़कर 1,200 करोड़ हुआ।",
            {"net_profit_inr": 150 * CRORE, "revenue_inr": 1200 * CRORE, "revenue_yoy_pct": 5},
        ),
        (
            "Q2 FY26 में 45 करोड़ रुपये का घाटा हुआ, जबकि पिछले साल 20 करोड़ रुपये का मुनाफा हुआ था।",
            {"net_profit_inr": -45 * CRORE},
        ),
        (
            "Q2 FY26: शुद्ध मुनाफा 12% घटकर ₹88 करोड़। एक साल पहले यह ₹100 करोड़ था। बाजार को ₹95 करोड़ के मुनाफे का अनुमान था।",
            {"net_profit_inr": 88 * CRORE, "profit_yoy_pct": -12},
        ),
    ],
)
def test_results_told_in_hindi(text: str, expected: dict[str, object]) -> None:
    assert read(text) == expected


FILING = (
    '<xbrli:context id="A"><xbrli:period><xbrli:startDate>2025-07-01</xbrli:startDate>'
    "<xbrli:endDate>2025-09-30</xbrli:endDate></xbrli:period></xbrli:context>"
    '<xbrli:context id="B"><xbrli:period><xbrli:startDate>2025-04-01</xbrli:startDate>'
    "<xbrli:endDate>2025-09-30</xbrli:endDate></xbrli:period></xbrli:context>"
    '<xbrli:context id="C"><xbrli:period><xbrli:startDate>2025-07-01</xbrli:startDate>'
    "<xbrli:endDate>2025-09-30</xbrli:endDate></xbrli:period><xbrli:scenario><xbrldi:explicitMember>Part"
    "</xbrldi:explicitMember></xbrli:scenario></xbrli:context>"
    '<in-bse-fin:Symbol contextRef="A">ZENTEX</in-bse-fin:Symbol>'
    '<in-bse-fin:NatureOfReportStandaloneConsolidated contextRef="A">Standalone'
    "</in-bse-fin:NatureOfReportStandaloneConsolidated>"
    '<in-bse-fin:RevenueFromOperations contextRef="C" unitRef="INR">110</in-bse-fin:RevenueFromOperations>'
    '<in-bse-fin:RevenueFromOperations contextRef="B" unitRef="INR">9000</in-bse-fin:RevenueFromOperations>'
    '<in-bse-fin:RevenueFromOperations contextRef="A" unitRef="INR">4000000</in-bse-fin:RevenueFromOperations>'
    '<in-bse-fin:Income contextRef="A" unitRef="INR">4100000</in-bse-fin:Income>'
    '<in-bse-fin:ProfitLossForPeriod contextRef="A" unitRef="INR">-52000</in-bse-fin:ProfitLossForPeriod>'
    '<in-bse-fin:BasicEarningsLossPerShareFromContinuingOperations contextRef="A" unitRef="INRPerShare">-0.52'
    "</in-bse-fin:BasicEarningsLossPerShareFromContinuingOperations>"
)


def test_a_filing_in_xml_is_read_for_its_quarter_as_a_whole() -> None:
    assert read(FILING) == {"revenue_inr": 4_000_000, "net_profit_inr": -52_000, "eps_inr": Decimal("-0.52")}
    assert told(FILING, "fiscal_year", "fiscal_quarter", "period_end", "basis", "symbol") == (
        2026,
        2,
        "2025-09-30",
        "standalone",
        "ZENTEX",
    )


def test_a_filing_of_another_company_or_without_rupees_gives_nothing() -> None:
    answer = parse_earnings(FILING, "TCS")
    assert answer.strategy == "none"
    assert any("not TCS" in w for w in answer.warnings)
    assert read(FILING.replace('unitRef="INR', 'unitRef="USD')) == {}


def test_a_page_with_the_figures_tagged_in_it_has_a_power_of_ten() -> None:
    tagged = (
        '<ix:nonFraction name="in-bse-fin:RevenueFromOperations" contextRef="OneD" unitRef="INR" scale="5">41.5'
        '</ix:nonFraction><ix:nonFraction name="in-bse-fin:ProfitLossForPeriod" contextRef="OneD" unitRef="INR" '
        'scale="5" sign="-">2.5</ix:nonFraction>'
    )
    assert read(tagged) == {"revenue_inr": 4_150_000, "net_profit_inr": -250_000}


LOG = (
    "Q3 results today\n\n"
    "{}Zentex Metals: Net profit up 20.8% at Rs 15.9 crore. Revenue up 23.7% at Rs 71.2 crore. EBITDA Rs 21 crore.\n"
    "{}Blue Dart: Net profit up 19.1% at Rs 9.7 crore. Revenue up 6.9% at Rs 16.1 crore.\n"
)


@pytest.mark.parametrize(
    ("first", "second"), [("12:01 IST | ", "12:20 IST | "), ("03:45 PM: ", "03:50 PM: "), ("Jan 28 | ", "Jan 28 | ")]
)
def test_lines_of_a_log_are_one_company_each(first: str, second: str) -> None:
    assert read(LOG.format(first, second), "BLUEDART") == {
        "net_profit_inr": Decimal(97_000_000),
        "profit_yoy_pct": Decimal("19.1"),
        "revenue_inr": Decimal(161_000_000),
        "revenue_yoy_pct": Decimal("6.9"),
    }


def test_companies_of_one_line_of_which_no_table_knows_the_second() -> None:
    text = (
        "Blue Dart Q3 results: net profit at Rs 44.2 cr, up 3.3% YoY; Zentexa Q3 PAT Rs 25 cr, down 33% QoQ on costs; "
        "Happy Minds Q3 net profit Rs 30 cr, down 7.8% QoQ."
    )
    assert read(text, "BLUEDART") == {"net_profit_inr": Decimal(442_000_000), "profit_yoy_pct": Decimal("3.3")}


def test_the_letters_of_a_name_stand_for_the_company() -> None:
    text = (
        "Sterlite Technologies Q3: back in black\nSTL reported net sales of Rs 125 crore. Acme Steel posted Rs 9 crore."
    )
    assert read(text, "STLTECH") == {"revenue_inr": 125 * CRORE}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("A loss of Rs 17 crore in Q3 FY26 against a loss of Rs 24 crore in Q3 FY25 and profit of Rs 4 crore", -17),
        ("PAT was Rs 17 crore against Rs 14 crore a year ago", 17),
    ],
)
def test_one_more_amount_to_compare_with(words: str, expected: int) -> None:
    assert read(f"{words}.") == {"net_profit_inr": expected * CRORE}


@pytest.mark.parametrize("words", ["Trailing EPS: Rs 45", "2-yr avg EPS: Rs 45", "Average quarterly PAT: Rs 45 crore"])
def test_an_average_is_not_the_quarter(words: str) -> None:
    assert read(words) == {}


@pytest.mark.parametrize("head", ["|  | ₹ Cr | YoY |", "| Metric | Rs crore | YoY |", "| Item | (INR crore) | YoY |"])
def test_a_column_headed_by_its_unit(head: str) -> None:
    rows = "| Revenue | 496 | 18% |\n| Net profit | 40 | 11% |\n"
    assert read(f"Zentex – Q2FY26\n\n{head}\n|---|---|---|\n{rows}") == {
        "revenue_inr": 496 * CRORE,
        "net_profit_inr": 40 * CRORE,
        "revenue_yoy_pct": 18,
        "profit_yoy_pct": 11,
    }


def test_rows_whose_numbers_stand_on_lines_before_them() -> None:
    heads = "(Rs. in Crores)\nSr No\nParticulars\nQuarter ended 31st December 2025\nQuarter ended 31st December 2024\n"
    rows = "1\nTotal income from operations\n241.55\n209.71\n2\nNet profit before tax\n31.4\n28.1\n"
    assert read(heads + rows + "3\nNet profit for the period after tax\n23.18\n21.40\n4\nReserves\n") == {
        "revenue_inr": Decimal(2_415_500_000),
        "net_profit_inr": Decimal(231_800_000),
    }


def test_the_caption_below_a_table_of_companies() -> None:
    text = (
        "| Bank | Net Profit (Rs Cr) | YoY |\n|---|---|---|\n| SBI | 210 | 24.5% |\n| PNB | 51 | 13.1% |\n\n"
        "*PSU bank results, Q3 FY26 (standalone)*\n"
    )
    record = parse_earnings(text, "PNB").record
    assert (record.fiscal_year, record.fiscal_quarter, record.basis) == (2026, 3, "standalone")
    assert record.net_profit_inr == 51 * CRORE


def test_growth_against_the_quarter_that_the_sentence_names() -> None:
    text = "Revenue: Rs 340 crore in Q3 FY26 vs Rs 350 crore in Q2 FY26, down 3%"
    assert read(text) == {"revenue_inr": 340 * CRORE, "revenue_qoq_pct": -3}


def test_pairs_of_bare_figures_below_a_heading_with_the_unit() -> None:
    text = (
        "Q3 FY26 vs Q3 FY25 (Consolidated, Rs crore)\nEBITDA: 313 vs 253, +24%\nPBT: 200 vs 150 +33%\n"
        "PAT: 127 vs 112, +14%\n"
    )
    assert read(text) == {"ebitda_inr": 313 * CRORE, "net_profit_inr": 127 * CRORE, "profit_yoy_pct": 14}


def test_the_mark_of_a_footnote_on_a_name() -> None:
    assert read("Q3 FY26: Consolidated revenue¹ at ₹142 crore (up 30% YoY)") == {
        "revenue_inr": 142 * CRORE,
        "revenue_yoy_pct": 30,
    }


def test_another_company_with_words_between_it_and_its_verb() -> None:
    text = (
        "Adani Ports reported revenue of Rs 97 crore for Q3 FY26. JSW Infrastructure, by comparison, posted revenue of "
        "Rs 13 crore and EBITDA of Rs 6 crore."
    )
    assert read(text, "ADANIPORTS") == {"revenue_inr": 97 * CRORE}
