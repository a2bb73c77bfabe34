"""Stories out of JSON of any shape: lists, one object a line, nested sources, companies with their stories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from robotrader.core.background_scheduler.parsers.json_text import Block, Node, leaves, plain_key
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, sane
from robotrader.core.background_scheduler.parsers.news_heads import read_head
from robotrader.core.background_scheduler.parsers.news_json_keys import key_told
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_keys import (
    BESIDE,
    DETAILS,
    LISTS,
    NEWS_LISTS,
    STRICT_HEADLINES,
    best,
)
from robotrader.core.background_scheduler.parsers.news_publishers import is_empty
from robotrader.core.background_scheduler.parsers.news_values import field_value, unescaped
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span, word_set

_WRAPPED = ("meta", "metadata", "details", "data", "attributes", "article", "content", "info", "news_item", "item")
_MOST = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What the JSON of a text holds.

    Attributes:
        drafts: its stories; spans: where its blocks stand; empty: a list of news that is there and has nothing in it;
        cut: the last block is not whole.
    """

    drafts: tuple[Draft, ...]
    spans: tuple[Span, ...]
    empty: bool
    cut: bool


_INNER = regex(r'\\\\\\"|\\\\u|\\"|\\n|\\t')
_INNER_AS = {'\\\\\\"': '  \\"', "\\\\u": " \\u", '\\"': ' "', "\\n": "  ", "\\t": "  "}


def unwrapped(view: str) -> str:
    """The view with JSON that is written into a string of JSON made JSON, character for character."""
    return _INNER.sub(lambda m: _INNER_AS[m[0]], view)


_PROSE = word_set("content text answer response output message result report markdown output_text completion body news")


def prose_of(node: Node) -> list[Span]:
    """Where an answer stands as prose in a string of JSON."""
    return [
        (leaf.start, leaf.end)
        for path, leaf in leaves(node)
        if path and leaf.kind == "string" and len(leaf.text) >= 60 and plain_key(path[-1]) in _PROSE
    ]


def notes_of(blocks: list[Block]) -> dict[int, Fact]:
    """The links that an answer's JSON lists beside it, by their place: what ``[1]`` in its words means."""
    for block in blocks:
        for name in ("citations", "search_results", "sources", "references"):
            listed = block.node.get(name)
            links = [n if n.kind == "string" else n.get("url", "link") for n in listed.items] if listed else []
            found = {
                i: Fact(unescaped(n.text), n.start, n.end) for i, n in enumerate(links, 1) if n and n.kind == "string"
            }
            if found and all(f.text.startswith("http") for f in found.values()):
                return found
    return {}


def read_structured(page: Page, blocks: list[Block]) -> Found:
    """The stories of the JSON blocks of a page. A story that was cut is left out."""
    drafts: list[Draft] = []
    empty = any(_says_none(b.node) for b in blocks)
    answered = any(prose_of(b.node) for b in blocks)
    for beside in (False, True):
        for block in blocks:
            label = plain_key(block.label) if block.label else "news" if block.node.kind == "array" else ""
            drafts += _walk(page, block.node, label, {}, beside=beside)
        if drafts or empty or answered:
            break
    spans = tuple((b.node.start, b.node.end) for b in blocks)
    cut = bool(blocks) and not blocks[-1].node.complete
    return Found(tuple(drafts[:_MOST]), spans, empty, cut)


def _says_none(node: Node, depth: int = 0) -> bool:
    """An empty list under the name of a list of news."""
    if depth > 6:
        return False
    for key, value in node.members:
        if value.kind == "array" and not value.items and value.complete and NEWS_LISTS.match(plain_key(key.text)):
            return True
    inner = [v for _, v in node.members] + list(node.items)
    return any(_says_none(n, depth + 1) for n in inner if n.kind in ("object", "array"))


