"""A clock that tests own: it moves when somebody sleeps on it, and never waits for real."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""A Friday, 09:30 IST."""


class FakeClock:
    """Implements ``core.clock.Clock``.

    A sleep moves the clock on and returns at once. One that is longer than ``patience`` seconds waits instead until the
    clock has moved that far for another reason: so a loop that renews something every few seconds does not run the
    clock away while the test's own work is under way.
    """

    def __init__(self, start: datetime = START, *, patience: float = 10.0) -> None:
        self._start = start
        self._elapsed = 0.0
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.patience = patience
        self.sleeps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        if seconds > self.patience:
            woken = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (self._elapsed + seconds, next(self._order), woken))
            await woken
        else:
            self.advance(seconds)
            await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Move on, and wake whoever slept until then."""
        self._elapsed += max(0.0, seconds)
        while self._waiting and self._waiting[0][0] <= self._elapsed:
            _, _, woken = heapq.heappop(self._waiting)
            if not woken.done():
                woken.set_result(None)
