"""What the documentation states about the repository: links, set-up commands, versions, settings, paths."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from robotrader import __version__
from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.event_bus import EventType
from robotrader.sandbox import facts
from robotrader.sandbox.faults import FAULTS
from tests.docs import make_configuration
from tests.docs.support import PAGES, ROOT, blocks, name

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FIRST = "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/robotrader run-task earnings SBIN"
SECOND = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest"
HOW_TO = sorted((ROOT / "docs" / "how-to").glob("*.md"))
# Written in parts, so that this file does not hold what it looks for.
PLACES = ("/" + "work/", "/" + "root/", "/" + r"home/(?!x\b|you\b)\w", "/" + r"Users/\w", "/" + r"tmp/\w")
MACHINE = re.compile("|".join(PLACES))


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings have on GitHub."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text("utf-8")):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        found = (page.parent / target).resolve() if target else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    linked = {
        (ROOT / "docs" / link.partition("#")[0]).resolve()
        for link in LINK.findall((ROOT / "docs" / "index.md").read_text("utf-8"))
    }
    assert [name(page) for page in PAGES if page.name not in {"README.md", "index.md"} and page not in linked] == []


def test_the_readme_has_the_two_commands_and_no_third() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [line for line in text.splitlines() if line.strip().startswith("python3 -m venv")] == [FIRST, SECOND]
    assert [block.text for block in blocks(text) if "venv .venv" in block.text] == [FIRST, SECOND]


def test_promises_name_tests_that_exist() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", (ROOT / "README.md").read_text("utf-8"))
    assert named
    assert [path for path in named if not any((ROOT / path).rglob("test_*.py"))] == []


def test_measurements_stand_in_their_own_page_alone() -> None:
    assert [name(page) for page in PAGES if "@@" in page.read_text("utf-8") and page.name != "measurements.md"] == []
    text = (ROOT / "docs" / "measurements.md").read_text("utf-8")
    assert re.findall(r"^## (\d+)\. ", text, re.MULTILINE) == [str(number) for number in range(1, 16)]
    assert "Measured on: 2 cores, Linux, Python 3.11" in text


def test_measurements_name_commands_that_exist() -> None:
    text = (ROOT / "docs" / "measurements.md").read_text("utf-8")
    scripts = re.findall(r"^(?:python |pytest )?(tests/[\w/.]+|\.ci/\w+)", text, re.MULTILINE)
    assert scripts
    assert [script for script in scripts if not (ROOT / script).exists()] == []


def test_the_changelog_knows_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    headings = re.findall(
        r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == __version__
    assert all(date for _, date in headings[1:])


def test_the_configuration_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == make_configuration.markdown()


def test_settings_that_are_named_exist() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    sections = dict(re.findall(r"^## `\[([\w.]+)\]`\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    named = {
        key
        for each in PAGES
        for key in re.findall(rf"`((?:{'|'.join(map(re.escape, sections))})\.\w+)", each.read_text("utf-8"))
    }
    named -= set(EventType)
    assert len(named) > 5
    assert [key for key in named if f"| `{key.rpartition('.')[2]}` |" not in sections[key.rpartition(".")[0]]] == []


def test_what_is_said_of_the_sandbox_holds() -> None:
    assert len(facts.symbols()) == 12
    assert all(parse_symbol(symbol) == symbol for symbol in facts.symbols())
    text = (ROOT / "docs" / "how-to" / "rehearse-failures.md").read_text("utf-8")
    named = {
        *re.findall(r"`([\w-]+)` (?:takes|waits)", text),
        *re.findall(r"--sandbox-fault (?!NAME|list)([\w-]+)", text),
    }
    assert len(named) >= 4
    assert named <= set(FAULTS)


@pytest.mark.parametrize("page", HOW_TO, ids=name)
def test_a_how_to_page_is_short(page: Path) -> None:
    assert len(page.read_text("utf-8").splitlines()) <= 60


def test_no_file_names_a_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git working tree")
    found = []
    for entry in listed.stdout.decode().split("\0"):
        path = ROOT / entry
        if entry and path.is_file():
            match = MACHINE.search(path.read_bytes().decode("utf-8", "replace"))
            if match:
                found.append(f"{entry}: {match[0]}")
    assert found == []
