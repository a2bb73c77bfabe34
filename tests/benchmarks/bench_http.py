"""HTTP fan-out: n requests of 200 ms each at a fixed concurrency, wall time against the ideal.

The client's pool against one shared httpx client and bare sockets, interleaved in the same run, medians::

    python -m tests.benchmarks.bench_http [--rounds 5] [--requests 2000] [--concurrency 10 50 100]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from robotrader.core.background_scheduler.clients.exchange import exchange
from robotrader.core.background_scheduler.clients.http_pool import make_pool

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


async def pooled(url: str, requests: int, concurrency: int) -> tuple[float, float]:
    """With the product's pool and its reading of an answer."""
    pool = make_pool(url)

    async def ask() -> None:
        with pool.lease() as transport:
            request = httpx.Request("POST", url, json=BODY)
            check((await exchange(transport, request, max_bytes=1_000_000, seconds=60)).status)

    try:
        return await fan_out(ask, requests, concurrency)
    finally:
        await pool.aclose()


async def shared(url: str, requests: int, concurrency: int) -> tuple[float, float]:
    """With one httpx client for all."""
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=60) as client:

        async def ask() -> None:
            check((await client.post(url, json=BODY)).status_code)

        return await fan_out(ask, requests, concurrency)


async def bare(url: str, requests: int, concurrency: int) -> tuple[float, float]:
    """With sockets and nothing else: what the double and this machine allow."""
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    body = json.dumps(BODY).encode()
    message = b"POST /v1/agent HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)

    async def ask() -> None:
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", httpx.URL(url).port)
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        free.append((reader, writer))

    result = await fan_out(ask, requests, concurrency)
    for _, writer in free:
        writer.close()
    return result


def check(status: int | None) -> None:
    """Stop where the double does not answer.

    Raises:
        RuntimeError: no 200.
    """
    if status != 200:
        raise RuntimeError(f"HTTP {status}")


def main() -> None:
    """Print one row a concurrency."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000, help="at most; 20 for each worker")
    parser.add_argument("--concurrency", type=int, nargs="+", default=[10, 50, 100])
    options = parser.parse_args()
    ways = {"bare sockets": bare, "robotrader": pooled, "one shared httpx client": shared}
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
                        runs[name].append(asyncio.run(way(url, requests, concurrency)))
                for name, times in runs.items():
                    wall = statistics.median(wall for wall, _ in times) / ideal
                    cpu = statistics.median(cpu for _, cpu in times) / requests * 1000
                    print(f"| {name} | {concurrency} | {wall:.2f} | {cpu:.1f} |", flush=True)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
