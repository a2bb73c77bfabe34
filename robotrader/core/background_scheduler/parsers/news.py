"""News out of an answer, a list, a table, a filing or a digest: three layers, each more lenient, none inventing.

``parse_news`` reads JSON first, then tables, lists, letters and articles, then paragraphs of prose. A later layer reads
only a text in which the stricter ones found no story. What an answer by our own schema does not need is imported when
it is needed: that takes longer than reading many such answers.
"""

from __future__ import annotations

import re
from typing import Any

from robotrader.core.background_scheduler.parsers.news_companies import belongs, named_symbols
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page
from robotrader.core.background_scheduler.parsers.news_quick import read_quick
from robotrader.core.background_scheduler.parsers.text import READ_LIMIT
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
    if quick is None:
        # Most answers are in our own schema; importing the layers takes longer than reading many of them.
        from robotrader.core.background_scheduler.parsers.news_layers import read_fully

        page, layer, drafts = read_fully(text, warnings)
    else:
        (page, drafts), layer = quick, "structured"
    drafts = _told_once(_completed(page, d) for d in drafts)
    if symbol:
        kept = [d for d in drafts if belongs(d, symbol)]
        if len(kept) < len(drafts):
            warnings.append(
                f"{len(drafts) - len(kept)} of {len(drafts)} stories are about other companies than {symbol}"
            )
        drafts = kept
    if not drafts:
        from robotrader.core.background_scheduler.parsers.news_layers import why_none

        warnings += why_none(page)
    items = tuple(_item(d, layer, page, offset) for d in drafts)
    return ParseResult("news", layer if items else "none", tuple(warnings), items)


def _completed(page: Page, draft: Draft) -> Draft:
    """The draft with what its headline makes plain: publisher, category, amounts, symbols."""
    draft = {name: fact for name, fact in draft.items() if fact.value}
    headline = draft["headline"]
    if "source" not in draft:
        from robotrader.core.background_scheduler.parsers.news_heads import tail_source

        source = tail_source(headline, draft["url"].text if "url" in draft else None)
        if source is not None:
            at = page.text.rfind(source.text, headline.start, headline.end) if headline.start >= 0 else -1
            draft["source"] = Fact(source.value, at, at + len(source.text)) if at >= 0 else source
    if "category" not in draft:
        from robotrader.core.background_scheduler.parsers.news_words import headline_category

        if kind := headline_category(headline.text):
            draft["category"] = Fact(kind, headline.start, headline.end)
    if "key_figures" not in draft:
        _add_figures(draft)
    if "symbols" not in draft and (stated := named_symbols(page, draft)):
        draft["symbols"] = stated
    return draft


def _add_figures(draft: Draft) -> None:
    from robotrader.core.background_scheduler.parsers.news_words import amounts

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
