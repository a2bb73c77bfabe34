"""Check and fetch, the same for every dataset: is it due, was it answered already, else ask once and archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from robotrader.core.background_scheduler.clients.judgement import Kind
from robotrader.core.background_scheduler.clients.perplexity_dialects import Dialect, judge
from robotrader.core.background_scheduler.clients.ports import CallPort, Question
from robotrader.core.background_scheduler.models import Answer, CallStatus, Dataset, RawAnswer, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.prompts import load_prompt
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockState, StockStateStore
from robotrader.core.background_scheduler.triggers import Trigger
from robotrader.core.clock import Clock
from robotrader.core.errors import NoDataError, SystemFailure


class Client(Protocol):
    """A research service."""

    async def ask(self, question: Question, call: CallPort, deadline: float) -> Answer:
        """Ask once; see ``PerplexityClient.ask``."""
        ...


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer with when it was fetched. ``paid_calls`` is 0 where it came from the archive or the sandbox."""

    answer: Answer
    fetched_at: datetime
    paid_calls: int


class Research:
    """Asks one provider about symbols.

    Args:
        check_symbol: raises UnknownSymbolError for a symbol the provider cannot know, before anything is spent.
        prompts: the folder of the owner's own prompts.
        billed: whether the provider's calls cost money.
    """

    def __init__(
        self,
        client: Callable[[], Client],
        clock: Clock,
        *,
        states: StockStateStore,
        ledger: PaidCallStore,
        documents: DocumentStore,
        prompts: Path,
        check_symbol: Callable[[str], None],
        billed: bool,
    ) -> None:
        self._client = client
        self._clock = clock
        self._states = states
        self._ledger = ledger
        self._documents = documents
        self._prompts = prompts
        self._check_symbol = check_symbol
        self._billed = billed

    async def fetch(
        self,
        task: Task,
        dataset: Dataset,
        schema: Mapping[str, Any],
        *,
        fresh_for: timedelta,
        trigger: Trigger,
        deadline: float,
    ) -> Fetched | Outcome:
        """The answer for a task, or the SKIPPED outcome where none is due.

        What was asked since the last slot of ``trigger`` with an unknown outcome is asked again by a forced task alone.

        Raises:
            TradingError: as ``PerplexityClient.ask``; BudgetExceededError; UnknownSymbolError.
        """
        symbol, provider = task.symbol, task.provider
        if symbol is None or provider is None:
            raise SystemFailure(f"a {dataset.value} task needs a symbol and a provider", metadata={"task": task.id})
        state = await self._states.get_stock_state(symbol, dataset, provider)
        reason = not_due(task, state, self._clock.now(), fresh_for)
        if reason is not None:
            return Outcome(TaskStatus.SKIPPED, reason, document_id=state.document_id)
        self._check_symbol(symbol)
        prompt = await load_prompt(dataset, self._prompts)
        since = trigger.latest(self._clock.now()) if self._billed and not task.forced else None
        call = await self._ledger.claim(task, dataset, since=since)
        if isinstance(call, str):
            archived = await self._documents.load(call)
            return Fetched(reread(archived.raw, call), archived.document.created_at, 0)
        name = f"{dataset.value}v{''.join(c for c in prompt.version if c.isalnum())}"  # letters and digits only
        question = Question(dataset, symbol, prompt.instructions, prompt.ask(symbol), name, schema)
        try:
            answer = await self._client().ask(question, call, deadline)
        except BaseException:
            if call.outcome is CallStatus.CLAIMED:
                await call.refused("not sent")  # or it would stay counted against the budget
            raise
        return Fetched(answer, self._clock.now(), int(self._billed))


def not_due(task: Task, state: StockState, now: datetime, fresh_for: timedelta) -> str | None:
    """Why a task need not ask, or None where it must."""
    if state.fetched_at is None:
        return None
    if task.forced:
        return "answered by another run since it was asked for" if state.fetched_at >= task.created_at else None
    if state.fresh(now, fresh_for):
        return f"fresh: fetched {_ago(now - state.fetched_at)} ago, asked again after {_ago(fresh_for)}"
    return None


def reread(raw: RawAnswer, document_id: str) -> Answer:
    """An archived answer as it was when it came.

    Raises:
        NoDataError: it was archived, and held nothing usable then.
    """
    dialect: Dialect = "chat" if str(raw.request.get("url", "")).endswith("/chat/completions") else "agent"
    verdict = judge(raw.status_code, raw.headers, raw.body.encode(), dialect, complete=raw.complete)
    if verdict.kind is not Kind.USABLE:
        raise NoDataError(f"the archived answer is not usable: {verdict.reason}", metadata={"document_id": document_id})
    return Answer(raw.provider, verdict.text, verdict.sources, raw.cost_usd, document_id, verdict.model)


def _ago(span: timedelta) -> str:
    """A span in its largest whole unit: ``45 s``, ``3 h``, ``7 days``."""
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {'day' if word == 'days' and count == 1 else word}"
    return f"{seconds} s"
