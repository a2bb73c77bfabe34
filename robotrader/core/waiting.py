"""How to wait for a future without being bound to it: the wait can end before it, and never cancels it."""

from __future__ import annotations

import asyncio
import sys
import types
from asyncio import CancelledError
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any


@types.coroutine
def ended(awaited: asyncio.Future[Any], seconds: float | None = None) -> Generator[Any, Any, CancelledError | None]:
    """Wait for the end of a future (a task), for at most ``seconds``; how it ended is left to whoever asks it.

    Returns:
        The cancellation, where the caller was cancelled meanwhile. The future is not: the caller may wait again, and is
        to raise the cancellation in the end.
    """
    if awaited.done():
        return None
    loop = awaited.get_loop()
    waiter = Waiter(awaited, loop)
    if seconds is None:
        return (yield from waiter.wait())
    timer = loop.call_later(seconds, waiter.wake)
    try:
        return (yield from waiter.wait())
    finally:
        timer.cancel()


class Waiter:
    """What a task waits for in place of a future.

    The task is woken by the future itself, without a step of the loop in between, or before it: cancelling the task
    does not cancel the future, and ``wake`` lets go of it. A waiter may wait for another one.

    Attributes:
        cancelled_by: the module that cancelled it, if any did.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_awaited",
        "_callback",
        "_context",
        "_interruption",
        "_loop",
        "_woken",
        "cancelled_by",
    )

    def __init__(self, awaited: asyncio.Future[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._asyncio_future_blocking = True  # what makes it a future to a task
        self._awaited = awaited
        self._loop = loop
        self._callback: Callable[[Any], object] | None = None
        self._context: Context | None = None
        self._woken: asyncio.Future[Any] | None = None
        self._interruption: CancelledError | None = None
        self.cancelled_by: str | None = None

    def wait(self) -> Generator[Any, Any, CancelledError | None]:
        """Wait; returns the cancellation where the task, or what waits in its place, was cancelled meanwhile.

        How the future ended is left to whoever awaits it.
        """
        try:
            yield self
        except GeneratorExit:
            self._forget()
            raise
        except CancelledError:
            if self._interruption is None and not self._awaited.done():
                self._forget()
                raise
            return self._interruption
        except BaseException:
            if not self.done():
                self._forget()
                raise
        return self._interruption if self._woken is not None and self._woken.cancelled() else None

    def wake(self) -> None:
        """Let the task go on although the future has not ended."""
        if not self.done():
            self._end(self._loop.create_future()).set_result(None)

    def done(self) -> bool:
        """Whether the future has ended, or the task was woken before it."""
        return self._woken is not None or self._awaited.done()

    def cancel(self, msg: Any = None) -> bool:
        """Let the task go on with a cancellation; False where it goes on already."""
        self.cancelled_by = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001
        self._interruption = CancelledError() if msg is None else CancelledError(msg)
        return not self.done() and self._end(self._loop.create_future()).cancel(msg)

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop of the task."""
        return self._loop

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Remember what wakes the task; there is only one."""
        self._callback, self._context = callback, context
        (self._woken or self._awaited).add_done_callback(callback, context=context)

    def remove_done_callback(self, callback: Callable[[Any], object]) -> int:
        """Forget what wakes the task."""
        self._callback = None
        return (self._woken or self._awaited).remove_done_callback(callback)

    def _end(self, woken: asyncio.Future[Any]) -> asyncio.Future[Any]:
        self._forget()
        self._woken = woken
        if self._callback is not None:
            woken.add_done_callback(self._callback, context=self._context)
        return woken

    def _forget(self) -> None:
        if self._callback is not None:
            self._awaited.remove_done_callback(self._callback)
