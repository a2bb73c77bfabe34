"""News: the stories of an answer, each kept once, and what follows from one of high impact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from robotrader.core.background_scheduler.config.schemas import NEWS
from robotrader.core.background_scheduler.models import Answer, Dataset
from robotrader.core.background_scheduler.parsers import news_stories
from robotrader.core.background_scheduler.parsers.news_stories import canonical_url
from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor, Kept, fetched, follow_up
from robotrader.core.background_scheduler.records import NewsItem, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import news_store
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError
from robotrader.core.event_bus import Event, EventType

RECENT, AHEAD = timedelta(days=7), timedelta(days=1)
"""A story of high impact leads to work where it was published no longer ago than this, and no later than the zone of
its publisher explains."""

HEADLINE_TOLD = 200
"""How much of a headline an event repeats (characters)."""


class NewsProcessor(DatasetProcessor[tuple[NewsItem, ...]]):
    """Runs NEWS_PROCESSING: check, fetch, parse, save."""

    dataset = Dataset.NEWS
    schema = NEWS

    def read(self, answer: Answer, symbol: str) -> ParseResult[tuple[NewsItem, ...]]:
        """The stories of an answer; a link is kept only where a search result holds it.

        Raises:
            NoDataError: no story about the company.
        """
        parsed = self._parser(answer.text, symbol.rpartition(":")[2])
        if not parsed.record:
            raise NoDataError(f"the answer holds no news of {symbol}", metadata={"document_id": answer.document_id})
        found = {canonical_url(url) for source in answer.sources if isinstance(url := source.get("url"), str)}
        items = tuple(_linked(item, found) for item in parsed.record)
        dropped = sum(ours.url != theirs.url for ours, theirs in zip(items, parsed.record, strict=True))
        warnings = (f"{dropped} links that no search result holds are left out",) if dropped else ()
        return replace(parsed, record=items, warnings=(*parsed.warnings, *warnings))

    def plain(self, parsed: ParseResult[tuple[NewsItem, ...]]) -> list[dict[str, Any]]:
        """The fields of each story by name."""
        return [news_store.plain(item) for item in parsed.record]

    def provenance(self, parsed: ParseResult[tuple[NewsItem, ...]]) -> Iterable[Provenance]:
        """Where each field was read."""
        return (source for item in parsed.record for source in item.sources.values())

    def save(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        """Part of a transaction: the stories, the stock state; told is what is new of high impact."""
        answer = kept.answer
        news = news_store.save(
            tx,
            symbol=kept.symbol,
            provider=answer.provider,
            document_id=answer.document_id,
            parsed=kept.parsed,
            fetched_at=kept.fetched_at,
            now=kept.now,
            rules=news_stories,
        )
        fetched(tx, self.dataset, kept)
        earliest, latest = kept.fetched_at - RECENT, kept.fetched_at + AHEAD
        high = [story for story in news if story.record["impact"] == "high" and earliest <= story.at <= latest]
        if not high:
            return ()
        data = {
            "symbol": kept.symbol,
            "provider": answer.provider,
            "stories": [story.id for story in high],
            "headline": str(high[0].record["headline"])[:HEADLINE_TOLD],
            "document_id": answer.document_id,
        }
        return (follow_up(EventType.DATA_NEWS_HIGH_IMPACT, kept, data),)


def _linked(item: NewsItem, found: set[str]) -> NewsItem:
    if item.url is None or canonical_url(item.url) in found:
        return item
    return replace(item, url=None, sources={name: where for name, where in item.sources.items() if name != "url"})
