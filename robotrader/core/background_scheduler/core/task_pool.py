"""The attempts under way in one process: bounded over all and by type, each in the asyncio task of a worker.

A worker runs attempts one after the other. Another worker is started when an attempt has to wait while more could run; so
attempts that never wait share one worker, and there are never more workers than attempts allowed at the same time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor, Verdict
from robotrader.core.background_scheduler.models import Task, TaskType


class TaskPool:
    """Tasks that were claimed here and whose end is not written yet."""

    def __init__(self, executor: TaskExecutor) -> None:
        self._executor = executor
        self._waiting: dict[TaskType, deque[Task]] = {kind: deque() for kind in executor.limits}
        self._running: dict[TaskType, int] = dict.fromkeys(executor.limits, 0)
        self._workers: set[asyncio.Task[None]] = set()
        self._ended: list[Verdict] = []
        self._failure: BaseException | None = None
        self._sleeper: asyncio.Future[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits, runs, or has ended unwritten."""
        return not (self._workers or self._ended or any(self._waiting.values()))

    def rooms(self) -> dict[TaskType, int]:
        """How many tasks of each type to claim now.

        As many as may run wait here already claimed, so that one commit serves many; more are claimed when those are gone.
        """
        rooms = {}
        for kind, limit in self._executor.limits.items():
            held = len(self._waiting[kind]) + self._running[kind]
            if held <= limit:
                rooms[kind] = 2 * limit - held
        return rooms

    def feed(self, tasks: Sequence[Task]) -> None:
        """Run claimed tasks."""
        for task in tasks:
            self._waiting[task.type].append(task)
        self._hire()

    def take_ended(self) -> list[Verdict]:
        """The attempts that have ended since the last call.

        Raises:
            BaseException: whatever stopped a worker.
        """
        if self._failure is not None:
            raise self._failure
        ended, self._ended = self._ended, []
        return ended

    async def change(self) -> None:
        """Wait until an attempt ends, the last worker is gone, or ``wake`` is called."""
        if not self._ended and self._failure is None:
            self._sleeper = asyncio.get_running_loop().create_future()
            await self._sleeper

    def wake(self) -> None:
        """Let ``change`` return."""
        if self._sleeper is not None and not self._sleeper.done():
            self._sleeper.set_result(None)

    def give_up_waiting(self) -> None:
        """What has not begun is not begun any more."""
        for waiting in self._waiting.values():
            self._ended += [self._executor.handed_back(task) for task in waiting]
            waiting.clear()

    async def stop(self) -> list[Verdict]:
        """Stop everything; returns the attempts that ended, and those that were stopped."""
        self.give_up_waiting()
        for worker in self._workers:
            worker.cancel()
        if self._workers:
            await asyncio.wait(self._workers)
        ended, self._ended = self._ended, []
        return ended

    def _hire(self) -> None:
        if len(self._workers) < self._executor.concurrency and self._next_kind() is not None:
            worker = asyncio.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._gone)

    def _gone(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and (failure := worker.exception()) is not None:
            self._failure = failure
        if self._failure is None:
            self._hire()  # for what came after it had looked for the last time
        if self._failure is not None or not self._workers:
            self.wake()

    def _next_kind(self) -> TaskType | None:
        """The type of the task to run next: the highest priority among the types that have room."""
        best, limits = None, self._executor.limits
        for kind, waiting in self._waiting.items():
            if waiting and self._running[kind] < limits[kind]:
                if best is None or waiting[0].priority > self._waiting[best][0].priority:
                    best = kind
        return best

    async def _work(self) -> None:
        while (kind := self._next_kind()) is not None:
            task = self._waiting[kind].popleft()
            self._running[kind] += 1
            try:
                verdict = await self._executor.attempt(task, self._hire)
            except asyncio.CancelledError:
                self._ended.append(self._executor.handed_back(task))
                raise
            finally:
                self._running[kind] -= 1
            self._ended.append(verdict)
            self.wake()
