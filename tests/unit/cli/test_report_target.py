"""Which files ``report --html`` may write: an earlier page, or one that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from robotrader.cli.page import MARK
from robotrader.cli.report import _target
from robotrader.core.errors import ValidationError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_new_file_and_an_earlier_page(home: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert _target(str(page), home) == page
    page.write_text(f"<!doctype html>\n<head>{MARK}")
    assert _target(str(page), home) == page
    (tmp_path / "link.html").symlink_to(page)
    assert _target(str(tmp_path / "link.html"), home) == page


@pytest.mark.parametrize("name", ["robotrader.db", "config.toml", "new.html", "documents/x.html"])
def test_nothing_in_the_home(home: Path, name: str) -> None:
    (home / "documents").mkdir()
    with pytest.raises(ValidationError, match="home"):
        _target(str(home / name), home)


def test_nothing_in_the_home_by_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home)
    with pytest.raises(ValidationError, match="home"):
        _target(str(tmp_path / "link" / "new.html"), home)


@pytest.mark.parametrize("content", ["", "my notes", "<!doctype html><p>my page</p>"])
def test_no_file_that_is_not_ours(home: Path, tmp_path: Path, content: str) -> None:
    other = tmp_path / "notes.md"
    other.write_text(content)
    with pytest.raises(ValidationError, match="no page of robotrader"):
        _target(str(other), home)


def test_no_device_and_no_pipe(home: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("/dev/null", str(tmp_path / "pipe")):
        with pytest.raises(ValidationError, match="no page of robotrader"):
            _target(name, home)


@pytest.mark.parametrize("given", ["", " ", ".", "/", "missing/folder/page.html"])
def test_no_name_of_a_file(home: Path, tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValidationError):
        _target(given, home)
