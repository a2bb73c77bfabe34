"""From a command to the program behind it and back: settings, asyncio, exit codes, the words on stderr."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from robotrader.cli import output

if TYPE_CHECKING:
    from robotrader.cli.ports import App, OpenApp
    from robotrader.settings import Settings

T = TypeVar("T")

DONE, FAILED, CONFIGURATION, NO_DATA, HALTED, INTERRUPTED, TERMINATED = 0, 1, 3, 5, 6, 130, 143
PATIENCE_SECONDS = 3.0


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def load_settings(home: Path | None, overrides: dict[str, Any]) -> Settings:
    """The settings as file, environment and options say."""
    from robotrader import settings

    return settings.load(home=home, overrides=overrides)


def open_orchestrator(settings: Settings) -> Any:
    """The program itself, wired by the composition root."""
    from robotrader.bootstrap import open_app

    return open_app(settings)


@dataclass(slots=True)
class Session:
    """One invocation: what the root options said, and the three things a test replaces (program, settings, time)."""

    home: Path | None = None
    debug: bool = False
    fault: str | None = None
    open_app: OpenApp = open_orchestrator
    load: Callable[[Path | None, dict[str, Any]], Settings] = load_settings
    now: Callable[[], datetime] = utc_now
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def settings(self) -> Settings:
        """Load the settings, and remember their secrets so that no message shows one.

        Raises:
            ConfigurationError: the file or the environment is wrong.
        """
        overrides = {} if self.fault is None else {"sandbox": {"fault": self.fault}}
        loaded = self.load(self.home, overrides)
        self.secrets = (*loaded.perplexity.api_keys, loaded.kite.api_key, loaded.kite.api_secret)
        return loaded


def run(session: Session, operation: Callable[[App], Awaitable[T]]) -> T:
    """Open the program, do one operation, close it again.

    Raises:
        TradingError: whatever the operation raised, taken out of an exception group.
        KeyboardInterrupt: Ctrl-C.
        SystemExit: 143 after SIGTERM.
    """
    settings = session.settings()

    async def opened() -> T:
        async with session.open_app(settings) as app:
            return await operation(app)

    return complete(opened())


def complete(work: Coroutine[Any, Any, T]) -> T:
    """Run work in a loop of its own. Raises as ``run``."""
    from robotrader.cli import loop

    try:
        return loop.run(work)
    except BaseExceptionGroup as group:
        from robotrader.cli import trouble

        raise trouble.innermost(group) from group


def guarded(session: Session, command: Callable[[], object]) -> int:
    """Run a whole command and turn its end into an exit code, telling the owner what went wrong and what to do."""
    try:
        code = command()
        output.flush()
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except SystemExit as stop:
        code = stop.code
    except Exception as error:  # noqa: BLE001 - the last line of defence, no end is a traceback
        from robotrader.cli import trouble

        return trouble.explain(error, session)
    if code == INTERRUPTED:
        output.note("interrupted")
    return code if isinstance(code, int) else DONE


def finish(code: int) -> NoReturn:
    """End the process: threads that still work get a moment to end, and one that is stuck is left behind.

    What a start imports is not taken apart again, module by module; that would be a tenth of a short command's time.
    """
    patience = time.monotonic() + PATIENCE_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join(max(0.0, patience - time.monotonic()))
    atexit._run_exitfuncs()  # noqa: SLF001 - what ``os._exit`` leaves out, such as closing the log
    leave(code)


def leave(code: int) -> NoReturn:
    """End the process at once, without cleaning up."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
