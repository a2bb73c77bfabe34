from __future__ import annotations

import asyncio
import gc
import logging
import time
from contextlib import suppress

import pytest

from robotrader.core.errors import SystemFailure, TaskTimeoutError
from robotrader.core.timeouts import carry_on, let_go, run_with_timeout

LONG = 3600.0


async def value() -> int:
    await asyncio.sleep(0)
    return 7


async def test_the_result_comes_back() -> None:
    assert await run_with_timeout(value(), 10) == 7


async def test_an_error_comes_back_as_it_is() -> None:
    async def fails() -> None:
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        await run_with_timeout(fails(), 10)


async def test_a_task_that_takes_too_long_is_cancelled() -> None:
    ended = []

    async def slow() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            ended.append(True)

    with pytest.raises(TaskTimeoutError, match=r"stopped after 0\.01 s$"):
        await run_with_timeout(slow(), 0.01)
    assert ended == [True]


@pytest.mark.parametrize("seconds", [0, -1])
async def test_no_time_at_all_is_over_at_once(seconds: float) -> None:
    with pytest.raises(TaskTimeoutError):
        await run_with_timeout(asyncio.sleep(LONG), seconds)


async def test_a_task_that_ignores_its_cancellation_cannot_hang_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()
        raise LookupError("much later")

    started = time.monotonic()
    with pytest.raises(TaskTimeoutError, match="left behind"):
        await run_with_timeout(stubborn(), 0.01, grace_seconds=0.02)
    assert time.monotonic() - started < 2
    assert "left behind" in caplog.text
    release.set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert "ended in LookupError: much later" in caplog.text
    gc.collect()


async def test_a_result_handed_over_while_being_cancelled_is_not_lost() -> None:
    async def finishes() -> int:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(LONG)
        return 7

    assert await run_with_timeout(finishes(), 0.01) == 7


async def test_a_result_that_comes_with_the_timeout_is_not_lost() -> None:
    async def blocks() -> int:
        await asyncio.sleep(0)
        time.sleep(0.03)  # noqa: ASYNC251 - so that the timer and the result are due in the same turn
        return 7

    assert await run_with_timeout(blocks(), 0.01) == 7


async def test_an_error_while_being_cancelled_is_the_cause() -> None:
    async def fails() -> None:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            raise LookupError("while cleaning up") from None

    with pytest.raises(TaskTimeoutError) as caught:
        await run_with_timeout(fails(), 0.01)
    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_cancellation_of_its_own_is_no_cancellation_of_the_caller() -> None:
    async def cancels_itself() -> None:
        raise asyncio.CancelledError

    with pytest.raises(SystemFailure, match="cancelled itself"):
        await run_with_timeout(cancels_itself(), 10)


async def test_cancelling_the_caller_cancels_the_task() -> None:
    ended = []

    async def slow() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            ended.append(True)

    caller = asyncio.create_task(run_with_timeout(slow(), LONG))
    await asyncio.sleep(0.001)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended == [True]


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelling_the_caller_of_a_stubborn_task_cannot_hang(times: int) -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()

    caller = asyncio.create_task(run_with_timeout(stubborn(), LONG, grace_seconds=LONG if times == 2 else 0.02))
    for _ in range(times):
        await asyncio.sleep(0.001)
        caller.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await caller
    release.set()


async def test_an_error_of_a_task_whose_caller_was_cancelled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> None:
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            raise LookupError("on the way out") from None

    caller = asyncio.create_task(run_with_timeout(fails(), LONG))
    await asyncio.sleep(0.001)
    caller.cancel()
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await caller
    await asyncio.sleep(0)
    assert "on the way out" in caplog.text
    gc.collect()


async def test_thousands_a_second() -> None:
    started = time.perf_counter()
    for _ in range(500):
        await run_with_timeout(value(), 10)
    assert (time.perf_counter() - started) / 500 < 0.002


def test_letting_go_of_what_raises_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def raises() -> None:
        try:
            await asyncio.sleep(0)
        finally:
            raise LookupError("not done yet")

    coro = raises()
    coro.send(None)
    let_go(coro)
    assert "LookupError: not done yet" in caplog.text


async def test_a_cancellation_keeps_its_words_on_the_way_to_what_is_carried_on() -> None:
    """Libraries go by them: anyio knows its own cancellations by their words."""
    heard: list[tuple[object, ...]] = []

    async def work(future: asyncio.Future[None]) -> None:
        try:
            await future
        except asyncio.CancelledError as error:
            heard.append(error.args)
            raise

    async def carried(future: asyncio.Future[None]) -> None:
        run = work(future)
        await carry_on(run, run.send(None), LONG, LONG, lambda: 0, lambda *_: None)

    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(carried(future))
    await asyncio.sleep(0)
    future.set_result(None)
    task.cancel("its words")  # it cannot be handed down: the future is done
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == [("its words",)]
