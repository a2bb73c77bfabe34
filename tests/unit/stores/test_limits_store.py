"""Limits that outlive a process: the rate window, the memory of keys, the breaker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.models import BreakerState, KeyState
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.database_state import DatabaseStateManager
from tests.support.clock import FakeClock
from tests.support.spine import Process, live, process

URL = "http://127.0.0.1:9"


async def take_place(p: Process, limits: LimitsStore, per_minute: int, key: str = "key") -> float:
    """Seconds until the place taken comes."""
    db = await p.get(DatabaseStateManager)
    found = await db.write(lambda tx: limits.admit(tx, "service", lambda _, __: key, per_minute))
    return found[3]


async def places(folder: Path, per_minute: int, pauses: Sequence[float]) -> list[float]:
    """The instants at which requests may leave, asked for with ``pauses`` between."""
    clock = FakeClock()
    async with process(folder / "home", clock) as p:
        limits = await p.get(LimitsStore)
        found = []
        for pause in pauses:
            clock.advance(pause)
            found.append(clock.monotonic() + await take_place(p, limits, per_minute))
        return found


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    per_minute=st.integers(1, 5),
    pauses=st.lists(
        st.sampled_from((0.0, 0.0, 0.001, 1.0, 12.5, 29.999999, 30.0, 60.0, 61.0)), min_size=1, max_size=25
    ),
)
def test_no_minute_sees_more_than_is_allowed(tmp_path_factory: object, per_minute: int, pauses: list[float]) -> None:
    folder: Path = tmp_path_factory.mktemp("window")  # type: ignore[attr-defined]
    found = asyncio.run(places(folder, per_minute, pauses))
    for start in found:
        inside = [at for at in found if start <= at < start + 60.0 - 1e-5]
        assert len(inside) <= per_minute, (start, found)
    asked = [sum(pauses[: n + 1]) for n in range(len(pauses))]
    for n, (when, at) in enumerate(zip(asked, found, strict=True)):
        assert at >= when - 1e-6
        if at > when + 1e-5:  # whoever waits does so because the minute before is full
            assert sum(at - 60.0 - 1e-5 <= other <= at for other in found[:n]) >= per_minute


async def test_two_processes_share_a_window(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as one, process(home, clock) as two:
        first, second = await one.get(LimitsStore), await two.get(LimitsStore)
        waits = await asyncio.gather(*(take_place(p, store, 3) for p, store in ((one, first), (two, second)) * 4))
        assert sorted(waits) == [0, 0, 0, 60, 60, 60, 120, 120]
        assert await take_place(one, first, 3, "another") == 0


async def test_where_no_key_is_chosen_no_place_is_taken(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        limits, db = await p.get(LimitsStore), await p.get(DatabaseStateManager)
        await limits.save_key_state("service", KeyState("aaa", None, True, "401"))
        seen: list[object] = []
        found = await db.write(lambda tx: limits.admit(tx, "service", lambda *what: seen.append(what), 1))
        assert seen == [(BreakerState(), {"aaa": KeyState("aaa", None, True, "401")})]
        assert found == (*seen[0], None, 0.0)  # type: ignore[misc]
        assert await db.read(lambda tx: tx.all("SELECT * FROM rate_reservations")) == []


async def test_places_of_the_past_are_cleared_away(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        limits, db = await p.get(LimitsStore), await p.get(DatabaseStateManager)
        for _ in range(40):
            await take_place(p, limits, 100)
            clock.advance(5)
        assert await db.read(lambda tx: tx.one("SELECT count(*) <= 25 FROM rate_reservations")) == (1,)


async def test_keys_are_remembered_by_the_next_process(home: Path, clock: FakeClock) -> None:
    until = clock.now() + timedelta(minutes=5)
    async with process(home, clock) as p:
        limits = await p.get(LimitsStore)
        await limits.save_key_state("perplexity", KeyState("aaa", until, False, "429"))
        await limits.save_key_state("perplexity", KeyState("bbb", None, True, "401"))
        await limits.save_key_state("other", KeyState("aaa", None, True, "elsewhere"))
    async with process(home, clock) as p:
        limits = await p.get(LimitsStore)
        assert await limits.key_states("perplexity") == {
            "aaa": KeyState("aaa", until, False, "429"),
            "bbb": KeyState("bbb", None, True, "401"),
        }
        # A cool-down that another process writes late does not bring a rejected key back.
        await limits.save_key_state("perplexity", KeyState("bbb", until, False, "429"))
        assert (await limits.key_states("perplexity"))["bbb"].removed
        told = await p.event_types()
        assert (told.count("system.key_cooled"), told.count("system.key_removed")) == (2, 2)
        assert await limits.forgive_keys() == 3
        assert await limits.key_states("perplexity") == {}


async def test_the_breaker_opens_for_every_process(home: Path, clock: FakeClock) -> None:
    settings = live(home, URL)
    async with process(home, clock, settings=settings) as one, process(home, clock, settings=settings) as two:
        first, second = await one.get(LimitsStore), await two.get(LimitsStore)
        for number in range(1, 5):
            store = first if number % 2 else second
            state = await store.record_outcome("perplexity", ok=False, now=clock.now())
            assert (state.failures, state.opened_until) == (number, None)
        await first.record_outcome("perplexity", ok=False, now=clock.now())
        opened = await second.breaker("perplexity")
        assert opened.opened_until == clock.now() + timedelta(seconds=60)
        assert (await one.event_types()).count("system.breaker_opened") == 1
        assert (await second.breaker("another")).failures == 0
        await second.record_outcome("perplexity", ok=True, now=clock.now())
        closed = await first.breaker("perplexity")
        assert (closed.failures, closed.opened_until) == (0, None)


async def test_forgiving_keys_closes_the_breaker(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, settings=live(home, URL)) as p:
        limits = await p.get(LimitsStore)
        for _ in range(5):
            await limits.record_outcome("perplexity", ok=False, now=clock.now())
        assert await limits.forgive_keys() == 0
        assert (await limits.breaker("perplexity")).opened_until is None
