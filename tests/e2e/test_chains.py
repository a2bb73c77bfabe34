"""What events lead to, over processes that know nothing of each other but the home."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.killing import Server, environment, run, server, start, watch

pytestmark = pytest.mark.slow
ALL = {"schedules__news__enabled": "true", "schedules__fundamentals__enabled": "true"}
MERGER = {
    "symbol": "SBIN",
    "items": [
        {
            "headline": "SBIN agrees to merge with another bank",
            "summary": "The boards have agreed.",
            "published_at": "2026-11-20",
            "source": "Example",
            "url": "https://example.com/results/sbin",
            "sentiment": None,
            "category": "m_and_a",
            "impact": "high",
            "key_figures": [],
            "symbols": ["SBIN"],
        }
    ],
}


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as running:
        yield running


def chain(env: dict[str, str], correlation: str) -> list[dict[str, Any]]:
    listed = run(env, "events", "list", "--correlation", correlation, "--limit", "200", "--json")
    assert listed.code == 0, listed.err
    return list(json.loads(listed.out)["events"])[::-1]


def merger(env: dict[str, str], double: Server) -> str:
    """News of high impact, fetched by a process of its own; the correlation of its task."""
    double.script(f"text:{json.dumps(MERGER)}")
    ran = run(env, "run-task", "news", "SBIN", "--force", "--json")
    assert ran.code == 0, ran
    task_id: str = json.loads(ran.out)["tasks"][0]["id"]
    return task_id


def test_one_story_leads_to_fundamentals_over_three_processes(home: Path, double: Server) -> None:
    """The first process reads the story, the second plans what follows and is turned away, the third runs it."""
    env = environment(home, double.url, **ALL)
    watch(env, ["SBIN"])
    first = run(env, "tick", "--json")
    assert first.statuses == {"COMPLETED": 3}, first.out
    assert run(env, "tick", "--json").statuses == {}

    correlation = merger(env, double)
    double.script(*["429:0"] * 4)
    turned_away = run(env, "tick", "--json")
    assert turned_away.statuses == {"DEFERRED": 1}, turned_away.out
    bills = double.billed().total()
    last = start(env, "serve")  # waits for the key to cool down, as the third process would in tmux
    double.wait_for_bills(bills + 1, seconds=40)
    last.send_signal(signal.SIGTERM)
    last.communicate(timeout=30)

    told = [each["type"] for each in chain(env, correlation)]
    assert [kind for kind in told if kind != "data.parsed"] == [
        "task.completed",
        "data.news_high_impact",
        "data.flagged",
        "task.planned",
        "task.deferred",
        "task.completed",
    ]
    assert told.count("data.parsed") == 2  # of the news, and of the fundamentals
    assert run(env, "tick", "--json").statuses == {}
    assert double.billed().total() == bills + 1


def test_a_story_told_again_leads_to_nothing_more(home: Path, double: Server) -> None:
    env = environment(home, double.url, **ALL)
    watch(env, ["SBIN"])
    run(env, "tick", "--json")
    merger(env, double)
    assert run(env, "tick", "--json").statuses == {"COMPLETED": 1}
    again = merger(env, double)
    assert run(env, "tick", "--json").statuses == {}
    assert "data.news_high_impact" not in [each["type"] for each in chain(env, again)]
