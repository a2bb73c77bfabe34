"""The same calls by a client that keeps nothing: what the machine and the network alone take.

    python tests/benchmarks/bare_client.py URL CALLS CONCURRENCY aiohttp|httpx

Every call is posted, its answer is read as JSON, and forgotten.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

QUESTION = {
    "model": "perplexity/sonar",
    "instructions": "Answer in JSON. " * 60,
    "input": "Earnings of NSE:S1",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "earningsv1", "schema": {"type": "object", "properties": {"symbol": {}}}},
    },
}
HEADERS = {"authorization": "Bearer bare"}


async def by_aiohttp(url: str, calls: int, concurrency: int) -> None:
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:

        async def ask() -> None:
            async with session.post(url, json=QUESTION, headers=HEADERS) as answer:
                await answer.json()

        await at_once(ask, calls, concurrency)


async def by_httpx(url: str, calls: int, concurrency: int) -> None:
    import httpx

    async with httpx.AsyncClient(timeout=60.0) as client:

        async def ask() -> None:
            (await client.post(url, json=QUESTION, headers=HEADERS)).json()

        await at_once(ask, calls, concurrency)


async def at_once(ask: Callable[[], Awaitable[None]], calls: int, concurrency: int) -> None:
    """So many calls, so many of them at the same time."""
    left = iter(range(calls))

    async def worker() -> None:
        for _ in left:
            await ask()

    await asyncio.gather(*(worker() for _ in range(concurrency)))


def main() -> None:
    base_url, calls, concurrency, library = sys.argv[1:]
    ask_all = {"aiohttp": by_aiohttp, "httpx": by_httpx}[library]
    asyncio.run(ask_all(f"{base_url}/v1/agent", int(calls), int(concurrency)))


if __name__ == "__main__":
    main()
