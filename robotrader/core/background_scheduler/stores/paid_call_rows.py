"""Rows of the ledger of paid calls, as parts of transactions: read, and called unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Task
from robotrader.core.background_scheduler.stores import task_leases
from robotrader.core.clock import to_micros
from robotrader.core.database_state import Transaction

ALONE = "alone"
"""In place of a batch's id: the symbol was not in its batch's answer, and is asked for by itself from then on."""


class CallRow(NamedTuple):
    """One row of the ledger.

    Attributes:
        cost_usd: what was billed for the slot: its share of a batch's bill, and what was billed for it alone.
        batch_id: None for a call of its own, ``ALONE``, or the id of the row that stands for the call it shares.
    """

    id: str
    status: CallStatus
    task_id: str
    document_id: str | None
    cost_usd: Decimal | None
    sends: int
    batch_id: str | None = None

    @property
    def shared(self) -> bool:
        """Whether it shares a call with others."""
        return self.batch_id is not None and self.batch_id != ALONE

    @property
    def stand_in(self) -> str:
        """The id of the row that stands for its call."""
        return self.batch_id if self.batch_id is not None and self.batch_id != ALONE else self.id

    @property
    def archived_as(self) -> str:
        """The id of the document with its answer; known before there is one, so that its file can be found."""
        return apart(self.id) if self.batch_id == ALONE else self.stand_in


def mark_unknown(tx: Transaction, call_id: str, reason: str, now: datetime) -> bool:
    """A call that was sent and whose outcome nobody can know; returns whether it was one. It stays reserved."""
    sql = "UPDATE paid_calls SET status = 'unknown', reason = ?, ended_at = ? WHERE id = ? AND status = 'sent'"
    return tx.run(sql, (reason, to_micros(now), call_id)) == 1


def of_task(tx: Transaction, task_id: str) -> CallRow | None:
    """The call of a task, if it came to one."""
    return _row(tx, "task_id = ?", (task_id,))


def billed(tx: Transaction, row: CallRow) -> int:
    """How many calls a row stood for that were billed or may have been; each one that was left a document."""
    open_now = row.status in {CallStatus.SENT, CallStatus.UNKNOWN} and row.stand_in == row.id
    if row.batch_id is None:
        return int(open_now or row.status is CallStatus.ANSWERED)
    found = tx.all("SELECT 1 FROM documents WHERE id IN (?, ?)", (row.id, apart(row.id)))
    return len(found) + open_now


def apart(call_id: str) -> str:
    """The id of the document of a call that was made alone after it had been part of a batch.

    The row may have stood for the batch, whose document has the plain id. Version 8 of a UUID is free for such use.
    """
    return f"{call_id[:14]}8{call_id[15:]}"


def of_slot(tx: Transaction, task: Task, dataset: Dataset) -> CallRow | None:
    """The call of a task's slot, if it came to one."""
    return _row(tx, "dataset = ? AND symbol = ? AND provider = ? AND slot = ?", subject(task, dataset))


def of_slot_and_lost(
    tx: Transaction, task: Task, dataset: Dataset, since: datetime | None
) -> tuple[CallRow | None, bool]:
    """The call of a task's slot, and whether one was sent and never settled: that one, or one of a slot since then."""
    *about, slot = subject(task, dataset)
    first = slot if since is None else min(slot, to_micros(since))
    where = "dataset = ? AND symbol = ? AND provider = ? AND slot >= ? AND (slot = ? OR status IN ('sent', 'unknown'))"
    rows = [(row, at) for row, at in _rows(tx, where, (*about, first, slot)) if since is not None or at == slot]
    own = next((row for row, at in rows if at == slot), None)
    return own, any(row.status in {CallStatus.SENT, CallStatus.UNKNOWN} for row, _ in rows)


def own_row(tx: Transaction, task: Task, call_id: str) -> CallRow | None:
    """A row that is this process's to move on: it claimed it, and still holds the lease of the task behind it."""
    row = _row(tx, "id = ? AND owner = ?", (call_id, task.owner))
    return row if row is not None and task_leases.holds(tx, task) else None


def subject(task: Task, dataset: Dataset) -> tuple[str, str, str | None, int]:
    """What a slot is of: dataset, symbol, provider, slot."""
    return dataset.value, task.symbol or "", task.provider, to_micros(task.slot)


def _row(tx: Transaction, where: str, parameters: Sequence[object]) -> CallRow | None:
    rows = _rows(tx, where, parameters)
    return rows[0][0] if rows else None


def _rows(tx: Transaction, where: str, parameters: Sequence[object]) -> list[tuple[CallRow, int]]:
    """Rows, each with its slot."""
    sql = f"SELECT id, status, task_id, document_id, cost_usd, sends, batch_id, slot FROM paid_calls WHERE {where}"
    return [
        (
            CallRow(
                call_id,
                CallStatus(status),
                task_id,
                document_id,
                None if cost is None else Decimal(cost),
                sends,
                batch,
            ),
            slot,
        )
        for call_id, status, task_id, document_id, cost, sends, batch, slot in tx.all(sql, parameters)
    ]
