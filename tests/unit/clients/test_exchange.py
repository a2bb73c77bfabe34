import asyncio
import gzip
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients.exchange import Decoder, End, Exchange, exchange
from robotrader.core.timeouts import carry_on
from tests.support.perplexity_server import perplexity_server


async def post(*behaviours: str, max_bytes: int = 5_000_000, seconds: float = 5.0) -> Exchange:
    async with perplexity_server() as server, httpx.AsyncHTTPTransport() as transport:
        server.script(*behaviours)
        request = httpx.Request("POST", server.url + "/v1/agent", json={"input": "NSE:SBIN"})
        return await exchange(transport, request, max_bytes=max_bytes, seconds=seconds)


async def through(answer: Callable[[httpx.Request], httpx.Response], max_bytes: int = 1000) -> Exchange:
    transport = httpx.MockTransport(answer)
    return await exchange(transport, httpx.Request("POST", "http://x/"), max_bytes=max_bytes, seconds=5)


@pytest.mark.parametrize(
    ("behaviour", "status", "end", "empty"),
    [
        ("answer", 200, End.WHOLE, False),
        ("gzip", 200, End.WHOLE, False),
        ("blank", 200, End.WHOLE, True),
        ("400", 400, End.WHOLE, False),
        ("cut", 200, End.CUT, False),
        ("cut:1", 200, End.CUT, False),
        ("cut-chunked", 200, End.CUT, False),
        ("cut-gzip", 200, End.CUT, False),
        ("cut-zero", 200, End.SILENT, True),
        ("reset", None, End.SILENT, True),
        ("close", None, End.SILENT, True),
    ],
)
async def test_how_an_exchange_ends(behaviour: str, status: int | None, end: End, empty: bool) -> None:
    result = await post(behaviour)
    assert (result.status, result.end, not result.body) == (status, end, empty)
    assert bool(result.note) == (end is not End.WHOLE)


async def test_compressed_and_plain_are_the_same() -> None:
    assert (await post("gzip")).body == (await post("answer")).body


async def test_redirects_are_not_followed() -> None:
    result = await post("redirect", "answer")
    assert (result.status, result.headers["location"]) == (307, "/elsewhere")


async def test_nobody_listens() -> None:
    async with httpx.AsyncHTTPTransport() as transport:
        result = await exchange(transport, httpx.Request("POST", "http://127.0.0.1:1/"), max_bytes=1000, seconds=5)
    assert (result.status, result.end) == (None, End.NEVER_REACHED)
    assert result.note.startswith("ConnectError")


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (httpx.ConnectError("no"), End.NEVER_REACHED),
        (httpx.ConnectTimeout("no"), End.NEVER_REACHED),
        (httpx.PoolTimeout("no"), End.NEVER_REACHED),
        (httpx.ProxyError("407"), End.NEVER_REACHED),
        (httpx.ReadTimeout("no"), End.SILENT),
        (httpx.ReadError("no"), End.SILENT),
        (httpx.WriteError("no"), End.SILENT),
        (httpx.WriteTimeout("no"), End.SILENT),
        (httpx.RemoteProtocolError("no"), End.SILENT),
        (httpx.LocalProtocolError("no"), End.SILENT),
        (httpx.DecodingError("no"), End.SILENT),
    ],
)
async def test_only_a_connection_that_was_never_made_is_known_to_be_free(error: httpx.HTTPError, end: End) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    assert (await through(fail)).end is end


async def test_the_deadline_passes_before_an_answer() -> None:
    result = await post("hang", seconds=0.05)
    assert (result.status, result.end, result.note) == (None, End.SILENT, "the deadline passed")


async def test_the_deadline_passes_within_the_body_and_what_came_is_kept() -> None:
    result = await post("drip:0.005", seconds=0.2)
    assert (result.status, result.end) == (200, End.CUT)
    assert 1 <= len(result.body) < 100
    assert result.body.startswith(b"{")


async def test_a_read_timeout_within_the_body_is_a_cut() -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"a'
        raise httpx.ReadTimeout("no")

    result = await through(lambda _: httpx.Response(200, content=slowly()))
    assert (result.end, bytes(result.body)) == (End.CUT, b'{"a')


