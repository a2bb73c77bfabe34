"""Fundamentals as they were read, with what is doubtful about them; one row for each document and symbol, all kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from robotrader.core.background_scheduler.records import Fundamentals, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import exact_json, search_store
from robotrader.core.background_scheduler.stores.exact_json import dumps, loads, plain
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction

__all__ = ["FIELDS", "FundamentalsStore", "StoredFundamentals", "plain", "recorded", "remove", "save"]

FIELDS = exact_json.names_of(Fundamentals)
WORDS = ("recommendation", "strengths", "weaknesses", "opportunities", "threats")
"""The fields that can be searched."""

_COLUMNS = "document_id, symbol, provider, record, provenance, doubts, sources, strategy, fetched_at"


class Doubted(Protocol):
    """A value that contradicts bounds or another value (``fundamental_checks.Doubt``)."""

    @property
    def field(self) -> str:
        """Which field."""
        ...

    @property
    def check(self) -> str:
        """Which check it fails."""
        ...

    @property
    def message(self) -> str:
        """What is wrong, in plain words."""
        ...


class StoredFundamentals(NamedTuple):
    """One record as it was read out of one document.

    ``record`` holds the fields by name, numbers as ``Decimal``; each of ``doubts`` has field, check and message;
    ``sources`` are the search results of the answer.
    """

    document_id: str
    symbol: str
    provider: str
    record: Mapping[str, Any]
    provenance: Mapping[str, Provenance]
    doubts: Sequence[Mapping[str, Any]]
    sources: Sequence[Mapping[str, Any]]
    strategy: str
    fetched_at: datetime


def save(
    tx: Transaction,
    *,
    symbol: str,
    provider: str,
    document_id: str,
    parsed: ParseResult[Fundamentals],
    doubts: Sequence[Doubted],
    sources: Sequence[Mapping[str, Any]],
    fetched_at: datetime,
    now: datetime,
) -> None:
    """Part of a transaction: write a record, or replace what an earlier parser read out of the same document.

    The same again changes nothing; the instant of the fetch stays that of the first time.
    """
    record = parsed.record
    tx.run(
        f"INSERT INTO fundamentals ({_COLUMNS}, as_of, parsed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (document_id, symbol) DO UPDATE SET as_of = excluded.as_of, record = excluded.record,"
        " provenance = excluded.provenance, doubts = excluded.doubts, sources = excluded.sources,"
        " strategy = excluded.strategy, parsed_at = excluded.parsed_at"
        " WHERE (record, provenance, doubts, sources, strategy) IS NOT"
        "  (excluded.record, excluded.provenance, excluded.doubts, excluded.sources, excluded.strategy)",
        (
            document_id,
            symbol,
            provider,
            dumps(plain(record)),
            exact_json.from_provenance(record.sources),
            dumps([{"field": doubt.field, "check": doubt.check, "message": doubt.message} for doubt in doubts]),
            dumps(list(sources)),
            parsed.strategy,
            to_micros(fetched_at),
            record.as_of,
            to_micros(now),
        ),
    )
    search_store.put(
        tx,
        kind="fundamentals",
        ref=document_id,
        symbol=symbol,
        provider=provider,
        at=fetched_at,
        title=f"{symbol} fundamentals{'' if record.as_of is None else f' {record.as_of}'}",
        body=_words(record),
    )


def remove(tx: Transaction, document_id: str, symbol: str) -> None:
    """Part of a transaction: the parser reads nothing of this symbol out of this document any more."""
    tx.run("DELETE FROM fundamentals WHERE document_id = ? AND symbol = ?", (document_id, symbol))
    search_store.remove(tx, "fundamentals", document_id, symbol)


def recorded(tx: Transaction, document_id: str, symbol: str) -> dict[str, Any] | None:
    """Part of a transaction: what is stored of a symbol out of a document, as ``plain`` gives it."""
    row = tx.one("SELECT record FROM fundamentals WHERE document_id = ? AND symbol = ?", (document_id, symbol))
    return None if row is None else _record(row[0])


class FundamentalsStore:
    """Reads fundamentals."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def history(self, symbol: str, *, provider: str | None, limit: int) -> list[StoredFundamentals]:
        """The records of a symbol, the one fetched last first."""
        which = "" if provider is None else "AND provider = :provider"
        sql = (
            f"SELECT {_COLUMNS} FROM fundamentals WHERE symbol = :symbol {which}"
            " ORDER BY fetched_at DESC, document_id DESC LIMIT :limit"
        )
        given = {"symbol": symbol, "provider": provider, "limit": limit}
        return [_stored(row) for row in await self._db.read(lambda tx: tx.all(sql, given))]


def _words(record: Fundamentals) -> str:
    found = [getattr(record, name) for name in WORDS]
    lines = [line for value in found for line in (value if isinstance(value, tuple) else (value,)) if line]
    return "\n".join(lines)


def _record(text: str) -> dict[str, Any]:
    """A stored record; fields that are newer than it are empty."""
    found: dict[str, Any] = loads(text)
    return {name: found.get(name) for name in FIELDS}


def _stored(row: Row) -> StoredFundamentals:
    document_id, symbol, provider, record, provenance, doubts, sources, strategy, fetched_at = row
    return StoredFundamentals(
        document_id,
        symbol,
        provider,
        _record(record),
        exact_json.to_provenance(provenance),
        loads(doubts),
        loads(sources),
        strategy,
        from_micros(fetched_at),
    )
