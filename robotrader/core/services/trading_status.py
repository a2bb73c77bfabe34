"""How trading stands, for ``status``. Light: every look at the state of the home pays for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import halt_store, watch_rows
from robotrader.core.background_scheduler.stores.halt_store import Halt
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager

MODES = {"sandbox": "sandbox", "paper": "paper", "kite": "live"}
"""How the orders of an account are called: over simulated quotes, over real quotes, and real."""


class TradingView(NamedTuple):
    """How trading stands.

    Attributes:
        mode: sandbox, paper or live.
        emergency_stop: since when and why everything that spends or trades is stopped; None where nothing is.
        session: of the broker: none, open or ended.
        open_orders: under way and not in doubt; ``orders_in_doubt`` may or may not be at the broker.
    """

    mode: str
    account: str
    emergency_stop: Halt | None
    session: str
    session_ends_at: datetime | None
    open_orders: int
    orders_in_doubt: int


class TradingStatus:
    """Looks at mode, stop, session and open orders.

    Args:
        session_ends: when the broker session ends; None where there is none.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        session_ends: Callable[[], Awaitable[datetime | None]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._session_ends = session_ends

    async def view(self) -> TradingView:
        """How trading stands now."""
        ends = await self._session_ends()
        session = "none" if ends is None else "open" if ends > self._clock.now() else "ended"
        halt, (under_way, doubtful) = await self._db.read(
            lambda tx: (halt_store.read(tx), watch_rows.under_way(tx, self._account))
        )
        mode = MODES.get(self._account, self._account)
        return TradingView(mode, self._account, halt, session, ends, under_way - doubtful, doubtful)
