"""One article or one press release on a page: its title, its byline, its dateline and its first words."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.news_articles import (
    GOES_ON,
    line_origin,
    line_title,
    page_lines,
    retold,
)
from robotrader.core.background_scheduler.parsers.news_dates import FIND, WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_skipped, word_count
from robotrader.core.background_scheduler.parsers.news_outline import level_of
from robotrader.core.background_scheduler.parsers.news_prose import HAPPENED
from robotrader.core.background_scheduler.parsers.news_publishers import is_known
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_TOWN = r"[A-Z][A-Za-z.]{2,20}(?:[ ][A-Z][A-Za-z.]{2,20}){0,2}"
_DATELINE = regex(
    rf"[ \t*_(]{{0,8}}(?:{_TOWN}(?:[ ]?\([A-Za-z ]{{2,20}}\))?(?:,[ ]?{_TOWN})?[ "
    rf"]?[,:/-]{{1,2}}[ ]?)?(?P<date>(?i:{WHOLE}))"
    r"[ *_)]{0,6}(?:[:/]|-{1,2}|\.|\(|\|)"
)
_PLACED = regex(
    rf"[ \t*_(]{{0,8}}(?:{_TOWN}[ ]?,?[ ]{{1,2}}){{1,3}}(?P<date>(?i:{WHOLE}))[ *_).]{{0,6}}$", re.MULTILINE
)
_AGENCY = regex(rf"[ \t*_]{{0,8}}{_TOWN}[^()\n]{{0,40}}\((?P<a>PTI|ANI|IANS|UNI|AFP|AP|Reuters|REUTERS|Bloomberg)\)")
"""The dateline of a press agency: "New Delhi, Dec 8 (PTI)"."""
_BYLINE = regex(
    r"[ \t*_]{0,8}(?:(?:first )?published|posted|updated|last updated|written by|edited by|reported by|by)\b",
    re.IGNORECASE,
)
_PUBLISHED = regex(
    r"\b(?:(?:first |originally )?published|posted)(?:\s(?:on|at|date))?\s{0,2}[:-]?\s{0,2}", re.IGNORECASE
)
_UPDATED = regex(r"\b(?:last )?(?:updated|modified)(?:\s(?:on|at))?\s{0,2}[:-]?\s{0,2}", re.IGNORECASE)
_RELEASE = regex(
    r"\b(?:press|media|news) release\b|for immediate (?:release|publication)|/prnewswire/|business ?wire", re.IGNORECASE
)


_REST = 30
"""Characters of the last line of a paragraph that hold no more than its last words."""
_MENU = 6
"""Lines that make a menu."""
_LETTERHEAD = regex(r"[A-Z][\w&.,'() -]{2,60}\b(?:limited|ltd)\.?$", re.IGNORECASE)
"""The name of a company alone, as it stands above a release of its own."""


def _title_line(page: Page, lines: list[Span]) -> int | None:
    """The first line that is no origin, no date, and not where the page stands in its site."""
    for i, span in enumerate(lines):
        words = page.view[slice(*span)].strip(" *_#\t")
        if (
            (_RELEASE.search(words) and len(words) < 60)
            or line_origin(page, *span) is not None
            or _only_date(page, span)
        ):
            continue
        letterhead = _LETTERHEAD.match(words) and word_count(words) <= 6 and not HAPPENED.search(words)
        if not (is_junk(words) or letterhead) and (word_count(words) >= 3 or is_skipped(words)):
            return i
    return None


def _behind_menu(page: Page, lines: list[Span]) -> list[Span]:
    """The lines of a page without the short words of its menu, where it begins with many."""
    first = next((i for i, s in enumerate(lines) if not _is_menu(page, s)), 0)
    return lines[first:] if first >= _MENU else lines


def _is_menu(page: Page, span: Span) -> bool:
    words = page.view[slice(*span)].strip()
    return word_count(words) <= 3 or is_junk(words) or is_section(words)


def read_article(page: Page, *, listed: bool = False) -> Draft | None:
    """The one story of a page that is an article or a press release: title first, then byline, dateline and text.

    ``listed``: the page has points as well, which are the article's own only if its text begins before them.
    """
    lines = _behind_menu(page, [span for block in page_lines(page) for span in block][:80])[:14]
    release = bool(_RELEASE.search(page.view[:600]))
    title_at = _title_line(page, lines[:8])
    if title_at is None:
        return None
    head, title = line_title(page, *lines[title_at]), _wrapped(page, lines, title_at)
    if head is None or (page.view[slice(*title)].rstrip().endswith(".") and not release):
        return None  # a sentence, or a paragraph that goes on
    if _ROUND.search(head["headline"].text) and not release:
        return None
    if title != lines[title_at]:
        head["headline"] = quoted(page, title)
    told: Draft = {}
    dated = False
    for i, span in enumerate(lines):
        if title[0] <= span[0] < title[1]:
            continue
        line = _byline(page, span, lined=i > title_at)
        told, dated = merged(told, line), dated or bool(line)
    rest = lines[title_at + 1 :]
    if listed and any(level_of(page.view[slice(*s)]) > 8 for s in rest[:4]):
        return None
    body = next((s for s in rest if word_count(page.view[slice(*s)]) >= 8 and line_origin(page, *s) is None), None)
    if body is None or not (
        dated or release or (not listed and retold(head["headline"].text, page.view[slice(*body)]))
    ):
        return None
    head.pop("summary", None)
    return merged(head, told, _agency(page, body), {"summary": quoted(page, trimmed(page.view, *body))})


def _wrapped(page: Page, lines: list[Span], at: int) -> Span:
    """A line with those that go on with it: directly below, in small letters."""
    start, end = lines[at]
    for following in lines[at + 1 : at + 4]:
        words = page.view[slice(*following)].strip()
        goes_on = words[:1].islower() or (end > lines[at][1] and len(words) < _REST and words.endswith("."))
        if following[0] != end + 1 or not goes_on or line_origin(page, *following) is not None:
            break
        end = following[1]
    return start, end


def _agency(page: Page, body: Span) -> Draft:
    """The press agency of a dateline: "New Delhi, Dec 8 (PTI)"."""
    match = _AGENCY.match(page.view, *body)
    return {"source": quoted(page, match.span("a"))} if match else {}


_ROUND = regex(
    rf"\b(?:to watch|and more|brokerage calls|in (?:news|focus)(?!{GOES_ON})|round-?up|digest|newsletter"
    r"|top \d+|buzzing|daily note|live updates)\b",
    re.IGNORECASE,
)


def _only_date(page: Page, span: Span) -> bool:
    return published(page.view[slice(*span)], month_first=page.month_first) is not None


def _byline(page: Page, span: Span, *, lined: bool) -> Draft:
    """The origin in a line of an article's head."""
    start, end = span
    line = page.view[start:end]
    told = line_origin(page, start, end)
    if told:
        return {k: v for k, v in told.items() if k != "url" or lined}
    dateline = (_DATELINE.match(page.view, start, end) or _PLACED.match(page.view, start, end)) if lined else None
    if dateline:
        value = published(dateline["date"], month_first=page.month_first)
        return {"published_at": Fact(value, *dateline.span("date"))} if value else {}
    if len(line) > 200 or not (_BYLINE.match(line) or _PUBLISHED.search(line) or _UPDATED.search(line)):
        return {}
    for pattern in (_PUBLISHED, _UPDATED):
        for mark in pattern.finditer(line):
            day = FIND.match(line, mark.end())
            value = published(day[0], month_first=page.month_first) if day else None
            if day and value:
                told = {"published_at": Fact(value, start + day.start(), start + day.end())}
                cut = page.view.find("|", start, end)
                paper = is_known(page.view[start:cut]) if cut > 0 else False
                return merged(told, {"source": quoted(page, trimmed(page.view, start, cut))} if paper else {})
    return {}
