"""Ticks of the real program that are killed at random instants, and what must be true of the home afterwards.

Used by the tests (a few kills) and by ``tests/benchmarks/kill_runs.py`` (hundreds).
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from robotrader import settings
from robotrader.bootstrap import open_app

ROOT = Path(__file__).parents[2]
SCRUBBED = ("ANTHROPIC_", "PERPLEXITY_", "KITE_", "ROBOTRADER_")
DONE, UNKNOWN = "COMPLETED", "UNKNOWN"


def environment(
    home: Path, url: str = "", *, keys: Sequence[str] = ("pplx-" + "k" * 40,), **more: str
) -> dict[str, str]:
    """The environment of a program: this one's without any key or setting, and then what is given.

    Only earnings run by themselves unless ``more`` says otherwise.

    ``more`` are settings by their path: ``scheduler__lease_seconds="2"``.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SCRUBBED)}
    kept["ROBOTRADER_HOME"] = str(home)
    off = {f"schedules__{word}__enabled": "false" for word in ("news", "fundamentals", "market", "risk")}
    more = {**off, **more}
    if url:
        kept["PERPLEXITY_API_KEYS"] = ",".join(keys)
        kept["ROBOTRADER_PERPLEXITY__BASE_URL"] = url
        more = {"perplexity__requests_per_minute": "100000", **more}
    return {**kept, **{f"ROBOTRADER_{name.upper()}": value for name, value in more.items()}}


