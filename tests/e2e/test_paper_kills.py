"""A process that trades on paper is killed at random lines: nothing is lost or done twice, and the books balance."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.support.paper_kills import kill_one, problems

KILLS = 10
MOST_LINES = 40_000


@pytest.mark.slow
def test_killed_at_random_lines(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    hit = sum(kill_one(tmp_path, run, chance, MOST_LINES) for run in range(KILLS))
    found, orders = asyncio.run(problems(tmp_path, KILLS))
    assert found == []
    assert hit >= KILLS // 2
    assert orders >= KILLS * 2
