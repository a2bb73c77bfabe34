"""What the processors of the datasets share: check, fetch, read, and say what to save."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.models import Answer, Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.parsers.answer_parts import shifted
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.research import Research
from robotrader.core.background_scheduler.records import ParseResult, Provenance
from robotrader.core.background_scheduler.stores import ask_store, search_store, stock_state_store
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError
from robotrader.core.event_bus import Event, EventType

R = TypeVar("R")

SHORT = 4_000
"""Answers up to this many characters are read at once, in a few milliseconds; longer ones in a thread."""

Parser = Callable[[str, str | None], ParseResult[R]]


class Kept(NamedTuple):
    """What is to be stored of one answer about one symbol. ``correlation_id`` is that of the task behind it."""

    answer: Answer
    symbol: str
    parsed: ParseResult[Any]
    fetched_at: datetime
    now: datetime
    correlation_id: str


class DatasetProcessor(ABC, Generic[R]):
    """Runs the tasks of one dataset.

    Args:
        parser: today's parser.
        spec: when an answer is due and how long a run may take.
    """

    dataset: Dataset
    schema: Mapping[str, Any]

    def __init__(self, research: Research, parser: Parser[R], clock: Clock, spec: TaskSpec) -> None:
        self._research = research
        self._parser = parser
        self._clock = clock
        self._spec = spec

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Run one claimed task.

        Raises:
            NoDataError: the answer holds nothing about the symbol; it is archived.
            TradingError: as ``Research.fetch``.
        """
        found = await self._research.fetch(task, self._spec, self.schema, deadline)
        if isinstance(found, Outcome):
            return found
        symbol = task.symbol or ""
        try:
            parsed = await self._read(found.answer, symbol)
        except NoDataError:
            if not found.shared:
                raise
            found = await self._research.again(task, self._spec, self.schema, deadline)
            parsed = await self._read(found.answer, symbol)
        kept = Kept(found.answer, symbol, parsed, found.fetched_at, self._clock.now(), task.correlation_id)
        return Outcome(
            TaskStatus.COMPLETED,
            strategy=parsed.strategy,
            document_id=found.answer.document_id,
            paid_calls=found.paid_calls,
            cost_usd=found.cost_usd,
            record=self.plain(parsed),
            save=lambda tx: self.keep(tx, kept),
        )

    async def _read(self, answer: Answer, symbol: str) -> ParseResult[R]:
        if len(answer.text) <= SHORT:
            return self.read(answer, symbol)
        return await asyncio.to_thread(self.read, answer, symbol)

    def keep(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        """Part of a transaction: store what was read of one answer; returns the events that tell of it."""
        kept = kept._replace(parsed=shifted(kept.parsed, kept.answer.offset))
        followed = self.save(tx, kept)
        ask_store.settle(tx, kept.symbol, self.dataset, kept.answer.provider, kept.fetched_at)
        search_store.put(
            tx,
            kind="answer",
            ref=kept.answer.document_id,
            symbol=kept.symbol,
            provider=kept.answer.provider,
            at=kept.fetched_at,
            title=f"{kept.symbol} {self.dataset.value}",
            body=search_store.prose(kept.answer.text),
        )
        return (parsed_event(kept, self.provenance(kept.parsed)), *followed)

    @abstractmethod
    def read(self, answer: Answer, symbol: str) -> ParseResult[R]:
        """What an answer says of a symbol.

        Raises:
            NoDataError: nothing.
        """

    @abstractmethod
    def plain(self, parsed: ParseResult[R]) -> Any:
        """What was read as it is shown: fields by name, a list of them for news."""

    @abstractmethod
    def provenance(self, parsed: ParseResult[R]) -> Iterable[Provenance]:
        """Where each field was read."""

    @abstractmethod
    def save(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        """Part of a transaction: write the records and the stock state; returns the events that follow from them."""


def fetched(tx: Transaction, dataset: Dataset, kept: Kept) -> None:
    """Part of a transaction: a dataset of a symbol was fetched."""
    answer = kept.answer
    subject = (kept.symbol, dataset, answer.provider)
    stock_state_store.update(tx, *subject, kept.fetched_at, answer.document_id, None, now=kept.now)


def parsed_event(kept: Kept, provenance: Iterable[Provenance]) -> Event:
    """Which layer read what."""
    layers: dict[str, int] = {}
    for source in provenance:
        layers[source.layer] = layers.get(source.layer, 0) + 1
    data = {
        "symbol": kept.symbol,
        "dataset": kept.parsed.dataset,
        "document_id": kept.answer.document_id,
        "strategy": kept.parsed.strategy,
        "layers": layers,
        "warnings": len(kept.parsed.warnings),
    }
    return follow_up(EventType.DATA_PARSED, kept, data)


def follow_up(kind: EventType, kept: Kept, data: Mapping[str, Any]) -> Event:
    """An event about what was stored, in the chain of the task behind it."""
    source = f"{kept.parsed.dataset}_processor"
    at = iso(kept.now)
    return Event(type=kind, timestamp=at, source=source, data=data, correlation_id=kept.correlation_id)
