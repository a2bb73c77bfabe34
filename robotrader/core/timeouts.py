"""Bounds on how long something may take that hold even against code that ignores its cancellation.

``run_with_timeout`` runs a coroutine as a task of its own. ``carry_on`` and ``run_to_end`` stay in the current task: a
task costs two rounds of the loop. The one takes over a coroutine only once it has begun to wait, so that one that never
waits pays nothing for its bound; the other keeps a cancellation away from it.
"""

from __future__ import annotations

import asyncio
import logging
import types
from asyncio import CancelledError
from collections.abc import Callable, Coroutine, Generator
from typing import Any, TypeVar

from robotrader.core.errors import SystemFailure, TaskTimeoutError
from robotrader.core.waiting import Waiter, ended

T = TypeVar("T")
CANCELLED_ITSELF = "cancelled itself"
"""Why a coroutine did not end that was cancelled by nobody outside."""

_log = logging.getLogger(__name__)


async def run_with_timeout(coro: Coroutine[Any, Any, T], timeout_seconds: float, *, grace_seconds: float = 5.0) -> T:
    """Run ``coro`` as a task of its own for at most ``timeout_seconds``; then cancel it and give it ``grace_seconds``
    to end.

    A result that is there when the time is up, or that the task still hands over while it is being cancelled, is
    returned. A task that has not ended after the grace is abandoned: the caller goes on, and the end of the task is
    logged whenever it comes. Cancelling the caller cancels the task the same way.

    Raises:
        TaskTimeoutError: the time was up, and no result came.
        SystemFailure: the coroutine ended in a cancellation of its own making.
        Exception: whatever the coroutine raised before the time was up.
    """
    task = asyncio.create_task(coro)
    try:
        await asyncio.wait((task,), timeout=timeout_seconds)
    except CancelledError:
        await _stop(task, grace_seconds)
        raise
    late = not task.done()
    if late:
        await _stop(task, grace_seconds)
    if not task.done():
        raise TaskTimeoutError(f"stopped after {timeout_seconds:g} s; it ignored its cancellation and was left behind")
    if task.cancelled():
        if late:
            raise TaskTimeoutError(f"stopped after {timeout_seconds:g} s")
        raise SystemFailure("the task cancelled itself")
    error = task.exception()
    if late and error is not None:
        raise TaskTimeoutError(f"stopped after {timeout_seconds:g} s") from error
    return task.result()


async def _stop(task: asyncio.Task[Any], grace_seconds: float) -> None:
    """Cancel a task and wait for its end, but not longer than the grace; one that lives on tells the log of its end."""
    task.cancel()
    try:
        await asyncio.wait((task,), timeout=grace_seconds)
    finally:
        task.add_done_callback(_report)
        if not task.done():
            _log.warning("a task ignored its cancellation for %g s and was left behind", grace_seconds)


