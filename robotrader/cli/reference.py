"""The command reference, made from the program: ``python -m robotrader.cli.reference > docs/commands.md``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

import typer

from robotrader.cli.app import NAME, build

WIDTH = 80
_BRACES = re.compile(r"\{([A-Z.]+)\}")
HEADER = f"""# Commands

Made from the program by `python -m robotrader.cli.reference > docs/commands.md`; a test keeps it so. Every command also
takes `--help`; `{NAME} --help` lists them. Exit codes are in [exit-codes.md](exit-codes.md), what `--json` prints in
[json.md](json.md).
"""


def markdown() -> str:
    """The whole reference."""
    command = typer.main.get_command(build())
    root = typer.Context(command, info_name=NAME, terminal_width=WIDTH, **command.context_settings)
    return "\n".join([HEADER, *_sections(command, root)])


def _sections(command: Any, context: typer.Context) -> Iterator[str]:
    if context.parent is not None or not hasattr(command, "commands"):
        yield f"## {context.command_path}\n"
    shown = _BRACES.sub(r"\1", inspect.cleandoc(command.get_help(context)))  # some versions of Typer put braces
    yield f"```text\n{shown}\n```\n"
    for name, below in getattr(command, "commands", {}).items():
        yield from _sections(below, typer.Context(below, info_name=name, parent=context, terminal_width=WIDTH))


if __name__ == "__main__":
    sys.stdout.write(markdown())
