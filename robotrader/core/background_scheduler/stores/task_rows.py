"""Tasks on disk, as parts of transactions: planned once a slot, claimed under a lease, finished by their owner alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.models import FINAL, Ending, Task, TaskStatus, TaskType
from robotrader.core.clock import IST, from_micros, to_micros
from robotrader.core.database_state import Row, Transaction
from robotrader.core.errors import LockedError

COLUMNS = (
    "id, type, symbol, slot, status, created_at, correlation_id, priority, forced, attempts, not_before, owner, lease_until,"
    " started_at, finished_at, reason, error, provider, paid_calls, cost_usd, strategy, document_id"
)
WAITING = "status IN ('PENDING', 'DEFERRED')"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A symbol that may be due, and since when nothing new was fetched (None: never)."""

    symbol: str
    fetched_at: datetime | None


def insert(tx: Transaction, tasks: Sequence[Task], stale: dict[str, datetime | None]) -> list[Task]:
    """Write planned tasks; returns those that were new (a slot that is there already is left alone)."""
    rows = [
        (
            task.id,
            task.type.value,
            task.symbol or "",
            task.provider,
            to_micros(task.slot),
            task.priority,
            to_micros(fetched) if (fetched := stale.get(task.symbol or "")) else 0,
            task.forced,
            to_micros(task.not_before or task.slot),
            to_micros(task.created_at),
            task.correlation_id,
        )
        for task in tasks
    ]
    added = tx.many(
        "INSERT INTO tasks (id, type, symbol, provider, slot, status, priority, stale_since, forced, not_before, created_at,"
        " correlation_id) VALUES (?, ?, ?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (type, symbol, provider, slot) DO NOTHING",
        rows,
    )
    if added == len(tasks):
        return list(tasks)
    return [task for task in tasks if tx.one("SELECT 1 FROM tasks WHERE id = ?", (task.id,)) is not None]


def due_symbols(
    tx: Transaction, type: TaskType, dataset: str, provider: str, *, slot: datetime, fresh_since: datetime
) -> list[Candidate]:
    """Watchlist symbols whose slot has not run, that are not being worked on, and whose data is not fresh; stalest first."""
    rows = tx.all(
        "SELECT w.symbol, s.fetched_at FROM watchlist w"
        " LEFT JOIN stock_state s ON s.symbol = w.symbol AND s.dataset = :dataset AND s.provider = :provider"
        " WHERE (s.fetched_at IS NULL OR s.fetched_at <= :fresh_since)"
        " AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.type = :type AND t.symbol = w.symbol AND t.provider = :provider"
        "  AND t.slot >= :slot)"
        f" AND w.symbol NOT IN (SELECT symbol FROM tasks WHERE {WAITING} AND type = :type AND provider = :provider)"
        " AND w.symbol NOT IN (SELECT symbol FROM tasks WHERE status = 'RUNNING' AND type = :type AND provider = :provider)"
        " ORDER BY ifnull(s.fetched_at, 0), w.symbol",
        {
            "type": type.value,
            "dataset": dataset,
            "provider": provider,
            "slot": to_micros(slot),
            "fresh_since": to_micros(fresh_since),
        },
    )
    return [Candidate(symbol, from_micros(fetched) if fetched is not None else None) for symbol, fetched in rows]


def claimable(tx: Transaction, now: datetime) -> bool:
    """Whether any task waits to be run now."""
    sql = f"SELECT 1 FROM tasks WHERE {WAITING} AND not_before <= ? LIMIT 1"
    return tx.one(sql, (to_micros(now),)) is not None


def claim(
    tx: Transaction, owner: str, now: datetime, lease_until: datetime, rooms: dict[TaskType, int], ids: Iterable[str] | None
) -> list[Task]:
    """Take due tasks under a lease: highest priority first, then the stalest symbol, then the oldest.

    Args:
        rooms: how many more of each type may run here.
        ids: only these tasks, or None for any.
    """
    micros, which, asked = to_micros(now), "", ()
    if ids is not None:
        which, asked = " AND id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    taken: list[Row] = []
    for kind, room in rooms.items():
        # OR IGNORE leaves out the second of two tasks for the same subject: only one of them may run.
        taken += tx.all(
            "UPDATE OR IGNORE tasks SET status = 'RUNNING', owner = ?, lease_until = ?, attempts = attempts + 1,"
            " started_at = ifnull(started_at, ?), finished_at = NULL WHERE id IN ("
            f"SELECT id FROM tasks t WHERE {WAITING} AND not_before <= ? AND type = ?{which} AND NOT EXISTS (SELECT 1 FROM tasks r"
            " WHERE r.status = 'RUNNING' AND r.type = t.type AND r.symbol = t.symbol AND r.provider = t.provider)"
            f" ORDER BY priority DESC, stale_since, id LIMIT ?) RETURNING {COLUMNS}",
            (owner, to_micros(lease_until), micros, micros, kind.value, *asked, room),
        )
    tasks = [to_task(row) for row in taken]
    tasks.sort(key=lambda task: (-task.priority, task.id))
    return tasks


