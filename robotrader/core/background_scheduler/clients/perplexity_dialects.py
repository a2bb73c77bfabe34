"""What is asked and what counts as an answer, in the two dialects; pure: no network, no clock.

``agent`` is Perplexity's Agent API (POST /v1/agent). ``chat`` is the older chat-completions call, which Perplexity
withdrew in September 2026 and compatible gateways still speak. A 2xx alone is no success: see ``judge``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from robotrader.core.background_scheduler.clients.judgement import Judgement, Kind, Refusal
from robotrader.core.background_scheduler.clients.payload import (
    as_list,
    as_map,
    bill,
    clean,
    decode_object,
    error_message,
    make_sources,
    plain_text,
    word,
)
from robotrader.core.background_scheduler.clients.ports import Question
from robotrader.core.background_scheduler.models import Dataset
from robotrader.settings import PerplexitySettings

Dialect = Literal["agent", "chat"]
Headers = Mapping[str, str]

PATHS: Mapping[str, str] = {"agent": "/v1/agent", "chat": "/chat/completions"}
RECENCY: Mapping[Dataset, str] = {Dataset.EARNINGS: "year", Dataset.NEWS: "week"}
SUCCESS = range(200, 300)
REQUEST_ERRORS = range(400, 500)
SERVER_ERRORS = range(500, 600)
UNAUTHORIZED, FORBIDDEN = 401, 403
TOO_MANY_REQUESTS = 429
MOVED = frozenset({301, 307, 308})
TIMEOUTS = frozenset({408, 504, 524})
MOST_OUTPUT_TOKENS = 32_768
"""The longest answer asked for about several companies, in tokens, unless one company alone may take more."""


class Request(NamedTuple):
    """Where a question goes and its JSON body, also as the text that is sent."""

    path: str
    json: Mapping[str, Any]
    text: str


def build(question: Question, config: PerplexitySettings) -> Request:
    """The request of ``question`` in the configured dialect.

    The search is forced, its filters live inside the tool, the answer is bound to the schema, and the model is named,
    because without one the service may choose another vendor's.
    """
    body = _agent_body(question, config) if config.dialect == "agent" else _chat_body(question, config)
    answer_format, text = _response_format(question)
    whole = {**body, "response_format": answer_format}
    return Request(PATHS[config.dialect], whole, f'{json.dumps(body)[:-1]}, "response_format": {text}}}')


def most_tokens(question: Question, config: PerplexitySettings) -> int:
    """The longest answer allowed: room for each company, or those at its end would be cut off and asked for again."""
    return max(config.max_output_tokens, min(config.max_output_tokens * question.companies, MOST_OUTPUT_TOKENS))


def _agent_body(question: Question, config: PerplexitySettings) -> dict[str, Any]:
    search: dict[str, Any] = {"type": "web_search", "search_context_size": config.search_context_size}
    if question.dataset in RECENCY:
        search["filters"] = {"search_recency_filter": RECENCY[question.dataset]}
    return {
        "model": config.model,
        "instructions": question.instructions,
        "input": question.text,
        "tools": [search],
        "tool_choice": "required",
        "max_output_tokens": most_tokens(question, config),
    }


def _chat_body(question: Question, config: PerplexitySettings) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": config.model,
        "messages": [
            {"role": "system", "content": question.instructions},
            {"role": "user", "content": question.text},
        ],
        "max_tokens": most_tokens(question, config),
        "web_search_options": {"search_context_size": config.search_context_size},
    }
    if question.dataset in RECENCY:
        body["search_recency_filter"] = RECENCY[question.dataset]
    return body


_FORMATS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], str]] = {}
"""By its name the schema, what stands for it in a request, and the text of that, which is most of a request's."""


def _response_format(question: Question) -> tuple[Mapping[str, Any], str]:
    """What binds the answer to the schema, also as text."""
    schema, made, text = _FORMATS.get(question.schema_name, ({}, {}, ""))
    if schema is not question.schema:
        schema = question.schema
        made = {"type": "json_schema", "json_schema": {"name": question.schema_name, "schema": dict(schema)}}
        text = json.dumps(made)
        _FORMATS[question.schema_name] = schema, made, text
    return made, text


