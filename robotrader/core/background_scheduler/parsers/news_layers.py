"""The layers of the news reader: JSON, then tables, lists, letters and articles, then paragraphs of prose."""

from __future__ import annotations

from dataclasses import replace

from robotrader.core.background_scheduler.parsers.json_text import Block, find_json
from robotrader.core.background_scheduler.parsers.news_article import read_article
from robotrader.core.background_scheduler.parsers.news_articles import read_listing
from robotrader.core.background_scheduler.parsers.news_digest import dated_by_title, read_calls
from robotrader.core.background_scheduler.parsers.news_dump import read_bulletin
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, make_page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_feed import read_feed, read_pointed
from robotrader.core.background_scheduler.parsers.news_filing import is_filing, is_formal, read_filing, told_part
from robotrader.core.background_scheduler.parsers.news_junk import refuses
from robotrader.core.background_scheduler.parsers.news_lists import read_outline, skipped_parts
from robotrader.core.background_scheduler.parsers.news_named import read_named
from robotrader.core.background_scheduler.parsers.news_outline import outline
from robotrader.core.background_scheduler.parsers.news_prose import read_prose
from robotrader.core.background_scheduler.parsers.news_structured import (
    Found,
    notes_of,
    prose_of,
    read_structured,
    unwrapped,
)
from robotrader.core.background_scheduler.parsers.news_tables import read_tables
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import (
    Span,
    blank,
    json_view,
    keep,
    raw_view,
    sentences,
)

_LEAD = 400
"""Characters in which an answer says that it has nothing to tell."""
ORIGIN = frozenset({"url", "published_at", "source"})


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


def why_none(page: Page) -> list[str]:
    """Why a page holds no story, where it says so itself."""
    if refuses(page.view[:4000]):
        return ["the text says that there is no news"]
    if is_filing(page):
        return ["a letter to the exchanges whose subject names no more than its rule: there is no headline in it"]
    return []


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


def _told(page: Page, subject: Fact, words: Fact | None) -> Fact:
    """What a subject tells, without the rule it is told under; where it tells nothing, the first of the words below."""
    part = told_part(page, subject)
    if part is not None and not is_formal(part.text):
        return part
    first = next(iter(sentences(page.view, words.start, words.end)), None) if words else None
    told = quoted(page, trimmed(page.view, *first)) if first else subject
    return subject if is_formal(told.text) else told


def read_regex(page: Page) -> list[Draft]:
    """The stories of tables, of a letter, of an article, of an outline, of a listing: the first that has some."""
    drafts, used = read_tables(page)
    if drafts:
        rest = Page(page.text, blank(page.view, used), page.notes, page.month_first)
        return drafts + [d for d in read_outline(rest, outline(rest.view)) if ORIGIN & d.keys()]
    bulletin = read_bulletin(page)
    if bulletin:
        return [merged({"headline": _told(page, d["headline"], d.get("summary"))}, d) for d in bulletin]
    if is_filing(page):
        letter = read_filing(page)
        return [] if letter is None else [letter]
    drafts = read_feed(page) or dated_by_title(page, _read_lines(page))
    if refuses(page.view[:_LEAD]):  # what is listed below "I have no news" is where to look for some
        return [d for d in drafts if "published_at" in d or "url" in d]
    return drafts


def _read_lines(page: Page) -> list[Draft]:
    """The stories of an outline, of a listing, of an article, of lines that name brokers or companies."""
    root = outline(page.view)
    listed = read_outline(page, root)
    if any(ORIGIN & d.keys() for d in listed):
        return listed
    calls = read_calls(page)
    if calls:
        return calls
    rest = Page(page.text, blank(page.view, skipped_parts(page, root)), page.notes, page.month_first)
    results = [] if listed else read_pointed(rest) or read_listing(rest)
    if len(results) >= 2:
        return results
    article = read_article(page, listed=len(listed) > 1)
    return [article] if article is not None else listed or results or read_named(rest)
