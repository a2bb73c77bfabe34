"""By how many percent the profit was above or below what analysts expected: as written, never computed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings

HEAD = "Zentex Q2 FY26 results. "


def surprise(text: str) -> Decimal | None:
    return parse_earnings(text, "ZENTEX").record.surprise_pct


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Net profit of Rs 90 crore beat analysts' estimates by 6.2%.", "6.2"),
        ("Net profit of Rs 90 crore topped the consensus by about 3 per cent.", "3"),
        ("Net profit missed Street estimates by 4.5%.", "-4.5"),
        ("Profit fell short of expectations by 2%.", "-2"),
        ("PAT was Rs 90 crore, 5% below expectations.", "-5"),
        ("PAT was Rs 90 crore, 7.1% ahead of our estimate.", "7.1"),
        ("EPS of Rs 9 against a consensus of Rs 8.5 (surprise: +5.9%).", "5.9"),
        ("A positive earnings surprise of 3.3% cheered investors.", "3.3"),
        ("A negative earnings surprise of 3.3% hurt the stock.", "-3.3"),
        ("Earnings surprise: -1.5%", "-1.5"),
        ("EPS surprise (%): (2.5)%", "-2.5"),
        ("Earnings delivered a 4% beat.", "4"),
    ],
)
def test_a_stated_surprise_is_read(words: str, expected: str) -> None:
    assert surprise(HEAD + words) == Decimal(expected)


@pytest.mark.parametrize(
    "words",
    [
        "Revenue of Rs 900 crore beat estimates by 6.2%.",
        "EBITDA came in 3% above estimates.",
        "Net interest income was 2% below expectations.",
        "Revenue surprise: 2.1%",
        "Net profit of Rs 90 crore beat the estimate of Rs 85 crore.",
        "Net profit rose 6.2% to Rs 90 crore, above estimates.",
        "Net profit was in line with estimates; revenue grew 2%, below expectations.",
        "The stock rose 4% after net profit beat estimates.",
        "Net profit beat last year's by 12%.",
    ],
)
def test_nothing_else_is_a_surprise(words: str) -> None:
    assert surprise(HEAD + words) is None


def test_the_surprise_is_no_growth() -> None:
    record = parse_earnings(HEAD + "Net profit was 12% higher than analysts' expectations.", "ZENTEX").record
    assert (record.surprise_pct, record.profit_yoy_pct) == (12, None)


def test_profit_comes_before_eps() -> None:
    assert surprise(HEAD + "EPS beat estimates by 3.9% and net profit beat estimates by 4.2%.") == Decimal("4.2")


def test_two_different_surprises_leave_it_empty() -> None:
    result = parse_earnings(HEAD + "PAT beat estimates by 4%. PAT beat estimates by 9%.", "ZENTEX")
    assert result.record.surprise_pct is None
    assert any("surprise_pct" in w for w in result.warnings)


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ('"surprise_pct": -2.25', "-2.25"),
        ('"eps_surprise_percent": 6.7', "6.7"),
        ('"epsSurprisePct": "4%"', "4"),
        ('"earnings_surprise": "+3.5%"', "3.5"),
        ('"earnings_surprise": "beat by 3.5%"', "3.5"),
        ('"earnings_surprise": "missed by 1.25%"', "-1.25"),
        ('"profit_miss_pct": 2', "-2"),
        ('"surprise": {"eps_surprise_pct": 1.5, "revenue_surprise_pct": 9}', "1.5"),
        ('"earnings_surprise": "₹0.6"', None),
        ('"earnings_surprise": 0.6', None),
        ('"revenue_surprise_pct": 3', None),
        ('"previous_quarter": {"surprise_pct": 3}', None),
        ('"surprise_pct": null', None),
        ('"surprise_pct": 9999', None),
    ],
)
def test_keys_of_json(pair: str, expected: str | None) -> None:
    text = f'{{"symbol": "ZENTEX", "fiscal_year": 2026, "fiscal_quarter": 2, "eps_inr": 9.5, {pair}}}'
    assert surprise(text) == (Decimal(expected) if expected else None)


def test_a_column_of_a_table() -> None:
    head = HEAD + "\n\n| Metric | Actual | Estimate | Surprise |\n|---|---|---|---|\n"
    assert surprise(head + "| Revenue (₹ crore) | 900 | 880 | 2.3% |\n| EPS (₹) | 9.5 | 9.0 | 5.6% |\n") == Decimal(
        "5.6"
    )


def test_where_it_was_read() -> None:
    text = HEAD + "Net profit missed estimates by 4.5%."
    source = parse_earnings(text, "ZENTEX").record.sources["surprise_pct"]
    assert (source.layer, source.words) == ("regex", "4.5%")
    assert text[source.offset : source.offset + 4] == "4.5%"
    text = '{"symbol": "ZENTEX", "surprise_pct": 2.5}'
    source = parse_earnings(text, "ZENTEX").record.sources["surprise_pct"]
    assert (source.layer, source.words, source.offset) == ("structured", "2.5", text.index("2.5"))
