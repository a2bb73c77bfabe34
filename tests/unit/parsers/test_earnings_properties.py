"""Whatever the text: no exception, true offsets, nothing invented, linear time."""

from __future__ import annotations

import random
import time
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.records import EarningsReport
from tests.support.yardstick import slowness
from tests.unit.parsers.earnings_cases import FIGURES, Sample, assert_sources, read_fields, samples

SAMPLES = samples()
JUNK = [
    "\x00",
    "\ud800",
    "{",
    "}",
    "[",
    '"',
    "|",
    "9" * 5000,
    "NaN",
    "Infinity",
    "1e999",
    "(",
    ")",
    "₹",
    "Rs",
    "%",
    "\n",
    "Q1 ",
    "FY",
    " crore",
    "🙂",
    "\\",
    "<think>",
    "31.13.2025",
]
SYMBOLS = st.sampled_from([None, "TCS", "M&M", "BAJAJ-AUTO", "", "nse:tcs"])


@given(st.text(max_size=500), SYMBOLS)
def test_any_text_is_read_without_an_exception(text: str, symbol: str | None) -> None:
    result = parse_earnings(text, symbol)
    assert_sources(text, result)
    if result.strategy == "none":
        assert result.record == EarningsReport()


ODD = [
    "| ₹ crores | Profit After Tax 12 |\n|--|--|\n| Unaudited | 5 |",
    "Fir\u017ft quarter FY26: revenue of Rs 5 crore",
    "Th\u0130rd quarter FY26: revenue of Rs 5 crore",
    "| Quarter ended | \u017fep 2025 |\n|--|--|\n| Revenue | 5 |",
]


@pytest.mark.parametrize("text", ODD)
def test_words_like_months_and_letters_like_others(text: str) -> None:
    assert_sources(text, parse_earnings(text))


words = st.sampled_from(
    [
        "revenue",
        "net",
        "profit",
        "EBITDA",
        "EPS",
        "rose",
        "fell",
        "to",
        "from",
        "₹",
        "Rs",
        "crore",
        "lakh",
        "12",
        "1,234.5",
        "5%",
        "YoY",
        "QoQ",
        "Q2",
        "FY26",
        "FY26",
        "(",
        ")",
        ",",
        ".",
        ";",
        ":",
        "|",
        "\n",
        "-",
        "consolidated",
        "dividend",
        "per",
        "share",
        "{",
    ]
)


@settings(max_examples=60)
@given(st.lists(words, max_size=40))
def test_any_words_of_results(parts: list[str]) -> None:
    text = " ".join(parts)
    result = parse_earnings(text)
    assert_sources(text, result)
    for name in FIGURES:
        value = getattr(result.record, name)
        if value is not None:
            source = result.record.sources[name]
            assert any(c.isdigit() for c in source.words)


@pytest.mark.parametrize("seed", range(1))
def test_damaged_samples_are_read_without_an_exception(seed: int) -> None:
    rnd = random.Random(seed)
    for sample in SAMPLES:
        text = sample.text
        for _ in range(rnd.randint(1, 6)):
            at = rnd.randrange(len(text) + 1)
            kind = rnd.random()
            if kind < 0.4:
                text = text[:at] + rnd.choice(JUNK) + text[at:]
            elif kind < 0.7:
                text = text[:at] + text[at + rnd.randint(1, 60) :]
            else:
                text = text[: at + 60] + text[at:]
        assert_sources(text, parse_earnings(text, sample.symbol))


