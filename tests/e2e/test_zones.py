"""Slots are Indian instants: the same wherever the machine stands, whatever its clock does in spring and autumn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import slots

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ZONES = ("UTC", "America/New_York", "Asia/Kolkata")
CONFIG = """\
[schedules.earnings]
trigger = "daily 00:00"
[schedules.news]
trigger = "cron 30 8 * * 1-5"
[schedules.fundamentals]
trigger = "15m after close"
"""


def run(zone: str, home: Path, *command: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    environ = {**kept, "HOME": str(home), "ROBOTRADER_HOME": str(home), "PYTHONUTF8": "1", "TZ": zone}
    ran = subprocess.run(
        [sys.executable, "-m", *command], env=environ, cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one and the same home says under each zone."""
    home = tmp_path_factory.mktemp("home")
    (home / "config.toml").write_text(CONFIG)
    run("Asia/Kolkata", home, "robotrader", "watchlist", "add", "SBIN", "M&M")
    return {zone: json.loads(run(zone, home, "tests.support.slots", str(home))) for zone in ZONES}


def test_the_zones_are_in_force(found: dict[str, Any]) -> None:
    assert found["UTC"]["local"][0] == "2026-03-08T06:59:59+00:00"
    assert found["America/New_York"]["local"][:2] == ["2026-03-08T01:59:59-05:00", "2026-03-08T03:00:01-04:00"]
    assert found["America/New_York"]["local"][3] == "2026-11-01T01:30:00-05:00"  # the hour that comes twice
    assert found["Asia/Kolkata"]["local"][2] == "2026-01-01T00:00:00+05:30"


@pytest.mark.parametrize("form", slots.FORMS)
def test_the_slots_agree(found: dict[str, Any], form: str) -> None:
    first, *others = (found[zone]["slots"][form] for zone in ZONES)
    assert len(first) == len(list(slots.instants()))
    for rows in others:
        assert rows == first
    assert all(latest <= now < following for now, latest, following in first)


def test_the_plans_agree(found: dict[str, Any]) -> None:
    first, *others = (found[zone]["plans"] for zone in ZONES)
    for plans in others:
        assert plans == first
    planned = {
        at: {run["type"]: run["slot"] for run in each["plan"]["runs"] if run["symbol"] == "M&M"}
        for at, each in first.items()
    }
    assert planned == {
        "2026-03-08T06:59:59": {
            "earnings": "2026-03-07T18:30:00Z",
            "news": "2026-03-06T03:00:00Z",
            "fundamentals": "2026-03-06T10:15:00Z",
        },
        "2026-03-08T07:00:01": {
            "earnings": "2026-03-07T18:30:00Z",
            "news": "2026-03-06T03:00:00Z",
            "fundamentals": "2026-03-06T10:15:00Z",
        },
        "2025-12-31T18:30:00": {
            "earnings": "2025-12-31T18:30:00Z",
            "news": "2025-12-31T03:00:00Z",
            "fundamentals": "2025-12-31T10:15:00Z",
        },
        "2026-11-01T06:30:00": {
            "earnings": "2026-10-31T18:30:00Z",
            "news": "2026-10-30T03:00:00Z",
            "fundamentals": "2026-10-30T10:15:00Z",
        },
    }


def test_what_is_shown_agrees_too(found: dict[str, Any], tmp_path: Path) -> None:
    """Instants are written in IST, so a screen does not depend on the zone either."""
    shown = {run(zone, tmp_path, "robotrader", "calendar", "check", "2026-11-20", "--symbol", "SBIN") for zone in ZONES}
    assert len(shown) == 1
    assert "09:15-15:15" in shown.pop()
