"""Whether quotes and orders can be had: the source, the broker session, the address, the list of instruments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib.util import find_spec

from robotrader.core.background_scheduler.monitors.health_monitor import OK, PROBLEM, WARNING, Finding
from robotrader.core.background_scheduler.stores import instrument_store
from robotrader.core.background_scheduler.stores.broker_session_store import SessionState
from robotrader.core.background_scheduler.stores.instrument_store import Loaded
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import TradingError
from robotrader.settings import Settings

KITE = "kite"
LIVE = "live"
INSTALL = "pip install 'robotrader[ticks]'"
NO_APP = "set KITE_API_KEY and KITE_API_SECRET"
ADDRESS = (
    "not checked here: Kite takes orders from a registered static IP address alone (since 1 April 2026), and tells"
    " with the first order; reading works from anywhere"
)
ADDRESS_REMEDY = "register this machine's address at developers.kite.trade, your profile, IP whitelist"


class TradingHealth:
    """Looks at what quotes and orders need; nothing is asked of anybody.

    Args:
        source: who gives quotes.
        session: what became of the broker session.
    """

    def __init__(
        self,
        config: Settings,
        clock: Clock,
        db: DatabaseStateManager,
        *,
        source: str,
        session: Callable[[], Awaitable[SessionState]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._db = db
        self._source = source
        self._session = session

    async def findings(self) -> tuple[Finding, ...]:
        """How ready orders are, and, where anything comes from Kite or goes there, what it rests on."""
        config, now = self._config, self._clock.now()
        try:
            session = await self._session() if config.kite.api_key else SessionState(None, alive=False)
            loaded = await self._db.read(instrument_store.loaded)
        except TradingError as error:
            return (Finding("trading", PROBLEM, str(error), error.context.remedy),)
        found = [trading_finding(config, self._source, alive=session.alive)]
        if self._source == KITE or config.trading.mode == LIVE:
            found += [market_finding(config, self._source), session_finding(session)]
            found += [Finding("address", OK, ADDRESS, ADDRESS_REMEDY)] if config.trading.mode == LIVE else []
            found += [instruments_finding(loaded, self._source, now)] if self._source else []
            found += [ticks_finding()] if config.market.ticks and self._source == KITE else []
        return tuple(found)


def trading_finding(config: Settings, source: str, *, alive: bool) -> Finding:
    """How ready orders are: always on paper; real ones with an app, real quotes, a session. Pure."""
    if config.trading.mode != LIVE:
        return Finding("trading", OK, "paper: orders are filled here and go nowhere")
    if not (config.kite.api_key and config.kite.api_secret):
        return Finding("trading", PROBLEM, "live, and no app of Kite is set", NO_APP)
    if source != KITE:
        remedy = 'set market.source to "kite"'
        return Finding("trading", PROBLEM, "live, and quotes are not from Kite: exits would not be judged", remedy)
    protection = f"market protection {config.trading.market_protection_pct.normalize():f} %"
    if not alive:
        return Finding("trading", WARNING, f"live, {protection}; no broker session today", "robotrader login")
    return Finding("trading", OK, f"live where --live is given, {protection}")


def market_finding(config: Settings, source: str) -> Finding:
    """Who gives quotes. Pure."""
    if source == KITE and not config.kite.api_key:
        return Finding("market", PROBLEM, "market.source is kite, and no app of Kite is set", NO_APP)
    return Finding("market", OK, f"quotes from {source or 'nobody'} (market.source = {config.market.source})")


def session_finding(found: SessionState) -> Finding:
    """What became of the broker session. Pure."""
    remedy = "robotrader login"
    if found.session is None:
        return Finding("session", WARNING, "there is no broker session", remedy)
    if not found.alive:
        at = "" if found.ended_at is None else f" on {_at(found.ended_at)}"
        return Finding("session", WARNING, f"the broker session has ended{at}: {found.why}", remedy)
    return Finding("session", OK, f"logged in at Kite until {_at(found.session.expires_at)}")


def instruments_finding(loaded: Loaded | None, source: str, now: datetime) -> Finding:
    """How old the list of instruments is. Pure."""
    if loaded is None or loaded.provider != source:
        return Finding("instruments", OK, "no list yet: it is fetched when an order first needs it")
    words = f"{loaded.size} of {loaded.provider}, fetched on {_at(loaded.at)}"
    due = instrument_store.is_due(loaded, source, now)
    return Finding("instruments", OK, f"{words}; a newer list is fetched when it is needed" if due else words)


def ticks_finding() -> Finding:
    """Whether live ticks can be listened to."""
    if find_spec("websockets") is None:
        return Finding("live ticks", WARNING, "market.ticks is on, and websockets is missing", INSTALL)
    return Finding("live ticks", OK, "listened to while serve runs and a session lasts")


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(IST):%Y-%m-%d at %H:%M} IST"
