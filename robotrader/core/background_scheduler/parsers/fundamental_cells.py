"""A table cell or the rest of a line: the figure it starts with. And what a label names."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, NOW, Fact, Time
from robotrader.core.background_scheduler.parsers.fundamental_keys import meaning
from robotrader.core.background_scheduler.parsers.fundamental_prose import Note
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_times import time_of
from robotrader.core.background_scheduler.parsers.fundamental_values import (
    ABOUT,
    BOUND,
    RANGE,
    Figure,
    amount,
    figures,
    fits,
    maybe_fraction,
    share_behind,
)
from robotrader.core.background_scheduler.parsers.numbers import RUPEE, UNIT, unit_factor
from robotrader.core.background_scheduler.parsers.patterns import regex

_NUMBERED = regex(r"^[\W_]*(?:\d{1,2}[.)]?[ ]+)?[\W_]*")
_PROMOTERS = regex(
    r"\W*promoters?(?:'?s?'?[ ](?:(?:and|&)[ ]promoter[ ]group|group))?(?:[ ]?\([A-Za-z][A-Za-z &.'-]{1,40}\))?"
    r"[\W\d]*$",
    re.IGNORECASE,
)
_KEY = regex(r"[A-Za-z][A-Za-z0-9_ ]{1,40}$")
_UNIT = regex(rf"(?:{UNIT})", re.IGNORECASE)
_DOLLARS = regex(r"\$|\bUSD\b", re.IGNORECASE)
_RUPEES_FIRST = regex(rf"(?:{RUPEE})[^$]{{0,12}}/[^$]{{0,6}}\$", re.IGNORECASE)
_LEADS = regex(
    r"[^\w\u20b9$]*(?:(?:about|around|approx(?:imately)?|roughly|circa|over|above|below|under|nearly|almost|up to"
    r"|at least|less"
    r"|more|than|c|Rs|INR|US)\b\.?[^\w\u20b9$]*){0,3}$",
    re.IGNORECASE,
)
_PERCENT = regex(r"%|\b(?:per ?cent|pct|percentage)\b", re.IGNORECASE)
_ARROW = regex(r"[ ]?(?:\u2192|->|-->|=>)[ ]?(?:~[ ]?)?$")
_SHARE = regex(r"[ ]?/[ ]?(?=[\d\u20b9~])")


TTM = regex(r"\b(?:TTM|LTM|trailing)\b", re.IGNORECASE)
_IN_TTM = regex(r"[ ]?[(,]?[ ]?(?:on a )?(?:TTM|LTM|trailing)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """What a label names: a field, when its figures are of, what multiplies them, whether they are the company's own.

    ``both``: its figures stand in rupees and, behind a stroke, in dollars. ``percent``: it says they are percentages.
    """

    field: str
    time: Time | None
    factor: Decimal | None
    own: bool
    rank: int = 0
    foreign: bool = False
    both: bool = False
    percent: bool = False


@lru_cache(maxsize=4096)
def read_label(text: str) -> Label | None:
    """The one ratio a short text names, or None."""
    if not text.strip() or len(text) > 90:
        return None
    text = " ".join(text.split())
    found = terms(text, 0, len(text))
    if not found:
        if _PROMOTERS.match(text):
            return Label("promoter_holding_pct", None, None, own=True)
        told = meaning((text.strip(),)) if _KEY.match(text.strip()) else None
        return Label(told.field, told.time, told.factor, own=True) if told else None
    fields = {t.field for t in found}
    if len(fields) > 1:
        return None
    term = found[0]
    rest = _NUMBERED.sub("", text[: term.start]) + " " + text[term.end :]
    growth = term.field in GROWTH
    own = not words.not_own(rest, growth=growth, fair=term.field == "fair_value_inr") and not (
        growth and words.QUARTERLY.search(rest)
    )
    own = own and not (term.field == "debt_to_equity" and "%" in rest)  # 12% or 12 times: nobody can tell
    own = own and not (term.field == "promoter_holding_pct" and words.part_of_holding(rest))
    if len(re.findall(r"[A-Za-z]{2,}", re.sub(r"\([^()]*\)", " ", rest))) > 6:
        return None
    unit = _UNIT.search(rest)
    return Label(
        term.field,
        time_of(rest),
        unit_factor(unit[0]) if unit else None,
        own,
        2 if re.search(r"stand-?alone|annuali[sz]ed", rest, re.IGNORECASE) else 0,
        bool(_DOLLARS.search(rest)) and not _RUPEES_FIRST.search(rest),
        bool(_RUPEES_FIRST.search(rest)),
        bool(_PERCENT.search(rest)),
    )


def is_figure(view: str, start: int, end: int) -> bool:
    """The span is one figure, or one figure and a remark in brackets."""
    if len(" ".join(view[start:end].split())) > 70:
        return False
    values = figures(view, start, end)
    if len(values) != 1:
        return False
    rest = view[start : values[0].start] + " " + re.sub(r"^\s*\([^()]*\)", "", view[values[0].end : end])
    return not re.search(r"\w", re.sub(r"~|\babout\b|\baround\b|/share|per share", "", rest))


def holds_figure(text: str) -> bool:
    """A label with a figure of its own beside it: "P/E: 11.7", but not "12 Debt/Equity" or "P/E (10Y avg)"."""
    rest = re.sub(r"\([^()]*\)", " ", _NUMBERED.sub("", text))
    return bool(figures(rest, 0, len(rest)))


def lead_figure(view: str, start: int, end: int, *, first_of_two: bool = False) -> Figure | None:
    """The figure a cell starts with; the later one of "15% -> 17%"; a figure in brackets is negative."""
    values = figures(view, start, min(end, start + 200))
    if not values or not _LEADS.match(view[start : values[0].start]):
        return None
    first = values[0]
    if (
        first.foreign
        and len(values) > 1
        and values[1].rupees
        and re.match(r"[ ]?[(/][ ]?$", view[first.end : values[1].start])
    ):
        return values[1]
    if len(values) > 1 and _ARROW.match(view[first.end : values[1].start]):
        return values[1]
    if len(values) > 1 and not first_of_two and _SHARE.match(view[first.end : values[1].start + 1]):
        return None
    if re.fullmatch(r"\([^()]*\)", view[start:end].strip()) and first.status not in (RANGE, BOUND):
        return Figure(
            -abs(first.value),
            first.kind,
            first.status,
            first.start,
            first.end,
            first.factor,
            first.rupees,
            first.foreign,
        )
    return first


def cell_fact(
    view: str, label: Label, start: int, end: int, time: Time | None = None, factor: Decimal | None = None
) -> Fact | Note | None:
    """The fact of a labelled cell, a note why there is none, or nothing."""
    figure = lead_figure(view, start, end, first_of_two=label.both)
    if figure and label.field == "eps" and _IN_TTM.match(view, figure.end, end):
        label = replace(label, field="eps_ttm_inr")
    if figure is None or label.field in ("other", "eps") or not label.own or words.not_own_after(view, figure.end, end):
        return None
    figure = share_behind(view, figure, end) if label.field == "dividend_yield_pct" else figure
    value = amount(label.field, figure, label.factor or factor)
    fitting = fits(label.field, figure, alone=True)
    reason = _reason(view, label, figure, end) or ("has no unit" if fitting and value is None else None)
    if reason:
        return Note(label.field, reason, view[figure.start : figure.end])
    if value is None or not fitting:
        return None
    when = label.time or time or NOW
    return Fact(label.field, value, figure.start, figure.end, label.rank, when, figure.status == ABOUT)


def _reason(view: str, label: Label, figure: Figure, end: int) -> str | None:
    """Why the figure of a cell is not taken, where a reader should know."""
    if label.field in GROWTH and words.QUARTERLY.search(view[figure.end : end]):
        return "is of less than a year"
    if figure.foreign or label.foreign:
        return "is not in rupees"
    if maybe_fraction(label.field, figure, percent=label.percent):
        return "may be a fraction or a percentage"
    return f"is given as a {figure.status}" if figure.status in (BOUND, RANGE) else None
