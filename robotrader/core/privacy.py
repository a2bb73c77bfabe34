"""Whether data holds a secret or something personal; pure, and strict enough that events can be shown to anyone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

MAX_DEPTH = 12
SHORTEST_SECRET = 10

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TOKEN_KEY = re.compile(r"(?:^| )token$")
_SECRET_KEY = re.compile(
    r"(?:^| )(?:(?:api|access|secret|private|auth|encryption|signing) ?keys?"
    r"|token|(?:access|refresh|request|bearer|auth|session) tokens"
    r"|secrets?|passwords?|passwd|pwd|passphrase|passcode|otp|totp|authorization|bearer|cookies?|credentials?)(?: |$)"
)
_PERSONAL_KEY = re.compile(
    r"(?:^| )(?:e mail|emails?|phones?|telephone|mobile|msisdn|whatsapp|pan|aadhaar|aadhar|passport|addresse?s?"
    r"|pin ?code|dob|birth ?date|date of birth|(?:client|user|customer|telegram|chat) ?id|user ?name"
    r"|(?:full|first|last|middle|holder|client|customer|account) name"
    r"|(?:bank|demat) account|account (?:id|no|number)|ifsc|upi)(?: |$)"
)
_NUMERIC_KEY = re.compile(
    r"(?:^| )(?:inr|usd|amount|value|price|cost|revenue|profit|ebitda|turnover|volume|quantity|qty|cap|capital|cash"
    r"|balance|total|count|limit|micros|millis|ms|ns|timestamp|bytes|size|number)(?: |$)"
)
# Two cheap looks that settle nearly every text: what can only be an id or an instant, and what has nothing to look for.
_is_plain = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?)?"
).fullmatch
_WORTH_A_LOOK = re.compile(r"@|\d{4}|pplx-|sk-|earer|eyJ|gh[pousr]_|AKIA")
_TEXTS = (
    (
        "looks like a key or token",
        re.compile(
            r"pplx-[A-Za-z0-9]{8}|\bsk-[A-Za-z0-9_-]{12}|\b[Bb]earer\s{1,4}\S{8}|\beyJ[\w-]{8,2000}\.[\w-]{8}"
            r"|\bgh[pousr]_[A-Za-z0-9]{16}|\bAKIA[A-Z0-9]{12}"
        ),
    ),
    ("looks like an e-mail address", re.compile(r"[\w.+-]@(?:[\w-]{1,63}\.){1,8}[A-Za-z]{2}")),
    ("looks like a PAN", re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z](?![A-Za-z0-9])")),
    ("looks like an Aadhaar number", re.compile(r"(?<![\w.,-])[2-9]\d{3} \d{4} \d{4}(?![\w,-]|\.\d)")),
    (
        "looks like a mobile number",
        re.compile(r"(?<![\w.,/-])(?:(?:\+91|91|0)[ -]?[6-9]\d{4}[ -]?\d{5}|[6-9]\d{4}[ -]\d{5})(?![\w-]|[.,]\d)"),
    ),
)
_PLAIN_MOBILE = re.compile(r"(?<![\w.,/+-])[6-9]\d{9}(?![\w-]|[.,]\d)")

_TOKEN_NAME = "a key that names a token"  # noqa: S105
_SECRET_NAME = "a key that names a secret"  # noqa: S105
_PERSON_NAME = "a key that names personal data"
_NUMBERS = (int, float, bool, type(None))


def privacy_violation(data: Mapping[str, Any]) -> str | None:
    """Where and why ``data`` may not be told to others, as ``path: reason``; None where it may.

    Keys that name a secret or personal data are refused whatever they hold (a number under a ``token`` key, such as a
    broker's instrument token, is no secret). Texts, keys included, are refused where they look like an API key, a
    bearer or JSON web token, an e-mail address, an Indian mobile number, an Aadhaar number or a PAN. The reason never
    holds the value.
    """
    return _look_at(data, "", 0)


def _look_at(data: Mapping[Any, Any], path: str, depth: int) -> str | None:
    for key, value in data.items():
        if type(key) is not str:
            return f"{path}?: a key that is not text"
        plain = type(value) in _NUMBERS
        if (kind := _kind_of_key(key)) is not None and not (plain and kind is _TOKEN_NAME):
            return (
                f"{path}{key}: {kind}"
                if kind in (_TOKEN_NAME, _SECRET_NAME, _PERSON_NAME)
                else f"{path}?: a key that {kind}"
            )
        if plain or (type(value) is str and ((len(value) < SHORTEST_SECRET and "@" not in value) or _is_plain(value))):
            continue
        if (problem := _look_into(value, key, f"{path}{key}", depth + 1)) is not None:
            return problem
    return None


def _look_into(value: Any, key: str, path: str, depth: int) -> str | None:
    if isinstance(value, bytes | bytearray):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return None if (kind := _kind_of_text(value, key)) is None else f"{path}: {kind}"
    if depth > MAX_DEPTH:
        return f"{path}: nested too deeply"
    if isinstance(value, Mapping):
        return _look_at(value, f"{path}.", depth)
    if isinstance(value, list | tuple | set | frozenset):
        for index, item in enumerate(value):
            if (problem := _look_into(item, key, f"{path}[{index}]", depth + 1)) is not None:
                return problem
    return None


@lru_cache(maxsize=1024)
def _kind_of_key(key: str) -> str | None:
    words = _words(key)
    if _SECRET_KEY.search(words) is not None:
        return _TOKEN_NAME if _TOKEN_KEY.search(words) else _SECRET_NAME
    if _PERSONAL_KEY.search(words) is not None:
        return _PERSON_NAME
    return _kind_of_text(key, "")


def _kind_of_text(text: str, key: str) -> str | None:
    if _is_plain(text) is not None or _WORTH_A_LOOK.search(text) is None:
        return None
    for kind, pattern in _TEXTS:
        if pattern.search(text) is not None:
            return kind
    if _PLAIN_MOBILE.search(text) is not None and _NUMERIC_KEY.search(_words(key)) is None:
        return "looks like a mobile number"
    return None


def _words(key: str) -> str:
    return " ".join(_WORD.findall(key)).lower()
