"""What the coordinators hand to the screen: frozen values, ready to be printed as a table or as JSON.

Named tuples: making a dataclass takes five times as long, and every command that shows something pays for all of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from robotrader.core.services.trading_status import TradingView


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


class NewsView(NamedTuple):
    """One stored story. ``at`` is when it was published (or first seen, where nothing says when it was published).

    ``record`` is the story as it was first told; where that telling states no ``published_at``, ``sentiment`` or
    ``impact``, the first later one that does is heard. ``document_ids`` are those that tell it, the first one first.
    """

    id: str
    symbol: str
    record: Mapping[str, Any]
    provider: str
    at: datetime
    first_seen: datetime
    strategy: str
    document_ids: tuple[str, ...]


class FundamentalsView(NamedTuple):
    """One stored reading of fundamentals; ``doubts`` are about values that contradict bounds or each other."""

    symbol: str
    record: Mapping[str, Any]
    doubts: tuple[Mapping[str, Any], ...]
    provider: str
    document_id: str
    fetched_at: datetime
    strategy: str
    sources: tuple[Mapping[str, Any], ...]


class SearchHit(NamedTuple):
    """One thing found. ``kind`` is news, earnings, fundamentals or answer; ``ref`` the id of the story or document.

    ``snippet`` is plain text; the words that matched stand between U+0002 and U+0003.
    """

    kind: str
    ref: str
    symbol: str
    provider: str
    at: datetime
    title: str
    snippet: str


class UpcomingRow(NamedTuple):
    """A watched symbol with its next results date (ISO); None where no stored answer states one that is to come."""

    symbol: str
    date: str | None
    days: int | None
    fetched_at: datetime | None
    document_id: str | None
    provider: str | None


class SymbolReport(NamedTuple):
    """What is known of one symbol: quarters and readings newest first, the newest stories, the next results."""

    symbol: str
    quarters: tuple[EarningsView, ...]
    fundamentals: tuple[FundamentalsView, ...]
    news: tuple[NewsView, ...]
    upcoming: UpcomingRow | None


class ReportView(NamedTuple):
    """What is known of some symbols at one time."""

    made_at: datetime
    provider: str
    symbols: tuple[SymbolReport, ...]


class WhyView(NamedTuple):
    """The trail of one stored field: from the value back to the archived answer.

    ``of`` says what it is the value of: ``Q2 FY26 consolidated``, ``as of 2026-04-01``, or a story's headline.
    """

    symbol: str
    field: str
    value: Any
    of: str
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
    trading: TradingView | None = None
