"""Who places orders, and what stops them."""

from __future__ import annotations

from robotrader.core.clock import Clock
from robotrader.core.di import DependencyContainer
from robotrader.settings import Settings


def register_execution(container: DependencyContainer, settings: Settings, clock: Clock) -> None:
    """Who places orders, and what stops them."""
