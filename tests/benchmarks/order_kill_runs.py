"""Exits that are killed at random instants while Kite misbehaves: how many orders are placed twice, how many are lost.

Run as ``python -m tests.benchmarks.order_kill_runs [--runs 300] [--seed 1]``. Each run is a home of its own in which
one to three stops were just broken; its ticks are killed with SIGKILL once or twice at a random instant, while the
double of Kite answers some orders with 429, a dead session, a 502, a page of HTML, a closed connection or nothing at
all, before or after it has accepted them. Clean ticks follow until nothing is under way. Then the broker's book is held
against the home: 0 duplicate (two orders of one tag, or more than one accepted order of one breach), 0 lost (an order
that one side has and the other does not know the end of, or a breach without a clear state).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support import exits
from tests.support.clock import START, FakeClock
from tests.support.kite_shapes import holding
from tests.support.line_killer import APART, MOST_TICKS, at_broker, compare, in_child, placed_in, under_way

ROOT = Path(__file__).parents[2]
SYMBOLS = ("SBIN", "INFY", "TCS")
FAULTS = (
    "429", "429:1", "dead-token", "502", "503", "html", "cut", "close", "reset", "slow:0.1", "400", "no-ip",
    "accept-502", "accept-504", "accept-html", "accept-close", "accept-reset", "accept-blank",
)  # fmt: skip
HANGS = ("hang", "accept-hang")
LONGEST = 0.5


@dataclass
class Found:
    """What was counted."""

    runs: int = 0
    kills: int = 0
    hits: int = 0
    breaches: int = 0
    accepted: int = 0
    duplicates: int = 0
    lost: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)


class Double:
    """The double of Kite in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, path: str, **wish: Any) -> None:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", f"/double/{path}", json.dumps(wish).encode())
            connection.getresponse().read()


@contextlib.contextmanager
def double(folder: Path) -> Iterator[Double]:
    """A running double that holds plenty of everything."""
    folder.mkdir(parents=True)
    state = {"holdings": [holding(each, 1_000_000) for each in SYMBOLS], "now": "2026-11-20 09:30:05"}
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")
    command = [sys.executable, "-m", "tests.support.kite_server", "--folder", str(folder)]
    program = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        yield Double(f"http://127.0.0.1:{int(program.stdout.readline())}")
    finally:
        program.kill()
        program.communicate()


def killed(work: Any, after: float) -> bool:
    """Do something in a child and kill it after so many seconds; returns whether it was still at it."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def one_run(folder: Path, server: Double, chance: random.Random, found: Found) -> None:
    """Kill the ticks of one home, let it settle, and look."""
    settings = exits.live(folder, server.url)
    symbols = SYMBOLS[: chance.randint(1, len(SYMBOLS))]

    def prepare() -> None:
        clock = FakeClock(START)
        asyncio.run(exits.make_exit_home(settings, clock, "kite", symbols))
        asyncio.run(exits.log_in(settings, clock))

    def ticking(number: int) -> None:
        asyncio.run(exits.tick(settings, FakeClock(START + APART * number), prices=symbols))

    if in_child(prepare):
        raise SystemExit("the home could not be made")
    faults = [chance.choice(FAULTS) for _ in range(chance.randint(0, 3))]
    faults = ["answer" if chance.random() < 0.3 else each for each in faults]
    if chance.random() < 0.15:
        faults.insert(0, chance.choice(HANGS))  # the process is killed while it waits
    server.ask("reset")
    if faults:
        server.ask("script", match="POST /orders", behaviours=faults)
    if chance.random() < 0.3:
        server.ask("script", match="GET /orders", behaviours=[chance.choice(("429:1", "502", "html", "close"))])
    found.faults.update(each.partition(":")[0] for each in faults)
    kills = chance.randint(1, 2)
    for number in range(kills):
        found.hits += killed(lambda number=number: ticking(number), chance.uniform(0.0, LONGEST))
    found.kills += kills
    server.ask("reset")
    ticks = kills
    while under_way(folder) and ticks < kills + MOST_TICKS:
        if in_child(lambda ticks=ticks: ticking(ticks)):
            found.words.append(f"{folder.name}: a clean tick failed")
        ticks += 1
    look(folder, server, found)
    found.runs += 1


def look(home: Path, server: Double, found: Found) -> None:
    """Hold a home against the broker's book."""
    mine, book = placed_in(home), at_broker(server.url)
    raw = sqlite3.connect(home / "robotrader.db")
    try:
        breaches = raw.execute(
            "SELECT b.outcome, count(o.id), sum(o.status = 'COMPLETE') FROM risk_breaches b"
            " LEFT JOIN orders o ON o.breach_id = b.id GROUP BY b.id"
        ).fetchall()
        sold = dict(raw.execute("SELECT o.tag, sum(t.quantity) FROM trades t JOIN orders o ON o.id = t.order_id"
                                " GROUP BY o.tag").fetchall())  # fmt: skip
    finally:
        raw.close()
    found.breaches += len(breaches)
    found.ends.update(row[0] for row in breaches)
    ours = {tag: rows for tag, rows in book.items() if tag in mine}
    twice = [f"{tag}: {len(rows)} at the broker" for tag, rows in ours.items() if len(rows) > 1]
    twice += [f"a breach has {row[1]} orders" for row in breaches if row[1] > 1]
    lost = [each for each in compare(mine, ours) if "orders at the broker" not in each]
    lost += [
        f"{tag}: {sold.get(tag, 0)} sold"
        for tag, status in mine.items()
        if status == "COMPLETE" and sold.get(tag) != 10
    ]
    lost += ["not settled"] if under_way(home) else []
    found.accepted += len(ours)
    found.duplicates += len(twice)
    found.lost += len(lost)
    found.words += [f"{home.name}: {each}" for each in (*twice, *lost)]


def main() -> int:
    """Run, and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, found, began = random.Random(given.seed), Found(), time.monotonic()
    with tempfile.TemporaryDirectory() as name, double(Path(name) / "kite") as server:
        for number in range(given.runs):
            home = Path(name) / f"home{number}"
            one_run(home, server, chance, found)
            shutil.rmtree(home)
        orphans = len(at_broker(server.url)) - found.accepted
    span = timedelta(seconds=round(time.monotonic() - began))
    sys.stdout.write(
        f"{found.runs} homes, {found.breaches} breaches, {found.kills} kills of which {found.hits} hit a tick at work,"
        f" {sum(found.faults.values())} faults, in {span}\n"
        f"ends: {dict(found.ends)}; {found.accepted} orders accepted by the broker, {orphans} of them nobody's\n"
        f"{found.duplicates} duplicate, {found.lost + orphans} lost\n"
    )
    for words in found.words:
        sys.stdout.write(f"  {words}\n")
    return int(bool(found.duplicates or found.lost or orphans or found.words))


if __name__ == "__main__":
    sys.exit(main())
