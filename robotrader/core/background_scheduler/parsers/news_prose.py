"""The basic layer: paragraphs of prose, each one story, told by its first sentence; only what is plainly news."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.company_mentions import SEQUENCE, surely_company
from robotrader.core.background_scheduler.parsers.news_dates import WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head, strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import (
    REFUSAL,
    is_junk,
    is_section,
    is_talk,
    word_count,
)
from robotrader.core.background_scheduler.parsers.news_keys import IDLE_LABEL, label_at
from robotrader.core.background_scheduler.parsers.news_meta import read_meta
from robotrader.core.background_scheduler.parsers.news_named import dated_sentences
from robotrader.core.background_scheduler.parsers.news_outline import line_spans
from robotrader.core.background_scheduler.parsers.news_publishers import is_known
from robotrader.core.background_scheduler.parsers.news_shapes import is_fact_name
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span, sentences

HAPPENED = regex(
    r"\b(?:announce[sd]?|report(?:s|ed)|post(?:s|ed)|disclose[sd]|receiv(?:es?|ed)|w[io]ns?"
    r"|bags?|bagged|secure[sd]|acquire[sd]?|agree[sd]|approve[sd]?|appoint(?:s|ed)|resign(?:s"
    r"|ed)|launch(?:es|ed)?"
    r"|sign(?:s|ed)|rais(?:es|ed)|complet(?:es|ed)|sold|sells?|bought|buys?|said|says|plans?"
    r"|planned|propose[sd]?|grant(?:s|ed)|impose[sd]?|order(?:s|ed)|filed|files|inform(?:s"
    r"|ed)|invoke[sd]|invest(?:s|ed)|commission(?:s|ed)"
    r"|commenced|opened|opens|expand(?:s|ed)|set up|partner(?:s|ed)|declared|declares"
    r"|recommended|upgrade[sd]?|downgrade[sd]?|rose|fell|jumped|surged|slipped|gained"
    r"|declined|dropped|climbed|plunged|soared|tumbled|rall(?:y|ied)|reaffirm(?:s|ed)"
    r"|unveil(?:s|ed)|won|named|elevated|cut|cuts|hiked|hikes|extend(?:s|ed)|allotted|allots"
    r"|issued|issues|denied|denies|clarified|clarifies|accorded|settled|stepped|merge[sd]?"
    r"|divest(?:s|ed)|emerged|entered|transfer(?:s|red)|swung|grew|delivered"
    r"|drops?|slips?|surges?|jumps?|zooms?|expects?|expected|rated|initiated|initiates|maintain(?:s|ed)|started|suspended|halted"
    r"|recalled|delisted|listed|debuted|paid|fined|faces?|faced|served)\b",
    re.IGNORECASE,
)
"""What news tells that someone did, or that befell a share."""
_SUBJECT = regex(r"\b[A-Z][\w&.'-]+")
_ADVICE = regex(
    r"\b(?:investors? (?:should|may|can)|you (?:should|may|can|could|need|asked)|it is "
    r"(?:important|advisable|recommended)|in my (?:view|opinion)|overall,?|hence|therefore)\b",
    re.IGNORECASE,
)


_CITES = regex(
    rf"(?:\b(?i:on) (?P<before>(?i:{WHOLE})),? )?"
    r"(?P<paper>[A-Z][\w.&'-]{1,30}(?: [A-Z][\w.&'-]{1,30}){0,4}),?"
    r" (?:reported|ran|wrote|headlined|titled|carried|published)"
    rf"(?: on (?P<within>(?i:{WHOLE})))?"
    r"(?: (?:a|the|its|an)? ?(?:story|article|report|piece|item|headline))?"
    r"(?: (?:titled|headlined|under the headline))?"
    rf" ?[:,]? ?\"(?P<words>[A-Z0-9][^\"\n]{{15,250}})\"(?! (?:is|was|are|were|has|had)\b)"
    rf"(?: \((?P<behind>(?i:{WHOLE}))\))?"
)
"""A paper, what it did, and a headline in quotation marks; a date only where it is that of the report."""
_QUOTES = regex(r"\"(?P<words>[A-Z0-9][^\"\n]{15,250})\"[ ]\((?P<origin>[^()\n]{4,80})\)")
_REPORTED = regex(
    r",\s(?P<paper>(?:[Tt]he\s)?[A-Z][\w.&'-]{1,20}(?:\s[A-Z][\w.&'-]{1,20}){0,3})\s(?:reported|said|wrote)"
    rf"(?:\son\s(?P<day>(?i:{WHOLE})))?\.?\s*$"
)
_PERSON = regex(r"\b(?:I|[Ww]e|[Oo]ur|[Mm]y|[Uu]s)\b")


def _cited(page: Page, start: int, end: int) -> list[Draft]:
    """The headlines that a paragraph quotes from papers by their names."""
    found: list[Draft] = []
    for match in _CITES.finditer(page.view, start, min(end, start + 5000)):
        names = [match.start("paper"), *(match.start("paper") + m.end() for m in re.finditer(" ", match["paper"]))]
        paper = next((at for at in names if is_known(page.view[at : match.end("paper")])), None)
        words = match["words"].rstrip(" ,.")
        if paper is None or _PERSON.search(words) or is_junk(words) or not 4 <= word_count(words) <= 30:
            continue
        at = match.start("words")
        draft = {
            "headline": quoted(page, (at, at + len(words))),
            "source": quoted(page, (paper, match.end("paper"))),
        }
        days = [name for name in ("before", "within", "behind") if match[name]]
        value = published(match[days[0]], month_first=page.month_first) if len(days) == 1 else None
        if value and (days != ["before"] or paper == match.start("paper")):
            draft["published_at"] = Fact(value, *match.span(days[0]))
        found.append(draft)
    return found


def _listed(page: Page, start: int, end: int) -> list[Draft]:
    """The headlines that a paragraph quotes with their papers and days in brackets behind; two at least."""
    found: list[Draft] = []
    for match in _QUOTES.finditer(page.view, start, min(end, start + 5000)):
        told = read_meta(page, page.view, *match.span("origin"))
        words = match["words"].rstrip(" ,.")
        if told is None or is_junk(words) or not 4 <= word_count(words) <= 30:
            continue
        found.append({"headline": quoted(page, (match.start("words"), match.start("words") + len(words))), **told})
    return found if len(found) >= 2 else []


def paragraphs(view: str) -> list[Span]:
    """The paragraphs: lines that follow each other, parted where one ends a sentence and the next starts one."""
    found: list[Span] = []
    begun: int | None = None
    ended = 0
    for start, end in line_spans(view):
        line = view[start:end]
        if not line.strip(" \t-=_*"):
            if begun is not None:
                found.append((begun, ended))
            begun = None
            continue
        if (
            begun is not None
            and re.search(r"[.!?][\"')\]]{0,2}\s*$", view[begun:ended][-6:])
            and ended - begun > 60
            and re.match(r"\W{0,4}[A-Z\d]", line)
        ):
            found.append((begun, ended))
            begun = start
        begun = start if begun is None else begun
        ended = end
    if begun is not None:
        found.append((begun, ended))
    return found


def read_prose(page: Page) -> list[Draft]:
    """A story from each paragraph that tells what someone did."""
    found: list[Draft] = []
    for start, end in paragraphs(page.view)[:200]:
        cited = _cited(page, start, end) or _listed(page, start, end)
        told = cited or [d for d in dated_sentences(page, start, end) if HAPPENED.search(d["headline"].text)]
        draft = None if told else _credited(page, start, end) or _story(page, start, end)
        found += told if draft is None else [draft]
    return found


def _credited(page: Page, start: int, end: int) -> Draft | None:
    """The story of one sentence that ends with who reported it: "..., Mint reported on 5 January 2026." """
    tail = _REPORTED.search(page.view, max(start, end - 120), end)
    if tail is None or not is_known(tail["paper"]) or end - start > 400:
        return None
    words = page.view[start : tail.start()].strip()
    if word_count(words) < 6 or len(sentences(page.view, start, tail.start())) > 1:
        return None
    if is_junk(words) or is_talk(words) or not HAPPENED.search(words) or not _SUBJECT.search(words):
        return None
    at = strip_marks(page.view, start, end)
    draft = {"headline": quoted(page, (at, tail.start())), "source": quoted(page, tail.span("paper"))}
    day = published(tail["day"], month_first=page.month_first) if tail["day"] else None
    if day:
        draft["published_at"] = Fact(day, *tail.span("day"))
    return draft


def _story(page: Page, start: int, end: int) -> Draft | None:
    at = strip_marks(page.view, start, end)
    words = page.view[at : min(end, at + 1200)]
    if (
        word_count(words) < 8
        or is_talk(words)
        or is_section(words.split("\n")[0])
        or words.rstrip().endswith((":", "?"))
    ):
        return None
    lead = re.match(r"([A-Z][^:\n]{1,40}):\s", words)
    labelled = label_at(page.view, at, end) or IDLE_LABEL.match(page.view, at, end) or (lead and is_fact_name(lead[1]))
    if labelled or words[0] in "{[<|":
        return None
    draft = read_head(page, start, end)
    headline = draft.get("headline")
    if headline is None or is_junk(headline.text) or word_count(headline.text) < (2 if "summary" in draft else 4):
        return None
    told = headline.text if word_count(headline.text) >= 5 else words[:300]
    denies = _ADVICE.search(told) or (REFUSAL.search(told) and not _names(told))
    if denies or not HAPPENED.search(told) or not _SUBJECT.search(told):
        return None
    return draft if {"url", "source", "published_at"} & draft.keys() else None


def _names(words: str) -> bool:
    """The words name a company for certain."""
    return any(surely_company(m[0]) for m in list(SEQUENCE.finditer(words[:400]))[:20])
