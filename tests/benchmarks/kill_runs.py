"""kill -9 at random instants of ticks, then one clean tick: nothing billed twice, nothing lost.

    python tests/benchmarks/kill_runs.py [--runs 300] [--seed 1] [--symbols 20] [--workers 2] [--batch 1] [--at-once 10]

Each home gets one to three kills before its clean tick; the double of the paid service answers within 0 to 50 ms. Exits
with 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.killing import Findings, Server, calibrate, kill_one_home, server


def plan(runs: int, seed: int) -> list[int]:
    """How many kills each home gets."""
    chance, kills = random.Random(seed), list[int]()
    while sum(kills) < runs:
        kills.append(min(chance.randint(1, 3), runs - sum(kills)))
    return kills


def kill(folder: Path, double: Server, args: argparse.Namespace, whole: float) -> Findings:
    """Every home, a few at a time."""
    total = Findings()

    def one(numbered: tuple[int, int]) -> Findings:
        number, kills = numbered
        chance = random.Random(f"{args.seed}-{number}")
        prefix = f"H{number}"
        return kill_one_home(
            folder,
            double,
            chance,
            prefix=prefix,
            symbols=args.symbols,
            kills=kills,
            whole=whole,
            batch=args.batch,
            at_once=args.at_once,
        )

    with ThreadPoolExecutor(args.workers) as pool:
        for found in pool.map(one, enumerate(plan(args.runs, args.seed))):
            total.add(found)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300, help="how many ticks are killed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--symbols", type=int, default=20)
    parser.add_argument("--batch", type=int, default=1, help="symbols that share a paid call")
    parser.add_argument(
        "--at-once", type=int, default=10, help="calls on their way at the same time; a tenth more wait"
    )
    parser.add_argument("--workers", type=int, default=2, help="homes under way at the same time")
    args = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, server(Path(name), latency_ms=(0, 50)) as double:
        whole = calibrate(double.url, args.symbols)
        found = kill(Path(name), double, args, whole * (1.3 if args.workers > 1 else 1.0))
    print(f"{found.kills} ticks killed over {args.symbols} symbols in {found.homes} homes, seed {args.seed}")
    print(f"  kills that met a running tick   {found.kills_that_hit}")
    print(f"  tasks                           {found.tasks}")
    print(f"  done                            {found.done}")
    print(f"  listed as outcome unknown       {found.unknown}")
    print(f"  bills                           {found.bills}")
    print(f"  slots billed twice              {found.billed_twice}")
    print(f"  integrity_check failures        {found.integrity_failures}")
    print(f"  events                          {found.events}")
    print(f"  events lost                     {found.events_lost}")
    print(f"  orphan leases                   {found.orphan_leases}")
    print(f"  violations                      {len(found.violations)}")
    for violation in found.violations[:50]:
        print(f"    {violation}")
    print(f"  {time.monotonic() - began:.0f} s; a tick that nobody kills takes {whole:.2f} s")
    sys.exit(1 if found.violations else 0)


if __name__ == "__main__":
    main()
