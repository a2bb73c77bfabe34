"""Questions about several companies, as the sandbox answers them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sandbox_questions import FIELDS, PATHS, FrozenClock, question, schema_of, text_of

from robotrader.core.background_scheduler.config.schemas import EARNINGS, FUNDAMENTALS, NEWS, batch_of
from robotrader.sandbox.transport import SandboxTransport

SCHEMAS: dict[str, Any] = {"earnings": EARNINGS, "news": NEWS, "fundamentals": FUNDAMENTALS}
BATCH: dict[str, Any] = dict(batch_of(schema_of(*FIELDS)))


async def post(
    clock: FrozenClock, text: str, *, fault: str = "", dialect: str = "agent", **more: Any
) -> httpx.Response:
    body = question(text, dialect=dialect, **{"schema": BATCH, **more})
    async with httpx.AsyncClient(transport=SandboxTransport(fault, clock=clock)) as client:
        return await client.post(f"https://api.example{PATHS[dialect]}", json=body)


@pytest.mark.parametrize("dialect", list(PATHS))
@pytest.mark.parametrize("dataset", list(SCHEMAS))
async def test_each_element_is_what_the_company_alone_would_get(clock: FrozenClock, dataset: str, dialect: str) -> None:
    schema = SCHEMAS[dataset]
    text = "NSE:SBIN, NSE:TCS and BSE:INFY. Again NSE:SBIN."
    more = {"dialect": dialect, "name": f"{dataset}batchv1"}
    joint = json.loads(text_of(await post(clock, text, schema=dict(batch_of(schema)), **more)))
    assert [each["symbol"] for each in joint["answers"]] == ["SBIN", "TCS", "BSE:INFY"]
    for element, asked in zip(joint["answers"], ("NSE:SBIN", "NSE:TCS", "BSE:INFY"), strict=True):
        alone = await post(clock, f"About {asked}.", schema=dict(schema), **more)
        assert json.loads(text_of(alone)) == element


async def test_the_pages_of_every_company_are_cited_once(clock: FrozenClock) -> None:
    joint = (await post(clock, "NSE:SBIN BSE:SBIN NSE:TCS")).json()["output"][0]
    pages = [row["url"] for row in joint["results"]]
    single = [(await post(clock, f"NSE:{name}")).json()["output"][0]["results"] for name in ("SBIN", "TCS")]
    assert pages == [row["url"] for rows in single for row in rows]
    assert [row["id"] for row in joint["results"]] == list(range(1, len(pages) + 1))


async def test_a_company_it_does_not_know_is_refused_with_the_rest(clock: FrozenClock) -> None:
    response = await post(clock, "NSE:SBIN and NSE:NOSUCH")
    assert response.status_code == 404
    assert "NOSUCH" in response.json()["error"]["message"]


async def test_a_batch_about_nobody_is_no_question(clock: FrozenClock) -> None:
    assert (await post(clock, "How are they?")).status_code == 400


async def test_several_symbols_without_the_schema_of_a_batch_are_refused(clock: FrozenClock) -> None:
    assert (await post(clock, "NSE:SBIN and NSE:TCS", schema=schema_of(*FIELDS))).status_code == 400


async def test_prose_tells_of_each_company(clock: FrozenClock) -> None:
    told = text_of(await post(clock, "NSE:SBIN and NSE:TCS", fault="prose"))
    assert "State Bank of India" in told
    assert "Tata Consultancy Services" in told


async def test_news_says_what_it_is_plainly_about(clock: FrozenClock) -> None:
    answer = await post(clock, "NSE:ICICIBANK", schema=dict(NEWS), name="news_v1")
    assert [item["category"] for item in json.loads(text_of(answer))["items"]] == ["rating", "other"]
