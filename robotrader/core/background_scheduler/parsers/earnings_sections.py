"""Blocks under a heading that makes their figures others': a year ago, a segment, peers, what analysts expect."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line, Span

_PERIOD = r"(?:quarter|period|three months|results?|numbers?|figures?|performance|financials?)"
_FISCAL = r"(?:(?:fiscal|financial) )?year"
_EARLIER = (
    rf"(?:(?:the |in the |for the |for |in )?(?:year[ -]ago|year[ -]earlier|corresponding|comparable|previous|preceding"
    rf"|prior|last|same|base|immediately preceding|previous year'?s?|last year'?s?|prior year'?s?)"
    rf" (?:year |year's |fiscal )?{_PERIOD}(?: (?:of |in )?(?:the )?(?:last|previous|preceding|prior) {_FISCAL}"
    rf"| (?:a )?year (?:ago|earlier)| last year| of the previous year)?"
    rf"|(?:a |one )?year (?:ago|earlier)|(?:the )?(?:last|previous|prior) {_FISCAL}|comparatives?|historical\b.{{0,30}}"
    rf"|same quarter last year|(?:sequential|yoy|year-on-year|qoq) base)"
)
_PART = (
    r"(?:(?:key|business|operating|reportable|by|our|performance by|results by|revenue by) )?"
    r"(?:segment(?:al|s|-wise|wise)?|division(?:al|s|-wise)?|business(?:-wise|es| segments?| verticals?| units?)"
    r"|verticals?"
    r"|subsidiar(?:y|ies)|joint ventures?|associates?|peers?|peer group|competitors?|geograph(?:y|ies|ical)|regions?"
    r"|product[ -]wise|vertical[ -]wise|category[ -]wise)"
    r"(?: (?:and|&|\w+){1,4}){0,4}"
)
_VIEW = (
    r"(?:(?:analysts?'?|street|broker(?:age)?s?'?|consensus|market|our) )?(?:estimates?|consensus|expectations?"
    r"|forecasts?"
    r"|previews?|projections?|what (?:analysts|the street) (?:expected|expect))(?: (?!vs|versus|beat|miss)\w+){0,4}"
    r"|(?:management |company |full[- ]year )?(?:guidance|outlook|targets?)(?: (?:for )?\w+){0,3}"
)
_HEADING = regex(rf"(?:{_EARLIER}|{_PART}|{_VIEW})[ ]*(?:\([^()]{{1,40}}\))?[ ]*[:-]{{0,2}}[ ]*$", re.IGNORECASE)
_LONGEST = 90


def foreign_sections(view: str, found: list[Line]) -> list[Span]:
    """The lines below such headings, headings included."""
    spans: list[Span] = []
    at = 0
    while at < len(found):
        line = found[at]
        if line.end - line.body > _LONGEST or not _is_heading(view, found, at):
            at += 1
            continue
        last = _last(view, found, at)
        if last > at:
            spans.append((line.start, found[last].end))
        at = last + 1
    return spans


def _is_heading(view: str, found: list[Line], at: int) -> bool:
    line = found[at]
    words = re.sub(r"\s+", " ", view[line.body : line.end].replace("*", " ").replace("#", " ")).strip(" _")
    if not words or "|" in words or not _HEADING.match(words):
        return False
    if line.level >= 10:
        return at + 1 < len(found) and found[at + 1].level > line.level
    return True


def _last(view: str, found: list[Line], at: int) -> int:
    """The last line of the block that the heading opens."""
    head, last = found[at], at
    for i in range(at + 1, len(found)):
        line = found[i]
        if head.level <= 7:
            if line.level <= head.level or (head.level == 7 and line.level < 7):
                break
        elif line.level <= head.level and (head.level >= 10 or _gap(view, found[i - 1], line) or _opens(view, line)):
            break
        if head.level == 8 and line.level <= 7:
            break
        last = i
    return last


def _gap(view: str, above: Line, line: Line) -> bool:
    return view.count("\n", above.end, line.start + 1) > 1


def _opens(view: str, line: Line) -> bool:
    """A plain line that looks like a heading itself: short, without an amount."""
    words = view[line.body : line.end].strip()
    return len(words) < 60 and (words.endswith(":") or not re.search(r"\d", words))
