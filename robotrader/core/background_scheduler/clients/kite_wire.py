"""The wire of Kite Connect v3: the envelope of its answers, its errors, its numbers and its three forms of time. Pure.

Errors are told apart by ``error_type``, never by the HTTP status alone: 403 is a dead session or a call that the plan
does not have (https://kite.trade/docs/connect/v3/exceptions/). A field that is missing is None; one of another type
than documented is an error, so that nothing is ever made up of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

from robotrader.core.background_scheduler.clients.exchange import SUCCESS, End, Exchange
from robotrader.core.background_scheduler.clients.payload import clean, decode_object
from robotrader.core.clock import IST
from robotrader.core.errors import ResponseError

LONGEST_MESSAGE = 300
FIRST_YEAR = 1990
"""Kite writes year 1 for "never"; the NSE opened in 1994."""

DECIMALS, FINEST, MOST_EXACT = 8, Decimal("1e-8"), Decimal("1e15")
_TOO_MANY, _DEPOSITORY = 429, 428
_SERVER_ERROR = 500


class Verdict(StrEnum):
    """What an answer says."""

    DONE = "done"
    SESSION_ENDED = "the session has ended"
    NOT_PERMITTED = "not permitted"
    REFUSED = "refused"
    LIMITED = "too many requests"
    UNREACHED = "never reached"
    FAILED = "failed"
    UNREADABLE = "no proper answer"


REFUSALS: Mapping[str, Verdict] = {
    "TokenException": Verdict.SESSION_ENDED,
    "PermissionException": Verdict.NOT_PERMITTED,
    "PermissionError": Verdict.NOT_PERMITTED,
    "UserException": Verdict.REFUSED,
    "TwoFAException": Verdict.REFUSED,
    "InputException": Verdict.REFUSED,
    "MarginException": Verdict.REFUSED,
    "HoldingException": Verdict.REFUSED,
}
"""What these say holds whatever the HTTP status is; the other types are as good as their status."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The verdict over one exchange.

    Attributes:
        data: of a success.
        words: what it rests on; Kite's own words where there are any.
        error_type: as Kite wrote it, empty where it did not.
    """

    verdict: Verdict
    data: Any = None
    words: str = ""
    error_type: str = ""
    status: int | None = None


def judge(result: Exchange) -> Reply:
    """What an exchange came to."""
    status = result.status
    if result.end is End.NEVER_REACHED:
        return Reply(Verdict.UNREACHED, words=result.note)
    if status is None:
        return Reply(Verdict.FAILED, words=result.note or "no answer")
    payload = decode_object(bytes(result.body)) if result.end is End.WHOLE else None
    if payload is not None and (payload.get("status") == "error" or "error_type" in payload):
        return _error(status, payload)
    if status in SUCCESS and payload is not None and payload.get("status") == "success" and "data" in payload:
        return Reply(Verdict.DONE, payload["data"], status=status)
    return Reply(_without_words(status, result.end), words=_unreadable(result), status=status)


def _without_words(status: int, end: End) -> Verdict:
    """Of an answer that is not in Kite's form: a page of a proxy, or a body that was cut."""
    if status == _TOO_MANY:
        return Verdict.LIMITED
    cut = status in SUCCESS and end in {End.CUT, End.SILENT}
    return Verdict.FAILED if cut or status >= _SERVER_ERROR else Verdict.UNREADABLE


def _error(status: int, payload: Mapping[str, Any]) -> Reply:
    kind, said = payload.get("error_type"), payload.get("message")
    kind = kind if isinstance(kind, str) else ""
    words = clean(said, LONGEST_MESSAGE) if isinstance(said, str) else ""
    verdict = REFUSALS.get(kind)
    if status == _TOO_MANY:
        verdict = Verdict.LIMITED
    elif verdict is None:
        verdict = Verdict.FAILED if status >= _SERVER_ERROR or status in SUCCESS else Verdict.REFUSED
    named = f" ({kind}, HTTP {status})" if kind else f" (HTTP {status})"
    return Reply(verdict, None, f"{words or 'no words'}{named}", kind, status)


def _unreadable(result: Exchange) -> str:
    if result.end is not End.WHOLE:
        return f"HTTP {result.status}, {result.end}: {result.note}"
    return f"HTTP {result.status} with a body that is not in Kite's form"


