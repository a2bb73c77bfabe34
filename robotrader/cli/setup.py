"""``init`` and ``config``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, complete_symbol, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import SymbolError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from robotrader.cli.ports import App

config = typer.Typer(help="Look at the settings.", no_args_is_help=True)


def init(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SYMBOL]...", help="Symbols to watch from the start.", autocompletion=complete_symbol),
    ] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    as_json: Json = False,
) -> int:
    """Make the home: a settings file and a watchlist.

    The settings file explains every key. Nothing is ever overwritten.
    """
    from robotrader import settings as tree
    from robotrader.cli import newfile

    session = session_of(context)
    wanted = _parsed(symbols or ())
    home = session.settings().home
    if not wanted and not yes and not as_json and sys.stdin.isatty():
        wanted = _ask()
    path = home / "config.toml"
    written = newfile.create(path, tree.template())
    live = session.settings().live

    async def operation(app: App) -> tuple[str, ...]:
        return await (await app.watchlist()).watch(wanted) if wanted else ()

    added = run(session, operation)
    if as_json:
        output.document({"home": home, "config": path, "written": written, "added": added, "live": live})
    else:
        output.write(_next_steps(str(path), written=written, added=added, live=live))
    return DONE


def _ask() -> list[str]:
    while True:
        said = typer.prompt(
            "Symbols to watch, such as SBIN TCS INFY (nothing for none)", default="", show_default=False, err=True
        )
        try:
            return _parsed(said.replace(",", " ").upper().split())
        except SymbolError as error:
            output.complain(error.context.message, error.context.remedy)


def _parsed(symbols: Sequence[str]) -> list[str]:
    from robotrader.core.background_scheduler.models import parse_symbol

    return list(dict.fromkeys(parse_symbol(symbol) for symbol in symbols))


def _next_steps(path: str, *, written: bool, added: Sequence[str], live: bool) -> str:
    lines = [f"{'wrote' if written else 'kept'} {path}"]
    lines += [f"watching {', '.join(added)}"] if added else []
    if not live:
        lines.append("no keys are set, so the embedded sandbox answers; set PERPLEXITY_API_KEYS to go live")
    lines += ["next:", "  robotrader run-task earnings SBIN    fetch one company's latest results"]
    lines += [] if added else ["  robotrader watchlist add SBIN TCS    choose what is researched by itself"]
    lines += ["  robotrader tick                      run what is due (from cron)"]
    lines += ["  robotrader doctor                    check that all is well"]
    return "\n".join(lines)


@config.command("show")
def show(context: typer.Context, *, as_json: Json = False) -> int:
    """Show every setting and where it comes from.

    Secrets are masked.
    """
    from robotrader import settings as tree
    from robotrader.cli import render
    from robotrader.cli.screens import health

    session = session_of(context)
    session.settings()
    rows = tree.describe(home=session.home)
    if as_json:
        output.document({"settings": [{"key": row.key, "value": row.value, "origin": row.origin} for row in rows]})
    else:
        render.show(*health.settings("Settings", rows))
    return DONE


@config.command("path")
def path(context: typer.Context, *, as_json: Json = False) -> int:
    """Show where the settings file is or would be."""
    found = session_of(context).settings().home / "config.toml"
    if as_json:
        output.document({"path": found, "exists": found.is_file()})
    else:
        output.write(str(found))
    return DONE


@config.command("validate")
def validate(context: typer.Context, *, as_json: Json = False) -> int:
    """Check the settings file and the environment.

    The exit code is 3 where something is wrong.
    """
    from robotrader.cli import checking

    session = session_of(context)
    loaded = session.settings()
    checking.check(loaded)
    found = loaded.home / "config.toml"
    if as_json:
        output.document({"valid": True, "path": found, "exists": found.is_file(), "live": loaded.live})
    else:
        output.write(f"valid: {found if found.is_file() else 'defaults and environment (no ' + str(found) + ')'}")
    return DONE
