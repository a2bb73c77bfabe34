"""What is held, and what it is worth."""

from __future__ import annotations

from robotrader.core.clock import Clock
from robotrader.core.di import DependencyContainer
from robotrader.settings import Settings


def register_portfolio(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """What is held, and what it is worth."""
