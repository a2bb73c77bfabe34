"""The prompts of a process: read once for all who begin together, and again after a while."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.processors.prompts import READ_AGAIN_SECONDS, PromptShelf
from robotrader.core.errors import ConfigurationError
from tests.support.clock import FakeClock

OWN = "version: 7\n---\nBe brief.\n---\nWhat of $exchange:$symbol?\n"


async def test_those_who_begin_together_get_the_same_prompt(tmp_path: Path) -> None:
    shelf = PromptShelf(tmp_path, FakeClock())
    first, *rest = await asyncio.gather(*(shelf.get(Dataset.NEWS) for _ in range(50)))
    assert all(each is first for each in rest)
    assert (await shelf.get(Dataset.EARNINGS)).origin != first.origin


async def test_a_change_of_the_file_comes_into_force_after_a_while(tmp_path: Path) -> None:
    clock = FakeClock()
    shelf, own = PromptShelf(tmp_path, clock), tmp_path / "news.txt"
    packaged = await shelf.get(Dataset.NEWS)
    own.write_text(OWN, encoding="utf-8")
    assert await shelf.get(Dataset.NEWS) is packaged
    await clock.sleep(READ_AGAIN_SECONDS)
    changed = await shelf.get(Dataset.NEWS)
    assert (changed.version, changed.origin) == ("7", own)


async def test_one_who_finds_it_wrong_leaves_the_others_to_look_themselves(tmp_path: Path) -> None:
    shelf, own = PromptShelf(tmp_path, FakeClock()), tmp_path / "news.txt"
    own.write_text("no prompt", encoding="utf-8")
    found = await asyncio.gather(*(shelf.get(Dataset.NEWS) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(each, ConfigurationError) for each in found)
    own.write_text(OWN, encoding="utf-8")
    assert (await shelf.get(Dataset.NEWS)).version == "7"


async def test_one_who_is_cancelled_while_it_reads_holds_up_nobody(tmp_path: Path) -> None:
    shelf = PromptShelf(tmp_path, FakeClock())
    readers = [asyncio.create_task(shelf.get(Dataset.NEWS)) for _ in range(2)]
    await asyncio.sleep(0)
    readers[0].cancel()
    assert (await readers[1]).question
    with pytest.raises(asyncio.CancelledError):
        await readers[0]
