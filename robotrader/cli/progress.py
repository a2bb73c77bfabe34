"""Progress of several tasks on stderr, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robotrader.core.event_bus import Event, EventBus


@contextmanager
def shown(event_bus: EventBus, total: int) -> Iterator[None]:
    """Show how many of ``total`` tasks have ended while the block runs; silent for a single one and in cron."""
    if total <= 1 or not sys.stderr.isatty():
        yield
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from robotrader.cli import clean, render
    from robotrader.core.event_bus import EventType

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=render.stderr_console(), transient=True) as progress, ExitStack() as subscriptions:
        bar = progress.add_task("starting", total=total)

        async def started(event: Event) -> None:
            progress.update(bar, description=clean.short(event.data.get("symbol") or "", 20))

        async def ended(_: Event) -> None:
            progress.advance(bar)

        subscriptions.enter_context(event_bus.subscribe(EventType.TASK_STARTED, started))
        for kind in ("COMPLETED", "SKIPPED", "FAILED", "DEFERRED", "CANCELLED", "UNKNOWN"):
            subscriptions.enter_context(event_bus.subscribe(EventType[f"TASK_{kind}"], ended))
        yield
