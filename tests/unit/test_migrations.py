"""The schema is the sum of the migrations, newer databases are refused, and starting together does no harm."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from robotrader.core import migrations
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import ResourceError, StoreVersionError
from tests.support.clock import FakeClock


async def workers_ended() -> None:
    """Wait for the threads of connections that could not be opened."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5.0)


async def make(path: Path) -> None:
    db = DatabaseStateManager(path, clock=FakeClock())
    await db.read(lambda tx: tx.one("SELECT 1"))
    await db.close()


async def problems(path: Path) -> list[str]:
    db = DatabaseStateManager(path, clock=FakeClock())
    try:
        return await db.problems()
    finally:
        await db.close()


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(sql)


async def test_a_fresh_database_is_as_the_migrations_make_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await make(path)
    assert await problems(path) == []
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert raw.execute("PRAGMA user_version").fetchone() == (len(migrations.NAMES),)


async def test_every_migration_is_recorded_with_what_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await make(path)
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute("SELECT version, name, digest FROM schema_migrations ORDER BY version").fetchall()
    digests = [hashlib.sha256(migrations.script(name).encode()).hexdigest() for name in migrations.NAMES]
    assert rows == [
        (n, name, digest) for n, (name, digest) in enumerate(zip(migrations.NAMES, digests, strict=True), 1)
    ]


async def test_every_migration_file_is_listed() -> None:
    files = sorted(path.stem for path in Path(migrations.__file__).parent.glob("*.sql"))
    assert files == sorted(migrations.NAMES)


@pytest.mark.parametrize(
    "damage",
    [
        "CREATE TABLE stranger (id INTEGER)",
        "ALTER TABLE tasks ADD COLUMN stranger TEXT",
        "UPDATE schema_migrations SET digest = 'other'",
        "DELETE FROM schema_migrations",
    ],
)
async def test_what_differs_from_the_migrations_is_found(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.db"
    await make(path)
    change(path, damage)
    assert await problems(path)


async def test_a_dropped_index_is_found_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await make(path)
    with closing(sqlite3.connect(path)) as raw:
        sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = [row[0] for row in raw.execute(sql)]
    assert indexes
    for number, index in enumerate(indexes):
        copy = tmp_path / f"{number}.db"
        await make(copy)
        change(copy, f"DROP INDEX {index}")
        assert await problems(copy) == [f"{index} is not as the migrations make it"]


async def test_a_database_of_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await make(path)
    change(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    db = DatabaseStateManager(path, clock=FakeClock())
    with pytest.raises(StoreVersionError) as caught:
        await db.read(lambda tx: tx.one("SELECT 1"))
    with pytest.raises(StoreVersionError):
        await db.write(lambda tx: tx.one("SELECT 1"))
    await db.close()
    await workers_ended()
    assert caught.value.exit_code == 3
    assert "newer robotrader" in (caught.value.context.remedy or "")
    assert path.read_bytes() == before


def test_eight_processes_open_a_fresh_home_at_once(tmp_path: Path) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from robotrader.bootstrap import open_app\n"
        "from robotrader.settings import Settings\n"
        "async def main():\n"
        "    sys.stdin.readline()\n"
        "    async with open_app(Settings(pathlib.Path(sys.argv[1]))) as app:\n"
        "        await (await app.watchlist()).watch([sys.argv[2]])\n"
        "        await (await app.tasks()).tick()\n"
        "asyncio.run(main())\n"
    )
    home, symbols = tmp_path / "home", ("SBIN", "TCS", "INFY", "RELIANCE")
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(home), symbols[n % 4]],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for n in range(8)
    ]  # fmt: skip
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    ends = [(*program.communicate(timeout=50), program.returncode) for program in programs]
    assert [end[2] for end in ends] == [0] * 8, ends
    with closing(sqlite3.connect(home / "robotrader.db")) as raw:
        assert raw.execute("SELECT count(*) FROM schema_migrations").fetchone() == (len(migrations.NAMES),)
        assert raw.execute("SELECT count(*) FROM watchlist").fetchone() == (4,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_statements_are_told_apart() -> None:
    text = "-- a; comment\nCREATE TABLE a (x TEXT DEFAULT ';');\nCREATE INDEX i\n ON a (x);\n"
    assert migrations.statements(text) == [
        "-- a; comment\nCREATE TABLE a (x TEXT DEFAULT ';');",
        "CREATE INDEX i\n ON a (x);",
    ]
    with pytest.raises(ResourceError, match="unfinished"):
        migrations.statements("CREATE TABLE a (x TEXT)")


async def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    """A table that is in the way: nothing of the migration is kept, and the next start tries again."""
    path = tmp_path / "a.db"
    change(path, "CREATE TABLE events (mine TEXT); INSERT INTO events VALUES ('kept')")
    db = DatabaseStateManager(path, clock=FakeClock())
    with pytest.raises(ResourceError):
        await db.read(lambda tx: tx.one("SELECT 1"))
    await db.close()
    await workers_ended()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("events",)]
        assert raw.execute("SELECT mine FROM events").fetchall() == [("kept",)]
        assert raw.execute("PRAGMA user_version").fetchone() == (0,)


def test_an_older_database_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    folder, backups, path = tmp_path / "sql", tmp_path / "backups", tmp_path / "home.db"
    folder.mkdir()
    backups.mkdir()
    first = migrations.NAMES[0]
    (folder / f"{first}.sql").write_text(migrations.script(first))
    (folder / "0002_next.sql").write_text("CREATE TABLE later (n INTEGER) STRICT;\nINSERT INTO later VALUES (1);\n")

    def prepare(*names: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            migrations.prepare(
                raw, path, now=1_000_000, backups=backups, patience_seconds=5.0, names=names, folder=folder
            )

    prepare(first)
    assert list(backups.iterdir()) == []
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("INSERT INTO watchlist VALUES ('SBIN', 1)")
    prepare(first, "0002_next")
    prepare(first, "0002_next")
    (copy,) = backups.iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(path)) as new:
        assert old.execute("PRAGMA user_version").fetchone() == (1,)
        assert old.execute("SELECT symbol FROM watchlist").fetchall() == [("SBIN",)]
        assert old.execute("SELECT name FROM sqlite_master WHERE name = 'later'").fetchall() == []
        assert new.execute("PRAGMA user_version").fetchone() == (2,)
        assert new.execute("SELECT name FROM schema_migrations ORDER BY version").fetchall() == [
            (first,),
            ("0002_next",),
        ]
        assert new.execute("SELECT n FROM later").fetchall() == [(1,)]
    with pytest.raises(StoreVersionError):
        prepare(first)
