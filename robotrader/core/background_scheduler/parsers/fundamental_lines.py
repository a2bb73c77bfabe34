"""Lines: a name on one and its figure on the next, blocks of "10 Years: 9%", and everything else as prose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.fundamental_cells import Label, cell_fact, is_figure, read_label
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, Fact
from robotrader.core.background_scheduler.parsers.fundamental_growth import growth_blocks, read_growth
from robotrader.core.background_scheduler.parsers.fundamental_prose import Note, Told, read_span
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time
from robotrader.core.background_scheduler.parsers.fundamental_units import unit_of_all
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.numbers import RUPEE, UNIT
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

_MONEY_SIGN = regex(rf"\s*(?:{RUPEE})\s*$", re.IGNORECASE)
_UNIT_LINE = regex(rf"[\s|]*(?:(?:{UNIT})|%|x|times|per ?cent)\s*\.?[\s|]*$", re.IGNORECASE)
_NOTHING = regex(r"\s*(?:-{1,3}|n\.?a\.?|nil)\s*$", re.IGNORECASE)
_COUNT = regex(r"\s*\d{1,2}[.)]\s*")
"""The number of an item whose words are cut."""
_MARK = regex(r"[\s+:|-]*$")
_SUB = regex(
    r"\s*(?P<n>(?:\d{1,2}|one|three|five|ten)[- ]?(?:years?|yrs?\.?|Y)(?: (?:average|avg\.?|median|mean))?|TTM|LTM"
    r"|last year|current"
    r"|latest|present|now|today|(?:Q[1-4] ?'?FY ?'?\d\d|(?:Mar|Jun|Sep|Dec)[a-z]{0,6}[-' ]{0,2}(?:20)?\d\d(?!\d))"
    r"|FY[ ]?'?\d\d(?:\d\d)?)"
    r"[ \t]*[:|-]?[ \t]*(?P<v>[^\n]{0,40})$",
    re.IGNORECASE,
)
_SUB_RANK = (
    (regex(r"TTM|LTM|current|latest|present|now|today", re.IGNORECASE), 0),
    (regex(r"last year|(?:1|one)[- ]?(?:y)", re.IGNORECASE), 1),
)
_METRIC = regex(r"^\s*(?:metric|ratio|parameter|indicator)\s*[:=]\s*", re.IGNORECASE)
_VALUE = regex(r"\s*(?:a(?:ns(?:wer)?)?\.?|value|current(?: value)?|figure)\s*[:=]\s*", re.IGNORECASE)
_ASKED = regex(
    r"\s*(?:q(?:uestion)?\.?[ ]?\d{0,2}\s?[:.)]\s*)?(?:what|how (?:much|high))(?: is|'s| are)? (?:the )?"
    r"(?P<t>[^?\n]{2,60}?)(?: (?:of|for|in)"
    r" [^?\n]{2,40})?\?\s*$",
    re.IGNORECASE,
)
_SIGN_BEHIND = regex(rf"[\s:|]*(?:{RUPEE})?[\s|]*$", re.IGNORECASE)
_WRAPPED_ON = regex(r"\s*[(\u20b9a-z0-9]")
_WRAPPED = regex(
    r"\b(?:of|to|the|from|at|and|by|in|for|is|was|are|a|an|with|on|as|or|that|which|its|than|\d{1,2}(?:st|nd|rd"
    r"|th))\s*$",
    re.IGNORECASE,
)
_SHORTENED = regex(
    r"(?:\d |\b(?:excl|incl|approx|reval|mkt|prom|hold|div|yld|avg|cap|cr|no|vs|rs|i\.e|e\.g))\.$", re.IGNORECASE
)
LESSON = regex(
    r"[\s*#>-]*(?:how to (?:read|interpret|use|judge)|rules? of thumb|as a (?:general )?rule|what is a (?:good|healthy)"
    r"|in general,|generally,|a (?:good|healthy|low|high) (?:P/?E|RO[AC]?E|ratio|debt))\b",
    re.IGNORECASE,
)
"""A paragraph that teaches what ratios mean."""
_MAX_ROW = 60
_MAX_LINES = 3000


def read_lines(view: str, found: list[Line]) -> Told:
    """Facts of the lines, stacked ones first; ``view`` must hold nothing that is not to be read."""
    flat = view.replace("\n", " ")
    facts: list[Fact] = []
    notes: list[Note] = []
    taken: set[int] = set()
    facts += growth_blocks(view, found[:_MAX_LINES])
    i = 0
    while i < min(len(found), _MAX_LINES):
        label = _label_line(view, found[i])
        size, told = _stack(view, flat, found, i, label) if label else (0, None)
        if told is not None:
            facts += told.facts
            notes += told.notes
        taken.update(range(i, i + size))
        i += max(1, size)
    for start, end in paragraphs(view, [line for k, line in enumerate(found) if k not in taken]):
        if LESSON.match(flat, start, end):
            continue
        for a, b in whole_sentences(flat, start, end):
            told = read_span(flat, a, b, start)
            facts += (*told.facts, *read_growth(flat, a, b))
            notes += told.notes
    return Told(tuple(facts), tuple(notes))


def _label_line(view: str, line: Line) -> Label | None:
    """A line that holds a name and no figure."""
    if line.end - line.body > 80:
        return None
    text = _METRIC.sub(lambda m: " " * len(m[0]), view[line.body : line.end])
    asked = _ASKED.match(text)
    label = read_label(asked["t"] if asked else _SIGN_BEHIND.sub("", text))
    if label is None or not (asked or len(text.split()) <= 7):
        return None
    bare = re.sub(r"\([^()]*\)", lambda m: " " * len(m[0]), text)
    return None if figures(bare, 0, len(bare)) else label


def _stack(view: str, flat: str, found: list[Line], i: int, label: Label) -> tuple[int, Told | None]:
    """How many lines a name and its figures take, and what they say."""
    j = i + 1
    while j < len(found) and j <= i + 2 and _MARK.match(view[found[j].start : found[j].end]):
        j += 1
    if j < len(found) and _SUB.match(view, found[j].body, found[j].end):
        return _block(view, flat, found, i, j, label)
    values, k = _values(view, found, j)
    if not values:
        return 0, None
    if len(values) == 1:
        span = values[0]
        if _MONEY_SIGN.search(view[found[i].start : found[i].end][-4:]):
            span = (found[i].start + len(view[found[i].start : found[i].end].rstrip()) - 1, span[1])
        factor = unit_of_all(flat, found[i].start) if label.field == "market_cap_inr" else None
        return k - i, _told(cell_fact(flat, label, *span, factor=factor))
    return k - i, None


def _told(outcome: Fact | Note | None) -> Told:
    if isinstance(outcome, Fact):
        return Told((outcome,))
    return Told((), (outcome,)) if outcome else Told()


def _values(view: str, found: list[Line], j: int) -> tuple[list[Span], int]:
    """The figures that stand one to a line from line ``j`` on, with the signs and units around them."""
    values: list[Span] = []
    sign: int | None = None
    while j < len(found) and len(values) <= _MAX_ROW:
        start, end = found[j].start, found[j].end
        lead = _VALUE.match(view, start, end)
        start = lead.end() if lead else start
        text = view[start:end]
        if _MONEY_SIGN.match(text) and sign is None:
            sign = start
        elif values and sign is None and _UNIT_LINE.match(text):
            values[-1] = (values[-1][0], end)
        elif is_figure(view, start, end) and not _COUNT.fullmatch(text):
            values.append((start if sign is None else sign, end))
            sign = None
        else:
            break
        j += 1
    return values, j


def _block(view: str, flat: str, found: list[Line], i: int, j: int, label: Label) -> tuple[int, Told | None]:
    """ "10 Years: 9%", "TTM: 6%" below a name: the twelve months, else the one year."""
    best: tuple[int, Span] | None = None
    while j < len(found):
        sub = _SUB.match(view, found[j].body, found[j].end)
        if sub is None:
            break
        if sub["v"].strip():
            span, j = (sub.start("v"), found[j].end), j + 1
        else:
            values, k = _values(view, found, j + 1)
            if not values and j + 1 < len(found) and _NOTHING.match(view[found[j + 1].start : found[j + 1].end]):
                j += 2
                continue
            if len(values) != 1:
                break
            span, j = values[0], k
        rank = next((r for pattern, r in _SUB_RANK if pattern.match(sub["n"])), None)
        time = head_time(sub["n"])
        if rank is None and time and label.field not in GROWTH:
            rank = 100_000 - time[0] * 10 - time[1]
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, span)
    if best is None:
        return j - i, None
    own = replace(label, own=True) if "compounded" in view[found[i].start : found[i].end].lower() else label
    return j - i, _told(cell_fact(flat, own, *best[1]))


def whole_sentences(flat: str, start: int, end: int) -> list[Span]:
    """Sentences, not parted at the point of "48 . 6" or of a shortened word."""
    spans: list[Span] = []
    for a, b in sentences(flat, start, end):
        if (
            spans
            and _SHORTENED.search(flat[max(start, a - 8) : a])
            and re.match(r" {1,20}[\da-zA-Z(=\u20b9]", flat[a : a + 22])
        ):
            spans[-1] = (spans[-1][0], b)
        else:
            spans.append((a, b))
    return spans


def paragraphs(view: str, found: list[Line]) -> Iterable[Span]:
    """Lines, with those that a text wrapped in the middle of a sentence put together again."""
    start = end = -1
    long = False
    for line in found:
        goes_on = (
            end >= 0
            and line.level == 8
            and long
            and not view[start:end].rstrip().endswith((".", "!", "?", ":", ";", "|"))
            and bool(_WRAPPED_ON.match(view, line.start) or _WRAPPED.search(view[max(start, end - 16) : end]))
            and view[end : line.start].count("\n") == 1
            and not view[end : line.start].strip()
        )
        if goes_on and line.end - start < 3000:
            end = line.end
        else:
            if end >= 0:
                yield start, end
            start, end = line.body, line.end
        long = line.level in (8, 10, 12, 14) and line.end - line.start >= 55
    if end >= 0:
        yield start, end
