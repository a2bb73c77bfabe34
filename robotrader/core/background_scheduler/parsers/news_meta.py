"""What stands around a headline: (Mint, 5 Jan 2026), Source: Mint | Date: ..., [Positive], a link, a footnote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from robotrader.core.background_scheduler.parsers.dates import MONTH
from robotrader.core.background_scheduler.parsers.news_dates import FIND, RELATIVE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, Value, bare_url, merged, quoted
from robotrader.core.background_scheduler.parsers.news_keys import IDLE_LABEL, label_at
from robotrader.core.background_scheduler.parsers.news_publishers import (
    is_domain,
    is_empty,
    is_known,
    is_place,
    like_name,
)
from robotrader.core.background_scheduler.parsers.news_words import (
    impact_of,
    is_sentiment,
    sentiment_of,
    stated_category,
)
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span, blank

_MARKED = regex(r"\[([^\[\]\n]{0,400})\]\(\s?<?(https?://[^\s<>]{4,600}?)>?(?:\s\"[^\"\n]{0,200}\")?\)", re.IGNORECASE)
_BARE = regex(
    r"(?:https?://[^\s<>\"|\u2039\u203a]{4,600}|www\.[\w.-]{3,60}/[^\s<>\"|\u2039\u203a]{1,600})", re.IGNORECASE
)
_CITED = regex(r"\[\^?(\d{1,3})(?:[ ,]{1,2}\d{1,3}){0,6}\](?!\()|\u3010(\d{1,3})[^\u3011\n]{0,40}\u3011")
_POINTER = regex(
    r"\W{0,4}(?:read (?:more|full(?: story| article)?|here|on [\w ]{1,30})|(?:source|link|url"
    r"|article|full (?:story|article)|more|here|details|pdf|view|open|\d{1,3}|\u2197|\u2192)"
    r"(?: link| \d{1,2})?)\W{0,4}$",
    re.IGNORECASE,
)


def take_links(page: Page, view: str, start: int, end: int) -> tuple[str, Draft]:
    """The link and the source of a span, and ``view`` with the marks of links blanked (their words stay)."""
    found: Draft = {}
    gone: list[Span] = []
    for match in _MARKED.finditer(view, start, end):
        url_end = match.start(2) + len(match[2])
        found.setdefault("url", Fact(page.text[match.start(2) : url_end], match.start(2), url_end))
        words = match[1].strip(" *_")
        if _POINTER.match(words) or is_known(words) or is_domain(words) or not words:
            if (is_known(words) or is_domain(words)) and not words.isdigit():
                found.setdefault("source", quoted(page, match.span(1)))
            gone.append(match.span())
        else:
            gone += [(match.start(), match.start(1)), (match.end(1), match.end())]
    view = blank(view, gone) if gone else view
    gone = []
    for match in _BARE.finditer(view, start, end):
        size = len(bare_url(match[0]))
        found.setdefault(
            "url", Fact(page.text[match.start() : match.start() + size], match.start(), match.start() + size)
        )
        around = (match.start() - (view[match.start() - 1 : match.start()] == "<"), match.start() + size)
        gone.append((around[0], around[1] + (view[around[1] : around[1] + 1] == ">")))
    for match in _CITED.finditer(view, start, end):
        note = page.notes.get(int(match[1] or match[2]))
        if note is not None and "url" not in found:
            found.update({"url": note, **{k: v for k, v in _note_told(page, note).items() if k not in found}})
        gone.append(match.span())
    return (blank(view, gone) if gone else view), found


_NOTE_MARK = regex(r"[ \t>*-]{0,8}(?:\[\^?\d{1,3}\]:?|\d{1,3}[.)])[ \t]{0,4}")


def _note_told(page: Page, note: Fact) -> Draft:
    """The paper and the day that the line of a footnote states with its link, where it tells nothing else."""
    view = page.view
    start = view.rfind("\n", 0, note.start) + 1
    ended = view.find("\n", note.end)
    end = len(view) if ended < 0 else ended
    mark = _NOTE_MARK.match(view, start, end)
    if mark is None or mark.end() > note.start:
        return {}
    rest = blank(view[mark.end() : end], [(note.start - mark.end(), note.end - mark.end())]).rstrip(" ()<>,|.-\u2014")
    told = (
        read_meta(page, blank(view, [(note.start, note.end)]), mark.end(), mark.end() + len(rest))
        if rest.strip()
        else None
    )
    return {k: v for k, v in (told or {}).items() if k in ("source", "published_at")}


_PARTS = regex(r"\s?[|\u2022\u00b7;\n]\s?|\s\.\s|\s-{1,2}\s|\s/\s|,\s|\t|\s{4,}")
_FILLER = regex(
    rf"\W{{0,4}}(?:{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)? {MONTH})\W{{0,4}}$"
    r"|\W{0,4}(?:on|dated?|published(?: (?:on|by|at))?|posted(?: on)?|by|via|source|as of"
    r"|reported(?: (?:by|on|in))?|according to|at|in|from|news|updated?(?: (?:on|at))?|\d{1,2}:\d\d(?: "
    r"?[ap]\.?m\.?)?(?: ?IST)?|IST|per|min read|\d{1,2} min read"
    r"|date|link|read more|view|company updates?|board meeting|corp(?:orate|\.)? actions?"
    r"|results?|general|agm/egm|insider trading(?: / sast)?|new listing|announcements?|(?:mon"
    r"|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun))?\W{0,4}$",
    re.IGNORECASE,
)
_BEFORE = regex(
    r"^\W{0,3}(?:published(?: (?:on|by|in))?|posted(?: on)?|source|via|dated|reported by|from"
    r"|as reported (?:by|in))\s{1,2}:?\s{0,2}",
    re.IGNORECASE,
)


def read_meta(page: Page, view: str, start: int, end: int, *, alone: bool = True) -> Draft | None:
    """The fields of words that tell nothing but where a story comes from; None where they tell anything else.

    ``alone``: a lone name counts only if it is that of a known publisher.
    """
    if end - start > 240 or end <= start:
        return None
    piece = view[start:end]
    dates = list(FIND.finditer(piece))
    found: Draft = {}
    if dates:
        span = _whole_date(piece, *dates[0].span())
        value = published(piece[slice(*span)], month_first=page.month_first)
        if value is None or len(dates) > 1:
            return None
        found["published_at"] = Fact(value, start + span[0], start + span[1])
        piece = blank(piece, [span])
    unknown: list[Span] = []
    for a, b in _parts(piece, start):
        known = _token(page, view, a, b)
        if known is None:
            unknown.append((a, b))
        else:
            found = merged(found, known)
    if unknown:
        named = len(unknown) == 1 and like_name(view[slice(*unknown[0])].strip(" ()[]*_"))
        if not named or "source" in found or (alone and "published_at" not in found):
            return None
        found["source"] = _named(page, view, *unknown[0])
    return found or None


def _parts(piece: str, base: int) -> list[Span]:
    """The parts of a line of origin that are not empty, as spans of the whole text."""
    found: list[Span] = []
    at = 0
    for start, end in [*(m.span() for m in _PARTS.finditer(piece)), (len(piece), len(piece))]:
        a, b = trimmed(piece, at, start)
        while a < b and piece[a] in "- " and piece[a : a + 2] in ("- ", "--", "  "):
            a += 1
        if b > a:
            found.append((a + base, b + base))
        at = end
    return found


_AROUND = regex(
    r"(?:\s{0,2}(?:,|\||-|at|T)?\s{0,2}\d{1,2}(?::\d\d(?::\d\d)?|\.\d\d(?=\s?[ap]\.?m\b))\s?(?:[ap]\.?m\.?)?\s?\(?(?:IST"
    r"|GMT|UTC|Z|[+-]\d\d:?\d\d)?\)?)",
    re.IGNORECASE,
)
_DAY_BEFORE = regex(
    r"(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|nesday|sday|rsday|urday)?\.?,?\s{1,2}$", re.IGNORECASE
)


def _whole_date(piece: str, start: int, end: int) -> Span:
    """The date with its weekday and its time of day."""
    before = _DAY_BEFORE.search(piece[max(0, start - 14) : start])
    after = _AROUND.match(piece, end)
    return start - (len(before[0]) if before else 0), after.end() if after else end


def _named(page: Page, view: str, start: int, end: int) -> Fact:
    piece = view[start:end]
    left = len(piece) - len(piece.lstrip(" ()[]*_:\"'-"))
    return quoted(page, (start + left, start + len(piece.rstrip(" ()[]*_:\"'-."))))


_DECOR = regex(r"(?:[^\w\[(\u20b9$\"'<&+-]|\ufe0f)*")
_AUTHOR = regex(r"(?:written |edited |reported )?by:? [A-Z][\w.]+(?: [A-Z][\w.]+){0,3}$", re.IGNORECASE)


def _token(page: Page, view: str, start: int, end: int) -> Draft | None:
    """One part of a line of origin; an empty draft where it says nothing, None where it is something else."""
    label = label_at(view, start, end)
    if label:
        return read_value(page, view, label[0], label[1], end)
    decor = _DECOR.match(view, start, end)
    start = decor.end() if decor else start
    words = view[start:end].strip(" ()[]*_\"'")
    if _AUTHOR.match(words) and is_known(words.partition(" ")[2]):
        return {"source": _named(page, view, view.find(words, start) + words.index(" ") + 1, end)}
    if IDLE_LABEL.match(view, start, end) or _AUTHOR.match(words):
        return {}
    before = _BEFORE.match(words)
    if before:
        start = view.find(words, start) + before.end()
        words = view[start:end].strip(" ()[]*_\"'")
    if _FILLER.match(words) or is_place(words) or RELATIVE.fullmatch(words) or _POINTER.match(words):
        return {}
    if is_known(words) or is_domain(words) or (before and like_name(words)):
        return {"source": _named(page, view, start, end)}
    stated = _tag(words)
    return None if stated is None else {name: Fact(value, start, end) for name, value in stated.items() if value}


def _tag(words: str) -> dict[str, str | None] | None:
    """The sentiment, the impact or the category that a tag is."""
    if is_sentiment(words):
        return {"sentiment": sentiment_of(words)}
    if re.search(r"\bimpact\b", words, re.IGNORECASE) and (level := impact_of(words)):
        return {"impact": level}
    if len(words) < 30 and words[:1].isupper() and (kind := stated_category(words)) and kind != "other":
        return {"category": kind}
    return None


_SYMBOL = regex(r"(?<![\w.&-])(?:(?:NSE|BSE)\s?:\s?)?([A-Z0-9](?:[A-Z0-9&-]{0,18}[A-Z0-9])?)(?:\.(?:NS|BO))?(?![\w&-])")


def symbols_in(words: str) -> tuple[str, ...]:
    """The NSE symbols of a field that holds nothing but symbols."""
    names = []
    for part in re.split(r"[,;/|]| and ", words[:300]):
        match = _SYMBOL.fullmatch(part.strip(" ()[]*_\"'"))
        if match and not match[1].isdigit() and len(match[1]) <= 20:
            names.append(match[1])
    return tuple(dict.fromkeys(names))


def read_value(page: Page, view: str, name: str, start: int, end: int) -> Draft:
    """The field ``name`` out of the words that stand behind its label."""
    start, end = trimmed(view, start, end)
    words = view[start:end].strip(" *_")
    if is_empty(words) or end <= start:
        return {}
    if name == "url":
        return _url(page, view, start, end)
    if name == "source":
        return _source(page, view, start, end)
    if name == "company":
        return {name: _named(page, view, start, end)}
    value: Value | None
    if name == "impact" and impact_of(words) is None and is_sentiment(words):
        name = "sentiment"  # "Impact: Positive" says how the news is, not how much of it
    if name == "published_at":
        value = published(words, month_first=page.month_first)
    elif name in _STATED:
        value = _STATED[name](re.split(r"\s[-(]\s?|;|\(", words)[0])
    elif name == "symbols":
        value = symbols_in(words)
    elif name == "key_figures":
        parts = (" ".join(w.split()) for w in re.split(r";|\||,\s", page.text[start:end]))
        value = tuple(p for p in parts if p)[:8]
    else:
        return {name: quoted(page, (start, end))}
    return {name: Fact(value, start, end)} if value else {}


_STATED: Mapping[str, Callable[[str], str | None]] = {
    "sentiment": sentiment_of,
    "impact": impact_of,
    "category": stated_category,
}


def _url(page: Page, view: str, start: int, end: int) -> Draft:
    link = _BARE.search(view, start, end)
    if link is None:
        return {}
    stop = link.start() + len(bare_url(link[0]))
    return {"url": Fact(page.text[link.start() : stop], link.start(), stop)}


def _source(page: Page, view: str, start: int, end: int) -> Draft:
    """A publisher behind its label; its link and its date may stand with it."""
    view, found = take_links(page, view, start, end)
    if found and "source" in found and not view[start:end].strip(" ()[],*_-"):
        return found
    start, end = trimmed(view, start, end)
    if start == end:
        return found
    told = read_meta(page, view, start, end, alone=False)
    if told is not None:
        return merged(found, told)
    words = view[start:end].strip(" *_.")
    if len(words) > 80 or is_empty(words) or FIND.search(words):
        return found
    return merged(found, {"source": _named(page, view, start, end)})


_LEAD_CUT = regex(r"\s\|\s|\s-{1,2}\s|\s?\u00b7\s|:\s|\.{3}\s|\)\s")


def lead_meta(page: Page, start: int, end: int) -> Draft:
    """The origin that a line of a story starts with: a search result's day, ``Mint | 5 Jan 2026 | The bank``."""
    for cut in reversed(list(_LEAD_CUT.finditer(page.view, start, min(end, start + 120)))):
        told = read_meta(page, page.view, start, cut.start() + (page.view[cut.start()] == ")"))
        if told is not None:
            return {k: v for k, v in told.items() if k in ("published_at", "source")}
    return {}
