"""The one door to SQLite: transactions in one thread hop, group commit, migrations, typed state. No domain words.

A *unit* is a plain function of a :class:`Transaction`; it runs in the connection's own thread, so a transaction of
many statements costs one hop. Units that are waiting when the thread is free share one commit (and so one flush of the
disk); each is all or nothing by itself. A unit may be run again when a neighbour fails, so it must have no effect but
its SQL.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import aiosqlite

from robotrader.core import migrations
from robotrader.core.clock import Clock, to_micros
from robotrader.core.errors import ResourceError, StoreBusyError

T = TypeVar("T")
Row = tuple[Any, ...]


class Transaction:
    """What a unit may do inside its transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> int:
        """Execute one statement; returns the number of rows it changed."""
        return self._connection.execute(sql, parameters).rowcount

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement for each row of parameters; returns the number of rows changed."""
        return self._connection.executemany(sql, rows).rowcount

    @contextmanager
    def part(self) -> Iterator[None]:
        """A block of statements that are undone where it raises; what was done before it stays."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO part")
            raise
        finally:
            self._connection.execute("RELEASE part")

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Row | None:
        """The first row, or None."""
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """Every row."""
        return self._connection.execute(sql, parameters).fetchall()


@dataclass(frozen=True, slots=True)
class StateKey(Generic[T]):
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


_Waiting = tuple[Callable[[Transaction], Any], "asyncio.Future[Any]"]


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
        self._writes, self._urgent, self._reads = _Lane(_commit), _Lane(_commit), _Lane(_read_all)

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a unit that only reads; whatever it changes is undone.

        Raises:
            StoreBusyError, StoreVersionError, ResourceError: the database cannot be used.
        """
        return await self._take_turn(self._reads, query)

    async def write(self, unit: Callable[[Transaction], T], *, urgent: bool = False) -> T:
        """Run a unit in a transaction that is on disk when this returns; shared with whatever else is waiting.

        What is ``urgent`` shares its transaction only with what is urgent too, and so waits for one other at most. A
        caller that is cancelled while waiting cannot know whether the unit was committed.

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
        return await connection.call(lambda raw: _translated(migrations.problems, raw))

    async def close(self) -> None:
        """Wait for what was queued, then close. A closed manager opens again when it is used again."""
        while tasks := [lane.task for lane in (self._writes, self._urgent, self._reads) if lane.task is not None]:
            await asyncio.wait(tasks)
        connection, self._open_connection = self._open_connection, None
        if connection is not None:
            await connection.close()

    async def _connection(self) -> _Connection:
        if self._open_connection is None:
            async with self._opening:
                if self._open_connection is None:
                    now = to_micros(self._clock.now())
                    connection = _Connection(lambda: _translated(self._open, now), iter_chunk_size=64)
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
        lane.waiting.append((unit, future))
        if lane.task is None:
            lane.task = asyncio.create_task(_drain(lane, connection))
        return await future


class _Lane:
    """Units that wait to be run together, in one hop to the connection's thread, and what runs them."""

    __slots__ = ("run", "task", "waiting")

    def __init__(self, run: Callable[[sqlite3.Connection, Sequence[Callable[[Transaction], Any]]], list[Any]]) -> None:
        self.run = run
        self.task: asyncio.Task[None] | None = None
        self.waiting: list[_Waiting] = []


async def _drain(lane: _Lane, connection: _Connection) -> None:
    try:
        while lane.waiting:
            await asyncio.sleep(0)  # let whoever is ready join
            batch, lane.waiting = [w for w in lane.waiting if not w[1].cancelled()], []
            if not batch:
                continue
            units = [unit for unit, _ in batch]
            try:
                results = await connection.call(lambda raw, units=units: _translated(lane.run, raw, units))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - handed to every caller of the batch
                results = [_Failure(error)] * len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():
                    continue
                if isinstance(result, _Failure):
                    future.set_exception(result.error)
                else:
                    future.set_result(result)
    finally:
        lane.task = None


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


def _read_all(raw: sqlite3.Connection, queries: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
    """Each query in a transaction of its own, which is undone."""
    return [_read_one(raw, query) for query in queries]


def _read_one(raw: sqlite3.Connection, query: Callable[[Transaction], Any]) -> Any:
    raw.execute("BEGIN")
    try:
        return query(Transaction(raw))
    except Exception as error:  # noqa: BLE001 - handed to its caller alone
        return _Failure(_typed(error))
    finally:
        if raw.in_transaction:
            raw.execute("ROLLBACK")


def _commit(raw: sqlite3.Connection, units: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
    """All units in one transaction; if one fails, again with a savepoint around each, so that only it is undone."""
    raw.execute("BEGIN IMMEDIATE")
    try:
        tx = Transaction(raw)
        results: list[Any]
        try:
            results = [unit(tx) for unit in units]
        except Exception:  # noqa: BLE001 - found out again below, by the unit that raised it
            if raw.in_transaction:  # a full disk, for one, has made SQLite roll back by itself
                raw.execute("ROLLBACK")
            raw.execute("BEGIN IMMEDIATE")
            results = [_alone(raw, unit) for unit in units]
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise
    return results


def _alone(raw: sqlite3.Connection, unit: Callable[[Transaction], Any]) -> Any:
    raw.execute("SAVEPOINT unit")
    try:
        return unit(Transaction(raw))
    except Exception as error:
        if not raw.in_transaction:
            raise  # SQLite has undone the neighbours' units too
        raw.execute("ROLLBACK TO unit")
        return _Failure(_typed(error))
    finally:
        if raw.in_transaction:
            raw.execute("RELEASE unit")


_REMEDIES = {
    "SQLITE_FULL": "free some disk space",
    "SQLITE_IOERR": "free some disk space, and check the disk; robotrader doctor then looks again",
    "SQLITE_READONLY": "make the home folder writable",
    "SQLITE_CANTOPEN": "make the home folder writable",
    "SQLITE_NOTADB": "move the file away, or put back a copy from backups/",
    "SQLITE_CORRUPT": "put back a copy from backups/",
}


def _typed(error: Exception) -> Exception:
    """SQLite's errors as ours; every other error as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(
            "another process kept the database busy for too long", details=str(error), remedy="try again in a moment"
        )
    remedy = next((text for start, text in _REMEDIES.items() if name.startswith(start)), None)
    return ResourceError(f"the database failed: {error}", details=name, remedy=remedy, metadata={"sqlite": name})


def _translated(function: Callable[..., T], *args: Any) -> T:
    try:
        return function(*args)
    except sqlite3.Error as error:
        raise _typed(error) from error
