"""Small texts and what is to be read of them, with the check that every source stands where it says."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.fundamental_analysis import parse_fundamentals
from robotrader.core.background_scheduler.records import Fundamentals, ParseResult

NAMES = tuple(f.name for f in fields(Fundamentals) if f.name not in ("sources", "symbol"))
FIGURES = tuple(n for n in NAMES if n in ("pe", "pb") or n.endswith(("_pct", "_inr", "_ratio", "_equity")))
ASIDE = frozenset({"as_of", "strengths", "weaknesses", "opportunities", "threats"})
"""Fields that a case names only where it is about them."""


@dataclass(frozen=True)
class Case:
    """One text, the symbol asked for, and the fields to be read (nothing else is)."""

    text: str
    symbol: str | None
    fields: dict[str, object]

    def __str__(self) -> str:
        return f"{re.sub(r'[^A-Za-z0-9%]+', ' ', self.text[:46]).strip()} for {self.symbol}"


def case(text: str, symbol: str | None = None, **told: object) -> Case:
    """A case; figures are given as text."""
    return Case(text, symbol, {k: Decimal(v) if k in FIGURES and isinstance(v, str) else v for k, v in told.items()})


def read(given: Case) -> dict[str, object]:
    """The fields the parser reads, sources checked."""
    result = parse_fundamentals(given.text, given.symbol)
    assert_sources(given.text, result)
    found = {n: v for n in NAMES if (v := getattr(result.record, n)) is not None}
    return {n: v for n, v in found.items() if n not in ASIDE or n in given.fields}


def assert_sources(text: str, result: ParseResult[Fundamentals]) -> None:
    """Every field has a source, and every source with an offset stands there word for word."""
    record = result.record
    names = {f.name for f in fields(record) if f.name != "sources" and getattr(record, f.name) is not None}
    assert names == set(record.sources)
    for source in record.sources.values():
        assert source.layer in ("structured", "regex", "basic")
        if source.offset >= 0:
            assert text[source.offset : source.offset + len(source.words)] == source.words
    if result.strategy == "none":
        assert record == Fundamentals()
