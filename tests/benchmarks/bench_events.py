"""Delivery of events against a plain ``await handler(event)`` loop, in one interleaved run.

``one event`` is what a publisher pays: the event is made, then told. ``delivery`` leaves the making out, on both sides.
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


def make_event(number: int) -> Event:
    """What a task emits when it ends."""
    data = {"task_id": "0198c0de-0000-7000-8000-000000000000", "symbol": "SBIN", "attempts": number}
    return Event(type=EventType.TASK_COMPLETED, source="bench", data=data)


async def measure(send: Callable[[Event], Awaitable[None]], count: int, make: Callable[[int], Event]) -> float:
    """Microseconds an event."""
    started = time.perf_counter()
    for number in range(count):
        await send(make(number))
    return (time.perf_counter() - started) / count * 1e6


async def main() -> None:
    """Print one line a case: floor and bus in microseconds an event, and floor / bus."""
    for subscribers in (1, 10):
        bus = EventBus(None, SystemClock())
        seen = [0]

        async def handler(event: Event, seen: list[int] = seen) -> None:
            seen[0] += 1

        handlers: tuple[Handler, ...] = (handler,) * subscribers
        for each in handlers:
            bus.subscribe(EventType.TASK_COMPLETED, each)

        async def floor(event: Event, handlers: tuple[Handler, ...] = handlers) -> None:
            for each in handlers:
                await each(event)

        def deliver(event: Event, bus: EventBus = bus) -> Awaitable[None]:
            return bus.deliver((event,))

        ready = make_event(0)

        def take(number: int, ready: Event = ready) -> Event:
            return ready

        count = DELIVERIES // subscribers
        cases = {
            "one event, emit": (bus.emit, make_event),
            "one event, deliver": (deliver, make_event),
            "delivery, emit": (bus.emit, take),
            "delivery, deliver": (deliver, take),
        }
        for name, (send, make) in cases.items():
            floors, buses = [], []
            for _ in range(ROUNDS):
                floors.append(await measure(floor, count, make))
                buses.append(await measure(send, count, make))
            ratio = statistics.median(a / b for a, b in zip(floors, buses, strict=True))
            print(
                f"{name:20} {subscribers:2} subscribers: floor {statistics.median(floors):6.2f} us, "
                f"bus {statistics.median(buses):6.2f} us, {ratio:.2f} of the floor"
            )
        if not seen[0]:
            raise SystemExit("nothing was delivered")


if __name__ == "__main__":
    asyncio.run(main())
