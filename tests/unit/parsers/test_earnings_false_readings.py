"""Figures that stand in a text and are not the asked company's figures of the reported quarter."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings

_CRORE = Decimal(10) ** 7
_FIGURES = ("revenue_inr", "net_profit_inr", "ebitda_inr", "eps_inr")


def _read(text: str, symbol: str = "ZENTEX") -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: getattr(record, n) for n in _FIGURES if getattr(record, n) is not None}


@pytest.mark.parametrize(
    "sentence",
    [
        "Net profit a year earlier was Rs 812 crore.",
        "Last year net profit stood at Rs 812 crore.",
        "The corresponding quarter of last year had net profit of Rs 812 crore.",
        "In the previous quarter, net profit was Rs 790 crore and revenue Rs 5,100 crore.",
        "In the year-ago quarter EPS was Rs 9.40 and revenue Rs 4,980 crore.",
        "Revenue in the preceding quarter was Rs 5,100 crore.",
        "Net profit stood at Rs 812 crore in the same quarter last year.",
    ],
)
def test_earlier_period_is_not_read(sentence: str) -> None:
    assert _read(f"ZENTEX Q2 FY26 results. {sentence}") == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "Net profit was Rs 900 crore against Rs 812 crore a year ago.",
        "Net profit was Rs 900 crore compared with Rs 812 crore in the corresponding quarter of last year.",
        "Net profit of Rs 900 crore was up 11% from a year ago.",
        "Net profit of Rs 900 crore. In the year-ago quarter EPS was Rs 9.40.",
    ],
)
def test_current_figure_beside_earlier_one_is_read(sentence: str) -> None:
    assert _read(f"ZENTEX Q2 FY26 results. {sentence}") == {"net_profit_inr": 900 * _CRORE}


def test_growth_over_a_year_ago_stays() -> None:
    record = parse_earnings("ZENTEX Q2 FY26 results. Net profit was up 11% from a year ago.", "ZENTEX").record
    assert record.profit_yoy_pct == Decimal(11)


_HEADS = [
    ("Sep-24", "Sep-25"),
    ("30.09.2024", "30.09.2025"),
    ("30-09-2024", "30-09-2025"),
    ("30/09/2024", "30/09/2025"),
    ("Sep 30, 2024", "Sep 30, 2025"),
    ("30 Sep 2024", "30 Sep 2025"),
]


@pytest.mark.parametrize(("old", "new"), _HEADS)
@pytest.mark.parametrize("title", ["ZENTEX Q2 FY26 results", "ZENTEX results"])
def test_dated_columns_oldest_first(title: str, old: str, new: str) -> None:
    table = f"| Particulars (Rs crore) | {old} | {new} |\n|---|---|---|\n| Net profit | 812 | 900 |\n"
    result = parse_earnings(f"{title}\n\n{table}", "ZENTEX")
    assert result.record.net_profit_inr == 900 * _CRORE
    assert result.record.report_date is None


def test_stated_quarter_beats_the_newest_column() -> None:
    table = "| Particulars (Rs crore) | 30.06.2025 | 30.09.2025 |\n|---|---|---|\n| Net profit | 812 | 900 |\n"
    assert _read(f"ZENTEX Q1 FY26 results\n\n{table}") == {"net_profit_inr": 812 * _CRORE}


@pytest.mark.parametrize(
    ("title", "old", "new"),
    [
        ("ZENTEX Q2 FY26 results", "09/30/2024", "09/30/2025"),
        ("ZENTEX Q3 FY26 results", "30.09.2024", "30.09.2025"),
    ],
)
def test_dates_without_the_period_give_nothing(title: str, old: str, new: str) -> None:
    table = f"| Particulars (Rs crore) | {old} | {new} |\n|---|---|---|\n| Net profit | 812 | 900 |\n"
    assert _read(f"{title}\n\n{table}") == {}


@pytest.mark.parametrize(
    "sentence",
    [
        "Net profit was not Rs 950 crore.",
        "ZENTEX denied reports that its net profit was Rs 950 crore.",
        "ZENTEX did not report a net profit of Rs 950 crore.",
    ],
)
def test_denied_figure_is_not_read(sentence: str) -> None:
    assert _read(f"ZENTEX Q2 FY26 results. {sentence}") == {}


@pytest.mark.parametrize(
    "text",
    [
        "ZENTEX Q2 FY26: EPS 940 paise.",
        "ZENTEX Q2 FY26 net profit was Rs 5.1 thousand crore.",
        "ZENTEX Q2 FY26 net profit Rs 812 million crore.",
        "ZENTEX Q2 FY26 net profit Rs 8,12 4 crore.",
        "ZENTEX Q2 FY26 EPS Rs 9.4.0.",
        '{"symbol": "ZENTEX", "fiscal_year": 2026, "fiscal_quarter": 2, "revenue_inr_crore": "51.2 thousand"}',
    ],
)
def test_unclear_unit_is_left_out_with_a_warning(text: str) -> None:
    assert _read(text) == {}
    assert parse_earnings(text, "ZENTEX").warnings


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("ASIANPAINT", "Berger Paints India reported Q2 FY26 consolidated net profit of Rs 210 crore"),
        ("SBIN", "Berger Paints India reported Q2 FY26 consolidated net profit of Rs 210 crore"),
        ("HDFCBANK", "HDFC Asset Management Company reported Q2 FY26 net profit of Rs 700 crore"),
        ("BAJFINANCE", "Bajaj Housing Finance reports Q2 FY26 net profit of Rs 640 crore"),
        ("ITC", "ITC Hotels Q2 FY26 net profit Rs 130 crore"),
    ],
)
def test_another_company_gives_nothing(symbol: str, text: str) -> None:
    assert _read(text, symbol) == {}


@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        ("BERGEPAINT", "Berger Paints India reported Q2 FY26 net profit of Rs 210 crore"),
        ("HDFCAMC", "HDFC Asset Management Company reported Q2 FY26 net profit of Rs 210 crore"),
        ("ITC", "ITC Q2 FY26 net profit Rs 210 crore"),
        ("BAJFINANCE", "Bajaj Finance reports Q2 FY26 net profit of Rs 210 crore"),
    ],
)
def test_the_company_itself_is_read(symbol: str, text: str) -> None:
    assert _read(text, symbol) == {"net_profit_inr": 210 * _CRORE}


def test_rival_in_the_next_clause_is_not_read() -> None:
    text = "Infosys Q2 FY26 net profit was Rs 7,100 crore; rival TCS made Rs 12,000 crore with EPS of Rs 33"
    assert _read(text, "INFY") == {"net_profit_inr": 7100 * _CRORE}


@pytest.mark.parametrize("words", ["Q5 FY26", "Q2 FY2062"])
def test_impossible_period_is_none(words: str) -> None:
    record = parse_earnings(f"ZENTEX {words} net profit was Rs 900 crore", "ZENTEX").record
    assert (record.fiscal_year, record.fiscal_quarter, record.period_end) == (None, None, None)
