"""The walk through a text: headings, bullets and paragraphs hand period, basis and subject to what stands below."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_grid import Row, Value, grid_facts
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token, periods_in, tokens
from robotrader.core.background_scheduler.parsers.earnings_prose import read_sentence
from robotrader.core.background_scheduler.parsers.earnings_rows import Column, basis_of, row_label
from robotrader.core.background_scheduler.parsers.earnings_state import Context
from robotrader.core.background_scheduler.parsers.numbers import declared_units, read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

_READABLE = regex(r"\d")
_CURRENT = regex(
    r"\s*(?:the )?(?:current|latest|this|reported|reporting) (?:quarter|period)\b[^:\n]{0,20}:", re.IGNORECASE
)
_KEYED = regex(
    r"\s*(?:(?:fiscal|financial) year|(?:period|quarter|year) end(?:ed|ing)?)\b[^:|\n]{0,12}[:|]", re.IGNORECASE
)
_GROWS = regex(
    r"\s*(?:(?:YoY|QoQ|y-o-y|q-o-q|annual|yearly|sequential|year-on-year|quarter-on-quarter) )?(?:growth|change"
    r"|increase|decline|YoY|QoQ)"
    r"\b[^:\n]{0,20}:",
    re.IGNORECASE,
)
_AMOUNT_FIRST = regex(r"[\s*(\"']{0,6}(?:\u20b9|Rs\b|INR\b)[ .]{0,2}[-(]?\d", re.IGNORECASE)
_PAIR = regex(r"(?P<label>[^:|\n]{3,90}?)[ \t]{0,3}(?:[:=]|[ \t]-[ \t])[ \t]{0,6}(?P<value>[^:|\n]{1,30})$")
_HAD = regex(r"\bhad (?:also )?(?:posted|reported|logged|recorded|registered|clocked|earned|made|incurred|suffered)\b")
"""An earlier quarter, told for comparison: what follows is about the reported one again."""
_MAX_LINES = 3000
_LONGEST_HEAD = 80


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found: the facts, and the quarters the text itself speaks of, in order."""

    facts: tuple[Fact, ...]
    periods: tuple[Period, ...]


def walk(view: str, found: list[Line], periods: list[Period], start: Context | None = None) -> Walked:
    """Read every line with what the lines above it say."""
    stack: list[tuple[int, Context]] = []
    running = start or Context()
    facts: list[Fact] = []
    mentioned: list[Period] = []
    section: str | None = None
    headed, above_end = False, -1
    lone: Token | None = None
    tiled = False  # amounts stand above their names, as on tiles
    merged = found[:_MAX_LINES]
    for line, below in itertools.zip_longest(merged, merged[1:]):
        opened = above_end > 0 and view[above_end - 1] == ":"  # a heading may have an empty line below it
        near = above_end >= 0 and view.count("\n", above_end, line.start) <= 1 + opened
        headed, above_end = headed and near, line.end
        while stack and stack[-1][0] >= line.level:
            stack.pop()
        above = stack[-1][1] if stack else (start or Context())
        if line.level <= 7:
            running = above
        elif line.level == 8 and running.period and running.period.kind != "quarter" and not (headed and near):
            running = replace(running, period=above.period)
        section = _section(view, line, section)
        carried = running.period or above.period if line.level < 10 else above.period or running.period
        context = Context(carried, section or above.basis, above.against, None)
        current = _CURRENT.match(view, line.body)
        started = current or _GROWS.match(view, line.body) or _AMOUNT_FIRST.match(view, line.body)
        if above.metric and (started or _bare_period(view, line, periods)):
            context = replace(context, metric=above.metric)
        grows = above.told is not None and bool(_GROWS.match(view, line.body))
        if grows or (lone and near and _AMOUNT_FIRST.match(view, line.body)):
            context = replace(context, metric=above.told if grows else lone)
        span = (line.body, line.end)
        pair = _pair(view, line, context)
        new, after, said = ([pair], context.period, []) if pair else _read_line(view, span, context, periods)
        new = [f for f in new if f.field.endswith("_pct")] if grows else new
        tiled = (tiled or (lone is None and bool(_AMOUNT_FIRST.match(view, line.body)))) and line.level > 7
        lone = None if tiled else _lone_metric(view, line, periods)
        longest = _LONGEST_HEAD * (2 if view[line.end - 1] == ":" else 1)
        headed = headed or (not new and line.end - line.body <= longest and after is not context.period)
        if not new and (_KEYED.match(view, line.body) or _heads_columns(view, line, periods)):
            after = running.period
        facts += new
        mentioned += said
        running = Context(after, section or above.basis)
        if below and below.level > line.level:
            stack.append((line.level, _passed_on(view, line, context, after, periods, new)))
    return Walked(tuple(facts), tuple(mentioned))


