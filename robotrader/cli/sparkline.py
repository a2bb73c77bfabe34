"""A row of figures as one line of bars that stand on zero. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

BLOCKS = "▁▂▃▄▅▆▇█"
PLAIN = "_.-=+*#@"
GAP = " "


def sparkline(values: Sequence[Decimal | None], *, plain: bool = False) -> str:
    """A bar for each value, scaled from zero (or the least, where that is negative) to the greatest; a gap for None.

    ``plain`` uses ASCII. Fewer than two values make no line: the result is empty.
    """
    known = [value for value in values if value is not None and value.is_finite()]
    if len(known) < 2:
        return ""
    marks = PLAIN if plain else BLOCKS
    low, high = min(Decimal(0), *known), max(Decimal(0), *known)
    height = high - low
    if not height:
        return "".join(GAP if value is None else marks[0] for value in values)
    last = len(marks) - 1
    return "".join(
        GAP if value is None or not value.is_finite() else marks[int((value - low) / height * last + Decimal("0.5"))]
        for value in values
    )
