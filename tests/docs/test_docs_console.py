"""The screens of the documentation are what the program shows: every block marked ``console run`` is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.support import PAGES, ROOT, blocks, but_for_prices, environ, matches, name, run, steps

RUNNABLE = "console run"
WITH_SCREENS = [page for page in PAGES if any(block.info == RUNNABLE for block in blocks(page.read_text("utf-8")))]


@pytest.mark.timeout(240)  # a page is up to forty processes, one after the other
@pytest.mark.parametrize("page", WITH_SCREENS, ids=name)
def test_the_screens_are_what_the_program_shows(page: Path, tmp_path: Path) -> None:
    env = environ(tmp_path / "home")
    for block in blocks(page.read_text("utf-8")):
        if block.info == RUNNABLE:
            for step in steps(block.text):
                shown = run(step.command, tmp_path, env).stdout
                assert matches(step.screen, shown), f"$ {step.command}\n{shown}"


def test_the_screens_of_the_readme_are_real(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    research, *trading = [step for block in blocks(readme) for step in steps(block.text)]
    shown = run(research.command, tmp_path, environ(tmp_path / "home")).stdout
    assert matches(research.screen, shown), shown
    assert len(trading) >= 3
    for step in trading:
        shown = run(step.command, tmp_path, environ(tmp_path / "trading")).stdout
        assert matches(but_for_prices(step.screen), but_for_prices(shown)), shown


def test_prices_do_not_count_and_words_do() -> None:
    screen = but_for_prices(" SBIN  armed  ₹996.10  -1.5%\n ───")
    assert screen == but_for_prices(" SBIN  armed  ₹1,002.10  +12%\n ─────")
    assert screen != but_for_prices(" SBIN  broken  ₹996.10  -1.5%\n ───")


def test_enough_is_shown() -> None:
    assert {"docs/tutorial.md", "docs/how-to/why.md", "docs/how-to/reparse.md"} <= {name(page) for page in WITH_SCREENS}


@pytest.mark.parametrize(
    ("screen", "shown", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\n...", "a\n", True),
        ("a\n...", "a\nb\nc\n", True),
        ("a\n...\nc", "a\nc\n", True),
        ("a ... z", "a b c z\n", True),
        ("a ... z", "a b\nc z\n", False),
        ("a\n...\nc", "a\nb\n", False),
        ("a", "a\nb\n", False),
        ("a.c", "abc\n", False),
    ],
)
def test_a_screen_is_compared_line_by_line(screen: str, shown: str, same: bool) -> None:
    assert matches(screen, shown) is same
