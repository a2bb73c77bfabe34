import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from robotrader.core.background_scheduler.clients.sending import SentCall, committed, sending
from robotrader.core.background_scheduler.models import CallStatus
from robotrader.core.errors import OutcomeUnknownError, StoreBusyError
from tests.support.ports import MemoryCall


async def cancel_within(work: asyncio.Task[None], call: MemoryCall) -> None:
    """Cancel while ``call`` is in a step, then let that step go on."""
    await call.entered.wait()
    work.cancel()
    await asyncio.sleep(0)
    assert call.pause is not None
    call.pause.set()
    with pytest.raises(asyncio.CancelledError):
        await work


@asynccontextmanager
async def sending_now(call: MemoryCall, *, left: bool = True) -> AsyncIterator[SentCall]:
    await committed(call, call.sent("abc"))
    async with sending(call) as row:
        row.has_left = left
        yield row


async def hold(call: MemoryCall, *, left: bool = True) -> None:
    async with sending_now(call, left=left):
        await asyncio.Event().wait()


async def test_a_body_that_ends_its_row_is_left_in_peace() -> None:
    call = MemoryCall()
    async with sending_now(call) as row:
        await row.refused("429")
    assert call.history == ["sent", "refused"]
    assert call.fingerprints == ["abc"]


@pytest.mark.parametrize(
    ("left", "end", "why"), [(True, "unknown", "after the request had"), (False, "refused", "before the request")]
)
async def test_a_body_that_fails_leaves_a_row_unknown_or_gives_it_back(left: bool, end: str, why: str) -> None:
    call = MemoryCall()
    with pytest.raises(ZeroDivisionError):
        async with sending_now(call, left=left):
            raise ZeroDivisionError
    assert call.history == ["sent", end]
    assert call.reasons == [f"ZeroDivisionError {why} left"]


@pytest.mark.parametrize(("left", "end"), [(True, "unknown"), (False, "refused")])
async def test_a_body_that_is_cancelled_leaves_a_row_unknown_or_gives_it_back(left: bool, end: str) -> None:
    call = MemoryCall()
    work = asyncio.create_task(hold(call, left=left))
    await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert call.history == ["sent", end]


async def test_a_body_that_is_closed_writes_nothing() -> None:
    call = MemoryCall()
    work = hold(call)
    work.send(None)
    work.close()
    assert call.history == ["sent"]


async def test_a_failure_after_the_end_changes_nothing() -> None:
    call = MemoryCall()

    async def work() -> None:
        async with sending_now(call) as row:
            await row.refused("429")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    assert call.history == ["sent", "refused"]


async def test_cancelled_while_it_says_sent_nothing_has_left() -> None:
    call = MemoryCall(pause=asyncio.Event())
    await cancel_within(asyncio.create_task(hold(call)), call)
    assert call.history == ["sent", "refused"]
    assert call.reasons == ["cancelled before the request left"]


async def test_a_row_that_is_not_ours_is_not_touched() -> None:
    call = MemoryCall(status=CallStatus.UNKNOWN)
    with pytest.raises(OutcomeUnknownError):
        async with sending_now(call):
            raise AssertionError("the body must not run")
    assert call.history == []


async def test_cancelled_while_a_row_that_is_not_ours_says_so() -> None:
    call = MemoryCall(status=CallStatus.UNKNOWN, pause=asyncio.Event())
    await cancel_within(asyncio.create_task(hold(call)), call)
    assert call.history == []


@pytest.mark.parametrize("step", ["refused", "unknown"])
async def test_cancelled_while_it_says_how_it_ended(step: str) -> None:
    call = MemoryCall()

    async def work() -> None:
        async with sending_now(call) as row:
            call.entered.clear()
            call.pause = asyncio.Event()
            await getattr(row, step)("why")

    task = asyncio.create_task(work())
    await asyncio.sleep(0.01)
    await cancel_within(task, call)
    assert call.history == ["sent", step]


async def test_an_end_that_cannot_be_written_becomes_unknown() -> None:
    call = MemoryCall(fail={"refused": StoreBusyError("busy")})
    with pytest.raises(StoreBusyError):
        async with sending_now(call) as row:
            await row.refused("429")
    assert call.history == ["sent", "unknown"]


async def test_a_store_that_fails_does_not_hide_the_error_nor_the_cancellation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    call = MemoryCall(fail={"unknown": StoreBusyError("busy")})
    with caplog.at_level(logging.WARNING), pytest.raises(ZeroDivisionError):
        async with sending_now(call):
            raise ZeroDivisionError
    assert call.status is CallStatus.SENT
    assert "could not be recorded: busy" in caplog.text
