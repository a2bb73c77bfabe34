"""The ledger row of one request on its way: it always ends as refused, answered or unknown, whatever happens here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from robotrader.core.background_scheduler.clients.ports import CallPort
from robotrader.core.background_scheduler.models import RawAnswer
from robotrader.core.errors import TradingError
from robotrader.core.timeouts import run_to_end

log = logging.getLogger(__name__)
T = TypeVar("T")
GRACE_SECONDS = 30.0
"""How long a cancelled caller waits for what it writes down."""


class SentCall:
    """A row that says "sent"; each of its three ends is written to the end, cancellation or not.

    Attributes:
        has_left: set before the request leaves.
        ended: whether one of the ends is written.
    """

    def __init__(self, call: CallPort) -> None:
        self._call = call
        self.has_left = False
        self.ended = False

    async def refused(self, reason: str) -> None:
        """Nothing was billed: the row may be sent again."""
        await self._end(self._call.refused(reason))

    async def unknown(self, reason: str) -> None:
        """Nobody can know whether it was billed."""
        await self._end(self._call.unknown(reason))

    async def answered(self, raw: RawAnswer) -> str:
        """An answer came; returns the id of the document it is archived in."""
        return await self._end(self._call.answered(raw))

    async def _end(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            result = await run_to_end(work, GRACE_SECONDS)
        except asyncio.CancelledError as interruption:
            self.ended = interruption.__cause__ is None
            raise
        self.ended = True
        return result


async def committed(call: CallPort, sent: Coroutine[Any, Any, T]) -> T:
    """Commit "sent"; one that is cancelled meanwhile ends as refused, for nothing has left.

    Args:
        sent: ``call.sent`` or ``call.sent_by``.

    Raises:
        OutcomeUnknownError: the row is not ours to send; nothing may leave.
    """
    try:
        return await run_to_end(sent, GRACE_SECONDS)
    except asyncio.CancelledError as interruption:
        if interruption.__cause__ is None:
            await _last_word(SentCall(call).refused("cancelled before the request left"))
        raise


@asynccontextmanager
async def sending(call: CallPort) -> AsyncIterator[SentCall]:
    """Run the body over a row that is "sent".

    One that is left without an end (cancelled, failed) ends as unknown, or as refused where the request had not left.
    Nothing may be awaited between the commit of "sent" and this.
    """
    row = SentCall(call)
    try:
        yield row
    except GeneratorExit:
        raise  # nothing can be awaited now; whoever reads the row takes "sent" for unknown
    except BaseException as error:
        if not row.ended:
            name = type(error).__name__
            if row.has_left:
                await _last_word(row.unknown(f"{name} after the request had left"))
            else:
                await _last_word(row.refused(f"{name} before the request left"))
        raise


async def _last_word(work: Coroutine[Any, Any, None]) -> None:
    """Write the end of a row whose caller already has an error to hear of.

    A store that fails here leaves the row "sent", which every reader takes for unknown.
    """
    try:
        await work
    except TradingError as error:
        log.warning("the end of a paid call could not be recorded: %s", error)
