"""The one door to SQLite: transactions in one thread hop, group commit, migrations, typed state. No domain words.

A unit (``database_units``) runs in the connection's own thread, so a transaction of many statements costs one hop.
Units that are waiting when the thread is free share one commit (and so one flush of the disk).
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import aiosqlite

from robotrader.core import migrations
from robotrader.core.clock import Clock, to_micros
from robotrader.core.database_units import (
    Done,
    Failure,
    Row,
    Transaction,
    Waiting,
    commit_all,
    read_all,
    translated,
)
from robotrader.core.errors import ResourceError

__all__ = ["DatabaseStateManager", "OnStateChange", "Row", "StateKey", "Transaction"]

T = TypeVar("T")


class StateKey(NamedTuple, Generic[T]):
    """The name of one value of the ``state`` table, with its type: str, int, float, bool, dict or list."""

    name: str
    kind: type[T]


OnStateChange = Callable[[Transaction, str, Any, Any], None]
"""Called in the transaction of a state change with the key, the old and the new value."""


class _Connection(aiosqlite.Connection):
    """An aiosqlite connection that also runs a whole function in its thread, and whose end can be waited for."""

    ended: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        self.ended = super().stop()
        return self.ended

    async def call(self, function: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]
        return result

    def begin(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Have the thread run a function that tells of its end itself."""
        if not self._running or self._connection is None:
            raise ResourceError("the database is closed")
        self._tx.put_nowait((None, partial(function, self._conn)))


