from __future__ import annotations

import json

import httpx
import pytest
from perplexity.generated import api
from sandbox_questions import Ask, FrozenClock, question, text_of

from robotrader.core.errors import ConfigurationError
from robotrader.sandbox.faults import FAULTS, check_fault
from robotrader.sandbox.transport import SandboxTransport

PAGES = {
    "rate-limit": (429, "application/json", "900"),
    "rate-limit-once": (429, "application/json", "1"),
    "bad-key": (401, "text/html", None),
    "server-error": (500, "application/json", None),
    "server-error-once": (500, "application/json", None),
    "gateway-html": (502, "text/html", None),
    "html": (200, "text/html", None),
}
SPOILED = {"failed", "empty", "no-search", "cut", "garbage", "refusal", "prose", "fenced"}
BROKEN = {"slow", "reset", "connect", "huge"}
BOTH = pytest.mark.parametrize("dialect", ["agent", "chat"])


def test_every_fault_has_a_test_here_and_a_meaning() -> None:
    assert set(FAULTS) == set(PAGES) | SPOILED | BROKEN
    assert all(meaning and "\n" not in meaning for meaning in FAULTS.values())


@BOTH
@pytest.mark.parametrize("fault", PAGES)
async def test_pages_that_are_no_answer(ask: Ask, fault: str, dialect: str) -> None:
    status, content_type, retry_after = PAGES[fault]
    response = await ask(fault=fault, dialect=dialect)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(content_type)
    assert response.headers.get("retry-after") == retry_after
    if content_type == "application/json":
        assert response.json()["error"]["code"] == status
    else:
        assert response.text.startswith("<html>")


@pytest.mark.parametrize("fault", ["rate-limit", "server-error", "bad-key", "gateway-html"])
async def test_lasting_faults_last(ask: Ask, fault: str) -> None:
    assert (await ask(fault=fault, times=3)).status_code == PAGES[fault][0]


@pytest.mark.parametrize("fault", ["rate-limit-once", "server-error-once"])
async def test_a_fault_of_once_is_over_with_the_second_request(ask: Ask, fault: str) -> None:
    response = await ask(fault=fault, times=2)
    assert response.status_code == 200
    assert json.loads(text_of(response))["symbol"] == "SBIN"


async def test_a_failed_run_has_status_and_reason_but_no_text(ask: Ask) -> None:
    read = api.ResponsesResponseOutput.model_validate_json((await ask(fault="failed")).content)
    assert (read.status, read.output_text) == ("failed", "")
    assert read.error is not None
    assert read.error.message
    chat = await ask(fault="failed", dialect="chat")
    assert chat.json()["choices"] == []


@BOTH
async def test_an_empty_answer_is_complete_and_empty(ask: Ask, dialect: str) -> None:
    response = await ask(fault="empty", dialect=dialect)
    assert (response.status_code, text_of(response)) == (200, "")


async def test_an_answer_without_search_is_otherwise_whole(ask: Ask) -> None:
    response, good = await ask(fault="no-search"), await ask()
    assert [item["type"] for item in response.json()["output"]] == ["message"]
    assert text_of(response) == text_of(good)
    chat = api.CompletionResponseOutput.model_validate_json((await ask(fault="no-search", dialect="chat")).content)
    assert (chat.search_results, chat.citations) == (None, None)


