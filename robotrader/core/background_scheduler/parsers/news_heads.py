"""The head of a story in a list: its headline, and what is written around it on the same line."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.dates import MONTH
from robotrader.core.background_scheduler.parsers.news_dates import FIND, WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import GAP, Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, word_count
from robotrader.core.background_scheduler.parsers.news_keys import LABEL
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, take_links
from robotrader.core.background_scheduler.parsers.news_publishers import is_known, tail_publisher
from robotrader.core.background_scheduler.parsers.news_shapes import is_topic
from robotrader.core.background_scheduler.parsers.news_words import stated_category
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span, sentences

_MARK = regex(
    r"[ \t>]{0,40}(?:(?:#{1,6}|[-*+\u2022\u2013\u27a4\u25ba\u2192\u2714\u2705]|\(?\d{1,3}[.)]"
    r"|\d[\s\ufe0f]?\u20e3|\(?[a-z]\)|\[\d{1,3}\](?!\()|(?:item|news|story|article"
    r"|headline)\s?#?\d{1,2}\s?[:.)-])(?:[ \t]{1,8}|(?=\*\*|\[)))",
    re.IGNORECASE,
)
_DECOR = regex(r"[^\w\[(\u20b9$\"'*_#<&@]+")
_CLOCK = r"(?:[ ,T]{1,3}\d{1,2}:\d\d(?::\d\d)?(?:[ ]?[ap]\.?m\b\.?)?(?:[ ]?IST)?)?"
_DATED = regex(rf"[\[(]?{WHOLE}{_CLOCK}[\])]?\**\s{{0,2}}(?:[:|,]|-{{1,2}}|\u2192)?\**:?\s{{0,2}}", re.IGNORECASE)
_PARTIAL = regex(
    rf"(?:\*\*)?(?:{MONTH}\s\d{{1,2}}|\d{{1,2}}\s{MONTH})(?:\*\*)?\s?(?::|-)(?:\*\*)?\s{{1,3}}", re.IGNORECASE
)
"""A day without its year."""
_PUBLISHER = regex(r"\s{0,4}(?:\*\*|\*)?([A-Z][\w.&' -]{1,30}?)(?:\*\*|\*)?\s?(?::|-{1,2})(?:\*\*)?\s{1,3}(?=\S)")
_AHEAD = regex(r"\b(?:will|to be held|(?:is|are) (?:scheduled|due|expected|set) to|scheduled for|due (?:on|today))\b")
"""Words of what is to come: the date before them is that of the event."""
_BOLD_TAG = regex(r"\s{0,4}\*\*([^*\n]{2,40}?):?\*\*\s{0,2}[:|-]{0,2}\s{0,2}(?=\S)")
_TAG = regex(r"[\[(]([^\[\]()\n]{2,40})[\])]\s{0,2}[:-]?\s{0,2}")
_LEAD = regex(
    r"\*\*(?P<bold>[^*\n](?:[^*\n]|\*(?!\*)){0,400}?)\*\*|__(?P<under>[^_\n]{2,400}?)__"
    r"|(?<!\*)\*(?P<slant>[^*\n]{12,400}?)\*(?!\*)"
)
_QUOTED = regex(r"\"(?P<words>[^\"\n]{12,400})\"(?=\s{0,2}(?:$|[-|(,.:;*\[]|\s))")
_PAREN = regex(r"[ \t*_]{0,4}[(\[]([^()\[\]\n]{2,160})[)\]][*_ \t.,;]{0,6}$")
_SLANTED = regex(r"\s(?:\*|_)([^*_\n]{4,160})(?:\*|_)$|(?<=[.!?])\s((?i:source|via|published):?\s[^.\n]{3,100})\.?$")
_SAYS = regex(r"[ ](?:says?|said|warns?|tells?)\b")
"""Who said the quoted words follows."""
_DASH = regex(r"\s(?:-{1,3}|\||\u2192|\u00b7)\s|(?<=\w)\s?\u2014\s?(?=\w)")


def strip_marks(view: str, start: int, end: int) -> int:
    """The offset behind bullets, numbers, heading marks and ornaments."""
    for _ in range(4):
        while start < end and view[start] in " \t":
            start += 1
        bold = 2 if view.startswith("**", start) else 0
        match = _MARK.match(view, start + bold, end)
        if match is None or (bold and not match[0].strip()[:1].isdigit()):
            break
        start = match.end()
    match = _DECOR.match(view, start, end)
    return match.end() if match else start


_KIND_LEAD = regex(r"\s{0,4}(?:\*\*)?([A-Z][^:*\n]{2,30}?)(?::\*\*|\*\*\s?:|:|\*\*\s-)\s{1,3}")


def read_head(page: Page, start: int, end: int) -> Draft:
    """Headline and what stands with it; without ``headline`` where the words are none."""
    view, found = take_links(page, page.view, start, end)
    start = strip_marks(view, start, end)
    label = LABEL.match(view, start, min(end, start + 40))
    labelled = bool(label and label.lastgroup == "headline")
    if label and labelled:
        start = label.end()
    start, found = _leading(page, view, start, end, found)
    start, end, found = _trailing(page, view, start, end, found)
    lead = _KIND_LEAD.match(view, start, end)
    kind = stated_category(lead[1]) if lead else None
    if lead and kind and kind != "other" and word_count(view[lead.end() : end]) >= 3:
        found = merged(found, {"category": Fact(kind, *lead.span(1))})
        start = lead.end()
    first, rest = _split(page, view, start, end)
    if labelled and rest and view[start : start + 2] != "**":
        first, rest = (start, end), None
    first, told = _ends(page, view, *first)
    found = merged(found, told)
    if rest:
        found = merged(found, _behind(page, view, *rest))
    headline = _fact(page, view, *first)
    if headline.text:
        found["headline"] = headline
    return found


def _fact(page: Page, view: str, start: int, end: int) -> Fact:
    """The words of a span, without the marks at its ends and without what was blanked out of it."""
    piece = view[start:end]
    left = len(piece) - len(piece.lstrip(" \t\n*_|:,;-\u2192"))
    start, end = start + left, start + len(piece.rstrip(" \t\n*_|,;:-\u2192"))
    if (
        start < end
        and view[start] in "\"'"
        and view[end - 1] == view[start]
        and view[start] not in view[start + 1 : end - 1]
    ):
        start, end = start + 1, end - 1
    if start >= end:
        return Fact("", start, start)
    own = page.text[start:end]
    if page.view[start:end] != view[start:end]:
        own = "".join(
            c if v != " " or o == " " else " "
            for c, v, o in zip(own, view[start:end], page.view[start:end], strict=True)
        )
        own = GAP.sub("", own)
    return quoted(page, (start, end), quoted(Page(own, own), (0, len(own))).text)


def _leading(page: Page, view: str, start: int, end: int, found: Draft) -> tuple[int, Draft]:
    """A date or a tag before the headline."""
    for _ in range(3):
        at = start
        origin = _PUBLISHER.match(view, at, end)
        if origin and is_known(origin[1]) and "source" not in found and word_count(view[origin.end() : end]) >= 3:
            found, start = merged(found, {"source": quoted(page, origin.span(1))}), origin.end()
            continue
        tagged = _BOLD_TAG.match(view, at, end)
        if tagged and (told := read_meta(page, view, *tagged.span(1))) is not None and "source" not in told:
            found, start = merged(found, told), tagged.end()
            continue
        while at < end and view[at] in " *_:|-" and not view.startswith("**", at):
            at += 1
        bold = 2 if view.startswith("**", at) else 0
        partial = _PARTIAL.match(view, at, end)
        if partial and word_count(view[partial.end() : end]) >= 3:
            start = partial.end()
            continue
        dated = _DATED.match(view, at + bold, end)
        tag = _TAG.match(view, at + bold, end) if dated is None else None
        if dated and word_count(view[dated.end() : end]) >= 2:
            spot = FIND.search(view, at + bold, dated.end())
            value = published(spot[0], month_first=page.month_first) if spot else None
            spaced = view[dated.end() - 1 : dated.end()].isspace() and view[dated.end() : dated.end() + 1].isupper()
            clear = spaced or re.search(r"[\])*:|,-]", view[(spot.end() if spot else at) : dated.end()])
            if value is None or spot is None or not clear or _AHEAD.search(view, dated.end(), end):
                break
            found = merged(found, {"published_at": Fact(value, *spot.span())})
            start = dated.end()
        elif tag:
            told = read_meta(page, view, *tag.span(1))
            if told is None:
                break
            found = merged(found, told)
            start = tag.end()
        else:
            break
    return start, found


def _trailing(page: Page, view: str, start: int, end: int, found: Draft) -> tuple[int, int, Draft]:
    """What stands in brackets or in italics behind the headline."""
    for _ in range(3):
        start, end = trimmed(view, start, end)
        slanted = _SLANTED.search(view, max(start, end - 200), end)
        told = read_meta(page, view, *slanted.span(slanted.lastindex or 0)) if slanted else None
        if slanted and told is not None:
            found, end = merged(found, told), slanted.start()
            end = start + len(view[start:end].rstrip(" |:-\u2013\u2014"))
            continue
        match = _PAREN.search(view, max(start, end - 240), end)
        if match is None:
            break
        told = read_meta(page, view, *match.span(1))
        if told is None or ("published_at" in told and _dated_before(page, view, start, match.start())):
            break
        found = merged(found, told)
        end = match.start()
    return start, end, found


def _dated_before(page: Page, view: str, start: int, end: int) -> bool:
    """A sentence before has an origin with a day of its own, which is that of the headline."""
    spans = (m.span(1) for m in _INSIDE.finditer(view, start, end))
    return any("published_at" in (read_meta(page, view, *span) or {}) for span in spans)


def _ends(page: Page, view: str, start: int, end: int) -> tuple[Span, Draft]:
    """A line that ends with its origin: ``- Mint, 5 Jan 2026``. A publisher alone stays in the headline as given."""
    found: Draft = {}
    cuts = list(_DASH.finditer(view, max(start, end - 240), end))[-3:]
    for cut in cuts:
        told = read_meta(page, view, cut.end(), end)
        if told is not None and told.keys() == {"source"} and not re.search(r"\d", view[cut.end() : end]):
            break
        if told is not None and word_count(view[start : cut.start()]) >= 2:
            return (start, cut.start()), told
    comma = view.rfind(",", start, end)
    if comma > start and word_count(view[start:comma]) >= 4:
        words = view[comma + 1 : end]
        if is_known(words):
            return (start, comma), {"source": quoted(page, trimmed(view, comma + 1, end))}
    return (start, end), found


_OPENED = regex(r"[ \t*_:|-]{0,6}[(\[]([^()\[\]\n]{2,160})[)\]][ \t*_]{0,4}[:.,-]{0,2}\s{0,2}")


def _behind(page: Page, view: str, start: int, end: int) -> Draft:
    """What stands behind a headline: its origin, its summary, or the one before the other."""
    meta = read_meta(page, view, start, end)
    if meta is not None:
        return meta
    start, end, found = _trailing(page, view, start, end, {})
    opened = _OPENED.match(view, start, end)
    cuts = [(*opened.span(1), opened.end())] if opened else []
    for cut in (": ", ". ", " - ", "\u2014"):
        at = view.find(cut, start, end)
        short = at > start and len(" ".join(view[start:at].split())) <= 100
        cuts += [(*trimmed(view, start, at), at + len(cut))] if short else []
    for a, b, after in cuts:
        told = read_meta(page, view, a, b)
        if told is not None:
            found, start = merged(found, told), after
            break
    if word_count(view[start:end]) >= 2:
        found = merged(found, {"summary": _fact(page, view, start, end)})
    return found


def _split(page: Page, view: str, start: int, end: int) -> tuple[Span, Span | None]:
    """The headline, and what follows it: a bold lead, a quotation, the first sentence, what stands before a dash."""
    at = start
    while at < end and view[at] in " \t":
        at += 1
    lead = _LEAD.match(view, at, end) or _QUOTED.match(view, at, end)
    if lead and not _SAYS.match(view, lead.end(), end):
        inner = trimmed(view, *lead.span(lead.lastgroup or 0))
        rest = trimmed(view, lead.end(), end)
        after = view[rest[0] : rest[1]]
        words = view[inner[0] : inner[1]].strip(" :*_-")
        if rest[0] == rest[1] or not word_count(after):
            return inner, None
        if after[:1] in ":-|(." or view[inner[1] - 1] in ":.?!" or after[:1].isupper() or word_count(words) >= 5:
            if is_topic(words) or is_section(words) or is_junk(words):
                return _sentence(page, view, start, end)
            return inner, (rest[0] + (len(after) - len(after.lstrip(" :-|.*"))), rest[1])
    return _sentence(page, view, start, end)


_SHORT = regex(r"(?<!\w)(?:Hon|Hon'ble|Rs|Nos?|Dr|Mr|Mrs|Ms|Smt|Shri|St|vs|M/s|i\.e|e\.g|approx|Lt|Gen|Prof|Govt)\.$")
"""A short form whose dot ends no sentence."""
_BREAK = regex(r"\s-{1,2}\s|\s?\u2014\s?")


_INSIDE = regex(r"\s[(\[]([^()\[\]\n]{2,120})[)\]][*_]{0,2}\s?[:.-]{1,2}(?=\s)")


def _sentence(page: Page, view: str, start: int, end: int) -> tuple[Span, Span | None]:
    """What stands before an origin in brackets, or before a dash with a sentence behind it; the first sentence."""
    inside = _INSIDE.search(view, start, end)
    lead = view[start : inside.start()] if inside else ""
    one = len(lead) < 160 or not re.search(r"(?<=[a-z]{3})[.!?]\"? (?=[A-Z])", lead)
    if inside and one and word_count(lead) >= 3 and read_meta(page, view, *inside.span(1)) is not None:
        return (start, inside.start()), (inside.start(), end)
    for cut in _BREAK.finditer(view, start, min(end, start + 400)):
        left, right = view[start : cut.start()], view[cut.end() : end]
        if word_count(left) >= 5 and word_count(right) >= 9 and right.lstrip()[:1].isupper():
            return (start, cut.start()), (cut.end(), end)
    spans = sentences(view, start, end)
    stop = start
    for _, b in spans:
        stop = b
        if word_count(view[start:b]) >= 4 and not _SHORT.search(view, max(start, b - 12), b):
            break
    if stop >= end or not word_count(view[stop:end]) or end - start < 110:
        return (start, end), None
    return (start, stop), (stop, end)


def tail_source(headline: Fact, url: str | None) -> Fact | None:
    """The publisher that a headline ends with."""
    span = tail_publisher(headline.text, url)
    if span is None:
        return None
    name = headline.text[span[0] : span[1]]
    return Fact(name, -1, -1)
