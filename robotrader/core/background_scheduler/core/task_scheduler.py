"""Claim what waits, have it run, and write the ends: those of a while share a commit with the next claim."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from robotrader.core.background_scheduler.config.task_specs import RunSpec
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.task_pool import TaskPool
from robotrader.core.background_scheduler.executors.task_executor import Ended, TaskExecutor, lease_end
from robotrader.core.background_scheduler.models import FREE, Task, TaskOutcome, TaskType
from robotrader.core.background_scheduler.stores import halt_store, task_leases
from robotrader.core.background_scheduler.stores.task_leases import Claim
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import StoreBusyError, TradingError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.core.ids import new_ids

logger = logging.getLogger(__name__)

T = TypeVar("T")


class TaskScheduler:
    """The life of tasks in one process.

    Args:
        lease_seconds: how long a claim holds without being renewed.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        owners: OwnerRegistry,
        tasks: TaskStore,
        event_bus: EventBus,
        executor: TaskExecutor,
        specs: Mapping[TaskType, RunSpec],
        lease_seconds: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._owners = owners
        self._tasks = tasks
        self._bus = event_bus
        self._executor = executor
        self._providers = {kind: specs[kind].provider for kind in executor.limits}
        self._lease_seconds = lease_seconds

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

        Raises:
            ResourceError: the database cannot be used.
        """
        now = self._clock.now()
        if not await self._db.read(lambda tx: task_leases.claimable(tx, self._providers, now)):
            return []
        await self._owners.register()
        run = _Run(self._executor, self._bus, done)
        helpers = [asyncio.create_task(_renew(self._tasks, self._clock, self._owners.owner, self._lease_seconds))]
        if stop is not None:
            helpers.append(asyncio.create_task(_wake_at(stop, run.pool)))
        try:
            await self._until_nothing_waits(run, ids, stop)
            if stop is not None and stop.is_set():
                await self._wind_up(run, grace_seconds)
        finally:
            await self._end(run, helpers)
        return run.outcomes

    async def _until_nothing_waits(self, run: _Run, ids: Sequence[str] | None, stop: asyncio.Event | None) -> None:
        pool = run.pool
        while not (stop is not None and stop.is_set()):
            claimed = await _uninterrupted(self._turn(run, ids))
            if (not claimed and pool.idle) or (stop is not None and stop.is_set()):
                return
            await pool.change()

    async def _wind_up(self, run: _Run, grace_seconds: float) -> None:
        run.tell(await self._executor.write_apart(await run.pool.stop(running=False)), [])
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                while not run.pool.idle:
                    await run.pool.change()
                    await _uninterrupted(self._turn(run, None, claiming=False))

    async def _turn(self, run: _Run, ids: Sequence[str] | None, *, claiming: bool = True) -> bool:
        """Write what has ended and claim more, in one transaction; returns whether anything was claimed."""
        verdicts, rooms = run.pool.take_ended(), run.pool.rooms() if claiming else {}
        if not verdicts and not rooms:
            return False
        now = self._clock.now()
        claim = Claim(self._owners.owner, lease_end(now, self._lease_seconds), self._providers, rooms, ids)

        def unit(tx: Transaction) -> tuple[list[Ended], list[Task]]:
            ended = self._executor.write(tx, verdicts, now) if verdicts else []
            return ended, _claim(tx, claim, now)

        try:
            ended, claimed = await self._db.write(unit)
        except StoreBusyError:
            raise
        except Exception:
            if not verdicts:
                raise
            # One of them lost its lease or cannot be saved: each by itself, so that it harms no other.
            ended = await self._executor.write_apart(verdicts)
            claimed = await self._db.write(lambda tx: _claim(tx, claim, now))
        run.pool.feed(claimed)
        run.tell(ended, claimed)
        return bool(claimed)

    async def _end(self, run: _Run, helpers: Sequence[asyncio.Task[None]]) -> None:
        """Hand back what is still here, and wait until everybody was told of everything."""
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        verdicts = await run.pool.stop()
        if verdicts:
            try:
                run.tell(await self._executor.write_apart(verdicts), [])
            except TradingError as error:
                logger.warning("%d tasks could not be handed back; their leases run out: %s", len(verdicts), error)
        await run.told()


class _Run:
    """One call of ``run_due``: what runs, what came of it, and who is told."""

    def __init__(self, executor: TaskExecutor, event_bus: EventBus, done: Callable[[TaskOutcome], None] | None) -> None:
        self._executor = executor
        self._bus = event_bus
        self._done = done
        self._telling: asyncio.Task[None] | None = None
        self.pool = TaskPool(executor)
        self.outcomes: list[TaskOutcome] = []

    def tell(self, ended: Sequence[Ended], claimed: Sequence[Task]) -> None:
        """Deliver the events of what is on disk, in order, without holding up what is still to be written."""
        if ended or claimed:
            self._telling = asyncio.create_task(self._tell(ended, claimed, self._telling))

    async def _tell(self, ended: Sequence[Ended], claimed: Sequence[Task], before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await before
        await self._executor.deliver(ended)
        for each in ended:
            self.outcomes.append(each.outcome)
            if self._done is not None:
                self._done(each.outcome)
        if self._bus.heard(EventType.TASK_STARTED):
            await self._bus.deliver(_started(claimed))

    async def told(self) -> None:
        """Wait until everybody was told."""
        if self._telling is not None:
            await self._telling


def _claim(tx: Transaction, wanted: Claim, now: datetime) -> list[Task]:
    """Take what may be taken: under the emergency stop, nothing that is paid for."""
    rooms = wanted.rooms
    if rooms and halt_store.read(tx) is not None:
        rooms = {kind: room for kind, room in rooms.items() if kind in FREE}
    return task_leases.claim(tx, wanted._replace(rooms=rooms), now) if rooms else []


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Let something come to its end even when we are cancelled meanwhile; the cancellation follows it."""
    job = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait((job,))
        raise


async def _renew(tasks: TaskStore, clock: Clock, owner: str, lease_seconds: float) -> None:
    while True:
        await clock.sleep(lease_seconds / 3)
        await tasks.renew(owner, lease_end(clock.now(), lease_seconds))


async def _wake_at(stop: asyncio.Event, pool: TaskPool) -> None:
    await stop.wait()
    pool.wake()


def _started(tasks: Sequence[Task]) -> list[Event]:
    """Told to whoever listens, and not kept: the rows say when their tasks were started."""
    at = "" if not tasks or tasks[0].started_at is None else iso(tasks[0].started_at)
    return [
        Event(
            id=event_id,
            type=EventType.TASK_STARTED,
            timestamp=at,
            source="scheduler",
            data={"task_id": task.id, "type": task.type.value, "symbol": task.symbol, "attempt": task.attempts},
            correlation_id=task.correlation_id,
        )
        for event_id, task in zip(new_ids(len(tasks)), tasks, strict=True)
    ]