async def test_a_transport_that_ignores_its_cancellation_is_closed() -> None:
    let_go = asyncio.Event()

    async def stubborn(_: httpx.Request) -> httpx.Response:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return httpx.Response(200, content=b"late")

    request = httpx.Request("POST", "http://x/")
    result = await exchange(httpx.MockTransport(stubborn), request, max_bytes=1000, seconds=0.02)
    assert (result.end, bytes(result.body)) == (End.SILENT, b"")
    let_go.set()
    await asyncio.sleep(0.01)
    assert (result.end, bytes(result.body)) == (End.SILENT, b"")


async def by_asyncio() -> None:
    async with asyncio.timeout(0.01):
        await asyncio.Event().wait()


async def by_anyio() -> None:
    with anyio.fail_after(0.01):
        await asyncio.Event().wait()


@pytest.mark.parametrize("limited", [by_asyncio, by_anyio])
@pytest.mark.parametrize("carried", [False, True])
async def test_a_time_limit_of_the_transport_itself(carried: bool, limited: Callable[[], Awaitable[None]]) -> None:
    async def slow(_: httpx.Request) -> httpx.Response:
        try:
            await limited()
        except TimeoutError:
            raise httpx.ConnectTimeout("too slow") from None
        raise AssertionError

    ends: list[Exchange] = []

    async def ask() -> None:
        request = httpx.Request("POST", "http://x/")
        ends.append(await exchange(httpx.MockTransport(slow), request, max_bytes=1000, seconds=60))
        await asyncio.sleep(0)  # no cancellation is left behind

    work = ask()
    if carried:
        assert await carry_on(work, work.send(None), 60, 60, lambda: 0, lambda *_: None) is None
    else:
        await work
    assert ends[0].end is End.NEVER_REACHED
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_whatever_is_no_http_error_comes_through() -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await through(fail)


async def test_a_transport_for_synchronous_clients_is_told_apart() -> None:
    class Sync(httpx.SyncByteStream):
        pass

    with pytest.raises(httpx.StreamError, match="synchronous"):
        await through(lambda _: httpx.Response(200, stream=Sync()))


async def test_cancelling_closes_the_request() -> None:
    async with perplexity_server() as server, httpx.AsyncHTTPTransport() as transport:
        server.script("hang")
        request = httpx.Request("POST", server.url + "/v1/agent", json={"input": "NSE:SBIN"})
        task = asyncio.create_task(exchange(transport, request, max_bytes=1000, seconds=60))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("behaviour", ["huge:3000000", "bomb:3000000"])
async def test_an_overlong_body_is_refused_and_its_start_kept(behaviour: str) -> None:
    result = await post(behaviour, max_bytes=1_000_000)
    assert (result.end, len(result.body)) == (End.TOO_LARGE, 65_536)
    assert result.note == "more than 1000000 bytes"


async def test_a_body_of_exactly_the_limit_is_whole() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"x" * 1000)

    assert (await through(answer)).end is End.WHOLE


async def test_of_an_error_only_the_start_is_read() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(500, content=b"x" * 200_000)

    result = await through(answer, 5_000_000)
    assert (result.end, len(result.body)) == (End.TOO_LARGE, 65_536)


async def test_a_bomb_does_not_fill_the_memory() -> None:
    bomb = gzip.compress(b" " * 200_000_000, 1)

    def answer(_: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(bomb)
        return httpx.Response(200, stream=stream, headers={"content-encoding": "gzip"})

    tracemalloc.start()
    result = await through(answer, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.end is End.TOO_LARGE
    assert peak < 20_000_000


async def test_garbage_that_says_gzip_is_a_cut() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=httpx.ByteStream(b"garbage"), headers={"content-encoding": "gzip"})

    result = await through(answer)
    assert (result.end, result.received, bytes(result.body)) == (End.CUT, 7, b"")


@given(st.binary(max_size=3000), st.sampled_from(["gzip", "x-gzip", "deflate", "", "identity", "br"]), st.randoms())
def test_the_decoder_gives_back_what_was_packed(body: bytes, encoding: str, rng: random.Random) -> None:
    packed = gzip.compress(body) if "gzip" in encoding else zlib.compress(body) if encoding == "deflate" else body
    decoder, out, at = Decoder(encoding.upper()), b"", 0
    while at < len(packed):
        step = rng.randint(1, 700)
        out += decoder.decode(packed[at : at + step], 100_000)
        at += step
    assert out == body
    assert decoder.finished
