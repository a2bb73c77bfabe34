"""The part of an answer about several companies that is about one of them, in its own words.

A part is taken only where it is unmistakable: a faultless JSON object that names just this symbol, and the only one
that does. So no figure of one company can reach another; what is not unmistakable is missing, and is asked for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from robotrader.core.background_scheduler.config.schemas import ANSWERS
from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.parsers.json_text import Node, find_json
from robotrader.core.background_scheduler.parsers.text import blank, thoughts
from robotrader.core.background_scheduler.records import ParseResult
from robotrader.core.errors import SymbolError

R = TypeVar("R")

LONGEST = 400_000
"""Characters of an answer that are looked through; twenty companies with ten stories each take a third of it."""


class Part(NamedTuple):
    """Words of an answer, and the offset at which they stand in it."""

    text: str
    offset: int


def find_parts(text: str, symbols: Iterable[str]) -> Mapping[str, Part]:
    """What an answer says of each of ``symbols`` (in canonical form); a symbol without a clear part has none.

    Fences, prose and thoughts around the JSON are borne, and of an answer that was cut the whole objects are taken.
    """
    found: dict[str, list[Node]] = {symbol: [] for symbol in symbols}
    read = text[:LONGEST]
    read = blank(read, thoughts(read))
    for node in _elements(read):
        named = _symbol_of(node)
        if named is not None and named in found:
            found[named].append(node)
    return {
        symbol: Part(text[nodes[0].start : nodes[0].end], nodes[0].start)
        for symbol, nodes in found.items()
        if len(nodes) == 1 and _faultless(text[nodes[0].start : nodes[0].end])
    }


def _elements(text: str) -> Iterator[Node]:
    for block in find_json(text, text):
        for node in (block.node, *(value for key, value in block.node.members if key.text.lower() == ANSWERS)):
            if node.kind == "array":
                yield from (item for item in node.items if item.kind == "object")
            else:
                yield node


def _faultless(text: str) -> bool:
    """Whether it is JSON to the letter: where a bracket is missing, the next company's figures may follow."""
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _symbol_of(node: Node) -> str | None:
    """The symbol an object calls its own, in canonical form; None where it names none, or more than one."""
    named = [value for key, value in node.members if key.text.strip().lower() == "symbol"]
    if len(named) != 1 or named[0].kind != "string":
        return None
    try:
        return parse_symbol(str(json.loads(f'"{named[0].text}"')).strip().upper())
    except (ValueError, SymbolError):
        return None


def shifted(parsed: ParseResult[R], by: int) -> ParseResult[R]:
    """What was read out of a part, with its words where they stand in the whole answer."""
    if by == 0:
        return parsed
    record: Any = parsed.record
    moved: Any = tuple(_shifted(each, by) for each in record) if isinstance(record, tuple) else _shifted(record, by)
    return replace(parsed, record=moved)


def _shifted(record: Any, by: int) -> Any:
    sources = {
        name: where if where.offset < 0 else replace(where, offset=where.offset + by)
        for name, where in record.sources.items()
    }
    return replace(record, sources=sources)
