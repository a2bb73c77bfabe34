"""Earnings records with the words each field was read from; one row for each document and symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.models import Dataset, part_of_year
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import exact_json, search_store
from robotrader.core.background_scheduler.stores.exact_json import dumps, loads, plain
from robotrader.core.clock import IST, from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction

__all__ = ["FIELDS", "EarningsStore", "Expected", "StoredEarnings", "latest", "plain", "profit_ttm", "remove", "save"]

FIELDS = exact_json.names_of(EarningsReport)

_COLUMNS = "document_id, symbol, provider, record, provenance, sources, strategy, fetched_at"
_BASES = ("consolidated", "standalone", None)
_STATED = "json_extract(record, '$.next_earnings_date')"
_BY_DATE = (
    f"{_STATED} IS NOT NULL ORDER BY {_STATED} >= date(fetched_at / 1000000 + 19800, 'unixepoch') DESC,"
    " fetched_at DESC, document_id DESC"
)
"""The next results date: that of the newest answer that states one. A date that was past already (in India, 19800 s
ahead of UTC) when its answer came is no next date; it stands behind those that were not.
"""
_RECENT = timedelta(days=230)
"""A year of quarters whose last one ended longer ago than this is not the latest: results come within 60 days."""


class StoredEarnings(NamedTuple):
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


class Expected(NamedTuple):
    """The next results date of a symbol (ISO), as a stored record states it, with that record's document."""

    symbol: str
    date: str
    fetched_at: datetime
    document_id: str
    provider: str


_PART = (
    "CASE WHEN fiscal_quarter IS NOT NULL THEN fiscal_quarter"
    " WHEN json_extract(record, '$.period_end') = (fiscal_year - 1) || '-09-30' THEN 2.5 ELSE 9 END"
)
"""The place of a record within its year: a quarter, its first half (``models.part_of_year``), the whole."""


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
    """Part of a transaction: write a record, or replace what an earlier parser read out of the same document.

    The same again changes nothing; the instant of the fetch stays that of the first time.
    """
    report = parsed.record
    tx.run(
        f"INSERT INTO earnings ({_COLUMNS}, fiscal_year, fiscal_quarter, basis, parsed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (document_id, symbol) DO UPDATE SET"
        " fiscal_year = excluded.fiscal_year, fiscal_quarter = excluded.fiscal_quarter, basis = excluded.basis,"
        " record = excluded.record, provenance = excluded.provenance, sources = excluded.sources,"
        " strategy = excluded.strategy, parsed_at = excluded.parsed_at"
        " WHERE (record, provenance, sources, strategy) IS NOT"
        "  (excluded.record, excluded.provenance, excluded.sources, excluded.strategy)",
        (
            document_id,
            symbol,
            provider,
            dumps(plain(report)),
            exact_json.from_provenance(report.sources),
            dumps(list(sources)),
            parsed.strategy,
            to_micros(fetched_at),
            report.fiscal_year,
            report.fiscal_quarter,
            report.basis,
            to_micros(now),
        ),
    )
    search_store.put(
        tx,
        kind="earnings",
        ref=document_id,
        symbol=symbol,
        provider=provider,
        at=fetched_at,
        title=_title(report, symbol),
        body=report.guidance or "",
    )


def remove(tx: Transaction, document_id: str, symbol: str) -> None:
    """Part of a transaction: the parser reads nothing of this symbol out of this document any more."""
    subject = (document_id, symbol)
    row = tx.one("SELECT provider FROM earnings WHERE document_id = ? AND symbol = ?", subject)
    tx.run("DELETE FROM earnings WHERE document_id = ? AND symbol = ?", subject)
    if row is not None:
        note_next_date(tx, symbol, row[0])
    search_store.remove(tx, "earnings", document_id, symbol)


def next_date(tx: Transaction, symbol: str, provider: str) -> str | None:
    """Part of a transaction: the next results date (ISO), as the newest answer that states one gives it."""
    sql = f"SELECT {_STATED} FROM earnings WHERE symbol = ? AND provider = ? AND {_BY_DATE} LIMIT 1"
    row = tx.one(sql, (symbol, provider))
    return None if row is None else str(row[0])


def note_next_date(tx: Transaction, symbol: str, provider: str) -> str | None:
    """Part of a transaction: let ``stock_state.next_known`` be the next results date, and return it."""
    day = next_date(tx, symbol, provider)
    tx.run(
        "UPDATE stock_state SET next_known = ? WHERE symbol = ? AND dataset = ? AND provider = ?",
        (day, symbol, Dataset.EARNINGS.value, provider),
    )
    return day


def recorded(tx: Transaction, document_id: str, symbol: str) -> dict[str, Any] | None:
    """Part of a transaction: what is stored of a symbol out of a document, as ``plain`` gives it."""
    row = tx.one("SELECT record FROM earnings WHERE document_id = ? AND symbol = ?", (document_id, symbol))
    return None if row is None else _record(row[0])