def _heads_columns(view: str, line: Line, periods: list[Period]) -> bool:
    """A line that only lists quarters, the heads of columns: "Q3FY26 Q3FY25 YoY% Q2FY26"; none of them is meant."""
    inside = [p for p in periods_in(periods, line.body, line.end) if p.kind == "quarter" and p.quarter]
    rest = view[line.body : line.end]
    for p in reversed(inside):
        rest = rest[: p.start - line.body] + rest[p.end - line.body :]
    several = len({(p.year, p.quarter) for p in inside}) > 1
    return several and not re.search(r"[a-z]{2}", _COLUMN_WORDS.sub(" ", rest), re.IGNORECASE)


_COLUMN_WORDS = regex(
    r"\b(?:particulars?|metrics?|rs|inr|in|cr|crs|crores?|lakhs?|mn|million|yoy|qoq|growth|change|unaudited|audited)"
    r"(?![a-z])|Q[1-4]FY\d\d",
    re.IGNORECASE,
)


def _pair(view: str, line: Line, context: Context) -> Fact | None:
    """A label with its own unit and a figure: "Revenue from operations (Rs. in crore): 905.20"."""
    match = _PAIR.match(view[line.body : line.end].rstrip()) if line.end - line.body < 130 else None
    label = row_label(match["label"]) if match and declared_units(match["label"]) else None
    cell = read_cell(match["value"]) if match and label else None
    if match is None or label is None or cell is None or cell.value is None or ":" in label.field:
        return None
    start, end = line.body + match.start("value"), line.body + match.end("value")
    row = Row(match["label"], (line.body, line.end), (Value(cell, start, end, 0),))
    return next(grid_facts([Column(context.period)], [row], lambda _: (None, False), None, context.basis), None)


def _section(view: str, line: Line, section: str | None) -> str | None:
    """The basis of the part of a release that a short line of its own opens."""
    if line.level > 8:
        return section
    words = view[line.body : line.end].strip()
    if line.level == 8 and (len(words) > 70 or words.endswith((".", ";"))):
        return section
    return basis_of(words) or (None if line.level <= 7 else section)


def _bare_period(view: str, line: Line, periods: list[Period]) -> bool:
    """The line starts with a quarter and a colon, nothing else."""
    head = view[line.body : line.body + 40].split(":", maxsplit=1)[0]
    return any(
        p.kind == "quarter" and line.body <= p.start <= line.body + 3 and p.end - line.body >= len(head.rstrip())
        for p in periods
    )


def _read_line(
    view: str, span: Span, context: Context, periods: list[Period]
) -> tuple[list[Fact], Period | None, list[Period]]:
    facts: list[Fact] = []
    said: list[Period] = []
    subject: Token | None = None
    for start, end in sentences(view, *span):
        inside = periods_in(periods, start, end)
        if not inside and not _READABLE.search(view, start, end):
            continue
        items = tokens(view, start, end, inside)
        refers = subject if _REFERS.match(view, start, end) else None
        new, after = read_sentence(items, replace(context, metric=refers) if refers else context, view)
        new = [f for f in new if f.field.endswith("_pct")] if refers else new
        subject = _subject(items) or refers
        aside = not new and after and after.kind != "quarter" and any(t.kind == "other" for t in items)
        if _HAD.search(view, start, end) or (aside and context.period and context.period.kind == "quarter"):
            after = context.period  # a longer period of a figure of another kind
        said += _own_periods(items)
        facts += new
        context = replace(context, period=after)
    return facts, context.period, said


