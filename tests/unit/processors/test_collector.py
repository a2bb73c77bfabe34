"""Bringing callers together: full groups at once, others soon, nobody for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from robotrader.core.background_scheduler.processors.collector import LINGER_SECONDS, Collector
from tests.support.clock import FakeClock
from tests.support.spine import until


class Desk:
    """Work that is done when the test says so, over a clock on which nobody's sleep ends by itself."""

    def __init__(self) -> None:
        self.clock = FakeClock(patience=0.0)
        self.collector: Collector[str, str] = Collector(self.clock, self.work)
        self.groups: list[Sequence[str]] = []
        self.gate = asyncio.Event()
        self.cancelled: list[Sequence[str]] = []
        self.error: Exception | None = None

    async def work(self, items: Sequence[str]) -> str:
        self.groups.append(items)
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.append(items)
            raise
        if self.error is not None:
            raise self.error
        return "+".join(items)

    def ask(self, item: str, *, most: int = 3, room: int = 100, key: str = "k") -> asyncio.Task[str]:
        return asyncio.create_task(self.collector.join(key, item, most=most, room=room))


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_full_group_does_not_wait() -> None:
    desk = Desk()
    callers = [desk.ask(item) for item in "abcd"]
    await turns()
    assert desk.groups == [("a", "b", "c")]
    desk.gate.set()
    assert await asyncio.gather(*callers[:3]) == ["a+b+c"] * 3
    assert not callers[3].done()
    desk.clock.advance(LINGER_SECONDS)
    assert await callers[3] == "d"


async def test_a_group_that_is_not_full_waits_shortly() -> None:
    desk = Desk()
    desk.gate.set()
    caller = desk.ask("a")
    await turns()
    assert desk.groups == []
    desk.clock.advance(LINGER_SECONDS / 2)
    await turns()
    late = desk.ask("b")
    await turns()
    assert desk.groups == []
    desk.clock.advance(LINGER_SECONDS / 2)
    assert (await caller, await late) == ("a+b", "a+b")


async def test_nobody_waits_where_nobody_else_can_come() -> None:
    desk = Desk()
    callers = [desk.ask(item, most=3, room=4) for item in "abcd"]
    await turns()
    assert desk.groups == [("a", "b", "c"), ("d",)]
    desk.gate.set()
    await asyncio.gather(*callers)
    alone = desk.ask("e", most=3, room=1)
    assert await alone == "e"


async def test_groups_of_different_keys_do_not_mix() -> None:
    desk = Desk()
    desk.gate.set()
    callers = [desk.ask(item, most=2, key=key) for item, key in zip("abcd", "xyxy", strict=True)]
    assert await asyncio.gather(*callers) == ["a+c", "b+d", "a+c", "b+d"]


async def test_an_error_is_everybodys() -> None:
    desk = Desk()
    desk.error = ValueError("no")
    desk.gate.set()
    callers = [desk.ask(item) for item in "abc"]
    for caller in callers:
        with pytest.raises(ValueError, match="no"):
            await caller


async def test_who_leaves_before_the_work_is_not_worked_for() -> None:
    desk = Desk()
    desk.gate.set()
    callers = [desk.ask(item) for item in "ab"]
    await turns()
    callers[0].cancel()
    await turns()
    desk.clock.advance(LINGER_SECONDS)
    assert await callers[1] == "b"
    assert desk.groups == [("b",)]


async def test_who_leaves_during_the_work_leaves_it_to_the_others() -> None:
    desk = Desk()
    callers = [desk.ask(item) for item in "abc"]
    await turns()
    callers[0].cancel()
    await turns()
    assert callers[0].cancelled()
    desk.gate.set()
    assert await asyncio.gather(*callers[1:]) == ["a+b+c"] * 2
    assert desk.cancelled == []


@pytest.mark.parametrize("begun", [True, False])
async def test_the_last_to_leave_stops_the_work_and_waits_for_its_end(begun: bool) -> None:
    desk = Desk()
    callers = [desk.ask(item) for item in ("abc" if begun else "ab")]
    await turns()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    assert desk.cancelled == ([("a", "b", "c")] if begun else [])
    assert desk.groups == desk.cancelled
    desk.gate.set()
    assert await asyncio.gather(*(desk.ask(item) for item in "def")) == ["d+e+f"] * 3


async def test_an_error_that_nobody_waits_for_is_no_fault() -> None:
    """Its last caller leaves in the instant in which the work fails."""
    desk = Desk()
    desk.error = ValueError("no")
    callers = [desk.ask(item) for item in "abc"]
    await until(lambda: desk.groups)
    desk.gate.set()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await turns()


async def test_a_thousand_callers_are_all_served_whatever_the_order() -> None:
    desk = Desk()
    desk.gate.set()
    make: Callable[[int], Awaitable[str]] = lambda n: desk.ask(str(n), most=7, room=50)  # noqa: E731
    callers = asyncio.gather(*(make(n) for n in range(1000)))
    while not callers.done():
        await turns()
        desk.clock.advance(LINGER_SECONDS)
    results = await callers
    assert all(str(n) in results[n].split("+") for n in range(1000))
    assert sorted(item for group in desk.groups for item in group) == sorted(map(str, range(1000)))
