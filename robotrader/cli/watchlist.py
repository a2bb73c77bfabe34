"""``watchlist``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, complete_symbol, session_of
from robotrader.cli.run import DONE, Session, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from robotrader.cli.ports import App
    from robotrader.cli.symbols_file import SymbolFile
    from robotrader.core.services.views import WatchRow

SHOWN = 20
Symbols = Annotated[
    list[str], typer.Argument(metavar="SYMBOL...", help="NSE trading symbols.", autocompletion=complete_symbol)
]

watchlist = typer.Typer(help="The symbols that are researched by themselves.", no_args_is_help=True)


@watchlist.command("add")
def add(context: typer.Context, symbols: Symbols, *, as_json: Json = False) -> int:
    """Watch symbols.

    All of them, or none where one of them is no symbol.
    """
    session = session_of(context)
    wanted = _parsed(symbols)
    added = _watch(session, wanted)
    already = [symbol for symbol in wanted if symbol not in added]
    if as_json:
        output.document({"added": added, "already": already})
    else:
        output.write(_sentence("watching", added, "already watched", already))
    return DONE


@watchlist.command("remove")
def remove(context: typer.Context, symbols: Symbols, *, as_json: Json = False) -> int:
    """Stop watching symbols.

    What is stored of them stays.
    """
    session = session_of(context)
    wanted = _parsed(symbols)

    async def operation(app: App) -> tuple[str, ...]:
        return await (await app.watchlist()).unwatch(wanted)

    removed = run(session, operation)
    absent = [symbol for symbol in wanted if symbol not in removed]
    if as_json:
        output.document({"removed": removed, "absent": absent})
    else:
        output.write(_sentence("no longer watching", removed, "not on the watchlist", absent))
    return DONE


@watchlist.command("list")
def show(context: typer.Context, *, as_json: Json = False) -> int:
    """Show the watched symbols and the age of their data."""
    from robotrader.cli import render
    from robotrader.cli.screens import health

    session = session_of(context)

    async def operation(app: App) -> tuple[WatchRow, ...]:
        return await (await app.watchlist()).rows()

    rows = run(session, operation)
    if as_json:
        output.document({"watchlist": rows})
    else:
        render.show(*health.watchlist(rows, render.look(session.now())))
    return DONE


@watchlist.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Text or CSV with a symbol column; - for stdin.")],
    *,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Import the good lines and leave out the bad ones.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Watch every symbol of a text or CSV file.

    Where a line cannot be read nothing is imported, unless --skip-bad leaves such lines out.
    """
    from robotrader.cli import symbols_file, textfile

    session = session_of(context)
    found = symbols_file.parse(textfile.read(file))
    for row in found.bad[:SHOWN]:
        output.note(f"line {row.line}: {row.message}")
    if len(found.bad) > SHOWN:
        output.note(f"and {len(found.bad) - SHOWN} more lines")
    _refuse(found, file, skip_bad=skip_bad)
    added = _watch(session, found.symbols)
    already = [symbol for symbol in found.symbols if symbol not in set(added)]
    if as_json:
        output.document({"added": added, "already": already, "bad": found.bad})
    else:
        output.write(_sentence("watching", added, "already watched", already))
    return DONE


def _refuse(found: SymbolFile, file: str, *, skip_bad: bool) -> None:
    if found.bad and not skip_bad:
        number = len(found.bad)
        message = f"{number} line{' holds' if number == 1 else 's hold'} no symbol; nothing was imported"
        raise ValidationError(message, remedy="correct the file, or leave those lines out with --skip-bad")
    if not found.symbols:
        raise ValidationError(f"no symbol in {file}", remedy="one symbol a line, or a CSV with a Symbol column")


def _parsed(symbols: Sequence[str]) -> list[str]:
    from robotrader.core.background_scheduler.models import parse_symbol

    return list(dict.fromkeys(parse_symbol(symbol) for symbol in symbols))


def _watch(session: Session, wanted: Sequence[str]) -> tuple[str, ...]:
    async def operation(app: App) -> tuple[str, ...]:
        return await (await app.watchlist()).watch(wanted)

    return run(session, operation)


def _sentence(done: str, changed: Sequence[str], undone: str, same: Sequence[str]) -> str:
    return "; ".join(f"{words} {_names(symbols)}" for words, symbols in ((done, changed), (undone, same)) if symbols)


def _names(symbols: Sequence[str]) -> str:
    more = f" and {len(symbols) - SHOWN} more" if len(symbols) > SHOWN else ""
    return ", ".join(symbols[:SHOWN]) + more
