"""One tick over a large watchlist and all three datasets: wall time against the ideal, memory, and bills.

    python -m tests.benchmarks.bench_datasets [--symbols 500] [--latency 200] [--concurrency 50] [--rounds 3]

A loopback double answers each call after ``--latency`` milliseconds. The ideal is symbols x 3 x latency / concurrency.
The tick is a whole process, ``robotrader tick --json``: starting, planning, asking, archiving, reading and storing; a
second process measures an idle tick of the same home, which is what starting and planning cost. The package is compiled
first, as an installation does. Beside them the same number of calls is made by bare clients (``bare_client.py``), which
keep nothing: the ratio to them is how much the tick takes for what it does with the answers, on this machine at this
time. Memory is the most the process held (its resident set as the kernel counts it). Homes are removed after the last
round: for minutes after 1,500 files were removed, ext4 passes over their inodes one by one for each file that is made.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from tests.support.killing import ROOT, environment, server, watch

ALL = {"schedules__news__enabled": "true", "schedules__fundamentals__enabled": "true"}
DATASETS = 3
PEERS = ("aiohttp", "httpx")


class Measured(NamedTuple):
    """One process: how long it took, what it held at most (MiB), and how its tasks ended."""

    seconds: float
    memory_mib: float
    cpu_seconds: float
    ends: Counter[str]


def measure(env: dict[str, str], out: Path) -> Measured:
    """Run one tick to its end."""
    began = time.perf_counter()
    with out.open("w", encoding="utf-8") as file:
        program = subprocess.Popen(
            [sys.executable, "-m", "robotrader", "tick", "--json"], cwd=ROOT, env=env, stdout=file
        )
        _, status, used = os.wait4(program.pid, 0)
    seconds = time.perf_counter() - began
    program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode != 0:
        raise SystemExit(f"the tick ended with {program.returncode}: {out.read_text('utf-8')[:500]}")
    ends = Counter(task["status"] for task in json.loads(out.read_text("utf-8"))["tasks"])
    return Measured(seconds, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime, ends)


def one_round(folder: Path, symbols: int, latency: float, concurrency: int) -> tuple[Measured, Measured, int]:
    """A tick over a fresh home, an idle one after it, and how many calls were billed."""
    with server(folder, latency_ms=(latency, latency)) as double:
        more = {f"schedules__{word}__concurrency": str(concurrency) for word in ("earnings", "news", "fundamentals")}
        env = environment(folder / "home", double.url, scheduler__concurrency=str(concurrency), **ALL, **more)
        watch(env, [f"S{n}" for n in range(symbols)])
        full = measure(env, folder / "full.json")
        idle = measure(env, folder / "idle.json")
        return full, idle, double.billed().total()


def bare(folder: Path, library: str, calls: int, latency: float, concurrency: int) -> float:
    """Seconds that a bare client takes for the same calls."""
    with server(folder, latency_ms=(latency, latency)) as double:
        command = [sys.executable, str(Path(__file__).with_name("bare_client.py")), double.url]
        began = time.perf_counter()
        subprocess.run([*command, str(calls), str(concurrency), library], cwd=ROOT, check=True)
        return time.perf_counter() - began


def stolen_seconds() -> float:
    """How long this machine's processors have been given to other machines so far; 0 where the kernel does not tell."""
    stat = Path("/proc/stat")
    ticks = stat.read_text("ascii").split()[8] if stat.exists() else "0"
    return int(ticks) / os.sysconf("SC_CLK_TCK")


def _folder(parent: str, number: int, purpose: str) -> Path:
    folder = Path(parent) / f"{number}-{purpose}"
    folder.mkdir()
    return folder


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--symbols", type=int, default=500)
    options.add_argument("--latency", type=float, default=200.0, help="milliseconds")
    options.add_argument("--concurrency", type=int, default=50)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    calls = given.symbols * DATASETS
    ideal = calls * given.latency / 1000 / given.concurrency
    rounds, clients = [], []
    compileall.compile_dir(ROOT / "robotrader", quiet=1)
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, given.rounds + 1):
            round_, peers = (_folder(name, number, each) for each in ("tick", "bare"))
            stolen = stolen_seconds()
            full, idle, billed = one_round(round_, given.symbols, given.latency, given.concurrency)
            stolen = stolen_seconds() - stolen
            rounds.append((full, idle))
            clients.append({each: bare(peers, each, calls, given.latency, given.concurrency) for each in PEERS})
            print(
                f"round {number}: {full.seconds:.2f} s, {full.seconds / ideal:.2f} x ideal ({ideal:.2f} s);"
                f" idle tick {idle.seconds:.2f} s; CPU {full.cpu_seconds:.2f} s, stolen {stolen:.2f} s;"
                f" {full.memory_mib:.0f} MiB (idle {idle.memory_mib:.0f}); billed {billed} of {calls};"
                f" {dict(full.ends)}, then {dict(idle.ends)}; bare "
                + ", ".join(f"{each} {seconds:.2f} s" for each, seconds in clients[-1].items()),
                flush=True,
            )
            if billed != calls or full.ends != {"COMPLETED": calls} or idle.ends:
                raise SystemExit("not every call was billed and completed just once")
    whole = statistics.median(full.seconds / ideal for full, _ in rounds)
    work = statistics.median((full.seconds - idle.seconds) / ideal for full, idle in rounds)
    print(f"median: {whole:.2f} x ideal, {work:.2f} without what an idle tick takes")
    for each in PEERS:
        times = [client[each] for client in clients]
        ratio = statistics.median(full.seconds / seconds for (full, _), seconds in zip(rounds, times, strict=True))
        print(f"bare {each}: {statistics.median(times) / ideal:.2f} x ideal; the tick takes {ratio:.2f} x as long")


if __name__ == "__main__":
    main()
