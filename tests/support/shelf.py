"""A database with archived answers to hang records on: rows alone, or with their files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from robotrader.core.background_scheduler.models import Dataset, RawAnswer, Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.parsers import news_stories
from robotrader.core.background_scheduler.records import NewsItem, ParseResult
from robotrader.core.background_scheduler.stores import news_store
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.news_store import StoredNews
from robotrader.core.clock import to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.ids import new_id
from tests.support.clock import FakeClock
from tests.support.perplexity_shapes import agent_body

T = TypeVar("T")

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
"""Noon in India on a trading day."""


class Shelf:
    """A database with documents that stand for archived answers."""

    def __init__(self, db: DatabaseStateManager, folder: Path) -> None:
        self.db = db
        self.documents = DocumentStore(db, folder)
        self._seconds = count(1)
        self._slots = count()

    async def answer(self, text: str, *symbols: str, at: datetime = NOON, **given: Any) -> str:
        """One archived answer with its file, about some symbols; returns its id."""
        document_id, first = new_id(at), (symbols or ("SBIN",))[0]
        raw = RawAnswer(
            provider="perplexity",
            request={"method": "POST", "url": "http://127.0.0.1/v1/agent", "json": {}},
            status_code=200,
            headers={"content-type": "application/json"},
            body=json.dumps(agent_body({}, first, text)),
            complete=True,
            usable=True,
            cost_usd=None,
        )
        task = Task("", TaskType.NEWS_PROCESSING, first, at, TaskStatus.RUNNING, at, "", provider="perplexity")
        document = await self.documents.write(task, given.get("dataset", Dataset.NEWS), document_id, raw, at)
        await self.add(document_id, *symbols, at=at, path=document.path, **given)
        return document_id

    async def add(
        self,
        document_id: str,
        *symbols: str,
        dataset: Dataset = Dataset.NEWS,
        provider: str = "perplexity",
        at: datetime = NOON,
        ended: bool = True,
        path: str = "",
    ) -> None:
        """Rows of one usable answer about some symbols, each asked for by a task that has ended (or not)."""
        first = (symbols or ("SBIN",))[0]

        def unit(tx: Transaction) -> None:
            for symbol in symbols or ("SBIN",):
                name, slot = f"{document_id}/{symbol}", next(self._slots)
                tx.run(
                    "INSERT INTO tasks (id, type, symbol, provider, slot, status, priority, stale_since, forced,"
                    " not_before, created_at, finished_at) VALUES (?, ?, ?, ?, ?, 'COMPLETED', 0, 0, 0, 0, 0, ?)",
                    (name, dataset.value, symbol, provider, slot, 1 if ended else None),
                )
                tx.run(
                    "INSERT INTO paid_calls (id, task_id, dataset, symbol, provider, slot, status, owner, day,"
                    " reserved_usd, claimed_at, document_id) VALUES (?, ?, ?, ?, ?, ?, 'answered', '', '', '0', 0, ?)",
                    (name, name, dataset.value, symbol, provider, slot, document_id),
                )
            tx.run(
                "INSERT INTO documents (id, call_id, task_id, dataset, symbol, provider, path, created_at, usable)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
                (
                    document_id, f"{document_id}/{first}", f"{document_id}/{first}", dataset.value, first, provider,
                    path or document_id, to_micros(at),
                ),
            )  # fmt: skip

        await self.db.write(unit)

    async def do(self, step: Callable[..., T], *args: Any, **given: Any) -> T:
        """Run a part of a transaction in one of its own."""
        return await self.db.write(lambda tx: step(tx, *args, **given))

    async def tell(
        self, document_id: str, *items: NewsItem, symbol: str = "SBIN", at: datetime = NOON, **given: Any
    ) -> tuple[StoredNews, ...]:
        """Save what a document tells; returns the stories that are new."""
        return await self.do(
            news_store.save,
            symbol=symbol,
            provider=given.get("provider", "perplexity"),
            document_id=document_id,
            parsed=ParseResult("news", given.get("strategy", "structured"), (), items),
            fetched_at=at,
            now=at + timedelta(seconds=next(self._seconds)),
            rules=news_stories,
        )

    async def dump(self, *tables: str) -> list[Sequence[Any]]:
        """Every row of some tables."""
        return await self.db.read(
            lambda tx: [row for table in tables for row in tx.all(f"SELECT * FROM {table} ORDER BY 1, 2, 3")]  # noqa: S608
        )


@asynccontextmanager
async def shelf(folder: Path) -> AsyncIterator[Shelf]:
    """An empty database in a folder."""
    db = DatabaseStateManager(folder / "robotrader.db", clock=FakeClock(), synchronous="NORMAL")
    try:
        yield Shelf(db, folder)
    finally:
        await db.close()
