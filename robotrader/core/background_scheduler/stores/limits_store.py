"""Limits that outlive a process: key cool-downs, the rate window, circuit breakers (``clients.ports.LimitsPort``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from robotrader.core.background_scheduler.models import BreakerState, KeyState
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import Clock, from_micros, iso, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.event_bus import Event, EventType

MINUTE = 60_000_000

BreakerRule = Callable[[BreakerState, bool, datetime], BreakerState]
"""What a success (True) or a failure (False) makes of a breaker; pure."""


class LimitsStore:
    """The limits of a home's external services."""

    def __init__(self, db: DatabaseStateManager, clock: Clock, events: EventStore, breaker_rule: BreakerRule) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._rule = breaker_rule

    async def key_states(self, service: str) -> Mapping[str, KeyState]:
        """What is remembered of each key, by fingerprint."""
        sql = "SELECT fingerprint, cool_until, removed, reason FROM api_keys WHERE service = ?"
        rows = await self._db.read(lambda tx: tx.all(sql, (service,)))
        return {
            fingerprint: KeyState(fingerprint, from_micros(cool) if cool is not None else None, bool(removed), reason)
            for fingerprint, cool, removed, reason in rows
        }

    async def save_key_state(self, service: str, state: KeyState) -> None:
        """Remember a key's cool-down or removal, and tell of it."""
        cool = to_micros(state.cool_until) if state.cool_until else None
        values = (service, state.fingerprint, cool, state.removed, state.reason, to_micros(self._clock.now()))
        kind = EventType.SYSTEM_KEY_REMOVED if state.removed else EventType.SYSTEM_KEY_COOLED
        until = iso(state.cool_until) if state.cool_until else None
        data = {"service": service, "fingerprint": state.fingerprint, "until": until, "reason": state.reason}

        def unit(tx: Transaction) -> None:
            tx.run(
                "INSERT INTO api_keys (service, fingerprint, cool_until, removed, reason, updated_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (service, fingerprint) DO UPDATE SET"
                " cool_until = excluded.cool_until, reason = excluded.reason,"
                " removed = max(removed, excluded.removed), updated_at = excluded.updated_at",
                values,
            )
            self._events.insert(tx, [Event(type=kind, source=service, data=data)])

        await self._db.write(unit)

    async def forgive_keys(self) -> int:
        """Forget every cool-down and removal, and close the breakers; returns how many keys that frees."""

        def unit(tx: Transaction) -> int:
            tx.run("DELETE FROM breakers")
            return tx.run("DELETE FROM api_keys")

        return await self._db.write(unit)

    async def reserve(self, gate: str, per_minute: int) -> float:
        """Take a place in a sliding window: never more than ``per_minute`` in any 60 seconds, whichever process asks.

        Returns:
            The seconds to wait before using the place.
        """
        now = to_micros(self._clock.now())

        def unit(tx: Transaction) -> int:
            tx.run("DELETE FROM rate_reservations WHERE gate = ? AND at <= ?", (gate, now - MINUTE))
            nth = tx.one(
                "SELECT at FROM rate_reservations WHERE gate = ? ORDER BY at DESC, n DESC LIMIT 1 OFFSET ?",
                (gate, per_minute - 1),
            )
            at = now if nth is None else max(now, nth[0] + MINUTE)
            tx.run(
                "INSERT INTO rate_reservations (gate, at, n)"
                " SELECT ?, ?, count(*) FROM rate_reservations WHERE gate = ? AND at = ?",
                (gate, at, gate, at),
            )
            return at

        return (await self._db.write(unit) - now) / 1_000_000

    async def breaker(self, service: str) -> BreakerState:
        """The breaker as every process sees it."""
        return await self._db.read(lambda tx: _breaker(tx, service))

    async def record_outcome(self, service: str, *, ok: bool, now: datetime) -> BreakerState:
        """Count a success or a failure, and tell where that opens the breaker."""

        def unit(tx: Transaction) -> BreakerState:
            before = _breaker(tx, service)
            after = self._rule(before, ok, now)
            until = to_micros(after.opened_until) if after.opened_until else None
            tx.run("INSERT OR REPLACE INTO breakers VALUES (?, ?, ?)", (service, after.failures, until))
            if after.opened_until is not None and after.opened_until != before.opened_until:
                data = {"service": service, "failures": after.failures, "until": iso(after.opened_until)}
                self._events.insert(tx, [Event(type=EventType.SYSTEM_BREAKER_OPENED, source=service, data=data)])
            return after

        return await self._db.write(unit)


def _breaker(tx: Transaction, service: str) -> BreakerState:
    row = tx.one("SELECT failures, opened_until FROM breakers WHERE service = ?", (service,))
    if row is None:
        return BreakerState()
    return BreakerState(row[0], from_micros(row[1]) if row[1] is not None else None)
