"""Events on disk: written in the transaction of their change, delivered at least once, dead after three tries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from robotrader.core.clock import Clock, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction
from robotrader.core.errors import NotFoundError
from robotrader.core.event_bus import Event, EventType

TRIES = 3
"""How often an event is offered to its subscribers before it is set aside as dead."""

_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_COLUMNS = "id, type, timestamp, source, data, correlation_id, version, delivery, attempts, error"


class StoredEvent(NamedTuple):
    """An event with the state of its delivery: pending, delivered or dead."""

    event: Event
    delivery: str
    attempts: int
    error: str | None


class EventStore:
    """The event log.

    Args:
        durable_types: the types somebody must be told of even after a crash; the rest is a log only.
        grace_seconds: how long the process that wrote an event has to deliver it before another one does.
    """

    def __init__(
        self, db: DatabaseStateManager, clock: Clock, *, durable_types: frozenset[EventType], grace_seconds: float
    ) -> None:
        self._db = db
        self._clock = clock
        self._durable = durable_types
        self._grace = timedelta(seconds=grace_seconds)

    def insert(self, tx: Transaction, events: Sequence[Event]) -> None:
        """Write events inside the transaction of their change; writing one again changes nothing."""
        due = to_micros(self._clock.now() + self._grace)
        tx.many(
            "INSERT OR IGNORE INTO events (id, type, timestamp, source, data, correlation_id, version, delivery,"
            " next_attempt_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))",
            [_values(event, due if event.type in self._durable else 0) for event in events],
        )

    def hasten(self, tx: Transaction) -> int:
        """Part of a transaction: whoever wrote the pending events is dead, so they are due now."""
        now = to_micros(self._clock.now())
        return tx.run("UPDATE events SET next_attempt_at = ? WHERE delivery = 'pending' AND attempts = 0", (now,))

    async def append(self, events: Sequence[Event]) -> None:
        """Write events that tell of no change in the database."""
        await self._db.write(lambda tx: self.insert(tx, events))

    async def delivered(self, ids: Sequence[str]) -> None:
        """Every durable subscriber was told."""
        rows = [(event_id,) for event_id in ids]
        await self._db.write(
            lambda tx: tx.many(
                "UPDATE events SET delivery = 'delivered', next_attempt_at = NULL, attempts = attempts + 1,"
                " error = NULL WHERE id = ? AND delivery != 'delivered'",
                rows,
            )
        )

    async def failed(self, event_id: str, error: str, now: datetime) -> None:
        """A durable subscriber failed: offered again later, or dead after ``TRIES``."""

        def unit(tx: Transaction) -> None:
            row = tx.one("SELECT attempts FROM events WHERE id = ?", (event_id,))
            if row is None:
                return
            attempts = row[0] + 1
            delivery = "dead" if attempts >= TRIES else "pending"
            again = None if delivery == "dead" else to_micros(now + self._grace * 2**attempts)
            tx.run(
                "UPDATE events SET attempts = ?, delivery = ?, next_attempt_at = ?, error = ? WHERE id = ?",
                (attempts, delivery, again, error[:500], event_id),
            )

        await self._db.write(unit)

    async def undelivered(self, now: datetime, limit: int) -> Sequence[Event]:
        """Pending events whose turn it is, oldest first; taking them gives the taker the grace to deliver them."""
        micros, due = to_micros(now), to_micros(now + self._grace)

        def unit(tx: Transaction) -> list[Row]:
            rows = tx.all(
                f"SELECT {_COLUMNS} FROM events WHERE delivery = 'pending' AND next_attempt_at <= ?"
                " ORDER BY seq LIMIT ?",
                (micros, limit),
            )
            tx.many("UPDATE events SET next_attempt_at = ? WHERE id = ?", [(due, row[0]) for row in rows])
            return rows

        if not await self._db.read(
            lambda tx: tx.one(
                "SELECT 1 FROM events WHERE delivery = 'pending' AND next_attempt_at <= ? LIMIT 1", (micros,)
            )
        ):
            return []
        return [_stored(row).event for row in await self._db.write(unit)]

    async def list(
        self,
        *,
        type: str | None = None,
        correlation: str | None = None,
        delivery: str | None = None,
        limit: int = 50,
    ) -> tuple[StoredEvent, ...]:
        """The newest events that match, newest first."""
        wanted = {"type": type, "correlation_id": correlation, "delivery": delivery}
        given = {name: value for name, value in wanted.items() if value is not None}
        where = " AND ".join(f"{name} = :{name}" for name in given)
        sql = f"SELECT {_COLUMNS} FROM events {'WHERE ' + where if where else ''} ORDER BY seq DESC LIMIT :limit"
        rows = await self._db.read(lambda tx: tx.all(sql, {**given, "limit": limit}))
        return tuple(_stored(row) for row in rows)

    async def get(self, event_id: str) -> StoredEvent:
        """One event, by its id or an unmistakable beginning of it.

        Raises:
            NotFoundError: none, or more than one.
        """
        rows = await self._db.read(
            lambda tx: tx.all(
                f"SELECT {_COLUMNS} FROM events WHERE id >= ? AND id < ? LIMIT 2", (event_id, event_id + "~")
            )
        )
        if len(rows) != 1 or not event_id:
            raise NotFoundError(
                f"{'no' if not rows else 'more than one'} event {event_id!r}",
                remedy="robotrader events list shows the ids",
            )
        return _stored(rows[0])

    async def revive(self, event_id: str | None) -> int:
        """Offer dead events (all, or one) to their subscribers again; returns how many."""
        now = to_micros(self._clock.now())
        which, parameters = ("AND id = ?", (now, event_id)) if event_id is not None else ("", (now,))
        sql = (
            f"UPDATE events SET delivery = 'pending', attempts = 0, next_attempt_at = ? WHERE delivery = 'dead' {which}"
        )
        return await self._db.write(lambda tx: tx.run(sql, parameters))

    async def dead(self) -> int:
        """How many events are dead."""
        row = await self._db.read(lambda tx: tx.one("SELECT count(*) FROM events WHERE delivery = 'dead'"))
        return int(row[0]) if row else 0


def _values(event: Event, due: int) -> tuple[str | int, ...]:
    return (
        event.id,
        event.type._value_,
        event.timestamp,
        event.source,
        _as_json(event.data),
        event.correlation_id,
        event.version,
        "pending" if due else "delivered",
        due,
    )


def _stored(row: Row) -> StoredEvent:
    event_id, kind, timestamp, source, data, correlation_id, version, delivery, attempts, error = row
    event = Event(
        id=event_id,
        type=EventType(kind),
        timestamp=timestamp,
        source=source,
        data=json.loads(data),
        correlation_id=correlation_id,
        version=version,
    )
    return StoredEvent(event, delivery, attempts, error)
