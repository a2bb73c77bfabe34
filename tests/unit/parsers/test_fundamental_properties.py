"""Whatever the text: no exception, true offsets, nothing invented, linear time."""

from __future__ import annotations

import random
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.fundamental_analysis import parse_fundamentals
from tests.support.yardstick import slowness
from tests.unit.parsers.fundamental_cases import FIGURES, assert_sources

SYMBOLS = st.sampled_from([None, "TCS", "M&M", "BAJAJ-AUTO", "", "nse:tcs"])
WORDS = st.sampled_from(
    [
        "P/E",
        "P/B",
        "ROE",
        "ROCE",
        "market",
        "cap",
        "dividend",
        "yield",
        "debt",
        "equity",
        "promoter",
        "holding",
        "book",
        "value",
        "EPS",
        "TTM",
        "sector",
        "industry",
        "forward",
        "average",
        "of",
        "is",
        "at",
        "to",
        "from",
        "and",
        "vs",
        "with",
        "|",
        ":",
        "(",
        ")",
        ",",
        ".",
        ";",
        "-",
        "~",
        ">",
        "%",
        "x",
        "₹",
        "Rs",
        "crore",
        "lakh",
        "FY24",
        "FY25",
        "FY26E",
        "Q3",
        "12",
        "1.2",
        "1,234.5",
        "17%",
        "20-25x",
        "TCS",
        "Infosys",
        "Wipro",
        "Ltd",
        "##",
        "-",
        "{",
        "}",
        "[",
        "]",
        '"',
        "\n",
        "\n\n",
        "growth",
        "sales",
        "profit",
        "3Y",
        "CAGR",
        "strengths",
        "recommendation",
        "BUY",
    ]
)


@given(st.text(max_size=400), SYMBOLS)
def test_any_text_is_read_without_an_exception(text: str, symbol: str | None) -> None:
    assert_sources(text, parse_fundamentals(text, symbol))


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=50), SYMBOLS)
def test_any_words_of_ratio_pages(parts: list[str], symbol: str | None) -> None:
    text = " ".join(parts)
    result = parse_fundamentals(text, symbol)
    assert_sources(text, result)
    for name in FIGURES:
        value = getattr(result.record, name)
        if value is not None:
            assert any(c.isdigit() for c in result.record.sources[name].words)


number = st.decimals(min_value="0.01", max_value="9999", places=2).map(str)


@given(
    number,
    number,
    st.sampled_from(["P/E: {}", "| Ratio | Value |\n|--|--|\n| P/E | {} |", "The P/E is {}x.", '{{"pe": {}}}']),
)
def test_a_figure_is_read_as_it_stands(value: str, other: str, shape: str) -> None:
    record = parse_fundamentals(f"{shape.format(value)}\n\nSector P/E: {other}", "TCS").record
    assert record.pe == Decimal(value)


PAGE = (
    "Arman Tubes Ltd (ARMAN)\nMarket Cap: ₹12,345 Cr\nP/E: 24.5x\nP/B: 3.1x\nROE: 18.4%\nROCE: 22.6%\n"
    "Debt to equity: 0.35\nDividend yield: 1.2%\nBook value: ₹640\nPromoter holding: 55.5%\n"
)
READ = {
    "market_cap_inr": Decimal(123450000000),
    "pe": Decimal("24.5"),
    "pb": Decimal("3.1"),
    "roe_pct": Decimal("18.4"),
    "roce_pct": Decimal("22.6"),
    "debt_to_equity": Decimal("0.35"),
    "dividend_yield_pct": Decimal("1.2"),
    "book_value_inr": Decimal(640),
    "promoter_holding_pct": Decimal("55.5"),
}
DRESS = {
    "as it is": lambda t: t,
    "rupee sign": lambda t: t.replace("₹", "Rs. "),
    "inr": lambda t: t.replace("₹", "INR "),
    "crore": lambda t: t.replace(" Cr", " crore"),
    "line ends": lambda t: t.replace("\n", "\r\n"),
    "odd spaces": lambda t: t.replace(": ", ":\u00a0"),
    "no spaces": lambda t: t.replace(": ", ":"),
    "dashes": lambda t: t.replace(": ", " – "),
    "equals": lambda t: t.replace(": ", " = "),
    "fence": lambda t: f"Sure, here it is.\n\n```\n{t}```\n",
    "thoughts": lambda t: f"<think>P/E: 99x, ROE: 88%</think>\n{t}",
    "bullets": lambda t: t.replace("\n", "\n• "),
    "numbers": lambda t: "\n".join(f"{i}. {line}" for i, line in enumerate(t.strip().split("\n"), 1)),
    "bold": lambda t: "\n".join(
        f"**{line.replace(': ', ':** ', 1)}" if ": " in line else line for line in t.split("\n")
    ),
    "quoted": lambda t: "\n".join("> " + line for line in t.split("\n")),
    "cited": lambda t: t.replace("\n", "[1][2]\n"),
    "table": lambda t: "\n".join(f"| {line.replace(': ', ' | ')} |" for line in t.strip().split("\n")),
    "html": lambda t: "".join(f"<li>{line.replace(': ', ': <b>')}</b></li>\n" for line in t.strip().split("\n")),
    "one line": lambda t: t.strip().replace("\n", "; "),
    "stacked": lambda t: t.replace(": ", "\n"),
    "blank lines": lambda t: t.replace("\n", "\n\n"),
    "aligned": lambda t: t.replace(": ", " " * 12),
    "disclaimer": lambda t: f"{t}\nDisclaimer: not advice; P/E multiples of 15 to 20 are common in the sector.\n",
    "byte order mark": lambda t: "\ufeff" + t,
    "upper case": lambda t: t.upper(),
}


