"""Plan what is due: every schedule becomes the slots that have not run, each once, however many processes look."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from robotrader.core.background_scheduler.config.task_specs import (
    RunSpec,
    TaskSpec,
    WatchSpec,
    dataset_specs,
    watch_specs,
)
from robotrader.core.background_scheduler.models import NextDue, Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.stores import task_rows, watch_rows
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.task_rows import DueSymbol, Slot
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ConfigurationError
from robotrader.core.event_bus import Event, EventType
from robotrader.core.ids import new_id, new_ids

logger = logging.getLogger(__name__)

TOLD = 50
"""How many symbols an event names at most."""


class Due(NamedTuple):
    """A slot that is due: the newest one that has not run, however many were missed; ``reason`` says why."""

    spec: RunSpec
    symbol: str | None
    slot: datetime
    reason: str


class Planner:
    """What is due in one home, and what will be.

    Args:
        account: whose positions are watched.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        tasks: TaskStore,
        events: EventStore,
        specs: Mapping[TaskType, RunSpec],
        account: str,
    ) -> None:
        enabled = {kind: spec for kind, spec in specs.items() if spec.enabled and spec.provider}
        self._db = db
        self._clock = clock
        self._tasks = tasks
        self._events = events
        self._datasets = dataset_specs(enabled)
        self._watches = watch_specs(enabled)
        self._account = account
        self.providers = {kind: spec.provider for kind, spec in specs.items()}

    def due(self, tx: Transaction, now: datetime) -> list[Due]:
        """Part of a transaction: every slot that is due; within a type what events ask for, then the stalest first."""
        found = [Due(spec, None, slot, "by schedule") for spec, slot in self._watched(tx, now)]
        for spec, slot in self._slots(now):
            asked = task_rows.asked_symbols(tx, slot)
            names = {each.symbol for each in asked}
            rest = [each for each in task_rows.due_symbols(tx, slot) if each.symbol not in names]
            found += [Due(spec, each.symbol, each.slot, _why(each)) for each in (*asked, *rest)]
        return found

    async def plan(self) -> int:
        """Write a task for every slot that is due, and return how many that are.

        A slot that another process planned meanwhile is left alone.
        """
        now = self._clock.now()
        slots = [slot for _, slot in self._slots(now)]

        def any_due(tx: Transaction) -> bool:
            return any(task_rows.any_due(tx, slot) for slot in slots) or bool(self._watched(tx, now))

        # Looking costs no lock; most ticks find nothing.
        if not await self._db.read(any_due):
            return 0
        return await self._db.write(lambda tx: self._plan(tx, now))

    async def next_due(self, due: Sequence[Due] = ()) -> NextDue | None:
        """What may be due next; None where nothing ever will be. ``due`` is what a tick would plan now."""
        now = self._clock.now()
        waiting = await self._tasks.next_waiting(self.providers)
        found = [] if waiting is None else [NextDue(max(waiting, now), None)]
        for spec in self._datasets:
            name = spec.dataset.value
            expiry = await self._tasks.next_expiry(name, spec.provider, spec.fresh_for, spec.own_fresh_for, now)
            if expiry is not None:
                missed = any(each.spec is spec for each in due)
                found.append(NextDue(now if missed else expiry if expiry > now else spec.trigger.next(now), spec.word))
            if (asked := await self._tasks.next_ask(name, spec.provider, now)) is not None:
                found.append(NextDue(asked, spec.word))
        watched = await self._db.read(lambda tx: [each for each in self._watches if self._comes(tx, each)])
        for each in watched:
            missed = any(given.spec is each for given in due)
            at = now if missed else _or_none(each, now, latest=False)
            found += [] if at is None else [NextDue(at, each.word)]
        return min(found, key=lambda each: each.at, default=None)

    def _slots(self, now: datetime) -> list[tuple[TaskSpec, Slot]]:
        return [
            (
                spec,
                Slot(
                    spec.type,
                    spec.dataset.value,
                    spec.provider,
                    spec.trigger.latest(now),
                    now,
                    now - spec.fresh_for,
                    {symbol: now - own for symbol, own in spec.own_fresh_for.items()},
                ),
            )
            for spec in self._datasets
        ]

    def _wanted(self, tx: Transaction, spec: WatchSpec) -> bool:
        return watch_rows.wanted(tx, spec.type, self._account)

    def _comes(self, tx: Transaction, spec: WatchSpec) -> bool:
        """Whether its next slot is planned when it comes: not while the last one waits, to be tried again."""
        return self._wanted(tx, spec) and not watch_rows.at_work(tx, spec.type, spec.provider)

    def _watched(self, tx: Transaction, now: datetime) -> list[tuple[WatchSpec, datetime]]:
        found = []
        for spec in self._watches:
            if not self._wanted(tx, spec):
                continue
            slot = _or_none(spec, now, latest=True)
            if slot is None or now - slot > spec.catch_up:
                continue
            if watch_rows.missed(tx, spec.type, spec.provider, slot, now):
                found.append((spec, slot))
        return found

    def _plan(self, tx: Transaction, now: datetime) -> int:
        counts: dict[str, int] = {}
        events: list[Event] = []
        raised: set[str] = set()
        watches = [
            new_task(spec.type, None, slot, now, priority=spec.priority, provider=spec.provider)
            for spec, slot in self._watched(tx, now)
        ]
        for task in task_rows.insert(tx, watches, {}):
            counts[task.type.value] = 1
        providers = {spec.provider for spec in self._datasets}
        near = frozenset[str]().union(*(task_rows.near_results(tx, provider, now) for provider in providers))
        for spec, slot in self._slots(now):
            # What an event asks for goes first: its task carries the event's correlation, and will do for the schedule.
            for find in (task_rows.asked_symbols, task_rows.due_symbols):
                due = find(tx, slot)
                ids = new_ids(len(due))
                if planned := task_rows.insert_due(tx, slot, due, ids, priority=spec.priority, near=near):
                    counts[spec.type.value] = counts.get(spec.type.value, 0) + planned
                    raised |= near.intersection(each.symbol for each in due)
                    events += [
                        _asked(spec, each, task_id, now) for task_id, each in zip(ids, due, strict=True) if each.reason
                    ]
        if counts:
            data = {"planned": counts, **({"raised": sorted(raised)[:TOLD]} if raised else {})}
            events.append(Event(type=EventType.TASK_PLANNED, timestamp=iso(now), source="scheduler", data=data))
            self._events.insert(tx, events)
        return sum(counts.values())


