"""One field of a story out of one JSON value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from robotrader.core.background_scheduler.parsers.json_text import Node
from robotrader.core.background_scheduler.parsers.news_dates import published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, sane
from robotrader.core.background_scheduler.parsers.news_meta import symbols_in
from robotrader.core.background_scheduler.parsers.news_publishers import is_empty
from robotrader.core.background_scheduler.parsers.news_words import impact_of, sentiment_of, stated_category
from robotrader.core.background_scheduler.parsers.patterns import regex

_ESCAPE = regex(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
_HALVES = regex(r"[\ud800-\udbff][\udc00-\udfff]")


def unescaped(words: str) -> str:
    """The characters that a JSON string stands for."""
    if "\\" not in words:
        return words
    words = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _PLAIN.get(m[2], m[2]), words)
    return _HALVES.sub(lambda m: m[0].encode("utf-16", "surrogatepass").decode("utf-16"), words)


def _leaf(node: Node, name: str = "") -> Node | None:
    """The first string of a value that may be a list."""
    if node.kind == "array":
        first = next((n for n in node.items if n.kind in ("string", "word", "number")), None)
        if first is None and node.items and node.items[0].kind == "object":
            inner = node.items[0].get(*(("url", "link") if name == "url" else ("name", "title", "label", "symbol")))
            return inner if inner is not None and inner.kind == "string" else None
        return first
    return node


def field_value(page: Page, name: str, node: Node) -> Draft:
    """One field out of the value of its key; nothing where the value does not state it."""
    if name in _WHOLE and (name != "summary" or node.kind == "array"):
        return _WHOLE[name](node)
    leaf = _leaf(node, name)
    words = sane(unescaped(leaf.text)) if leaf and leaf.kind != "literal" else ""
    if leaf is None or is_empty(words):
        return {}
    if name == "published_at":
        day = published(words, month_first=page.month_first, epoch=True)
        return {name: Fact(day, leaf.start, leaf.end)} if day else {}
    if name == "source" and re.match(r"https?://", words, re.IGNORECASE):
        return {} if " " in words else {"url": Fact(words, leaf.start, leaf.end)}
    value = _READ[name](words) if name in _READ else words if leaf.kind == "string" else None
    return {name: Fact(value, leaf.start, leaf.end)} if value else {}


def _link(words: str) -> str | None:
    return words if re.match(r"(?:https?://|www\.)\S+$", words, re.IGNORECASE) else None


def _publisher(words: str) -> str | None:
    return words if len(words) <= 100 and not words.isdigit() else None


_READ: Mapping[str, Callable[[str], str | None]] = {
    "url": _link,
    "source": _publisher,
    "sentiment": lambda words: sentiment_of(words) if len(words) <= 60 else None,
    "impact": lambda words: impact_of(words) if len(words) <= 60 else None,
}


def _category(node: Node) -> Draft:
    leaves = [n for n in node.items if n.kind == "string"] if node.kind == "array" else [node]
    for leaf in leaves:
        kind = stated_category(leaf.text)
        if kind:
            return {"category": Fact(kind, leaf.start, leaf.end)}
    return {}


def _joined(node: Node) -> Draft:
    parts = [sane(unescaped(n.text)) for n in node.items if n.kind == "string"]
    return {"summary": Fact(" ".join(parts), node.items[0].start, node.items[-1].end)} if parts else {}


def _symbols(node: Node) -> Draft:
    names: list[str] = []
    leaves = list(node.items) if node.kind == "array" else [node]
    for leaf in leaves[:20]:
        inner = leaf.get("symbol", "ticker", "nse_symbol") if leaf.kind == "object" else leaf
        if inner is not None and inner.kind in ("string", "word"):
            names += symbols_in(unescaped(inner.text))
    return {"symbols": Fact(tuple(dict.fromkeys(names)), node.start, node.end)} if names else {}


def _figures(node: Node) -> Draft:
    parts: list[str] = []
    for leaf in (node.items if node.kind == "array" else [node])[:12]:
        if leaf.kind == "object":
            words = [sane(unescaped(v.text)) for _, v in leaf.members if v.text and v.kind != "literal"]
            parts.append(": ".join(words[:3]))
        elif leaf.kind in ("string", "word", "number"):
            parts.append(sane(unescaped(leaf.text)))
    kept = tuple(p for p in parts if p and not is_empty(p))
    return {"key_figures": Fact(kept, node.start, node.end)} if kept else {}


_WHOLE: Mapping[str, Callable[[Node], Draft]] = {
    "symbols": _symbols,
    "key_figures": _figures,
    "category": _category,
    "summary": _joined,
}
