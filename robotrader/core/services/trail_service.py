"""The trail behind a stored value: from the record back to the words of the archived answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.models import Dataset, part_of_year
from robotrader.core.background_scheduler.processors.research import reread
from robotrader.core.background_scheduler.records import Provenance
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore, StoredEarnings
from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore, StoredFundamentals
from robotrader.core.background_scheduler.stores.news_store import NewsStore
from robotrader.core.clock import IST
from robotrader.core.errors import NoDataError
from robotrader.core.services.field_names import Wanted, wanted
from robotrader.core.services.views import WhyView

NEXT_DATE = "next_earnings_date"

SEARCHED = 50
"""How many records of a symbol are looked through for one that states the field."""


class _Origin(NamedTuple):
    """A value with where it was read; ``sources`` of None are those of the archived answer."""

    value: Any
    of: str
    provider: str
    provenance: Provenance
    document_id: str
    fetched_at: datetime
    sources: Sequence[Mapping[str, Any]] | None


class TrailService:
    """Follows values back.

    Args:
        provider: whose records are looked at first; those of others are where it has none.
    """

    def __init__(
        self,
        *,
        earnings: EarningsStore,
        news: NewsStore,
        fundamentals: FundamentalsStore,
        documents: DocumentStore,
        provider: str,
    ) -> None:
        self._earnings = earnings
        self._news = news
        self._fundamentals = fundamentals
        self._documents = documents
        self._provider = provider

    async def why(self, symbol: str, field: str) -> WhyView:
        """The trail of one field of the newest record that holds it, or of one story (``news.ID.headline``).

        Raises:
            ValidationError: no such field.
            NotFoundError: no such story.
            NoDataError: nothing stored holds it.
            ResourceError: the archived answer is gone.
        """
        what = wanted(field)
        found = await (self._of_story(symbol, what) if what.dataset is Dataset.NEWS else self._of_record(symbol, what))
        if found is None:
            raise NoDataError(
                f"nothing stored of {symbol} states {what.name}",
                remedy=f"robotrader {what.dataset.value} {symbol} shows what is stated",
            )
        archived = await self._documents.load(found.document_id)
        sources = found.sources
        if sources is None:
            sources = reread(archived.raw, found.document_id).sources
        return WhyView(
            symbol,
            what.name,
            found.value,
            found.of,
            found.provider,
            found.provenance.layer,
            found.provenance.words,
            found.provenance.offset,
            found.document_id,
            archived.document.path,
            found.fetched_at,
            tuple(sources),
        )

    async def _of_record(self, symbol: str, what: Wanted) -> _Origin | None:
        for each in await self._records(symbol, what):
            value, provenance = each.record[what.name], each.provenance.get(what.name)
            if value is not None and provenance is not None:
                of, found = _of(each), (each.document_id, each.fetched_at, each.sources)
                return _Origin(value, of, each.provider, provenance, *found)
        return None

    async def _records(self, symbol: str, what: Wanted) -> Sequence[StoredEarnings | StoredFundamentals]:
        store = self._earnings if what.dataset is Dataset.EARNINGS else self._fundamentals
        own = await store.history(symbol, provider=self._provider, limit=SEARCHED)
        if what.name == NEXT_DATE:  # of the company, not of a quarter: the time of the answer counts
            dated = await self._earnings.dated(symbol, provider=self._provider if own else None)
            return [] if dated is None else [dated]
        return own or await store.history(symbol, provider=None, limit=SEARCHED)

    async def _of_story(self, symbol: str, what: Wanted) -> _Origin | None:
        story = await self._news.find(symbol, what.story)
        telling = story.origin(what.name)
        if telling is None or (provenance := telling.provenance.get(what.name)) is None:
            return None
        value = telling.record[what.name]
        headline = str(story.record["headline"])
        return _Origin(value, headline, story.provider, provenance, telling.document_id, telling.fetched_at, None)


def _of(stored: StoredEarnings | StoredFundamentals) -> str:
    """The quarter and basis of a record, or the day it is of; the day of the answer (IST) where it states none."""
    record = stored.record
    fetched = f"fetched {stored.fetched_at.astimezone(IST).date().isoformat()}"
    if isinstance(stored, StoredFundamentals):
        return fetched if record["as_of"] is None else f"as of {record['as_of']}"
    year, basis = record["fiscal_year"], record["basis"]
    if year is None:
        return fetched if basis is None else f"{basis}, {fetched}"
    part = part_of_year(year, record["fiscal_quarter"], record["period_end"])
    return " ".join(word for word in (part, f"FY{year % 100:02d}", basis) if word)