def new_task(
    kind: TaskType,
    symbol: str | None,
    slot: datetime,
    now: datetime,
    *,
    priority: int,
    provider: str,
    forced: bool = False,
) -> Task:
    """A task that waits to be claimed."""
    task_id = new_id(now)
    return Task(
        task_id, kind, symbol, slot, TaskStatus.PENDING, now, task_id, priority, forced, 0, now, provider=provider
    )


def _or_none(spec: WatchSpec, now: datetime, *, latest: bool) -> datetime | None:
    """A slot, or None where the calendar does not say: looking at the market then waits, other work goes on."""
    try:
        return spec.trigger.latest(now) if latest else spec.trigger.next(now)
    except ConfigurationError as error:
        logger.warning("%s is not watched: %s", spec.word, error)
        return None


def _why(due: DueSymbol) -> str:
    return due.reason or ("never fetched" if due.fetched_at is None else "no longer fresh")


def _asked(spec: TaskSpec, due: DueSymbol, task_id: str, now: datetime) -> Event:
    data = {"task_id": task_id, "type": spec.type.value, "symbol": due.symbol, "reason": due.reason}
    chain = due.correlation_id
    return Event(type=EventType.TASK_PLANNED, timestamp=iso(now), source="scheduler", data=data, correlation_id=chain)
