"""Several symbols in one paid call: tasks that are due at the same time share it, each gets its part of the answer.

What is not unmistakably in the answer is not taken from it: its symbol is asked for alone, once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from robotrader.core.background_scheduler.clients.ports import Question
from robotrader.core.background_scheduler.config.schemas import batch_of
from robotrader.core.background_scheduler.models import Answer, CallStatus, Task
from robotrader.core.background_scheduler.parsers.answer_parts import Part, find_parts
from robotrader.core.background_scheduler.processors.asking import Client, Fetched, Line, Wish, ask, schema_name
from robotrader.core.background_scheduler.processors.collector import Collector
from robotrader.core.background_scheduler.stores.paid_batches import Bill, JointCall, PaidBatches, Wanted
from robotrader.core.clock import Clock
from robotrader.core.errors import OutcomeUnknownError, TradingError

logger = logging.getLogger(__name__)


class _Joint(NamedTuple):
    """What a shared call came to; ``answer`` is None where nothing usable came.

    ``claimed`` are the ids of the tasks it was claimed for, ``bills`` what it cost each task it was sent for.
    """

    claimed: frozenset[str]
    answer: Answer | None
    parts: Mapping[str, Part]
    bills: Mapping[str, Bill]
    fetched_at: datetime


class Batches:
    """Shared calls of one process.

    Args:
        line: who may ask now.
        at_once: the most tasks that run at the same time in this process.
        billed: whether the provider's calls cost money.
    """

    def __init__(
        self, client: Callable[[], Client], clock: Clock, *, rows: PaidBatches, line: Line, at_once: int, billed: bool
    ) -> None:
        self._client = client
        self._clock = clock
        self._rows = rows
        self._line = line
        self._at_once = at_once
        self._billed = billed
        self._collector: Collector[Wish, _Joint | None] = Collector(clock, self._ask)

    async def fetch(self, wish: Wish) -> Fetched | None:
        """The part of an answer that is about a task's symbol; None where the task has to ask alone.

        That is so where its slot was asked for before, where nobody shares the call, and where the answer has no part
        that is unmistakably about the symbol.

        Raises:
            TradingError: as ``PerplexityClient.ask``, for every task that shares the call; BudgetExceededError.
        """
        task, spec = wish.task, wish.spec
        if not await self._rows.sharable(Wanted(task, wish.since), spec.dataset):
            return None
        room = min(spec.concurrency, self._at_once)
        joint = await self._collector.join(spec.dataset.value, wish, most=spec.batch, room=room)
        if joint is None or task.id not in joint.claimed:
            return None
        bill = joint.bills.get(task.id)
        if bill is None:
            raise OutcomeUnknownError("the call is no longer this process's to send", recoverable=False)
        part = joint.parts.get(wish.symbol)
        if joint.answer is None or part is None:
            logger.info("%s of %s: not in the batch's answer, asked for alone", spec.word, wish.symbol)
            await self._rows.leave_out(task, spec.dataset)
            return None
        paid = bill.calls if self._billed else 0
        return Fetched(part_of(joint.answer, part), joint.fetched_at, paid, bill.usd, shared=True)

    async def _ask(self, wishes: Sequence[Wish]) -> _Joint | None:
        if len(wishes) < 2:
            return None
        first, dataset = wishes[0], wishes[0].spec.dataset
        call = await self._rows.claim([Wanted(wish.task, wish.since) for wish in wishes], dataset)
        if call is None:
            return None
        claimed = frozenset(member.task.id for member in call.members)
        symbols = [wish.symbol for wish in wishes if wish.task.id in claimed]
        question = Question(
            dataset,
            ", ".join(symbols),
            first.prompt.instructions,
            first.prompt.ask_all(symbols),
            schema_name(first, "batch"),
            batch_of(first.schema),
            len(symbols),
        )
        try:
            hurried = first._replace(deadline=min(wish.deadline for wish in wishes))
            answer = await ask(self._client(), question, call, hurried, self._line)
        except TradingError as error:
            if call.outcome is not CallStatus.ANSWERED:
                raise
            logger.warning("a batch of %d brought nothing usable, each is asked for alone: %s", len(symbols), error)
            return _Joint(claimed, None, {}, await self._bills(call), self._clock.now())
        now, bills = self._clock.now(), await self._bills(call)
        parts = await asyncio.to_thread(find_parts, answer.text, symbols)
        return _Joint(claimed, answer, parts, bills, now)

    async def _bills(self, call: JointCall) -> Mapping[str, Bill]:
        tasks: list[Task] = [member.task for member in call.members]
        return await self._rows.bills(tasks)


def part_of(answer: Answer, part: Part) -> Answer:
    """A part of an answer as an answer of its own."""
    return answer._replace(text=part.text, offset=answer.offset + part.offset)
