"""Companies that a text names by one word with a ratio of its own: "Alpha's P/E is 31"."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.companies import find_name
from robotrader.core.background_scheduler.parsers.fundamental_companies import NOBODY, THIRD, is_company, likeness
from robotrader.core.background_scheduler.parsers.patterns import regex

_OWNED = regex(
    r"(?<![\w&.-])([A-Z][A-Za-z&]{2,20})'s? (?=(?:(?:trailing|TTM|current|own) )?"
    r"(?:P/E|PE|P/B|RO[AC]?E|return on|price[ -]to|market cap|debt|dividend yield|promoters?)\b)"
)
_NO_NAME = regex(
    r"(?:Compan|Stock|Bank|Firm|Lender|Market|Group|Parent|Management|Insurer|Business|India|Year|Month|Quarter|Sector"
    r"|Peer|Nifty|Sensex|Index|Month|Week|Last|FY)",
    re.IGNORECASE,
)


def owned_names(view: str, symbol: str | None) -> set[str]:
    """Single names with a ratio of their own, "Alpha's P/E", in a text that names ``symbol`` in other words."""
    names = {m[1] for m in _OWNED.finditer(view)}
    found = {n for n in names if not (NOBODY.match(n) or _NO_NAME.match(n) or THIRD.search(n))}
    if not symbol or not found or not find_name(symbol, view):
        return set()
    return {n for n in found if not likeness(symbol, n) and is_company(n)}
