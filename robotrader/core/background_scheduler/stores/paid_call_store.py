"""The ledger of paid calls: one row a slot, claimed > sent > answered | unknown, and the budget it is checked against.

"Sent" is on disk before the request leaves, and the budget is checked in the transaction that writes the intent. A row
that is sent or unknown is never sent again; a slot is one row, so nothing above can pay for a slot twice. Rows that
share one call (``paid_batches``) carry the id of the row that stands for it: that one alone is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import NamedTuple, TypeVar

from robotrader.core.background_scheduler.models import CallStatus, Dataset, Document, RawAnswer, Task
from robotrader.core.background_scheduler.stores import halt_store, task_leases
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_rows import (
    ALONE,
    CallRow,
    of_slot_and_lost,
    own_row,
    subject,
)
from robotrader.core.clock import IST, Clock, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import BudgetExceededError, OutcomeUnknownError
from robotrader.core.event_bus import Event, EventType
from robotrader.core.ids import new_id

T = TypeVar("T")

ZERO = Decimal(0)

_FINEST_USD = Decimal("1e-12")
_EXACT = 60
"""Digits in which amounts are shared out and added up, so that nothing is ever rounded."""


class Limits(NamedTuple):
    """The most that may be spent; None sets no limit. ``reserve_usd`` is counted for a call until its bill is known."""

    daily_usd: Decimal | None
    monthly_usd: Decimal | None
    daily_calls: int | None
    monthly_calls: int | None
    reserve_usd: Decimal


class Spent(NamedTuple):
    """Calls and dollars of a day and of its month (IST), open reservations and unknown outcomes included."""

    day_usd: Decimal
    month_usd: Decimal
    day_calls: int
    month_calls: int


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


def _spend(tx: Transaction, provider: str, day: str, calls: int, usd: Decimal) -> None:
    row = tx.one("SELECT calls, usd FROM spend WHERE day = ? AND provider = ?", (day, provider))
    before_calls, before_usd = (0, ZERO) if row is None else (row[0], Decimal(row[1]))
    _set_spend(tx, provider, day, before_calls + calls, before_usd + usd)


def _set_spend(tx: Transaction, provider: str, day: str, calls: int, usd: Decimal) -> None:
    sql = "INSERT OR REPLACE INTO spend (day, provider, calls, usd) VALUES (?, ?, ?, ?)"
    tx.run(sql, (day, provider, calls, str(usd)))


def reserve(tx: Transaction, limits: Limits | None, provider: str, now: datetime) -> Decimal:
    """Part of a transaction: count one call more, within the budget; returns what it is taken to cost.

    Raises:
        BudgetExceededError: nothing may be kept of this transaction.
    """
    if limits is None:
        return ZERO
    so_far = spent(tx, provider, now)
    check_budget(so_far, limits)
    _set_spend(tx, provider, day_of(now), so_far.day_calls + 1, so_far.day_usd + limits.reserve_usd)
    return limits.reserve_usd


def release(tx: Transaction, limits: Limits | None, row: CallRow) -> None:
    """Part of a transaction: give back what an open row counts for, as far as it stands for a call."""
    found = tx.one(
        "SELECT day, reserved_usd, provider FROM paid_calls WHERE id = ? AND status IN ('claimed', 'sent')", (row.id,)
    )
    if found is not None and limits is not None and row.stand_in == row.id:
        _spend(tx, found[2], found[0], -1, -Decimal(found[1]))


def split(bill: Decimal, count: int) -> list[Decimal]:
    """A bill in shares that add up to it exactly; what cannot be shared out is in the first."""
    with localcontext(prec=_EXACT):
        share = (bill / count).quantize(_FINEST_USD, ROUND_DOWN).normalize() + 0 if count > 1 else bill
        return [bill - share * (count - 1), *[share] * (count - 1)]


_SEND = (
    "UPDATE paid_calls SET status = 'sent', key_fingerprint = ?, sends = sends + 1, sent_at = ?, reason = NULL"
    " WHERE id = ? AND owner = ?"
)
_SEND_CLAIMED = f"{_SEND} AND status = 'claimed' AND {task_leases.HELD} AND {halt_store.NOT_STOPPED}"

_UNSETTLED = (
    "SELECT p.id, p.cost_usd, p.day, p.reserved_usd, s.calls, s.usd FROM paid_calls p"
    " LEFT JOIN spend s ON s.day = p.day AND s.provider = ?1"
    " WHERE (p.id = ?2 OR p.batch_id = ?2) AND p.status IN ('sent', 'unknown') ORDER BY p.id <> ?2, p.id"
)
"""The rows of a call, the one that stands for it first, each with what is counted for its day."""


def _nothing(_: Transaction) -> None:
    return None


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
        self.limits = limits
        self._told = False

    async def claim(
        self,
        task: Task,
        dataset: Dataset,
        *,
        since: datetime | None = None,
        unless: Callable[[Transaction], T | None] = _nothing,
    ) -> PaidCall | str | T:
        """Write the intent of the call of a task's slot, within the budget; a document's id where it is answered.

        Args:
            since: refuse where a call for the same subject of a slot since then has an unknown outcome; None for a
                task that is to ask all the same.
            unless: looks first, in the same transaction; where it returns something, so does this, and nothing else is
                done.

        Raises:
            BudgetExceededError: nothing was written.
            OutcomeUnknownError: the slot's call was sent and never settled.
        """

        def step(tx: Transaction, now: datetime) -> CallRow | T:
            reason = unless(tx)
            return self._claim(tx, task, dataset, since, now) if reason is None else reason

        row = await self.move(task, step)
        if not isinstance(row, CallRow):
            return row
        if row.status is CallStatus.ANSWERED and row.document_id is not None:
            return row.document_id
        return PaidCall(self, row, task, dataset)

    def _claim(self, tx: Transaction, task: Task, dataset: Dataset, since: datetime | None, now: datetime) -> CallRow:
        row, lost = of_slot_and_lost(tx, task, dataset, since)
        if row is not None and row.status is CallStatus.ANSWERED:
            return row
        if lost:
            raise OutcomeUnknownError(
                "the call of this slot was sent before and its outcome is not known",
                remedy="robotrader tasks retry, or run-task --force, asks again (and may pay a second time)",
            )
        if row is not None:
            # What an earlier attempt reserved was of its own day, perhaps: it is given back and reserved again.
            release(tx, self.limits, row)
            batch = ALONE if row.batch_id == ALONE else None
            tx.run(
                "UPDATE paid_calls SET status = 'claimed', owner = ?, task_id = ?, day = ?, reserved_usd = ?,"
                " batch_id = ? WHERE id = ?",
                (task.owner, task.id, day_of(now), str(self._reserve(tx, task, now)), batch, row.id),
            )
            return row._replace(status=CallStatus.CLAIMED, batch_id=batch)
        call_id, reserved = new_id(now), self._reserve(tx, task, now)
        tx.run(
            "INSERT INTO paid_calls (id, task_id, dataset, symbol, provider, slot, status, owner, day, reserved_usd,"
            " claimed_at) VALUES (?, ?, ?, ?, ?, ?, 'claimed', ?, ?, ?, ?)",
            (call_id, task.id, *subject(task, dataset), task.owner, day_of(now), str(reserved), to_micros(now)),
        )
        return CallRow(call_id, CallStatus.CLAIMED, task.id, None, None, 0)

    def send(self, tx: Transaction, task: Task, call_id: str, fingerprint: str, now: datetime) -> None:
        """Part of a transaction: claimed or refused > sent, while the task's lease is still ours."""
        values = (fingerprint, to_micros(now), call_id, task.owner)
        if tx.run(_SEND_CLAIMED, (*values, *task_leases.lease_of(task))):
            return  # all there is to look at, at once
        halt_store.check(tx)
        row = own_row(tx, task, call_id)
        if row is None or row.status is not CallStatus.REFUSED:
            raise OutcomeUnknownError("the call is no longer this process's to send", recoverable=False)
        reserved = (day_of(now), str(self._reserve(tx, task, now)), call_id)
        tx.run("UPDATE paid_calls SET day = ?, reserved_usd = ? WHERE id = ?", reserved)
        tx.run(_SEND, values)

    def give_back(self, tx: Transaction, task: Task, call_id: str, reason: str, now: datetime) -> None:
        """Part of a transaction: not billed, so the reservation is released, while the lease is still ours."""
        row = own_row(tx, task, call_id)
        if row is None or row.status not in {CallStatus.CLAIMED, CallStatus.SENT}:
            return
        release(tx, self.limits, row)
        tx.run(
            "UPDATE paid_calls SET status = 'refused', reserved_usd = '0', reason = ?, ended_at = ? WHERE id = ?",
            (reason[:300], to_micros(now), call_id),
        )

    async def archive(self, task: Task, dataset: Dataset, row: CallRow, raw: RawAnswer) -> str:
        """File first, then the rows that tell of it."""
        document = await self._documents.write(task, dataset, row.archived_as, raw, self._clock.now())
        await self.settle(task, row.id, document, raw)
        return document.id

    async def settle(self, task: Task, call_id: str, document: Document, raw: RawAnswer) -> None:
        """Record an answer whose file is whole: sent or unknown > answered, with what it cost.

        The rows of a batch share the bill; ``call_id`` is the one that stands for them.
        """
        now = self._clock.now()

        def unit(tx: Transaction) -> None:
            self._documents.insert(tx, document, call_id)
            rows = tx.all(_UNSETTLED, (task.provider or "", call_id))
            if not rows:
                return
            shares: Sequence[Decimal | None] = [None] * len(rows)
            if raw.cost_usd is not None:
                shares = split(raw.cost_usd, len(rows))
                if self.limits is not None:
                    _, _, day, reserved, calls, usd = rows[0]
                    usd = Decimal(usd or 0) + raw.cost_usd - Decimal(reserved)
                    _set_spend(tx, task.provider or "", day, calls or 0, usd)
            tx.many(
                "UPDATE paid_calls SET status = 'answered', document_id = ?, cost_usd = ?, ended_at = ? WHERE id = ?",
                [
                    (document.id, _sum(before, share), to_micros(now), each)
                    for (each, before, *_), share in zip(rows, shares, strict=True)
                ],
            )

        await self._db.write(unit)

    async def move(self, task: Task, step: Callable[[Transaction, datetime], T], *, urgent: bool = False) -> T:
        """Run one step of a call's life in its own transaction; tell, once, of a spent budget where that stops it."""
        now = self._clock.now()
        try:
            return await self._db.write(lambda tx: step(tx, now), urgent=urgent)
        except BudgetExceededError as error:
            if not self._told:
                self._told = True
                data = {"provider": task.provider, "message": error.context.message}
                event = Event(
                    type=EventType.SYSTEM_BUDGET_SPENT, source="ledger", data=data, correlation_id=task.correlation_id
                )
                await self._events.append([event])
            raise

    async def look(self, query: Callable[[Transaction, datetime], T]) -> T:
        """Read from the ledger."""
        now = self._clock.now()
        return await self._db.read(lambda tx: query(tx, now))

    async def spent(self, provider: str) -> Spent:
        """What was spent with a provider today and this month."""
        return await self.look(lambda tx, now: spent(tx, provider, now))

    def _reserve(self, tx: Transaction, task: Task, now: datetime) -> Decimal:
        return reserve(tx, self.limits, task.provider or "", now)


def _sum(before: str | None, share: Decimal | None) -> str | None:
    if before is None or share is None:
        return before if share is None else str(share)
    with localcontext(prec=_EXACT):
        return str(Decimal(before) + share)
