"""Who may ask now, and with which key: the breaker, the key ring and the rate window of one service, in this order.

All of their state lives behind ``LimitsPort``, so that it holds for every process and outlives each.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.clients import breaker
from robotrader.core.background_scheduler.clients.key_ring import (
    ApiKey,
    Cooling,
    Picked,
    after_rate_limit,
    after_rejection,
    choose,
    is_live,
)
from robotrader.core.background_scheduler.clients.ports import CallPort, LimitsPort, Place
from robotrader.core.background_scheduler.clients.retry_handler import backoff_seconds
from robotrader.core.background_scheduler.clients.sending import committed
from robotrader.core.background_scheduler.models import BreakerState, KeyState
from robotrader.core.clock import EPOCH, Clock
from robotrader.core.errors import (
    AuthenticationError,
    CircuitOpenError,
    ConfigurationError,
    RateLimitError,
    ResourceError,
)

log = logging.getLogger(__name__)
BARRED_SECONDS = 3600.0
"""How long a key rests after a 403, which a proxy or a firewall may have sent."""


class Service(NamedTuple):
    """Who is asked: ``per_minute`` is the most requests in any minute with one key."""

    name: str
    keys: tuple[ApiKey, ...]
    per_minute: int


class Admission:
    """Lets requests of one service through and remembers how they went.

    Args:
        spread: random numbers in [0, 1).
    """

    def __init__(
        self,
        service: Service,
        *,
        limits: LimitsPort,
        clock: Clock,
        spread: Callable[[], float],
    ) -> None:
        self._service, self._keys, self._per_minute = service.name, service.keys, service.per_minute
        self._limits, self._clock, self._spread = limits, clock, spread
        self._names = [key.fingerprint for key in service.keys]
        self._cursor = 0
        self._strikes: dict[str, tuple[int, datetime]] = {}
        self._failing = False

    async def admit(self, call: CallPort, deadline: float) -> ApiKey:
        """Commit "sent" with a key to ask with, now, and return the key.

        Waits for a cool-down or a place in the window where that ends before ``deadline``.

        Raises:
            OutcomeUnknownError: the row is not ours to send; nothing may leave.
            CircuitOpenError: the service failed repeatedly and is left alone.
            ConfigurationError: there is no key at all.
            AuthenticationError: every key was rejected.
            RateLimitError: the wait would not end before the deadline.
        """
        if not self._keys:
            raise ConfigurationError("no API key is set", remedy="set PERPLEXITY_API_KEYS, or use the sandbox")
        while True:
            # The next one starts where this one will have left off, if the key there is live.
            start, self._cursor = self._cursor, (self._cursor + 1) % len(self._names)
            now, found = self._clock.now(), list[Place]()
            sent = await committed(call, call.sent_by(partial(self._key_of, now, start, found)))
            state, keys, chosen, wait = found[-1]
            self._check_breaker(state, now)
            if chosen is None:
                await self._cool_down(keys, now, deadline)
                continue
            index = self._names.index(chosen)
            if index != start:
                self._cursor = (index + 1) % len(self._names)
            if not sent:
                self._check_time(wait, deadline, f"more than {self._per_minute} requests a minute")
                await self._clock.sleep(wait)
                keys = await self._limits.key_states(self._service)
                if not is_live(keys.get(chosen), self._clock.now()):
                    continue
                self._check_breaker(await self._limits.breaker(self._service), self._clock.now())
                await committed(call, call.sent(chosen))
            return self._keys[index]

    def _key_of(self, now: datetime, start: int, found: list[Place], transaction: Any) -> str | None:
        """Part of a transaction: look at everything at once, and name the key that may be used at once."""

        def pick(state: BreakerState, keys: Mapping[str, KeyState]) -> str | None:
            choice = choose(self._names, keys, now, start)
            return self._names[choice.index] if breaker.admits(state, now) and isinstance(choice, Picked) else None

        found.append(self._limits.admit(transaction, self._service, pick, self._per_minute))
        _, _, chosen, wait = found[-1]
        return chosen if wait <= 0 else None

    async def rejected(self, key: ApiKey, reason: str, *, for_good: bool) -> None:
        """Never use the key again, in any process; or, where it may be a firewall that spoke, not for an hour."""
        states = await self._limits.key_states(self._service)
        known, name = states.get(key.fingerprint), key.fingerprint
        if for_good:
            state = after_rejection(known, name, reason)
        else:
            state = after_rate_limit(known, name, self._clock.now(), BARRED_SECONDS, reason)
        await self._remember(states.get(key.fingerprint), state)

    async def rate_limited(self, key: ApiKey, sent_at: datetime, hint: float | None, reason: str) -> float:
        """Leave the key alone for ``hint`` seconds or, without one, twice as long each time; returns the seconds.

        The back-off starts with the time that one request takes of the window. Requests that were under way together
        and are refused together count once.
        """
        states, now = await self._limits.key_states(self._service), self._clock.now()
        strikes, last = self._strikes.get(key.fingerprint, (0, EPOCH))
        if sent_at > last:
            strikes, last = strikes + 1, now
            self._strikes[key.fingerprint] = (strikes, last)
        end = last + timedelta(seconds=backoff_seconds(strikes, 60.0 / self._per_minute, 0.0))
        seconds = max(0.0, (end - now).total_seconds()) if hint is None else hint
        if seconds > 0:  # else it was refused with others, whose cool-down is over
            state = after_rate_limit(states.get(key.fingerprint), key.fingerprint, now, seconds, reason)
            await self._remember(states.get(key.fingerprint), state)
        return seconds

    async def untried_left(self, tried: Collection[str]) -> bool:
        """Whether a live key is left that is not among ``tried``."""
        states, now = await self._limits.key_states(self._service), self._clock.now()
        return any(name not in tried and is_live(states.get(name), now) for name in self._names)

    async def went(self, key: ApiKey, *, ok: bool) -> None:
        """Count the service's success or failure; a success after no failure needs no write.

        The call it tells of is over and recorded, so a busy store is no reason to lose its result.
        """
        if ok:
            self._strikes.pop(key.fingerprint, None)
        if ok and not self._failing:
            return
        try:
            state = await self._limits.record_outcome(self._service, ok=ok, now=self._clock.now())
        except ResourceError as error:
            log.warning("%s: the outcome was not counted: %s", self._service, error)
            return
        self._failing = state.failures > 0

    async def _remember(self, before: KeyState | None, state: KeyState) -> None:
        if state != before:
            await self._limits.save_key_state(self._service, state)
            until = "for good" if state.removed else f"until {state.cool_until}"
            log.warning("%s: key %s is left alone %s: %s", self._service, state.fingerprint, until, state.reason)

    def _check_breaker(self, state: BreakerState, now: datetime) -> None:
        self._failing = state.failures > 0
        if not breaker.admits(state, now):
            raise CircuitOpenError(
                f"{self._service} failed {state.failures} times in a row and is left alone for a while",
                remedy="see `robotrader doctor`; it is asked again by itself",
                retry_after_seconds=breaker.seconds_open(state, now),
            )

    async def _cool_down(self, states: Mapping[str, KeyState], now: datetime, deadline: float) -> None:
        """Wait until the first key may be used again."""
        choice = choose(self._names, states, now, 0)
        if not isinstance(choice, Cooling):
            raise AuthenticationError(
                f"{self._service} rejected every API key ({len(self._keys)} configured)",
                remedy="put a valid key into PERPLEXITY_API_KEYS; see `robotrader doctor`",
            )
        wait = (choice.until - now).total_seconds()
        left = self._check_time(wait, deadline, "every API key is cooling down after HTTP 429")
        await self._clock.sleep(min(wait * (1.0 + 0.1 * self._spread()), wait + left / 2))

    def _check_time(self, wait: float, deadline: float, why: str) -> float:
        """Seconds that are left after ``wait``."""
        left = deadline - self._clock.monotonic() - wait
        if left <= 0:
            raise RateLimitError(
                f"{self._service}: {why}",
                remedy="wait, add a key, or ask for fewer symbols at once",
                retry_after_seconds=wait,
            )
        return left
