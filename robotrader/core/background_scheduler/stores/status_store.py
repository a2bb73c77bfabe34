"""Numbers for the status screen, each one look at an index or a counter, however much history there is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from robotrader.core.background_scheduler.models import KeyState, Task
from robotrader.core.background_scheduler.stores.paid_call_rows import ALONE
from robotrader.core.background_scheduler.stores.paid_call_store import Spent, day_of, spent
from robotrader.core.background_scheduler.stores.task_rows import COLUMNS, TASKS, WAITING, to_instant, to_task
from robotrader.core.clock import from_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction

_UNKNOWN = f"SELECT count(DISTINCT ifnull(nullif(batch_id, '{ALONE}'), id)) FROM paid_calls WHERE status = 'unknown'"
"""Calls, not slots: the rows that share a call carry the id of the one that stands for it."""


class Snapshot(NamedTuple):
    """The state of a home at one instant, read in one transaction."""

    initialization: str
    watchlist: int
    waiting: int
    running: int
    today: Mapping[str, int]
    unknown_calls: int
    dead_events: int
    spent: Spent
    keys: tuple[KeyState, ...]
    last_tick: datetime | None
    recent: tuple[Task, ...]


class StatusStore:
    """Reads the state of a home."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def snapshot(self, provider: str, now: datetime, *, recent: int) -> Snapshot:
        """Everything the status screen shows."""
        return await self._db.read(lambda tx: _snapshot(tx, provider, now, recent))


def _number(tx: Transaction, sql: str) -> int:
    row = tx.one(sql)
    return int(row[0]) if row else 0


def _waiting(tx: Transaction, provider: str) -> int:
    row = tx.one(f"SELECT count(*) FROM tasks t WHERE {WAITING} AND t.provider = ?", (provider,))
    return int(row[0]) if row else 0


def _snapshot(tx: Transaction, provider: str, now: datetime, recent: int) -> Snapshot:
    ready = tx.one("SELECT value FROM state WHERE key = 'scheduler.initialization'")
    tick = tx.one("SELECT value FROM state WHERE key = 'scheduler.last_tick'")
    today = tx.all("SELECT status, sum(n) FROM task_counts WHERE day = ? GROUP BY status", (day_of(now),))
    keys = tx.all("SELECT fingerprint, cool_until, removed, reason FROM api_keys ORDER BY service, fingerprint")
    tasks = tx.all(f"SELECT {COLUMNS} FROM {TASKS} ORDER BY t.seq DESC LIMIT ?", (recent,))
    running = _number(tx, "SELECT count(*) FROM leases")
    return Snapshot(
        initialization="not yet" if ready is None else str(json.loads(ready[0])),
        watchlist=_number(tx, "SELECT count(*) FROM watchlist"),
        waiting=_waiting(tx, provider),
        running=running,
        today={status.lower(): n for status, n in today},
        unknown_calls=_number(tx, _UNKNOWN),
        dead_events=_number(tx, "SELECT count(*) FROM events WHERE delivery = 'dead'"),
        spent=spent(tx, provider, now),
        keys=tuple(KeyState(name, to_instant(cool), bool(removed), reason) for name, cool, removed, reason in keys),
        last_tick=from_micros(int(tick[0])) if tick else None,
        recent=tuple(to_task(row) for row in tasks),
    )
