"""Results in the shapes that answers, pages and filings come in: wrapped, laid open, keyed, aligned, side by side."""

from __future__ import annotations

import json

import pytest

from robotrader.core.background_scheduler.parsers.companies import matches
from robotrader.core.background_scheduler.parsers.company_mentions import like_company, surely_company
from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.parsers.earnings_xbrl import joined_cells
from robotrader.core.background_scheduler.parsers.json_text import leaves
from robotrader.core.background_scheduler.parsers.periods import find_periods
from robotrader.core.background_scheduler.parsers.tables import find_tables
from robotrader.core.background_scheduler.parsers.text_wrap import unescaped, unwrapped
from robotrader.core.background_scheduler.parsers.yaml_text import find_keyed
from tests.unit.parsers.earnings_cases import FIGURES

CRORE, LAKH, MILLION = 10**7, 10**5, 10**6
Fields = dict[str, object]


def read(text: str, symbol: str | None) -> Fields:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


KEYED = """ticker: ZENTEX
period:
  quarter: Q3
  fiscal_year: FY26
amounts_in: crore
this_quarter:
  net_sales: 512.5
  profit_after_tax: 41
year_ago_quarter:
  net_sales: 480
  profit_after_tax: 39
per_share:
  final_dividend: 4.5
growth:
  sales_yoy: 6.8%
"""
CASES: list[tuple[str, str, str | None, Fields]] = [
    (
        "nested keys",
        KEYED,
        "ZENTEX",
        {
            "revenue_inr": 5_125_000_000,
            "net_profit_inr": 41 * CRORE,
            "dividend_per_share_inr": 4.5,
            "revenue_yoy_pct": 6.8,
        },
    ),
    (
        "a list of keys",
        (
            "companies:\n  - ticker: ZENTEX\n    quarter: Q1 FY27\n    pat_crore: 12\n    rev_crore: 90\n"
            "  - ticker: OMKARIND\n    quarter: Q1 FY27\n    pat_crore: 7\n    rev_crore: 55\n"
        ),
        "ZENTEX",
        {"revenue_inr": 90 * CRORE, "net_profit_inr": 12 * CRORE},
    ),
    (
        "keys in capitals",
        "TICKER = ZENTEX\nQUARTER = Q1 FY27\nNET_PROFIT = Rs 12 crore\nNET_PROFIT_YOY = -3.5%\nEPS = Rs 1.10\n",
        "ZENTEX",
        {"net_profit_inr": 12 * CRORE, "profit_yoy_pct": -3.5, "eps_inr": 1.1},
    ),
    (
        "an object to a line",
        (
            '{"sym":"ZENTEX","fy":2027,"q":1,"rev_cr":90,"pat_cr":12}\n'
            '{"sym":"OMKARIND","fy":2027,"q":1,"rev_cr":55,"pat_cr":7}\n'
        ),
        "OMKARIND",
        {"revenue_inr": 55 * CRORE, "net_profit_inr": 7 * CRORE},
    ),
    (
        "rows of a list of one quarter",
        (
            '{"results":[{"symbol":"ZENTEX","quarter":"Q1 FY27","pat_cr":12},'
            '{"symbol":"OMKARIND","quarter":"Q1 FY27","pat_cr":7}]}'
        ),
        "ZENTEX",
        {"net_profit_inr": 12 * CRORE},
    ),
    (
        "rows under a key of their own",
        '[{"listing":"ZENTEX","rev_cr":90,"pat_cr":12},{"listing":"OMKARIND","rev_cr":55,"pat_cr":7}]',
        "OMKARIND",
        {"revenue_inr": 55 * CRORE, "net_profit_inr": 7 * CRORE},
    ),
    ("rows that name nobody", '[{"rev_cr":90,"pat_cr":12},{"rev_cr":55,"pat_cr":7}]', "OMKARIND", {}),
    (
        "heads and rows",
        (
            '{"ticker":"ZENTEX","unit":"Rs. million","columns":["Particulars","Q1 FY27","Q1 FY26"],'
            '"rows":[["Revenue from operations","1,210","1,100"],["Profit after tax","93","88"]]}'
        ),
        "ZENTEX",
        {"revenue_inr": 1210 * MILLION, "net_profit_inr": 93 * MILLION},
    ),
    (
        "quarters as keys",
        (
            '{"ticker":"ZENTEX","unit":"crore","net_profit":{"Q2 FY26":11,"Q1 FY27":12,"FY26":44},'
            '"eps":{"Q2 FY26":1.0,"Q1 FY27":1.1}}'
        ),
        "ZENTEX",
        {"net_profit_inr": 12 * CRORE, "eps_inr": 1.1},
    ),
    (
        "companies with commas",
        (
            "Company,Ticker,Quarter,Net sales (Rs cr),YoY %,PAT (Rs cr)\nZentex Mills,ZENTEX,Q1FY27,90,4.5,12\n"
            "Omkar Industries,OMKARIND,Q1FY27,55,-2,7\n"
        ),
        "OMKARIND",
        {"revenue_inr": 55 * CRORE, "revenue_yoy_pct": -2, "net_profit_inr": 7 * CRORE},
    ),
    (
        "not among the companies",
        "Company,Quarter,Net sales (Rs cr),PAT (Rs cr)\nZentex Mills,Q1FY27,90,12\nOmkar Indus",
        "OMKARIND",
        {},
    ),
    (
        "growth beside the amount",
        (
            "| Company | Revenue (YoY) | Net profit (YoY) |\n|---|---|---|\n"
            "| **Zentex Mills** (Q1FY27) | ₹90 cr (↑ 4.5%) | ₹12 cr ▼3% |\n"
            "| **Omkar Industries** (Q1FY27) | ₹55 cr (↓ 2%) | ₹7 cr ▲1% |\n"
        ),
        "ZENTEX",
        {
            "revenue_inr": 90 * CRORE,
            "revenue_yoy_pct": 4.5,
            "net_profit_inr": 12 * CRORE,
            "profit_yoy_pct": -3,
        },
    ),
    (
        "quarters below each other",
        (
            "(₹ crore)\n\nQuarter     Revenue   EBITDA   PAT   EPS\nQ4 FY26     88.0      15.0     11.0  1.00\n"
            "Q1 FY27     90.5      16.1     12.0  1.10\n"
        ),
        "ZENTEX",
        {"revenue_inr": 905_000_000, "ebitda_inr": 161_000_000, "net_profit_inr": 12 * CRORE, "eps_inr": 1.1},
    ),
    (
        "two bases side by side",
        (
            "Extract of results for the quarter ended 30th June 2026 (Rs in crore)\n\n"
            "                      Standalone                Consolidated\n"
            "Particulars       30.06.2026  30.06.2025   30.06.2026  30.06.2025\n"
            "Net sales             52.10       50.00        61.30       58.20\n"
            "Net profit after tax   3.20        3.00        (1.40)      (2.10)\n"
        ),
        "ZENTEX",
        {"revenue_inr": 613_000_000, "net_profit_inr": -14_000_000},
    ),
    (
        "letters taken for digits",
        (
            "RESULTS FOR THE QUARTER ENDED 3Oth JUNE, 2026\n( ₹ in Lakhs )\n\n"
            "Particu1ars             Quarter Ended   Quarter Ended\n"
            "                           30-06-2026      30-06-2025\n"
            "                         (Unaud1ted)     (Unaudited)\n"
            "Revenue from 0perations    9,050.10        8,800.00\n"
            "Net Profit after tax       1,200.00        1,150.00\n"
        ),
        "ZENTEX",
        {"revenue_inr": 905_010_000, "net_profit_inr": 120_000_000},
    ),
    (
        "cells that close on the next line",
        (
            "|\nDescription |\nAmount (Rs. in Lakhs) |\n| 1 |\nIncome |\n|\nRevenue from operations |\n9050.0000 |\n"
            "| 9 |\nTotal profit (loss) for period |\n1200.0000 |\n"
        ),
        None,
        {"revenue_inr": 905_000_000, "net_profit_inr": 120_000_000},
    ),
    (
        "a page",
        (
            "<h3>Q1 FY27 (Rs. in crore)</h3>\n<table>\n"
            "<thead><tr><th>&nbsp;</th><th>Q1 FY27</th><th>Q1 FY26</th></tr></thead>\n"
            "<tbody><tr><td>Net sales</td><td>90</td><td>86</td></tr>\n"
            "<tr><td>Net profit</td><td>12</td><td>11</td></tr>\n"
            "</tbody></table>"
        ),
        "ZENTEX",
        {"revenue_inr": 90 * CRORE, "net_profit_inr": 12 * CRORE},
    ),
    (
        "what a page hides",
        (
            "<!-- net profit Rs 900 crore --><p>Q1 FY27: net profit Rs&nbsp;12&nbsp;crore.</p>"
            "<script>pat='900 crore'</script>"
        ),
        "ZENTEX",
        {"net_profit_inr": 12 * CRORE},
    ),
    (
        "rows with empty lines between them",
        (
            "(₹ crore)\n\n| Item | Q1 FY27 | Q1 FY26 |\n\n|---|---|---|\n\n"
            "| Net sales | 90 | 86 |\n\n| Net profit | 12 | 11 |\n"
        ),
        "ZENTEX",
        {"revenue_inr": 90 * CRORE, "net_profit_inr": 12 * CRORE},
    ),
    (
        "an answer within a reply",
        json.dumps(
            {
                "choices": [
                    {"message": {"content": "**Q1 FY27**\n- Revenue: ₹90 crore\n- PAT: (₹4) crore\n- EPS: (₹0.40)"}}
                ]
            }
        ),
        "ZENTEX",
        {"revenue_inr": 90 * CRORE, "net_profit_inr": -4 * CRORE, "eps_inr": -0.4},
    ),
    (
        "one word and a quarter as a heading",
        (
            "KPR Threads Q1FY27 (Cons, YoY)\nRevenue ₹61 crore\nNet profit ₹5 crore\n\n"
            "Zentex Mills Q1FY27 (Cons, YoY)\n"
            "Revenue ₹90 crore\nNet profit ₹12 crore\n\n"
            "Omkar Q1FY27 (Cons, QoQ)\nRevenue up 7% to ₹55 crore\nNet profit ₹7 crore\n"
        ),
        "ZENTEX",
        {"revenue_inr": 90 * CRORE, "net_profit_inr": 12 * CRORE},
    ),
    (
        "clauses of a digest",
        (
            "STOCKS IN FOCUS: Zentex Mills Q1 net profit rises 9% to Rs 12 crore; "
            "Omkar Industries Q1 net profit drops 5% to Rs 7 crore"
        ),
        "OMKARIND",
        {"net_profit_inr": 7 * CRORE, "profit_yoy_pct": -5},
    ),
]