class DatabaseStateManager:
    """Async access to one SQLite file.

    Args:
        path: the database file; its folder must exist.
        synchronous: ``FULL`` survives a power cut at any instant, ``NORMAL`` may lose the last commits then.
        busy_timeout_seconds: how long to wait for another process before ``StoreBusyError``.
        backups: where the safety copy before a migration goes.
        on_state_change: writes the event of a state change in the change's own transaction.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        busy_timeout_seconds: float = 30.0,
        backups: Path | None = None,
        on_state_change: OnStateChange | None = None,
    ) -> None:
        self._path = path
        self._clock = clock
        self._synchronous = synchronous
        self._busy_timeout = busy_timeout_seconds
        self._backups = backups
        self._on_state_change = on_state_change
        self._opening = asyncio.Lock()
        self._open_connection: _Connection | None = None
        self._reads = _Lane(read_all, at_once=True)
        self._urgent = _Lane(partial(commit_all, urgent=deque()), at_once=True)
        self._writes = _Lane(partial(commit_all, urgent=self._urgent.waiting))

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a unit that only reads; whatever it changes is undone.

        Raises:
            StoreBusyError, StoreVersionError, ResourceError: the database cannot be used.
        """
        return await self._take_turn(self._reads, query)

    async def write(self, unit: Callable[[Transaction], T], *, urgent: bool = False) -> T:
        """Run a unit in a transaction that is on disk when this returns; shared with whatever else is waiting.

        What is ``urgent`` waits for the end of one other unit, or of a whole group where one of it fails. A caller that
        is cancelled while waiting cannot know whether the unit was committed.

        Raises:
            StoreBusyError, StoreVersionError, ResourceError: the database cannot be used.
            TradingError: whatever the unit itself raised; nothing of it is kept then.
        """
        return await self._take_turn(self._urgent if urgent else self._writes, unit)

    async def get_state(self, key: StateKey[T]) -> T | None:
        """The value, or None where none was set.

        Raises:
            ResourceError: the stored value is not of the key's type.
        """
        row = await self.read(lambda tx: tx.one("SELECT value FROM state WHERE key = ?", (key.name,)))
        if row is None:
            return None
        value = json.loads(row[0])
        if not isinstance(value, key.kind):
            raise ResourceError(f"the stored state {key.name!r} is not {key.kind.__name__}", metadata={"key": key.name})
        return value

    async def set_state(self, key: StateKey[T], value: T | None) -> bool:
        """Store a value (None removes it) and tell of it in the same transaction; returns whether it changed."""
        now, text = to_micros(self._clock.now()), json.dumps(value)

        def unit(tx: Transaction) -> bool:
            row = tx.one("SELECT value FROM state WHERE key = ?", (key.name,))
            old = None if row is None else json.loads(row[0])
            if old == value:
                return False
            if value is None:
                tx.run("DELETE FROM state WHERE key = ?", (key.name,))
            else:
                tx.run("INSERT OR REPLACE INTO state (key, value, updated_at) VALUES (?, ?, ?)", (key.name, text, now))
            if self._on_state_change is not None:
                self._on_state_change(tx, key.name, old, value)
            return True

        return await self.write(unit)

    async def problems(self) -> list[str]:
        """What SQLite's own check and the comparison with the migrations find; empty is sound."""
        connection = await self._connection()
        return await connection.call(lambda raw: translated(migrations.problems, raw))

    async def close(self) -> None:
        """Wait for what was queued, then close. A closed manager opens again when it is used again."""
        loop = asyncio.get_running_loop()
        lanes = (self._writes, self._urgent, self._reads)
        while busy := [lane.busy for lane in lanes if lane.busy is not None and lane.busy.get_loop() is loop]:
            await asyncio.wait(busy)
        connection, self._open_connection = self._open_connection, None
        if connection is not None:
            await connection.close()

    async def _connection(self) -> _Connection:
        if self._open_connection is None:
            async with self._opening:
                if self._open_connection is None:
                    now = to_micros(self._clock.now())
                    connection = _Connection(lambda: translated(self._open, now), iter_chunk_size=64)
                    try:
                        await connection
                    except BaseException:
                        if connection.ended is not None:
                            await connection.ended  # or its thread would report to a loop that is closed
                        raise
                    self._open_connection = connection
        return self._open_connection

    def _open(self, now: int) -> sqlite3.Connection:
        raw = sqlite3.connect(
            self._path, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            migrations.prepare(raw, self._path, now=now, backups=self._backups, patience_seconds=self._busy_timeout)
            raw.execute(f"PRAGMA synchronous = {self._synchronous}")
            raw.execute("PRAGMA foreign_keys = ON")
            # One checkpoint per ~16 MB of log instead of 4: each costs two flushes of the disk.
            raw.execute("PRAGMA wal_autocheckpoint = 4000")
        except BaseException:
            raw.close()
            raise
        return raw

    async def _take_turn(self, lane: _Lane, unit: Callable[[Transaction], T]) -> T:
        connection = await self._connection()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        lane.add(Waiting(unit, future), connection)
        return await future


class _Lane:
    """Units that wait to be run together, in one hop to the connection's thread, and what runs them there.

    Args:
        at_once: begin with the first that comes; else whoever is ready may join before.
    """

    __slots__ = ("_at_once", "_run", "busy", "waiting")

    def __init__(self, run: Callable[[sqlite3.Connection, deque[Waiting]], Done], *, at_once: bool = False) -> None:
        self._run = run
        self._at_once = at_once
        self.waiting: deque[Waiting] = deque()  # taken from in the thread, as late as can be
        self.busy: asyncio.Future[None] | None = None

    def add(self, unit: Waiting, connection: _Connection) -> None:
        """See that a unit is run."""
        loop = unit.future.get_loop()
        if self.busy is not None and self.busy.get_loop() is not loop:
            self.waiting.clear()  # left by a loop that has ended: nobody waits for them
            self.busy = None
        self.waiting.append(unit)
        if self.busy is None:
            self.busy = loop.create_future()
            if self._at_once:
                self._hand_over(connection, loop)
            else:
                loop.call_soon(loop.call_soon, self._hand_over, connection, loop)

    def _hand_over(self, connection: _Connection, loop: asyncio.AbstractEventLoop) -> None:
        def run(raw: sqlite3.Connection) -> None:
            done, failure = [], None
            try:
                done = self._run(raw, self.waiting)
            except BaseException as error:  # noqa: BLE001 - handed to every caller
                failure = error
            loop.call_soon_threadsafe(self._ended, connection, loop, done, failure)

        try:
            connection.begin(run)
        except ResourceError as error:
            self._ended(connection, loop, [], error)

    def _ended(
        self, connection: _Connection, loop: asyncio.AbstractEventLoop, done: Done, failure: BaseException | None
    ) -> None:
        """Give every caller what came of its unit, and go on with those who came meanwhile."""
        if failure is not None:
            done += [(each.future, Failure(failure)) for each in self.waiting]
            self.waiting.clear()
        try:
            for future, result in done:
                if future.done():
                    continue
                if isinstance(result, Failure):
                    future.set_exception(result.error)
                else:
                    future.set_result(result)
        finally:
            if not self.waiting:
                if self.busy is not None:
                    self.busy.set_result(None)
                self.busy = None
            elif self._at_once:
                self._hand_over(connection, loop)
            else:
                loop.call_soon(self._hand_over, connection, loop)
