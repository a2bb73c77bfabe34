"""Single cells of a holdings file: shares, prices, ISINs. Pure functions that refuse what is not clear."""

from __future__ import annotations

import re
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.errors import ValidationError

MOST_SHARES = 10**11
MOST_RUPEES = 10**12
LONGEST_NUMBER = 30
_BLANK = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "null"})
_NUMBER = regex(
    r"(?P<sign>[-+\u2212]?)\s*(?:₹|Rs\.?|INR)?\s*(?P<inner>[-\u2212]?)"
    r"(?P<digits>\d+|\d{1,2}(?:,\d{2})*,\d{3}|\d{1,3}(?:,\d{3})+)(?P<fraction>\.\d*)?(?:\s*/-)?",
    re.IGNORECASE | re.ASCII,
)
_ISIN = regex(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")


def read_number(words: str) -> Decimal:
    """A number as India or the rest of the world groups it, with or without a rupee sign.

    Raises:
        ValidationError: it is none.
    """
    said = words.replace("\u00a0", " ").replace("\u202f", " ").strip()
    match = _NUMBER.fullmatch(said) if len(said) <= LONGEST_NUMBER else None
    if match is None:
        raise ValidationError(f"not a number: {words[:20]!r}")
    minus = (match["sign"] in {"-", "\u2212"}) != bool(match["inner"])
    fraction = (match["fraction"] or "").rstrip(".")
    return Decimal(f"{'-' if minus else ''}{match['digits'].replace(',', '')}{fraction}")


def read_shares(words: str) -> int:
    """A number of shares; 0 where the cell is empty.

    Raises:
        ValidationError: it is no whole number, or negative.
    """
    if words.casefold() in _BLANK:
        return 0
    number = read_number(words)
    if number < 0:
        raise ValidationError(f"a negative quantity: {words[:20]}")
    if number != number.to_integral_value():
        raise ValidationError(f"not a whole number of shares: {words[:20]}")
    if number > MOST_SHARES:
        raise ValidationError(f"more shares than there are: {words[:20]}")
    return int(number)


def read_price(words: str) -> Decimal | None:
    """What was paid a share, in rupees; None for an empty cell and for 0, which stands where it is not known.

    Raises:
        ValidationError: it is no amount, or negative.
    """
    if words.casefold() in _BLANK:
        return None
    price = read_number(words)
    if price < 0:
        raise ValidationError(f"a negative price: {words[:20]}")
    if price > MOST_RUPEES:
        raise ValidationError(f"more rupees than there are: {words[:20]}")
    return price or None


def read_isin(words: str) -> str | None:
    """The number that names a share wherever it is listed; None for an empty cell.

    Raises:
        ValidationError: it has another shape.
    """
    said = words.strip().upper()
    if said.casefold() in _BLANK:
        return None
    if _ISIN.fullmatch(said) is None:
        raise ValidationError(f"not an ISIN: {words[:20]!r}")
    return said
