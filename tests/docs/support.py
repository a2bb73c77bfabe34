"""What the tests of the documentation share: the pages, their code blocks, and commands run in a home of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
SECRET_PREFIXES = ("ROBOTRADER_", "PERPLEXITY_", "KITE_", "ANTHROPIC_")
FENCE = re.compile(r"^( *)```([^\n`]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block: its info string and its text without the common indent."""

    info: str
    text: str


class Step(NamedTuple):
    """One command of a console block with the screen that is to follow; ``...`` stands for anything."""

    command: str
    screen: str


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page."""
    for indent, info, body in FENCE.findall(text):
        yield Block(info.strip(), "\n".join(line.removeprefix(indent) for line in body.splitlines()))


def steps(text: str) -> list[Step]:
    """The commands of a console block."""
    found = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, screen = part.partition("\n")
        found.append(Step(command, screen.rstrip("\n")))
    return found


def name(path: Path) -> str:
    """A path as it is shown in a report."""
    return path.relative_to(ROOT).as_posix()


def environ(home: Path, **more: str) -> dict[str, str]:
    """The environment of a command: no keys, a home of its own, 80 columns, this environment's programs first."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(SECRET_PREFIXES)}
    path = f"{BIN}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {
        **kept,
        "PATH": path,
        "ROBOTRADER_HOME": str(home),
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "LC_ALL": "C.UTF-8",
        **more,
    }


def run(command: list[str] | str, cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; stderr goes where stdout goes."""
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        shell=isinstance(command, str),
        executable="/bin/bash" if isinstance(command, str) else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


def matches(screen: str, shown: str) -> bool:
    """Whether what was shown is a page's screen: ``...`` stands for anything in a line or, alone, for any lines."""
    pattern = "".join(_pattern(line) for line in screen.splitlines())
    plain = "".join(f"{line.rstrip()}\n" for line in shown.splitlines())
    return re.fullmatch(pattern, plain) is not None


def but_for_prices(text: str) -> str:
    """A screen whatever the prices of the day are: each figure is 0, and the width of the columns does not count."""
    plain = re.sub(r"[+-]?₹?\d[\d,.]*", "0", text)
    return re.sub(r"─+", "─", re.sub(r" +", " ", plain))


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*?"
    return "[^\n]*".join(re.escape(part) for part in line.rstrip().split("...")) + "\n"
