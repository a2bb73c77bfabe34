"""``news``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Limit, Since, complete_symbol, session_of
from robotrader.cli.run import DONE, Session, run
from robotrader.core.errors import NoDataError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from robotrader.cli.ports import App
    from robotrader.core.services.views import NewsView


def news(
    context: typer.Context,
    symbol: Annotated[
        str | None,
        typer.Argument(
            metavar="[SYMBOL]", help="NSE trading symbol, such as SBIN or M&M.", autocompletion=complete_symbol
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="The news of every watched symbol.")] = False,
    since: Since = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> int:
    """Show the stored news of a company, or of all watched.

    Each story once, newest first, with its link where a search result holds it. With --all the headlines of the whole
    watchlist. The exit code is 5 where nothing is stored.
    """
    from robotrader.cli import shapes, spans
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = None if symbol is None else parse_symbol(symbol)
    if everything == (wanted is not None):
        what = "a symbol or --all, not both" if everything else "news of what? no symbol was given"
        raise ValidationError(what, remedy="robotrader news SBIN, or robotrader news --all --since 2d")
    start = None if since is None else session.now() - spans.parse(since)

    async def operation(app: App) -> tuple[NewsView, ...]:
        return await (await app.research()).news(wanted, since=start, limit=limit)

    try:
        views = run(session, operation)
    except NoDataError:
        if as_json:
            output.document(shapes.news(wanted, start, ()))
        raise
    if as_json:
        output.document(shapes.news(wanted, start, views))
    else:
        _show(session, wanted, start, limit, views)
    return DONE


def _show(session: Session, symbol: str | None, start: datetime | None, limit: int, views: Sequence[NewsView]) -> None:
    from robotrader.cli import format as fmt
    from robotrader.cli import render
    from robotrader.cli.screens import news as screens

    look = render.look(session.now())
    if not views:
        span = "" if start is None else f" since {fmt.instant(start)}"
        render.show(f"no news of {symbol or 'the watchlist'}{span}")
    elif symbol is None:
        render.show(*screens.everywhere(views, limit, look))
    else:
        render.show(*screens.stored(symbol, views, limit, look))
