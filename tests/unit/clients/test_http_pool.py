import asyncio
from contextlib import ExitStack

import httpx
import pytest

from robotrader.core.background_scheduler.clients.http_pool import (
    CONNECTIONS,
    HttpPool,
    is_loopback,
    make_pool,
    proxy_for,
    transport_maker,
)
from tests.support.perplexity_server import perplexity_server


class Closable(httpx.AsyncBaseTransport):
    """A transport that knows whether it was closed."""

    is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


def pool(connections: int | None = 3) -> HttpPool:
    return HttpPool(Closable, connections=connections)


async def test_nothing_is_made_before_it_is_needed_and_no_client_is_overfull() -> None:
    shards = pool()
    assert shards.size == 0
    with ExitStack() as leases:
        used = [leases.enter_context(shards.lease()) for _ in range(7)]
        assert shards.size == 3
        assert sorted(used.count(client) for client in set(used)) == [1, 3, 3]
    with shards.lease():
        assert shards.size == 3
    await shards.aclose()


async def test_the_least_busy_client_is_lent() -> None:
    shards = pool()
    with ExitStack() as leases:
        first = [leases.enter_context(shards.lease()) for _ in range(3)]
        with shards.lease() as second:
            assert second is not first[0]
        assert leases.enter_context(shards.lease()) is second
    await shards.aclose()


async def test_one_client_for_all_where_no_limit_is_set() -> None:
    shards = pool(None)
    with ExitStack() as leases:
        assert len({id(leases.enter_context(shards.lease())) for _ in range(50)}) == 1
    await shards.aclose()


async def test_a_failed_request_gives_its_place_back() -> None:
    shards = pool(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), shards.lease():
            raise ZeroDivisionError
    assert shards.size == 1
    await shards.aclose()


async def test_closing_closes_every_client_and_twice_is_fine() -> None:
    shards = pool(1)
    with ExitStack() as leases:
        clients = [leases.enter_context(shards.lease()) for _ in range(3)]
    await shards.aclose()
    await shards.aclose()
    assert [client.is_closed for client in clients if isinstance(client, Closable)] == [True] * 3
    with pytest.raises(RuntimeError, match="closed"), shards.lease():
        pass


async def test_transports_share_one_tls_context_and_hold_as_many_connections_as_requests() -> None:
    make = transport_maker("https://example.com")
    pools = [transport._pool for transport in (make(), make()) if isinstance(transport, httpx.AsyncHTTPTransport)]
    assert pools[0]._ssl_context is pools[1]._ssl_context
    assert [pool._max_connections for pool in pools] == [CONNECTIONS, CONNECTIONS]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost:1", True),
        ("http://api.localhost", True),
        ("http://[::1]:8000", True),
        ("https://api.perplexity.ai", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
        ("http://128.0.0.1", False),
    ],
)
def test_loopback(url: str, here: bool) -> None:
    assert is_loopback(url) is here


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({}, "https://api.perplexity.ai", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.perplexity.ai", "http://p:1"),
        ({"https_proxy": "p:1"}, "https://api.perplexity.ai", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://api.perplexity.ai", None),
        ({"ALL_PROXY": "http://p:1"}, "https://api.perplexity.ai", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "perplexity.ai"}, "https://api.perplexity.ai", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://api.perplexity.ai", None),
        ({"ALL_PROXY": "http://p:1"}, "http://127.0.0.1:8000", None),
        ({"ALL_PROXY": "http://p:1"}, "https://localhost", None),
    ],
)
def test_which_proxy(environment: dict[str, str], url: str, proxy: str | None, proxied: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        proxied.setenv(name, value)
    assert proxy_for(url) == proxy


async def get(shards: HttpPool, url: str) -> int:
    with shards.lease() as transport:
        response = await transport.handle_async_request(httpx.Request("GET", url))
        await response.aclose()
        return response.status_code


async def test_a_proxy_is_used_for_the_world_and_not_for_this_machine(proxied: pytest.MonkeyPatch) -> None:
    async with perplexity_server() as proxy, perplexity_server() as target:
        proxied.setenv("ALL_PROXY", proxy.url)
        local, world = make_pool(target.url), make_pool("http://example.com")
        assert await get(local, target.url + "/billed") == 200
        assert await get(world, "http://example.com/billed") == 404
        assert (target.connections, proxy.connections) == (1, 1)
        await local.aclose()
        await world.aclose()


async def test_a_hundred_at_once_all_arrive() -> None:
    async with perplexity_server(latency=(0.01, 0.02)) as server:
        shards = make_pool(server.url)
        assert await asyncio.gather(*(get(shards, server.url + "/billed") for _ in range(100))) == [200] * 100
        assert shards.size == 100 // CONNECTIONS
        assert server.connections == 100
        await shards.aclose()
