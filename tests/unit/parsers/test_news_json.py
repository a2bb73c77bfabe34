"""Stories out of JSON of any shape: keys by many names, nested sources, companies, cut tails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from robotrader.core.background_scheduler.parsers.json_text import find_json
from robotrader.core.background_scheduler.parsers.news import parse_news
from robotrader.core.background_scheduler.parsers.news_facts import make_page
from robotrader.core.background_scheduler.parsers.news_structured import read_structured
from robotrader.core.background_scheduler.parsers.news_values import unescaped
from robotrader.core.background_scheduler.parsers.text import json_view, raw_view
from tests.unit.parsers.news_checks import assert_sources, told

HEAD = "Orchid Bank raises Rs 7,500 crore via bonds"
ONE = {"headline": HEAD, "published_at": "2026-01-05", "source": "Mint", "url": "https://a.b/1"}
ITEM = {"headline": HEAD, "date": "2026-01-05", "source": "Mint", "url": "https://a.b/1"}
TWO = {"headline": "Orchid Bank cuts lending rates", "date": "2026-01-04", "source": "Reuters"}
SECOND = {"headline": "Orchid Bank cuts lending rates", "published_at": "2026-01-04", "source": "Reuters", "url": None}

SHAPES: dict[str, Any] = {
    **{
        name: {name: [ITEM]}
        for name in ("items", "articles", "news", "results", "stories", "data", "feed", "latest_news")
    },
    "a list": [ITEM],
    "one object": ITEM,
    "deep": {"response": {"body": {"news_items": [ITEM]}}},
    "by number": {"1": ITEM},
    "title, description": {
        "articles": [
            {
                "title": HEAD,
                "description": "d",
                "publishedAt": "2026-01-05",
                "source": {"id": None, "name": "Mint"},
                "url": "https://a.b/1",
            }
        ]
    },
    "camel case": {
        "items": [
            {"newsHeadline": HEAD, "publishDate": "2026-01-05", "sourceName": "Mint", "articleUrl": "https://a.b/1"}
        ]
    },
    "capitals": [{"Title": HEAD, "Date": "05-01-2026", "Publisher": "Mint", "Link": "https://a.b/1"}],
    "prefixes": {
        "x": [{"news_heading": HEAD, "news_date": "5 Jan 2026", "news_source": "Mint", "news_link": "https://a.b/1"}]
    },
    "publisher in an object": [
        {
            "headline": HEAD,
            "published_date": "January 5, 2026",
            "publisher": {"title": "Mint", "href": "https://m.n"},
            "link": "https://a.b/1",
        }
    ],
    "content in an object": [
        {
            "id": "7",
            "content": {
                "title": HEAD,
                "pubDate": "2026-01-05",
                "provider": {"displayName": "Mint"},
                "canonicalUrl": {"url": "https://a.b/1"},
            },
        }
    ],
    "search results of an engine": {
        "value": [
            {
                "name": HEAD,
                "url": "https://a.b/1",
                "description": "d",
                "provider": [{"name": "Mint"}],
                "datePublished": "2026-01-05",
            }
        ]
    },
    "links as a source": [{"headline": HEAD, "date": "2026-01-05", "publisher": "Mint", "source": "https://a.b/1"}],
    "a list of links": [
        {"headline": HEAD, "date": "2026-01-05", "publisher": "Mint", "sources": ["https://a.b/1", "https://a.b/2"]}
    ],
    "names and rows": {
        "columns": ["date", "headline", "source", "url"],
        "data": [["2026-01-05", HEAD, "Mint", "https://a.b/1"]],
    },
    "the day once for all": {
        "date": "05-01-2026",
        "stories": [{"headline": HEAD, "source": "Mint", "url": "https://a.b/1"}],
    },
    "the day as a key": {"2026-01-05": [{"headline": HEAD, "source": "Mint", "url": "https://a.b/1"}]},
    "with a related story": {
        "articles": [{**ITEM, "related": [{"title": "An older story of the bank", "url": "https://a.b/0"}]}]
    },
    "answer and links beside": {
        "news": [ITEM],
        "search_results": [{"title": "Another page of the web", "url": "https://c.d"}],
    },
}


def dressed(text: str) -> dict[str, str]:
    return {
        "plain": text,
        "fence": f"Sure! Here is the JSON:\n```json\n{text}\n```\nHope it helps.",
        "thoughts": f'<think>maybe {{"headline": "Orchid Bank fails in my thoughts"}}</think>\n{text}',
        "braces behind": text + " } } } }",
        "byte order mark": "\ufeff" + text,
        "line ends": text.replace("\n", "\r\n"),
    }


@pytest.mark.parametrize("dress", dressed(""))
@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_in_every_dress(name: str, dress: str) -> None:
    text = dressed(json.dumps(SHAPES[name], indent=2, ensure_ascii=False))[dress]
    result = parse_news(text)
    assert_sources(text, result)
    assert (result.strategy, told(result, [ONE])) == ("structured", [ONE])


@pytest.mark.parametrize("name", SHAPES)
def test_the_structured_layer_alone_reads_them(name: str) -> None:
    text = json.dumps(SHAPES[name])
    drafts = read_structured(make_page(text), find_json(json_view(text), raw_view(text))).drafts
    assert [d["headline"].value for d in drafts] == [HEAD]


OTHER_SYNTAX = {
    "lines": "\n".join(json.dumps(item) for item in (ITEM, TWO)),
    "python": repr([ITEM, {**TWO, "url": None}]),
    "script": f'const data = {{ news: [ {{ headline: "{HEAD}", date: "2026-01-05", source: "Mint",'
    f' url: "https://a.b/1" }},\n'
    f'{{ headline: "{TWO["headline"]}", date: "2026-01-04", source: "Reuters" }} ] }};',
    "commas at the end": json.dumps([ITEM, TWO]).replace("}", ",}"),
    "no commas between": json.dumps([ITEM, TWO]).replace("}, {", "} {"),
    "curly quotes": json.dumps([ITEM, TWO]).replace('"', "\u201d"),
    "written in a string": json.dumps({"choices": [{"message": {"content": json.dumps({"news": [ITEM, TWO]})}}]}),
}


@pytest.mark.parametrize("name", OTHER_SYNTAX)
def test_what_is_almost_json(name: str) -> None:
    text = OTHER_SYNTAX[name]
    result = parse_news(text)
    assert_sources(text, result)
    assert (result.strategy, told(result, [ONE, SECOND])) == ("structured", [ONE, SECOND])


def test_a_list_in_an_answer_within_json_with_its_links_beside_it() -> None:
    content = (
        f"Here is the news:\n\n1. **{HEAD}** (Mint, 5 Jan 2026) [2]\n2. **{TWO['headline']}** - Reuters, 4 Jan 2026\n"
    )
    text = json.dumps({"choices": [{"message": {"content": content}}], "citations": ["https://a.b/0", "https://a.b/1"]})
    result = parse_news(text)
    assert_sources(text, result)
    assert (result.strategy, told(result, [ONE, SECOND])) == ("regex", [ONE, SECOND])


def test_fields_that_are_stated() -> None:
    item = {
        "headline": 'Orchid "Bank" & Co raises \u20b97,500 crore',
        "summary": "Tier 2\nbonds.",
        "published_at": "2026-01-05T10:00:00+05:30",
        "sentiment": "somewhat-bullish",
        "impact": "High",
        "category": "M&A",
        "key_figures": [{"metric": "issue", "value": "\u20b97,500 crore"}, "7.2%"],
        "tickers": ["NSE:ORCHBK", "LILY.NS", "500112"],
    }
    for text in (json.dumps([item]), json.dumps([item], ensure_ascii=False)):
        (got,) = parse_news(text).record
        assert got.headline == item["headline"]
        assert (got.summary, got.published_at) == ("Tier 2 bonds.", "2026-01-05T10:00:00+05:30")
        assert (got.sentiment, got.impact, got.category) == ("positive", "high", "m_and_a")
        assert got.key_figures == ("issue: \u20b97,500 crore", "7.2%")
        assert got.symbols == ("ORCHBK", "LILY")


@pytest.mark.parametrize(
    ("words", "published_at"),
    [
        ("2023-07-26T08:51:48Z", "2023-07-26T08:51:48+00:00"),
        ("2022-12-21 07:14:53", "2022-12-21"),
        ("Tue, 04 Dec 2018 08:00:00 GMT", "2018-12-04T08:00:00+00:00"),
        ("Thu, 07 Nov 2024 18:51 PM IST IST", "2024-11-07"),
        (1767600000, "2026-01-05T08:00:00+00:00"),
        ("12-08-2026", "2026-08-12"),
        ("2 weeks ago", None),
        ("yesterday", None),
        ("August 2026", None),
        ("YYYY-MM-DD", None),
        (None, None),
    ],
)
def test_days(words: object, published_at: str | None) -> None:
    (item,) = parse_news(json.dumps([{"headline": HEAD, "date": words}])).record
    assert item.published_at == published_at


def test_names_of_fields_that_are_no_publication() -> None:
    fields = {"event_date": "2026-02-01", "updated_at": "2026-02-02", "fetched_at": "2026-02-03", "age": "2 days"}
    (item,) = parse_news(json.dumps([{"headline": HEAD, **fields, "category": "beat", "sentiment_score": 0.9}])).record
    assert (item.published_at, item.sentiment, item.category) == (None, None, None)


def test_companies_with_their_stories() -> None:
    told_of = {"companies": [{"symbol": "ORCHBK", "items": [ITEM]}, {"symbol": "LILY", "items": [TWO]}]}
    assert [i.symbols for i in parse_news(json.dumps(told_of)).record] == [("ORCHBK",), ("LILY",)]
    assert [i.symbols for i in parse_news(json.dumps({"ORCHBK": [ITEM], "LILY": [TWO]})).record] == [
        ("ORCHBK",),
        ("LILY",),
    ]


def test_strings_of_a_list_of_headlines() -> None:
    text = json.dumps(
        {"headlines": [f"{HEAD} (Mint, 5 Jan 2026)", "Orchid Bank cuts lending rates"], "tags": ["a b c d"]}
    )
    result = parse_news(text)
    assert told(result, [ONE, SECOND]) == [{**ONE, "url": None}, {**SECOND, "published_at": None, "source": None}]


NOTHING = {
    "an empty list": '{"symbol": "ORCHBK", "news": [], "note": "No significant news found"}',
    "a refusal as an item": '{"news": [{"headline": "No recent news available", "summary": "None", "source": null}]}',
    "placeholders": '{"items": [{"headline": "string", "source": "string"}, {"headline": "...", "date": "YYYY"}]}',
    "a verdict": '{"verdict": "wait", "primary_reason": "The company told of a board meeting on 5 Aug 2026."}',
    "ratios": '{"symbol": "ORCHBK", "pe": 12.5, "summary": "A bank with a fair price and good growth in loans."}',
    "titles of pages": json.dumps([{"title": "Orchid Bank Share Price Today, Live NSE/BSE", "url": "https://a.b"}]),
    "a page's clock": json.dumps([{"title": "Thursday, January 01, 2026 | 11:12 PM IST", "url": "https://a.b/c"}]),
    "an empty list and pages": '{"news": [], "search_results": [{"title": "Orchid Bank opens a branch", "url": "https://a.b"}]}',
    "thoughts only": '<think>{"news": [{"headline": "Orchid Bank raises funds", "date": "2026-01-05"}]}</think>',
}


@pytest.mark.parametrize("name", NOTHING)
def test_no_story_is_no_item(name: str) -> None:
    result = parse_news(NOTHING[name])
    assert (result.record, result.strategy) == ((), "none")


def test_a_cut_keeps_whole_items_and_completes_none() -> None:
    items = [{**ITEM, "headline": f"{HEAD} number {word}", "tags": ["x", "y"]} for word in ("one", "two", "three")]
    whole = json.dumps({"news": items}, indent=1)
    full = {i.headline: i for i in parse_news(whole).record}
    seen = set()
    for at in range(len(whole)):
        result = parse_news(whole[:at])
        ends = [whole.index("\n  }", whole.index(item["headline"])) for item in items]
        assert [i.headline for i in result.record] == [
            i["headline"] for i, end in zip(items, ends, strict=True) if end + 4 <= at
        ]
        for item in result.record:
            again = full[item.headline]
            assert (item.published_at, item.url, item.source) == (again.published_at, again.url, again.source)
        seen.add(len(result.record))
        assert result.strategy == ("structured" if result.record else "none")
    assert seen == {0, 1, 2, 3}
    assert "the answer is cut: what it breaks off in is left out" in parse_news(whole[:-40]).warnings


def test_a_story_told_twice_is_one_item() -> None:
    text = json.dumps({"news": [ITEM, {**ITEM, "sentiment": "positive"}, {**ITEM, "url": "https://a.b/2"}]})
    assert [(i.url, i.sentiment) for i in parse_news(text).record] == [
        ("https://a.b/1", "positive"),
        ("https://a.b/2", None),
    ]


def test_escapes() -> None:
    assert unescaped(r"a \u20b9 \" \/ \\ \ud83d\ude42 \x") == 'a \u20b9 " / \\ \U0001f642 x'
    (item,) = parse_news('[{"headline": "Orchid Bank raises \\ud800 funds"}]').record
    assert item.headline == "Orchid Bank raises \ufffd funds"
