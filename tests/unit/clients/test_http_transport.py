"""Real sockets: what is known never to have left, and what is not; and what the transport leaves alone."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from robotrader.core.background_scheduler.clients.exchange import End, Exchange, exchange
from robotrader.core.background_scheduler.clients.http_transport import LONGEST_HEADER, HttpTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Listener:
    """A server on the loopback; ``heads`` are the request heads that reached it."""

    def __init__(self) -> None:
        self.url = ""
        self.heads: list[str] = []
        self.asked = asyncio.Event()
        self.connections = 0

    async def take(self, reader: asyncio.StreamReader) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        self.asked.set()
        length = next((int(line[15:]) for line in head.lower().splitlines() if line.startswith("content-length:")), 0)
        await reader.readexactly(length)


@asynccontextmanager
async def listening(
    answer: Callable[[Listener, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Listener]:
    found = Listener()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        writers.append(writer)
        try:
            await answer(found, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    found.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


def replying(*replies: bytes) -> Callable[[Listener, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Answers the requests of a connection in turn, then closes it."""

    async def answer(found: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            await found.take(reader)
            writer.write(reply)
            await writer.drain()

    return answer


async def silent(found: Listener, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await found.take(reader)
    await asyncio.Event().wait()


async def deaf(_: Listener, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def closing(_: Listener, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> None:
    return


async def post(
    url: str, transport: HttpTransport | None = None, *, connect: float = 2.0, read: float = 2.0, seconds: float = 5.0
) -> Exchange:
    transport = transport or HttpTransport()
    request = httpx.Request(
        "POST",
        f"{url}/v1/agent",
        content=b"{}" * 1000,
        headers={"content-type": "application/json"},
        extensions={"timeout": httpx.Timeout(read, connect=connect).as_dict()},
    )
    try:
        return await exchange(transport, request, max_bytes=1_000_000, seconds=seconds)
    finally:
        await transport.aclose()


def context() -> ssl.SSLContext:
    return ssl.create_default_context()


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(command, check=True, capture_output=True)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return served


async def test_nobody_listens_there() -> None:
    result = await post("http://127.0.0.1:1")
    assert (result.end, result.status) == (End.NEVER_REACHED, None)
    assert result.note.startswith("ConnectError")


async def test_a_name_that_nobody_knows() -> None:
    result = await post("http://nobody.invalid")
    assert result.end is End.NEVER_REACHED
    assert result.note.startswith("ConnectError")


async def test_a_certificate_that_nobody_vouches_for(self_signed: ssl.SSLContext) -> None:
    async with listening(silent, self_signed) as server:
        result = await post(server.url, HttpTransport(tls=context()))
    assert (result.end, server.heads) == (End.NEVER_REACHED, [])
    assert result.note.startswith("ConnectError")


async def test_a_server_that_speaks_no_tls() -> None:
    async with listening(replying(OK)) as server:
        url = server.url.replace("http:", "https:")
        result = await post(url, HttpTransport(tls=context()))
    assert (result.end, server.heads) == (End.NEVER_REACHED, [])


async def test_tls_that_never_comes_about() -> None:
    async with listening(deaf) as server:
        result = await post(server.url.replace("http:", "https:"), HttpTransport(tls=context()), connect=0.05)
    assert (result.end, result.note) == (End.NEVER_REACHED, "ConnectTimeout")


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (closing, "ReadError"),
        (replying(b""), "ReadError"),
        (replying(b"HTTP/1.1 200 OK\r\ncontent-le"), "ReadError"),
        (replying(b"garbage and more garbage\r\n\r\n"), "RemoteProtocolError"),
        (replying(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"), "RemoteProtocolError"),
        (replying(b"HTTP/1.1 200 OK\r\nx: " + b"x" * 2 * LONGEST_HEADER + b"\r\n\r\n"), "RemoteProtocolError"),
        (replying(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n"), "RemoteProtocolError"),
        (replying(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000 + b"\r\n"), "RemoteProtocolError"),
    ],
)
async def test_a_connection_once_made_leaves_everything_open(answer: Handler, note: str) -> None:
    async with listening(answer) as server:  # type: ignore[arg-type]
        result = await post(server.url)
    assert (result.end, result.status, result.note.partition(":")[0]) == (End.SILENT, None, note)
    assert server.connections == 1


async def test_silence_is_a_read_timeout() -> None:
    async with listening(silent) as server:
        result = await post(server.url, read=0.05)
    assert (result.end, result.status, result.note) == (End.SILENT, None, "ReadTimeout")


async def test_silence_within_the_body_is_a_cut() -> None:
    async def half(found: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await found.take(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
        await asyncio.Event().wait()

    async with listening(half) as server:
        result = await post(server.url, read=0.05)
    assert (result.end, result.status, bytes(result.body), result.note) == (End.CUT, 200, b"half", "ReadTimeout")


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ],
)
async def test_a_body_that_ends_early_is_a_cut(reply: bytes) -> None:
    async with listening(replying(reply)) as server:
        result = await post(server.url)
    assert (result.end, result.status, bytes(result.body)) == (End.CUT, 200, b"half")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_a_kept_connection_that_is_lost_sends_nothing_twice(method: str) -> None:
    async with listening(replying(OK, b"")) as server:
        transport = HttpTransport()
        first = await exchange(transport, httpx.Request(method, server.url), max_bytes=9, seconds=5)
        second = await exchange(transport, httpx.Request(method, server.url), max_bytes=9, seconds=5)
        await transport.aclose()
    assert (first.end, second.end, second.status) == (End.WHOLE, End.SILENT, None)
    assert (len(server.heads), server.connections) == (2, 1)


async def test_a_kept_connection_that_was_closed_is_not_used_again() -> None:
    closed = asyncio.Event()

    async def answer(found: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await replying(OK)(found, reader, writer)
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with listening(answer) as server:
        transport = HttpTransport()
        await exchange(transport, httpx.Request("POST", server.url), max_bytes=9, seconds=5)
        await closed.wait()
        await asyncio.sleep(0.01)
        second = await post(server.url, transport)
    assert (second.end, server.connections) == (End.WHOLE, 2)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with listening(replying(OK, OK, OK)) as server:
        transport = HttpTransport()
        for _ in range(3):
            result = await exchange(transport, httpx.Request("POST", server.url, content=b"x"), max_bytes=9, seconds=5)
            assert (result.status, bytes(result.body)) == (200, b"ok")
        await transport.aclose()
    assert server.connections == 1


async def test_what_was_not_read_to_its_end_costs_the_connection() -> None:
    long = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n" + b"x" * 100_000

    async def answer(found: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await replying(long if found.connections == 1 else OK, OK)(found, reader, writer)

    async with listening(answer) as server:
        transport = HttpTransport()
        first = await exchange(transport, httpx.Request("POST", server.url), max_bytes=10, seconds=5)
        second = await exchange(transport, httpx.Request("POST", server.url), max_bytes=10, seconds=5)
        await transport.aclose()
    assert (first.end, second.status, server.connections) == (End.TOO_LARGE, 200, 2)


async def test_cancelling_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def watch(found: Listener, reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await found.take(reader)
        await reader.read()
        gone.set()

    async with listening(watch) as server:
        transport = HttpTransport()
        asking = asyncio.create_task(exchange(transport, httpx.Request("POST", server.url), max_bytes=9, seconds=60))
        await server.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(gone.wait(), 5)
        await transport.aclose()


async def test_it_adds_nothing_keeps_no_cookie_and_follows_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    moved = b"HTTP/1.1 302 Found\r\nlocation: /x\r\nset-cookie: a=b; path=/\r\ncontent-length: 0\r\n\r\n"
    async with listening(replying(moved, OK)) as server:
        transport = HttpTransport()
        for _ in range(2):
            request = httpx.Request("POST", server.url, content=b"x", headers={"X-Own": "ä".encode()})
            result = await exchange(transport, request, max_bytes=9, seconds=5)
        await transport.aclose()
    assert result.status == 200
    names = {line.partition(":")[0].lower() for head in server.heads for line in head.splitlines()[1:] if line}
    assert names == {"host", "content-length", "x-own"}


async def test_bodies_come_as_they_were_sent() -> None:
    packed = gzip.compress(b"packed")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed)
    async with listening(replying(head + packed)) as server:
        transport = HttpTransport()
        response = await transport.handle_async_request(httpx.Request("POST", server.url))
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        assert b"".join([piece async for piece in stream]) == packed
        await response.aclose()
        await transport.aclose()


async def test_long_headers_and_many_are_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nx-long: " + b"x" * 60_000 + b"\r\n" + b"x-many: y\r\n" * 200
    async with listening(replying(head + b"content-length: 2\r\n\r\nok")) as server:
        result = await post(server.url)
    assert (result.status, len(result.headers["x-long"])) == (200, 60_000)
    assert result.headers["x-many"].count("y") == 200


async def test_a_proxy_that_is_not_there() -> None:
    result = await post("https://example.com", HttpTransport(tls=context(), proxy="http://127.0.0.1:1"))
    assert result.end is End.NEVER_REACHED
    assert result.note.startswith("ProxyError")


async def test_a_proxy_that_refuses_the_tunnel() -> None:
    denied = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    async with listening(replying(denied)) as proxy:
        result = await post("https://example.com", HttpTransport(tls=context(), proxy=proxy.url))
    assert result.end is End.NEVER_REACHED
    assert result.note.startswith("ProxyError")
    assert proxy.heads[0].startswith("CONNECT example.com:443 ")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_wants_a_password_gets_it(scheme: str) -> None:
    async with listening(replying(OK)) as proxy:
        address = proxy.url.replace("http://", "http://me:pass%20word@")
        await post(f"{scheme}://example.com", HttpTransport(tls=context(), proxy=address), seconds=1)
    assert "proxy-authorization: basic bwu6cgfzcyb3b3jk" in proxy.heads[0].lower()
    assert "me:pass" not in proxy.heads[0]
    assert proxy.heads[0].startswith("POST http://example.com/" if scheme == "http" else "CONNECT example.com:443")
