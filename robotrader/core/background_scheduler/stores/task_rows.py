"""Tasks on disk, as parts of transactions: planned once a slot, found when they are due, read back.

``task_leases`` has what a process does with the tasks it works on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.clock import IST, LEEWAY, from_micros, to_micros
from robotrader.core.database_state import Row, Transaction

TASKS = (
    "tasks t LEFT JOIN leases l"
    " ON l.type = t.type AND l.symbol = t.symbol AND l.provider = t.provider AND l.task_id = t.id"
)
"""Every task (``t``) with its lease (``l``), where an attempt at it is under way."""

COLUMNS = (
    "t.id, t.type, t.symbol, t.slot, CASE WHEN l.owner IS NULL THEN t.status ELSE 'RUNNING' END, t.created_at,"
    " ifnull(t.correlation_id, t.id), t.priority, t.forced, ifnull(l.attempt, t.attempts), t.not_before, l.owner,"
    " l.until, ifnull(t.started_at, l.started_at), t.finished_at, t.reason, t.error, t.provider, t.paid_calls,"
    " t.cost_usd, t.strategy, t.document_id"
)
"""What ``to_task`` reads, of ``TASKS``."""

OPEN = "t.finished_at IS NULL"
"""Waits or runs; ``WAITING`` only waits."""

WAITING = f"{OPEN} AND NOT EXISTS (SELECT 1 FROM leases b WHERE b.task_id = t.id)"

TROUBLE = "t.finished_at IS NOT NULL AND t.status <> 'COMPLETED' AND t.status <> 'SKIPPED'"
"""In the words of the index ``tasks_trouble``."""


_INSERT = (
    "INSERT INTO tasks (id, type, symbol, provider, slot, status, priority, stale_since, forced, not_before,"
    " created_at, correlation_id) VALUES (?, ?, ?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, nullif(?, ''))"
    " ON CONFLICT (type, symbol, provider, slot) DO NOTHING"
)


def insert(tx: Transaction, tasks: Sequence[Task], stale: Mapping[str, datetime | None]) -> list[Task]:
    """Write planned tasks; returns those that were new (a slot that is there already is left alone)."""
    micros = Micros()
    rows = [
        (
            task.id,
            task.type.value,
            task.symbol or "",
            task.provider,
            micros[task.slot],
            task.priority,
            micros[fetched] if (fetched := stale.get(task.symbol or "")) else 0,
            int(task.forced),
            micros[task.not_before or task.slot],
            micros[task.created_at],
            "" if task.correlation_id == task.id else task.correlation_id,
        )
        for task in tasks
    ]
    added = tx.many(_INSERT, rows)
    if added == len(tasks):
        return list(tasks)
    return [task for task in tasks if tx.one("SELECT 1 FROM tasks WHERE id = ?", (task.id,)) is not None]


# What lies after :ahead was written by a clock that was wrong: it makes nothing fresh, and no slot has run there.
# The slot is looked up by the symbol of either table, so that it is looked up for what is not fresh alone.
_DUE = (
    "SELECT w.symbol, s.fetched_at FROM watchlist w"
    " LEFT JOIN stock_state s ON s.symbol = w.symbol AND s.dataset = :dataset AND s.provider = :provider"
    " LEFT JOIN json_each(:own_fresh_since) o ON o.key = w.symbol"
    " WHERE (s.fetched_at IS NULL OR s.fetched_at > :ahead OR s.fetched_at <= ifnull(o.value, :fresh_since)"
    "  OR EXISTS (SELECT 1 FROM asks a WHERE a.dataset = :dataset AND a.provider = :provider"
    "   AND a.symbol = w.symbol AND a.due_at <= :slot AND a.due_at > s.fetched_at))"
    " AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.type = :type AND t.symbol = ifnull(s.symbol, w.symbol)"
    "  AND t.provider = :provider AND t.slot BETWEEN :slot AND :ahead)"
    f" AND w.symbol NOT IN (SELECT t.symbol FROM tasks t WHERE {OPEN} AND t.type = :type AND t.provider = :provider)"
)

# What an event asks for has a slot of its own: the instant from which on it is asked for.
_ASKED = (
    "SELECT a.symbol, s.fetched_at, a.due_at, a.reason, a.correlation_id FROM asks a"
    " JOIN watchlist w ON w.symbol = a.symbol"
    " LEFT JOIN stock_state s ON s.symbol = a.symbol AND s.dataset = a.dataset AND s.provider = a.provider"
    " WHERE a.dataset = :dataset AND a.provider = :provider AND a.due_at <= :now"
    " AND (s.fetched_at IS NULL OR s.fetched_at > :ahead OR s.fetched_at < a.due_at)"
    " AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.type = :type AND t.symbol = a.symbol"
    "  AND t.provider = a.provider AND t.slot BETWEEN a.due_at AND :ahead)"
    f" AND a.symbol NOT IN (SELECT t.symbol FROM tasks t WHERE {OPEN} AND t.type = :type AND t.provider = :provider)"
)

RAISED = 5
"""How much the priority of a symbol is raised while its results are near."""

NEAR_DAYS = 7
"""Results this many days ahead, or fewer, are near."""


class Slot(NamedTuple):
    """The newest slot of one type for one provider, and since when a dataset counts as fresh.

    ``own_fresh_since`` is the same for single symbols.
    """

    type: TaskType
    dataset: str
    provider: str
    at: datetime
    now: datetime
    fresh_since: datetime
    own_fresh_since: Mapping[str, datetime]

    def parameters(self) -> dict[str, str | int]:
        """For the queries above."""
        own = {symbol: to_micros(since) for symbol, since in self.own_fresh_since.items()}
        return {
            "type": self.type.value,
            "dataset": self.dataset,
            "provider": self.provider,
            "slot": to_micros(self.at),
            "now": to_micros(self.now),
            "ahead": to_micros(self.now + LEEWAY),
            "fresh_since": to_micros(self.fresh_since),
            "own_fresh_since": json.dumps(own),
        }


class DueSymbol(NamedTuple):
    """A symbol that is due: when it was last fetched (None: never), and the slot and reason of what asks for it.

    Where no event asks for it, the slot is that of the schedule, and reason and correlation are empty.
    """

    symbol: str
    fetched_at: datetime | None
    slot: datetime
    reason: str = ""
    correlation_id: str = ""


def any_due(tx: Transaction, slot: Slot) -> bool:
    """Whether ``due_symbols`` or ``asked_symbols`` would find any; quicker where there are many."""
    given = slot.parameters()
    return any(tx.one(sql + " LIMIT 1", given) is not None for sql in (_DUE, _ASKED))


def due_symbols(tx: Transaction, slot: Slot) -> list[DueSymbol]:
    """Watchlist symbols whose slot has not run, that nobody works on, and whose data is not fresh; stalest first."""
    rows = tx.all(_DUE + " ORDER BY ifnull(s.fetched_at, 0), w.symbol", slot.parameters())
    instants = Instants()
    return [DueSymbol(symbol, None if fetched is None else instants[fetched], slot.at) for symbol, fetched in rows]


def asked_symbols(tx: Transaction, slot: Slot) -> list[DueSymbol]:
    """Watchlist symbols that an event asks for and that nobody works on; each once, for what became due first."""
    rows = tx.all(_ASKED + " ORDER BY a.due_at, a.symbol", slot.parameters())
    found: dict[str, DueSymbol] = {}
    for symbol, fetched, due, reason, correlation in rows:
        each = DueSymbol(symbol, to_instant(fetched), from_micros(due), reason, correlation)
        found.setdefault(symbol, each)
    return list(found.values())


def near_results(tx: Transaction, provider: str, now: datetime) -> frozenset[str]:
    """Symbols whose next results date, as far as one is known, is today or at most ``NEAR_DAYS`` ahead (IST)."""
    today = now.astimezone(IST).date()
    last = today + timedelta(days=NEAR_DAYS)
    rows = tx.all(
        "SELECT symbol FROM stock_state WHERE dataset = 'earnings' AND provider = ? AND next_known BETWEEN ? AND ?",
        (provider, today.isoformat(), last.isoformat()),
    )
    return frozenset(row[0] for row in rows)


def insert_due(
    tx: Transaction, slot: Slot, due: Sequence[DueSymbol], ids: Sequence[str], *, priority: int, near: frozenset[str]
) -> int:
    """Write a task for each symbol that is due, with the ids given; returns how many were new."""
    kind, provider, micros, stored = slot.type.value, slot.provider, to_micros(slot.now), Micros()
    return tx.many(
        _INSERT,
        [
            (
                task_id,
                kind,
                each.symbol,
                provider,
                stored[each.slot],
                priority + (RAISED if each.symbol in near else 0),
                stored[each.fetched_at] if each.fetched_at else 0,
                0,
                micros,
                micros,
                each.correlation_id,
            )
            for task_id, each in zip(ids, due, strict=True)
        ],
    )


def cancel(tx: Transaction, task: Task, now: datetime) -> Task | None:
    """Cancel a task that waits; returns it as it is then, or None where it does not wait."""
    reason = "cancelled by hand"
    changed = tx.run(
        f"UPDATE tasks AS t SET status = 'CANCELLED', finished_at = ?, reason = ? WHERE t.id = ? AND {WAITING}",
        (to_micros(now), reason, task.id),
    )
    if not changed:
        return None
    count(tx, {(task.type, TaskStatus.CANCELLED): 1}, now)
    return task._replace(status=TaskStatus.CANCELLED, finished_at=now, reason=reason, error=None)


def count(tx: Transaction, endings: Mapping[tuple[TaskType, TaskStatus], int], now: datetime) -> None:
    """Add to the day's counts of tasks that ended, by type and way."""
    day = now.astimezone(IST).date().isoformat()
    tx.many(
        "INSERT INTO task_counts VALUES (?, ?, ?, ?) ON CONFLICT (day, type, status) DO UPDATE SET n = n + excluded.n",
        [(day, kind.value, status.value, n) for (kind, status), n in endings.items()],
    )


