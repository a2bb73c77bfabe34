"""Waiting on the loopback for the redirect that ends a login: one page, one address, then it is gone."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs

from robotrader.core.errors import ResourceError, TaskTimeoutError

HOST = "127.0.0.1"
LONGEST_HEAD = 16_384
PATIENCE_SECONDS = 10.0
_PAGE = (
    "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {size}\r\n"
    "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}"
)


class LoginListener:
    """Takes the redirect of one login.

    Args:
        state: what the redirect has to carry; a request without it is refused, and waiting goes on.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._found: asyncio.Future[str] | None = None
        self.refused = 0

    async def wait(self, port: int, seconds: float, ready: Callable[[int], None]) -> str:
        """The target of the redirect (``/?request_token=...``).

        Args:
            port: of the address that the app has registered as its redirect; 0 takes any that is free.
            ready: called with the port once it is listened on.

        Raises:
            ResourceError: the port is taken.
            TaskTimeoutError: nobody came.
        """
        self._found = asyncio.get_running_loop().create_future()
        try:
            server = await asyncio.start_server(self._serve, HOST, port, limit=LONGEST_HEAD)
        except OSError as error:
            raise ResourceError(
                f"port {port} of this machine cannot be listened on: {error.strerror}", remedy="choose another --port"
            ) from error
        async with server:
            ready(server.sockets[0].getsockname()[1])
            try:
                async with asyncio.timeout(seconds):
                    return await self._found
            except TimeoutError:
                raise TaskTimeoutError(
                    f"no login came back within {seconds:.0f} seconds",
                    remedy="the redirect address of the app has to be this machine's; or paste it: robotrader login",
                ) from None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                status, text = self._take(head)
                writer.write(_PAGE.format(status=status, size=len(text.encode()), text=text).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
            self.refused += 1
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _take(self, head: bytes) -> tuple[str, str]:
        """What to answer; the one request that is meant ends the waiting."""
        words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        target = words[1] if len(words) == 3 and words[0] == "GET" else ""
        query = parse_qs(target.partition("?")[2])
        if "request_token" not in query and "status" not in query:
            self.refused += 1
            return "404 Not Found", "Nothing is here.\n"
        if not hmac.compare_digest(query.get("state", [""])[0].encode(), self._state.encode()):
            self.refused += 1
            return "400 Bad Request", "This is not the login that is waited for.\n"
        if self._found is not None and not self._found.done():
            self._found.set_result(target)
        return "200 OK", "Received. This page can be closed; the terminal says whether the login succeeded.\n"
