"""Of several figures behind one name the present one: "10Y 12%, 1Y 8%", "12 % in FY23, 13 % in FY24"."""

from __future__ import annotations

import re
from itertools import pairwise

from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, Time
from robotrader.core.background_scheduler.parsers.fundamental_terms import Term
from robotrader.core.background_scheduler.parsers.fundamental_times import PERIODS, head_time
from robotrader.core.background_scheduler.parsers.fundamental_values import BOUND, Figure
from robotrader.core.background_scheduler.parsers.patterns import regex

WHOLE_YEAR = 4
BETWEEN_FIGURES = regex(r"[ ]?(?:,|/|&|and\b|,[ ]?and\b|\|)[ ]?$", re.IGNORECASE)
"""What parts the figures of a plain list."""


def newest_told(view: str, term: Term, following: list[Figure]) -> Figure | None:
    """The figure that words call the present one: of one year, the latest, "below 1 at 0.95", consolidated."""
    figure, later = following[0], following[1]
    if term.field in GROWTH and (yearly := _of_one_year(view, term, following)):
        return yearly
    if present := _present(view, following):
        return present
    gap = view[figure.end : later.start]
    bound = figure.status == BOUND and gap == " at "
    averaged = _AVERAGED.search(view, term.end, figure.start) and _AND_NOW.fullmatch(gap)
    return later if bound or averaged or _BASES.match(view[figure.end : later.end + 18]) else None


_PRESENT = regex(r"[ ]?\((?:TTM|LTM|current|latest|1[- ]?(?:Y|yr|year))\)", re.IGNORECASE)


_LATEST = regex(
    r"[ ]?(?:\([^()]{0,20}\)|over (?:the )?(?:(?:last|past) )?\w{1,5} years)?[ ]?[,;|/][ ]?(?:and |it is )?"
    r"(?:latest|current(?:ly)?|now|today|TTM)[ :]{1,3}(?:at )?",
    re.IGNORECASE,
)


def _present(view: str, following: list[Figure]) -> Figure | None:
    """Of "12% (5Y CAGR), 6% (TTM)" and of "3Y avg 12%, latest 6%" the figure that is called the present one."""
    for a, b in pairwise(following[:5]):
        if _LATEST.fullmatch(view[a.end : b.start]):
            return b
    if len(following) < 2 or not re.match(r"[ ]?\(", view[following[0].end : following[0].end + 2]):
        return None
    for i, figure in enumerate(following[:5]):
        if i and figure.start - following[i - 1].end > 40:
            return None
        if _PRESENT.match(view, figure.end):
            return figure
    return None


_AVERAGED = regex(r"\baverag", re.IGNORECASE)
_AND_NOW = regex(
    r" (?:over|in|for) [^,;.\d]{0,24}(?:\d{1,2} )?years?,? (?:and|but) "
    r"(?:(?:it )?(?:is|was|stood|stands|came)(?: in| at){0,2}) ",
    re.IGNORECASE,
)
_BACK = regex(rf"(?:{words.YEARS_BACK}|CAGR)[^\d,;]{{0,12}}$", re.IGNORECASE)
_ONE_YEAR = regex(r"(?<![\d-])(?:1[- ]?(?:Y|yr|year)|TTM|LTM)\b[ :=-]{0,4}$", re.IGNORECASE)


def _of_one_year(view: str, term: Term, following: list[Figure]) -> Figure | None:
    """Of "10Y 12%, 5Y 11%, 1Y 7.8%" the figure of one year, of twelve months before it."""
    ends = [term.end, *(f.end for f in following)]
    found: list[Figure] = []
    for end, figure in zip(ends[:8], following[:8], strict=False):
        gap = view[end : figure.start]
        if len(gap) > 24 or not (_BACK.search(gap) or _ONE_YEAR.search(gap)):
            break
        if _ONE_YEAR.search(gap):
            found = [figure, *found] if "T" in gap.upper() else [*found, figure]
    return found[0] if found else None


_BASES = regex(r"[ ]?\(standalone\)[ ]?(?:,|/|;|and|\|)[ ]?[^()]{1,24}\(consolidated\)", re.IGNORECASE)
_PARTS = regex(r"[\s,;/|()&:=>\u2192-]|\b(?:and|in|for|vs\.?|versus|then|respectively)\b", re.IGNORECASE)


def series_of(view: str, term: Term, following: list[Figure]) -> list[Figure] | None:
    """Of "12 % in FY23, 13 % in FY24" the newest figure; nothing of "12 %, 13 %, 15 %"; None where it is no series."""
    run = [following[0]]
    for a, b in pairwise(following[:12]):
        if a.kind != b.kind or b.start - a.end > 40 or _PARTS.sub("", PERIODS.sub("", view[a.end : b.start])):
            break
        run.append(b)
    if len(run) < 2:
        return None
    before = [_only_time(view[a:b]) for a, b in pairwise([term.end, *(f.end for f in run)])]
    tail = _TAIL_END.split(view[run[-1].end : run[-1].end + 24 * len(run)])[0]
    ends = [*(f.start for f in run[1:]), run[-1].end + min(16, len(tail))]
    after = [_only_time(view[f.end : b]) for f, b in zip(run, ends, strict=True)]
    for told in (before, after):
        known = [t for t in told if t]
        if term.field in GROWTH and len(known) == len(run):
            years = [i for i, (_, quarter) in enumerate(known) if quarter == WHOLE_YEAR]
            return [run[max(years, key=lambda i: known[i])]] if years else []
        if len(known) == len(run) and len(set(known)) == len(run) - max(0, known.count(_AHEAD) - 1):
            return _newest(run, known)
    behind = [t for m in PERIODS.finditer(tail) if (t := _period(m[0]))]
    if len(behind) == len(run):
        return _newest(run, behind)
    if (undated := _first_undated(run, before)) is not None:
        return undated
    joined = all(BETWEEN_FIGURES.match(view[a.end : b.start]) for a, b in pairwise(run))
    return [] if joined and len(run) > 2 else None


_TAIL_END = regex(r"\.\s|;|(?<!\()(?<=\w)\)(?=[^)]*$)(?!.*\()")


_LEAST_DATED = 2
"""Dated figures behind one without a date, from which on their order tells whether that one is the newest."""
_AHEAD: Time = (0, 0)
"""The time of a forecast: older than any other."""


def _first_undated(run: list[Figure], before: list[Time | None]) -> list[Figure] | None:
    """Of "was 10% ; FY22: 24%; FY23: 15%" the last, of "is 15%; FY23: 24%; FY22: 10%" the first."""
    rest = [t for t in before[1:] if t and t != _AHEAD]
    if before[0] is not None or len(rest) != len(run) - 1 or len(rest) < _LEAST_DATED:
        return None
    if rest == sorted(set(rest)):
        return [run[-1]]
    return [run[0]] if rest == sorted(set(rest), reverse=True) else []


def _newest(run: list[Figure], told: list[Time]) -> list[Figure]:
    best = max(range(len(run)), key=lambda i: told[i])
    return [run[best]] if told[best] != _AHEAD else []


def _period(words_of_it: str) -> Time | None:
    return _AHEAD if words.not_own(words_of_it) else head_time(words_of_it)


def _only_time(piece: str) -> Time | None:
    found = {t for m in PERIODS.finditer(piece) if (t := _period(m[0]))}
    return found.pop() if len(found) == 1 else None
