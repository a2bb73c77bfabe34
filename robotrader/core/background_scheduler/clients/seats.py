"""How many requests are on their way at the same time."""

from __future__ import annotations

import asyncio
from collections import deque

FLOW = 8
"""Where so many seats were left within the patience, the next one will soon be."""
PATIENCE_SECONDS = 0.25
"""How long a request that is not on its way may say that it is sent: so late it may leave after an emergency stop."""


class Seats:
    """So many requests may be on their way; whoever comes later waits, in order.

    Args:
        flow: how many seats left within ``patience_seconds`` make the next one come soon; with 0 it always does.
    """

    def __init__(self, count: int, *, flow: int = FLOW, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._free = asyncio.Semaphore(count)
        self._flow = flow
        self._freed: deque[float] = deque(maxlen=flow)
        self.patience_seconds = patience_seconds

    def soon(self) -> bool:
        """Whether there is a free seat, or will be one in no time, as far as the last ones tell."""
        if not self._free.locked() or self._flow == 0:
            return True
        now = asyncio.get_running_loop().time()
        return len(self._freed) == self._flow and now - self._freed[0] <= self.patience_seconds

    async def take(self, seconds: float) -> bool:
        """Wait for a seat, for at most ``seconds``; whether there was one, which is to be left again."""
        if not self._free.locked():
            return await self._free.acquire()
        try:
            async with asyncio.timeout(seconds):
                return await self._free.acquire()
        except TimeoutError:
            return False

    def leave(self) -> None:
        """Let another one have the seat."""
        self._freed.append(asyncio.get_running_loop().time())
        self._free.release()
