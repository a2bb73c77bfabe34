"""The archive of raw answers: one JSON file each, written whole before anything is parsed, and a row that names it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.models import Dataset, Document, RawAnswer, Task
from robotrader.core.background_scheduler.stores.files import WholeFiles, read_text
from robotrader.core.clock import from_micros, iso, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction
from robotrader.core.errors import NotFoundError, ResourceError

_COLUMNS = "id, task_id, dataset, symbol, provider, path, created_at, cost_usd, usable"


class Archived(NamedTuple):
    """A document with the answer it holds."""

    document: Document
    raw: RawAnswer


class DocumentStore:
    """Documents under one folder; a document's id follows from the call it answers (``CallRow.archived_as``)."""

    def __init__(self, db: DatabaseStateManager, folder: Path) -> None:
        self._db = db
        self._folder = folder
        self._files = WholeFiles()

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
        text = f'{{\n"document": {_json(head)},\n"answer": {_answer(raw)}\n}}\n'
        safe = text if text.isascii() else text.encode("utf-8", "replace").decode()
        await self._files.write(self._folder / document.path, safe)
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


def first_and_last(folder: Path) -> tuple[str, ...]:
    """The ids of the first and of the last archived answer, by their files, without a look at those between."""
    found = [next(_ids(folder, newest=newest), None) for newest in (False, True)]
    return tuple(dict.fromkeys(each for each in found if each is not None))


def is_known(tx: Transaction, document_id: str) -> bool:
    """Part of a transaction: whether there is a row for an answer, or the call that brought it is in the ledger.

    A file is there before its row; the id of its call (``paid_call_rows.apart``) is that of the document, or has
    version 7 in place of 8.
    """
    sql = "SELECT 1 FROM documents WHERE id = ?1 UNION ALL SELECT 1 FROM paid_calls WHERE id IN (?1, ?2) LIMIT 1"
    return tx.one(sql, (document_id, f"{document_id[:14]}7{document_id[15:]}")) is not None


_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def _ids(folder: Path, *, newest: bool) -> Iterator[str]:
    """The ids of archived answers by year and month; only folders that are come to are looked into."""
    for year in _sorted(folder, newest):
        for month in _sorted(year, newest):
            for file in _sorted(month, newest):
                if file.suffix == ".json" and _ID.fullmatch(file.stem):
                    yield file.stem


def _sorted(folder: Path, newest: bool) -> list[Path]:
    return sorted(folder.iterdir(), reverse=newest) if folder.is_dir() else []


def _fields(value: Document | RawAnswer) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _NAMES[type(value)]}


def _answer(raw: RawAnswer) -> str:
    request = raw.request_text or _json(raw.request)
    return f'{{"provider": {_json(raw.provider)}, "request": {request}, {_json(_fields(raw))[1:]}'


_NAMES = {
    Document: Document._fields,
    RawAnswer: tuple(each.name for each in fields(RawAnswer) if not each.name.startswith(("provider", "request"))),
}


_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _path(document_id: str) -> str:
    """Year and month are read from the id (as in UUID version 7), so an answer's file can be found without its row."""
    created = from_micros(int(document_id[:8] + document_id[9:13], 16) * 1000)
    return f"{created.year:04}/{created.month:02}/{document_id}.json"


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
