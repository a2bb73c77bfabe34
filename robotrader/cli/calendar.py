"""``calendar``."""

from __future__ import annotations

from typing import Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Symbol, complete_symbol, session_of
from robotrader.cli.run import DONE
from robotrader.core.errors import ValidationError

calendar = typer.Typer(help="Trading days, sessions and settlement days of the NSE.", no_args_is_help=True)


@calendar.command("show")
def show(
    context: typer.Context,
    *,
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="A month, day by day; else the present one.")
    ] = None,
    year: Annotated[str | None, typer.Option("--year", metavar="YYYY", help="The special days of a year.")] = None,
    as_json: Json = False,
) -> int:
    """Show the days of a month, or the special days of a year.

    Special are the days that differ from their weekday, and those without settlement.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import calendar as screens
    from robotrader.core.background_scheduler.stores import calendar_file
    from robotrader.core.services import calendar_service

    if month is not None and year is not None:
        raise ValidationError("either --month or --year, not both", remedy="such as: --month 2026-11")
    session = session_of(context)
    now = session.now()
    first, last = screens.span(month, year, now)
    loaded = calendar_file.load(session.settings().home)
    found = calendar_service.listing(loaded, first, last, now, every=year is None)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.listing(found))
    return DONE


@calendar.command("check")
def check(
    context: typer.Context,
    day: Annotated[str | None, typer.Argument(metavar="[DAY]", help="YYYY-MM-DD; else today in India.")] = None,
    *,
    symbol: Annotated[
        str | None,
        typer.Option("--symbol", metavar="SYMBOL", help="Also for this stock.", autocompletion=complete_symbol),
    ] = None,
    as_json: Json = False,
) -> int:
    """Show one day: sessions, neighbours, settlement, and what is not sure.

    A year that is not covered is refused with exit code 3.
    """
    from robotrader.cli import render
    from robotrader.cli.format import IST
    from robotrader.cli.screens import calendar as screens
    from robotrader.core.background_scheduler.models import parse_symbol
    from robotrader.core.background_scheduler.stores import calendar_file
    from robotrader.core.services import calendar_service

    session = session_of(context)
    now = session.now()
    wanted = now.astimezone(IST).date() if day is None else calendar_service.parse_day(day)
    stock = None if symbol is None else parse_symbol(symbol)
    loaded = calendar_file.load(session.settings().home)
    found = calendar_service.check(loaded, wanted, now, stock)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.check(found))
    return DONE


@calendar.command("add")
def add(
    context: typer.Context,
    day: Annotated[str, typer.Argument(metavar="DAY", help="YYYY-MM-DD; a year, such as 2027, with --complete.")],
    *,
    closed: Annotated[bool, typer.Option("--closed", help="The day is not traded.")] = False,
    hours: Annotated[
        str | None,
        typer.Option("--open", metavar="HH:MM-HH:MM", help="The day is traded in these hours (IST); full: all day."),
    ] = None,
    complete: Annotated[bool, typer.Option("--complete", help="All holidays of the year are listed now.")] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why, such as a holiday's name.")
    ] = None,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Who says so, such as a circular.")] = "",
    unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="The source is not the last word.")] = False,
    as_json: Json = False,
) -> int:
    """Add a closure, a session or a complete year to your calendar file.

    What the file holds stays; a row in it wins over the packaged calendar.
    """
    from robotrader.cli import loop
    from robotrader.cli.screens import calendar as screens
    from robotrader.core.services import calendar_additions

    session = session_of(context)
    wanted = calendar_additions.new_row(
        day, closed=closed, hours=hours, complete=complete, reason=reason, source=source, confirmed=not unconfirmed
    )
    added = loop.run(calendar_additions.add(session.settings().home, wanted, session.now()))
    if as_json:
        output.document(added)
    else:
        output.write(screens.added(added))
    return DONE


@calendar.command("fno")
def fno(
    context: typer.Context,
    symbol: Symbol,
    *,
    no: Annotated[bool, typer.Option("--not", help="It is none (any more).")] = False,
    first: Annotated[str | None, typer.Option("--from", metavar="DAY", help="From this day on; YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Until this day; else for good.")] = None,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Who says so, such as a circular.")] = "",
    unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="The source is not the last word.")] = False,
    as_json: Json = False,
) -> int:
    """Say of a stock that it is an F&O stock, or not, in your calendar file.

    F&O stocks have futures and options on them; they trade until the closing auction, other stocks to the end.
    """
    from robotrader.cli import loop
    from robotrader.cli.screens import calendar as screens
    from robotrader.core.services import calendar_additions

    session = session_of(context)
    wanted = calendar_additions.new_stock(
        symbol, is_fno=not no, first=first, last=last, source=source, confirmed=not unconfirmed
    )
    added = loop.run(calendar_additions.add_stock(session.settings().home, wanted))
    if as_json:
        output.document(added)
    else:
        output.write(screens.added_stock(added))
    return DONE
