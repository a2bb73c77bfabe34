"""Screens of the portfolio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import amounts
from robotrader.cli.screens.parts import counted

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.portfolio_views import (
        CashView,
        ChangeView,
        DayRow,
        HistoryView,
        HoldingRow,
        ImportView,
        LineView,
        PortfolioView,
        SectorView,
        SyncView,
    )

NAMED = 12
SHARES = 300
LINES = 20
STALE = "*"


def portfolio(found: PortfolioView, view: Look) -> list[Any]:
    """An account: its sums, its shares, its sectors, and what there is to know of them."""
    rows = [
        ("Cash", amounts.rupees(found.cash_inr, view)),
        ("Shares", amounts.sum_of(found.value, view)),
        ("Total", amounts.sum_of(found.total, view)),
        ("Invested", amounts.sum_of(found.cost, view)),
        (_day_word(found, view), amounts.sum_of(found.day_pnl, view, signed=True)),
        ("Unrealised P&L", amounts.sum_of(found.unrealised, view, signed=True)),
        ("Realised today", amounts.sum_of(found.realised, view, signed=True)),
        ("Prices", _ages(found, view)),
    ]
    if found.account == "kite":
        rows.append(("As Kite told", fmt.age(found.as_of, view.now)))
    shown: list[Any] = [render.facts(title(f"Portfolio of {found.account}", found.account, found.provider, view), rows)]
    if found.holdings:
        shown.append(_holdings(found.holdings[:SHARES]))
        more = len(found.holdings) - SHARES
        shown += [f"and {fmt.amount(more)} more, the smaller ones; --json has all"] if more > 0 else []
        shown += _sectors(found)
    else:
        shown.append("nothing is held: robotrader portfolio import FILE, or robotrader portfolio set SBIN 10 812.50")
    return [*shown, *_warnings(found)]


def title(words: str, account: str, provider: str, view: Look) -> str:
    """A title that says SANDBOX where prices or broker are simulated."""
    return render.title([words], "sandbox" if "sandbox" in {account, provider} else provider, view)


def imported(found: ImportView) -> list[Any]:
    """What an import did, or would do."""
    done = "would be " if found.dry_run else ""
    shown = [
        f"{done}{what} {names(symbols)}"
        for what, symbols in (
            ("added", found.added),
            ("changed", found.changed),
            ("removed", found.removed),
            ("left as they are" if not found.dry_run else "left as it is", found.unchanged),
        )
        if symbols
    ]
    whole = len(found.added) + len(found.changed) + len(found.unchanged)
    day = "" if found.as_of is None else f", as of {fmt.day(found.as_of)}"
    head = f"account {found.account}: read {counted(whole, 'symbol')} ({found.kind} file{day})"
    shown += [f"{counted(found.sectors, 'sector')} changed"] if found.sectors else []
    return [head, *shown, *_lines("left out", found.skipped), *_lines("note", found.notes)]


def changed(found: ChangeView) -> str:
    """What is held of a symbol after it was typed in or taken out."""
    held = "nothing held"
    if found.quantity:
        paid = "" if found.average_price_inr is None else f" at {amounts.paid(found.average_price_inr)} a share"
        held = f"{fmt.amount(found.quantity)} held{paid}"
    said = "" if found.changed else " (as before)"
    return f"account {found.account}: {clean.line(found.symbol)}, {held}{said}"


def cash(found: CashView, view: Look) -> list[Any]:
    """The cash of an account with its newest movements."""
    heading = title(
        f"Cash of {found.account}: {amounts.rupees(found.cash_inr, view)}", found.account, found.account, view
    )
    if not found.entries:
        return [render.heading(heading)]
    rows = [
        (fmt.instant(each.at), each.kind, each.symbol or "", (amounts.rupees(each.amount_inr, view, signed=True),
         amounts.style(each.amount_inr)), amounts.rupees(each.balance_inr, view))
        for each in found.entries
    ]  # fmt: skip
    columns: list[render.Column] = [
        ("When", render.WHOLE), "What", "Symbol", ("Amount", render.RIGHT), ("Then", render.RIGHT),
    ]  # fmt: skip
    return [render.table(heading, columns, rows)]


def synced(found: SyncView, view: Look) -> list[Any]:
    """What Kite told."""
    money = amounts.rupees(found.cash_inr, view)
    same = "" if found.changed else ", as before"
    shown = [f"Kite tells of {counted(found.symbols, 'symbol')} and cash of {money}{same}"]
    if found.copied_to is not None:
        shown.append(f"copied into account {found.copied_to}: {names(found.copied) or 'nothing new'}")
        shown += [f"taken out there: {names(found.removed)}"] if found.removed else []
        shown += [f"not copied (intraday or short): {names(found.left_out)}"] if found.left_out else []
    return shown


def history(found: HistoryView, view: Look) -> list[Any]:
    """An account by day, newest first."""
    heading = title(f"{found.account} by day", found.account, found.account, view)
    if not found.days:
        hint = "no day is written down yet: it is at each look after the close, and by the market monitor"
        return [render.heading(heading), hint]
    rows = [
        (
            fmt.day(each.day) + ("" if each.complete else STALE),
            amounts.whole(each.total_inr),
            amounts.change(each.change_inr),
            amounts.whole(each.value_inr),
            amounts.change(each.day_pnl_inr),
            amounts.change(each.realised_inr),
            amounts.whole(each.charges_inr),
            _looked(each),
        )
        for each in found.days
    ]
    columns: list[render.Column] = [
        ("Day", render.WHOLE), *((name, render.RIGHT) for name in (
            "Total", "Change", "Shares", "Day P&L", "Realised", "Charges", "As of")),
    ]  # fmt: skip
    partly = any(not each.complete for each in found.days)
    whole = "realised and charges are of the whole day, the rest is of its last look (IST)"
    return [
        render.table(heading, columns, rows),
        *([whole] if found.account != "kite" else ["all of it is of the day's last look (IST)"]),
        *([f"{STALE} the price of a share was not known"] if partly else []),
    ]


def sector(found: SectorView) -> str:
    """The sector of a symbol and who said so."""
    said = "no sector is known" if found.sector is None else f"{clean.line(found.sector)} (said by: {found.origin})"
    return f"{clean.line(found.symbol)}: {said}"


def names(symbols: Sequence[str]) -> str:
    """Symbols in a row, not more than fit."""
    more = f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else ""
    return ", ".join(clean.line(symbol) for symbol in symbols[:NAMED]) + more


def _holdings(rows: Iterable[HoldingRow]) -> Any:
    shown = [
        (
            row.symbol + ("" if row.product == "CNC" else f" {row.product}"),
            fmt.amount(row.quantity),
            amounts.paid(row.average_price_inr),
            amounts.price(row.last_price_inr) + (STALE if row.stale else ""),
            amounts.whole(row.value_inr),
            amounts.share(row.share_pct),
            amounts.change(row.day_pnl_inr),
            amounts.change(row.unrealised_inr),
        )
        for row in rows
    ]
    columns: list[render.Column] = ["Symbol", *((name, render.RIGHT) for name in (
        "Qty", "Average", "Last", "Value", "Share", "Day", "P&L"))]  # fmt: skip
    return render.table("Shares", columns, shown)


def _sectors(found: PortfolioView) -> list[Any]:
    if not found.sectors or found.concentration is None:
        return []
    rows = [
        (each.sector, amounts.whole(each.value_inr), amounts.share(each.share_pct), names(each.symbols))
        for each in found.sectors
    ]
    columns: list[render.Column] = ["Sector", ("Value", render.RIGHT), ("Share", render.RIGHT), "Symbols"]
    most = found.concentration
    alike = f"{1 / most.herfindahl:.1f}" if most.herfindahl else "no"
    line = (
        f"largest: {clean.line(most.largest_symbol)} {amounts.share(most.largest_pct)}; top five"
        f" {amounts.share(most.top_five_pct)}; Herfindahl {most.herfindahl:.2f} (as {alike} equal shares)"
    )
    return [render.table("Sectors", columns, rows), line]


def _day_word(found: PortfolioView, view: Look) -> str:
    """Which day the profit of the day is of, where it is not today's."""
    if found.day is None or found.day == view.now.astimezone(fmt.IST).date():
        return "Day P&L"
    return f"Day P&L of {found.day.day} {found.day:%b}"


