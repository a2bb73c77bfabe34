"""Who is alive: locks that the kernel lets go of, and looks at them that disturb nobody."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.errors import LockedError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "locks"


async def test_an_owner_is_alive_until_it_closes(folder: Path) -> None:
    one, two = OwnerRegistry(folder), OwnerRegistry(folder)
    assert one.owner != two.owner
    assert await two.dead([one.owner]) == [one.owner]  # it never registered
    await one.register()
    await one.register()
    assert await two.dead([one.owner, "gone"]) == ["gone"]
    assert await one.dead([one.owner]) == []
    await one.close()
    assert await two.dead([one.owner]) == [one.owner]
    assert list(folder.iterdir()) == []  # noqa: ASYNC240
    await one.close()


async def test_an_owner_that_is_killed_is_dead_at_once(folder: Path) -> None:
    code = (
        "import asyncio, pathlib, sys, time\n"
        "from robotrader.core.background_scheduler.core.owners import OwnerRegistry\n"
        "registry = OwnerRegistry(pathlib.Path(sys.argv[1]))\n"
        "asyncio.run(registry.register())\n"
        "print(registry.owner, flush=True)\n"
        "time.sleep(60)\n"
    )
    program = await asyncio.to_thread(
        subprocess.Popen, [sys.executable, "-c", code, str(folder)], text=True, stdout=subprocess.PIPE
    )
    assert program.stdout is not None
    owner = (await asyncio.to_thread(program.stdout.readline)).strip()
    registry = OwnerRegistry(folder)
    assert await registry.dead([owner]) == []
    program.kill()
    await asyncio.to_thread(program.communicate)
    assert await registry.dead([owner]) == [owner]
    await registry.bury([owner])
    await registry.bury([owner])
    assert await registry.dead([owner]) == [owner]


async def test_a_name_is_held_once(folder: Path) -> None:
    one, two = OwnerRegistry(folder), OwnerRegistry(folder)
    assert not await two.held_elsewhere("serve")
    await one.hold("serve")
    assert await two.held_elsewhere("serve")
    with pytest.raises(LockedError):
        await two.hold("serve")
    await one.close()
    assert not await two.held_elsewhere("serve")
    await two.hold("serve")
    await two.close()


async def test_looking_at_a_lock_keeps_nobody_from_taking_it(folder: Path) -> None:
    """``status`` looks whether somebody serves, at the very instant that serve begins."""
    registry = OwnerRegistry(folder)
    await registry.hold("serve")
    await registry.close()
    done = threading.Event()

    def look() -> None:
        watcher = OwnerRegistry(folder)
        while not done.is_set():
            asyncio.run(watcher.held_elsewhere("serve"))

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(60):
            await registry.hold("serve")
            await registry.close()
    finally:
        done.set()
        for looker in lookers:
            await asyncio.to_thread(looker.join)


async def test_files_of_killed_processes_are_cleared_away_and_others_are_not(folder: Path) -> None:
    folder.mkdir()  # noqa: ASYNC240
    for name in ("123-dead.lock", "serve.lock"):
        (folder / name).touch()
    alive = OwnerRegistry(folder)
    await alive.register()
    late = OwnerRegistry(folder)
    await late.register()
    names = {path.name for path in folder.iterdir()}  # noqa: ASYNC240
    assert names == {"serve.lock", f"{alive.owner}.lock", f"{late.owner}.lock"}
    assert await late.dead([alive.owner, "123-dead"]) == ["123-dead"]
    await alive.close()
    await late.close()
