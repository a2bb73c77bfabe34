"""``portfolio``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Symbol, complete_symbol, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from robotrader.cli.ports import App
    from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile
    from robotrader.core.services.portfolio_views import (
        CashView,
        ChangeView,
        HistoryView,
        ImportView,
        PortfolioView,
        SectorView,
        SyncView,
    )

SHOWN = 20
ACTIONS = ("deposit", "withdraw")
Account = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="sandbox, paper or kite; else the one in force."),
]

portfolio = typer.Typer(help="What is held, what it is worth, and what it won or lost.", no_args_is_help=True)


@portfolio.command("show")
def show(context: typer.Context, *, account: Account = None, as_json: Json = False) -> int:
    """Show what is held and what it is worth.

    Cash, value, profit and loss of the day and in all, each share and each sector, and how much hangs on how few. What
    is not known is said to be so and counts as nothing nowhere.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    session = session_of(context)

    async def operation(app: App) -> PortfolioView:
        return await (await app.portfolio()).show(account)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.portfolio(found, render.look(session.now())))
    return DONE


@portfolio.command("import")
def import_file(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV of Console, of Kite, or your own; - for stdin.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take out what earlier imports said of symbols the file does not name.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    as_json: Json = False,
) -> int:
    """Import the holdings of a file into the paper account.

    Console's holdings statement saved as CSV, holdings.csv of Kite, or columns symbol, quantity, price and, as far as
    known, date, sector, isin. What an earlier import said of the same symbols is replaced; what was typed in or bought
    stays. Where a line is not clear nothing is imported.
    """
    from robotrader.cli import render
    from robotrader.cli.format import IST
    from robotrader.cli.screens import portfolio as screens

    session = session_of(context)
    held = _read(file, session.now().astimezone(IST).date())

    async def operation(app: App) -> ImportView:
        return await (await app.portfolio()).take_in(held, replace=replace, dry_run=dry_run)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.imported(found))
    return DONE


@portfolio.command("set")
def hold(
    context: typer.Context,
    symbol: Symbol,
    quantity: Annotated[str, typer.Argument(metavar="QUANTITY", help="How many shares.")],
    price: Annotated[str, typer.Argument(metavar="PRICE", help="What was paid a share, in rupees.")],
    *,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="When they were bought: YYYY-MM-DD.")] = None,
    as_json: Json = False,
) -> int:
    """Say that shares are held, in place of what was typed in of the symbol before."""
    from robotrader.cli import days, render
    from robotrader.cli.screens import portfolio as screens

    count, paid = _shares(quantity), _rupees(price)
    day = None if on is None else days.parse(on)

    async def operation(app: App) -> ChangeView:
        return await (await app.portfolio()).hold(symbol, count, paid, day)

    found = run(session_of(context), operation)
    if as_json:
        output.document(found)
    else:
        render.show(screens.changed(found))
    return DONE


