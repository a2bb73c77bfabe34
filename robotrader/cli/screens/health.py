"""Tables of the state of the home: status, checks, settings, watchlist, events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, idle, render
from robotrader.cli import format as fmt
from robotrader.cli.datasets import AVAILABLE

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.trading_status import TradingView
    from robotrader.core.services.views import BudgetView, Check, EventView, StatusView, WatchRow

STATE_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}
DELIVERY_STYLES = {"dead": "bold red", "pending": "yellow", "delivered": "green"}
CELL = 200
LONGEST_TYPE, LONGEST_STATE = 24, 8


def status(found: StatusView, view: Look) -> list[Any]:
    """The home at a glance, then what happened last."""
    today = ", ".join(f"{number} {clean.line(name)}" for name, number in found.today.items() if number)
    live = found.trading is not None and found.trading.mode == "live"
    provider = "sandbox (embedded, no keys needed)" if found.provider == "sandbox" else found.provider
    rows: list[tuple[object, object]] = [
        ("Home", found.home),
        ("Research" if live else "Provider", provider),
        ("Scheduler", found.initialization if found.initialization == "ready" else (found.initialization, "bold red")),
        ("Loop", "serve is running" if found.serve_running else "not running (cron or by hand)"),
        ("Watchlist", _counted(found.watchlist, "symbol")),
        ("Tasks", f"{found.waiting} waiting, {found.running} running"),
        ("Today", today or "nothing yet"),
        ("Last tick", fmt.age(found.last_tick, view.now)),
        ("Next due", fmt.due(found.next_due, view.now) if found.next_due else fmt.EMPTY),
        ("Spent today", _spent(found.budget.spent_today_usd, found.budget.daily_usd, found.budget.calls_today,
                               found.budget.daily_calls)),
        ("Spent this month", _month(found.budget)),
    ]  # fmt: skip
    rows += [] if found.trading is None else _trading(found.trading, view)
    rows += [(f"Key {number}", _key(key, view)) for number, key in enumerate(found.keys, 1)]
    if found.unknown_calls:
        words = (
            f"{_counted(found.unknown_calls, 'paid call')} with unknown outcome: robotrader tasks list --status UNKNOWN"
        )
        rows.append(("Attention", (words, "bold yellow")))
    if found.dead_events:
        words = f"{_counted(found.dead_events, 'undelivered event')}: robotrader events list --dead"
        rows.append(("Attention", (words, "bold yellow")))
    # Where orders are real, simulated research must not make them look simulated.
    names = ["robotrader", "LIVE, orders are real", f"research by {found.provider}"] if live else ["robotrader"]
    parts: list[Any] = [render.facts(render.title(names, None if live else found.provider, view), rows)]
    if found.trading is not None and (halt := found.trading.emergency_stop) is not None:
        why = f": {halt.reason}" if halt.reason else ""
        words = f"EMERGENCY STOP since {fmt.instant(halt.since)}{why}; robotrader resume lifts it"
        parts.insert(0, render.words((words, "bold red")))
    if found.recent:
        parts += ["", render.table("Recent tasks", ["Task", "Status", "When", "Why"], _recent(found.recent, view))]
    return parts


def checks(found: Iterable[Check], view: Look) -> list[Any]:
    """What ``doctor`` looked at, and below the table what to do about each finding."""
    kept = tuple(found)
    rows = [(check.name, (check.state, STATE_STYLES.get(check.state, "")), check.finding) for check in kept]
    parts: list[Any] = [render.table("Checks", ["Check", "State", "Finding"], rows)]
    parts += [
        f"{clean.line(check.name)}: {clean.line(check.remedy)}"
        for check in kept
        if check.remedy and check.state != "ok"
    ]
    counts = [(sum(check.state == state for check in kept), state) for state in ("problem", "warning")]
    return [*parts, ", ".join(_counted(number, state) for number, state in counts if number) or "all is well"]


def settings(path: str, rows: Iterable[tuple[str, object, str]]) -> list[Any]:
    """Every key with its value and where it comes from."""
    cells = [(name, "" if found is None else clean.short(found, CELL), (origin, "dim")) for name, found, origin in rows]
    return [render.table(path, ["Key", "Value", "From"], cells)]


def watchlist(rows: Sequence[WatchRow], view: Look) -> list[Any]:
    """The watched symbols and how old each dataset is."""
    if not rows:
        return ["the watchlist is empty: add a symbol with 'robotrader watchlist add SBIN'"]
    datasets = [name for name in AVAILABLE if any(name in row.fetched_at for row in rows)]
    cells = [
        (
            row.symbol,
            fmt.age(row.added_at, view.now),
            *[fmt.age(row.fetched_at.get(name), view.now) for name in datasets],
        )
        for row in rows
    ]
    heading = ["Symbol", "Added", *[name.capitalize() for name in datasets]]
    return [render.table("Watchlist", heading, cells), _counted(len(rows), "symbol")]


def events(found: Sequence[EventView], view: Look) -> list[Any]:
    """Events, newest first; only what is not delivered has a state, so that ids and types stay whole."""
    if not found:
        return ["no events"]
    told = any(event.delivery != "delivered" for event in found)
    rows = [
        (
            event.id,
            clean.short(event.type, LONGEST_TYPE),
            *([(_undelivered(event), DELIVERY_STYLES.get(event.delivery, ""))] if told else []),
            fmt.age(event.timestamp, view.now),
        )
        for event in found
    ]
    columns: list[render.Column] = [("Id", render.WHOLE), ("Type", render.WHOLE)]
    columns += [*([("State", render.WHOLE)] if told else []), "When"]
    rest = "; those without a state are delivered" if any(event.delivery == "delivered" for event in found) else ""
    return [render.table("Events", columns, rows), _counted(len(found), "event") + (rest if told else ", delivered")]


def _undelivered(event: EventView) -> str:
    return "" if event.delivery == "delivered" else clean.short(event.delivery, LONGEST_STATE)


def event(found: EventView, view: Look) -> list[Any]:
    """One event with its data."""
    rows: list[tuple[object, object]] = [
        ("Id", found.id),
        ("Type", found.type),
        ("When", f"{fmt.instant(found.timestamp)} ({fmt.age(found.timestamp, view.now)})"),
        ("Source", found.source),
        ("Correlation", found.correlation_id),
        ("Delivery", (found.delivery, DELIVERY_STYLES.get(found.delivery, ""))),
        ("Attempts", found.attempts),
    ]
    rows += [("Error", found.error)] if found.error else []
    rows += [(f"data {name}", _data(item)) for name, item in found.data.items()]
    return [render.facts("Event", rows)]


def _trading(found: TradingView, view: Look) -> list[tuple[object, object]]:
    """Whether orders are real, how the broker session stands, and which orders are under way."""
    modes = {"sandbox": "SANDBOX, simulated prices", "paper": "PAPER, real prices", "live": ("LIVE", "bold red")}
    ends = "" if found.session_ends_at is None else f" {fmt.due(found.session_ends_at, view.now)}"
    sessions = {
        "none": "none",
        "open": f"open until{ends}",
        "ended": (f"ended{ends}: robotrader login", "yellow"),
    }
    orders = f"{found.open_orders} under way"
    rows: list[tuple[object, object]] = [("Trading", modes.get(found.mode, found.mode))]
    rows += [] if found.session == "none" and found.mode != "live" else [("Broker session", sessions[found.session])]
    doubtful = found.orders_in_doubt
    rows.append(("Orders", (f"{orders}, {doubtful} in doubt", "bold yellow") if doubtful else orders))
    return rows


def _recent(rows: Iterable[Mapping[str, Any]], view: Look) -> Iterable[Sequence[object]]:
    for row in rows:
        state = str(row.get("status"))
        ended = row.get("finished_at") or row.get("created_at")
        name = f"{idle.word(str(row.get('type')))} {row.get('symbol') or ''}"
        yield (
            name,
            (state, render.STYLES.get(state, "")),
            fmt.age(ended, view.now),
            clean.short(row.get("reason") or "", CELL),
        )


def _data(item: object) -> str:
    from robotrader.cli import jsonio

    return item if isinstance(item, str) else jsonio.dumps(item)


def _cell(name: str, item: object, view: Look) -> str:
    from datetime import datetime

    if isinstance(item, datetime):
        return fmt.age(item, view.now)
    if isinstance(item, Decimal):
        return fmt.dollars(item) if name.endswith("usd") else fmt.amount(item)
    return fmt.EMPTY if item is None else clean.short(item, CELL)


def _key(key: Mapping[str, Any], view: Look) -> str:
    words = [
        f"{name.replace('_', ' ')} {_cell(name, item, view)}" for name, item in key.items() if item not in (None, False)
    ]
    return clean.short(", ".join(words), CELL)


def _month(budget: BudgetView) -> str:
    return _spent(budget.spent_month_usd, budget.monthly_usd, budget.calls_month, budget.monthly_calls)


def _spent(usd: Decimal, limit: Decimal | None, calls: int, most: int | None) -> str:
    of_usd = "" if limit is None else f" of {fmt.dollars(limit)}"
    of_calls = "" if most is None else f" of {fmt.amount(most)}"
    return f"{fmt.dollars(usd)}{of_usd}, {fmt.amount(calls)}{of_calls} calls"


def _counted(number: int, noun: str) -> str:
    return f"{fmt.amount(number)} {noun}{'' if number == 1 else 's'}"
