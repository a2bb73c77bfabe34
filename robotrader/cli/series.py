"""Stored records as rows of figures over time, oldest first. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from robotrader.core.services.views import EarningsView, FundamentalsView

MOST = 12


class Point(NamedTuple):
    """One figure of one time; None where it is not known."""

    label: str
    value: Decimal | None


def quarters(views: Sequence[EarningsView], field: str) -> list[Point]:
    """A field by quarter, gaps included, of the basis (consolidated or standalone) of the latest quarter alone."""
    found: dict[int, object] = {}
    newest = next((view.record for view in views if _place(view) is not None), None)
    if newest is None:
        return []
    for view in views:
        place = _place(view)
        if place is not None and view.record.get("basis") == newest.get("basis"):
            found.setdefault(place, view.record.get(field))
    last = max(found)
    first = max(min(found), last - MOST + 1)
    return [Point(_name(place), _number(found.get(place))) for place in range(first, last + 1)]


def readings(views: Sequence[FundamentalsView], field: str) -> list[Point]:
    """A field by reading, oldest first; readings that do not state it are left out."""
    found = []
    for view in reversed(views[:MOST]):
        value = _number(view.record.get(field))
        if value is not None:
            found.append(Point(str(view.record.get("as_of") or fmt.local_day(view.fetched_at)), value))
    return found


def _place(view: EarningsView) -> int | None:
    year, quarter = view.record.get("fiscal_year"), view.record.get("fiscal_quarter")
    return None if year is None or quarter is None else int(year) * 4 + int(quarter) - 1


def _name(place: int) -> str:
    return fmt.quarter(place // 4, place % 4 + 1)


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None
