"""kill -9 between the lines of an exit, and at random instants: one order at the broker, and a clear end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import order_kill_runs as runs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
STEP = {"paper": 61, "kite": 41}
"""Every so manieth line; ``python -m tests.support.line_killer`` walks all of them."""


@pytest.mark.parametrize(("kind", "first"), [("paper", 7), ("kite", 5)])
def test_killed_at_any_line_an_exit_is_ordered_once_and_ends(tmp_path: Path, kind: str, first: int) -> None:
    with runs.double(tmp_path / "double") as server:
        command = [sys.executable, "-m", "tests.support.line_killer", str(tmp_path / "homes"), kind]
        command += ["--from", str(first), "--step", str(STEP[kind])]
        command += ["--url", server.url] if kind == "kite" else []
        ran = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["broken"] == []
    assert found["killed"] >= 15
    assert found["ends"]["filled"] >= 5


def test_killed_at_random_while_the_broker_misbehaves() -> None:
    """In a process of its own: it forks, and this one has threads."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.order_kill_runs", "--runs", "8", "--seed", "5"],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\n0 duplicate, 0 lost\n" in ran.stdout


def test_a_duplicate_and_a_loss_are_seen() -> None:
    """The comparison that both rest on can fail."""
    from tests.support.line_killer import compare

    assert compare({"a": "COMPLETE"}, {"a": ["COMPLETE"]}) == []
    assert len(compare({"a": "COMPLETE"}, {"a": ["COMPLETE", "COMPLETE"]})) == 1
    assert len(compare({"a": "UNPLACED"}, {"a": ["COMPLETE"]})) == 1
    assert len(compare({"a": "COMPLETE"}, {})) == 1
    assert len(compare({}, {"a": ["OPEN"]})) == 1
