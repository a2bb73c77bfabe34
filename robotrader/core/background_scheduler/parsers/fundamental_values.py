"""Figures beside a ratio's name: 24.5x, 17.2 %, ₹9.4 lakh crore, ~0.37, > 15 %, 20-25x, and what kind each is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.fundamental_facts import MULTIPLES, PER_SHARE, PERCENTS
from robotrader.core.background_scheduler.parsers.numbers import (
    DIGITS,
    DOLLAR,
    RUPEE,
    UNIT,
    digits_value,
    plain,
    unit_factor,
)
from robotrader.core.background_scheduler.parsers.patterns import regex

_ABOUT = (
    r"~|nearly|almost|close to|near(?=[ ]\d)|\u2248|\u223c|about|around|approx(?:imately)?\.?|roughly|circa"
    r"|c\.(?=\s?\d)|ca\.|some(?=[ ]\d)|or so"
)
_BOUND = (
    r"[<>]=?|\u2264|\u2265|over|above|below|under|more than|less than|greater than|higher than|lower than|at least"
    r"|at most"
    r"|up to|upto|nearing|beyond|exceed(?:s|ing|ed)?|north of|south of|sub-?|well over"
    r"|within|min(?:imum)?\.?|max(?:imum)?\.?|not more than|just under|just over|just above|just below|upwards? of"
    r"|a little over"
)
_PRE = regex(rf"(?:(?P<bound>{_BOUND})|(?P<about>{_ABOUT}))[ ]{{0,2}}(?:(?:a|the|an)[ ])?[(]?$", re.IGNORECASE)
_NUMBER = regex(
    rf"(?P<sign>(?<![\w)%.])[-+](?=[\d.\u20b9R]))?(?:(?P<inr>{RUPEE})|(?P<usd>{DOLLAR})|(?<![\w,.])(?<![A-Za-z]-))"
    rf"[ ]{{0,40}}"
    rf"(?P<inner>-(?=\d))?(?P<digits>\d{{1,6}}[ ]\.[ ]\d{{1,3}}|\d{{1,6}}\.\d{{7,17}}|{DIGITS})"
    rf"(?![\d,]\d)(?!\d|\.\d)(?P<plus>\+(?!\d))?"
    rf"[ ]{{0,40}}"
    rf"(?:(?P<pct>%|per[ ]?cent(?:age)?\b|percentage\b|pct\b)|(?P<times>[x\u00d7X](?![A-Za-z0-9])|times\b)"
    rf"|(?P<thousands>K[ ]?\(?(?:crores?|cr)\b\.?\)?)|(?P<unit>{UNIT})|(?P<letter>[TMBK])\b(?!-))?"
    rf"(?P<late>[ ]?\+(?![\d(]|[ ]?\d))?",
    re.IGNORECASE,
)
_NOT_VALUE = regex(
    r"[A-Za-z\u00b0]|[ ]?(?:/[ ]?(?:5|10|100)\b|bps|basis points?|-?(?:years?|yrs?|months?|days?|weeks?|quarters?|Y)\b"
    r"|(?:st|nd|rd|th)\b|stars?\b|out of|stocks\b|companies\b|stores?\b|points?\b(?! to\b)|shares\b"
    r"|sessions?\b|-?weeks?)"
    r"|-(?:year|yr|month|day|week|quarter|week|fold)",
    re.IGNORECASE,
)
_DATE_PART = regex(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?[ ,]{1,2}$|(?:FY|CY|Q)[ ']{0,2}$"
    r"|(?:FY[ ]?'?\d\d|(?:19|20)\d\d)[-/]$",
    re.IGNORECASE,
)
_NUMERIC_DATE = regex(r"\d{1,4}[-/]\d{1,2}[-/]\d{2}")
_MONTH_ON = regex(r"[ ]?(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)(?:[a-z]{0,6})\b", re.IGNORECASE)
_JOIN = regex(r"[ ]?(?:-|to|\u2010|~|\.\.)[ ]?$|[ ]to[ ]$", re.IGNORECASE)
_FROM = regex(
    r"\bfrom(?:[ ](?:an?|the|its|about|around|~|peak|high|low|record|all-time|levels?|multiples?|of)){0,4}[ ]$",
    re.IGNORECASE,
)
_BETWEEN = regex(r"\bbetween(?:[ ](?:a|an|the|about|around|~))?[ ]?$", re.IGNORECASE)
_LOSS = regex(r"[ ]?\)")
_MOVED = regex(r"\b(?:\w+ed|crept|gone|went|came|rose|risen|grown|grew|fallen|fell)[ ]$", re.IGNORECASE)
"""What makes "up to" the end of a movement and no bound: "has inched up to 0.33"."""
_RUPEES_BEHIND = regex(r"[ ]?(?:(?:rs|rupees|inr)\b(?!\.?[ ]?\d)|\u20b9(?![ ]?\d)|/-)", re.IGNORECASE)
_RUPEE_OPEN = regex(r"(?:\u20b9|\bRs\.?|\bINR)[ ]?\($", re.IGNORECASE)
"""Rupees in brackets are a loss: "EPS \u20b9(2.1)"."""
_SIGN = regex(r"[:=|][ ]*$")
_OR_SO = regex(r"[ ]?(?:or so|odd)\b", re.IGNORECASE)
_OR_MORE = regex(r"[ ]?(?:(?:or|and)[ ](?:more|above|higher|over|better|less|below|lower)|plus)\b", re.IGNORECASE)
EXACT, ABOUT, BOUND, RANGE = "exact", "about", "bound", "range"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in a text.

    Attributes:
        kind: ``percent``, ``times``, ``money`` (a currency or a magnitude stands with it) or ``plain``.
        status: ``exact``, ``about``, ``bound`` (over, at least, +) or ``range``.
        factor: what a magnitude word multiplies by, None where none stands.
        foreign: in dollars or other foreign money.
    """

    value: Decimal
    kind: str
    status: str
    start: int
    end: int
    factor: Decimal | None = None
    rupees: bool = False
    foreign: bool = False


