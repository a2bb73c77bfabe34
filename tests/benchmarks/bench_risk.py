"""One look at 5,000 positions, each with two rules, against 100 looks at 50 and against a bare loop over the prices.

    python tests/benchmarks/bench_risk.py [--positions 5000] [--rounds 7]

A look is the risk monitor's whole run over a real database: the account as its broker tells it is kept, quotes are
fetched from a source in memory and kept, every rule is judged, and what follows is written with the task's end. Prices
move between looks; nothing fires (``quiet``), or every rule does (``crash``). ``loop`` compares each price with a stop
and does nothing else: judging cannot be faster than that. Times are of the processor. Memory is the peak that Python
allocates in one look, measured apart from the times. Statements are counted: they may not grow with the positions.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from robotrader.core import database_state
from robotrader.core.background_scheduler.config.risk_kinds import Rule, RuleKind
from robotrader.core.background_scheduler.stores import risk_store
from robotrader.core.ids import new_id
from tests.support.quotes import quote
from tests.support.risk import ACCOUNT, Watch, position, watch

SMALL = 50


class Counted:
    """Counts the statements of transactions."""

    def __init__(self) -> None:
        self.statements = 0
        for name in ("run", "many", "one", "all"):
            real = getattr(database_state.Transaction, name)
            setattr(database_state.Transaction, name, self._counting(real))

    def _counting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: Any) -> Any:
            self.statements += 1
            return real(*given)

        return counting


async def filled(w: Watch, positions: int) -> None:
    """An account with so many positions, each with a stop and a trailing stop, and a limit on the day's loss."""
    w.positions = [position(f"S{number}", 10, "800") for number in range(positions)]
    now = w.clock.now()
    kinds = [(RuleKind.STOP_LOSS, "700"), (RuleKind.TRAILING_PCT, "30")]
    rules = [
        Rule(new_id(), ACCOUNT, kind, each.symbol, Decimal(value), True, True, 0, None, now, now)
        for each in w.positions
        for kind, value in kinds
    ]
    rules.append(Rule(new_id(), ACCOUNT, RuleKind.DAILY_LOSS, "", Decimal(10**9), True, True, 0, None, now, now))
    await w.db.write(lambda tx: [risk_store.put(tx, each) for each in rules])
    move(w, 0)
    await w.look()


def move(w: Watch, step: int, price: int = 800) -> None:
    """New prices."""
    for number, each in enumerate(w.positions):
        w.prices.quotes[each.symbol] = quote(
            each.symbol, f"{price + (number + step) % 7}.05", "801", provider="kite", volume=1000
        )


def loop(w: Watch) -> float:
    """Seconds of comparing each price with a stop."""
    prices = {symbol: each.last_price for symbol, each in w.prices.quotes.items()}
    stop, started = Decimal(700), time.process_time()
    broken = [symbol for symbol, price in prices.items() if price <= stop]
    took = time.process_time() - started
    assert not broken
    return took


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds that it takes."""
    started = time.process_time()
    await work()
    return time.process_time() - started


async def peak(work: Callable[[], Awaitable[object]]) -> float:
    """Most megabytes allocated at once."""
    tracemalloc.start()
    try:
        await work()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


async def main(positions: int, rounds: int) -> None:
    """Measure in turn, print medians and ratios."""
    counted = Counted()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("large", "small"):
            (folder / name).mkdir()
        large = await stack.enter_async_context(watch(folder / "large"))
        small = await stack.enter_async_context(watch(folder / "small"))
        await filled(large, positions)
        await filled(small, SMALL)
        times: dict[str, list[float]] = {"large": [], "small": [], "loop": []}
        statements = {}
        for number in range(rounds):
            move(large, number)
            before = counted.statements
            times["large"].append(await timed(large.look))
            statements["large"] = counted.statements - before
            took = 0.0
            for turn in range(positions // SMALL):
                move(small, number + turn)
                before = counted.statements
                took += await timed(small.look)
                statements["small"] = counted.statements - before
            times["small"].append(took)
            times["loop"].append(loop(large))
        memory = await peak(large.look), await peak(small.look)
        move(large, 0, price=500)
        crash = await timed(large.look)
        fired = len(large.record["breaches"])
    found = {name: statistics.median(each) for name, each in times.items()}
    large_ms, small_ms, turns = found["large"] * 1e3, found["small"] * 1e3, positions // SMALL
    print(f"quiet: one look at {positions:,} positions {large_ms:.0f} ms, {statements['large']} statements")
    print(f"quiet: {turns} looks at {SMALL} {small_ms:.0f} ms, {statements['small']} statements each")
    print(f"ratio: one large look / as many small ones {found['large'] / found['small']:.2f}")
    print(f"ratio: one large look / bare loop over the prices {found['large'] / found['loop']:.0f}")
    print(f"each position: {found['large'] / positions * 1e6:.0f} us")
    print(f"memory: {memory[0]:.1f} MB at {positions:,}, {memory[1]:.2f} MB at {SMALL}: {memory[0] / memory[1]:.0f}")
    print(f"crash: {fired:,} breaches in {crash * 1e3:.0f} ms, {crash / found['large']:.2f} of a quiet look")
    assert statements["large"] == statements["small"], "the number of statements grows with the positions"
    assert fired == 2 * positions


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    asyncio.run(main(given.positions, given.rounds))
