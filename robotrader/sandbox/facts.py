"""What the sandbox knows: the published figures of a few companies, each with the page it was read from.

The data file is read on first use and only then; nothing here needs more than the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from robotrader.core.errors import UnknownSymbolError
from robotrader.sandbox import MODEL, NOTICE

__all__ = [
    "MODEL", "NOTICE", "Company", "Figure", "Headline", "Period", "Ratio", "Source", "Statement",
    "check_symbol", "company", "known", "period", "sources", "symbols",
]  # fmt: skip

_FILE = Path(__file__).parent / "data" / "companies.json"


@dataclass(frozen=True, slots=True)
class Source:
    """A page that figures were read from; ``published`` is an ISO date, or None where the page states none."""

    key: str
    publisher: str
    url: str
    published: str | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the quarter.

    Attributes:
        basis: ``standalone``, ``consolidated``, a narrower scope in words, or None where it has none (a dividend).
        unit: ``INR`` (absolute rupees), ``percent`` (9.97 is 9.97 %), ``USD``, or a unit in words.
        fills: the field of an earnings record that this figure answers, if any.
    """

    metric: str
    basis: str | None
    value: Decimal
    unit: str
    source: Source
    fills: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure of valuation or quality; ``as_of`` is an ISO date or month."""

    metric: str
    value: Decimal
    unit: str
    as_of: str
    source: Source
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A fact in words. ``fills`` names the field of an earnings record it answers, if any."""

    text: str
    source: Source
    fills: str | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """One piece of news; ``published`` is an ISO date or None, ``category`` what it is plainly about."""

    headline: str
    published: str | None
    source: Source
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The quarter all results belong to; ``fiscal_year`` is the calendar year it ends in, ``ends`` an ISO date."""

    label: str
    fiscal_year: int
    fiscal_quarter: int
    ends: str


@dataclass(frozen=True, slots=True)
class Company:
    """Everything known of one company.

    Attributes:
        basis: the accounts its record is read from; every figure that fills a field has it, but see ``eps_basis``.
        revenue_kind: what stands for revenue: ``operations``, ``sales`` or ``total_income`` (banks).
        eps_basis: the accounts the EPS is read from, or None where no EPS is stated.
        not_stated: the fields of an earnings record that no source states.
        notes: where sources contradict each other.
    """

    symbol: str
    name: str
    aliases: tuple[str, ...]
    basis: str
    revenue_kind: str
    eps_basis: str | None
    announced: str
    announced_source: Source
    figures: tuple[Figure, ...]
    not_stated: tuple[str, ...]
    facts: tuple[Statement, ...]
    news: tuple[Headline, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[Statement, ...]


@cache
def _content() -> Mapping[str, Any]:
    return MappingProxyType(json.loads(_FILE.read_text(encoding="utf-8"), parse_float=Decimal))


@cache
def symbols() -> tuple[str, ...]:
    """The NSE symbols the sandbox knows, in alphabetical order."""
    return tuple(sorted(_content()["companies"]))


def known(symbol: str) -> bool:
    """Whether the sandbox has facts for a symbol, on either exchange: results belong to the company."""
    return _bare(symbol) in _content()["companies"]


@cache
def sources() -> Mapping[str, Source]:
    """Every page that something was read from, by key."""
    rows = _content()["sources"]
    return MappingProxyType({key: Source(key, **row) for key, row in rows.items()})


@cache
def period() -> Period:
    """The quarter of the snapshot."""
    return Period(**_content()["period"])


@cache
def company(symbol: str) -> Company:
    """The facts of one company.

    Raises:
        UnknownSymbolError: the sandbox does not know the symbol.
    """
    check_symbol(symbol)
    name = _bare(symbol)
    row = dict(_content()["companies"][name])
    announced = row.pop("announced")
    return Company(
        symbol=name,
        name=row["name"],
        aliases=tuple(row["aliases"]),
        basis=row["basis"],
        revenue_kind=row["revenue_kind"],
        eps_basis=row["eps_basis"],
        announced=announced["on"],
        announced_source=sources()[announced["source"]],
        figures=tuple(Figure(**_typed(figure)) for figure in row["figures"]),
        not_stated=tuple(row["not_stated"]),
        facts=tuple(Statement(**_typed(fact)) for fact in row["facts"]),
        news=tuple(Headline(**_typed(item)) for item in row["news"]),
        ratios=tuple(Ratio(**_typed(ratio)) for ratio in row["ratios"]),
        notes=tuple(Statement(**_typed(note)) for note in row["notes"]),
    )


def check_symbol(symbol: str) -> None:
    """Refuse a symbol the sandbox has no facts for, before anything is asked.

    Raises:
        UnknownSymbolError: naming the symbol, the symbols that are known, and how to go live.
    """
    if known(symbol):
        return
    meant = _meant(_bare(symbol))
    hint = f"did you mean {meant}? " if meant else ""
    raise UnknownSymbolError(
        f"the sandbox does not know {symbol}",
        remedy=f"{hint}it knows {', '.join(symbols())}; for any other symbol go live: set PERPLEXITY_API_KEYS",
        symbol=symbol,
    )


def _bare(symbol: str) -> str:
    exchange, _, name = symbol.rpartition(":")
    return name if exchange in ("", "NSE", "BSE") else symbol


def _meant(name: str) -> str | None:
    """The symbol of the company that goes by this name, if exactly this name is known."""
    wanted = name.casefold()
    for symbol, row in _content()["companies"].items():
        if wanted in {text.casefold() for text in (symbol, row["name"], *row["aliases"])}:
            return str(symbol)
    return None


def _typed(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {**row, "source": sources()[row["source"]]}
    return {**values, "value": Decimal(row["value"])} if "value" in row else values