def judge(status: int, headers: Headers, body: bytes, dialect: Dialect, *, complete: bool = True) -> Judgement:
    """What an HTTP answer means.

    * usable: 2xx, a JSON content type, the dialect's word for "completed", text, and at least one search result;
    * unusable: any other 2xx; it is archived, for it may have been billed;
    * refused: known not to be billed (401, 403, 429, 5xx with a JSON error body, any other 4xx, a moved address);
    * unknown: the rest, timeouts behind a gateway (408, 504, 524) among it, whatever their body says.

    Args:
        headers: names in lower case.
        body: the decoded bytes, as far as they came.
        complete: whether the whole body arrived.
    """
    payload = decode_object(body) if complete and _is_json(headers) else None
    if status in SUCCESS:
        return _judge_success(headers, payload, dialect, complete=complete)
    message = error_message(payload)
    if status in TIMEOUTS:
        return Judgement(Kind.UNKNOWN, f"HTTP {status}: a timeout behind the service", message=message)
    refusal = _refusal(status, payload)
    if refusal is None:
        return Judgement(Kind.UNKNOWN, f"HTTP {status} without an error body")
    return Judgement(Kind.REFUSED, f"HTTP {status}", refusal, message=message)


def _refusal(status: int, payload: dict[str, Any] | None) -> Refusal | None:
    """Why a request was refused; None where it cannot be known that nothing was billed."""
    if status == UNAUTHORIZED:
        return Refusal.KEY_REJECTED
    if status == FORBIDDEN:
        return Refusal.KEY_BARRED
    if status == TOO_MANY_REQUESTS:
        return Refusal.RATE_LIMITED
    if status in REQUEST_ERRORS or status in MOVED:
        return Refusal.REQUEST
    has_error = payload is not None and bool(payload.get("error") or payload.get("detail"))
    return Refusal.UPSTREAM if status in SERVER_ERRORS and has_error else None


def _judge_success(headers: Headers, payload: dict[str, Any] | None, dialect: Dialect, *, complete: bool) -> Judgement:
    if not complete:
        return Judgement(Kind.UNUSABLE, "it broke off half way")
    if not _is_json(headers):
        kind = clean(headers.get("content-type", ""), 40)
        return Judgement(Kind.UNUSABLE, f"not JSON but {kind}" if kind else "no content type")
    if payload is None:
        return Judgement(Kind.UNUSABLE, "not a JSON object")
    read = _read_agent if dialect == "agent" else _read_chat
    return read(payload)


def _read_agent(payload: dict[str, Any]) -> Judgement:
    items = [item for item in as_list(payload.get("output")) if isinstance(item, dict)]
    results = [item for item in items if item.get("type") == "search_results"]
    messages = [item for item in items if item.get("type") == "message"]
    parts = [part for item in messages for part in as_list(item.get("content")) if isinstance(part, dict)]
    texts = [part for part in parts if part.get("type") == "output_text"]
    found = [row for item in results for row in as_list(item.get("results"))]
    marks = [mark for part in texts for mark in as_list(part.get("annotations"))]
    ends = [payload.get("status"), *(item.get("status", "completed") for item in messages)]
    return _conclude(
        payload,
        unfinished=next((f"status {word(end)}" for end in ends if end != "completed"), ""),
        text="".join(part["text"] for part in texts if isinstance(part.get("text"), str)),
        found=found,
        marks=marks,
    )


def _read_chat(payload: dict[str, Any]) -> Judgement:
    choice = as_map(next(iter(as_list(payload.get("choices"))), None))
    end = choice.get("finish_reason")
    found = [*as_list(payload.get("search_results")), *({"url": url} for url in as_list(payload.get("citations")))]
    return _conclude(
        payload,
        unfinished="" if end == "stop" else f"finish_reason {word(end)}",
        text="".join(_chat_texts(as_map(choice.get("message")).get("content"))),
        found=found,
        marks=[],
    )


def _chat_texts(content: object) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for part in as_list(content):
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
            yield part["text"]


def _conclude(payload: dict[str, Any], *, unfinished: str, text: str, found: list[Any], marks: list[Any]) -> Judgement:
    cost = bill(payload)
    model = payload.get("model")
    message = error_message(payload)
    if unfinished:
        return Judgement(Kind.UNUSABLE, unfinished, message=message, cost_usd=cost)
    if not text.strip():
        return Judgement(Kind.UNUSABLE, "empty text", no_data=True, cost_usd=cost)
    sources = make_sources(found)
    if not sources:
        return Judgement(Kind.UNUSABLE, "no search result", no_data=True, cost_usd=cost)
    return Judgement(
        Kind.USABLE,
        "completed",
        text=plain_text(text),
        sources=make_sources(marks, sources),
        cost_usd=cost,
        model=clean(model, 100) if isinstance(model, str) else None,
    )


def _is_json(headers: Headers) -> bool:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
