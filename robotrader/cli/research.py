"""``earnings``, ``why``, ``reparse`` and ``parse``; news, fundamentals and search have files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.datasets import checked_dataset
from robotrader.cli.options import Json, Symbol, complete_dataset, complete_field, complete_symbol, session_of
from robotrader.cli.run import DONE, NO_DATA, Session, run
from robotrader.core.errors import NoDataError, ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import EarningsView, ReparseView, UpcomingRow, WhyView

Dataset = Annotated[
    str,
    typer.Argument(
        metavar="DATASET", help="Which kind: earnings, news, fundamentals.", autocompletion=complete_dataset
    ),
]


def earnings(
    context: typer.Context,
    symbol: Annotated[
        str | None,
        typer.Argument(
            metavar="[SYMBOL]", help="NSE trading symbol, such as SBIN or M&M.", autocompletion=complete_symbol
        ),
    ] = None,
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, metavar="N", help="At most this many quarters.")
    ] = 8,
    upcoming: Annotated[
        bool, typer.Option("--upcoming", help="Show the next results dates of the watchlist instead.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show the stored results of a company.

    The latest quarter with its age and sources, then the history by quarter. With --upcoming the next results date of
    every watched symbol, as far as any stored answer states one.
    """
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    if upcoming:
        if symbol is not None:
            raise ValidationError(
                "--upcoming shows the whole watchlist", remedy="leave out the symbol: robotrader earnings --upcoming"
            )
        return _upcoming(session, as_json=as_json)
    if symbol is None:
        raise ValidationError("whose results?", remedy="robotrader earnings SBIN, or robotrader earnings --upcoming")
    return _stored(session, parse_symbol(symbol), limit, as_json=as_json)


def _stored(session: Session, wanted: str, limit: int, *, as_json: bool) -> int:
    from robotrader.cli import render, shapes
    from robotrader.cli.screens import earnings as screens

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


def _upcoming(session: Session, *, as_json: bool) -> int:
    from robotrader.cli import render
    from robotrader.cli.screens import earnings as screens

    async def operation(app: App) -> tuple[UpcomingRow, ...]:
        return await (await app.watchlist()).upcoming()

    rows = run(session, operation)
    if as_json:
        output.document({"upcoming": rows})
    else:
        render.show(*screens.upcoming(rows, render.look(session.now())))
    return DONE


def why(
    context: typer.Context,
    symbol: Symbol,
    field: Annotated[
        str,
        typer.Argument(
            metavar="FIELD",
            help="A field such as eps, revenue, pe or news.ID.headline.",
            autocompletion=complete_field,
        ),
    ],
    *,
    as_json: Json = False,
) -> int:
    """Show where a stored figure comes from.

    The archived document, the words it was read from, the parser layer that read it, the source links. A field that
    both earnings and fundamentals have is named with its dataset (earnings.eps, fundamentals.eps); a field of a story
    with the beginning of the story's id (news.ID.headline).
    """
    from robotrader.cli import render
    from robotrader.cli.screens import trail as screens
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
    from robotrader.cli.screens import trail as screens
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
    from robotrader.providers import parser_of

    wanted = None if symbol is None else parse_symbol(symbol)
    result = parser_of(dataset)(textfile.read(file), wanted)
    if as_json:
        output.document(shapes.parsed(result))
    else:
        from robotrader.cli import render
        from robotrader.cli.screens import trail as screens

        render.show(*screens.parsed(result, render.look(session_of(context).now())))
    return DONE if shapes.has_data(result) else NO_DATA
