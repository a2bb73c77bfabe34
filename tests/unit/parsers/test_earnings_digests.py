"""One company out of many, and figures that stand apart from their names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.parsers.earnings_align import RawRow, place_rows
from robotrader.core.background_scheduler.parsers.earnings_rows import Column
from robotrader.core.background_scheduler.parsers.earnings_xbrl import joined_cells
from robotrader.core.background_scheduler.parsers.periods import Period
from tests.unit.parsers.earnings_cases import FIGURES

CRORE = 10**7


def read(text: str, symbol: str = "ZENTEX") -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


DIGESTS = {
    "table": (
        "Q2 FY26\n| Stock | Sales (₹ Cr) | YoY | PAT (₹ Cr) | YoY |\n|---|---|---|---|---|\n"
        "| TCS | 658 | 2.4% | 120 | 1.4% |\n| INFY | 444 | 8.6% | 73 | 13.2% |"
    ),
    "tabs": "Q2 FY26 (Rs cr)\nCompany\tRevenue\tPAT\nTCS\t658\t120\nInfosys\t444\t73",
    "numbers": "Q2 FY26:\n1. TCS - Revenue ₹658 cr, PAT ₹120 cr\n2. Infosys - Revenue ₹444 cr, PAT ₹73 cr",
    "one line": "TCS Q2FY26: Rev ₹658 cr, PAT ₹120 cr | INFY Q2FY26: Rev ₹444 cr, PAT ₹73 cr",
    "names": "Q2 FY26\nTCS\nRevenue: ₹658 cr\nPAT: ₹120 cr\n\nInfosys\nRevenue: ₹444 cr\nPAT: ₹73 cr",
    "headings": (
        "# Q2 FY26\n## 1. Tata Consultancy Services (TCS)\n- Revenue: ₹658 cr\n- PAT: ₹120 cr\n"
        "## 2. Infosys (INFY)\n- Revenue: ₹444 cr\n- PAT: ₹73 cr"
    ),
    "csv": "symbol,quarter,revenue_cr,net_profit_cr\nTCS,Q2FY26,658,120\nINFY,Q2FY26,444,73",
    "keys": (
        "Q2 FY26\nCompany: TCS\nRevenue: 658 crore\nNet Profit: 120 crore\n---\n"
        "Company: Infosys\nRevenue: 444 crore\nNet Profit: 73 crore"
    ),
    "pipes": (
        "Tata Consultancy | The company reported Q2 FY26 revenue of ₹658 crore and net profit of ₹120 crore.\n"
        "Infosys Ltd | The company reported Q2 FY26 revenue of ₹444 crore and net profit of ₹73 crore."
    ),
    "appositions": (
        "The second quarter of FY26 went well. TCS, a technology company, reported PAT of ₹120 crore and revenue of "
        "₹658 crore. Infosys in the technology sector reported PAT of ₹73 crore and revenue of ₹444 crore."
    ),
}


@pytest.mark.parametrize("layout", DIGESTS)
@pytest.mark.parametrize(("symbol", "revenue", "profit"), [("TCS", 658, 120), ("INFY", 444, 73)])
def test_one_company_of_a_digest(layout: str, symbol: str, revenue: int, profit: int) -> None:
    record = parse_earnings(DIGESTS[layout], symbol).record
    assert (record.revenue_inr, record.net_profit_inr) == (revenue * CRORE, profit * CRORE)
    assert (record.fiscal_quarter, record.symbol) == (2, symbol)


@pytest.mark.parametrize("layout", DIGESTS)
def test_a_company_that_is_not_in_the_digest(layout: str) -> None:
    assert read(DIGESTS[layout], "ZENTEX") == {}


@pytest.mark.parametrize(
    "text",
    [
        "Revenue\n₹2,412 Cr\n+12% YoY\nEBITDA\n₹301 Cr\nPAT\n₹144 Cr",
        "₹2,412 Cr\nRevenue\n₹301 Cr\nEBITDA\n₹144 Cr\nPAT",
        "Revenue ........ Rs 2,412 crore\nEBITDA ........ Rs 301 crore\nPAT ....... Rs 144 crore",
        "**Revenue**\n₹2,412 Cr\n**EBITDA**\n₹301 Cr\n**PAT**\n₹144 Cr",
        "Revenue/EBITDA/PAT at Rs 2,412 crore/Rs 301 crore/Rs 144 crore",
        "Revenue, EBITDA and PAT stood at Rs 2,412 crore, Rs 301 crore and Rs 144 crore respectively.",
        (
            '[{"metric": "Revenue", "value": "₹2,412 crore"}, {"metric": "EBITDA", "value": "₹301 crore"}, '
            '{"metric": "PAT", "value": 144, "unit": "crore"}]'
        ),
        (
            "<table><tr><th>Item</th><th>Value</th></tr><tr><td>Revenue</td><td>₹2,412 Cr</td></tr>"
            "<tr><td>EBITDA</td><td>₹301 Cr</td></tr><tr><td>PAT</td><td>₹144 Cr</td></tr></table>"
        ),
    ],
)
def test_names_and_figures_apart(text: str) -> None:
    found = read("Zentex Q2 FY26\n" + text)
    assert {n: v for n, v in found.items() if n.endswith("_inr")} == {
        "revenue_inr": 2412 * CRORE,
        "ebitda_inr": 301 * CRORE,
        "net_profit_inr": 144 * CRORE,
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Revenue/EBITDA grew 5% YoY", {}),
        ("Revenue and PAT rose 5% and 9%", {"revenue_yoy_pct": 5, "profit_yoy_pct": 9}),
        ("Revenue and PAT fell 3% to Rs 50 crore and 8% to Rs 5 crore", {"revenue_yoy_pct": -3, "profit_yoy_pct": -8}),
        ("Revenue and PAT stood at Rs 50 crore and Rs 5 crore against Rs 40 crore and Rs 4 crore", {}),
        ("EBITDA declined by about Rs 350 crore.", {}),
        ("A rise of Rs 20 crore in net profit.", {}),
    ],
)
def test_lists_and_changes(text: str, expected: dict[str, object]) -> None:
    found = read("Zentex Q2 FY26. " + text)
    assert {n: v for n, v in found.items() if n.endswith("_pct")} == expected
    if "Rs 50" not in text:
        assert not {n for n in found if n.endswith("_inr")}
    else:
        assert (found["revenue_inr"], found["net_profit_inr"]) == (50 * CRORE, 5 * CRORE)


def test_amounts_of_one_name_in_several_quarters() -> None:
    text = "Zentex's net profit was Rs 20 crore in Q4 FY25, Rs 22 crore in Q1 FY26 and Rs 25 crore in Q2 FY26."
    assert read(text) == {"net_profit_inr": 25 * CRORE}


XBRL = """| Particulars | 3 months/ 6 months ended | Year to date |
| Date of start of reporting period |
{}
|
01/04/2025
|
| Date of end of reporting period |
31/12/2025
|
31/12/2025
|
(I) | Revenue from operations (Rs in lakhs) |
4,112.10
|
12,010.44
|
"""


def test_columns_whose_periods_stand_in_rows() -> None:
    result = parse_earnings(XBRL.format("01/10/2025"), "ZENTEX")
    assert result.record.revenue_inr == Decimal(411210000)
    assert (result.record.fiscal_year, result.record.fiscal_quarter) == (2026, 3)
    longer = parse_earnings(XBRL.format("01/07/2025"), "ZENTEX").record
    assert (longer.revenue_inr, longer.fiscal_quarter) == (None, None)


def test_cells_are_joined_in_as_many_characters() -> None:
    view = XBRL.format("01/10/2025")
    joined = joined_cells(view)
    assert len(joined) == len(view)
    assert joined.count("\n") == 4
    assert joined_cells("a | b\nc") == "a | b\nc"


def test_a_row_is_placed_by_the_columns_of_the_full_ones() -> None:
    view = "Sales   10   11   12\nProfit        1    2\nTax 3   4\n"
    columns = [Column(Period("quarter", 2026, q, 0, 0)) for q in (3, 2, 1)]
    rows = place_rows(
        view,
        columns,
        [
            RawRow("Sales", (0, 5), ((8, 10), (13, 15), (18, 20)), 0),
            RawRow("Profit", (21, 27), ((35, 36), (40, 41)), 21),
            RawRow("Tax", (42, 45), ((46, 47), (50, 51)), 42),
        ],
    )
    assert [[v.column for v in row.values] for row in rows] == [[0, 1, 2], [1, 2], []]
