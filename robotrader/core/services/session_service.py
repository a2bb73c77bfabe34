"""Logging in to the broker and out again, and what there is to say of the session."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSession, BrokerSessionStore, dies_at
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError, TradingError, ValidationError
from robotrader.settings import KiteSettings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient

_TOKEN = re.compile(r"[A-Za-z0-9_-]+\Z")
SHORTEST_TOKEN, LONGEST_TOKEN = 6, 200
NO_APP = "set KITE_API_KEY and KITE_API_SECRET (an app is made at developers.kite.trade)"


class SessionView(NamedTuple):
    """The session as it is shown; no token and no key is in it.

    Attributes:
        state: ``open``, ``ended`` or ``none``.
        until: when an open session ends.
        ended_at, why: of one that has ended.
    """

    state: str
    configured: bool
    user_id: str | None = None
    logged_in_at: datetime | None = None
    until: datetime | None = None
    ended_at: datetime | None = None
    why: str | None = None


class LogoutView(NamedTuple):
    """What a logout did: whether a session was kept here, and whether Kite was told and said that it is over."""

    was_there: bool
    ended_at_kite: bool
    problem: str | None = None


class SessionService:
    """The broker session of a home.

    Args:
        client: makes the client of the real Kite, whoever gives quotes.
    """

    def __init__(
        self,
        config: KiteSettings,
        clock: Clock,
        store: BrokerSessionStore,
        *,
        client: Callable[[], Awaitable[KiteClient]],
    ) -> None:
        self._config, self._clock, self._store = config, clock, store
        self._client = client

    def address(self, state: str | None = None) -> str:
        """The page on which the owner logs in.

        Raises:
            ConfigurationError: no app is set.
        """
        from robotrader.core.background_scheduler.clients.kite_session import login_address

        self._check_app()
        return login_address(self._config.api_key, state)

    async def login(self, given: str, state: str | None = None) -> SessionView:
        """Exchange a request token, or the whole address of the redirect, for a session, and keep it.

        Raises:
            ConfigurationError: no app is set.
            ValidationError: it is neither a token nor an address with one, or another login's redirect.
            AuthenticationError: Kite refused it.
            APIError: Kite did not answer.
        """
        from robotrader.core.background_scheduler.clients.kite_session import exchange_token

        self._check_app()
        token = request_token(given, state)
        client = await self._client()
        try:
            found = await exchange_token(client, self._config.api_key, self._config.api_secret, token)
        finally:
            await client.aclose()
        at = self._clock.now()
        session = BrokerSession(found.user_id, self._config.api_key, found.access_token, at, dies_at(at))
        await self._store.write(session)
        return await self.status()

    async def logout(self) -> LogoutView:
        """End the session at Kite and forget it here; it is forgotten also where Kite cannot be asked."""
        from robotrader.core.background_scheduler.clients.kite_session import end_session

        found = await self._store.state()
        ended, problem = False, None
        if found.session is not None and found.alive:
            try:
                client = await self._client()
                try:
                    ended = await end_session(client, self._config.api_key, found.session.access_token)
                finally:
                    await client.aclose()
            except TradingError as error:
                problem = error.context.message
        was_there = await self._store.forget()
        return LogoutView(was_there, ended, problem)

    async def status(self) -> SessionView:
        """What there is to say of the session; one that has ended is a state, no error."""
        found, configured = await self._store.state(), bool(self._config.api_key and self._config.api_secret)
        session = found.session
        if session is None:
            return SessionView("none", configured, ended_at=found.ended_at, why=found.why)
        begun = (session.user_id, session.logged_in_at)
        if found.alive:
            return SessionView("open", configured, *begun, until=session.expires_at)
        return SessionView("ended", configured, *begun, ended_at=found.ended_at, why=found.why)

    def _check_app(self) -> None:
        if not (self._config.api_key and self._config.api_secret):
            raise ConfigurationError("no app of Kite is set", remedy=NO_APP)


def new_state() -> str:
    """A word that only the redirect of one login can know."""
    return secrets.token_urlsafe(24)


def request_token(given: str, state: str | None = None) -> str:
    """The request token in what the owner gave: itself, or the address that Kite sent the browser to.

    The text is never in the error: it may be a live token.

    Raises:
        ValidationError: there is none, the login did not succeed, or the state is another one.
    """
    text = given.strip().strip("\"'")
    remedy = "paste the whole address that Kite sent the browser to, or its request_token"
    if "request_token=" not in text:
        if "/" in text or "=" in text:
            raise ValidationError("the address has no request_token in it", remedy=remedy)
        return _checked(text, remedy)
    query = parse_qs((text.partition("?")[2] or text).partition("#")[0])
    if query.get("status", ["success"]) != ["success"]:
        raise ValidationError("Kite says that the login did not succeed", remedy="robotrader login")
    if state is not None and not hmac.compare_digest(query.get("state", [""])[0].encode(), state.encode()):
        raise ValidationError("the redirect belongs to another login and was not used", remedy="robotrader login")
    found = query.get("request_token", [])
    return _checked(found[0] if len(found) == 1 else "", remedy)


def _checked(token: str, remedy: str) -> str:
    if not (SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN and _TOKEN.match(token)):
        raise ValidationError("that is no request token", remedy=remedy)
    return token
