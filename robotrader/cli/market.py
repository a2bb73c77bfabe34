"""``market``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, complete_symbol, session_of
from robotrader.cli.run import DONE, run

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.risk_views import MarketView


def market(
    context: typer.Context,
    symbols: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SYMBOL]...",
            help="Whose quotes; all that is watched and held if none.",
            autocompletion=complete_symbol,
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> int:
    """Show the session, and quotes with how old they are.

    A quote that is too old to decide by while the market is open is marked as stale; symbols without a quote are named.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import market as screens

    session = session_of(context)

    async def operation(app: App) -> MarketView:
        return await (await app.market()).show(symbols or [])

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.market(found, render.look(session.now())))
    return DONE
