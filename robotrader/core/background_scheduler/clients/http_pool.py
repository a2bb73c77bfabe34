"""HTTP connections behind one seam: small clients of a few connections each, made when first needed.

httpx's pool gets slower with the square of the requests waiting in it (encode/httpcore#1035), so no client is ever
given more requests than it has connections: nothing waits, a further client is made instead.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

import httpx

CONNECTIONS = 10
KEEPALIVE_SECONDS = 5.0


@dataclass(slots=True)
class _Shard:
    client: httpx.AsyncClient
    busy: int = 0


class HttpPool:
    """Lends clients, each to at most ``connections`` requests at a time.

    Args:
        make: makes one client that holds ``connections`` connections.
        connections: how many requests may use one client at once; None sets no limit (one client for all).
    """

    def __init__(self, make: Callable[[], httpx.AsyncClient], *, connections: int | None = CONNECTIONS) -> None:
        self._make, self._connections = make, connections
        self._shards: list[_Shard] = []
        self._closed = False

    @property
    def clients(self) -> int:
        """How many clients were made so far."""
        return len(self._shards)

    @contextmanager
    def lease(self) -> Iterator[httpx.AsyncClient]:
        """The least busy client, or a new one where all are full.

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
            yield shard.client
        finally:
            shard.busy -= 1

    async def aclose(self) -> None:
        """Close every client; closing twice is fine."""
        self._closed = True
        async with AsyncExitStack() as stack:
            while self._shards:
                stack.push_async_callback(self._shards.pop().client.aclose)


def client_maker(base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> Callable[[], httpx.AsyncClient]:
    """Makes the clients of one pool: HTTP/1.1, no redirects, one TLS context for all of them.

    Proxies and certificates of the environment are honoured as httpx does, except that nothing on this machine is
    asked through a proxy.
    """
    tls = functools.cache(httpx.create_ssl_context)
    limits = httpx.Limits(
        max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEEPALIVE_SECONDS
    )

    def make() -> httpx.AsyncClient:
        if transport is not None:
            return httpx.AsyncClient(transport=transport, trust_env=False)
        return httpx.AsyncClient(verify=tls(), http2=False, trust_env=not is_loopback(base_url), limits=limits)

    return make


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine: ``localhost`` or a loopback address."""
    host = httpx.URL(url).host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
