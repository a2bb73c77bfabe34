"""Durable throughput: no-op tasks planned, claimed, run and finished with their events, against huey's SqliteHuey.

    python tests/benchmarks/bench_throughput.py [--tasks 3000] [--rounds 5]

Both run in one process on the same disk, interleaved, at the same ``synchronous`` setting; huey enqueues, dequeues and
executes with a stored result. Ratios are ours over huey's; flushes are counted with strace where it is there (Linux).
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from robotrader.core.background_scheduler.config.task_specs import task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.task_scheduler import TaskScheduler
from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor
from robotrader.core.background_scheduler.models import Task, TaskStatus, TaskType
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.background_scheduler.stores.task_store import TaskStore
from robotrader.core.clock import SystemClock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.event_bus import EventBus
from robotrader.settings import SchedulesSettings

KIND = TaskType.EARNINGS_ANALYSIS


class Noop:
    """Does nothing, as a processor."""

    async def process(self, task: Task, deadline: float) -> Outcome:
        del task, deadline
        return Outcome(TaskStatus.COMPLETED)


async def ours(folder: Path, tasks: int, synchronous: str, concurrency: int) -> float:
    """Seconds for planning, claiming, running and finishing ``tasks`` no-ops."""
    clock = SystemClock()
    db = DatabaseStateManager(folder / "ours.db", clock=clock, synchronous=synchronous)
    events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
    bus = EventBus(events, clock)
    specs = {KIND: replace(task_specs(SchedulesSettings())[KIND], concurrency=concurrency, fresh_for=timedelta(days=1))}
    executor = TaskExecutor(db, events, bus, clock, specs=specs, processors={KIND: Noop()}, concurrency=concurrency)
    owners = OwnerRegistry(folder / "locks")
    store = TaskStore(db)
    scheduler = TaskScheduler(
        db, clock, owners=owners, tasks=store, events=events, event_bus=bus, executor=executor, specs=specs,
        provider="none", lease_seconds=60,
    )  # fmt: skip
    await StockStateStore(db, clock, events).watch([f"S{n}" for n in range(tasks)])
    began = time.perf_counter()
    planned = await scheduler.plan()
    outcomes = await scheduler.run_due()
    seconds = time.perf_counter() - began
    done = await db.read(lambda tx: tx.one("SELECT count(*) FROM tasks WHERE status = 'COMPLETED'"))
    told = await db.read(lambda tx: tx.one("SELECT count(*) FROM events WHERE type = 'task.completed'"))
    if not (len(planned) == len(outcomes) == done[0] == told[0] == tasks):
        raise SystemExit(f"not every task was done: {len(planned)} {len(outcomes)} {done} {told}")
    await owners.close()
    await db.close()
    return seconds


def hueys(folder: Path, tasks: int, synchronous: str) -> float:
    """Seconds for enqueuing, dequeuing and executing ``tasks`` no-ops with their results."""
    from huey import SqliteHuey

    huey = SqliteHuey(filename=str(folder / "huey.db"))

    @huey.task()
    def noop() -> bool:
        return True

    huey.storage.conn.execute(f"PRAGMA synchronous = {synchronous}")
    began = time.perf_counter()
    for _ in range(tasks):
        noop()
    for _ in range(tasks):
        huey.execute(huey.dequeue())
    seconds = time.perf_counter() - began
    if huey.result_count() != tasks:
        raise SystemExit("huey did not do every task")
    huey.storage.close()
    return seconds


def measure(tasks: int, rounds: int, synchronous: str, concurrency: int) -> None:
    """One interleaved run; prints rates and the ratio of the medians."""
    mine, theirs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            theirs.append(tasks / hueys(Path(name), tasks, synchronous))
            mine.append(tasks / asyncio.run(ours(Path(name), tasks, synchronous, concurrency)))
    a, b = statistics.median(mine), statistics.median(theirs)
    print(f"{synchronous:6} {concurrency:4} workers: {a:8.0f} tasks/s, huey {b:8.0f} tasks/s, ratio {a / b:.2f}")


def main() -> None:
    """Run every setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["ours"], help="run ours once, for a profiler or strace")
    parser.add_argument("--concurrency", type=int, default=100)
    args = parser.parse_args()
    if args.only:
        with tempfile.TemporaryDirectory() as name:
            seconds = asyncio.run(ours(Path(name), args.tasks, "FULL", args.concurrency))
        print(f"{args.tasks / seconds:.0f} tasks/s")
        return
    for synchronous in ("FULL", "NORMAL"):
        measure(args.tasks, args.rounds, synchronous, 100)
    measure(max(200, args.tasks // 10), args.rounds, "FULL", 1)


if __name__ == "__main__":
    main()
