"""A Perplexity client against the loopback double, with time, limits and the ledger row in the test's hands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from robotrader.core.background_scheduler.clients.perplexity_client import PerplexityClient
from robotrader.core.background_scheduler.clients.ports import Question
from robotrader.core.background_scheduler.clients.seats import Seats
from robotrader.core.background_scheduler.models import Answer, Dataset
from robotrader.core.errors import TradingError
from robotrader.settings import PerplexitySettings
from tests.support.perplexity_server import PerplexityServer, perplexity_server
from tests.support.ports import FakeClock, MemoryCall, MemoryLimits

KEY_A, KEY_B = "pplx-" + "a" * 40, "pplx-" + "b" * 40
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "symbol": {"type": "string"},
        "eps_inr": {"type": ["number", "null"]},
        "net_profit_inr": {"type": ["number", "null"]},
    },
    "required": ["symbol", "eps_inr", "net_profit_inr"],
    "additionalProperties": False,
}


def question(symbol: str = "SBIN", dataset: Dataset = Dataset.EARNINGS) -> Question:
    """A question as a processor would put it."""
    return Question(
        dataset,
        symbol,
        "Answer with JSON only.",
        f"The latest {dataset} of NSE:{symbol} please.",
        f"{dataset}_v1",
        SCHEMA,
    )


@dataclass
class Desk:
    """Everything a test of the client looks at."""

    server: PerplexityServer
    client: PerplexityClient
    clock: FakeClock
    limits: MemoryLimits
    config: PerplexitySettings

    async def ask(self, call: MemoryCall | None = None, *, seconds: float = 1000.0, symbol: str = "SBIN") -> Answer:
        """Ask within ``seconds`` of the fake clock."""
        return await self.client.ask(question(symbol), call or MemoryCall(), self.clock.monotonic() + seconds)

    async def fails(self, call: MemoryCall | None = None, *, seconds: float = 1000.0) -> TradingError:
        """The error that asking ends in."""
        try:
            answer = await self.ask(call, seconds=seconds)
        except TradingError as error:
            return error
        raise AssertionError(f"an error was due, and an answer came: {answer}")

    def another_process(self) -> PerplexityClient:
        """A second client that shares nothing with the first but the limits."""
        return PerplexityClient(
            self.config, limits=self.limits, clock=self.clock, seats=Seats(1_000), spread=lambda: 0.0
        )


@asynccontextmanager
async def desk(*behaviours: str, seats: Seats | None = None, **settings: Any) -> AsyncIterator[Desk]:
    """A client and a double that is scripted with ``behaviours``; ``settings`` replace those of the client."""
    clock = FakeClock()
    async with perplexity_server() as server:
        server.script(*behaviours)
        config = replace(PerplexitySettings(base_url=server.url, api_keys=(KEY_A, KEY_B)), **settings)
        limits = MemoryLimits(clock, breaker_failures=config.breaker_failures, breaker_seconds=config.breaker_seconds)
        client = PerplexityClient(config, limits=limits, clock=clock, seats=seats or Seats(1_000), spread=lambda: 0.0)
        try:
            yield Desk(server, client, clock, limits, config)
        finally:
            await client.aclose()
