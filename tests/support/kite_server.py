"""A loopback double of Kite Connect v3: real sockets, an order book on disk, and every kind of trouble on request.

In a test::

    async with kite_server(tmp_path) as server:
        server.set(prices={"NSE:SBIN": 801.5}, holdings=[holding("SBIN", 10)])
        server.script("POST /orders", "accept-hang")      # the next order is placed, and its answer never comes
        server.script("GET /quote", "429:1", "answer")
        client = ...  # base_url=server.url, API_KEY and ACCESS_TOKEN of kite_shapes
        assert len(server.book.by_tag()["tag1"]) == 1

As a process of its own, so that the book outlives the client and the client's kills::

    python -m tests.support.kite_server --folder DIR [--port 0]

prints its port on the first line and serves until it is killed; DIR/orders.jsonl has every change of every order,
flushed before it is answered, and is read again by the next double of that folder (``kite_book.read_orders`` reads it
from outside). DIR/state.json, where there is one, is what ``set`` gets at the start. Over HTTP a test steers it with

    GET  /double/state    orders, trades, orders by tag, requests counted by method and path
    POST /double/set      the keywords of ``set`` as JSON
    POST /double/script   {"match": "POST /orders", "behaviours": ["accept-502"], "forever": false}
    POST /double/fill     {"order_id": "...", "quantity": 5, "price": 801.5}
    POST /double/reject   {"order_id": "...", "message": "..."}
    POST /double/reset    forgets scripts and counts (orders stay)

``BEHAVIOURS`` lists what a request can be met with; ``accept-`` before one of the bad ends does the work first, as
Kite may. A match is the beginning of ``METHOD path``, such as ``POST /orders``, ``GET /quote`` or nothing for all.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import re
import socket
import struct
import sys
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support import kite_calls
from tests.support.kite_book import RefusedError
from tests.support.kite_state import State

MAX_REQUEST = 2_000_000
BEHAVIOURS: Mapping[str, str] = {
    "answer": "what Kite answers",
    "slow": "the same after ARGUMENT seconds",
    "cut": "half of it, then the connection closes",
    "hang": "no answer at all",
    "close": "the connection is closed",
    "reset": "the connection is reset",
    "html": "200 with an HTML page",
    "blank": "200 with no body",
    "list": "200 with a JSON list",
    "dead-token": "403 TokenException",
    "no-permission": "403 PermissionException",
    "no-ip": "403, the address is not registered for orders",
    "untyped": "the status in ARGUMENT (500) with an error that has no error_type",
}
STATUS = re.compile(r"(\d{3})(-html)?\Z")
ERROR_TYPES = {
    400: "InputException", 403: "PermissionException", 428: "HoldingException", 429: "NetworkException",
    500: "GeneralException", 502: "DataException", 503: "NetworkException", 504: "DataException",
}  # fmt: skip
PAGE = b"<html><head><title>Error</title></head><body><h1>Bad gateway</h1></body></html>"
SCRIPTED = {
    "dead-token": (403, "TokenException", "Incorrect `api_key` or `access_token`."),
    "no-permission": (403, "PermissionException", "Insufficient permission for that call."),
    "no-ip": (403, "PermissionException", "No IPs configured for this app. Add allowed IPs on the developer console."),
}


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    raw_query: str = ""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def one(self, name: str) -> str:
        return dict(self.query).get(name, "")


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class KiteServer:
    """What the double knows, what it was asked, and what it will do next."""

    state: State
    port: int = 0
    requests: list[Asked] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _scripts: list[tuple[str, deque[str], bool]] = field(default_factory=list)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def book(self) -> Any:
        return self.state.book

    def set(self, **changes: Any) -> None:
        """Change what the double knows; see ``kite_state.State.change``."""
        self.state.change(changes)

    def script(self, match: str, *behaviours: str, forever: bool = False) -> None:
        """How the next requests that begin with ``match`` are met; with ``forever`` the last one stays."""
        for behaviour in behaviours:
            name = behaviour.partition(":")[0].removeprefix("accept-")
            if name not in BEHAVIOURS and not STATUS.match(name):
                raise ValueError(f"no such behaviour: {behaviour}")
        self._scripts.append((match, deque(behaviours), forever))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        task = asyncio.current_task()
        if task is not None:
            self._handlers.add(task)
            task.add_done_callback(self._handlers.discard)
        self.connections += 1
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the client went, or the double is stopped
        finally:
            self._writers.discard(writer)
            writer.close()

    async def stop(self) -> None:
        """Drop every connection."""
        for writer in list(self._writers):
            writer.transport.abort()
        handlers = list(self._handlers)
        for task in handlers:
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except asyncio.IncompleteReadError:
            return False
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(method, parts.path, query, headers, body, parts.query)
        if parts.path.startswith("/double/"):
            return await _send(writer, self._manage(asked))
        self.requests.append(asked)
        self.counts[f"{method} {parts.path}"] += 1
        self.arrived.set()
        return await self._meet(asked, self._next(f"{method} {parts.path}"), writer)

    def _next(self, line: str) -> str:
        for match, behaviours, forever in self._scripts:
            if line.startswith(match) and behaviours:
                return behaviours[0] if forever and len(behaviours) == 1 else behaviours.popleft()
        return "answer"

    async def _meet(self, asked: Asked, behaviour: str, writer: asyncio.StreamWriter) -> bool:
        name, _, argument = behaviour.partition(":")
        bare = name.removeprefix("accept-")
        done = self._work(asked) if name != bare else None
        if bare == "hang":
            await asyncio.sleep(3600)
        if bare in ("close", "reset"):
            if bare == "reset":
                linger = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
            return False
        found = _scripted(bare, argument)
        if found is not None:
            return await _send(writer, found)
        if bare == "slow":
            await asyncio.sleep(float(argument or 1))
        answer = self._work(asked) if done is None else done
        if bare == "cut":
            writer.write(_head(answer) + answer.body[: len(answer.body) // 2])
            await writer.drain()
            return False
        return await _send(writer, answer)

    def _work(self, asked: Asked) -> Answer:
        try:
            found = kite_calls.answer(self.state, asked)
        except RefusedError as refused:
            return _error(refused.status, refused.error_type, refused.message)
        if isinstance(found, str):
            return Answer(200, gzip.compress(found.encode()), "text/csv", {"content-encoding": "gzip"})
        return _json(200, {"status": "success", "data": found})

    def _manage(self, asked: Asked) -> Answer:
        wish = json.loads(asked.body) if asked.body else {}
        call = f"{asked.method} {asked.path.removeprefix('/double/')}"
        if call == "GET state":
            orders = list(self.book.orders.values())
            found = {"orders": orders, "trades": self.book.trades, "by_tag": self.book.by_tag()}
            return _json(200, {**found, "counts": dict(self.counts)})
        if call == "POST set":
            self.set(**wish)
        elif call == "POST script":
            self.script(wish["match"], *wish["behaviours"], forever=wish.get("forever", False))
        elif call == "POST fill":
            self.state.fill(wish["order_id"], wish["quantity"], wish["price"])
        elif call == "POST reject":
            self.book.reject(wish["order_id"], wish["message"])
        elif call == "POST reset":
            self._scripts.clear()
            self.counts.clear()
            self.requests.clear()
        else:
            return _json(404, {"message": "no such path"})
        return _json(200, {"ok": True})


def _scripted(name: str, argument: str) -> Answer | None:
    status = STATUS.match(name)
    more = {"retry-after": argument} if argument and name != "untyped" else {}
    if status and status[2]:
        return Answer(int(status[1]), PAGE, "text/html", more)
    if status:
        code = int(status[1])
        words = "Too many requests" if code == 429 else f"as scripted: {code}"
        return _error(code, ERROR_TYPES.get(code, "GeneralException"), words, **more)
    if name in SCRIPTED:
        return _error(*SCRIPTED[name])
    if name == "untyped":
        return _json(int(argument or 500), {"status": "error", "message": "something went wrong"})
    pages = {"html": (PAGE, "text/html"), "blank": (b"", "application/json"), "list": (b"[1, 2]", "application/json")}
    return Answer(200, *pages[name]) if name in pages else None


def _error(status: int, error_type: str, message: str, **headers: str) -> Answer:
    body = {"status": "error", "message": message, "data": None, "error_type": error_type}
    return Answer(status, json.dumps(body).encode(), headers=headers)


def _json(status: int, value: Any) -> Answer:
    return Answer(status, json.dumps(value).encode())


def _head(answer: Answer) -> bytes:
    headers = {"content-type": answer.kind, "content-length": str(len(answer.body)), **answer.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode("latin-1")


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> bool:
    writer.write(_head(answer) + answer.body)
    await writer.drain()
    return True


@contextlib.asynccontextmanager
async def kite_server(folder: Path | None = None, *, port: int = 0, **state: Any) -> AsyncIterator[KiteServer]:
    """A running double on the loopback; ``state`` as ``KiteServer.set``."""
    double = KiteServer(State(folder))
    double.set(**state)
    server = await asyncio.start_server(double.serve, "127.0.0.1", port, limit=MAX_REQUEST, backlog=256)
    double.port = server.sockets[0].getsockname()[1]
    try:
        yield double
    finally:
        server.close()
        await double.stop()
        await server.wait_closed()


async def _main(options: argparse.Namespace) -> None:
    async with kite_server(options.folder, port=options.port) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A loopback double of Kite Connect.")
    parser.add_argument("--folder", type=Path, required=True, help="where the order book is kept")
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
