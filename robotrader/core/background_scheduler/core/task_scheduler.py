"""Plan what is due, claim it, run it, and pick up what the dead left behind."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor, lease_end
from robotrader.core.background_scheduler.models import Task, TaskOutcome, TaskStatus, TaskType, new_id
from robotrader.core.background_scheduler.stores import task_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event, EventBus, EventType

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Due:
    """A slot that is due: the newest one that has not run, however many were missed."""

    spec: TaskSpec
    symbol: str
    slot: datetime
    fetched_at: datetime | None


class TaskScheduler:
    """The life of tasks in one process.

    Args:
        provider: who answers; a slot is planned once for each provider.
        lease_seconds: how long a claim holds without being renewed.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        owners: OwnerRegistry,
        tasks: TaskStore,
        events: EventStore,
        event_bus: EventBus,
        executor: TaskExecutor,
        specs: Mapping[TaskType, TaskSpec],
        provider: str,
        lease_seconds: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners
        self._tasks = tasks
        self._events = events
        self._bus = event_bus
        self._executor = executor
        self._specs = {kind: spec for kind, spec in specs.items() if spec.enabled}
        self._provider = provider
        self._lease_seconds = lease_seconds

    def due(self, tx: Transaction, now: datetime) -> list[Due]:
        """Part of a transaction: every slot that is due, stalest symbol first within a type."""
        found = []
        for spec in self._specs.values():
            slot = spec.trigger.latest(now)
            candidates = task_rows.due_symbols(
                tx, spec.type, spec.dataset.value, self._provider, slot=slot, fresh_since=now - spec.fresh_for
            )
            found += [Due(spec, candidate.symbol, slot, candidate.fetched_at) for candidate in candidates]
        return found

    async def plan(self) -> list[Task]:
        """Write a task for every slot that is due; a slot that another process planned meanwhile is left alone."""
        now = self._clock.now()
        if not await self._db.read(lambda tx: self.due(tx, now)):
            return []
        return await self._db.write(lambda tx: self._plan(tx, now))

    def _plan(self, tx: Transaction, now: datetime) -> list[Task]:
        due = self.due(tx, now)
        planned = [
            self.new_task(item.spec.type, item.symbol, item.slot, now, priority=item.spec.priority, provider=self._provider)
            for item in due
        ]
        stale = {item.symbol: item.fetched_at for item in due}
        written = task_rows.insert(tx, planned, stale)
        if written:
            words: dict[str, int] = {}
            for task in written:
                words[task.type.value] = words.get(task.type.value, 0) + 1
            self._events.insert(tx, [Event(type=EventType.TASK_PLANNED, source="scheduler", data={"planned": words})])
        return written

    @staticmethod
    def new_task(
        kind: TaskType, symbol: str | None, slot: datetime, now: datetime, *, priority: int, provider: str, forced: bool = False
    ) -> Task:
        """A task that waits to be claimed."""
        task_id = new_id(now)
        return Task(
            id=task_id,
            type=kind,
            symbol=symbol,
            slot=slot,
            status=TaskStatus.PENDING,
            created_at=now,
            correlation_id=task_id,
            priority=priority,
            forced=forced,
            not_before=now,
            provider=provider,
        )

    async def run_due(
        self,
        *,
        ids: Sequence[str] | None = None,
        stop: asyncio.Event | None = None,
        grace_seconds: float = 0.0,
        done: Callable[[TaskOutcome], None] | None = None,
    ) -> list[TaskOutcome]:
        """Claim and run what waits (or only ``ids``) until nothing more can be claimed here.

        Args:
            stop: once set, nothing more is claimed; what runs has ``grace_seconds`` to end and is handed back then.
            done: called with each outcome as it is on disk.
        """
        if not await self._claimable(ids):
            return []
        await self._owners.register()
        renewing = asyncio.create_task(self._renew())
        pool = _Pool(self._executor, done)
        try:
            while not (stop is not None and stop.is_set()):
                claimed = await self._claim(pool, ids)
                for task in claimed:
                    pool.start(task)
                if not claimed and pool.idle:
                    break
                await pool.room(stop)
            await pool.drain(grace_seconds if stop is not None and stop.is_set() else None)
        finally:
            await pool.hand_back()
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
        return pool.outcomes

    async def _claimable(self, ids: Sequence[str] | None) -> bool:
        now = self._clock.now()
        return ids is not None or await self._db.read(lambda tx: task_rows.claimable(tx, now))

    async def _claim(self, pool: _Pool, ids: Sequence[str] | None) -> list[Task]:
        # As many again as may run wait here already claimed, so that one commit serves many tasks.
        rooms = {kind: 2 * self._executor.limit(kind) - pool.running(kind) for kind in self._specs}
        rooms = {kind: room for kind, room in rooms.items() if room > 0}
        if not rooms:
            return []
        now = self._clock.now()
        until = lease_end(now, self._lease_seconds)

        def unit(tx: Transaction) -> tuple[list[Task], list[Event]]:
            taken = task_rows.claim(tx, self._owners.owner, now, until, rooms, ids)
            events = [_started(task) for task in taken]
            self._events.insert(tx, events)
            return taken, events

        if not await self._db.read(lambda tx: task_rows.claimable(tx, now)):
            return []
        taken, events = await self._db.write(unit)
        await self._bus.deliver(events)
        return taken

    async def _renew(self) -> None:
        while True:
            await self._clock.sleep(self._lease_seconds / 3)
            await self._tasks.renew(self._owners.owner, lease_end(self._clock.now(), self._lease_seconds))


