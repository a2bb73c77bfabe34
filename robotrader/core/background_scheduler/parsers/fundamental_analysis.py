"""Fundamentals out of an answer, a ratio page or a research note: three layers, each more lenient, none inventing.

``parse_fundamentals`` reads JSON first, then tables, lines and prose, then what cannot be mistaken. A later layer only
fills what an earlier one left empty, and only for the same company.
"""

from __future__ import annotations

import re
from dataclasses import fields
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.parsers import own_schema
from robotrader.core.background_scheduler.parsers.earnings_structured import Chosen
from robotrader.core.background_scheduler.parsers.fundamental_basic import read_basic
from robotrader.core.background_scheduler.parsers.fundamental_facts import FIGURES, SWOT, Fact, Reading
from robotrader.core.background_scheduler.parsers.fundamental_hindi import named_in_latin
from robotrader.core.background_scheduler.parsers.fundamental_regex import Body, read_scoped, scope
from robotrader.core.background_scheduler.parsers.fundamental_structured import read_structured
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.json_text import Block, Node, find_json, leaves, plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import unfolded
from robotrader.core.background_scheduler.parsers.text import (
    READ_LIMIT,
    Span,
    blank,
    json_view,
    keep,
    prose_view,
    raw_view,
)
from robotrader.core.background_scheduler.parsers.yaml_text import find_keyed
from robotrader.core.background_scheduler.records import Fundamentals, ParseResult, Provenance

_NAMES = frozenset(f.name for f in fields(Fundamentals)) - {"sources"}
_TOLD = frozenset((*FIGURES, *SWOT, "recommendation"))
"""A record that holds none of these is no data."""
_CELL_END = regex(r"</(?:td|th|dt)\s?>", re.IGNORECASE)
_LINE_END = regex(r"</(?:tr|p|div|li|h[1-6]|ul|table|dd|section)\s?>|<br\s?/?>", re.IGNORECASE)
_ITEM = regex(r"<li[^<>\n]{0,80}>", re.IGNORECASE)
_LEADERS = regex(r"\.{3,200}(?![ ]{0,3}[A-Z](?!s\b|NR\b|\.?A\b|il\b))|(?:\. ){3,100}")
_ENTITIES = (
    (regex(r"&(?:#8377|#x20b9|rupee);", re.IGNORECASE), "\u20b9"),
    (regex(r"&(?:nbsp|#160|#xa0);", re.IGNORECASE), " "),
    (regex(r"&(?:amp|#38);", re.IGNORECASE), "&"),
)
_POINTER = regex(r"(?<=[A-Za-z)] )[\u279c\u27a1\u2794\u27a4\u2192\u21d2\u00bb](?= ?[\u20b9\d~-])")
"""An arrow from a name to its figure is a colon; one from figure to figure is a movement."""
_ASKED = regex(
    r"\?(?=[*_ ]{0,6}(?:[~\u20b9]|Rs\.?)? ?\d[\d,.]*(?: ?(?:%|x\b|times\b|crores?\b|cr\b|lakh\b"
    r"|[(/;\[]|,[ ])|[*_ ]*$))",
    re.IGNORECASE | re.MULTILINE,
)
_LIMIT_ASKED = regex(
    r"[ ]?(?:[<>]=?|\u2264|\u2265|above|below|over|under|more than|less than)[ ]?(?:\u20b9|Rs\.?)?[ ]?[\d,.]+"
    r"[ ]?(?:%|x\b|crores?\b|cr\b)?[ ]?\?[ ]{1,3}(?:yes|no|pass|fail|met|not met)\b[ ]?[:,(-]",
    re.IGNORECASE,
)
"""A limit that is asked for, and the answer before the figure: "P/E < 20? Yes: 13.3"."""
_ROW_END = "| |"
_LEAST_ROWS = 3
_GENERAL = regex(r"\b(?:good|ideal|healthy|normal|fair|considered|should|typical|average|high|low)\b", re.IGNORECASE)
_MOST = Decimal(10) ** 15


