"""Events on disk: delivered at least once, set aside after three tries, and brought back by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.errors import NotFoundError
from robotrader.core.event_bus import Event, EventBus, EventType
from tests.support.clock import FakeClock
from tests.support.spine import LEASE_SECONDS, Process, process


def parsed(n: int = 0) -> Event:
    return Event(type=EventType.DATA_PARSED, source="test", data={"symbol": "SBIN", "n": n})


async def states(p: Process) -> list[tuple[str, int]]:
    return [(each.delivery, each.attempts) for each in await (await p.get(EventStore)).list(type="data.parsed")]


async def refuse(_: Event) -> None:
    raise ValueError("not today")


async def quiet(p: Process) -> EventBus:
    """The bus of a process without the program's own handlers."""
    bus = await p.get(EventBus)
    bus.unsubscribe(EventType.DATA_PARSED)
    return bus


async def test_an_event_that_fails_three_times_is_dead(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        bus, store = await quiet(p), await p.get(EventStore)
        subscription = bus.subscribe(EventType.DATA_PARSED, refuse, durable=True)
        event = parsed()
        await bus.emit(event)
        assert await states(p) == [("pending", 1)]
        await bus.redeliver()  # its turn has not come
        assert await states(p) == [("pending", 1)]
        for attempts, state in ((2, "pending"), (3, "dead")):
            clock.advance(LEASE_SECONDS * 2**attempts)
            await bus.redeliver()
            assert await states(p) == [(state, attempts)]
        clock.advance(10**6)
        await bus.redeliver()
        assert await states(p) == [("dead", 3)]
        assert await store.dead() == 1
        dead = await store.get(event.id)
        assert dead.error is not None
        assert "not today" in dead.error
        subscription.close()
        seen: list[Event] = []

        async def handle(told: Event) -> None:
            seen.append(told)

        bus.subscribe(EventType.DATA_PARSED, handle, durable=True)
        assert await store.revive("none such") == 0
        assert await store.revive(event.id) == 1
        assert await bus.redeliver() == 1
        assert [told.id for told in seen] == [event.id]
        assert seen[0].data == {"symbol": "SBIN", "n": 0}
        assert (await store.get(event.id)).delivery == "delivered"
        assert await store.dead() == 0


async def test_all_the_dead_are_brought_back_at_once(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        bus, store = await quiet(p), await p.get(EventStore)
        bus.subscribe(EventType.DATA_PARSED, refuse, durable=True)
        for n in range(5):
            await bus.emit(parsed(n))
        for _ in range(3):
            clock.advance(10**5)
            await bus.redeliver()
        assert await store.dead() == 5
        assert await store.revive(None) == 5
        assert {state for state, _ in await states(p)} == {"pending"}


async def test_what_a_dead_process_did_not_deliver_is_delivered_in_time(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as dying:
        await (await dying.get(EventStore)).append([parsed()])
        await dying.killed()
    log = home / "logs" / "strategy.jsonl"
    async with process(home, clock) as p:
        await p.scheduler.tick()
        assert not log.exists()  # the writer may be delivering it
        clock.advance(LEASE_SECONDS)
        await p.scheduler.tick()
        assert len(log.read_text(encoding="utf-8").splitlines()) == 1
        assert await states(p) == [("delivered", 1)]
        clock.advance(LEASE_SECONDS * 10)
        await p.scheduler.tick()
        assert len(log.read_text(encoding="utf-8").splitlines()) == 1


async def test_hastening_makes_what_is_pending_due(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        store = await p.get(EventStore)
        await store.append([parsed()])
        assert await store.undelivered(clock.now(), 10) == []
        from robotrader.core.database_state import DatabaseStateManager

        assert await (await p.get(DatabaseStateManager)).write(store.hasten) == 1
        assert len(await store.undelivered(clock.now(), 10)) == 1
        assert await store.undelivered(clock.now(), 10) == []  # whoever took it has time to deliver it


async def test_an_event_written_twice_is_one(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        event = parsed()
        store = await p.get(EventStore)
        await store.append([event, event])
        await store.append([event])
        assert await states(p) == [("pending", 0)]


async def test_events_are_found_by_what_they_are(home: Path, clock: FakeClock) -> None:
    async with process(home, clock) as p:
        store = await p.get(EventStore)
        events = [parsed(n) for n in range(4)]
        await store.append(events)
        newest = [each.event.id for each in await store.list(type="data.parsed", limit=2)]
        assert newest == [events[3].id, events[2].id]
        (found,) = await store.list(correlation=events[1].correlation_id)
        assert found.event == events[1]
        assert len(await store.list(delivery="pending")) == 4
        assert await store.list(delivery="dead") == ()
        assert (await store.get(events[2].id)).event == events[2]
        for text in ("", "0", "zzz", events[0].id + "0", "%"):
            with pytest.raises(NotFoundError):
                await store.get(text)
