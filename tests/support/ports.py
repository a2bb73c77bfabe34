"""In-memory doubles of what a client of a paid service needs: a ledger row, shared limits, a clock that tests own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from robotrader.core.background_scheduler.clients import breaker
from robotrader.core.background_scheduler.clients.ports import Chooser, KeyOf, Place
from robotrader.core.background_scheduler.models import BreakerState, CallStatus, KeyState, RawAnswer
from robotrader.core.errors import OutcomeUnknownError

START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
WINDOW_SECONDS = 60.0


class FakeClock:
    """A clock that moves only when somebody sleeps on it; every sleep is written down."""

    def __init__(self, start: datetime = START) -> None:
        self._start, self._elapsed = start, 0.0
        self.sleeps: list[float] = []
        self.slept = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.advance(seconds)
        self.slept.set()
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        self._elapsed += max(0.0, seconds)


@dataclass
class MemoryCall:
    """One ledger row, as strict as the real one: every step is checked against the step before.

    ``fail`` names steps ("sent", "refused", "unknown", "answered") that raise the given error; ``pause`` is awaited in
    each step, so that a cancellation can be placed within it.
    """

    status: CallStatus = CallStatus.CLAIMED
    history: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    archive: list[RawAnswer] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)
    pause: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def sent(self, fingerprint: str) -> None:
        await self._step("sent")
        if self.status not in (CallStatus.CLAIMED, CallStatus.REFUSED):
            raise OutcomeUnknownError("the row is not ours to send")
        self.fingerprints.append(fingerprint)
        self._become(CallStatus.SENT)

    async def sent_by(self, key_of: KeyOf) -> bool:
        fingerprint = key_of(None)
        if fingerprint is not None:
            await self.sent(fingerprint)
        return fingerprint is not None

    async def refused(self, reason: str) -> None:
        await self._end("refused", CallStatus.REFUSED, reason)

    async def unknown(self, reason: str) -> None:
        await self._end("unknown", CallStatus.UNKNOWN, reason)

    async def answered(self, raw: RawAnswer) -> str:
        await self._end("answered", CallStatus.ANSWERED, "")
        self.archive.append(raw)
        return f"document-{len(self.archive)}"

    async def _end(self, name: str, status: CallStatus, reason: str) -> None:
        await self._step(name)
        if self.status is not CallStatus.SENT:
            raise ValueError(f"a row that is {self.status} cannot become {status}")
        if reason:
            self.reasons.append(reason)
        self._become(status)

    async def _step(self, name: str) -> None:
        self.entered.set()
        if self.pause is not None:
            await self.pause.wait()
        if name in self.fail:
            raise self.fail[name]

    def _become(self, status: CallStatus) -> None:
        self.status = status
        self.history.append(status.value)


class MemoryLimits:
    """Key memory, rate windows and breakers of one home; give the same object to two clients to play two processes."""

    def __init__(self, clock: FakeClock, *, breaker_failures: int = 5, breaker_seconds: float = 60.0) -> None:
        self._clock, self._limit, self._seconds = clock, breaker_failures, breaker_seconds
        self.keys: dict[str, dict[str, KeyState]] = {}
        self.breakers: dict[str, BreakerState] = {}
        self.places: dict[str, list[float]] = {}
        self.outcomes: list[bool] = []
        self.saved: list[KeyState] = []
        self.fail_outcome: Exception | None = None

    async def key_states(self, service: str) -> Mapping[str, KeyState]:
        return dict(self.keys.get(service, {}))

    async def save_key_state(self, service: str, state: KeyState) -> None:
        self.saved.append(state)
        self.keys.setdefault(service, {})[state.fingerprint] = state

    def admit(self, transaction: object, service: str, choose: Chooser, per_minute: int) -> Place:
        state, keys = self.breakers.get(service, BreakerState()), dict(self.keys.get(service, {}))
        chosen = choose(state, keys)
        return state, keys, chosen, 0.0 if chosen is None else self._reserve(f"{service}:{chosen}", per_minute)

    def _reserve(self, gate: str, per_minute: int) -> float:
        places, now = self.places.setdefault(gate, []), self._clock.monotonic()
        start = now if len(places) < per_minute else max(now, places[-per_minute] + WINDOW_SECONDS)
        places.append(start)
        return start - now

    async def breaker(self, service: str) -> BreakerState:
        return self.breakers.get(service, BreakerState())

    async def record_outcome(self, service: str, *, ok: bool, now: datetime) -> BreakerState:
        if self.fail_outcome is not None:
            raise self.fail_outcome
        self.outcomes.append(ok)
        state = await self.breaker(service)
        if ok:
            state = breaker.after_success(state)
        else:
            state = breaker.after_failure(state, now, limit=self._limit, seconds=self._seconds)
        self.breakers[service] = state
        return state
