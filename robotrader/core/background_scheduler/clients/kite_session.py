"""How a session at Kite begins and ends (https://kite.trade/docs/connect/v3/user/)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.kite_client import Call, KiteClient
from robotrader.core.background_scheduler.clients.kite_errors import read_error
from robotrader.core.background_scheduler.clients.kite_wire import Reply, Verdict
from robotrader.core.errors import AuthenticationError

LOGIN_PAGE = "https://kite.zerodha.com/connect/login"
PATH = "/session/token"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What Kite answers to a login; ``at`` is when, in UTC."""

    user_id: str
    access_token: str = field(repr=False)
    at: datetime


def login_address(api_key: str, state: str | None = None) -> str:
    """The page on which the owner logs in; ``state`` comes back with the redirect."""
    query = [("v", "3"), ("api_key", api_key)]
    if state is not None:
        query.append(("redirect_params", urlencode([("state", state)])))
    return f"{LOGIN_PAGE}?{urlencode(query)}"


def checksum(api_key: str, request_token: str, api_secret: str) -> str:
    """SHA-256 of the three, one after the other, in hex."""
    return hashlib.sha256(f"{api_key}{request_token}{api_secret}".encode()).hexdigest()


async def exchange_token(k: KiteClient, api_key: str, api_secret: str, request_token: str) -> LoggedIn:
    """Exchange the redirect's token for a session. It works once, some minutes long, and is not tried again.

    Raises:
        AuthenticationError: Kite refused the token, or the key and the secret do not belong together.
        RateLimitError, ConnectionFailedError, UpstreamError, ResponseError: it failed.
    """
    form = [
        ("api_key", api_key),
        ("request_token", request_token),
        ("checksum", checksum(api_key, request_token, api_secret)),
    ]
    reply = await k.unsigned(Call("POST", PATH, form=form))
    if reply.verdict is not Verdict.DONE:
        raise _refused(reply)
    row = wire.table(reply.data, "session")
    at = wire.instant(row.get("login_time")) or k.clock.now()
    return LoggedIn(wire.needed(row, "user_id"), wire.needed(row, "access_token"), at)


async def end_session(k: KiteClient, api_key: str, access_token: str) -> bool:
    """End the session at Kite; False where Kite says that it is over already.

    Raises:
        RateLimitError, ConnectionFailedError, UpstreamError, ResponseError: it failed.
    """
    reply = await k.unsigned(Call("DELETE", PATH, [("api_key", api_key), ("access_token", access_token)]))
    if reply.verdict is Verdict.SESSION_ENDED:
        return False
    if reply.verdict is not Verdict.DONE:
        raise read_error(reply, PATH, None)
    return True


def _refused(reply: Reply) -> Exception:
    if reply.verdict in {Verdict.SESSION_ENDED, Verdict.REFUSED, Verdict.NOT_PERMITTED}:
        return AuthenticationError(
            f"kite refused the login: {reply.words}",
            remedy="log in again (a token of the redirect works once, for some minutes); check KITE_API_SECRET",
        )
    return read_error(reply, PATH, None)
