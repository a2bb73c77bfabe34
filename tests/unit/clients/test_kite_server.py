"""The double of Kite is as strict as the real one, and its orders outlive it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.support.kite_book import read_orders
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, holding

HEADERS = {"X-Kite-Version": "3", "Authorization": f"token {API_KEY}:{ACCESS_TOKEN}"}
ORDER = {
    "tradingsymbol": "SBIN", "exchange": "NSE", "transaction_type": "SELL", "order_type": "MARKET", "quantity": "5",
    "product": "CNC", "market_protection": "2", "tag": "t1",
}  # fmt: skip


async def ask(server: KiteServer, method: str, path: str, **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        return await client.request(method, path, **{"headers": HEADERS, **more})


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Authorization": HEADERS["Authorization"]}, 400, "InputException"),
        ({"X-Kite-Version": "3"}, 403, "TokenException"),
        ({**HEADERS, "Authorization": f"Bearer {API_KEY}:{ACCESS_TOKEN}"}, 403, "TokenException"),
        ({**HEADERS, "Authorization": f"token {API_KEY}:{ACCESS_TOKEN}x"}, 403, "TokenException"),
        ({**HEADERS, "Authorization": f"token other:{ACCESS_TOKEN}"}, 403, "TokenException"),
    ],
)
async def test_who_may_ask(headers: dict[str, str], status: int, kind: str) -> None:
    async with kite_server() as server:
        found = await ask(server, "GET", "/user/profile", headers=headers)
    assert (found.status_code, found.json()["error_type"]) == (status, kind)


@pytest.mark.parametrize(
    "wrong",
    [
        {"market_protection": "0"},
        {"market_protection": ""},
        {"tag": "x" * 21},
        {"tag": "a b"},
        {"quantity": "0"},
        {"quantity": "1.5"},
        {"order_type": "STOP"},
        {"order_type": "LIMIT"},
        {"order_type": "LIMIT", "price": "800.02"},
        {"order_type": "SL-M"},
        {"tradingsymbol": "GONE"},
        {"product": "BO"},
    ],
)
async def test_orders_that_are_refused(wrong: dict[str, str]) -> None:
    async with kite_server() as server:
        found = await ask(server, "POST", "/orders/regular", data={**ORDER, **wrong})
        assert (found.status_code, found.json()["error_type"]) == (400, "InputException")
        assert not server.book.orders


async def test_orders_are_forms() -> None:
    async with kite_server() as server:
        assert (await ask(server, "POST", "/orders/regular", json=ORDER)).status_code == 400
        assert (await ask(server, "POST", "/orders/regular", data=ORDER)).status_code == 200


async def test_orders_outlive_the_double(tmp_path: Path) -> None:
    async with kite_server(tmp_path, fill="half") as server:
        await ask(server, "POST", "/orders/regular", data=ORDER)
        server.script("POST /orders", "accept-reset")
        with pytest.raises(httpx.HTTPError):
            await ask(server, "POST", "/orders/regular", data={**ORDER, "tag": "t2"})
    async with kite_server(tmp_path) as server:
        rows = (await ask(server, "GET", "/orders")).json()["data"]
        third = (await ask(server, "POST", "/orders/regular", data={**ORDER, "tag": "t3"})).json()["data"]["order_id"]
        assert len(server.book.trades) == 3
    assert [(row["tag"], row["status"], row["filled_quantity"]) for row in rows] == [
        ("t1", "OPEN", 2),
        ("t2", "OPEN", 2),
    ]
    assert [row["order_id"] for row in read_orders(tmp_path / "orders.jsonl")][2] == third


async def test_a_sale_lowers_the_holding_and_makes_a_negative_position() -> None:
    async with kite_server(holdings=[holding("SBIN", 10)]) as server:
        await ask(server, "POST", "/orders/regular", data=ORDER)
        (held,) = (await ask(server, "GET", "/portfolio/holdings")).json()["data"]
        (moved,) = (await ask(server, "GET", "/portfolio/positions")).json()["data"]["net"]
    assert (held["quantity"], held["used_quantity"]) == (5, 5)
    assert (moved["quantity"], moved["day_sell_quantity"], moved["sell_value"]) == (-5, 5, 4100)


async def test_a_stop_waits_for_its_trigger() -> None:
    stop = {**ORDER, "order_type": "SL-M", "trigger_price": "800"}
    async with kite_server() as server:
        await ask(server, "POST", "/orders/regular", data=stop)
        assert server.book.by_tag()["t1"][0]["status"] == "TRIGGER PENDING"
        server.set(prices={"NSE:SBIN": 799.5})
        (row,) = server.book.by_tag()["t1"]
    assert (row["status"], row["average_price"]) == ("COMPLETE", 799.5)


async def test_rates_where_they_are_switched_on() -> None:
    async with kite_server(rate_limits=True) as server:
        found = [(await ask(server, "GET", "/quote/ltp?" + urlencode([("i", "NSE:SBIN")]))) for _ in range(4)]
    assert 429 in [each.status_code for each in found]
    refused = next(each for each in found if each.status_code == 429)
    assert refused.json()["error_type"] == "NetworkException"


async def test_unregistered_addresses_may_read_and_not_order() -> None:
    async with kite_server(ip_refused=True) as server:
        assert (await ask(server, "POST", "/orders/regular", data=ORDER)).status_code == 403
        assert (await ask(server, "GET", "/orders")).status_code == 200


@pytest.mark.parametrize("behaviour", ["accept-slow:0.01", "accept-cut", "accept-answer", "slow:0.01", "accept-502"])
async def test_the_work_is_done_once(behaviour: str) -> None:
    async with kite_server(holdings=[holding("SBIN", 10)], prices={"NSE:SBIN": 800}) as server:
        server.script("POST /orders", behaviour)
        with contextlib.suppress(httpx.RemoteProtocolError):
            await ask(server, "POST", "/orders/regular", data=ORDER)
        assert len(server.book.orders) == 1


def test_a_behaviour_that_there_is_not() -> None:
    from tests.support.kite_state import State

    with pytest.raises(ValueError, match="no such behaviour"):
        KiteServer(State()).script("", "explode")
    with pytest.raises(ValueError, match="has no"):
        KiteServer(State()).set(nothing=1)


async def test_as_a_process_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps({"fill": "none"}), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.kite_server", "--folder", str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, headers=HEADERS) as client:
            wish = {"match": "POST /orders", "behaviours": ["accept-502"]}
            assert (await client.post("/double/script", json=wish)).status_code == 200
            assert (await client.post("/orders/regular", data=ORDER)).status_code == 502
            (row,) = (await client.get("/orders")).json()["data"]
            fill = {"order_id": row["order_id"], "quantity": 5, "price": 801.5}
            assert (await client.post("/double/fill", json=fill)).status_code == 200
            found = (await client.get("/double/state")).json()
    finally:
        process.kill()
        await process.wait()
    assert found["by_tag"]["t1"][0]["status"] == "COMPLETE"
    assert found["counts"]["POST /orders/regular"] == 1
    assert read_orders(tmp_path / "orders.jsonl")[0]["average_price"] == 801.5