def _walk(page: Page, node: Node, key: str, around: Draft, *, beside: bool) -> list[Draft]:
    """The stories below a node; ``key`` is the name it stands under, ``around`` what its containers say of all."""
    if node.kind == "array":
        found: list[Draft] = []
        for item in node.items:
            if item.kind == "string":
                found += _from_string(page, item, key, around)
            else:
                found += _walk(page, item, key, around, beside=beside)
        return found
    if node.kind != "object":
        return []
    grid = _grid(node)
    if grid is not None:
        return _walk(page, grid, "news", around, beside=beside)
    inner = merged(_container(page, node), around)
    found = []
    for name, value in node.members:
        if value.kind not in ("object", "array"):
            continue
        plain_name = plain_key(name.text)
        if BESIDE.match(plain_name) and not (
            beside and plain_name in ("search_results", "sources", "results", "citations")
        ):
            continue
        told = merged(key_told(page, name, plain_name), inner)
        passed = key if plain_name.isdigit() or plain_name.startswith(("item", "article_", "news_")) else plain_name
        found += _walk(page, value, passed if plain_name not in _WRAPPED else key or plain_name, told, beside=beside)
    return _with_own(page, node, key, around, found)


def _with_own(page: Page, node: Node, key: str, around: Draft, found: list[Draft]) -> list[Draft]:
    """The stories found below an object, completed by what stands beside the one; else the story the object is."""
    if len(found) == 1 and node.complete and _only_wrapped(node):
        return [merged(found[0], _item(page, node, key) or {})]
    own = _item(page, node, key) if node.complete and not found else None
    return found if own is None else [merged(own, around)]


def _only_wrapped(node: Node) -> bool:
    """A story whose own fields are in one object of it, and more of them beside that: "attributes" and "links"."""
    inner = [plain_key(k.text) for k, v in node.members if v.kind == "object"]
    return len(inner) > 1 and sum(k in _WRAPPED for k in inner) == 1 and all(v.kind != "array" for _, v in node.members)


def _container(page: Page, node: Node) -> Draft:
    """What an object says of every story below it: whose they are, and their day."""
    scalars = {k: n for k, n in _scalars(node) if "." not in k}
    told: Draft = {}
    for name in ("symbols", "company"):
        for key in best(name, scalars):
            told = merged(told, field_value(page, name, scalars[key]))
    for key in ("published_at", "published_date", "publication_date", "date", "news_date"):
        if key in scalars:
            told = merged(told, field_value(page, "published_at", scalars[key]))
    return told


def _scalars(node: Node, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Node]]:
    """The scalars and lists of an object; those of objects in it by both names (``source_name``)."""
    for name, value in node.members:
        key = re.sub(r"_(?:en|english|text|string|str)$", "", plain_key(name.text))
        if value.kind == "object":
            if depth < 3 and value.complete:
                inner = "" if key in _WRAPPED else f"{prefix}{key}_"
                yield from _scalars(value, inner, depth + 1)
        elif value.text or value.items:
            yield f"{prefix}{key}", value


_PREFIX = regex(r"^(?:(?:news|article|story|item|analysis|attributes|nlp|ai|insights|enrichment)_)+(?=.)")


def _grid(node: Node) -> Node | None:
    """Rows of values below a list of names, as a list of objects."""
    names = node.get("columns", "headers", "fields", "header")
    rows = node.get("data", "rows", "values", "records")
    if names is None or rows is None or not all(n.kind == "string" for n in names.items) or not names.items:
        return None
    made = [
        Node("object", "", r.start, r.end, tuple(zip(names.items, r.items, strict=False)), (), r.complete)
        for r in rows.items
        if r.kind == "array" and len(r.items) == len(names.items)
    ]
    return Node("array", "", rows.start, rows.end, (), tuple(made), rows.complete) if made else None


_KIND_AND_WORDS = (
    ("desc", "attchmnt"),
    *((k, w) for k in ("subject", "announcement", "event") for w in ("details", "desc", "description")),
)
"""Keys of the kind of an announcement, and of what it tells."""


def _is_kind(kind: str, words: str) -> bool:
    return word_count(kind) <= 6 <= word_count(words) and word_count(kind) < word_count(words)


def _fields(node: Node, key: str) -> dict[str, Node]:
    """The values of an object by name; a headline that stands under the name of something else is named so."""
    fields: dict[str, Node] = {}
    for name, value in _scalars(node):
        fields.setdefault(name, value)
        fields.setdefault(_PREFIX.sub("", name), value)
    if STRICT_HEADLINES & fields.keys():
        return fields
    for kind, long in _KIND_AND_WORDS:
        if kind in fields and long in fields and _is_kind(fields[kind].text, fields[long].text):
            fields["category"] = fields.pop(kind)
            fields["headline"] = fields.pop(long)
            return fields
    if (
        {"name", "url"} <= fields.keys()
        and {"description", "date_published"} & fields.keys()
        and LISTS.match(key or "news")
    ):
        fields["title"] = fields["name"]
    return fields


