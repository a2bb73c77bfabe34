"""What is known of symbols: stored records, the trail behind each figure, and reading archived answers again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from robotrader.core.background_scheduler.models import Dataset, Document
from robotrader.core.background_scheduler.processors.earnings_processor import Parser, parsed_event, read, saver
from robotrader.core.background_scheduler.processors.research import reread
from robotrader.core.background_scheduler.stores import earnings_store
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore, StoredEarnings
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NoDataError, ResourceError, ValidationError
from robotrader.core.event_bus import EventBus
from robotrader.core.services.views import EarningsView, ReparseView, WhyView


class ResearchService:
    """Reads and re-reads records.

    Args:
        parser: today's parser.
        provider: whose records are shown first; those of another provider are shown where it has none.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        earnings: EarningsStore,
        documents: DocumentStore,
        events: EventStore,
        event_bus: EventBus,
        parser: Parser,
        provider: str,
    ) -> None:
        self._db = db
        self._clock = clock
        self._earnings = earnings
        self._documents = documents
        self._events = events
        self._bus = event_bus
        self._parser = parser
        self._provider = provider

    async def earnings(self, symbol: str, limit: int) -> tuple[EarningsView, ...]:
        """Stored earnings, latest quarter first.

        Raises:
            NoDataError: nothing is stored of the symbol.
        """
        return tuple(_view(found) for found in await self._stored(symbol, limit))

    async def record(self, document_id: str) -> Mapping[str, Any] | None:
        """What was read out of a document, if anything."""
        found = await self._earnings.by_document(document_id)
        return None if found is None else found.record

    async def why(self, symbol: str, field: str) -> WhyView:
        """The trail of one field of the latest record that holds it.

        Raises:
            ValidationError: no such field.
            NoDataError: nothing stored holds it.
        """
        name = _field_name(field)
        for found in await self._stored(symbol, 50):
            source = found.provenance.get(name)
            if found.record.get(name) is None or source is None:
                continue
            archived = await self._documents.load(found.document_id)
            return WhyView(
                symbol,
                name,
                found.record[name],
                found.provider,
                source.layer,
                source.words,
                source.offset,
                found.document_id,
                archived.document.path,
                found.fetched_at,
                tuple(found.sources),
            )
        raise NoDataError(
            f"nothing stored of {symbol} states {name}", remedy=f"robotrader earnings {symbol} shows what is stated"
        )

    async def reparse(self, dataset: str | None, symbol: str | None) -> ReparseView:
        """Read every archived answer again with today's parser; nothing is asked and nothing is spent.

        Raises:
            ValidationError: a dataset that is not archived.
        """
        if dataset not in {None, Dataset.EARNINGS.value}:
            raise ValidationError(f"no such dataset: {dataset!r}", remedy="the datasets are: earnings")
        documents = await self._documents.of(Dataset.EARNINGS, symbol)
        changes: list[Mapping[str, Any]] = []
        unreadable = 0
        for document in documents:
            try:
                change = await self._reread(document)
            except ResourceError:
                unreadable += 1
                continue
            if change is not None:
                changes.append(change)
        return ReparseView(len(documents), len(changes), unreadable, tuple(changes))

    async def _reread(self, document: Document) -> Mapping[str, Any] | None:
        archived = await self._documents.load(document.id)
        before = await self._earnings.by_document(document.id)
        try:
            answer = reread(archived.raw, document.id)
            parsed = await asyncio.to_thread(read, self._parser, answer, document.symbol)
        except NoDataError:
            if before is not None:
                await self._db.write(lambda tx: earnings_store.remove(tx, document.id))
            return None if before is None else _change(document, before.record, {})
        after = earnings_store.plain(parsed.record)
        if before is not None and dict(before.record) == after:
            return None
        save = saver(answer, document.symbol, parsed, fetched_at=document.created_at, now=self._clock.now())
        event = parsed_event(answer, document.symbol, parsed)

        def unit(tx: Transaction) -> None:
            save(tx)
            self._events.insert(tx, [event])

        await self._db.write(unit)
        await self._bus.deliver([event])
        return _change(document, {} if before is None else before.record, after)

    async def _stored(self, symbol: str, limit: int) -> list[StoredEarnings]:
        own = await self._earnings.history(symbol, provider=self._provider, limit=limit)
        found = own or await self._earnings.history(symbol, provider=None, limit=limit)
        if not found:
            raise NoDataError(f"nothing is stored of {symbol} yet", remedy=f"robotrader run-task earnings {symbol}")
        return found


def _change(document: Document, before: Mapping[str, Any], after: Mapping[str, Any]) -> Mapping[str, Any]:
    names = [name for name in earnings_store.FIELDS if before.get(name) != after.get(name)]
    return {
        "document_id": document.id,
        "symbol": document.symbol,
        "before": {name: before.get(name) for name in names},
        "after": {name: after.get(name) for name in names},
    }


def _field_name(text: str) -> str:
    """``eps`` for ``eps_inr``: the field that starts with these words, where there is just one."""
    wanted = text.strip().lower().replace("-", "_")
    for name in (wanted, f"{wanted}_inr", f"{wanted}_pct"):
        if name in earnings_store.FIELDS:
            return name
    near = [name for name in earnings_store.FIELDS if name.startswith(f"{wanted}_")] if wanted else []
    if len(near) == 1:
        return near[0]
    raise ValidationError(
        f"no such field: {text[:40]!r}", remedy=f"the fields are: {', '.join(near or earnings_store.FIELDS)}"
    )


def _view(found: StoredEarnings) -> EarningsView:
    return EarningsView(
        found.record, found.provider, found.document_id, found.fetched_at, found.strategy, tuple(found.sources)
    )
