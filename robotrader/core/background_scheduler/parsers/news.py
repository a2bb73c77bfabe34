"""News out of an answer, a list, a table, a filing or a digest: three layers, each more lenient, none inventing.

``parse_news`` reads JSON first, then tables, lists, letters and articles, then paragraphs of prose. A later layer reads
only a text in which the stricter ones found no story.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from robotrader.core.background_scheduler.parsers.json_text import Block, find_json
from robotrader.core.background_scheduler.parsers.news_articles import read_article, read_listing
from robotrader.core.background_scheduler.parsers.news_companies import belongs, named_symbols
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, make_page
from robotrader.core.background_scheduler.parsers.news_filing import is_filing, read_filing
from robotrader.core.background_scheduler.parsers.news_heads import tail_source
from robotrader.core.background_scheduler.parsers.news_junk import refuses
from robotrader.core.background_scheduler.parsers.news_lists import read_outline
from robotrader.core.background_scheduler.parsers.news_named import read_named
from robotrader.core.background_scheduler.parsers.news_outline import outline
from robotrader.core.background_scheduler.parsers.news_prose import read_prose
from robotrader.core.background_scheduler.parsers.news_quick import read_quick
from robotrader.core.background_scheduler.parsers.news_structured import (
    Found,
    notes_of,
    prose_of,
    read_structured,
    unwrapped,
)
from robotrader.core.background_scheduler.parsers.news_tables import read_tables
from robotrader.core.background_scheduler.parsers.news_words import amounts, headline_category
from robotrader.core.background_scheduler.parsers.text import READ_LIMIT, Span, blank, json_view, keep, raw_view
from robotrader.core.background_scheduler.records import NewsItem, ParseResult, Provenance

_FIELDS = (
    "headline",
    "summary",
    "published_at",
    "source",
    "url",
    "sentiment",
    "category",
    "impact",
    "key_figures",
    "symbols",
)
_SUMMARY = 2000
ORIGIN = frozenset({"url", "published_at", "source"})


def parse_news(text: str, symbol: str | None = None) -> ParseResult[tuple[NewsItem, ...]]:
    """Read one text. ``symbol`` says whose news is wanted: stories plainly of another company are left out.

    Never raises on any text. A field that the text does not state for a story is None (or empty); ``strategy`` is
    ``none`` and the record empty where the text holds no story.
    """
    symbol = re.sub(r"^(?:NSE|BSE):", "", symbol.strip().upper()) or None if symbol else None
    warnings: list[str] = []
    offset = len(text) - len(text.lstrip()) if len(text) > READ_LIMIT else 0
    text = text[offset : offset + READ_LIMIT + 1]
    if len(text) > READ_LIMIT:
        warnings.append(f"the text is long; only its first {READ_LIMIT:,} characters are read")
    text = text[:READ_LIMIT]
    quick = read_quick(text)
    page, layer, drafts = (quick[0], "structured", quick[1]) if quick else read_fully(text, warnings)
    drafts = _told_once(_completed(page, d) for d in drafts)
    if symbol:
        kept = [d for d in drafts if belongs(d, symbol)]
        if len(kept) < len(drafts):
            warnings.append(
                f"{len(drafts) - len(kept)} of {len(drafts)} stories are about other companies than {symbol}"
            )
        drafts = kept
    if not drafts and refuses(page.view[:4000]):
        warnings.append("the text says that there is no news")
    elif not drafts and is_filing(page):
        warnings.append(
            "a letter to the exchanges whose subject names no more than its rule: there is no headline in it"
        )
    items = tuple(_item(d, layer, page, offset) for d in drafts)
    return ParseResult("news", layer if items else "none", tuple(warnings), items)


def read_fully(text: str, warnings: list[str]) -> tuple[Page, str, list[Draft]]:
    """The page of any text, the strictest layer that finds a story, and its stories; ``warnings`` grows."""
    view = raw_view(text)
    page = make_page(text, view)
    blocks = find_json(json_view(text), view)
    page = replace(page, notes={**notes_of(blocks), **page.notes})
    structured = read_structured(page, blocks)
    if blocks and not structured.drafts and '\\"' in view:
        inner = unwrapped(json_view(text))
        structured = replace(structured, drafts=read_structured(page, find_json(inner, unwrapped(view))).drafts)
    if structured.cut:
        warnings.append("the answer is cut: what it breaks off in is left out")
    return page, *_read(page, blocks, structured)


def _read(page: Page, blocks: list[Block], structured: Found) -> tuple[str, list[Draft]]:
    """The strictest layer that finds a story, and its stories."""
    if structured.drafts:
        return "structured", list(structured.drafts)
    rest = page
    if blocks:
        told = [leaf for block in blocks for leaf in prose_of(block.node)]
        rest = Page(page.text, _around(page.view, structured.spans, told), page.notes, page.month_first)
    drafts = read_regex(rest)
    if drafts:
        return "regex", drafts
    return "basic", [] if structured.empty or is_filing(rest) else read_prose(rest)


def _around(view: str, spans: tuple[Span, ...], told: list[Span]) -> str:
    """The view without its JSON, but with the prose in it, each piece on lines of its own."""
    view = "".join(b if b != " " or b == a else a for a, b in zip(keep(view, told), blank(view, spans), strict=True))
    for start, end in told:
        view = f"{view[: start - 1]}\n{view[start:end]}\n{view[end + 1 :]}" if end < len(view) else view
    return view


def read_regex(page: Page) -> list[Draft]:
    """The stories of tables, of a letter, of an article, of an outline, of a listing: the first that has some."""
    drafts, used = read_tables(page)
    if drafts:
        rest = Page(page.text, blank(page.view, used), page.notes, page.month_first)
        return drafts + [d for d in read_outline(rest, outline(rest.view)) if ORIGIN & d.keys()]
    if is_filing(page):
        letter = read_filing(page)
        return [] if letter is None else [letter]
    listed = read_outline(page, outline(page.view))
    if any(ORIGIN & d.keys() for d in listed):
        return listed
    results = [] if listed else read_listing(page)
    if len(results) >= 2:
        return results
    article = read_article(page, listed=len(listed) > 1)
    return [article] if article is not None else listed or results or read_named(page)


def _completed(page: Page, draft: Draft) -> Draft:
    """The draft with what its headline makes plain: publisher, category, amounts, symbols."""
    draft = {name: fact for name, fact in draft.items() if fact.value}
    headline = draft["headline"]
    if "source" not in draft:
        source = tail_source(headline, draft["url"].text if "url" in draft else None)
        if source is not None:
            at = page.text.rfind(source.text, headline.start, headline.end) if headline.start >= 0 else -1
            draft["source"] = Fact(source.value, at, at + len(source.text)) if at >= 0 else source
    if "category" not in draft and (kind := headline_category(headline.text)):
        draft["category"] = Fact(kind, headline.start, headline.end)
    if "key_figures" not in draft:
        _add_figures(draft)
    if "symbols" not in draft and (stated := named_symbols(page, draft)):
        draft["symbols"] = stated
    return draft


def _add_figures(draft: Draft) -> None:
    for name in ("headline", "summary"):
        fact = draft.get(name)
        found = amounts(fact.text[:_SUMMARY]) if fact else ()
        if fact and found:
            draft["key_figures"] = Fact(tuple(found), fact.start, fact.end)
            return


def _told_once(drafts: Any) -> list[Draft]:
    """The drafts without repetitions: the same headline with the same link and day, as far as both are written."""
    kept: list[Draft] = []
    places: dict[str, list[int]] = {}
    for draft in drafts:
        key = " ".join(draft["headline"].text.lower().split())
        same = next((i for i in places.get(key, []) if _agree(kept[i], draft)), None)
        if same is None:
            places.setdefault(key, []).append(len(kept))
            kept.append(draft)
        else:
            kept[same] = {**draft, **kept[same]}
    return kept


def _agree(a: Draft, b: Draft) -> bool:
    return all(n not in a or n not in b or a[n].value == b[n].value for n in ("url", "published_at", "symbols"))


def _item(draft: Draft, layer: str, page: Page, offset: int) -> NewsItem:
    values: dict[str, Any] = {}
    sources: dict[str, Provenance] = {}
    for name in _FIELDS:
        fact = draft.get(name)
        if fact is None:
            continue
        value = fact.value
        if name == "summary" and isinstance(value, str) and len(value) > _SUMMARY:
            value = value[:_SUMMARY].rsplit(" ", 1)[0]
        values[name] = value
        placed = 0 <= fact.start < fact.end
        sources[name] = Provenance(
            layer, page.text[fact.start : fact.end] if placed else "", fact.start + offset if placed else -1
        )
    return NewsItem(**values, sources=sources)
