"""What is to be asked for again from an instant on, however fresh it is by then; parts of transactions.

An ask is made where something happened that makes stored data old (results were due, a story of high impact), and is
gone once an answer fetched after that instant is stored.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.clock import LEEWAY, to_micros
from robotrader.core.database_state import Transaction


class Ask(NamedTuple):
    """One ask; ``event_id`` and ``correlation_id`` are those of the event it follows from."""

    symbol: str
    dataset: Dataset
    provider: str
    due_at: datetime
    reason: str
    correlation_id: str
    event_id: str


def add(tx: Transaction, ask: Ask, now: datetime) -> bool:
    """Write an ask; returns False where it is there already, or was answered since it became due."""
    due = to_micros(ask.due_at)
    subject = (ask.dataset.value, ask.provider, ask.symbol)
    if tx.one(
        "SELECT 1 FROM stock_state WHERE dataset = ? AND provider = ? AND symbol = ? AND fetched_at BETWEEN ? AND ?",
        (*subject, due, to_micros(now + LEEWAY)),
    ):
        return False
    return bool(
        tx.run(
            "INSERT OR IGNORE INTO asks (dataset, provider, symbol, due_at, reason, correlation_id, event_id,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*subject, due, ask.reason, ask.correlation_id, ask.event_id, to_micros(now)),
        )
    )


def settle(tx: Transaction, symbol: str, dataset: Dataset, provider: str, fetched_at: datetime) -> None:
    """An answer was fetched: what was due by then is answered."""
    tx.run(
        "DELETE FROM asks WHERE dataset = ? AND provider = ? AND symbol = ? AND due_at <= ?",
        (dataset.value, provider, symbol, to_micros(fetched_at)),
    )


def withdraw(tx: Transaction, symbol: str, dataset: Dataset, provider: str, now: datetime) -> None:
    """What is not due yet is no longer wanted: the date it was to wait for has changed."""
    tx.run(
        "DELETE FROM asks WHERE dataset = ? AND provider = ? AND symbol = ? AND due_at > ?",
        (dataset.value, provider, symbol, to_micros(now)),
    )
