"""Clauses whose figures are not this period's: what was a year ago, what the company denies."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_lexer import periods_of
from robotrader.core.background_scheduler.parsers.numbers import RUPEE
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.period_years import impossible_periods
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

_AGO = (
    r"(?:(?:the |a |one )?year[ -](?:ago|earlier|before)(?: (?:quarter|period))?"
    r"|(?:the )?(?:immediately )?(?:previous|preceding|prior) (?:quarter|(?:(?:fiscal |financial )?year|fiscal))"
    r"|(?:the )?(?:corresponding|same|comparable|similar|year-ago) (?:quarter|period|three months)(?: (?:of|in))?"
    r"(?: the)? (?:last|previous|preceding|prior) (?:(?:fiscal |financial )?year|fiscal)"
    r"|(?:the )?(?:corresponding|comparable) (?:previous|prior|year-ago) (?:quarter|period)"
    r"|(?:the )?(?:corresponding|comparable|same) (?:quarter|period)(?: (?:a )?year (?:ago|earlier|before)| last year)"
    r"|last (?:(?:fiscal |financial )?year|fiscal))\b"
)
_METRIC = (
    r"(?:(?:its|the|consolidated|standalone|total|quarterly|basic|diluted|reported) ){0,3}(?:net (?:profit|loss|income"
    r"|sales)|profits?(?: after tax)?|PAT|revenues?(?: from operations)?|(?:total )?income|sales|turnover|EBITDA|EPS"
    r"|earnings per share|loss|top ?line|bottom ?line)\b"
)
_WAS = r"(?:was|were|had|has been|stood|came|amounted|totall?ed|of|at|:|saw|reported|posted|recorded|made|earned|is)"
_STARTS = regex(
    rf"[\s*#>\"'(,;-]*(?:(?:and|but|while|whereas|however),? )?(?:(?:in|for|during) )?{_AGO}", re.IGNORECASE
)
_NAMED = regex(
    rf"\b(?:it|(?:the )?(?:company|firm|lender|bank|group|drugmaker|automaker)) (?:had )?(?:posted|logged|reported"
    rf"|recorded"
    rf"|registered|clocked|earned|made|incurred|suffered) (?:an? )?(?:\w+ ){{0,3}}{_METRIC} (?:of"
    rf"|at) (?:{RUPEE}) ?[\d,.]{{1,24}}"
    rf"(?: (?:lakh )?(?:crores?|cr|lakhs?|million|billion))? (?:in|during|for) {_AGO}"
    rf"|\b{_METRIC},?(?: (?:reported|posted|recorded))?(?: \(?(?:in|for|during|of))? ?\(?{_AGO}\)?,? ?{_WAS}(?!\w)",
    re.IGNORECASE,
)
_INSIDE = regex(
    rf"(?:,|\band|\bwhile|\bbut) (?:in|for|during) {_AGO},? {_METRIC}"
    rf"|(?<!the )(?<!one )(?<!crore )(?<!\ba )(?<!from )(?<!against )(?<!with )(?<!to )(?<!than )(?<!over )"
    rf"(?<!versus )(?<!vs )\b{_AGO} (?:{_METRIC} {_WAS}(?!\w)|(?:had|saw) )",
    re.IGNORECASE,
)
_AFTER = regex(
    rf"\b{_METRIC} (?:\w+ ){{0,3}}(?:{RUPEE}) ?[\d,.]{{1,24}}(?: (?:lakh )?(?:crores?|cr|lakhs?|million|billion))?\b"
    rf"(?: (?:in|during|for))? {_AGO}",
    re.IGNORECASE,
)
_COMPARED = regex(
    r"\b(?:from|against|versus|vs|compared|comparison|than|over|up|down|rose|fell|grew|jumped|surged|increased"
    r"|declined|dropped|higher|lower)\b|%",
    re.IGNORECASE,
)
_DENIED = regex(
    rf"\b(?:was|were|is|are)(?: not|n't) (?:(?:at|about|around) )?(?:{RUPEE}|\d)"
    r"|\bden(?:y|ied|ies|ying) (?:\w+ ){0,4}(?:reports?|claims?|rumou?rs?|that|having|speculation|earning|posting)\b"
    r"|\b(?:refut|reject|dismiss|rubbish)\w* (?:\w+ ){0,3}(?:reports?|claims?|rumou?rs?|speculation)\b"
    r"|\b(?:did|does|has|have|had)(?: not|n't) (?:report|post|earn|record|clock|register|make)(?:ed)?\b",
    re.IGNORECASE,
)
_DIFFER = regex(
    r"\b(?:sources?|reports?|figures?|accounts?|numbers?) (?:\w+ ){0,2}(?:differ|disagree|conflict|vary|contradict)"
    r"|\b(?:conflicting|contradictory|inconsistent|differing) (?:\w+ ){0,2}(?:sources?|reports?|figures?|numbers?|data)"
    r"|\bdiscrepanc(?:y|ies)\b",
    re.IGNORECASE,
)
"""The text itself does not know which figure is right."""
_EXPECTED = regex(
    r"\b(?:according to|as per|showed|shows|based on) (?:an? |the )?(?:\w+ ){0,3}(?:poll|survey|estimates|consensus"
    r"|average of)\b"
    r"|\b(?:did|have|has) not (?:review|audit)(?:ed)?\b[^.\n]{0,80}\b(?:financial|interim|subsidiar)"
    r"|\bwhose (?:interim )?financial (?:information|results|statements) (?:\w+ ){0,2}reflect",
    re.IGNORECASE,
)
"""What others expect, or what auditors write of the companies they did not look at."""
_ODD = regex(
    rf"(?:(?:{RUPEE}) ?)?(?<![\d,.])\d[\d,.]{{0,24}}[ -]?(?:paise|paisa)\b"
    rf"|(?:(?:{RUPEE}) ?)?(?<![\d,.])\d[\d,.]{{0,24}} ?(?:thousand|million|billion|crores?|mn|bn)"
    rf"[ -](?:lakh ?)?(?:crores?|lakhs?|million|billion)\b"
    rf"|(?:(?:{RUPEE}) ?)\d{{1,3}},\d{{1,2}} \d[\d,.]{{0,24}}(?: ?(?:lakh|crore|million|billion|cr|mn|bn)s?\b)?"
    rf"|(?:(?:{RUPEE}) ?|\bEPS (?:of |at |was |is |: ?)?)\d{{1,9}}\.\d{{1,9}}\.\d{{1,9}}\b(?![./-]\d)"
    rf"|(?<![\d.])\d{{1,9}}\.\d{{3,9}}\.\d{{1,9}}[^\n]*",
    re.IGNORECASE,
)
_CLAUSE = regex(r";|,? (?:while|whereas|but)\b", re.IGNORECASE)


def stale_spans(view: str, found: list[Line]) -> list[Span]:
    """The clauses of prose that a phrase of an earlier period or a denial governs."""
    spans: list[Span] = []
    for line in found:
        if view.count("|", line.start, line.end) > 1:
            continue
        for start, end in sentences(view, line.body, line.end):
            if _DIFFER.search(view, start, end) or _EXPECTED.search(view, start, end):
                spans.append((start, end))
                continue
            denied = _DENIED.search(view, start, end)
            if denied and re.match(r"den|ref|rej|dis|rub", denied[0], re.IGNORECASE):
                spans.append((denied.start(), end))
            cuts = [start, *(m.start() for m in _CLAUSE.finditer(view, start, end)), end]
            for a, b in pairwise(cuts):
                at = _from(view, a, b)
                if at is not None:
                    spans.append((at, b))
    return spans


def odd_periods(view: str, found: list[Line]) -> list[Span]:
    """Sentences about a quarter that does not exist, where the text has figures of another one as well."""
    odd = impossible_periods(view)
    if not odd or not any(p.kind == "quarter" and p.quarter for p in periods_of(view)):
        return []
    told = [s for line in found for s in sentences(view, line.body, line.end)]
    return [(a, b) for a, b in told if any(a <= start < b for start, _ in odd)]


def odd_amounts(view: str) -> list[Span]:
    """Amounts in paise, with two units or with damaged digits: nothing sure can be read from them."""
    return [m.span() for m in _ODD.finditer(view)]


def _from(view: str, start: int, end: int) -> int | None:
    """Where the part of a clause that is not to be read begins."""
    if _DENIED.search(view, start, end) or _STARTS.match(view, start, end):
        return start
    places = [m.start() for p in (_NAMED, _INSIDE) if (m := p.search(view, start, end))]
    after = _AFTER.search(view, start, end)
    if after and not _COMPARED.search(view, start, after.end()) and not periods_of(view[start : after.end()]):
        places.append(after.start())
    return min(places, default=None)
