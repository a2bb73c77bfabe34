"""``fundamentals`` and ``compare``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Symbol, complete_symbol, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import NoDataError, ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import FundamentalsView

MOST_COMPARED = 200


def fundamentals(
    context: typer.Context,
    symbol: Symbol,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, metavar="N", help="At most this many readings.")
    ] = 8,
    as_json: Json = False,
) -> int:
    """Show the stored fundamentals of a company.

    The newest reading by group, what is doubtful about it, strengths and weaknesses, age and sources; then the earlier
    readings. The exit code is 5 where nothing is stored.
    """
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import fundamentals as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = parse_symbol(symbol)

    async def operation(app: App) -> tuple[FundamentalsView, ...]:
        return await (await app.research()).fundamentals(wanted, limit=limit)

    try:
        views = run(session, operation)
    except NoDataError:
        if as_json:
            output.document(shapes.fundamentals(wanted, ()))
        raise
    if as_json:
        output.document(shapes.fundamentals(wanted, views))
    else:
        render.show(*screens.stored(wanted, views, render.look(session.now())))
    return DONE


def compare(
    context: typer.Context,
    symbols: Annotated[
        list[str],
        typer.Argument(metavar="SYMBOL...", help="Two symbols or more.", autocompletion=complete_symbol),
    ],
    *,
    as_json: Json = False,
) -> int:
    """Show the fundamentals of several companies side by side.

    The newest stored reading of each; a dash is what no answer stated. Which is best is not judged. The exit code is 5
    where nothing is stored of any of them.
    """
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import fundamentals as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = list(dict.fromkeys(parse_symbol(symbol) for symbol in symbols))
    if len(wanted) == 1:
        remedy = f"name another one, or robotrader fundamentals {wanted[0]}"
        raise ValidationError(f"nothing to compare {wanted[0]} with", remedy=remedy)
    if len(wanted) > MOST_COMPARED:
        raise ValidationError(f"more than {MOST_COMPARED} symbols", remedy="compare fewer at a time")

    async def operation(app: App) -> tuple[FundamentalsView | None, ...]:
        return await (await app.research()).compare(wanted)

    try:
        views = run(session, operation)
    except NoDataError:
        if as_json:
            output.document(shapes.compared(wanted, (None,) * len(wanted)))
        raise
    if as_json:
        output.document(shapes.compared(wanted, views))
    else:
        render.show(*screens.compare(wanted, views, render.look(session.now()), render.width()))
    return DONE
