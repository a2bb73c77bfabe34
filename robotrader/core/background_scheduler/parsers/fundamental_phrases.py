"""Ratios told without their names: "24.5x trailing earnings", "3.1 times book", "earns 21% on capital employed"."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.fundamental_terms import Term, terms
from robotrader.core.background_scheduler.parsers.fundamental_values import Figure

Pair = tuple[Term, Figure]
_OF_EARNINGS = re.compile(
    r"[ -](?:of[ ])?(?:(?:its|the|their)[ ])?(?P<q>(?:[\w'-]{1,12}[ ]){0,4}?)"
    r"(?P<w>earnings(?:[ ]per[ ]share)?|EPS|profits?|book(?:[ ]value)?|net worth)\b(?![ ]?(?:growth|per|-))",
    re.IGNORECASE,
)
_TOLD_TOO = re.compile(r"[ ](?:of|\()[ ]?(?:\u20b9|Rs)")
_PLAIN_Q = re.compile(
    r"(?:on[ ])?(?:(?:trailing|ttm|last|past|twelve|12|months?'?|twelve-months?|12-months?|current|reported|annual"
    r"|consolidated|price|to"
    r"|P/E|company's|stock's|stated)[ ]?)*$",
    re.IGNORECASE,
)
_RIGHT_BEFORE = re.compile(r"[ ]?(?:[:=]|of|at|is)?[ ]?")
_ON_CAPITAL = re.compile(
    r"[ ]on[ ](?:its[ ]|the[ ])?(?:(?P<c>capital employed)|(?:shareholders'? )?equity|net[ ]?worth)\b", re.IGNORECASE
)
_EARNS = re.compile(r"\b(?:earn(?:s|ed|ing)?|makes?|made|returns?|returned|generat\w+)\b[^.;]*$", re.IGNORECASE)


def of_earnings(
    view: str, values: list[Figure], names: list[Term], end: int
) -> tuple[list[Pair], set[int], list[Term]]:
    """Multiples of earnings and book: pairs, the figures they use, the names within them."""
    pairs, used, gone = [], set(), []
    for figure in values:
        match = _OF_EARNINGS.match(view, figure.end, min(end, figure.end + 70)) if figure.kind == "times" else None
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


def on_capital(view: str, values: list[Figure], start: int) -> list[Pair]:
    """Returns told by what they are earned on: pairs."""
    pairs: list[Pair] = []
    for figure in values:
        match = _ON_CAPITAL.match(view, figure.end) if figure.kind == "percent" else None
        if match and _EARNS.search(view[max(start, figure.start - 60) : figure.start]):
            field = "roce_pct" if match["c"] else "roe_pct"
            pairs.append((Term(field, figure.start, match.end()), figure))
    return pairs
