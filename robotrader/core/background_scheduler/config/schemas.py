"""JSON schemas of the answers asked for: flat, fixed keys, everything nullable (Perplexity refuses open maps).

The text of a schema stays the same from call to call: the service prepares each new one for 10 to 30 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robotrader.core.background_scheduler.records import CATEGORIES, IMPACTS, SENTIMENTS

ANSWERS = "answers"
"""The property of a batch's schema that holds one object a company."""

_NUMBER = {"type": ["number", "null"]}
_WHOLE = {"type": ["integer", "null"]}
_TEXT = {"type": ["string", "null"]}


def _flat(properties: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


EARNINGS = _flat(
    {
        "symbol": _TEXT,
        "company": _TEXT,
        "fiscal_year": _WHOLE,
        "fiscal_quarter": _WHOLE,
        "period_end": _TEXT,
        "basis": {"type": ["string", "null"], "enum": ["consolidated", "standalone", None]},
        "revenue_inr": _NUMBER,
        "net_profit_inr": _NUMBER,
        "ebitda_inr": _NUMBER,
        "eps_inr": _NUMBER,
        "revenue_yoy_pct": _NUMBER,
        "profit_yoy_pct": _NUMBER,
        "revenue_qoq_pct": _NUMBER,
        "profit_qoq_pct": _NUMBER,
        "net_margin_pct": _NUMBER,
        "report_date": _TEXT,
        "next_earnings_date": _TEXT,
        "dividend_per_share_inr": _NUMBER,
        "guidance": _TEXT,
        "currency": _TEXT,
        "surprise_pct": _NUMBER,
    }
)
"""The fields of ``records.EarningsReport``."""

_TEXTS = {"type": ["array", "null"], "items": {"type": "string"}}

NEWS = _flat(
    {
        "symbol": _TEXT,
        "items": {
            "type": "array",
            "items": _flat(
                {
                    "headline": {"type": "string"},
                    "summary": _TEXT,
                    "published_at": _TEXT,
                    "source": _TEXT,
                    "url": _TEXT,
                    "sentiment": {
                        "type": ["string", "null"],
                        "enum": [*SENTIMENTS, None],
                    },
                    "category": {
                        "type": ["string", "null"],
                        "enum": [*CATEGORIES, None],
                    },
                    "impact": {"type": ["string", "null"], "enum": [*IMPACTS, None]},
                    "key_figures": _TEXTS,
                    "symbols": _TEXTS,
                }
            ),
        },
    }
)
"""The fields of ``records.NewsItem``; a company without news has no items."""

FUNDAMENTALS = _flat(
    {
        "symbol": _TEXT,
        "as_of": _TEXT,
        "pe": _NUMBER,
        "pb": _NUMBER,
        "roe_pct": _NUMBER,
        "roce_pct": _NUMBER,
        "roa_pct": _NUMBER,
        "debt_to_equity": _NUMBER,
        "current_ratio": _NUMBER,
        "dividend_yield_pct": _NUMBER,
        "market_cap_inr": _NUMBER,
        "eps_ttm_inr": _NUMBER,
        "book_value_inr": _NUMBER,
        "sales_growth_pct": _NUMBER,
        "profit_growth_pct": _NUMBER,
        "promoter_holding_pct": _NUMBER,
        "fair_value_inr": _NUMBER,
        "recommendation": _TEXT,
        "strengths": _TEXTS,
        "weaknesses": _TEXTS,
        "opportunities": _TEXTS,
        "threats": _TEXTS,
    }
)
"""The fields of ``records.Fundamentals``."""


def batch_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of an answer about several companies, one object of ``schema`` each; the same for any number."""
    return _flat({ANSWERS: {"type": "array", "items": schema}})


def is_batch(schema: Any) -> bool:
    """Whether a schema, as it was sent, is one of ``batch_of``."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    return isinstance(properties, Mapping) and properties.keys() == {ANSWERS}
