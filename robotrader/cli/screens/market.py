"""The session and quotes on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.services.risk_views import MarketView, QuoteView

NAMED = 10
SESSIONS = {
    "open": "open",
    "closed": "closed",
    "pre-open": "pre-open session",
    "break": "between two sessions",
    "closing-auction": "closing auction",
    "post-close": "post-close session",
}


def market(found: MarketView, view: Look) -> list[Any]:
    """The session, then a line for each quote."""
    session = f"the market is {SESSIONS.get(found.session, found.session)}"
    if found.closes_at is not None and found.session == "open":
        session += f" until {fmt.due(found.closes_at, view.now)}"
    elif found.opens_at is not None:
        session += f"; it opens {fmt.due(found.opens_at, view.now)}"
    heading = render.title(["Market"], found.provider or None, view)
    shown: list[Any] = [session]
    if found.quotes:
        columns: list[render.Column] = [
            ("Symbol", render.WHOLE), ("Price", render.RIGHT), ("Change", render.RIGHT), ("Volume", render.RIGHT),
            "When",
        ]  # fmt: skip
        shown = [render.table(heading, columns, [_row(each, view) for each in found.quotes]), session]
    else:
        shown = [render.heading(heading), session]
    if found.missing:
        shown.append(f"no quote: {named(found.missing)}")
    if not found.quotes and not found.missing:
        shown.append("nothing is watched or held: robotrader market SBIN, or robotrader watchlist add SBIN")
    return shown


def _row(found: QuoteView, view: Look) -> tuple[object, ...]:
    change = fmt.EMPTY if found.change_pct is None else fmt.percent(found.change_pct)
    age = fmt.age(found.exchange_at or found.fetched_at, view.now)
    volume = fmt.EMPTY if found.volume is None else fmt.amount(found.volume)
    when: object = (f"{age}, stale", "bold yellow") if found.stale else age
    return found.symbol, fmt.rupees(found.last_price, view.rupee), (change, _colour(found.change_pct)), volume, when


def _colour(change: Decimal | None) -> str:
    return "" if not change else "green" if change > 0 else "red"


def headline(record: object, view: Look) -> str:
    """One look in one line: the session, and what was told."""
    del view
    if not isinstance(record, Mapping):
        return ""
    words = [SESSIONS.get(str(record["session"]), str(record["session"])), parts.counted(record["quotes"], "quote")]
    for name, one in (("moves", "move"), ("spikes", "volume spike")):
        words += [parts.counted(len(record[name]), one)] if record[name] else []
    words += [f"{len(record[name])} {name}" for name in ("stale", "missing") if record[name]]
    return ", ".join(words)


def run_of_one(outcome: TaskOutcome, stored: Sequence[Any], view: Look) -> list[Any]:
    """What ``run-task market`` saw."""
    del stored
    record = outcome.record
    shown: list[Any] = [render.heading(render.title(["Market"], outcome.task.provider, view)), headline(record, view)]
    shown += [
        f"{each['symbol']} {fmt.percent(each['change_pct'])} from the previous close,"
        f" at {fmt.rupees(each['last_price'], view.rupee)}"
        for each in record["moves"]
    ]
    shown += [f"{each['symbol']} traded {fmt.ratio(each['times'])} times its usual volume" for each in record["spikes"]]
    for name in ("stale", "missing"):
        if record[name]:
            shown.append(f"{'stale quotes' if name == 'stale' else 'no quote'}: {named(record[name])}")
    return shown


def named(symbols: Sequence[str]) -> str:
    """Some symbols by name, the rest by number."""
    more = f" and {len(symbols) - NAMED} more" if len(symbols) > NAMED else ""
    return clean.line(", ".join(symbols[:NAMED]) + more)