class _Pool:
    """The tasks that one process is running."""

    def __init__(self, executor: TaskExecutor, done: Callable[[TaskOutcome], None] | None) -> None:
        self._executor = executor
        self._done = done
        self._running: dict[asyncio.Task[TaskOutcome], TaskType] = {}
        self._counts: dict[TaskType, int] = {}
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None
        self.outcomes: list[TaskOutcome] = []

    @property
    def idle(self) -> bool:
        """Whether nothing runs."""
        return not self._running

    def running(self, kind: TaskType) -> int:
        """How many of a type run or wait here."""
        return self._counts.get(kind, 0)

    def start(self, task: Task) -> None:
        """Run a claimed task."""
        job = asyncio.create_task(self._executor.execute(task))
        self._running[job] = task.type
        self._counts[task.type] = self._counts.get(task.type, 0) + 1
        job.add_done_callback(self._ended)

    def _ended(self, job: asyncio.Task[TaskOutcome]) -> None:
        kind = self._running.pop(job)
        self._counts[kind] -= 1
        if not job.cancelled():
            error = job.exception()
            if error is not None:
                self._failure = error
            else:
                self.outcomes.append(job.result())
                if self._done is not None:
                    self._done(job.result())
        if self._counts[kind] <= self._executor.limit(kind) or not self._running:
            self._changed.set()

    async def room(self, stop: asyncio.Event | None) -> None:
        """Wait until more can be claimed, nothing runs, or the process is to stop.

        Raises:
            ResourceError: the end of a task could not be written.
        """
        if self._failure is not None:
            raise self._failure
        if self.idle:
            return
        self._changed.clear()
        waiting = {asyncio.ensure_future(self._changed.wait())}
        if stop is not None:
            waiting.add(asyncio.ensure_future(stop.wait()))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waiting:
                future.cancel()

    async def drain(self, seconds: float | None) -> None:
        """Wait for what runs, ``seconds`` at most (None: as long as it takes)."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=seconds)
        if self._failure is not None:
            raise self._failure

    async def hand_back(self) -> None:
        """Stop what still runs; each gives its lease back, or says that its paid call's outcome is unknown."""
        for job in list(self._running):
            job.cancel()
        if self._running:
            await asyncio.wait(list(self._running))


def _started(task: Task) -> Event:
    data = {"task_id": task.id, "type": task.type.value, "symbol": task.symbol, "attempt": task.attempts}
    return Event(type=EventType.TASK_STARTED, source="scheduler", data=data, correlation_id=task.correlation_id)
