"""Asking Kite Connect: one authenticated, rate-gated, judged call at a time.

::

    session's token > rate windows > HTTP > judge > data, or an error that says what is known

What only reads is tried again: after 429 when the answer says, otherwise with a growing pause. What places, changes or
cancels an order is sent once, for Kite knows no idempotency key: after a silence only the order book can tell.
"""

from __future__ import annotations

import functools
import json
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import httpx

from robotrader import __version__
from robotrader.core.background_scheduler.clients.exchange import ENCODINGS, exchange
from robotrader.core.background_scheduler.clients.http_pool import HttpPool, make_pool
from robotrader.core.background_scheduler.clients.key_ring import ApiKey, fingerprint, redact_bytes
from robotrader.core.background_scheduler.clients.kite_errors import order_error, read_error, worth_another_try
from robotrader.core.background_scheduler.clients.kite_ports import GatesPort, SessionPort, Window
from robotrader.core.background_scheduler.clients.kite_wire import Reply, Verdict, judge
from robotrader.core.background_scheduler.clients.retry_handler import (
    AttemptRefusedError,
    RetryHandler,
    retry_after_seconds,
)
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError, RateLimitError, TaskTimeoutError
from robotrader.settings import KiteSettings

log = logging.getLogger(__name__)
Pairs = Sequence[tuple[str, str]]

READ_SECONDS = 30.0
"""For how long a read is tried, pauses included."""
ORDER_SECONDS = 10.0
"""Zerodha's own client waits 7 seconds."""
ANSWER_SECONDS = 10.0
CONNECT_SECONDS = 5.0
MAX_BYTES = 8_000_000
RETRIES = 3
SECRET_FIELDS = frozenset({"access_token", "request_token", "checksum"})
SECOND, MINUTE = 1.1, 60.0
"""Kite counts by the second of its own clock: a tenth more leaves room for requests that travel unevenly long."""


