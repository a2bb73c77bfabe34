"""What was read out of which archived answer: by dataset, document and symbol, for whoever reads an answer again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.stores import earnings_store, fundamentals_store, news_store, search_store
from robotrader.core.clock import from_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction

_TABLES: Mapping[Dataset, str] = {
    Dataset.EARNINGS: "earnings",
    Dataset.NEWS: "news_tellings",
    Dataset.FUNDAMENTALS: "fundamentals",
}


class Part(NamedTuple):
    """One symbol of an archived answer; one answer may be about several. ``fetched_at`` is when it was fetched."""

    dataset: Dataset
    document_id: str
    symbol: str
    fetched_at: datetime


class ArchiveStore:
    """Reads which answers are archived, and what is stored out of them."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def parts(self, dataset: Dataset, symbol: str | None) -> list[Part]:
        """Every symbol of every usable answer of a dataset (or one symbol of them), oldest answer first.

        A document's symbols are those of the paid calls it answers.
        """
        sql = (
            "SELECT d.id, p.symbol, d.created_at FROM documents d JOIN paid_calls p ON p.document_id = d.id"
            f" WHERE d.dataset = :dataset AND d.usable = 1 {'' if symbol is None else 'AND p.symbol = :symbol'}"
            " ORDER BY d.created_at, d.id, p.symbol"
        )
        given = {"dataset": dataset.value, "symbol": symbol}
        rows = await self._db.read(lambda tx: tx.all(sql, given))
        return [Part(dataset, document_id, name, from_micros(created)) for document_id, name, created in rows]

    async def record(self, document_id: str, symbol: str) -> Any:
        """What is stored of a symbol out of a document: a dict, or a list of them for news; None where nothing is."""

        def query(tx: Transaction) -> Any:
            row = tx.one("SELECT dataset FROM documents WHERE id = ?", (document_id,))
            return None if row is None else recorded(tx, Dataset(row[0]), document_id, symbol)

        return await self._db.read(query)


def in_work(tx: Transaction, part: Part) -> bool:
    """Part of a transaction: whether the task that asked has not ended; it reads the answer by itself."""
    sql = (
        "SELECT 1 FROM paid_calls p JOIN tasks t ON t.id = p.task_id"
        " WHERE p.document_id = ? AND p.symbol = ? AND t.finished_at IS NULL"
    )
    return tx.one(sql, (part.document_id, part.symbol)) is not None


def fetched_at(tx: Transaction, part: Part) -> datetime:
    """Part of a transaction: when an answer was fetched: as what is stored out of it says, else its document."""
    sql = f"SELECT min(fetched_at) FROM {_TABLES[part.dataset]} WHERE document_id = ? AND symbol = ?"
    row = tx.one(sql, (part.document_id, part.symbol))
    return part.fetched_at if row is None or row[0] is None else from_micros(row[0])


def recorded(tx: Transaction, dataset: Dataset, document_id: str, symbol: str) -> Any:
    """Part of a transaction: what is stored of a symbol out of a document; None where nothing is."""
    match dataset:
        case Dataset.EARNINGS:
            return earnings_store.recorded(tx, document_id, symbol)
        case Dataset.NEWS:
            return news_store.recorded(tx, document_id, symbol)
        case Dataset.FUNDAMENTALS:
            return fundamentals_store.recorded(tx, document_id, symbol)


def forget(tx: Transaction, part: Part) -> None:
    """Part of a transaction: today's parser reads nothing of a symbol out of a document, so nothing of it is shown."""
    match part.dataset:
        case Dataset.EARNINGS:
            earnings_store.remove(tx, part.document_id, part.symbol)
        case Dataset.NEWS:
            news_store.remove(tx, part.document_id, part.symbol)
        case Dataset.FUNDAMENTALS:
            fundamentals_store.remove(tx, part.document_id, part.symbol)
    search_store.remove(tx, "answer", part.document_id, part.symbol)
