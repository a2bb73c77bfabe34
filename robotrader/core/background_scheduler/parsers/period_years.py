"""Fiscal years as they are written, and quarters and years that there are none of."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex

FISCAL = r"(?:F\.?[ ]?Y\.?|fiscal(?:[ ]year)?|financial[ ]year)"
"""The words before the digits of a fiscal year; to be used with ``re.I``."""


def fiscal_year(words: str) -> int | None:
    """The year a fiscal year's digits name: 26, 2026, 2025-26, 25-26 and 2526 are all 2026."""
    parts = re.findall(r"\d+", words)
    if len(parts) == 2:
        first, last = int(parts[0]) % 100, int(parts[1]) % 100
        return 2000 + last if (first + 1) % 100 == last else None
    if len(parts) != 1:
        return None
    digits = parts[0]
    if len(digits) == 2:
        return 2000 + int(digits)
    if len(digits) != 4:
        return None
    if digits[:2] in ("19", "20"):
        return int(digits)
    return 2000 + int(digits[2:]) if int(digits[:2]) + 1 == int(digits[2:]) else None


_ABSURD = regex(
    rf"\b(?:(?P<q>Q[ -]?\d{{1,2}}|\d{{1,2}}Q)[ ]?(?:of[ ]|,|-|\(|/|')?[ ]?)?"
    rf"(?:{FISCAL}[ ]{{0,2}}[-']?[ ]?(?P<y>\d{{4}}|\d\d))?\b",
    re.IGNORECASE,
)
_FIRST_YEAR, _LAST_YEAR = 1990, 2045


def _absurd(match: re.Match[str]) -> bool:
    """A fifth quarter, or a year no results are of."""
    if match["q"] and re.sub(r"\D", "", match["q"]) not in ("1", "2", "3", "4"):
        return True
    year = fiscal_year(match["y"]) if match["y"] else None
    return year is not None and not _FIRST_YEAR <= year <= _LAST_YEAR


def impossible_periods(text: str) -> list[tuple[int, int]]:
    """Where ``text`` names a quarter or a year that there is none of: Q5 FY26, FY2062."""
    return [m.span() for m in _ABSURD.finditer(text) if m[0] and _absurd(m)]
