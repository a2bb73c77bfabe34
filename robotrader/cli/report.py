"""``report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, complete_symbol, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import ReportView

HEAD = 400
"""Bytes at the beginning of a file in which a page of ours says so."""


def report(
    context: typer.Context,
    *,
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", "-s", metavar="SYMBOL", help="Only this one; may be given more than once.",
                     autocompletion=complete_symbol),
    ] = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write a page with charts to this file instead.")
    ] = None,
    as_json: Json = False,
) -> int:  # fmt: skip
    """Show what is known of the watchlist; --html makes a page of it.

    Results and ratios with their trend, the latest stories, how old each is, and the sources. Nothing is asked and
    nothing is spent. With --html a page that needs nothing else is written; it replaces an earlier page, and no other
    file. The exit code is 5 where nothing is stored.
    """
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = [parse_symbol(symbol) for symbol in symbols or ()]
    target = None if html is None else _target(html, session.settings().home)
    if target is not None and as_json:
        raise ValidationError("--html and --json exclude each other", remedy="ask for one of them")

    async def operation(app: App) -> ReportView:
        found = await (await app.watchlist()).report(wanted)
        if target is not None:
            from robotrader import __version__
            from robotrader.cli import page, render
            from robotrader.core.background_scheduler.stores.files import write_atomic

            await write_atomic(target, page.page(found, render.Look(session.now()), __version__))
        return found

    found = run(session, operation)
    if as_json:
        output.document(found)
    elif target is not None:
        output.write(f"wrote {target} ({len(found.symbols)} {'symbol' if len(found.symbols) == 1 else 'symbols'})")
    else:
        from robotrader.cli import render
        from robotrader.cli.screens import report as screens
        from robotrader.cli.sparkline import BLOCKS

        plain = not output.can_print(BLOCKS)
        render.show(*screens.report(found, render.look(session.now()), plain=plain))
    return DONE


def _target(given: str, home: Path) -> Path:
    """The file to write.

    Raises:
        ValidationError: it names nothing that may be written: a folder, a device, a file that is no page of ours, a
            place in the home, or one in a folder that is not there.
    """
    from robotrader.cli.page import MARK

    path = Path(given).expanduser().absolute()
    if not given.strip() or path.is_dir():
        raise ValidationError(f"--html needs the name of a file: {given!r}", remedy="such as --html report.html")
    if not path.parent.is_dir():
        raise ValidationError(f"there is no folder {path.parent}", remedy="make it, or name another file")
    target = path.resolve()
    if target.is_relative_to(home.resolve()):
        raise ValidationError("--html does not write into the home", remedy="name a file in another folder")
    if target.exists():
        head = b""
        if target.is_file():
            with target.open("rb") as file:
                head = file.read(HEAD)
        if MARK.encode() not in head:
            raise ValidationError(f"{path} is there and is no page of robotrader", remedy="name another file")
    return target