class Gate(StrEnum):
    """What is counted together (https://kite.trade/docs/connect/v3/exceptions/#api-rate-limit)."""

    QUOTES = "kite:quotes"
    HISTORICAL = "kite:historical"
    ORDERS = "kite:orders"
    OTHERS = "kite:others"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; ``form`` and ``json`` are bodies, and ``order`` says that it is sent once and no more."""

    method: str
    path: str
    query: Pairs = ()
    form: Pairs | None = None
    json: Any = None
    gate: Gate = Gate.OTHERS
    order: bool = False


@dataclass(frozen=True, slots=True)
class Streamed:
    """What is needed to read an answer while it comes."""

    transport: httpx.AsyncBaseTransport
    request: httpx.Request
    token: str = field(repr=False)


class KiteClient:
    """One for the process, for any number of calls at once.

    Args:
        config: the address and the key of the owner's app; the token comes from the session.
        orders_per_minute: the owner's limit; 8 a second is the program's (10 is the exchange's, from which on a
            strategy has to be registered: NSE/INVG/67858 of 5 May 2025).
        transport: answers instead of the network (the sandbox, tests).
        provider: ``kite`` or ``sandbox``; whose prices these are.
        order_seconds: for how long an answer to an order is awaited.
        spread: random numbers in [0, 1) for the pauses.

    Raises:
        ConfigurationError: the address cannot be used.
    """

    def __init__(
        self,
        config: KiteSettings,
        *,
        session: SessionPort,
        gates: GatesPort,
        clock: Clock,
        orders_per_minute: int = 10,
        transport: httpx.AsyncBaseTransport | None = None,
        provider: str = "kite",
        order_seconds: float = ORDER_SECONDS,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._base_url, self._key = _address(config.base_url), config.api_key
        self._session, self._gates, self.clock = session, gates, clock
        self._windows = windows(orders_per_minute)
        self._retry = RetryHandler(RETRIES, clock=clock, spread=spread)
        self._pool = make_pool(self._base_url) if transport is None else HttpPool(lambda: transport)
        self._order_seconds = order_seconds
        self.provider = provider

    async def get(
        self, path: str, query: Pairs = (), *, gate: Gate = Gate.OTHERS, seconds: float = READ_SECONDS
    ) -> Any:
        """The ``data`` of a read. Raises as ``read``."""
        return await self.read(Call("GET", path, query, gate=gate), seconds)

    async def read(self, call: Call, seconds: float = READ_SECONDS) -> Any:
        """The ``data`` of a call that changes nothing; tried again for ``seconds`` where that may help.

        Raises:
            LoginRequiredError: there is no session, or it has ended.
            RequestRefusedError: the call is refused: its input, or the plan has no such call.
            RateLimitError, ConnectionFailedError, UpstreamError: it failed until the end.
            ResponseError: an answer came that is none.
        """
        deadline = self.clock.monotonic() + seconds
        return await self._retry.retry(functools.partial(self._attempt, call, deadline), deadline)

    async def order(self, call: Call) -> Any:
        """The ``data`` of a call that places, changes or cancels an order. It is sent once.

        Raises:
            OrderRejectedError: refused; nothing was placed or changed.
            LoginRequiredError, RateLimitError, ConnectionFailedError: never taken.
            OutcomeUnknownError: it was sent, and nobody can know from here whether it was taken.
        """
        token = await self._session.token()
        await self._pass(call.gate, self.clock.monotonic() + self._order_seconds)
        reply, _ = await self._send(call, token, self._order_seconds)
        if reply.verdict is Verdict.DONE:
            return reply.data
        await self.heed(reply, token)
        raise order_error(reply)

    async def unsigned(self, call: Call) -> Reply:
        """The answer to a call that needs no session, such as the one that begins it; sent once."""
        await self._pass(call.gate, self.clock.monotonic() + READ_SECONDS)
        return (await self._send(call, "", READ_SECONDS))[0]

    @asynccontextmanager
    async def streamed(self, path: str) -> AsyncIterator[Streamed]:
        """A transport, and a signed request for an answer that is too large to be held in memory."""
        token = await self._session.token()
        await self._pass(Gate.OTHERS, self.clock.monotonic() + READ_SECONDS)
        with self._pool.lease() as transport:
            request = _request(self._base_url, Call("GET", path), _signed(self._key, token), ANSWER_SECONDS)
            yield Streamed(transport, request, token)

    async def heed(self, reply: Reply, token: str) -> None:
        """Remember what an answer says of the session it was asked with."""
        if reply.verdict is Verdict.SESSION_ENDED and token:
            await self._session.died(token, reply.words)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _attempt(self, call: Call, deadline: float) -> Any:
        token = await self._session.token()
        await self._pass(call.gate, deadline)
        left = deadline - self.clock.monotonic()
        if left <= 0:
            raise TaskTimeoutError(f"no time was left to ask kite for {call.path}")
        reply, hint = await self._send(call, token, min(left, ANSWER_SECONDS))
        if reply.verdict is Verdict.DONE:
            return reply.data
        await self.heed(reply, token)
        error = read_error(reply, call.path, hint)
        if worth_another_try(reply):
            raise AttemptRefusedError(error, wait=hint)
        raise error

    async def _pass(self, gate: Gate, deadline: float) -> None:
        """Wait for a place in the windows of a gate, which every process of the home shares.

        Raises:
            RateLimitError: it would not come before the deadline; nothing was sent.
        """
        patience = deadline - self.clock.monotonic()
        wait = await self._gates.reserve(gate, self._windows[gate], patience)
        if wait <= 0:
            return
        if wait >= patience:
            raise RateLimitError(
                f"{gate}: the limit of requests is used up for {wait:.0f} seconds",
                remedy="wait; orders are limited by trading.orders_per_minute as well",
                retry_after_seconds=wait,
            )
        await self.clock.sleep(wait)

    async def _send(self, call: Call, token: str, seconds: float) -> tuple[Reply, float | None]:
        """What one request came to, and when the answer says to come back."""
        request = _request(self._base_url, call, _signed(self._key, token) if token else None, seconds)
        started = self.clock.monotonic()
        with self._pool.lease() as transport:
            result = await exchange(transport, request, max_bytes=MAX_BYTES, seconds=seconds)
        result.body = bytearray(redact_bytes(bytes(result.body), _secrets(call, token)))
        reply = judge(result)
        took = self.clock.monotonic() - started
        level = logging.DEBUG if reply.verdict is Verdict.DONE else logging.INFO
        log.log(level, "kite %s %s: %s (%s) in %.1f s", call.method, call.path, reply.verdict, reply.words, took)
        return reply, retry_after_seconds(result.headers, self.clock.now())


def _signed(key: str, token: str) -> str:
    return f"token {key}:{token}"


def _secrets(call: Call, token: str) -> list[ApiKey]:
    """What an answer may repeat and nobody may read: the token, or what a call without one is signed with."""
    sent = [value for name, value in (*call.query, *(call.form or ())) if name in SECRET_FIELDS]
    return [ApiKey(fingerprint(each), each) for each in (token, *sent) if each]


def windows(orders_per_minute: int) -> dict[Gate, tuple[Window, ...]]:
    """How many requests pass a gate in how many seconds."""
    return {
        Gate.QUOTES: (Window(1, SECOND),),
        Gate.HISTORICAL: (Window(3, SECOND),),
        Gate.ORDERS: (Window(8, SECOND), Window(orders_per_minute, MINUTE)),
        Gate.OTHERS: (Window(10, SECOND),),
    }


def _request(base_url: str, call: Call, authorization: str | None, seconds: float) -> httpx.Request:
    """The request as it leaves. Lists of pairs are encoded here, so that ``M&M`` stays one value."""
    query = f"?{urlencode(list(call.query))}" if call.query else ""
    headers = {
        "accept-encoding": ENCODINGS,
        "user-agent": f"robotrader/{__version__}",
        "x-kite-version": "3",
        **({"authorization": authorization} if authorization else {}),
    }
    content = b""
    if call.form is not None:
        content, headers["content-type"] = urlencode(list(call.form)).encode(), "application/x-www-form-urlencoded"
    elif call.json is not None:
        content, headers["content-type"] = json.dumps(call.json).encode(), "application/json"
    timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
    return httpx.Request(
        call.method,
        base_url + call.path + query,
        content=content,
        headers=headers,
        extensions={"timeout": timeout.as_dict()},
    )


def _address(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise ConfigurationError(
            "kite.base_url is not a plain http or https address", remedy="set it to https://api.kite.trade"
        )
    return str(url).rstrip("/")