@pytest.mark.parametrize(("text", "symbol", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_shape(text: str, symbol: str | None, expected: Fields) -> None:
    got = read(text, symbol)
    assert {n: float(str(v)) for n, v in got.items()} == {n: float(str(v)) for n, v in expected.items()}


PHRASES: list[tuple[str, Fields]] = [
    ("Highlights (₹ million)\n- Revenue from operations: 812, up 4%\n- PAT 93, up 2%", {"revenue_inr": 812 * MILLION}),
    ("Revenue from operations (excluding excise duty) rose 7% to Rs 83 crore.", {"revenue_inr": 83 * CRORE}),
    ("Revenue ₹90 Cr vs ₹80 Cr ▲ 12.5% YoY", {"revenue_inr": 90 * CRORE, "revenue_yoy_pct": 12.5}),
    ("PAT Rs 12 crore vs Rs 10 crore (+20% YoY)", {"net_profit_inr": 12 * CRORE, "profit_yoy_pct": 20}),
    (
        "Revenue fell 3% year on year, and 8% from the March quarter, to Rs 90 crore.",
        {"revenue_yoy_pct": -3, "revenue_qoq_pct": -8},
    ),
    (
        "It had a net profit of Rs 12 crore, or Rs 1.10 per share, against Rs 9 crore, or Rs 0.80 a share.",
        {"eps_inr": 1.1},
    ),
    ("Net profit was Rs 12 crore, which was 31 per cent higher than Rs 9 crore a year ago.", {"profit_yoy_pct": 31}),
    (
        (
            "PAT was Rs 12 crore, a decline of 2% over the preceding quarter, "
            "while it was up 5% over the same quarter last year."
        ),
        {"profit_qoq_pct": -2, "profit_yoy_pct": 5},
    ),
    ("Company ne Rs 90 crore ka revenue kamaya.", {"revenue_inr": 90 * CRORE}),
    ("- Yarn revenue: Rs 40 crore, EBITDA Rs 4 crore\n- EBITDA: Rs 16 crore", {"ebitda_inr": 16 * CRORE}),
    ("- Home Linen (Zen, Tex): revenue Rs 40 crore\n- Revenue: Rs 90 crore", {"revenue_inr": 90 * CRORE}),
    ("Net profit was somewhere between Rs 10 crore and Rs 12 crore.", {}),
]


@pytest.mark.parametrize(("words", "expected"), PHRASES)
def test_a_phrase(words: str, expected: Fields) -> None:
    got = read(f"Zentex, Q1 FY27.\n\n{words}\n", "ZENTEX")
    assert {n: float(str(got[n])) for n in expected if n in got} == {n: float(str(v)) for n, v in expected.items()}
    assert expected or not got


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The company has scheduled its board meeting for August 6, 2026 to consider the results.", "2026-08-06"),
        ("Results for Q2 FY27 will be considered on 6 November 2026.", "2026-11-06"),
        ("Ahead of its results due on 6 November 2026, the stock rose.", "2026-11-06"),
        ("The board meeting was held on August 6, 2026.", None),
    ],
)
def test_the_next_date(text: str, day: str | None) -> None:
    assert parse_earnings(text, None).record.next_earnings_date == day


