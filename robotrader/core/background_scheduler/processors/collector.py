"""Callers who want the same kind of thing at the same time, brought together so that one piece of work serves them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from robotrader.core.clock import Clock

Item = TypeVar("Item")
Result = TypeVar("Result")

LINGER_SECONDS = 0.05
"""How long the first of a group waits for others: nothing against the seconds an answer takes."""


class _Group(Generic[Item, Result]):
    """Callers who wait for the same piece of work; ``work`` is set as soon as there is one."""

    __slots__ = ("complete", "items", "waiting", "work")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.waiting = 0
        self.complete = asyncio.Event()
        self.work: asyncio.Task[Result]


class Collector(Generic[Item, Result]):
    """Gathers items by a key and has them worked on together.

    A group begins its work when it is full, when nobody else can join, or when its first member has waited for
    ``LINGER_SECONDS``; so whatever becomes of the others, nobody waits longer. The work goes on while anybody waits for
    it, and is cancelled with the last.

    Args:
        work: serves all items of a group; what it returns or raises is given to each caller.
    """

    def __init__(self, clock: Clock, work: Callable[[Sequence[Item]], Awaitable[Result]]) -> None:
        self._clock = clock
        self._work = work
        self._open: dict[str, _Group[Item, Result]] = {}
        self._busy: Counter[str] = Counter()

    async def join(self, key: str, item: Item, *, most: int, room: int) -> Result:
        """Have an item worked on together with others of its key.

        Args:
            most: the items of a full group.
            room: how many callers of this key there can be at the same time, those being served included.
        """
        group = self._open.get(key)
        if group is None:
            group = self._open[key] = _Group()
            group.work = asyncio.create_task(self._serve(key, group))
            group.work.add_done_callback(partial(self._ended, key, group))
        group.items.append(item)
        group.waiting += 1
        if len(group.items) >= most or len(group.items) + self._busy[key] >= room:
            self._close(key, group)
        try:
            # Never the task itself: whoever bounds a caller cancels what that caller waits for.
            await asyncio.wait((group.work,))
        except asyncio.CancelledError:
            if self._leave(key, group, item):
                await asyncio.wait((group.work,))
            raise
        return group.work.result()

    def _leave(self, key: str, group: _Group[Item, Result], item: Item) -> bool:
        """Take back an item, as far as it is not worked on yet; returns whether the work was stopped with it."""
        if self._open.get(key) is group:
            group.items.remove(item)
        group.waiting -= 1
        if group.waiting > 0:
            return False
        self._close(key, group)
        return group.work.cancel()

    async def _serve(self, key: str, group: _Group[Item, Result]) -> Result:
        await self._linger(group)
        self._close(key, group)
        return await self._work(tuple(group.items))

    async def _linger(self, group: _Group[Item, Result]) -> None:
        waits = [
            asyncio.ensure_future(self._clock.sleep(LINGER_SECONDS)),
            asyncio.ensure_future(group.complete.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    def _close(self, key: str, group: _Group[Item, Result]) -> None:
        """Let nobody else in."""
        if self._open.get(key) is group:
            del self._open[key]
            self._busy[key] += len(group.items)
        group.complete.set()

    def _ended(self, key: str, group: _Group[Item, Result], work: asyncio.Task[Result]) -> None:
        self._busy[key] -= len(group.items)
        if not work.cancelled():
            work.exception()  # one that every caller had left before it came is no fault of the program
