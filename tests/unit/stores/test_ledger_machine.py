"""The ledger under two processes that claim, send, hang, die and take over from each other, in any order.

Whatever they do: a slot is never sent twice without a refusal between, what may have been billed stays known, and the
budget counts exactly the open reservations and the bills.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from robotrader.core.background_scheduler.models import Dataset, Task
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.triggers import parse_trigger
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import OutcomeUnknownError, TradingError
from robotrader.settings import DatabaseSettings
from tests.support.clock import FakeClock
from tests.support.spine import LEASE_SECONDS, Killed, Process, live, process, raw_answer

WHO = st.sampled_from((0, 1))


class Actor:
    """A process whose only attempt at a time does one step whenever it is told to."""

    def __init__(self) -> None:
        self.commands: asyncio.Queue[tuple[str, asyncio.Future[Any]]] = asyncio.Queue()
        self.stack = AsyncExitStack()
        self.process: Process
        self.ticking: asyncio.Task[Any] | None = None
        self.task: Task | None = None
        self.call: PaidCall | str | None = None
        self.started = asyncio.Event()

    async def work(self, p: Process, task: Task) -> Outcome | None:
        self.task, self.call = task, None
        self.started.set()
        ledger = await p.get(PaidCallStore)
        try:
            while True:
                command, reply = await self.commands.get()
                if command == "end":
                    reply.set_result(None)
                    return None
                if command == "die":
                    reply.set_result(None)
                    raise Killed
                try:
                    reply.set_result(await self.step(command, ledger, task))
                except TradingError as error:
                    reply.set_result(error)
        finally:
            self.task = None

    async def step(self, command: str, ledger: PaidCallStore, task: Task) -> Any:
        if command == "claim":
            self.call = await ledger.claim(task, Dataset.EARNINGS)
        elif isinstance(self.call, PaidCall):
            if command == "send":
                await self.call.sent("key")
            elif command == "refuse":
                await self.call.refused("429")
            elif command == "lose":
                await self.call.unknown("silence")
            elif command == "answer":
                await self.call.answered(raw_answer(cost="0.0170000000000000001"))
        return self.call

    async def tell(self, command: str) -> Any:
        reply = asyncio.get_running_loop().create_future()
        await self.commands.put((command, reply))
        return await reply


class LedgerMachine(RuleBasedStateMachine):
    """Two actors over one home and one symbol, whose slot comes every ten minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = FakeClock(patience=0.0)
        self.actors: list[Actor] = []
        self.outstanding: set[datetime] = set()

    @initialize()
    def open_two(self) -> None:
        self.runner.run(self._open(2))

    async def _open(self, count: int) -> None:
        for _ in range(count):
            actor = Actor()
            home = Path(self.folder.name) / "home"
            fast = replace(live(home, "http://127.0.0.1:9"), database=DatabaseSettings(synchronous="NORMAL"))
            row = {"trigger": parse_trigger("every 10m"), "fresh_for": timedelta(0)}
            actor.process = await actor.stack.enter_async_context(
                process(home, self.clock, actor.work, settings=fast, limit=1, **row)
            )
            await actor.process.watch("SBIN")
            self.actors.append(actor)

    def busy(self, who: int) -> bool:
        return bool(self.actors) and self.actors[who].task is not None

    @precondition(lambda self: not (self.busy(0) and self.busy(1)))
    @rule(who=WHO)
    def tick(self, who: int) -> None:
        """Start a tick; it returns when it has something to do, or has ended."""
        idle = 1 - who if self.busy(who) else who
        self.runner.run(self._tick(self.actors[idle]))

    async def _tick(self, actor: Actor) -> None:
        if actor.ticking is not None:
            await asyncio.wait((actor.ticking,))
        actor.started.clear()
        actor.ticking = asyncio.create_task(actor.process.scheduler.tick())
        started = asyncio.create_task(actor.started.wait())
        await asyncio.wait({actor.ticking, started}, return_when=asyncio.FIRST_COMPLETED)
        started.cancel()

    def whoever_is_busy(self, who: int) -> int:
        return who if self.busy(who) else 1 - who

    @precondition(lambda self: self.busy(0) or self.busy(1))
    @rule(who=WHO, command=st.sampled_from(("claim", "send", "send", "refuse", "lose", "answer")))
    def step(self, who: int, command: str) -> None:
        actor = self.actors[self.whoever_is_busy(who)]
        if actor.call is None:
            command = "claim"
        slot = actor.task.slot if actor.task is not None else None
        before = actor.call.outcome if isinstance(actor.call, PaidCall) else None
        result = self.runner.run(actor.tell(command))
        if slot is None or not isinstance(actor.call, PaidCall) or isinstance(result, TradingError):
            assert result is None or isinstance(result, PaidCall | str | OutcomeUnknownError)
            return
        if command == "send":
            assert slot not in self.outstanding, "sent twice without a refusal between"
            self.outstanding.add(slot)
        elif command == "refuse" and before == "sent":
            self.outstanding.discard(slot)

    @precondition(lambda self: self.busy(0) or self.busy(1))
    @rule(who=WHO, how=st.sampled_from(("end", "end", "die")))
    def leave(self, who: int, how: str) -> None:
        self.runner.run(self._leave(self.whoever_is_busy(who), how))

    async def _leave(self, who: int, how: str) -> None:
        actor = self.actors[who]
        while actor.ticking is not None:
            actor.started.clear()
            await actor.tell(how)
            started = asyncio.create_task(actor.started.wait())
            await asyncio.wait({actor.ticking, started}, return_when=asyncio.FIRST_COMPLETED)
            started.cancel()
            if actor.ticking.done():  # else it has taken the task of the next slot, which the other one planned
                actor.ticking.exception()
                actor.ticking = None
        if how == "die":
            await actor.process.killed()
            await actor.stack.aclose()
            survivor = self.actors[1 - who]
            self.actors = []
            await self._open(1)
            self.actors.insert(1 - who, survivor)

    @rule()
    def a_lease_runs_out(self) -> None:
        """Everything stands still for longer than a lease, renewals too."""
        self.clock._elapsed += LEASE_SECONDS + 1

    @rule()
    def the_next_slot_comes(self) -> None:
        self.clock._elapsed += 600

    @invariant()
    def the_budget_counts_reservations_and_bills(self) -> None:
        if self.actors:
            self.runner.run(self._check_spend())

    async def _check_spend(self) -> None:
        p = self.actors[0].process
        sql = "SELECT status, reserved_usd, cost_usd FROM paid_calls"
        rows = await (await p.get(DatabaseStateManager)).read(lambda tx: tx.all(sql))
        counted = [(status, Decimal(cost or reserved)) for status, reserved, cost in rows if status != "refused"]
        spent = await (await p.get(PaidCallStore)).spent("perplexity")
        assert spent.month_calls == len(counted)
        assert spent.month_usd == sum((usd for _, usd in counted), Decimal(0))
        may_be_billed = sum(status in {"sent", "unknown", "answered"} for status, _ in counted)
        assert may_be_billed >= len(self.outstanding)

    def teardown(self) -> None:
        self.runner.run(self._close())
        self.runner.close()
        self.folder.cleanup()

    async def _close(self) -> None:
        for who in range(len(self.actors)):
            if self.busy(who):
                await self._leave(who, "end")
        for actor in self.actors:
            if actor.ticking is not None:
                await asyncio.wait((actor.ticking,))
            await actor.stack.aclose()


LedgerMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLedger = LedgerMachine.TestCase
