"""Changing a schedule with the command, while cron and ``serve`` go by it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "robotrader"]
SECONDS = 40.0
BUSY = """\
# how often
[schedules.earnings]
trigger = "every 1s"  # always something to do
fresh_hours = 0
[schedules.news]
enabled = false
[schedules.fundamentals]
enabled = false
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    home = {"HOME": str(tmp_path), "ROBOTRADER_HOME": str(tmp_path / "home")}
    return {**kept, **home, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def run(environ: dict[str, str], *arguments: str) -> str:
    ran = subprocess.run(
        [*COMMAND, *arguments], env=environ, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


@pytest.fixture
def served(environ: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "config.toml").write_text(BUSY)
    run(environ, "watchlist", "add", "SBIN")
    process = subprocess.Popen(
        [*COMMAND, "serve"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_with(process: subprocess.Popen[str], words: str) -> str:
    """The next line of stdout that has some words in it."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"the loop ended before it said: {words}")


def test_a_tick_goes_by_a_changed_schedule(environ: dict[str, str]) -> None:
    run(environ, "init", "SBIN", "--yes")
    everything = json.loads(run(environ, "tick", "--plan", "--json"))["runs"]
    assert {each["type"] for each in everything} == {"earnings", "news", "fundamentals"}
    run(environ, "schedule", "disable", "news")
    run(environ, "schedule", "set", "fundamentals", "--trigger", "at 08:30 on trading days")
    runs = json.loads(run(environ, "tick", "--plan", "--json"))["runs"]
    assert {each["type"] for each in runs} == {"earnings", "fundamentals"}
    assert next(each["slot"][11:] for each in runs if each["type"] == "fundamentals") == "03:00:00Z"


def test_serve_goes_by_a_changed_schedule(
    environ: dict[str, str], served: subprocess.Popen[str], tmp_path: Path
) -> None:
    config = tmp_path / "home" / "config.toml"
    line_with(served, "earnings SBIN completed")
    config.write_text(f"{BUSY}[budget]\ndaily_usdd = 3\n")
    for _ in range(3):
        line_with(served, "earnings SBIN completed")  # by the settings it had
    config.write_text(BUSY)
    line_with(served, "earnings SBIN completed")
    run(environ, "schedule", "set", "earnings", "--trigger", "every 2s")
    line_with(served, "the settings changed; going on with the new ones")
    line_with(served, "earnings SBIN completed")
    served.send_signal(signal.SIGTERM)
    out, err = served.communicate(timeout=SECONDS)
    assert served.returncode == 0
    assert out.endswith("stopped\n")
    told = [line for line in err.splitlines() if "not taken up" in line]
    assert len(told) == 1
    assert told[0].endswith("budget.daily_usdd in " + str(config) + " is not a setting")
    assert 'trigger = "every 2s"  # always something to do' in config.read_text()
    slots = [task["slot"] for task in json.loads(run(environ, "tasks", "list", "--json"))["tasks"]]
    assert len(slots) == len(set(slots))  # none ran twice on the way from the old settings to the new
