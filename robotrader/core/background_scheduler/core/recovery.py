"""What the dead left behind: lapsed leases are taken over, archived answers are read, lost calls are called unknown."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.executors.task_executor import ended_event
from robotrader.core.background_scheduler.models import CallStatus, Ending, Task, TaskStatus
from robotrader.core.background_scheduler.stores import paid_batches, paid_call_rows, task_leases, task_rows
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.paid_call_rows import CallRow
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import LockedError, OutcomeUnknownError, ResourceError, SystemFailure
from robotrader.core.ids import new_id

logger = logging.getLogger(__name__)

CRASHES = 30
"""A task whose processes died this often in a row is the likely cause, and has failed; fewer are bad luck."""

SETTLE_SECONDS = 2.0
"""How far apart a process looks after orders at least: whoever waits for a task looks here again and again."""

_DIED = re.compile(r"taken over from a process that died(?: \((\d+) in a row\))?\Z")


class Recovery:
    """Takes over tasks, and orders, of processes that died or hang.

    Args:
        settle_orders: brings on the orders that nobody is at work on; None where there is no trading.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        owners: OwnerRegistry,
        events: EventStore,
        documents: DocumentStore,
        ledger: PaidCallStore,
        settle_orders: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners
        self._events = events
        self._documents = documents
        self._ledger = ledger
        self._settle_orders = settle_orders
        self._settle_next = float("-inf")

    async def recover(self) -> list[Task]:
        """Settle every task that nobody works on any more; returns how each goes on."""
        now = self._clock.now()
        running = await self._db.read(task_leases.owners)
        dead = await self._owners.dead(running) if running else []
        lapsed, late = await self._db.read(lambda tx: (task_leases.lapsed(tx, now, dead), task_rows.answered_late(tx)))
        settled = [task for task in [await self._settle(task, now) for task in lapsed] if task is not None]
        if late:
            settled += await self._db.write(lambda tx: [task_rows.reopen(tx, task, now) for task in late])
        if dead:
            await self._db.write(self._events.hasten)
            await self._owners.bury(dead)
        if self._settle_orders is not None and self._clock.monotonic() >= self._settle_next:
            self._settle_next = self._clock.monotonic() + SETTLE_SECONDS
            await self._settle_orders()
        return settled

    async def _settle(self, task: Task, now: datetime) -> Task | None:
        call = await self._db.read(lambda tx: paid_call_rows.of_task(tx, task.id))
        if call is not None and call.status is CallStatus.SENT:
            await self._settle_call(task, call)
        try:
            return await self._db.write(lambda tx: self._take_over(tx, task, now))
        except LockedError:
            return None  # its owner, or another process, was quicker

    async def _settle_call(self, task: Task, call: CallRow) -> None:
        """Record the answer of a process that died between the file and the rows that tell of it."""
        try:
            archived = await self._documents.find(call.archived_as)
        except ResourceError as error:
            logger.warning("the call %s of task %s stays unknown: %s", call.stand_in, task.id, error)
            return
        if archived is not None:
            await self._ledger.settle(task, call.stand_in, archived.document, archived.raw)

    def _take_over(self, tx: Transaction, task: Task, now: datetime) -> Task:
        call = paid_call_rows.of_task(tx, task.id)
        if call is not None and call.status in {CallStatus.SENT, CallStatus.UNKNOWN}:
            reason = "the process died after the call was sent"
            bill = paid_batches.unbilled(tx, task, call)
            paid_call_rows.mark_unknown(tx, call.id, reason, now)
            error = OutcomeUnknownError("the call was sent and its outcome is not known")
            ending = Ending(TaskStatus.UNKNOWN, reason, error.to_dict(), paid_calls=bill.calls, cost_usd=bill.usd)
        elif (deaths := _deaths(task) + 1) >= CRASHES:
            failure = SystemFailure(f"the process running it died {deaths} times")
            ending = Ending(TaskStatus.FAILED, str(failure), failure.to_dict())
        else:
            again = f" ({deaths} in a row)" if deaths > 1 else ""
            ending = Ending(TaskStatus.PENDING, f"taken over from a process that died{again}", not_before=now)
        (ended,) = task_leases.finish(tx, [(task, ending)], now)
        logger.warning("task %s of %s: %s", task.id, task.owner, ending.reason)
        self._events.insert(tx, [ended_event(ended, iso(now), new_id())])
        return ended


def _deaths(task: Task) -> int:
    """How many processes in a row died of a task before this one: attempts that ended otherwise do not count."""
    died = _DIED.match(task.reason or "")
    return 0 if died is None else int(died[1] or 1)
