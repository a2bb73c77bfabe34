"""Rupees and shares of a whole as the screens of the portfolio write them. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from decimal import Decimal

    from robotrader.cli.render import Look
    from robotrader.core.services.portfolio_views import Sum

UNKNOWN = "not known"
WIDEST = 11
CENTS, FINEST = 2, 4
WON, LOST, NONE = "green", "red", ""
Cell = tuple[str, str]


def rupees(value: Decimal | None, view: Look, *, signed: bool = False) -> str:
    """An amount to the paisa: ``₹1,23,456.70``, ``-₹15.34``; with ``signed`` a plus before what was won."""
    if value is None:
        return UNKNOWN
    text = fmt.amount(value)
    if text.startswith("-"):
        return f"-{view.rupee}{text[1:]}"
    return f"{'+' if signed and value > 0 else ''}{view.rupee}{text}"


def sum_of(found: Sum, view: Look, *, signed: bool = False) -> Cell:
    """A sum, with how many symbols are missing in it; coloured where it was won or lost."""
    said = rupees(found.inr, view, signed=signed)
    if found.missing and found.inr is not None:
        said += f" and {found.missing} not known"
    return said, style(found.inr) if signed else NONE


def whole(value: Decimal | None, *, signed: bool = False) -> str:
    """An amount in whole rupees for a narrow column, in crore (``38.56 cr``) where that would be too wide.

    ``-`` where it is not known.
    """
    if value is None:
        return fmt.EMPTY
    text = fmt.amount(value, 0)
    text = text if len(text) <= WIDEST else f"{fmt.amount(value / fmt.CRORE)} cr"
    return f"+{text}" if signed and text != "0" and value > 0 else text


def change(value: Decimal | None) -> Cell:
    """A change in whole rupees with its sign and colour."""
    return whole(value, signed=True), style(value)


def price(value: Decimal | None) -> str:
    """A price a share, two decimals; ``-`` where it is not known."""
    if value is None:
        return fmt.EMPTY
    text = fmt.amount(value)
    return text if "." in text else f"{text}.00"


def paid(value: Decimal | None) -> str:
    """What was paid a share; see ``places``."""
    return price(value) if value is None or places(value) == CENTS else fmt.amount(value, places(value))


def places(value: Decimal) -> int:
    """How many decimals a price is shown with: as given up to four, an average that has more of them with two."""
    return next((count for count in range(CENTS, FINEST + 1) if value == round(value, count)), CENTS)


def share(value: Decimal | None) -> str:
    """A part of a whole: ``12.3%``."""
    return fmt.EMPTY if value is None else f"{value:.1f}%"


def style(value: Decimal | None) -> str:
    """Green for what was won, red for what was lost."""
    if not value:
        return NONE
    return WON if value > 0 else LOST
