"""HTTP fan-out: n requests of 200 ms each at a fixed concurrency, wall time against the ideal.

The pool of the product against one shared httpx client, interleaved in the same run, medians::

    python -m tests.benchmarks.bench_http [--rounds 5] [--requests 1000] [--method POST]
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from robotrader.core.background_scheduler.clients.http_pool import HttpPool, client_maker

ROOT = Path(__file__).parents[2]
LATENCY = 0.2
BODY = {"input": "The earnings of NSE:SBIN"}
Ask = Callable[[], Awaitable[None]]


async def fan_out(ask: Ask, requests: int, concurrency: int) -> tuple[float, float]:
    """Wall and CPU seconds of ``requests`` with ``concurrency`` workers."""
    left = iter(range(requests))

    async def worker() -> None:
        for _ in left:
            await ask()

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return time.perf_counter() - began, time.process_time() - cpu


async def pooled(url: str, method: str, requests: int, concurrency: int) -> tuple[float, float]:
    """With the product's pool."""
    pool = HttpPool(client_maker(url))

    async def ask() -> None:
        with pool.lease() as client:
            await _one(client, url, method)

    try:
        return await fan_out(ask, requests, concurrency)
    finally:
        await pool.aclose()


async def shared(url: str, method: str, requests: int, concurrency: int) -> tuple[float, float]:
    """With one httpx client for all."""
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=60) as client:
        return await fan_out(lambda: _one(client, url, method), requests, concurrency)


async def _one(client: httpx.AsyncClient, url: str, method: str) -> None:
    body = BODY if method == "POST" else None
    response = await client.request(method, url, json=body)
    if response.status_code not in (200, 404):
        raise RuntimeError(f"HTTP {response.status_code}")


def main() -> None:
    """Print one row a concurrency."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=1000, help="at most; 20 for each worker")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[10, 50, 100])
    options = parser.parse_args()
    ways = {"pool": pooled, "one shared httpx client": shared}
    milliseconds = str(LATENCY * 1000)
    command = [sys.executable, "-m", "tests.support.perplexity_server"]
    command += ["--latency-min", milliseconds, "--latency-max", milliseconds]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the double says nothing")
            url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1/agent"
            print("| client | concurrency | x ideal | CPU s / 1000 requests |\n|---|---|---|---|")
            for concurrency in options.concurrency:
                requests = min(options.requests, 20 * concurrency)
                ideal = requests / concurrency * LATENCY
                runs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
                for _ in range(options.rounds):
                    for name, way in ways.items():
                        runs[name].append(asyncio.run(way(url, "POST", requests, concurrency)))
                for name, times in runs.items():
                    wall = statistics.median(wall for wall, _ in times) / ideal
                    cpu = statistics.median(cpu for _, cpu in times) / requests * 1000
                    print(f"| {name} | {concurrency} | {wall:.2f} | {cpu:.1f} |", flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
