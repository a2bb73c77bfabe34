"""When a refused attempt is tried again: the decision as pure functions, and one handler that carries it out.

Only a refusal that is known not to be billed may be raised as ``AttemptRefusedError``; whatever else an attempt raises
ends the call at once. The server's own hint on when to come back goes before the exponential back-off.
"""

from __future__ import annotations

import math
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from robotrader.core.clock import Clock, SystemClock
from robotrader.core.errors import TradingError

T = TypeVar("T")
LONGEST_WAIT = 60.0
LONGEST_HINT = 86_400.0


class AttemptRefusedError(Exception):
    """One attempt was refused and nothing was billed.

    Attributes:
        error: what is raised where no further attempt is made.
        wait: seconds before the next attempt; None leaves it to the back-off.
        counts: whether it uses up one of the attempts; False only for moving on to a key that was not tried yet.
    """

    def __init__(self, error: TradingError, *, wait: float | None = None, counts: bool = True) -> None:
        super().__init__(error.context.message)
        self.error, self.wait, self.counts = error, wait, counts


def backoff_seconds(failures: int, base_delay: float, spread: float) -> float:
    """Seconds to wait after ``failures`` (from 1) refusals in a row: doubling from ``base_delay``, at most 60.

    ``spread`` in [0, 1) takes up to half of it away again, so that many waiters do not come back at one instant.
    """
    full = min(LONGEST_WAIT, base_delay * 2.0 ** min(failures - 1, 32))
    return full * (1.0 - 0.5 * spread)


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """The server's own hint in seconds (``retry-after-ms``, ``Retry-After`` as seconds or HTTP date, RFC 9110 10.2.3).

    Names are lower case. A date is measured from the answer's own ``Date``, so that a wrong clock here does no harm.
    None where there is no hint, it cannot be read or it has passed; never more than a day.
    """
    millis = _number(headers.get("retry-after-ms"))
    if millis is not None:
        return _positive(millis / 1000)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None:
        return _positive(seconds)
    until = _http_date(text)
    return None if until is None else _positive((until - (_http_date(headers.get("date")) or now)).total_seconds())


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text and text.isascii() else None
    except ValueError:
        return None


def _positive(seconds: float) -> float | None:
    return min(seconds, LONGEST_HINT) if seconds > 0 and not math.isnan(seconds) else None


def _http_date(text: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date is not None and date.tzinfo is None else date


class RetryHandler:
    """Runs an attempt until it is not refused, within a number of further attempts and a deadline.

    Args:
        max_retries: further attempts after the first.
        base_delay: seconds of the first back-off.
        spread: a random number in [0, 1) per wait.
    """

    def __init__(
        self,
        max_retries: int = 3,
        base_delay: float = 1.0,
        *,
        clock: Clock | None = None,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._max_retries, self._base_delay, self._spread = max_retries, base_delay, spread
        self._clock: Clock = clock or SystemClock()

    async def retry(self, attempt: Callable[[], Awaitable[T]], deadline: float = math.inf) -> T:
        """What ``attempt`` returns in the end; ``deadline`` is an instant of the clock's monotonic time.

        Raises:
            TradingError: the error of the last refusal, once attempts or time are used up.
        """
        try:
            return await attempt()  # most go well at once, and need nothing of what follows
        except AttemptRefusedError as error:
            refusals = [error]
        counted = 0

        async def again() -> T:
            if refusals:
                raise refusals.pop()
            return await attempt()

        def wait(state: RetryCallState) -> float:
            nonlocal counted
            refused = _refusal(state)
            counted += refused.counts
            if refused.wait is not None:
                return refused.wait
            return backoff_seconds(max(1, counted), self._base_delay, self._spread())

        def stop(state: RetryCallState) -> bool:
            return counted > self._max_retries or self._clock.monotonic() + state.upcoming_sleep >= deadline

        tries = AsyncRetrying(
            retry=retry_if_exception_type(AttemptRefusedError),
            wait=wait,
            stop=stop,
            sleep=self._clock.sleep,
            reraise=True,
        )
        try:
            return await tries(again)
        except AttemptRefusedError as refused:
            raise refused.error from None


def _refusal(state: RetryCallState) -> AttemptRefusedError:
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, AttemptRefusedError):
        raise TypeError("only a refused attempt is tried again")
    return error
