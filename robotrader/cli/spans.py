"""How far back: ``30m``, ``6h``, ``2d``, ``1w``."""

from __future__ import annotations

import re
from datetime import timedelta

from robotrader.core.errors import ValidationError

UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
LONGEST = timedelta(days=3_660)
_SPAN = re.compile(r"([1-9][0-9]{0,6})([mhdw])")


def parse(text: str) -> timedelta:
    """A span of time: a whole number and one of m (minutes), h, d, w.

    Raises:
        ValidationError: it is none, or longer than ten years.
    """
    match = _SPAN.fullmatch(text.strip().lower())
    shown = text if len(text) <= 30 else text[:30] + "..."
    if match is None or not text.isascii():
        raise ValidationError(f"not a span of time: {shown!r}", remedy="write it as 30m, 6h, 2d or 1w")
    span = int(match[1]) * UNITS[match[2]]
    if span > LONGEST:
        raise ValidationError(f"longer than ten years: {shown}", remedy="leave it out to see all that is stored")
    return span
