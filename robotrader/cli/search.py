"""``search``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.datasets import KINDS, checked_kind
from robotrader.cli.options import Json, complete_kind, complete_symbol, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import SearchHit

LONGEST = 500


def search(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="The words to look for; all must be there.")],
    *,
    symbol: Annotated[
        str | None,
        typer.Option("--symbol", metavar="SYMBOL", help="Only of this company.", autocompletion=complete_symbol),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=f"Only: {', '.join(KINDS)}.", autocompletion=complete_kind),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, metavar="N", help="At most this many, the best first.")
    ] = 20,
    as_json: Json = False,
) -> int:
    """Search everything that is stored.

    News, records, and the words of the archived answers. The exit code is 0 also where nothing is found.
    """
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import search as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    query = " ".join(" ".join(text).split())
    if not query:
        raise ValidationError("nothing to search for", remedy="name a word: robotrader search dividend")
    if len(query) > LONGEST:
        raise ValidationError(f"longer than {LONGEST} characters", remedy="search for a few words")
    only = None if symbol is None else parse_symbol(symbol)
    of_kind = None if kind is None else checked_kind(kind)

    async def operation(app: App) -> tuple[SearchHit, ...]:
        return await (await app.research()).search(query, symbol=only, kind=of_kind, limit=limit)

    found = run(session, operation)
    if as_json:
        output.document(shapes.hits(query, found))
    else:
        render.show(*screens.found(query, found, limit, render.look(session.now())))
    return DONE