def figures(view: str, start: int, end: int) -> list[Figure]:
    """Every figure in ``view[start:end]``, years, dates and counts left out; a range is one figure."""
    found: list[Figure] = []
    text = view[start:end]  # a comma before the cell is no part of its figure
    for match in _NUMBER.finditer(text):
        figure = _figure(text, match)
        if figure is None:
            continue
        last = found[-1] if found else None
        if last and _one_range(text, last, figure):
            figure = replace(figure, status=RANGE, start=last.start)
            found.pop()
        found.append(figure)
    return [replace(f, start=f.start + start, end=f.end + start) for f in found]


def _one_range(text: str, first: Figure, second: Figure) -> bool:
    """Two figures are the ends of a range: 20-25x, 15 % to 18 %, between 3 and 4."""
    gap, before = text[first.end : second.start], text[max(0, first.start - 20) : first.start]
    if len(gap) <= 6 and _JOIN.match(gap):
        return not _FROM.search(before)
    return gap.strip().lower() == "and" and bool(_BETWEEN.search(before))


def _figure(view: str, match: re.Match[str]) -> Figure | None:
    value = digits_value(match["digits"].replace(" . ", "."))
    at = match.start()
    if value is None or len(match["digits"]) > 24:
        return None
    if match["digits"] in ("5", "10", "100") and re.search(r"\d/$", view[max(0, at - 2) : at]):
        return None
    end = max(match.end(g) for g in ("digits", "pct", "times", "thousands", "unit"))
    behind = None if match["usd"] or match["pct"] or match["times"] else _RUPEES_BEHIND.match(view, end)
    money = bool(match["inr"] or match["usd"] or match["unit"] or match["thousands"] or behind)
    if _lettered(match):
        end, money = match.end("letter"), True
    elif match["letter"]:
        return None
    if (
        end == match.end("digits")
        and not match["plus"]
        and not behind
        and (_NOT_VALUE.match(view, end) or _dated(view, match.start("digits"), end, match["digits"]))
    ):
        return None
    while view[at] == " ":
        at += 1
    negative = match["sign"] == "-" or bool(match["inner"])
    if not negative and view[at - 1 : at] == "(" and _LOSS.match(view, max(end, match.end())):
        negative = (view[end] == ")" and view[end + 1 :].lstrip().startswith("%")) or bool(
            _SIGN.search(view[: at - 1][-4:])
        )
        percent = view[end : end + 3].replace(" ", "").startswith(")%")
        if percent:
            end = view.index("%", end) + 1
            return Figure(-value, "percent", EXACT, at - 1, end)
    status, start = _status(view, match, at)
    signed = _RUPEE_OPEN.search(view[max(0, at - 6) : at]) if _LOSS.match(view, max(end, match.end())) else None
    if signed:
        negative, money, start = True, True, at - len(signed[0])
    return Figure(
        -value if negative else value,
        "percent" if match["pct"] else "times" if match["times"] else "money" if money else "plain",
        status,
        start,
        end,
        _factor(match),
        bool(match["inr"] or behind or signed),
        bool(match["usd"]),
    )


