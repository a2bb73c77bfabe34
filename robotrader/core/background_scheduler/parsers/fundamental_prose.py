"""Ratios told in sentences, bullets and "name: figure" lines: which figure is which ratio's, and whose it is not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from robotrader.core.background_scheduler.parsers import fundamental_claims as claims
from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, NOW, Fact, Time
from robotrader.core.background_scheduler.parsers.fundamental_pairs import MAX_GAP, PAREN, WORD, find_pairs
from robotrader.core.background_scheduler.parsers.fundamental_terms import Term, terms
from robotrader.core.background_scheduler.parsers.fundamental_times import PERIODS, head_time, time_of, times
from robotrader.core.background_scheduler.parsers.fundamental_units import told_unit
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
from robotrader.core.background_scheduler.parsers.patterns import regex

_ASIDE = regex(rf"\b(?:Rs|INR|annual)\b|{PERIODS.pattern}", re.IGNORECASE)
_TIMES = regex(
    r"\d[ ]?(?:x|\u00d7|times|(?:%|per cent)[ ]on[ ]|%[ ](?:of[ ][^.;\n]{0,40}by[ ](?:the[ ])?|\()promoter)",
    re.IGNORECASE,
)
_LEAD = regex(
    r"[\s*#>\"'\u00b2\u00b3\u00b9\u2070-\u2079-]{0,8}"
    r"(?:(?:(?:Back )?[Ii]n|For|During|By|As of|As on|At the end of)[ ]"
    rf"(?:(?P<t>[^,\n]{{2,30}}),|(?:fiscal |calendar )?(?P<u>{PERIODS.pattern})(?=[ ]))"
    rf"|When[ ][^,.;\n]{{3,50}}?[ ](?:in|on)[ ](?P<w>{PERIODS.pattern})|(?P<v>{PERIODS.pattern})[ ]?:)"
)


_IN_TTM = regex(r"[ ]?\((?:TTM|LTM|trailing)\b", re.IGNORECASE)
_LATEST = regex(r"\b(?:latest|current(?:ly)?|now|today|TTM)\b", re.IGNORECASE)
_LEAST_PERCENT = 5
"""From here on what data services give under "debtToEquity" can be a percentage."""
_ONE_YEAR = regex(r"(?<![\d-])1[- ]?(?:Y|yr|year)\b", re.IGNORECASE)
_RETURNS = frozenset(("roe_pct", "roce_pct", "roa_pct"))
_PLAIN_PERCENTS = frozenset(("roe_pct", "roce_pct", "roa_pct", "dividend_yield_pct"))
_OF_PERCENT = regex(r"[ ](?:of|is|at)[ ](?=\d*)")
"""Between a return and a figure that can only be a percentage: "with a ROE of 14.8"."""


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
    start = claims.supposed_until(view, start, end)
    view = claims.without_past(view, start, end)
    names = _without_heads(view, terms(view, start, end))
    values = _figures_around(view, names, start, end) if names or _TIMES.search(view, start, end) else []
    if not values:
        return Told()
    pairs, listed = find_pairs(view, names, values, start, end, start if head is None else head)
    facts: list[Fact] = []
    notes: list[Note] = []
    several = sum(words.one_holder(view, t) for t, _ in pairs) > 1
    for run, (named, figure) in [*((False, p) for p in pairs), *((True, p) for p in listed)]:
        trailing = named.field == "eps" and _IN_TTM.match(view, figure.end, end)
        term = replace(named, field="eps_ttm_inr") if trailing else named
        if term.field not in ("other", "eps") and not (several and words.one_holder(view, term)):
            _judge(view, (start, end), term, figure, facts, notes, run=run)
    return Told(tuple(facts), tuple(notes))


_BARS = regex(r"[^|\d]{0,12}(?:(?:FY|20)[ ']?\d\d(?:\d\d)?E?)?[ ]?[%)x]?[ ]?\|[ ]?$")
_LEAST_HEADS = 3


def _without_heads(view: str, names: list[Term]) -> list[Term]:
    """The names but those of a row of heads, "P/E FY25 | P/E FY26 | P/BV FY25 | Dividend yield %"."""
    run: list[Term] = []
    kept: list[Term] = []
    for term in names:
        if run and not _BARS.match(view[run[-1].end : term.start]):
            kept += run if len(run) < _LEAST_HEADS else []
            run = []
        run.append(term)
    return kept + (run if len(run) < _LEAST_HEADS else [])


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
    figure = share_behind(view, figure, end) if term.field == "dividend_yield_pct" else figure
    said = view[figure.start : figure.end]
    gap = view[term.end : figure.start] if figure.start >= term.end else ""
    past = term.field in _RETURNS and claims.of_last_year(view, span, last)
    after = (words.not_own_after(view, last, end) and not past) or _in_forecast(view, start, first)
    if after or words.not_own(label, growth=growth, fair=term.field == "fair_value_inr"):
        return
    if claims.of_others(view, span, first) or _undecided(term.field, _label(view, start, first), gap):
        return
    near = _label(view, start, first) + view[first:last] + _tail(view, last, end)
    if growth and (claims.of_a_quarter(view, start, first, last) or words.QUARTERLY.search(near)):
        notes.append(Note(term.field, "is of less than a year", said))
        return
    alone = (
        run
        or (_OF_PERCENT.fullmatch(gap) is not None and term.field in _PLAIN_PERCENTS)
        or (figure.start >= term.end and not WORD.search(PAREN.sub(" ", _ASIDE.sub("", gap))))
    )
    fact = _fact(view, span, term, figure, label, alone=alone, past=past)
    if isinstance(fact, Note):
        notes.append(fact)
    elif fact is not None:
        facts.append(fact)


_REACH = 300
_OPENED = regex(rf"(?:^[ ]*|[;|.,][ ]{{0,3}}|[ ]-[ ])(?P<p>{PERIODS.pattern})[ ]?(?::|-(?=[ ]))")


def _in_forecast(view: str, start: int, first: int) -> bool:
    """The last period that opens a run of figures before the name is one of the future: "FY26E: ROE 14%, P/E 20"."""
    before = view[max(start, first - _REACH) : first]
    opened = [m["p"] for m in _OPENED.finditer(before)] if ":" in before or "- " in before else []
    return bool(opened) and words.not_own(opened[-1])


def _undecided(field: str, before: str, gap: str) -> bool:
    """A part of a holding; debt to equity in percent, which may be 0.12 or 12."""
    if field == "debt_to_equity":
        return "%" in gap
    return field == "promoter_holding_pct" and words.part_of_holding(before)


def _fact(
    view: str, span: tuple[int, int], term: Term, figure: Figure, label: str, *, alone: bool, past: bool
) -> Fact | Note | None:
    """The fact of a pair that is the company's own, or why it is none."""
    said = view[figure.start : figure.end]
    if not fits(term.field, figure, alone=alone):
        return Note(term.field, "is not in rupees", said) if figure.foreign else None
    if figure.status in (BOUND, RANGE):
        return Note(term.field, f"is given as a {figure.status}", said)
    told = view[min(term.start, figure.start) : max(term.end, figure.end)] + label
    if maybe_fraction(term.field, figure, percent="%" in told) or (
        told.startswith("debtToEquity") and figure.value >= _LEAST_PERCENT
    ):
        return Note(term.field, "may be a fraction or a percentage", said)
    value = amount(term.field, figure, told_unit(view, term, figure))
    if value is None:
        return Note(term.field, "has no unit", said)
    first, last = min(term.start, figure.start), max(term.end, figure.end)
    rank = (
        2
        if re.search(r"stand-?alone|annuali[sz]ed", label, re.IGNORECASE)
        else int(past or words.one_holder(view, term))
    )
    when = _time(view, span, first, last, label)
    return Fact(term.field, value, figure.start, figure.end, rank, when, figure.status == ABOUT)


