"""The command as a process: signals, pipes, terminals, encodings, completion."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "robotrader"]
SECONDS = 40.0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    home = {"HOME": str(tmp_path), "ROBOTRADER_HOME": str(tmp_path / "home")}
    return {**kept, **home, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def run(environ: dict[str, str], *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**environ, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def served(environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "serve"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert "serving" in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_stops_cleanly(environ: dict[str, str], served: subprocess.Popen[str], number: signal.Signals) -> None:
    served.send_signal(number)
    out, err = served.communicate(timeout=SECONDS)
    assert served.returncode == 0
    assert "stopped" in out
    assert "Traceback" not in err
    assert run(environ, "status", "--json").stdout.count('"serve_running": false') == 1


def test_one_serve_a_home(environ: dict[str, str], served: subprocess.Popen[str]) -> None:
    second = run(environ, "serve")
    assert second.returncode == 1
    assert second.stderr.startswith("error: ")
    assert '"serve_running": true' in run(environ, "status", "--json").stdout


def test_serve_says_what_it_did(environ: dict[str, str], served: subprocess.Popen[str]) -> None:
    served.send_signal(signal.SIGTERM)
    served.communicate(timeout=SECONDS)
    run(environ, "watchlist", "add", "SBIN")
    process = subprocess.Popen([*COMMAND, "serve"], env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(5)]
        done = sorted(line.partition("  ")[2].strip() for line in lines[1:4])
        assert done == [f"{word} SBIN completed SANDBOX" for word in ("earnings", "fundamentals", "news")]
        assert "next: " in lines[4]
        assert all(" IST  " in line for line in lines)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=SECONDS)
    assert process.returncode == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_task_can_be_interrupted(environ: dict[str, str], number: signal.Signals, code: int) -> None:
    run(environ, "status")
    process = subprocess.Popen(
        [*COMMAND, "run-task", "earnings", "SBIN", "--sandbox-fault", "slow"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + SECONDS
    while '"status": "RUNNING"' not in run(environ, "tasks", "list", "--json").stdout:
        assert time.monotonic() < deadline
    process.send_signal(number)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out) == (code, "")
    assert "Traceback" not in err
    assert '"status": "RUNNING"' not in run(environ, "tasks", "list", "--json").stdout


def test_a_reader_that_goes_away(environ: dict[str, str]) -> None:
    for arguments in (("config", "show"), ("status", "--json"), ("tick",)):
        read, write = os.pipe()
        process = subprocess.Popen([*COMMAND, *arguments], env=environ, stdout=write, stderr=subprocess.PIPE, text=True)
        os.close(write)
        os.close(read)
        _, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, err) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk(environ: dict[str, str]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, "status"],
            env=environ,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: No space left on device\n")


def on_terminal(environ: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run with stderr on a terminal; returns exit code, stdout and what the terminal saw."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], env={**environ, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=other, text=True
    )
    os.close(other)
    seen = b""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ready, _, _ = select.select([main], [], [], 1.0)
        try:
            part = os.read(main, 65536) if ready else b""
        except OSError:  # the other end is closed
            break
        seen += part
        if not part and process.poll() is not None:
            break
    out, _ = process.communicate(timeout=SECONDS)
    os.close(main)
    return process.returncode, out, seen.decode("utf-8", "replace")


def test_progress_on_a_terminal_only(environ: dict[str, str]) -> None:
    code, out, seen = on_terminal(environ, "run-task", "earnings", "SBIN", "TCS", "INFY", "--json")
    assert code == 0
    assert out.lstrip().startswith("{")
    assert "/3" in seen
    assert on_terminal(environ, "run-task", "earnings", "ITC", "--json")[2] == ""
    silent = run(environ, "run-task", "earnings", "LT", "MARUTI", "--json")
    assert (silent.returncode, silent.stderr) == (0, "")


def test_an_ascii_terminal(environ: dict[str, str]) -> None:
    ran = run(environ, "run-task", "earnings", "SBIN", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert ran.returncode == 0
    assert "Rs " in ran.stdout
    assert ran.stdout.isascii()
    ran = run(environ, "run-task", "earnings", "₹", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: not a trading symbol: ")


def test_arguments_that_are_no_text(environ: dict[str, str]) -> None:
    for arguments in ([b"run-task", b"earnings", b"\xff\xfe"], [b"\xff"], [b"why", b"SBIN", b"\xff\x1b[31m"]):
        ran = subprocess.run([*COMMAND, *arguments], env=environ, capture_output=True, check=False, timeout=SECONDS)
        assert ran.returncode in {2, 5}
        assert b"Traceback" not in ran.stderr
        assert b"\x1b" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("robotrader run-task earnings S", "SBIN"),
        ("robotrader run-task ", "earnings"),
        ("robotrader wat", "watchlist"),
        ("robotrader earnings Z", "ZYDUSLIFE"),
        ("robotrader tick --sandbox-fault ht", "html"),
        ("robotrader parse ", "earnings"),
    ],
)
def test_completion(environ: dict[str, str], words: str, offered: str) -> None:
    run(environ, "watchlist", "add", "ZYDUSLIFE")
    ran = run(
        environ,
        _ROBOTRADER_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split(" ")) - 1),
    )
    assert offered in ran.stdout.split()
    assert ran.stderr == ""


def test_completion_creates_nothing(environ: dict[str, str], tmp_path: Path) -> None:
    broken = {**environ, "ROBOTRADER_BUDGET__DAILY_USD": "nonsense"}
    for each in (environ, broken):
        ran = run(
            each, _ROBOTRADER_COMPLETE="complete_bash", COMP_WORDS="robotrader run-task earnings S", COMP_CWORD="3"
        )
        assert ran.stdout.split() == ["SBIN"]
    assert not (tmp_path / "home" / "robotrader.db").exists()


STUCK = """
import sys, threading
from robotrader.cli import run
threading.Thread(target=threading.Event().wait).start()
print("said")
run.PATIENCE_SECONDS = 0.2
run.finish(7)
"""


def test_a_stuck_thread_cannot_keep_the_process(environ: dict[str, str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", STUCK], env=environ, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "said\n", "")
