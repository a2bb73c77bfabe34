"""The double itself: others build on it."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from robotrader.core.background_scheduler.config.schemas import EARNINGS, batch_of
from tests.support.perplexity_replies import check_behaviour
from tests.support.perplexity_server import perplexity_server

ROOT = Path(__file__).parents[3]


def ask(symbol: str) -> dict[str, str]:
    return {"input": f"The earnings of NSE:{symbol} now"}


async def test_it_bills_what_it_answers_and_not_what_it_refuses(tmp_path: Path) -> None:
    log = tmp_path / "billed.jsonl"
    async with perplexity_server(log=log) as server, httpx.AsyncClient(base_url=server.url) as client:
        server.script("429:3", "401-html", "500", "html", "answer")
        headers = {"authorization": "Bearer key"}
        replies = [await client.post("/v1/agent", json=ask("M&M"), headers=headers) for _ in range(5)]
        assert [reply.status_code for reply in replies] == [429, 401, 500, 200, 200]
        assert replies[0].headers["retry-after"] == "3"
        assert (await client.get("/billed")).json() == {
            "total": 1,
            "by_symbol": {"M&M": 1},
            "by_key": {"2c70e12b7a06": 1},
            "by_question": {"earnings M&M": 1},
        }
        row = json.loads(log.read_text())
        assert (row["key_fingerprint"], row["symbol"], row["dataset"]) == ("2c70e12b7a06", "M&M", "earnings")
        assert row["t"] == pytest.approx(time.time(), abs=60)


async def test_a_lost_answer_is_billed() -> None:
    async with perplexity_server() as server, httpx.AsyncClient(base_url=server.url) as client:
        server.script("reset", "close", "cut")
        for _ in range(3):
            with pytest.raises(httpx.TransportError):
                await client.post("/v1/agent", json=ask("SBIN"))
        assert server.counts()["by_symbol"] == {"SBIN": 3}


async def test_it_is_scripted_over_http_and_by_key() -> None:
    async with perplexity_server() as server, httpx.AsyncClient(base_url=server.url) as client:
        await client.post("/script", json={"behaviours": ["401"], "key": "dead", "forever": True})
        await client.post("/script", json={"behaviours": ["503"]})
        codes = [
            (await client.post("/v1/agent", json=ask("SBIN"), headers={"authorization": f"Bearer {key}"})).status_code
            for key in ("dead", "good", "dead", "good")
        ]
        assert codes == [401, 503, 401, 200]
        await client.post("/reset")
        assert (await client.get("/billed")).json()["total"] == 0


async def test_what_is_no_request() -> None:
    async with perplexity_server() as server, httpx.AsyncClient(base_url=server.url) as client:
        assert (await client.post("/v1/agent", content=b"{")).status_code == 400
        assert (await client.post("/v1/agent", json={"messages": []})).status_code == 400
        assert (await client.get("/other")).status_code == 404
        assert server.billed == []


@pytest.mark.parametrize("behaviour", ["anwser", "", "4290", "html-429"])
def test_a_behaviour_that_nobody_knows(behaviour: str) -> None:
    with pytest.raises(ValueError, match="no such behaviour"):
        check_behaviour(behaviour)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("NSE:M&M and more", "M&M"),
        ("(NSE:BAJAJ-AUTO).", "BAJAJ-AUTO"),
        ("about NSE: SBIN", "SBIN"),
        ("BSE:500112", "500112"),
        ("Report the Q2 FY26 results of TCS in INR", "TCS"),
        ("nothing here", ""),
    ],
)
async def test_the_symbol_is_found(text: str, symbol: str) -> None:
    async with perplexity_server() as server, httpx.AsyncClient(base_url=server.url) as client:
        await client.post("/chat/completions", json={"messages": [{"role": "user", "content": text}]})
        assert server.requests[0].symbol == symbol


async def test_it_carries_a_load() -> None:
    async with perplexity_server(keep_requests=False) as server:
        async with httpx.AsyncClient(base_url=server.url, limits=httpx.Limits(max_connections=10)) as client:
            began = time.perf_counter()
            for _ in range(20):
                await asyncio.gather(*(client.post("/v1/agent", json=ask("SBIN")) for _ in range(10)))
            assert time.perf_counter() - began < 10
        assert server.counts()["total"] == 200


def test_it_runs_as_a_process(tmp_path: Path) -> None:
    log = tmp_path / "billed.jsonl"
    command = [sys.executable, "-m", "tests.support.perplexity_server", "--latency-max", "5", "--log", str(log)]
    with subprocess.Popen([*command, "--behave", "503:1@bad"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            with httpx.Client(base_url=url, trust_env=False) as client:
                assert client.post("/v1/agent", json=ask("SBIN")).status_code == 200
                assert (
                    client.post("/v1/agent", json=ask("SBIN"), headers={"authorization": "Bearer bad"}).status_code
                    == 503
                )
                assert client.get("/billed").json()["total"] == 1
            assert len(log.read_text().splitlines()) == 1
        finally:
            process.kill()


def ask_for_all(symbols: str, dataset: str = "earnings") -> dict[str, Any]:
    schema = dict(batch_of(EARNINGS))
    form = {"type": "json_schema", "json_schema": {"name": f"{dataset}batch", "schema": schema}}
    return {"input": f"The {dataset} of {symbols}", "response_format": form}


@pytest.mark.parametrize(
    ("behaviour", "answered"),
    [
        ("answer", ["SBIN", "BSE:SBIN", "M&M"]),
        ("missing:SBIN,M&M", ["BSE:SBIN"]),
        ("twice:M&M", ["SBIN", "BSE:SBIN", "M&M", "M&M"]),
        ("null:M&M", ["SBIN", "BSE:SBIN", "M&M"]),
    ],
)
async def test_it_answers_for_several_companies_and_bills_once(behaviour: str, answered: list[str]) -> None:
    async with perplexity_server() as server, httpx.AsyncClient(base_url=server.url) as client:
        server.script(behaviour)
        reply = (await client.post("/v1/agent", json=ask_for_all("NSE:SBIN, BSE:SBIN, NSE:M&M, NSE:SBIN"))).json()
        elements = json.loads(reply["output"][-1]["content"][0]["text"])["answers"]
        assert [each["symbol"] for each in elements] == answered
        empty = [each["symbol"] for each in elements if each["eps_inr"] is None]
        assert empty == (["M&M"] if behaviour == "null:M&M" else [])
        assert len(reply["output"][0]["results"]) == 4
        counts = server.counts()
        assert (counts["total"], counts["by_symbol"]) == (1, {"SBIN": 1, "BSE:SBIN": 1, "M&M": 1})


@pytest.mark.parametrize(("pricing", "searches"), [("flat", None), ("search-once", 1), ("search-each", 3)])
async def test_it_prices_tokens_and_searches(pricing: str, searches: int | None) -> None:
    async with perplexity_server(pricing=pricing) as server, httpx.AsyncClient(base_url=server.url) as client:
        wish = ask_for_all("NSE:SBIN, NSE:TCS, NSE:INFY")
        usage = (await client.post("/v1/agent", json=wish)).json()["usage"]
        if searches is None:
            assert usage["cost"]["total_cost"] == 0.00345
            return
        assert usage["input_tokens"] == len(json.dumps(wish)) // 4 + 700 * searches
        cost = usage["cost"]
        assert cost["input_cost"] == pytest.approx(usage["input_tokens"] * 0.25e-6)
        assert cost["output_cost"] == pytest.approx(usage["output_tokens"] * 2.5e-6)
        assert cost["tool_calls_cost"] == 0.0025 * searches
        parts = (cost["input_cost"], cost["output_cost"], cost["tool_calls_cost"])
        assert cost["total_cost"] == pytest.approx(sum(parts))
