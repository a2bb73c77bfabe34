"""The door to SQLite: transactions that are whole, typed state, and trouble told in words with a remedy."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.database_state import DatabaseStateManager, StateKey, Transaction
from robotrader.core.errors import NotFoundError, ResourceError, StoreBusyError
from tests.support.clock import FakeClock
from tests.support.spine import process

INSERT = "INSERT INTO state (key, value, updated_at) VALUES (?, ?, 0)"


def put(key: str) -> Callable[[Transaction], int]:
    return lambda tx: tx.run(INSERT, (key, "1"))


@asynccontextmanager
async def database(path: Path, **options: Any) -> AsyncIterator[DatabaseStateManager]:
    manager = DatabaseStateManager(path, clock=FakeClock(), **options)
    try:
        yield manager
    finally:
        await manager.close()
        await workers_ended()


async def workers_ended() -> None:
    """Wait for the threads of connections that could not be opened."""
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5.0)


async def keys(db: DatabaseStateManager) -> list[str]:
    return [row[0] for row in await db.read(lambda tx: tx.all("SELECT key FROM state ORDER BY key"))]


async def test_what_is_written_is_there_for_others(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db") as one, database(tmp_path / "a.db") as two:
        await one.write(put("a"))
        assert await keys(two) == ["a"]


async def test_what_is_urgent_goes_before_what_waits(tmp_path: Path) -> None:
    """While one unit runs, others come and then something urgent: it joins the transaction, and the others wait."""
    running, go_on = threading.Event(), threading.Event()
    order: list[tuple[str, int]] = []

    def slow(tx: Transaction) -> None:
        order.append(("slow", 0))
        running.set()
        go_on.wait(5.0)
        put("slow")(tx)

    def noted(name: str) -> Callable[[Transaction], None]:
        def unit(tx: Transaction) -> None:
            order.append((name, len(tx.all("SELECT 1 FROM state"))))
            put(name)(tx)

        return unit

    async with database(tmp_path / "a.db") as db:
        first = asyncio.create_task(db.write(slow))
        await asyncio.to_thread(running.wait, 5.0)
        others = [asyncio.create_task(db.write(noted(name))) for name in ("a", "b")]
        urgent = asyncio.create_task(db.write(noted("urgent"), urgent=True))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, urgent, *others)
        assert order == [("slow", 0), ("urgent", 1), ("a", 2), ("b", 3)]
        assert await keys(db) == ["a", "b", "slow", "urgent"]


async def test_what_is_urgent_is_begun_at_once_and_others_may_be_joined_before(tmp_path: Path) -> None:
    begun = {name: threading.Event() for name in ("read", "urgent", "write")}

    async def started(work: Awaitable[Any]) -> asyncio.Task[Any]:
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        return task

    async with database(tmp_path / "state.db") as db:
        await keys(db)
        # Waiting for the events holds up the loop, so what is begun now was begun in the caller's own step.
        tasks = [await started(db.read(lambda _: begun["read"].set()))]
        assert begun["read"].wait(5)
        tasks += [await started(db.write(lambda _: begun["urgent"].set(), urgent=True))]
        assert begun["urgent"].wait(5)
        tasks += [await started(db.write(lambda _: begun["write"].set()))]
        assert not begun["write"].wait(0.05)
        await asyncio.gather(*tasks)
        assert begun["write"].is_set()


def test_a_loop_that_is_closed_while_a_unit_runs_leaves_no_connection_behind(tmp_path: Path) -> None:
    code = """
import asyncio, sys, threading
from pathlib import Path
from robotrader.core.clock import SystemClock
from robotrader.core.database_state import DatabaseStateManager

begun, go_on = threading.Event(), threading.Event()

def unit(tx):
    begun.set()
    go_on.wait(5)

async def begin():
    db = DatabaseStateManager(Path(sys.argv[1]), clock=SystemClock())
    await db.read(lambda tx: None)
    asyncio.create_task(db.write(unit, urgent=True))
    while not begun.is_set():
        await asyncio.sleep(0)
    return db

loop = asyncio.new_event_loop()
db = loop.run_until_complete(begin())
for task in asyncio.all_tasks(loop):
    task.cancel()