def answered_late(tx: Transaction) -> list[Task]:
    """Tasks given up as UNKNOWN whose answer was archived after all."""
    rows = tx.all(
        f"SELECT {COLUMNS} FROM {TASKS} JOIN paid_calls c ON c.task_id = t.id"
        f" WHERE {TROUBLE} AND t.status = 'UNKNOWN' AND c.status = 'answered'"
    )
    return [to_task(row) for row in rows]


def reopen(tx: Transaction, task: Task, now: datetime) -> Task:
    """Part of a transaction: an UNKNOWN task whose answer is here goes on, for nothing."""
    tx.run(
        "UPDATE tasks SET status = 'PENDING', not_before = ?, finished_at = NULL WHERE id = ? AND status = 'UNKNOWN'",
        (to_micros(now), task.id),
    )
    row = tx.one(f"SELECT {COLUMNS} FROM {TASKS} WHERE t.id = ?", (task.id,))
    return task if row is None else to_task(row)


def to_task(row: Row) -> Task:
    """The task of a row of ``COLUMNS``."""
    (
        task_id, type_name, symbol, slot, status, created, correlation, priority, forced, attempts, not_before, owner,
        lease, started, finished, reason, error, provider, paid, cost, strategy, document,
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


class Instants(dict[int, datetime]):
    """Stored instants as they are read; the many equal ones of a batch are made once."""

    def __missing__(self, micros: int) -> datetime:
        instant = self[micros] = from_micros(micros)
        return instant


class Micros(dict[datetime, int]):
    """The other way round."""

    def __missing__(self, instant: datetime) -> int:
        micros = self[instant] = to_micros(instant)
        return micros
