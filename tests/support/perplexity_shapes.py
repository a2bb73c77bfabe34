"""The shapes of Perplexity's answers, filled for whatever schema was asked for."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

ERROR_PAGE = (
    b"<html>\r\n<head><title>Sorry</title></head>\r\n<body><center><h1>Sorry</h1></center></body>\r\n</html>\r\n"
)
KNOWN: dict[str, Any] = {
    "fiscal_year": 2026,
    "fiscal_quarter": 2,
    "period_end": "2025-09-30",
    "basis": "consolidated",
    "revenue_yoy_pct": 8.5,
    "profit_yoy_pct": 11.2,
    "revenue_qoq_pct": 2.1,
    "profit_qoq_pct": 3.4,
    "net_margin_pct": 14.2,
    "report_date": "2025-11-04",
    "next_earnings_date": None,
    "dividend_per_share_inr": None,
    "guidance": None,
    "currency": "INR",
    "surprise_pct": None,
    "published_at": "2026-11-19",
    "impact": "low",
    "as_of": "2026-11-19",
    "recommendation": "Hold",
    "strengths": ["A wide branch network", "Low cost of funds"],
    "weaknesses": ["Slow growth of deposits"],
    "opportunities": [],
    "threats": ["Rising rates"],
}

PER_SHARE = ("eps", "book_value", "fair_value", "dividend_per_share")


def answer_text(wish: dict[str, Any], symbol: str, *, empty: bool = False) -> str:
    """JSON that fits the schema of the request, the same for the same symbol; a plain sentence where none was given.

    Where it is to be ``empty``, all but the symbol is null.
    """
    form = wish.get("response_format") or {}
    schema = (form.get("json_schema") or {}).get("schema")
    if not schema:
        return f"{symbol} reported a net profit of Rs {1000 + _seed(symbol)} crore for Q2 FY26."
    return json.dumps(_emptied(_fill(schema, "", symbol), symbol) if empty else _fill(schema, "", symbol))


def _emptied(filled: dict[str, Any], symbol: str) -> dict[str, Any]:
    return {name: symbol if name == "symbol" else [] if name == "items" else None for name in filled}


def batch_text(
    wish: dict[str, Any],
    symbols: Sequence[str],
    *,
    without: Collection[str],
    twice: Collection[str],
    empty: Collection[str],
) -> str:
    """The answer to a question about several symbols.

    Nothing is in it of those in ``without``; of those in ``twice`` two elements are; in those of ``empty`` all is null.
    """
    inner = batch_schema(wish) or {}
    answers = []
    for symbol in symbols:
        filled = _fill(inner, "", symbol)
        if symbol in empty:
            filled = _emptied(filled, symbol)
        answers += [filled] * (0 if symbol in without else 2 if symbol in twice else 1)
    return json.dumps({"answers": answers})


def batch_schema(wish: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of one element, where several symbols are asked for."""
    form = wish.get("response_format") or {}
    properties = ((form.get("json_schema") or {}).get("schema") or {}).get("properties") or {}
    return properties["answers"]["items"] if set(properties) == {"answers"} else None


def _seed(symbol: str) -> int:
    return zlib.crc32(symbol.encode()) % 9000


