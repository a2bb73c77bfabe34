"""The report's page in a real browser: it draws its charts, obeys its own policy, and runs nothing from outside."""

from __future__ import annotations

import re
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.cli import page
from tests.support.killing import environment, run
from tests.unit.cli.test_report import HOSTILE, LOOK, everything, one, quarter, reading, story

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="needs Chromium (the Debian package chromium)"),
]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=2000",
)  # fmt: skip


def browse(file: Path, folder: Path, *flags: str) -> tuple[str, str]:
    """What the browser makes of a file (its tree after loading), and what it logged."""
    command = [str(BROWSER), *FLAGS, f"--user-data-dir={folder / 'profile'}", *flags, file.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout, "\n".join(line for line in ended.stderr.splitlines() if "CONSOLE" in line)


def drawn(found: page.ReportView, folder: Path) -> tuple[str, str]:
    file = folder / "report.html"
    file.write_text(page.page(found, LOOK, "1.0"), encoding="utf-8")
    return browse(file, folder, "--dump-dom")


@pytest.mark.timeout(120)
def test_the_charts_are_drawn_and_nothing_is_complained_of(tmp_path: Path) -> None:
    quarters = tuple(quarter(2026, n, revenue_inr=Decimal(n), net_profit_inr=Decimal(n - 2)) for n in (3, 2, 1))
    found = one(quarters, (reading("2026-11-19", pe=Decimal(12)), reading("2026-08-19", pe=Decimal(11))), (story(),))
    tree, complaints = drawn(found, tmp_path)
    assert complaints == ""
    assert tree.count("<svg") == 3
    assert tree.count("<rect") == 6
    assert "Q3 FY26: ₹3" in tree


@pytest.mark.timeout(120)
def test_what_comes_from_outside_stays_text(tmp_path: Path) -> None:
    """The hostile words would set the title, run a script, or load a picture."""
    tree, complaints = drawn(everything(HOSTILE), tmp_path)
    assert complaints == ""
    assert not re.search(r"<script|<img|onerror=\"|onmouseover=\"", tree.replace("&lt;", "").replace("&gt;", ""))
    assert "<title>robotrader report, 20 Nov 2026 11:30 IST</title>" in tree


@pytest.mark.timeout(180)
def test_the_command_writes_a_page_the_browser_shows(home: Path, tmp_path: Path) -> None:
    env = environment(home, schedules__news__enabled="true", schedules__fundamentals__enabled="true")
    assert run(env, "watchlist", "add", "SBIN", "TCS").code == 0
    assert run(env, "tick").code == 0
    file = tmp_path / "report.html"
    ran = run(env, "report", "--html", str(file))
    assert (ran.code, ran.out.split()[0]) == (0, "wrote"), ran
    tree, complaints = browse(file, tmp_path, "--dump-dom")
    assert complaints == ""
    assert "SANDBOX" in tree
    assert "Tata Consultancy Services" in tree
    browse(file, tmp_path, f"--screenshot={tmp_path / 'page.png'}", "--window-size=1000,2000")
    assert (tmp_path / "page.png").stat().st_size > 10_000
