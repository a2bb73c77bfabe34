"""Earnings out of an answer, a press report or a filing: three layers, each more lenient, none inventing.

``parse_earnings`` reads JSON first, then prose and tables, then what cannot be mistaken. A later layer only fills what
an earlier one left empty, and only for the same period and company.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.parsers import own_schema
from robotrader.core.background_scheduler.parsers.company_mentions import own_names
from robotrader.core.background_scheduler.parsers.earnings_aligned import aligned_tables
from robotrader.core.background_scheduler.parsers.earnings_basic import read_basic
from robotrader.core.background_scheduler.parsers.earnings_blocks import introduced
from robotrader.core.background_scheduler.parsers.earnings_facts import FIGURE_FIELDS, MONEY_FIELDS, Fact, Reading
from robotrader.core.background_scheduler.parsers.earnings_flat import unflattened
from robotrader.core.background_scheduler.parsers.earnings_glued import glued_lines
from robotrader.core.background_scheduler.parsers.earnings_instance import read_instance
from robotrader.core.background_scheduler.parsers.earnings_quoted import is_shown, table_marks
from robotrader.core.background_scheduler.parsers.earnings_regex import Body, read_regex
from robotrader.core.background_scheduler.parsers.earnings_sections import foreign_sections
from robotrader.core.background_scheduler.parsers.earnings_stale import odd_amounts, odd_periods, stale_spans
from robotrader.core.background_scheduler.parsers.earnings_structured import Chosen, read_structured
from robotrader.core.background_scheduler.parsers.earnings_xbrl import joined_cells
from robotrader.core.background_scheduler.parsers.json_text import Block, Node, find_json, leaves, plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.period_years import impossible_periods
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.scope import find_scope
from robotrader.core.background_scheduler.parsers.tables import find_tables
from robotrader.core.background_scheduler.parsers.text import (
    READ_LIMIT,
    Span,
    blank,
    json_view,
    keep,
    lines,
    places_in,
    prose_view,
    raw_view,
    word_set,
)
from robotrader.core.background_scheduler.parsers.text_hindi import in_latin
from robotrader.core.background_scheduler.parsers.text_wrap import unescaped, unstrung, untimed, unwrapped
from robotrader.core.background_scheduler.parsers.yaml_text import find_keyed
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult, Provenance

_REFUSAL = regex(
    r"(?:could(?: not|n't)|can(?:not|'t| not)|unable to|did(?: not|n't)|was not able to|wasn't able to"
    r"|do(?: not|n't)|does(?: not|n't)|not able to)\s(?:\w+\s){0,2}(?:find|locate|provide|access"
    r"|retrieve|verify"
    r"|confirm|obtain|have|identify|determine|contain|browse|include|see|mention|disclose)\b"
    r"|\bno (?:\w+ ){0,4}(?:data|information|results?|figures?|earnings|details|numbers"
    r"|report)\b(?: \w+){0,6}? (?:available|found|published|announced"
    r"|released|reported|yet|exists?|contain)|\bnot (?:yet )?(?:been )?(?:announced|released|declared"
    r"|published|available|reported)\b|\bno (?:reliable|relevant|verified|matching|such)\b"
    r"|\bas an ai\b|\bi'?m sorry\b|\bi apologi[sz]e"
    r"|\bpreview\b|\bresults? (?:are|is) (?:due|expected|scheduled)\b|\b(?:yet to|will|is (?:due"
    r"|scheduled|expected) to|are (?:due|scheduled"
    r"|expected) to) (?:announce|declare|report|release|publish|be (?:announced|declared|released"
    r"|published))",
    re.IGNORECASE,
)
_RAISED = {ord(c): " " for c in "\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079"}
"""The marks of footnotes."""
_UNDERSCORE = regex(r"(?<=[a-z])_(?=[a-z])")
_SIGN = regex(r"\(([-+])\)[ ]?(?=\d)")
"""A sign in brackets of its own: "(-)29.6%"."""
_DOTS = regex(r"\.{4,}")
_DATA = FIGURE_FIELDS
_MOST = Decimal(10) ** 14
_NEWS_TEXT = word_set("title headline description summary content text body snippet details key_highlights highlights")


def parse_earnings(text: str, symbol: str | None = None) -> ParseResult[EarningsReport]:
    """Read one text. ``symbol`` says which company is meant where a text has several.

    Never raises on any text. A field the text does not state for that company is None; ``strategy`` is ``none`` and the
    record empty where nothing was read.
    """
    return own_schema.read_earnings(text, symbol) or read_layers(text, symbol)


def read_layers(text: str, symbol: str | None) -> ParseResult[EarningsReport]:
    """``parse_earnings`` layer by layer."""
    symbol = re.sub(r"^(?:NSE|BSE):", "", symbol.strip().upper()) or None if symbol else None
    warnings: list[str] = []
    head = len(text) - len(text.lstrip())
    text, offset = (text[head:], head) if len(text) > READ_LIMIT else (text, 0)
    if len(text) > READ_LIMIT:
        warnings.append(f"the text is long; only its first {READ_LIMIT:,} characters are read")
    filed = read_instance(text[:READ_LIMIT], symbol)
    if filed:
        warnings += [f"the filing is about {filed.other}, not {symbol}"] if filed.other else []
        return _result([("structured", filed.reading)], text[:READ_LIMIT], offset, symbol, warnings, None)
    read = unescaped(text[:READ_LIMIT])
    marks = unflattened(unstrung(unwrapped(joined_cells(table_marks(raw_view(read)))), read))
    blocks = find_json(json_view(read), marks)
    blocks += find_keyed(marks, [(b.node.start, b.node.end) for b in blocks])
    shown = [b for b in blocks if is_shown(marks, b)]
    if shown:
        warnings.append("JSON that the text shows as an example or an order to the reader is not read")
        marks = blank(marks, [(b.node.start, b.node.end) for b in shown])
        blocks = [b for b in blocks if b not in shown]
    structured, chosen = read_structured(blocks, symbol)
    structured = introduced(structured, marks, blocks)
    warnings += structured.warnings
    if any(c.several for c in chosen):
        warnings.append("the text has several companies: say which one is meant")
    marks = _SIGN.sub(lambda m: m[1].rjust(len(m[0])), marks)
    body, reason = _rest(in_latin(untimed(marks)).translate(_RAISED), blocks, chosen, symbol, structured)
    if reason:
        warnings.append(reason)
    warnings += [f"{read[a:b].strip()} is no period of results" for a, b in impossible_periods(prose_view(marks))[:3]]
    warnings += [f"{read[a:b]} is no clear amount and is left out" for a, b in odd_amounts(prose_view(marks))[:6]]
    known = _known_period(structured)
    middle = basic = Reading()
    if body is not None:
        middle = _agreed(read_regex(body, known, _text(structured, "basis")), structured)
        warnings += middle.warnings
        period = known or _known_period(middle)
        basic = read_basic(blank(body.view, middle.judged), body.marks, period)
    return _result(
        [("structured", structured), ("regex", middle), ("basic", basic)], read, offset, symbol, warnings, body
    )


def _text(reading: Reading, name: str) -> str | None:
    fact = reading.fields.get(name)
    return fact.value if fact and isinstance(fact.value, str) else None


def _known_period(reading: Reading) -> Period | None:
    year, quarter = reading.fields.get("fiscal_year"), reading.fields.get("fiscal_quarter")
    if quarter is None or not isinstance(quarter.value, int):
        return None
    return Period("quarter", year.value if year and isinstance(year.value, int) else None, quarter.value, 0, 0)


def _agreed(reading: Reading, strict: Reading) -> Reading:
    """Without the figures of prose that stands beside JSON figures and does not say which period it is about."""
    if not any(name in strict.fields for name in _DATA):
        return reading
    year = strict.fields.get("fiscal_year")
    kept = {n: f for n, f in reading.fields.items() if n not in _DATA or f.period is not None or year is None}
    return Reading(
        {n: f for n, f in kept.items() if n not in ("fiscal_year", "fiscal_quarter", "period_end")},
        reading.warnings,
        reading.judged,
    )


def _rest(
    marks: str, blocks: list[Block], chosen: list[Chosen], symbol: str | None, structured: Reading
) -> tuple[Body | None, str | None]:
    """What is left to read as prose: the text around JSON, the prose inside of it, of one company, without refusals."""
    inside: list[Span] = []
    for _block, choice in zip(blocks, chosen, strict=True):
        if choice.node is not None:
            inside += [(n.start, n.end) for n in _prose_leaves(choice.node)]
    view = prose_view(marks)
    if blocks:
        whole = [(b.node.start, b.node.end) for b in blocks]
        holes = blank(view, whole)
        told = keep(view, inside)
        mixed = [a if a != " " else b for a, b in zip(holes, told, strict=True)]
        for start, end in inside:
            mixed[start - 1], mixed[end : end + 1] = "\n", "\n" * len(mixed[end : end + 1])
        view = "".join(mixed)
        if any(c.other or c.several for c in chosen) and not any(c.node is not None for c in chosen):
            return None, f"{symbol} is not in the text" if symbol else None
    marks = "".join(
        m if not v.isspace() or m.isspace() else "\n" if v == "\n" else m for m, v in zip(marks, view, strict=True)
    )
    found = lines(view, marks)
    own = any(n in structured.fields for n in ("symbol", "company")) or any(
        c.node is not None and b.label for b, c in zip(blocks, chosen, strict=True)
    )
    if not own:
        tables = find_tables(view)
        tables += aligned_tables(view, found, [(t.start, t.end) for t in tables])
        scope = find_scope(view, found, sorted(tables, key=lambda t: t.start), symbol)
        if scope.reason:
            return None, scope.reason
        if scope.keep is not None:
            view = keep(view, scope.keep)
    view = named = _DOTS.sub(lambda m: " " * len(m[0]), _UNDERSCORE.sub(" ", view))
    if symbol:
        view = blank(view, own_names(view, symbol))
    view = blank(view, foreign_sections(view, lines(view, marks)))
    view = blank(view, odd_periods(view, lines(view, marks)))
    rows = lines(view, marks)
    cut = places_in((line.start, line.end) for _, _, below in glued_lines(view, rows) for line in below)
    odd = [(a, b) for a, b in odd_amounts(view) if not cut(a)]
    view = blank(view, [*stale_spans(view, rows), *odd])
    refused = _REFUSAL.search(view)
    return Body(_without_refusals(view) if refused else view, marks, named, symbol), None


def _prose_leaves(node: Node) -> list[Node]:
    """The strings of JSON that are prose: several words, or a field of a news item."""
    found = []
    for path, leaf in leaves(node):
        key = plain_key(path[-1]) if path else ""
        if leaf.kind != "string" or re.search(
            r"estimat|forecast|expect|consensus|prev|prior|year_ago|last_year|guidance|outlook|target", key
        ):
            continue
        words = leaf.text.split()
        if len(words) >= 7 or (key in _NEWS_TEXT and len(words) >= 3):
            found.append(leaf)
    return found


def _without_refusals(view: str) -> str:
    spans: list[Span] = []
    for match in _REFUSAL.finditer(view):
        nearest = max(0, match.start() - 600)
        line = max(view.rfind("\n", nearest, match.start()) + 1, nearest)
        if "|" in view[line : match.start()]:
            continue
        start = max(line, *(view.rfind(mark, nearest, match.start()) + 1 for mark in (". ", "! ", "? ", "; ")))
        ends = [e for e in (view.find(mark, match.end(), match.end() + 600) for mark in (". ", "\n", "; ")) if e >= 0]
        spans.append((start, min(ends, default=match.end())))
    return blank(view, spans)


def _result(
    layers: list[tuple[str, Reading]],
    text: str,
    offset: int,
    symbol: str | None,
    warnings: list[str],
    body: Body | None,
) -> ParseResult[EarningsReport]:
    values: dict[str, Any] = {}
    sources: dict[str, Provenance] = {}
    for layer, reading in layers:
        for name, fact in reading.fields.items():
            if name in MONEY_FIELDS and isinstance(fact.value, Decimal) and abs(fact.value) > _MOST:
                warnings.append(
                    f"{name}: {text[fact.start : fact.end][:40]} is more than any company has and is left empty"
                )
            elif name not in values and name in _NAMES:
                values[name] = fact.value
                sources[name] = _source(layer, fact, text, offset)
    _end_of_period(values, sources)
    refused = body is None or bool(_REFUSAL.search(prose_view(raw_view(text))))
    figures = [n for n in values if n in _DATA]
    if refused and not figures:  # the quarter that is spoken of is still to be reported on
        values = {n: v for n, v in values.items() if n in ("symbol", "company", "next_earnings_date")}
        sources = {n: s for n, s in sources.items() if n in values}
    if not figures and (
        not any(n in values for n in ("fiscal_quarter", "fiscal_year", "report_date", "next_earnings_date"))
    ):
        return ParseResult("earnings", "none", tuple(dict.fromkeys(warnings)), EarningsReport())
    told = [n for n in values if n not in ("symbol", "company")]
    order = [layer for layer, _ in layers]
    strategy = min((sources[n].layer for n in told), key=order.index)
    if symbol and "symbol" not in values:
        at = re.search(rf"(?<![\w&-]){re.escape(symbol)}(?![\w&-])", text)
        values["symbol"] = symbol
        sources["symbol"] = Provenance(strategy, symbol if at else "", at.start() + offset if at else -1)
    return ParseResult("earnings", strategy, tuple(dict.fromkeys(warnings)), EarningsReport(**values, sources=sources))


_NAMES = frozenset(f.name for f in fields(EarningsReport)) - {"sources"}


def _source(layer: str, fact: Fact, text: str, offset: int) -> Provenance:
    if fact.start < 0:
        return Provenance(layer, "", -1)
    return Provenance(layer, text[fact.start : fact.end], fact.start + offset)


def _end_of_period(values: dict[str, Any], sources: Mapping[str, Provenance]) -> None:
    year, quarter = values.get("fiscal_year"), values.get("fiscal_quarter")
    if "period_end" not in values and year and quarter and isinstance(sources, dict):
        last = Period("quarter", year, quarter, 0, 0).last_day
        if last:
            values["period_end"] = last.isoformat()
            sources["period_end"] = sources["fiscal_quarter"]
