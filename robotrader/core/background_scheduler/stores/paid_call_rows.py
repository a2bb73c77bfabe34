"""Rows of the ledger of paid calls, as parts of transactions: read, and called unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Task
from robotrader.core.background_scheduler.stores import task_leases
from robotrader.core.clock import to_micros
from robotrader.core.database_state import Transaction

ALONE = "alone"
"""In place of a batch's id: the symbol was not in its batch's answer, and is asked for by itself from then on."""


@dataclass(frozen=True, slots=True)
class CallRow:
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


def own_row(tx: Transaction, task: Task, call_id: str) -> CallRow | None:
    """A row that is this process's to move on: it claimed it, and still holds the lease of the task behind it."""
    row = _row(tx, "id = ? AND owner = ?", (call_id, task.owner))
    return row if row is not None and task_leases.holds(tx, task) else None


def subject(task: Task, dataset: Dataset) -> tuple[object, ...]:
    """What a slot is of: dataset, symbol, provider, slot."""
    return (dataset.value, task.symbol or "", task.provider, to_micros(task.slot))


def _row(tx: Transaction, where: str, parameters: Sequence[object]) -> CallRow | None:
    sql = f"SELECT id, status, task_id, document_id, cost_usd, sends, batch_id FROM paid_calls WHERE {where}"
    row = tx.one(sql, parameters)
    if row is None:
        return None
    call_id, status, task_id, document_id, cost, sends, batch = row
    usd = None if cost is None else Decimal(cost)
    return CallRow(call_id, CallStatus(status), task_id, document_id, usd, sends, batch)


def lost(tx: Transaction, row: CallRow | None, subject: Sequence[object], since: datetime | None) -> bool:
    """Whether a call for a subject was sent and never settled: of this slot, or of one since then."""
    if row is not None and row.status in {CallStatus.SENT, CallStatus.UNKNOWN}:
        return True
    return since is not None and _unsettled_since(tx, subject, since)


def _unsettled_since(tx: Transaction, subject: Sequence[object], since: datetime) -> bool:
    """Whether a call for a subject (its own slot comes last), of a slot since then, was sent and never settled."""
    sql = (
        "SELECT 1 FROM paid_calls WHERE dataset = ? AND symbol = ? AND provider = ? AND slot >= ?"
        " AND status IN ('sent', 'unknown') LIMIT 1"
    )
    return tx.one(sql, (*subject[:-1], to_micros(since))) is not None
