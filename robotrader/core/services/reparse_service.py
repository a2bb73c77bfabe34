"""Reading archived answers again with today's parsers; nothing is asked and nothing is spent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robotrader.core.background_scheduler.models import Answer, Dataset
from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor, Kept
from robotrader.core.background_scheduler.processors.research import reread
from robotrader.core.background_scheduler.stores import archive_store
from robotrader.core.background_scheduler.stores.archive_store import ArchiveStore, Part
from robotrader.core.background_scheduler.stores.document_store import Archived, DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NoDataError, ResourceError, StoreBusyError, ValidationError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.core.ids import new_id
from robotrader.core.services.views import ReparseView

ProcessorOf = Callable[[Dataset], Awaitable[DatasetProcessor[Any]]]
"""Who reads the answers of a dataset."""


@dataclass(frozen=True, slots=True)
class _Reread:
    """What reading one part again came to: whether it was read at all, what changed, what is to be told."""

    read: bool
    change: Mapping[str, Any] | None = None
    events: Sequence[Event] = ()


SKIPPED = _Reread(read=False)


@dataclass(frozen=True, slots=True)
class _Run:
    """What one command has come to so far: documents that were read and that could not be, and what changed."""

    correlation: str
    read: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    changes: list[Mapping[str, Any]] = field(default_factory=list)


class ReparseService:
    """Reads answers again.

    An answer whose task has not ended is left to that task: what follows from reading it the first time is its to tell.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        archive: ArchiveStore,
        documents: DocumentStore,
        events: EventStore,
        event_bus: EventBus,
        processor: ProcessorOf,
    ) -> None:
        self._db = db
        self._clock = clock
        self._archive = archive
        self._documents = documents
        self._events = events
        self._bus = event_bus
        self._processor = processor

    async def reparse(self, dataset: str | None, symbol: str | None) -> ReparseView:
        """Read every archived answer (of a dataset, of a symbol) again, oldest first, and store what differs.

        Of what follows from a reading, only that it was read is told: what it says is no news today. All of one run has
        one correlation.

        Raises:
            ValidationError: no such dataset.
            StoreBusyError: another process kept the database busy for too long; what was read until then is stored.
        """
        if dataset is not None and dataset not in set(Dataset):
            names = ", ".join(Dataset)
            raise ValidationError(f"no such dataset: {dataset[:40]!r}", remedy=f"the datasets are: {names}")
        run = _Run(new_id())
        for each in Dataset if dataset is None else (Dataset(dataset),):
            if parts := await self._archive.parts(each, symbol):
                await self._reparse(await self._processor(each), parts, run)
        return ReparseView(len(run.read | run.unreadable), len(run.changes), len(run.unreadable), tuple(run.changes))

    async def _reparse(self, processor: DatasetProcessor[Any], parts: Sequence[Part], run: _Run) -> None:
        archived: Archived | None = None
        for part in parts:
            try:
                if archived is None or archived.document.id != part.document_id:
                    archived = await self._documents.load(part.document_id)
            except StoreBusyError:
                raise
            except ResourceError:
                run.unreadable.add(part.document_id)
                continue
            done = await self._read(processor, part, archived, run.correlation)
            if done.read:
                run.read.add(part.document_id)
            if done.change is not None:
                run.changes.append(done.change)

    async def _read(
        self, processor: DatasetProcessor[Any], part: Part, archived: Archived, correlation: str
    ) -> _Reread:
        try:
            answer = reread(archived.raw, part.document_id, part.symbol)
            parsed = await asyncio.to_thread(processor.read, answer, part.symbol)
        except NoDataError:
            return await self._db.write(lambda tx: _forget(tx, part))
        done = await self._db.write(lambda tx: self._keep(tx, processor, part, answer, parsed, correlation))
        if done.events:
            await self._bus.deliver(done.events)
        return done

    def _keep(
        self,
        tx: Transaction,
        processor: DatasetProcessor[Any],
        part: Part,
        answer: Answer,
        parsed: Any,
        correlation: str,
    ) -> _Reread:
        if archive_store.in_work(tx, part):
            return SKIPPED
        before = archive_store.recorded(tx, part.dataset, part.document_id, part.symbol)
        fetched = archive_store.fetched_at(tx, part)
        kept = Kept(answer, part.symbol, parsed, fetched, self._clock.now(), correlation)
        told = [event for event in processor.keep(tx, kept) if event.type is EventType.DATA_PARSED]
        after = archive_store.recorded(tx, part.dataset, part.document_id, part.symbol)
        if before == after:
            return _Reread(read=True)
        self._events.insert(tx, told)
        return _Reread(True, _change(part, before, after), told)


def _forget(tx: Transaction, part: Part) -> _Reread:
    if archive_store.in_work(tx, part):
        return SKIPPED
    before = archive_store.recorded(tx, part.dataset, part.document_id, part.symbol)
    archive_store.forget(tx, part)
    return _Reread(read=True, change=None if before is None else _change(part, before, None))


def _change(part: Part, before: Any, after: Any) -> Mapping[str, Any]:
    """The fields that differ, by name; of news those of each story, by its headline."""
    old, new = _by_name(before), _by_name(after)
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    return {
        "document_id": part.document_id,
        "dataset": part.dataset.value,
        "symbol": part.symbol,
        "before": {name: old.get(name) for name in names},
        "after": {name: new.get(name) for name in names},
    }


def _by_name(record: Any) -> Mapping[str, Any]:
    if not isinstance(record, list):
        return record or {}
    headlines = {"headlines": [item["headline"] for item in record]}
    return headlines | {
        f"{item['headline']}: {name}": value
        for item in record
        for name, value in item.items()
        if name != "headline" and value not in (None, [])
    }
