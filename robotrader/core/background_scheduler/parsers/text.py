"""A cleaned view of a text that keeps every offset: one character in, one character out.

Readers look at the view and quote the original, so whatever they find can be shown in the words of the source.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.patterns import regex

READ_LIMIT = 40_000
"""Characters that are read; an answer or a release is ten times shorter."""

Span = tuple[int, int]

_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\ufe0f"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63"


def _table() -> dict[int, str]:
    table = {ord(c): " " for c in _SPACES + _INVISIBLE + "`\x00\x0b\x0c\x1c\x1d\x1e\x1f\u2028\u2029\x85"}
    table.update({0x17F: "s", 0x212A: "K", 0x130: "I", 0x131: "i"})  # a pattern without case takes them for these
    table.update({ord(c): "-" for c in _DASHES})
    table.update({ord(c): "'" for c in "\u2018\u2019\u201a\u201b\u02bc\u2032"})
    table.update({ord(c): '"' for c in "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"})
    table.update({ord(c): "|" for c in "\u2502\u2503\u00a6\uff5c"})
    table.update({ord(c): "\u2191" for c in "\u25b2\u2b06\u2197\u25b4"})
    table.update({ord(c): "\u2193" for c in "\u25bc\u2b07\u2198\u25be"})
    table.update({ord(c): "-" for c in "\u2022\u25cf\u25aa\u25e6\u00b7\u2043"})
    table.update({ord("\u20a8"): "\u20b9", ord("\r"): "\n"})
    table.update({0xFF01 + i: chr(0x21 + i) for i in range(94)})
    table.update({0x0966 + i: str(i) for i in range(10)})
    return table


_TABLE = _table()
_TABLE_BUT_QUOTES = {k: v for k, v in _TABLE.items() if v not in ("'", '"')}
_THINK_OPEN = regex(r"<\s?(?:think|thinking|reasoning)\s?>", re.IGNORECASE)
_THINK_CLOSE = regex(r"<\s?/\s?(?:think|thinking|reasoning)\s?>", re.IGNORECASE)
_QUOTED = regex(r"^[ \t]{0,3}(?:>[ \t]?){1,5}", re.MULTILINE)
_UNSEEN = regex(r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
"""Parts of a page that its reader does not see."""


def _to_right(m: re.Match[str]) -> str:
    """A currency moved to its amount over the entities between them."""
    return (m[0].split("&", 1)[0] + " ").rjust(len(m[0]))


def _to_left(m: re.Match[str]) -> str:
    """A unit moved to its amount over the entities between them."""
    return (" " + m[0].rsplit(";", 1)[1]).ljust(len(m[0]))


_RULES = (
    (regex(r"(?:https?://|www\.)[^\s|<>\"'()]{1,400}", re.IGNORECASE), lambda m: " " * len(m[0])),
    (regex(r"\\u20b9", re.IGNORECASE), lambda m: "\u20b9     "),
    (regex(r"\\r\\n"), lambda m: "   \n"),
    (regex(r"\\n(?![a-z])|\\n(?=\\n)"), lambda m: " \n"),
    (regex(r"\\[*_#|~$%&-]|\\(?:quad|qquad|text|hspace|,)"), lambda m: " " * len(m[0])),
    (regex(r"</?[A-Za-z][^<>\n]{0,60}>"), lambda m: " " * len(m[0])),
    (regex(r"(?:\bRs\.?|\bINR|\u20b9)(?:&(?:nbsp|#160|#xa0);)+", re.IGNORECASE), _to_right),
    (
        regex(
            r"(?:&(?:nbsp|#160|#xa0);)+(?:lakh crore|crores?|cr\b|lakhs?|million|mn\b|billion|bn\b|per cent|%)",
            re.IGNORECASE,
        ),
        _to_left,
    ),
    (regex(r"&(?:uarr|#8593|#9650|#x2191);", re.IGNORECASE), lambda m: "\u2191".center(len(m[0]))),
    (regex(r"&(?:darr|#8595|#9660|#x2193);", re.IGNORECASE), lambda m: "\u2193".center(len(m[0]))),
    (regex(r"&(?:nbsp|ensp|emsp|thinsp|zwnj|#160|#xa0);", re.IGNORECASE), lambda m: " " * len(m[0])),
    (regex(r"&(?:amp|#38);", re.IGNORECASE), lambda m: "&".ljust(len(m[0]))),
    (regex(r"&(?:#8377|#x20b9);", re.IGNORECASE), lambda m: "\u20b9".rjust(len(m[0]))),
    (regex(r"&(?:[nm]dash|minus|#821[12]);", re.IGNORECASE), lambda m: "-".center(len(m[0]))),
    (regex(r"(?<=\d)[Oo](?=\d|th\b)"), lambda _: "0"),
    (regex(r"(?<=[A-Za-z]{3})0(?=[A-Za-z]{2})"), lambda _: "o"),
    (regex(r"\[\d{1,3}(?:, ?\d{1,3}){0,4}\](?:\([^()\s]{1,300}\))?"), lambda m: " " * len(m[0])),
    (regex(r"\*\*|__|~~|(?<![\w\d])\*(?=\w)|(?<=[\w)])\*(?![\w*])"), lambda m: " " * len(m[0])),
    (
        regex(
            r"(?<![A-Za-z.])((?:Rs|RS|vs|VS|Ltd|LTD|Inc|Co|Pvt|Corp|No|Nos|Re|approx|Mr|Ms|Dr|[Aa]dj|[Ee]st"
            r"|[Cc]ons)\b(?=\.)"
            r"|(?:Crs?|crs?|mn"
            r"|bn|Mn|Bn)(?=\. ?[a-z(),]))\."
        ),
        lambda m: m[1] + " ",
    ),
)


def word_set(words: str) -> frozenset[str]:
    """The words of a line as a set."""
    return frozenset(words.split())


def thoughts(text: str) -> list[Span]:
    """The spans a reasoning model talks to itself in; an unclosed one runs to the end."""
    spans: list[Span] = []
    at = 0
    while opened := _THINK_OPEN.search(text, at):
        closed = _THINK_CLOSE.search(text, opened.end())
        spans.append((opened.start(), closed.end() if closed else len(text)))
        at = spans[-1][1]
    closed = _THINK_CLOSE.search(text, at)
    if closed:
        spans.append((at, closed.end()))
    return spans


def blank(view: str, spans: Iterable[Span]) -> str:
    """``view`` with the spans made of spaces; line ends stay."""
    parts: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        first = max(start, at)
        parts.append(view[at:first])
        parts.append("\n".join(" " * len(line) for line in view[first:end].split("\n")))
        at = end
    parts.append(view[at:])
    return "".join(parts)


def keep(view: str, spans: Iterable[Span]) -> str:
    """``view`` with everything outside of the spans made of spaces."""
    gaps: list[Span] = []
    at = 0
    for start, end in sorted(spans):
        if start > at:
            gaps.append((at, start))
        at = max(at, end)
    gaps.append((at, len(view)))
    return blank(view, gaps)


def raw_view(text: str) -> str:
    """Odd spaces, quotes, dashes and digits made plain; thoughts blanked; as long as the text that is read."""
    return _unquoted(text[:READ_LIMIT]).translate(_TABLE)


def json_view(text: str) -> str:
    """As ``raw_view``, with curly quotes left as they are, which within JSON are no marks of strings."""
    return _unquoted(text[:READ_LIMIT]).translate(_TABLE_BUT_QUOTES)


def _unquoted(view: str) -> str:
    view = view.replace("\r\n", " \n")
    view = blank(view, thoughts(view))
    if "<" in view:
        view = blank(view, [m.span() for m in _UNSEEN.finditer(view)])
    return _QUOTED.sub(lambda m: " " * len(m[0]), view) if ">" in view else view


def prose_view(view: str) -> str:
    """Emphasis, tags, citation marks and escapes blanked out as well."""
    for pattern, replacement in _RULES:
        view = pattern.sub(replacement, view)
    return view


@dataclass(frozen=True, slots=True)
class Line:
    """One line: where it stands, how deep it is, what leads it.

    Attributes:
        start: offset of its first character; end: offset behind its last.
        level: heading 1 to 6, bold line 7, plain text 8, bullets 10 plus their indent.
        body: offset of its text behind the bullet or the heading mark.
    """

    start: int
    end: int
    level: int
    body: int


_HEAD = regex(r"[ \t>]{0,12}(#{1,6})[ \t]")
_BULLET = regex(r"([ \t>]{0,40})(?:[-*+][ \t]{1,6}|\d{1,2}[.)][ \t]{1,4})(?=\S)")
_BOLD = regex(r"[ \t>]{0,12}\*\*[^*\n]{2,120}\*\*:?[ \t]*$")


def places_in(spans: Iterable[Span]) -> Callable[[int], bool]:
    """A test of whether a place lies within one of ``spans``, as fast for thousands of them."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    starts = [start for start, _ in joined]

    def inside(place: int) -> bool:
        at = bisect_right(starts, place) - 1
        return at >= 0 and place < joined[at][1]

    return inside


