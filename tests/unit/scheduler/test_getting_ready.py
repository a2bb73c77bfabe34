"""What tasks need is got ready while others work: told once they are claimed, imported in a thread."""

from __future__ import annotations

import subprocess
import sys

import pytest

from robotrader.core.background_scheduler.models import Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome, Readied
from robotrader.providers import LazyProcessor


class Made:
    """A processor that does nothing."""

    async def process(self, task: Task, deadline: float) -> Outcome:
        return Outcome(TaskStatus.COMPLETED)


async def made() -> Made:
    return Made()


def test_a_lazy_processor_is_told_what_is_expected_of_it() -> None:
    told: list[str] = []
    lazy = LazyProcessor(made, lambda: told.append("expected"))
    assert isinstance(lazy, Readied)
    lazy.expect()
    lazy.expect()
    assert told == ["expected", "expected"]
    assert not isinstance(Made(), Readied)


CLAIMED = """
import asyncio, sys, threading
from robotrader.bootstrap import research
from robotrader.core.background_scheduler.models import TaskType

async def main():
    imports = research.ImportsAhead(live=sys.argv[1] == "live")
    for kind in (TaskType.NEWS_PROCESSING, TaskType.NEWS_PROCESSING, TaskType.EARNINGS_ANALYSIS):
        imports.expect(kind)
    imports.ask()
    before = {thread.name for thread in threading.enumerate()}
    while f"{research.FOLDER}.earnings_processor" not in sys.modules:
        await asyncio.sleep(0.01)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            await asyncio.to_thread(thread.join, 30)
    loaded = [name.rpartition(".")[2] for name in sys.modules if name.startswith("robotrader.")]
    wanted = ("news_processor", "earnings_processor", "fundamental_analyzer", "news", "own_schema", "http_transport")
    print(len(before), *(name for name in wanted if name in loaded))

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("where", "printed"),
    [
        ("live", "2 news_processor earnings_processor news own_schema http_transport"),
        ("sandbox", "1 news_processor earnings_processor news own_schema"),
    ],
)
def test_what_was_claimed_is_imported_and_nothing_else(where: str, printed: str) -> None:
    command = [sys.executable, "-c", CLAIMED, where]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.stderr == ""
    assert ran.stdout.strip() == printed
