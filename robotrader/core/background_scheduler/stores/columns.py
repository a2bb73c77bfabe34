"""What may be missing, as it is stored and as it is read: decimals as text, instants as whole microseconds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from robotrader.core.clock import from_micros, to_micros


def text(value: Decimal | None) -> str | None:
    """A decimal as it is stored."""
    return None if value is None else str(value)


def decimal(value: str | None) -> Decimal | None:
    """A stored decimal, exact."""
    return None if value is None else Decimal(value)


def micros(value: datetime | None) -> int | None:
    """An instant as it is stored."""
    return None if value is None else to_micros(value)


def instant(value: int | None) -> datetime | None:
    """A stored instant, in UTC."""
    return None if value is None else from_micros(value)
