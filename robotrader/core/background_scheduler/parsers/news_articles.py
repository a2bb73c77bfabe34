"""Plain pages of news: what a line can be, results of a search one after another, titles below one another."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.news_dates import RELATIVE, WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_filing import is_formal
from robotrader.core.background_scheduler.parsers.news_heads import read_head, strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_skipped, is_talk, word_count
from robotrader.core.background_scheduler.parsers.news_keys import label_at
from robotrader.core.background_scheduler.parsers.news_meta import lead_meta, read_meta, read_value, take_links
from robotrader.core.background_scheduler.parsers.news_outline import level_of, line_spans
from robotrader.core.background_scheduler.parsers.news_prose import HAPPENED
from robotrader.core.background_scheduler.parsers.news_publishers import tail_publisher
from robotrader.core.background_scheduler.parsers.news_shapes import is_headline
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span, word_set

_MOST = 300


def page_lines(page: Page) -> list[list[Span]]:
    """The lines of the page in blocks between empty lines."""
    blocks: list[list[Span]] = [[]]
    for start, end in line_spans(page.view):
        if page.view[start:end].strip(" \t-=_*#"):
            blocks[-1].append((start, end))
        elif blocks[-1]:
            blocks.append([])
    return [b for b in blocks if b]


_CRUMBS = regex(
    r"\s*(?:https?://)?(?:www\.)?[a-z0-9-]{2,40}(?:\.[a-z0-9-]{2,30}){1,3}(?:\s[\u203a\u00bb>/]\s.{0,160})?\s*$"
)
_SPEECH = regex(r"\s*\"[^\"\n]{3,300}[,.?!]\"\s+(?!\s*[-|(\[])\S[^\n]{0,300}\.\s*$", re.MULTILINE)
"""What someone said, and who."""
_HEADER = regex(r"\s*(?:from|to|cc|bcc|subject|reply-to|sent|forwarded):\s", re.IGNORECASE)


def line_origin(page: Page, start: int, end: int) -> Draft | None:
    """The fields of a line that tells only where a story comes from; a lone date of an event is none."""
    crumbs = _CRUMBS.match(page.view[start:end])
    if crumbs:
        return {"place": quoted(page, (start, end))}
    view, linked = take_links(page, page.view, start, end)
    if not view[start:end].strip(" ()[]*_-<>\u203a|"):
        return linked or None
    label = label_at(page.view, strip_marks(page.view, start, end), end)
    if label and label[0] not in ("headline", "summary", "company") and "|" not in page.view[start:end]:
        return merged(read_value(page, page.view, label[0], label[1], end), linked)
    at, stop = trimmed(view, strip_marks(view, start, end), end)
    if RELATIVE.fullmatch(view[at:stop].strip(" .()")):
        return merged(linked, {"place": quoted(page, (at, stop))})
    told = read_meta(page, view, at, stop)
    return None if told is None else merged(told, linked)


def line_title(page: Page, start: int, end: int) -> Draft | None:
    """The head of a line that can be a headline."""
    if _HEADER.match(page.view, start, end) or _SPEECH.match(page.view, start, end):
        return None
    head = read_head(page, start, end)
    fact = head.get("headline")
    if fact is None or word_count(fact.text) < 3 or len(fact.text) > 300:
        return None
    if is_junk(fact.text) or is_section(fact.text) or is_talk(fact.text) or page.view[start:end].rstrip().endswith(":"):
        return None
    if (
        fact.text.endswith(".")
        and not fact.text.endswith(("...", "Ltd."))
        and not {"published_at", "source"} <= head.keys()
    ):
        return None
    return head


def read_listing(page: Page) -> list[Draft]:
    """Stories one after another: a title with a line of origin below it, or lines that each end with their origin."""
    blocks = page_lines(page)
    found = _aged(page, [span for block in blocks for span in block][: 2 * _MOST])
    if found:
        return found
    day: Draft = {}
    lead = ""
    for block in blocks[:_MOST]:
        if not found:
            dated = (
                line_origin(page, *s) for s in block[:6] if re.match(r"\s*date:", page.view[slice(*s)], re.IGNORECASE)
            )
            day = merged(day, *({k: v for k, v in (d or {}).items() if k == "published_at"} for d in dated))
        found += [merged(f, day) for f in _block(page, block) or _bare_titles(page, block, lead)]
        lead = page.view[slice(*block[-1])].strip()
    return found if len(found) >= 2 or (found and "url" in found[0]) else []


_AGE = regex(
    rf"[ \t]{{0,8}}(?:(?P<day>{WHOLE})|\d{{1,3}}\s?(?:m|h|d|w|mo|min|hr|mins|hrs|days?|hours?|weeks?)(?: ago)?"
    r"|\d{1,2} [A-Z][a-z]{2})\s{1,2}-{1,2}\s{1,2}(?=\S)",
    re.IGNORECASE,
)


def _aged(page: Page, lines: list[Span]) -> list[Draft]:
    """Titles that each have a line below of their age, or their day, and what they tell: ``2d - An order``."""
    found: list[Draft] = []
    for title, below in pairwise(lines):
        age = _AGE.match(page.view, *below)
        if age is None or _AGE.match(page.view, *title) or (head := line_title(page, *title)) is None:
            continue
        day = published(age["day"], month_first=page.month_first) if age["day"] else None
        told = {"summary": quoted(page, trimmed(page.view, age.end(), below[1]))}
        if day:
            told["published_at"] = Fact(day, *age.span("day"))
        if is_formal(head["headline"].text) and word_count(told["summary"].text) >= 4:
            head = {"headline": told.pop("summary")}
        found.append(merged(head, told))
    return found if len(found) >= 2 else []


def _bare_titles(page: Page, block: list[Span], lead: str) -> list[Draft]:
    """Headlines one a line below "Top headlines:", without anything about them."""
    first = page.view[slice(*block[0])].strip()
    if is_section(first) and len(block) > 2:
        lead, block = first, block[1:]
    if not is_section(lead) or is_skipped(lead) or len(block) < 2:
        return []
    heads = [line_title(page, *span) for span in block]
    told = [h for h in heads if h and word_count(h["headline"].text) >= 4 and is_headline(h["headline"].text)]
    return told if len(told) == len(block) else []


def _block(page: Page, block: list[Span]) -> list[Draft]:
    origins = [line_origin(page, *span) for span in block[:40]]
    heads = [line_title(page, *span) if told is None else None for span, told in zip(block, origins, strict=False)]
    own = [h for h in heads if h and (_complete(h) or tail_publisher(h["headline"].text, None))]
    if own and len(own) == sum(h is not None for h in heads) and not any(origins):
        return [merged(h, {"place": h["headline"]}) for h in own]
    paired = _paired(page, block[len(block) % 2 :]) if len(block) > 5 and not any(origins) else []
    if paired:
        return paired
    if heads[0] and len(block) == 2 and retold(heads[0]["headline"].text, page.view[slice(*block[1])]):
        return [
            merged(heads[0], {"place": heads[0]["headline"]}, {"summary": quoted(page, trimmed(page.view, *block[1]))})
        ]
    found: list[Draft] = []
    open_at = -1
    direct = any(h and o for h, o in zip(heads, origins[1:], strict=False))
    waiting: Draft = {}
    for i, (span, told) in enumerate(zip(block, origins, strict=False)):
        if told is not None:
            if found and open_at >= 0:
                found[-1] = merged(found[-1], told)
            elif all(o is not None for o in origins[:i]):
                waiting = merged(waiting, told)
            continue
        followed = any(o for o in origins[i + 1 : i + (2 if direct else 3)])
        head = heads[i]
        if head is not None and (followed or "url" in head or waiting) and (not found or _complete(found[-1])):
            found.append(merged(head, waiting))
            open_at, waiting = i, {}
        elif found and "summary" not in found[-1]:
            found[-1] = merged(found[-1], lead_meta(page, *span))
            found[-1] = merged(found[-1], {"summary": quoted(page, trimmed(page.view, *span))})
    return [f for f in found if _complete(f)]


def _paired(page: Page, block: list[Span]) -> list[Draft]:
    """Titles that each have a line of sentences below, line by line without exception; most of them retold there."""
    found: list[Draft] = []
    again = 0
    for title, body in zip(block[::2], block[1::2], strict=True):
        head, words = line_title(page, *title), page.view[slice(*body)].strip()
        if head is None or not is_headline(head["headline"].text) or not 4 <= word_count(head["headline"].text) <= 25:
            return []
        if not words.endswith((".", "...")) or word_count(words) < 10 or level_of(page.view[slice(*body)]) != 8:
            return []
        if not HAPPENED.search(head["headline"].text) or not _telling(head["headline"].text) & _telling(words):
            return []
        again += retold(head["headline"].text, words)
        found.append(merged(head, {"place": head["headline"]}, {"summary": quoted(page, trimmed(page.view, *body))}))
    return found if 2 * again > len(found) else []


def _telling(words: str) -> set[str]:
    return {w for w in re.findall(r"[a-z]{4,}", words[:1200].lower()) if w not in _COMMON}


def _complete(draft: Draft) -> bool:
    return bool({"url", "published_at", "source", "place"} & draft.keys())


GOES_ON = r" (?:after|as|ahead|on|following|amid|post)\b"
"""What goes on behind "shares in focus" where one story is told."""
_ROUNDUP = regex(
    rf"\b(?:to watch|and more|biggest|top \d*|live|brokerage calls|in (?:news|focus)(?!{GOES_ON})|market"
    r"|highlights|takeaways|buzzing|round-?up"
    r"|digest|newsletter|daily|morning|evening|updates?|analysis|summary|note|review|preview|outlook|weekly|stocks)\b",
    re.IGNORECASE,
)


def retold(title: str, body: str) -> bool:
    """A text that tells its title again is an article; a round-up or an analysis is not one story."""
    if _ROUNDUP.search(title) or not 5 <= word_count(title) <= 25 or word_count(body) < 12:
        return False
    words = _telling(title)
    return len(words & _telling(body)) >= max(2, len(words) // 3)


_COMMON = word_set("with from that this have will after over into more than said says company shares stock crore their")
