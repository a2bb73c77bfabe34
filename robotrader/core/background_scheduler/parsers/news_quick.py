"""The common case in little time: an answer that is one JSON object by our own schema and nothing else.

What is read is what the readers of any JSON (``news_structured``) read of it; what is not faultless is left to them.
"""

from __future__ import annotations

from robotrader.core.background_scheduler.config.schemas import NEWS
from robotrader.core.background_scheduler.parsers.json_text import Node
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, sane, writes_month_first
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_publishers import is_empty
from robotrader.core.background_scheduler.parsers.news_values import field_value, unescaped
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import READ_LIMIT, json_view, raw_view

_KEYS = frozenset(NEWS["properties"]["items"]["items"]["properties"])
_READ = ("published_at", "source", "url", "sentiment", "impact", "category", "key_figures", "symbols", "summary")
"""In this order, as a field can stand under the name of another (a link as the source)."""
_MOST = 500
_WORDS = r'[^"\\\x00-\x1f]*(?:\\(?:u[0-9a-fA-F]{4}|["/])[^"\\\x00-\x1f]*)*'
_STRING = regex(rf'"({_WORDS})"')
_START = regex(rf'\s*\{{\s*"symbol"\s*:\s*(?:"({_WORDS})"|null)\s*,\s*"items"\s*:\s*\[\s*')
_OBJECT = regex(r"\{\s*")
_PAIR = regex(
    rf'"(\w+)"\s*:\s*(?:"({_WORDS})"|null|(\[\s*(?:"{_WORDS}"\s*(?:,\s*"{_WORDS}"\s*)*)?\]))\s*(?:,\s*(?=")|(\}}))\s*'
)
_NEXT = regex(r"(?:,\s*(?=\{)|(\]\s*\}\s*$))")
_ODD = regex(r"[`<\x00-\x08\x0b-\x1f]")
"""What is blanked out of a text before it is read."""
_LONGEST = 5000
"""Characters of one value; of longer ones the readers of any JSON have limits of their own."""


def read_quick(text: str) -> tuple[Page, list[Draft]] | None:
    """The page and the stories of a text that is one faultless answer with a story at least; None for any other."""
    ascii_only = text.isascii()
    json = text if ascii_only else json_view(text)
    begun = _START.match(json)
    if begun is None or len(text) > READ_LIMIT or _ODD.search(text):
        return None
    view = text if ascii_only else raw_view(text)
    if not ascii_only and _ODD.search(view):
        return None
    page = Page(text, view, {}, writes_month_first(view))
    around: Draft = {}
    if begun[1]:
        around = field_value(page, "symbols", Node("string", begun[1], *begun.span(1)))
    drafts = _stories(page, json, begun.end(), around)
    return (page, drafts) if drafts else None


def _stories(page: Page, json: str, at: int, around: Draft) -> list[Draft]:
    """The stories of the list that goes on at ``at``; none where it, or what is behind it, is not as it should be."""
    drafts: list[Draft] = []
    while opened := _OBJECT.match(json, at):
        fields, at = _fields(json, opened.end())
        if fields is None:
            return []
        draft = _story(page, fields)
        if draft is not None:
            drafts.append(merged(draft, around))
        following = _NEXT.match(json, at)
        if following is None:
            return []
        if following[1]:
            return drafts[:_MOST]
        at = following.end()
    return []


def _fields(json: str, at: int) -> tuple[dict[str, Node] | None, int]:
    """The values of one object that are not empty, and where it ends; None for keys that are not ours."""
    seen: set[str] = set()
    fields: dict[str, Node] = {}
    while pair := _PAIR.match(json, at):
        at = pair.end()
        key = pair[1]
        if key in seen or key not in _KEYS or at - pair.start() > _LONGEST:
            break
        seen.add(key)
        if pair[2]:
            fields[key] = Node("string", pair[2], *pair.span(2))
        elif pair[3]:
            items = tuple(Node("string", m[1], *m.span(1)) for m in _STRING.finditer(json, *pair.span(3)))
            if items:
                fields[key] = Node("array", "", *pair.span(3), (), items)
        if pair[4]:
            return fields, at
    return None, at


def _story(page: Page, fields: dict[str, Node]) -> Draft | None:
    named = fields.get("headline")
    if named is None or named.kind != "string" or is_empty(named.text):
        return None
    words = sane(unescaped(named.text))
    if is_junk(words) or not word_count(words):
        return None
    draft: Draft = {"headline": Fact(words, named.start, named.end)}
    for name in _READ:
        node = fields.get(name)
        if node is not None:
            draft = merged(draft, field_value(page, name, node))
    return draft