def _looked(row: DayRow) -> str:
    at = row.updated_at.astimezone(fmt.IST)
    return f"{at:%H:%M}" if at.date() == row.day else fmt.day(at.date())


def _ages(found: PortfolioView, view: Look) -> str:
    times = [row.quote_at for row in found.holdings if row.quote_at is not None]
    if not times:
        return amounts.UNKNOWN if found.holdings else fmt.EMPTY
    oldest, newest = fmt.age(min(times), view.now), fmt.age(max(times), view.now)
    source = "simulated, " if found.provider == "sandbox" else "Kite, "
    return source + (newest if oldest == newest else f"{newest} to {oldest}")


def _warnings(found: PortfolioView) -> list[str]:
    lines = []
    if found.stale:
        lines.append(f"{STALE} too old to decide by: {names(found.stale)}")
    if found.missing:
        lines.append(f"no price is known of {names(found.missing)}: sums and parts are without")
    for what, counted_as in (("bought and not settled, so not for sale yet", "unsettled"), ("pledged", "pledged")):
        some = [
            f"{row.symbol} {fmt.amount(getattr(row, counted_as))}" for row in found.holdings if getattr(row, counted_as)
        ]
        lines += [f"{what}: {names(some)}"] if some else []
    return [*lines, *(f"note: {clean.line(note)}" for note in found.notes)]


def _lines(what: str, found: Sequence[LineView]) -> list[str]:
    shown = [f"{what}, line {each.line} ({clean.short(each.text, 30)}): {each.message}" for each in found[:LINES]]
    return [*shown, *([f"and {len(found) - LINES} more lines"] if len(found) > LINES else [])]
