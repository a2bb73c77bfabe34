"""What is known of each symbol's datasets and how old it is; and the watchlist that says which symbols matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import LEEWAY, Clock, from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event, EventType


class StockState(NamedTuple):
    """When a dataset of a symbol was last fetched from a provider (None: never), and into which document.

    ``wanted`` says why it is asked for again however fresh it is; None where nothing asks for it.
    """

    symbol: str
    dataset: Dataset
    provider: str
    fetched_at: datetime | None = None
    document_id: str | None = None
    wanted: str | None = None

    def fresh(self, now: datetime, fresh_for: timedelta) -> bool:
        """Whether asking again is not due yet."""
        return self.fetched_at is not None and -LEEWAY <= now - self.fetched_at < fresh_for


def next_known(tx: Transaction, symbol: str, dataset: Dataset, provider: str) -> str | None:
    """The date on which something new is expected (ISO); of results as ``earnings_store.next_date`` gives it."""
    sql = "SELECT next_known FROM stock_state WHERE symbol = ? AND dataset = ? AND provider = ?"
    row = tx.one(sql, (symbol, dataset.value, provider))
    return None if row is None else row[0]


def update(
    tx: Transaction,
    symbol: str,
    dataset: Dataset,
    provider: str,
    fetched_at: datetime,
    document_id: str,
    next_known: str | None,
    *,
    now: datetime | None = None,
) -> None:
    """Part of a transaction: a dataset was fetched; an older fetch never replaces a newer one.

    One of a clock that ran ahead (``LEEWAY``) is replaced by any other, and replaces none of a clock that was right.

    Args:
        now: where it is not the instant of the fetch: an answer is read again.
    """
    tx.run(
        "INSERT INTO stock_state (symbol, dataset, provider, fetched_at, document_id, next_known)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (symbol, dataset, provider) DO UPDATE SET"
        " fetched_at = excluded.fetched_at, document_id = excluded.document_id,"
        " next_known = ifnull(excluded.next_known, next_known)"
        " WHERE fetched_at > ?7 OR excluded.fetched_at BETWEEN fetched_at AND ?7",
        (
            symbol,
            dataset.value,
            provider,
            to_micros(fetched_at),
            document_id,
            next_known,
            to_micros((now or fetched_at) + LEEWAY),
        ),
    )


class StockStateStore:
    """State of symbols, and the watchlist."""

    def __init__(self, db: DatabaseStateManager, clock: Clock, events: EventStore) -> None:
        self._db = db
        self._clock = clock
        self._events = events

    async def get_stock_state(self, symbol: str, dataset: Dataset, provider: str) -> StockState:
        """The state of one dataset of one symbol."""
        return await self._db.read(lambda tx: self.look(tx, symbol, dataset, provider))

    def look(self, tx: Transaction, symbol: str, dataset: Dataset, provider: str) -> StockState:
        """Part of a transaction: the same."""
        sql = (
            "SELECT fetched_at, document_id, (SELECT reason FROM asks a WHERE a.dataset = s.dataset"
            "  AND a.provider = s.provider AND a.symbol = s.symbol AND a.due_at <= ? AND a.due_at > s.fetched_at"
            "  ORDER BY a.due_at LIMIT 1)"
            " FROM stock_state s WHERE symbol = ? AND dataset = ? AND provider = ?"
        )
        row = tx.one(sql, (to_micros(self._clock.now()), symbol, dataset.value, provider))
        if row is None:
            return StockState(symbol, dataset, provider)
        return StockState(symbol, dataset, provider, from_micros(row[0]), row[1], row[2])

    async def ages(self, provider: str) -> dict[tuple[str, Dataset], datetime]:
        """When each dataset of each symbol was last fetched from a provider."""
        sql = "SELECT symbol, dataset, fetched_at FROM stock_state WHERE provider = ?"
        rows = await self._db.read(lambda tx: tx.all(sql, (provider,)))
        return {(symbol, Dataset(dataset)): from_micros(fetched) for symbol, dataset, fetched in rows}

    async def watchlist(self) -> list[tuple[str, datetime]]:
        """Symbols with the instant they were added, in alphabetical order."""
        rows = await self._db.read(lambda tx: tx.all("SELECT symbol, added_at FROM watchlist ORDER BY symbol"))
        return [(symbol, from_micros(added)) for symbol, added in rows]

    async def watch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Add symbols (already in canonical form) and tell of it; returns those that were new."""
        now = to_micros(self._clock.now())

        def unit(tx: Transaction) -> tuple[str, ...]:
            sql = "INSERT OR IGNORE INTO watchlist VALUES (?, ?)"
            added = tuple(symbol for symbol in dict.fromkeys(symbols) if tx.run(sql, (symbol, now)))
            self._tell(tx, "added", added)
            return added

        return await self._db.write(unit)

    async def unwatch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """Remove symbols and tell of it; returns those that were there. What is known of them is kept."""

        def unit(tx: Transaction) -> tuple[str, ...]:
            sql = "DELETE FROM watchlist WHERE symbol = ?"
            removed = tuple(symbol for symbol in dict.fromkeys(symbols) if tx.run(sql, (symbol,)))
            self._tell(tx, "removed", removed)
            return removed

        return await self._db.write(unit)

    def _tell(self, tx: Transaction, what: str, symbols: tuple[str, ...]) -> None:
        if symbols:
            data = {what: list(symbols)}
            self._events.insert(tx, [Event(type=EventType.DATA_WATCHLIST_CHANGED, source="watchlist", data=data)])
