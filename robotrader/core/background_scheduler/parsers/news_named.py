"""Stories told without heads: lines that each start with a company's name, sentences that each tell their own day."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.company_mentions import surely_company
from robotrader.core.background_scheduler.parsers.news_dates import FIND, WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_talk, word_count
from robotrader.core.background_scheduler.parsers.news_meta import read_meta
from robotrader.core.background_scheduler.parsers.news_outline import line_spans
from robotrader.core.background_scheduler.parsers.news_publishers import is_known
from robotrader.core.background_scheduler.parsers.news_shapes import is_company, is_fact_name
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span, sentences

_LINE = regex(
    r"[ \t]{0,8}(?P<n>[A-Z][^:|\n]{1,40}?)"
    r"(?:[ ]?:[ \t]{1,3}|[ \t]\|[ \t]{1,3}|[ \t]-{1,2}[ \t]{1,3})(?=[A-Z\d\u20b9\"'])"
)
_WATCHED = regex(
    r"\b(?:stocks|shares|companies)\s(?:in\s(?:the\s)?(?:news|focus|action)|to\s(?:watch|track)|that\swill\b)"
    r"|\b(?:buzzing|trending)\sstocks\b",
    re.IGNORECASE,
)
"""A title that says that companies follow."""
_MARKET = regex(r"\b(?:stocks?|shares|markets?|outlook|prices?|rupee|gold|oil)$", re.IGNORECASE)
"""What a digest tells of beside companies."""
_LEAST = 3
"""Lines of one make below which they are no list."""
_LONGEST = 180
"""Characters of such a line; longer ones, or ones of several sentences, are paragraphs where no title says what
they are."""
_TITLE = 600
"""Characters in which a title says that companies follow."""
_MOST = 400
_ON = regex(rf"(?:[Oo]n |[Aa]s of )?(?P<d>{WHOLE}),? (?=\S)", re.IGNORECASE)
_LATE = regex(rf",? (?:on|dated) (?P<d>{WHOLE})\.?$", re.IGNORECASE)
_SAYS = regex(r"(?P<s>(?:[Tt]he )?[A-Z][\w.&'-]*(?: [A-Z][\w.&'-]*){0,3}) (?:reported|wrote|said) that ")
_CITES = regex(
    r",? (?:according to|as reported by|reported by|reports|citing|per|via) "
    r"(?P<s>(?:[Tt]he )?[A-Z][\w.&' -]{1,30}?)\.?$"
)
_PAREN = regex(r"\s?\(([^()\n]{4,100})\)[.;]?\s*$")
_THEN = regex(r"(?:Finally|Meanwhile|Also|Further|Separately|Earlier|Later|Then|In addition|Additionally),? ")


def read_named(page: Page) -> list[Draft]:
    """A story from each line "Company: what happened", where several lines of a text are made so."""
    named = [(m, s) for s in line_spans(page.view) if (m := _LINE.match(page.view, *s)) and _tells(page, m, s[1])]
    known = [is_company(m["n"]) for m, _ in named]
    if True not in known:
        return []
    begun = known.index(True)  # what stands among companies or behind them, written alike, is one too
    spans = [s for (m, s), sure in zip(named[begun:], known[begun:], strict=True) if sure or _like_one(m["n"])]
    sure = sum(surely_company(m["n"]) for m, _ in named[begun:])
    watched = _WATCHED.search(page.view[:_TITLE])
    if not watched and any(_is_paragraph(page, m, s) for m, s in named[begun:]):
        return []
    if len(spans) < _LEAST or (sure * 3 < len(spans) and not (watched and watched.start() < spans[0][0])):
        return []
    heads = (read_head(page, *span) for span in spans[:_MOST])
    return [head for head in heads if "headline" in head]


def _tells(page: Page, match: re.Match[str], end: int) -> bool:
    """The words behind a name tell something."""
    words = page.view[match.end() : end].strip()
    named = not (_WATCHED.search(match["n"]) or is_section(match["n"]) or _MARKET.search(match["n"]))
    return (
        named
        and word_count(words) >= 4
        and not is_fact_name(match["n"])
        and not is_junk(page.view[match.start() : end])
    )


def _like_one(name: str) -> bool:
    """The words are written as a company's name: capitals alone, few, and no title of a part."""
    words = name.replace("(", " ").replace(")", " ").split()
    return len(words) <= 5 and all(w[0].isupper() or w in ("&", "of", "and") for w in words) and not is_section(name)


def _is_paragraph(page: Page, match: re.Match[str], span: Span) -> bool:
    long = span[1] - span[0] > _LONGEST or len(sentences(page.view, match.end(), span[1])) > 1
    return long and "|" not in match[0]


def dated_sentences(page: Page, start: int, end: int) -> list[Draft]:
    """A story from each sentence of a paragraph that tells its own day, where at least two do."""
    found: list[Draft] = []
    for a, b in sentences(page.view, start, end):
        words = page.view[a:b].strip()
        if word_count(words) < 8 or is_talk(words) or len(FIND.findall(words)) != 1:
            continue
        draft = _dated(page, a, b)
        if draft is not None:
            found.append(draft)
    return found if len(found) >= 2 and any("source" in d for d in found) else []


def _dated(page: Page, start: int, end: int) -> Draft | None:
    """The sentence without its day and its paper, which are told beside it."""
    view, draft = page.view, Draft()
    start += len(view[start:end]) - len(view[start:end].lstrip())
    for pattern in (_THEN, _ON, _SAYS):
        lead = pattern.match(view, start, end)
        if lead is None or (pattern is _SAYS and not is_known(lead["s"])):
            continue
        _take(page, draft, lead)
        start = lead.end()
    for pattern in (_CITES, _LATE, _CITES):
        tail = pattern.search(view, max(start, end - 80), end)
        if tail and not (pattern is _CITES and not is_known(tail["s"])):
            _take(page, draft, tail)
            end = tail.start()
    behind = _PAREN.search(view, max(start, end - 120), end)
    told = read_meta(page, view, *behind.span(1)) if behind else None
    if behind and told is not None:
        draft = {**told, **draft}
        end = behind.start()
    headline = quoted(page, (start, end))
    if "published_at" not in draft or word_count(headline.text) < 5 or is_junk(headline.text):
        return None
    draft["headline"] = headline
    return draft


def _take(page: Page, draft: Draft, match: re.Match[str]) -> None:
    told = match.groupdict()
    if told.get("d") and (day := published(told["d"], month_first=page.month_first)):
        draft.setdefault("published_at", Fact(day, *match.span("d")))
    if told.get("s"):
        draft.setdefault("source", quoted(page, match.span("s")))
