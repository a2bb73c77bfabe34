"""``serve``: the plain loop, one log line for each thing that ended."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import typer

from robotrader.cli import output
from robotrader.cli.options import Fault, Json, Live, session_of
from robotrader.cli.run import DONE, Session, complete, leave
from robotrader.core.errors import ConfigurationError

if TYPE_CHECKING:
    import asyncio
    from datetime import datetime

    from robotrader.cli.ports import App
    from robotrader.core.background_scheduler.models import RunReport
    from robotrader.settings import Settings

BY_SIGNAL = 128
FIRST = "serving; stop with Ctrl-C"
FOLLOWED = ("config.toml", "calendar.toml")


def serve(context: typer.Context, *, live: Live = False, as_json: Json = False, fault: Fault = None) -> int:
    """Run what is due whenever it is due, until stopped.

    One process per home. Before each tick it looks whether config.toml or calendar.toml changed, and goes by what they
    say. SIGINT or SIGTERM stops it cleanly, a second one at once. With --json it prints one line of JSON a tick.
    """
    session = session_of(context)
    if fault is not None:
        from robotrader.cli import faults

        if faults.settled(fault, session):
            return DONE

    complete(_serve(session, live=live, as_json=as_json))
    return DONE


async def _serve(session: Session, *, live: bool, as_json: bool) -> None:
    """Serve by the settings as they are, and anew by the new ones whenever they changed, until a signal stops it."""
    import asyncio

    from robotrader.cli.watched import WatchedFiles

    home = session.settings().home
    files = WatchedFiles(*(home / name for name in FOLLOWED))
    turn = Turn(session.settings(), asyncio.Event())
    on_tick = _reporter(session, as_json=as_json)

    def before_tick() -> None:
        if files.changed() and (new := _valid(session)) is not None:
            turn.settings, turn.again = new, True
            turn.stop.set()

    with _signals(asyncio.get_running_loop(), turn):
        words = FIRST
        while not turn.signalled:
            turn.again = False
            async with session.open_app(turn.settings) as app:
                words += await _live_words(app, turn.settings, live=live, first=words == FIRST)
                coordinator = await app.tasks()
                _say(session, words, as_json=as_json)
                async with _ticks(app, turn.settings, partial(_say, session, as_json=as_json)):
                    await coordinator.serve(turn.stop, on_tick, before_tick)
            if turn.signalled or not turn.again:
                break
            turn.stop.clear()
            words = "the settings changed; going on with the new ones"
    _say(session, "stopped", as_json=as_json)


def _ticks(app: App, settings: Settings, say: Callable[[str], None]) -> AbstractAsyncContextManager[None]:
    """Live ticks for as long as it is served, where the owner wants them."""
    if not settings.market.ticks:
        return nullcontext()
    from robotrader.cli.live_ticks import listening

    return listening(app, say)


async def _live_words(app: App, settings: Settings, *, live: bool, first: bool) -> str:
    """Let orders be real where the command and the settings say so; says whether they are.

    Raises:
        ConfigurationError: from the start the settings do not say so.
    """
    if not live:
        return ""
    if settings.trading.mode != "live" and not first:
        return "; LIVE trading is off, as trading.mode is paper now"
    (await app.orders()).go_live()
    return "; LIVE trading is on"


@dataclass(slots=True)
class Turn:
    """What the loop goes by, and why it is to end: a signal, or new settings to go on with."""

    settings: Settings
    stop: asyncio.Event
    signalled: bool = False
    again: bool = False


def _valid(session: Session) -> Settings | None:
    """The settings as they are now; None, said on stderr, where they are wrong and those in force stay so."""
    from robotrader.cli import checking, clean
    from robotrader.cli import format as fmt

    try:
        loaded = session.settings()
        checking.check(loaded)
    except ConfigurationError as error:
        why = clean.line(f"changed settings are not taken up, the old ones stay in force: {error}")
        output.note(f"{fmt.log_instant(session.now())}  {why}", session.secrets)
        return None
    return loaded


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
def _signals(loop: asyncio.AbstractEventLoop, turn: Turn) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks the loop to stop, the second ends the process at once."""

    def received(number: signal.Signals) -> None:
        if turn.signalled:
            leave(BY_SIGNAL + number)
        turn.signalled = True
        turn.stop.set()
        output.note("stopping when the running tasks have ended or handed back; once more to leave at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, received, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
