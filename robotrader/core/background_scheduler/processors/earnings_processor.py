"""Earnings: fetch, read, and say what to save."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from robotrader.core.background_scheduler.config.schemas import EARNINGS
from robotrader.core.background_scheduler.models import Answer, Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.research import Research
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult
from robotrader.core.background_scheduler.stores import earnings_store, stock_state_store
from robotrader.core.background_scheduler.triggers import Trigger
from robotrader.core.clock import Clock
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError
from robotrader.core.event_bus import Event, EventType

FIGURES = tuple(name for name in earnings_store.FIELDS if name.endswith(("_inr", "_pct")))
"""The fields of which at least one makes an answer data."""

Parser = Callable[[str, str | None], ParseResult[EarningsReport]]


class EarningsProcessor:
    """Runs EARNINGS_ANALYSIS: check, fetch, parse, save."""

    def __init__(
        self, research: Research, parser: Parser, clock: Clock, *, fresh_for: timedelta, trigger: Trigger
    ) -> None:
        self._research = research
        self._parser = parser
        self._clock = clock
        self._fresh_for = fresh_for
        self._trigger = trigger

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Run one claimed task.

        Raises:
            NoDataError: the answer holds no figure of the company; it is archived.
            TradingError: as ``Research.fetch``.
        """
        found = await self._research.fetch(
            task, Dataset.EARNINGS, EARNINGS, fresh_for=self._fresh_for, trigger=self._trigger, deadline=deadline
        )
        if isinstance(found, Outcome):
            return found
        symbol = task.symbol or ""
        parsed = await asyncio.to_thread(read, self._parser, found.answer, symbol)
        return Outcome(
            TaskStatus.COMPLETED,
            strategy=parsed.strategy,
            document_id=found.answer.document_id,
            paid_calls=found.paid_calls,
            cost_usd=found.answer.cost_usd,
            record=earnings_store.plain(parsed.record),
            save=saver(found.answer, symbol, parsed, fetched_at=found.fetched_at, now=self._clock.now()),
            events=[parsed_event(found.answer, symbol, parsed)],
        )


def read(parser: Parser, answer: Answer, symbol: str) -> ParseResult[EarningsReport]:
    """What an answer says of a symbol.

    Raises:
        NoDataError: no figure of the company.
    """
    name = symbol.rpartition(":")[2]
    parsed = parser(answer.text, name)
    about = parsed.record.symbol
    if about is not None and about.rpartition(":")[2] != name:
        raise NoDataError(f"the answer is about {about}, not {symbol}", metadata={"document_id": answer.document_id})
    if all(getattr(parsed.record, figure) is None for figure in FIGURES):
        raise NoDataError(f"the answer holds no figure of {symbol}", metadata={"document_id": answer.document_id})
    return parsed


def saver(
    answer: Answer, symbol: str, parsed: ParseResult[EarningsReport], *, fetched_at: datetime, now: datetime
) -> Callable[[Transaction], None]:
    """The part of the last transaction that keeps a record."""

    def save(tx: Transaction) -> None:
        earnings_store.save(
            tx,
            symbol=symbol,
            provider=answer.provider,
            document_id=answer.document_id,
            parsed=parsed,
            sources=answer.sources,
            fetched_at=fetched_at,
            now=now,
        )
        next_known = parsed.record.next_earnings_date
        stock_state_store.update(
            tx, symbol, Dataset.EARNINGS, answer.provider, fetched_at, answer.document_id, next_known
        )

    return save


def parsed_event(answer: Answer, symbol: str, parsed: ParseResult[Any]) -> Event:
    """Which layer read what."""
    layers = Counter(source.layer for source in parsed.record.sources.values())
    data = {
        "symbol": symbol,
        "dataset": parsed.dataset,
        "document_id": answer.document_id,
        "strategy": parsed.strategy,
        "layers": dict(layers),
        "warnings": len(parsed.warnings),
    }
    return Event(type=EventType.DATA_PARSED, source="earnings_processor", data=data)
