"""``earnings``, ``why``, ``reparse`` and ``parse``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.datasets import checked_dataset
from robotrader.cli.options import Json, Symbol, complete_dataset, complete_symbol, session_of
from robotrader.cli.run import DONE, NO_DATA, run
from robotrader.core.errors import NoDataError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import EarningsView, ReparseView, WhyView

Dataset = Annotated[
    str, typer.Argument(metavar="DATASET", help="Which kind: earnings.", autocompletion=complete_dataset)
]


def earnings(
    context: typer.Context,
    symbol: Symbol,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, metavar="N", help="At most this many quarters.")
    ] = 8,
    as_json: Json = False,
) -> int:
    """Show the stored results of a company.

    The latest quarter with its age and sources, then the history by quarter.
    """
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import earnings as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = parse_symbol(symbol)

    async def operation(app: App) -> tuple[EarningsView, ...]:
        return await (await app.research()).earnings(wanted, limit=limit)

    try:
        views = run(session, operation)
    except NoDataError:
        if as_json:
            output.document(shapes.earnings(wanted, ()))
        raise
    if as_json:
        output.document(shapes.earnings(wanted, views))
    else:
        render.show(*screens.stored(wanted, views, render.look(session.now())))
    return DONE


def why(
    context: typer.Context,
    symbol: Symbol,
    field: Annotated[str, typer.Argument(metavar="FIELD", help="A field such as eps, revenue or net_profit_inr.")],
    *,
    as_json: Json = False,
) -> int:
    """Show where a stored figure comes from.

    The archived document, the words it was read from, the parser layer that read it, the source links.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import earnings as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    wanted = parse_symbol(symbol)

    async def operation(app: App) -> WhyView:
        return await (await app.research()).why(wanted, field)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.trail(found, render.look(session.now())))
    return DONE


def reparse(
    context: typer.Context,
    dataset: Annotated[
        str | None,
        typer.Argument(metavar="[DATASET]", help="Which kind; all if none.", autocompletion=complete_dataset),
    ] = None,
    symbol: Annotated[
        str | None,
        typer.Argument(metavar="[SYMBOL]", help="Which symbol; all if none.", autocompletion=complete_symbol),
    ] = None,
    *,
    as_json: Json = False,
) -> int:
    """Read the archived answers again; costs nothing.

    A better parser may find more in them than the one of their day.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import earnings as screens
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    kind = None if dataset is None else checked_dataset(dataset)
    wanted = None if symbol is None else parse_symbol(symbol)

    async def operation(app: App) -> ReparseView:
        return await (await app.research()).reparse(kind, wanted)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.reread(found, render.look(session.now())))
    return DONE


def parse(
    context: typer.Context,
    dataset: Dataset,
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="The text to read; - or nothing for stdin.")] = "-",
    *,
    symbol: Annotated[str | None, typer.Option("--symbol", metavar="SYMBOL", help="Whose text it is.")] = None,
    as_json: Json = False,
) -> int:
    """Read a text and show what the parsers find in it.

    Nothing is stored and no settings are needed. The exit code is 5 where the text holds no usable data.
    """
    checked_dataset(dataset)
    from robotrader.cli import shapes, textfile
    from robotrader.core.background_scheduler.models import parse_symbol
    from robotrader.core.background_scheduler.parsers.earnings import parse_earnings

    wanted = None if symbol is None else parse_symbol(symbol)
    result = parse_earnings(textfile.read(file), wanted)
    if as_json:
        output.document(shapes.parsed(result))
    else:
        from robotrader.cli import render
        from robotrader.cli.screens import earnings as screens

        render.show(*screens.parsed(result, render.look(session_of(context).now())))
    return DONE if shapes.has_data(shapes.record_of(result.record)) else NO_DATA