def _lettered(match: re.Match[str]) -> bool:
    """A letter for a magnitude stands with the figure: "₹2.7T", and "2.7T" of a market value."""
    if not match["letter"]:
        return False
    return bool(match["inr"] or match["usd"] or (match["letter"] in "TBM" and "." in match["digits"]))


def _factor(match: re.Match[str]) -> Decimal | None:
    if match["thousands"]:
        return Decimal(10) ** 10
    if match["unit"]:
        return unit_factor(match["unit"])
    if _lettered(match):
        return Decimal(10) ** {"T": 12, "B": 9, "M": 6, "K": 3}[match["letter"].upper()]
    return None


def _dated(view: str, start: int, end: int, digits: str) -> bool:
    """The digits are a year or part of a date."""
    if re.fullmatch(r"(?:19|20)\d\d", digits) and not re.match(r"[ ]?[%x\u00d7]", view[end : end + 2]):
        return True
    if _NUMERIC_DATE.search(view[max(0, start - 8) : end + 8]):
        return True
    return bool(_DATE_PART.search(view[max(0, start - 14) : start]) or _MONTH_ON.match(view, end))


def _status(view: str, match: re.Match[str], at: int) -> tuple[str, int]:
    """Whether the figure is exact, and where its words begin ("~" is one of them)."""
    if match["plus"] or match["late"] or _OR_MORE.match(view, match.end()):
        return BOUND, at
    first = max(0, at - 20)
    before = _PRE.search(view[first:at])
    if before is None:
        return (ABOUT if _OR_SO.match(view, match.end()) else EXACT), at
    if before[0][0].isalpha() and before.start() and view[first + before.start() - 1].isalnum():
        return EXACT, at
    if (before["bound"] or "").lower() == "up to" and _MOVED.search(view[max(0, at - 34) : first + before.start()]):
        return EXACT, at
    return (BOUND, at) if before["bound"] else (ABOUT, first + before.start("about"))


def fits(field: str, figure: Figure, *, alone: bool) -> bool:
    """The figure can be one of ``field``; ``alone`` where it is all that stands beside its name (a cell, a line)."""
    if figure.foreign or (field == "promoter_holding_pct" and not 0 <= figure.value <= 100):
        return False
    if field in PERCENTS:
        return figure.kind == "percent" or (alone and figure.kind == "plain" and not figure.rupees)
    if field in MULTIPLES:
        return figure.kind in ("times", "plain")
    if field in PER_SHARE:
        return figure.factor is None and (figure.rupees or (alone and figure.kind == "plain"))
    return figure.kind in ("money", "plain")


_SMALL = {"dividend_yield_pct": Decimal("0.05"), "roa_pct": Decimal("0.05"), "promoter_holding_pct": Decimal(0)}


def maybe_fraction(field: str, figure: Figure, *, percent: bool) -> bool:
    """A bare figure below one may be a fraction or a percentage; ``percent``: its label tells."""
    fine = figure.value.as_tuple().exponent in (-3, -4, -5, -6) and field != "promoter_holding_pct"
    least = Decimal(1) if fine else _SMALL.get(field, Decimal(1))
    return field in PERCENTS and not percent and figure.kind == "plain" and 0 < abs(figure.value) < least


_SHARE_BEHIND = regex(r"[ ]{0,3}\([ ]?\d{1,2}(?:\.\d{1,2})?[ ]?%[ ]?\)")


def share_behind(view: str, figure: Figure, end: int) -> Figure:
    """The percentage in brackets right behind an amount, "15.20 (0.84%)", else the figure itself."""
    match = None if figure.kind == "percent" else _SHARE_BEHIND.match(view, figure.end, end)
    return figures(view, *match.span())[0] if match and figures(view, *match.span()) else figure


def amount(field: str, figure: Figure, factor: Decimal | None = None) -> Decimal | None:
    """What the figure says of ``field``, money in rupees; None for money without a unit."""
    if field != "market_cap_inr":
        return figure.value
    scale = figure.factor or factor
    if scale is not None:
        return plain(figure.value * scale)
    return figure.value if figure.rupees and figure.value >= 10**8 else None
