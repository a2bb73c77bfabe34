"""What an event is, and the correlation that ties together what follows from what."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from robotrader.core.clock import iso
from robotrader.core.errors import SystemFailure, ValidationError
from robotrader.core.ids import new_id

MAX_DEPTH = 10
"""The longest chain of events each emitted by a handler of the one before; a longer one is a circle."""

_scope: ContextVar[tuple[str, int]] = ContextVar("robotrader_event_scope", default=("", 0))


class EventType(StrEnum):
    """Everything that is told; the first word is its family."""

    TASK_PLANNED = "task.planned"
    TASK_STARTED = "task.started"
    TASK_COMPLETED = "task.completed"
    TASK_SKIPPED = "task.skipped"
    TASK_FAILED = "task.failed"
    TASK_DEFERRED = "task.deferred"
    TASK_CANCELLED = "task.cancelled"
    TASK_UNKNOWN = "task.unknown"
    DATA_PARSED = "data.parsed"
    DATA_NEWS_HIGH_IMPACT = "data.news_high_impact"
    DATA_EARNINGS_ANNOUNCED = "data.earnings_announced"
    DATA_RESULTS_DATE_KNOWN = "data.results_date_known"
    DATA_FLAGGED = "data.flagged"
    DATA_WATCHLIST_CHANGED = "data.watchlist_changed"
    DATA_PORTFOLIO_CHANGED = "data.portfolio_changed"
    MARKET_MOVE = "market.move"
    MARKET_VOLUME_SPIKE = "market.volume_spike"
    MARKET_SESSION_CHANGED = "market.session_changed"
    RISK_STOP_LOSS_TRIGGER = "risk.stop_loss_trigger"
    RISK_BREACH = "risk.breach"
    RISK_REARMED = "risk.rearmed"
    ORDER_CREATED = "order.created"
    ORDER_PLACED = "order.placed"
    ORDER_FILLED = "order.filled"
    ORDER_REJECTED = "order.rejected"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_IN_DOUBT = "order.in_doubt"
    ORDER_UNPLACED = "order.unplaced"
    ORDER_BLOCKED = "order.blocked"
    SYSTEM_EMERGENCY_STOP = "system.emergency_stop"
    SYSTEM_RESUMED = "system.resumed"
    SYSTEM_BROKER_SESSION = "system.broker_session"
    SYSTEM_STATE_CHANGED = "system.state_changed"
    SYSTEM_KEY_COOLED = "system.key_cooled"
    SYSTEM_KEY_REMOVED = "system.key_removed"
    SYSTEM_BREAKER_OPENED = "system.breaker_opened"
    SYSTEM_BUDGET_SPENT = "system.budget_spent"


def _now() -> str:
    return iso(datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. ``data`` is JSON-like and read-only by contract; without a correlation id it takes that
    of the event being handled, or of the ``correlation`` block around it, or else its own id.

    Raises:
        ValidationError: the source is empty, or the type is not an ``EventType``.
    """

    id: str = field(default_factory=new_id)
    type: EventType
    timestamp: str = field(default_factory=_now)
    source: str
    data: Mapping[str, Any] = field(default_factory=dict)
    correlation_id: str = ""
    version: str = "1.0"

    def __post_init__(self) -> None:
        if not isinstance(self.type, EventType):
            raise ValidationError("an event's type is a member of EventType")
        if not self.source.strip():
            raise ValidationError(f"an event needs a source: {self.type}")
        if not self.correlation_id:
            object.__setattr__(self, "correlation_id", _scope.get()[0] or self.id)


class correlation:  # noqa: N801 - reads as a word in "with correlation(...)"
    """Give events made in this block, and in tasks started in it, this correlation id.

    A class, because one made of a generator takes four times as long and every task passes through one.
    """

    __slots__ = ("_id", "_token")

    def __init__(self, correlation_id: str) -> None:
        self._id = correlation_id

    def __enter__(self) -> None:
        self._token = _scope.set((self._id, _scope.get()[1]))

    def __exit__(self, *_: object) -> None:
        _scope.reset(self._token)


def follow(event: Event) -> Token[tuple[str, int]]:
    """Make events made from here on follow from this one, until ``unfollow``. Raises as ``check_depth``."""
    depth = _scope.get()[1] + 1
    if depth > MAX_DEPTH:
        check_depth(event)
    return _scope.set((event.correlation_id, depth))


unfollow = _scope.reset


def check_depth(event: Event) -> None:
    """See that an event may be told here.

    Raises:
        SystemFailure: it would be the end of a chain of more than ``MAX_DEPTH`` events, each emitted while handling the
        last.
    """
    if _scope.get()[1] >= MAX_DEPTH:
        raise SystemFailure(
            f"{event.type} would be event {MAX_DEPTH + 1} of a chain, each emitted while handling the last"
        )
