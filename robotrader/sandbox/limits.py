"""Limits of the sandbox: kept in memory, so that a rehearsed fault leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from robotrader.core.background_scheduler.clients.ports import Chooser, Place
from robotrader.core.background_scheduler.models import BreakerState, KeyState


class SandboxLimits:
    """``clients.ports.LimitsPort`` for one process; no rate window and no breaker, for nothing is billed."""

    def __init__(self) -> None:
        self._keys: dict[str, KeyState] = {}

    async def key_states(self, service: str) -> Mapping[str, KeyState]:
        """What is remembered of each key in this process."""
        return self._of(service)

    def _of(self, service: str) -> Mapping[str, KeyState]:
        return {state.fingerprint: state for name, state in self._keys.items() if name.startswith(f"{service}:")}

    async def save_key_state(self, service: str, state: KeyState) -> None:
        """Remember it until the process ends."""
        self._keys[f"{service}:{state.fingerprint}"] = state

    def admit(self, transaction: Any, service: str, choose: Chooser, per_minute: int) -> Place:
        """No wait."""
        del transaction, per_minute
        keys = self._of(service)
        return BreakerState(), keys, choose(BreakerState(), keys), 0.0

    async def breaker(self, service: str) -> BreakerState:
        """Always closed."""
        del service
        return BreakerState()

    async def record_outcome(self, service: str, *, ok: bool, now: datetime) -> BreakerState:
        """Counts nothing."""
        del service, ok, now
        return BreakerState()
