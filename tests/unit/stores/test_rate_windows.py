"""Rate gates that every process of a home shares."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.stores.rate_windows import RateWindows
from robotrader.core.database_state import DatabaseStateManager
from tests.support.clock import FakeClock

ORDERS = ((8, 1.1), (10, 60.0))


def opened(path: Path, clock: FakeClock) -> DatabaseStateManager:
    return DatabaseStateManager(path, clock=clock)


async def test_one_a_second_over_two_processes(tmp_path: Path) -> None:
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        gates = []
        for _ in range(2):
            db = opened(tmp_path / "db", clock)
            stack.push_async_callback(db.close)
            gates.append(RateWindows(db, clock))
        waits = [await gates[n % 2].reserve("kite:quotes", [(1, 1.0)], 30.0) for n in range(5)]
    assert waits == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_both_windows_of_orders(tmp_path: Path) -> None:
    clock = FakeClock()
    db = opened(tmp_path / "db", clock)
    gate = RateWindows(db, clock)
    waits = [await gate.reserve("kite:orders", ORDERS, 90.0) for _ in range(12)]
    assert waits[:8] == [0.0] * 8
    assert waits[8:] == [1.1, 1.1, 60.0, 60.0]
    await db.close()


async def test_who_would_wait_too_long_takes_no_place(tmp_path: Path) -> None:
    clock = FakeClock()
    db = opened(tmp_path / "db", clock)
    gate = RateWindows(db, clock)
    assert [await gate.reserve("kite:orders", [(2, 60.0)], 10.0) for _ in range(20)] == [0.0] * 2 + [60.0] * 18
    clock.advance(60.0)
    assert [await gate.reserve("kite:orders", [(2, 60.0)], 10.0) for _ in range(3)] == [0.0, 0.0, 60.0]
    await db.close()


async def test_gates_do_not_know_each_other(tmp_path: Path) -> None:
    clock = FakeClock()
    db = opened(tmp_path / "db", clock)
    gate = RateWindows(db, clock)
    assert [await gate.reserve(name, [(1, 1.0)], 30.0) for name in ("a", "b", "a")] == [0.0, 0.0, 1.0]
    await db.close()


async def test_a_place_taken_while_the_clock_was_ahead_blocks_nobody(tmp_path: Path) -> None:
    clock = FakeClock()
    db = opened(tmp_path / "db", clock)
    ahead = FakeClock()
    ahead.advance(3600.0)
    await RateWindows(db, ahead).reserve("kite:quotes", [(1, 1.0)], 30.0)
    assert await RateWindows(db, clock).reserve("kite:quotes", [(1, 1.0)], 30.0) == 0.0
    await db.close()


@pytest.mark.parametrize("windows", [[(1, 1.1)], [(3, 1.1)], list(ORDERS)])
@given(pauses=st.lists(st.floats(0, 5), min_size=1, max_size=30))
@settings(max_examples=20, deadline=None)
async def test_no_window_is_ever_overfull(
    pauses: list[float], windows: list[tuple[int, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    clock = FakeClock()
    db = opened(tmp_path_factory.mktemp("gate") / "db", clock)
    gate, times = RateWindows(db, clock), []
    for pause in pauses:
        clock.advance(pause)
        wait = await gate.reserve("g", windows, 100.0)
        if wait < 100.0:
            times.append(clock.monotonic() + wait)
    await db.close()
    for limit, seconds in windows:
        for first, nth in zip(times, times[limit:], strict=False):
            assert nth - first >= seconds - 1e-5
