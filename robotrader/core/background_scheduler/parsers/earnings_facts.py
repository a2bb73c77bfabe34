"""What the earnings readers hand to each other: single facts, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import Span

Value = Decimal | int | str
MONEY_FIELDS = frozenset({"revenue_inr", "net_profit_inr", "ebitda_inr"})
FIGURE_FIELDS = (
    "revenue_inr",
    "net_profit_inr",
    "ebitda_inr",
    "eps_inr",
    "revenue_yoy_pct",
    "profit_yoy_pct",
    "revenue_qoq_pct",
    "profit_qoq_pct",
    "net_margin_pct",
    "dividend_per_share_inr",
    "surprise_pct",
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One reading of one field.

    Attributes:
        start, end: the words in the text, or (-1, -1).
        period: what the words say the figure is for, None where they do not say.
        basis: ``consolidated`` or ``standalone`` where the words say so.
        rank: 0 is the best name for the field, higher numbers are stand-ins (total income for revenue).
    """

    field: str
    value: Value
    start: int
    end: int
    period: Period | None = None
    basis: str | None = None
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one layer read: the fields, the words of each, and what a reader should know.

    ``judged`` are the places of all amounts it has understood, those it did not take included.
    """

    fields: Mapping[str, Fact] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    judged: tuple[Span, ...] = ()


def same_quarter(a: Period, b: Period) -> bool:
    """The two can be one quarter: kinds and quarters agree, and years where both are written."""
    if a.kind != "quarter" or b.kind != "quarter":
        halves = not (a.part and b.part) or a.part == b.part
        return a.kind == b.kind and halves and (a.year is None or b.year is None or a.year == b.year)
    if a.quarter and b.quarter and a.quarter != b.quarter:
        return False
    return not (a.year and b.year and a.year != b.year)


def reported_period(facts: Iterable[Fact], mentioned: Iterable[Period]) -> Period | None:
    """The period a text reports on: the latest quarter with figures, else the first one mentioned, else a longer one.

    Of the longer ones a year, or the first half of one, which the day it ended on tells from the year.
    """
    facts, mentioned = list(facts), list(mentioned)
    carried = [f.period for f in facts if f.period and f.field != "dividend_per_share_inr"]
    quarters = [p for p in carried if p.kind == "quarter" and p.quarter]
    dated = [p for p in quarters if p.year]
    if dated:
        return max(dated, key=lambda p: (p.year or 0, p.quarter or 0, -p.start))
    named = [p for p in mentioned if p.kind == "quarter" and p.quarter]
    if quarters:
        first = quarters[0]
        return _latest(named, first)
    if named:
        first = named[0]
        return first if first.year else _latest(named, first)
    loose = any(f.period is None or f.period.kind == "quarter" for f in facts if f.field != "dividend_per_share_inr")
    longer = [p for p in carried if p.kind in ("half", "year") and p.year]
    last = max(longer, key=lambda p: (p.year or 0, _when(p), -p.start), default=None)
    return last if last and not loose and (last.kind == "year" or last.part == 1) else None


def _latest(named: list[Period], first: Period) -> Period:
    """The quarter of ``first`` with the latest year it is named with."""
    dated = [p for p in named if p.year and p.quarter == first.quarter]
    return max(dated, key=lambda p: (p.year or 0, -p.start), default=first)


def _when(period: Period) -> int:
    """How late in its year a longer period ends, the year itself last."""
    return 3 if period.kind == "year" else period.part or 2


def choose(
    facts: Iterable[Fact], period: Period | None, basis: str | None
) -> tuple[dict[str, Fact], dict[str, tuple[Fact, Fact]]]:
    """The best fact of each field for the period: best basis, best name, the most often told, written most exactly.

    The second mapping has the fields for which two different figures stand in the text and neither is the better one.
    """
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        if of_period(fact, period):
            groups.setdefault(fact.field, []).append(fact)
    chosen: dict[str, Fact] = {}
    doubted: dict[str, tuple[Fact, Fact]] = {}
    for name, group in groups.items():
        best = min(group, key=lambda f: (_basis_rank(f, basis), f.rank))
        level = (_basis_rank(best, basis), best.rank)
        peers = [f for f in group if _basis_rank(f, basis) <= level[0] and f.rank == best.rank]
        figures = _figures(peers)
        if len(figures) > 1 and name not in _OFTEN_SEVERAL:
            most = max(len(f) for f in figures)
            told = [f for f in figures if len(f) == most]
            if len(told) > 1:
                doubted[name] = (told[0][0], told[1][0])
                continue
            best = told[0][0]
        chosen[name] = _exact(
            best, [f for f in group if f.rank == best.rank and _basis_rank(f, basis) <= max(1, level[0])]
        )
    for name in [n for n in chosen if n in _GROWTH_OF and _other_basis(chosen[n], chosen.get(_GROWTH_OF[n]))]:
        del chosen[name]
    return chosen, doubted


_GROWTH_OF = {
    f"{base}_{kind}_pct": amount
    for base, amount in (("revenue", "revenue_inr"), ("profit", "net_profit_inr"))
    for kind in ("yoy", "qoq")
}


def _other_basis(growth: Fact, amount: Fact | None) -> bool:
    """The growth is told of the standalone figure and the amount is the consolidated one, or the other way."""
    return bool(amount and growth.basis and amount.basis and growth.basis != amount.basis)


_OFTEN_SEVERAL = ("dividend_per_share_inr",)
"""An interim and a final dividend stand side by side; the first is the one declared with the results."""


def _figures(facts: list[Fact]) -> list[list[Fact]]:
    """The facts by the figure they tell; one that is only rounded more roughly is the same figure."""
    found: list[list[Fact]] = []
    for fact in facts:
        same = next((f for f in found if any(_same_figure(fact, other) for other in f)), None)
        if same is None:
            found.append([fact])
        else:
            same.append(fact)
    return found


def _same_figure(a: Fact, b: Fact) -> bool:
    if not isinstance(a.value, Decimal) or not isinstance(b.value, Decimal):
        return a.value == b.value
    return a.value == b.value or _rounds(a.value, b.value) or _rounds(b.value, a.value)


def of_period(fact: Fact, period: Period | None) -> bool:
    """The fact can be of the period that is reported on."""
    if fact.period is None or (fact.field == "dividend_per_share_inr" and fact.period.kind != "quarter"):
        return True
    if period is None:
        return fact.period.kind == "quarter"
    if fact.period.kind == "quarter" and not fact.period.quarter:
        return period.kind == "quarter"
    return same_quarter(fact.period, period)


def _basis_rank(fact: Fact, basis: str | None) -> int:
    if fact.basis == basis or basis is None:
        return 0
    return 1 if fact.basis is None else 2


def _exact(best: Fact, group: Iterable[Fact]) -> Fact:
    """The most exactly written reading of the same figure: 581.1 rather than a headline's 581."""
    for fact in group:
        if not isinstance(fact.value, Decimal) or not isinstance(best.value, Decimal) or fact.value == best.value:
            continue
        if _digits(fact.value) > _digits(best.value) and _rounds(fact.value, best.value):
            best = fact
    return best


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def _rounds(exact: Decimal, rough: Decimal) -> bool:
    if (exact < 0) != (rough < 0):
        return False
    gap = abs(exact - rough)
    if abs(rough) <= 100_000:
        return gap <= Decimal("0.5")
    whole = Decimal(1).scaleb(
        rough.adjusted() - _digits(rough) + 1
    )  # the last digit that the rough one is written with
    return gap <= abs(rough) * Decimal("0.003") or (gap * 2 <= whole and gap <= abs(rough) * Decimal("0.05"))
