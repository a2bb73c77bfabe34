"""The requests, held against the official SDK's schema with every unknown key forbidden."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from perplexity.generated.api import (
    ApiChatCompletionsRequestInput,
    CompletionResponseOutput,
    ResponsesRequestInput,
    ResponsesResponseOutput,
)

from robotrader.core.background_scheduler.clients.perplexity_dialects import MOST_OUTPUT_TOKENS, build
from robotrader.core.background_scheduler.config.schemas import EARNINGS, FUNDAMENTALS, NEWS, batch_of, is_batch
from robotrader.core.background_scheduler.models import Dataset
from robotrader.settings import PerplexitySettings
from tests.support.asking import SCHEMA, question
from tests.support.perplexity_shapes import agent_body, chat_body

AGENT, CHAT = PerplexitySettings(), PerplexitySettings(dialect="chat", model="sonar")
Mistake = Callable[[dict[str, Any]], Any]


def strict(model: Any) -> Draft202012Validator:
    """The SDK's own schema, with unknown keys forbidden wherever it names the known ones."""
    schema = model.model_json_schema()

    def tighten(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict) and "type" in node:
                node["additionalProperties"] = False
            for part in node.values():
                tighten(part)
        elif isinstance(node, list):
            for part in node:
                tighten(part)

    tighten(schema)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


ORACLES = {"agent": strict(ResponsesRequestInput), "chat": strict(ApiChatCompletionsRequestInput)}


def body(config: PerplexitySettings, dataset: Dataset = Dataset.EARNINGS) -> dict[str, Any]:
    return copy.deepcopy(dict(build(question("M&M", dataset), config).json))


@pytest.mark.parametrize("dataset", list(Dataset))
@pytest.mark.parametrize("size", ["low", "medium", "high"])
@pytest.mark.parametrize("config", [AGENT, CHAT])
def test_every_request_is_one_the_sdk_knows(config: PerplexitySettings, size: Any, dataset: Dataset) -> None:
    request = body(replace(config, search_context_size=size), dataset)
    ORACLES[config.dialect].validate(request)


@pytest.mark.parametrize("config", [AGENT, CHAT])
@pytest.mark.parametrize("schema", [EARNINGS, NEWS, FUNDAMENTALS])
def test_a_request_about_several_companies_is_one_too(config: PerplexitySettings, schema: dict[str, Any]) -> None:
    many = question()._replace(schema=batch_of(schema), schema_name="earningsbatchv1", companies=20)
    ORACLES[config.dialect].validate(dict(build(many, config).json))
    Draft202012Validator.check_schema(dict(many.schema))
    assert is_batch(many.schema)
    assert not is_batch(schema)


@pytest.mark.parametrize(
    ("limit", "companies", "tokens"),
    [
        (4096, 1, 4096),
        (4096, 3, 12_288),
        (4096, 20, MOST_OUTPUT_TOKENS),
        (256, 2, 512),
        (100_000, 1, 100_000),
        (100_000, 5, 100_000),
    ],
)
@pytest.mark.parametrize(("config", "name"), [(AGENT, "max_output_tokens"), (CHAT, "max_tokens")])
def test_an_answer_about_more_companies_may_be_longer(
    config: PerplexitySettings, name: str, limit: int, companies: int, tokens: int
) -> None:
    asked = question()._replace(companies=companies)
    assert build(asked, replace(config, max_output_tokens=limit)).json[name] == tokens


MISTAKES: list[tuple[PerplexitySettings, Mistake]] = [
    (AGENT, lambda r: r.update(max_tokens=100)),
    (AGENT, lambda r: r.update(messages=[])),
    (AGENT, lambda r: r.update(search_recency_filter="week")),
    (AGENT, lambda r: r.pop("input")),
    (AGENT, lambda r: r["response_format"]["json_schema"].pop("name")),
    (AGENT, lambda r: r["response_format"].update(type="json_object")),
    (AGENT, lambda r: r.update(tool_choice="always")),
    (AGENT, lambda r: r["tools"][0].update(search_context_size="huge")),
    (AGENT, lambda r: r["tools"][0].update(search_recency_filter="week")),
    (AGENT, lambda r: r["tools"][0]["filters"].update(search_recency_filter="fortnight")),
    (AGENT, lambda r: r["tools"][0]["filters"].update(recency="week")),
    (AGENT, lambda r: r.update(max_output_tokens="4096")),
    (CHAT, lambda r: r.update(input="x")),
    (CHAT, lambda r: r.update(instructions="x")),
    (CHAT, lambda r: r.update(max_output_tokens=100)),
    (CHAT, lambda r: r.pop("model")),
    (CHAT, lambda r: r["web_search_options"].update(context="low")),
    (CHAT, lambda r: r["messages"][0].update(role="robot")),
    (CHAT, lambda r: r.update(search_recency_filter="fortnight")),
    (CHAT, lambda r: r["response_format"].update(type="json_object")),
]


@pytest.mark.parametrize(("config", "mistake"), MISTAKES)
def test_the_oracle_sees_a_seeded_mistake(config: PerplexitySettings, mistake: Mistake) -> None:
    request = body(config)
    mistake(request)
    assert not ORACLES[config.dialect].is_valid(request)


def test_the_agent_request_in_full() -> None:
    request = build(question(), AGENT)
    assert request.path == "/v1/agent"
    assert request.json == {
        "model": "perplexity/sonar",
        "instructions": "Answer with JSON only.",
        "input": "The latest earnings of NSE:SBIN please.",
        "tools": [
            {
                "type": "web_search",
                "search_context_size": "medium",
                "filters": {"search_recency_filter": "year"},
            }
        ],
        "tool_choice": "required",
        "response_format": {"type": "json_schema", "json_schema": {"name": "earnings_v1", "schema": SCHEMA}},
        "max_output_tokens": 4096,
    }


def test_the_chat_request_in_full() -> None:
    request = build(question(dataset=Dataset.NEWS), CHAT)
    assert request.path == "/chat/completions"
    assert request.json == {
        "model": "sonar",
        "messages": [
            {"role": "system", "content": "Answer with JSON only."},
            {"role": "user", "content": "The latest news of NSE:SBIN please."},
        ],
        "max_tokens": 4096,
        "response_format": {"type": "json_schema", "json_schema": {"name": "news_v1", "schema": SCHEMA}},
        "web_search_options": {"search_context_size": "medium"},
        "search_recency_filter": "week",
    }


def test_the_same_question_is_the_same_request() -> None:
    assert build(question(), AGENT) == build(question(), AGENT)
    assert "filters" not in build(question(dataset=Dataset.FUNDAMENTALS), AGENT).json["tools"][0]


@pytest.mark.parametrize("state", ["completed", "failed", "in_progress"])
def test_the_agent_fixtures_are_answers_to_the_sdk(state: str) -> None:
    parsed = ResponsesResponseOutput.model_validate(agent_body({}, "SBIN", "text", state=state), strict=True)
    assert parsed.status == state
    assert strict(ResponsesResponseOutput).is_valid(agent_body({}, "SBIN", "text", state=state))


@pytest.mark.parametrize("state", ["completed", "incomplete"])
def test_the_chat_fixtures_are_answers_to_the_sdk(state: str) -> None:
    CompletionResponseOutput.model_validate(chat_body({}, "SBIN", "text", state=state))
