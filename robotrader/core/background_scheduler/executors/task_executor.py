"""Runs claimed tasks: bounded concurrency, a deadline, the retry decision, and one transaction at the end of each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.executors.retry_decision import decide
from robotrader.core.background_scheduler.models import CallStatus, Ending, Task, TaskOutcome, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome, Processor
from robotrader.core.background_scheduler.stores import paid_call_store, task_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import InitializationError, LockedError, OutcomeUnknownError, SystemFailure, TradingError
from robotrader.core.event_bus import Event, EventBus, EventType, correlation
from robotrader.core.timeouts import run_with_timeout

logger = logging.getLogger(__name__)

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


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one attempt came to, before it is written."""

    ending: Ending
    outcome: Outcome | None = None
    error: TradingError | None = None


class TaskExecutor:
    """Executes tasks that this process has claimed.

    Args:
        processors: who runs which type; a type without one is refused loudly at the start.
        concurrency: the most tasks running at the same time here, over all types.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        event_store: EventStore,
        event_bus: EventBus,
        clock: Clock,
        *,
        specs: Mapping[TaskType, TaskSpec],
        processors: Mapping[TaskType, Processor],
        concurrency: int,
    ) -> None:
        missing = [spec.word for kind, spec in specs.items() if spec.enabled and kind not in processors]
        if missing:
            raise InitializationError(f"no processor for {', '.join(missing)}")
        self._db = db
        self._event_store = event_store
        self._bus = event_bus
        self._clock = clock
        self._specs = specs
        self._processors = processors
        self._slots = asyncio.Semaphore(concurrency)
        self._lanes = {kind: asyncio.Semaphore(min(concurrency, spec.concurrency)) for kind, spec in specs.items()}
        self._limits = {kind: min(concurrency, spec.concurrency) for kind, spec in specs.items()}

    def limit(self, kind: TaskType) -> int:
        """How many tasks of a type run at the same time here; 0 for a type nobody runs."""
        return self._limits.get(kind, 0) if kind in self._processors else 0

    async def execute(self, task: Task) -> TaskOutcome:
        """Run one claimed task to its end; never raises for what the task itself does wrong.

        Raises:
            asyncio.CancelledError: the process is stopping; the task was handed back first.
            ResourceError: the end could not be written.
        """
        try:
            with correlation(task.correlation_id):
                async with self._lanes[task.type], self._slots:
                    verdict = await self._attempt(task)
                return await self._finish(task, verdict)
        except asyncio.CancelledError:
            handing_back = Ending(TaskStatus.PENDING, _HANDED_BACK, not_before=self._clock.now())
            await asyncio.shield(self._finish(task, _Verdict(handing_back)))
            raise

    async def _attempt(self, task: Task) -> _Verdict:
        spec = self._specs[task.type]
        deadline = self._clock.monotonic() + spec.timeout_seconds
        try:
            # The processor knows the deadline and ends in a typed error by itself; the outer bound is for one that does not.
            work = self._processors[task.type].process(task, deadline)
            outcome = await run_with_timeout(work, spec.timeout_seconds + 2.0)
        except TradingError as error:
            logger.info("task %s (%s %s) did not complete: %s", task.id, spec.word, task.symbol, error.context.details or error)
            return _Verdict(decide(error, task.attempts, spec.max_attempts, self._clock.now()), error=error)
        except Exception as error:
            logger.exception("task %s (%s %s) broke", task.id, spec.word, task.symbol)
            failure = SystemFailure(f"the {spec.word} task broke: {type(error).__name__}", details=repr(error))
            return _Verdict(decide(failure, task.attempts, spec.max_attempts, self._clock.now()), error=failure)
        ending = Ending(
            outcome.status,
            outcome.reason,
            paid_calls=outcome.paid_calls,
            cost_usd=outcome.cost_usd,
            strategy=outcome.strategy,
            document_id=outcome.document_id,
        )
        return _Verdict(ending, outcome=outcome)

    async def _finish(self, task: Task, verdict: _Verdict) -> TaskOutcome:
        now = self._clock.now()
        try:
            ended, events = await self._db.write(lambda tx: self._end(tx, task, verdict, now))
        except LockedError:
            logger.warning("task %s was taken over by another process; its end is not written here", task.id)
            return TaskOutcome(replace(task, status=TaskStatus.DEFERRED, reason="taken over by another process"))
        await self._bus.deliver(events)
        error = verdict.error
        if ended.status is TaskStatus.UNKNOWN and not isinstance(error, OutcomeUnknownError):
            error = OutcomeUnknownError(ended.reason or "outcome unknown")
        return TaskOutcome(
            ended,
            None if verdict.outcome is None else verdict.outcome.record,
            exit_code=0 if error is None else error.exit_code,
            remedy=None if error is None else error.context.remedy,
        )

    def _end(self, tx: Transaction, task: Task, verdict: _Verdict, now: datetime) -> tuple[Task, list[Event]]:
        ending = verdict.ending
        if ending.status is not TaskStatus.COMPLETED and ending.status is not TaskStatus.SKIPPED:
            ending = _settled(tx, task, ending, now)
        if verdict.outcome is not None and verdict.outcome.save is not None:
            verdict.outcome.save(tx)
        ended = task_rows.finish(tx, task, ending, now)
        events = [ended_event(ended), *(verdict.outcome.events if verdict.outcome is not None else ())]
        self._event_store.insert(tx, events)
        return ended, events


def _settled(tx: Transaction, task: Task, ending: Ending, now: datetime) -> Ending:
    """The ending as the ledger allows it: a call that is still "sent" makes it UNKNOWN, whatever the attempt says."""
    if task.symbol is None:
        return ending
    call = paid_call_store.of_task(tx, task.id)
    if call is None:
        return ending
    if call.status is CallStatus.SENT:
        reason = ending.reason or "stopped after the call was sent"
        paid_call_store.mark_unknown(tx, call.id, reason, now)
        error = OutcomeUnknownError("the call was sent and its outcome is not known")
        return Ending(TaskStatus.UNKNOWN, reason, error.to_dict(), paid_calls=1)
    if call.status is CallStatus.UNKNOWN:
        status = TaskStatus.UNKNOWN
        return replace(ending, status=status, paid_calls=1, not_before=None)
    if call.status is CallStatus.ANSWERED and task.paid_calls == 0:
        paid = 0 if task.provider == "sandbox" else 1
        return replace(ending, document_id=call.document_id, paid_calls=paid, cost_usd=call.cost_usd)
    return ending


def ended_event(task: Task) -> Event:
    """The event that tells how a task ended, or that it goes on later."""
    data: dict[str, object] = {"task_id": task.id, "type": task.type.value, "symbol": task.symbol, "status": task.status.value}
    if task.reason:
        data["reason"] = task.reason
    if task.error:
        data["code"] = task.error.get("code")
    if task.document_id:
        data["document_id"] = task.document_id
    return Event(type=_ENDED[task.status], source="scheduler", data=data, correlation_id=task.correlation_id)


def lease_end(now: datetime, lease_seconds: float) -> datetime:
    """When a lease taken now runs out."""
    return now + timedelta(seconds=lease_seconds)
