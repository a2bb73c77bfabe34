"""The magnitude of an amount where it does not stand with it: behind its name, or in the head of the text."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from robotrader.core.background_scheduler.parsers.fundamental_pairs import PAREN
from robotrader.core.background_scheduler.parsers.fundamental_terms import Term
from robotrader.core.background_scheduler.parsers.fundamental_values import Figure
from robotrader.core.background_scheduler.parsers.numbers import UNIT, declared_units, unit_factor
from robotrader.core.background_scheduler.parsers.patterns import regex

_UNIT = regex(rf"(?:{UNIT})", re.IGNORECASE)
_DOLLARS = regex(r"[(\[][^)\]]{0,3}(?:US|\$)")
_IN_RUPEES = regex(r"[(\[](?:in )?(?:INR|Rs\.?|\u20b9|rupees)[ ]?[)\]]", re.IGNORECASE)
_SHORT = regex(
    r"[(\[](?:in )?(?:INR|Rs\.?|\u20b9)[ ]?([TBM])n?(?:[ ]?/[ ]?(?:USD|US\$|\$)[ ]?[TBM]n?)?[)\]]", re.IGNORECASE
)
_FOR_ALL = regex(
    r"\b(?:unless|otherwise|all (?:figures|amounts|values)|(?:figures|amounts|values) (?:are )?in)\b"
    r"|\(all (?:in )?(?:Rs\.?|INR|\u20b9)",
    re.IGNORECASE,
)
_HEAD = 300
_LEAST_RUPEES = 10**8
"""Whole rupees below this are no company's market value; crores are meant, and not told."""
_SURELY_RUPEES = 10**10
"""From here on a bare figure cannot be in crore, lakh or million."""
_FOREIGN = regex(r"\$|\bUSD\b|\bdollars?\b", re.IGNORECASE)


def told_unit(view: str, term: Term, figure: Figure) -> Decimal | None:
    """What multiplies the figure of a market value: "Mkt cap (Rs bn): 232", "(INR million unless stated)"."""
    if term.field != "market_cap_inr":
        return None
    if figure.kind == "plain" and figure.value >= _SURELY_RUPEES and not _names_dollars(view):
        return Decimal(1)
    told = PAREN.search(view, term.end, figure.start) if term.end < figure.start else None
    short = _SHORT.fullmatch(told[0]) if told else None
    if short:
        return Decimal(10) ** {"T": 12, "B": 9, "M": 6}[short[1].upper()]
    unit = _UNIT.search(told[0]) if told else None
    if told and unit:
        return None if _DOLLARS.match(told[0]) else unit_factor(unit[0])
    if told and _IN_RUPEES.fullmatch(told[0]):
        return Decimal(1) if figure.value >= _LEAST_RUPEES else None
    return unit_of_all(view, term.start)


@lru_cache(maxsize=4)
def _names_dollars(view: str) -> bool:
    """The text has a word of dollars; it is asked for every such figure of one text."""
    return bool(_FOREIGN.search(view))


def unit_of_all(view: str, before: int) -> Decimal | None:
    """What the head of a text says that all of its amounts are in."""
    head = view[: min(_HEAD, before)]
    units = declared_units(head) if _FOR_ALL.search(head) else []
    return units[0].factor if len(units) == 1 else None
