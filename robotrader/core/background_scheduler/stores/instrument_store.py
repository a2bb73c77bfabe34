"""The broker's daily list of instruments, as parts of transactions: loaded in chunks, then freed of what is gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import Instrument
from robotrader.core.clock import IST, from_micros, to_micros
from robotrader.core.database_state import StateKey, Transaction

STATE = StateKey("instruments", dict)
PUBLISHED_AT = time(8, 30)
_COLUMNS = "symbol, token, name, tick_size, lot_size, kind, segment"


class Loaded(NamedTuple):
    """Whose list was loaded, and when."""

    provider: str
    size: int
    at: datetime


def get(tx: Transaction, symbol: str) -> Instrument | None:
    """One instrument, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM instruments WHERE symbol = ?", (symbol,))
    if row is None:
        return None
    name, token, words, tick, lot, kind, segment = row
    return Instrument(name, token, words, Decimal(tick), lot, kind, segment)


def listed(tx: Transaction, provider: str, symbol: str) -> Instrument | None:
    """One instrument of a provider's list; None where that is another's, or there is none."""
    found = loaded(tx)
    return get(tx, symbol) if found is not None and found.provider == provider else None


def add(tx: Transaction, rows: Iterable[Instrument]) -> int:
    """Write a chunk of the list; what is known by its symbol is replaced."""
    return tx.many(
        f"INSERT OR REPLACE INTO instruments ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*row[:3], str(row.tick_size), *row[4:]) for row in rows],
    )


def finish(tx: Transaction, provider: str, seen: Collection[str], now: datetime) -> int:
    """The whole list was loaded: take out what is not on it any more; returns how many that were."""
    gone = tx.run(
        "DELETE FROM instruments WHERE symbol NOT IN (SELECT value FROM json_each(?))", (json.dumps(list(seen)),)
    )
    value = json.dumps({"provider": provider, "count": len(seen)})
    tx.run(
        "INSERT OR REPLACE INTO state (key, value, updated_at) VALUES (?, ?, ?)", (STATE.name, value, to_micros(now))
    )
    return gone


def loaded(tx: Transaction) -> Loaded | None:
    """When a list was last loaded in full; None where none was."""
    row = tx.one("SELECT value, updated_at FROM state WHERE key = ?", (STATE.name,))
    if row is None:
        return None
    value = json.loads(row[0])
    return Loaded(str(value.get("provider")), int(value.get("count", 0)), from_micros(row[1]))


def is_due(found: Loaded | None, provider: str, now: datetime) -> bool:
    """Whether the list is older than the last 08:30 IST, when a new one is out, or is another provider's."""
    if found is None or found.provider != provider:
        return True
    return found.at < last_list(now) or found.at > now + timedelta(days=1)


def last_list(now: datetime) -> datetime:
    """The last 08:30 IST, in UTC (https://kite.trade/docs/connect/v3/market-quotes/#instruments)."""
    local = now.astimezone(IST)
    today = datetime.combine(local.date(), PUBLISHED_AT, IST)
    return (today if local >= today else today - timedelta(days=1)).astimezone(UTC)
