"""Values that cannot be, or that contradict each other. What is doubtful is said; no value is ever altered."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.records import Fundamentals


class Doubt(NamedTuple):
    """One doubt: the field it is about, the check that raised it, and a sentence with the figures."""

    field: str
    check: str
    message: str


BOUNDS = {
    "promoter_holding_pct": (Decimal(0), Decimal(100)),
    "dividend_yield_pct": (Decimal(0), Decimal(50)),
    "roe_pct": (Decimal(-500), Decimal(500)),
    "roce_pct": (Decimal(-500), Decimal(500)),
    "current_ratio": (Decimal(0), Decimal(200)),
}


def check(
    record: Fundamentals, *, price_inr: Decimal | None = None, profit_ttm_inr: Decimal | None = None
) -> tuple[Doubt, ...]:
    """What is doubtful about a record."""
    del price_inr, profit_ttm_inr
    found = []
    for name, (low, high) in BOUNDS.items():
        value = getattr(record, name)
        if value is not None and not low <= value <= high:
            found.append(Doubt(name, "bounds", f"{name} {value} is outside of {low} to {high}"))
    return tuple(found)
