"""``schedule``: what is shown, what is written, and what is refused."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.cli.screens import schedule as screens

NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)  # Friday, 16:30 IST
TRIGGER_VARIABLE = "ROBOTRADER_SCHEDULES__NEWS__TRIGGER"
KEYS = [
    "type", "enabled", "trigger", "fresh_hours", "fresh_hours_for", "batch", "timeout_seconds", "max_attempts",
    "concurrency", "next_slot", "problem", "origins",
]  # fmt: skip


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Schedule = Callable[..., Ran]


@pytest.fixture
def schedule(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Schedule:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str, now: datetime = NOW) -> Ran:
        code = execute(("schedule", *arguments), Session(home=tmp_path, now=lambda: now))
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return run


def written(home: Path) -> Any:
    return tomllib.loads((home / "config.toml").read_text())["schedules"]


def test_list(schedule: Schedule, tmp_path: Path) -> None:
    rows = schedule("list", "--json").json["schedules"]
    assert [row["type"] for row in rows] == ["earnings", "news", "fundamentals", "market", "risk", "health"]
    assert all(set(row) == set(KEYS) for row in rows)
    assert [row["next_slot"] for row in rows[:3]] == [
        "2026-11-20T14:00:00Z", "2026-11-21T02:30:00Z", "2026-11-20T14:30:00Z",
    ]  # fmt: skip
    watching = [(row["fresh_hours"], row["fresh_hours_for"], row["batch"], row["concurrency"]) for row in rows[3:]]
    assert watching == [(None, None, None, None)] * 3
    assert all(row["origins"] == {} for row in rows)
    shown = schedule("list").out
    assert "tomorrow 08:00" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == [tmp_path / ".settings.json"]


def test_what_watches_has_its_own_times(schedule: Schedule, tmp_path: Path) -> None:
    row = schedule("set", "market", "--trigger", "every 2m while open", "--timeout", "20s", "--json").json
    assert (row["trigger"], row["timeout_seconds"]) == ("every 2m while open", 20)
    assert row["origins"] == {"trigger": "file", "timeout_seconds": "file"}
    assert schedule("disable", "risk", "--json").json["enabled"] is False
    assert "[schedules.market]" in (tmp_path / "config.toml").read_text()


def test_the_origin_of_each_value(schedule: Schedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text("[schedules.news]\nbatch = 5\nfresh_hours_for = { SBIN = 48, 'M&M' = 1.5 }\n")
    monkeypatch.setenv(TRIGGER_VARIABLE, "every 5m while open")
    row = schedule("list", "--json").json["schedules"][1]
    assert row["origins"] == {"trigger": "env", "fresh_hours_for": "file", "batch": "file"}
    assert row["fresh_hours_for"] == {"SBIN": 48, "M&M": 1.5}
    assert row["next_slot"] == "2026-11-23T03:45:00Z"  # Monday, 09:15 IST
    shown = schedule("list").out
    for words in (
        "news, fresh for: SBIN 2 days, M&M 1.5 h",
        "news, from config.toml: fresh_hours_for, batch",
        "news, from the environment: trigger",
    ):
        assert words in shown


def test_a_slot_beyond_the_calendar_is_not_guessed(schedule: Schedule) -> None:
    schedule("set", "news", "--trigger", "at 08:30 on trading days")
    last = datetime(2026, 12, 31, 12, tzinfo=UTC)
    ran = schedule("list", "--json", now=last)
    row = ran.json["schedules"][1]
    assert (ran.code, row["next_slot"]) == (0, None)
    assert "does not cover 2027" in row["problem"]
    assert "news, no next slot: the trading calendar" in schedule("list", now=last).out


def test_set(schedule: Schedule, tmp_path: Path) -> None:
    ran = schedule("set", "news", "--trigger", "15m  after close", "--fresh", "2d", "--batch", "5", "--timeout", "5m",
                   "--attempts", "2", "--json")  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == KEYS
    assert ran.json["next_slot"] == "2026-11-23T10:15:00Z"
    assert written(tmp_path)["news"] == {
        "trigger": "15m after close", "fresh_hours": 48, "batch": 5, "timeout_seconds": 300, "max_attempts": 2,
    }  # fmt: skip
    shown = schedule("set", "news", "--batch", "default")
    assert shown.out.endswith(f"wrote {tmp_path}/config.toml\n")
    assert "batch" not in written(tmp_path)["news"]
    assert schedule("set", "news", "--batch", "default").out.endswith("says so already\n")


def test_set_for_single_symbols(schedule: Schedule, tmp_path: Path) -> None:
    schedule("set", "earnings", "--symbol", "SBIN", "--symbol", "NSE:M&M", "--fresh", "90m", "--batch", "2")
    assert written(tmp_path)["earnings"] == {"fresh_hours_for": {"SBIN": 1.5, "M&M": 1.5}, "batch": 2}
    schedule("set", "earnings", "--symbol", "SBIN", "--fresh", "default")
    row = schedule("set", "earnings", "--symbol", "BSE:TCS", "--fresh", "0", "--json").json
    assert row["fresh_hours_for"] == {"M&M": 1.5, "BSE:TCS": 0}
    assert row["fresh_hours"] == 168


def test_enable_and_disable(schedule: Schedule, tmp_path: Path) -> None:
    row = schedule("disable", "fundamentals", "--json").json
    assert (row["enabled"], row["next_slot"], row["origins"]) == (False, None, {"enabled": "file"})
    assert written(tmp_path)["fundamentals"] == {"enabled": False}
    assert schedule("enable", "fundamentals", "--json").json["enabled"] is True


@pytest.mark.parametrize(
    ("arguments", "told", "remedy"),
    [
        (("set", "news"), "nothing to set", "robotrader schedule set news --fresh 12h"),
        (("set", "news", "--symbol", "SBIN"), "--symbol says for whom --fresh is", "add --fresh 12h"),
        (("set", "news", "--symbol", "sbin", "--fresh", "1"), "not a trading symbol: 'sbin'", "did you mean SBIN?"),
        (("set", "news", "--trigger", "whenever"), "not a trigger: 'whenever'", "write 'every 15m', 'daily 19:30'"),
        (("set", "news", "--trigger", ""), "not a trigger: ''", "write 'every 15m'"),
        (("set", "news", "--fresh", "soon"), "--fresh: not a length of time: 'soon'", "such as 12, 12h or 7d"),
        (("set", "news", "--fresh", "999999d"), "schedules.news.fresh_hours: at most 100000 is needed", "'default'"),
        (("set", "news", "--symbol", "SBIN", "--fresh", "999999d"), "SBIN: at most 100000 is needed", "'default'"),
        (("set", "news", "--batch", "x"), "--batch: not a whole number: 'x'", "such as --batch 5"),
        (("set", "news", "--batch", "21"), "schedules.news.batch: at most 20 is needed, not 21", "'default'"),
        (("set", "news", "--timeout", "0"), "schedules.news.timeout_seconds: more than 0 is needed", "'default'"),
        (("set", "news", "--timeout", "x"), "--timeout: not a length of time: 'x'", "such as 90, 90s or 5m"),
        (("set", "market", "--batch", "2"), "--batch is for what is asked about symbols", "every 2m while open"),
        (("set", "risk", "--fresh", "2h"), "--fresh is for what is asked about symbols", "every 2m while open"),
        (("enable", "new"), "no such task type: 'new'", "one of: earnings"),
    ],
)
def test_what_cannot_be_meant(
    schedule: Schedule, tmp_path: Path, arguments: tuple[str, ...], told: str, remedy: str
) -> None:
    ran = schedule(*arguments)
    assert (ran.code, ran.out) == (2, "")
    error, hint = ran.err.splitlines()
    assert error.startswith("error: ")
    assert told in error
    assert remedy in hint
    assert not (tmp_path / "config.toml").exists()


def test_what_the_environment_sets_is_refused(
    schedule: Schedule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRIGGER_VARIABLE, "daily 09:00")
    ran = schedule("set", "news", "--trigger", "daily 10:00")
    assert (ran.code, ran.out) == (3, "")
    assert f"is set by the environment ({TRIGGER_VARIABLE}), which wins over" in ran.err
    assert not (tmp_path / "config.toml").exists()
    assert schedule("set", "news", "--batch", "3").code == 0


def test_a_file_that_is_wrong_is_left_alone(schedule: Schedule, tmp_path: Path) -> None:
    for text in ("x = 1\n", "[schedules.earnings]\ntrigger = 'whenever'\n"):
        (tmp_path / "config.toml").write_text(text)
        for arguments in (("list",), ("disable", "news")):
            ran = schedule(*arguments)
            assert (ran.code, ran.out) == (3, "")
        assert (tmp_path / "config.toml").read_text() == text
    schedule("set", "earnings", "--trigger", "daily 19:00")
    assert written(tmp_path)["earnings"] == {"trigger": "daily 19:00"}


@pytest.mark.parametrize(
    ("hours", "words"), [(0, "0 h"), (1.5, "1.5 h"), (24, "24 h"), (36, "36 h"), (48, "2 days"), (168.0, "7 days")]
)
def test_hours(hours: float, words: str) -> None:
    assert screens.hours(hours) == words
