"""Whole commands against the embedded sandbox, each in a process of its own, with nothing of the outer environment."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
HEAVY = {"pydantic", "pydantic_settings", "httpx", "tenacity", "aiofiles"}
COUNT = (
    "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\nLOADED ' + ' '.join(sys.modules)))\n"
    "from robotrader.cli.app import main; main()"
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)


Run = Callable[..., Ran]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": str(tmp_path), "ROBOTRADER_HOME": str(tmp_path / "home"), "PYTHONUTF8": "1"}


@pytest.fixture
def robotrader(environ: dict[str, str], tmp_path: Path) -> Run:
    def run(*arguments: str, stdin: str | bytes = "", code: str | None = None, **more: str) -> Ran:
        start = ["-c", code] if code else ["-m", "robotrader"]
        ran = subprocess.run(
            [sys.executable, *start, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={**environ, **more},
            cwd=tmp_path,
            check=False,
            timeout=50,
        )
        return Ran(ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace"))

    return run


def test_a_new_user(robotrader: Run, tmp_path: Path) -> None:
    """From nothing to figures with their sources, without a key."""
    begun = robotrader("init", "--yes")
    assert begun.code == 0
    assert "next:" in begun.out
    home = tmp_path / "home"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "config.toml").stat().st_mode) == 0o600
    assert robotrader("init", "--yes").out.startswith("kept ")
    assert robotrader("config", "validate").code == 0

    shown = robotrader("run-task", "earnings", "SBIN")
    assert (shown.code, shown.err) == (0, "")
    for words in ("SANDBOX", "State Bank of India", "crore", "https://"):
        assert words in shown.out
    assert max(len(line) for line in shown.out.splitlines() if not line.startswith("https://")) <= 80

    again = robotrader("run-task", "earnings", "SBIN", "--json").json
    assert [task["status"] for task in again["tasks"]] == ["SKIPPED"]
    forced = robotrader("run-task", "earnings", "SBIN", "--force", "--json").json
    task = forced["tasks"][0]
    assert (task["status"], task["provider"], task["symbol"]) == ("COMPLETED", "sandbox", "SBIN")
    assert task["record"]["symbol"] == "SBIN"
    assert isinstance(task["record"]["net_profit_inr"], int)
    assert "SANDBOX" in robotrader("earnings", "SBIN").out

    why = robotrader("why", "SBIN", "net_profit", "--json").json
    assert why["value"] == task["record"]["net_profit_inr"]
    assert (home / "documents" / why["document_path"]).is_file()
    assert why["words"]
    assert robotrader("tasks", "show", task["id"]).code == 0
    assert robotrader("reparse", "--json").json["documents"] >= 1


def test_ticks(robotrader: Run) -> None:
    assert "watchlist add" in robotrader("tick").out
    assert robotrader("watchlist", "add", "TCS", "INFY").out == "watching TCS, INFY\n"
    plan = robotrader("tick", "--plan", "--json").json
    assert sorted(run["symbol"] for run in plan["runs"]) == ["INFY"] * 3 + ["TCS"] * 3
    assert "6 tasks" in robotrader("tick", "--plan").out
    ran = robotrader("tick", "--json").json
    assert ran["summary"]["completed"] == 6
    idle = robotrader("tick")
    assert idle.out.startswith("nothing due; next: ")
    assert len(idle.out.splitlines()) == 1
    assert robotrader("tick", "--json").json["tasks"] == []
    assert len(robotrader("tasks", "list", "--json").json["tasks"]) == 6
    assert len(robotrader("tasks", "list", "--symbol", "TCS", "--status", "completed", "--json").json["tasks"]) == 3
    events = robotrader("events", "list", "--type", "task.completed", "--json").json["events"]
    assert len(events) == 6
    same = robotrader("events", "list", "--correlation", events[0]["correlation_id"], "--json").json["events"]
    assert {event["correlation_id"] for event in same} == {events[0]["correlation_id"]}
    assert robotrader("events", "show", events[0]["id"]).code == 0
    status = robotrader("status", "--json").json
    assert (status["watchlist"], status["today"]["completed"]) == (2, 6)
    assert "SANDBOX" in robotrader("status").out
    assert robotrader("doctor").code == 0


def test_news_and_fundamentals(robotrader: Run) -> None:
    for arguments in (("news", "TCS"), ("fundamentals", "TCS"), ("compare", "TCS", "SBIN"), ("news", "--all")):
        missing = robotrader(*arguments)
        assert (missing.code, missing.out) == (5, "")
        assert "hint: robotrader run-task" in missing.err
    robotrader("watchlist", "add", "TCS", "SBIN")
    assert robotrader("tick").code == 0

    story = robotrader("news", "TCS", "--json").json["items"][0]
    assert story["record"]["headline"] in " ".join(robotrader("news", "TCS").out.split())
    assert {each["symbol"] for each in robotrader("news", "--all", "--json").json["items"]} == {"TCS", "SBIN"}
    assert robotrader("news", "--all", "--since", "1m").code == 0
    why = robotrader("why", "TCS", f"news.{story['id'][:6]}.headline", "--json").json
    assert why["value"] == story["record"]["headline"]

    (reading,) = robotrader("fundamentals", "SBIN", "--json").json["readings"]
    pe = robotrader("why", "SBIN", "pe", "--json").json
    assert (pe["value"], pe["document_id"]) == (reading["record"]["pe"], reading["document_id"])
    companies = robotrader("compare", "SBIN", "TCS", "INFY", "--json").json["companies"]
    assert [found["record"] is None for found in companies] == [False, False, True]
    assert "run-task fundamentals INFY" in robotrader("compare", "SBIN", "TCS", "INFY").out

    word = next(word for word in story["record"]["headline"].split() if word.isalpha() and len(word) > 4)
    hits = robotrader("search", word, "--symbol", "TCS", "--json").json["hits"]
    assert {hit["kind"] for hit in hits} >= {"news", "answer"}
    nothing = robotrader("search", "zyzzyva")
    assert (nothing.code, nothing.out) == (0, "nothing found for zyzzyva\n")
    assert {row["symbol"] for row in robotrader("earnings", "--upcoming", "--json").json["upcoming"]} == {"TCS", "SBIN"}
    assert robotrader("reparse", "--json").json["changed"] == 0
    for arguments in (("news", "TCS"), ("news", "--all"), ("fundamentals", "SBIN"), ("compare", "SBIN", "TCS")):
        out = robotrader(*arguments).out
        assert "SANDBOX" in out
        assert max(len(line) for line in out.splitlines() if not line.startswith("https://")) <= 80


def test_nothing_due_loads_little(robotrader: Run) -> None:
    robotrader("watchlist", "add", "TCS")
    robotrader("tick")
    for arguments in (("tick",), ("status",)):
        ran = robotrader(*arguments, code=COUNT)
        assert ran.code == 0
        assert set(ran.err.rpartition("LOADED ")[2].split()) & HEAVY == set()
    assert "rich" not in robotrader("tick", code=COUNT).err.rpartition("LOADED ")[2].split()


@pytest.mark.parametrize(
    ("fault", "code"),
    [("html", 4), ("bad-key", 4), ("failed", 4), ("cut", 4), ("reset", 4), ("huge", 4), ("empty", 5), ("garbage", 5),
     ("refusal", 5), ("prose", 0), ("fenced", 0)],
)  # fmt: skip
def test_rehearsed_trouble(robotrader: Run, fault: str, code: int) -> None:
    ran = robotrader("run-task", "earnings", "TCS", "--sandbox-fault", fault)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert ran.err.startswith("error: ") or code == 0
    status = robotrader("tasks", "list", "--json").json["tasks"][0]["status"]
    assert (status == "COMPLETED") == (code == 0)


def test_an_unknown_symbol(robotrader: Run) -> None:
    ran = robotrader("run-task", "earnings", "NOSUCHCO")
    assert (ran.code, ran.out) == (5, "")
    assert "SBIN" in ran.err
    assert "PERPLEXITY_API_KEYS" in ran.err
    mixed = robotrader("run-task", "earnings", "NOSUCHCO", "SBIN", "--json")
    assert mixed.code == 5
    assert mixed.json["summary"] == {
        "completed": 1, "skipped": 0, "failed": 1, "deferred": 0, "cancelled": 0, "unknown": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("[budgt]\ndaily_usd = 5\n", "budget"),
        ("[budget]\ndaily_usd = 'much'\n", "daily_usd"),
        ("= broken", "config.toml"),
    ],
)
def test_a_wrong_configuration(robotrader: Run, tmp_path: Path, config: str, words: str) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(config)
    for command in (("config", "validate"), ("status",), ("tick",), ("doctor",)):
        ran = robotrader(*command)
        assert ran.code == 3
        assert words in ran.out + ran.err
        assert "Traceback" not in ran.err


def test_keys_are_never_shown(robotrader: Run) -> None:
    keys = {"PERPLEXITY_API_KEYS": "pplx-one11111111,pplx-two22222222", "KITE_API_SECRET": "kitesecret333"}
    for command in (
        ("config", "show"),
        ("config", "show", "--json"),
        ("status",),
        ("--debug", "status"),
        ("init", "--yes"),
    ):
        ran = robotrader(*command, **keys)
        assert ran.code == 0
        for secret in ("one11111111", "two22222222", "kitesecret333"):
            assert secret not in ran.out + ran.err
    assert "SANDBOX" not in robotrader("status", **keys).out


def test_parse_needs_no_home(robotrader: Run, tmp_path: Path) -> None:
    text = "State Bank of India Q2 FY26: net profit of Rs 20,160 crore, EPS of Rs 22.83."
    (tmp_path / "answer.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    ran = robotrader("parse", "earnings", "answer.txt", "--symbol", "SBIN", "--json", ROBOTRADER_HOME="/proc/none")
    assert ran.code == 0
    found = ran.json
    assert list(found) == ["dataset", "strategy", "warnings", "record"]
    assert found["record"]["net_profit_inr"] == 201_600_000_000
    assert robotrader("parse", "earnings", stdin=text, ROBOTRADER_HOME="/proc/none").code == 0
    assert robotrader("parse", "earnings", "-", "--json", stdin=text.encode("utf-16")).json["record"] == {
        **found["record"], "symbol": None
    }  # fmt: skip
    assert not (tmp_path / "home").exists()


def test_parse_of_nothing(robotrader: Run, tmp_path: Path) -> None:
    for text in ("", "I cannot help with that.", "[]", "null"):
        ran = robotrader("parse", "earnings", "--json", stdin=text)
        assert ran.code == 5
        assert ran.json["strategy"] == "none"
        assert set(ran.json["record"].values()) == {None}
    assert "no usable data" in robotrader("parse", "earnings", stdin="nothing").out
    (tmp_path / "binary").write_bytes(b"\0\1\2" * 100)
    for name in ("missing.txt", ".", "binary"):
        ran = robotrader("parse", "earnings", name, "--json")
        assert (ran.code, ran.out) == (2, "")
        assert len(ran.err.splitlines()) == 2


def test_a_home_that_cannot_be_made(robotrader: Run) -> None:
    ran = robotrader("init", "--yes", ROBOTRADER_HOME="/proc/none/home")
    assert (ran.code, ran.out) == (1, "")
    assert "ROBOTRADER_HOME" in ran.err
    assert "Traceback" not in ran.err


def test_home_as_an_option(robotrader: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert robotrader("--home", str(other), "config", "path").out == f"{other}/config.toml\n"
    robotrader("--home", str(other), "watchlist", "add", "SBIN")
    assert robotrader("--home", str(other), "status", "--json").json["watchlist"] == 1
    assert robotrader("status", "--json").json["watchlist"] == 0


def test_import_and_remove(robotrader: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("Instrument,Qty.\nSBIN,1\nM&M,2\n")
    assert robotrader("watchlist", "import", "mine.csv").out == "watching SBIN, M&M\n"
    assert robotrader("watchlist", "remove", "M&M", "TCS").code == 0
    assert [row["symbol"] for row in robotrader("watchlist", "list", "--json").json["watchlist"]] == ["SBIN"]


def test_a_task_that_is_not_there(robotrader: Run) -> None:
    for command in (("tasks", "show"), ("tasks", "cancel"), ("tasks", "retry"), ("events", "show")):
        ran = robotrader(*command, "nonsense")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("error: ")
