"""Each layer alone, and how they are put together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.parsers.earnings_basic import read_basic
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact, Reading
from robotrader.core.background_scheduler.parsers.earnings_heads import head_items, make_columns
from robotrader.core.background_scheduler.parsers.earnings_keys import meaning
from robotrader.core.background_scheduler.parsers.earnings_lexer import periods_of, tokens
from robotrader.core.background_scheduler.parsers.earnings_prose import read_sentence
from robotrader.core.background_scheduler.parsers.earnings_regex import Body, read_regex
from robotrader.core.background_scheduler.parsers.earnings_rows import kind_only, read_head, row_label
from robotrader.core.background_scheduler.parsers.earnings_state import Context
from robotrader.core.background_scheduler.parsers.earnings_structured import read_structured
from robotrader.core.background_scheduler.parsers.json_text import find_json
from robotrader.core.background_scheduler.parsers.text import json_view, prose_view, raw_view

CRORE = 10**7


def structured(text: str, symbol: str | None = None) -> Reading:
    return read_structured(find_json(json_view(text), raw_view(text)), symbol)[0]


def regex(text: str) -> dict[str, object]:
    marks = raw_view(text)
    return {k: f.value for k, f in read_regex(Body(prose_view(marks), marks)).fields.items()}


def prose(text: str, context: Context | None = None) -> dict[str, object]:
    view = prose_view(raw_view(text))
    facts, _ = read_sentence(tokens(view, 0, len(view), periods_of(view)), context or Context(), view)
    found: dict[str, object] = {}
    for fact in facts:
        found.setdefault(fact.field, fact.value)
    return found


@pytest.mark.parametrize(
    ("path", "field", "rank", "power"),
    [
        ("revenue", "revenue_inr", 0, None),
        ("latest_quarter/revenue_actual", "revenue_inr", 0, None),
        ("totalIncome", "revenue_inr", 2, None),
        ("net_profit_crore", "net_profit_inr", 0, 7),
        ("pat_in_lakhs", "net_profit_inr", 0, 5),
        ("revenue_lakh_crore", "revenue_inr", 0, 12),
        ("ebitda/value", "ebitda_inr", 0, None),
        ("eps/diluted", "eps_inr", 2, None),
        ("net_loss", "net_loss", 0, None),
        ("pat_margin", "net_margin_pct", 0, None),
        ("growth_rates/revenue_yoy", "revenue_yoy_pct", 0, None),
        ("revenue_growth", "revenue_yoy_pct", 0, None),
        ("net_profit/qoq_growth", "profit_qoq_pct", 0, None),
        ("final_dividend_per_share", "dividend_per_share_inr", 0, None),
        ("total_dividend_fy26_per_share", "dividend_per_share_inr", 1, None),
    ],
)
def test_keys_and_their_meaning(path: str, field: str, rank: int, power: int | None) -> None:
    found = meaning(tuple(path.split("/")))
    assert found is not None
    assert (found.field, found.rank, found.power) == (field, rank, power)


@pytest.mark.parametrize(
    "path",
    [
        "revenue_estimated",
        "eps_estimate",
        "previous_quarter/revenue",
        "net_profit_previous_year",
        "annual/net_profit",
        "h1/revenue",
        "ebitda_margin",
        "operating_profit",
        "net_interest_income",
        "profit_before_tax",
        "revenue_guidance",
        "segments/retail/revenue",
        "dividend_yield",
        "ebitda_growth_yoy",
        "revenue_growth_cagr",
        "market_cap",
        "",
    ],
)
def test_keys_of_something_else(path: str) -> None:
    assert meaning(tuple(path.split("/")) if path else ()) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"unit": "₹ Crores", "revenue": "1,250"}', 1250 * CRORE),
        ('{"unit": "lakhs", "revenue": 1250}', 125_000_000),
        ('{"revenue_crore": 1250}', 1250 * CRORE),
        ('{"revenue": 12500000000}', 12_500_000_000),
        ('{"revenue": 1.25e10}', 12_500_000_000),
        ('{"revenue": "₹1,250 crore"}', 1250 * CRORE),
        ('{"revenue": "Rs 1,250 crore (consolidated)"}', 1250 * CRORE),
        ('{"revenue": "₹1,250 crore, up 4%"}', 1250 * CRORE),
        ('{"revenue_inr": 12500000}', 12_500_000),
        ('{"revenue": 1250}', None),
        ('{"revenue_inr": 1250}', None),
        ('{"revenue": "N/A"}', None),
        ('{"revenue": "₹1,200-1,300 crore"}', None),
        ('{"revenue": "$125 million"}', None),
        ('{"currency": "USD", "unit": "million", "revenue": 1250}', None),
        ('{"revenue": NaN}', None),
    ],
)
def test_units_in_json(text: str, value: int | None) -> None:
    fact = structured(text).fields.get("revenue_inr")
    assert (fact.value if fact else None) == value


def test_no_company_has_that_much() -> None:
    result = parse_earnings('{"quarter": "Q1 FY27", "revenue": 1250000000000000000000000}')
    assert result.record.revenue_inr is None
    assert "more than any company" in result.warnings[0]


def test_small_rupee_amounts_count_beside_a_large_one() -> None:
    fields = structured('{"revenue": 450000000, "net_profit": -2300000}').fields
    assert fields["net_profit_inr"].value == -2_300_000


def test_a_lost_unit_is_told() -> None:
    assert "no unit" in structured('{"revenue": 4933.25}').warnings[0]
    assert "not in rupees" in structured('{"revenue": "$12 million"}').warnings[0]
    assert "cut" in structured('{"eps": 5, "revenue": "₹12').warnings[0]


def test_the_sign_of_a_loss_in_json() -> None:
    for text in (
        '{"net_loss": "₹22 crore"}',
        '{"profit": "loss of ₹22 crore"}',
        '{"pat": "(₹22 crore)"}',
        '{"pat": "-₹22 Cr"}',
    ):
        assert structured(text).fields["net_profit_inr"].value == -22 * CRORE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("+6%", "6"),
        ("-2.7%", "-2.7"),
        ("12.5", "12.5"),
        ("(3.8)%", "-3.8"),
        ("up 5%", "5"),
        ("down 5% YoY", "-5"),
        ("~8%", "8"),
    ],
)
def test_growth_in_json(text: str, value: str) -> None:
    assert structured(f'{{"revenue_yoy": "{text}"}}').fields["revenue_yoy_pct"].value == Decimal(value)


@pytest.mark.parametrize("text", ["flat", "5-6%", "margin up 5%", "n/a", "up 5% from 4%"])
def test_growth_that_is_none(text: str) -> None:
    assert "revenue_yoy_pct" not in structured(f'{{"revenue_yoy": "{text}"}}').fields


@pytest.mark.parametrize(
    ("text", "year", "quarter"),
    [
        ('{"quarter": "Q2", "fiscal_year": "FY2526"}', 2026, 2),
        ('{"fiscal_quarter": 3, "fiscal_year": 2026}', 2026, 3),
        ('{"period": "Q3 FY2024-25"}', 2025, 3),
        ('{"period_end": "2025-12-31"}', 2026, 3),
        ('{"quarter_ended": "September 2025"}', 2026, 2),
        ('{"quarter": "quarter ended June 30, 2026"}', 2027, 1),
        ('{"fiscal_year": "2025-26"}', 2026, None),
        ('{"next_quarter": "Q3 FY26"}', None, None),
        ('{"fiscal_year": "26"}', None, None),
    ],
)
def test_periods_in_json(text: str, year: int | None, quarter: int | None) -> None:
    fields = structured(text).fields
    assert (fields["fiscal_year"].value if "fiscal_year" in fields else None) == year
    assert (fields["fiscal_quarter"].value if "fiscal_quarter" in fields else None) == quarter


def test_which_company_of_json() -> None:
    two = '{"stocks": {"AAA": {"eps": 1}, "BBB": {"eps": 2}}}'
    assert structured(two, "BBB").fields["eps_inr"].value == 2
    assert structured(two, "CCC").fields == {}
    assert structured(two).fields == {}
    assert structured('{"stocks": {"AAA": {"eps": 1}}}').fields["eps_inr"].value == 1
    rows = '[{"ticker": "AAA", "eps": 1}, {"ticker": "BBB", "eps": 2}]'
    assert structured(rows, "AAA").fields["eps_inr"].value == 1
    assert structured(rows, "CCC").fields == {}
    assert structured(rows).fields == {}
    assert structured('{"data": [{"ticker": "AAA", "eps": 1}]}', "AAA").fields["eps_inr"].value == 1
    assert structured('{"symbol": "AAA", "eps": 1}', "BBB").fields == {}
    assert structured('{"symbol": "NSE:AAA", "eps": 1}', "AAA").fields["eps_inr"].value == 1
    assert structured('"AAA": {"eps": 1}, "BBB": {"eps": 2}', "BBB").fields["eps_inr"].value == 2


def test_the_richest_block_wins_and_others_fill() -> None:
    text = '{"quarter": "Q1 FY27", "eps": null} {"quarter": "Q1 FY27", "eps": 2, "pat_cr": 5} {"period": "Q4 FY26"}'
    fields = structured(text).fields
    assert (fields["eps_inr"].value, fields["fiscal_quarter"].value) == (2, 1)


def test_news_dates_are_report_dates_only_with_their_day() -> None:
    article = (
        '{{"title": "x", "publishedAt": "2026-07-22T08:00:00Z", "content": "Acme reported a rise in profit on {}."}}'
    )
    assert structured(article.format("Wednesday")).fields["report_date"].value == "2026-07-22"
    assert structured(article.format("July 22")).fields["report_date"].value == "2026-07-22"
    assert "report_date" not in structured(article.format("Monday")).fields
    assert "report_date" not in structured('{"title": "x", "date": "2026-07-22", "url": "y"}').fields


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Net profit rose 5% to Rs 20 crore", {"profit_yoy_pct": 5, "net_profit_inr": 20 * CRORE}),
        ("Net profit fell to Rs 20 crore", {"net_profit_inr": 20 * CRORE}),
        ("net loss of Rs 20 crore", {"net_profit_inr": -20 * CRORE}),
        ("PAT: (₹20 crore)", {"net_profit_inr": -20 * CRORE}),
        ("PAT down 5% (₹20 crore)", {"profit_yoy_pct": -5, "net_profit_inr": 20 * CRORE}),
        ("EBITDA slipped to INR 20 crore loss", {"ebitda_inr": -20 * CRORE}),
        ("a 5% year-on-year revenue increase to ₹20 crore", {"revenue_yoy_pct": 5, "revenue_inr": 20 * CRORE}),
        ("revenue ↓45% YoY, net loss ₹20 cr", {"revenue_yoy_pct": -45, "net_profit_inr": -20 * CRORE}),
        ("profit up 4.6% YoY and down 2.7% QoQ", {"profit_yoy_pct": Decimal("4.6"), "profit_qoq_pct": Decimal("-2.7")}),
        ("EPS of Rs 12.40 against Rs 11", {"eps_inr": Decimal("12.40")}),
        ("diluted EPS ₹9", {"eps_inr": 9}),
        ("PAT margin improved to 9.1% from 8%", {"net_margin_pct": Decimal("9.1")}),
        ("net profit more than doubled to ₹20 crore", {"net_profit_inr": 20 * CRORE}),
        ("₹20 crore revenue and ₹2 crore PAT", {"revenue_inr": 20 * CRORE, "net_profit_inr": 2 * CRORE}),
        ("Revenue 18% YoY growth", {"revenue_yoy_pct": 18}),
    ],
)
def test_sentences(text: str, expected: dict[str, object]) -> None:
    assert prose(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "profit before tax of ₹20 crore",
        "operating profit rose 5% to ₹20 crore",
        "NII rose 5% to ₹20 crore",
        "EBITDA margin 20%",
        "EBITDA per tonne ₹5,000",
        "retail revenue of ₹20 crore",
        "Retail revenue: ₹20 crore",
        "advertising revenue was ₹20 crore",
        "revenue guidance of ₹20 crore",
        "expects revenue of ₹20 crore",
        "revenue of ₹20 crore expected",
        "against net profit of ₹20 crore",
        "versus estimates of ₹20 crore net profit",
        "other income of ₹20 crore",
        "revenue from exports was ₹20 crore",
        "order book of ₹20 crore",
        "51% of revenue",
        "revenue CAGR of 5%",
        "profit of ₹18-20 crore",
        "profit margin moved 5%, up from nowhere",
        "EPS (face value of ₹10 each)",
        "15%+ YoY revenue growth",
        "revenue rose 5% in constant currency",
    ],
)
def test_sentences_without_a_figure(text: str) -> None:
    assert {k: v for k, v in prose(text).items() if ":" not in k and k != "net_margin_pct"} == {}


@pytest.mark.parametrize(
    ("label", "field", "rank"),
    [
        ("(a) Revenue from operations", "revenue_inr", 0),
        ("II Total income from operations (net)", "revenue_inr", 0),
        ("Net sales", "revenue_inr", 0),
        ("Total revenue", "revenue_inr", 1),
        ("3. Total income (1+2)", "revenue_inr", 3),
        ("Net Profit / (Loss) for the period after tax (after exceptional items)", "net_profit_inr", 0),
        ("Profit for the period (7-8)", "net_profit_inr", 0),
        ("Net profit (before non-controlling interests)", "net_profit_inr", 0),
        ("Net profit (after non-controlling interests)", "net_profit_inr", 1),
        ("Net profit attributable to owners of the parent", "net_profit_inr", 2),
        ("Net Profll/(loss) for the period after tax", "net_profit_inr", 0),
        ("EBITDA", "ebitda_inr", 0),
        ("Operating EBITDA", "ebitda_inr", 1),
        ("Earnings before interest, depreciation and tax", "ebitda_inr", 1),
        ("Basic EPS (₹)", "eps_inr", 0),
        ("Diluted EPS (₹)", "eps_inr", 2),
        ("PAT Margin (%)", "net_margin_pct", 0),
        ("Revenue growth (QoQ)", "revenue_qoq_pct", 0),
        ("Dividend per share (₹)", "dividend_per_share_inr", 1),
    ],
)
def test_labels_of_rows(label: str, field: str, rank: int) -> None:
    found = row_label(label)
    assert found is not None
    assert (found.field, found.rank) == (field, rank)


@pytest.mark.parametrize(
    "label",
    [
        "Other income",
        "Profit before tax",
        "Net Profit for the period before Tax (after exceptional items)",
        "Total comprehensive income",
        "Operating profit",
        "EBITDA margin",
        "EBITDA per MT (₹)",
        "Segment revenue",
        "Share of profit of associates",
        "EPS growth",
        "Dividend yield",
        "Interest income",
        "EBITDA growth",
        "12",
    ],
)
def test_labels_of_other_rows(label: str) -> None:
    assert row_label(label) is None


def test_heads_of_columns() -> None:
    assert (read_head("Quarter ended 31.12.2025 (Unaudited)").period or Context()).__class__.__name__ == "Period"
    known = read_head("31-Dec-25", "quarter").period
    assert known is not None
    assert (known.kind, known.year, known.quarter) == ("quarter", 2026, 3)
    assert read_head("31-Dec-25").period is None
    assert read_head("Dec 2025").period is None
    assert read_head("Dec 2025", spaced=True).period is not None
    nine = read_head("31-Dec-25", "nine").period
    assert nine is not None
    assert (nine.kind, nine.quarter) == ("nine", None)
    assert (read_head("YoY %").against, read_head("Q3 FY26 vs Q2 FY26 growth").against) == ("yoy", "qoq")
    assert read_head("Growth").against is None
    assert read_head("Standalone").basis == "standalone"
    assert read_head("31 January 2026", "quarter").period is None
    assert [
        kind_only(w) for w in ("Quarter ended", "Nine Months", "F.Y. Ended", "Half year ended", "YTD", "Sales", "")
    ] == [
        "quarter",
        "nine",
        "year",
        "half",
        "other",
        None,
        None,
    ]


def columns_of(text: str) -> list[tuple[str, int | None] | None]:
    items = [i for line in text.split("\n") for i in head_items(line, 0, len(line))]
    return [(c.period.kind, c.period.quarter) if c.period else None for c in make_columns(items)]


def test_heads_in_a_stream() -> None:
    assert columns_of("Q2 FY26\nQ2 FY25\nYoY") == [("quarter", 2), ("quarter", 2), None]
    assert columns_of("Quarter\nNine Months\nended\n31.12.2025\n31.12.2025") == [("quarter", 3), ("nine", None)]
    assert columns_of("2025-26 2024-25\nOct-Dec Oct-Dec") == [("quarter", 3), ("quarter", 3)]
    three = "Quarter ended Nine months ended\n31.12.2025 30.09.2025 31.12.2025 31.12.2024"
    assert columns_of(three) == [("quarter", 3), ("quarter", 2), ("nine", None), ("nine", None)]
    year = "Quarter ended Year ended\n30.06.2026 31.03.2026 30.06.2025 31.03.2026"
    assert columns_of(year) == [("quarter", 1), ("quarter", 4), ("quarter", 1), ("year", None)]
    assert columns_of("31.12.2025 31.12.2024") == []
    assert columns_of("Revenue 1,200 900") == []


def test_the_regex_layer_alone() -> None:
    assert regex("") == {}
    found = regex("Q2 FY26 consolidated net profit was ₹20 crore.")
    assert (found["net_profit_inr"], found["fiscal_quarter"], found["basis"]) == (20 * CRORE, 2, "consolidated")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "Net profit, carried by a strong festive showing across all of its many stores, reached ₹20 crore.",
            {"net_profit_inr"},
        ),
        ("The EPS for shareholders this time around worked out at about ₹7.5.", {"eps_inr"}),
        ("Net profit ₹20 crore. Net profit ₹30 crore.", set()),
        ("Net profit was ₹20 crore from ₹30 crore.", set()),
        ("Net profit of the paints division was ₹20 crore.", set()),
        ("FY26 net profit was ₹20 crore.", set()),
        ("| Net profit | ₹20 crore |", set()),
    ],
)
def test_the_basic_layer_alone(text: str, fields: set[str]) -> None:
    marks = raw_view(text)
    assert set(read_basic(prose_view(marks), marks).fields) == fields


def test_a_later_layer_fills_only_what_is_empty() -> None:
    answer = '{"symbol": "ACME", "quarter": "Q2 FY26", "pat_cr": 20}'
    text = f"```json\n{answer}\n```\nQ2 FY26 net profit was ₹99 crore and revenue ₹300 crore."
    record = parse_earnings(text, "ACME").record
    assert (record.net_profit_inr, record.revenue_inr) == (20 * CRORE, 300 * CRORE)
    assert (record.sources["net_profit_inr"].layer, record.sources["revenue_inr"].layer) == ("structured", "regex")


def test_prose_of_another_period_does_not_fill() -> None:
    answer = '{"symbol": "ACME", "quarter": "Q2 FY26", "pat_cr": 20}'
    text = f"{answer} In Q1 FY26 revenue was ₹300 crore. EBITDA was ₹40 crore."
    record = parse_earnings(text, "ACME").record
    assert (record.revenue_inr, record.ebitda_inr) == (None, None)


def test_the_basic_layer_reports_itself() -> None:
    text = "Net profit, carried by a strong festive showing across all of its many stores, reached ₹20 crore."
    result = parse_earnings(text)
    assert (result.strategy, result.record.net_profit_inr) == ("basic", 20 * CRORE)


def test_the_symbol_asked_for_is_cited_where_it_stands() -> None:
    record = parse_earnings("ACME Q2 FY26: PAT ₹20 crore", "NSE:ACME").record
    assert (record.symbol, record.sources["symbol"].offset) == ("ACME", 0)
    assert parse_earnings("Q2 FY26: PAT ₹20 crore", "ACME").record.sources["symbol"].offset == -1


def test_a_long_text_says_what_is_read() -> None:
    result = parse_earnings("\n" * 9 + "Q2 FY26 PAT ₹20 crore.\n" + "x " * 90_000)
    assert result.record.net_profit_inr == 20 * CRORE
    assert result.record.sources["net_profit_inr"].offset == 21
    assert "long" in result.warnings[0]


def test_one_fact_is_the_same_fact() -> None:
    assert Fact("a", 1, 0, 1) == Fact("a", 1, 0, 1)
