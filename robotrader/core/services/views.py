"""What the coordinators hand to the screen: frozen values, ready to be printed as a table or as JSON.

Named tuples: making a dataclass takes five times as long, and every command that shows something pays for all of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple


class PlannedRun(NamedTuple):
    """One slot that a tick would run now. ``cost_usd`` is an estimate (0 in the sandbox)."""

    type: str
    symbol: str | None
    slot: datetime
    reason: str
    cost_usd: Decimal


class PlanView(NamedTuple):
    """What a tick would do: the runs, their estimated cost, the budget left, and when something is next due."""

    provider: str
    runs: tuple[PlannedRun, ...]
    cost_usd: Decimal
    budget_left_usd: Decimal | None
    budget_left_calls: int | None
    next_due: datetime | None
    next_type: str | None = None


class EarningsView(NamedTuple):
    """One stored earnings record with where it came from."""

    record: Mapping[str, Any]
    provider: str
    document_id: str
    fetched_at: datetime
    strategy: str
    sources: tuple[Mapping[str, Any], ...]


class WhyView(NamedTuple):
    """The trail of one stored field: from the value back to the archived answer."""

    symbol: str
    field: str
    value: Any
    provider: str
    layer: str
    words: str
    offset: int
    document_id: str
    document_path: str
    fetched_at: datetime
    sources: tuple[Mapping[str, Any], ...]


class ReparseView(NamedTuple):
    """What re-reading the archived documents changed; costs nothing."""

    documents: int
    changed: int
    unreadable: int
    changes: tuple[Mapping[str, Any], ...]


class WatchRow(NamedTuple):
    """A symbol of the watchlist and how old what is known of it is."""

    symbol: str
    added_at: datetime
    fetched_at: Mapping[str, datetime | None]


class EventView(NamedTuple):
    """One event of the log. ``delivery`` is pending, delivered or dead."""

    id: str
    type: str
    timestamp: datetime
    source: str
    data: Mapping[str, Any]
    correlation_id: str
    delivery: str
    attempts: int
    error: str | None


class Check(NamedTuple):
    """One line of ``doctor``: what was looked at, how it stands (ok, warning, problem), and what to do."""

    name: str
    state: str
    finding: str
    remedy: str | None = None


class BudgetView(NamedTuple):
    """What was spent and what is left; a limit of None means none is set."""

    spent_today_usd: Decimal
    spent_month_usd: Decimal
    calls_today: int
    calls_month: int
    daily_usd: Decimal | None
    monthly_usd: Decimal | None
    daily_calls: int | None
    monthly_calls: int | None


class StatusView(NamedTuple):
    """The state of the home at a glance."""

    provider: str
    home: str
    initialization: str
    watchlist: int
    waiting: int
    running: int
    today: Mapping[str, int]
    unknown_calls: int
    dead_events: int
    budget: BudgetView
    keys: tuple[Mapping[str, Any], ...]
    last_tick: datetime | None
    next_due: datetime | None
    serve_running: bool
    recent: tuple[Mapping[str, Any], ...]
