"""HTTP connections behind one seam: small transports of a few connections each, made when first needed.

httpx's pool gets slower with the square of the requests waiting in it (encode/httpcore#1035), so no transport is ever
given more requests than it has connections: nothing waits, a further transport is made instead.
"""

from __future__ import annotations

import functools
import ipaddress
import ssl
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import httpx

CONNECTIONS = 2
"""Few, because the pool looks at each of its idle connections before each request."""

KEEPALIVE_SECONDS = 5.0


@dataclass(slots=True)
class _Shard:
    transport: httpx.AsyncBaseTransport
    busy: int = 0


class HttpPool:
    """Lends transports, each to at most ``connections`` requests at a time.

    Args:
        make: makes one transport that holds ``connections`` connections.
        connections: how many requests may use one transport at once; None sets no limit (one transport for all).
    """

    def __init__(self, make: Callable[[], httpx.AsyncBaseTransport], *, connections: int | None = CONNECTIONS) -> None:
        self._make, self._connections = make, connections
        self._shards: list[_Shard] = []
        self._closed = False

    @property
    def size(self) -> int:
        """How many transports are held."""
        return len(self._shards)

    @contextmanager
    def lease(self) -> Iterator[httpx.AsyncBaseTransport]:
        """The least busy transport, or a new one where all are full.

        Raises:
            RuntimeError: the pool is closed.
        """
        if self._closed:
            raise RuntimeError("the HTTP pool is closed; make a new client")
        shard = min(self._shards, key=lambda shard: shard.busy, default=None)
        if shard is None or (self._connections is not None and shard.busy >= self._connections):
            shard = _Shard(self._make())
            self._shards.append(shard)
        shard.busy += 1
        try:
            yield shard.transport
        finally:
            shard.busy -= 1

    async def aclose(self) -> None:
        """Close every transport; closing twice is fine."""
        self._closed = True
        async with AsyncExitStack() as stack:
            while self._shards:
                stack.push_async_callback(self._shards.pop().transport.aclose)


def make_pool(base_url: str) -> HttpPool:
    """A pool for one address; nothing is opened or read before the first lease."""
    maker = functools.cache(functools.partial(transport_maker, base_url))

    def make() -> httpx.AsyncBaseTransport:
        return maker()()

    return HttpPool(make)


def transport_maker(base_url: str) -> Callable[[], httpx.AsyncBaseTransport]:
    """Makes the transports of one pool: HTTP/1.1, one TLS context for all of them.

    A transport is the layer below ``httpx.AsyncClient``: it follows no redirect, keeps no cookie, reads no .netrc and
    costs a third less. Proxies and certificates of the environment are honoured, except that nothing on this machine
    is asked through a proxy.
    """
    limits = httpx.Limits(
        max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEEPALIVE_SECONDS
    )
    # loading the certificates takes 30 ms; a plain address needs none
    secure = httpx.URL(base_url).scheme == "https"
    tls = httpx.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    proxy = proxy_for(base_url)
    return lambda: httpx.AsyncHTTPTransport(verify=tls, limits=limits, proxy=proxy)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY, the system's settings) names for an address."""
    target = httpx.URL(url)
    if is_loopback(url) or urllib.request.proxy_bypass(target.host):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(target.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine: ``localhost`` or a loopback address."""
    host = httpx.URL(url).host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
