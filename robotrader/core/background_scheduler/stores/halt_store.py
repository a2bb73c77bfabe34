"""The emergency stop: a row that every process looks at, in the transaction that would spend or trade."""

from __future__ import annotations

import json
from datetime import datetime
from typing import NamedTuple

from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import StateKey, Transaction
from robotrader.core.errors import HaltedError, TradingError

STOP = StateKey("emergency_stop", dict)

STOPPED = "the emergency stop is on"
NOT_STOPPED = f"NOT EXISTS (SELECT 1 FROM state WHERE key = '{STOP.name}')"
"""``read`` is None, as a condition of a statement."""


class Halt(NamedTuple):
    """Why and since when everything that spends or trades is stopped."""

    reason: str
    since: datetime


def read(tx: Transaction) -> Halt | None:
    """Part of a transaction: the stop that is in force, or None."""
    row = tx.one("SELECT value, updated_at FROM state WHERE key = ?", (STOP.name,))
    return None if row is None else Halt(str(json.loads(row[0]).get("reason") or ""), from_micros(row[1]))


def put(tx: Transaction, reason: str, now: datetime) -> bool:
    """Part of a transaction: set the stop; False where it is set already, and nothing is changed then."""
    return bool(
        tx.run(
            "INSERT OR IGNORE INTO state (key, value, updated_at) VALUES (?, ?, ?)",
            (STOP.name, json.dumps({"reason": reason}), to_micros(now)),
        )
    )


def lift(tx: Transaction) -> bool:
    """Part of a transaction: lift the stop; False where there is none."""
    return bool(tx.run("DELETE FROM state WHERE key = ?", (STOP.name,)))


def release(tx: Transaction, now: datetime, error: type[TradingError] = HaltedError) -> int:
    """Part of a transaction: tasks that the stop (or another error that the owner mended) held back are due now.

    Returns how many.
    """
    return tx.run(
        "UPDATE tasks SET not_before = ? WHERE finished_at IS NULL AND status = 'DEFERRED' AND not_before > ?"
        " AND json_extract(error, '$.code') = ?",
        (to_micros(now), to_micros(now), error.code),
    )


def check(tx: Transaction) -> None:
    """Part of a transaction that would spend or trade.

    Raises:
        HaltedError: the emergency stop is on.
    """
    halt = read(tx)
    if halt is not None:
        raise halted(halt)


def halted(halt: Halt) -> HaltedError:
    """The error of what a stop keeps from happening."""
    why = f": {halt.reason}" if halt.reason else ""
    return HaltedError(f"{STOPPED}{why}", remedy="robotrader resume lifts it")