@pytest.mark.parametrize("dress", DRESS)
def test_the_same_is_read_in_another_dress(dress: str) -> None:
    record = parse_fundamentals(DRESS[dress](PAGE), "ARMAN").record
    assert {n: getattr(record, n) for n in FIGURES if getattr(record, n) is not None} == READ


def test_damaged_pages_are_read_without_an_exception() -> None:
    rnd = random.Random(7)
    junk = [
        "\x00",
        "\ud800",
        "{",
        "}",
        "[",
        '"',
        "|",
        "9" * 3000,
        "NaN",
        "1e999",
        "(",
        "₹",
        "%",
        "\n",
        "FY",
        "🙂",
        "\\",
        "<think>",
    ]
    for dress in DRESS.values():
        text = dress(PAGE)
        for _ in range(12):
            at = rnd.randrange(len(text) + 1)
            text = rnd.choice([text[:at] + rnd.choice(junk) + text[at:], text[:at] + text[at + rnd.randint(1, 40) :]])
            assert_sources(text, parse_fundamentals(text, "ARMAN"))


N = 5_000_000
HOSTILE = {
    "digits": lambda: "9" * N,
    "brackets": lambda: "(" * N,
    "braces": lambda: "{" * N,
    "squares": lambda: "[" * N,
    "pipes": lambda: "|" * N,
    "spaces": lambda: " " * N,
    "dots": lambda: ". " * (N // 2),
    "quotes": lambda: '{"' * (N // 2),
    "slashes": lambda: '{"a":"' + "\\" * N,
    "deep": lambda: '{"a":' * (N // 5),
    "rows of json": lambda: "[" + '{"pe":1,"symbol":"A"},' * (N // 22),
    "names": lambda: "ROE, " * (N // 5),
    "pairs": lambda: "P/E 22.1x " * (N // 10),
    "names alone": lambda: "P/E\n" * (N // 4),
    "stacked": lambda: "P/E\n22.1\n" * (N // 9),
    "rows": lambda: "Net profit 1 2 3\n" * (N // 17),
    "stacked rows": lambda: "abc\n1\n2\n3\n" * (N // 10),
    "pipe rows": lambda: "| a | 1 |\n" * (N // 10),
    "broken cells": lambda: "| a <br>" * (N // 8),
    "tags": lambda: "<td>P/E</td><td>1</td>" * (N // 21),
    "periods": lambda: "FY25\n" * (N // 5),
    "glued": lambda: "12.34" * (N // 5),
    "commas": lambda: "P/E,ROE,a,b\n" * (N // 12),
    "aligned": lambda: "P/E   1   2\n" * (N // 12),
    "companies": lambda: "Tata Motors Ltd trades at P/E of 5x. " * (N // 36),
    "heads": lambda: "## Infosys\nP/E 22\n" * (N // 18),
    "capitals": lambda: "A B C D " * (N // 8),
    "tickers": lambda: "Aaa (AAA) " * (N // 10),
    "averages": lambda: "5-year average " * (N // 15),
    "advice": lambda: "Recommendation: " * (N // 16),
    "lists": lambda: "## Strengths\n- a\n" * (N // 17),
    "compared": lambda: "TCS P/E 22 vs TCS 21. " * (N // 22),
    "own lines": lambda: "TCS: P/E 22x\n" * (N // 13),
    "beside": lambda: "Infosys P/E 22x vs TCS (P/E 21)\n" * (N // 32),
    "whole rupees": lambda: "Market cap 20000000000\n" * (N // 23),
    "dotted names": lambda: "...A" * (N // 4),
    "broken heads": lambda: "राजस्व\n||Particulars|Quarter ended|||Nine months ended||Year ended|\n" * (N // 68),
    "one sentence": lambda: "the company has an ROE of 17.2% and a P/E of 11 while " * (N // 54),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_take_no_time(shape: str) -> None:
    text = HOSTILE[shape]()
    begin = time.process_time()
    parse_fundamentals(text, "TCS")
    assert time.process_time() - begin < 4 * slowness()  # a quarter of it on an idle machine