@pytest.mark.parametrize(
    ("text", "year", "quarter"),
    [
        ("Q4 and FY26 results", 2026, 4),
        ("Q2 & H1 FY27", 2027, 2),
        ("Q3 and 9M FY26", 2026, 3),
        ("Q1 and FY26", None, 1),
    ],
)
def test_a_quarter_beside_the_longer_period(text: str, year: int | None, quarter: int) -> None:
    first = find_periods(text)[0]
    assert (first.year, first.quarter) == (year, quarter)


def test_another_company_is_told_by_its_country_or_its_group() -> None:
    assert surely_company("Bata India")
    assert not surely_company("North India")
    assert not like_company("2026-08-10 Pune-headquartered")
    assert not matches("RELIANCE", "Reliance Retail")
    assert matches("RELIANCE", "Reliance Industries")
    told = "Bata India reported a net profit of Rs 13 crore for Q1 FY27."
    assert read(told, "ZENTEX") == {}


def test_a_flag_tells_the_basis() -> None:
    told = '{"symbol":"ZENTEX","quarter":"Q1 FY27","consolidated":true,"pat_cr":12}'
    assert parse_earnings(told, "ZENTEX").record.basis == "consolidated"
    assert parse_earnings("Zentex Q1 FY27 (Cons, YoY): PAT Rs 12 crore\n", "ZENTEX").record.basis == "consolidated"


