"""HTML and feeds as plain lines, character for character: a list point, a heading, a label for the tags of a story."""

from __future__ import annotations

import re

_ITEM = re.compile(r"<(?:item|entry)\b", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_LINK = re.compile(
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
}
_LABELLED = re.compile(
    r"<(title|link|pubdate|published|dc:date|description|summary|source)\b[^<>]{0,200}>", re.IGNORECASE
)
_BLOCK = re.compile(
    r"</?(li|h[1-6]|p|br|div|ul|ol|item|entry|tr|table|article|section|blockquote)\b[^<>]{0,300}>", re.IGNORECASE
)
_BESIDE = re.compile(
    r"(?<=</a>)(?:\s{0,4}<(?P<tag>span|small|cite|time|em|i)\b[^<>]{0,200}>[^<>]{0,80}</(?P=tag)>){1,4}"
    r"(?=\s{0,4}(?:</|<br|$))",
    re.IGNORECASE | re.MULTILINE,
)
"""What follows the link of a story up to the end of its point: publisher and day."""
_PIECE = re.compile(
    r"<(?:span|small|cite|time|em|i)\b(?:[^<>]{0,150}?\sdatetime\s?=\s?[\"'](?P<time>[0-9][0-9T:.+Z -]{7,34})[\"'])?"
    r"[^<>]{0,200}>(?P<words>[^<>]{0,80})</\w{1,5}>",
    re.IGNORECASE,
)
_ANY = re.compile(r"</?[A-Za-z!?][^<>\n]{0,300}>")
_SPOKEN = re.compile(r"</(?:li|h[1-6]|p|a|item|entry|title|div)>", re.IGNORECASE)


def plain_markup(view: str) -> str:
    """The view with its tags made plain lines; as it is where it has none that close."""
    if "</" not in view or not _SPOKEN.search(view):
        return view
    feed = _ITEM.search(view)
    view = _CDATA.sub(lambda m: " " * len(m[0]), view)
    if feed:
        head = view[: feed.start()]
        view = "".join("\n" if c == "\n" else " " for c in head) + view[feed.start() :]
        view = _LABELLED.sub(_label, view)
    view = _BESIDE.sub(_beside, view)
    view = _LINK.sub(lambda m: " " * (m.start(1) - m.start()) + m[1] + " " * (m.end() - m.end(1)), view)
    view = _BLOCK.sub(_block, view)
    return _ANY.sub(lambda m: " " * len(m[0]), view)


def _label(match: re.Match[str]) -> str:
    label = _LABELS[match[1].lower()]
    return label.ljust(len(match[0])) if len(label) <= len(match[0]) else match[0]


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
    if tag in ("item", "entry"):
        return "\n\n".ljust(size)
    if tag[0] == "h":
        return "\n# ".ljust(size)
    return "\n".ljust(size)
