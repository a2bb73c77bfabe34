"""Live ticks over a WebSocket of our own on the loopback."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from robotrader.core.background_scheduler.clients.kite_stream import KiteStream
from robotrader.core.background_scheduler.clients.kite_ticks import Tick
from robotrader.core.background_scheduler.trading import BrokerOrder, OrderStatus
from robotrader.core.errors import LoginRequiredError, RequestRefusedError, ValidationError
from tests.support.kite_desk import MemorySession
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY
from tests.support.ports import FakeClock
from tests.support.sockets import Sockets, running

websockets = pytest.importorskip("websockets")
SBIN, TCS = 779521, 2953217
PRICE = struct.pack(">HHII", 1, 8, SBIN, 82005)
ORDER = {
    "order_id": "1", "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "BUY", "order_type": "LIMIT",
    "product": "CNC", "quantity": 5, "status": "COMPLETE", "filled_quantity": 5, "average_price": 800.5, "price": 801,
}  # fmt: skip


@dataclass
class Scripted(Sockets):
    """What a connection gets to hear, one list for each that is made; after the last word it is closed."""

    scripts: list[list[Any]] = field(default_factory=list)

    async def serve(self, socket: Any) -> None:
        heard: list[dict[str, Any]] = []
        self.heard.append(heard)
        script = self.scripts.pop(0) if self.scripts else ["hang"]
        for word in script:
            if word == "hang":
                await socket.wait_closed()
            elif isinstance(word, int):
                heard.extend([json.loads(await socket.recv()) for _ in range(word)])
            else:
                await socket.send(word)


def sockets(*scripts: list[Any], refuse: tuple[int, bytes] | None = None) -> AbstractAsyncContextManager[Scripted]:
    return running(Scripted(refuse, scripts=list(scripts)))


def stream(double: Sockets, session: MemorySession | None = None, **more: Any) -> KiteStream:
    clock, session = FakeClock(), session or MemorySession()
    return KiteStream(API_KEY, session=session, clock=clock, address=double.address, spread=lambda: 0.0, **more)


async def take(found: KiteStream, count: int) -> list[Any]:
    async with asyncio.timeout(10), aclosing(found.messages()) as messages:
        return [message async for message, _ in _counted(messages, count)]


async def _counted(messages: Any, count: int) -> AsyncIterator[tuple[Any, int]]:
    number = 0
    async for message in messages:
        number += 1
        yield message, number
        if number == count:
            return


async def test_ticks_heartbeats_and_orders() -> None:
    order = json.dumps({"type": "order", "data": ORDER})
    junk = ["x", "[]", '{"type": "order", "data": {}}', '{"type": "error", "data": "no"}', b"\x00\x05\x00"]
    async with sockets([2, b"\x01", *junk, PRICE, order, "hang"]) as double:
        found = stream(double)
        await found.subscribe([SBIN, SBIN], "full")
        (ticks, changed) = await take(found, 2)
        assert double.heard == [[{"a": "subscribe", "v": [SBIN]}, {"a": "mode", "v": ["full", [SBIN]]}]]
    assert isinstance(ticks[0], Tick)
    assert (ticks[0].token, str(ticks[0].last_price)) == (SBIN, "820.05")
    assert isinstance(changed, BrokerOrder)
    assert changed.status is OrderStatus.COMPLETE


async def test_a_lost_connection_is_made_anew_and_subscribed_again() -> None:
    async with sockets([2, PRICE], [], [2, PRICE, "hang"]) as double:
        found = stream(double)
        await found.subscribe([SBIN], "ltp")
        assert len(await take(found, 2)) == 2
        assert double.heard[0] == double.heard[2]
        clock: Any = found._clock
        assert clock.sleeps[0] == 1.0
        assert clock.sleeps[1] == 2.0


async def test_a_silent_connection_is_given_up() -> None:
    async with sockets(["hang"], [PRICE, "hang"]) as double:
        assert len(await take(stream(double, silence_seconds=0.1), 1)) == 1


async def test_more_and_fewer_while_it_runs() -> None:
    async with sockets([2, PRICE, 3, PRICE, "hang"]) as double:
        found = stream(double)
        await found.subscribe([SBIN])
        async with asyncio.timeout(10), aclosing(found.messages()) as messages:
            await anext(messages)
            await found.subscribe([TCS], "full")
            await found.unsubscribe([SBIN, 5])
            await anext(messages)
        said = [(each["a"], each["v"]) for each in double.heard[0][2:]]
    assert said == [("subscribe", [TCS]), ("mode", ["full", [TCS]]), ("unsubscribe", [SBIN])]


async def test_a_dead_token_ends_it() -> None:
    body = json.dumps({"status": "error", "error_type": "TokenException", "message": "no"}).encode()
    session = MemorySession()
    async with sockets(refuse=(403, body)) as double:
        with pytest.raises(LoginRequiredError):
            await take(stream(double, session), 1)
    assert len(session.deaths) == 1


async def test_another_403_does_not_end_the_session() -> None:
    session = MemorySession()
    async with sockets(refuse=(403, b"Forbidden")) as double:
        with pytest.raises(RequestRefusedError):
            await take(stream(double, session), 1)
    assert session.deaths == []


async def test_too_many_instruments() -> None:
    async with sockets() as double:
        with pytest.raises(ValidationError):
            await stream(double).subscribe(range(3001))


async def test_the_address_is_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="robotrader")
    async with sockets([PRICE], [PRICE, "hang"]) as double:
        found = stream(double)
        await take(found, 2)
        assert ACCESS_TOKEN in double.paths[0]
    mine = [record.getMessage() for record in caplog.records if record.name.startswith("robotrader")]
    assert mine
    assert not [text for text in [*mine, repr(found)] if ACCESS_TOKEN in text]
