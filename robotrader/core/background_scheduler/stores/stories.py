"""A story and its tellings, as values: what a story says where several documents tell it.

A story is what its first telling says, the first by the instant its answer was fetched. What that one leaves open of
``LATER`` is taken from the first later telling that states it. Nothing else of a later telling changes a story: so each
field that a story shows stands in one document, and ``Story.origin`` says in which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple, Protocol

from robotrader.core.background_scheduler.records import NewsItem, Provenance
from robotrader.core.background_scheduler.stores import exact_json
from robotrader.core.clock import IST

FIELDS = exact_json.names_of(NewsItem)

LATER = ("published_at", "sentiment", "impact")
"""What a later telling may add to a story."""

_DAY = len("2026-11-21")


class Rules(Protocol):
    """What makes two tellings one story; ``parsers.news_stories`` is such a thing."""

    MOST_DAYS: int
    """Tellings published further apart are of one story only where they share a link."""

    def canonical_url(self, url: str, /) -> str:
        """A link in a form that is the same for all links of a page."""
        ...

    def word_key(self, headline: str, /) -> frozenset[str]:
        """The words of a headline, the same for headlines that differ in nothing that counts."""
        ...

    def same_story(self, one: NewsItem, other: NewsItem, /) -> bool:
        """Whether two tellings are of one story."""
        ...


class Telling(NamedTuple):
    """A story as one document tells it; ``record`` holds the fields by name."""

    document_id: str
    record: Mapping[str, Any]
    provenance: Mapping[str, Provenance]
    strategy: str
    fetched_at: datetime


class Story(NamedTuple):
    """A stored story with its tellings, the first one first."""

    id: str
    symbol: str
    provider: str
    at: datetime
    first_seen: datetime
    tellings: tuple[Telling, ...]

    @property
    def record(self) -> dict[str, Any]:
        """The fields by name."""
        found = dict(self.tellings[0].record)
        for name in LATER:
            if found[name] is None and (telling := self.origin(name)) is not None:
                found[name] = telling.record[name]
        return found

    @property
    def strategy(self) -> str:
        """The layer that read the first telling."""
        return self.tellings[0].strategy

    @property
    def document_ids(self) -> tuple[str, ...]:
        """The documents that tell it, each once."""
        return tuple(dict.fromkeys(telling.document_id for telling in self.tellings))

    def origin(self, name: str) -> Telling | None:
        """The telling a field is taken from; None where none states it."""
        first = self.tellings[0]
        if first.record.get(name):
            return first
        if name not in LATER:
            return None
        stating = (each for each in self.tellings[1:] if each.record.get(name) and _fits(name, each, first))
        return next(stating, None)


def published(stated: str | None) -> datetime | None:
    """The instant a story was published: midnight in India where only the day is stated; None where nothing is."""
    if not stated:
        return None
    try:
        if len(stated) <= _DAY:
            return datetime.combine(date.fromisoformat(stated), time(0), IST)
        found = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=IST)


def dated(tellings: Sequence[Telling]) -> datetime:
    """When the story of these tellings was published, or first seen where none states it."""
    first = tellings[0]
    telling = Story("", "", "", first.fetched_at, first.fetched_at, tuple(tellings)).origin("published_at")
    return (None if telling is None else published(telling.record["published_at"])) or first.fetched_at


def item_of(record: Mapping[str, Any]) -> NewsItem:
    """A stored record as what a parser reads, without its provenance."""
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in record.items()}
    return NewsItem(**fields)


def _fits(name: str, later: Telling, first: Telling) -> bool:
    """Whether what a later telling states can be so: nothing was published after it had been read."""
    if name != "published_at":
        return True
    found = published(later.record[name])
    return found is not None and found <= first.fetched_at