def _fill(schema: dict[str, Any], name: str, symbol: str) -> Any:
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return _fill(next((one for one in options if one.get("type") != "null"), options[0]), name, symbol)
    if name in KNOWN:
        return KNOWN[name]
    if schema.get("enum"):
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = next((one for one in kinds if one != "null"), "null") if isinstance(kinds, list) else kinds
    if kind == "object":
        return {key: _fill(part, key, symbol) for key, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [_fill(schema.get("items") or {"type": "string"}, name, symbol)]
    return _scalar(kind, name, symbol)


def _scalar(kind: str, name: str, symbol: str) -> Any:
    seed = _seed(symbol)
    if kind in ("number", "integer"):
        number = (
            (10_000_000 * (1000 + seed)) * (7 if "revenue" in name else 1) if name.endswith("_inr") else 10 + seed / 100
        )
        number = round(20 + seed / 100, 2) if name.startswith(PER_SHARE) else number
        return int(number) if kind == "integer" else number
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return symbol if name == "symbol" else f"{symbol} {name or 'text'}"


def search_rows(*symbols: str) -> list[dict[str, Any]]:
    """A search result for each symbol and one more without dates, as they come."""
    rows = [
        {
            "id": number,
            "title": f"{symbol} results",
            "url": f"https://example.com/results/{symbol.lower().replace('&', '-')}",
            "snippet": f"{symbol} announced its results.",
            "date": "2025-11-04",
            "last_updated": "2025-11-05",
            "source": "web",
        }
        for number, symbol in enumerate(symbols, start=1)
    ]
    filing = {
        "id": len(rows) + 1,
        "title": "Filing",
        "url": "https://example.org/filing",
        "snippet": "",
        "date": None,
        "last_updated": None,
        "source": "web",
    }
    return [*rows, filing]


TOKEN_CHARACTERS = 4
INPUT_USD, OUTPUT_USD, SEARCH_USD = Decimal("0.25") / 10**6, Decimal("2.50") / 10**6, Decimal("0.0025")
"""A token that is read, a token that is written, a web search: the prices of perplexity/sonar (autumn 2026)."""

READ_TOKENS = 700
"""What the model reads of the pages that one search finds; an assumption, no price list tells it."""


def priced(wish: dict[str, Any], text: str, searches: int) -> dict[str, Any]:
    """The usage of an answer, counted and priced as the Agent API does."""
    read = len(json.dumps(wish)) // TOKEN_CHARACTERS + READ_TOKENS * searches
    written = len(text) // TOKEN_CHARACTERS
    costs = (read * INPUT_USD, written * OUTPUT_USD, searches * SEARCH_USD)
    names = ("input_cost", "output_cost", "tool_calls_cost", "total_cost")
    return {
        "input_tokens": read,
        "output_tokens": written,
        "total_tokens": read + written,
        "cost": {
            "currency": "USD",
            **{name: float(usd) for name, usd in zip(names, (*costs, sum(costs)), strict=True)},
        },
    }


def agent_body(
    wish: dict[str, Any],
    symbol: str,
    text: str,
    *,
    state: str = "completed",
    search: bool = True,
    usage: dict[str, Any] | None = None,
    others: Sequence[str] = (),
) -> dict[str, Any]:
    """A response object of the Agent API; ``others`` are further symbols that were searched for."""
    rows = search_rows(symbol, *others)
    mark = {"type": "citation", "url": rows[0]["url"], "title": rows[0]["title"], "start_index": 0, "end_index": 1}
    found = [{"type": "search_results", "queries": [f"{symbol} results"], "results": rows}] if search else []
    message = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": [mark] if search else []}],
    }
    done = state == "completed"
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_763_700_000,
        "model": wish.get("model", "perplexity/sonar"),
        "status": state,
        "error": {"message": "the run failed", "code": "internal", "type": "server_error"}
        if state == "failed"
        else None,
        "output": [*found, message] if done else [],
        "usage": usage
        or {
            "input_tokens": 800,
            "output_tokens": 300,
            "total_tokens": 1100,
            "cost": {
                "currency": "USD",
                "input_cost": 0.0002,
                "output_cost": 0.00075,
                "tool_calls_cost": 0.0025,
                "total_cost": 0.00345,
            },
        },
    }


def chat_body(
    wish: dict[str, Any],
    symbol: str,
    text: str,
    *,
    state: str = "completed",
    search: bool = True,
    usage: dict[str, Any] | None = None,
    others: Sequence[str] = (),
) -> dict[str, Any]:
    """A completion of the older call."""
    ends = {"completed": "stop", "incomplete": "length", "failed": "error", "in_progress": None}
    message = {"role": "assistant", "content": text}
    rows = (
        [{name: value for name, value in row.items() if name != "id"} for row in search_rows(symbol, *others)]
        if search
        else []
    )
    return {
        "id": "cmpl-1",
        "object": "chat.completion",
        "created": 1_763_700_000,
        "model": wish.get("model", "sonar"),
        "choices": [
            {
                "index": 0,
                "finish_reason": ends[state],
                "message": message,
                "delta": {"role": "assistant", "content": ""},
            }
        ],
        "citations": [row["url"] for row in rows],
        "search_results": rows,
        "usage": usage
        or {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "cost": {
                "input_tokens_cost": 0.0001,
                "output_tokens_cost": 0.0001,
                "request_cost": 0.005,
                "total_cost": 0.0052,
            },
        },
    }
