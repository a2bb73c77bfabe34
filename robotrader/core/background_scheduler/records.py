"""What a parser reads out of a document: frozen values, each field with the words it was read from.

A field is ``None`` where the text does not state it; nothing here is ever filled by assumption. Money is in absolute
rupees, percentages are plain numbers (``12.5`` is 12.5 %), dates are ISO ``YYYY-MM-DD`` text, and an Indian fiscal year
is named by the calendar year it ends in (Q2 FY26 is July to September 2025: ``fiscal_year=2026, fiscal_quarter=2``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

R = TypeVar("R")

LAYERS = ("structured", "regex", "basic")
"""The parser layers, strictest first."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one field was read.

    Attributes:
        layer: the parser layer, one of ``LAYERS``.
        words: the words the value was read from, as they stand in the text.
        offset: index of ``words`` in the text (characters), or -1 where the words do not stand in one run.
    """

    layer: str
    words: str
    offset: int


@dataclass(frozen=True, slots=True)
class EarningsReport:
    """One company's results of one quarter; where ``fiscal_quarter`` is None of one year, or of the first half of one,
    which ``period_end`` tells (``models.part_of_year``).

    ``surprise_pct`` is by how much the profit (or EPS) was above what analysts expected, where the text states it.
    """

    symbol: str | None = None
    company: str | None = None
    fiscal_year: int | None = None
    fiscal_quarter: int | None = None
    period_end: str | None = None
    basis: str | None = None
    revenue_inr: Decimal | None = None
    net_profit_inr: Decimal | None = None
    ebitda_inr: Decimal | None = None
    eps_inr: Decimal | None = None
    revenue_yoy_pct: Decimal | None = None
    profit_yoy_pct: Decimal | None = None
    revenue_qoq_pct: Decimal | None = None
    profit_qoq_pct: Decimal | None = None
    net_margin_pct: Decimal | None = None
    report_date: str | None = None
    next_earnings_date: str | None = None
    dividend_per_share_inr: Decimal | None = None
    guidance: str | None = None
    currency: str | None = None
    surprise_pct: Decimal | None = None
    sources: Mapping[str, Provenance] = field(default_factory=dict)


CATEGORIES = ("earnings", "order_win", "regulatory", "management", "m_and_a", "rating", "other")
"""What a news item may be about."""

SENTIMENTS = ("positive", "negative", "neutral", "mixed")
IMPACTS = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One story about a company.

    Attributes:
        headline: as the text gives it; an item without a headline is none.
        published_at: an ISO date, or an ISO instant with its offset where the text states a time of day and a zone.
        source: the publisher's name.
        url: as the text gives it; whoever stores it keeps it only where a search result holds it.
        sentiment: one of ``SENTIMENTS``, only where the text states it.
        category: one of ``CATEGORIES``, stated by the text or unmistakable from the headline.
        impact: one of ``IMPACTS``, only where the text states it.
        key_figures: amounts of the story in the words of the text.
        symbols: NSE symbols the text names for the story.
    """

    headline: str
    summary: str | None = None
    published_at: str | None = None
    source: str | None = None
    url: str | None = None
    sentiment: str | None = None
    category: str | None = None
    impact: str | None = None
    key_figures: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    sources: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fundamentals:
    """Ratios, growth, holdings, valuation and SWOT of one company at one time.

    Growth is of one year or of the trailing twelve months. ``as_of`` is the ISO date (or month, ``YYYY-MM``) the text
    gives for its figures. A value given as a range or a bound is None, one given as "about" is read with a warning; a
    SWOT list the text does not have is None.
    """

    symbol: str | None = None
    as_of: str | None = None
    pe: Decimal | None = None
    pb: Decimal | None = None
    roe_pct: Decimal | None = None
    roce_pct: Decimal | None = None
    roa_pct: Decimal | None = None
    debt_to_equity: Decimal | None = None
    current_ratio: Decimal | None = None
    dividend_yield_pct: Decimal | None = None
    market_cap_inr: Decimal | None = None
    eps_ttm_inr: Decimal | None = None
    book_value_inr: Decimal | None = None
    sales_growth_pct: Decimal | None = None
    profit_growth_pct: Decimal | None = None
    promoter_holding_pct: Decimal | None = None
    fair_value_inr: Decimal | None = None
    recommendation: str | None = None
    strengths: tuple[str, ...] | None = None
    weaknesses: tuple[str, ...] | None = None
    opportunities: tuple[str, ...] | None = None
    threats: tuple[str, ...] | None = None
    sources: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParseResult(Generic[R]):
    """The outcome of reading one text.

    Attributes:
        dataset: ``earnings``, ``news`` or ``fundamentals``.
        strategy: the strictest layer that read a field, or ``none`` where nothing was read.
        warnings: what a reader should know (cut text, two bases, an amount without unit), in plain words.
        record: what was read; a record whose fields are all None, or an empty tuple of news, is "no data".
    """

    dataset: str
    strategy: str
    warnings: tuple[str, ...]
    record: R
