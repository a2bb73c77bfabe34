"""kill -9 at every line of an exit, one home for each line, and a look at what became of it.

Run as ``python -m tests.support.line_killer FOLDER paper|kite [--url URL] [--from N] [--step N]``. One process loads
the program and forks a child for each line: the child runs a tick under ``sys.settrace`` and kills itself when the N-th
line of the modules of execution is about to run, in whichever thread. Further children, not traced, tick on until
nothing is under way. Prints one JSON document: lines walked, homes by their end, and every promise that was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from robotrader.core.clock import to_micros
from robotrader.settings import Settings
from tests.support import exits
from tests.support.clock import START, FakeClock

ROOT = str(Path(__file__).parents[2] / "robotrader")
TRACED = (
    "/core/services/execution_service.py", "/core/services/order_", "/core/services/exit_rules.py",
    "/core/services/live_guard.py", "/core/services/kite_broker.py", "/core/services/paper_",
    "/stores/order_st", "/stores/halt_store.py", "/stores/ledger_store.py", "/stores/paper_store.py",
    "/clients/kite_orders.py", "/events/event_handler.py",
)  # fmt: skip
APART = timedelta(seconds=61)
"""Between two ticks: an event that a dead process had taken is offered again a lease later."""

MOST_TICKS = 8
FINISHED = 0


class Killer:
    """Counts lines in the modules of execution; kills the process before the N-th."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.count = 0
        self._known: dict[str, bool] = {}
        self._lock = threading.Lock()

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in self._known:
            self._known[name] = name.startswith(ROOT) and any(part in name for part in TRACED)
        return self._line if self._known[name] else None

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            with self._lock:
                self.count += 1
                if self.count == self.at:
                    os.kill(os.getpid(), signal.SIGKILL)
        return self._line


def in_child(work: Any) -> int:
    """Do something in a forked child; returns how it ended, as ``os.waitstatus_to_exitcode``."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = FINISHED
        except BaseException:  # noqa: BLE001 - a child ends here, whatever it was
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def traced_tick(settings: Settings, clock: FakeClock, at: int | None, counted: Path | None = None) -> None:
    """One tick under the killer."""
    killer = Killer(at)
    threading.settrace(killer)
    sys.settrace(killer)
    try:
        asyncio.run(exits.tick(settings, clock))
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
    if counted is not None:
        counted.write_text(str(killer.count), encoding="utf-8")


def under_way(home: Path) -> bool:
    """Whether an order or a breach of a home has not come to its end."""
    raw = sqlite3.connect(home / "robotrader.db")
    try:
        sql = (
            "SELECT (SELECT count(*) FROM orders WHERE finished_at IS NULL)"
            " + (SELECT count(*) FROM risk_breaches WHERE outcome IN ('pending', 'ordered', 'doubt'))"
            " + (SELECT count(*) FROM orders o WHERE o.filled >"
            "    (SELECT ifnull(sum(t.quantity), 0) FROM trades t WHERE t.order_id = o.id))"
        )
        return bool(raw.execute(sql).fetchone()[0])
    finally:
        raw.close()


def walk(folder: Path, kind: str, url: str, first: int, step: int) -> dict[str, Any]:
    """Kill at every ``step``-th line from ``first`` on."""
    template = folder / "template"
    make = (lambda home: exits.live(home, url)) if kind == "kite" else exits.paper
    account = "kite" if kind == "kite" else "sandbox"
    if in_child(lambda: asyncio.run(prepare(make(template), account))):
        raise SystemExit("the home could not be made")
    counted = folder / "counted"
    whole = fresh(template, folder / "whole")
    if in_child(lambda: traced_tick(make(whole), FakeClock(START), None, counted)):
        raise SystemExit("a tick that nobody killed failed")
    lines = int(counted.read_text(encoding="utf-8"))
    ends: Counter[str] = Counter()
    broken: list[str] = []
    hit = 0
    broken += tick_on(whole, make)
    tags = placed_in(whole)
    for number in range(first, lines + 1, step):
        home = fresh(template, folder / f"line{number}")
        hit += in_child(lambda home=home, number=number: traced_tick(make(home), FakeClock(START), number)) < 0
        broken += [f"line {number}: {each}" for each in tick_on(home, make)]
        end, wrong = inspect(home)
        ends[end] += 1
        broken += [f"line {number}: {each}" for each in wrong]
        tags |= placed_in(home)
        shutil.rmtree(home)
    if url:
        broken += compare(tags, at_broker(url))
    return {"lines": lines, "killed": hit, "ends": dict(ends), "broken": broken}


def tick_on(home: Path, make: Callable[[Path], Settings]) -> list[str]:
    """Tick, a lease apart, until nothing is under way; returns what went wrong."""
    wrong, ticks = [], 1
    while under_way(home) and ticks < MOST_TICKS:
        clock = FakeClock(START + APART * ticks)
        if in_child(lambda clock=clock: asyncio.run(exits.tick(make(home), clock))):  # type: ignore[misc]
            wrong.append("a later tick failed")
        ticks += 1
    return wrong


def placed_in(home: Path) -> dict[str, str]:
    """The orders of a home by their tags, with their statuses."""
    raw = sqlite3.connect(home / "robotrader.db")
    try:
        return dict(raw.execute("SELECT tag, status FROM orders").fetchall())
    finally:
        raw.close()


def at_broker(url: str) -> dict[str, list[str]]:
    """The orders at the double of Kite by their tags, with their statuses."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/double/state")
        found = json.loads(connection.getresponse().read())
    return {tag: [row["status"] for row in rows] for tag, rows in found["by_tag"].items()}