_REFERS = regex(
    r"[\s\"'(]*(?:This|That|It|The (?:figure|number|amount))[ ](?:also[ ])?(?:marks?|marked|represents?|represented|is"
    r"|was|reflects?|reflected|translates?|translated|implies|amounts?|denotes?|signifies|indicates?|works out)\b"
)
"""A sentence about the figure of the one before: "This marks a 32% rise"."""


def _subject(items: list[Token]) -> Token | None:
    """The one figure that a sentence is about."""
    named = [t for t in items if t.kind in ("metric", "other")]
    return named[0] if len({t.name for t in named}) == 1 and named[0].kind == "metric" else None


def _own_periods(items: list[Token]) -> list[Period]:
    """The quarters a sentence speaks of, without those it compares with or looks forward to."""
    found: list[Period] = []
    future = False
    for i, token in enumerate(items):
        future = (future or token.kind == "future") and token.kind not in (";", "|")
        before = items[max(0, i - 4) : i]
        if any(t.kind == "money" for t in before):
            before = items[max(0, i - 6) : i]
        compared = any(t.kind in ("prior", "estimate") for t in before) and not any(
            t.kind in (")", ",", ";", "|") for t in before
        )
        compared = compared and any(t.kind in ("metric", "other", "money", "percent", "period") for t in items[:i])
        behind = items[i - 1].name if i else ""
        if (
            token.kind == "period"
            and token.period
            and not future
            and not compared
            and behind not in ("since", "until", "by", "till", "over")
        ):
            found.append(token.period)
    return found


def _lone_metric(view: str, line: Line, periods: list[Period]) -> Token | None:
    """The figure that a line names and nothing else; its amount stands on the line below."""
    if line.end - line.body > _LONGEST_NAME:
        return None
    items = [t for t in tokens(view, line.body, line.end, periods) if t.kind not in ("basis", "(", ")", ":", "|")]
    return items[0] if len(items) == 1 and items[0].kind == "metric" else None


_LONGEST_NAME = 50


def _passed_on(
    view: str, line: Line, context: Context, after: Period | None, periods: list[Period], new: list[Fact]
) -> Context:
    """What a heading, a bold line or a bullet without figures says for the lines below it."""
    if new or line.end - line.body > 160:
        named = [t for t in tokens(view, line.body, line.end, periods) if t.kind in ("metric", "other")] if new else []
        told = named[0] if len(named) == 1 and named[0].kind == "metric" else None
        return Context(after, context.basis, context.against, told=told)
    items = tokens(view, line.body, line.end, periods)
    kinds = [t.kind for t in items]
    metrics = [t for t in items if t.kind == "metric"]
    bases = {t.name for t in items if t.kind == "basis"}
    against = next((k for k in kinds if k in ("yoy", "qoq")), context.against)
    own = metrics[0] if len(metrics) == 1 and "other" not in kinds and "future" not in kinds else None
    return Context(after, bases.pop() if len(bases) == 1 else context.basis if not bases else None, against, own)


_TILE = regex(r"\s*(?P<pct>[-+]?\d{1,4}(?:\.\d+)?) ?% ?(?P<how>YoY|QoQ|y-o-y|q-o-q)\s*$", re.IGNORECASE)


def tiles(view: str, found: list[Line], periods: list[Period]) -> list[Fact]:
    """Growth on a line of its own with its name on the line below, as on the tiles of an advertisement."""
    facts = []
    for line, below in itertools.pairwise(found):
        match = _TILE.match(view[line.body : line.end]) if line.end - line.body < 40 else None
        if match is None or below.end - below.body > 60:
            continue
        items = tokens(view, below.body, below.end, periods)
        if len(items) == 1 and items[0].kind == "metric" and items[0].name in ("revenue_inr", "net_profit_inr"):
            base = "revenue" if items[0].name == "revenue_inr" else "profit"
            kind = "yoy" if match["how"][0] in "yY" else "qoq"
            start = line.body + match.start("pct")
            facts.append(Fact(f"{base}_{kind}_pct", Decimal(match["pct"]), start, start + len(match["pct"]) + 1))
    return facts