def _tail(view: str, last: int, end: int) -> str:
    """The words behind a figure that can be about it: none that go on to a figure of their own."""
    tail = re.split(r"[,;.|]", view[last : min(end, last + 30)])[0]
    return "" if ":" in tail or figures(tail, 0, len(tail)) else tail


def _between(view: str, term: Term, figure: Figure) -> str:
    """The name, its figure and what links them, without the remarks on figures passed over."""
    if figure.start < term.end:
        return view[figure.start : term.end][: MAX_GAP + 40]
    passed = figures(view, term.end, figure.start)
    if (passed and _LATEST.search(view, passed[-1].end, figure.start)) or (
        passed and term.field in GROWTH and _ONE_YEAR.search(view, passed[-1].end, figure.start)
    ):
        return view[term.start : term.end]
    if passed and "averag" in view[term.end : passed[0].start]:
        return view[term.start : term.end]
    if passed:  # "from a peak of 30 to 24": what stands behind "from" is about the figure passed over
        return re.split(r"\bfrom\b", view[term.start : passed[0].start])[0]
    return view[term.start : figure.end][: MAX_GAP + 40]


_LABEL_CUT = regex(
    r"[,;:.()|\n!?\u2192]|[<>]=?[ ]?\d[\d.]*[ ]?(?:%|x\b)?(?=[ ])"
    r"|\b(?:and|with|while|but|vs\.?|versus|than|against|whereas|at|has|have|of)\b",
    re.IGNORECASE,
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
    told = head_time(lead["t"] or lead["u"] or lead["w"] or lead["v"]) if lead else None
    return told or NOW
