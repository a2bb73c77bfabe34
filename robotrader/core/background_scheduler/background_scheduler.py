"""The facade of the scheduler: run now, tick, plan, serve, cancel, retry; and whether it is fit to run at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.config.task_specs import RunSpec, TaskSpec
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.planner import Due, Planner, new_task
from robotrader.core.background_scheduler.core.recovery import Recovery
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.events.event_handler import EventHandler
from robotrader.core.background_scheduler.executors.task_executor import ended_event
from robotrader.core.background_scheduler.models import (
    FINAL,
    FREE,
    WORDS,
    NextDue,
    RunReport,
    Task,
    TaskOutcome,
    TaskStatus,
    TaskType,
)
from robotrader.core.background_scheduler.stores import halt_store, task_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, StateKey, Transaction
from robotrader.core.errors import (
    ConfigurationError,
    InitializationError,
    LockedError,
    NotFoundError,
    ResourceError,
    StoreBusyError,
    TradingError,
    ValidationError,
)
from robotrader.core.event_bus import Event, EventBus
from robotrader.core.ids import new_id

logger = logging.getLogger(__name__)

INITIALIZATION = StateKey("scheduler.initialization", str)
"""``ready`` or ``failed: why``, as the last process found it."""

SERVE_LOCK = "serve"
BY_HAND = 10
"""The priority of what the owner asked for."""

_JOIN_SECONDS = 0.25
_POLL = timedelta(seconds=30)


class Parts(NamedTuple):
    """What the facade is made of."""

    db: DatabaseStateManager
    clock: Clock
    owners: OwnerRegistry
    tasks: TaskStore
    events: EventStore
    event_bus: EventBus
    handler: EventHandler
    planner: Planner
    scheduler: TaskScheduler
    recovery: Recovery
    specs: Mapping[TaskType, RunSpec]


class Outlook(NamedTuple):
    """What waits already, what is due now, and what may be due next (None: nothing ever will be, as things are)."""

    waiting: tuple[Task, ...]
    due: tuple[Due, ...]
    next_due: NextDue | None


class BackgroundScheduler:
    """Tasks of one home, as one process sees them.

    Args:
        build: makes the parts, when they are first needed; what it raises is kept as the reason why nothing can run.
        stop_grace_seconds: how long running tasks may go on after a stop before they are handed back.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        build: Callable[[], Awaitable[Parts]],
        *,
        stop_grace_seconds: float,
    ) -> None:
        self._db = db
        self._build = build
        self._grace = stop_grace_seconds
        self._parts: Parts | None = None
        self.initialization = "initializing"

    async def initialize(self) -> None:
        """Get ready to run tasks. Whatever prevents it is kept in ``initialization`` and raised.

        Raises:
            TradingError: why nothing can run.
        """
        if self._parts is not None:
            return
        try:
            parts = await self._build()
            await parts.handler.start()
            await _remember(self._db, "ready")
        except TradingError as error:
            self.initialization = f"failed: {error}"
            with suppress(ResourceError):  # the database may be what failed
                await _remember(self._db, self.initialization)
            raise
        self._parts, self.initialization = parts, "ready"

    async def run_now(self, word: str, symbols: Sequence[str], *, force: bool, done: Done | None = None) -> RunReport:
        """Run one task type, for symbols where it is for symbols, and wait for the ends.

        Raises:
            ValidationError: an unknown type, or one that does not fit the symbols.
            ConfigurationError: nobody answers for this type.
            HaltedError: it would be paid for, and the emergency stop is on.
        """
        parts = self._ready()
        kind = WORDS.get(word)
        spec = parts.specs.get(kind) if kind is not None else None
        if kind is None or spec is None:
            known = ", ".join(spec.word for spec in parts.specs.values())
            raise ValidationError(f"no such task type: {word[:40]!r}", remedy=f"the types are: {known}")
        await _check_run(parts, spec, symbols)
        now, first = parts.clock.now(), max(BY_HAND, spec.priority)
        names = list(dict.fromkeys(symbols)) if isinstance(spec, TaskSpec) else [None]
        new = [new_task(kind, each, now, now, priority=first, provider=spec.provider, forced=force) for each in names]
        await parts.db.write(lambda tx: _insert_all(tx, new))
        return await self._run_to_end([task.id for task in new], done)

    async def _run_to_end(self, ids: Sequence[str], done: Done | None) -> RunReport:
        """Run tasks until each has ended or waits for later; one that another process is busy with is waited for."""
        parts = self._ready()
        await parts.recovery.recover()
        outcomes: dict[str, TaskOutcome] = {}
        while True:
            for outcome in await parts.scheduler.run_due(ids=ids, done=done):
                outcomes[outcome.task.id] = outcome
            tasks = await parts.tasks.many(ids)
            now = parts.clock.now()
            if all(_settled(task, now) for task in tasks):
                break
            await parts.clock.sleep(_JOIN_SECONDS)
            await parts.recovery.recover()
        await parts.event_bus.redeliver()
        return RunReport(tuple(_newest(outcomes.get(task.id), task) for task in tasks))

    async def tick(self, *, stop: asyncio.Event | None = None, done: Done | None = None) -> RunReport:
        """Pick up what the dead left, deliver what is undelivered, plan what is due, and run it."""
        parts = self._ready()
        lost = [outcome_of(task) for task in await parts.recovery.recover() if task.status is TaskStatus.UNKNOWN]
        await parts.event_bus.redeliver()  # what follows from events is planned with the rest
        await parts.planner.plan()
        outcomes = lost + await parts.scheduler.run_due(stop=stop, grace_seconds=self._grace, done=done)
        await parts.tasks.note_tick(parts.clock.now())
        return RunReport(tuple(outcomes), None if outcomes else await parts.planner.next_due(), held=await _held(parts))

    async def outlook(self) -> Outlook:
        """What a tick would plan now, and what may be due next."""
        parts = self._ready()
        now = parts.clock.now()
        due = await parts.db.read(lambda tx: parts.planner.due(tx, now))
        waiting = await parts.tasks.waiting(parts.planner.providers, now)
        return Outlook(tuple(waiting), tuple(due), await parts.planner.next_due(due))

    async def serve(
        self,
        stop: asyncio.Event,
        on_tick: Callable[[RunReport, datetime | None], None],
        before_tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Tick at each due instant until ``stop`` is set, which ``before_tick`` may do as well; one such loop a home.

        Raises:
            LockedError: another process serves this home.
        """
        parts = self._ready()
        try:
            await parts.owners.hold(SERVE_LOCK)
        except LockedError as error:
            raise LockedError(
                "another process serves this home already", remedy="one is enough; stop it first"
            ) from error
        while True:
            before_tick()
            if stop.is_set():
                break
            # Looked at again at least every 30 s: other processes add symbols, free keys, retry tasks.
            wait = _POLL
            try:
                report = await self.tick(stop=stop)
                coming = await parts.planner.next_due()
                due = None if coming is None else coming.at
            except StoreBusyError as error:
                logger.warning("a tick did not come to its end: %s", error)
            else:
                on_tick(report, due)
                wait = _POLL if due is None else min(_POLL, due - parts.clock.now())
            await _sleep_or(stop, parts.clock, max(0.5, wait.total_seconds()))

    async def cancel(self, task_id: str) -> Task:
        """Cancel a task that waits.

        Raises:
            NotFoundError, ValidationError: there is none, or it is running or has ended.
        """
        parts = self._ready()
        task = await parts.tasks.get(task_id)
        now = parts.clock.now()

        def unit(tx: Transaction) -> tuple[Task, Event] | None:
            cancelled = task_rows.cancel(tx, task, now)
            if cancelled is None:
                return None
            event = ended_event(cancelled, iso(now), new_id())
            parts.events.insert(tx, [event])
            return cancelled, event

        done = await parts.db.write(unit)
        if done is None:
            state = (await parts.tasks.get(task.id)).status.value.lower()
            raise ValidationError(f"the task is {state}: only a task that waits can be cancelled")
        await parts.event_bus.deliver([done[1]])
        return done[0]

    async def retry(self, task_id: str, done: Done | None = None) -> RunReport:
        """Ask again for what a task that ended was to fetch, as a new task (and so, perhaps, a new bill).

        Raises:
            NotFoundError, ValidationError: there is none, or it has not ended.
        """
        parts = self._ready()
        task = await parts.tasks.get(task_id)
        if task.status in FINAL:
            spec = parts.specs.get(task.type)
            if spec is None:
                raise NotFoundError(f"tasks of type {task.type.value} cannot be run here")
            symbols = [] if task.symbol is None else [task.symbol]
            return await self.run_now(spec.word, symbols, force=True, done=done)
        if task.status is TaskStatus.RUNNING:
            raise ValidationError("the task is running")
        await parts.tasks.hurry(task, parts.clock.now())
        return await self._run_to_end([task.id], done)

    async def cleanup(self) -> None:
        """Undo subscriptions and let go of the locks."""
        if self._parts is not None:
            await self._parts.handler.cleanup()
            await self._parts.owners.close()

    def _ready(self) -> Parts:
        if self._parts is None:
            raise InitializationError(f"the scheduler is not ready: {self.initialization}")
        return self._parts


Done = Callable[[TaskOutcome], None]
"""Told of each task as it ends."""


async def _remember(db: DatabaseStateManager, status: str) -> None:
    if await db.get_state(INITIALIZATION) != status:
        await db.set_state(INITIALIZATION, status)


async def _check_run(parts: Parts, spec: RunSpec, symbols: Sequence[str]) -> None:
    """See that a type of task can be run now; raises as ``run_now``."""
    if symbols and not isinstance(spec, TaskSpec):
        raise ValidationError(f"{spec.word} takes no symbols", remedy=f"robotrader run-task {spec.word}")
    if not spec.provider:
        raise ConfigurationError(
            "there is no source of quotes",
            remedy='set KITE_API_KEY and KITE_API_SECRET, or market.source = "sandbox" for simulated prices',
        )
    halt = await parts.db.read(halt_store.read)
    if halt is not None and spec.type not in FREE:
        raise halt_store.halted(halt)


async def _held(parts: Parts) -> str | None:
    """Why work that is paid for and waits was held back, where the emergency stop did so."""
    halt = await parts.db.read(halt_store.read)
    if halt is None:
        return None
    paid = {kind: provider for kind, provider in parts.planner.providers.items() if kind not in FREE}
    return str(halt_store.halted(halt)) if await parts.tasks.waiting(paid, parts.clock.now()) else None


def _insert_all(tx: Transaction, tasks: Sequence[Task]) -> None:
    """Write tasks asked for by hand; of two asked for at the same instant, the second is a microsecond later."""
    written = {task.id for task in task_rows.insert(tx, tasks, {})}
    for task in tasks:
        later = task
        while later.id not in written:
            later = later._replace(slot=later.slot + timedelta(microseconds=1))
            written |= {each.id for each in task_rows.insert(tx, [later], {})}


def _newest(seen: TaskOutcome | None, task: Task) -> TaskOutcome:
    """The outcome seen here, unless another process has taken the task further since."""
    return seen if seen is not None and seen.task.status is task.status else outcome_of(task)


def outcome_of(task: Task) -> TaskOutcome:
    """The outcome of a task that another process ran, as its row tells: its error with the exit code of its kind."""
    code = None if task.error is None else task.error.get("code")
    return TaskOutcome(task, exit_code=0 if code is None else _exit_codes().get(str(code), 1))


def _exit_codes() -> dict[str, int]:
    kinds, found = [TradingError], {}
    while kinds:
        kind = kinds.pop()
        found[kind.code] = kind.exit_code
        kinds += kind.__subclasses__()
    return found


def _settled(task: Task, now: datetime) -> bool:
    if task.status is TaskStatus.DEFERRED:
        return task.not_before is not None and task.not_before > now
    return task.status in FINAL


async def _sleep_or(stop: asyncio.Event, clock: Clock, seconds: float) -> None:
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({sleeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        stopping.cancel()
