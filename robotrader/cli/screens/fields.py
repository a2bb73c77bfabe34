"""How the fields of every dataset are called and read on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.cli import clean
from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from robotrader.cli.render import Look

LABELS: Mapping[str, str] = {
    "symbol": "Symbol",
    "company": "Company",
    "fiscal_year": "Fiscal year",
    "fiscal_quarter": "Quarter",
    "period_end": "Period end",
    "basis": "Basis",
    "revenue_inr": "Revenue",
    "net_profit_inr": "Net profit",
    "ebitda_inr": "EBITDA",
    "eps_inr": "EPS",
    "revenue_yoy_pct": "Revenue YoY",
    "profit_yoy_pct": "Profit YoY",
    "revenue_qoq_pct": "Revenue QoQ",
    "profit_qoq_pct": "Profit QoQ",
    "net_margin_pct": "Net margin",
    "report_date": "Reported",
    "next_earnings_date": "Next results",
    "dividend_per_share_inr": "Dividend a share",
    "guidance": "Guidance",
    "currency": "Currency",
    "surprise_pct": "Surprise",
    "headline": "Headline",
    "headlines": "Headlines",
    "summary": "Summary",
    "published_at": "Published",
    "source": "Source",
    "url": "Link",
    "sentiment": "Sentiment",
    "category": "Category",
    "impact": "Impact",
    "key_figures": "Key figures",
    "symbols": "Symbols",
    "as_of": "As of",
    "pe": "P/E",
    "pb": "P/B",
    "roe_pct": "ROE",
    "roce_pct": "ROCE",
    "roa_pct": "ROA",
    "debt_to_equity": "Debt to equity",
    "current_ratio": "Current ratio",
    "dividend_yield_pct": "Dividend yield",
    "market_cap_inr": "Market cap",
    "eps_ttm_inr": "EPS (TTM)",
    "book_value_inr": "Book value",
    "sales_growth_pct": "Sales growth",
    "profit_growth_pct": "Profit growth",
    "promoter_holding_pct": "Promoter holding",
    "fair_value_inr": "Fair value",
    "recommendation": "Recommendation",
    "strengths": "Strengths",
    "weaknesses": "Weaknesses",
    "opportunities": "Opportunities",
    "threats": "Threats",
}
SIGNED = ("_yoy_pct", "_qoq_pct", "_growth_pct", "surprise_pct")
LONGEST_TEXT = 400
LONGEST_HEADLINE = 80


def label(name: str) -> str:
    """What a field is called; ``pe`` and ``fundamentals.pe`` are the same, and a headline may stand before it."""
    headline, _, field = name.rpartition(": ")
    if headline and field in LABELS:
        return f"{clean.short(headline, LONGEST_HEADLINE)}: {LABELS[field]}"
    return LABELS.get(name.rpartition(".")[2], name)


def value(name: str, found: object, view: Look) -> str:
    """One field as it reads on the screen; ``-`` where the text does not say."""
    if found is None:
        return fmt.EMPTY
    if isinstance(found, (Decimal, int, float)) and not isinstance(found, bool):
        return _number(name.rpartition(".")[2], Decimal(str(found)), found, view)
    if isinstance(found, Sequence) and not isinstance(found, str):
        return clean.short("; ".join(clean.line(item) for item in found) or fmt.EMPTY, LONGEST_TEXT)
    return clean.short(found, LONGEST_TEXT)


def _number(name: str, number: Decimal, found: object, view: Look) -> str:
    if name.endswith("_inr"):
        return fmt.rupees(number, view.rupee)
    if name.endswith("_pct"):
        return fmt.percent(number, signed=name.endswith(SIGNED))
    return fmt.ratio(number) if isinstance(found, Decimal) else str(found)
