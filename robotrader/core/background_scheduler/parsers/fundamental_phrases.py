"""Ratios told without their names: "24.5x trailing earnings", "3.1 times book", "earns 21% on capital employed"."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.fundamental_terms import Term, terms
from robotrader.core.background_scheduler.parsers.fundamental_values import Figure
from robotrader.core.background_scheduler.parsers.patterns import regex

Pair = tuple[Term, Figure]
_OF_EARNINGS = regex(
    r"[ -](?:of[ ])?(?:(?:its|the|their)[ ])?(?P<q>(?:[\w'-]{1,12}[ ]){0,4}?)"
    r"(?P<w>earnings(?:[ ]per[ ]share)?|EPS|profits?|book(?:[ ]value)?|net worth)\b(?![ ]?(?:growth|per|-))",
    re.IGNORECASE,
)
_TOLD_TOO = regex(r"[ ](?:of|\()[ ]?(?:\u20b9|Rs)")
_PLAIN_Q = regex(
    r"(?:on[ ])?(?:(?:trailing|ttm|last|past|twelve|12|months?'?|twelve-months?|12-months?|current|reported|annual"
    r"|consolidated|price|to"
    r"|P/E|company's|stock's|stated)[ ]?)*$",
    re.IGNORECASE,
)
_RIGHT_BEFORE = regex(r"[ ]?(?:[:=]|of|at|is)?[ ]?")
_ON_EARNINGS = regex(
    r"\bon (?:its |the )?(?:trailing|TTM)(?:[- ]twelve[- ]months?'?)? (?:earnings|EPS),?"
    r" (?:the |this )?(?:stock|share|scrip|company|counter|it)s?\b[^.;,\d]{0,36} at(?: about)? $",
    re.IGNORECASE,
)
"""Before a multiple: "on trailing earnings the stock is available at"."""
_ON_CAPITAL = regex(
    r"[ ]on[ ](?:its[ ]|the[ ])?(?:(?P<c>capital employed)|(?:shareholders'? )?equity|net[ ]?worth)\b", re.IGNORECASE
)
_EARNS = regex(r"\b(?:earn(?:s|ed|ing)?|makes?|made|returns?|returned|generat\w+)\b(?:[^.;]|\.(?=\d))*$", re.IGNORECASE)


def of_earnings(
    view: str, values: list[Figure], names: list[Term], end: int
) -> tuple[list[Pair], set[int], list[Term]]:
    """Multiples of earnings and book: pairs, the figures they use, the names within them."""
    pairs, used, gone = [], set(), []
    for figure in values:
        match = _OF_EARNINGS.match(view, figure.end, min(end, figure.end + 70)) if figure.kind == "times" else None
        if _ON_EARNINGS.search(view[max(0, figure.start - 110) : figure.start]) and figure.kind == "times":
            used.add(figure.start)
            pairs.append((Term("pe", figure.start, figure.end), figure))
            continue
        if match is None or _named_before(view, figure, names):
            continue
        if not _PLAIN_Q.match(match["q"]):
            if not terms(view, figure.end, match.start("w")):
                used.add(figure.start)
            continue
        book = match["w"].lower().startswith(("book", "net"))
        used.add(figure.start)
        told = _TOLD_TOO.match(view, match.end())
        gone += [t for t in names if figure.end <= t.start < match.end() and t.field != "eps_ttm_inr" and not told]
        pairs.append((Term("pb" if book else "pe", figure.start, match.end()), figure))
    return pairs, used, gone


def _named_before(view: str, figure: Figure, names: list[Term]) -> bool:
    """The figure is told by a name before it: "P/E 40x on trailing EPS"."""
    last = next((t for t in reversed(names) if t.end <= figure.start), None)
    return (
        last is not None and last.field in ("pe", "pb") and bool(_RIGHT_BEFORE.fullmatch(view[last.end : figure.start]))
    )


_PROMOTER = regex(
    r"[ ]?\((?:the )?promoters?(?: group)?\)"
    r"|[ ]of (?:the |its |total )?(?:(?:paid-up )?(?:shares?|equity|stock|company|capital) ?){1,3}"
    r"(?:(?:is|are|was|were) )?(?:held|owned) by (?:the )?promoters?\b",
    re.IGNORECASE,
)


def of_promoter(view: str, values: list[Figure], end: int) -> list[Pair]:
    """What the one holder called promoter has: "Alpha Inc. 51% (promoter)"."""
    told = [(f, m) for f in values if f.kind == "percent" and (m := _PROMOTER.match(view, f.end, end))]
    return [(Term("promoter_holding_pct", f.start, m.end()), f) for f, m in told] if len(told) == 1 else []


def on_capital(view: str, values: list[Figure], start: int) -> list[Pair]:
    """Returns told by what they are earned on: pairs."""
    pairs: list[Pair] = []
    for figure in values:
        match = _ON_CAPITAL.match(view, figure.end) if figure.kind == "percent" else None
        if match and _EARNS.search(view[max(start, figure.start - 110) : figure.start]):
            field = "roce_pct" if match["c"] else "roe_pct"
            pairs.append((Term(field, figure.start, match.end()), figure))
    return pairs
