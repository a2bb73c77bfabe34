"""A row of figures as one line of bars that stand on zero. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

LEVELS, LOSS, MISSING = "▁▂▃▄▅▆▇█", "\N{MINUS SIGN}", "·"
BLOCKS = LEVELS + LOSS + MISSING
"""Everything a trend may be made of: what cannot print all of these shows it in ASCII."""
PLAIN_LEVELS, PLAIN_LOSS, PLAIN_MISSING = "12345678", "-", "."


def sparkline(values: Sequence[Decimal | None], *, plain: bool = False) -> str:
    """A bar for each value, scaled from zero to the greatest; a minus for a negative one and a dot for a missing one.

    A loss has no height, as a bar of one could be taken for a gain. ``plain`` uses ASCII. Fewer than two values make no
    line: the result is empty.
    """
    levels, loss, missing = (PLAIN_LEVELS, PLAIN_LOSS, PLAIN_MISSING) if plain else (LEVELS, LOSS, MISSING)
    known = [value for value in values if value is not None and value.is_finite()]
    if len(known) < 2:
        return ""
    high = max(known)
    drawn = []
    for value in values:
        if value is None or not value.is_finite():
            drawn.append(missing)
        elif value < 0:
            drawn.append(loss)
        else:
            step = value / high * (len(levels) - 1) if high else Decimal(0)
            drawn.append(levels[int(step + Decimal("0.5"))])
    return "".join(drawn)
