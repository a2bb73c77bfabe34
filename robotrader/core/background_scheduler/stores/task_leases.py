"""The tasks a process works on, as parts of transactions: claimed under a lease, finished by the lease's owner alone.

That an attempt at a task is under way is a row of ``leases``, whose key is what is worked on: claiming is one small
insert, and two processes never get the same thing. The task's own row is written when the attempt ends.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.models import FINAL, Ending, Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.stores.task_rows import COLUMNS, OPEN, Instants, Micros, count, to_task
from robotrader.core.clock import to_micros
from robotrader.core.database_state import Transaction
from robotrader.core.errors import LockedError

_CLAIMABLE = (
    "SELECT t.id, t.symbol, t.slot, t.created_at, t.correlation_id, t.priority, t.forced, t.attempts, t.not_before,"
    " t.started_at, t.paid_calls, t.cost_usd, t.document_id, t.stale_since FROM tasks t"
    f" WHERE {OPEN} AND t.type = ? AND t.provider = ? AND t.not_before <= ?"
    " AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.type = t.type AND l.symbol = t.symbol AND l.provider = t.provider)"
)
_IN_ORDER = " ORDER BY t.priority DESC, t.stale_since, t.seq LIMIT ?"


def claimable(tx: Transaction, providers: Mapping[TaskType, str], now: datetime) -> bool:
    """Whether any task of these types waits to be run now by its provider, and nobody works on the same."""
    due, sql = to_micros(now), _CLAIMABLE + " LIMIT 1"
    return any(tx.one(sql, (kind.value, provider, due)) is not None for kind, provider in providers.items())


class Claim(NamedTuple):
    """What is to be claimed: by whom, until when, of which provider by type, and how many of each type at most.

    ``ids`` are the only tasks wanted, or None for any.
    """

    owner: str
    until: datetime
    providers: Mapping[TaskType, str]
    rooms: Mapping[TaskType, int]
    ids: Sequence[str] | None = None


def claim(tx: Transaction, wanted: Claim, now: datetime) -> list[Task]:
    """Take due tasks under a lease: highest priority first, then the stalest symbol, then the oldest."""
    micros, until = to_micros(now), to_micros(wanted.until)
    instants = Instants({micros: now})
    leases, tasks, stalest = [], [], []
    which, asked = ("", ()) if wanted.ids is None else _among(wanted.ids)
    for kind, room in wanted.rooms.items():
        subjects, name, provider = set(), kind.value, wanted.providers[kind]
        for row in tx.all(_CLAIMABLE + which + _IN_ORDER, (name, provider, micros, *asked, room)):
            (
                task_id,
                symbol,
                slot,
                created,
                correlation,
                priority,
                forced,
                attempts,
                not_before,
                started,
                paid,
                cost,
                document,
                stale,
            ) = row
            if symbol in subjects:
                continue  # the second of two tasks for the same subject has to wait
            subjects.add(symbol)
            first = micros if started is None else started
            leases.append((name, symbol, provider, task_id, wanted.owner, until, attempts + 1, first))
            stalest.append(stale)
            tasks.append(
                Task(
                    task_id,
                    kind,
                    symbol or None,
                    instants[slot],
                    TaskStatus.RUNNING,
                    instants[created],
                    correlation or task_id,
                    priority,
                    forced == 1,
                    attempts + 1,
                    instants[not_before],
                    wanted.owner,
                    wanted.until,
                    instants[first],
                    None,
                    None,
                    None,
                    provider,
                    paid,
                    None if cost is None else Decimal(cost),
                    None,
                    document,
                )
            )
    tx.many("INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?)", leases)
    if len(wanted.rooms) > 1:
        order = sorted(range(len(tasks)), key=lambda each: (-tasks[each].priority, stalest[each]))
        return [tasks[each] for each in order]
    return tasks


def _among(ids: Sequence[str]) -> tuple[str, tuple[str]]:
    return " AND t.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)


def finish(tx: Transaction, attempts: Sequence[tuple[Task, Ending]], now: datetime) -> list[Task]:
    """Write how attempts ended, and count them; returns the tasks as they are then.

    Raises:
        LockedError: a lease was lost and another process has the task; nothing of this transaction may be kept.
    """
    micros, stored = to_micros(now), Micros()
    leases, rows, ended = [], [], []
    finals: list[tuple[TaskType, TaskStatus]] = []
    for task, ending in attempts:
        after = as_ended(task, ending, now)
        final = after.finished_at is not None
        leases.append((task.type._value_, task.symbol or "", task.provider, task.id, task.owner, task.attempts))
        rows.append(
            (
                after.status._value_,
                after.attempts,
                micros if after.not_before is None else stored[after.not_before],
                micros if task.started_at is None else stored[task.started_at],
                micros if final else 0,
                after.reason or "",
                json.dumps(after.error) if after.error else "",
                after.paid_calls,
                "" if after.cost_usd is None else str(after.cost_usd),
                after.strategy or "",
                after.document_id or "",
                task.id,
            )
        )
        ended.append(after)
        if final:
            finals.append((task.type, after.status))
    if tx.many(_RELEASE, leases) != len(leases):
        raise LockedError(
            "a task was taken over by another process", metadata={"tasks": [task.id for task, _ in attempts]}
        )
    tx.many(_FINISH, rows)
    if finals:
        count(tx, Counter(finals), now)
    return ended


_MINE = "FROM leases WHERE type = ? AND symbol = ? AND provider = ? AND task_id = ? AND owner = ? AND attempt = ?"
_RELEASE = f"DELETE {_MINE}"
"""Removes no row where the lease was lost."""

# None takes five times as long to bind as a text or a number: sqlite3 asks every adapter first.
_FINISH = (
    "UPDATE tasks SET status = ?, attempts = ?, not_before = ?, started_at = ?, finished_at = nullif(?, 0),"
    " reason = nullif(?, ''), error = nullif(?, ''), paid_calls = ?, cost_usd = nullif(?, ''),"
    " strategy = nullif(?, ''), document_id = nullif(?, '') WHERE id = ?"
)


def as_ended(task: Task, ending: Ending, now: datetime) -> Task:
    """The task as it is after an attempt."""
    cost = task.cost_usd if ending.cost_usd is None else ending.cost_usd
    if task.cost_usd is not None and ending.cost_usd is not None:
        cost = task.cost_usd + ending.cost_usd
    return Task(
        task.id,
        task.type,
        task.symbol,
        task.slot,
        ending.status,
        task.created_at,
        task.correlation_id,
        task.priority,
        task.forced,
        task.attempts if ending.counted else task.attempts - 1,
        ending.not_before or task.not_before,
        None,
        None,
        task.started_at,
        now if ending.status in FINAL else None,
        ending.reason,
        ending.error,
        task.provider,
        task.paid_calls + ending.paid_calls,
        cost,
        ending.strategy,
        ending.document_id or task.document_id,
    )


HELD = f"EXISTS (SELECT 1 {_MINE})"
"""``holds``, as a condition of a statement; its parameters are ``lease_of`` the task."""


def lease_of(task: Task) -> tuple[str, str, str | None, str, str | None, int]:
    """The lease under which a task was claimed: type, symbol, provider, task, owner, attempt."""
    return task.type.value, task.symbol or "", task.provider, task.id, task.owner, task.attempts


def holds(tx: Transaction, task: Task) -> bool:
    """Whether the lease under which a task was claimed is still its owner's."""
    return tx.one(f"SELECT 1 {_MINE}", lease_of(task)) is not None


def lapsed(tx: Transaction, now: datetime, dead_owners: Sequence[str]) -> list[Task]:
    """Running tasks whose lease has run out or whose owner is dead."""
    marks = ",".join("?" * len(dead_owners))
    rows = tx.all(
        f"SELECT {COLUMNS} FROM leases l JOIN tasks t ON t.id = l.task_id WHERE l.until <= ? OR l.owner IN ({marks})",
        (to_micros(now), *dead_owners),
    )
    return [to_task(row) for row in rows]


def owners(tx: Transaction) -> list[str]:
    """Who runs tasks, going by the rows."""
    return [row[0] for row in tx.all("SELECT DISTINCT owner FROM leases")]
