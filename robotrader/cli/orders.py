"""``buy``, ``sell``, ``orders`` and ``what-if``."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Limit, Live, Symbol, complete_symbol, session_of
from robotrader.cli.run import DONE, Session, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from robotrader.cli.ports import App
    from robotrader.core.services.execution_views import OrderDetail, Ordered, OrderView, WhatIf

SIDES = ("buy", "sell")
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")
_QUANTITY = re.compile(r"[0-9]{1,9}")
MOST_SHARES = 10_000_000


def shares(text: str) -> int:
    """A number of shares as it is typed: plain digits, at most nine of them.

    Raises:
        ValidationError: it is none.
    """
    number = int(text) if _QUANTITY.fullmatch(text) else 0
    if not 1 <= number <= MOST_SHARES:
        raise ValidationError(f"not a number of shares: {text[:30]!r}", remedy=f"plain digits, 1 to {MOST_SHARES}")
    return number


Quantity = Annotated[int, typer.Argument(metavar="QTY", parser=shares, help="How many shares.")]
LimitPrice = Annotated[
    str | None, typer.Option("--limit", metavar="PRICE", help="Not at a worse price than this, in rupees a share.")
]
Trigger = Annotated[
    str | None,
    typer.Option("--trigger", metavar="PRICE", help="Wait until the price gets there (SL-M; with --limit SL)."),
]
ProductWord = Annotated[str, typer.Option("--product", metavar="NAME", help="CNC (delivery) or MIS (intraday).")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing before a real order.")]
Everything = Annotated[bool, typer.Option("--all", help="Those of all days.")]
Day = Annotated[str | None, typer.Option("--day", metavar="DATE", help="Those of one day, such as 2026-11-20.")]
OfSymbol = Annotated[str | None, typer.Option("--symbol", metavar="SYMBOL", autocompletion=complete_symbol)]
OrderId = Annotated[str, typer.Argument(metavar="ID", help="The order's id, the beginning of it, or its tag.")]

orders = typer.Typer(help="Look at orders, cancel them.", invoke_without_command=True)


def buy(
    context: typer.Context,
    symbol: Symbol,
    quantity: Quantity,
    *,
    limit: LimitPrice = None,
    trigger: Trigger = None,
    product: ProductWord = "CNC",
    live: Live = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Buy shares, on paper unless --live.

    At the market, or with --limit at that price or better. A real order needs trading.mode = "live" in config.toml, a
    session (robotrader login) and --live; it is confirmed on the terminal.
    """
    wanted = _Wanted("BUY", symbol, quantity, limit, trigger, product)
    return wanted.order(session_of(context), live=live, yes=yes, as_json=as_json)


def sell(
    context: typer.Context,
    symbol: Symbol,
    quantity: Quantity,
    *,
    limit: LimitPrice = None,
    trigger: Trigger = None,
    product: ProductWord = "CNC",
    live: Live = False,
    yes: Yes = False,
    as_json: Json = False,
) -> int:
    """Sell shares, on paper unless --live.

    Nothing is sold that is not held.
    """
    wanted = _Wanted("SELL", symbol, quantity, limit, trigger, product)
    return wanted.order(session_of(context), live=live, yes=yes, as_json=as_json)


class _Wanted:
    """An order as it stands on the command line."""

    def __init__(
        self, side: str, symbol: str, quantity: int, limit: str | None, trigger: str | None, product: str
    ) -> None:
        from robotrader.core.background_scheduler.models import parse_symbol

        self.side, self.symbol, self.quantity, self.product = side, parse_symbol(symbol), quantity, product
        self.limit, self.trigger = price(limit, "--limit"), price(trigger, "--trigger")

    def order(self, session: Session, *, live: bool, yes: bool, as_json: bool) -> int:
        """Place it and show what became of it; returns the exit code."""
        if live and session.settings().trading.mode == "live" and not yes:
            self._confirm()

        async def operation(app: App) -> Ordered:
            coordinator = await app.orders()
            if live:
                coordinator.go_live()
            return await coordinator.place(
                self.side, self.symbol, self.quantity, limit=self.limit, trigger=self.trigger, product=self.product
            )

        found = run(session, operation)
        if as_json:
            output.document(found)
            return found.exit_code
        from robotrader.cli import render
        from robotrader.cli.screens import orders as screens

        render.show(*screens.detail(found.order, (), render.look(session.now())))
        if found.error is not None:
            output.complain(str(found.error["message"]), found.remedy, session.secrets)
        return found.exit_code

    def _confirm(self) -> None:
        """Ask before a real order.

        Raises:
            ValidationError: there is nobody to ask.
        """
        if not sys.stdin.isatty():
            raise ValidationError(
                "a real order is confirmed on a terminal, and this is none: nothing was ordered", remedy="add --yes"
            )
        at = "at the market" if self.limit is None else f"at Rs {self.limit} or better"
        at += "" if self.trigger is None else f" once the price is at Rs {self.trigger}"
        words = (
            f"REAL order at Zerodha: {self.side} {self.quantity} {self.symbol} ({self.product.upper()}) {at}. Send it?"
        )
        typer.confirm(words, abort=True, err=True)


