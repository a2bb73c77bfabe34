"""The sandbox as an HTTP transport: the real client talks to it as to the service, and nothing leaves the machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from robotrader.core.clock import Clock
from robotrader.core.ids import new_id
from robotrader.sandbox import answers, facts, faults, wire

_ENVELOPES = {"/v1/agent": wire.agent_body, "/chat/completions": wire.chat_body}
_JSON = "application/json"
_PATIENCE_SECONDS = 90.0
"""How long ``slow`` is silent where the request itself sets no read timeout."""
_HUGE_BYTES = 6_000_000
_CHUNK_BYTES = 65_536


class SandboxTransport(httpx.AsyncBaseTransport):
    """Answers ``POST {any host}/v1/agent`` and ``/chat/completions`` from the embedded snapshot; bills nothing.

    The same question gets the same answer, apart from its id and the instant, which come from ``clock``. A symbol it
    does not know is answered with 404, a question it cannot read with 400, both with the service's JSON error.

    Args:
        fault: a name in ``faults.FAULTS`` to misbehave in that way, empty to behave.

    Raises:
        ConfigurationError: no such fault.
    """

    def __init__(self, fault: str = "", *, clock: Clock) -> None:
        faults.check_fault(fault)
        self._fault = fault
        self._clock = clock
        self._requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request.

        Raises:
            httpx.ConnectError: under ``connect``, before anything is read.
            httpx.ReadTimeout: under ``slow``, after the read timeout of the request.
            httpx.RemoteProtocolError: under ``reset``, while the body is read.
        """
        self._requests += 1
        once = self._fault.endswith("-once")
        fault = "" if once and self._requests > 1 else self._fault
        if fault == "connect":
            raise httpx.ConnectError("the sandbox rehearses an unreachable service", request=request)
        content = await request.aread()
        if fault == "slow":
            await self._clock.sleep(_read_timeout(request))
            raise httpx.ReadTimeout("the sandbox rehearses silence", request=request)
        if page := faults.page(fault):
            return _page(page)
        envelope = next((shape for path, shape in _ENVELOPES.items() if request.url.path.endswith(path)), None)
        if request.method != "POST" or envelope is None:
            return _error(wire.Refusal(wire.NOT_FOUND, "the sandbox has no such call"))
        asked = wire.read_question(content)
        if isinstance(asked, wire.Refusal):
            return _error(asked)
        now = self._clock.now()
        body = envelope(asked, _reply(asked, fault), answer_id=new_id(now), created=int(now.timestamp()))
        return _respond(json.dumps(body, ensure_ascii=False).encode(), fault, request)


def _reply(asked: wire.Asked, fault: str) -> wire.Reply:
    dataset, companies = asked.dataset, [facts.company(symbol) for symbol in asked.symbols]
    pairs = zip(companies, asked.symbols, strict=True)
    texts = [answers.answer(dataset, company, symbol, asked.schema) for company, symbol in pairs]
    text = answers.together(texts) if asked.batch else texts[0]
    results = tuple(answers.search_results(dataset, *dict.fromkeys(companies)))
    prose = "\n\n".join(answers.prose(dataset, company) for company in companies)
    return faults.spoil(fault, wire.Reply(text, results), prose)


def _respond(body: bytes, fault: str, request: httpx.Request) -> httpx.Response:
    if fault == "huge":
        return httpx.Response(200, headers={"Content-Type": _JSON}, stream=_Padded(body))
    if fault == "reset":
        headers = {"Content-Type": _JSON, "Content-Length": str(len(body))}
        return httpx.Response(200, headers=headers, stream=_Broken(body, request))
    return _whole(200, {"Content-Type": _JSON}, body)


def _page(page: faults.Page) -> httpx.Response:
    headers = {"Content-Type": page.content_type}
    if page.retry_after is not None:
        headers["Retry-After"] = page.retry_after
    return _whole(page.status_code, headers, page.body.encode())


def _error(refusal: wire.Refusal) -> httpx.Response:
    kind = "not_found" if refusal.status_code == wire.NOT_FOUND else "bad_request"
    body = wire.error_body(refusal.status_code, refusal.message, kind)
    return _whole(refusal.status_code, {"Content-Type": _JSON}, json.dumps(body).encode())


def _whole(status_code: int, headers: dict[str, str], body: bytes) -> httpx.Response:
    # A body given as ``content`` counts as read already, and a client that streams could not have it.
    headers = {**headers, "Content-Length": str(len(body))}
    return httpx.Response(status_code, headers=headers, stream=httpx.ByteStream(body))


def _read_timeout(request: httpx.Request) -> float:
    timeouts: dict[str, Any] = request.extensions.get("timeout", {})
    return float(timeouts.get("read") or _PATIENCE_SECONDS)


class _Padded(httpx.AsyncByteStream):
    """A body behind megabytes of blanks, sent in chunks with no length announced."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(0, _HUGE_BYTES, _CHUNK_BYTES):
            yield b" " * _CHUNK_BYTES
        yield self._body


class _Broken(httpx.AsyncByteStream):
    """Half a body, then a reset."""

    def __init__(self, body: bytes, request: httpx.Request) -> None:
        self._body = body
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body[: len(self._body) // 2]
        raise httpx.RemoteProtocolError("the sandbox rehearses a reset", request=self._request)
