"""What the client of Kite needs: a session that says whose call it is, and gates that every process shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Window(NamedTuple):
    """At most ``limit`` requests in any ``seconds``."""

    limit: int
    seconds: float


class GatesPort(Protocol):
    """The rate gates of a home."""

    async def reserve(self, gate: str, windows: Sequence[Window], patience: float) -> float:
        """Take the next place that is free in every window of ``gate``; returns the seconds to wait before using it.

        Where that is ``patience`` or more, no place is taken.
        """
        ...


class SessionPort(Protocol):
    """The owner's session at the broker."""

    async def token(self) -> str:
        """The access token.

        Raises:
            LoginRequiredError: there is no session, or it has ended.
        """
        ...

    async def died(self, token: str, why: str) -> None:
        """The broker no longer takes this token: remember it for every process."""
        ...
