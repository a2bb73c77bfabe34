"""No more requests on their way than allowed, and what says that it is sent meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from robotrader.core.background_scheduler.clients.seats import Seats
from robotrader.core.background_scheduler.models import CallStatus
from robotrader.core.errors import StoreBusyError, TaskTimeoutError
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


async def test_a_seat_comes_soon_where_one_is_free_or_many_were_just_left() -> None:
    seats = Seats(1, flow=3, patience_seconds=60)
    assert seats.soon()
    for times in range(3):
        assert await seats.take(0)
        assert not seats.soon(), times
        seats.leave()
    assert await seats.take(0)
    assert seats.soon()


async def test_no_seat_comes_soon_where_the_last_ones_took_long() -> None:
    seats = Seats(1, flow=3, patience_seconds=0.0)
    for _ in range(5):
        assert await seats.take(0)
        seats.leave()
        await asyncio.sleep(0.001)
    assert await seats.take(0)
    assert not seats.soon()


def quick(count: int, patience_seconds: float = 60.0) -> Seats:
    """Seats of which one will always be free soon."""
    return Seats(count, flow=0, patience_seconds=patience_seconds)


async def test_the_next_one_is_written_down_while_it_waits_and_leaves_when_a_seat_is_free() -> None:
    async with desk("hang", "answer", seats=quick(1)) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent"])
        assert len(d.server.requests) == 1
        await end(first)
        await second
        assert call.history == ["sent", "answered"]
        assert len(d.server.requests) == 2


async def test_where_answers_take_long_the_seat_comes_first() -> None:
    async with desk("hang", "answer", seats=Seats(1)) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert call.history == []
        await end(first)
        await second
        assert call.history == ["sent", "answered"]


@pytest.mark.parametrize("seats", [quick(1), Seats(1)])
async def test_while_an_answer_is_archived_the_next_one_may_leave(seats: Seats) -> None:
    async with desk("hang", "answer", "answer", seats=seats) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await asyncio.sleep(0.01)
        await end(first)
        await until(second, call, ["sent"])
        call.pause = asyncio.Event()
        await asyncio.wait_for(d.ask(symbol="INFY"), 5)
        assert call.history == ["sent"]
        call.pause.set()
        await second


async def test_where_none_comes_back_it_is_taken_back_and_sent_once_there_is_a_seat() -> None:
    async with desk("hang", "answer", seats=quick(1, 0.01)) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent", "refused"])
        assert call.reasons == ["no seat came free"]
        assert len(d.server.requests) == 1
        await end(first)
        await second
        assert call.history == ["sent", "refused", "sent", "answered"]
        assert len(d.server.requests) == 2
        assert await d.ask(symbol="INFY")  # the seat was left again


@pytest.mark.parametrize("fails", [False, True])
async def test_cancelled_while_it_waits_it_is_known_that_nothing_has_left(fails: bool) -> None:
    async with desk("hang", "answer", seats=quick(1)) as d:
        first = await one_that_hangs(d)
        call = MemoryCall(fail={"refused": StoreBusyError("busy")} if fails else {})
        second: asyncio.Task[object] = asyncio.create_task(d.ask(call, symbol="TCS"))
        await until(second, call, ["sent"])
        await end(second)
        assert call.history == ["sent"] if fails else ["sent", "refused"]
        assert call.reasons == ([] if fails else ["CancelledError before the request left"])
        await end(first)
        assert await d.ask(symbol="INFY")


@pytest.mark.parametrize("seats", [quick(1, 0.01), quick(1), Seats(1)])
async def test_a_deadline_that_comes_first(seats: Seats) -> None:
    async with desk("hang", seats=seats) as d:
        first, call = await one_that_hangs(d), MemoryCall()
        with pytest.raises(TaskTimeoutError, match="no time was left to ask for the earnings of TCS"):
            await d.ask(call, symbol="TCS", seconds=0.05)
        assert call.status is not CallStatus.SENT
        assert len(d.server.requests) == 1
        await end(first)


@pytest.mark.parametrize("seats", [quick(3, 0.01), quick(3), Seats(3)])
async def test_never_more_on_their_way_than_allowed(seats: Seats) -> None:
    async with desk(*["hang"] * 3, seats=seats) as d:
        calls = [MemoryCall() for _ in range(12)]
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(d.ask(call)) for call in calls]
        await asyncio.sleep(0.1)
        assert len(d.server.requests) == 3
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert len(d.server.requests) == 3
        assert [call.status for call in calls].count(CallStatus.UNKNOWN) == 3
