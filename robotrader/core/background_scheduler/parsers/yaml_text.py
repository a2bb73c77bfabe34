"""Blocks of ``key: value`` lines that some models answer with instead of JSON, as the same nodes as JSON.

Only what cannot be prose is a block: several lines one below the other whose keys are single identifiers
(``net_profit``, ``netProfit``, ``NET_PROFIT``), nested by their indent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.json_text import Block, Node
from robotrader.core.background_scheduler.parsers.patterns import regex

_LINE = regex(
    r"(?P<indent>[ \t]{0,24})(?P<item>-[ ]{1,3})?(?P<q>[\"']?)(?P<key>[A-Za-z][A-Za-z0-9_.%&-]{0,48})(?P=q)"
    r"[ \t]{0,8}[:=](?:[ \t]{1,12}(?P<value>\S[^\n]{0,400})?|)$"
)
_SCALAR_ITEM = regex(r"(?P<indent>[ \t]{0,24})-[ ]{1,3}(?P<value>[^\n:]{1,400})$")
_SKIPPED = regex(r"\s*(?:#[^\n]*|---|\.\.\.)?\s*$")
_COMMENT = regex(r"[ \t]+#[ ].*$")
_NUMBER = regex(r"[-+]?\d[\d,]*(?:\.\d+)?$")
_LITERAL = regex(r"(?:null|none|~|true|false|nan|n/?a|yes|no)$", re.IGNORECASE)
_WORDS = regex(r"[a-z]_[a-z]|[a-z][A-Z]|[A-Z]_[A-Z]")
_LEAST, _LEAST_KEYS = 4, 2
_MAX_LINES, _MAX_DEPTH = 400, 8


@dataclass(slots=True)
class _Row:
    """One line: its indent, its key and value, and whether it begins an item of a list."""

    indent: int
    key: Node
    value: Node | None
    item: bool
    end: int
    below: list[_Row] = field(default_factory=list)


def find_keyed(view: str, taken: list[tuple[int, int]]) -> list[Block]:
    """Every such block outside of ``taken``, as JSON objects."""
    if ":" not in view and "=" not in view:
        return []
    blocks: list[Block] = []
    run: list[_Row] = []
    at, gap = 0, 0
    for piece in view.split("\n"):
        inside = any(a <= at < b for a, b in taken)
        row = None if inside else _row(piece, at)
        if row:
            run.append(row)
            gap = 0
        elif inside or not ((_SKIPPED.match(piece) and gap == 0) or (run and _SCALAR_ITEM.match(piece))):
            blocks += _block(run)
            run = []
        else:
            gap += not piece.strip()
        at += len(piece) + 1
    return blocks + _block(run)


def _row(piece: str, at: int) -> _Row | None:
    match = _LINE.match(piece.rstrip()) if len(piece) < 500 else None
    if match is None:
        return None
    start = at + match.start("key")
    key = Node("string", match["key"], start, at + match.end("key"))
    value = None
    if match["value"]:
        words = _COMMENT.sub("", match["value"]).rstrip(" ,")
        begin = at + match.start("value")
        if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
            words, begin = words[1:-1], begin + 1
        kind = "number" if _NUMBER.match(words) else "literal" if _LITERAL.match(words) else "string"
        value = Node(kind, words, begin, begin + len(words))
    indent = len(match["indent"].expandtabs(4)) + len(match["item"] or "")
    return _Row(indent, key, value, bool(match["item"]), at + len(piece))


def _block(run: list[_Row]) -> list[Block]:
    """The rows as one object; nothing where they are too few, or their keys may be words of prose."""
    told = [r for r in run if r.value is not None]
    named = sum(bool(_WORDS.search(r.key.text)) for r in run)
    ids = sum(bool(_WORDS.search(r.key.text)) or r.key.text[0].islower() or r.key.text.isupper() for r in run)
    if not _LEAST <= len(run) <= _MAX_LINES or len(told) < _LEAST or named < _LEAST_KEYS:
        return []
    if ids * 2 < len(run):
        return []
    return [Block(_object(run, 0), None)]


def _object(rows: list[_Row], depth: int) -> Node:
    """Rows of one indent with the deeper ones below them; rows that begin items of a list make an array."""
    top = min(r.indent for r in rows)
    members: list[tuple[Node, Node]] = []
    items: list[list[tuple[Node, Node]]] = []
    i = 0
    while i < len(rows):
        row, last = rows[i], i + 1
        while last < len(rows) and rows[last].indent > top:
            last += 1
        deeper = rows[i + 1 : last]
        value = row.value
        if value is None:
            nothing = Node("literal", "null", row.key.end, row.key.end)
            value = _object(deeper, depth + 1) if deeper and depth < _MAX_DEPTH else nothing
        if row.item:
            items.append([])
        (items[-1] if items else members).append((row.key, value))
        i = last
    start, end = rows[0].key.start, rows[-1].end
    if items and not members:
        return Node("array", "", start, end, items=tuple(Node("object", "", start, end, tuple(m)) for m in items))
    return Node("object", "", start, end, (*members, *(pair for item in items for pair in item)))