def parse_fundamentals(text: str, symbol: str | None = None) -> ParseResult[Fundamentals]:
    """Read one text. ``symbol`` says which company is meant where a text has several.

    Never raises on any text. A field the text does not state for that company is None; ``strategy`` is ``none`` and the
    record empty where nothing was read.
    """
    return own_schema.read_fundamentals(text, symbol) or read_layers(text, symbol)


def read_layers(text: str, symbol: str | None) -> ParseResult[Fundamentals]:
    """``parse_fundamentals`` layer by layer."""
    symbol = re.sub(r"^(?:NSE|BSE):", "", symbol.strip().upper()) or None if symbol else None
    warnings: list[str] = []
    head = len(text) - len(text.lstrip())
    text, offset = (text[head:], head) if len(text) > READ_LIMIT else (text, 0)
    if len(text) > READ_LIMIT:
        warnings.append(f"the text is long; only its first {READ_LIMIT:,} characters are read")
    read = text[:READ_LIMIT]
    marks = raw_view(read)
    blocks = find_json(json_view(read), marks) or _keyed(marks)
    view = clean_view(marks)
    structured, chosen = read_structured(blocks, view, symbol)
    warnings += structured.warnings
    layers = [("structured", structured)]
    body = _rest(marks, view, blocks, chosen, structured)
    if body is None:
        warnings.append(f"{symbol} is not in the text" if symbol else "nothing is read")
    else:
        scoped = scope(body, symbol)
        middle = read_scoped(scoped, body.marks)
        warnings += middle.warnings
        basic = Reading() if scoped.reason or scoped.beside else read_basic(scoped.view, body.marks)
        layers += [("regex", middle), ("basic", basic)]
    return _result(layers, read, offset, symbol, warnings)


_IDENTIFIER = regex(r"[a-z]_[a-z]|[a-z]{2}[A-Z][a-z]")
_LEAST_IDENTIFIERS = 2


def _keyed(marks: str) -> list[Block]:
    """Lines of identifiers with their values, where no JSON stands: "pe_ttm: 24.1"."""
    blocks = find_keyed(marks, [])
    told = [{key for path, _ in leaves(b.node) for key in path if _IDENTIFIER.search(key)} for b in blocks]
    return [b for b, keys in zip(blocks, told, strict=True) if len(keys) >= _LEAST_IDENTIFIERS]


def clean_view(marks: str) -> str:
    """The text without emphasis, tags and citations; an underscore is a space."""
    if "<" in marks:
        marks = _CELL_END.sub(lambda m: "|".ljust(len(m[0])), marks)
        marks = _LINE_END.sub(lambda m: (" " if _ends_anyway(m) else "\n").ljust(len(m[0])), marks)
        marks = _ITEM.sub(lambda m: "\n-".ljust(len(m[0])), marks)
    marks = named_in_latin(_POINTER.sub(":", marks))
    marks = unfolded(_ASKED.sub(_answered, _LIMIT_ASKED.sub(lambda m: ":".ljust(len(m[0])), marks)))
    if _ROW_END in marks:
        marks = "\n".join(_unrolled(line) for line in marks.split("\n"))
    if "&" in marks:
        for pattern, sign in _ENTITIES:
            marks = pattern.sub(lambda m, sign=sign: sign.ljust(len(m[0])), marks)  # type: ignore[misc]
    return _LEADERS.sub(lambda m: " " * len(m[0]), prose_view(marks).replace("_", " "))


def _unrolled(line: str) -> str:
    """A line of "| Years | FY25 | FY24 | | ROE | 12 | 11 | | ROCE | 14 | 13 |", a row to a line."""
    if line.count(_ROW_END) < _LEAST_ROWS:
        return line
    rows = [row.strip(" |").split("|") for row in line.split(_ROW_END)]
    even = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
    named = all(re.search(r"[A-Za-z]", row[0]) and re.search(r"\d|^ ?-+ ?$", row[-1]) for row in rows)
    return line.replace(_ROW_END, "|\n|") if even and named else line


