"""The quick way to read an answer by our own schema reads what the long way reads, or leaves it to the long way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.schemas import NEWS
from robotrader.core.background_scheduler.parsers.news import parse_news
from robotrader.core.background_scheduler.parsers.news_layers import read_fully
from robotrader.core.background_scheduler.parsers.news_quick import read_quick
from tests.support.perplexity_shapes import answer_text
from tests.unit.parsers.news_checks import assert_sources

ITEM: dict[str, Any] = {
    "headline": "Orchid Bank raises Rs 7,500 crore via bonds",
    "summary": "The lender sold bonds at 7.2 per cent – more than planned.",
    "published_at": "2026-01-05T10:00:00+05:30",
    "source": "Mint",
    "url": "https://a.b/1",
    "sentiment": "positive",
    "category": "other",
    "impact": "medium",
    "key_figures": ["Rs 7,500 crore", "7.2%"],
    "symbols": ["ORCHBK"],
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "headline": st.sampled_from(
        ["Lily Bank’s Q3 profit rises 12% | Mint", "Home", "N/A", "", None, "SBIN 812.50 +1.2%", "Board, 5/27/2026"]
    ),
    "summary": st.sampled_from(["", None, "A sum of ₹5 crore", 'He said "no"', "Lily (NSE: LILY) won", "a\\b", "a\nb"]),
    "published_at": st.sampled_from(["2026-01-05", "05/27/2026", "27/05/2026", "5 Jan 2026", "yesterday", "", None]),
    "source": st.sampled_from(["Mint", "https://c.d/2", "N/A", "", None, "12"]),
    "url": st.sampled_from(["https://a.b/1", "www.a.b/c?x=1", "none", "", None]),
    "sentiment": st.sampled_from(["positive", "not positive", "mixed", "", None]),
    "category": st.sampled_from(["earnings", "m_and_a", "weather", "", None]),
    "impact": st.sampled_from(["low", "low to high", "", None]),
    "key_figures": st.sampled_from([[], None, ["12%", "N/A", ""], ["Rs 5 crore"]]),
    "symbols": st.sampled_from([[], None, ["LILY", "NSE:ORCHID"], ["lily"], [""]]),
}
ITEMS = st.fixed_dictionaries(VALUES) | st.fixed_dictionaries(
    {name: st.just(ITEM[name]) for name in ITEM} | {"headline": st.text(max_size=60), "summary": st.text(max_size=80)}
)


@settings(max_examples=200)
@given(
    st.lists(ITEMS, min_size=1, max_size=4),
    st.sampled_from(["LILY", "M&M", "lily", "", None]),
    st.booleans(),
    st.sampled_from([None, 2]),
)
def test_both_ways_read_the_same(items: list[Any], symbol: str | None, plain: bool, indent: int | None) -> None:
    text = json.dumps({"symbol": symbol, "items": items}, ensure_ascii=plain, indent=indent)
    quick = read_quick(text)
    warnings: list[str] = []
    page, layer, drafts = read_fully(text, warnings)
    if quick is not None:
        assert (quick[0], "structured", quick[1], []) == (page, layer, drafts, warnings)
    assert_sources(text, parse_news(text))


def test_the_usual_answer_is_read_the_quick_way() -> None:
    wish = {"response_format": {"json_schema": {"schema": NEWS}}}
    for text in (
        answer_text(wish, "INFY"),
        json.dumps({"symbol": "ORCHBK", "items": [ITEM, ITEM]}),
        json.dumps({"symbol": None, "items": [ITEM]}, ensure_ascii=False, indent=2) + "\n",
    ):
        quick = read_quick(text)
        assert quick is not None
        assert quick[1] == read_fully(text, [])[2] != []


LEFT = {
    "no story": json.dumps({"symbol": "LILY", "items": []}),
    "another key": json.dumps({"symbol": "LILY", "items": [{**ITEM, "title": "x"}]}),
    "words behind": json.dumps({"symbol": "LILY", "items": [ITEM]}) + " That is all.",
    "a fence": "```json\n" + json.dumps({"symbol": "LILY", "items": [ITEM]}) + "\n```",
    "thoughts": "<think>no</think>" + json.dumps({"symbol": "LILY", "items": [ITEM]}),
    "cut": json.dumps({"symbol": "LILY", "items": [ITEM, ITEM]})[:-40],
    "a line end in words": json.dumps({"symbol": "LILY", "items": [{**ITEM, "summary": "a\nb"}]}),
    "twice": '{"symbol": null, "items": [{"headline": "Lily wins an order", "headline": "Orchid wins an order"}]}',
    "a number": json.dumps({"symbol": "LILY", "items": [{**ITEM, "impact": 3}]}),
    "a trailing comma": '{"symbol": null, "items": [{"headline": "Lily wins an order",}]}',
}


@pytest.mark.parametrize("name", LEFT)
def test_anything_else_is_left_to_the_long_way(name: str) -> None:
    assert read_quick(LEFT[name]) is None
