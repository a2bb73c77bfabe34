"""What the double of Perplexity answers: every behaviour it knows, written to a connection."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.perplexity_shapes import (
    ERROR_PAGE,
    agent_body,
    answer_text,
    batch_schema,
    batch_text,
    chat_body,
    priced,
)

BEHAVIOURS: Mapping[str, str] = {
    "answer": "a completed answer",
    "slow": "a completed answer after ARGUMENT seconds",
    "gzip": "a completed answer, compressed",
    "think": "a completed answer with a think block before the JSON",
    "fence": "a completed answer with the JSON in a fenced block",
    "runon": "a completed answer, valid JSON and then hundreds of closing braces",
    "text": "a completed answer whose text is ARGUMENT",
    "missing": "a completed answer; one about several symbols has no element for those in ARGUMENT (A,B)",
    "twice": "the same with two elements for each of them",
    "null": "a completed answer in which everything about the symbols in ARGUMENT is null, also when asked alone",
    "failed": "200 with status failed (chat: finish_reason error)",
    "incomplete": "200 with status incomplete (chat: finish_reason length)",
    "in_progress": "200 with status in_progress (chat: no finish_reason)",
    "empty": "a completed answer with empty text",
    "no-search": "a completed answer without a search result",
    "html": "200 with an HTML page",
    "broken": "200 with JSON that ends early, though the body is whole",
    "array": "200 with a JSON array",
    "blank": "200 with a body of no bytes",
    "cut": "200, then the connection closes half way through the body (or after ARGUMENT bytes)",
    "cut-chunked": "the same with a chunked body",
    "cut-gzip": "200 with a compressed body that ends early, though the body is whole",
    "cut-zero": "200, then the connection closes before the first byte of the body",
    "reset": "the connection is reset once the request has arrived",
    "close": "the connection is closed once the request has arrived",
    "hang": "no answer at all",
    "drip": "the answer, a byte every ARGUMENT seconds (0.01)",
    "huge": "200 with a JSON body of ARGUMENT bytes (6,000,000)",
    "bomb": "200 with a small compressed body that becomes ARGUMENT bytes (50,000,000)",
    "redirect": "307 to another address",
}
PAGES: Mapping[str, tuple[int, bytes, dict[str, str]]] = {
    "html": (200, ERROR_PAGE, {}),
    "redirect": (307, b"", {"location": "/elsewhere"}),
}
STATUS = re.compile(r"(\d{3})(-html)?\Z")
_REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 401: "Unauthorized", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    key: str
    headers: Mapping[str, str]
    json: dict[str, Any]
    symbol: str
    dataset: str
    symbols: tuple[str, ...] = ()
    searches: int = 0

    @property
    def batch(self) -> bool:
        """Whether several symbols are asked for in one."""
        return batch_schema(self.json) is not None


def check_behaviour(behaviour: str) -> None:
    """Refuse what nobody would understand.

    Raises:
        ValueError: not one of ``BEHAVIOURS`` and no status code.
    """
    name = behaviour.partition(":")[0]
    if name not in BEHAVIOURS and not STATUS.match(name):
        raise ValueError(f"no such behaviour: {behaviour!r}; known: NNN, NNN-html, {', '.join(BEHAVIOURS)}")


def is_billed(name: str) -> bool:
    """Whether a real service would have done the work: a 5xx page of a proxy in between says nothing of it, so yes."""
    status = STATUS.match(name)
    return name not in PAGES if status is None else name.startswith("5") and status[2] is not None


async def respond(
    writer: asyncio.StreamWriter, asked: Asked, name: str, argument: str, *, not_before: float = 0.0
) -> bool:
    """Do what the behaviour says; whether the connection can be used again.

    ``not_before`` is an instant of the loop's time: what the double itself does is part of that wait.
    """
    status = STATUS.match(name)
    usual = not (status or name in PAGES or name in ("hang", "reset", "close"))
    body = _spoil(json.dumps(_shape(asked, name, argument)).encode(), name, argument) if usual else b""
    loop = asyncio.get_running_loop()
    if not_before > loop.time():
        await asyncio.sleep(not_before - loop.time())
    if status:
        words = f"as scripted, with key {asked.key}"  # as some gateways do: whoever shows it has not scrubbed it
        return await send_error(writer, int(status[1]), words, html=bool(status[2]), retry_after=argument)
    if name in PAGES:
        code, page, more = PAGES[name]
        return await _send(writer, code, page, "text/html; charset=utf-8", **more)
    if name in ("hang", "reset", "close"):
        return await _stay_silent(writer, name)
    if name == "slow":
        await asyncio.sleep(float(argument or 1))
    if name in ("cut", "cut-chunked", "cut-zero", "drip"):
        return await _send_badly(writer, body, name, argument)
    if name in ("gzip", "bomb", "cut-gzip"):
        packed = await asyncio.to_thread(gzip.compress, body, 1)
        body = packed[:-20] if name == "cut-gzip" else packed
        return await _send(writer, 200, body, **{"content-encoding": "gzip"})
    return await _send(writer, 200, body)


async def _stay_silent(writer: asyncio.StreamWriter, name: str) -> bool:
    if name == "hang":
        await asyncio.sleep(3600)
    if name == "reset":
        linger = struct.pack("ii", 1, 0)  # closing then sends RST instead of FIN
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
    return False


def _spoil(body: bytes, name: str, argument: str) -> bytes:
    if name == "broken":
        return body[: len(body) // 2]
    if name == "array":
        return b"[" + body + b"]"
    if name == "blank":
        return b""
    if name == "huge":
        return body[:-1] + b', "padding": "' + b"x" * int(argument or 6_000_000) + b'"}'
    if name == "bomb":
        return b"[" + b" " * int(argument or 50_000_000) + b"]"
    return body


def _shape(asked: Asked, name: str, argument: str) -> dict[str, Any]:
    named = frozenset(argument.split(",")) if name in ("missing", "twice", "null") else frozenset()
    if name == "text":
        text = argument
    elif asked.batch:
        spoiled = {"without": "missing", "twice": "twice", "empty": "null"}
        picked = {wish: named if name == word else frozenset() for wish, word in spoiled.items()}
        text = batch_text(asked.json, asked.symbols, **picked)
    else:
        text = answer_text(asked.json, asked.symbol, empty=name == "null" and asked.symbol in named)
    if name == "think":
        text = f"<think>The user wants {asked.symbol}. EPS {{maybe 1}}?</think>\n{text}"
    elif name == "fence":
        text = f"Here it is:\n```json\n{text}\n```\n"
    elif name == "runon":
        text += " }" * 400
    elif name == "empty":
        text = ""
    state = name if name in ("failed", "incomplete", "in_progress") else "completed"
    make = chat_body if asked.path == "/chat/completions" else agent_body
    usage = priced(asked.json, text, asked.searches) if asked.searches else None
    others = asked.symbols[1:] if asked.batch else ()
    search = name != "no-search"
    return make(asked.json, asked.symbol, text, state=state, search=search, usage=usage, others=others)


async def send_json(writer: asyncio.StreamWriter, status: int, value: dict[str, Any]) -> bool:
    return await _send(writer, status, json.dumps(value).encode())


async def send_error(writer: asyncio.StreamWriter, status: int, message: str, *, html: bool, retry_after: str) -> bool:
    more = {"retry-after": retry_after} if retry_after else {}
    if html:
        return await _send(writer, status, ERROR_PAGE, "text/html", **more)
    error = {"error": {"message": message, "type": "scripted", "code": status}}
    return await _send(writer, status, json.dumps(error).encode(), **more)


async def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, kind: str = "application/json", **more: str
) -> bool:
    writer.write(_head(status, kind, {"content-length": str(len(body)), **more}) + body)
    await writer.drain()
    return True


async def _send_badly(writer: asyncio.StreamWriter, body: bytes, name: str, argument: str) -> bool:
    if name == "drip":
        writer.write(_head(200, "application/json", {"content-length": str(len(body))}))
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(float(argument or 0.01))
        return True
    part = body[: 0 if name == "cut-zero" else int(argument or len(body) // 2)]
    if name == "cut-chunked":
        writer.write(
            _head(200, "application/json", {"transfer-encoding": "chunked"}) + b"%x\r\n%s\r\n" % (len(part), part)
        )
    else:
        writer.write(_head(200, "application/json", {"content-length": str(len(body))}) + part)
    await writer.drain()
    return False


def _head(status: int, kind: str, more: Mapping[str, str]) -> bytes:
    fields = {"content-type": kind, "server": "double", "x-request-id": "req-1", **more}
    lines = [
        f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