def start(env: Mapping[str, str], *arguments: str) -> subprocess.Popen[str]:
    """Start the program; its output is kept."""
    command = [sys.executable, "-m", "robotrader", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def statuses(self) -> Counter[str]:
        """How its tasks ended; for commands with ``--json``."""
        return Counter(task["status"] for task in json.loads(self.out)["tasks"])


def finish(program: subprocess.Popen[str], *, seconds: float = 50.0) -> Ran:
    """Wait for the end of a program."""
    try:
        out, err = program.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        program.kill()
        out, err = program.communicate()
        raise AssertionError(f"did not end within {seconds} s: {program.args}\n{out}\n{err}") from None
    return Ran(program.returncode, out, err)


def run(env: Mapping[str, str], *arguments: str) -> Ran:
    """Run the program to its end."""
    return finish(start(env, *arguments))


@dataclass
class Server:
    """A loopback double of Perplexity in a process of its own."""

    url: str
    log: Path

    def script(self, *behaviours: str, key: str | None = None, forever: bool = False) -> None:
        wish = {"behaviours": behaviours, "key": key, "forever": forever}
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/script", json.dumps(wish).encode())
            connection.getresponse().read()

    def billed(self) -> Counter[str]:
        """Bills by symbol."""
        if not self.log.exists():
            return Counter()
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return Counter(symbol for line in lines for symbol in json.loads(line)["symbols"])

    def calls(self) -> int:
        """Bills, however many symbols each is for."""
        return len(self.log.read_text(encoding="utf-8").splitlines()) if self.log.exists() else 0

    def billed_keys(self) -> Counter[str]:
        """Bills by the fingerprint of the key."""
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return Counter(json.loads(line)["key_fingerprint"] for line in lines)

    def wait_for_bills(self, number: int, *, seconds: float = 20.0) -> None:
        """Return when that many requests have arrived in full."""
        until = time.monotonic() + seconds
        while self.calls() < number:
            if time.monotonic() > until:
                raise AssertionError(f"{number} bills were due, {self.calls()} came")
            time.sleep(0.01)


@contextlib.contextmanager
def server(folder: Path, *, latency_ms: tuple[float, float] = (0.0, 0.0)) -> Iterator[Server]:
    """Start a double; it ends with the block."""
    log = folder / "billed.jsonl"
    low, high = latency_ms
    command = [sys.executable, "-m", "tests.support.perplexity_server", "--log", str(log)]
    command += ["--latency-min", str(low), "--latency-max", str(high)]
    program = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        yield Server(f"http://127.0.0.1:{int(program.stdout.readline())}", log)
    finally:
        program.kill()
        program.communicate()


@dataclass
class Findings:
    """What was counted over one or more homes; ``violations`` is empty where every promise was kept."""

    homes: int = 0
    kills: int = 0
    kills_that_hit: int = 0
    tasks: int = 0
    done: int = 0
    unknown: int = 0
    bills: int = 0
    billed_twice: int = 0
    integrity_failures: int = 0
    events: int = 0
    events_lost: int = 0
    orphan_leases: int = 0
    violations: list[str] = field(default_factory=list)

    def add(self, other: Findings) -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def calibrate(url: str, symbols: int) -> float:
    """Seconds that a whole tick over that many symbols takes here and now."""
    with tempfile.TemporaryDirectory() as name:
        env = environment(Path(name) / "home", url)
        watch(env, [f"CAL{n}" for n in range(symbols)])
        began = time.monotonic()
        ran = run(env, "tick", "--json")
        if ran.statuses != {DONE: symbols}:
            raise AssertionError(f"a tick that nobody killed did not complete: {ran}")
        return time.monotonic() - began


def watch(env: Mapping[str, str], symbols: Sequence[str]) -> None:
    """Put symbols on the watchlist of a home."""

    async def add() -> None:
        async with open_app(settings.load(env)) as app:
            await (await app.watchlist()).watch(symbols)

    asyncio.run(add())
    settings.load(env)  # the home is there now, so its settings are remembered as checked, as after any command


def kill_one_home(
    folder: Path,
    double: Server,
    chance: random.Random,
    *,
    prefix: str,
    symbols: int,
    kills: int,
    whole: float,
    batch: int = 1,
    at_once: int = 10,
) -> Findings:
    """Kill some ticks of a fresh home at random instants, run a clean one, and look.

    Args:
        batch: symbols that share a call.
        at_once: calls on their way at the same time; others wait for a seat.
    """
    home = folder / prefix
    bound = {"scheduler__concurrency": str(at_once), "schedules__earnings__concurrency": str(at_once)}
    env = environment(home, double.url, schedules__earnings__batch=str(batch), **bound)
    names = [f"{prefix}S{n}" for n in range(symbols)]
    watch(env, names)
    found = Findings(homes=1, kills=kills)
    for _ in range(kills):
        program = start(env, "tick")  # its table does not fill the pipe, which nobody reads meanwhile
        if chance.random() < 0.5:
            time.sleep(chance.uniform(0.1, 1.0) * whole)
        else:
            _wait_for_asking(program, double, f'"{prefix}S', chance.randint(1, -(-symbols // batch)))
            time.sleep(chance.uniform(0.0, 0.06))
        found.kills_that_hit += program.poll() is None
        program.send_signal(signal.SIGKILL)
        program.communicate()
    clean = run(env, "tick", "--json")
    if clean.code not in {0, 4}:
        found.violations.append(f"{prefix}: the clean tick ended with {clean.code}: {clean.err.strip()}")
    inspect(env, double, names, found)
    return found


def _wait_for_asking(program: subprocess.Popen[str], double: Server, marked: str, requests: int) -> None:
    """Return when a tick has sent that many requests more, or has ended."""
    double.log.touch()
    with double.log.open(encoding="utf-8") as lines:
        lines.seek(0, os.SEEK_END)
        while requests > 0 and program.poll() is None:
            line = lines.readline()
            requests -= marked in line
            if not line:
                time.sleep(0.002)


def inspect(env: Mapping[str, str], double: Server, names: Sequence[str], found: Findings) -> None:
    """Hold a home against its promises, once everything that ran over it has ended."""
    home = Path(env["ROBOTRADER_HOME"])
    tasks, events, again, problems = asyncio.run(_look(env))
    bills = double.billed()
    slots = Counter(task.symbol for task in tasks)
    found.tasks += len(tasks)
    found.done += sum(task.status == DONE for task in tasks)
    found.unknown += sum(task.status == UNKNOWN for task in tasks)
    found.bills += sum(bills[name] for name in names)
    for name in names:
        if slots[name] == 0:
            found.violations.append(f"{name} has no task")
        if bills[name] > slots[name]:
            found.billed_twice += 1
            found.violations.append(f"{name} has {slots[name]} slots and {bills[name]} bills")
    for task in tasks:
        if task.status not in {DONE, UNKNOWN}:
            found.violations.append(f"{task.symbol} is {task.status}: {task.reason}")
        if task.status == DONE and bills[task.symbol] == 0:
            found.violations.append(f"{task.symbol} is done and was never asked")
    found.orphan_leases += sum(task.status == "RUNNING" for task in tasks)
    if again:
        found.violations.append(f"one more tick ran {again} tasks")
    _look_at_events(home, tasks, events, found)
    whole = integrity(home)
    if whole != "ok" or problems:
        found.integrity_failures += 1
        found.violations.append(f"{home.name}: integrity_check says {whole}; {problems}")


def _look_at_events(home: Path, tasks, events, found: Findings) -> None:  # type: ignore[no-untyped-def]
    ended = {(event.data.get("task_id"), event.type) for event in events}
    parsed = [event for event in events if event.type == "data.parsed"]
    logged = home / "logs" / "strategy.jsonl"
    lines = logged.read_text(encoding="utf-8").splitlines() if logged.exists() else []
    written = {json.loads(line)["event"] for line in lines}
    found.events += len(events)
    lost = [f"{task.symbol} ended {task.status} untold" for task in tasks if not _told(task, ended)]
    lost += [f"event {event.id} is dead" for event in events if event.delivery == "dead"]
    lost += [
        f"event {event.id} is called delivered, and was not"
        for event in parsed
        if event.delivery == "delivered" and event.id not in written
    ]
    done = sum(task.status == DONE for task in tasks)
    if len(parsed) != done:
        lost.append(f"{done} tasks completed, {len(parsed)} records told")
    found.events_lost += len(lost)
    found.violations += lost


def _told(task, ended) -> bool:  # type: ignore[no-untyped-def]
    return (task.id, f"task.{task.status.lower()}") in ended


async def _look(env: Mapping[str, str]):  # type: ignore[no-untyped-def]
    loaded = settings.load(env)
    async with open_app(loaded) as app:
        coordinator, status = await app.tasks(), await app.status()
        again = len((await coordinator.tick()).outcomes)
        tasks = [outcome.task for outcome in (await coordinator.list_tasks(limit=10_000)).outcomes]
        events = await status.events(limit=100_000)
        view = await status.status()
        problems = [
            check.finding for check in await status.doctor() if check.name == "database" and check.state != "ok"
        ]
        listed = sum(task.status == UNKNOWN for task in tasks)
        if bool(view.unknown_calls) != bool(listed) or view.unknown_calls > listed:  # several may share a call
            problems.append(f"{listed} tasks are UNKNOWN, the status lists {view.unknown_calls} calls")
        return tasks, events, again, problems


def integrity(home: Path) -> str:
    """What SQLite says of the database file."""
    with contextlib.closing(sqlite3.connect(home / "robotrader.db")) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
