"""The trail behind a stored value: from the record back to the words of the archived answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.processors.research import reread
from robotrader.core.background_scheduler.records import Provenance
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore, StoredEarnings
from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore, StoredFundamentals
from robotrader.core.background_scheduler.stores.news_store import NewsStore
from robotrader.core.errors import NoDataError
from robotrader.core.services.field_names import Wanted, wanted
from robotrader.core.services.views import WhyView

SEARCHED = 50
"""How many records of a symbol are looked through for one that states the field."""


class _Origin(NamedTuple):
    """A value with where it was read; ``sources`` of None are those of the archived answer."""

    value: Any
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
        for each in await self._records(symbol, what.dataset):
            value, provenance = each.record[what.name], each.provenance.get(what.name)
            if value is not None and provenance is not None:
                return _Origin(value, each.provider, provenance, each.document_id, each.fetched_at, each.sources)
        return None

    async def _records(self, symbol: str, dataset: Dataset) -> Sequence[StoredEarnings | StoredFundamentals]:
        store = self._earnings if dataset is Dataset.EARNINGS else self._fundamentals
        own = await store.history(symbol, provider=self._provider, limit=SEARCHED)
        return own or await store.history(symbol, provider=None, limit=SEARCHED)

    async def _of_story(self, symbol: str, what: Wanted) -> _Origin | None:
        story = await self._news.find(symbol, what.story)
        telling = story.origin(what.name)
        if telling is None or (provenance := telling.provenance.get(what.name)) is None:
            return None
        value = telling.record[what.name]
        return _Origin(value, story.provider, provenance, telling.document_id, telling.fetched_at, None)
