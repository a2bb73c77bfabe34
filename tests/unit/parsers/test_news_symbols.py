"""Whose news: with a symbol, stories plainly of another company are left out; a doubtful one is kept."""

from __future__ import annotations

import json

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news

LIST = """1. Infosys bags $1.6 billion deal from UK body (Reuters, 12 Jan 2026)
2. TCS Q3 profit rises 5% (Mint, 11 Jan 2026)
3. IT stocks rally as the sector index gains 2% (Reuters, 10 Jan 2026)
4. HDFC Bank raises deposit rates (Mint, 9 Jan 2026)
5. Wipro, Infosys win joint order from Airbus (Mint, 8 Jan 2026)
6. Tata Consultancy Services hires 500 people in Pune (Mint, 7 Jan 2026)
"""


@pytest.mark.parametrize(
    ("symbol", "numbers"),
    [(None, [1, 2, 3, 4, 5, 6]), ("TCS", [2, 3, 6]), ("INFY", [1, 3, 5]), ("NSE:HDFCBANK", [3, 4]), ("SBIN", [3])],
)
def test_a_list_about_several_companies(symbol: str | None, numbers: list[int]) -> None:
    lines = LIST.splitlines()
    result = parse_news(LIST, symbol)
    assert [item.headline for item in result.record] == [lines[n - 1][3:].partition(" (")[0] for n in numbers]
    assert any("about other companies" in warning for warning in result.warnings) == (len(numbers) < 6)


JSON = json.dumps(
    {
        "companies": [
            {"symbol": "SBIN", "items": [{"headline": "Bank raises funds through bonds"}]},
            {
                "symbol": "TCS",
                "items": [{"headline": "Order from UK insurer"}, {"headline": "SBI picks TCS for core banking"}],
            },
        ]
    }
)


@pytest.mark.parametrize(("symbol", "count"), [(None, 3), ("SBIN", 2), ("TCS", 2), ("INFY", 0)])
def test_stated_symbols_decide_and_names_in_the_words_do(symbol: str | None, count: int) -> None:
    result = parse_news(JSON, symbol)
    assert len(result.record) == count
    assert result.strategy == ("structured" if count else "none")


def test_a_company_that_is_named_beside_the_story() -> None:
    text = json.dumps([{"headline": "Order won in Kerala", "company": "Larsen & Toubro"}])
    assert [len(parse_news(text, symbol).record) for symbol in ("LT", "WIPRO")] == [1, 0]


def test_two_symbols_of_one_company() -> None:
    text = json.dumps([{"headline": "Deal won in Kerala", "symbol": "LTIM"}])
    assert [len(parse_news(text, symbol).record) for symbol in ("LTIM", "LTM", "TCS")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("words", "symbols"),
    [
        ("State Bank of India (SBIN) raises funds in Kerala", ("SBIN",)),
        ("State Bank of India (NSE: SBIN) raises funds", ("SBIN",)),
        ("SBIN.NS raises funds in Kerala today", ("SBIN",)),
        ("Orchid gets Letter of Award (LOA) from Kerala", ()),
        ("Lender warns on Know Your Customer (KYC) update", ()),
        ("State Bank of India raises funds in Kerala", ()),
    ],
)
def test_symbols_only_where_they_are_written(words: str, symbols: tuple[str, ...]) -> None:
    (item,) = parse_news(json.dumps([{"headline": words}]), "SBIN" if symbols else None).record
    assert item.symbols == symbols
