"""What is asked of a research service for a task, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from robotrader.core.background_scheduler.clients.ports import CallPort, Question
from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.models import Answer, CallStatus, Task
from robotrader.core.background_scheduler.processors.prompts import Prompt


class Client(Protocol):
    """A research service."""

    async def ask(self, question: Question, call: CallPort, deadline: float) -> Answer:
        """Ask once; see ``PerplexityClient.ask``."""
        ...


class ClaimedCall(CallPort, Protocol):
    """A claimed call, which knows how far it has come."""

    outcome: CallStatus


class Wish(NamedTuple):
    """What a task wants to know.

    Attributes:
        since: a call for the same symbol of a slot since then whose outcome is unknown keeps it from asking; None where
            it asks all the same.
        deadline: an instant of the clock's monotonic time.
    """

    task: Task
    symbol: str
    spec: TaskSpec
    schema: Mapping[str, Any]
    prompt: Prompt
    since: datetime | None
    deadline: float


class Fetched(NamedTuple):
    """An answer with when it was fetched, and what was billed for it here (nothing where it came from the archive).

    ``shared`` is True for the part of an answer about several symbols: where it holds no data, ``Research.again`` asks.
    """

    answer: Answer
    fetched_at: datetime
    paid_calls: int
    cost_usd: Decimal | None
    shared: bool = False


def schema_name(wish: Wish, kind: str = "") -> str:
    """A name in letters and digits: the service prepares a schema once for each name."""
    return f"{wish.spec.dataset.value}{kind}v{''.join(c for c in wish.prompt.version if c.isalnum())}"


async def ask(client: Client, question: Question, call: ClaimedCall, deadline: float) -> Answer:
    """Ask; a call that was not sent in the end is given back, or it would stay counted against the budget.

    Raises:
        TradingError: as ``PerplexityClient.ask``.
    """
    try:
        return await client.ask(question, call, deadline)
    except BaseException:
        if call.outcome is CallStatus.CLAIMED:
            await call.refused("not sent")
        raise
