"""Stories out of every layout: what stands in the text is read, item by item, and nothing else."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news, read_regex
from robotrader.core.background_scheduler.parsers.news_facts import make_page
from robotrader.core.background_scheduler.parsers.news_prose import read_prose
from tests.unit.parsers.news_cases import LISTS, ONE, PROSE
from tests.unit.parsers.news_checks import assert_sources, told


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_read_item_by_item(name: str) -> None:
    text, expected = LISTS[name]
    result = parse_news(text)
    assert_sources(text, result)
    assert (result.strategy, told(result, expected)) == ("regex", expected)


@pytest.mark.parametrize("name", LISTS)
def test_the_regex_layer_alone_reads_them(name: str) -> None:
    text, expected = LISTS[name]
    assert [d["headline"].value for d in read_regex(make_page(text))] == [e["headline"] for e in expected]


@pytest.mark.parametrize("name", ONE)
def test_one_story_is_one_item(name: str) -> None:
    text, expected = ONE[name]
    result = parse_news(text)
    assert_sources(text, result)
    assert (result.strategy, told(result, [expected])) == ("regex", [expected])


def test_points_that_start_with_companies_are_stories() -> None:
    text = (
        "Here are the stocks to watch out for in today's session:\n\n"
        "  • Dabur: Partners with a retailer to strengthen international business.\n"
        "  • United Orchids: Settled a case with the regulator.\n"
        "  • Wipro has acquired a data company for 13 million pounds.\n"
    )
    assert [item.headline for item in parse_news(text).record] == [
        "Dabur: Partners with a retailer to strengthen international business.",
        "United Orchids: Settled a case with the regulator.",
        "Wipro has acquired a data company for 13 million pounds.",
    ]


def test_headlines_below_a_title_need_nothing_else() -> None:
    text = "Top headlines today:\nOrchid Bank raises funds via bonds\nLily Bank Q3 profit rises 12% on loans\n"
    assert [i.headline for i in parse_news(text).record] == [
        "Orchid Bank raises funds via bonds",
        "Lily Bank Q3 profit rises 12% on loans",
    ]


def test_the_basic_layer_reads_paragraphs_with_an_origin() -> None:
    result = parse_news(PROSE)
    assert_sources(PROSE, result)
    assert result.strategy == "basic"
    assert [(i.headline, i.published_at, i.source, i.url) for i in result.record] == [
        ("Orchid Bank raised Rs 7,500 crore through bonds, Mint reported", "2026-01-05", "Mint", None),
        (
            "Separately, the bank cut lending rates by 10 bps on Friday.",
            None,
            None,
            "https://www.livemint.com/orchid",
        ),
    ]
    assert len(read_prose(make_page(PROSE))) == 2
    assert read_regex(make_page(PROSE)) == []


def test_a_paragraph_without_headline_and_origin_is_no_item() -> None:
    text = (
        "Orchid Stores disclosed a tax demand of ₹1,499 crore for 2023-24, issued by the department. The company has "
        "contested it.\n\nLily Metals invoked force majeure on the sale of products due to a conflict.\n"
    )
    result = parse_news(text)
    assert (result.record, result.strategy) == ((), "none")
