"""The emergency stop as a row: set once, told once, lifted with what it held back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from robotrader.core.background_scheduler.models import TaskStatus
from robotrader.core.background_scheduler.stores import halt_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import BudgetExceededError, HaltedError
from robotrader.core.services.lifecycle_service import LONGEST_REASON, LifecycleService
from robotrader.core.services.order_words import WITHHELD
from tests.support.spine import Process, process


async def told(one: Process) -> list[tuple[str, dict[str, Any]]]:
    found = (await (await one.get(EventStore)).list(limit=100))[::-1]
    system = [each.event for each in found if each.event.type.value.startswith("system.")]
    return [(each.type.value, dict(each.data)) for each in system if each.type.value != "system.state_changed"]


async def test_set_and_lifted_each_told_once(home, clock) -> None:
    async with process(home, clock) as one:
        service = await one.get(LifecycleService)
        halt, new = await service.stop("  odd\nprices ")
        assert (halt.reason, halt.since, new) == ("odd prices", clock.now(), True)
        clock.advance(60)
        again, new = await service.stop("another reason")
        assert (again, new) == (halt, False)
        resumed = await service.resume()
        assert (resumed.lifted, resumed.released) == (halt, 0)
        assert (await service.resume()).lifted is None
        kinds = await told(one)
        assert [kind for kind, _ in kinds] == ["system.emergency_stop", "system.resumed"]
        assert kinds[0][1]["reason"] == "odd prices"
        assert "robotrader emergency-stop" in kinds[0][1]["by"]


async def test_it_holds_for_every_process_and_after_a_restart(home, clock) -> None:
    async with process(home, clock) as one:
        await (await one.get(LifecycleService)).stop("x")
    async with process(home, clock) as two:
        db = await two.get(DatabaseStateManager)
        with pytest.raises(HaltedError, match="the emergency stop is on: x"):
            await db.read(halt_store.check)


async def test_what_it_held_back_is_due_at_once_and_nothing_else(home, clock) -> None:
    errors = {"SBIN": HaltedError("the stop"), "TCS": BudgetExceededError("the budget")}

    async def refuse(_: Process, task: Any) -> None:
        raise errors[task.symbol]

    async with process(home, clock, refuse) as one:
        await one.watch("SBIN", "TCS")
        await one.scheduler.tick()
        waits = {task.symbol: task for task in await one.tasks()}
        assert {task.status for task in waits.values()} == {TaskStatus.DEFERRED}
        service = await one.get(LifecycleService)
        await service.stop("x")
        clock.advance(5)
        assert (await service.resume()).released == 1
        after = {task.symbol: task for task in await one.tasks()}
        assert after["SBIN"].not_before == clock.now()
        assert after["TCS"].not_before == waits["TCS"].not_before
        assert waits["TCS"].not_before > clock.now() + timedelta(minutes=5)


async def test_a_long_or_private_reason_is_cut_and_withheld(home, clock) -> None:
    async with process(home, clock) as one:
        service = await one.get(LifecycleService)
        halt, _ = await service.stop("call 98765 43210 " + "x" * 500)
        assert len(halt.reason) == LONGEST_REASON
        ((kind, data),) = await told(one)
        assert (kind, data["reason"]) == ("system.emergency_stop", WITHHELD)
