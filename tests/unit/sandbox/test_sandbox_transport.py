from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest
from perplexity.generated import api
from sandbox_questions import FIELDS, PATHS, Ask, FrozenClock, question, schema_of, text_of

from robotrader.sandbox import MODEL, answers, facts
from robotrader.sandbox.transport import SandboxTransport

ANSWER: dict[str, Any] = {"agent": api.ResponsesResponseOutput, "chat": api.CompletionResponseOutput}


async def post(body: Any, clock: FrozenClock, path: str = "/v1/agent", **more: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=SandboxTransport(clock=clock)) as client:
        return await client.request("POST", f"https://api.example{path}", **({"json": body} | more))


@pytest.mark.parametrize("dataset", answers.DATASETS)
@pytest.mark.parametrize("dialect", ["agent", "chat"])
@pytest.mark.parametrize("symbol", facts.symbols())
async def test_every_answer_is_one_the_official_client_reads(ask: Ask, symbol: str, dialect: str, dataset: str) -> None:
    response = await ask(symbol, dialect=dialect, name=f"{dataset}_v1")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    read = ANSWER[dialect].model_validate_json(response.content)
    assert read.model == MODEL == "sandbox/snapshot"
    assert read.usage is not None
    assert read.usage.cost is not None
    assert read.usage.cost.total_cost == 0
    assert read.usage.total_tokens > 0
    assert json.loads(text_of(response))["symbol"] == symbol


async def test_the_agent_answer_says_it_searched_and_completed(ask: Ask) -> None:
    response = await ask("TCS")
    read = api.ResponsesResponseOutput.model_validate_json(response.content)
    searched, message = read.output
    assert isinstance(searched, api.SearchResultsOutputItemOutput)
    assert isinstance(message, api.MessageOutputItemOutput)
    assert (read.status, read.object, read.error) == ("completed", "response", None)
    assert read.created_at == 1_795_264_200
    assert read.output_text == text_of(response)
    sources = facts.company("TCS").figures[0].source
    assert (searched.results[0].url, searched.results[0].date) == (sources.url, sources.published)


async def test_the_chat_answer_cites_the_same_pages(ask: Ask) -> None:
    agent, chat = await ask("TCS"), await ask("TCS", dialect="chat")
    read = api.CompletionResponseOutput.model_validate_json(chat.content)
    assert read.choices[0].finish_reason == "stop"
    assert read.created == 1_795_264_200
    assert text_of(chat) == text_of(agent)
    assert read.search_results is not None
    urls = [row["url"] for row in agent.json()["output"][0]["results"]]
    assert read.citations == [row.url for row in read.search_results] == urls


async def test_the_record_arrives_to_the_digit(ask: Ask) -> None:
    record = json.loads(text_of(await ask("SBIN")), parse_float=Decimal)
    assert list(record) == FIELDS
    assert record["net_profit_inr"] == 201_596_700_000
    assert record["profit_yoy_pct"] == Decimal("9.97")
    assert record["eps_inr"] is None


@pytest.mark.parametrize("dialect", ["agent", "chat"])
async def test_the_same_question_gets_the_same_answer(ask: Ask, dialect: str) -> None:
    first, second = [(await ask(dialect=dialect)).json() for _ in range(2)]
    assert first.pop("id") != second.pop("id")
    for body in (first, second):
        if dialect == "agent":
            body["output"][1].pop("id")
    assert first == second


@pytest.mark.parametrize("text", ["Results of BSE:SBIN?", "State Bank (BSE:SBIN), also listed as NSE:SBIN"])
async def test_a_symbol_of_the_other_exchange_comes_back_as_asked(clock: FrozenClock, text: str) -> None:
    assert json.loads(text_of(await post(question(text), clock)))["symbol"] == "BSE:SBIN"


async def test_the_question_may_be_a_list_of_messages(clock: FrozenClock) -> None:
    parts = [{"type": "input_text", "text": "Results of"}, {"type": "input_text", "text": "NSE:LT, please."}]
    messages = [
        {"type": "message", "role": "system", "content": "NSE:TCS is only an example."},
        {"type": "message", "role": "user", "content": parts},
    ]
    response = await post({**question(""), "input": messages}, clock)
    assert json.loads(text_of(response))["symbol"] == "LT"


async def test_no_symbol_is_taken_from_the_instructions(clock: FrozenClock) -> None:
    response = await post({**question("And now?"), "instructions": "Such as NSE:TCS."}, clock)
    assert response.status_code == 400


@pytest.mark.parametrize("dialect", ["agent", "chat"])
@pytest.mark.parametrize("symbol", ["ZOMATO", "M&M", "BAJAJ-AUTO", "SBINX", "XSBIN"])
async def test_an_unknown_symbol_is_not_found_and_never_data(ask: Ask, symbol: str, dialect: str) -> None:
    response = await ask(symbol, dialect=dialect)
    assert response.status_code == 404
    message = f"the sandbox does not know {symbol}"
    assert response.json() == {"error": {"message": message, "type": "not_found", "code": 404}}


UNREADABLE = {
    "no symbol": question("Results of State Bank of India?"),
    "two symbols": question("Compare NSE:SBIN with NSE:HDFCBANK."),
    "another exchange": question("Results of MCX:SBIN?"),
    "no exchange": question("Results of XNSE:SBIN?"),
    "no schema": {"input": "Results of NSE:SBIN"},
    "no dataset": question("Results of NSE:SBIN", name="weather_v1"),
    "odd format": {"input": "NSE:SBIN", "response_format": "json"},
    "odd input": {**question(""), "input": 7},
    "a list": [1, 2],
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_a_question_it_cannot_read_is_refused(clock: FrozenClock, what: str) -> None:
    response = await post(UNREADABLE[what], clock)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "bad_request"


async def test_a_body_that_is_not_json_is_refused(clock: FrozenClock) -> None:
    response = await post(None, clock, content=b"\xff{", json=None)
    assert response.status_code == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/agent"), ("POST", "/search"), ("POST", "/v1/agent/x")])
async def test_other_calls_do_not_exist(clock: FrozenClock, method: str, path: str) -> None:
    async with httpx.AsyncClient(transport=SandboxTransport(clock=clock)) as client:
        response = await client.request(method, f"https://api.example{path}", json=question("NSE:SBIN"))
    assert response.status_code == 404


async def test_a_schema_without_properties_gets_an_empty_object(clock: FrozenClock) -> None:
    for schema in ({}, {"type": "object"}):
        assert text_of(await post(question("NSE:SBIN", schema=schema), clock)) == "{}"


@pytest.mark.parametrize("name", ["earnings", "quarterly_earnings_v2", "EARNINGS"])
async def test_the_dataset_is_read_from_the_name_of_the_schema(clock: FrozenClock, name: str) -> None:
    body = question("NSE:SBIN", name=name, schema=schema_of("fiscal_year", "as_of"))
    assert json.loads(text_of(await post(body, clock))) == {"fiscal_year": 2026, "as_of": None}


async def test_any_host_and_prefix_will_do(clock: FrozenClock) -> None:
    for path in PATHS.values():
        assert (await post(question("NSE:SBIN"), clock, f"/deep/er{path}")).status_code == 200
