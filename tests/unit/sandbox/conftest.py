from __future__ import annotations

from typing import Any

import httpx
import pytest
from sandbox_questions import PATHS, Ask, FrozenClock, question

from robotrader.sandbox.transport import SandboxTransport


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def ask(clock: FrozenClock) -> Ask:
    """Post one or more questions about one symbol through a real client; returns the last response."""

    async def post(
        symbol: str = "SBIN", *, fault: str = "", dialect: str = "agent", times: int = 1, **more: Any
    ) -> httpx.Response:
        body = question(f"Latest quarterly results of NSE:{symbol}.", dialect=dialect, **more)
        async with httpx.AsyncClient(transport=SandboxTransport(fault, clock=clock), timeout=61.0) as client:
            for _ in range(times):
                response = await client.post(f"https://gateway.example/api{PATHS[dialect]}", json=body)
        return response

    return post
