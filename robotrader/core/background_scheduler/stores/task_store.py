"""Tasks, one operation a transaction; ``task_rows`` has the parts that compose into larger ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.stores.task_rows import (
    COLUMNS,
    TASKS,
    TROUBLE,
    WAITING,
    to_instant,
    to_task,
)
from robotrader.core.clock import LEEWAY, from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import NotFoundError

_PROVIDER = "(SELECT value FROM json_each(?) WHERE key = t.type)"


class TaskStore:
    """Tasks, one operation a transaction."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def renew(self, owner: str, lease_until: datetime) -> int:
        """Extend the lease of everything an owner runs; returns how many tasks that is."""
        until = to_micros(lease_until)
        return await self._db.write(lambda tx: tx.run("UPDATE leases SET until = ? WHERE owner = ?", (until, owner)))

    async def get(self, task_id: str) -> Task:
        """One task, by its id or an unmistakable beginning of it.

        Raises:
            NotFoundError: none, or more than one.
        """
        rows = await self._db.read(
            lambda tx: tx.all(
                f"SELECT {COLUMNS} FROM {TASKS} WHERE t.id >= ? AND t.id < ? LIMIT 2", (task_id, task_id + "~")
            )
        )
        if len(rows) != 1 or not task_id:
            raise NotFoundError(
                f"{'no' if not rows else 'more than one'} task {task_id[:60]!r}",
                remedy="robotrader tasks list shows the ids",
            )
        return to_task(rows[0])

    async def many(self, ids: Sequence[str]) -> list[Task]:
        """Tasks by id, in the order asked for."""
        rows = await self._db.read(
            lambda tx: [tx.one(f"SELECT {COLUMNS} FROM {TASKS} WHERE t.id = ?", (task_id,)) for task_id in ids]
        )
        return [to_task(row) for row in rows if row is not None]

    async def list(self, *, status: str | None, symbol: str | None, limit: int) -> list[Task]:
        """The newest tasks that match, newest first."""
        given = {"status": status, "symbol": symbol, "limit": limit}
        conditions = ["TRUE" if status is None else _having(status), "TRUE" if symbol is None else "t.symbol = :symbol"]
        sql = f"SELECT {COLUMNS} FROM {TASKS} WHERE {' AND '.join(conditions)} ORDER BY t.seq DESC LIMIT :limit"
        return [to_task(row) for row in await self._db.read(lambda tx: tx.all(sql, given))]

    async def next_waiting(self, providers: Mapping[TaskType, str]) -> datetime | None:
        """When the next task that waits for the provider of its type may run, or None where none waits."""
        sql = f"SELECT min(t.not_before) FROM tasks t WHERE {WAITING} AND t.provider = {_PROVIDER}"
        row = await self._db.read(lambda tx: tx.one(sql, (json.dumps(providers),)))
        return from_micros(row[0]) if row and row[0] is not None else None

    async def waiting(self, providers: Mapping[TaskType, str], now: datetime) -> Sequence[Task]:
        """Tasks that wait for the provider of their type and may run now, in the order in which they are claimed."""
        sql = (
            f"SELECT {COLUMNS} FROM {TASKS} WHERE {WAITING} AND t.provider = {_PROVIDER} AND t.not_before <= ?"
            " ORDER BY t.priority DESC, t.stale_since, t.seq"
        )
        given = (json.dumps(providers), to_micros(now))
        return [to_task(row) for row in await self._db.read(lambda tx: tx.all(sql, given))]

    async def next_expiry(
        self, dataset: str, provider: str, fresh_for: timedelta, own: Mapping[str, timedelta], now: datetime
    ) -> datetime | None:
        """When the first symbol of the watchlist is no longer fresh; long past where one was never fetched.

        What was fetched by a clock that ran ahead (``LEEWAY``) counts as never fetched.
        """
        sql = (
            "SELECT min(ifnull(s.fetched_at + ifnull(o.value, ?), 0)) FROM watchlist w"
            " LEFT JOIN stock_state s ON s.symbol = w.symbol AND s.dataset = ? AND s.provider = ? AND s.fetched_at <= ?"
            " LEFT JOIN json_each(?) o ON o.key = w.symbol"
        )
        spans = json.dumps({symbol: _micros(span) for symbol, span in own.items()})
        given = (_micros(fresh_for), dataset, provider, to_micros(now + LEEWAY), spans)
        row = await self._db.read(lambda tx: tx.one(sql, given))
        return to_instant(row[0]) if row else None

    async def next_ask(self, dataset: str, provider: str, now: datetime) -> datetime | None:
        """When the next thing becomes due that an event asks for."""
        sql = (
            "SELECT min(a.due_at) FROM asks a JOIN watchlist w ON w.symbol = a.symbol"
            " WHERE a.dataset = ? AND a.provider = ? AND a.due_at > ?"
        )
        row = await self._db.read(lambda tx: tx.one(sql, (dataset, provider, to_micros(now))))
        return to_instant(row[0]) if row else None

    async def hurry(self, task: Task, now: datetime) -> None:
        """Let a task that waits for later run now."""
        sql = f"UPDATE tasks AS t SET not_before = ? WHERE t.id = ? AND {WAITING}"
        await self._db.write(lambda tx: tx.run(sql, (to_micros(now), task.id)))

    async def note_tick(self, now: datetime) -> None:
        """Remember that a tick came to its end."""
        sql = "INSERT OR REPLACE INTO state (key, value, updated_at) VALUES ('scheduler.last_tick', ?, ?)"
        await self._db.write(lambda tx: tx.run(sql, (str(to_micros(now)), to_micros(now))))


def _micros(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _having(status: str) -> str:
    """Tasks of one status, in words that let an index find them among many others."""
    if status == TaskStatus.RUNNING.value:
        return "t.id IN (SELECT b.task_id FROM leases b)"
    if status in {TaskStatus.PENDING.value, TaskStatus.DEFERRED.value}:
        return f"{WAITING} AND t.status = :status"
    if status in {TaskStatus.COMPLETED.value, TaskStatus.SKIPPED.value}:
        return "t.finished_at IS NOT NULL AND t.status = :status"
    return f"{TROUBLE} AND t.status = :status"
