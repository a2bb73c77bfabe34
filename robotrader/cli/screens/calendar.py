"""Tables of the trading calendar."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from robotrader.core.services.calendar_additions import AddedView, StockAddedView
    from robotrader.core.services.calendar_service import CheckView, DayView, ListingView, StockView

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_YEAR = re.compile(r"[0-9]{4}")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STATE_STYLES = {"open": "green", "closed": "dim"}
WORDS = {"all": "all stocks", "fno": "F&O stocks", "other": "other stocks"}


def span(month: str | None, year: str | None, now: datetime) -> tuple[date, date]:
    """The first and the last day of what is asked for; the present month in India where nothing is.

    Raises:
        ValidationError: no such month or year.
    """
    if year is not None:
        if _YEAR.fullmatch(year) is None or year == "0000":
            raise ValidationError(
                f"not a year: {clean.short(year, 40)!r}", remedy="a year is written YYYY, such as 2026"
            )
        return date(int(year), 1, 1), date(int(year), 12, 31)
    match = _MONTH.fullmatch(month or f"{now.astimezone(fmt.IST):%Y-%m}")
    if match is None or match[1] in {"0000", "9999"}:
        raise ValidationError(
            f"not a month: {clean.short(month or '', 40)!r}", remedy="a month is written YYYY-MM, such as 2026-11"
        )
    first = date(int(match[1]), int(match[2]), 1)
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def listing(found: ListingView) -> list[Any]:
    """The days, then what changes among the sessions."""
    whole_year = (found.last - found.first).days > 31
    heading = str(found.first.year) if whole_year else f"{fmt.MONTHS[found.first.month - 1]} {found.first.year}"
    columns: list[render.Column] = [("Date", render.WHOLE), ("F&O", render.WHOLE), ("Other", render.WHOLE), "Why"]
    parts: list[Any] = [render.table(f"NSE {heading} (IST)", columns, [_row(day) for day in found.days])]
    if found.changes:
        rows = [
            (change.effective_from, change.session, WORDS[change.stocks], change.hours or "none",
             "yes" if change.confirmed else ("no", "yellow"))
            for change in found.changes
        ]  # fmt: skip
        names: list[render.Column] = [("From", render.WHOLE), "Session", "For", ("Hours", render.WHOLE), "Confirmed"]
        parts += ["", render.table("Sessions that change", names, rows)]
    return [*parts, *([f"warning: {found.warning}"] if found.warning else [])]


def check(found: CheckView) -> list[Any]:
    """One day in a frame, its sessions, then what is not sure."""
    day = found.day
    rows: list[tuple[object, object]] = [
        ("Day", _long(day.date)),
        ("Trading", ("yes", "green") if day.open else ("no", "dim")),
        ("Why", day.reason + ("" if day.confirmed else " (unconfirmed)")),
        ("Source", day.source),
    ]
    rows += list(_states(found))
    rows += [
        ("Previous trading day", _long(found.previous_trading_day)),
        ("Next trading day", _long(found.next_trading_day)),
    ]
    if day.open:
        rows.append(("Trades settle on", _long(found.settlement_day)))
    rows += list(_stock(found.stock)) if found.stock is not None else []
    parts: list[Any] = [render.facts("NSE calendar", rows)]
    if day.open:
        names = list(dict.fromkeys(each.session for side in ("fno", "other") for each in found.sessions[side]))
        hours = {side: _hours(found, side) for side in ("fno", "other")}
        cells = [(name, hours["fno"].get(name), hours["other"].get(name)) for name in names]
        parts += ["", render.table("Sessions (IST)", ["Session", "F&O stocks", "Other stocks"], cells)]
    parts += [f"unconfirmed: {clean.line(each.what)} ({clean.line(each.source)})" for each in found.unconfirmed]
    parts += [f"not known: {clean.line(words)}" for words in found.not_covered]
    return [*parts, *([f"warning: {found.warning}"] if found.warning else [])]


def added(found: AddedView) -> str:
    """What was written, and what is still to do."""
    state = "closed" if found.open is None else f"open {found.open}"
    words = f"{found.what}: {state}, {found.reason}" if found.reason else _year(found)
    lines = [clean.line(words), f"wrote {found.path}"]
    if not found.covered:
        year = found.what[:4]
        lines.append(f"{year} is not covered yet; when all its holidays are in:")
        lines.append(f"  robotrader calendar add {year} --complete --source TEXT")
    return "\n".join(lines)


def added_stock(found: StockAddedView) -> str:
    """What was written about a stock."""
    state = "an F&O stock" if found.is_fno else "not an F&O stock"
    until = "" if found.last is None else f" until {found.last}"
    return f"{found.symbol}: {state} from {found.first}{until}\nwrote {found.path}"


def _year(found: AddedView) -> str:
    return f"{found.what} is covered: {found.holidays} weekday{'' if found.holidays == 1 else 's'} closed"


def _row(day: DayView) -> Sequence[object]:
    name = f"{day.date} {day.weekday[:3]}"
    why = "" if day.reason == "a regular trading day" else day.reason
    if not day.open and why == day.weekday:
        why = ""
    shown = why if day.confirmed else f"{why} (unconfirmed)"
    if not day.open:
        return ((name, "dim"), ("closed", "dim"), ("closed", "dim"), (shown, "dim"))
    return (name, day.hours["fno"] or "closed", day.hours["other"] or "closed", shown)


def _states(found: CheckView) -> Iterable[tuple[object, object]]:
    if found.state is None:
        return
    fno, other = found.state["fno"], found.state["other"]
    if fno == other:
        yield ("Now", (fno, STATE_STYLES.get(fno, "")))
    else:
        yield ("Now", f"F&O stocks {fno}, other stocks {other}")


def _stock(stock: StockView) -> Iterator[tuple[object, object]]:
    known = {True: "an F&O stock", False: "not an F&O stock", None: "not known whether an F&O stock"}[stock.is_fno]
    yield (stock.symbol, known)
    if stock.opens is not None and stock.closes is not None:
        hours = f"{stock.opens.astimezone(fmt.IST):%H:%M}-{stock.closes.astimezone(fmt.IST):%H:%M}"
        yield ("Trades", hours + (f" ({stock.note})" if stock.note else ""))
    if stock.state is not None:
        yield ("Now", (stock.state, STATE_STYLES.get(stock.state, "")))


def _hours(found: CheckView, side: str) -> dict[str, str]:
    hours: dict[str, list[str]] = {}
    for each in found.sessions[side]:
        hours.setdefault(each.session, []).append(each.hours + ("" if each.confirmed else " (unconfirmed)"))
    return {name: ", ".join(windows) for name, windows in hours.items()}


def _long(day: date | None) -> str:
    if day is None:
        return "not known"
    return f"{DAYS[day.weekday()]} {day.day} {fmt.MONTHS[day.month - 1]} {day.year}"
