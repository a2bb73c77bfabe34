"""The ledger of paid calls: one row a slot, claimed > sent > answered | unknown, and the budget it is checked against.

"Sent" is on disk before the request leaves, and the budget is checked in the transaction that writes the intent. A row
that is sent or unknown is never sent again; a slot is one row, so nothing above can pay for a slot twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Document, RawAnswer, Task
from robotrader.core.background_scheduler.stores import task_leases
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import IST, Clock, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import BudgetExceededError, OutcomeUnknownError
from robotrader.core.event_bus import Event, EventType
from robotrader.core.ids import new_id

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that may be spent; None sets no limit. ``reserve_usd`` is counted for a call until its bill is known."""

    daily_usd: Decimal | None
    monthly_usd: Decimal | None
    daily_calls: int | None
    monthly_calls: int | None
    reserve_usd: Decimal


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls and dollars of a day and of its month (IST), open reservations and unknown outcomes included."""

    day_usd: Decimal
    month_usd: Decimal
    day_calls: int
    month_calls: int


@dataclass(frozen=True, slots=True)
class CallRow:
    """One row of the ledger."""

    id: str
    status: CallStatus
    task_id: str
    document_id: str | None
    cost_usd: Decimal | None
    sends: int


def day_of(now: datetime) -> str:
    """The IST calendar day, the day budgets count in."""
    return now.astimezone(IST).date().isoformat()


def spent(tx: Transaction, provider: str, now: datetime) -> Spent:
    """What was spent with a provider today and this month."""
    today = day_of(now)
    rows = tx.all(
        "SELECT day, calls, usd FROM spend WHERE day >= ? AND day <= ? AND provider = ?",
        (today[:8] + "01", today, provider),
    )
    of_day = [(calls, Decimal(usd)) for day, calls, usd in rows if day == today]
    return Spent(
        day_usd=sum((usd for _, usd in of_day), ZERO),
        month_usd=sum((Decimal(usd) for _, _, usd in rows), ZERO),
        day_calls=sum(calls for calls, _ in of_day),
        month_calls=sum(calls for _, calls, _ in rows),
    )


def check_budget(so_far: Spent, limits: Limits) -> None:
    """Refuse one more call where it could go past a limit.

    Raises:
        BudgetExceededError: names the limit.
    """
    dollars = (("daily", so_far.day_usd, limits.daily_usd), ("monthly", so_far.month_usd, limits.monthly_usd))
    for name, used, limit in dollars:
        if limit is not None and used + limits.reserve_usd > limit:
            raise BudgetExceededError(
                f"the {name} budget of ${limit} is spent (${used} used, ${limits.reserve_usd} reserved for a call)",
                remedy=f"raise budget.{name}_usd, or wait for the next {'day' if name == 'daily' else 'month'}",
            )
    counts = (("daily", so_far.day_calls, limits.daily_calls), ("monthly", so_far.month_calls, limits.monthly_calls))
    for name, count, most in counts:
        if most is not None and count + 1 > most:
            raise BudgetExceededError(
                f"the {name} budget of {most} paid calls is spent",
                remedy=f"raise budget.{name}_calls, or wait for the next {'day' if name == 'daily' else 'month'}",
            )


def mark_unknown(tx: Transaction, call_id: str, reason: str, now: datetime) -> bool:
    """A call that was sent and whose outcome nobody can know; returns whether it was one. It stays reserved."""
    sql = "UPDATE paid_calls SET status = 'unknown', reason = ?, ended_at = ? WHERE id = ? AND status = 'sent'"
    return tx.run(sql, (reason, to_micros(now), call_id)) == 1


def of_task(tx: Transaction, task_id: str) -> CallRow | None:
    """The call of a task, if it came to one."""
    return _row(tx, "task_id = ?", (task_id,))


def _row(tx: Transaction, where: str, parameters: Sequence[object]) -> CallRow | None:
    row = tx.one(f"SELECT id, status, task_id, document_id, cost_usd, sends FROM paid_calls WHERE {where}", parameters)
    if row is None:
        return None
    call_id, status, task_id, document_id, cost, sends = row
    return CallRow(call_id, CallStatus(status), task_id, document_id, None if cost is None else Decimal(cost), sends)


def _unsettled_since(tx: Transaction, subject: Sequence[object], since: datetime) -> bool:
    """Whether a call for a subject (its own slot comes last), of a slot since then, was sent and never settled."""
    sql = (
        "SELECT 1 FROM paid_calls WHERE dataset = ? AND symbol = ? AND provider = ? AND slot >= ?"
        " AND status IN ('sent', 'unknown') LIMIT 1"
    )
    return tx.one(sql, (*subject[:-1], to_micros(since))) is not None


def _spend(tx: Transaction, provider: str, day: str, calls: int, usd: Decimal) -> None:
    row = tx.one("SELECT calls, usd FROM spend WHERE day = ? AND provider = ?", (day, provider))
    before_calls, before_usd = (0, ZERO) if row is None else (row[0], Decimal(row[1]))
    values = (day, provider, before_calls + calls, str(before_usd + usd))
    tx.run("INSERT OR REPLACE INTO spend (day, provider, calls, usd) VALUES (?, ?, ?, ?)", values)


class PaidCall:
    """One claimed row of the ledger; the client moves it on (``clients.ports.CallPort``)."""

    def __init__(self, ledger: PaidCallStore, row: CallRow, task: Task, dataset: Dataset) -> None:
        self._ledger = ledger
        self._task = task
        self._dataset = dataset
        self.id = row.id
        self.sends = row.sends
        self.cost_usd: Decimal | None = None
        self.outcome = row.status

    async def sent(self, fingerprint: str) -> None:
        """Commit "sent"; after a refusal the budget is asked again.

        Raises:
            OutcomeUnknownError: the row is not ours, or was sent already.
            BudgetExceededError: the budget was spent meanwhile.
        """
        await self._ledger.move(
            self._task, lambda tx, now: self._ledger.send(tx, self._task, self.id, fingerprint, now)
        )
        self.sends += 1
        self.outcome = CallStatus.SENT

    async def refused(self, reason: str) -> None:
        """Known not to be billed: the reservation is given back."""
        await self._ledger.move(
            self._task, lambda tx, now: self._ledger.give_back(tx, self._task, self.id, reason, now)
        )
        self.outcome = CallStatus.REFUSED

    async def unknown(self, reason: str) -> None:
        """Sent, and the outcome cannot be known."""
        await self._ledger.move(self._task, lambda tx, now: mark_unknown(tx, self.id, reason, now))
        self.outcome = CallStatus.UNKNOWN

    async def answered(self, raw: RawAnswer) -> str:
        """Archive the answer, then record it and what it cost; returns the document's id."""
        document_id = await self._ledger.archive(self._task, self._dataset, self.id, raw)
        self.cost_usd, self.outcome = raw.cost_usd, CallStatus.ANSWERED
        return document_id


