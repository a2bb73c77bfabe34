"""Clauses that speak of a part of the company or of others: none of their figures is the company's."""

from __future__ import annotations

from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_state import SEGMENTS
from robotrader.core.background_scheduler.parsers.text import word_set

PARTS = word_set(
    "segment segments segment's division divisions division's vertical verticals subsidiary subsidiaries subsidiary's "
    "arm arm's jv venture associate associates peer peers rival rivals competitor competitors "
    "companies companies' firms firms' banks banks' lenders lenders' insurers insurers' psus refiners automakers"
)
_LOOSE_PARTS = word_set("business businesses unit units portfolio operations")
WHOLE = word_set("overall total company company's group group's firm firm's parent whole aggregate")
"""Words that bring a sentence back to the company."""
_NO_LEADS = word_set(
    "in of by from with to at on for into than is was were has had have led driven including across through over amid "
    "after before as between due"
)
_INTO = word_set("in for from within at across among under on")


def opens_part(items: list[Token], i: int) -> bool:
    """The word is the subject of its clause and a part: "The roads segment contributed", "its subsidiary X posted"."""
    token = items[i]
    loose = token.name in _LOOSE_PARTS
    if not loose and token.name not in PARTS:
        return False
    start = i
    while start > 0 and items[start - 1].kind not in (",", ";", "|", "cut", "\n", ")", ":") and i - start < 8:
        start -= 1
    opening = items[start:i]
    if start and items[start - 1].kind not in (",", ";", "|", "cut", "\n", ")", ":"):
        return False
    if loose and not (opening and (opening[-1].name in SEGMENTS or opening[-1].name.endswith("'s"))):
        return False
    first = 1 if opening and opening[0].name in _INTO and start == 0 else 0
    return all(_leads(t) for t in opening[first:])


def _leads(token: Token) -> bool:
    if token.kind == "period":
        return True
    return token.kind in ("word", "other") and token.name not in _NO_LEADS
