"""``pnl`` and ``trades``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Limit, complete_symbol, session_of
from robotrader.cli.portfolio import Account
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.pnl_views import PnlView, TradesView

Since = Annotated[
    str | None, typer.Option("--since", metavar="DAY", help="From this day on: YYYY-MM-DD, or 7d, 2w ago.")
]
One = Annotated[
    str | None,
    typer.Option("--symbol", "-s", metavar="SYMBOL", help="Only this one.", autocompletion=complete_symbol),
]


def pnl(
    context: typer.Context,
    *,
    since: Since = None,
    symbol: One = None,
    account: Account = None,
    as_json: Json = False,
) -> int:
    """Show what was won and lost.

    What was sold, first in, first out, before and after charges, by day and by symbol, and what is held now at its last
    price. What is not known is said to be so.
    """
    from robotrader.cli import days, render
    from robotrader.cli.screens import pnl as screens

    session = session_of(context)
    first = None if since is None else days.since(since, session.now())

    async def operation(app: App) -> PnlView:
        return await (await app.pnl()).pnl(account, first=first, symbol=symbol)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.pnl(found, render.look(session.now())))
    return DONE


def trades(
    context: typer.Context,
    *,
    day: Annotated[str | None, typer.Option("--day", metavar="DAY", help="Of this day: YYYY-MM-DD.")] = None,
    since: Since = None,
    symbol: One = None,
    account: Account = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show trades with their charges, newest first."""
    from robotrader.cli import days, render
    from robotrader.cli.screens import pnl as screens

    session = session_of(context)
    if day is not None and since is not None:
        raise ValidationError("either --day or --since, not both")
    first = None if since is None else days.since(since, session.now())
    on = None if day is None else days.parse(day)

    async def operation(app: App) -> TradesView:
        return await (await app.pnl()).trades(account, first=on or first, last=on, symbol=symbol, limit=limit)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.trades(found, render.look(session.now())))
    return DONE
