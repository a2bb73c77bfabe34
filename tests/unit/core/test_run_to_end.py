"""Work that is brought to its end within the current task, whoever cancels that."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Coroutine
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
            while spinning:
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


@given(
    steps=st.lists(st.sampled_from(["pass", "future", "sleep"]), max_size=5),
    cancels=st.sets(st.integers(0, 8), max_size=3),
    nested=st.booleans(),
    fails=st.booleans(),
)
def test_it_ends_as_a_shielded_task_does(steps: list[str], cancels: set[int], nested: bool, fails: bool) -> None:
    """The same work through a task of its own, which no cancellation of the caller reaches, is the model."""

    async def one(by_task: bool) -> tuple[list[str], str]:
        done: list[str] = []

        async def work() -> str:
            for step in steps:
                done.append(step)
                if step == "pass":
                    await asyncio.sleep(0)
                elif step == "future":
                    future = asyncio.get_running_loop().create_future()
                    asyncio.get_running_loop().call_soon(future.set_result, None)
                    await future
                else:
                    await asyncio.sleep(0.0001)
            if fails:
                raise LookupError("its own")
            return "result"

        async def shielded() -> str:
            job, stop = asyncio.create_task(work()), None
            while not job.done():
                try:
                    await asyncio.wait({job})
                except asyncio.CancelledError as error:
                    stop = stop or error
            if stop is not None:
                raise stop from job.exception()
            return job.result()

        async def plainly() -> str:
            return await (shielded() if by_task else run_to_end(work(), LONG))

        async def through() -> str:
            result: list[str] = []

            async def inner() -> None:
                result.append(await plainly())

            run = inner()
            try:
                awaited = run.send(None)
            except StopIteration:
                return result[0]
            await carry_on(run, awaited, LONG, LONG, lambda: 0, lambda *_: None)
            return result[0]

        task = asyncio.create_task(through() if nested else plainly())
        for turn in range(9):
            await asyncio.sleep(0)
            if turn in cancels and not done[len(steps) :] and len(done) < len(steps) and not task.done():
                task.cancel()
        try:
            return done, await task
        except asyncio.CancelledError as error:
            return done, f"cancelled, {error.__cause__!r}"
        except LookupError as error:
            return done, repr(error)

    async def both() -> None:
        model, ours = await one(by_task=True), await one(by_task=False)
        assert model[0] == ours[0] == steps
        ends = {"result", repr(LookupError("its own"))}
        if not cancels:
            assert model == ours
        assert (ours[1] in ends) or ours[1] == f"cancelled, {LookupError('its own') if fails else None!r}"

    asyncio.run(both())
