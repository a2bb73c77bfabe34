"""From the verdict over an answer of Kite to the error the owner reads: one table for reads, one for orders. Pure."""

from __future__ import annotations

from robotrader.core.background_scheduler.clients.kite_wire import Reply, Verdict, needs_depository
from robotrader.core.background_scheduler.trading import OrderRejectedError
from robotrader.core.errors import (
    ConnectionFailedError,
    LoginRequiredError,
    OutcomeUnknownError,
    RateLimitError,
    RequestRefusedError,
    ResponseError,
    TradingError,
    UpstreamError,
)

LOGIN = "robotrader login"
_PLAN = (
    "quotes, candles and live ticks need the paid Connect plan of the app (developers.kite.trade); the free Personal"
    " plan has portfolio and orders alone"
)
_ORDERS_BARRED = "look at the app's plan and its registered IP addresses at developers.kite.trade"
_DEPOSITORY = "authorise the sale at the depository (CDSL TPIN) in Kite, then order again; DDPI makes that unnecessary"
_DATA = ("/quote", "/instruments/historical")


def worth_another_try(reply: Reply) -> bool:
    """Whether a read may go better the next time."""
    return reply.verdict in {Verdict.LIMITED, Verdict.UNREACHED, Verdict.FAILED}


def session_error(words: str) -> LoginRequiredError:
    """The error of a session that the broker does not take any more."""
    return LoginRequiredError(f"the broker session has ended: {words}", remedy=LOGIN)


def read_error(reply: Reply, path: str, hint: float | None) -> TradingError:
    """The error of a call that only reads."""
    words = reply.words
    remedy: str | None = None
    if reply.verdict is Verdict.SESSION_ENDED:
        return session_error(words)
    if reply.verdict is Verdict.LIMITED:
        remedy = "it is asked again by itself; other programs with the same key count as well"
        return RateLimitError(f"kite wants fewer requests: {words}", remedy=remedy, retry_after_seconds=hint)
    if reply.verdict is Verdict.UNREACHED:
        remedy = "check the network and kite.base_url, then try again"
        return ConnectionFailedError(f"kite could not be reached: {words}", remedy=remedy)
    if reply.verdict is Verdict.FAILED:
        return UpstreamError(f"kite failed: {words}", remedy="the service has a problem; try again later")
    if reply.verdict is Verdict.UNREADABLE:
        return ResponseError(f"kite sent no proper answer: {words}", remedy="try again later")
    if reply.verdict is Verdict.NOT_PERMITTED:
        remedy = _PLAN if path.startswith(_DATA) else _ORDERS_BARRED
    return RequestRefusedError(f"kite refused {path}: {words}", remedy=remedy)


def order_error(reply: Reply) -> TradingError:
    """The error of a call that was to place, change or cancel an order.

    Refused is only what Kite itself refused, in its own form. A page of a proxy, a silence, an error of the server and
    a success without an order id say nothing of what became of the order.
    """
    words = reply.words
    if reply.verdict is Verdict.SESSION_ENDED:
        return session_error(words)
    if reply.verdict is Verdict.LIMITED:
        return RateLimitError(f"kite wants fewer orders; it was not placed: {words}", remedy="wait some seconds")
    if reply.verdict is Verdict.UNREACHED:
        return ConnectionFailedError(
            f"kite could not be reached; nothing was sent: {words}", remedy="check the network"
        )
    if reply.verdict in {Verdict.REFUSED, Verdict.NOT_PERMITTED}:
        remedy = _DEPOSITORY if needs_depository(reply) else None
        if reply.verdict is Verdict.NOT_PERMITTED:
            remedy = _ORDERS_BARRED
        return OrderRejectedError(f"kite refused the order: {words}", remedy=remedy)
    return unknown_order(words)


def unknown_order(words: str) -> OutcomeUnknownError:
    """The error of an order that may have been taken or not."""
    return OutcomeUnknownError(
        f"kite may have taken an order that brought no answer: {words}",
        remedy="it is not sent again; the order book is looked through for it by itself",
    )