def lines(view: str, raw: str) -> list[Line]:
    """The non-empty lines of ``view``; ``raw`` is the same text with its marks still in."""
    found: list[Line] = []
    at = 0
    for piece in view.split("\n"):
        end = at + len(piece)
        if piece.strip():
            original = raw[at:end]
            head, bullet = _HEAD.match(original), _BULLET.match(original)
            if head:
                found.append(Line(at, end, len(head[1]), at + head.end()))
            elif bullet and original[bullet.end() - 2 : bullet.end()] != "**":
                depth = 10 + len(bullet[1].replace("\t", "    ").replace(">", "")) // 2 * 2
                found.append(Line(at, end, depth, at + bullet.end()))
            else:
                found.append(Line(at, end, 7 if _BOLD.match(original) else 8, at + len(piece) - len(piece.lstrip())))
        at = end + 1
    return found


_STOP = regex(r"(?<!\bi\.e)(?<!\be\.g)(?<!\b[Oo]p)[.!?](?=[\"')\]]{0,2}(?:\s|$))|(?<=[a-z0-9%)])[.](?=[A-Z][a-z])")


def sentences(view: str, start: int, end: int, longest: int = 1500) -> list[Span]:
    """The sentences of ``view[start:end]``; none is longer than ``longest``."""
    spans: list[Span] = []
    at = start
    for stop in _STOP.finditer(view, start, end):
        if stop.end() - at > longest:
            spans.extend((i, min(i + longest, stop.end())) for i in range(at, stop.end(), longest))
        else:
            spans.append((at, stop.end()))
        at = stop.end()
    spans.extend((i, min(i + longest, end)) for i in range(at, end, longest))
    return spans
