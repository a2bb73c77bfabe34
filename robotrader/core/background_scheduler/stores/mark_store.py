"""What was told of a symbol and is not told again, as parts of transactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Transaction


class Mark(NamedTuple):
    """How far something was told on a day."""

    day: date
    level: str


def read(tx: Transaction, provider: str, kind: str) -> dict[str, Mark]:
    """The last mark of one kind of each symbol."""
    return {symbol: mark for symbol, (mark, _) in read_with_times(tx, provider, kind).items()}


def read_with_times(tx: Transaction, provider: str, kind: str) -> dict[str, tuple[Mark, datetime]]:
    """The same, each with when it was told."""
    sql = "SELECT symbol, day, level, told_at FROM market_marks WHERE provider = ? AND kind = ?"
    return {
        symbol: (Mark(date.fromisoformat(day), level), from_micros(told))
        for symbol, day, level, told in tx.all(sql, (provider, kind))
    }


def save(tx: Transaction, provider: str, kind: str, marks: Mapping[str, Mark], now: datetime) -> None:
    """Write marks down, over the last one of the same kind and symbol."""
    rows: Iterable[tuple[str | int, ...]] = (
        (provider, symbol, kind, mark.day.isoformat(), mark.level, to_micros(now)) for symbol, mark in marks.items()
    )
    tx.many(
        "INSERT OR REPLACE INTO market_marks (provider, symbol, kind, day, level, told_at) VALUES (?, ?, ?, ?, ?, ?)",
        rows,
    )
