"""Round-ups: the day in their title, which is that of all they tell, and the calls of brokers, one a line."""

from __future__ import annotations

import re
from itertools import islice

from robotrader.core.background_scheduler.parsers.news_dates import FIND, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_heads import strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_talk, word_count
from robotrader.core.background_scheduler.parsers.news_outline import line_spans
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_ROUND = regex(
    r"(?:\b|(?<=#))(?:(?:stocks?|shares|companies)[ ]?(?:in[ ]?(?:the[ ]?)?(?:news|action)|that moved)"
    r"|(?:buzzing|trending) stocks|brok(?:er|erage) (?:calls?|radar|views?|ratings)|research views|analyst calls"
    r"|(?:morning|evening|daily|midday|mid-day|closing|opening) (?:\w+ )?(?:brief|bulletin|news|note"
    r"|wrap|bell|digest|update|headlines|newsletter|round-?up|report)|bulletin|daybook|newsletter|(?:market|news) wrap"
    r"|today'?s (?:top )?(?:news|headlines)|top headlines|concall highlights|khab(?:ar|re)\w*|samachar)\b",
    re.IGNORECASE,
)
"""A title of what one day brought."""
_SPANNED = regex(
    r"\b(?:as (?:of|on)|weekly|week|months?|monthly|year|quarter|ended|ending|last|past|since|from|until|till)\b"
    r"|\d\s?(?:-|to|and|&)\s?\d{1,2}(?:st|nd|rd|th)? [A-Z]",
    re.IGNORECASE,
)
"""More than one day, or the day of who asked."""
_STAMPED = regex(
    r"[ \t*_]{0,8}(?:first )?(?:published|posted)(?:[ \t](?:on|at))?[*_ \t]{0,4}:?[*_ \t]{1,4}(?=[A-Z\d])",
    re.IGNORECASE,
)
_MAILED = regex(r"[ \t*_]{0,8}(?:date|sent)[*_ \t]{0,4}:[*_ \t]{1,4}(?=[A-Z\d])", re.IGNORECASE)
_MAIL = regex(r"^[ \t]{0,4}(?:from|to):\s[^\n]{3,200}$", re.IGNORECASE | re.MULTILINE)
_HEAD = 8
"""Lines a title, a stamp or the head of a mail can stand in."""


def title_day(page: Page) -> Draft:
    """The day that the title of a round-up, the line of its publication or the head of a mail states."""
    lines = (s for s in line_spans(page.view[:3000]) if page.view[slice(*s)].strip(" \t*_#-="))
    mail = bool(_MAIL.search(page.view[:1500]))
    for i, (start, end) in enumerate(islice(lines, _HEAD)):
        found = list(FIND.finditer(page.view, start, end))
        if len(found) != 1 or end - start > 160:
            continue
        line = page.view[start:end]
        titled = i < 3 and _ROUND.search(line) and not _SPANNED.search(line)
        if titled or _STAMPED.match(line) or (mail and _MAILED.match(line)):
            day = published(found[0][0], month_first=page.month_first)
            return {"published_at": Fact(day, *found[0].span())} if day else {}
    return {}


def dated_by_title(page: Page, drafts: list[Draft]) -> list[Draft]:
    """The stories, with the day of the round-up's title where none of them has a day of its own."""
    if len(drafts) < 2 or any("published_at" in d for d in drafts):
        return drafts
    day = title_day(page)
    return [merged(d, day) for d in drafts] if day else drafts


_RATING = (
    r"(?:buy|sell|hold|add|reduce|accumulate|neutral|over-?weight|under-?weight|equal[- ]?weight|out-?perform\w*"
    r"|under-?perform\w*|market[- ]perform\w*|sector[- ]perform\w*)"
)
_CALL = regex(
    r"(?P<broker>[A-Z][\w.&' ]{1,30}?) (?i:on) (?P<company>[A-Z][\w.&'() -]{1,40}?)[ ]?(?:-{1,2}|:|\||,)[ ]"
    rf"(?=.{{0,80}}(?i:\b(?:tp|target|{_RATING})\b)).{{3,140}}$"
)
"""A call as brokers' digests write it: "Oak Securities on Orchid Bank - Buy, TP Rs 900"."""
_LEAST = 2


def read_calls(page: Page) -> list[Draft]:
    """A story from each line that is a broker's call, with the line below it as its words; two lines at least."""
    found: list[Draft] = []
    below: Span | None = None
    for start, end in line_spans(page.view):
        at = strip_marks(page.view, start, end)
        words = page.view[at:end].strip(" *_")
        if not words:
            continue
        if _CALL.match(words) and not is_junk(words) and words[-1] not in ":.":
            found.append({"headline": quoted(page, trimmed(page.view, at, end))})
            below = None
        elif found and below is None and "summary" not in found[-1] and word_count(words) >= 5 and not is_talk(words):
            below = trimmed(page.view, at, end)
            found[-1]["summary"] = quoted(page, below)
    return found if len(found) >= _LEAST else []
