"""Paragraphs that were wrapped at some width, and answers that came as a string within JSON: made plain in place.

Both keep the length of the text, so whatever is found can be shown in the words of the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

_PLAIN = regex(r"[ \t]{0,12}(?=\S)(?![|+{}\[\]]|#{1,6}\s|```)(?!.*(?:\t|\S {3,}\S|\|))")
_BULLET = regex(r"[ \t]{0,24}(?:[-*+>\u2022\u25cf\u25aa]|\d{1,2}[.)]|[a-z]\))[ \t]|[ \t]{0,24}\*\*")
_KEY = regex(r"[ \t]{0,24}[\"']?[A-Z\"'][^.:;,\n]{1,40}(?::|[ ]-)(?:\s|$|\")")
_NUMBERED = regex(r"[ \t]{0,24}\d{1,2}[ ]{1,4}[A-Z]")
_NARROWEST, _WIDEST = 48, 170


def unwrapped(view: str) -> str:
    """``view`` with the line ends inside of wrapped paragraphs made spaces."""
    ends = [end for block in _blocks(view) for end in _wraps(view, block)]
    if not ends:
        return view
    chars = list(view)
    for at in ends:
        chars[at] = " "
    return "".join(chars)


def _blocks(view: str) -> Iterator[list[Span]]:
    """Runs of lines of plain words."""
    block: list[Span] = []
    at = 0
    for piece in view.split("\n"):
        if len(piece) <= _WIDEST and _PLAIN.match(piece):
            block.append((at, at + len(piece.rstrip())))
        else:
            if len(block) > 1:
                yield block
            block = []
        at += len(piece) + 1
    if len(block) > 1:
        yield block


def _wraps(view: str, block: list[Span]) -> list[int]:
    """The ends of lines that the next line's first word did not fit on."""
    width = max(b - a for a, b in block)
    if width < _NARROWEST:
        return []
    ends: list[int] = []
    sure = False
    for (start, end), (begin, stop) in pairwise(block):
        following = view[begin:stop]
        first = following.split(maxsplit=1)[0] if following.strip() else ""
        if end - start + 1 + len(first) <= width or _BULLET.match(following) or _KEY.match(following):
            continue
        if view[end - 1] == ":" or not first:
            continue
        if _NUMBERED.match(following):
            continue
        sure = sure or (first[0].islower() and sum(c.isalpha() for c in view[start:end]) * 2 > end - start)
        ends.append(view.find("\n", end))
    return ends if sure else []


_STRUNG = regex(
    r"(?<=\S)[ ](?=[\u2022\u25cf\u25aa\u25e6\u2023\u2605\u2713\u2714\u2705\u25ba\u25b6\u27a1"
    r"\U0001f539\U0001f538\U0001f449][ ]?\S)"
    r"|(?<=\S)[ ](?=[-\u2013][ ](?:\*\*)?[A-Z][\w &/().%'-]{1,40}:(?:\*\*)?[ ])"
)
"""Where the next bullet begins that stands in the line of the one before."""


def unstrung(view: str, raw: str) -> str:
    """``view`` with bullets that stand in one line, as ``raw`` shows them, each on a line of its own."""
    chars: list[str] | None = None
    at = 0
    for piece in raw.split("\n"):
        found = [m.start() for m in _STRUNG.finditer(piece)] if len(piece) > _NARROWEST and "|" not in piece else []
        if len(found) > 1:
            chars = chars or list(view)
            for place in found:
                chars[at + place] = "\n"
        at += len(piece) + 1
    return "".join(chars) if chars else view


_WRAPPER = regex(
    r"\"(?:content|text|answer|response|output|output_text|result|message|completion|reply|markdown|body)\"\s{0,4}:\s{0,4}\""
)
_STRING = regex(r"(?:[^\"\\]|\\.)*+", re.DOTALL)
_ESCAPE = regex(r"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": " "}
_MOSTLY = 0.5


def unescaped(text: str) -> str:
    """``text`` with an answer that is one string of a JSON wrapper laid open, as long as before.

    Everything else of the wrapper is made spaces; a text that is no such wrapper stays as it is.
    """
    if text[:1] not in "{[" or "\\" not in text:
        return text
    best: Span | None = None
    for match in _WRAPPER.finditer(text):
        value = _STRING.match(text, match.end())
        if value and (best is None or value.end() - value.start() > best[1] - best[0]):
            best = value.span()
    if best is None or best[1] - best[0] < _MOSTLY * len(text):
        return text
    told = text[best[0] : best[1]]
    if "\\n" not in told and not re.match(r"\s*[{\[]\s*(?:\{\s*)?\\\"", told):
        return text
    inner = _ESCAPE.sub(_laid_open, text[best[0] : best[1]])
    return " " * (best[0] - 1) + "\n" + inner + "\n" + " " * (len(text) - best[1] - 1)


def _laid_open(match: re.Match[str]) -> str:
    words = match[0]
    if len(words) == 6 and words[1] == "u":
        char = bytes.fromhex(words[2:]).decode("utf-16-be", "replace")
        if char == "\u20b9":
            return char.rjust(6)
        return char.ljust(6)
    return _PLAIN_ESCAPES.get(words[1], words[1]).rjust(2)


_LEAD = r"^(?P<lead>[ \t]{0,8}(?:[-*+>][ \t]{1,3})?(?:\*\*)?\[?)"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_ONE_CELL = r"\]?(?:\*\*)?[ \t]{0,3}(?:\||:|-{1,2}|\u2013|\u2014)[ \t])(?=\S)(?=[^|\n]*$)"
_TIMED = regex(
    _LEAD + r"(?P<told>[0-2]?\d[:.][0-5]\d(?::[0-5]\d)?[ \t]?(?:(?:AM|PM|A\.M\.|P\.M\.)[ \t]?)?(?:\(?IST\)?|hrs|hours)?"
    rf"{_ONE_CELL}",
    re.IGNORECASE | re.MULTILINE,
)
_DATED = regex(
    rf"{_LEAD}(?P<told>(?:\d{{1,2}}[ -]{_MONTHS}|{_MONTHS}[ ]\d{{1,2}})(?:,?[ -]20\d\d)?{_ONE_CELL}",
    re.IGNORECASE | re.MULTILINE,
)


def untimed(view: str) -> str:
    """``view`` without the times, or the days of several lines, that the lines of a log begin with: "12:01 IST | "."""
    view = _TIMED.sub(_unsaid, view)
    return _DATED.sub(_unsaid, view) if len(_DATED.findall(view)) > 1 else view


def _unsaid(match: re.Match[str]) -> str:
    return match["lead"] + " " * len(match["told"])
