"""``serve``: the plain loop, one log line for each thing that ended."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from robotrader.cli import output
from robotrader.cli.options import Fault, Json, session_of
from robotrader.cli.run import DONE, Session, leave, run

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

    from robotrader.cli.ports import App
    from robotrader.core.background_scheduler.models import RunReport

BY_SIGNAL = 128


def serve(context: typer.Context, *, as_json: Json = False, fault: Fault = None) -> int:
    """Run what is due whenever it is due, until stopped.

    One process per home. SIGINT or SIGTERM stops it cleanly, a second one at once. With --json it prints one line of
    JSON a tick.
    """
    session = session_of(context)
    if fault is not None:
        from robotrader.cli import faults

        if faults.settled(fault, session):
            return DONE

    async def operation(app: App) -> None:
        import asyncio

        stop = asyncio.Event()
        coordinator = await app.tasks()
        with _signals(asyncio.get_running_loop(), stop):
            _say(session, "serving; stop with Ctrl-C", as_json=as_json)
            await coordinator.serve(stop, _reporter(session, as_json=as_json))
        _say(session, "stopped", as_json=as_json)

    run(session, operation)
    return DONE


def _reporter(session: Session, *, as_json: bool) -> Callable[[RunReport, datetime | None], None]:
    from robotrader.cli import idle, shapes

    def on_tick(report: RunReport, next_due: datetime | None) -> None:
        if as_json:
            output.document_line({**shapes.envelope(report), "next_due": next_due})
        else:
            for words in idle.log_lines(report, next_due, session.now()):
                _say(session, words, as_json=False)

    return on_tick


def _say(session: Session, words: str, *, as_json: bool) -> None:
    from robotrader.cli import format as fmt

    line = f"{fmt.log_instant(session.now())}  {words}"
    if as_json:
        output.note(line)
    else:
        output.write(line)
        output.flush()


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks the loop to stop, the second ends the process at once."""

    def received(number: signal.Signals) -> None:
        if stop.is_set():
            leave(BY_SIGNAL + number)
        stop.set()
        output.note("stopping when the running tasks have ended or handed back; once more to leave at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
