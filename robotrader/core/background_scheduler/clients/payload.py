"""Reading the JSON of an answer without trusting it: pure helpers of the dialects."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

DEAREST_USD = Decimal(100)
FINEST_USD = Decimal("1e-12")
LONGEST_MESSAGE = 400
LONGEST_URL = 2048
SOURCE_FIELDS = ("title", "url", "date", "last_updated")
_NOT_SHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_WORD = re.compile(r"[A-Za-z_]{1,30}\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f-\xa0\"<>\\^`{|}]")


def decode_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in ``body``, numbers with a point as ``Decimal``; None where it is not one."""
    try:
        value = _decode(body.decode("utf-8", "replace").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _no_number(_: str) -> None:
    """NaN and Infinity are no JSON; they stand for "no number" here."""


_decode = json.JSONDecoder(parse_float=_decimal, parse_constant=_no_number).decode


def as_list(value: object) -> list[Any]:
    """The list, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_map(value: object) -> dict[str, Any]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def bill(payload: dict[str, Any]) -> Decimal | None:
    """``usage.cost.total_cost`` in USD; None where it is missing or no bill (a string, negative, above 100)."""
    cost = as_map(as_map(payload.get("usage")).get("cost"))
    total = cost.get("total_cost")
    if isinstance(total, bool) or not isinstance(total, int | Decimal) or cost.get("currency", "USD") != "USD":
        return None
    total = Decimal(total)
    plausible = total == 0 or FINEST_USD <= total <= DEAREST_USD
    return total.quantize(FINEST_USD).normalize() + 0 if plausible else None


Sources = tuple[dict[str, str | None], ...]


def make_sources(rows: Iterable[object], known: Sources = ()) -> Sources:
    """``known``, then the sources among ``rows``: each http(s) address once, in order, without what else a row has."""
    sources = {str(source["url"]): source for source in known}
    for row in rows:
        url = as_map(row).get("url")
        if isinstance(url, str) and url not in sources and is_web_address(url):
            sources[url] = {name: url if name == "url" else _fact(as_map(row).get(name)) for name in SOURCE_FIELDS}
    return tuple(sources.values())


def _fact(value: object) -> str | None:
    return clean(value, 300) or None if isinstance(value, str) else None


def is_web_address(url: str) -> bool:
    """Whether it is an http or https address with a host and without blanks or controls, at most 2048 long."""
    if len(url) > LONGEST_URL or _NOT_IN_URL.search(url) or not (url.isascii() or clean(url, LONGEST_URL) == url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def error_message(payload: dict[str, Any] | None) -> str:
    """The service's own words in an error body: ``error.message``, ``error``, ``detail`` or ``message``."""
    if payload is None:
        return ""
    error, detail = payload.get("error"), payload.get("detail")
    first = as_map(next(iter(as_list(detail)), None)).get("msg")
    for words in (as_map(error).get("message"), error, first, detail, payload.get("message")):
        if isinstance(words, str) and words.strip():
            return clean(words, LONGEST_MESSAGE)
    return ""


def clean(text: str, longest: int) -> str:
    """One line without control, format and unpaired surrogate characters, at most ``longest`` characters."""
    start = text[: 8 * longest]
    if start.isascii() and start.isprintable() and len(start) <= longest:
        return " ".join(start.split())  # nothing to take out, and most texts are so
    words = " ".join("".join(" " if unicodedata.category(letter) in _NOT_SHOWN else letter for letter in start).split())
    return words if len(words) <= longest else words[: longest - 3].rstrip() + "..."


def word(value: object) -> str:
    """A state as the service names it; anything that is no plain word is named by its kind only."""
    return value if isinstance(value, str) and _WORD.match(value) else type(value).__name__


def plain_text(text: str) -> str:
    """The text with unpaired surrogates replaced: they cannot be written to a file or a database."""
    return _SURROGATE.sub("\ufffd", text)