def _answered(match: re.Match[str]) -> str:
    """A question with its figure behind it is a label: "P/B? 3.7"; one on what is good is none."""
    text, at = match.string, match.start()
    return "?" if _GENERAL.search(text[max(text.rfind("\n", 0, at), at - 90, 0) : at]) else ":"


def _ends_anyway(match: re.Match[str]) -> bool:
    """A break within a cell is none, and the end of a row that stands at the end of a line ends nothing more."""
    text, at = match.string, match.start()
    if not match[0].lower().startswith("<br"):
        return match[0].lower().startswith("</tr") and text[match.end() : match.end() + 1] == "\n"
    return "|" in text[max(text.rfind("\n", max(0, at - 300), at), at - 300, 0) : at]


def _rest(marks: str, view: str, blocks: list[Block], chosen: list[Chosen], structured: Reading) -> Body | None:
    """What is left to read: the text around JSON, and the prose inside of it that is about the company."""
    if not blocks:
        return Body(view, marks)
    if any(c.other or c.several for c in chosen) and not any(c.node is not None for c in chosen):
        return None
    inside: list[Span] = []
    for choice in chosen:
        if choice.node is not None:
            inside += [(n.start, n.end) for n in _prose_leaves(choice.node)]
    holes = blank(view, [(b.node.start, b.node.end) for b in blocks])
    told = keep(view, inside)
    mixed = [a if a != " " else b for a, b in zip(holes, told, strict=True)]
    for start, end in inside:
        mixed[start - 1], mixed[end : end + 1] = "\n", "\n" * len(mixed[end : end + 1])
    whole = "".join(mixed)
    marks = "".join(
        m if not v.isspace() or m.isspace() else "\n" if v == "\n" else m for m, v in zip(marks, whole, strict=True)
    )
    return Body(whole, marks, own="symbol" in structured.fields)


_TEXT = regex(
    r"summary|text|content|description|details?|highlights?|overview|comment|analysis|valuation|notes?$|snippet|answer"
)


_FEW = 3


def _prose_leaves(node: Node) -> list[Node]:
    """The strings of JSON that are prose: several words, fewer that name two ratios or stand under a key of text."""
    found = []
    for path, leaf in leaves(node):
        keys = [plain_key(k) for k in path]
        if leaf.kind != "string" or any(re.search(r"peer|competitor|industry|sector|forecast|target", k) for k in keys):
            continue
        words = len(leaf.text.split())
        told = words >= _FEW and len([t for t in terms(leaf.text, 0, len(leaf.text)) if t.field != "other"]) > 1
        if words >= 7 or told or (words >= _FEW and keys and _TEXT.search(keys[-1])):
            found.append(leaf)
    return found


def _result(
    layers: list[tuple[str, Reading]], text: str, offset: int, symbol: str | None, warnings: list[str]
) -> ParseResult[Fundamentals]:
    values: dict[str, Any] = {}
    sources: dict[str, Provenance] = {}
    for layer, reading in layers:
        for name, fact in reading.fields.items():
            if isinstance(fact.value, Decimal) and abs(fact.value) > _MOST:
                warnings.append(
                    f"{name}: {text[fact.start : fact.end][:40]} is more than any company has and is left empty"
                )
            elif name not in values and name in _NAMES:
                values[name] = fact.value
                sources[name] = _source(layer, fact, text, offset)
    if not any(n in _TOLD for n in values):
        return ParseResult("fundamentals", "none", tuple(dict.fromkeys(warnings)), Fundamentals())
    order = [layer for layer, _ in layers]
    strategy = min((sources[n].layer for n in values if n in _TOLD), key=order.index)
    if symbol and values.get("symbol") != symbol:
        at = re.search(rf"(?<![\w&-]){re.escape(symbol)}(?![\w&-])", text)
        values["symbol"] = symbol
        sources["symbol"] = Provenance(strategy, symbol if at else "", at.start() + offset if at else -1)
    return ParseResult(
        "fundamentals", strategy, tuple(dict.fromkeys(warnings)), Fundamentals(**values, sources=sources)
    )


def _source(layer: str, fact: Fact, text: str, offset: int) -> Provenance:
    return Provenance(layer, text[fact.start : fact.end], fact.start + offset)
