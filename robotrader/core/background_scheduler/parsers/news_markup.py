"""HTML and feeds as plain lines, character for character: a list point, a heading, a label for the tags of a story."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex

_ITEM = regex(r"<(?:item|entry)\b|<(?:article|story|news_?item)\b[^<>]{0,300}>\s{0,20}<\w{1,12}>", re.IGNORECASE)
_CDATA = regex(r"<!\[CDATA\[|\]\]>")
_LINK = regex(
    r"<(?:a|link)\b[^<>]{0,300}?href\s?=\s?[\"']?(https?://[^\s\"'<>]{4,600})[\"']?[^<>]{0,300}>", re.IGNORECASE
)
_LABELS = {
    "title": "\nTitle:",
    "link": "\nLink:",
    "pubdate": "\nDate:",
    "published": "\nDate:",
    "dc:date": "\nDate:",
    "description": "\nSummary:",
    "summary": "\nSummary:",
    "source": "\nSource:",
    "publisher": "\nSource:",
    "headline": "\nTitle:",
    "date": "\nDate:",
    "sentiment": "\nSentiment:",
    "updated": "\nDate:",
}
_LABELLED = regex(
    r"<(title|link|pubdate|published|dc:date|description|summary|source|publisher|headline|date|sentiment|updated)\b"
    r"[^<>]{0,400}>",
    re.IGNORECASE,
)
_HREF = regex(r"\shref\s?=\s?[\"'](?P<u>https?://[^\s\"'<>]{4,350})[\"']", re.IGNORECASE)
_OF_ITEM = regex(
    r"<(?:article|story|item|entry|news_?item)\b[^<>]{0,100}?\s(?:date|published|time)\s?=\s?"
    r"[\"'](?P<d>\d[\dT:.+Z/ -]{7,34})[\"'][^<>]{0,100}>",
    re.IGNORECASE,
)
"""The day of a story as its tag has it."""
_CLOSED = regex(rf"</(?:{'|'.join(_LABELS)})\s?>", re.IGNORECASE)
_NEXT_FIELD = regex(r"</[a-z][\w:]{0,20}\s?>(?=\s{0,4}<[a-z][\w:]{0,20}>)", re.IGNORECASE)
"""The end of a field of a story, before its next one."""
_PUBLISHED = regex(r"<(?:published|pubdate|dc:date|date)\b", re.IGNORECASE)
_BLOCK = regex(
    r"</?(li|h[1-6]|p|br|div|ul|ol|item|entry|story|news_?item|tr|table|article|section|blockquote)\b[^<>]{0,300}>",
    re.IGNORECASE,
)
_CELLS = regex(r"</t[dh]\s?>\s{0,12}<t[dh]\b[^<>]{0,200}>", re.IGNORECASE)
"""The border of two cells of a row."""
_CELL = regex(r"<t[dh]\b[^<>]{0,200}>", re.IGNORECASE)
"""The first cell of a row."""
_BESIDE = regex(
    r"(?<=</a>)(?:\s{0,4}<(?P<tag>span|small|cite|time|em|i)\b[^<>]{0,200}>[^<>]{0,80}</(?P=tag)>){1,4}"
    r"(?=\s{0,4}(?:</|<br|$))",
    re.IGNORECASE | re.MULTILINE,
)
"""What follows the link of a story up to the end of its point: publisher and day."""
_PIECE = regex(
    r"<(?:span|small|cite|time|em|i)\b(?:[^<>]{0,150}?\sdatetime\s?=\s?[\"'](?P<time>[0-9][0-9T:.+Z -]{7,34})[\"'])?"
    r"[^<>]{0,200}>(?P<words>[^<>]{0,80})</\w{1,5}>",
    re.IGNORECASE,
)
_ASIDE = regex(
    r"<(?P<tag>guid|category|author|dc:creator|creator|generator|language|copyright|ttl|media:\w{3,12})\b[^<>]{0,300}>"
    r"[^<>]{0,400}</(?P=tag)\s?>",
    re.IGNORECASE,
)
"""What a feed says of a story and is no field of it."""
WRITTEN = regex(r"&lt;/?[a-z][^<>\n]{0,900}?&gt;|&(?:amp;)?nbsp;", re.IGNORECASE)
"""Tags written into the words of a feed."""
_ANY = regex(r"</?[A-Za-z!?][^<>\n]{0,300}>")
_SPOKEN = regex(r"</(?:li|h[1-6]|p|a|item|entry|title|headline|article|div|story|news_?item|td)>", re.IGNORECASE)


def plain_markup(view: str) -> str:
    """The view with its tags made plain lines; as it is where it has none that close."""
    if "</" not in view or not _SPOKEN.search(view):
        return view
    feed = _ITEM.search(view)
    view = _CDATA.sub(lambda m: " " * len(m[0]), view)
    if feed:
        head = view[: feed.start()]
        view = "".join("\n" if c == "\n" else " " for c in head) + view[feed.start() :]
        view = _OF_ITEM.sub(_day, view)
        for pattern in (_ASIDE, WRITTEN):
            view = pattern.sub(lambda m: " " * len(m[0]), view)
        dated = bool(_PUBLISHED.search(view))
        for pattern in (_CLOSED, _NEXT_FIELD):
            view = pattern.sub(lambda m: "\n".ljust(len(m[0])), view)
        view = _LABELLED.sub(lambda m: m[0] if dated and m[1].lower() == "updated" else _label(m), view)
    view = _CELL.sub(lambda m: "|".ljust(len(m[0])), _CELLS.sub(lambda m: " | ".ljust(len(m[0])), view))
    view = _BESIDE.sub(_beside, view)
    view = _LINK.sub(lambda m: " " * (m.start(1) - m.start()) + m[1] + " " * (m.end() - m.end(1)), view)
    view = _BLOCK.sub(_block, view)
    return _ANY.sub(lambda m: " " * len(m[0]), view)


def _label(match: re.Match[str]) -> str:
    label = _LABELS[match[1].lower()]
    href = _HREF.search(match[0]) if label == _LABELS["link"] else None
    if href:
        return label.ljust(href.start("u")) + href["u"] + " " * (len(match[0]) - href.end("u"))
    return label.ljust(len(match[0])) if len(label) <= len(match[0]) else match[0]


def _day(match: re.Match[str]) -> str:
    start, end = match.start("d") - match.start(), match.end("d") - match.start()
    return "\n\nDate:".ljust(start) + match["d"] + " " * (len(match[0]) - end)


def _beside(match: re.Match[str]) -> str:
    """Publisher and day on a line of their own, parted by a bar; the day as its tag has it for machines."""
    line = _PIECE.sub(_piece, match[0])
    return "\n" + line[1:].replace("|", " ", 1)


def _piece(match: re.Match[str]) -> str:
    start, end = match.span("time") if match["time"] else match.span("words")
    before = " |".ljust(start - match.start())
    return before + match.string[start:end] + " " * (match.end() - end)


def _block(match: re.Match[str]) -> str:
    tag, size = match[1].lower(), len(match[0])
    if match[0].startswith("</") or tag in ("ul", "ol", "div", "table", "section", "article", "blockquote"):
        return "\n".ljust(size)
    if tag == "li":
        return "\n- ".ljust(size)
    if tag in ("item", "entry", "story", "newsitem", "news_item"):
        return "\n\n".ljust(size)
    if tag[0] == "h":
        return "\n# ".ljust(size)
    return "\n".ljust(size)
