"""How many requests are on their way at the same time."""

from __future__ import annotations

import asyncio


class Seats:
    """So many requests may be on their way; whoever comes later waits, in order."""

    def __init__(self, count: int) -> None:
        self._free = asyncio.Semaphore(count)

    async def take(self, seconds: float) -> bool:
        """Wait for a seat, for at most ``seconds``; whether there was one, which is to be left again."""
        if self._free.locked():
            try:
                async with asyncio.timeout(seconds):
                    await self._free.acquire()
            except TimeoutError:
                return False
        else:
            await self._free.acquire()
        return True

    def leave(self) -> None:
        """Let another one have the seat."""
        self._free.release()
