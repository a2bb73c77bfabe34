"""A letter to the exchanges is one story: its subject is the headline, the date of the letter its day."""

from __future__ import annotations

import re
import unicodedata

from robotrader.core.background_scheduler.parsers.news_dates import FIND, OCR_MARKS, published
from robotrader.core.background_scheduler.parsers.news_dump import is_bulletin
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, quoted
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_outline import line_spans
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span, sentences, word_set

_DEAR = regex(
    r"^[ \t*]{0,20}(?:Dear\b.{0,30}|Respected\b.{0,30}|(?:Madam|Sirs?)\s?/\s?(?:Dear )?(?:Sirs?|Madam)\b.{0,20})$",
    re.IGNORECASE | re.MULTILINE,
)
_TO = regex(
    r"scrip code|stock exchange of|corporate relationship|listing (?:department|compliance)"
    r"|bse limited|phiroze|exchange plaza|regulation \d\d|lodr",
    re.IGNORECASE,
)
_SUBJECT = regex(
    r"^[ \t*_]{0,12}(?:Sub(?:ject)?|Re|Reg)\b[ \t*_]{0,4}(?:[.:;-][ \t*_]{0,3}){1,3}", re.IGNORECASE | re.MULTILINE
)
_STOP = regex(
    r"[ \t*_]{0,12}(?:Dear\b|Ref(?:erence|\.|:|\b\s?:)|Pursuant\b|With reference\b|This is\b"
    r"|We\b|Dated?\b\s?:|Thanking\b|Yours\b|It is (?:hereby )?informed\b|In (?:terms|compliance|accordance"
    r"|continuation|furtherance|connection)\b"
    r"|Please\b|Kindly\b|Further to\b|As required\b|ISIN\b|Scrip\b|BSE\b.{0,12}:"
    r"|NSE\b.{0,12}:|Symbol\b|To,|Enclosed\b|Respected\b|Madam|Sir\b)",
    re.IGNORECASE,
)
_FORMAL = word_set(
    "regulation regulations sebi securities exchange exchanges board of india listing obligations and disclosure"
    " requirements lodr disclosures intimation intimations announcement announcements schedule part para paragraph as"
    " amended information compliance act clause circular update updates clarification "
    "clarifications media report reports"
    " news item items appearing appeared published email e-mail mail received seeking sought "
    "stock bse nse national bombay"
    " limited ltd dated each certain respect regarding regard in on to the under with read "
    "pursuant terms for per by from"
    " its our company corporate letter reference subject general certain together your a iii ii iv pursuance accordance"
    " submission submitting press release january february march april may june july august september october november"
    " december reg regs sub master general specified"
)
_TOKEN = regex(r"[a-z][a-z'-]+")
_INFORM = regex(
    r"\b(?:inform(?:ed|s)?(?: you| the exchanges?| your (?:good )?office| the stock "
    r"exchanges?)?,?(?: that)?|intimate(?: you)?(?: that)?|(?:would like|wish(?:es)?|are "
    r"pleased|is pleased) to (?:inform|announce|intimate)[^.\n]{0,30}? that)\s{1,4}",
    re.IGNORECASE,
)
_DATE_LINE = regex(
    r"^[ \t*_]{0,20}(?:[^\n]{0,60}?(?:\b|[ \t]{3,120}))?(?:Dated?|Dt\.?|Date of (?:letter|filing"
    r"|disclosure))\s{0,3}[:.-]{1,2}\s{0,3}([^\n]{4,40})$",
    re.IGNORECASE | re.MULTILINE,
)
_SYMBOL = regex(
    r"\b(?:(?:NSE|Trading|Scrip|Company.?s)\s){0,2}(?:Scrip |Stock |Trading )?(?:Symbol"
    r"|Code)(?: in NSE| at NSE|\s?\(NSE\))?[ \t*]{0,3}[\n]?[ \t]{0,3}[:-][ "
    r"\t*]{0,4}([A-Z][A-Z0-9&-]{1,19})\b(?![a-z])"
)
_HEAD = 3000


def is_filing(page: Page) -> bool:
    """The page is a letter to the exchanges: an address or a rule, and a greeting or a subject."""
    head = page.view[:_HEAD]
    return (
        bool(_TO.search(head))
        and bool(_DEAR.search(head) or _SUBJECT.search(head))
        and "```" not in head
        and not is_bulletin(page)
    )


