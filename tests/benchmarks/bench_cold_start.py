"""Cold start against the least Typer app of the same environment, in one interleaved run.

    python tests/benchmarks/bench_cold_start.py --bin .venv/bin/robotrader [--runs 15] [--check]

The least app has one command that reads SQLite and prints one rich table, its imports inside the command, as ours.
The package is compiled first, as an installation does. Medians; the machine drifts, so only the ratios mean anything.
``--check`` fails where a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LEAST = '''
import typer

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def table(path: str) -> None:
    """Show a table."""
    import sqlite3

    from rich.console import Console
    from rich.table import Table

    shown = Table(title="rows")
    for name in ("id", "name", "value"):
        shown.add_column(name)
    for row in sqlite3.connect(path).execute("SELECT id, name, value FROM rows"):
        shown.add_row(*map(str, row))
    Console().print(shown)


app()
'''
ROWS = [(number, f"name {number}", number * 1.5) for number in range(20)]
GOALS = (("--help", "least --help", 1.3), ("status", "least table", 1.7), ("tick, nothing due", "least table", 1.5))
MOST_MODULES = 230
FORBIDDEN = {"pydantic", "httpx", "tenacity", "aiofiles"}
COUNT = (
    "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\nLOADED ' + ' '.join(sys.modules)))\n"
    "from robotrader.cli.app import main; main()"
)


def environment(home: Path) -> dict[str, str]:
    """What a cron job has: no keys of ours, and byte code that is kept."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "ROBOTRADER_HOME": str(home)}


def milliseconds(command: list[str], environ: dict[str, str]) -> float:
    """One run, wall time."""
    start = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - start) * 1000


def modules(python: str, arguments: list[str], environ: dict[str, str]) -> set[str]:
    """What one of our commands has loaded when it ends."""
    ran = subprocess.run([python, "-c", COUNT, *arguments], env=environ, capture_output=True, text=True, check=True)
    return set(ran.stderr.rpartition("LOADED ")[2].split())


COMPILE = "import compileall, robotrader; compileall.compile_dir(robotrader.__path__[0], quiet=1)"


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default=str(Path(sys.executable).with_name("robotrader")), help="the console script")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal is missed")
    options = parser.parse_args()
    script = Path(options.bin)
    python = str(script.with_name("python")) if script.with_name("python").exists() else sys.executable
    subprocess.run([python, "-c", COMPILE], check=True)

    with tempfile.TemporaryDirectory() as folder:
        home, least, database = Path(folder, "home"), Path(folder, "least.py"), Path(folder, "least.db")
        least.write_text(LEAST)
        with sqlite3.connect(database) as db:
            db.execute("CREATE TABLE rows (id INTEGER, name TEXT, value REAL)")
            db.executemany("INSERT INTO rows VALUES (?, ?, ?)", ROWS)
        environ = environment(home)
        for arguments in (["init", "--yes"], ["watchlist", "add", "SBIN", "TCS", "INFY"], ["tick"]):
            subprocess.run([str(script), *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)
        commands = {
            "least --help": [python, str(least), "--help"],
            "least table": [python, str(least), str(database)],
            "--help": [str(script), "--help"],
            "status": [str(script), "status"],
            "tick, nothing due": [str(script), "tick"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.runs + 1):
            for name, command in commands.items():
                times[name].append(milliseconds(command, environ))
        counts = {name: modules(python, name.split(",")[0].split(), environ) for name in ("--help", "status", "tick")}

    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}  # the first run warms the caches
    for name, median in medians.items():
        print(f"{name:<20} {median:7.1f} ms")
    missed = 0
    for ours, theirs, goal in GOALS:
        ratio = medians[ours] / medians[theirs]
        missed += ratio > goal
        print(f"{ours} / {theirs}: {ratio:.2f} (goal <= {goal})")
    for name, found in counts.items():
        most = f" (goal <= {MOST_MODULES})" if name != "status" else ""
        missed += bool(found & FORBIDDEN) or (name != "status" and len(found) > MOST_MODULES)
        unwanted = ", ".join(sorted(found & FORBIDDEN)) or "none"
        print(f"{name}: {len(found)} modules{most}; unwanted: {unwanted}")
    return int(options.check and missed > 0)


if __name__ == "__main__":
    sys.exit(main())
