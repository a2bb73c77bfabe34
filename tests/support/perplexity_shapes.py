"""The shapes of Perplexity's answers, filled for whatever schema was asked for."""

from __future__ import annotations

import json
import zlib
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
    "published_at": "2026-11-19",
}


def answer_text(wish: dict[str, Any], symbol: str) -> str:
    """JSON that fits the schema of the request, the same for the same symbol; a plain sentence where none was given."""
    form = wish.get("response_format") or {}
    schema = (form.get("json_schema") or {}).get("schema")
    if not schema:
        return f"{symbol} reported a net profit of Rs {1000 + _seed(symbol)} crore for Q2 FY26."
    return json.dumps(_fill(schema, "", symbol))


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
        number = round(20 + seed / 100, 2) if "eps" in name else number
        return int(number) if kind == "integer" else number
    if kind == "boolean":
        return True
    if kind == "null":
        return None
    return symbol if name == "symbol" else f"{symbol} {name or 'text'}"


def search_rows(symbol: str) -> list[dict[str, Any]]:
    """Two search results, the second without dates, as they come."""
    return [
        {
            "id": 1,
            "title": f"{symbol} results",
            "url": f"https://example.com/results/{symbol.lower().replace('&', '-')}",
            "snippet": f"{symbol} announced its results.",
            "date": "2025-11-04",
            "last_updated": "2025-11-05",
            "source": "web",
        },
        {
            "id": 2,
            "title": "Filing",
            "url": "https://example.org/filing",
            "snippet": "",
            "date": None,
            "last_updated": None,
            "source": "web",
        },
    ]


def agent_body(
    wish: dict[str, Any], symbol: str, text: str, *, state: str = "completed", search: bool = True
) -> dict[str, Any]:
    """A response object of the Agent API."""
    rows = search_rows(symbol)
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
        "usage": {
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
    wish: dict[str, Any], symbol: str, text: str, *, state: str = "completed", search: bool = True
) -> dict[str, Any]:
    """A completion of the older call."""
    ends = {"completed": "stop", "incomplete": "length", "failed": "error", "in_progress": None}
    message = {"role": "assistant", "content": text}
    rows = (
        [{name: value for name, value in row.items() if name != "id"} for row in search_rows(symbol)] if search else []
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
        "usage": {
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
