"""The company asked for as the one another is set against: "P/E: 42.7x vs. Alpha 39x", "ROE of 31% (Alpha 17%)"."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.fundamental_facts import Fact
from robotrader.core.background_scheduler.parsers.fundamental_values import EXACT, amount, figures, fits
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

_AGAINST = regex(
    r"[ ]?(?:\((?:(?:vs\.?|versus|against|compared (?:to|with))[ ])?"
    r"|,?[ ]?(?:vs\.?|versus|against|compared (?:to|with)|(?:lower|higher|less|more)? ?than|below|above)[ ](?:the )?)",
    re.IGNORECASE,
)
_REGION = regex(r"(?:[^.;()\n]|\.(?=\d)){1,120}")
_NEAR = 40
_SAME_CLAUSE = regex(rf"(?:[^.;,()\n]|[.,](?=\d)){{0,{_NEAR}}}")
"""Between a name and a figure that is its own."""
_RIGHT_BEHIND = regex(r"(?:'s?)?[ ]?(?:[:=-]|at|is|of)?[ ]?$")


def set_against(view: str, facts: list[Fact], mine: list[Span]) -> list[Fact]:
    """Facts of another company left out where the one asked for has a figure of its own behind it, which counts."""
    mine, ends = sorted(mine), sorted(end for _, end in mine)
    return [own for fact in facts if (own := _own(view, fact, mine, ends)) is not None] if mine else facts


def _own(view: str, fact: Fact, mine: list[Span], ends: list[int]) -> Fact | None:
    """``fact``, or the figure of the company named in ``mine``; ``ends`` are the ends of ``mine``, in order."""
    lead = _AGAINST.match(view, fact.end)
    region = _REGION.match(view, lead.end()) if lead else None
    if not region:
        return fact
    within = mine[bisect_left(mine, (region.start(), 0)) : bisect_left(mine, (region.end(), 0))]
    named = next((b for _, b in within if b <= region.end()), None)
    near = ends[bisect_left(ends, fact.start - _NEAR) : bisect_right(ends, fact.start)]
    if named is None or any(_SAME_CLAUSE.fullmatch(view, end, fact.start) for end in near):
        return fact
    values = figures(view, named, region.end())
    if not values or not _RIGHT_BEHIND.fullmatch(view[named : values[0].start]):
        return fact
    figure = values[0]
    value = amount(fact.field, figure)
    if value is None or figure.status != EXACT or not fits(fact.field, figure, alone=True):
        return None
    return replace(fact, value=value, start=figure.start, end=figure.end)


_BESIDE = regex(
    r"(?:\b(?:than|vs\.?|versus|unlike|against|below|above"
    r"|(?:peers?|rivals?|competitors?)(?:,? (?:like|such as))?)[ ]{1,2}"
    r"(?:(?:its|the|that of|those of|listed)[ ]){0,2}"
    r"|\b(?:peers?|rivals?|competitors?) [A-Z][\w&.' ]{2,30}(?:,| and) "
    r"|\b(?:than|vs\.?|versus|against)[ ]{1,2}(?:the )?[~\u20b9]?\d[\d.,]*[ ]?(?:%|x|times)? (?:for|of|at)[ ]"
    r"|\d[ ]?(?:%|x|times)?[ ]?\()$",
    re.IGNORECASE,
)
"""Before a company that a text about another one only sets beside it."""
_OWNER = regex(
    r"(?:\bpromoters?(?: group)?[ ]{0,20}(?:[:,-][ ]?)?(?:\d{1,2}(?:\.\d+)?[ ]?%[ ]?)?\(?"
    r"|\b(?:subsidiary|arm|unit|part|associate|step-down subsidiary) of (?:the )?|\b(?:promoted|owned|backed) by )$",
    re.IGNORECASE,
)
"""Before a company that is the owner of the one a text is about."""
_DIGIT = regex(r"\d")
_BRACKETS = regex(r"[ ]?\([^()\n]*")


def only_beside(view: str, mine: list[Span]) -> bool:
    """Every place that names the company asked for does so beside another one, in lines that hold figures."""
    lines_told: dict[int, bool] = {}
    return bool(mine) and all(_beside(view, start, end, lines_told) for start, end in mine)


def _beside(view: str, start: int, end: int, told: dict[int, bool]) -> bool:
    """The name stands beside another; ``told`` keeps which lines hold figures, by where they begin."""
    first, last = view.rfind("\n", 0, start) + 1, view.find("\n", end)
    if first not in told:
        told[first] = bool(_DIGIT.search(view, first, last if last >= 0 else len(view)))
    return is_owner(view, start) or bool(told[first] and _BESIDE.search(view[max(first, start - 60) : start]))


def is_owner(view: str, start: int) -> bool:
    """The company named at ``start`` is told as the owner of another."""
    return bool(_OWNER.search(view[max(view.rfind("\n", 0, start) + 1, start - 60) : start]))


def in_brackets_behind(view: str, facts: list[Fact], mine: list[Span]) -> list[Fact]:
    """Those of ``facts`` that stand in brackets of their own right behind the company's name."""
    opened = sorted(m.span() for _, end in mine if (m := _BRACKETS.match(view, end)))
    kept = []
    for fact in facts:
        at = bisect_left(opened, (fact.start, 0)) - 1
        if at >= 0 and fact.start < opened[at][1]:
            kept.append(fact)
    return kept
