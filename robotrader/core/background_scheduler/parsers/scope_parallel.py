"""Digests: parts of one text that open alike, each with the name of a company, known or not."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from robotrader.core.background_scheduler.parsers.companies import is_known_name, matches, resembles
from robotrader.core.background_scheduler.parsers.company_mentions import (
    NO_HEADS,
    SEQUENCE,
    like_company,
    subject,
    surely_company,
)
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences, word_set

_KEYED = regex(
    r"(?:company|stock|scrip|symbol|ticker|nse symbol|name of (?:the )?company|earnings|q[1-4] results?"
    r"|results?|stocks? (?:in (?:the )?(?:news|focus)|to watch)|buzzing stocks|(?:results|earnings) today"
    r"|in (?:focus|brief)|news)(?: name)?"
    r"[\s*_]*[:=][\s*_]*(?=[A-Z])",
    re.IGNORECASE,
)
_CUT = regex(
    r"[ ,]{1,4}(?:\(?(?:Q[1-4]|[1-4]Q|FY ?'?\d|H[12]|9M)|(?:net|profits?|revenues?|rev|pat|ebitda|results?|earnings"
    r"|sales|loss"
    r"|cons|consolidated|standalone|posts?|reports?|clocks?|logs|quarter)\b)",
    re.IGNORECASE,
)
_SHAPES = (
    ("colon", regex(r"'?[ ]{0,3}(?:\([^()\n]{1,40}\))?[ ]{0,3}:")),
    ("dash", regex(r"[ ]{0,3}(?:\([^()\n]{1,40}\))?[ ]{1,3}-[ ]")),
    ("pipe", regex(r"'?[ ]{0,3}\|[ ]?(?=\S)")),
    ("paren", regex(r"[ ]{0,2}\(")),
    ("period", regex(r",?[ ]{1,4}#?(?:Q[1-4]|[1-4]Q|FY ?'?\d)", re.IGNORECASE)),
    ("own", regex(r"'s?[ ]")),
    ("alone", regex(r"[ .]{0,4}(?:\n|$)")),
)
_FIGURE = regex(
    r"\b(?:net|profits?|PAT|revenues?|rev|sales|income|EBITDA|loss|EPS)\b[^\n]{0,80}\d"
    r"|\d[^\n]{0,40}\b(?:profits?|PAT|revenues?|sales|EBITDA|loss)\b",
    re.IGNORECASE,
)
_PERSON = regex(r"(?:Mr|Ms|Mrs|Dr|Shri|Smt|Analyst|Moderator|Management|Chairman|CEO|CFO|MD)\b")
_CLAUSE = regex(r"(?:(?<=[a-z0-9%.)])|(?<=o[YQ]))(?:[ ](?:-|\|)|;)[ ](?=[A-Z])")
_NEAR = 600
_WITHIN = 99
"""The level of a part that begins within a line."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a part begins: the name it begins with, how it goes on, and the level of its line (99 within a line)."""

    at: int
    name: str
    shape: str
    level: int


def _line_end(view: str, at: int) -> int:
    end = view.find("\n", at)
    return len(view) if end < 0 else end


def parallel_part(view: str, found: list[Line], symbol: str) -> list[Span] | None:
    """The parts of a digest that are about ``symbol``, with what stands above all of them; None for any other text."""
    every = [o for line in found for o in _openings(view, line)]
    openings = [o for o in every if _is(symbol, o.name) or _named(o.name) or _headed(view, o)]
    starts = sorted(o.at for o in openings)
    telling = [o for o in openings if _tells(view, o, starts)]
    own = [o for o in telling if _is(symbol, o.name)]
    for shape, level in dict.fromkeys((o.shape, o.level) for o in own):  # a kind of parts each
        alike = [o for o in telling if (o.shape, o.level) == (shape, level)]
        if any(not _is(symbol, o.name) for o in alike):
            return _spans(view, found, alike, symbol)
    return None


def _is(symbol: str, name: str) -> bool:
    return name.upper() == symbol or matches(symbol, name)


def _named(name: str) -> bool:
    """A name that may well be a company's: known, or of several words none of which is one of reports."""
    if re.fullmatch(r"[A-Z][A-Z0-9&-]{2,14}", name):
        return like_company(name) and name not in _MEASURES
    return surely_company(name) or is_known_name(name) or (len(name.split()) > 1 and like_company(name))


_PERIOD_HEAD = regex(
    r"[^\w\n]{0,10}(?:\d{1,2}[.)] )?[^\w\n]{0,6}[A-Z][\w&.'-]{2,20},?[ ]{1,3}[(-]?[ ]?"
    r"#?(?:Q[1-4]|[1-4]Q)[^\n:]{0,40}:?\s*$",
    re.MULTILINE,
)


