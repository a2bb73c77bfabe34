"""The attempts under way in one process: bounded over all and by type, each in the asyncio task of a worker.

A worker runs attempts one after the other. Another worker is started when an attempt has to wait while more could run;
so attempts that never wait share one worker, and there are never more workers than attempts allowed at the same time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count

from robotrader.core.background_scheduler.executors.task_executor import TaskExecutor, Verdict
from robotrader.core.background_scheduler.models import Task, TaskType

MOST_AHEAD = 8
"""How many times as many tasks as may run are claimed at once, at most."""


TURN_SECONDS = 0.05
"""How long a worker goes on without letting others run."""


class _Lane:
    """The tasks of one type, each with its place in the order in which tasks of all types were claimed."""

    __slots__ = ("limit", "running", "waiting")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.running = 0
        self.waiting: deque[tuple[int, Task]] = deque()


class TaskPool:
    """Tasks that were claimed here and whose end is not written yet."""

    def __init__(self, executor: TaskExecutor) -> None:
        self._executor = executor
        self._lanes = {kind: _Lane(limit) for kind, limit in executor.limits.items()}
        self._ahead = 1
        self._places = count()
        self._workers: set[asyncio.Task[None]] = set()
        self._ended: list[Verdict] = []
        self._failure: BaseException | None = None
        self._sleeper: asyncio.Future[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing waits, runs, or has ended unwritten."""
        return not (self._workers or self._ended or any(lane.waiting for lane in self._lanes.values()))

    def rooms(self) -> dict[TaskType, int]:
        """How many tasks of each type to claim now.

        As many as may run wait here already claimed, so that one commit serves many; more are claimed when those are
        gone. Where all have ended by then, none of them had to wait for anything: of such tasks twice as many are
        claimed each time, so that a commit goes on serving many, however few may run at the same time.
        """
        held = {kind: len(lane.waiting) + lane.running for kind, lane in self._lanes.items()}
        self._ahead = 2 if any(held.values()) else min(2 * self._ahead, MOST_AHEAD)
        return {
            kind: self._ahead * lane.limit - held[kind]
            for kind, lane in self._lanes.items()
            if held[kind] <= lane.limit
        }

    def feed(self, tasks: Sequence[Task]) -> None:
        """Run claimed tasks, in their order as far as each type has room."""
        for kind in {task.type for task in tasks}:
            self._executor.expect(kind)
        for task in tasks:
            self._lanes[task.type].waiting.append((next(self._places), task))
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

    async def stop(self, *, running: bool = True) -> list[Verdict]:
        """Begin nothing more and, unless told otherwise, stop what runs; returns how each attempt not written ended."""
        for lane in self._lanes.values():
            self._ended += [self._executor.handed_back(task) for _, task in lane.waiting]
            lane.waiting.clear()
        if running and self._workers:
            for worker in self._workers:
                worker.cancel()
            await asyncio.wait(self._workers)
        ended, self._ended = self._ended, []
        return ended

    def _hire(self) -> None:
        if len(self._workers) < self._executor.concurrency and _next_lane(self._lanes.values()) is not None:
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

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        turn_ends = loop.time() + TURN_SECONDS
        while (lane := _next_lane(self._lanes.values())) is not None:
            _, task = lane.waiting.popleft()
            lane.running += 1
            try:
                verdict = await self._executor.attempt(task, self._hire)
            except asyncio.CancelledError:
                self._ended.append(self._executor.handed_back(task))
                raise
            finally:
                lane.running -= 1
            self._ended.append(verdict)
            self.wake()
            if loop.time() > turn_ends:  # attempts that never wait must not keep everything else from going on
                await asyncio.sleep(0)
                turn_ends = loop.time() + TURN_SECONDS


def _next_lane(lanes: Iterable[_Lane]) -> _Lane | None:
    """Where the next task comes from: the highest priority among the types that have room, then the first claimed."""
    best, first = None, (0, 0)
    for lane in lanes:
        if lane.waiting and lane.running < lane.limit:
            place, task = lane.waiting[0]
            if best is None or (-task.priority, place) < first:
                best, first = lane, (-task.priority, place)
    return best
