"""Every way a call to Kite can go, over real sockets; time is the test's own."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.clients import kite_account, kite_market, kite_orders
from robotrader.core.background_scheduler.clients.kite_client import Gate, KiteClient
from robotrader.core.background_scheduler.clients.kite_session import checksum, end_session, exchange_token
from robotrader.core.background_scheduler.trading import OrderRejectedError, OrderRequest, OrderType, Side
from robotrader.core.errors import (
    AuthenticationError,
    ConfigurationError,
    ConnectionFailedError,
    LoginRequiredError,
    OutcomeUnknownError,
    RateLimitError,
    RequestRefusedError,
    ResponseError,
    TradingError,
    UpstreamError,
)
from robotrader.settings import KiteSettings
from tests.support.kite_book import read_orders
from tests.support.kite_desk import KiteDesk, MemoryGates, MemorySession, kite_desk
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, API_SECRET, USER_ID
from tests.support.ports import FakeClock

BUY = OrderRequest("SBIN", Side.BUY, 5)


async def place(d: KiteDesk, request: OrderRequest = BUY, tag: str = "tag1") -> str:
    return await kite_orders.place_order(d.client, request, tag=tag, market_protection=Decimal(2))


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def client_at(port: int) -> KiteClient:
    url = f"http://127.0.0.1:{port}"
    return KiteClient(KiteSettings(url, API_KEY), session=MemorySession(), gates=MemoryGates(), clock=FakeClock())


# -- reads


async def test_what_is_sent_along() -> None:
    async with kite_desk() as d:
        assert (await kite_account.profile(d.client)).user_id == USER_ID
        headers = d.server.requests[0].headers
    assert headers["x-kite-version"] == "3"
    assert headers["authorization"] == f"token {API_KEY}:{ACCESS_TOKEN}"
    assert headers["accept-encoding"] == "gzip"
    assert d.gates.asked == [(Gate.OTHERS, ((10, 1.1),))]


@pytest.mark.parametrize(
    "trouble", ["429", "429-html", "500", "502", "503-html", "504", "reset", "close", "cut", "untyped"]
)
async def test_a_read_is_tried_again(trouble: str) -> None:
    async with kite_desk(trouble, trouble) as d:
        await kite_account.profile(d.client)
        assert len(d.server.requests) == 3
        assert d.clock.sleeps == [1.0, 2.0]


async def test_the_answers_own_hint_goes_before_the_back_off() -> None:
    async with kite_desk("429:7") as d:
        await kite_account.profile(d.client)
    assert d.clock.sleeps == [7.0]


@pytest.mark.parametrize(
    ("trouble", "error", "requests"),
    [
        ("429", RateLimitError, 4),
        ("503", UpstreamError, 4),
        ("reset", UpstreamError, 4),
        ("400", RequestRefusedError, 1),
        ("no-permission", RequestRefusedError, 1),
        ("dead-token", LoginRequiredError, 1),
        ("html", ResponseError, 1),
        ("blank", ResponseError, 1),
        ("list", ResponseError, 1),
        ("403-html", ResponseError, 1),
        ("untyped:400", RequestRefusedError, 1),
        ("untyped:403", RequestRefusedError, 1),
    ],
)
async def test_how_a_read_ends(trouble: str, error: type[TradingError], requests: int) -> None:
    async with kite_desk(trouble, forever=True) as d:
        with pytest.raises(error):
            await kite_account.profile(d.client)
        assert len(d.server.requests) == requests
        assert bool(d.session.deaths) is (trouble == "dead-token")


async def test_a_403_without_the_type_does_not_end_the_session() -> None:
    async with kite_desk("untyped:403", "403-html") as d:
        for _ in range(2):
            with pytest.raises(TradingError):
                await kite_account.profile(d.client)
        await kite_account.profile(d.client)
    assert d.session.deaths == []


async def test_nobody_there() -> None:
    client = client_at(closed_port())
    with pytest.raises(ConnectionFailedError):
        await kite_account.profile(client)
    with pytest.raises(ConnectionFailedError):
        await kite_orders.place_order(client, BUY, tag="t", market_protection=Decimal(2))
    await client.aclose()


async def test_a_full_gate_is_waited_for_but_not_beyond_the_deadline() -> None:
    async with kite_desk() as d:
        d.gates.waits = [0.5, 31.0]
        await kite_market.ltp(d.client, ["SBIN"])
        assert d.clock.sleeps == [0.5]
        with pytest.raises(RateLimitError) as refused:
            await kite_market.ltp(d.client, ["SBIN"])
        assert refused.value.context.retry_after_seconds == 31.0
        assert len(d.server.requests) == 1


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://u:p@host", "https://host?x=1"])
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigurationError):
        KiteClient(KiteSettings(url, API_KEY), session=MemorySession(), gates=MemoryGates(), clock=FakeClock())


# -- orders


async def test_an_order_goes_as_a_form_once(tmp_path: Path) -> None:
    async with kite_desk(folder=tmp_path) as d:
        number = await place(d)
        asked = d.server.requests[0]
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert asked.form == {
            "exchange": "NSE", "tradingsymbol": "SBIN", "transaction_type": "BUY", "quantity": "5", "product": "CNC",
            "order_type": "MARKET", "validity": "DAY", "tag": "tag1", "market_protection": "2",
        }  # fmt: skip
        assert d.gates.asked == [(Gate.ORDERS, ((8, 1.1), (10, 60.0)))]
    assert [row["order_id"] for row in read_orders(tmp_path / "orders.jsonl")] == [number]


@pytest.mark.parametrize(
    ("trouble", "error", "placed"),
    [
        ("400", OrderRejectedError, 0),
        ("no-ip", OrderRejectedError, 0),
        ("untyped:400", OrderRejectedError, 0),
        ("428", OrderRejectedError, 0),
        ("dead-token", LoginRequiredError, 0),
        ("429", RateLimitError, 0),
        ("429-html", RateLimitError, 0),
        ("502", OutcomeUnknownError, 0),
        ("untyped:500", OutcomeUnknownError, 0),
        ("403-html", OutcomeUnknownError, 0),
        ("accept-500", OutcomeUnknownError, 1),
        ("accept-503", OutcomeUnknownError, 1),
        ("accept-close", OutcomeUnknownError, 1),
        ("accept-blank", OutcomeUnknownError, 1),
        ("accept-list", OutcomeUnknownError, 1),
        ("accept-hang", OutcomeUnknownError, 1),
        ("cut", OutcomeUnknownError, 1),
    ],
)
async def test_how_an_order_ends(trouble: str, error: type[TradingError], placed: int) -> None:
    # The silence of a server is the one wait that is real.
    async with kite_desk(trouble, match="POST /orders", forever=True, order_seconds=0.3) as d:
        with pytest.raises(error):
            await place(d)
        assert d.server.counts["POST /orders/regular"] == 1
        assert len(d.server.book.orders) == placed


async def test_a_sale_that_the_depository_has_to_know_of() -> None:
    async with kite_desk("428", match="POST /orders") as d:
        with pytest.raises(OrderRejectedError) as refused:
            await place(d)
    assert "TPIN" in str(refused.value.context.remedy)


@pytest.mark.parametrize(
    ("request_", "tag"),
    [
        (BUY, ""),
        (BUY, "no spaces"),
        (BUY, "x" * 21),
        (BUY, "tag-1"),
        (BUY._replace(symbol="NFO:X"), "t"),
        (BUY._replace(quantity=0), "t"),
        (BUY._replace(type=OrderType.LIMIT), "t"),
        (BUY._replace(type=OrderType.SL, price=Decimal(1)), "t"),
        (BUY._replace(type=OrderType.LIMIT, price=Decimal(-1)), "t"),
    ],
)
async def test_what_kite_would_refuse_is_not_sent(request_: OrderRequest, tag: str) -> None:
    async with kite_desk() as d:
        with pytest.raises(OrderRejectedError):
            await place(d, request_, tag)
        assert d.server.requests == []


async def test_orders_keep_their_own_gate_and_are_refused_where_it_is_full() -> None:
    async with kite_desk() as d:
        d.gates.waits = [10.5]
        with pytest.raises(RateLimitError):
            await place(d)
        assert d.server.requests == []


async def test_an_order_whose_caller_goes_away_is_sent_once() -> None:
    async with kite_desk("accept-hang", match="POST /orders") as d:
        task = asyncio.create_task(place(d))
        await d.server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(d.server.book.orders) == 1


# -- the session


async def test_a_login_is_exchanged_once() -> None:
    async with kite_desk(tokens=[], request_tokens=["rt123456"]) as d:
        found = await exchange_token(d.client, API_KEY, API_SECRET, "rt123456")
        assert (found.user_id, found.access_token) == (USER_ID, ACCESS_TOKEN)
        assert d.server.requests[0].form["checksum"] == checksum(API_KEY, "rt123456", API_SECRET)
        assert "authorization" not in d.server.requests[0].headers
        with pytest.raises(AuthenticationError):
            await exchange_token(d.client, API_KEY, API_SECRET, "rt123456")
        with pytest.raises(AuthenticationError):
            await exchange_token(d.client, API_KEY, "another secret", "rt123456")
        assert await end_session(d.client, API_KEY, ACCESS_TOKEN) is True
        assert await end_session(d.client, API_KEY, ACCESS_TOKEN) is False
    assert d.session.deaths == []


def test_the_checksum_is_that_of_the_three_in_their_order() -> None:
    # echo -n abc | sha256sum
    assert checksum("a", "b", "c") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


# -- secrets


@pytest.mark.parametrize("trouble", ["answer", "400", "dead-token", "502", "html", "reset", "429-html"])
async def test_no_secret_is_seen_anywhere(trouble: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    async with kite_desk(trouble, forever=True, request_tokens=["rt123456"]) as d:
        calls = (
            lambda: kite_account.profile(d.client),
            lambda: place(d),
            lambda: exchange_token(d.client, API_KEY, API_SECRET, "rt123456"),
            lambda: end_session(d.client, API_KEY, ACCESS_TOKEN),
        )
        for call in calls:
            try:
                seen.append(repr(await call()))
            except TradingError as error:
                seen += [str(error), repr(error.context), str(error.to_dict()), *traceback.format_exception(error)]
        seen += [repr(d.client), *(record.getMessage() for record in caplog.records if "asyncio" not in record.name)]
    for secret in (ACCESS_TOKEN, API_SECRET, "rt123456"):
        assert not [text for text in seen if secret in text]