@orders.callback()
def list_orders(
    context: typer.Context,
    *,
    everything: Everything = False,
    day: Day = None,
    symbol: OfSymbol = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show orders, newest first: today's and those under way, unless asked for others."""
    if context.invoked_subcommand is not None:
        return DONE
    return _list(context, everything=everything, day=day, symbol=symbol, limit=limit, as_json=as_json)


@orders.command("list")
def list_again(
    context: typer.Context,
    *,
    everything: Everything = False,
    day: Day = None,
    symbol: OfSymbol = None,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show orders, as "robotrader orders" does."""
    return _list(context, everything=everything, day=day, symbol=symbol, limit=limit, as_json=as_json)


def _list(
    context: typer.Context, *, everything: bool, day: str | None, symbol: str | None, limit: int, as_json: bool
) -> int:
    session, wanted = session_of(context), _day(day)

    async def operation(app: App) -> tuple[OrderView, ...]:
        return await (await app.orders()).orders(everything=everything, day=wanted, symbol=symbol, limit=limit)

    found = run(session, operation)
    if as_json:
        output.document({"orders": found})
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import orders as screens

    render.show(*screens.listing(found, render.look(session.now())))
    return DONE


@orders.command("show")
def show_order(context: typer.Context, order_id: OrderId, *, as_json: Json = False) -> int:
    """Show everything about one order, with its trades."""
    session = session_of(context)

    async def operation(app: App) -> OrderDetail:
        return await (await app.orders()).show(order_id)

    found = run(session, operation)
    if as_json:
        output.document(found)
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import orders as screens

    render.show(*screens.detail(found.order, found.trades, render.look(session.now())))
    return DONE


@orders.command("cancel")
def cancel_order(context: typer.Context, order_id: OrderId, *, as_json: Json = False) -> int:
    """Cancel an order that rests at the broker, or that was not sent yet."""
    session = session_of(context)

    async def operation(app: App) -> OrderView:
        return await (await app.orders()).cancel(order_id)

    found = run(session, operation)
    if as_json:
        output.document(found)
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import orders as screens

    render.show(*screens.detail(found, (), render.look(session.now())))
    return DONE


def what_if(
    context: typer.Context,
    side: Annotated[str, typer.Argument(metavar="buy|sell", help="Which way.", show_default=False)],
    symbol: Symbol,
    quantity: Quantity,
    *,
    at: Annotated[
        str | None, typer.Option("--price", metavar="PRICE", help="Rupees a share; the last quote if none.")
    ] = None,
    product: ProductWord = "CNC",
    as_json: Json = False,
) -> int:
    """Show what an order would cost and change; order nothing.

    Charges one by one with the source of the rates, cash and holdings before and after, what is won or lost by
    purchase, the share of the account, and the limits it would break.
    """
    from robotrader.core.background_scheduler.models import parse_symbol

    session = session_of(context)
    word = side.strip().lower()
    if word not in SIDES:
        raise ValidationError(f"neither buy nor sell: {side[:20]!r}", remedy="robotrader what-if sell SBIN 10")
    name, given = parse_symbol(symbol), price(at, "--price")

    async def operation(app: App) -> WhatIf:
        return await (await app.orders()).what_if(word.upper(), name, quantity, price=given, product=product)

    found = run(session, operation)
    if as_json:
        output.document(found)
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import orders as screens

    render.show(*screens.what_if(found, render.look(session.now())))
    return DONE


def price(text: str | None, option: str) -> Decimal | None:
    """A price as it is typed, with or without commas.

    Raises:
        ValidationError: it is none.
    """
    if text is None:
        return None
    from decimal import Decimal

    plain = text.strip().replace(",", "")
    if _PRICE.fullmatch(plain) is None or not Decimal(plain):
        raise ValidationError(f"{option}: not a price in rupees: {text[:30]!r}", remedy=f"such as {option} 812.50")
    return Decimal(plain)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    from datetime import date

    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValidationError(f"--day: not a date: {text[:30]!r}", remedy="such as --day 2026-11-20") from None
