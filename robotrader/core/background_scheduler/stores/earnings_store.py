"""Earnings records with the words each field was read from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.records import EarningsReport, ParseResult, Provenance
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction

FIELDS = tuple(field.name for field in fields(EarningsReport) if field.name != "sources")

_COLUMNS = "document_id, symbol, provider, record, provenance, sources, strategy, fetched_at"


@dataclass(frozen=True, slots=True)
class StoredEarnings:
    """One record as it was read out of one document.

    ``record`` holds the fields by name, numbers as ``Decimal``; ``sources`` are the search results of the answer.
    """

    document_id: str
    symbol: str
    provider: str
    record: Mapping[str, Any]
    provenance: Mapping[str, Provenance]
    sources: Sequence[Mapping[str, Any]]
    strategy: str
    fetched_at: datetime


def plain(report: EarningsReport) -> dict[str, Any]:
    """The fields by name, without their provenance."""
    return {name: getattr(report, name) for name in FIELDS}


def save(
    tx: Transaction,
    *,
    symbol: str,
    provider: str,
    document_id: str,
    parsed: ParseResult[EarningsReport],
    sources: Sequence[Mapping[str, Any]],
    fetched_at: datetime,
    now: datetime,
) -> None:
    """Part of a transaction: write a record, or replace what an earlier parser read out of the same document."""
    report = parsed.record
    provenance = {name: [p.layer, p.words, p.offset] for name, p in report.sources.items()}
    tx.run(
        "INSERT OR REPLACE INTO earnings (document_id, symbol, provider, fiscal_year, fiscal_quarter, basis, record,"
        " provenance, sources, strategy, fetched_at, parsed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document_id,
            symbol,
            provider,
            report.fiscal_year,
            report.fiscal_quarter,
            report.basis,
            json.dumps(plain(report), ensure_ascii=False, default=_tagged),
            json.dumps(provenance, ensure_ascii=False),
            json.dumps(list(sources), ensure_ascii=False),
            parsed.strategy,
            to_micros(fetched_at),
            to_micros(now),
        ),
    )


def remove(tx: Transaction, document_id: str) -> None:
    """Part of a transaction: the parser reads nothing out of this document any more."""
    tx.run("DELETE FROM earnings WHERE document_id = ?", (document_id,))


class EarningsStore:
    """Reads earnings records."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def by_document(self, document_id: str) -> StoredEarnings | None:
        """The record read out of a document."""
        row = await self._db.read(
            lambda tx: tx.one(f"SELECT {_COLUMNS} FROM earnings WHERE document_id = ?", (document_id,))
        )
        return None if row is None else _stored(row)

    async def history(self, symbol: str, *, provider: str | None, limit: int) -> list[StoredEarnings]:
        """The newest record of each quarter, latest quarter first; records without a quarter come last."""
        which = "" if provider is None else "AND provider = :provider"
        rows = await self._db.read(
            lambda tx: tx.all(
                f"SELECT {_COLUMNS} FROM (SELECT *, row_number() OVER (PARTITION BY fiscal_year, fiscal_quarter, basis,"
                f" provider ORDER BY fetched_at DESC) AS nth FROM earnings WHERE symbol = :symbol {which})"
                " WHERE nth = 1 ORDER BY fiscal_year DESC, ifnull(fiscal_quarter, 9) DESC, fetched_at DESC"
                " LIMIT :limit",
                {"symbol": symbol, "provider": provider, "limit": limit},
            )
        )
        return [_stored(row) for row in rows]


def _tagged(value: Any) -> Any:
    """Decimals keep their exact digits in JSON."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    raise TypeError(f"cannot store {type(value).__name__}")


def _untagged(found: dict[str, Any]) -> Any:
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found


def _stored(row: Row) -> StoredEarnings:
    document_id, symbol, provider, record, provenance, sources, strategy, fetched_at = row
    return StoredEarnings(
        document_id,
        symbol,
        provider,
        json.loads(record, object_hook=_untagged),
        {name: Provenance(*parts) for name, parts in json.loads(provenance).items()},
        json.loads(sources),
        strategy,
        from_micros(fetched_at),
    )
