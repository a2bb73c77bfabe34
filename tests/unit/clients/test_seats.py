"""No more requests on their way than allowed, and what says that it is sent meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from robotrader.core.background_scheduler.clients.seats import Seats
from robotrader.core.errors import TaskTimeoutError
from tests.support.asking import Desk, desk
from tests.support.ports import MemoryCall


async def until(done: asyncio.Task[object], call: MemoryCall, history: list[str]) -> None:
    """Let the others go on until a call has come so far."""
    while call.history != history:
        assert not done.done()
        await asyncio.sleep(0.001)


async def one_that_hangs(d: Desk) -> asyncio.Task[object]:
    """A request that is on its way and does not come back."""
    task: asyncio.Task[object] = asyncio.create_task(d.ask())
    await d.server.arrived.wait()
    return task


async def end(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_comes_later_waits_in_order() -> None:
    seats, order = Seats(2), list[int]()

    async def sit(number: int) -> None:
        assert await seats.take(5)
        order.append(number)

    assert await seats.take(0)
    assert await seats.take(0)
    assert not await seats.take(0)
    waiting = [asyncio.create_task(sit(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert order == []
    for _ in waiting:
        seats.leave()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


@pytest.mark.parametrize("how", ["cancelled", "time is up"])
async def test_who_gives_up_leaves_no_seat_empty(how: str) -> None:
    seats = Seats(1)
    assert await seats.take(0)
    gone = asyncio.create_task(seats.take(5 if how == "cancelled" else 0))
    later = asyncio.create_task(seats.take(5))
    await asyncio.sleep(0)
    if how == "cancelled":
        gone.cancel()
    await asyncio.wait({gone})
    seats.leave()
    assert await later


async def test_the_next_one_is_written_down_while_it_waits_and_leaves_when_a_seat_is_free() -> None:
    async with desk("hang", "answer", at_once=1) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent"])
        assert len(d.server.requests) == 1
        await end(first)
        await second
        assert call.history == ["sent", "answered"]
        assert len(d.server.requests) == 2


async def test_where_none_comes_back_it_is_taken_back_and_sent_once_there_is_a_seat() -> None:
    async with desk("hang", "answer", at_once=1) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent", "refused"])
        assert call.reasons == ["others were on their way"]
        assert len(d.server.requests) == 1
        await end(first)
        await second
        assert call.history == ["sent", "refused", "sent", "answered"]
        assert len(d.server.requests) == 2
        assert await d.ask(symbol="INFY")  # the seat was left again


async def test_cancelled_while_it_waits_it_is_known_that_nothing_has_left() -> None:
    async with desk("hang", "answer", at_once=1) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent"])
        await end(second)
        assert call.history == ["sent", "refused"]
        assert call.reasons == ["cancelled before the request left"]
        await end(first)
        assert await d.ask(symbol="INFY")


@pytest.mark.parametrize("seconds", [0.05, 1.2])
async def test_a_deadline_that_comes_first(seconds: float) -> None:
    async with desk("hang", at_once=1) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        with pytest.raises(TaskTimeoutError, match="no time was left to ask for the earnings of TCS"):
            await d.ask(call, symbol="TCS", seconds=seconds)
        assert call.history == ["sent", "refused"]
        assert len(d.server.requests) == 1
        await end(first)


async def test_never_more_on_their_way_than_allowed() -> None:
    async with desk(*["hang"] * 3, at_once=3) as d:
        calls = [MemoryCall() for _ in range(12)]
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(d.ask(call)) for call in calls]
        for task, call in zip(tasks[3:], calls[3:], strict=True):
            await until(task, call, ["sent", "refused"])
        assert len(d.server.requests) == 3
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert len(d.server.requests) == 3
