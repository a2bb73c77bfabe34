"""Work that is brought to its end within the current task, whoever cancels that."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.timeouts import carry_on, run_to_end

LONG = 60.0


async def started(work: Coroutine[Any, Any, Any], steps: int = 1) -> asyncio.Task[Any]:
    task = asyncio.create_task(work)
    for _ in range(steps):
        await asyncio.sleep(0)
    return task


async def to_end(work: Coroutine[Any, Any, Any], grace_seconds: float = LONG) -> Any:
    return await run_to_end(work, grace_seconds)


async def test_what_the_work_returns_or_raises() -> None:
    async def good() -> int:
        await asyncio.sleep(0)
        return 7

    async def bad() -> None:
        await asyncio.sleep(0)
        raise LookupError("its own")

    assert await to_end(good()) == 7
    with pytest.raises(LookupError, match="its own"):
        await to_end(bad())


async def test_it_begins_at_once_and_costs_no_round_of_the_loop() -> None:
    begun, future = [], asyncio.get_running_loop().create_future()

    async def work() -> int:
        begun.append(True)
        return await future

    async def caller() -> int:
        return await run_to_end(work(), LONG)

    task = await started(caller())
    assert begun == [True]
    future.set_result(7)
    await asyncio.sleep(0)
    assert task.done()
    assert task.result() == 7


async def test_it_ends_despite_several_cancellations() -> None:
    gate, done = asyncio.Event(), []

    async def work() -> str:
        await gate.wait()
        await asyncio.sleep(0)
        done.append(True)
        return "result"

    task = await started(to_end(work()))
    for word in ("first", "second", "third"):
        task.cancel(word)
        await asyncio.sleep(0)
    assert not task.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError, match="first"):
        await task
    assert done == [True]


async def test_a_cancellation_while_it_lets_others_run_is_kept_too() -> None:
    steps = []

    async def work() -> None:
        for step in range(4):
            steps.append(step)
            await asyncio.sleep(0)

    task = await started(to_end(work()))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == [0, 1, 2, 3]


async def test_the_error_of_the_work_is_the_cause_of_the_cancellation() -> None:
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()
        raise LookupError("its own")

    task = await started(to_end(work()))
    task.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert isinstance(raised.value.__cause__, LookupError)


@pytest.mark.parametrize("cancelled", [False, True])
async def test_work_that_cancels_itself(cancelled: bool) -> None:
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()
        raise asyncio.CancelledError("its own")

    task = await started(to_end(work()))
    if cancelled:
        task.cancel("from outside")
        await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError, match="from outside" if cancelled else "its own") as raised:
        await task
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("spinning", [False, True])
async def test_a_cancelled_caller_does_not_wait_for_ever(spinning: bool) -> None:
    closed = []

    async def stuck() -> None:
        try:
            for _ in iter(lambda: spinning, False):
                await asyncio.sleep(0)
            await asyncio.Event().wait()
        except GeneratorExit:
            closed.append(True)
            raise

    task = await started(to_end(stuck(), 0.01))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


async def test_without_a_cancellation_it_may_take_as_long_as_it_likes() -> None:
    async def slow() -> int:
        await asyncio.sleep(0.03)
        return 7

    assert await to_end(slow(), 0.001) == 7


@pytest.mark.parametrize("fails", [False, True])
async def test_the_rest_goes_on_where_the_caller_is_closed(fails: bool, caplog: pytest.LogCaptureFixture) -> None:
    gate, done = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await gate.wait()
        await asyncio.sleep(0)
        done.set()
        if fails:
            raise LookupError("its own")

    caller = to_end(work())
    awaited = caller.send(None)
    awaited._asyncio_future_blocking = False
    caller.close()
    gc.collect()
    gate.set()
    with caplog.at_level(logging.WARNING):
        await asyncio.wait_for(done.wait(), 5)
        await asyncio.sleep(0)
    assert ("its own" in caplog.text) == fails


async def test_a_caller_that_is_closed_between_two_steps() -> None:
    steps, done = [], asyncio.Event()

    async def work() -> None:
        for step in range(3):
            steps.append(step)
            await asyncio.sleep(0)
        done.set()

    caller = to_end(work())
    assert caller.send(None) is None
    caller.close()
    await asyncio.wait_for(done.wait(), 5)
    assert steps == [0, 1, 2]


async def work_of(steps: list[str], done: list[str], *, fails: bool) -> str:
    """Work that waits in several ways."""
    loop = asyncio.get_running_loop()
    for step in steps:
        done.append(step)
        if step == "future":
            future = loop.create_future()
            loop.call_soon(future.set_result, None)
            await future
        else:
            await asyncio.sleep(0 if step == "pass" else 0.0001)
    if fails:
        raise LookupError("its own")
    return "result"


async def shielded(work: Coroutine[Any, Any, str]) -> str:
    """The model: a task of its own, which no cancellation of the caller reaches."""
    job, stop = asyncio.create_task(work), None
    while not job.done():
        try:
            await asyncio.wait({job})
        except asyncio.CancelledError as error:
            stop = stop or error
    if stop is not None:
        raise stop from job.exception()
    return job.result()


async def within_bounds(run: Coroutine[Any, Any, str]) -> str:
    """As the executor runs an attempt: carried on by hand."""
    results: list[str] = []

    async def inner() -> None:
        results.append(await run)

    carried = inner()
    with contextlib.suppress(StopIteration):
        awaited = carried.send(None)
        await carry_on(carried, awaited, LONG, LONG, lambda: 0, lambda *_: None)
    return results[0]


async def end_of(task: asyncio.Task[str]) -> str:
    try:
        return await task
    except asyncio.CancelledError as error:
        return f"cancelled, {error.__cause__!r}"
    except LookupError as error:
        return repr(error)


@given(
    steps=st.lists(st.sampled_from(["pass", "future", "sleep"]), min_size=1, max_size=5),
    cancels=st.integers(0, 3),
    nested=st.booleans(),
    fails=st.booleans(),
)
def test_it_ends_as_a_shielded_task_does(steps: list[str], cancels: int, nested: bool, fails: bool) -> None:
    async def one(run: Callable[[Coroutine[Any, Any, str]], Coroutine[Any, Any, str]]) -> tuple[list[str], str]:
        done: list[str] = []
        attempt = run(work_of(steps, done, fails=fails))
        task = await started(within_bounds(attempt) if nested else attempt, 2)
        for _ in range(cancels if len(done) < len(steps) else 0):
            task.cancel()
            await asyncio.sleep(0)
        return done, await end_of(task)

    async def both() -> None:
        model, ours = await one(shielded), await one(to_end)
        assert model[0] == ours[0] == steps
        stopped = f"cancelled, {LookupError('its own') if fails else None!r}"
        assert ours[1] == model[1] or {ours[1], model[1]} == {
            stopped,
            repr(LookupError("its own")) if fails else "result",
        }
        if cancels == 0:
            assert ours == model

    asyncio.run(both())
