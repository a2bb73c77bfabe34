"""What tests of the news parser compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from robotrader.core.background_scheduler.records import CATEGORIES, IMPACTS, LAYERS, SENTIMENTS, NewsItem, ParseResult

News = ParseResult[tuple[NewsItem, ...]]


def told(result: News, like: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items with the fields that are asked for; all of their headlines where there are more or fewer items."""
    wanted = list(like)
    if len(result.record) != len(wanted):
        return [{"headline": item.headline} for item in result.record]
    return [{name: getattr(item, name) for name in want} for item, want in zip(result.record, wanted, strict=True)]


def assert_sources(text: str, result: News) -> None:
    """Every field that is given has a source whose words stand in the text, and only known values."""
    assert result.dataset == "news"
    assert (result.strategy == "none") == (not result.record)
    for item in result.record:
        assert item.headline.strip() == item.headline != ""
        assert item.sentiment in (None, *SENTIMENTS)
        assert item.impact in (None, *IMPACTS)
        assert item.category in (None, *CATEGORIES)
        for name in NewsItem.__dataclass_fields__:
            assert name == "sources" or bool(getattr(item, name)) == (name in item.sources), name
        for source in item.sources.values():
            assert source.layer in LAYERS
            if source.offset < 0:
                assert source.words == ""
            else:
                assert text[source.offset : source.offset + len(source.words)] == source.words != ""
    assert all(source.layer == result.strategy for item in result.record for source in item.sources.values())
