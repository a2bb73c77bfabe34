"""The owner's session at the broker: a private file with the token, and a state row with what became of it.

The token dies at 06:00 India time, whenever it was made (https://kite.trade/docs/connect/v3/user/#login-flow). A
session that has ended is a state that is told, no error, until somebody needs the token.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import halt_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.files import read_text, write_atomic
from robotrader.core.clock import IST, Clock, from_micros, iso, to_micros
from robotrader.core.database_state import DatabaseStateManager, StateKey, Transaction
from robotrader.core.errors import LoginRequiredError
from robotrader.core.event_bus import Event, EventType

NAME = "kite-session.json"
STATE = StateKey("broker_session", dict)
DIES_AT = time(6, 0)
SOURCE = "kite"
LOGIN = "robotrader login"
DAILY = "a session ends at 06:00 IST each day"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokerSession:
    """A session as it was begun. ``expires_at`` is the 06:00 IST after it."""

    user_id: str
    api_key: str = field(repr=False)
    access_token: str = field(repr=False)
    logged_in_at: datetime
    expires_at: datetime


class SessionState(NamedTuple):
    """What became of the session.

    Attributes:
        session: the last that was begun here; None where there is none.
        alive: whether its token is taken to work.
        ended_at, why: since when and for what reason it does not.
    """

    session: BrokerSession | None
    alive: bool
    ended_at: datetime | None = None
    why: str | None = None


def dies_at(logged_in_at: datetime) -> datetime:
    """The next 06:00 IST after a login, in UTC."""
    local = logged_in_at.astimezone(IST)
    first = datetime.combine(local.date(), DIES_AT, IST)
    return (first if local < first else first + timedelta(days=1)).astimezone(UTC)


class BrokerSessionStore:
    """The session of a home (``clients.kite_ports.SessionPort``).

    Args:
        path: the private file.
        api_key: of the app in the settings; a session of another app is none.
    """

    def __init__(self, db: DatabaseStateManager, clock: Clock, events: EventStore, *, path: Path, api_key: str) -> None:
        self._db, self._clock, self._events = db, clock, events
        self._path, self._api_key = path, api_key

    async def read(self) -> BrokerSession | None:
        """The last session that was begun for this app, whether it has ended or not.

        Raises:
            ResourceError: the file is there and cannot be read.
        """
        text = await read_text(self._path)
        found = None if text is None else _session(text)
        if text is not None and found is None:
            log.warning("%s holds no session and is passed over", self._path.name)
        return found if found is not None and found.api_key == self._api_key else None

    async def state(self) -> SessionState:
        """The session and what became of it. Raises as ``read``."""
        session = await self.read()
        row = await self._db.read(_told)
        if session is None:
            return SessionState(
                None, alive=False, ended_at=row.at if row and row.ended else None, why=row.why if row else None
            )
        if row is not None and row.ended and row.fingerprint == _fingerprint(session.access_token):
            return SessionState(session, alive=False, ended_at=row.at, why=row.why)
        if session.expires_at <= self._clock.now():
            return SessionState(session, alive=False, ended_at=session.expires_at, why=DAILY)
        return SessionState(session, alive=True)

    async def token(self) -> str:
        """The access token.

        Raises:
            LoginRequiredError: there is no session, or it has ended.
            ResourceError: as ``read``.
        """
        state = await self.state()
        if state.session is None:
            raise LoginRequiredError("there is no broker session", remedy=LOGIN)
        if not state.alive:
            raise LoginRequiredError(f"the broker session has ended: {state.why}", remedy=LOGIN)
        return state.session.access_token

    async def write(self, session: BrokerSession) -> None:
        """Keep a session that has begun, and tell of it; tasks that waited for it are due at once.

        Raises:
            ResourceError: the file cannot be written.
        """
        kept = {
            "user_id": session.user_id,
            "api_key": session.api_key,
            "access_token": session.access_token,
            "logged_in_at": iso(session.logged_in_at),
            "expires_at": iso(session.expires_at),
        }
        await write_atomic(self._path, json.dumps(kept, indent=2) + "\n")
        await self._tell(session.access_token, session.logged_in_at, None, until=session.expires_at)

    async def forget(self) -> bool:
        """Remove the file; returns whether there was one."""
        session = await self.read()
        existed = self._path.exists()
        self._path.unlink(missing_ok=True)
        if session is not None:
            await self._tell(session.access_token, self._clock.now(), "logged out")
        return existed

    async def died(self, token: str, why: str) -> None:
        """The broker no longer takes this token: told once, and remembered until the next login."""
        session = await self.read()
        if session is None or session.access_token != token:
            return  # another process has logged in again meanwhile
        await self._tell(token, self._clock.now(), why)

    async def _tell(self, token: str, at: datetime, why: str | None, *, until: datetime | None = None) -> None:
        name, micros = _fingerprint(token), to_micros(at)
        value = json.dumps({"fingerprint": name, "ended": why is not None, "why": why})
        data = {"state": "begun" if why is None else "ended", "until": iso(until) if until else None, "why": why}

        def unit(tx: Transaction) -> None:
            known = _told(tx)
            if known is not None and known.fingerprint == name and known.ended and why is not None:
                return
            sql = "INSERT OR REPLACE INTO state (key, value, updated_at) VALUES (?, ?, ?)"
            tx.run(sql, (STATE.name, value, micros))
            if why is None:
                # Or stops would stay unjudged for as long as their task was held back, though the owner has logged in.
                halt_store.release(tx, self._clock.now(), LoginRequiredError)
            self._events.insert(tx, [Event(type=EventType.SYSTEM_BROKER_SESSION, source=SOURCE, data=data)])

        await self._db.write(unit)


class _Row(NamedTuple):
    fingerprint: str
    ended: bool
    why: str | None
    at: datetime


def _told(tx: Transaction) -> _Row | None:
    row = tx.one("SELECT value, updated_at FROM state WHERE key = ?", (STATE.name,))
    if row is None:
        return None
    value = json.loads(row[0])
    why = value.get("why")
    return _Row(str(value.get("fingerprint")), bool(value.get("ended")), why and str(why), from_micros(row[1]))


def _fingerprint(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def _session(text: str) -> BrokerSession | None:
    try:
        value = json.loads(text)
        texts = [value[name] for name in ("user_id", "api_key", "access_token")]
        times = [datetime.fromisoformat(value[name]) for name in ("logged_in_at", "expires_at")]
    except (ValueError, TypeError, KeyError):
        return None
    if not all(isinstance(each, str) and each for each in texts) or any(each.tzinfo is None for each in times):
        return None
    return BrokerSession(texts[0], texts[1], texts[2], times[0], times[1])
