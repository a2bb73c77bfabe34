"""The files in examples/ work: each is run, or checked by the tool that would read it."""

from __future__ import annotations

import configparser
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cronsim import CronSim

from robotrader.settings import SchedulerSettings
from tests.docs.support import ROOT, environ, run

EXAMPLES = ROOT / "examples"
ENTRY = re.compile(r"((?:\S+\s+){5})(.+)")
SETTING = re.compile(r"[A-Z_]+=")
NAMES = {"config.toml", "crontab", "library.py", "read_json.sh", "read_portfolio.sh", "robotrader.service"}


def test_there_are_six() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} == NAMES


def test_the_cron_table_runs(tmp_path: Path) -> None:
    lines = (EXAMPLES / "crontab").read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith("#") and not SETTING.match(line)]
    assert len(entries) == 2
    user = tmp_path / "user"
    binary = user / "robotrader" / ".venv" / "bin" / "robotrader"
    binary.parent.mkdir(parents=True)
    binary.symlink_to(Path(sys.executable).with_name("robotrader"))
    (user / ".robotrader.env").write_text("export ROBOTRADER_LOGGING__LEVEL=WARNING\n")
    env = environ(tmp_path / "home", HOME=str(user))
    for entry in entries:
        match = ENTRY.fullmatch(entry)
        assert match is not None
        next(CronSim(match[1].strip(), datetime(2026, 11, 22, tzinfo=UTC)))
        assert "%" not in match[2]  # cron would take it for the end of the line
        done = run(["/bin/sh", "-c", match[2]], tmp_path, env)
        assert done.returncode == 0, done.stdout
        assert "tick" not in match[2] or done.stdout == ""


def test_the_unit_is_sound(tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((EXAMPLES / "robotrader.service").read_text("utf-8"))
    assert unit.sections() == ["Unit", "Service", "Install"]
    service = unit["Service"]
    assert service["ExecStart"].endswith(".venv/bin/robotrader serve")
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) > 2 * SchedulerSettings().stop_grace_seconds


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = (EXAMPLES / "robotrader.service").read_text("utf-8")
    text = text.replace("%h/robotrader/.venv/bin/robotrader", str(Path(sys.executable).with_name("robotrader")))
    unit = tmp_path / "robotrader.service"
    env = environ(tmp_path / "home", XDG_RUNTIME_DIR=str(tmp_path), HOME=str(tmp_path))
    verify = ["systemd-analyze", "verify", "--user", "--man=no", "--recursive-errors=no", str(unit)]
    unit.write_text(text)
    done = run(verify, tmp_path, env)
    assert (done.returncode, "robotrader.service" in done.stdout) == (0, False), done.stdout
    # A key it does not know is noticed, so the check above can fail.
    unit.write_text(text.replace("RestartSec=", "RestartSecs="))
    assert "RestartSecs" in run(verify, tmp_path, env).stdout


def test_the_settings_file_is_valid(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(EXAMPLES / "config.toml", home / "config.toml")
    done = run(["robotrader", "config", "validate"], tmp_path, environ(home))
    assert done.returncode == 0, done.stdout
    shown = run(["robotrader", "config", "show"], tmp_path, environ(home)).stdout
    assert re.search(r"schedules\.earnings\.trigger +daily 20:15 +file", shown)
    # A value that is not allowed is noticed, so the check above can fail.
    (home / "config.toml").write_text('[budget]\ndaily_usd = "much"\n')
    assert run(["robotrader", "config", "validate"], tmp_path, environ(home)).returncode == 3


def test_the_library_script_prints_a_record(tmp_path: Path) -> None:
    done = run([sys.executable, str(EXAMPLES / "library.py"), "TCS"], tmp_path, environ(tmp_path / "home"))
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("TCS COMPLETED, answered by sandbox\n")
    assert "  eps_inr = 33.37\n" in done.stdout
    wrong = run([sys.executable, str(EXAMPLES / "library.py"), "tcs"], tmp_path, environ(tmp_path / "home"))
    assert wrong.returncode == 2
    assert wrong.stdout.startswith("error: not a trading symbol")


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_shell_script_reads_json(tmp_path: Path) -> None:
    script = ["/bin/sh", str(EXAMPLES / "read_json.sh")]
    done = run([*script, "TCS", "INFY"], tmp_path, environ(tmp_path / "home"))
    assert done.returncode == 0, done.stdout
    assert sorted(done.stdout.splitlines()) == [
        "INFY Q2 FY2026 7364 crore [sandbox]",
        "TCS Q2 FY2026 12075 crore [sandbox]",
    ]
    assert run([*script, "ZOMATO"], tmp_path, environ(tmp_path / "home")).returncode == 5


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_shell_script_reads_portfolio_and_rules(tmp_path: Path) -> None:
    env = environ(tmp_path / "home")
    for words in ("portfolio set SBIN 10 800", "risk set SBIN stop 5%"):
        assert run(["robotrader", *words.split()], tmp_path, env).returncode == 0
    done = run(["/bin/sh", str(EXAMPLES / "read_portfolio.sh")], tmp_path, env)
    assert done.returncode == 0, done.stdout
    shown = r"SBIN 10 shares, [\d.]+ rupees \[sandbox\]\nSBIN stop armed, [\d.]+ % away\n"
    assert re.fullmatch(shown, done.stdout), done.stdout
