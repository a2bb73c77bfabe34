"""Ratios told in sentences, bullets and "name: figure" lines: which figure is which ratio's, and whose it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, NOW, Fact, Time
from robotrader.core.background_scheduler.parsers.fundamental_pairs import MAX_GAP, PAREN, WORD, find_pairs
from robotrader.core.background_scheduler.parsers.fundamental_terms import Term, terms
from robotrader.core.background_scheduler.parsers.fundamental_times import PERIODS, time_of, times
from robotrader.core.background_scheduler.parsers.fundamental_values import (
    ABOUT,
    BOUND,
    RANGE,
    Figure,
    amount,
    figures,
    fits,
)
from robotrader.core.background_scheduler.parsers.numbers import UNIT, unit_factor

_UNIT = re.compile(rf"(?:{UNIT})", re.IGNORECASE)
_ASIDE = re.compile(rf"\b(?:Rs|INR)\b|{PERIODS.pattern}", re.IGNORECASE)
_TIMES = re.compile(r"\d[ ]?(?:x|\u00d7|times)", re.IGNORECASE)
_SUPPOSED = re.compile(
    r"[\s*#>-]*(?:if|suppose|assume|assuming|imagine|let us say|for example|say)\b"
    r"|[\s*#>-]*(?:we|the (?:company|management|bank|firm)|management|it)[ ](?:\w+[ ]){0,2}(?:targets?|targeting"
    r"|aims?|expects?|guides?|guided|plans?"
    r"|aspires?|intends?)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"[\s*#>\"'-]{0,8}(?:In|For|During|As of|At the end of)[ ](?P<t>[^,\n]{2,30}),")


@dataclass(frozen=True, slots=True)
class Note:
    """A figure that is not taken, and why."""

    field: str
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a span says: facts, and figures that are not taken."""

    facts: tuple[Fact, ...] = ()
    notes: tuple[Note, ...] = ()


def read_span(view: str, start: int, end: int, head: int | None = None) -> Told:
    """The facts of one sentence, bullet or line; ``head`` is where the heads of its columns can stand."""
    end = min(end, start + 3000)
    names = terms(view, start, end)
    values = _figures_around(view, names, start, end) if names or _TIMES.search(view, start, end) else []
    if not values or _SUPPOSED.match(view, start, end):
        return Told()
    pairs, listed = find_pairs(view, names, values, start, end, start if head is None else head)
    facts: list[Fact] = []
    notes: list[Note] = []
    for run, (term, figure) in [*((False, p) for p in pairs), *((True, p) for p in listed)]:
        if term.field not in ("other", "eps"):
            _judge(view, (start, end), term, figure, facts, notes, run=run)
    return Told(tuple(facts), tuple(notes))


def _figures_around(view: str, names: list[Term], start: int, end: int) -> list[Figure]:
    """The figures between the names, also where a page lost the space between the two: "P/E11.5P/B1.4"."""
    found: list[Figure] = []
    at = start
    for stop, after in (*((t.start, t.end) for t in names), (end, end)):
        if at < stop:
            found += figures(view, at, stop)
        at = max(at, after)
    return found


def _judge(
    view: str, span: tuple[int, int], term: Term, figure: Figure, facts: list[Fact], notes: list[Note], *, run: bool
) -> None:
    """Take a pair as a fact, or say why not; ``run``: one of several names before several figures."""
    start, end = span
    growth = term.field in GROWTH
    first, last = min(term.start, figure.start), max(term.end, figure.end)
    label = _label(view, start, first) + " " + ("" if run else _between(view, term, figure))
    label = label.replace(view[term.start : term.end], " ", 1) + " " + view[term.start : term.end] * growth
    said = view[figure.start : figure.end]
    gap = view[term.end : figure.start] if figure.start >= term.end else ""
    alone = run or (figure.start >= term.end and not WORD.search(PAREN.sub(" ", _ASIDE.sub("", gap))))
    if words.not_own(label, growth=growth, fair=term.field == "fair_value_inr") or words.not_own_after(view, last, end):
        return
    if term.field == "promoter_holding_pct" and words.part_of_holding(_label(view, start, first)):
        return
    if growth and words.QUARTERLY.search(_label(view, start, first) + view[first:last] + _tail(view, last, end)):
        notes.append(Note(term.field, "is of less than a year", said))
        return
    if not fits(term.field, figure, alone=alone):
        if figure.foreign:
            notes.append(Note(term.field, "is not in rupees", said))
        return
    if figure.status in (BOUND, RANGE):
        notes.append(Note(term.field, f"is given as a {figure.status}", said))
        return
    value = amount(term.field, figure, _told_unit(view, term, figure))
    if value is None:
        notes.append(Note(term.field, "has no unit", said))
        return
    rank = 2 if re.search(r"stand-?alone|annuali[sz]ed", label, re.IGNORECASE) else 0
    facts.append(
        Fact(
            term.field,
            value,
            figure.start,
            figure.end,
            rank,
            _time(view, span, first, last, label),
            figure.status == ABOUT,
        )
    )


def _told_unit(view: str, term: Term, figure: Figure) -> Decimal | None:
    """The magnitude that stands in brackets behind a name: "Mkt cap (Rs bn): 232"."""
    told = PAREN.search(view, term.end, figure.start) if term.end < figure.start else None
    unit = _UNIT.search(told[0]) if told and term.field == "market_cap_inr" else None
    return (
        unit_factor(unit[0]) if unit and not re.match(r"[(\[][^)\]]{0,3}(?:US|\$)", told[0] if told else "") else None
    )


def _tail(view: str, last: int, end: int) -> str:
    """The words behind a figure that can be about it: none that go on to a figure of their own."""
    tail = re.split(r"[,;.|]", view[last : min(end, last + 30)])[0]
    return "" if ":" in tail or figures(tail, 0, len(tail)) else tail


def _between(view: str, term: Term, figure: Figure) -> str:
    """The name, its figure and what links them, without the remarks on figures passed over."""
    if figure.start < term.end:
        return view[figure.start : term.end][: MAX_GAP + 40]
    passed = figures(view, term.end, figure.start)
    until = passed[0].start if passed else figure.end
    return view[term.start : until][: MAX_GAP + 40]


_LABEL_CUT = re.compile(
    r"[,;:.()|\n!?\u2192]|\b(?:and|with|while|but|vs\.?|versus|than|against|whereas|at|has|have|of)\b", re.IGNORECASE
)


def _label(view: str, start: int, first: int) -> str:
    """The words that belong to a name, before it."""
    before = view[max(start, first - 60) : first]
    cuts = [m.end() for m in _LABEL_CUT.finditer(before) if not re.match(r"of|at", m[0], re.IGNORECASE)]
    return before[cuts[-1] :] if cuts else before


def _time(view: str, span: tuple[int, int], first: int, last: int, label: str) -> Time:
    told = time_of(label)
    if told:
        return told
    behind = view[last : min(span[1], last + 34)]
    match = re.match(
        r"[ ]?[(\[]?[ ]?(?:(?:in|for|as of|as on|at|during|by|end of)[ ]){0,2}(?P<t>[^,;|)\]]{2,24})", behind
    )
    if match and (told := time_of(match["t"])) and (times(match["t"][:12]) or told == NOW):
        return told
    lead = _LEAD.match(view, *span)
    return (time_of(lead["t"]) if lead else None) or NOW