@portfolio.command("remove")
def drop(context: typer.Context, symbol: Symbol, *, as_json: Json = False) -> int:
    """Take out what was imported, typed in or copied of a symbol.

    What was bought by orders stays: sell it.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    async def operation(app: App) -> ChangeView:
        return await (await app.portfolio()).drop(symbol)

    found = run(session_of(context), operation)
    if as_json:
        output.document(found)
    else:
        render.show(screens.changed(found))
    return DONE


@portfolio.command("cash")
def cash(
    context: typer.Context,
    action: Annotated[str | None, typer.Argument(metavar="[deposit|withdraw]", help="To move money.")] = None,
    amount: Annotated[str | None, typer.Argument(metavar="[AMOUNT]", help="How much, in rupees.")] = None,
    *,
    account: Account = None,
    as_json: Json = False,
) -> int:
    """Show the cash of an account and its movements; put some in or take some out of the paper account."""
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    session = session_of(context)
    moved = _moved(action, amount)
    if moved is not None and account is not None:
        raise ValidationError("money is moved in the account in force alone", remedy="leave out --account")

    async def operation(app: App) -> CashView:
        return await (await app.portfolio()).cash(account, moved)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.cash(found, render.look(session.now())))
    return DONE


@portfolio.command("sync")
def sync(
    context: typer.Context,
    *,
    to_paper: Annotated[
        bool, typer.Option("--to-paper", help="Copy the shares into the paper account too, to rehearse with them.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Ask Kite what is held and keep it; nothing is traded.

    Needs the session of the day; the exit code is 7 where a login is needed. With --to-paper what an earlier copy said
    is replaced.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    async def operation(app: App) -> SyncView:
        return await (await app.portfolio()).sync(to_paper=to_paper)

    session = session_of(context)
    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.synced(found, render.look(session.now())))
    return DONE


@portfolio.command("history")
def history(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=10_000, metavar="N", help="The newest N days.")] = 30,
    account: Account = None,
    as_json: Json = False,
) -> int:
    """Show how an account stood day by day, as it was written down after the close."""
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    session = session_of(context)

    async def operation(app: App) -> HistoryView:
        return await (await app.portfolio()).history(account, days=days)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.history(found, render.look(session.now())))
    return DONE


@portfolio.command("sector")
def sector(
    context: typer.Context,
    symbol: Annotated[
        str, typer.Argument(metavar="SYMBOL", help="NSE trading symbol.", autocompletion=complete_symbol)
    ],
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The sector to count it in.")] = None,
    *,
    forget: Annotated[bool, typer.Option("--forget", help="Take back what was said.")] = False,
    as_json: Json = False,
) -> int:
    """Show or name the sector a symbol is counted in."""
    from robotrader.cli import render
    from robotrader.cli.screens import portfolio as screens

    if forget and name is not None:
        raise ValidationError("either a name or --forget, not both")

    async def operation(app: App) -> SectorView:
        return await (await app.portfolio()).sector(symbol, name, forget=forget)

    found = run(session_of(context), operation)
    if as_json:
        output.document(found)
    else:
        render.show(screens.sector(found))
    return DONE


def _read(file: str, today: date) -> HoldingsFile:
    """The holdings of a file, where every line of it is clear; those that are not are told.

    Raises:
        ValidationError: no such file, no file of holdings, or a line that is not clear.
    """
    from robotrader.cli import textfile
    from robotrader.core.background_scheduler.parsers.holdings_csv import parse_holdings

    if file.lower().endswith((".xlsx", ".xls", ".ods")):
        raise ValidationError(f"a workbook, not a CSV file: {file}", remedy="open it and save the sheet as CSV")
    held = parse_holdings(textfile.read(file), today)
    for row in held.bad[:SHOWN]:
        output.note(f"line {row.line}: {row.message}")
    if len(held.bad) > SHOWN:
        output.note(f"and {len(held.bad) - SHOWN} more lines")
    if held.bad:
        number = len(held.bad)
        message = f"{number} line{' is' if number == 1 else 's are'} not clear; nothing was imported"
        raise ValidationError(message, remedy="correct the file, or take those lines out")
    return held


def _moved(action: str | None, amount: str | None) -> Decimal | None:
    if action is None:
        return None
    if action not in ACTIONS:
        raise ValidationError(f"not {' or '.join(ACTIONS)}: {action[:30]!r}")
    if amount is None:
        raise ValidationError("no amount", remedy=f"such as: robotrader portfolio cash {action} 50000")
    rupees = _rupees(amount)
    return rupees if action == "deposit" else -rupees


def _rupees(words: str) -> Decimal:
    from robotrader.core.background_scheduler.parsers.holdings_values import read_price

    found = read_price(words)
    if found is None:
        raise ValidationError(f"not an amount of rupees: {words[:20]!r}", remedy="such as 1,23,456.70")
    return found


def _shares(words: str) -> int:
    from robotrader.core.background_scheduler.parsers.holdings_values import read_shares

    found = read_shares(words)
    if not found:
        raise ValidationError(f"not a number of shares: {words[:20]!r}", remedy="a whole number, 1 or more")
    return found
