"""JSON that keeps every digit of a decimal number, and the forms in which records are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.records import EarningsReport, Fundamentals, NewsItem, Provenance


def dumps(value: Any) -> str:
    """JSON text of plain values and decimals.

    Raises:
        TypeError: something else is among them.
    """
    text = _encode(value)
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:  # an unpaired surrogate, which SQLite does not take as text
        return json.dumps(value, default=_tagged)
    return text


def loads(text: str) -> Any:
    """What ``dumps`` was given, tuples as lists."""
    return _decode(text)


def names_of(record: type[EarningsReport | Fundamentals | NewsItem]) -> tuple[str, ...]:
    """The fields of a record but for their provenance."""
    return _NAMES[record]


def plain(record: EarningsReport | Fundamentals | NewsItem) -> dict[str, Any]:
    """The fields of a record by name, tuples as lists, without their provenance."""
    found = {name: getattr(record, name) for name in names_of(type(record))}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def from_provenance(sources: Mapping[str, Provenance]) -> str:
    """JSON text of where fields were read."""
    return dumps({name: [source.layer, source.words, source.offset] for name, source in sources.items()})


def to_provenance(text: str) -> dict[str, Provenance]:
    """What ``from_provenance`` was given."""
    return {name: Provenance(*parts) for name, parts in json.loads(text).items()}


def _untagged(found: dict[str, Any]) -> Any:
    return Decimal(found["decimal"]) if found.keys() == {"decimal"} else found


_decode = json.JSONDecoder(object_hook=_untagged).decode  # made once: it is most of the cost of reading a small text


def _tagged(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    raise TypeError(f"cannot store {type(value).__name__}")


_encode = json.JSONEncoder(ensure_ascii=False, default=_tagged).encode

_NAMES = {
    record: tuple(field.name for field in fields(record) if field.name != "sources")
    for record in (EarningsReport, Fundamentals, NewsItem)
}