class PaidCallStore:
    """The ledger over SQLite. ``limits`` of None (the sandbox) counts and limits nothing."""

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        documents: DocumentStore,
        events: EventStore,
        limits: Limits | None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._documents = documents
        self._events = events
        self._limits = limits
        self._told = False

    async def claim(self, task: Task, dataset: Dataset, *, since: datetime | None = None) -> PaidCall | str:
        """Write the intent of the call of a task's slot, within the budget; a document's id where it is answered.

        Args:
            since: refuse where a call for the same subject of a slot since then has an unknown outcome; None for a
                task that is to ask all the same.

        Raises:
            BudgetExceededError: nothing was written.
            OutcomeUnknownError: the slot's call was sent and never settled.
        """
        rows: list[CallRow] = []
        await self.move(task, lambda tx, now: rows.append(self._claim(tx, task, dataset, since, now)))
        row = rows[-1]  # a unit may run twice; the last run is the one that was kept
        if row.status is CallStatus.ANSWERED and row.document_id is not None:
            return row.document_id
        return PaidCall(self, row, task, dataset)

    def _claim(self, tx: Transaction, task: Task, dataset: Dataset, since: datetime | None, now: datetime) -> CallRow:
        subject = (dataset.value, task.symbol or "", task.provider, to_micros(task.slot))
        row = _row(tx, "dataset = ? AND symbol = ? AND provider = ? AND slot = ?", subject)
        if row is not None and row.status is CallStatus.ANSWERED:
            return row
        lost = row is not None and row.status in {CallStatus.SENT, CallStatus.UNKNOWN}
        if lost or (since is not None and _unsettled_since(tx, subject, since)):
            raise OutcomeUnknownError(
                "the call of this slot was sent before and its outcome is not known",
                remedy="robotrader tasks retry, or run-task --force, asks again (and may pay a second time)",
            )
        if row is not None:
            # What an earlier attempt reserved was of its own day, perhaps: it is given back and reserved again.
            self._release(tx, task, row.id)
            tx.run(
                "UPDATE paid_calls SET status = 'claimed', owner = ?, task_id = ?, day = ?, reserved_usd = ?"
                " WHERE id = ?",
                (task.owner, task.id, day_of(now), str(self._reserve(tx, task, now)), row.id),
            )
            return replace(row, status=CallStatus.CLAIMED)
        call_id, reserve = new_id(now), self._reserve(tx, task, now)
        tx.run(
            "INSERT INTO paid_calls (id, task_id, dataset, symbol, provider, slot, status, owner, day, reserved_usd,"
            " claimed_at) VALUES (?, ?, ?, ?, ?, ?, 'claimed', ?, ?, ?, ?)",
            (call_id, task.id, *subject, task.owner, day_of(now), str(reserve), to_micros(now)),
        )
        return CallRow(call_id, CallStatus.CLAIMED, task.id, None, None, 0)

    def send(self, tx: Transaction, task: Task, call_id: str, fingerprint: str, now: datetime) -> None:
        """Part of a transaction: claimed or refused > sent, while the task's lease is still ours."""
        row = _row(tx, "id = ? AND owner = ?", (call_id, task.owner))
        if row is None or not task_leases.holds(tx, task) or row.status not in {CallStatus.CLAIMED, CallStatus.REFUSED}:
            raise OutcomeUnknownError("the call is no longer this process's to send", recoverable=False)
        if row.status is CallStatus.REFUSED:
            reserve = self._reserve(tx, task, now)
            tx.run("UPDATE paid_calls SET day = ?, reserved_usd = ? WHERE id = ?", (day_of(now), str(reserve), call_id))
        tx.run(
            "UPDATE paid_calls SET status = 'sent', key_fingerprint = ?, sends = sends + 1, sent_at = ?, reason = NULL"
            " WHERE id = ?",
            (fingerprint, to_micros(now), call_id),
        )

    def give_back(self, tx: Transaction, task: Task, call_id: str, reason: str, now: datetime) -> None:
        """Part of a transaction: not billed, so the reservation is released, while the lease is still ours."""
        row = _row(tx, "id = ? AND owner = ?", (call_id, task.owner))
        if row is None or not task_leases.holds(tx, task) or row.status not in {CallStatus.CLAIMED, CallStatus.SENT}:
            return
        self._release(tx, task, call_id)
        tx.run(
            "UPDATE paid_calls SET status = 'refused', reserved_usd = '0', reason = ?, ended_at = ? WHERE id = ?",
            (reason[:300], to_micros(now), call_id),
        )

    async def archive(self, task: Task, dataset: Dataset, call_id: str, raw: RawAnswer) -> str:
        """File first, then the rows that tell of it."""
        document = await self._documents.write(task, dataset, call_id, raw, self._clock.now())
        await self.settle(task, call_id, document, raw)
        return document.id

    async def settle(self, task: Task, call_id: str, document: Document, raw: RawAnswer) -> None:
        """Record an answer whose file is whole: sent or unknown > answered, with what it cost."""
        now = self._clock.now()

        def unit(tx: Transaction) -> None:
            self._documents.insert(tx, document, call_id)
            row = tx.one(
                "SELECT day, reserved_usd FROM paid_calls WHERE id = ? AND status IN ('sent', 'unknown')", (call_id,)
            )
            if row is None:
                return
            if self._limits is not None and raw.cost_usd is not None:
                _spend(tx, task.provider or "", row[0], 0, raw.cost_usd - Decimal(row[1]))
            tx.run(
                "UPDATE paid_calls SET status = 'answered', document_id = ?, cost_usd = ?, ended_at = ? WHERE id = ?",
                (document.id, None if raw.cost_usd is None else str(raw.cost_usd), to_micros(now), call_id),
            )

        await self._db.write(unit)

    async def move(self, task: Task, step: Callable[[Transaction, datetime], object]) -> None:
        """Run one step of a call's life in its own transaction; tell, once, of a spent budget where that stops it."""
        now = self._clock.now()
        try:
            await self._db.write(lambda tx: step(tx, now))
        except BudgetExceededError as error:
            if not self._told:
                self._told = True
                data = {"provider": task.provider, "message": error.context.message}
                event = Event(
                    type=EventType.SYSTEM_BUDGET_SPENT, source="ledger", data=data, correlation_id=task.correlation_id
                )
                await self._events.append([event])
            raise

    async def spent(self, provider: str) -> Spent:
        """What was spent with a provider today and this month."""
        now = self._clock.now()
        return await self._db.read(lambda tx: spent(tx, provider, now))

    def _release(self, tx: Transaction, task: Task, call_id: str) -> None:
        row = tx.one(
            "SELECT day, reserved_usd FROM paid_calls WHERE id = ? AND status IN ('claimed', 'sent')", (call_id,)
        )
        if row is not None and self._limits is not None:
            _spend(tx, task.provider or "", row[0], -1, -Decimal(row[1]))

    def _reserve(self, tx: Transaction, task: Task, now: datetime) -> Decimal:
        if self._limits is None:
            return ZERO
        provider = task.provider or ""
        check_budget(spent(tx, provider, now), self._limits)
        _spend(tx, provider, day_of(now), 1, self._limits.reserve_usd)
        return self._limits.reserve_usd
