"""Forward migrations: numbered ``.sql`` files, each recorded in the transaction that applies it.

A database knows its version twice: ``PRAGMA user_version`` (one cheap look at every start) and the table
``schema_migrations`` (which file, with its digest, and when).
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from robotrader.core.errors import ResourceError, StoreVersionError

NAMES = ("0001_core", "0002_datasets", "0003_trading")
"""Every migration, oldest first; the position is the version."""

_FOLDER = Path(__file__).parent


def script(name: str, folder: Path = _FOLDER) -> str:
    """The SQL of one migration."""
    return (folder / f"{name}.sql").read_text(encoding="utf-8")


def prepare(
    raw: sqlite3.Connection,
    path: Path,
    *,
    now: int,
    backups: Path | None,
    patience_seconds: float,
    names: Sequence[str] = NAMES,
    folder: Path = _FOLDER,
) -> None:
    """Bring an open database to the version of ``names``; safe to do from several processes at once.

    Before an older database is changed, a copy of it goes to ``backups``.

    Raises:
        StoreVersionError: a newer version wrote it.
        sqlite3.Error: it cannot be read or written.
    """
    version = _version(raw)
    if version > len(names):
        raise StoreVersionError(
            f"the database is of version {version}, this program knows {len(names)}",
            remedy="use the newer robotrader, or restore a copy from backups/",
        )
    if version == len(names):
        return
    os.chmod(path, 0o600)  # noqa: PTH101 - before anything private is in it
    _use_wal(raw, patience_seconds)
    raw.execute("BEGIN IMMEDIATE")
    try:
        version = _version(raw)
        if version and version < len(names):
            _copy(path, backups, version, now)
        for number, name in list(enumerate(names, 1))[version:]:
            text = script(name, folder)
            for statement in statements(text):
                raw.execute(statement)
            digest = hashlib.sha256(text.encode()).hexdigest()
            raw.execute("INSERT INTO schema_migrations VALUES (?, ?, ?, ?)", (number, name, digest, now))
            raw.execute(f"PRAGMA user_version = {number}")
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def problems(raw: sqlite3.Connection) -> list[str]:
    """What ``PRAGMA quick_check`` finds, and where the schema is not the sum of the migrations."""
    found = [str(row[0]) for row in raw.execute("PRAGMA quick_check(10)") if row[0] != "ok"]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for name in NAMES:
            for statement in statements(script(name)):
                fresh.execute(statement)
        expected, actual = schema(fresh), schema(raw)
    differing = [name for name in sorted(expected.keys() | actual.keys()) if expected.get(name) != actual.get(name)]
    found += [f"{name} is not as the migrations make it" for name in differing]
    recorded = {row[0]: row[1] for row in raw.execute("SELECT name, digest FROM schema_migrations")}
    digests = {name: hashlib.sha256(script(name).encode()).hexdigest() for name in NAMES}
    return found + [
        f"migration {name} is not the one that was applied" for name in NAMES if recorded.get(name) != digests[name]
    ]


def schema(raw: sqlite3.Connection) -> dict[str, str]:
    """Name to SQL of every table and index."""
    rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return dict(rows)


def statements(text: str) -> list[str]:
    """The statements of a script; a script is not run by ``executescript``, which would commit first."""
    found, current = [], ""
    for line in text.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current.strip())
            current = ""
    if current.strip():
        raise ResourceError("a migration ends in an unfinished statement")
    return found


def _version(raw: sqlite3.Connection) -> int:
    version: int = raw.execute("PRAGMA user_version").fetchone()[0]
    return version


def _use_wal(raw: sqlite3.Connection, patience_seconds: float) -> None:
    # Changing the journal mode fails at once when another process is doing the same: SQLite does not wait here.
    last = time.monotonic() + patience_seconds
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > last:
                raise
        else:
            return
        time.sleep(random.uniform(0.005, 0.05))  # noqa: S311 - jitter, in the connection's own thread


def _copy(path: Path, backups: Path | None, version: int, now: int) -> None:
    """A safety copy of what was committed before this migration began."""
    if backups is None:
        return
    target = backups / f"before-migration-from-{version}-{now // 1_000_000}.db"
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    target.chmod(0o600)
