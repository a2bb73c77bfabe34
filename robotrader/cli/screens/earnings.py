"""Tables of earnings: one quarter with its growth and sources, the history by quarter, the next results dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts
from robotrader.cli.screens.fields import LABELS, LONGEST_TEXT, value

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.services.views import EarningsView, UpcomingRow

ALWAYS = ("ebitda_inr", "eps_inr", "net_margin_pct")
IF_KNOWN = ("surprise_pct", "dividend_per_share_inr", "period_end", "report_date", "next_earnings_date")


def headline(record: object, view: Look) -> str:
    """A record in one line: quarter, revenue, profit, EPS; empty where there is none."""
    if not isinstance(record, Mapping):
        return ""
    words = [fmt.period(record)]
    for name, called in (("revenue_inr", "revenue"), ("net_profit_inr", "profit"), ("eps_inr", "EPS")):
        if record.get(name) is not None:
            words.append(f"{called} {value(name, record[name], view)}")
    return ", ".join(word for word in words if word != fmt.EMPTY)


def quarter(record: Mapping[str, Any], provider: str | None, view: Look) -> Any:
    """One quarter: amounts with their growth, then the rest that is known."""
    period = fmt.period(record)
    words = [record.get("symbol") or "", record.get("company") or "", "" if period == fmt.EMPTY else period]
    heading = render.title([*words, record.get("basis") or ""], provider, view)
    rows: list[tuple[object, ...]] = [
        ("Revenue", *_cells(record, ("revenue_inr", "revenue_yoy_pct", "revenue_qoq_pct"), view)),
        ("Net profit", *_cells(record, ("net_profit_inr", "profit_yoy_pct", "profit_qoq_pct"), view)),
    ]
    names = [*ALWAYS, *(name for name in IF_KNOWN if record.get(name) is not None)]
    rows.extend((LABELS[name], value(name, record.get(name), view), "", "") for name in names)
    return render.facts(heading, rows, ["", ("Value", "right"), ("YoY", "right"), ("QoQ", "right")])


def run_of_one(outcome: TaskOutcome, stored: Sequence[EarningsView], view: Look) -> list[Any]:
    """What ``run-task earnings SYMBOL`` found: the quarter, its sources, how it was come by."""
    task = outcome.task
    shown: list[Any] = [quarter({"symbol": task.symbol, **outcome.record}, task.provider, view)]
    shown += _guidance(outcome.record)
    shown += next((parts.sources(entry.sources) for entry in stored if entry.document_id == task.document_id), [])
    return [*shown, *parts.ended(task, view)]


def latest(symbol: str, views: Sequence[EarningsView], view: Look) -> list[Any]:
    """The latest stored quarter with its age and sources."""
    found = views[0]
    return [
        quarter({"symbol": symbol, **found.record}, found.provider, view),
        *_guidance(found.record),
        *parts.sources(found.sources),
        *parts.origin(found.fetched_at, found.strategy, found.document_id, view),
    ]


def stored(symbol: str, views: Sequence[EarningsView], view: Look) -> list[Any]:
    """The latest quarter with age and sources, and the history below it."""
    return [*latest(symbol, views, view), *(["", _history(views, view)] if len(views) > 1 else [])]


def _guidance(record: Mapping[str, Any]) -> list[str]:
    return [f"Guidance: {clean.short(record['guidance'], LONGEST_TEXT)}"] if record.get("guidance") else []


def _history(views: Iterable[EarningsView], view: Look) -> Any:
    rows = [
        (
            fmt.period(entry.record),
            value("revenue_inr", entry.record.get("revenue_inr"), view),
            value("revenue_yoy_pct", entry.record.get("revenue_yoy_pct"), view),
            value("net_profit_inr", entry.record.get("net_profit_inr"), view),
            value("profit_yoy_pct", entry.record.get("profit_yoy_pct"), view),
            value("eps_inr", entry.record.get("eps_inr"), view),
        )
        for entry in views
    ]
    columns: list[render.Column] = [
        "Quarter",
        *[(name, "right") for name in ("Revenue", "YoY", "Net profit", "YoY", "EPS")],
    ]
    provider = parts.sandbox(entry.provider for entry in views)
    return render.table(render.title(["History"], provider, view), columns, rows)


def upcoming(rows: Sequence[UpcomingRow], view: Look) -> list[Any]:
    """The next results dates of the watchlist, soonest first, and in one line the symbols of which none is known."""
    if not rows:
        return ["the watchlist is empty: add a symbol with 'robotrader watchlist add SBIN'"]
    dated = [row for row in rows if row.date]
    cells = [(row.symbol, *_when(row, view), _told(row, view)) for row in dated]
    heading = render.title(["Next results"], parts.sandbox(row.provider for row in dated), view)
    shown: list[Any] = [render.table(heading, ["Symbol", "Date", "When", "As answered"], cells)] if dated else []
    shown += [f"where a date comes from: robotrader why {dated[0].symbol} next_earnings_date"] if dated else []
    unknown = [row.symbol for row in rows if not row.date]
    return [*shown, *([f"no date is known of: {', '.join(unknown)}"] if unknown else [])]


def _when(row: UpcomingRow, view: Look) -> tuple[str, str]:
    try:
        found = date.fromisoformat(row.date or "")
    except ValueError:
        return clean.short(row.date, 20), fmt.EMPTY
    return fmt.day(found), fmt.EMPTY if row.days is None else fmt.days_away(row.days)


def _told(row: UpcomingRow, view: Look) -> str:
    age = fmt.EMPTY if row.fetched_at is None else fmt.age(row.fetched_at, view.now)
    return f"{row.provider}, {age}" if row.provider else age


def _cells(record: Mapping[str, Any], names: Sequence[str], view: Look) -> list[str]:
    return [value(name, record.get(name), view) if record.get(name) is not None or index == 0 else ""
            for index, name in enumerate(names)]  # fmt: skip
