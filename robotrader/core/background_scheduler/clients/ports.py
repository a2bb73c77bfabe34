"""What a client of a paid service needs: a ledger row for its call, and limits that outlive the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from robotrader.core.background_scheduler.models import BreakerState, Dataset, KeyState, RawAnswer


class Question(NamedTuple):
    """One question for a research service, about one company or about several.

    Attributes:
        symbol: the symbol it is about, or all of them with commas between.
        instructions: the rules of the answer (system text), from the versioned prompt file.
        text: the question itself.
        schema_name: 1 to 64 letters, digits or underscores.
        schema: JSON schema with fixed keys and ``additionalProperties: false``.
        companies: about how many.
    """

    dataset: Dataset
    symbol: str
    instructions: str
    text: str
    schema_name: str
    schema: Mapping[str, Any]
    companies: int = 1


Chooser = Callable[[BreakerState, Mapping[str, KeyState]], str | None]
"""Names the key to ask with, by its fingerprint, or none; pure, for it may be called more than once."""


KeyOf = Callable[[Any], str | None]
"""Names, within a transaction of the store behind both ports, the key to ask with at once; None where there is none."""

Place = tuple[BreakerState, Mapping[str, KeyState], str | None, float]
"""The breaker and the keys (by fingerprint) as found, the key chosen, and the seconds until its place comes."""


class CallPort(Protocol):
    """The row of the ledger that one paid call lives in, already claimed within the budget."""

    async def sent(self, fingerprint: str) -> None:
        """Commit "sent" before the request leaves.

        Raises:
            OutcomeUnknownError: the row is no longer ours to send (lease lost, or already sent).
        """
        ...

    async def sent_by(self, key_of: KeyOf) -> bool:
        """The same in the transaction in which ``key_of`` names the key; False, and not "sent", where it names none."""
        ...

    async def refused(self, reason: str) -> None:
        """The service refused and billed nothing: the row may be sent again."""
        ...

    async def unknown(self, reason: str) -> None:
        """It was sent and nobody can know whether it was billed."""
        ...

    async def answered(self, raw: RawAnswer) -> str:
        """Archive the answer on disk, then record it; returns the document's id."""
        ...


class LimitsPort(Protocol):
    """Key cool-downs, the rate window and the circuit breaker, shared by every process of a home."""

    async def key_states(self, service: str) -> Mapping[str, KeyState]:
        """What is remembered of each key, by fingerprint."""
        ...

    async def save_key_state(self, service: str, state: KeyState) -> None:
        """Remember it for every process."""
        ...

    def admit(self, transaction: Any, service: str, choose: Chooser, per_minute: int) -> Place:
        """Part of a transaction: let ``choose`` pick a key, and take a place in its sliding one-minute window."""
        ...

    async def breaker(self, service: str) -> BreakerState:
        """The breaker as every process sees it."""
        ...

    async def record_outcome(self, service: str, *, ok: bool, now: datetime) -> BreakerState:
        """Count a success or a failure; opens the breaker where the failures in a row reach its limit."""
        ...
