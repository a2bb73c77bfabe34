"""Whether the words of a sentence make a figure the company's present one: not supposed, expected, a sector's, old."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.fundamental_terms import QUARTERLY
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

_SUPPOSED = regex(
    r"[\s*#>-]*(?:if|suppose|assume|assuming|imagine|let us say|for example|say)\b"
    r"|[\s*#>-]*(?:we|the (?:company|management|bank|firm)|management|it)[ ](?:\w+[ ]){0,2}(?:targets?|targeting"
    r"|aims?|expects?|guides?|guided|plans?"
    r"|aspires?|intends?)\b",
    re.IGNORECASE,
)
_EXPECTED = regex(
    r"\b(?:consensus|analysts?|the street|brokerages?|brokers?|research|securities|management|we|they)\b"
    r"[^.;\d]{0,24}?[ ](?:expects?|forecasts?|projects?|estimates?|sees?|pencils?|models?|builds?|factors?"
    r"|anticipates?|predicts?|hopes?|wants?|eyes?|eyeing|seeks?|promises?|promised)\b",
    re.IGNORECASE,
)
_WOULD = regex(
    r"\b(?:would|could|might) (?:then )?(?:have|be|trade|command|get|become|own|hold)\b"
    r"(?:(?!\b(?:now|currently|today|at present)\b)[^;.]|\.(?=\d))*$",
    re.IGNORECASE,
)
_SECTOR = regex(
    r"\b(?:sector|industry|peers?|peer group|peer set|nifty(?: \w+)?|sensex|index|segment)(?:'s)?"
    r"(?:,? (?:whose|where)\b| (?:averages?|averaged|trades?|trading|has|have|is|are"
    r"|stands?|commands?|quotes?|sports?|earns?|currently)\b)"
    r"(?:[^,;.\n]|[.,](?=\d)|,(?= (?:and )?(?:an? )?(?:P/|PE\b|PB\b|RO|EV|price|dividend|return|trailing))){1,160}",
    re.IGNORECASE,
)
_NAMED_PEERS = regex(
    r"\b(?:peers?|rivals?|competitors?)(?: (?:like|such as))? (?-i:[A-Z])"
    r"(?:[^.;,\n]|\.(?=\d)|, ?(?-i:[A-Z])){2,80}?"
    r"(?: (?:have|has|had|are|is|trades?|trading|commands?|quotes?|sports?)\b|:)(?:[^;.\n]|\.(?=\d)){1,160}",
    re.IGNORECASE,
)
"""What a sentence says of peers it names."""
_BY_WORDS = (
    (_SECTOR, ("sector", "industry", "peer", "nifty", "sensex", "index", "segment")),
    (_NAMED_PEERS, ("peer", "rival", "competitor")),
)
_ONCE = regex(
    r", (?:which|that) (?:was|were|stood|had been|had stood|(?:had )?(?:peaked|touched|bottomed))"
    r"(?:[^,;.]|\.(?=\d)){1,60},"
    r"(?= (?:(?:has|have|had|since|now) ){0,2}(?:reached|rose|risen|improved|climbed|fell|fallen|declined|slipped"
    r"|is|are|increased|came|jumped|recovered|eased|stands?|stood|touched)\b)",
    re.IGNORECASE,
)
_LAST_YEAR = regex(r"[ ](?:in[ ])?(?:the[ ])?last[ ](?:(?:fiscal|financial)(?:[ ]year)?|year)\b", re.IGNORECASE)
_COMPARED = regex(r"\b(?:vs\.?|versus|against|from|compared|up|down|than|while|but|now|currently)\b", re.IGNORECASE)
_YEARLY = regex(
    r"\b(?:TTM|LTM|trailing|annual|full[- ]year"
    r"|(?<![QH][1-4] )(?<![QH][1-4])(?<!9M )(?<!9M)FY ?'?\d\d|fiscal|year ended|1 ?Y)",
    re.IGNORECASE,
)


_REACH = 400
"""Characters before a figure that a sentence is searched for whose it is."""


def supposed_until(view: str, start: int, end: int) -> int:
    """Where what a sentence supposes or aims at ends: ``start`` where it does neither, else behind its semicolons."""
    if not _SUPPOSED.match(view, start, end):
        return start
    return next((start + m.end() for m in re.finditer(";", view[start:end])), end)


def without_past(view: str, start: int, end: int) -> str:
    """``view`` without an aside on what a ratio once was: "ROE, which stood at 8% in FY21, reached 13%"."""
    once = _ONCE.search(view, start, end)
    return view if once is None else view[: once.start()] + " " * len(once[0]) + view[once.end() :]


def of_others(view: str, span: Span, first: int) -> bool:
    """What stands at ``first`` in a sentence is what someone expects, or is said of a sector, an index or peers."""
    start, end = max(span[0], first - _REACH), min(span[1], first + _REACH)
    if _EXPECTED.search(view, start, first):
        return True
    piece = view[start:end].lower()  # most texts hold none of these words, and the patterns are slow
    if any(w in piece for w in ("ould ", "might ")) and _WOULD.search(view, start, first):
        return True
    told = [p for p, starts in _BY_WORDS if any(w in piece for w in starts)]
    return any(m.start() <= first < m.end() for p in told for m in p.finditer(view, start, end))


def of_last_year(view: str, span: Span, last: int) -> bool:
    """A figure that is called last year's and compared with none: the last whole year's return is the present one."""
    return bool(_LAST_YEAR.match(view, last, span[1])) and not _COMPARED.search(view, *span)


def of_a_quarter(view: str, start: int, first: int, last: int) -> bool:
    """A sentence that speaks of a quarter before it tells the figure, and of no year."""
    return bool(QUARTERLY.search(view, start, first)) and not _YEARLY.search(view, start, last)