def test_wrapped_lines_are_one_in_as_many_characters() -> None:
    told = "The mill made a consolidated net profit of Rs 12 crore in the first\nquarter of the year, up 9 per cent.\n"
    assert unwrapped(told) == told.replace("first\nquarter", "first quarter")
    listed = "Zentex Mills Q1 net profit rises 9% to Rs 12 crore today\n"
    listed += "Omkar Industries Q1 net profit drops 5% to Rs 7 crore now\n"
    assert unwrapped(listed) == listed
    rows = (
        "Particulars of the statement of results      30.06.2026\nnet sales of the company and its units       90.00\n"
    )
    assert unwrapped(rows) == rows


def test_an_answer_is_laid_open_in_as_many_characters() -> None:
    wrapped = json.dumps({"answer": "Profit:\n₹5 crore up\tthen 😀"})
    plain = unescaped(wrapped)
    assert len(plain) == len(wrapped)
    assert plain.split() == ["Profit:", "₹5", "crore", "up", "then", "\ufffd", "\ufffd"]
    articles = json.dumps({"articles": [{"title": "A title that is long enough to matter", "content": "a\nb"}]})
    assert unescaped(articles) == articles
    assert unescaped("no wrapper \\n at all") == "no wrapper \\n at all"


def test_keys_that_may_be_words_are_no_block() -> None:
    blocks = find_keyed(KEYED, [])
    assert len(blocks) == 1
    found = {path: node.text for path, node in leaves(blocks[0].node)}
    assert found["period", "quarter"] == "Q3"
    assert found["per_share", "final_dividend"] == "4.5"
    assert find_keyed(KEYED, [(0, len(KEYED))]) == []
    assert find_keyed("Revenue: ₹5 crore\nProfit: ₹1 crore\nEPS: 2\nNote: none\n", []) == []
    assert find_keyed("a_b: 1\nc_d: 2\n", []) == []


def test_tables_go_on_and_stop() -> None:
    two = "| a | b |\n|---|---|\n| c | 1 |\n\n| d | e |\n|---|---|\n| f | 2 |\n"
    assert [len(t.rows) for t in find_tables(two)] == [2, 2]
    tabs = "Item\tValue\nNet profit\tRs 12 crore, up 9%\n"
    assert [len(t.rows) for t in find_tables(tabs)] == [2]
    bare = "Item | Q1 FY27 | Q1 FY26\n | 90 | 86\nSales | 1 | 2\n"
    assert [len(r) for t in find_tables(bare) for r in t.rows] == [3, 3, 3]
    assert joined_cells("| a |\n\n| b |") == "| a |\n\n| b |"
