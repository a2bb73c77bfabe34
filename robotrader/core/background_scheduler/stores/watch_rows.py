"""Work that has no symbol, as parts of transactions: whether there is anything to watch, and whether a slot has run."""

from __future__ import annotations

from datetime import datetime

from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.background_scheduler.stores.task_rows import OPEN
from robotrader.core.clock import LEEWAY, to_micros
from robotrader.core.database_state import Transaction

_HELD = (
    "EXISTS (SELECT 1 FROM lots WHERE account = :account AND remaining > 0)"
    " OR EXISTS (SELECT 1 FROM broker_positions WHERE account = :account)"
)
_ORDERED = "EXISTS (SELECT 1 FROM orders WHERE account = :account AND finished_at IS NULL)"
_WANTED = {
    TaskType.MARKET_MONITORING: f"SELECT {_HELD} OR EXISTS (SELECT 1 FROM watchlist)",
    # Intraday positions have to be squared off, rules judged, and orders followed to their end.
    TaskType.RISK_MONITORING: (
        f"SELECT {_ORDERED} OR EXISTS (SELECT 1 FROM lots WHERE account = :account AND remaining > 0"
        f" AND product = 'MIS') OR (({_HELD}) AND EXISTS (SELECT 1 FROM risk_rules WHERE account = :account"
        " AND enabled = 1))"
    ),
    TaskType.HEALTH_CHECK: "SELECT 1",
}


def wanted(tx: Transaction, kind: TaskType, account: str) -> bool:
    """Whether there is anything to watch for a type of task."""
    row = tx.one(_WANTED[kind], {"account": account})
    return row is not None and bool(row[0])


def missed(tx: Transaction, kind: TaskType, provider: str, slot: datetime, now: datetime) -> bool:
    """Whether a slot has not run and nobody is at work on the same."""
    given = {
        "type": kind.value,
        "provider": provider,
        "slot": to_micros(slot),
        "ahead": to_micros(now + LEEWAY),
    }
    sql = (
        "SELECT 1 FROM tasks t WHERE t.type = :type AND t.symbol = '' AND t.provider = :provider"
        f" AND (t.slot BETWEEN :slot AND :ahead OR ({OPEN}))"
    )
    return tx.one(sql, given) is None
