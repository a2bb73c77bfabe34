"""Which API key is asked next, and what is remembered of each: pure functions over ``KeyState``.

A key is named by its fingerprint, the first 12 hex digits of its SHA-256; the key itself is never stored or shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from robotrader.core.background_scheduler.models import KeyState
from robotrader.core.errors import ConfigurationError

SHORTEST_SECRET = 8
LONGEST_COOL_DOWN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key and its name; only the name is ever printed."""

    fingerprint: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Picked:
    """The key to use, by its index, and where the next search starts."""

    index: int
    cursor: int


class Cooling(NamedTuple):
    """No key may be used before ``until``."""

    until: datetime


class Exhausted(NamedTuple):
    """Every key was rejected."""


Choice = Picked | Cooling | Exhausted


def fingerprint(key: str) -> str:
    """The name of a key: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def make_ring(keys: Iterable[str]) -> tuple[ApiKey, ...]:
    """The keys in their order, each once.

    Raises:
        ConfigurationError: a key is empty or holds a blank, a control or a non-ASCII character (it would be refused
            by the HTTP layer with a message that shows it).
    """
    ring: dict[str, ApiKey] = {}
    for place, key in enumerate(keys, start=1):
        if not key or not all("!" <= letter <= "~" for letter in key):
            raise ConfigurationError(
                f"API key number {place} is empty or holds a character that no key has",
                remedy="copy the key again, without quotes, blanks or line breaks",
            )
        ring.setdefault(fingerprint(key), ApiKey(fingerprint(key), key))
    return tuple(ring.values())


def redact(text: str, keys: Iterable[ApiKey]) -> str:
    """The text with every key in it replaced by ``***``, but for a key so short that it may be a word."""
    for key in keys:
        if len(key.secret) >= SHORTEST_SECRET:
            text = text.replace(key.secret, "***")
    return text


def redact_bytes(body: bytes, keys: Iterable[ApiKey]) -> bytes:
    """The same for a body."""
    for key in keys:
        if len(key.secret) >= SHORTEST_SECRET:
            body = body.replace(key.secret.encode(), b"***")
    return body


def is_live(state: KeyState | None, now: datetime) -> bool:
    """Whether a key with this memory may be used at ``now``."""
    return state is None or (not state.removed and (state.cool_until is None or state.cool_until <= now))


def choose(fingerprints: Sequence[str], states: Mapping[str, KeyState], now: datetime, cursor: int) -> Choice:
    """The first live key from ``cursor`` on, round and round; else when the earliest cool-down ends."""
    count = len(fingerprints)
    for step in range(count):
        index = (cursor + step) % count
        if is_live(states.get(fingerprints[index]), now):
            return Picked(index, (index + 1) % count)
    known = [states[name] for name in fingerprints]
    ends = [state.cool_until for state in known if not state.removed and state.cool_until is not None]
    return Cooling(min(ends)) if ends else Exhausted()


def after_rate_limit(state: KeyState | None, name: str, now: datetime, seconds: float, reason: str) -> KeyState:
    """The memory after a 429: cool for ``seconds``. Never shortens a cool-down, never brings a removed key back."""
    until = now + min(timedelta(seconds=seconds), LONGEST_COOL_DOWN)
    state = state or KeyState(name)
    if state.removed or (state.cool_until is not None and state.cool_until >= until):
        return state
    return state._replace(cool_until=until, reason=reason)


def after_rejection(state: KeyState | None, name: str, reason: str) -> KeyState:
    """The memory after a 401 or 403: removed until the owner forgives it."""
    if state is not None and state.removed:
        return state
    return (state or KeyState(name))._replace(removed=True, reason=reason)
