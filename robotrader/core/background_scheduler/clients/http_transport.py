"""HTTP/1.1 over aiohttp, behind the transport interface of httpx: a third of the processor time of httpx's own.

A transport is the layer below ``httpx.AsyncClient``. This one follows no redirect, keeps no cookie, reads no .netrc and
no environment, sends nothing twice, adds no header but those of the connection, and hands over bodies as they came,
compressed or not.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

KEEPALIVE_SECONDS = 5.0
LONGEST_HEADER = 64 * 1024
MOST_HEADERS = 256
NOT_BY_ITSELF = ("accept", "accept-encoding", "content-type", "user-agent")
"""Headers that aiohttp would add."""


class HttpTransport(httpx.AsyncBaseTransport):
    """Any number of connections, each kept for a few seconds after its last answer.

    Of the timeouts of a request ``connect`` (the name, the connection, TLS, a proxy's consent) and ``read`` (silence)
    hold. Errors are those of httpx. ``ConnectError``, ``ConnectTimeout`` and ``ProxyError`` mean that no byte of the
    request had left; any other error leaves that open.

    Args:
        tls: None for the certificates that the system trusts.
        proxy: an http or https address, with name and password where it wants them.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, proxy: str | None = None) -> None:
        self._tls = tls
        self._proxy: URL | None = None
        self._proxy_headers: dict[str, str] = {}
        if proxy is not None:
            self._proxy, self._proxy_headers = _proxy(proxy)
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request once and return when the head of its answer is there.

        Raises:
            httpx.HTTPError: there is none.
        """
        content, timeouts = await request.aread(), request.extensions.get("timeout", {})
        headers = [(name.decode("ascii"), value.decode("latin-1")) for name, value in request.headers.raw]
        if request.url.scheme == "http":
            headers += self._proxy_headers.items()  # else they are for the proxy alone, which is asked for a tunnel
        with _errors_of_httpx():
            answer = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=headers,
                data=content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(connect=timeouts.get("connect"), sock_read=timeouts.get("read")),
                proxy=self._proxy,
                proxy_headers=self._proxy_headers or None,
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request)

    async def aclose(self) -> None:
        """Close every connection; the next request would open new ones."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS, ssl=self._tls or True)
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=NOT_BY_ITSELF,
                auto_decompress=False,
                trust_env=False,
                max_line_size=LONGEST_HEADER,
                max_field_size=LONGEST_HEADER,
                max_headers=MOST_HEADERS,
            )
            # Else it would send a PUT, a DELETE or a GET again where a kept connection is lost; there is no public way.
            self._session._retry_connection = False  # noqa: SLF001
        return self._session


class _Body(httpx.AsyncByteStream):
    """A body in pieces as they come. What is not read to its end costs the connection."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        self._answer.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, HttpProcessingError, OSError) as error:  # a timeout is an OSError
        raise _as_httpx(error) from error


def _as_httpx(error: Exception) -> httpx.HTTPError:
    """The first three are raised before a connection is handed out; everything else may come after the request left.

    (httpx-aiohttp calls any lost connection a ``ConnectTimeout``, also one that was lost after the request had left:
    whoever pays for requests would send them again.)
    """
    words = str(error)
    match error:
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return httpx.ProxyError(words)
        case aiohttp.ClientConnectorError():
            return httpx.ConnectError(words)
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout("")
        case TimeoutError():
            return httpx.ReadTimeout("")
        case aiohttp.ClientPayloadError() | OSError() | aiohttp.ClientConnectionError():
            return httpx.ReadError(words)
        case _:
            return httpx.RemoteProtocolError(words)


def _proxy(address: str) -> tuple[URL, dict[str, str]]:
    """A proxy without its password, and the header that holds it."""
    url = URL(address)
    if url.user is None:
        return url, {}
    secret = base64.b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
    return url.with_user(None), {"Proxy-Authorization": f"Basic {secret}"}