def _item(page: Page, node: Node, key: str) -> Draft | None:
    """The story that an object is, or None."""
    fields = _fields(node, key)
    headline_key = next(
        (k for k in best("headline", fields) if fields[k].kind == "string" and not is_empty(fields[k].text)), None
    )
    draft: Draft = {}
    if headline_key is None:
        return _without_headline(page, fields, key)
    words = sane(unescaped(fields[headline_key].text))
    rest = {k: v for k, v in fields.items() if k != headline_key}
    for name in DETAILS:
        for field_key in best(name, rest):
            draft = merged(draft, field_value(page, name, rest[field_key]))
    strict = headline_key in ("headline", "news_headline") or bool(NEWS_LISTS.match(key))
    if not strict and not {"published_at", "source", "url", "sentiment", "summary"} & draft.keys():
        return None
    if not strict and headline_key not in STRICT_HEADLINES and not {"published_at", "source", "url"} & draft.keys():
        return None
    if is_junk(words) or word_count(words) < (1 if headline_key in STRICT_HEADLINES and strict else 2):
        return None
    draft = {"headline": Fact(words, fields[headline_key].start, fields[headline_key].end), **draft}
    return merged(draft, _noted(page, words, fields))


def _without_headline(page: Page, fields: dict[str, Node], key: str) -> Draft | None:
    """A story in a list of news that has a summary and no headline: its first sentence stands for one."""
    if not LISTS.match(key) and not _DAY.match(key):
        return None
    named = [k for k in best("summary", fields) if fields[k].kind == "string"]
    if not named:
        return None
    draft: Draft = {}
    for name in (
        "published_at",
        "source",
        "url",
        "sentiment",
        "impact",
        "category",
        "key_figures",
        "symbols",
        "company",
    ):
        for field_key in best(name, fields):
            draft = merged(draft, field_value(page, name, fields[field_key]))
    if not {"published_at", "source", "url"} & draft.keys() and not NEWS_LISTS.match(key):
        return None
    leaf = fields[named[0]]
    head = read_head(page, leaf.start, leaf.end)
    if "headline" not in head or is_junk(head["headline"].text) or word_count(head["headline"].text) < 4:
        return None
    fact = head["headline"]
    told = merged({"headline": replace(fact, value=sane(unescaped(fact.text)))}, draft, head)
    told["summary"] = Fact(sane(unescaped(leaf.text)), leaf.start, leaf.end)
    return told


def _noted(page: Page, words: str, fields: dict[str, Node]) -> Draft:
    """The link of the footnote that a story names by its number."""
    numbers = re.findall(r"\[\^?(\d{1,3})\]", words)
    for key in (
        "citation",
        "citations",
        "reference",
        "references",
        "source_index",
        "source_id",
        "ref",
        "citation_index",
    ):
        node = fields.get(key)
        if node is not None:
            leaf = node.items[0] if node.items else node
            numbers += re.findall(r"^\[?(\d{1,3})\]?$", leaf.text)
    notes = (page.notes.get(int(n)) for n in numbers)
    note = next((n for n in notes if n is not None), None)
    return {"url": note} if note else {}


_DAY = regex(r"(?:19|20)\d\d_\d\d_\d\d$")
"""The key of a list of what is told of a day."""


def _from_string(page: Page, node: Node, key: str, around: Draft) -> list[Draft]:
    """A headline that is a string of a list of news."""
    head = read_head(page, node.start, node.end)
    if not NEWS_LISTS.match(key) and not _DAY.match(key) and "published_at" not in head:
        return []
    headline = head.get("headline")
    if headline is None or is_junk(headline.text) or word_count(headline.text) < (4 if _DAY.match(key) else 3):
        return []
    return [merged({**head, "headline": replace(headline, value=sane(unescaped(headline.text)))}, around)]
