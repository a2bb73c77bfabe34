"""Units of work over one SQLite connection: what they may do, and how those that wait share a transaction.

A *unit* is a plain function of a :class:`Transaction`. It is all or nothing by itself. It may be run again when a
neighbour fails, so it must have no effect but its SQL.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, TypeVar

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


class Waiting(NamedTuple):
    """A unit that waits for its turn, and what its caller waits for."""

    unit: Callable[[Transaction], Any]
    future: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a unit has no result."""

    error: BaseException


Done = list[tuple["asyncio.Future[Any]", Any]]
"""Who waits for the units that were run, each with the result or a ``Failure``."""


def read_all(raw: sqlite3.Connection, waiting: deque[Waiting]) -> Done:
    """Each in a transaction of its own, which is undone."""
    return [(each.future, _read_one(raw, each.unit)) for each in _next(waiting)]


def _read_one(raw: sqlite3.Connection, query: Callable[[Transaction], Any]) -> Any:
    try:
        raw.execute("BEGIN")
        return query(Transaction(raw))
    except BaseException as error:  # noqa: BLE001 - handed to its caller alone
        return Failure(typed(error))
    finally:
        _undo(raw)


def _undo(raw: sqlite3.Connection) -> None:
    """Undo what is not committed, as far as the connection still can."""
    with suppress(sqlite3.Error):
        if raw.in_transaction:
            raw.execute("ROLLBACK")


def commit_all(raw: sqlite3.Connection, waiting: deque[Waiting], urgent: deque[Waiting]) -> Done:
    """Those that wait now, in one transaction; it ends early with what is urgent as soon as that comes.

    If one fails, all are run again with a savepoint around each, so that only it is undone.
    """
    group = _joined(waiting, urgent)
    first = next(group, None)
    if first is None:
        return []
    taken: list[Waiting] = []
    results: list[Any] = []
    try:
        raw.execute("BEGIN IMMEDIATE")
        try:
            tx = Transaction(raw)
            for each in chain((first,), group):
                taken.append(each)
                results.append(each.unit(tx))
        except Exception:  # noqa: BLE001 - found out again below, by the unit that raised it
            if raw.in_transaction:  # a full disk, for one, has made SQLite roll back by itself
                raw.execute("ROLLBACK")
            raw.execute("BEGIN IMMEDIATE")
            results = [_alone(raw, each.unit) for each in taken]
        raw.execute("COMMIT")
    except BaseException as error:  # noqa: BLE001 - handed to every caller
        _undo(raw)
        taken = taken or [first, *_next(waiting)]  # it could not be begun, for anybody
        results = [Failure(typed(error))] * len(taken)
    return [(each.future, result) for each, result in zip(taken, results, strict=True)]


def _alone(raw: sqlite3.Connection, unit: Callable[[Transaction], Any]) -> Any:
    raw.execute("SAVEPOINT unit")
    try:
        return unit(Transaction(raw))
    except Exception as error:
        if not raw.in_transaction:
            raise  # SQLite has undone the neighbours' units too
        raw.execute("ROLLBACK TO unit")
        return Failure(typed(error))
    finally:
        if raw.in_transaction:
            raw.execute("RELEASE unit")


def _next(waiting: deque[Waiting]) -> Iterator[Waiting]:
    """Those that wait now, one by one; others may come meanwhile, which are left."""
    for _ in range(len(waiting)):
        each = waiting.popleft()
        if not each.future.cancelled():
            yield each


def _joined(waiting: deque[Waiting], urgent: deque[Waiting]) -> Iterator[Waiting]:
    for each in _next(waiting):
        yield each
        if urgent:
            yield from _next(urgent)
            return


_REMEDIES = {
    "SQLITE_FULL": "free some disk space",
    "SQLITE_IOERR": "free some disk space, and check the disk; robotrader doctor then looks again",
    "SQLITE_READONLY": "make the home folder writable",
    "SQLITE_CANTOPEN": "make the home folder writable",
    "SQLITE_NOTADB": "move the file away, or put back a copy from backups/",
    "SQLITE_CORRUPT": "put back a copy from backups/",
}


def typed(error: BaseException) -> BaseException:
    """SQLite's errors as ours; every other error as it is, but for the one that no future takes."""
    if isinstance(error, StopIteration):
        return RuntimeError("a unit raised StopIteration")
    if not isinstance(error, sqlite3.Error):
        return error
    name = getattr(error, "sqlite_errorname", "") or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreBusyError(
            "another process kept the database busy for too long", details=str(error), remedy="try again in a moment"
        )
    remedy = next((text for start, text in _REMEDIES.items() if name.startswith(start)), None)
    return ResourceError(f"the database failed: {error}", details=name, remedy=remedy, metadata={"sqlite": name})


def translated(function: Callable[..., T], *args: Any) -> T:
    """Call a function, with SQLite's errors as ours."""
    try:
        return function(*args)
    except sqlite3.Error as error:
        raise typed(error) from error
