"""The envelopes of the research API: what a question asks for, and an answer as the service would send it. Pure.

Shapes as the service's own SDK types them: ``ResponsesResponseOutput`` for ``POST /v1/agent`` and
``CompletionResponseOutput`` for the older ``POST /chat/completions``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from robotrader.sandbox import facts
from robotrader.sandbox.answers import BATCH, DATASETS

_ASKED = re.compile(r"\b(NSE|BSE):([A-Z0-9](?:[A-Z0-9&-]{0,18}[A-Z0-9])?)")
_CHARACTERS_PER_TOKEN = 4
BAD_REQUEST, NOT_FOUND = 400, 404


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as understood; ``symbols`` in canonical form (``SBIN``, ``BSE:SBIN``), each once.

    ``schema`` is that of the answer about one symbol; ``batch`` says that there is to be one for each.
    """

    dataset: str
    symbols: tuple[str, ...]
    schema: Mapping[str, Any]
    text: str
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A question that cannot be answered: an HTTP status and why, for ``error_body``."""

    status_code: int
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, before it is put into an envelope. ``results`` None means no search was made."""

    text: str
    results: tuple[Mapping[str, Any], ...] | None
    status: str = "completed"


def read_question(body: bytes) -> Asked | Refusal:
    """Which dataset and symbols a request of either dialect asks for, and the schema of the answer about each."""
    request = _decoded(body)
    if not isinstance(request, dict):
        return Refusal(BAD_REQUEST, "the body is not JSON" if request is None else "the body is not a JSON object")
    text = "\n".join(_texts(request.get("input", request.get("messages"))))
    wanted = _mapping(_mapping(request.get("response_format")).get("json_schema"))
    dataset = next((name for name in DATASETS if name in str(wanted.get("name", "")).lower()), None)
    if dataset is None:
        return Refusal(BAD_REQUEST, f"the sandbox needs a json_schema whose name holds one of {', '.join(DATASETS)}")
    schema = _mapping(wanted.get("schema"))
    each = _each(schema)
    named: dict[str, str] = {}
    for exchange, name in _ASKED.findall(text):
        named.setdefault(name if exchange == "NSE" else f"BSE:{name}", name)
    if not named or (each is None and len(set(named.values())) != 1):
        return Refusal(BAD_REQUEST, "the sandbox needs exactly one symbol in the question, as NSE:SBIN")
    unknown = next((name for name in named.values() if not facts.known(name)), None)
    if unknown is not None:
        return Refusal(NOT_FOUND, f"the sandbox does not know {unknown}")
    symbols = tuple(named) if each is not None else tuple(named)[:1]
    return Asked(dataset, symbols, schema if each is None else each, text, batch=each is not None)


def _decoded(body: bytes) -> Any:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return [] if found is None else found


def _each(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of each element, where several symbols are asked for: a list of objects that is all there is."""
    properties = _mapping(schema.get("properties"))
    if properties.keys() != {BATCH}:
        return None
    return _mapping(_mapping(properties[BATCH]).get("items"))


def error_body(status_code: int, message: str, kind: str) -> dict[str, Any]:
    """The service's JSON for an error."""
    return {"error": {"message": message, "type": kind, "code": status_code}}


def agent_body(asked: Asked, reply: Reply, *, answer_id: str, created: int) -> dict[str, Any]:
    """An answer of ``POST /v1/agent``; ``created`` in seconds since 1970 UTC."""
    spent, said = _tokens(asked.text), _tokens(reply.text)
    searched = {"type": "search_results", "queries": [_query(asked)], "results": list(reply.results or ())}
    message = {
        "type": "message",
        "id": f"msg_{answer_id}",
        "role": "assistant",
        "status": reply.status,
        "content": [{"type": "output_text", "text": reply.text, "annotations": []}],
    }
    failed = reply.status == "failed"
    return {
        "id": f"resp_{answer_id}",
        "object": "response",
        "created_at": created,
        "model": facts.MODEL,
        "status": reply.status,
        "error": {"message": "the run failed", "code": "server_error", "type": "server_error"} if failed else None,
        "output": [*([] if reply.results is None else [searched]), message],
        "usage": {
            "input_tokens": spent,
            "output_tokens": said,
            "total_tokens": spent + said,
            "cost": {"currency": "USD", "input_cost": 0, "output_cost": 0, "tool_calls_cost": 0, "total_cost": 0},
        },
    }


def chat_body(asked: Asked, reply: Reply, *, answer_id: str, created: int) -> dict[str, Any]:
    """An answer of ``POST /chat/completions``; ``created`` in seconds since 1970 UTC."""
    spent, said = _tokens(asked.text), _tokens(reply.text)
    results = None if reply.results is None else [_without_id(row) for row in reply.results]
    choice = {
        "index": 0,
        "finish_reason": "length" if reply.status == "incomplete" else "stop",
        "message": {"role": "assistant", "content": reply.text},
        "delta": {"role": "assistant", "content": ""},
    }
    return {
        "id": answer_id,
        "object": "chat.completion",
        "created": created,
        "model": facts.MODEL,
        "choices": [] if reply.status == "failed" else [choice],
        "citations": None if results is None else [row["url"] for row in results],
        "search_results": results,
        "usage": {
            "prompt_tokens": spent,
            "completion_tokens": said,
            "total_tokens": spent + said,
            "cost": {"input_tokens_cost": 0, "output_tokens_cost": 0, "request_cost": 0, "total_cost": 0},
        },
    }


def _query(asked: Asked) -> str:
    names = ", ".join(dict.fromkeys(facts.company(symbol).name for symbol in asked.symbols))
    return f"{names} {asked.dataset} {facts.period().label}"


def _without_id(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def _texts(given: Any) -> Iterable[str]:
    """The words of the question in either dialect; instructions of the system are not part of it."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, list):
        for part in given:
            yield from _texts(part)
    elif isinstance(given, dict) and given.get("role") != "system":
        yield from _texts(given.get("content", given.get("text")))


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