def needs_depository(reply: Reply) -> bool:
    """Whether a sale was refused because the owner has not authorised it at the depository (HTTP 428)."""
    return reply.status == _DEPOSITORY


# -- rows


def rows(value: object, what: str) -> list[dict[str, Any]]:
    """A list of objects.

    Raises:
        ResponseError: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise malformed(what, "a list of objects is needed")
    return value


def table(value: object, what: str) -> dict[str, Any]:
    """An object.

    Raises:
        ResponseError: it is something else.
    """
    if not isinstance(value, dict):
        raise malformed(what, "an object is needed")
    return value


def number(row: Mapping[str, Any], name: str) -> Decimal | None:
    """A number, whether it came with a point or without; None where it is missing or null.

    Kite reckons in doubles and prints all of their digits (``99725.05000000002``): the ninth decimal is noise.

    Raises:
        ResponseError: it is no number.
    """
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise malformed(name, f"a number is needed, not {type(value).__name__}")
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS and abs(exact) < MOST_EXACT:
        return exact.quantize(FINEST).normalize() + 0
    return exact


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """A number that has to be there. Raises ``ResponseError`` otherwise."""
    found = number(row, name)
    if found is None:
        raise malformed(name, "it is missing")
    return found


def above_zero(row: Mapping[str, Any], name: str) -> Decimal | None:
    """A price: None where Kite writes 0 for "there is none"."""
    found = number(row, name)
    return found if found is not None and found > 0 else None


def whole(row: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A whole number, such as 5 or 5.0.

    Raises:
        ResponseError: it is none, or is missing and has no default.
    """
    found = number(row, name)
    if found is None:
        if default is None:
            raise malformed(name, "it is missing")
        return default
    if found != found.to_integral_value():
        raise malformed(name, "a whole number is needed")
    return int(found)


def text(row: Mapping[str, Any], name: str) -> str | None:
    """A text; None where it is missing, null or empty.

    Raises:
        ResponseError: it is something else.
    """
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise malformed(name, f"a text is needed, not {type(value).__name__}")
    return clean(value, LONGEST_MESSAGE) or None


def needed(row: Mapping[str, Any], name: str) -> str:
    """A text that has to be there. Raises ``ResponseError`` otherwise."""
    found = text(row, name)
    if found is None:
        raise malformed(name, "it is missing")
    return found


def identifier(row: Mapping[str, Any], name: str) -> str | None:
    """An id: a text, or a whole number with all of its digits (order ids have up to 19)."""
    value = row.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(row, name)


def malformed(what: str, why: str) -> ResponseError:
    """The error of an answer that is not as documented."""
    return ResponseError(f"kite sent no proper answer: {what}: {why}", remedy="try again later")


# -- times


def instant(value: object) -> datetime | None:
    """An instant, in UTC, of a time as REST writes it: naive is India time, ``+0530`` and ``+05:30`` are what they say.

    None where there is none: null, empty, a time of day without its date, year 1.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if found.year < FIRST_YEAR:
        return None
    return (found if found.tzinfo is not None else found.replace(tzinfo=IST)).astimezone(UTC)


def instant_on(value: object, day: date) -> datetime | None:
    """The same for a time of day alone (``trades.order_timestamp``), on an Indian day."""
    if isinstance(value, str):
        try:
            return datetime.combine(day, time.fromisoformat(value.strip()), IST).astimezone(UTC)
        except (ValueError, TypeError):
            return instant(value)
    return None


def india(at: datetime) -> str:
    """An instant as Kite reads it: ``yyyy-mm-dd hh:mm:ss``, India time."""
    return at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")


# -- names


def key_of(symbol: str) -> str:
    """``EXCHANGE:SYMBOL`` of a canonical symbol or of the name of an index (``NIFTY 50``)."""
    return symbol if ":" in symbol else f"NSE:{symbol}"


def symbol_of(exchange: str, tradingsymbol: str) -> str:
    """The canonical symbol; the series in it (``CDSL-BE``) is a part of the name, as is the dash of ``BAJAJ-AUTO``."""
    return tradingsymbol if exchange == "NSE" else f"{exchange}:{tradingsymbol}"
