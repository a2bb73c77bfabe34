"""The archive of raw answers: one JSON file each, written whole before anything is parsed, and a row that names it."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.models import Dataset, Document, RawAnswer, Task
from robotrader.core.background_scheduler.stores.files import read_text, write_atomic
from robotrader.core.clock import from_micros, iso, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction
from robotrader.core.errors import NotFoundError, ResourceError

_COLUMNS = "id, task_id, dataset, symbol, provider, path, created_at, cost_usd, usable"


@dataclass(frozen=True, slots=True)
class Archived:
    """A document with the answer it holds."""

    document: Document
    raw: RawAnswer


class DocumentStore:
    """Documents under one folder; a document's id follows from the call it answers (``CallRow.archived_as``)."""

    def __init__(self, db: DatabaseStateManager, folder: Path) -> None:
        self._db = db
        self._folder = folder

    async def write(self, task: Task, dataset: Dataset, document_id: str, raw: RawAnswer, now: datetime) -> Document:
        """Write the file of an answer; the row comes later, in the transaction that settles the call.

        Where several tasks share the call, ``task`` is the one whose row stands for it; the rows of the ledger tell
        the rest.

        Raises:
            ResourceError: the file cannot be written.
        """
        document = Document(
            id=document_id,
            task_id=task.id,
            dataset=dataset,
            symbol=task.symbol or "",
            provider=raw.provider,
            path=_path(document_id),
            created_at=now,
            cost_usd=raw.cost_usd,
            usable=raw.usable,
        )
        head = {**_fields(document), "created_at": iso(now)}
        # A line each: indenting would take ten times as long, and the body is one string in any case.
        text = f'{{\n"document": {_json(head)},\n"answer": {_json(_fields(raw))}\n}}\n'
        await write_atomic(self._folder / document.path, text.encode("utf-8", "replace").decode())
        return document

    def insert(self, tx: Transaction, document: Document, call_id: str) -> None:
        """Part of a transaction: the row of a written file."""
        tx.run(
            f"INSERT OR IGNORE INTO documents ({_COLUMNS}, call_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                document.id,
                document.task_id,
                document.dataset.value,
                document.symbol,
                document.provider,
                document.path,
                to_micros(document.created_at),
                None if document.cost_usd is None else str(document.cost_usd),
                document.usable,
                call_id,
            ),
        )

    async def load(self, document_id: str) -> Archived:
        """A document by the id of its row.

        Raises:
            NotFoundError: no such document.
            ResourceError: its file is gone or not what was written.
        """
        row = await self._db.read(lambda tx: tx.one(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (document_id,)))
        if row is None:
            raise NotFoundError(f"no document {document_id!r}")
        document = _document(row)
        found = await self.find(document_id)
        if found is None:
            raise ResourceError(
                f"the archived answer {document.path} is gone", remedy="restore documents/ from a backup"
            )
        return Archived(document, found.raw)

    async def find(self, document_id: str) -> Archived | None:
        """An archived answer, read from its file alone; None where no whole file was written.

        Raises:
            ResourceError: the file is there and is not a document.
        """
        text = await read_text(self._folder / _path(document_id))
        if text is None:
            return None
        try:
            found = json.loads(text)
            head, answer = found["document"], found["answer"]
            document = Document(
                **{
                    **head,
                    "dataset": Dataset(head["dataset"]),
                    "created_at": datetime.fromisoformat(head["created_at"]),
                    "cost_usd": _decimal(head["cost_usd"]),
                }
            )
            return Archived(document, RawAnswer(**{**answer, "cost_usd": _decimal(answer["cost_usd"])}))
        except (ValueError, KeyError, TypeError, ArithmeticError) as error:
            raise ResourceError(f"the archived answer {_path(document_id)} is damaged", details=repr(error)) from error

    async def of(self, dataset: Dataset, symbol: str | None) -> list[Document]:
        """Usable documents of a dataset (of one symbol), oldest first."""
        which, parameters = ("", (dataset.value,)) if symbol is None else (" AND symbol = ?", (dataset.value, symbol))
        sql = f"SELECT {_COLUMNS} FROM documents WHERE dataset = ?{which} AND usable = 1 ORDER BY created_at"
        return [_document(row) for row in await self._db.read(lambda tx: tx.all(sql, parameters))]


def _fields(value: Document | RawAnswer) -> dict[str, Any]:
    return {each.name: getattr(value, each.name) for each in fields(value)}


_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _path(document_id: str) -> str:
    """Year and month are read from the id (as in UUID version 7), so an answer's file can be found without its row."""
    created = from_micros(int(document_id[:8] + document_id[9:13], 16) * 1000)
    return f"{created:%Y}/{created:%m}/{document_id}.json"


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _document(row: Row) -> Document:
    document_id, task_id, dataset, symbol, provider, path, created, cost, usable = row
    return Document(
        document_id,
        task_id,
        Dataset(dataset),
        symbol,
        provider,
        path,
        from_micros(created),
        _decimal(cost),
        bool(usable),
    )
