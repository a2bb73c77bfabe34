import asyncio
from contextlib import ExitStack

import httpx
import pytest

from robotrader.core.background_scheduler.clients.http_pool import HttpPool, client_maker, is_loopback
from tests.support.perplexity_server import perplexity_server


def pool(connections: int | None = 3) -> HttpPool:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    return HttpPool(client_maker("https://example.com", transport), connections=connections)


async def test_nothing_is_made_before_it_is_needed_and_no_client_is_overfull() -> None:
    shards = pool()
    assert shards.clients == 0
    with ExitStack() as leases:
        used = [leases.enter_context(shards.lease()) for _ in range(7)]
        assert shards.clients == 3
        assert sorted(used.count(client) for client in set(used)) == [1, 3, 3]
    with shards.lease():
        assert shards.clients == 3
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
    assert shards.clients == 1
    await shards.aclose()


async def test_closing_closes_every_client_and_twice_is_fine() -> None:
    shards = pool(1)
    with ExitStack() as leases:
        clients = [leases.enter_context(shards.lease()) for _ in range(3)]
    await shards.aclose()
    await shards.aclose()
    assert all(client.is_closed for client in clients)
    with pytest.raises(RuntimeError, match="closed"), shards.lease():
        pass


async def test_clients_share_one_tls_context_and_follow_nothing() -> None:
    make = client_maker("https://example.com")
    first, second = make(), make()
    contexts = [client._transport._pool._ssl_context for client in (first, second)]  # type: ignore[attr-defined]
    assert contexts[0] is contexts[1]
    assert not first.follow_redirects
    assert first._transport._pool._max_connections == 10  # type: ignore[attr-defined]
    await first.aclose()
    await second.aclose()


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


async def test_a_proxy_is_used_for_the_world_and_not_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    async with perplexity_server() as proxy, perplexity_server() as target:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with client_maker(target.url)() as local, client_maker("http://example.com")() as world:
            assert (await local.get(target.url + "/billed")).json()["total"] == 0
            assert (await world.get("http://example.com/billed")).status_code == 404
        assert (target.connections, proxy.connections) == (1, 1)


async def test_a_hundred_at_once_all_arrive() -> None:
    async with perplexity_server(latency=(0.01, 0.02)) as server:
        shards = HttpPool(client_maker(server.url))

        async def ask() -> int:
            with shards.lease() as client:
                body = {"input": "NSE:SBIN"}
                return (await client.post(server.url + "/v1/agent", json=body)).status_code

        assert await asyncio.gather(*(ask() for _ in range(100))) == [200] * 100
        assert shards.clients == 10
        assert server.connections <= 100
        await shards.aclose()
