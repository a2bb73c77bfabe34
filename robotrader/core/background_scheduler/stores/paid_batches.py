"""One paid call for several slots: their rows move together, one of them stands for the call, and the bill is shared.

::

    claimed > sent > answered | unknown        all rows, in one transaction each
              sent > refused                   the same; a further "sent" may leave out whose lease was lost meanwhile
                     answered > refused        one row: its symbol was not in the answer, so it is asked for alone

The row that stands for the call counts for it: its reservation, and one call. The others count nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar

from robotrader.core.background_scheduler.models import CallStatus, Dataset, RawAnswer, Task
from robotrader.core.background_scheduler.stores import halt_store, task_leases
from robotrader.core.background_scheduler.stores.paid_call_rows import (
    ALONE,
    CallRow,
    billed,
    of_slot,
    of_slot_and_lost,
    of_task,
    own_row,
    subject,
)
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore, day_of, release, reserve
from robotrader.core.clock import to_micros
from robotrader.core.database_state import Transaction
from robotrader.core.errors import OutcomeUnknownError
from robotrader.core.ids import new_id

T = TypeVar("T")

LEFT_OUT = "not in the batch's answer"

_SENDABLE = frozenset({CallStatus.CLAIMED, CallStatus.REFUSED})
_CLAIMED = frozenset({CallStatus.CLAIMED})
_OPEN = frozenset({CallStatus.CLAIMED, CallStatus.SENT})


class Wanted(NamedTuple):
    """A task that would share a call; ``since`` as for ``PaidCallStore.claim``."""

    task: Task
    since: datetime | None


class Member(NamedTuple):
    """A task with its row of a shared call."""

    task: Task
    call_id: str


class Bill(NamedTuple):
    """What was paid for a task: calls that its row stood for, and dollars, its share of shared ones included.

    ``batched`` says that its slot is, or was, part of a shared call.
    """

    calls: int
    usd: Decimal | None
    batched: bool = False


class JointCall:
    """The claimed rows of one call; the client moves them on together (``clients.ports.CallPort``)."""

    def __init__(self, ledger: PaidCallStore, dataset: Dataset, members: Sequence[Member]) -> None:
        self._ledger = ledger
        self._dataset = dataset
        self._all = tuple(members)
        self.members = tuple(members)
        self.outcome = CallStatus.CLAIMED

    @property
    def id(self) -> str:
        """The id of the row that stands for the call."""
        return self.members[0].call_id

    async def sent(self, fingerprint: str) -> None:
        """Commit "sent" for every row that is still this process's to send; the rest is left out.

        Raises:
            OutcomeUnknownError: none is.
            BudgetExceededError: the budget was spent meanwhile.
        """
        await self.sent_by(lambda _: fingerprint)

    async def sent_by(self, key_of: Callable[[Transaction], str | None]) -> bool:
        """The same in the transaction in which ``key_of`` names the key; False, and not "sent", where it names none."""

        def step(tx: Transaction, now: datetime) -> tuple[Member, ...]:
            fingerprint = key_of(tx)
            return () if fingerprint is None else self._send(tx, fingerprint, now)

        members = await self._move(step)
        if members:
            self.members, self.outcome = members, CallStatus.SENT
        return bool(members)

    async def refused(self, reason: str) -> None:
        """Known not to be billed: the reservation is given back."""
        await self._move(lambda tx, now: self._give_back(tx, self.members, _OPEN, reason, now))
        self.outcome = CallStatus.REFUSED

    async def unknown(self, reason: str) -> None:
        """Sent, and the outcome cannot be known, for any of them."""
        sql = (
            "UPDATE paid_calls SET status = 'unknown', reason = ?, ended_at = ? WHERE batch_id = ? AND status = 'sent'"
        )
        await self._move(lambda tx, now: tx.run(sql, (reason, to_micros(now), self.id)))
        self.outcome = CallStatus.UNKNOWN

    async def answered(self, raw: RawAnswer) -> str:
        """Archive the answer, then record it and each row's share of what it cost; returns the document's id."""
        first = self.members[0]
        row = CallRow(first.call_id, CallStatus.SENT, first.task.id, None, None, 0, first.call_id)
        document_id = await self._ledger.archive(first.task, self._dataset, row, raw)
        self.outcome = CallStatus.ANSWERED
        return document_id

    async def _move(self, step: Callable[[Transaction, datetime], T]) -> T:
        return await self._ledger.move(self.members[0].task, step)

    def _send(self, tx: Transaction, fingerprint: str, now: datetime) -> tuple[Member, ...]:
        halt_store.check(tx)
        # What was claimed is given back first: the row that stood for the call may be the one that is left out.
        self._give_back(tx, self._all, _CLAIMED, "not sent", now)
        ours = tuple(
            member
            for member in self._all
            if (row := own_row(tx, member.task, member.call_id)) is not None
            and row.status in _SENDABLE
            and row.batch_id == self.id
        )
        if not ours:
            raise OutcomeUnknownError("the call is no longer this process's to send", recoverable=False)
        first = ours[0]
        reserved = str(reserve(tx, self._ledger.limits, first.task.provider or "", now))
        tx.many(
            "UPDATE paid_calls SET status = 'sent', batch_id = ?, day = ?, reserved_usd = ?, key_fingerprint = ?,"
            " sends = sends + 1, sent_at = ?, reason = NULL WHERE id = ?",
            [
                (
                    first.call_id,
                    day_of(now),
                    reserved if each is first else "0",
                    fingerprint,
                    to_micros(now),
                    each.call_id,
                )
                for each in ours
            ],
        )
        return ours

    def _give_back(
        self, tx: Transaction, members: Sequence[Member], which: frozenset[CallStatus], reason: str, now: datetime
    ) -> None:
        for member in members:
            row = own_row(tx, member.task, member.call_id)
            if row is None or row.status not in which or row.batch_id != self.id:
                continue
            release(tx, self._ledger.limits, row)
            tx.run(
                "UPDATE paid_calls SET status = 'refused', reserved_usd = '0', reason = ?, ended_at = ? WHERE id = ?",
                (reason[:300], to_micros(now), row.id),
            )


class PaidBatches:
    """Calls for several slots, over the ledger."""

    def __init__(self, ledger: PaidCallStore) -> None:
        self._ledger = ledger

    async def sharable(self, wanted: Wanted, dataset: Dataset) -> bool:
        """Whether a task may share its call: its slot was not asked for yet, or was refused."""
        return await self._ledger.look(lambda tx, _: _sharable(*_found(tx, wanted, dataset)))

    async def claim(self, wanted: Sequence[Wanted], dataset: Dataset) -> JointCall | None:
        """Write the intent of one call for several slots, within the budget; None where fewer than two may share one.

        Raises:
            BudgetExceededError: nothing was written.
        """
        members = await self._ledger.move(wanted[0].task, lambda tx, now: self._claim(tx, wanted, dataset, now))
        return JointCall(self._ledger, dataset, members) if members else None

    def _claim(self, tx: Transaction, wanted: Sequence[Wanted], dataset: Dataset, now: datetime) -> list[Member]:
        found = [(each, *_found(tx, each, dataset)) for each in wanted]
        rows = [(each, row) for each, row, lost in found if _sharable(row, lost)]
        if len(rows) < 2:
            return []
        members = [Member(each.task, new_id(now) if row is None else row.id) for each, row in rows]
        for _, row in rows:
            if row is not None:
                release(tx, self._ledger.limits, row)
        first = members[0]
        reserved = str(reserve(tx, self._ledger.limits, first.task.provider or "", now))
        for (task, call_id), (_, row) in zip(members, rows, strict=True):
            amount, about = reserved if call_id == first.call_id else "0", subject(task, dataset)
            if row is None:
                tx.run(
                    "INSERT INTO paid_calls (id, task_id, dataset, symbol, provider, slot, status, owner, day,"
                    " reserved_usd, claimed_at, batch_id) VALUES (?, ?, ?, ?, ?, ?, 'claimed', ?, ?, ?, ?, ?)",
                    (call_id, task.id, *about, task.owner, day_of(now), amount, to_micros(now), first.call_id),
                )
            else:
                tx.run(
                    "UPDATE paid_calls SET status = 'claimed', owner = ?, task_id = ?, day = ?, reserved_usd = ?,"
                    " batch_id = ? WHERE id = ?",
                    (task.owner, task.id, day_of(now), amount, first.call_id, call_id),
                )
        return members

    async def leave_out(self, task: Task, dataset: Dataset) -> None:
        """Let a task ask alone: what the shared call brought has nothing for it. Its share of the bill stays its own.

        Raises:
            OutcomeUnknownError: its row is not in an answered batch of ours.
        """
        await self._ledger.move(task, lambda tx, now: _leave_out(tx, task, dataset, now))

    async def bills(self, tasks: Sequence[Task]) -> dict[str, Bill]:
        """What was paid for each of some tasks, by its id, that is not in the task's own row yet."""
        return await self._ledger.look(lambda tx, _: {task.id: _bill(tx, task) for task in tasks})


