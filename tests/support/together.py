"""Tasks that run at the same time and share what one script does: for tests of calls for several symbols."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.config.schemas import EARNINGS, batch_of
from robotrader.core.background_scheduler.models import Dataset, RawAnswer, Task
from robotrader.core.background_scheduler.processors.collector import LINGER_SECONDS
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.paid_batches import JointCall, PaidBatches, Wanted
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.database_state import DatabaseStateManager
from robotrader.settings import SchedulerSettings, ScheduleSettings, SchedulesSettings, Settings
from tests.support.clock import FakeClock
from tests.support.perplexity_shapes import agent_body, answer_text, batch_text
from tests.support.spine import Killed, Process, live


class PatientClock(FakeClock):
    """Nobody waits in vain for others here, so a group begins when it is full or when nobody else can come."""

    async def sleep(self, seconds: float) -> None:
        if seconds == LINGER_SECONDS:
            await asyncio.Event().wait()
        await super().sleep(seconds)


def batched(home: Path, url: str, size: int = 3, *, keys: int = 1, **sections: Any) -> Settings:
    """Five tasks at a time, ``size`` symbols a call."""
    rest, row = ScheduleSettings(enabled=False), replace(ScheduleSettings(), batch=size)
    schedules = SchedulesSettings(earnings=row, news=rest, fundamentals=rest)
    few = SchedulerSettings(concurrency=5, stop_grace_seconds=0.0)
    return live(home, url, keys=keys, **{"schedules": schedules, "scheduler": few, **sections})


Script = Callable[[Process, Sequence[Task]], Awaitable[None]]

BILL = Decimal("0.0100000000000000001")


class Together:
    """The work of several tasks: when all are there, one script runs for them, and all end as it ended.

    What it raises is raised in each of them in the same turn of the loop; so ``Killed`` ends a process with none of its
    tasks handed back.
    """

    def __init__(self, count: int, script: Script) -> None:
        self._count = count
        self._script = script
        self._tasks: list[Task] = []
        self._end: asyncio.Future[None] | None = None
        self.problem: BaseException | None = None

    async def work(self, p: Process, task: Task) -> Outcome | None:
        if self._end is None or self._end.done():
            self._end, self._tasks = asyncio.get_running_loop().create_future(), []
        end = self._end
        self._tasks.append(task)
        if len(self._tasks) == self._count:
            self._running = asyncio.create_task(self._run(p, sorted(self._tasks, key=lambda each: each.symbol or "")))
        await end
        if isinstance(self.problem, Killed):
            raise Killed
        return None

    async def _run(self, p: Process, tasks: Sequence[Task]) -> None:
        try:
            await self._script(p, tasks)
        except BaseException as problem:  # noqa: BLE001 - told to whoever runs the tasks
            self.problem = problem
        assert self._end is not None
        self._end.set_result(None)


async def claim(p: Process, tasks: Sequence[Task]) -> JointCall:
    """One call for the tasks."""
    call = await batches(await p.get(PaidCallStore)).claim([Wanted(task, None) for task in tasks], Dataset.EARNINGS)
    assert call is not None
    return call


def batches(ledger: PaidCallStore) -> PaidBatches:
    return PaidBatches(ledger)


def joint_answer(symbols: Sequence[str], *, without: Sequence[str] = (), cost: Decimal | None = BILL) -> RawAnswer:
    """What a service sends for several symbols, as it is archived."""
    wish = _request(dict(batch_of(EARNINGS)))
    text = batch_text(wish, symbols, without=without, twice=(), empty=())
    return _raw(wish, agent_body(wish, symbols[0], text, others=symbols[1:]), cost)


def lone_answer(symbol: str, *, cost: Decimal | None = BILL) -> RawAnswer:
    """What it sends for one."""
    wish = _request(dict(EARNINGS))
    return _raw(wish, agent_body(wish, symbol, answer_text(wish, symbol)), cost)


def _request(schema: dict[str, Any]) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "earnings", "schema": schema}}}


def _raw(wish: dict[str, Any], body: dict[str, Any], cost: Decimal | None) -> RawAnswer:
    return RawAnswer(
        provider="perplexity",
        request={"method": "POST", "url": "http://127.0.0.1/v1/agent", "json": wish},
        status_code=200,
        headers={"content-type": "application/json"},
        body=json.dumps(body),
        complete=True,
        usable=True,
        cost_usd=cost,
    )


async def ledger_adds_up(p: Process) -> None:
    """What the budget counts is what the rows say: bills and open reservations, each shared one once."""
    sql = "SELECT id, status, reserved_usd, cost_usd, batch_id FROM paid_calls"
    db = await p.get(DatabaseStateManager)
    rows = await db.read(lambda tx: tx.all(sql))
    documents = await db.read(lambda tx: tx.all("SELECT cost_usd FROM documents"))
    spent = await (await p.get(PaidCallStore)).spent("perplexity")
    standing = [row for row in rows if row[4] in (None, "alone", row[0])]
    waiting = [row for row in standing if row[1] in ("claimed", "sent", "unknown")]
    assert spent.month_calls == len(documents) + len(waiting)
    billed = sum((Decimal(cost) for (cost,) in documents if cost is not None), Decimal(0))
    unstated = sum(Decimal("0.02") for (cost,) in documents if cost is None)
    assert spent.month_usd == billed + unstated + sum((Decimal(row[2]) for row in waiting), Decimal(0))
    shared = sum((Decimal(row[3]) for row in rows if row[3] is not None), Decimal(0))
    assert shared == billed
    assert all(row[2] == "0" for row in rows if row not in standing)
