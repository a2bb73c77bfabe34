"""Live ticks of Kite over its WebSocket, for as long as somebody listens: reconnected and subscribed again by itself.

Needs the extra ``ticks`` (the library ``websockets``). Prices come from the same source as quotes; a listener that
wants to be sure of one asks for a quote. The token is a part of the address, so no address is ever logged.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Literal
from urllib.parse import urlencode

from robotrader.core.background_scheduler.clients.exchange import End, Exchange
from robotrader.core.background_scheduler.clients.http_pool import is_loopback
from robotrader.core.background_scheduler.clients.kite_errors import session_error
from robotrader.core.background_scheduler.clients.kite_orders import read_orders
from robotrader.core.background_scheduler.clients.kite_ports import SessionPort
from robotrader.core.background_scheduler.clients.kite_ticks import Tick, read_frame
from robotrader.core.background_scheduler.clients.kite_wire import Verdict, judge
from robotrader.core.background_scheduler.clients.payload import decode_object
from robotrader.core.background_scheduler.clients.retry_handler import backoff_seconds
from robotrader.core.background_scheduler.trading import BrokerOrder
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError, RequestRefusedError, ResponseError, ValidationError

ADDRESS = "wss://ws.kite.trade"
MOST_TOKENS = 3000
"""Instruments on one connection, of which an app may have three (https://kite.trade/docs/connect/v3/websocket/)."""

SILENCE_SECONDS = 10.0
"""Kite sends a heartbeat about every second: after this long without one the connection is as good as gone."""
OPEN_SECONDS = 10.0
MAX_FRAME_BYTES = 2_000_000
FORBIDDEN = 403
Mode = Literal["ltp", "quote", "full"]
Message = tuple[Tick, ...] | BrokerOrder

log = logging.getLogger(__name__)


class KiteStream:
    """One connection.

    Args:
        silence_seconds: after this long without a byte the connection is made anew.
        spread: random numbers in [0, 1) for the pauses.
    """

    def __init__(
        self,
        api_key: str,
        *,
        session: SessionPort,
        clock: Clock,
        address: str = ADDRESS,
        silence_seconds: float = SILENCE_SECONDS,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._key, self._session, self._clock = api_key, session, clock
        self._address, self._silence, self._spread = address, silence_seconds, spread
        self._wanted: dict[int, Mode] = {}
        self._socket: Any = None
        self._failures = 0

    async def subscribe(self, tokens: Iterable[int], mode: Mode = "quote") -> None:
        """Listen to instruments from now on, also after the connection was lost and made anew.

        Raises:
            ValidationError: more than 3000 in all.
        """
        added = list(dict.fromkeys(tokens))
        if len(self._wanted.keys() | set(added)) > MOST_TOKENS:
            raise ValidationError(f"at most {MOST_TOKENS} instruments can be listened to at once")
        self._wanted.update(dict.fromkeys(added, mode))
        await self._say([("subscribe", added), ("mode", [mode, added])] if added else [])

    async def unsubscribe(self, tokens: Iterable[int]) -> None:
        """No longer listen to instruments."""
        removed = [token for token in dict.fromkeys(tokens) if self._wanted.pop(token, None) is not None]
        await self._say([("unsubscribe", removed)] if removed else [])

    async def messages(self) -> AsyncIterator[Message]:
        """Ticks, a frame at a time, and orders as they change, whoever placed them; until it is no longer iterated.

        Raises:
            LoginRequiredError: there is no session, or it has ended.
            RequestRefusedError: Kite does not let the app listen.
            ConfigurationError: the extra is not installed.
        """
        connect, lost = library()
        while True:
            token = await self._session.token()
            address = f"{self._address}?{urlencode([('api_key', self._key), ('access_token', token)])}"
            try:
                async with connect(address, **_options(self._address)) as socket:
                    await self._greet(socket)
                    while True:
                        async with asyncio.timeout(self._silence):
                            frame = await socket.recv()
                        self._failures = 0
                        for message in _read(frame):
                            yield message
            except lost as error:
                await self._refused(error, token)
                log.info("the live ticks were lost: %s", type(error).__name__)
            finally:
                self._socket = None
            self._failures += 1
            await self._clock.sleep(backoff_seconds(self._failures, 1.0, self._spread()))

    async def _greet(self, socket: Any) -> None:
        """Say what is wanted, on a connection that is new."""
        self._socket = socket
        by_mode: dict[Mode, list[int]] = {}
        for token, mode in self._wanted.items():
            by_mode.setdefault(mode, []).append(token)
        if self._wanted:
            await self._say([("subscribe", list(self._wanted)), *(("mode", [*each]) for each in by_mode.items())])

    async def _say(self, words: Iterable[tuple[str, list[Any]]]) -> None:
        """Send commands; where there is no connection they are sent once there is one."""
        socket = self._socket
        _, lost = library()
        for action, value in words if socket is not None else ():
            try:
                await socket.send(json.dumps({"a": action, "v": value}))
            except lost:
                return  # who listens notices, and says all of it again

    async def _refused(self, error: BaseException, token: str) -> None:
        """Raise what trying again does not mend."""
        response = getattr(error, "response", None)
        if response is None:
            return
        body = bytearray(response.body or b"")
        reply = judge(Exchange(response.status_code, {}, body, len(body), End.WHOLE))
        if reply.verdict is Verdict.SESSION_ENDED:
            await self._session.died(token, reply.words)
            raise session_error(reply.words)
        if response.status_code == FORBIDDEN:
            raise RequestRefusedError(
                "kite refused the live ticks (HTTP 403)",
                remedy="log in again (robotrader login); live ticks need the paid Connect plan of the app",
            )


def _read(frame: bytes | str) -> Iterable[Message]:
    """What a frame says; one that cannot be read is passed over, for the next comes within a second."""
    try:
        if isinstance(frame, bytes):
            ticks = read_frame(frame)
            return [ticks] if ticks else []
        message = decode_object(frame.encode()) or {}
        if message.get("type") == "order":
            return read_orders([message.get("data")])
    except ResponseError as error:
        log.warning("a frame was passed over: %s", error)
    return []


def _options(address: str) -> dict[str, Any]:
    quiet = logging.getLogger(f"{__name__}.wire")
    quiet.setLevel(logging.WARNING)  # the library writes addresses at DEBUG, and the token is in them
    options: dict[str, Any] = {"open_timeout": OPEN_SECONDS, "max_size": MAX_FRAME_BYTES, "logger": quiet}
    return {**options, "proxy": None} if is_loopback(address) else options


def library() -> tuple[Any, tuple[type[BaseException], ...]]:
    """How to connect, and the errors of a connection that is lost.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException
    except ImportError:
        raise ConfigurationError(
            "live ticks need the library websockets", remedy="pip install 'robotrader[ticks]'"
        ) from None
    return _once(connect), (WebSocketException, OSError, TimeoutError)


def _once(connect: Any) -> Any:
    """``connect`` that follows no redirect: the token would go with it."""

    class Once(connect):  # type: ignore[misc]
        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    return Once