def _headed(view: str, opening: Opening) -> bool:
    """A line that is one capitalised word and a quarter, or a part of a line: "; Firstsource Q2 PAT Rs 20 crore"."""
    if opening.shape in ("colon", "pipe", "dash", "paren") and like_company(opening.name):
        return bool(_RESULT.match(view, view.index(opening.name, opening.at) + len(opening.name)))
    if opening.shape != "period" or not like_company(opening.name):
        return False
    listed = opening.level == _WITHIN and opening.name.split()[0].lower() not in NO_HEADS
    if listed and _LISTED.match(view, opening.at + len(opening.name)):
        return True
    return bool(_PERIOD_HEAD.match(view, opening.at))


_RESULT = regex(
    r"(?:[ ]{0,2}\([^()\n]{1,30}\))?[^\w\n]{1,8}(?:(?:Q[1-4]|[1-4]Q)[ ]?(?:FY ?'?\d{2,4})?[ ,:-]{1,3})?"
    r"(?:(?:reported |posted |net |consolidated |standalone |cons\.? ){0,3}"
    r"(?:profits?|PAT|loss|revenues?|rev\b|sales|total income|EBITDA)\b)[^\n]{0,60}?\d",
    re.IGNORECASE,
)
"""What follows a name in a digest of results: ": Profit up 11.3% to Rs 37 crore"."""
_LISTED = regex(
    r"(?:'s)?[ ](?:Q[1-4]|[1-4]Q)[ ]?(?:FY ?'?\d{2,4})?[ ](?:net |consolidated |results?:? )?"
    r"(?:profit|PAT|loss|revenue)\b",
    re.IGNORECASE,
)
_MEASURES = word_set(
    "NIM CASA GNPA NNPA AUM ARPU ROE ROA ROCE CAR VNB APE GWP PBT PPOP NII EBIT EBITDA PAT EPS YOY QOQ GRM"
)


def _tells(view: str, opening: Opening, starts: list[int]) -> bool:
    """Figures follow the name before the next of the parts that begin at ``starts``."""
    named = opening.at + len(opening.name)
    end = min([*starts[(at := bisect_right(starts, opening.at)) : at + 1], named + _NEAR])
    return bool(_FIGURE.search(view, named, max(end, named)))


def _openings(view: str, line: Line) -> list[Opening]:
    found = []
    for start, end in sentences(view, line.body, line.end):
        begins = [start, *(m.end() for m in _CLAUSE.finditer(view, start, end))]
        for begin in begins:
            opening = _opening(view, begin, end, line.level if begin == line.body else _WITHIN)
            if opening:
                found.append(replace(opening, at=line.start) if begin == line.body else opening)
    shapes = [o.shape for o in found]
    return [replace(o, level=_WITHIN) if shapes.count(o.shape) > 1 else o for o in found]


def _opening(view: str, start: int, end: int, level: int) -> Opening | None:
    lead = re.compile(r"[^\w(&\n]{0,10}(?:\d{1,2}[.)][ ]{1,3})?[^\w(&\n]{0,6}").match(view, start, end)
    at = lead.end() if lead else start
    keyed = _KEYED.match(view, at, end)
    at = keyed.end() if keyed else at
    sequence = SEQUENCE.match(view, at, min(end, at + 90))
    if sequence is None or _PERSON.match(sequence[0]):
        return None
    name = re.split(r"[ ]{2,}", sequence[0])[0]
    cut = _CUT.search(name)
    name = (name[: cut.start()] if cut else name).rstrip(" .,")
    if not name:
        return None
    shape = next((s for s, p in _SHAPES if p.match(view, at + len(name))), None)
    shape = "period" if shape is None and re.match(r"[ ]{2,}\S", view[at + len(name) : at + len(name) + 8]) else shape
    return Opening(start, name, shape, level) if shape else None


def _of_other(view: str, line: Line, symbol: str) -> bool:
    """A line within a part that speaks of another company: its own begins otherwise than the parts do."""
    name = subject(view, line.body, line.end, symbol)
    return bool(name and surely_company(name) and not _is(symbol, name) and not resembles(symbol, name))


def _spans(view: str, found: list[Line], group: list[Opening], symbol: str) -> list[Span]:
    begin = group[0].at
    above = [(b.start, min(b.end, begin)) for b in found if b.start < begin]
    spans = [(a, b) for a, b in above if not _FIGURE.search(view, a, b)]
    ends = [o.at for o in group[1:]] + [len(view)]
    starts = [b.start for b in found]
    single = sum(not view[_line_end(view, o.at) : e].strip() for o, e in zip(group, ends, strict=True)) * 2 > len(group)
    for opening, stop in zip(group, ends, strict=True):
        if not _is(symbol, opening.name):
            continue
        end = min(stop, _line_end(view, opening.at)) if single and opening.level < _WITHIN else stop
        inside = found[bisect_right(starts, opening.at) : bisect_left(starts, end)]
        heads = (b.start for b in inside if b.level <= 7 and b.level < opening.level)
        end = min(end, next(heads, end)) if opening.level < _WITHIN else end
        inside = inside[: bisect_left(starts, end) - bisect_right(starts, opening.at)]
        spans.append((opening.at, next((b.start for b in inside if _of_other(view, b, symbol)), end)))
    return [s for s in spans if s[1] > s[0]]
