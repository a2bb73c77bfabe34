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
    """One company's results of one quarter (or of one year where ``fiscal_quarter`` is None)."""

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
    sources: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParseResult(Generic[R]):
    """The outcome of reading one text.

    Attributes:
        dataset: ``earnings``, ``news`` or ``fundamentals``.
        strategy: the strictest layer that read a field, or ``none`` where nothing was read.
        warnings: what a reader should know (cut text, two bases, an amount without unit), in plain words.
        record: what was read; a record whose fields are all None is "no data".
    """

    dataset: str
    strategy: str
    warnings: tuple[str, ...]
    record: R
