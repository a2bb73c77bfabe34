"""What a command loads: the help loads next to nothing, and no command loads what it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"pydantic", "pydantic_settings", "httpx", "tenacity", "aiofiles"}
SERVICES = {"asyncio", "aiosqlite", "sqlite3", "rich", "logging", "tomllib", "json"}
REPORT = "import atexit, sys; atexit.register(lambda: sys.stderr.write('LOADED ' + ' '.join(sys.modules)))\n"
START = REPORT + "from robotrader.cli.app import main; main()"


def loaded(*arguments: str, stdin: str = "") -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", START, *arguments], capture_output=True, text=True, input=stdin, check=False, timeout=50
    )
    return set(ran.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("-h",)])
def test_the_help_loads_no_service_and_no_command(arguments: tuple[str, ...]) -> None:
    modules = loaded(*arguments)
    assert "typer" in modules
    assert modules & (HEAVY | SERVICES) == set()
    ours = {name for name in modules if name.startswith("robotrader")}
    assert ours == {"robotrader", *(f"robotrader.cli{name}" for name in ("", ".app", ".commands", ".output", ".run"))}
    assert len(modules) <= 230


@pytest.mark.parametrize(
    "arguments",
    [("status", "--help"), ("tick", "--help"), ("run-task", "--help"), ("watchlist", "add", "--help"), ("nonsense",)],
)
def test_no_help_loads_a_service(arguments: tuple[str, ...]) -> None:
    assert loaded(*arguments) & (HEAVY | SERVICES) == set()


def test_a_command_loads_no_other() -> None:
    modules = loaded("status", "--help")
    assert "robotrader.cli.health" in modules
    assert (
        modules & {f"robotrader.cli.{name}" for name in ("tasks", "events", "research", "setup", "watchlist")} == set()
    )


def test_nothing_of_the_terminal_outside_cli() -> None:
    package = Path(__file__).parents[3] / "robotrader"
    for path in package.rglob("*.py"):
        if "cli" not in path.relative_to(package).parts:
            text = path.read_text()
            assert "import typer" not in text, path
            assert "from rich" not in text, path
