"""The client of Kite, its session and its lists."""

from __future__ import annotations

from robotrader.core.clock import Clock
from robotrader.core.di import DependencyContainer
from robotrader.settings import Settings


def register_kite(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """The client of Kite, its session and its lists."""
