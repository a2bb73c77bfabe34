"""A client of Kite over the loopback double, with a clock that the test owns and limits kept in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.clients.kite_client import KiteClient
from robotrader.core.errors import LoginRequiredError
from robotrader.settings import KiteSettings
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY
from tests.support.ports import FakeClock


@dataclass
class MemorySession:
    """Implements ``clients.kite_ports.SessionPort``."""

    access_token: str = ACCESS_TOKEN
    deaths: list[str] = field(default_factory=list)

    async def token(self) -> str:
        if self.deaths:
            raise LoginRequiredError("the broker session has ended", remedy="robotrader login")
        return self.access_token

    async def died(self, token: str, why: str) -> None:
        assert token == self.access_token
        self.deaths.append(why)


@dataclass
class MemoryGates:
    """Implements ``clients.kite_ports.GatesPort``: what was asked for, and the waits that a test sets."""

    asked: list[tuple[str, tuple[tuple[int, float], ...]]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    async def reserve(self, gate: str, windows: Sequence[tuple[int, float]], patience: float) -> float:
        assert patience > 0
        self.asked.append((gate, tuple(windows)))
        return self.waits.pop(0) if self.waits else 0.0


@dataclass
class KiteDesk:
    server: KiteServer
    client: KiteClient
    clock: FakeClock
    session: MemorySession
    gates: MemoryGates


@asynccontextmanager
async def kite_desk(
    *script: str,
    match: str = "",
    folder: Path | None = None,
    forever: bool = False,
    order_seconds: float = 10.0,
    **state: Any,
) -> AsyncIterator[KiteDesk]:
    """A client and its server; ``script`` is how the next requests that begin with ``match`` are met."""
    async with kite_server(folder, **state) as server:
        if script:
            server.script(match, *script, forever=forever)
        clock, session, gates = FakeClock(), MemorySession(), MemoryGates()
        client = KiteClient(
            KiteSettings(server.url, API_KEY),
            session=session,
            gates=gates,
            clock=clock,
            order_seconds=order_seconds,
            spread=lambda: 0.0,
        )
        try:
            yield KiteDesk(server, client, clock, session, gates)
        finally:
            await client.aclose()
