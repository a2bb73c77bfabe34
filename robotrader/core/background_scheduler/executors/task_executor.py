"""Runs attempts at claimed tasks, each under a deadline, and writes how they ended: many in one transaction."""

from __future__ import annotations

import asyncio
import logging
from asyncio import CancelledError
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.config.task_specs import RunSpec
from robotrader.core.background_scheduler.executors.retry_decision import decide
from robotrader.core.background_scheduler.models import CallStatus, Ending, Task, TaskOutcome, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome, Processor, Readied
from robotrader.core.background_scheduler.stores import paid_batches, paid_call_rows, task_leases
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import (
    InitializationError,
    LockedError,
    OutcomeUnknownError,
    StoreBusyError,
    SystemFailure,
    TaskTimeoutError,
    TradingError,
)
from robotrader.core.event_bus import Event, EventBus, EventType, correlation, privacy_violation
from robotrader.core.ids import new_ids
from robotrader.core.timeouts import CANCELLED_ITSELF, carry_on, let_go

logger = logging.getLogger(__name__)

WITHHELD = "withheld: it may hold something private"

_ENDED = {
    TaskStatus.COMPLETED: EventType.TASK_COMPLETED,
    TaskStatus.SKIPPED: EventType.TASK_SKIPPED,
    TaskStatus.FAILED: EventType.TASK_FAILED,
    TaskStatus.DEFERRED: EventType.TASK_DEFERRED,
    TaskStatus.CANCELLED: EventType.TASK_CANCELLED,
    TaskStatus.UNKNOWN: EventType.TASK_UNKNOWN,
    TaskStatus.PENDING: EventType.TASK_DEFERRED,
}

_HANDED_BACK = "handed back: the process was stopped"


class Verdict(NamedTuple):
    """What one attempt came to, before it is written."""

    task: Task
    ending: Ending
    outcome: Outcome | None = None
    error: TradingError | None = None


class Ended(NamedTuple):
    """What one attempt came to, as it was written: the outcome, and the events to deliver."""

    outcome: TaskOutcome
    events: Sequence[Event] = ()