loop.close()
go_on.set()
connection = db._open_connection
connection.stop()
connection._thread.join(5)
print(connection._connection is None)
"""
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-c", code, str(tmp_path / "state.db")]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "True\n"), ran.stderr


@pytest.mark.parametrize("how", ["read", "write", "urgent"])
def test_what_one_loop_left_behind_does_not_hold_up_the_next(tmp_path: Path, how: str) -> None:
    db = DatabaseStateManager(tmp_path / "state.db", clock=FakeClock())
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        go_on.wait(5)

    async def leave() -> None:
        await keys(db)
        task = asyncio.ensure_future(db.read(slow) if how == "read" else db.write(slow, urgent=how == "urgent"))
        await asyncio.to_thread(begun.wait, 5)
        task.cancel()

    async def go_on_with_it() -> list[str]:
        async with asyncio.timeout(10):
            await db.write(put("a"), urgent=how == "urgent")
            found = await keys(db)
            await db.close()
            return found

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(go_on_with_it()) == ["a"]


@pytest.mark.parametrize("how", ["read", "write"])
async def test_a_unit_that_breaks_the_connection_gets_an_error(tmp_path: Path, how: str) -> None:
    def breaks(tx: Transaction) -> None:
        tx._connection.close()
        tx.one("SELECT 1")

    async with database(tmp_path / "state.db") as db:
        await keys(db)
        async with asyncio.timeout(10):
            with pytest.raises(ResourceError):
                await (db.read(breaks) if how == "read" else db.write(breaks))


async def test_what_is_urgent_ends_a_transaction_of_many(tmp_path: Path) -> None:
    """It is on disk after the unit that runs when it comes; the rest of the group follows in another transaction."""
    running, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def noted(name: str, *, slow: bool = False) -> Callable[[Transaction], None]:
        def unit(tx: Transaction) -> None:
            if slow:
                running.set()
                go_on.wait(5.0)
            order.append(name)
            put(name)(tx)

        return unit

    async def told(name: str, work: Awaitable[object]) -> None:
        await work
        order.append(f"{name} is on disk")

    async with database(tmp_path / "a.db") as db:
        await db.read(lambda tx: None)
        writes = {name: db.write(noted(name, slow=name == "b")) for name in "abc"}
        group = [asyncio.create_task(told(name, work)) for name, work in writes.items()]
        await asyncio.to_thread(running.wait, 5.0)
        urgent = asyncio.create_task(told("urgent", db.write(noted("urgent"), urgent=True)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*group, urgent)
    assert order[:3] == ["a", "b", "urgent"]
    assert set(order[3:6]) == {f"{name} is on disk" for name in ("a", "b", "urgent")}
    assert order[6:] == ["c", "c is on disk"]


async def test_what_is_urgent_and_fails_harms_nobody(tmp_path: Path) -> None:
    running, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        running.set()
        go_on.wait(5.0)
        put("slow")(tx)

    def broken(tx: Transaction) -> None:
        put("broken")(tx)
        raise NotFoundError("none")

    async with database(tmp_path / "a.db") as db:
        first = asyncio.create_task(db.write(slow))
        await asyncio.to_thread(running.wait, 5.0)
        urgent = asyncio.create_task(db.write(broken, urgent=True))
        other = asyncio.create_task(db.write(put("other"), urgent=True))
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(first, other)
        with pytest.raises(NotFoundError):
            await urgent
        assert await keys(db) == ["other", "slow"]


@pytest.mark.parametrize("error", [asyncio.CancelledError("no"), StopIteration("no more"), GeneratorExit()])
async def test_an_odd_error_of_a_unit_harms_nobody_after_it(tmp_path: Path, error: BaseException) -> None:
    def odd(tx: Transaction) -> None:
        put("odd")(tx)
        raise error

    async with database(tmp_path / "a.db") as db:
        told = RuntimeError if isinstance(error, StopIteration) else type(error)
        assert [type(each) for each in await asyncio.gather(db.read(odd), return_exceptions=True)] == [told]
        found = await asyncio.gather(db.write(odd), db.write(put("beside")), return_exceptions=True)
        assert isinstance(found[0], told)
        await db.write(put("after"))
        assert set(await keys(db)) - {"beside"} == {"after"}
        assert ("beside" in await keys(db)) == (not isinstance(found[1], BaseException))


async def test_what_nobody_waits_for_any_more_is_not_begun(tmp_path: Path) -> None:
    """A writer of another process has the lock: a cancelled unit does not wait for it, and a reader goes on."""
    running, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        running.set()
        go_on.wait(5.0)

    async with database(tmp_path / "a.db", busy_timeout_seconds=6.0) as db:
        await db.write(put("a"))
        with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            first = asyncio.create_task(db.read(slow))
            await asyncio.to_thread(running.wait, 5.0)
            gone = asyncio.create_task(db.write(put("gone")))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            gone.cancel()
            go_on.set()
            await first
            async with asyncio.timeout(3.0):
                assert await keys(db) == ["a"]
        other.close()


async def test_a_read_changes_nothing(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db") as db:
        await db.read(put("a"))
        assert await keys(db) == []


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("none"),
        ValueError("v"),
        KeyError("k"),
        IndexError("i"),
        AttributeError("a"),
        RuntimeError("r"),
        OSError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_unit_that_fails_undoes_itself_alone(tmp_path: Path, error: Exception) -> None:
    """Ten writes wait at once and share a commit; one of them breaks after it has written."""

    def breaks(tx: Transaction) -> None:
        tx.run(INSERT, ("broken", "1"))
        raise error

    async with database(tmp_path / "a.db") as db:
        units: list[Callable[[Transaction], Any]] = [put(f"k{n}") for n in range(9)]
        units.insert(4, breaks)
        results = await asyncio.gather(*(db.write(unit) for unit in units), return_exceptions=True)
        assert results[4] is error
        assert [result for result in results if result is not error] == [1] * 9
        assert await keys(db) == [f"k{n}" for n in range(9)]


async def test_a_statement_that_fails_undoes_its_unit_alone(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db") as db:
        await db.write(put("taken"))
        results = await asyncio.gather(
            db.write(put("a")), db.write(lambda tx: (put("b")(tx), put("taken")(tx))), db.write(put("c")),
            return_exceptions=True,
        )  # fmt: skip
        assert isinstance(results[1], ResourceError)
        assert results[1].context.metadata["sqlite"].startswith("SQLITE_CONSTRAINT")
        assert await keys(db) == ["a", "c", "taken"]


async def test_a_cancelled_caller_harms_no_neighbour(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db") as db:
        await db.write(put("first"))
        writes = [asyncio.create_task(db.write(put(f"k{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        writes[2].cancel()
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [result for n, result in enumerate(results) if n != 2] == [1, 1, 1, 1]
        assert {"k0", "k1", "k3", "k4"} <= set(await keys(db))


async def test_closing_waits_for_what_was_asked(tmp_path: Path) -> None:
    db = DatabaseStateManager(tmp_path / "a.db", clock=FakeClock())
    await db.write(put("first"))
    writes = [asyncio.create_task(db.write(put(f"k{n}"))) for n in range(50)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*writes) == [1] * 50
    await db.close()
    async with database(tmp_path / "a.db") as other:
        assert len(await keys(other)) == 51


async def test_a_full_disk_is_told_with_a_remedy_and_undone(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db") as db:
        await db.write(put("first"))
        await db.write(lambda tx: tx.one("PRAGMA max_page_count = 1"))  # SQLite takes the present size instead
        with pytest.raises(ResourceError) as caught:
            await db.write(lambda tx: tx.run(INSERT, ("big", '"' + "x" * 10_000_000 + '"')))
        assert caught.value.context.remedy == "free some disk space"
        await db.write(lambda tx: tx.one("PRAGMA max_page_count = 1000000"))
        await db.write(put("after"))
        assert await keys(db) == ["after", "first"]


@pytest.mark.parametrize("name", ["SQLITE_IOERR", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC"])
async def test_an_error_of_the_disk_is_told_with_a_remedy(tmp_path: Path, name: str) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name

    def unit(tx: Transaction) -> None:
        raise error

    async with database(tmp_path / "a.db") as db:
        with pytest.raises(ResourceError, match="disk I/O error") as caught:
            await db.write(unit)
    assert caught.value.context.remedy == "free some disk space, and check the disk; robotrader doctor then looks again"


async def test_a_database_that_is_kept_busy_is_told_as_passing(tmp_path: Path) -> None:
    async with database(tmp_path / "a.db", busy_timeout_seconds=0.05) as db:
        await db.write(put("a"))
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreBusyError) as caught:
                await db.write(put("b"))
            assert caught.value.context.recoverable
            assert await keys(db) == ["a"]  # whoever reads does not wait
        finally:
            other.close()
        await db.write(put("b"))


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"this is not a database at all, but it is long enough to be looked at" * 20, "backups/"),
        (b"SQLite format 3\x00" + b"\xff" * 8000, "backups/"),
    ],
    ids=["text", "torn"],
)
async def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path, content: bytes, remedy: str) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(content)
    async with database(path) as db:
        with pytest.raises(ResourceError) as caught:
            await keys(db)
        assert remedy in (caught.value.context.remedy or "")
    assert path.read_bytes() == content


async def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    async with database(tmp_path / "a.db") as db:
        with pytest.raises(ResourceError) as caught:
            await keys(db)
        assert caught.value.context.remedy is not None


async def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with database(path) as db:
        for n in range(200):
            await db.write(lambda tx, n=n: tx.run(INSERT, (f"k{n:04}", '"' + "x" * 500 + '"')))
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    torn = bytearray(path.read_bytes())
    torn[len(torn) // 3 : len(torn) // 3 * 2] = b"\xa5" * (len(torn) // 3)
    path.write_bytes(torn)
    async with database(path) as db:
        found: list[str] = []
        try:
            found = await db.problems()
        except ResourceError as error:
            found = [error.context.remedy or ""]
        assert found
        assert all(found)


def test_a_home_that_cannot_be_written_is_told() -> None:
    """In a process that is not root, whom nothing stops."""
    code = (
        "import asyncio, os, pathlib, sys\n"
        "from robotrader.core.clock import SystemClock\n"
        "from robotrader.core.database_state import DatabaseStateManager\n"
        "from robotrader.core.errors import ResourceError\n"
        "async def main():\n"
        "    db = DatabaseStateManager(pathlib.Path(sys.argv[1]), clock=SystemClock())\n"
        "    try:\n"
        "        await db.read(lambda tx: tx.one('SELECT 1'))\n"
        "    except ResourceError as error:\n"
        "        print(error.context.remedy)\n"
        "    await db.close()\n"
        "    await asyncio.sleep(0.1)\n"
        "if os.geteuid() == 0:\n"
        "    os.setgid(65534)\n"
        "    os.setuid(65534)\n"
        "asyncio.run(main())\n"
    )
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "closed"
        folder.mkdir(mode=0o555)
        command = [sys.executable, "-c", code, str(folder / "a.db")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "make the home folder writable", done.stderr
        folder.chmod(0o755)


def test_a_database_that_cannot_be_opened_ends_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "robotrader.db").write_bytes(b"not a database, and long enough to be looked at" * 20)
    code = (
        "import asyncio, pathlib, sys\n"
        "from robotrader.core.clock import SystemClock\n"
        "from robotrader.core.database_state import DatabaseStateManager\n"
        "from robotrader.core.errors import ResourceError\n"
        "async def main():\n"
        "    db = DatabaseStateManager(pathlib.Path(sys.argv[1]), clock=SystemClock())\n"
        "    try:\n"
        "        await db.read(lambda tx: tx.one('SELECT 1'))\n"
        "    except ResourceError as error:\n"
        "        await db.close()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "robotrader.db")]
    for _ in range(5):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stderr == ""


TEXT, NUMBER, SHARE = StateKey("text", str), StateKey("number", int), StateKey("share", float)
YES, MAP, ROW = StateKey("yes", bool), StateKey("map", dict), StateKey("row", list)


async def test_state_is_typed(tmp_path: Path) -> None:
    values: list[tuple[StateKey[Any], Any]] = [
        (TEXT, "ü\n\"'"), (NUMBER, -(2**60)), (SHARE, 0.1), (YES, False), (MAP, {"a": [1, None]}), (ROW, []),
    ]  # fmt: skip
    async with database(tmp_path / "a.db") as db:
        for key, value in values:
            assert await db.get_state(key) is None
            assert await db.set_state(key, value)
            assert not await db.set_state(key, value)
        for key, value in values:
            found = await db.get_state(key)
            assert (found, type(found)) == (value, type(value))
        with pytest.raises(ResourceError, match="'text' is not int"):
            await db.get_state(StateKey("text", int))
        assert await db.set_state(TEXT, None)
        assert not await db.set_state(TEXT, None)
        assert await db.get_state(TEXT) is None


async def test_a_change_of_state_is_told_in_its_own_transaction(tmp_path: Path) -> None:
    told: list[tuple[str, Any, Any]] = []
    refuse = False

    def on_change(tx: Transaction, key: str, old: Any, new: Any) -> None:
        if refuse:
            raise ValueError("cannot be told")
        told.append((key, old, new))
        tx.run(INSERT, (f"told {key} {new}", "true"))

    async with database(tmp_path / "a.db", on_state_change=on_change) as db:
        await db.set_state(NUMBER, 1)
        await db.set_state(NUMBER, 1)
        await db.set_state(NUMBER, 2)
        await db.set_state(NUMBER, None)
        assert told == [("number", None, 1), ("number", 1, 2), ("number", 2, None)]
        refuse = True
        with pytest.raises(ValueError, match="cannot be told"):
            await db.set_state(NUMBER, 3)
        assert await db.get_state(NUMBER) is None
        assert await keys(db) == ["told number 1", "told number 2", "told number None"]


async def test_the_program_logs_its_changes_of_state(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        db = await p.get(DatabaseStateManager)
        await db.set_state(NUMBER, 5)
        assert (await p.event_types()).count("system.state_changed") == 2  # the start of the scheduler, and this


async def test_a_part_that_fails_is_undone_and_the_rest_stays(tmp_path: Path) -> None:
    def failing(tx: Transaction) -> None:
        with tx.part():
            put("undone")(tx)
            raise ValueError("no")

    def unit(tx: Transaction) -> None:
        put("before")(tx)
        with pytest.raises(ValueError, match="no"):
            failing(tx)
        with tx.part():
            put("after")(tx)

    async with database(tmp_path / "a.db") as db:
        await db.write(unit)
        assert await keys(db) == ["after", "before"]
