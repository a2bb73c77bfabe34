"""Delivery of events against a plain ``await handler(event)`` loop, in one interleaved run.

``made and told`` is what a publisher pays: the event is made (on both sides), then told. ``told`` is one event over and
over. ``emit`` also looks for secrets and personal data, ``deliver`` is for events that were written with their change.
Run it with ``python tests/benchmarks/bench_events.py``.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from robotrader.core.clock import SystemClock
from robotrader.core.event_bus import Event, EventBus, EventType, Handler

ROUNDS = 15
DELIVERIES = 20_000

Send = Callable[[Event], Awaitable[None]]
Make = Callable[[int], Event]


def make_event(number: int) -> Event:
    """What a task emits when it ends."""
    data = {"task_id": "0198c0de-0000-7000-8000-000000000000", "symbol": "SBIN", "attempts": number}
    return Event(type=EventType.TASK_COMPLETED, source="bench", data=data)


def make_once() -> Make:
    """The same event every time."""
    ready = make_event(0)
    return lambda _: ready


async def measure(send: Send, count: int, make: Make) -> float:
    """Microseconds of CPU an event."""
    started = time.process_time()
    for number in range(count):
        await send(make(number))
    return (time.process_time() - started) / count * 1e6


def sides(subscribers: int) -> tuple[Send, EventBus]:
    """The floor and a bus, both calling as many handlers."""
    seen = [0]

    async def handler(_: Event) -> None:
        seen[0] += 1

    handlers: tuple[Handler, ...] = (handler,) * subscribers

    async def floor(event: Event) -> None:
        for each in handlers:
            await each(event)

    bus = EventBus(None, SystemClock())
    for each in handlers:
        bus.subscribe(EventType.TASK_COMPLETED, each)
    return floor, bus


async def main() -> None:
    """Print one line a case: microseconds of CPU an event of both, and the floor's as a share of the bus's."""
    for subscribers in (1, 10):
        floor, bus = sides(subscribers)

        def deliver(event: Event, bus: EventBus = bus) -> Awaitable[None]:
            return bus.deliver((event,))

        for name, send, make in (
            ("made and told, deliver", deliver, make_event),
            ("made and told, emit", bus.emit, make_event),
            ("told, deliver", deliver, make_once()),
            ("told, emit", bus.emit, make_once()),
        ):
            floors, buses = [], []
            for _ in range(ROUNDS):
                floors.append(await measure(floor, DELIVERIES // subscribers, make))
                buses.append(await measure(send, DELIVERIES // subscribers, make))
            ratio = statistics.median(a / b for a, b in zip(floors, buses, strict=True))
            print(
                f"{name:22} {subscribers:2} subscribers: floor {statistics.median(floors):6.2f} us, "
                f"bus {statistics.median(buses):6.2f} us, {ratio:.2f} of the floor"
            )


if __name__ == "__main__":
    asyncio.run(main())
