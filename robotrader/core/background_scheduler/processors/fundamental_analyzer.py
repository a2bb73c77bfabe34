"""Fundamentals: what an answer says of a company, checked against bounds and against itself, and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from robotrader.core.background_scheduler.config.schemas import FUNDAMENTALS
from robotrader.core.background_scheduler.models import Answer, Dataset
from robotrader.core.background_scheduler.parsers.fundamental_checks import check
from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor, Kept, fetched
from robotrader.core.background_scheduler.records import Fundamentals, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import earnings_store, fundamentals_store
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError
from robotrader.core.event_bus import Event

ABOUT = ("symbol", "as_of")
"""Fields that say whose and of when the figures are; alone they are no data."""


class FundamentalAnalyzer(DatasetProcessor[Fundamentals]):
    """Runs FUNDAMENTAL_ANALYSIS: check, fetch, parse, save."""

    dataset = Dataset.FUNDAMENTALS
    schema = FUNDAMENTALS

    def read(self, answer: Answer, symbol: str) -> ParseResult[Fundamentals]:
        """What an answer says of a symbol.

        Raises:
            NoDataError: nothing of the company.
        """
        name = symbol.rpartition(":")[2]
        parsed = self._parser(answer.text, name)
        about = parsed.record.symbol
        metadata = {"document_id": answer.document_id}
        if about is not None and about.rpartition(":")[2] != name:
            raise NoDataError(f"the answer is about {about}, not {symbol}", metadata=metadata)
        found = fundamentals_store.plain(parsed.record)
        if not any(value for field, value in found.items() if field not in ABOUT):
            raise NoDataError(f"the answer holds no fundamentals of {symbol}", metadata=metadata)
        return parsed

    def plain(self, parsed: ParseResult[Fundamentals]) -> dict[str, Any]:
        """The fields by name."""
        return fundamentals_store.plain(parsed.record)

    def provenance(self, parsed: ParseResult[Fundamentals]) -> Iterable[Provenance]:
        """Where each field was read."""
        return parsed.record.sources.values()

    def save(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        """Part of a transaction: the record with what is doubtful about it, and the stock state."""
        answer = kept.answer
        profit = earnings_store.profit_ttm(tx, kept.symbol, answer.provider, at=kept.fetched_at)
        fundamentals_store.save(
            tx,
            symbol=kept.symbol,
            provider=answer.provider,
            document_id=answer.document_id,
            parsed=kept.parsed,
            doubts=check(kept.parsed.record, profit_ttm_inr=profit),
            sources=answer.sources,
            fetched_at=kept.fetched_at,
            now=kept.now,
        )
        fetched(tx, self.dataset, kept)
        return ()
