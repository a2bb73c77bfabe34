"""One HTTP exchange as a value: what was sent, what came back, how it ended. No transport error leaves this module.

The body is decoded here, in bounded steps, so that a small compressed body cannot become a large one in memory.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from robotrader.core.timeouts import CANCELLED_ITSELF, carry_on, let_go

ENCODINGS = "gzip"
KEPT_OF_OVERLONG = 64 * 1024
ERROR_BODY_BYTES = 64 * 1024
CLEAN_UP_SECONDS = 1.0
SUCCESS = range(200, 300)
NEVER_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class End(StrEnum):
    """How an exchange ended."""

    WHOLE = "whole"
    CUT = "cut"
    TOO_LARGE = "too large"
    SILENT = "silent"
    NEVER_REACHED = "never reached"


@dataclass(slots=True)
class Exchange:
    """What came back so far; filled while it arrives, so that nothing is lost when time runs out.

    Attributes:
        status: None until a status line came.
        headers: names in lower case.
        body: decoded; of an overlong body the first 64 KB.
        received: bytes of the body as they came over the wire.
        note: what happened, in words, where it did not end well.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    received: int = 0
    end: End = End.SILENT
    note: str = ""


async def exchange(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, *, max_bytes: int, seconds: float
) -> Exchange:
    """Send ``request`` and read the answer: at most ``max_bytes`` of it (64 KB of an error), at most ``seconds`` long.

    A transport that ignores its cancellation is closed after a second, so this never hangs.
    """
    result = Exchange()
    work = _receive(transport, request, result, max_bytes)
    late: list[str] = []
    try:
        awaited = work.send(None)
        reason = await carry_on(work, awaited, seconds, CLEAN_UP_SECONDS, lambda: 0, lambda _, why: late.append(why))
    except StopIteration:
        return result
    finally:
        let_go(work)
    if reason == CANCELLED_ITSELF:
        raise asyncio.CancelledError
    if late or reason is not None:
        result.end = End.SILENT if result.status is None or not result.received else End.CUT
        result.note = "the deadline passed"
    return result


async def _receive(
    transport: httpx.AsyncBaseTransport, request: httpx.Request, result: Exchange, max_bytes: int
) -> None:
    try:
        response = await transport.handle_async_request(request)
    except NEVER_REACHED as error:
        result.end, result.note = End.NEVER_REACHED, _words(error)
        return
    except httpx.HTTPError as error:
        result.note = _words(error)
        return
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise httpx.StreamError("a transport for synchronous clients")
    result.status = response.status_code
    result.headers = _plain(response.headers.raw)
    try:
        await _read(response.stream, result, max_bytes if result.status in SUCCESS else ERROR_BODY_BYTES)
    except (httpx.HTTPError, zlib.error) as error:
        result.end, result.note = End.CUT if result.received else End.SILENT, _words(error)
    finally:
        await response.aclose()


async def _read(stream: httpx.AsyncByteStream, result: Exchange, max_bytes: int) -> None:
    """Read the stream itself: ``Response.aiter_raw()`` refuses a response that a transport made from bytes."""
    decoder = Decoder(result.headers.get("content-encoding", ""))
    async for chunk in stream:
        result.received += len(chunk)
        result.body += decoder.decode(chunk, max_bytes + 1 - len(result.body))
        if len(result.body) > max_bytes:
            del result.body[KEPT_OF_OVERLONG:]
            result.end, result.note = End.TOO_LARGE, f"more than {max_bytes} bytes"
            return
    result.end = End.WHOLE if decoder.finished else End.CUT
    result.note = "" if decoder.finished else "the compressed body ends early"


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by their names in lower case; the values of one that comes more than once are joined by commas."""
    plain: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.lower().decode("latin-1"), value.decode("latin-1")
        plain[name] = f"{plain[name]}, {text}" if name in plain else text
    return plain


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())[:120]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


class Decoder:
    """Decodes one body in bounded steps. An encoding that was not offered is passed through as it is."""

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in {"gzip", "x-gzip", "deflate"} else None
        self._started = False

    @property
    def finished(self) -> bool:
        """Whether the compressed stream is complete; an empty or a plain body always is."""
        return self._inflate is None or self._inflate.eof or not self._started

    def decode(self, chunk: bytes, at_most: int) -> bytes:
        """The next bytes of the body, no more than ``at_most`` (at least 1): whoever wants fewer stops there.

        Raises:
            zlib.error: the stream is not what its header says.
        """
        if self._inflate is None:
            return chunk[:at_most]
        self._started = True
        return self._inflate.decompress(chunk, at_most)
