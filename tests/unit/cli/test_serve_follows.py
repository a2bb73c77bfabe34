"""``serve`` goes by changed settings before it ticks again, and stays with the old ones where the new are wrong."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.cli.watched import WatchedFiles
from robotrader.core.background_scheduler.models import RunReport
from robotrader.settings import Settings

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)


@dataclass
class Loop:
    """A program whose ``serve`` ticks until it is stopped; while it waits for each tick the owner acts once."""

    acts: list[Callable[[], object]]
    opened: list[Settings] = field(default_factory=list)
    ticks: int = 0

    @asynccontextmanager
    async def open(self, settings: Settings) -> AsyncIterator[Loop]:
        self.opened.append(settings)
        yield self

    async def tasks(self) -> Loop:
        return self

    async def serve(
        self,
        stop: Any,
        on_tick: Callable[[RunReport, datetime | None], None],
        before_tick: Callable[[], None],
    ) -> None:
        while True:
            before_tick()
            if stop.is_set():
                return
            self.ticks += 1
            on_tick(RunReport(()), None)
            self.acts.pop(0)()
            for _ in range(5):
                await asyncio.sleep(0)  # a signal is heard by the event loop some turns later


def interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def nothing() -> None:
    """A tick during which the owner does nothing."""


@pytest.fixture
def serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run serve while an owner does one thing after another, and stops it at last."""

    def run(*acts: Callable[[], object], arguments: tuple[str, ...] = ()) -> tuple[Loop, int, str, str]:
        loop = Loop([*acts, interrupt, *[nothing] * 10])
        session = Session(home=tmp_path, open_app=loop.open, now=lambda: NOW)
        code = execute(("serve", *arguments), session)
        shown = capsys.readouterr()
        return loop, code, shown.out, shown.err

    return run


def writer(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text)


def triggers(loop: Loop) -> list[str]:
    return [settings.schedules.news.trigger for settings in loop.opened]


def test_changed_settings_are_gone_by(serve: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    loop, code, out, err = serve(
        nothing,
        writer(config, "[schedules.news]\ntrigger = 'every 1h'\n"),
        nothing,
        writer(config, "[schedules.news]\ntrigger = 'daily 09:00'\n"),
        config.unlink,
    )
    assert code == 0
    assert triggers(loop) == ["daily 08:00", "every 1h", "daily 09:00", "daily 08:00"]
    lines = [line.partition("  ")[2] for line in out.splitlines()]
    again = "the settings changed; going on with the new ones"
    assert lines == ["serving; stop with Ctrl-C", again, again, again, "stopped"]
    assert err.count("stopping when the running tasks") == 1


def test_wrong_settings_are_said_once_and_not_gone_by(serve: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[schedules.news]\ntrigger = 'every 1h'\n")
    loop, code, out, err = serve(
        writer(config, "[schedules.news]\ntrigger = 'whenever'\n"),
        nothing,
        nothing,
        writer(config, "[schedules.news]\ntriger = 'daily 09:00'\n"),
        nothing,
        writer(config, "[schedules.news]\ntrigger = 'every 2h'\n"),
    )
    assert code == 0
    assert triggers(loop) == ["every 1h", "every 2h"]
    told = [line for line in err.splitlines() if "not taken up" in line]
    assert len(told) == 2
    assert "the old ones stay in force: schedules.news.trigger: not a trigger: 'whenever'" in told[0]
    assert "schedules.news.triger" in told[1]
    assert out.count("going on") == 1


def test_a_file_that_says_the_same_changes_nothing(serve: Callable[..., Any], tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    text = "[schedules.news]\ntrigger = 'every 1h'\n"
    config.write_text(text)
    loop, *_ = serve(writer(config, text), lambda: os.utime(config, (0, 0)), nothing)
    assert triggers(loop) == ["every 1h"]


def test_a_changed_calendar_is_gone_by(serve: Callable[..., Any], tmp_path: Path) -> None:
    calendar = tmp_path / "calendar.toml"
    (tmp_path / "config.toml").write_text("[schedules.news]\ntrigger = 'at 08:30 on trading days'\n")
    row = "[[days]]\ndate = 2026-12-01\nclosed = true\nreason = 'r'\nsource = 's'\n"
    loop, _, _, err = serve(writer(calendar, row), writer(calendar, "[[day]]\n"))
    assert len(loop.opened) == 2
    assert "'day' is not a part of a calendar" in err


def test_json_stays_one_document_a_tick(serve: Callable[..., Any], tmp_path: Path) -> None:
    change = writer(tmp_path / "config.toml", "[schedules.news]\nbatch = 2\n")
    loop, _, out, err = serve(change, nothing, arguments=("--json",))
    assert len(out.splitlines()) == loop.ticks
    assert all(line.startswith('{"tasks": []') for line in out.splitlines())
    assert "going on with the new ones" in err


def test_a_signal_while_the_settings_change_stops(serve: Callable[..., Any], tmp_path: Path) -> None:
    def both() -> None:
        (tmp_path / "config.toml").write_text("[schedules.news]\nbatch = 2\n")
        interrupt()

    loop, code, out, _ = serve(both)
    assert code == 0
    assert len(loop.opened) <= 2
    assert out.endswith("stopped\n")


def test_watched_files(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files = WatchedFiles(path)
    assert not files.changed()
    path.write_text("a")
    assert [files.changed(), files.changed()] == [True, False]
    os.utime(path, (1, 1))
    assert not files.changed()
    path.write_text("b")
    os.utime(path, (1, 1))  # as long and as old as before
    assert files.changed()
    other = tmp_path / "other"
    other.write_text("c")
    other.replace(path)
    assert files.changed()
    path.unlink()
    assert [files.changed(), files.changed()] == [True, False]