def read_filing(page: Page) -> Draft | None:
    """The one story of a letter; None where its subject names no more than the rule it is written under."""
    if not is_filing(page):
        return None
    headline = told_part(page, _subject(page))
    if headline is None or is_junk(headline.text) or is_formal(headline.text):
        return None
    draft: Draft = {"headline": headline}
    told = _informing(page)
    if told is not None:
        draft["summary"] = told
    day = _day(page)
    if day:
        draft["published_at"] = day
    symbol = next((m for m in _SYMBOL.finditer(page.view[:_HEAD]) if m[1] not in ("NSE", "BSE", "EQ", "ISIN")), None)
    if symbol:
        draft["symbols"] = Fact((symbol[1],), symbol.start(1), symbol.end(1))
    return draft


def _subject(page: Page) -> Fact | None:
    """The words behind ``Sub:``, over several lines until the letter goes on."""
    match = _SUBJECT.search(page.view[:_HEAD])
    if match is None:
        return None
    start = end = match.end()
    for i, (a, b) in enumerate(line_spans(page.view[start : start + 900])):
        line = page.view[start + a : start + b]
        if not line.strip():
            if end > start and page.view[start:end].strip():
                break
            continue
        if (i and _STOP.match(line)) or (end > start and i > 8):
            break
        end = start + b
    span = trimmed(page.view, start, end)
    return quoted(page, _bare(page, span)) if span[1] > span[0] else None


def _bare(page: Page, span: Span) -> Span:
    start, end = span
    while start < end and page.view[start] in " *_\"'\n":
        start += 1
    while end > start and page.view[end - 1] in " *_\"'\n":
        end -= 1
    return start, end


_SEGMENT = regex(r"\s-{1,2}\s?|-{1,2}\s|(?<=[\w)\"])-{1,2}(?=[A-Z])|[:;]\s{1,3}|\n\s*(?=[A-Z(])")


def told_part(page: Page, subject: Fact | None) -> Fact | None:
    """The subject without the name of the rule before it: "Disclosure under Regulation 30 - Opening of a plant"."""
    if subject is None:
        return None
    start = subject.start
    for cut in _SEGMENT.finditer(page.view, subject.start, subject.end):
        rest = page.view[cut.end() : subject.end]
        if not is_formal(page.view[start : cut.start()]) or is_formal(rest):
            break
        start = cut.end()
    return subject if start == subject.start else quoted(page, _bare(page, (start, subject.end)))


def is_formal(words: str) -> bool:
    """The words name the rule or the query a letter answers to, and not what it tells."""
    words = unicodedata.normalize("NFKC", words.replace("\u019f", "ti")).lower()
    rest = [w for w in _TOKEN.findall(words) if w not in _FORMAL and not w.startswith("sched")]
    return len(rest) < 2


def _informing(page: Page) -> Fact | None:
    """What the letter informs of: the rest of the sentence behind "inform you that"."""
    dear = _DEAR.search(page.view[:_HEAD])
    begin = dear.end() if dear else 0
    match = _INFORM.search(page.view, begin, begin + 4000)
    if match is None:
        return None
    for start, end in sentences(page.view, match.end(), min(len(page.view), match.end() + 900)):
        if word_count(page.view[start:end]) >= 3:
            begin = match.end() if word_count(page.view[match.end() : end]) < 60 else start
            return quoted(page, _bare(page, trimmed(page.view, begin, end)))
    return None


_COLUMNS = regex(r"[ \t]{4,}")
"""What parts the number of a letter from its date on one line."""


def _day(page: Page) -> Fact | None:
    """The date of the letter: labelled, or alone on a line."""
    view = page.view.translate(OCR_MARKS)
    for match in _DATE_LINE.finditer(view):
        value = published(match[1])
        if value:
            return quoted(page, trimmed(view, *match.span(1)), value)
    for start, end in line_spans(view[:_HEAD]):
        line = view[start:end]
        found = FIND.search(line) if len(" ".join(line.split())) < 80 else None
        if found is None:
            continue
        begun = max((m.end() for m in _COLUMNS.finditer(line, 0, found.start())), default=0)
        ended = _COLUMNS.search(line, found.end())
        rest = line[begun : found.start()] + line[found.end() : ended.start() if ended else len(line)]
        placed = re.fullmatch(r"\s*(?:[A-Z][\w ]{2,30}[,|:]?\s*)?[\s.,*_|-]*", rest)
        if placed and not re.search(r"\b(?:ended|ending|meeting|from|to|on|till|as)\b", rest, re.IGNORECASE):
            value = published(found[0])
            if value:
                return quoted(page, (start + found.start(), start + found.end()), value)
        if re.match(r"\s*Dear\b", line, re.IGNORECASE):
            break
    return None
