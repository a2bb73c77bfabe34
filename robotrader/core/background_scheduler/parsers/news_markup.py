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
    view = _LINK.sub(lambda m: " " * (m.start(1) - m.start()) + m[1] + " " * (m.end() - m.end(1)), view)
    view = _BLOCK.sub(_block, view)
    return _ANY.sub(lambda m: " " * len(m[0]), view)


def _label(match: re.Match[str]) -> str:
    label = _LABELS[match[1].lower()]
    return label.ljust(len(match[0])) if len(label) <= len(match[0]) else match[0]


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