def unbilled(tx: Transaction, task: Task, row: CallRow) -> Bill:
    """What was paid for a task according to its row of the ledger, beyond what the task's own row says already."""
    usd = row.cost_usd
    if usd is not None and task.cost_usd is not None:
        usd = (usd - task.cost_usd) or None
    return Bill(max(0, billed(tx, row) - task.paid_calls), usd, row.batch_id is not None)


def _bill(tx: Transaction, task: Task) -> Bill:
    row = of_task(tx, task.id)
    return Bill(0, None) if row is None else unbilled(tx, task, row)


def _found(tx: Transaction, wanted: Wanted, dataset: Dataset) -> tuple[CallRow | None, bool]:
    return of_slot_and_lost(tx, wanted.task, dataset, wanted.since)


def _sharable(row: CallRow | None, lost: bool) -> bool:
    return not lost and (row is None or (row.status in _SENDABLE and row.batch_id != ALONE))


def _leave_out(tx: Transaction, task: Task, dataset: Dataset, now: datetime) -> None:
    row = of_slot(tx, task, dataset)
    # The process that sent it may have died: what counts is who works on the task now.
    if row is None or not row.shared or row.status is not CallStatus.ANSWERED or not task_leases.holds(tx, task):
        raise OutcomeUnknownError("the call is no longer this process's to send", recoverable=False)
    tx.run(
        "UPDATE paid_calls SET status = 'refused', batch_id = ?, document_id = NULL, reserved_usd = '0', reason = ?,"
        " ended_at = ? WHERE id = ?",
        (ALONE, LEFT_OUT, to_micros(now), row.id),
    )
