"""Durable throughput: no-op tasks planned, claimed, run and finished with their events, against huey's SqliteHuey.

    python tests/benchmarks/bench_throughput.py [--tasks 3000] [--rounds 5]

Both run in one process on the same disk, interleaved, at the same ``synchronous`` setting; huey enqueues, dequeues and
executes with a stored result. Ratios are ours over huey's. Then the flushes of the disk for each finished task are
counted (with strace, where it is there: Linux), and four overlapping ticks, each a process of its own, are compared
with one.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.config.task_specs import task_specs
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.core.planner import Planner
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

    def __init__(self) -> None:
        self.runs: list[str] = []

    async def process(self, task: Task, deadline: float) -> Outcome:
        del deadline
        self.runs.append(task.id)
        return Outcome(TaskStatus.COMPLETED)


@dataclass
class Spine:
    """One process's parts."""

    db: DatabaseStateManager
    planner: Planner
    scheduler: TaskScheduler
    stocks: StockStateStore
    noop: Noop


@asynccontextmanager
async def spine(folder: Path, synchronous: Any, concurrency: int) -> AsyncIterator[Spine]:
    """The scheduler over a database in a folder."""
    clock, noop = SystemClock(), Noop()
    db = DatabaseStateManager(folder / "ours.db", clock=clock, synchronous=synchronous)
    events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
    bus = EventBus(events, clock)
    table = task_specs(SchedulesSettings(), provider="none")
    specs = {KIND: replace(table[KIND], concurrency=concurrency, fresh_for=timedelta(days=1))}
    executor = TaskExecutor(db, events, bus, clock, specs=specs, processors={KIND: noop}, concurrency=concurrency)
    owners = OwnerRegistry(folder / "locks")
    scheduler = TaskScheduler(
        db, clock, owners=owners, tasks=TaskStore(db), event_bus=bus, executor=executor, specs=specs,
        lease_seconds=60,
    )  # fmt: skip
    try:
        planner = Planner(db, clock, tasks=TaskStore(db), events=events, specs=specs, account="none")
        yield Spine(db, planner, scheduler, StockStateStore(db, clock, events), noop)
    finally:
        await owners.close()
        await db.close()


async def count(db: DatabaseStateManager) -> tuple[int, int]:
    """How many tasks are done, and how many ends were told."""
    done = await db.read(lambda tx: tx.one("SELECT count(*) FROM tasks WHERE status = 'COMPLETED'"))
    told = await db.read(lambda tx: tx.one("SELECT count(*) FROM events WHERE type = 'task.completed'"))
    return (done or (0,))[0], (told or (0,))[0]


async def ours(folder: Path, tasks: int, synchronous: str, concurrency: int) -> float:
    """Seconds for planning, claiming, running and finishing ``tasks`` no-ops."""
    async with spine(folder, synchronous, concurrency) as made:
        await made.stocks.watch([f"S{n}" for n in range(tasks)])
        began = time.perf_counter()
        planned = await made.planner.plan()
        outcomes = await made.scheduler.run_due()
        seconds = time.perf_counter() - began
        if {planned, len(outcomes), len(set(made.noop.runs)), *await count(made.db)} != {tasks}:
            raise SystemExit("not every task was done, once")
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
    """One interleaved run; prints the medians of the rates, and of the ratios of the rounds."""
    mine, theirs = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            theirs.append(tasks / hueys(Path(name), tasks, synchronous))
            mine.append(tasks / asyncio.run(ours(Path(name), tasks, synchronous, concurrency)))
    a, b = statistics.median(mine), statistics.median(theirs)
    ratio = statistics.median(x / y for x, y in zip(mine, theirs, strict=True))
    print(
        f"{synchronous:6} {concurrency:4} workers: {a:8.0f} tasks/s, huey {b:8.0f} tasks/s, ratio {ratio:.2f}"
        f" (best against best {max(mine) / max(theirs):.2f})"
    )


def flushes(tasks: int, concurrency: int) -> None:
    """Count fsync and fdatasync of a whole process at FULL, less those of one that runs next to nothing."""
    if shutil.which("strace") is None:
        print("flushes: not counted, there is no strace here")
        return
    found = [_flushes(number, concurrency) for number in (1, tasks)]
    print(
        f"FULL   {concurrency:4} workers: {(found[1] - found[0]) / tasks:.4f} flushes a task ({found[1]} for {tasks})"
    )


def _flushes(tasks: int, concurrency: int) -> int:
    command = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", sys.executable, __file__, "--only", "ours"]
    command += ["--tasks", str(tasks), "--concurrency", str(concurrency)]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    rows = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+).* (?:fsync|fdatasync)$", report, re.MULTILINE)
    return sum(int(calls) for calls in rows)


def overlapping(folder: str, concurrency: int, ready: Any, start: Any, results: Any) -> None:
    """One of several processes: a tick, begun when all are ready."""

    async def tick() -> list[str]:
        async with spine(Path(folder), "FULL", concurrency) as made:
            await count(made.db)
            ready.release()
            await asyncio.to_thread(start.wait)
            await made.planner.plan()
            await made.scheduler.run_due()
            return made.noop.runs

    results.put(asyncio.run(tick()))


def together(processes: int, tasks: int, concurrency: int) -> float:
    """Tasks a second of several processes over one home."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:

        async def prepare() -> None:
            async with spine(Path(name), "FULL", concurrency) as made:
                await made.stocks.watch([f"S{n}" for n in range(tasks)])

        asyncio.run(prepare())
        ready, start, results = context.Semaphore(0), context.Event(), context.Queue()
        workers = [
            context.Process(target=overlapping, args=(name, concurrency, ready, start, results))
            for _ in range(processes)
        ]
        for worker in workers:
            worker.start()
        for _ in workers:
            ready.acquire()
        began = time.perf_counter()
        start.set()
        runs = [run for _ in workers for run in results.get(timeout=120)]
        seconds = time.perf_counter() - began
        for worker in workers:
            worker.join()
        if len(runs) != tasks or len(set(runs)) != tasks:
            raise SystemExit(f"{len(runs)} runs of {len(set(runs))} tasks, {tasks} were due")
    return tasks / seconds


def overlaps(tasks: int, rounds: int) -> None:
    """Four overlapping ticks against one, interleaved."""
    one, four = [], []
    for _ in range(rounds):
        one.append(together(1, tasks, 100))
        four.append(together(4, tasks, 100))
    a, b = statistics.median(one), statistics.median(four)
    ratio = statistics.median(y / x for x, y in zip(one, four, strict=True))
    print(f"FULL   4 overlapping ticks: {b:8.0f} tasks/s, one {a:8.0f} tasks/s, ratio {ratio:.2f}, duplicates 0")


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
    flushes(args.tasks, 100)
    overlaps(args.tasks, min(3, args.rounds))


if __name__ == "__main__":
    main()
