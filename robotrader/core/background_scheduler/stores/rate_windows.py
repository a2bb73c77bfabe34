"""Sliding windows of requests that every process of a home shares (``clients.kite_ports.GatesPort``)."""

from __future__ import annotations

from collections.abc import Sequence

from robotrader.core.clock import Clock, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction

SECOND = 1_000_000
LONGEST_QUEUE = 120 * SECOND
"""Nobody has the patience for more: a place further ahead was taken while the clock was wrong."""


class RateWindows:
    """Places in time, handed out in the order they are asked for, one row each."""

    def __init__(self, db: DatabaseStateManager, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def reserve(self, gate: str, windows: Sequence[tuple[int, float]], patience: float) -> float:
        """Take the next place of ``gate``: never more than ``limit`` in any ``seconds``, for each (limit, seconds).

        Returns:
            The seconds to wait before using the place; where they are ``patience`` or more, none was taken.
        """
        now = to_micros(self._clock.now())
        spans = [(limit, int(seconds * SECOND)) for limit, seconds in windows]
        longest = max(span for _, span in spans)

        def unit(tx: Transaction) -> int:
            tx.run(
                "DELETE FROM rate_reservations WHERE gate = ? AND (at <= ? OR at > ?)",
                (gate, now - longest, now + LONGEST_QUEUE),
            )
            # Not before the last one: places are handed out in order, so that every window looks back only.
            last = tx.one("SELECT max(at) FROM rate_reservations WHERE gate = ?", (gate,))
            at = now if last is None or last[0] is None else max(now, last[0])
            for limit, span in spans:
                nth = tx.one(
                    "SELECT at FROM rate_reservations WHERE gate = ? ORDER BY at DESC, n DESC LIMIT 1 OFFSET ?",
                    (gate, limit - 1),
                )
                at = at if nth is None else max(at, nth[0] + span)
            if at - now >= patience * SECOND and at > now:
                return at
            tx.run(
                "INSERT INTO rate_reservations (gate, at, n)"
                " SELECT ?, ?, coalesce(max(n) + 1, 0) FROM rate_reservations WHERE gate = ? AND at = ?",
                (gate, at, gate, at),
            )
            return at

        return (await self._db.write(unit) - now) / SECOND
