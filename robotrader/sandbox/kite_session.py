"""What the client needs to ask the simulated market: no login, and no limits."""

from __future__ import annotations

from collections.abc import Sequence


class SandboxSession:
    """``clients.kite_ports.SessionPort`` and ``GatesPort``: always there, never full."""

    async def token(self) -> str:
        """A word that stands for a token."""
        return "sandbox"

    async def died(self, token: str, why: str) -> None:
        """Nothing to remember."""
        del token, why

    async def reserve(self, gate: str, windows: Sequence[tuple[int, float]], patience: float) -> float:
        """No wait."""
        del gate, windows, patience
        return 0.0
