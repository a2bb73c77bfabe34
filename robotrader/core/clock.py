"""Time as a thing that is passed in, so that tests own it.

Every instant inside the program is a timezone-aware UTC ``datetime``; India Standard Time (UTC+05:30, no daylight
saving since 1945) is for reading schedules and for the screen.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

IST = timezone(timedelta(hours=5, minutes=30), "IST")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

LEEWAY = timedelta(days=1)
"""An instant of the past that lies further ahead than this was written while the clock was wrong."""


class Clock(Protocol):
    """What a service needs to know of time."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less returns after one turn of the loop."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """As ``Clock.now``."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """As ``Clock.monotonic``."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """As ``Clock.sleep``."""
        await asyncio.sleep(max(0.0, seconds))


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exactly; the form instants are stored in.

    Raises:
        ValueError: the instant carries no timezone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a timezone")
    delta = instant - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The instant, in UTC, of a stored number of microseconds."""
    return EPOCH + timedelta(microseconds=micros)


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC with a ``Z``, whole microseconds only where there are any."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
