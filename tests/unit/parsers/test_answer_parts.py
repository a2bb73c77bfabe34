"""The part of an answer about one symbol: only where it is unmistakable, and in the words of the answer."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.answer_parts import LONGEST, find_parts, shifted
from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.parsers.news import parse_news
from robotrader.core.background_scheduler.records import EarningsReport, NewsItem, ParseResult, Provenance

SYMBOLS = ("SBIN", "TCS", "M&M", "BSE:SBIN")


def element(symbol: str, **more: Any) -> dict[str, Any]:
    return {"symbol": symbol, "fiscal_year": 2026, "fiscal_quarter": 2, **more}


def answer(*elements: Any) -> str:
    return json.dumps({"answers": list(elements)})


SBIN, TCS = element("SBIN", eps_inr=21.5), element("TCS", eps_inr=36.25)
PLAIN = answer(SBIN, TCS)


def found(text: str, symbols: tuple[str, ...] = SYMBOLS) -> dict[str, Any]:
    return {symbol: json.loads(part.text) for symbol, part in find_parts(text, symbols).items()}


def test_each_part_stands_in_the_answer_as_it_is_given() -> None:
    parts = find_parts(PLAIN, SYMBOLS)
    assert set(parts) == {"SBIN", "TCS"}
    for part in parts.values():
        assert PLAIN[part.offset : part.offset + len(part.text)] == part.text
    assert found(PLAIN) == {"SBIN": SBIN, "TCS": TCS}


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{PLAIN}\n```",
        f"Here is what I found [1][2]:\n{PLAIN}\nAll figures are in rupees.",
        f"{PLAIN}{' }' * 400}",
        f"<think>SBIN? Perhaps {answer(element('SBIN', eps_inr=1))}</think>\n{PLAIN}",
        json.dumps([SBIN, TCS]),
        json.dumps({"answers": [SBIN, TCS]}, indent=2),
        json.dumps({"Answers": [SBIN, TCS], "note": "x"}),
        f"{json.dumps(SBIN)}\n\n{json.dumps(TCS)}",
        f"﻿{PLAIN}",
    ],
)
def test_what_stands_around_it_changes_nothing(text: str) -> None:
    assert found(text) == {"SBIN": SBIN, "TCS": TCS}


@pytest.mark.parametrize(
    ("named", "symbol"),
    [
        ("SBIN", "SBIN"),
        ("NSE:SBIN", "SBIN"),
        (" sbin ", "SBIN"),
        ("M\\u0026M", "M&M"),
        ("BSE:SBIN", "BSE:SBIN"),
        ("bse:sbin", "BSE:SBIN"),
    ],
)
def test_a_symbol_is_known_in_each_of_its_forms(named: str, symbol: str) -> None:
    assert set(find_parts(f'{{"answers": [{{"symbol": "{named}", "eps_inr": 1}}]}}', SYMBOLS)) == {symbol}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SBIN earned Rs 21.5 a share.",
        answer(SBIN, SBIN),
        answer(SBIN, element("NSE:SBIN", eps_inr=99)),
        f"{PLAIN}\nCorrected: {answer(SBIN)}",
        answer({"eps_inr": 21.5}),
        answer({"symbol": None, "eps_inr": 21.5}),
        answer({"symbol": ["SBIN"], "eps_inr": 21.5}),
        answer({"company": "State Bank of India", "eps_inr": 21.5}),
        answer(element("SBIN.NS")),
        answer(element("SBIN, TCS")),
        answer(element("State Bank of India")),
        answer({"SBIN": {"eps_inr": 21.5}}),
        answer({"symbol": "HDFC", "peers": [SBIN]}),
        '{"answers": [{"symbol": "SBIN", "symbol": "TCS", "eps_inr": 21.5}]}',
        '{"answers": [{"symbol": "SBIN", "eps_inr": 21.5',
        '{"answers": [{"symbol": "SBIN", "eps',
        f"<think>{answer(SBIN)}",
        answer(element("BSE:SBIN", eps_inr=21.5)),
    ],
)
def test_what_is_not_unmistakable_is_missing(text: str) -> None:
    assert "SBIN" not in find_parts(text, SYMBOLS)


def test_of_an_answer_that_was_cut_whole_elements_are_kept() -> None:
    cut = PLAIN[: PLAIN.index('"TCS"') + 20]
    assert found(cut) == {"SBIN": SBIN}


def test_what_stands_twice_for_one_symbol_harms_no_other() -> None:
    assert found(answer(SBIN, TCS, SBIN)) == {"TCS": TCS}


def test_only_the_beginning_of_an_endless_text_is_looked_through() -> None:
    assert find_parts(" " * LONGEST + PLAIN, SYMBOLS) == {}


@given(st.data())
def test_whatever_is_cut_out_is_whole_and_about_its_own_symbol(data: st.DataObject) -> None:
    """However a text is damaged, a part parses as JSON and names its symbol."""
    text = data.draw(st.sampled_from([PLAIN, json.dumps([SBIN, TCS, SBIN]), f"```\n{PLAIN}\n```{PLAIN}"]))
    chance = random.Random(data.draw(st.integers()))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text))
        text = (
            text[:at] + chance.choice(["", "}", '"', ",", "{", "SBIN", "\\", "]"]) + text[at + chance.randint(0, 3) :]
        )
    for symbol, part in find_parts(text, SYMBOLS).items():
        assert text[part.offset : part.offset + len(part.text)] == part.text
        assert part.text.startswith("{")
        assert part.text.endswith("}")
        assert symbol.rpartition(":")[2] in part.text.upper()


def test_a_part_is_read_as_an_answer_of_its_own_and_its_words_stand_in_the_whole() -> None:
    part = find_parts(PLAIN, SYMBOLS)["TCS"]
    parsed = shifted(parse_earnings(part.text, "TCS"), part.offset)
    assert parsed.record.eps_inr == Decimal("36.25")
    for source in parsed.record.sources.values():
        assert PLAIN[source.offset : source.offset + len(source.words)] == source.words


def test_every_story_of_a_part_is_moved() -> None:
    stories = {"symbol": "TCS", "items": [{"headline": "TCS wins an order"}, {"headline": "TCS names a new chief"}]}
    text = answer({"symbol": "SBIN", "items": [{"headline": "SBI opens a branch in Goa"}]}, stories)
    part = find_parts(text, SYMBOLS)["TCS"]
    parsed = shifted(parse_news(part.text, "TCS"), part.offset)
    assert [item.headline for item in parsed.record] == ["TCS wins an order", "TCS names a new chief"]
    for item in parsed.record:
        source = item.sources["headline"]
        assert text[source.offset : source.offset + len(source.words)] == source.words


def test_words_that_stand_nowhere_stay_so() -> None:
    sources = {"eps_inr": Provenance("regex", "36.25", -1)}
    parsed = ParseResult("earnings", "regex", (), EarningsReport(eps_inr=Decimal("36.25"), sources=sources))
    assert shifted(parsed, 100).record.sources["eps_inr"].offset == -1
    assert shifted(parsed, 0) is parsed
    none: ParseResult[tuple[NewsItem, ...]] = ParseResult("news", "none", (), ())
    assert shifted(none, 5).record == ()
