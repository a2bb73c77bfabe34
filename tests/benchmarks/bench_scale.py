"""Does history cost anything: status, an idle tick and a claim over a million finished tasks, against a thousand.

    python tests/benchmarks/bench_scale.py [--large 1000000] [--rounds 15]

The history is written by SQL into the product's own schema; then the three operations are measured in turn over both
databases. A ratio is the median of those of the rounds, large over small; the bound is 1.3.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from bench_throughput import KIND, Spine, spine

from robotrader.core.background_scheduler.core.planner import new_task
from robotrader.core.background_scheduler.stores import task_rows
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.clock import SystemClock, iso, to_micros
from robotrader.core.database_state import Transaction
from robotrader.core.ids import new_ids

SYMBOLS = [f"S{n}" for n in range(200)]
BOUND = 1.3
CHUNK = 20_000

TASKS = (
    "INSERT INTO tasks (id, type, symbol, provider, slot, status, priority, stale_since, forced, attempts, not_before,"
    " created_at, started_at, finished_at, error) VALUES (?, ?, ?, 'none', ?, ?, 0, 0, 0, 1, ?, ?, ?, ?, ?)"
)
EVENTS = (
    "INSERT INTO events (id, type, timestamp, source, data, correlation_id, version, delivery)"
    " VALUES (?, 'task.completed', ?, 'scheduler', ?, ?, '1.0', 'delivered')"
)
FRESH = "INSERT OR REPLACE INTO stock_state VALUES (?, 'earnings', 'none', ?, 'document', NULL)"


async def fill(made: Spine, rows: int) -> None:
    """A home with a watchlist, ``rows`` tasks that ended before, one in a hundred of them badly, and their events."""
    await made.stocks.watch(SYMBOLS)
    now = SystemClock().now()

    def chunk(tx: Transaction, first: int, ids: list[str], told: list[str]) -> None:
        tasks, events = [], []
        for n, (task_id, event_id) in enumerate(zip(ids, told, strict=True), first):
            at = to_micros(now - timedelta(days=2, seconds=rows - n))
            ended = "FAILED" if n % 100 == 0 else "COMPLETED"
            tasks.append(
                (task_id, KIND.value, SYMBOLS[n % 200], at, ended, at, at, at, at + 1000, None if n % 100 else "{}")
            )
            data = json.dumps({"task_id": task_id, "type": KIND.value, "symbol": SYMBOLS[n % 200], "status": ended})
            events.append((event_id, iso(now), data, task_id))
        tx.many(TASKS, tasks)
        tx.many(EVENTS, events)

    for first in range(0, rows, CHUNK):
        size = min(CHUNK, rows - first)
        ids, told = sorted(new_ids(size)), sorted(new_ids(size))
        await made.db.write(lambda tx, first=first, ids=ids, told=told: chunk(tx, first, ids, told))  # type: ignore[misc]
    fresh = [(symbol, to_micros(now)) for symbol in SYMBOLS]
    await made.db.write(lambda tx: tx.many(FRESH, fresh))
    await made.db.write(
        lambda tx: tx.run("INSERT INTO task_counts VALUES ('2026-01-01', ?, 'COMPLETED', ?)", (KIND.value, rows))
    )


async def status(made: Spine) -> None:
    """What the status screen shows, and when something may be due next."""
    found = await StatusStore(made.db).snapshot("none", SystemClock().now(), recent=5)
    if found.waiting or len(found.recent) != 5:
        raise SystemExit(f"not the state that was to be measured: {found}")


async def idle_tick(made: Spine) -> None:
    """A tick that finds nothing."""
    if await made.planner.plan() or await made.scheduler.run_due():
        raise SystemExit("the tick was not idle")


async def claim(made: Spine) -> None:
    """Plan one task by hand, claim it, run it, finish it."""
    now = SystemClock().now()
    task = new_task(KIND, "S7", now, now, priority=10, provider="none")
    await made.db.write(lambda tx: task_rows.insert(tx, [task], {}))
    if [outcome.task.id for outcome in await made.scheduler.run_due(ids=[task.id])] != [task.id]:
        raise SystemExit("the task was not claimed")


async def timed(operation: Callable[[Spine], Awaitable[None]], made: Spine, times: int) -> float:
    """Microseconds for one operation."""
    began = time.perf_counter()
    for _ in range(times):
        await operation(made)
    return (time.perf_counter() - began) / times * 1e6


async def measure(large: int, rounds: int) -> bool:
    """Fill two homes, measure, print; returns whether every ratio is within the bound."""
    within = True
    async with AsyncExitStack() as stack:
        homes = []
        for rows in (1000, large):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            made = await stack.enter_async_context(spine(folder, "NORMAL", 10))
            await fill(made, rows)
            homes.append(made)
        for operation in (status, idle_tick, claim):
            found: list[list[float]] = [[], []]
            for _ in range(rounds):
                for made, times in zip(homes, found, strict=True):
                    times.append(await timed(operation, made, 20))
            ratio = statistics.median(big / small for small, big in zip(*found, strict=True))
            small, big = (statistics.median(times) for times in found)
            within = within and ratio <= BOUND
            name = operation.__name__
            print(f"{name:10} {small:8.0f} us over 1000, {big:8.0f} us over {large}, ratio {ratio:.2f}")
    return within


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    if not asyncio.run(measure(args.large, args.rounds)):
        sys.exit(f"a ratio is above {BOUND}")


if __name__ == "__main__":
    main()
