"""Several symbols in one paid call: calls, dollars and wall time with batches of 1, 5 and 10, in one interleaved run.

    python tests/benchmarks/bench_batch.py [--symbols 50] [--latency 200] [--rounds 3]

One ``tick`` asks a double of Perplexity on the loopback (a process of its own) for the earnings of every symbol. It
counts tokens and prices them as the Agent API does (tests/support/perplexity_shapes.py has the prices); what a search
makes the model read is an assumption. How often the real service searches for a batch is its own choice, so both ends
are shown: one search a request, and one search a symbol. Ratios are against batches of 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from robotrader.bootstrap import open_app
from robotrader.settings import PerplexitySettings, SchedulerSettings, ScheduleSettings, SchedulesSettings, Settings

ROOT = Path(__file__).parents[2]
SIZES = (1, 5, 10)
PRICINGS = {"search-once": "one search a request", "search-each": "one search a symbol"}


class Measured(NamedTuple):
    """One tick: bills that the server wrote, dollars of the ledger, seconds."""

    calls: int
    usd: Decimal
    seconds: float


@contextlib.contextmanager
def double(latency: float, pricing: str) -> Iterator[str]:
    """A server in a process of its own; the block gets its address."""
    command = [sys.executable, "-m", "tests.support.perplexity_server", "--pricing", pricing]
    command += ["--latency-min", str(latency), "--latency-max", str(latency)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as program:
        try:
            assert program.stdout is not None
            yield f"http://127.0.0.1:{int(program.stdout.readline())}"
        finally:
            program.kill()


def billed(url: str) -> int:
    """How many requests the server has billed so far."""
    with urllib.request.urlopen(f"{url}/billed") as reply:  # noqa: S310 - our own server on the loopback
        return int(json.load(reply)["total"])


async def one_tick(url: str, symbols: int, size: int, concurrency: int) -> Measured:
    """A fresh home asks for the earnings of every symbol."""
    rest, row = ScheduleSettings(enabled=False), replace(ScheduleSettings(), batch=size)
    before = billed(url)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            Path(folder) / "home",
            perplexity=PerplexitySettings(base_url=url, api_keys=("pplx-" + "b" * 40,), requests_per_minute=100_000),
            scheduler=SchedulerSettings(concurrency=concurrency),
            schedules=SchedulesSettings(earnings=row, news=rest, fundamentals=rest),
        )
        async with open_app(settings) as app:
            await (await app.watchlist()).watch([f"SYM{n}" for n in range(symbols)])
            tasks = await app.tasks()
            began = time.perf_counter()
            report = await tasks.tick()
            seconds = time.perf_counter() - began
            budget = (await (await app.status()).status()).budget
    done = sum(outcome.task.status == "COMPLETED" for outcome in report.outcomes)
    shared = sum((outcome.task.cost_usd or Decimal(0) for outcome in report.outcomes), Decimal(0))
    paid = sum(outcome.task.paid_calls for outcome in report.outcomes)
    calls = billed(url) - before
    if done != symbols or not paid == calls == budget.calls_today or shared != budget.spent_today_usd:
        raise SystemExit(
            f"{done} of {symbols} done, {paid} of {calls} calls told, {shared} of {budget.spent_today_usd}"
        )
    return Measured(calls, shared, seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What batches save.")
    parser.add_argument("--symbols", type=int, default=50)
    parser.add_argument("--latency", type=float, default=200.0, help="milliseconds of an answer")
    parser.add_argument("--concurrency", type=int, default=50, help="tasks at the same time")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    for pricing, told in PRICINGS.items():
        runs: dict[int, list[Measured]] = {size: [] for size in SIZES}
        with double(options.latency, pricing) as url:
            for _ in range(options.rounds):
                for size in SIZES:
                    runs[size].append(asyncio.run(one_tick(url, options.symbols, size, options.concurrency)))
        print(f"{options.symbols} symbols, earnings, {told}, {options.latency:g} ms an answer")
        print("batch  calls  ratio  dollars   ratio  seconds  ratio")
        plain = runs[SIZES[0]]
        base = statistics.median(each.seconds for each in plain)
        for size, found in runs.items():
            seconds = statistics.median(each.seconds for each in found)
            calls, usd = found[0].calls, found[0].usd
            print(
                f"{size:5}  {calls:5}  {calls / plain[0].calls:5.2f}  {usd:.5f}  {usd / plain[0].usd:6.2f}"
                f"  {seconds:7.2f}  {seconds / base:5.2f}"
            )


if __name__ == "__main__":
    main()
