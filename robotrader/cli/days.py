"""Days as they are typed: ``2026-11-20``, or how far back: ``7d``, ``2w``."""

from __future__ import annotations

import re
from datetime import date, datetime

from robotrader.cli import clean, spans
from robotrader.cli.format import IST
from robotrader.core.errors import ValidationError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(text: str) -> date:
    """A day.

    Raises:
        ValidationError: it is none.
    """
    said = text.strip()
    try:
        if _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise ValidationError(f"not a day: {clean.short(text, 30)!r}", remedy="a day is written YYYY-MM-DD: 2026-11-20")


def since(text: str, now: datetime) -> date:
    """The first day that is meant: a day itself, or the one in India a span of time ago.

    Raises:
        ValidationError: it is neither.
    """
    if _DAY.fullmatch(text.strip()):
        return parse(text)
    return (now - spans.parse(text)).astimezone(IST).date()
