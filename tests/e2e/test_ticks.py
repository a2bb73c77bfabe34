"""``robotrader serve`` with live ticks, as a process of its own: with the extra, and without it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from robotrader.bootstrap import build_container, make_home
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.clock import SystemClock
from tests.support import exits
from tests.support.kite_server import kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY
from tests.support.sockets import sockets

pytest.importorskip("websockets")
pytestmark = pytest.mark.slow
CONFIG = """
[market]
source = "kite"
ticks = true

[schedules.earnings]
enabled = false

[schedules.news]
enabled = false

[schedules.fundamentals]
enabled = false
"""


async def prepared(home: Path, kite_url: str) -> None:
    """A home in which SBIN is watched, the owner has logged in, and ticks are wanted."""
    make_home(home)
    settings = exits.live(home, kite_url)
    await exits.log_in(settings, SystemClock())
    container = build_container(settings, SystemClock())
    await (await container.get(StockStateStore)).watch(["SBIN"])
    await container.close()
    (home / "config.toml").write_text(CONFIG, "utf-8")


@asynccontextmanager
async def served(home: Path, kite_url: str, stream: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ROBOTRADER_", "KITE_"))}
    env: Mapping[str, str] = {
        **kept, "ROBOTRADER_HOME": str(home), "KITE_API_KEY": API_KEY, "KITE_API_SECRET": "kitesecret1234567890",
        "ROBOTRADER_KITE__BASE_URL": kite_url, "ROBOTRADER_KITE__STREAM_URL": stream, **more,
    }  # fmt: skip
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "robotrader", "serve")
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line_with(process: asyncio.subprocess.Process, words: str) -> str:
    """The first line that holds some words."""
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while line := (await process.stdout.readline()).decode():
            if words in line:
                return line
    raise AssertionError(f"serve ended without saying: {words}")


async def stopped(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        out, err = await process.communicate()
    assert ACCESS_TOKEN not in (out + err).decode()
    return process.returncode, out.decode()


async def test_serve_listens_and_stops(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with kite_server(tmp_path / "kite") as kite, sockets() as double:
        await prepared(home, kite.url)
        async with served(home, kite.url, double.address) as process:
            await line_with(process, "live ticks of 1 symbols")
            async with asyncio.timeout(20):
                while not (double.heard and len(double.heard[0]) == 2):  # noqa: ASYNC110 - another process acts
                    await asyncio.sleep(0.05)
            code, out = await stopped(process)
    assert (code, "stopped" in out) == (0, True)
    assert [word["a"] for word in double.heard[0]] == ["subscribe", "mode"]
    assert not any(ACCESS_TOKEN in each.read_text("utf-8") for each in (home / "logs").iterdir())


async def test_without_the_extra_one_line_says_so_and_serve_goes_on(tmp_path: Path) -> None:
    home, hidden = tmp_path / "home", tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "websockets.py").write_text("raise ImportError('not installed')\n", "utf-8")
    async with kite_server(tmp_path / "kite") as kite:
        await prepared(home, kite.url)
        path = os.pathsep.join((str(hidden), str(Path(__file__).parents[2])))
        async with served(home, kite.url, "ws://127.0.0.1:9", PYTHONPATH=path) as process:
            line = await line_with(process, "no live ticks")
            assert "pip install 'robotrader[ticks]'" in line
            assert process.returncode is None
            code, out = await stopped(process)
    assert (code, out.count("no live ticks")) == (0, 0)