class TaskExecutor:
    """Executes tasks that this process has claimed.

    Args:
        processors: who runs which type; a type without one is refused loudly at the start.
        concurrency: the most tasks running at the same time here, over all types.
        margin_seconds: how long past its deadline an attempt is let be.
        grace_seconds: how long it then has to end before it is left behind.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        event_store: EventStore,
        event_bus: EventBus,
        clock: Clock,
        *,
        specs: Mapping[TaskType, RunSpec],
        processors: Mapping[TaskType, Processor],
        concurrency: int,
        margin_seconds: float = 2.0,
        grace_seconds: float = 5.0,
    ) -> None:
        missing = [
            spec.word for kind, spec in specs.items() if spec.enabled and spec.provider and kind not in processors
        ]
        if missing:
            raise InitializationError(f"no processor for {', '.join(missing)}")
        self._db = db
        self._event_store = event_store
        self._bus = event_bus
        self._clock = clock
        self._specs = specs
        self._processors = processors
        self.limits = {kind: min(concurrency, spec.concurrency) for kind, spec in specs.items() if kind in processors}
        self.concurrency = concurrency
        self._margin = margin_seconds
        self._grace = grace_seconds

    def expect(self, kind: TaskType) -> None:
        """Let what runs a type of tasks get ready, if it can: some were claimed."""
        processor = self._processors[kind]
        if isinstance(processor, Readied):
            processor.expect()

    async def attempt(self, task: Task, on_wait: Callable[[], None]) -> Verdict:
        """Run one claimed task, in the caller's own task; never raises for what the task itself does wrong.

        Args:
            on_wait: called when the task first waits for something, if it ever does.

        Raises:
            asyncio.CancelledError: the caller is to stop; the attempt was stopped first, and did not end.
        """
        verdicts: list[Verdict] = []
        spec = self._specs[task.type]
        with correlation(task.correlation_id):
            run = self._run(task, spec, verdicts)
            # The first step is taken by hand: an attempt that never waits needs no bound and pays for none.
            try:
                awaited = run.send(None)
            except StopIteration:
                return verdicts[0]
            except CancelledError:
                return self.failed(task, SystemFailure("the task cancelled itself"))
            on_wait()
            late: list[str] = []
            # The processor knows the deadline and ends in a typed error by itself; this bound is for one that does not.
            reason = await carry_on(
                run,
                awaited,
                spec.timeout_seconds + self._margin,
                self._grace,
                lambda: 0,
                lambda _, why: late.append(why),
            )
        ended = verdicts[0] if verdicts else None
        if ended is not None and (ended.outcome is not None or not late):
            return ended
        if reason is not None:
            let_go(run)
        stopped = late[0] if late else reason
        if stopped is None or stopped == CANCELLED_ITSELF:
            return self.failed(task, SystemFailure("the task cancelled itself"))
        return self.failed(task, TaskTimeoutError(f"stopped: it {stopped}"))

    async def _run(self, task: Task, spec: RunSpec, verdicts: list[Verdict]) -> None:
        try:
            outcome = await self._processors[task.type].process(task, self._clock.monotonic() + spec.timeout_seconds)
        except TradingError as error:
            logger.info(
                "task %s (%s %s) did not complete: %s", task.id, spec.word, task.symbol, error.context.details or error
            )
            verdicts.append(self.failed(task, error))
        except Exception as error:
            logger.exception("task %s (%s %s) broke", task.id, spec.word, task.symbol)
            broke = SystemFailure(f"the {spec.word} task broke: {type(error).__name__}", details=repr(error))
            verdicts.append(self.failed(task, broke))
        else:
            ending = Ending(
                outcome.status,
                outcome.reason,
                None,
                None,
                outcome.paid_calls,
                outcome.cost_usd,
                outcome.strategy,
                outcome.document_id,
            )
            verdicts.append(Verdict(task, ending, outcome))

    def failed(self, task: Task, error: TradingError) -> Verdict:
        """An attempt that ended in an error, with what follows from it."""
        spec = self._specs[task.type]
        longest = spec.again_within_seconds
        ending = decide(error, task.attempts, spec.max_attempts, self._clock.now(), longest_seconds=longest)
        return Verdict(task, ending, error=error)

    def handed_back(self, task: Task) -> Verdict:
        """An attempt that was stopped, or never begun, because the process is to end."""
        return Verdict(task, Ending(TaskStatus.PENDING, _HANDED_BACK, not_before=self._clock.now(), counted=False))

    def write(self, tx: Transaction, verdicts: Sequence[Verdict], now: datetime) -> list[Ended]:
        """Part of a transaction: how attempts ended, what they bring, and the events that tell of it.

        Raises:
            LockedError: one of the leases was lost.
            Exception: whatever one attempt's ``save`` raises; nothing of this transaction may be kept.
        """
        attempts, brought = [], []
        for verdict in verdicts:
            ending = verdict.ending
            if ending.status is not TaskStatus.COMPLETED and ending.status is not TaskStatus.SKIPPED:
                ending = _settled(tx, verdict.task, ending, now)
            outcome = verdict.outcome
            brought.append(() if outcome is None or outcome.save is None else outcome.save(tx))
            attempts.append((verdict.task, ending))
        at, tasks = iso(now), task_leases.finish(tx, attempts, now)
        ended = [
            _ended(verdict, task, (ended_event(task, at, event_id), *events))
            for verdict, task, event_id, events in zip(verdicts, tasks, new_ids(len(tasks)), brought, strict=True)
        ]
        self._event_store.insert(tx, [event for each in ended for event in each.events])
        return ended

    async def write_apart(self, verdicts: Sequence[Verdict]) -> list[Ended]:
        """Write each of several endings by itself, because together they could not be written.

        Raises:
            ResourceError: the database cannot be used.
        """
        return await asyncio.gather(*(self._write_one(verdict) for verdict in verdicts))

    async def _write_one(self, verdict: Verdict) -> Ended:
        task = verdict.task
        try:
            return (await self._db.write(lambda tx: self.write(tx, [verdict], self._clock.now())))[0]
        except LockedError:
            logger.warning("task %s was taken over by another process; its end is not written here", task.id)
            return Ended(TaskOutcome(task._replace(status=TaskStatus.DEFERRED, reason="taken over by another process")))
        except StoreBusyError:
            raise
        except Exception as error:
            if verdict.outcome is None or verdict.outcome.save is None:
                raise
            logger.exception("what task %s brought could not be saved", task.id)
            broke = SystemFailure(f"the result could not be saved: {type(error).__name__}", details=repr(error))
            return await self._write_one(self.failed(task, broke))

    async def deliver(self, ended: Sequence[Ended]) -> None:
        """Tell the subscribers of what was written: of the ends in their order, then of what each task brought."""
        await self._bus.deliver([event for each in ended for event in each.events[:1]])
        brought = [each.events[1:] for each in ended if len(each.events) > 1]
        if brought:
            await self._bus.deliver(*brought)


def _ended(verdict: Verdict, task: Task, events: Sequence[Event]) -> Ended:
    error, outcome = verdict.error, verdict.outcome
    if task.status is TaskStatus.UNKNOWN and not isinstance(error, OutcomeUnknownError):
        error = OutcomeUnknownError(task.reason or "outcome unknown")
    told = TaskOutcome(
        task,
        None if outcome is None else outcome.record,
        0 if error is None else error.exit_code,
        None if error is None else error.context.remedy,
    )
    return Ended(told, events)


def _settled(tx: Transaction, task: Task, ending: Ending, now: datetime) -> Ending:
    """The ending as the ledger allows it: a call that is still "sent" makes it UNKNOWN, whatever the attempt says."""
    if task.symbol is None:
        return ending
    call = paid_call_rows.of_task(tx, task.id)
    if call is None:
        return ending
    calls, usd, _ = paid_batches.unbilled(tx, task, call)
    paid = 0 if task.provider == "sandbox" else calls
    if call.status is CallStatus.SENT:
        reason = ending.reason or "stopped after the call was sent"
        paid_call_rows.mark_unknown(tx, call.id, reason, now)
        error = OutcomeUnknownError("the call was sent and its outcome is not known")
        return Ending(TaskStatus.UNKNOWN, reason, error.to_dict(), paid_calls=paid, cost_usd=usd)
    if call.status is CallStatus.UNKNOWN:
        return ending._replace(status=TaskStatus.UNKNOWN, paid_calls=paid, cost_usd=usd, not_before=None)
    document_id = ending.document_id or call.document_id
    return ending._replace(document_id=document_id, paid_calls=paid, cost_usd=usd)


def ended_event(task: Task, at: str, event_id: str) -> Event:
    """The event that tells how a task ended, or that it goes on later; ``at`` is the instant as ISO 8601."""
    data: dict[str, Any] = {
        "task_id": task.id,
        "type": task.type._value_,  # the plain attribute: "value" is a descriptor ten times as slow
        "symbol": task.symbol,
        "status": task.status._value_,
    }
    if task.reason:  # may hold words of a service
        data["reason"] = task.reason if privacy_violation({"reason": task.reason}) is None else WITHHELD
    if task.error:
        data["code"] = task.error.get("code")
    if task.document_id:
        data["document_id"] = task.document_id
    kind = _ENDED[task.status]
    return Event(
        id=event_id, type=kind, timestamp=at, source="scheduler", data=data, correlation_id=task.correlation_id
    )


def lease_end(now: datetime, lease_seconds: float) -> datetime:
    """When a lease taken now runs out."""
    return now + timedelta(seconds=lease_seconds)