def compare(homes: dict[str, str], broker: dict[str, list[str]]) -> list[str]:
    """Where what the homes believe and what the broker has differ."""
    wrong = [f"{tag}: {len(rows)} orders at the broker" for tag, rows in broker.items() if len(rows) > 1]
    for tag, rows in broker.items():
        if tag not in homes:
            wrong.append(f"{tag}: at the broker, and in no home")
        elif rows[0] != homes[tag]:
            wrong.append(f"{tag}: {rows[0]} at the broker, {homes[tag]} at home")
    wrong += [
        f"{tag}: {status} at home, and not at the broker"
        for tag, status in homes.items()
        if status in {"COMPLETE", "OPEN"} and tag not in broker
    ]
    return wrong


async def prepare(settings: Settings, account: str) -> None:
    """Make the home in which a stop was just broken."""
    clock = FakeClock(START)
    await exits.make_exit_home(settings, clock, account)
    if account == "kite":
        await exits.log_in(settings, clock)


def fresh(template: Path, home: Path) -> Path:
    """A copy of the home."""
    shutil.copytree(template, home)
    return home


def inspect(home: Path) -> tuple[str, list[str]]:
    """How the exit of a home ended, and what is wrong with that; the orders at a broker are counted elsewhere."""
    raw = sqlite3.connect(home / "robotrader.db")
    try:
        (outcome,) = raw.execute("SELECT outcome FROM risk_breaches").fetchone()
        orders = raw.execute("SELECT status, filled, breach_id, sent_at, tag FROM orders").fetchall()
        sold = raw.execute("SELECT ifnull(sum(quantity), 0) FROM trades").fetchone()[0]
        told = Counter(row[0] for row in raw.execute("SELECT type FROM events"))
        left = raw.execute("SELECT ifnull(sum(remaining), 0) FROM lots").fetchone()[0]
        taken = raw.execute("SELECT count(*) FROM lots").fetchone()[0]
    finally:
        raw.close()
    wrong = []
    if under_way(home):
        wrong.append(f"not settled: {outcome}, {orders}")
    if len(orders) > 1:
        wrong.append(f"{len(orders)} orders")
    if outcome == "filled" and sold != 10:
        wrong.append(f"filled, and {sold} sold")
    if outcome != "filled" and sold:
        wrong.append(f"{outcome}, and {sold} sold")
    if taken and left + sold != 10:
        wrong.append(f"{left} held and {sold} sold of 10")
    if outcome == "filled" and told["order.filled"] != 1:
        wrong.append(f"told of {told['order.filled']} fills")
    if orders and told["order.created"] != 1:
        wrong.append(f"told of {told['order.created']} orders made")
    if to_micros(START) > min((row[3] for row in orders if row[3]), default=to_micros(START)):
        wrong.append("sent before it was made")
    return outcome, wrong


def main() -> None:
    """Walk, and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("kind", choices=("paper", "kite"))
    parser.add_argument("--url", default="")
    parser.add_argument("--from", dest="first", type=int, default=1)
    parser.add_argument("--step", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    found = walk(given.folder, given.kind, given.url, given.first, given.step)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
