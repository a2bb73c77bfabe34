"""A loopback double of Perplexity: real sockets, real shapes of answers, and every kind of trouble on request.

In a test::

    async with perplexity_server() as server:
        server.script("429:7", "answer")                  # the next two requests, whatever their key
        server.script("401", key="pplx-dead", forever=True)
        client = PerplexityClient(replace(config, base_url=server.url), ...)
        ...
        assert server.billed == [...]

As a process of its own, for crash tests and benchmarks::

    python -m tests.support.perplexity_server --port 0 --latency-min 0 --latency-max 50 --log billed.jsonl

prints its port on the first line and serves until it is killed. ``GET /billed`` returns the counts, ``POST /script``
with ``{"behaviours": ["503:1", "answer"], "key": null, "forever": false}`` scripts it, ``POST /reset`` forgets all.

A behaviour is NAME or NAME:ARGUMENT; ``perplexity_replies.BEHAVIOURS`` lists them. Any status code NNN[:retry-after]
answers with a JSON error body, NNN-html[:retry-after] with an HTML page. A request is billed when it has arrived in
full and a real service would have done the work: so also when the answer is cut, reset or never sent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from tests.support.perplexity_replies import Asked, check_behaviour, is_billed, respond, send_error, send_json
from tests.support.perplexity_shapes import batch_schema

MAX_REQUEST = 10_000_000


@dataclass
class PerplexityServer:
    """What the double was asked, what it billed, and what it will do next."""

    latency: tuple[float, float] = (0.0, 0.0)
    pricing: str = "flat"
    log: TextIO | None = None
    default: str = "answer"
    port: int = 0
    requests: list[Asked] = field(default_factory=list)
    billed: list[dict[str, Any]] = field(default_factory=list)
    keep_requests: bool = True
    connections: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _scripts: dict[str | None, deque[str]] = field(default_factory=dict)
    _forever: dict[str, str] = field(default_factory=dict)
    _random: random.Random = field(default_factory=lambda: random.Random(7))
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _handlers: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, *behaviours: str, key: str | None = None, forever: bool = False) -> None:
        """What the next requests get, one each; with ``key`` only its requests; ``forever``: from then on the last."""
        for behaviour in behaviours:
            check_behaviour(behaviour)
        if forever and behaviours:
            *behaviours, last = behaviours  # type: ignore[assignment]
            if key is None:
                self.default = last
            else:
                self._forever[key] = last
        self._scripts.setdefault(key, deque()).extend(behaviours)

    def counts(self) -> dict[str, Any]:
        """How often each symbol and each key was billed."""
        return {
            "total": len(self.billed),
            "by_symbol": dict(Counter(symbol for row in self.billed for symbol in row["symbols"])),
            "by_key": dict(Counter(row["key_fingerprint"] for row in self.billed)),
            "by_question": dict(
                Counter(f"{row['dataset']} {symbol}" for row in self.billed for symbol in row["symbols"])
            ),
        }

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
            pass  # the client went, or the double is stopped: streams complain of a handler that ends as cancelled
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
        arrived = asyncio.get_running_loop().time()
        await asyncio.sleep(0)  # those that came together all have their time taken before the first is read
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
        }
        size = int(headers.get("content-length", "0"))
        if size > MAX_REQUEST:
            return False
        body = await reader.readexactly(size)
        if method == "POST" and path in ("/v1/agent", "/v1/responses", "/chat/completions"):
            return await self._answer(path, headers, body, writer, arrived)
        return await send_json(writer, *self._manage(method, path, body))

    def _manage(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if (method, path) == ("GET", "/billed"):
            return 200, self.counts()
        if (method, path) == ("POST", "/script"):
            wish = json.loads(body)
            self.script(*wish["behaviours"], key=wish.get("key"), forever=wish.get("forever", False))
            return 200, {"ok": True}
        if (method, path) == ("POST", "/reset"):
            self.requests.clear()
            self.billed.clear()
            self._scripts.clear()
            self._forever.clear()
            self.default = "answer"
            return 200, {"ok": True}
        return 404, {"error": {"message": f"no such path: {path}", "type": "not_found", "code": 404}}

    async def _answer(
        self, path: str, headers: dict[str, str], body: bytes, writer: asyncio.StreamWriter, arrived: float
    ) -> bool:
        key = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            asked = self._priced(read_request(path, key, headers, json.loads(body)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return await send_error(writer, 400, f"not a request: {type(error).__name__}", html=False, retry_after="")
        if self.keep_requests:
            self.requests.append(asked)
        self.arrived.set()
        name, _, argument = self._next(key).partition(":")
        if is_billed(name):
            self._bill(asked)
        return await respond(writer, asked, name, argument, not_before=arrived + self._random.uniform(*self.latency))

    def _priced(self, asked: Asked) -> Asked:
        if self.pricing == "flat":
            return asked
        return replace(asked, searches=len(asked.symbols) if self.pricing == "search-each" else 1)

    def _next(self, key: str) -> str:
        own, common = self._scripts.get(key), self._scripts.get(None)
        if own:
            return own.popleft()
        if key in self._forever:
            return self._forever[key]
        return common.popleft() if common else self.default

    def _bill(self, asked: Asked) -> None:
        row = {
            "key_fingerprint": hashlib.sha256(asked.key.encode()).hexdigest()[:12],
            "symbol": asked.symbol,
            "symbols": asked.symbols,
            "dataset": asked.dataset,
            "t": time.time(),
        }
        self.billed.append(row)
        if self.log is not None:
            self.log.write(json.dumps(row) + "\n")
            self.log.flush()


def read_request(path: str, key: str, headers: Mapping[str, str], wish: dict[str, Any]) -> Asked:
    """What was asked: the symbol behind NSE: or BSE:, else the first word that looks like one; the dataset by name.

    A question with the schema of a batch is about every symbol behind NSE: or BSE:.
    """
    if path == "/chat/completions":
        text = "\n".join(str(message["content"]) for message in wish["messages"] if message["role"] == "user")
    else:
        text = wish["input"] if isinstance(wish["input"], str) else json.dumps(wish["input"])
    named = re.findall(r"\b(NSE|BSE):\s?([A-Z0-9][A-Z0-9&-]*)", text)
    every = tuple(dict.fromkeys(f"BSE:{name}" if exchange == "BSE" else name for exchange, name in named))
    loose = re.search(r"\b(?!NSE\b|BSE\b|IST\b|INR\b|JSON\b|FY\d|Q\d)[A-Z][A-Z0-9&-]{1,19}\b", text)
    found = named[0][1] if named else loose.group(0) if loose else ""
    symbols = every if batch_schema(wish) is not None else (found,)
    form = wish.get("response_format") or {}
    about = f"{(form.get('json_schema') or {}).get('name', '')} {text}".lower()
    dataset = next((word for word in ("earnings", "news", "fundamentals", "fundamental") if word in about), "")
    return Asked(path, key, headers, wish, found, "fundamentals" if dataset == "fundamental" else dataset, symbols)


@contextlib.asynccontextmanager
async def perplexity_server(
    *,
    port: int = 0,
    latency: tuple[float, float] = (0.0, 0.0),
    pricing: str = "flat",
    log: Path | None = None,
    keep_requests: bool = True,
) -> AsyncIterator[PerplexityServer]:
    """A running double on the loopback; ``latency`` in seconds, ``log`` gets one JSON line per billed request.

    ``pricing`` is flat (every answer states the same bill), search-once (tokens are counted, and one web search a
    request) or search-each (the same with a search for each symbol).
    """
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("a", encoding="utf-8")) if log is not None else None
        double = PerplexityServer(latency=latency, pricing=pricing, log=out, keep_requests=keep_requests)
        server = await asyncio.start_server(double.serve, "127.0.0.1", port, limit=MAX_REQUEST, backlog=1024)
        double.port = server.sockets[0].getsockname()[1]
        try:
            yield double
        finally:
            server.close()
            await double.stop()
            await server.wait_closed()


async def _main(options: argparse.Namespace) -> None:
    latency = (options.latency_min / 1000, options.latency_max / 1000)
    async with perplexity_server(
        port=options.port, latency=latency, pricing=options.pricing, log=options.log, keep_requests=False
    ) as server:
        for behaviour in options.behave:
            name, _, key = behaviour.partition("@")
            server.script(name, key=key or None, forever=True)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A loopback double of Perplexity.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-min", type=float, default=0.0, help="milliseconds")
    parser.add_argument("--latency-max", type=float, default=0.0, help="milliseconds")
    parser.add_argument("--pricing", choices=["flat", "search-once", "search-each"], default="flat")
    parser.add_argument("--log", type=Path, help="a file that gets one JSON line per billed request")
    parser.add_argument(
        "--behave", action="append", default=[], metavar="BEHAVIOUR[@KEY]", help="what every request gets"
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
