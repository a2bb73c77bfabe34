"""Screens of profit, loss and trades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import amounts, portfolio

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.pnl_views import DisposalRow, PnlRow, PnlView, TradesView
    from robotrader.core.services.portfolio_views import Sum

SHOWN = 30


def pnl(found: PnlView, view: Look) -> list[Any]:
    """What was won and lost: in all, by symbol, by day, by what was sold."""
    since = "all days" if found.first is None else f"since {fmt.day(found.first)}"
    words = f"P&L of {found.account}, {since}" + (f", {found.symbol}" if found.symbol else "")
    rows = [
        ("Realised", amounts.sum_of(found.realised, view, signed=True)),
        ("Charges", amounts.sum_of(found.charges, view)),
        ("Realised after charges", amounts.sum_of(found.net, view, signed=True)),
        ("Unrealised", amounts.sum_of(found.unrealised, view, signed=True)),
        ("Total", amounts.sum_of(found.total, view, signed=True)),
    ]
    shown: list[Any] = [render.facts(portfolio.title(words, found.account, found.provider, view), rows)]
    shown += _table("By symbol", "Symbol", found.by_symbol) + _table("By day", "Day", found.by_day)
    if found.disposals:
        shown.append(_disposals(found.disposals[-SHOWN:]))
    more = len(found.disposals) - SHOWN
    shown += [f"and {more} before; --json has all"] if more > 0 else []
    shown += (
        [f"{portfolio.STALE} unrealised by prices too old to decide by: {portfolio.names(found.stale)}"]
        if found.stale
        else []
    )
    return [*shown, *(f"note: {clean.line(note)}" for note in found.notes)]


def trades(found: TradesView, view: Look) -> list[Any]:
    """Trades, newest first, with their charges."""
    heading = portfolio.title(f"Trades of {found.account}", found.account, found.account, view)
    if not found.trades:
        return [render.heading(heading), "no trades"]
    rows = [
        (
            fmt.instant(each.at).removesuffix(" IST"),
            each.side,
            each.symbol + ("" if each.product == "CNC" else f" {each.product}"),
            fmt.amount(each.quantity),
            amounts.price(each.price_inr),
            amounts.whole(each.value_inr),
            amounts.price(each.charges_inr),
        )
        for each in found.trades
    ]
    columns: list[render.Column] = [("When (IST)", render.WHOLE), "Side", "Symbol", *((name, render.RIGHT) for name in (
        "Qty", "Price", "Value", "Charges"))]  # fmt: skip
    bought, sold = amounts.rupees(found.bought_inr, view), amounts.rupees(found.sold_inr, view)
    line = f"bought {bought}, sold {sold}, charges {amounts.sum_of(found.charges, view)[0]}"
    return [render.table(heading, columns, rows), line]


def _table(heading: str, name: str, rows: Sequence[PnlRow]) -> list[Any]:
    if not rows:
        return []
    held = any(each.unrealised is not None for each in rows)
    shown = [
        (
            each.key or "-",
            amounts.change(each.realised.inr),
            amounts.price(each.charges.inr),
            _told(each.net),
            *([_told(each.unrealised)] if each.unrealised is not None else []),
        )
        for each in rows[-SHOWN:]
    ]
    names = ("Realised", "Charges", "After charges", *(["Unrealised"] if held else []))
    columns: list[render.Column] = [(name, render.WHOLE), *((word, render.RIGHT) for word in names)]
    more = len(rows) - SHOWN
    return [render.table(heading, columns, shown), *([f"and {more} more; --json has all"] if more > 0 else [])]


def _told(found: Sum) -> tuple[str, str]:
    said, style = amounts.change(found.inr)
    return (f"{said} and {found.missing} not known" if found.missing and found.inr is not None else said), style


def _disposals(rows: Sequence[DisposalRow]) -> Any:
    shown = [
        (
            each.sold_on,
            each.symbol,
            fmt.amount(each.quantity),
            amounts.price(None if each.cost_inr is None else each.cost_inr / each.quantity),
            amounts.price(each.price_inr),
            amounts.change(each.realised_inr),
            amounts.price(each.charges_inr),
            amounts.change(each.net_inr),
        )
        for each in rows
    ]
    columns: list[render.Column] = [("Sold", render.WHOLE), "Symbol", *((name, render.RIGHT) for name in (
        "Qty", "Bought at", "Sold at", "P&L", "Charges", "After"))]  # fmt: skip
    return render.table("Sold (first in, first out)", columns, shown)
