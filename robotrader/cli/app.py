"""The ``robotrader`` command: the root's options, and one place where a command line becomes an exit code."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from robotrader import __version__
from robotrader.cli import commands, output
from robotrader.cli.run import Session, finish, guarded

NAME = "robotrader"
COLLECT_RARELY = (20_000, 20, 20)  # what a start makes stays: looking through it costs 6 % of a tick


def _version(asked: bool) -> None:
    if asked:
        output.write(f"{NAME} {__version__}")
        raise typer.Exit


def root(
    context: typer.Context,
    *,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home", metavar="PATH", help="The folder of settings and data; else ROBOTRADER_HOME.", show_default=False
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Research of Indian stocks that runs by itself, with a source for every figure."""
    session = context.obj if isinstance(context.obj, Session) else Session()
    session.home, session.debug = home or session.home, debug
    context.obj = session


def build(arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line as far as the arguments need it; all of it where there are none."""
    app = typer.Typer(
        name=NAME,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(root)
    commands.register(app, arguments)
    return app


def execute(arguments: Sequence[str], session: Session | None = None) -> int:
    """Run one command line and return its exit code; a test passes a session of its own."""
    current = session or Session()

    def command() -> object:
        made = typer.main.get_command(build(arguments))
        return made.main(args=list(arguments), prog_name=NAME, standalone_mode=False, obj=current)

    return guarded(current, command)


def main() -> None:
    """The console script."""
    gc.set_threshold(*COLLECT_RARELY)
    output.replace_closed_streams()
    finish(execute(sys.argv[1:]))
