"""Work that has no symbol, as parts of transactions: whether there is anything to watch, and whether a slot has run."""

from __future__ import annotations

from datetime import date, datetime

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
    # Intraday positions have to be squared off, rules judged, and orders followed to their end. What is held at Kite is
    # not known before it was asked: shares may have been bought elsewhere since.
    TaskType.RISK_MONITORING: (
        f"SELECT {_ORDERED} OR EXISTS (SELECT 1 FROM lots WHERE account = :account AND remaining > 0"
        f" AND product = 'MIS') OR ((:account = 'kite' OR {_HELD}) AND EXISTS (SELECT 1 FROM risk_rules"
        " WHERE account = :account AND enabled = 1))"
    ),
    TaskType.HEALTH_CHECK: "SELECT 1",
}


def wanted(tx: Transaction, kind: TaskType, account: str) -> bool:
    """Whether there is anything to watch for a type of task."""
    row = tx.one(_WANTED[kind], {"account": account})
    return row is not None and bool(row[0])


def ordered(tx: Transaction, account: str, day: date) -> bool:
    """Whether an account has orders that may be unsettled, under way or made on this day, or exits asked for."""
    sql = (
        f"SELECT {_ORDERED} OR EXISTS (SELECT 1 FROM orders WHERE account = :account AND day = :day)"
        " OR EXISTS (SELECT 1 FROM risk_breaches WHERE account = :account AND outcome = 'pending')"
    )
    row = tx.one(sql, {"account": account, "day": day.isoformat()})
    return row is not None and bool(row[0])


def under_way(tx: Transaction, account: str) -> tuple[int, int]:
    """How many orders have not come to their end, and of how many of them nobody knows whether they were placed."""
    row = tx.one(
        "SELECT count(*), ifnull(sum(status IN ('SENDING', 'DOUBT')), 0) FROM orders WHERE account = ?"
        " AND finished_at IS NULL",
        (account,),
    )
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


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


def at_work(tx: Transaction, kind: TaskType, provider: str) -> bool:
    """Whether a task waits or runs; no other of its type is planned before it has ended."""
    sql = f"SELECT 1 FROM tasks t WHERE t.type = ? AND t.symbol = '' AND t.provider = ? AND {OPEN} LIMIT 1"
    return tx.one(sql, (kind.value, provider)) is not None