def latest(tx: Transaction, symbol: str, provider: str) -> dict[str, Any] | None:
    """Part of a transaction: the newest record of the latest quarter stored; None where no quarter is.

    A surprise that the newest record of that quarter does not state is taken from the newest one that does.
    """
    rows = tx.all(
        "SELECT record, fiscal_year, fiscal_quarter FROM earnings WHERE symbol = ? AND provider = ?"
        " AND fiscal_year IS NOT NULL AND fiscal_quarter IS NOT NULL"
        " ORDER BY fiscal_year DESC, fiscal_quarter DESC, fetched_at DESC, document_id DESC",
        (symbol, provider),
    )
    records = [_record(row[0]) for row in rows if row[1:] == rows[0][1:]]
    if not records:
        return None
    stated = (found for each in records if (found := each["surprise_pct"]) is not None)
    return {**records[0], "surprise_pct": next(stated, None)}


def profit_ttm(tx: Transaction, symbol: str, provider: str, at: datetime | None = None) -> Decimal | None:
    """Part of a transaction: the net profit of the latest four quarters, in rupees, where all four are stored.

    The quarters follow one another and are of one basis, consolidated where there is a choice.

    Args:
        at: the latest as of this instant: quarters that ended later do not count, nor does a year that is long past.
    """
    rows = tx.all(
        "SELECT fiscal_year, fiscal_quarter, basis, record FROM earnings WHERE symbol = ? AND provider = ?"
        " AND fiscal_year IS NOT NULL AND fiscal_quarter IS NOT NULL ORDER BY fetched_at, document_id",
        (symbol, provider),
    )
    day = None if at is None else at.astimezone(IST).date()
    profits: dict[tuple[str | None, int], Decimal] = {}
    for year, quarter, basis, text in rows:
        profit = _record(text)["net_profit_inr"]
        if profit is not None and (day is None or _quarter_end(year * 4 + quarter) <= day):
            profits[basis, year * 4 + quarter] = profit
    if not profits:
        return None
    last = max(number for _, number in profits)
    if day is not None and day - _quarter_end(last) > _RECENT:
        return None
    for basis in _BASES:
        year_of = [profits.get((basis, number)) for number in range(last - 3, last + 1)]
        if None not in year_of:
            return sum((profit for profit in year_of if profit is not None), Decimal(0))
    return None


class EarningsStore:
    """Reads earnings records."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def history(self, symbol: str, *, provider: str | None, limit: int) -> list[StoredEarnings]:
        """The newest record of each period, the latest first; a year comes before its quarters."""
        which = "" if provider is None else "AND provider = :provider"
        rows = await self._db.read(
            lambda tx: tx.all(
                f"SELECT {_COLUMNS} FROM (SELECT *, row_number() OVER (PARTITION BY fiscal_year, {_PART}, basis,"
                f" provider ORDER BY fetched_at DESC) AS nth FROM earnings WHERE symbol = :symbol {which})"
                f" WHERE nth = 1 ORDER BY fiscal_year DESC, {_PART} DESC, fetched_at DESC LIMIT :limit",
                {"symbol": symbol, "provider": provider, "limit": limit},
            )
        )
        return [_stored(row) for row in rows]

    async def dated(self, symbol: str, *, provider: str | None) -> StoredEarnings | None:
        """The record that states the next results date, whichever quarter it is of; None where none does."""
        which = "" if provider is None else "AND provider = :provider"
        sql = f"SELECT {_COLUMNS} FROM earnings WHERE symbol = :symbol {which} AND {_BY_DATE} LIMIT 1"
        row = await self._db.read(lambda tx: tx.one(sql, {"symbol": symbol, "provider": provider}))
        return None if row is None else _stored(row)

    async def expected(self, provider: str) -> dict[str, Expected]:
        """The next results date that is known of each symbol from a provider, past ones included."""
        sql = f"SELECT symbol, {_STATED}, fetched_at, document_id FROM earnings WHERE provider = ? AND {_BY_DATE}"
        rows = await self._db.read(lambda tx: tx.all(sql, (provider,)))
        return {
            symbol: Expected(symbol, day, from_micros(fetched), document_id, provider)
            for symbol, day, fetched, document_id in reversed(rows)  # of several, the first stays
        }


def _title(report: EarningsReport, symbol: str) -> str:
    """``State Bank of India results Q2 FY26``; what the second migration wrote for older records."""
    part = part_of_year(report.fiscal_year, report.fiscal_quarter, report.period_end)
    year = "" if report.fiscal_year is None else f"FY{report.fiscal_year % 100:02}"
    return " ".join(word for word in (report.company or symbol, "results", part, year) if word)


def _quarter_end(number: int) -> date:
    """The last day of an Indian fiscal quarter, given as 4 x fiscal year + quarter."""
    year, quarter = divmod(number - 1, 4)
    ends = ((year - 1, 6, 30), (year - 1, 9, 30), (year - 1, 12, 31), (year, 3, 31))
    return date(*ends[quarter])


def _record(text: str) -> dict[str, Any]:
    """A stored record; fields that are newer than it are empty."""
    found: dict[str, Any] = loads(text)
    return {name: found.get(name) for name in FIELDS}


def _stored(row: Row) -> StoredEarnings:
    document_id, symbol, provider, record, provenance, sources, strategy, fetched_at = row
    return StoredEarnings(
        document_id,
        symbol,
        provider,
        _record(record),
        exact_json.to_provenance(provenance),
        loads(sources),
        strategy,
        from_micros(fetched_at),
    )
