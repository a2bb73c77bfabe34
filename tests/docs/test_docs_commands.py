"""Every command line in the documentation and the examples exists in the program, with its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from robotrader.cli.app import build
from tests.docs.support import PAGES, ROOT, blocks, name, steps

SHELL = ("sh", "console", "console run", "bash")
GENERATED = {"docs/commands.md"}
SOURCES = [
    *(page for page in PAGES if name(page) not in GENERATED),
    *sorted(path for path in (ROOT / "examples").iterdir() if path.suffix != ".py"),
]
EVERYWHERE = {"--help", "-h"}
ENDS = {"|", "||", "&&", ";", ">", ">>", "2>&1", "&"}


class Found(NamedTuple):
    """A command line and where it stands."""

    page: str
    words: tuple[str, ...]


def command_lines() -> Iterator[Found]:
    for source in SOURCES:
        text = source.read_text("utf-8")
        for line in lines_of(source, text):
            for words in split(line):
                yield Found(name(source), words)


def lines_of(source: Path, text: str) -> Iterator[str]:
    if source.suffix != ".md":
        yield from text.splitlines()
        return
    for block in blocks(text):
        if block.info in SHELL:
            yield from ([step.command for step in steps(block.text)] if "$ " in block.text else block.text.splitlines())
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`(robotrader [^`]+)`", " ".join(prose.split("\n")))


def split(line: str) -> Iterator[tuple[str, ...]]:
    """The commands of the program in a line of shell, each up to where the next command or a redirection begins."""
    match = re.search(r"(?:^|[\s/\"(])robotrader\"? (?=[a-z-])", line)
    if match is None or line.lstrip().startswith(("#", "Description")):
        return
    words = shlex.split(line[match.end() :].replace(";", " ; ").replace(")", " "), comments=True)
    end = next((index for index, word in enumerate(words) if word in ENDS), len(words))
    yield tuple(words[:end])
    yield from split(" ".join(words[end + 1 :]))


def problem(words: tuple[str, ...]) -> str | None:
    """What the program would not know in a command line."""
    command: Any = typer.main.get_command(build(()))
    options = _options(command)
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-") and word != "-":
            option, _, value = word.partition("=")
            if option not in options and option not in EVERYWHERE:
                return f"no option {option}"
            skip = not value and options.get(option, False)
        elif getattr(command, "commands", None):
            if word not in command.commands:
                return f"no command {word}"
            command = command.commands[word]
            options = _options(command)
    needs_one = getattr(command, "commands", None) and not command.invoke_without_command
    if needs_one and not set(words) & ({"--version", *options} | EVERYWHERE):
        return "a group without a command"
    return None


def _options(command: Any) -> dict[str, bool]:
    """Each option with whether it takes a value."""
    found = [each for each in command.params if each.param_type_name == "option"]
    return {option: not each.is_flag for each in found for option in (*each.opts, *each.secondary_opts)}


LINES = sorted(set(command_lines()))


@pytest.mark.parametrize("found", LINES, ids=lambda found: f"{found.page}: {' '.join(found.words)}")
def test_the_command_line_exists(found: Found) -> None:
    assert problem(found.words) is None


def test_every_command_is_shown_somewhere_in_use() -> None:
    root: Any = typer.main.get_command(build(()))
    shown = {found.words[0] for found in LINES}
    assert set(root.commands) - shown == set()


def test_lines_are_found_where_they_stand() -> None:
    assert len(LINES) > 40
    assert {"README.md", "docs/tutorial.md", "examples/crontab", "examples/robotrader.service"} <= {
        found.page for found in LINES
    }


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("robotrader run-task earnings SBIN --force", None),
        ("robotrader --home there status --json", None),
        ("robotrader runtask earnings", "no command runtask"),
        ("robotrader status --fast", "no option --fast"),
        ("robotrader tasks", "a group without a command"),
    ],
)
def test_a_wrong_line_is_noticed(line: str, wrong: str | None) -> None:
    (words,) = split(line)
    assert problem(words) == wrong
