"""The packaged calendar, and small ones made of a few rows."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path

from robotrader.core.background_scheduler.config import market_calendar
from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar, load_calendar
from robotrader.core.clock import IST

PACKAGED = Path(market_calendar.__file__).with_suffix(".toml").read_text("utf-8")


@cache
def packaged() -> MarketCalendar:
    """The calendar as it is shipped."""
    return load_calendar(PACKAGED)


def with_rows(override: str) -> MarketCalendar:
    """The shipped calendar with an owner's file on top."""
    return load_calendar(PACKAGED, override, "mine.toml")


def on(text: str) -> date:
    """A day."""
    return date.fromisoformat(text)


def ist(text: str) -> datetime:
    """An instant by an Indian wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=IST)
