"""What is asked of a research service for a task, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from robotrader.core.background_scheduler.clients.ports import CallPort, Question
from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.models import Answer, CallStatus, Dataset, RawAnswer, Task
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


class Line:
    """Who may ask: so many calls at once, over all and of a dataset.

    More tasks than that may be at work, so that while some claim their calls or read their answers others ask.

    Over all a tenth more may ask than may be on their way, which the client's seats see to: writing down that a call is
    sent takes 10 ms, for which a seat would stay empty.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._all = asyncio.Semaphore(at_once + at_once // 10)
        self._of: dict[Dataset, asyncio.Semaphore] = {}

    async def enter(self, spec: TaskSpec) -> Callable[[], None]:
        """Wait for a turn; returns what ends it, which may be called twice."""
        held: list[asyncio.Semaphore] = []

        def leave() -> None:
            while held:
                held.pop().release()

        try:
            for bound in self._bounds(spec):
                await bound.acquire()
                held.append(bound)
        except BaseException:
            leave()
            raise
        return leave

    def _bounds(self, spec: TaskSpec) -> tuple[asyncio.Semaphore, ...]:
        if spec.concurrency >= self._at_once:
            return (self._all,)
        return (self._of.setdefault(spec.dataset, asyncio.Semaphore(spec.concurrency)), self._all)


class _InLine:
    """A call that leaves the line as soon as its answer is there; archiving it holds up nobody."""

    def __init__(self, call: ClaimedCall, leave: Callable[[], None]) -> None:
        self._call, self._leave = call, leave
        self.sent, self.sent_by, self.refused, self.unknown = call.sent, call.sent_by, call.refused, call.unknown

    def answered(self, raw: RawAnswer) -> Coroutine[Any, Any, str]:
        self._leave()
        return self._call.answered(raw)


async def ask(client: Client, question: Question, call: ClaimedCall, wish: Wish, line: Line) -> Answer:
    """Ask in turn; a call that was not sent in the end is given back, or it would stay counted against the budget.

    Raises:
        TradingError: as ``PerplexityClient.ask``.
    """
    try:
        leave = await line.enter(wish.spec)
        try:
            return await client.ask(question, _InLine(call, leave), wish.deadline)
        finally:
            leave()
    except BaseException:
        if call.outcome is CallStatus.CLAIMED:
            await call.refused("not sent")
        raise
