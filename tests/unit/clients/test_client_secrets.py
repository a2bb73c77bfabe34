"""No key is ever in a message, a log record, an archive or the text of an object."""

import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import asdict

import httpx
import pytest

from robotrader.core.background_scheduler.clients.key_ring import make_ring
from robotrader.core.background_scheduler.clients.perplexity_client import PerplexityClient
from robotrader.core.background_scheduler.clients.seats import Seats
from robotrader.core.background_scheduler.models import Answer
from robotrader.core.errors import TradingError
from robotrader.settings import PerplexitySettings
from tests.support.asking import KEY_A, KEY_B, desk, question
from tests.support.perplexity_shapes import agent_body
from tests.support.ports import FakeClock, MemoryCall, MemoryLimits


async def ask_through(handler: Callable[[httpx.Request], httpx.Response]) -> Answer:
    clock, config = FakeClock(), PerplexitySettings(api_keys=(KEY_A,))
    transport = httpx.MockTransport(handler)
    client = PerplexityClient(config, limits=MemoryLimits(clock), clock=clock, seats=Seats(9), transport=transport)
    return await client.ask(question(), MemoryCall(), 1000.0)


ECHO = f"your key is {KEY_A} or {KEY_B}"


@pytest.mark.parametrize(
    "behaviours",
    [
        ("answer",),
        (f"text:{ECHO}",),
        ("429:1", "401", "answer"),
        ("401", "401"),
        ("400",),
        ("500", "answer"),
        ("reset",),
        ("html",),
        ("cut",),
        ("failed",),
        ("502-html",),
    ],
)
async def test_a_key_is_seen_nowhere(behaviours: tuple[str, ...], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="robotrader")
    async with desk(*behaviours) as d:
        call, seen = MemoryCall(), []
        try:
            seen.append(repr(await d.ask(call)))
        except TradingError as error:
            seen += [str(error), repr(error), repr(error.context), str(error.to_dict())]
            seen.append("".join(traceback.format_exception(error)))
        seen += [
            repr(call),
            repr(d.client),
            str(vars(d.client)),
            repr(d.config),
            str(d.limits.keys),
            str(d.limits.places),
        ]
        seen += [str(asdict(raw)) for raw in call.archive]
        seen += [record.getMessage() + str(record.args) for record in caplog.records]
        assert any(record.name.startswith("robotrader") for record in caplog.records)
        for key in (KEY_A, KEY_B):
            assert [text for text in seen if key in text] == []


async def test_an_error_message_that_echoes_the_key_is_scrubbed() -> None:
    async with desk("400") as d:
        error = await d.fails()
        assert str(error) == "perplexity refused the request: HTTP 400 (as scripted, with key ***)"


ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in KEY_A)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, '{"error": "KEY"}', "perplexity refused the request: HTTP 400 (***)"),
        (400, '{"error": "' + "x" * 170 + 'KEY"}', f"perplexity refused the request: HTTP 400 ({'x' * 170}***)"),
        (
            400,
            '{"error": "' + "x" * 190 + 'KEY yyyyyyyyyyyyy"}',
            f"perplexity refused the request: HTTP 400 ({'x' * 190}*** yyy...)",
        ),
        (400, '{"error": "' + "x" * 380 + 'KEY"}', f"perplexity refused the request: HTTP 400 ({'x' * 197}...)"),
        (200, '{"status": "KEY"}', "perplexity sent no proper answer: status str"),
    ],
)
async def test_a_key_escaped_in_json_is_scrubbed_once_it_is_read(status: int, body: str, said: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(
            status, content=body.replace("KEY", ESCAPED), headers={"content-type": "application/json"}
        )

    with pytest.raises(TradingError) as caught:
        await ask_through(answer)
    assert str(caught.value) == said


async def test_a_key_escaped_in_the_text_is_scrubbed() -> None:
    body = json.dumps(agent_body({}, "SBIN", f"KEY {KEY_A}")).replace(KEY_A, ESCAPED)
    answer = await ask_through(lambda _: httpx.Response(200, text=body, headers={"content-type": "application/json"}))
    assert answer.text == "KEY ***"


async def test_the_log_names_the_symbol_and_the_key_by_its_fingerprint(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="robotrader")
    async with desk() as d:
        await d.client.ask(question("M&M"), MemoryCall(), 1000.0)
    line = next(record.getMessage() for record in caplog.records if record.name.startswith("robotrader"))
    assert line == f"perplexity earnings M&M: usable (completed) in 0.0 s, key {make_ring([KEY_A])[0].fingerprint}"
