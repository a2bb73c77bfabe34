import asyncio

import httpx
import pytest

from robotrader.core.background_scheduler.clients.http_pool import (
    HttpPool,
    is_loopback,
    make_pool,
    proxy_for,
)
from robotrader.core.errors import ConfigurationError
from tests.support.perplexity_server import perplexity_server


class Closable(httpx.AsyncBaseTransport):
    """A transport that knows whether it was closed."""

    is_closed = False

    async def aclose(self) -> None:
        self.is_closed = True


def test_nothing_is_made_before_it_is_needed_and_then_once() -> None:
    made: list[Closable] = []

    def make() -> Closable:
        made.append(Closable())
        return made[-1]

    pool = HttpPool(make)
    assert not made
    with pool.lease() as first, pool.lease() as second:
        assert first is second
    assert len(made) == 1


async def test_closing_closes_the_transport_and_twice_is_fine() -> None:
    transport = Closable()
    pool = HttpPool(lambda: transport)
    with pool.lease():
        pass
    await pool.aclose()
    await pool.aclose()
    assert transport.is_closed
    with pytest.raises(RuntimeError, match="closed"), pool.lease():
        pass


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


async def test_a_proxy_that_cannot_be_used_is_named_before_anything_leaves(proxied: pytest.MonkeyPatch) -> None:
    proxied.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(ConfigurationError, match="neither http nor https"), make_pool("https://example.com").lease():
        pass


async def test_a_hundred_at_once_all_arrive() -> None:
    async with perplexity_server(latency=(0.01, 0.02)) as server:
        shards = make_pool(server.url)
        assert await asyncio.gather(*(get(shards, server.url + "/billed") for _ in range(100))) == [200] * 100
        assert server.connections == 100
        await shards.aclose()
