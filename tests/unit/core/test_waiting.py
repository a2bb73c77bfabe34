"""Waiting for a future without being bound to it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine, Generator
from typing import Any

import pytest

from robotrader.core.waiting import Waiter, ended


async def steps_until_done(task: asyncio.Task[Any]) -> int:
    """How often the loop goes round until a task has ended."""
    count = 0
    while not task.done():
        count += 1
        await asyncio.sleep(0)
    return count


def pending() -> asyncio.Future[int]:
    return asyncio.get_running_loop().create_future()


async def started(work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    task = asyncio.create_task(work)
    await asyncio.sleep(0)
    return task


async def test_the_future_wakes_the_task_as_directly_as_if_it_were_awaited() -> None:
    future = pending()

    async def plainly() -> int:
        return await future

    tasks = [await started(plainly()), await started(_ended(future))]
    future.set_result(7)
    assert await steps_until_done(tasks[0]) == 1
    assert tasks[1].done()
    assert tasks[1].result() is None


async def _ended(future: asyncio.Future[Any], seconds: float | None = None) -> asyncio.CancelledError | None:
    return await ended(future, seconds)


@pytest.mark.parametrize("end", ["result", "exception", "cancel"])
async def test_how_the_future_ended_is_left_to_others(end: str) -> None:
    future = pending()
    task = await started(_ended(future))
    if end == "result":
        future.set_result(7)
    elif end == "exception":
        future.set_exception(LookupError("its own"))
    else:
        future.cancel()
    assert await task is None
    if end == "exception":
        with pytest.raises(LookupError):
            future.result()
    assert future.cancelled() is (end == "cancel")
    assert await ended(future) is None


async def test_cancelling_the_task_leaves_the_future_alone_and_is_told_with_its_words() -> None:
    future = pending()
    task = await started(_ended(future))
    task.cancel("enough")
    told = await task
    assert isinstance(told, asyncio.CancelledError)
    assert told.args == ("enough",)
    assert not future.done()
    future.set_result(7)
    await asyncio.sleep(0)  # nobody is woken by it any more


async def test_a_cancellation_that_comes_with_the_end_is_told() -> None:
    future = pending()
    task = await started(_ended(future))
    future.set_result(7)
    task.cancel()
    assert isinstance(await task, asyncio.CancelledError)


async def test_one_that_was_cancelled_before_it_waits_hears_of_it() -> None:
    future = pending()
    task = asyncio.create_task(_later(future))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task  # before its first step: it never began

    async def cancels_itself() -> asyncio.CancelledError | None:
        me = asyncio.current_task()
        assert me is not None
        me.cancel()
        return await ended(future)

    assert isinstance(await asyncio.create_task(cancels_itself()), asyncio.CancelledError)
    assert not future.done()


async def _later(future: asyncio.Future[Any]) -> None:
    await ended(future)


async def test_it_waits_no_longer_than_it_may() -> None:
    future = pending()
    assert await ended(future, 0.001) is None
    assert not future.done()
    task = await started(_ended(future, 3600))
    future.set_result(7)
    assert await task is None


async def test_a_task_that_waits_again_after_a_cancellation_sees_the_end() -> None:
    future = pending()

    async def through() -> tuple[bool, int]:
        interrupted = await ended(future) is not None
        assert await ended(future) is None
        return interrupted, future.result()

    task = await started(through())
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    future.set_result(7)
    assert await task == (True, 7)


class _Driver:
    """Drives a coroutine by hand inside a task, and waits for what it waits for."""

    def __init__(self, coro: Coroutine[Any, Any, Any]) -> None:
        self._coro = coro
        self.waiter: Waiter | None = None

    def __await__(self) -> Generator[Any, Any, Any]:
        while True:
            try:
                awaited = self._coro.send(None)
            except StopIteration as end:
                return end.value
            awaited._asyncio_future_blocking = False
            while not awaited.done():
                self.waiter = Waiter(awaited, asyncio.get_running_loop())
                if (yield from self.waiter.wait()) is not None:
                    awaited.cancel("handed down")


async def _drive(coro: Coroutine[Any, Any, Any]) -> Any:
    return await _Driver(coro)


async def test_a_waiter_waits_for_another_with_no_step_more() -> None:
    future = pending()

    async def plainly() -> int:
        return await future

    tasks = [await started(plainly()), await started(_drive(_drive(_ended(future))))]
    future.set_result(7)
    await asyncio.sleep(0)
    assert all(task.done() for task in tasks)


async def test_a_cancellation_is_handed_down_through_waiters() -> None:
    future = pending()
    task = await started(_drive(_drive(_ended(future))))
    task.cancel()
    told = await task
    assert isinstance(told, asyncio.CancelledError)
    assert told.args == ("handed down",)
    assert not future.done()


async def test_a_waiter_that_is_woken_wakes_whoever_waits_for_it() -> None:
    future = pending()
    inner = _Driver(_ended(future))

    async def outer() -> Any:
        return await inner

    task = await started(_drive(outer()))
    assert inner.waiter is not None
    inner.waiter.wake()
    inner.waiter.wake()  # once is enough
    for _ in range(3):
        await asyncio.sleep(0)
    assert not task.done(), "the driver waits again, for the future has not ended"
    future.set_result(7)
    assert await task is None


async def test_a_cancelled_waiter_cannot_be_cancelled_again() -> None:
    waiter = Waiter(pending(), asyncio.get_running_loop())
    assert waiter.cancel("first")
    assert waiter.done()
    assert not waiter.cancel("second")
    assert waiter.cancelled_by == __name__


async def test_one_that_is_closed_while_it_waits_is_woken_by_nobody() -> None:
    future = pending()
    work = _drive(_ended(future))
    found = work.send(None)
    found._asyncio_future_blocking = False
    woken: list[Any] = []
    found.add_done_callback(woken.append)
    work.close()
    future.set_result(7)
    await asyncio.sleep(0)
    assert woken == []
    gc.collect()


async def test_a_cancellation_that_was_taken_back_is_not_told() -> None:
    future = pending()
    waiter = Waiter(future, asyncio.get_running_loop())
    waiting = waiter.wait()
    next(waiting)
    future.set_result(7)
    assert not waiter.cancel("too late, and taken back (Task.uncancel, from Python 3.13 on)")
    with pytest.raises(StopIteration) as end:
        waiting.send(None)
    assert end.value.value is None
