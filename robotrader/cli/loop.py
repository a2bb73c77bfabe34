"""The event loop of one command: a thread that is stuck cannot keep it from ending."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from robotrader.cli.run import INTERRUPTED, TERMINATED, leave

T = TypeVar("T")


class CommandLoop(asyncio.SelectorEventLoop):
    """Ends without waiting for threads; ``run.finish`` gives them a bounded time afterwards."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the name is asyncio's
        """Nothing: ``close`` tells the threads to end and does not wait for them."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine. SIGTERM cancels it as Ctrl-C does, and leases are handed back; a second one ends all at once.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        SystemExit: 143 after SIGTERM.
    """
    terminated = False
    results: list[T] = []

    async def guarded() -> None:
        task = asyncio.current_task()

        def terminate() -> None:
            nonlocal terminated
            if terminated or task is None:
                leave(TERMINATED)
            else:
                terminated = True
                task.cancel()

        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
        # Not returned: the runner takes back its signal handler at the end, for which `signal` puts the task and all of
        # its result into words, twice.
        results.append(await main)

    try:
        with asyncio.Runner(loop_factory=CommandLoop) as runner:
            runner.run(guarded())
    except asyncio.CancelledError:
        raise SystemExit(TERMINATED if terminated else INTERRUPTED) from None
    return results[0]
