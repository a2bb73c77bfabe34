"""Questions as the client asks them, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx

FIELDS = [
    "symbol", "company", "fiscal_year", "fiscal_quarter", "period_end", "basis", "revenue_inr", "net_profit_inr",
    "ebitda_inr", "eps_inr", "revenue_yoy_pct", "profit_yoy_pct", "revenue_qoq_pct", "profit_qoq_pct",
    "net_margin_pct", "report_date", "next_earnings_date", "dividend_per_share_inr", "guidance", "currency",
    "surprise_pct",
]  # fmt: skip


class FrozenClock:
    """Time stands still; sleeping is only written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def schema_of(*names: str) -> dict[str, Any]:
    properties = {name: {"type": ["string", "number", "null"]} for name in names}
    return {"type": "object", "properties": properties, "required": list(names), "additionalProperties": False}


def question(
    text: str, *, dialect: str = "agent", name: str = "earnings_v1", schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    schema = schema_of(*FIELDS) if schema is None else schema
    wanted = {"type": "json_schema", "json_schema": {"name": name, "schema": schema}}
    if dialect == "agent":
        return {"model": "perplexity/sonar", "instructions": "x", "input": text, "response_format": wanted}
    messages = [{"role": "system", "content": "Answer as for NSE:TCS."}, {"role": "user", "content": text}]
    return {"model": "sonar", "messages": messages, "response_format": wanted}


PATHS = {"agent": "/v1/agent", "chat": "/chat/completions"}

Ask = Callable[..., Awaitable[httpx.Response]]


def text_of(response: httpx.Response) -> str:
    """The words of an answer in either dialect."""
    body = response.json()
    if "choices" in body:
        return "".join(choice["message"]["content"] for choice in body["choices"])
    return "".join(part["text"] for item in body["output"] if item["type"] == "message" for part in item["content"])
