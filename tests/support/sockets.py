"""A WebSocket of Kite on the loopback: refuses or listens, and sends what a test wants sent, with heartbeats."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

FULL = 184
HEARTBEAT = b"\x01"


@dataclass
class Sockets:
    """What was heard on each connection, and who is connected now."""

    refuse: tuple[int, bytes] | None = None
    heard: list[list[dict[str, Any]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    port: int = 0
    _now: list[Any] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def send(self, frame: bytes | str) -> None:
        """Send to everybody who is connected."""
        for socket in list(self._now):
            await socket.send(frame)

    def check(self, connection: Any, request: Any) -> Any:
        self.paths.append(request.path)
        if self.refuse is None:
            return None
        status, body = self.refuse
        return connection.respond(HTTPStatus(status), body.decode())

    async def serve(self, socket: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        heard: list[dict[str, Any]] = []
        self.heard.append(heard)
        self._now.append(socket)
        beating = asyncio.create_task(_beat(socket))
        try:
            async for word in socket:
                heard.append(json.loads(word))  # noqa: PERF401 - it is looked at while it grows
        except ConnectionClosed:
            pass
        finally:
            beating.cancel()
            self._now.remove(socket)


S = TypeVar("S", bound=Sockets)


async def _beat(socket: Any) -> None:
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.send(HEARTBEAT)
            await asyncio.sleep(0.2)


@asynccontextmanager
async def running(double: S) -> AsyncIterator[S]:
    """A double that runs until the block is left."""
    from websockets.asyncio.server import serve

    async with serve(double.serve, "127.0.0.1", 0, process_request=double.check) as server:
        double.port = next(iter(server.sockets)).getsockname()[1]
        yield double


@asynccontextmanager
async def sockets(refuse: tuple[int, bytes] | None = None) -> AsyncIterator[Sockets]:
    """One that listens, or refuses everybody."""
    async with running(Sockets(refuse)) as double:
        yield double
