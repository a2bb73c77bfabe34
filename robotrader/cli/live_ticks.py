"""Live ticks beside ``serve``: they begin and end with it, and their end is none of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robotrader.cli.ports import App

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(app: App, say: Callable[[str], None]) -> AsyncIterator[None]:
    """Listen until the block is left; ``say`` is told in lines what the owner should know."""
    market = await app.market()

    def ended(done: asyncio.Task[None]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("live ticks failed", exc_info=error)
            say(f"live ticks have ended by a failure ({type(error).__name__}); serving goes on")

    task = asyncio.create_task(market.listen(say))
    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
