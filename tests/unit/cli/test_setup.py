"""Beginning, settings, texts to parse, completion, progress."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli import completion, loop, options, output, progress
from robotrader.cli.run import Session
from robotrader.core.clock import SystemClock
from robotrader.core.errors import ConfigurationError
from robotrader.core.event_bus import Event, EventBus, EventType

TEXT = "State Bank of India Q2 FY26: net profit of Rs 20,160 crore, EPS of Rs 22.83."


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Bytes(io.TextIOWrapper):
    """A stdin of bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")


def test_init(cli: Any, double: Any, tmp_path: Path) -> None:
    ran = cli("init", "INFY", "SBIN", "--yes")
    assert ran.code == 0
    assert f"wrote {tmp_path}/config.toml" in ran.out
    assert "watching INFY" in ran.out
    assert "PERPLEXITY_API_KEYS" in ran.out
    assert "[budget]" in (tmp_path / "config.toml").read_text()
    again = cli("init", "--json").json
    assert list(again) == ["home", "config", "written", "added", "live"]
    assert (again["written"], again["added"]) == (False, [])
    assert "watchlist add" in cli("init", "--yes").out


def test_init_with_a_bad_symbol_writes_nothing(cli: Any, tmp_path: Path) -> None:
    assert cli("init", "infy", "--yes").code == 2
    assert list(tmp_path.iterdir()) == []


def test_init_asks_on_a_terminal(cli: Any, double: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("not/one\ninfy, m&m\n"))
    ran = cli("init")
    assert "not a trading symbol: 'NOT/ONE'" in ran.err
    assert double.asked == [("watch", ["INFY", "M&M"])]
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    assert cli("init").code == 0
    assert len(double.asked) == 1


def test_the_end_of_input_is_an_interruption(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    ran = cli("init")
    assert ran.code == 130
    assert ran.err.endswith("interrupted\n")


def test_config(cli: Any, tmp_path: Path) -> None:
    assert cli("config", "path").out == f"{tmp_path}/config.toml\n"
    assert cli("config", "path", "--json").json == {"path": f"{tmp_path}/config.toml", "exists": False}
    assert "no " in cli("config", "validate").out
    cli("init", "--yes")
    assert cli("config", "validate").out == f"valid: {tmp_path}/config.toml\n"
    assert list(cli("config", "validate", "--json").json) == ["valid", "path", "exists", "live"]
    rows = cli("config", "show", "--json").json["settings"]
    assert all(list(row) == ["key", "value", "origin"] for row in rows)
    assert {"perplexity.base_url", "scheduler.lease_seconds", "kite.base_url"} <= {row["key"] for row in rows}
    shown = cli("config", "show").out
    assert "perplexity.base_url" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_wrong_configuration_is_told(cli: Any) -> None:
    cli.settings_error = ConfigurationError("unknown key budgt", remedy="did you mean budget?")
    for command in (("config", "validate"), ("config", "show"), ("init", "--yes"), ("tick",)):
        ran = cli(*command)
        assert (ran.code, ran.out) == (3, "")
        assert ran.err == "error: unknown key budgt\nhint: did you mean budget?\n"


def test_parse(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(TEXT)
    found = cli("parse", "earnings", str(file), "--symbol", "SBIN", "--json").json
    assert list(found) == ["dataset", "strategy", "warnings", "record"]
    assert found["record"]["symbol"] == "SBIN"
    assert found["record"]["net_profit_inr"] == 201_600_000_000
    shown = cli("parse", "earnings", str(file))
    assert shown.code == 0
    for words in ("Net profit", "₹20,160 crore", "₹22.83", "regex"):
        assert words in shown.out


def test_parse_of_stdin(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Bytes(TEXT.encode("utf-16")))
    assert cli("parse", "earnings", "--json").json["record"]["fiscal_quarter"] == 2
    monkeypatch.setattr(sys, "stdin", Bytes(b"I am sorry."))
    ran = cli("parse", "earnings", "-")
    assert (ran.code, ran.out) == (5, "no usable data in this text\n")


def test_completion(double: Any, cli: Any, tmp_path: Path) -> None:
    session = Session(home=tmp_path, open_app=double.open, load=cli._load)
    assert completion.symbols(None, "SB", session) == ["SBIN"]
    double.watched = ["ZYDUSLIFE"]
    assert completion.symbols(None, "z", session) == []
    (tmp_path / "robotrader.db").touch()
    assert completion.symbols(None, "z", session) == ["ZYDUSLIFE"]
    cli.settings_error = ConfigurationError("wrong")
    assert completion.symbols(None, "z", session) == []
    assert "html" in completion.faults("")
    assert options.complete_word("ea") == ["earnings"]
    assert options.complete_dataset("") == ["earnings", "news", "fundamentals"]
    assert options.complete_fault("bad") == ["bad-key"]


def test_progress_counts_what_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bus = EventBus(None, SystemClock())

    async def work() -> None:
        with progress.shown(bus, 2):
            for kind in (EventType.TASK_STARTED, EventType.TASK_COMPLETED, EventType.TASK_FAILED):
                await bus.emit(Event(type=kind, source="test", data={"symbol": "SBIN"}))
        await bus.emit(Event(type=EventType.TASK_COMPLETED, source="test"))

    asyncio.run(work())
    assert "2/2" in terminal.getvalue()
    assert not bus.failures


def test_progress_of_one_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress.shown(EventBus(None, SystemClock()), 1):
        pass
    assert terminal.getvalue() == ""


def test_a_closed_stderr_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        encoding = "utf-8"

        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    output.complain("words", "more words")


def test_an_operation_that_was_cancelled_counts_as_interrupted() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(SystemExit) as stopped:
        loop.run(cancelled())
    assert stopped.value.code == 130


def test_a_result_is_never_put_into_words() -> None:
    """Of a large one that took longer than closing the program, and `signal` throws the words away."""
    script = """
from robotrader.cli import loop

class Large:
    def __repr__(self):
        print("put into words")
        return "large"

async def work():
    return Large()

print(type(loop.run(work())).__name__)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50)
    assert ran.stdout == "Large\n"


def test_serve_lists_the_faults(cli: Any, double: Any) -> None:
    assert "rate-limit" in cli("serve", "--sandbox-fault", "list").out
    assert double.asked == []
    cli("serve", "--sandbox-fault", "html")
    assert double.settings.sandbox.fault == "html"