CHANGES = {
    "rupee sign": lambda t: t.replace("₹", "Rs. "),
    "glued": lambda t: t.replace("₹ ", "₹").replace("Rs. ", "Rs"),
    "inr": lambda t: t.replace("₹", "INR "),
    "short crore": lambda t: t.replace(" crore", " Cr"),
    "line ends": lambda t: t.replace("\n", "\r\n"),
    "odd spaces": lambda t: t.replace("₹", "₹\u00a0").replace(" crore", "\u00a0crore"),
    "fence": lambda t: f"Sure, here are the results.\n\n```markdown\n{t}\n```\n",
    "thoughts": lambda t: f"<think>Revenue was ₹1 crore in Q1 FY20.</think>\n{t}",
    "sources": lambda t: f"{t}\n\nSources:\n[1] https://example.com/q1-fy20-results\n[2] exchange filing\n",
    "disclaimer": lambda t: f"{t}\n\nDisclaimer: please verify the figures with the company.\n",
    "no bold": lambda t: t.replace("**", ""),
    "bullets": lambda t: t.replace("\n- ", "\n• "),
    "quoted": lambda t: "\n".join("> " + line for line in t.split("\n")),
    "byte order mark": lambda t: "\ufeff" + t,
    "indent": lambda t: "\n".join("  " + line for line in t.split("\n")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_is_read_in_another_dress(change: str) -> None:
    third = list(CHANGES).index(change) % 3  # every third sample, other ones for the next change
    for sample in SAMPLES[third::3]:
        text = CHANGES[change](sample.text)
        assert read_fields(parse_earnings(text, sample.symbol)) == sample.fields, sample.name


def cuts(sample: Sample) -> list[str]:
    rnd = random.Random(sample.name)
    return [sample.text[: rnd.randrange(len(sample.text))] for _ in range(3)]


def test_a_cut_json_answer_never_changes_a_figure() -> None:
    for sample in SAMPLES:
        if not sample.text.lstrip().startswith("{"):
            continue
        for text in cuts(sample):
            record = parse_earnings(text, sample.symbol).record
            for name in FIGURES:
                assert getattr(record, name) in (None, sample.fields.get(name)), (sample.name, name, text[-40:])


N = 5_000_000
GLUED = "Q4FY26Q3FY26Q2FY26Q1FY26Q4FY25Q3FY25Q2FY25Q1FY25YoY\n"
HOSTILE = {
    "digits": lambda: "9" * N,
    "brackets": lambda: "(" * N,
    "braces": lambda: "{" * N,
    "squares": lambda: "[" * N,
    "pipes": lambda: "|" * N,
    "spaces": lambda: " " * N,
    "rupees": lambda: "Rs " * (N // 3),
    "quarters": lambda: "Q1 " * (N // 3),
    "one line": lambda: "revenue rose 5% to Rs 10 crore, " * (N // 32),
    "many lines": lambda: "Revenue: Rs 10 crore\n" * (N // 21),
    "letters": lambda: "a a a " * (N // 6),
    "deep": lambda: '{"a":' * (N // 5),
    "deep lists": lambda: '[{"a":[' * (N // 7),
    "quotes": lambda: '{"' * (N // 2),
    "slashes": lambda: '{"a":"' + "\\" * N,
    "commas": lambda: "1,2,3," * (N // 6),
    "cells": lambda: "1,234\n" * (N // 6),
    "rows": lambda: "Net profit 1 2 3\n" * (N // 17),
    "pipe rows": lambda: "| a | 1 |\n" * (N // 10),
    "percents": lambda: "5% " * (N // 3),
    "dates": lambda: "31.12.2025\n" * (N // 11),
    "refusals": lambda: "could not find " * (N // 15),
    "names": lambda: "Aaa Bbb " * (N // 8),
    "thoughts": lambda: "<think>" * (N // 7),
    "glued cells": lambda: GLUED + f"Revenue{'5' * 150}\n" * (N // 158),
    "glued tables": lambda: f"{GLUED}Revenue{'5' * 60}\n" * (N // 120),
    "parts of two": lambda: "TCS\n| " * 3_000 + "  - EPS: ₹14.31, " * (N // 17),
    "small tables": lambda: "🙂\r\n|||\\*\\*(Un-audited)\\\n" * (N // 24),
    "tables of periods": lambda: "| a | 5 |\n\nQ1 FY26 Q1 FY26\n" * (N // 27),
    "dotted names": lambda: "A." * (N // 2),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_take_no_time(shape: str) -> None:
    text = HOSTILE[shape]()
    begin = time.process_time()
    parse_earnings(text, "TCS")
    assert time.process_time() - begin < 6 * slowness()  # half of it on an idle machine


def test_the_record_has_no_field_that_is_never_checked() -> None:
    names = {f.name for f in fields(EarningsReport)}
    assert set(FIGURES) < names
