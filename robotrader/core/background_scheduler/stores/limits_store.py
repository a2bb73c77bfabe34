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

Chooser = Callable[[BreakerState, Mapping[str, KeyState]], str | None]
"""Names the key to ask with, by its fingerprint, or none; pure."""

Place = tuple[BreakerState, Mapping[str, KeyState], str | None, float]
"""The breaker and the keys as found, the key chosen, and the seconds until its place comes."""

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

    def admit(self, tx: Transaction, service: str, choose: Chooser, per_minute: int) -> Place:
        """Part of a transaction: let ``choose`` pick a key, and take a place in its sliding window.

        Never more than ``per_minute`` requests in any 60 seconds with one key, whichever process asks.
        """
        now = to_micros(self._clock.now())
        state, keys = _all_of(tx, service)
        chosen = choose(state, keys)
        at = now if chosen is None else _reserve(tx, f"{service}:{chosen}", per_minute, now)
        return state, keys, chosen, (at - now) / 1_000_000

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


def _all_of(tx: Transaction, service: str) -> tuple[BreakerState, Mapping[str, KeyState]]:
    """The breaker and the keys of a service, by one statement."""
    rows = tx.all(
        "SELECT NULL, opened_until, failures, NULL FROM breakers WHERE service = ?1 UNION ALL"
        " SELECT fingerprint, cool_until, removed, reason FROM api_keys WHERE service = ?1",
        (service,),
    )
    state, keys = BreakerState(), {}
    for name, until, number, reason in rows:
        instant = None if until is None else from_micros(until)
        if name is None:
            state = BreakerState(number, instant)
        else:
            keys[name] = KeyState(name, instant, bool(number), reason)
    return state, keys


def _reserve(tx: Transaction, gate: str, per_minute: int, now: int) -> int:
    """Take the next place in a window; returns when it comes. Places of the past are cleared away now and then."""
    row = tx.one(
        "SELECT (SELECT at FROM rate_reservations WHERE gate = ?1 ORDER BY at DESC, n DESC LIMIT 1 OFFSET ?2),"
        " (SELECT min(at) FROM rate_reservations WHERE gate = ?1)",
        (gate, per_minute - 1),
    )
    nth, oldest = row or (None, None)
    if oldest is not None and oldest <= now - 2 * MINUTE:
        tx.run("DELETE FROM rate_reservations WHERE gate = ? AND at <= ?", (gate, now - MINUTE))
    at = now if nth is None else max(now, int(nth) + MINUTE)
    tx.run(
        "INSERT INTO rate_reservations (gate, at, n) SELECT ?1, ?2, count(*) FROM rate_reservations"
        " WHERE gate = ?1 AND at = ?2",
        (gate, at),
    )
    return at
