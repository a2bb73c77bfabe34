"""Check and fetch, the same for every dataset: is it due, was it answered already, else ask once and archive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from robotrader.core.background_scheduler.clients.judgement import Kind
from robotrader.core.background_scheduler.clients.perplexity_dialects import Dialect, judge
from robotrader.core.background_scheduler.clients.ports import Question
from robotrader.core.background_scheduler.config.schemas import is_batch
from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.models import Answer, RawAnswer, Task, TaskStatus
from robotrader.core.background_scheduler.parsers.answer_parts import find_parts
from robotrader.core.background_scheduler.processors.asking import Client, Fetched, Line, Wish, ask, schema_name
from robotrader.core.background_scheduler.processors.batching import Batches, part_of
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.prompts import PromptShelf
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.paid_batches import PaidBatches
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockState, StockStateStore
from robotrader.core.clock import LEEWAY, Clock
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError, SystemFailure

T = TypeVar("T")


class Research:
    """Asks one provider about symbols.

    Args:
        check_symbol: raises UnknownSymbolError for a symbol the provider cannot know, before anything is spent.
        prompts: the folder of the owner's own prompts.
        billed: whether the provider's calls cost money.
        at_once: the most calls on their way at the same time in this process.
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
        at_once: int,
    ) -> None:
        self._client = client
        self._clock = clock
        self._states = states
        self._ledger = ledger
        self._documents = documents
        self._prompts = PromptShelf(prompts, clock)
        self._check_symbol = check_symbol
        self._billed = billed
        self._rows = PaidBatches(ledger)
        self._line = Line(at_once)
        self._batches = Batches(client, clock, rows=self._rows, line=self._line, at_once=at_once, billed=billed)

    async def fetch(self, task: Task, spec: TaskSpec, schema: Mapping[str, Any], deadline: float) -> Fetched | Outcome:
        """The answer for a task, or the SKIPPED outcome where none is due.

        What was asked since the schedule's last slot with an unknown outcome is asked again by a forced task alone,
        and a forced task shares its call with no other.

        Raises:
            TradingError: as ``PerplexityClient.ask``; BudgetExceededError; UnknownSymbolError.
        """
        symbol, provider, dataset = task.symbol, task.provider, spec.dataset
        if symbol is None or provider is None:
            raise SystemFailure(f"a {dataset.value} task needs a symbol and a provider", metadata={"task": task.id})

        def look(tx: Transaction) -> Outcome | None:
            state = self._states.look(tx, symbol, dataset, provider)
            reason = not_due(task, state, self._clock.now(), spec.fresh(symbol))
            if reason is not None:
                return Outcome(TaskStatus.SKIPPED, reason, document_id=state.document_id)
            self._check_symbol(symbol)
            return None

        wish = await self._wish(task, spec, schema, deadline)
        if spec.batch > 1 and not task.forced:
            found = await self._ledger.look(lambda tx, _: look(tx)) or await self._batches.fetch(wish)
            if found is not None:
                return found
        return await self._alone(wish, look)

    async def again(self, task: Task, spec: TaskSpec, schema: Mapping[str, Any], deadline: float) -> Fetched:
        """The answer of a call of its own, for a task whose part of a shared answer holds no data.

        Raises:
            TradingError: as ``fetch``.
        """
        wish = await self._wish(task, spec, schema, deadline)
        await self._rows.leave_out(task, spec.dataset)
        return await self._alone(wish, lambda _: None)

    async def _wish(self, task: Task, spec: TaskSpec, schema: Mapping[str, Any], deadline: float) -> Wish:
        prompt = await self._prompts.get(spec.dataset)
        since = spec.trigger.latest(self._clock.now()) if self._billed and not task.forced else None
        return Wish(task, task.symbol or "", spec, schema, prompt, since, deadline)

    async def _alone(self, wish: Wish, unless: Callable[[Transaction], T | None]) -> Fetched | T:
        task, dataset, prompt = wish.task, wish.spec.dataset, wish.prompt
        call = await self._ledger.claim(task, dataset, since=wish.since, unless=unless)
        if isinstance(call, str):
            found = await self._archived(wish, call)
            if found is not None:
                return found
            await self._rows.leave_out(task, dataset)
            return await self._alone(wish, unless)
        if not isinstance(call, PaidCall):
            return call
        name = schema_name(wish)
        question = Question(dataset, wish.symbol, prompt.instructions, prompt.ask(wish.symbol), name, wish.schema)
        answer = await ask(self._client(), question, call, wish, self._line)
        now = self._clock.now()
        if not call.left_out:
            return Fetched(answer, now, int(self._billed), answer.cost_usd)
        bill = (await self._rows.bills([task]))[task.id]
        return Fetched(answer, now, bill.calls if self._billed else 0, bill.usd)

    async def _archived(self, wish: Wish, document_id: str) -> Fetched | None:
        """The answer that a slot had already; None where that was a shared one with nothing for the symbol."""
        archived = await self._documents.load(document_id)
        shared = is_shared(archived.raw)
        try:
            answer = reread(archived.raw, document_id, wish.symbol)
        except NoDataError:
            if shared:
                return None
            raise
        bill = (await self._rows.bills([wish.task]))[wish.task.id]
        paid = bill.calls if bill.batched and self._billed else 0
        return Fetched(answer, archived.document.created_at, paid, bill.usd, shared)


def not_due(task: Task, state: StockState, now: datetime, fresh_for: timedelta) -> str | None:
    """Why a task need not ask, or None where it must."""
    if state.fetched_at is None or state.fetched_at > now + LEEWAY:
        return None  # never fetched, or by a clock that ran ahead
    if task.forced:
        return "answered by another run since it was asked for" if state.fetched_at >= task.created_at else None
    if state.wanted is None and state.fresh(now, fresh_for):
        return f"fresh: fetched {_ago(now - state.fetched_at)} ago, asked again after {_ago(fresh_for)}"
    return None


def reread(raw: RawAnswer, document_id: str, symbol: str | None = None) -> Answer:
    """An archived answer as it was when it came; of one about several symbols the part about ``symbol``.

    Raises:
        NoDataError: it was archived, and held nothing usable (of the symbol) then.
    """
    dialect: Dialect = "chat" if str(raw.request.get("url", "")).endswith("/chat/completions") else "agent"
    verdict = judge(raw.status_code, raw.headers, raw.body.encode(), dialect, complete=raw.complete)
    metadata = {"document_id": document_id}
    if verdict.kind is not Kind.USABLE:
        raise NoDataError(f"the archived answer is not usable: {verdict.reason}", metadata=metadata)
    answer = Answer(raw.provider, verdict.text, verdict.sources, raw.cost_usd, document_id, verdict.model)
    if symbol is None or not is_shared(raw):
        return answer
    part = find_parts(answer.text, [symbol]).get(symbol)
    if part is None:
        raise NoDataError(f"the archived answer has no clear part about {symbol}", metadata=metadata)
    return part_of(answer, part)


def is_shared(raw: RawAnswer) -> bool:
    """Whether an answer is one about several symbols, going by what was asked for."""
    node: Any = raw.request
    for name in ("json", "response_format", "json_schema", "schema"):
        node = node.get(name) if isinstance(node, Mapping) else None
    return is_batch(node)


def _ago(span: timedelta) -> str:
    """A span in its largest whole unit: ``45 s``, ``3 h``, ``7 days``."""
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {'day' if word == 'days' and count == 1 else word}"
    return f"{seconds} s"
