"""What the readers of fundamentals hand to each other: single facts, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Value = Decimal | str | tuple[str, ...]

MULTIPLES = frozenset({"pe", "pb", "debt_to_equity", "current_ratio"})
PERCENTS = frozenset(
    {
        "roe_pct",
        "roce_pct",
        "roa_pct",
        "dividend_yield_pct",
        "sales_growth_pct",
        "profit_growth_pct",
        "promoter_holding_pct",
    }
)
GROWTH = frozenset({"sales_growth_pct", "profit_growth_pct"})
PER_SHARE = frozenset({"eps_ttm_inr", "book_value_inr", "fair_value_inr"})
FIGURES = (*sorted(MULTIPLES), *sorted(PERCENTS), *sorted(PER_SHARE), "market_cap_inr")
SWOT = ("strengths", "weaknesses", "opportunities", "threats")

NOW = (9999, 9)
"""The time of a figure that is called current, or that no time is told for."""

Time = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fact:
    """One reading of one field.

    Attributes:
        start, end: the words in the text.
        rank: 0 is the best name for the field, higher numbers are stand-ins.
        time: fiscal year and quarter (4 for a whole year) the words tell, ``NOW`` where they tell none.
        about: the words call the figure approximate.
    """

    field: str
    value: Value
    start: int
    end: int
    rank: int = 0
    time: Time = NOW
    about: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one layer read: the fact of each field, and what a reader should know."""

    fields: Mapping[str, Fact] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def choose(facts: Iterable[Fact]) -> Reading:
    """The best fact of each field: best name, newest, exact before about, then the first."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.field, []).append(fact)
    chosen: dict[str, Fact] = {}
    warnings: list[str] = []
    for name, group in groups.items():
        best = min(group, key=lambda f: (f.rank, -f.time[0], -f.time[1], f.about, f.start))
        peers = [f for f in group if (f.rank, f.time, f.about) == (best.rank, best.time, best.about)]
        other = next((f for f in peers if not same(f.value, best.value)), None)
        if other is not None:
            warnings.append(f"{name}: the text gives {best.value} and {other.value}; the first is taken")
        chosen[name] = max(peers, key=lambda f: (_rounds(f.value, best.value), _digits(f.value), -f.start))
    return Reading(chosen, tuple(warnings))


def _digits(value: Value) -> int:
    return len(value.normalize().as_tuple().digits) if isinstance(value, Decimal) else 0


def same(a: Value, b: Value) -> bool:
    """Two figures that round to each other; words are not compared."""
    return not (isinstance(a, Decimal) and isinstance(b, Decimal)) or _rounds(a, b) or _rounds(b, a)


def _rounds(exact: Value, rough: Value) -> bool:
    """``rough`` can be a shorter way of writing ``exact``."""
    if not (isinstance(exact, Decimal) and isinstance(rough, Decimal)):
        return exact == rough
    if exact == rough:
        return True
    if (exact < 0) != (rough < 0) or _digits(exact) <= _digits(rough):
        return False
    allowed = abs(rough) / 100 if abs(rough) > 1000 else Decimal("0.5") if rough == rough.to_integral_value() else None
    return abs(exact - rough) <= (allowed if allowed is not None else Decimal("0.051"))
