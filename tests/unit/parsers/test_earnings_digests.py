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


COMPANIES = (
    ("Tata Consultancy Services", "TCS", 658, 120),
    ("Berger Paints", "BERGEPAINT", 444, 73),
    ("Kirloskar Oil Engines", "KIRLOSENG", 310, 31),
)
"""A name of the table, one with a word no text can miss, one that only the likeness of the parts gives away."""
OPENINGS = {
    "heading": "{n} Q2 results\nThe company made a profit of Rs {p} crore in Q2 FY26. Revenue was Rs {r} crore.\n\n",
    "symbol": "{n} ({s}.NS)\nQ2 FY26 Revenue – ₹{r} crore\nPAT – ₹{p} crore\n\n",
    "mark": "🔹 {n}: Q2 FY26 net profit at ₹{p} crore, up 5% YoY; revenue at ₹{r} crore\n",
    "dash": "➡️ {n} — Q2 FY26 PAT ₹{p} crore (+5% YoY), revenue ₹{r} crore\n",
    "number": "1) {n}\n   Q2 FY26 Revenue: ₹{r} crore\n   PAT: ₹{p} crore\n",
    "hashtag": "#{s} #Q2FY26 Net profit ₹{p} crore, revenue ₹{r} crore\n",
    "cells": "{n} | Q2FY26 | Revenue ₹{r} cr | PAT ₹{p} cr\n",
    "in one line": "{n} reported Q2 FY26 net profit of ₹{p} crore on revenue of ₹{r} crore • ",
    "bold": "**{n}** Q2 FY26 profit stood at Rs {p} crore and revenue at Rs {r} crore.\n\n",
    "headline": "{n} Q2 FY26 Net Profit Rises 1.4% To Rs {p} Crore; Revenue Up 2.4% To Rs {r} Crore\n",
    "bullet": "- {n} Q2 FY26 Results: PAT at ₹{p} crore; Revenue at ₹{r} crore\n",
    "brackets": "{n} Ltd. (Q2FY26, YoY)\nNet profit at Rs {p} crore vs Rs 20 crore\nRevenue at Rs {r} crore\n\n",
    "alone": "{n}\nQ2 FY26: Net profit of Rs {p} crore, revenue of Rs {r} crore. The stock closed up 2%.\n",
    "html": "<li><strong>{n}:</strong> Q2 FY26 net profit ₹{p} crore; revenue ₹{r} crore</li>\n",
    "labelled": "Earnings: {n} – Net profit at Rs {p} crore, Revenue at Rs {r} crore (Q2 FY26)\n",
    "sentence": "{n}, Q2 FY26: profit of Rs {p} crore, sales of Rs {r} crore. ",
    "possessive": "{n}'s Q2 FY26 revenue came in at Rs {r} crore and PAT at Rs {p} crore. ",
    "flash": "{n} Q2FY26 (Cons, YoY)\n-Net Profit At ₹{p} Cr Vs ₹20 Cr\n-Revenue Up 5% At ₹{r} Cr Vs ₹300 Cr\n\n",
}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("place", range(3))
def test_parts_that_open_alike(opening: str, place: int) -> None:
    text = "".join(OPENINGS[opening].format(n=n, s=s, r=r, p=p) for n, s, r, p in COMPANIES)
    _, symbol, revenue, profit = COMPANIES[place]
    record = parse_earnings(text, symbol).record
    assert (record.revenue_inr, record.net_profit_inr) == (revenue * CRORE, profit * CRORE)
    assert (record.fiscal_year, record.fiscal_quarter) == (2026, 2)


def test_names_within_one_text_do_not_cut_it() -> None:
    text = (
        "ZENTEX LIMITED\nExchange Plaza, Bandra Kurla Complex\nMumbai\nResults for Q2 FY26\n"
        "Retail Services: strong demand\n"
        "NIM: 3.4%\nNet profit: Rs 48 crore\nMr Rajesh Kumar: Our revenue was Rs 510 crore.\n"
    )
    assert read(text) == {"net_profit_inr": 48 * CRORE, "revenue_inr": 510 * CRORE}
