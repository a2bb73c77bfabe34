"""The part of JSON that is about one company, also where each row names its company further inside."""

from __future__ import annotations

from dataclasses import replace

from robotrader.core.background_scheduler.parsers.company_mentions import surely_company
from robotrader.core.background_scheduler.parsers.earnings_structured import Chosen, choose_node
from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company, likeness
from robotrader.core.background_scheduler.parsers.fundamental_keys import VALUE_KEYS
from robotrader.core.background_scheduler.parsers.json_text import Node, plain_key
from robotrader.core.background_scheduler.parsers.text import word_set

IDENTITY = word_set(
    "symbol ticker company company_name nse_symbol stock stock_symbol stock_name scrip name nse_code trading_symbol "
    "tradingsymbol short_name long_name display_name stock_code security security_name scrip_name instrument_name nse"
)
"""Keys under which an object names its company."""
_INNER = word_set(
    "info company stock meta metadata profile details identity basic basic_info header overview instrument"
)
_DEEP = 8


def choose(node: Node, symbol: str | None) -> Chosen:
    """What of ``node`` is about ``symbol``; nothing where it is about others, or several and none is asked for."""
    if symbol and node.kind == "object" and _of_others(node, symbol):
        return Chosen(None, other=True)
    narrowed = _narrow(node, symbol, 0)
    return narrowed if narrowed.node is None else choose_node(narrowed.node, symbol)


def identity(node: Node, depth: int = 0) -> str | None:
    """The company an object names as its own, in itself or in its part that says who it is."""
    inner = None
    metric = any(plain_key(k.text) in VALUE_KEYS for k, _ in node.members)  # a row of a name and a value is a ratio's
    for key, value in node.members:
        plain = plain_key(key.text)
        if (
            plain in IDENTITY
            and value.kind in ("string", "word")
            and value.text.strip()
            and not (metric and plain == "name")
        ):
            return value.text.strip()
        if plain in IDENTITY and value.kind == "object" and len(value.members) == 1:  # a database's {"S": "TCS"}
            return value.members[0][1].text.strip() or None
        if inner is None and depth < 2 and plain in _INNER and value.kind == "object":
            inner = identity(value, depth + 1)
    return inner


def _of_others(node: Node, symbol: str) -> bool:
    """Every name an object gives itself is another company's, or every key is one."""
    own = [v.text for k, v in node.members if plain_key(k.text) in IDENTITY - {"name", "nse"} and v.kind == "string"]
    if own:
        return not any(likeness(symbol, name) for name in own)
    keyed = [(k.text, {plain_key(m.text) for m, _ in v.members}) for k, v in node.members if v.kind == "object"]
    if len(keyed) < 2 or len(keyed) < len(node.members) or any(likeness(symbol, k) for k, _ in keyed):
        return False
    alike = bool(set.intersection(*(names for _, names in keyed)))
    return all(surely_company(k) or (alike and is_company(k)) for k, _ in keyed)


def _narrow(node: Node, symbol: str | None, depth: int) -> Chosen:
    """The same JSON with lists of companies cut down to the one asked for."""
    if depth > _DEEP:
        return Chosen(node)
    if node.kind == "array":
        return _rows(node, symbol)
    members = []
    for key, value in node.members:
        below = _narrow(value, symbol, depth + 1) if value.kind in ("object", "array") else Chosen(value)
        if below.node is not None:
            members.append((key, below.node))
        elif len(node.members) == 1 or not _is_aside(key.text):
            return below
    return Chosen(replace(node, members=tuple(members)))


def _rows(node: Node, symbol: str | None) -> Chosen:
    """Of a list of companies the rows of the one asked for."""
    rows = [(row, name) for row in node.items if row.kind == "object" and (name := identity(row))]
    names = {name for _, name in rows}
    if len(names) < 2 or symbol is None:
        return Chosen(node) if len(names) < 2 else Chosen(None, several=True)
    top = max(likeness(symbol, name) for name in names)
    fit = [(row, name) for row, name in rows if likeness(symbol, name) == top]
    if top == 0 or (top == 1 and len({name for _, name in fit}) > 1):
        return Chosen(None, other=True)
    return Chosen(replace(node, items=tuple(row for row, _ in fit)))


def _is_aside(key: str) -> bool:
    return any(word in plain_key(key) for word in ("peer", "compet", "compar", "similar", "alternat", "related"))