def finish(tx: Transaction, task: Task, ending: Ending, now: datetime) -> Task:
    """Write how the owner's attempt ended, and count it.

    Raises:
        LockedError: the lease was lost and another process has the task; nothing of this transaction may be kept.
    """
    ended = as_ended(task, ending, now)
    if not tx.run(FINISH, finish_row(task, ended, now)):
        raise LockedError("the task was taken over by another process", metadata={"task": task.id})
    if ended.finished_at is not None:
        count(tx, {(task.type, ending.status): 1}, now)
    return ended


FINISH = (
    "UPDATE tasks SET status = ?, owner = NULL, lease_until = NULL, not_before = ?, finished_at = ?, reason = ?, error = ?,"
    " paid_calls = ?, cost_usd = ?, strategy = ?, document_id = ? WHERE id = ? AND owner = ? AND attempts = ?"
)
"""Changes no row where the lease was lost."""


def as_ended(task: Task, ending: Ending, now: datetime) -> Task:
    """The task as its row will be."""
    return replace(
        task,
        status=ending.status,
        owner=None,
        lease_until=None,
        not_before=ending.not_before or task.not_before,
        finished_at=now if ending.status in FINAL else None,
        reason=ending.reason,
        error=ending.error,
        paid_calls=task.paid_calls + ending.paid_calls,
        cost_usd=_sum(task.cost_usd, ending.cost_usd),
        strategy=ending.strategy,
        document_id=ending.document_id or task.document_id,
    )


def finish_row(task: Task, ended: Task, now: datetime) -> Row:
    """The parameters of ``FINISH`` for a task its owner runs, as it is to end."""
    micros = to_micros(now)
    return (
        ended.status.value,
        to_micros(ended.not_before) if ended.not_before else micros,
        micros if ended.finished_at is not None else None,
        ended.reason,
        json.dumps(ended.error) if ended.error else None,
        ended.paid_calls,
        str(ended.cost_usd) if ended.cost_usd is not None else None,
        ended.strategy,
        ended.document_id,
        task.id,
        task.owner,
        task.attempts,
    )


def count(tx: Transaction, endings: Mapping[tuple[TaskType, TaskStatus], int], now: datetime) -> None:
    """Add to the day's counts of tasks that ended, by type and way."""
    day = now.astimezone(IST).date().isoformat()
    tx.many(
        "INSERT INTO task_counts VALUES (?, ?, ?, ?) ON CONFLICT (day, type, status) DO UPDATE SET n = n + excluded.n",
        [(day, kind.value, status.value, n) for (kind, status), n in endings.items()],
    )


def lapsed(tx: Transaction, now: datetime, dead_owners: Sequence[str]) -> list[Task]:
    """Running tasks whose lease has run out or whose owner is dead."""
    marks = ",".join("?" * len(dead_owners))
    rows = tx.all(
        f"SELECT {COLUMNS} FROM tasks WHERE status = 'RUNNING' AND (lease_until <= ? OR owner IN ({marks}))",
        (to_micros(now), *dead_owners),
    )
    return [to_task(row) for row in rows]


def owners(tx: Transaction) -> list[str]:
    """Who runs tasks, going by the rows."""
    return [row[0] for row in tx.all("SELECT DISTINCT owner FROM tasks WHERE status = 'RUNNING'")]


def answered_late(tx: Transaction) -> list[Task]:
    """Tasks given up as UNKNOWN whose answer was archived after all."""
    columns = ", ".join(f"t.{name.strip()}" for name in COLUMNS.split(","))
    rows = tx.all(
        f"SELECT {columns} FROM tasks t JOIN paid_calls c ON c.task_id = t.id"
        " WHERE t.status = 'UNKNOWN' AND c.status = 'answered'"
    )
    return [to_task(row) for row in rows]


def reopen(tx: Transaction, task: Task, now: datetime) -> Task:
    """Part of a transaction: an UNKNOWN task whose answer is here goes on, for nothing."""
    tx.run(
        "UPDATE tasks SET status = 'PENDING', not_before = ?, finished_at = NULL WHERE id = ? AND status = 'UNKNOWN'",
        (to_micros(now), task.id),
    )
    return replace(task, status=TaskStatus.PENDING, finished_at=None, not_before=now)


def to_task(row: Row) -> Task:
    """The task of a row of ``COLUMNS``."""
    (
        task_id, type_name, symbol, slot, status, created, correlation, priority, forced, attempts, not_before, owner, lease,
        started, finished, reason, error, provider, paid, cost, strategy, document,
    ) = row  # fmt: skip
    return Task(
        id=task_id,
        type=TaskType(type_name),
        symbol=symbol or None,
        slot=from_micros(slot),
        status=TaskStatus(status),
        created_at=from_micros(created),
        correlation_id=correlation,
        priority=priority,
        forced=bool(forced),
        attempts=attempts,
        not_before=from_micros(not_before),
        owner=owner,
        lease_until=to_instant(lease),
        started_at=to_instant(started),
        finished_at=to_instant(finished),
        reason=reason,
        error=json.loads(error) if error else None,
        provider=provider,
        paid_calls=paid,
        cost_usd=Decimal(cost) if cost is not None else None,
        strategy=strategy,
        document_id=document,
    )


def to_instant(micros: int | None) -> datetime | None:
    """A stored instant, or None."""
    return None if micros is None else from_micros(micros)


def _sum(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return b if a is None else a if b is None else a + b