def _report(task: asyncio.Task[Any]) -> None:
    """Fetch the outcome of a task nobody waits for, so that its error is told once and never lost."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a cancelled task ended in %s: %s", type(error).__name__, error)


@types.coroutine
def carry_on(
    coro: Coroutine[Any, Any, Any],
    awaited: Any,
    seconds: float,
    grace_seconds: float,
    progress: Callable[[], int],
    late: Callable[[int, str], None],
) -> Generator[Any, Any, str | None]:
    """Take a coroutine that has yielded ``awaited`` to its end, within the current task.

    The bound is for each step: whenever ``progress()`` gives another number, it starts anew. A step that is over its
    bound is cancelled; if the coroutine goes on to the next step all the same, or ends otherwise than by that, ``late``
    is told the number and the reason. Cancelling the current task cancels the coroutine and is raised here whatever the
    coroutine makes of it.

    Returns:
        None when the coroutine has ended well; else why it did not end, was cancelled or gave up: then the caller
        closes it.
    """
    watch = _Watch(seconds, grace_seconds)
    step = progress()
    too_long = f"ran past {seconds:g} s"
    try:
        while True:
            error = yield from watch.wait(awaited)
            if watch.given_up:
                if watch.cancelled():
                    raise CancelledError
                return f"{too_long} and ignored its cancellation"
            awaited, ended = watch.step(coro, error)
            if ended is not None and watch.cancelled():
                raise ended if isinstance(ended, CancelledError) else CancelledError
            reached = progress()
            if isinstance(ended, CancelledError) and reached == step:
                return too_long if watch.expired else CANCELLED_ITSELF
            if watch.expired and (reached != step or ended is not None):
                late(step, too_long)
            if ended is not None:
                return CANCELLED_ITSELF if isinstance(ended, CancelledError) else None
            if reached != step:
                step = reached
                watch.next_step()
    finally:
        watch.stop()


class _Watch:
    """What a coroutine carried on by hand is waiting for, and what is about to stop it."""

    def __init__(self, seconds: float, grace: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        # A cancellation that was asked for but has not reached the task yet is still to come, not one of the past.
        self._before = self._requests() - bool(getattr(self._task, "_must_cancel", False))
        self._seconds, self._grace = seconds, grace
        self._awaited: asyncio.Future[Any] | None = None
        self._waiter: Waiter | None = None
        self._to_throw: CancelledError | None = None
        self._handed_down = False
        self.expired = self.given_up = False
        self._bound = self._loop.call_later(seconds, self._expire)
        self._graces: list[asyncio.TimerHandle] = []

    def cancelled(self) -> bool:
        """Whether whoever runs us wants us to stop, as against a time limit inside the coroutine."""
        requests = self._requests()
        self._before = min(self._before, requests)  # a limit inside took its cancellation back
        return self._handed_down or requests > self._before

    def step(self, coro: Coroutine[Any, Any, Any], error: BaseException | None) -> tuple[Any, BaseException | None]:
        """Let the coroutine go on: what it waits for then, and how it ended if it did."""
        try:
            return (coro.send(None) if error is None else coro.throw(error)), None
        except (StopIteration, CancelledError) as end:
            return None, end
        except Exception as failure:
            if not (self.expired or self.cancelled()):
                raise
            _log.warning("what was stopped did not end cleanly: %s: %s", type(failure).__name__, failure)
            return None, failure

    def next_step(self) -> None:
        """Start the bound anew; a cancellation of the whole also meets the next step."""
        if self.cancelled():
            self._to_throw = CancelledError()
        else:
            self.stop()
            self.expired = False
            self._bound = self._loop.call_later(self._seconds, self._expire)

    def stop(self) -> None:
        """Let go of every timer."""
        for timer in (self._bound, *self._graces):
            timer.cancel()
        self._graces.clear()

    def wait(self, awaited: Any) -> Generator[Any, Any, BaseException | None]:
        """Wait as a task would, but stay able to give up; returns what to throw into the coroutine, if anything."""
        self.cancelled()
        if isinstance(awaited, asyncio.Task) and awaited is self._task:
            awaited._asyncio_future_blocking = False  # noqa: SLF001
            return RuntimeError("a task cannot wait for itself")
        try:
            if getattr(awaited, "_asyncio_future_blocking", None) is True:
                awaited._asyncio_future_blocking = False  # noqa: SLF001 - how a task takes on a future
                yield from self._wait_for(awaited)
            else:
                yield awaited
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - thrown into the coroutine by the caller
            if isinstance(error, CancelledError):
                self._note_cancellation()
            return error
        thrown, self._to_throw = self._to_throw, None
        return thrown

    def _wait_for(self, awaited: Any) -> Generator[Any, Any, None]:
        self._awaited = awaited
        if self._to_throw is not None and awaited.cancel(*self._to_throw.args[:1]):
            self._to_throw = None
        try:
            while not (awaited.done() or self.given_up):
                self._waiter = waiter = Waiter(awaited, self._loop)
                if (error := (yield from waiter.wait())) is not None:
                    self._note_cancellation(by_a_group=waiter.cancelled_by == "asyncio.taskgroups")
                    if not awaited.cancel(*error.args[:1]):
                        self._to_throw = error
                    if isinstance(awaited, Waiter):
                        awaited.cancelled_by = waiter.cancelled_by
        finally:
            self._awaited = self._waiter = None

    def _requests(self) -> int:
        return 0 if self._task is None else self._task.cancelling()

    def _note_cancellation(self, *, by_a_group: bool = False) -> None:
        if by_a_group:
            # A task group cancels its own task when a child fails, and before Python 3.13 may never take that back.
            self._before += 1
        elif not self.cancelled():
            self._handed_down = True  # by a bound further out, which does not go through the task
        self._graces.append(self._loop.call_later(self._grace, self._give_up))

    def _expire(self) -> None:
        self.expired = True
        self._graces.append(self._loop.call_later(self._grace, self._give_up))
        if self._awaited is None or not self._awaited.cancel():
            self._to_throw = CancelledError()

    def _give_up(self) -> None:
        if self.expired or self.cancelled():
            self.given_up = True
            if self._waiter is not None:
                self._waiter.wake()


@types.coroutine
def run_to_end(work: Coroutine[Any, Any, T], grace_seconds: float) -> Generator[Any, Any, T]:
    """Run a coroutine to its end within the current task, also where that is cancelled meanwhile.

    The cancellation follows then, with the error of ``work``, if any, as its cause. Work that has not ended
    ``grace_seconds`` after the last cancellation is closed. Where the caller is closed, the rest of the work goes on in
    a task of its own. ``work`` may not cancel the task it runs in (a time limit, a task group): that would be taken for
    the caller's cancellation.

    Raises:
        CancelledError: the current task was cancelled, or ``work`` cancelled itself.
        Exception: whatever ``work`` raised.
    """
    patience = _Patience(grace_seconds)
    awaited: Any = None
    try:
        while True:
            awaited = work.send(None)
            if not (yield from patience.wait(awaited)):
                break
    except StopIteration as end:
        if patience.interruption is None:
            result: T = end.value
            return result
    except GeneratorExit:
        if patience.loop.is_running():
            patience.loop.create_task(_rest(work, awaited)).add_done_callback(_report)
        raise
    except (Exception, CancelledError) as error:
        let_go(work)
        if patience.interruption is None:
            raise
        raise patience.interruption from (None if isinstance(error, CancelledError) else error)
    let_go(work)
    raise patience.interruption or CancelledError


class _Patience:
    """A cancellation that waits for the end of something, but not for ever."""

    def __init__(self, grace_seconds: float) -> None:
        self.loop = asyncio.get_running_loop()
        self._grace = grace_seconds
        self._latest: float | None = None
        self.interruption: CancelledError | None = None

    def wait(self, awaited: Any) -> Generator[Any, Any, bool]:
        """Wait for what a coroutine waits for, whoever cancels meanwhile; False where the grace is over before."""
        if getattr(awaited, "_asyncio_future_blocking", None) is not True:
            try:
                yield awaited
            except CancelledError as stop:
                self._note(stop)
            return self._left() != 0.0
        awaited._asyncio_future_blocking = False  # noqa: SLF001 - how a task takes on a future
        while not awaited.done():
            interruption = yield from ended(awaited, self._left())
            if interruption is None:
                break
            self._note(interruption)
        return bool(awaited.done())

    def _note(self, interruption: CancelledError) -> None:
        self.interruption = self.interruption or interruption
        self._latest = self.loop.time() + self._grace

    def _left(self) -> float | None:
        return None if self._latest is None else max(0.0, self._latest - self.loop.time())


async def _rest(work: Coroutine[Any, Any, Any], awaited: asyncio.Future[Any] | None) -> None:
    """Go on with a coroutine that waits for something."""
    if awaited is not None and (interruption := await ended(awaited)) is not None:
        let_go(work)
        raise interruption
    await _resumed(work)


@types.coroutine
def _resumed(work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    return (yield from work.__await__())


def let_go(coro: Coroutine[Any, Any, Any]) -> None:
    """Close a coroutine that was given up; what it makes of that harms nobody."""
    try:
        coro.close()
    except (Exception, CancelledError) as error:  # noqa: BLE001 - nobody waits for it any more
        _log.warning("code that was given up did not end cleanly: %s: %s", type(error).__name__, error)
