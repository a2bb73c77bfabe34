"""The owner's calendar file on disk."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.stores import calendar_file
from robotrader.core.errors import ConfigurationError, ResourceError, ValidationError
from tests.support.market import on

ROW = '[[days]]\ndate = {}\nclosed = true\nreason = "r"\nsource = "s"\n'


def append(home: Path, day: str) -> MarketCalendar:
    """Add a closure, as the command does."""
    return asyncio.run(calendar_file.append(home, lambda _: ROW.format(day)))


def test_without_a_file_the_package_holds(home: Path) -> None:
    calendar = calendar_file.load(home)
    assert sorted(calendar.years) == [2025, 2026]
    assert calendar.origin == str(home / "calendar.toml")
    assert not home.exists()


def test_a_row_is_added_to_what_is_there(home: Path) -> None:
    home.mkdir()
    path = home / "calendar.toml"
    path.write_text("# mine\n" + ROW.format("2026-11-25") + "\n\n\n")
    calendar = append(home, "2026-11-26")
    assert path.read_text() == f"# mine\n{ROW.format('2026-11-25')}\n{ROW.format('2026-11-26')}"
    assert path.stat().st_mode & 0o777 == 0o600
    for each in (calendar, calendar_file.load(home)):
        assert not each.is_trading_day(on("2026-11-25"))
        assert not each.is_trading_day(on("2026-11-26"))


def test_the_first_row_makes_the_file_and_the_home(home: Path) -> None:
    append(home, "2026-11-26")
    text = (home / "calendar.toml").read_text()
    assert text.startswith("# Trading days")
    assert text.endswith(ROW.format("2026-11-26"))
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_link_stays_a_link(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (tmp_path / "kept.toml").write_text("# kept elsewhere\n")
    (home / "calendar.toml").symlink_to(tmp_path / "kept.toml")
    append(home, "2026-11-26")
    assert (home / "calendar.toml").is_symlink()
    assert "# kept elsewhere" in (tmp_path / "kept.toml").read_text()


def test_a_refusal_writes_nothing(home: Path) -> None:
    def refuse(_: object) -> str:
        raise ValidationError("no")

    with pytest.raises(ValidationError):
        asyncio.run(calendar_file.append(home, refuse))
    assert not (home / "calendar.toml").exists()


def test_a_wrong_file_is_left_as_it_is(home: Path) -> None:
    home.mkdir()
    path = home / "calendar.toml"
    path.write_text("[[dayz]]\n")
    with pytest.raises(ConfigurationError, match="dayz"):
        append(home, "2026-11-26")
    path.write_text("days = []\n")
    with pytest.raises(ConfigurationError, match="no row can be added") as caught:
        append(home, "2026-11-26")
    assert "[[days]]" in str(caught.value.context.remedy)
    assert path.read_text() == "days = []\n"


def test_a_file_that_cannot_be_read_is_refused(home: Path) -> None:
    home.mkdir()
    path = home / "calendar.toml"
    path.write_bytes(b"# \xff\n")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        calendar_file.load(home)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="cannot be read: is a directory"):
        calendar_file.load(home)


def test_a_byte_order_mark_is_no_mistake(home: Path) -> None:
    home.mkdir()
    (home / "calendar.toml").write_text("\ufeff" + ROW.format("2026-11-25"), encoding="utf-8")
    assert not calendar_file.load(home).is_trading_day(on("2026-11-25"))


def test_a_home_that_is_a_file_cannot_be_written(home: Path) -> None:
    home.write_text("")
    with pytest.raises((ResourceError, ConfigurationError)) as caught:
        append(home, "2026-11-25")
    assert str(home) in str(caught.value)


def test_rows_added_at_the_same_time_are_all_kept(home: Path) -> None:
    days = [f"2026-12-{day:02}" for day in (1, 2, 3, 4, 7, 8)]

    async def together() -> None:
        await asyncio.gather(*(calendar_file.append(home, lambda _, day=day: ROW.format(day)) for day in days))

    asyncio.run(together())
    calendar = calendar_file.load(home)
    assert [day for day in days if calendar.is_trading_day(on(day))] == []


ADD = """
import asyncio, sys
from pathlib import Path
from robotrader.core.background_scheduler.stores import calendar_file
for day in sys.argv[2:]:
    row = f'[[days]]\\ndate = {day}\\nclosed = true\\nreason = "r"\\nsource = "s"\\n'
    asyncio.run(calendar_file.append(Path(sys.argv[1]), lambda _: row))
"""


def test_rows_added_by_two_processes_are_all_kept(home: Path) -> None:
    days = [f"2026-12-{day:02}" for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14)]
    halves = [days[::2], days[1::2]]
    running = [subprocess.Popen([sys.executable, "-c", ADD, str(home), *half], env=os.environ) for half in halves]
    assert [each.wait(timeout=50) for each in running] == [0, 0]
    calendar = calendar_file.load(home)
    assert [day for day in days if calendar.is_trading_day(on(day))] == []


SEEN = """
import sys
from pathlib import Path
from robotrader.core.background_scheduler.stores import calendar_file
from robotrader.core.background_scheduler.config import market_triggers
calendar_file.load(Path(sys.argv[1]))
print(*(name for name in ("aiofiles", "pydantic", "httpx", "typer", "cronsim", "tenacity") if name in sys.modules))
"""


def test_reading_loads_nothing_heavy(home: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", SEEN, str(home)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