@BOTH
async def test_a_cut_answer_is_half_of_the_whole_one(ask: Ask, dialect: str) -> None:
    response, good = await ask(fault="cut", dialect=dialect), text_of(await ask())
    assert text_of(response) == good[: len(good) // 2]
    body = response.json()
    marked = body["status"] if dialect == "agent" else body["choices"][0]["finish_reason"]
    assert marked == ("incomplete" if dialect == "agent" else "length")


@pytest.mark.parametrize("fault", ["garbage", "refusal"])
async def test_words_without_a_figure(ask: Ask, fault: str) -> None:
    response = await ask(fault=fault)
    read = api.ResponsesResponseOutput.model_validate_json(response.content)
    assert read.status == "completed"
    assert len(read.output_text) > 40
    assert not any(character.isdigit() for character in read.output_text)


async def test_prose_tells_the_same_facts(ask: Ask) -> None:
    text = text_of(await ask("SBIN", fault="prose"))
    assert "Net profit was ₹20,159.67 crore, up 9.97% year on year" in text
    assert "{" not in text


async def test_a_fenced_answer_holds_the_good_one_after_a_thought(ask: Ask) -> None:
    text, good = text_of(await ask(fault="fenced")), text_of(await ask())
    thought, fence, rest = text.partition("</think>\n```json\n")
    assert thought.startswith("<think>")
    assert fence
    read, end = json.JSONDecoder().raw_decode(rest)
    assert read == json.loads(good)
    assert set(rest[end:]) == set(" }\n`")
    assert rest.endswith("```\n")


async def test_silence_lasts_for_the_read_timeout_and_ends_in_it(ask: Ask, clock: FrozenClock) -> None:
    with pytest.raises(httpx.ReadTimeout):
        await ask(fault="slow")
    assert clock.slept == [61.0]


async def test_silence_without_a_timeout_ends_all_the_same(clock: FrozenClock) -> None:
    async with httpx.AsyncClient(
        transport=SandboxTransport("slow", clock=clock), timeout=httpx.Timeout(None)
    ) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post("https://api.example/v1/agent", json=question("NSE:SBIN"))
    assert clock.slept == [90.0]


async def test_an_unreachable_service_is_a_connect_error(ask: Ask) -> None:
    with pytest.raises(httpx.ConnectError):
        await ask(fault="connect")


async def collect(response: httpx.Response, chunks: list[bytes]) -> None:
    async for chunk in response.aiter_raw():
        chunks.append(chunk)  # noqa: PERF401 what came before a failure must be kept


@pytest.mark.parametrize("fault", ["", *PAGES, *sorted(SPOILED)])
async def test_every_whole_body_can_be_streamed_to_its_announced_length(clock: FrozenClock, fault: str) -> None:
    got: list[bytes] = []
    async with (
        httpx.AsyncClient(transport=SandboxTransport(fault, clock=clock)) as client,
        client.stream("POST", "https://api.example/v1/agent", json=question("NSE:SBIN")) as response,
    ):
        await collect(response, got)
        assert sum(map(len, got)) == int(response.headers["content-length"]) > 0


async def test_a_reset_comes_after_headers_and_half_a_body(clock: FrozenClock) -> None:
    got: list[bytes] = []
    async with (
        httpx.AsyncClient(transport=SandboxTransport("reset", clock=clock)) as client,
        client.stream("POST", "https://api.example/v1/agent", json=question("NSE:SBIN")) as response,
    ):
        assert response.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(response, got)
        assert 0 < sum(map(len, got)) < int(response.headers["content-length"])


async def test_a_huge_body_is_streamed_without_its_length(clock: FrozenClock) -> None:
    chunks: list[bytes] = []
    async with (
        httpx.AsyncClient(transport=SandboxTransport("huge", clock=clock)) as client,
        client.stream("POST", "https://api.example/v1/agent", json=question("NSE:SBIN")) as response,
    ):
        assert "content-length" not in response.headers
        await collect(response, chunks)
    assert sum(map(len, chunks)) > 5_000_000
    assert max(map(len, chunks)) <= 65_536
    assert json.loads(b"".join(chunks))["status"] == "completed"


@pytest.mark.parametrize("fault", ["cut", "prose", "huge", "reset", "fenced", "empty", "failed"])
async def test_an_unknown_symbol_stays_unknown_under_a_fault(ask: Ask, fault: str) -> None:
    assert (await ask("ZOMATO", fault=fault)).status_code == 404


@pytest.mark.parametrize(("name", "nearest"), [("ratelimit", "rate-limit"), ("servererror", "server-error")])
def test_a_mistyped_fault_names_the_nearest_and_all(clock: FrozenClock, name: str, nearest: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SandboxTransport(name, clock=clock)
    context = caught.value.context
    assert caught.value.exit_code == 3
    assert name in context.message
    assert context.remedy == f"did you mean {nearest}? faults: {', '.join(FAULTS)}"


def test_a_fault_like_no_other_gets_the_list_alone() -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_fault("xyzzy")
    assert str(caught.value.context.remedy).startswith("faults: rate-limit, ")
    for name in ("", *FAULTS):
        check_fault(name)
