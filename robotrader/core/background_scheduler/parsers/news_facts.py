"""What the news readers hand to each other: facts with their place in the text, drafts of items, the page they read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

from robotrader.core.background_scheduler.parsers.news_markup import WRITTEN, plain_markup
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import unfolded
from robotrader.core.background_scheduler.parsers.text import READ_LIMIT, Span, blank, raw_view

Value = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One reading of one field.

    Attributes:
        value: what is stored; start, end: the words it was read from, or (-1, -1) where they do not stand in one run.
    """

    value: Value
    start: int
    end: int

    @property
    def text(self) -> str:
        """The value of a field that is one text."""
        return self.value if isinstance(self.value, str) else " ".join(self.value)


Draft = dict[str, Fact]
"""An item in the making: field name (and ``company``, which no record has) to what was read."""


@dataclass(frozen=True, slots=True)
class Page:
    """The text that is read.

    Attributes:
        text: its characters; view: the same with odd spaces, quotes and dashes made plain, thoughts blanked, and
            written-out line ends (a backslash and an n) made real, character for character.
        notes: the links of numbered footnotes.
        month_first: the text writes dates as month/day/year.
    """

    text: str
    view: str
    notes: Mapping[int, Fact] = field(default_factory=dict)
    month_first: bool = False


_WRITTEN_ENDS = (
    (regex(r"\\r\\n"), "   \n"),
    (regex(r"\\n(?![a-z])|\\n(?=\\n)"), " \n"),
)
_MONTHS = {
    "\u091c\u0928\u0935\u0930\u0940": "Jan",
    "\u092b\u0930\u0935\u0930\u0940": "Feb",
    "\u092b\u093c\u0930\u0935\u0930\u0940": "Feb",
    "\u092e\u093e\u0930\u094d\u091a": "Mar",
    "\u0905\u092a\u094d\u0930\u0948\u0932": "Apr",
    " \u092e\u0908": "May",
    "\u091c\u0942\u0928": "Jun",
    "\u091c\u0941\u0932\u093e\u0908": "Jul",
    "\u0905\u0917\u0938\u094d\u0924": "Aug",
    "\u0938\u093f\u0924\u0902\u092c\u0930": "Sep",
    "\u0938\u093f\u0924\u092e\u094d\u092c\u0930": "Sep",
    "\u0905\u0915\u094d\u091f\u0942\u092c\u0930": "Oct",
    "\u0905\u0915\u094d\u0924\u0942\u092c\u0930": "Oct",
    "\u0928\u0935\u0902\u092c\u0930": "Nov",
    "\u0928\u0935\u092e\u094d\u092c\u0930": "Nov",
    "\u0926\u093f\u0938\u0902\u092c\u0930": "Dec",
    "\u0926\u093f\u0938\u092e\u094d\u092c\u0930": "Dec",
}
_MONTH = regex(rf"(?<=\d)[ ]?(?:{'|'.join(_MONTHS)})(?=[ ,]{{1,2}}\d)")
"""A month by its Hindi name between the day and the year."""
_RUN_ON = regex(r"^[ \t]{0,8}1[.)] [^\n]{20,2000}? 2[.)] [A-Z\u20b9\"*\[][^\n]{20,4000}$", re.MULTILINE)
"""A numbered list in one line."""
_FENCE = regex(r"^[ \t>]{0,12}```[\w+-]{0,20}[ \t]*$", re.MULTILINE)
_MONTH_FIRST = regex(r"(?<![\d/])(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])/(?:20)?\d\d(?![\d/])")
_DAY_FIRST = regex(r"(?<![\d/])(?:1[3-9]|2\d|3[01])/(?:0?[1-9]|1[0-2])/(?:20)?\d\d(?![\d/])")
_NOTE = regex(
    r"^[ \t>*-]{0,8}(?:\[\^?(\d{1,3})\]:?|(\d{1,3})[.)])[ "
    r"\t]{0,4}(?:[^\n]{0,300}?[\s(<])??<?(https?://[^\s<>\"|]{4,500})",
    re.MULTILINE | re.IGNORECASE,
)


def make_page(text: str, view: str | None = None) -> Page:
    """The page of a text; ``view`` where parts of it are blanked already."""
    text = text[:READ_LIMIT]
    view = raw_view(text) if view is None else view
    view = blank(view, (m.span() for m in _FENCE.finditer(text)))
    for pattern, ends in _WRITTEN_ENDS:
        view = pattern.sub(ends, view)
    view = plain_markup(view) if "</" in view else view
    view = _RUN_ON.sub(_item_by_item, view)
    view = _MONTH.sub(_latin, view) if not view.isascii() else view
    view = unfolded(view.replace("\\|", "\\\u00a6"))
    return Page(text, view, _notes(text, view), writes_month_first(view))


