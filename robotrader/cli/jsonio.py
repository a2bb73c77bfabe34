"""JSON as scripts get it: one document, decimals as exact numbers, instants in ISO UTC, nothing a terminal would obey.

The standard encoder knows no ``Decimal`` and a float would round one, so numbers are written here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from json.encoder import encode_basestring
from operator import attrgetter, methodcaller
from pathlib import Path
from typing import Any

_RISKY = re.compile("[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb]")
_WIDE = re.compile(r"[^\x00-\x7f]")
_PLAIN_DIGITS = 60


def plain(value: object) -> Any:
    """A view as the values JSON has: its fields by name, instants as ISO UTC with Z; decimals stay decimals."""
    if type(value) in _ATOMS:
        return value
    seen = _seen(value)
    if isinstance(seen, dict):
        return {key: plain(item) for key, item in seen.items()}
    return [plain(item) for item in seen] if isinstance(seen, list) else seen


def _seen(value: object) -> Any:
    """One level of a view: an object by its names, a list, or a value that has no parts."""
    kind: Any = type(value)
    return _level_of(kind)(value)


@lru_cache(maxsize=256)
def _level_of(kind: Any) -> Callable[[Any], Any]:
    """How one level of the values of a type is seen."""
    if issubclass(kind, tuple) and hasattr(kind, "_asdict"):
        return methodcaller("_asdict")
    if is_dataclass(kind):
        names = [field.name for field in fields(kind)]
        return lambda value: {name: getattr(value, name) for name in names}
    return next((level for base, level in _LEVELS if issubclass(kind, base)), _itself)


def _by_name(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()}


def _sorted(value: Set[Any]) -> list[Any]:
    return sorted(plain(item) for item in value)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _itself(value: object) -> object:
    return value


_LEVELS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Mapping, _by_name),
    (list, list),
    (tuple, list),
    (Set, _sorted),
    (Enum, attrgetter("value")),
    (datetime, _instant),
    (date, str),
    (Path, str),
)


def dumps(value: object, *, indent: bool = True) -> str:
    """One JSON document, indented by two, or on one line.

    Raises:
        TypeError: the value holds something JSON has no form for.
    """
    return _write(value, "\n" if indent else "")


def ascii_only(document: str) -> str:
    """The same document in ASCII, for a terminal that can print nothing else."""
    return _WIDE.sub(_escape, document)


def _write(value: object, newline: str) -> str:
    """``newline`` is a line break with the indent of the value, or empty for one line."""
    atom = _ATOMS.get(type(value))
    if atom is not None:
        return atom(value)
    seen, inner = _seen(value), newline and newline + "  "
    if isinstance(seen, dict):
        parts = []
        for key, item in seen.items():
            atom = _ATOMS.get(type(item))
            parts.append(f"{_name(key)}: {_write(item, inner) if atom is None else atom(item)}")
        return _join("{", "}", parts, newline)
    if isinstance(seen, list):
        return _join("[", "]", [_write(item, inner) for item in seen], newline)
    return _atom(seen)


def _join(start: str, end: str, parts: list[str], newline: str) -> str:
    if not parts:
        return start + end
    if not newline:
        return start + ", ".join(parts) + end
    inner = newline + "  "
    return start + inner + ("," + inner).join(parts) + newline + end


def _text(value: str) -> str:
    if value.isascii() and "\x7f" not in value:
        return encode_basestring(value)
    return _RISKY.sub(_escape, encode_basestring(value))


_name = lru_cache(maxsize=1024)(_text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


def _atom(value: object) -> str:
    for kind, atom in _ATOMS.items():  # bool stands before int
        if isinstance(value, kind):
            return atom(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        return "null"
    if not value:
        return "0"
    written = str(value)
    if "E" not in written and len(written) <= _PLAIN_DIGITS:
        return written.rstrip("0").rstrip(".") if "." in written else written
    _, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    short = text.rstrip("0")
    power = int(exponent) + len(text) - len(short)
    sign = "-" if value.is_signed() else ""
    if abs(power) > _PLAIN_DIGITS:
        return f"{sign}{short}e{power}"
    if power >= 0:
        return sign + short + "0" * power
    whole = short[:power] or "0"
    return f"{sign}{whole}.{short[power:].rjust(-power, '0')}"


_ATOMS: Mapping[type, Callable[[Any], str]] = {
    str: _text,
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    Decimal: _number,
    float: lambda value: _number(Decimal(repr(value))),
}
"""What the values most documents are made of are written by."""
