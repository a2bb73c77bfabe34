"""JSON schemas of the answers asked for: flat, fixed keys, everything nullable (Perplexity refuses open maps).

The text of a schema stays the same from call to call: the service prepares each new one for 10 to 30 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    }
)
"""The fields of ``records.EarningsReport``."""