def _item_by_item(match: re.Match[str]) -> str:
    """The points of a list that stand in one line on lines of their own, as long as they count on."""
    line, at, number = match[0], 0, 2
    while (found := re.compile(rf" {number}[.)] (?=[A-Z\u20b9\"*\[])").search(line, at)) is not None:
        line = f"{line[: found.start()]}\n{line[found.start() + 1 :]}"
        at, number = found.end(), number + 1
    return line


def _latin(match: re.Match[str]) -> str:
    """The English name of a month, as long as the Hindi one."""
    bare = match[0].strip()
    name = _MONTHS.get(match[0]) or _MONTHS.get(bare) or _MONTHS[f" {bare}"]
    return name.rjust(len(match[0])) if match[0][0] == " " and match[0] not in _MONTHS else name.ljust(len(match[0]))


def writes_month_first(view: str) -> bool:
    """Some date of the view can only be month/day/year, and none only day/month/year."""
    return bool(_MONTH_FIRST.search(view)) and not _DAY_FIRST.search(view)


def _notes(text: str, view: str) -> dict[int, Fact]:
    """Footnotes: a number in brackets at the head of a line with a link; or a numbered list under "Sources"."""
    notes: dict[int, Fact] = {}
    listed = re.search(
        r"^[#*_ \t]{0,8}(?:sources?|references?|citations?|links?)\b[^\n]{0,20}$", view, re.IGNORECASE | re.MULTILINE
    )
    for match in _NOTE.finditer(view):
        if match[2] and (listed is None or match.start() < listed.end()):
            continue
        start, end = match.start(3), match.start(3) + len(bare_url(match[3]))
        notes.setdefault(int(match[1] or match[2]), Fact(text[start:end], start, end))
    return notes


def bare_url(found: str) -> str:
    """A link without the punctuation of the sentence it stands in."""
    while found:
        last = found[-1]
        if last in ".,;:!?'\"*_]>}" or (last == ")" and found.count(")") > found.count("(")):
            found = found[:-1]
        else:
            break
    return found


_LINKED = regex(r"\[([^\[\]\n]{1,400})\]\([^()\s]{0,600}(?:\([^()\s]{0,100}\)[^()\s]{0,200})?\)")
_BOLD = regex(r"\*\*|__|~~|`")
_STAR = regex(r"(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)")
_ESCAPED = regex(r"\\([*_#|~$%&.()\[\]\"/-])")
_BREAK = regex(r"<br\s?/?>", re.IGNORECASE)
_INLINE = regex(r"</?(?:b|i|em|strong|span|u|mark|small|a|font)\b[^<>]{0,300}>", re.IGNORECASE)
_QUOTE = regex(r"\n[ \t]{0,12}>[> \t]{0,12}")
GAP = regex(r"(?<=\w)\s+(?=[.,;](?:\s|$))")
_ENTITY = regex(r"&(?:amp|quot|apos|lt|gt|nbsp|[lr][sd]quo|[mn]dash|#\d{2,5}|#x[0-9a-f]{2,4});", re.IGNORECASE)
_CITED = regex(r"\s?(?:\[\^?\d{1,3}(?:\s?,\s?\d{1,3}){0,6}\]|【[^】\n]{1,40}】)(?!\()")


def plain(words: str) -> str:
    """Words as given, with space collapsed and without emphasis, link and citation marks."""
    words = _LINKED.sub(lambda m: m[1], words)
    words = WRITTEN.sub(" ", words) if "&" in words else words
    words = _INLINE.sub("", _BREAK.sub(" ", words)) if "<" in words else words
    words = _QUOTE.sub(" ", words) if "\n" in words else words
    words = _CITED.sub("", words) if "[" in words or "【" in words else words
    if "*" in words or "_" in words or "`" in words or "~" in words:
        words = _STAR.sub("", _BOLD.sub("", words))
    return sane(_ESCAPED.sub(lambda m: m[1], words))


def sane(words: str) -> str:
    """Space collapsed, marks of HTML resolved; halves of characters, which no file can hold, replaced."""
    if "&" in words:
        words = _ENTITY.sub(lambda m: unescape(m[0]), words)
    return " ".join((words if words.isascii() else re.sub(r"[\ud800-\udfff]", "\ufffd", words)).split())


def quoted(page: Page, span: Span, value: str | None = None) -> Fact:
    """The fact that a span of the page is."""
    start, end = span
    piece = page.text[start:end]
    left = len(piece) - len(piece.lstrip())
    start, end = start + left, start + left + len(piece.strip())
    return Fact(plain(page.text[start:end]) if value is None else value, start, end)


def merged(first: Draft, *more: Mapping[str, Fact]) -> Draft:
    """The fields of ``first``, and of the others what is missing in it."""
    result = dict(first)
    for other in more:
        for name, fact in other.items():
            if name not in result and fact.value:
                result[name] = fact
    return result
