"""The strictest layer: ratios as JSON, in whatever shape a model gave them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from robotrader.core.background_scheduler.parsers import fundamental_keys as keys
from robotrader.core.background_scheduler.parsers.earnings_structured import Chosen, is_about
from robotrader.core.background_scheduler.parsers.fundamental_cells import Label, cell_fact, read_label
from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company, likeness
from robotrader.core.background_scheduler.parsers.fundamental_facts import NOW, PERCENTS, SWOT, Fact, Reading, choose
from robotrader.core.background_scheduler.parsers.fundamental_nodes import choose as choose_company
from robotrader.core.background_scheduler.parsers.fundamental_prose import Note
from robotrader.core.background_scheduler.parsers.fundamental_settle import settle
from robotrader.core.background_scheduler.parsers.fundamental_words import STANCE, iso
from robotrader.core.background_scheduler.parsers.json_text import Block, Node, leaves, plain_key
from robotrader.core.background_scheduler.parsers.numbers import UNIT, digits_value, unit_factor
from robotrader.core.background_scheduler.parsers.patterns import regex

_SYMBOL = regex(r"[A-Z0-9][A-Z0-9&-]{0,19}$")
_NUMBER = regex(r"[-+]?[\d,]+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?$")
_SWOT_KEYS = {
    "strengths": "strengths",
    "strength": "strengths",
    "key_strengths": "strengths",
    "pros": "strengths",
    "weaknesses": "weaknesses",
    "weakness": "weaknesses",
    "key_weaknesses": "weaknesses",
    "cons": "weaknesses",
    "opportunities": "opportunities",
    "opportunity": "opportunities",
    "key_opportunities": "opportunities",
    "threats": "threats",
    "threat": "threats",
    "key_threats": "threats",
}
GROWTH = ("sales_growth_pct", "profit_growth_pct")
_UNIT = regex(rf"(?:{UNIT})", re.IGNORECASE)
_QUOTED = regex(r"target|analyst|broker|consensus|street|peer")
_FINE = 4
"""Digits behind the point that only a fraction has."""
Pair = tuple[tuple[str, ...], Node]


def read_structured(blocks: list[Block], view: str, symbol: str | None) -> tuple[Reading, list[Chosen]]:
    """What the JSON of a text says of one company; of several blocks the first that names a field counts."""
    chosen = [choose_company(b.node, symbol) for b in blocks]
    warnings: list[str] = []
    if any(not b.node.complete for b in blocks):
        warnings.append("the JSON is cut; only what was complete before the cut is read")
    if any(c.several for c in chosen):
        warnings.append(SEVERAL)
    owners = {v.text.strip().upper() for b in blocks for k, v in b.node.members if plain_key(k.text) in _IDENTITY}
    if symbol is None and len(owners) > 1:
        return Reading({}, (*warnings, SEVERAL)), [Chosen(None, several=True) for _ in blocks]
    facts: list[Fact] = []
    for block, choice in zip(blocks, chosen, strict=True):
        if choice.node is not None:
            label = (block.label,) if block.label and choice.node.kind != "object" else ()
            facts += _read(choice.node, view, symbol, warnings, label)
    facts, lost = settle(facts, [], view, [])
    warnings += lost
    reading = choose(facts)
    return Reading(reading.fields, tuple(dict.fromkeys((*warnings, *reading.warnings)))), chosen


def _read(node: Node, view: str, symbol: str | None, warnings: list[str], label: tuple[str, ...]) -> list[Fact]:
    facts: list[Fact] = []
    notes: list[Note] = []
    for path, leaf in pairs(node, label, symbol):
        owned = _own_path(path, symbol)
        if owned is None or leaf.kind == "literal" or not leaf.text.strip():
            continue
        outcome = _figure(owned, leaf, view)
        if isinstance(outcome, Fact):
            facts.append(outcome)
        elif isinstance(outcome, Note):
            notes.append(outcome)
    if _of_a_quarter(node) and any(f.field in GROWTH for f in facts):
        facts = [f for f in facts if f.field not in GROWTH]
        warnings.append("growth beside a quarter is that of the quarter and is left empty")
    known = {f.field for f in facts}
    warnings += [f"{n.field}: {n.words} {n.reason} and is left empty" for n in notes if n.field not in known][:8]
    return [*facts, *_words(node)]


def _of_a_quarter(node: Node) -> bool:
    """Whether an object says that its figures are those of one quarter."""
    return any(
        plain_key(k.text) in ("quarter", "fiscal_quarter", "quarter_ended")
        and v.text.strip() not in ("", "null", "None")
        for k, v in node.members
    )


def pairs(node: Node, path: tuple[str, ...] = (), symbol: str | None = None) -> Iterator[Pair]:
    """Every scalar with the keys that lead to it; {metric, value} rows and ["P/E", 11.7] as if they were keys."""
    if node.kind == "array":
        yield from _listed(node, path, symbol)
    elif node.kind != "object":
        yield path, node
    elif (row := _metric_row(node)) is not None:
        yield (*path, *_unit(node), row[0]), row[1]
    else:
        own = _under(node, path, symbol)
        told = (*_period(node), *_unit(node))
        for key, value in node.members if own is not None else ():
            yield from pairs(value, (*(own or ()), *told, key.text), symbol)


def _listed(node: Node, path: tuple[str, ...], symbol: str | None) -> Iterator[Pair]:
    if len(node.items) in (2, 3) and node.items[0].kind == "string" and read_label(node.items[0].text):
        yield (*path, node.items[0].text), node.items[1]
        return
    for item in node.items:
        if item.kind in ("object", "array"):
            yield from pairs(item, path, symbol)


def _under(node: Node, path: tuple[str, ...], symbol: str | None) -> tuple[str, ...] | None:
    """The keys above an object: none where it is the company's own among peers; None where it is another company's."""
    name = next((v.text for k, v in node.members if plain_key(k.text) in _IDENTITY and v.kind == "string"), None)
    if not (name and path and symbol):
        return path
    like = likeness(symbol, name)
    return () if like >= 2 else None if not like and is_company(name) else path


def _metric_row(node: Node) -> tuple[str, Node] | None:
    members = {plain_key(k.text): v for k, v in node.members}
    name = next((v for k, v in members.items() if k in keys.METRIC_KEYS and v.kind in ("string", "word")), None)
    if name is None or read_label(name.text) is None:
        return None
    value = next((members[k] for k in keys.VALUE_KEYS if k in members), None)
    return (name.text, value) if value is not None and value.kind not in ("object", "array") else None


_UNIT_KEYS = frozenset(("unit", "units", "scale", "currency_unit", "denomination"))


def _unit(node: Node) -> tuple[str, ...]:
    """The magnitude an object tells for its value, as one more key above it."""
    told = next((v.text for k, v in node.members if plain_key(k.text) in _UNIT_KEYS and v.kind == "string"), "")
    unit = _UNIT.search(told)
    factor = unit_factor(unit[0]) if unit and len(told) < 30 and not re.search(r"\$|USD", told) else None
    return (keys.SCALE_WORDS[factor],) if factor in keys.SCALE_WORDS else ()


_IDENTITY = frozenset(("symbol", "ticker", "company", "company_name", "nse_symbol", "stock", "stock_symbol"))
SEVERAL = "the text has several companies: say which one is meant"
_PERIOD_KEYS = frozenset(("year", "period", "fiscal_year", "fy", "quarter", "financial_year"))


def _period(node: Node) -> tuple[str, ...]:
    """The year an object is of, as one more key above its values."""
    told = next(
        (v for k, v in node.members if plain_key(k.text) in _PERIOD_KEYS and v.kind not in ("object", "array")), None
    )
    return (told.text,) if told is not None and len(told.text) < 20 else ()


def _own_path(path: tuple[str, ...], symbol: str | None) -> tuple[str, ...] | None:
    """The path without the company's own name at its end; None if another company's name stands there."""
    if len(path) < 2:
        return path
    last = path[-1]
    if keys.meaning(path) is not None or (not keys.meaning(path[:-1]) and read_label(path[-2]) is None):
        return path
    if symbol and is_about(symbol, last):
        return path[:-1]
    return None if (_SYMBOL.match(last) and not re.search(r"\d|TTM|LTM|INR", last)) or is_company(last) else path


def _figure(path: tuple[str, ...], leaf: Node, view: str) -> Fact | Note | None:
    told = keys.meaning(path)
    label: Label | None
    if told is None:
        label = read_label(path[-1]) if path and not _blocked(path) else None
        if label is None or "_" in path[-1]:
            return None
        percent, rupees, when = "%" in path[-1], False, label.time or NOW
    else:
        label = Label(told.field, None, told.factor, own=True)
        percent, rupees, when = told.percent, told.rupees, told.time
    if leaf.kind == "number" or _NUMBER.match(leaf.text.strip()):
        if path[-1] == "debtToEquity" and (_decimal(leaf.text.strip()) or 0) >= 5:
            return Note(label.field, "may be a ratio or a percentage", leaf.text.strip())
        return _plain(label, leaf, percent=percent, rupees=rupees, when=when)
    if len(leaf.text.split()) > 12:
        return None
    return cell_fact(view, label, leaf.start, leaf.end, time=when)


def _blocked(path: tuple[str, ...]) -> bool:
    return any(keys.blocked(k) for k in path)


def _plain(label: Label, leaf: Node, *, percent: bool, rupees: bool, when: tuple[int, int]) -> Fact | Note | None:
    """A bare number of JSON."""
    text = leaf.text.strip()
    value = _decimal(text)
    if value is None or label.field in ("other", "eps") or not label.own:
        return None
    start = leaf.start + leaf.text.index(text)
    if label.field == "market_cap_inr":
        if label.factor is not None:
            value *= label.factor
        elif not (rupees or value >= 10**9):
            return Note(label.field, "has no unit", text)
        value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value
    coarse = len(text.partition(".")[2]) < _FINE
    least = Decimal("0.05") if coarse and label.field in ("dividend_yield_pct", "roa_pct") else Decimal(1)
    if label.field in PERCENTS and not percent and 0 < abs(value) < least:
        return Note(label.field, "may be a fraction or a percentage", text)
    return Fact(label.field, value, start, start + len(text), label.rank, when)


def _decimal(text: str) -> Decimal | None:
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("+-")
    if re.search(r"[eE]", bare):
        power = re.match(r"(\d{1,12}(?:\.\d{1,12})?)[eE]\+?(\d{1,2})$", bare)
        return sign * Decimal(power[1]).scaleb(int(power[2])) if power and int(power[2]) <= 15 else None
    value = digits_value(bare)
    return sign * value if value is not None and len(bare) <= 24 else None


def _words(node: Node) -> Iterator[Fact]:
    """Symbol, date, advice and the SWOT lists."""
    for path, leaf in leaves(node):
        key = plain_key(path[-1]) if path else ""
        text = leaf.text.strip()
        above = {plain_key(k) for k in path[:-1]}
        if not text or leaf.kind == "literal" or any(keys.blocked(k) for k in above):
            continue
        quoted = any(_QUOTED.search(k) for k in above)
        if key in keys.SYMBOL_KEYS and _SYMBOL.match(text) and len(path) <= 3:
            yield Fact("symbol", text, leaf.start, leaf.end)
        elif key in keys.DATE_KEYS and (day := iso(re.sub(r"(?<=\d{4}-\d\d-\d\d)[T ][\d:.+Z-]*$", "", text))):
            yield Fact("as_of", day, leaf.start, leaf.end, 0 if key.startswith(("as_", "data")) else 1)
        elif key in keys.ADVICE_KEYS and not quoted and len(text.split()) <= 8 and STANCE.search(text):
            yield Fact("recommendation", text, leaf.start, leaf.end, len(path) + (key == "rating"))
    yield from _swot(node, 0)


def _swot(node: Node, depth: int) -> Iterator[Fact]:
    for key, value in node.members:
        name = _SWOT_KEYS.get(plain_key(key.text))
        if name in SWOT:
            items = [n for n in _strings(value) if n.text.strip()]
            if items:
                yield Fact(name, tuple(n.text.strip() for n in items), items[0].start, items[-1].end)
        elif value.kind == "object" and depth < 6 and not keys.blocked(plain_key(key.text)):
            yield from _swot(value, depth + 1)


def _strings(node: Node) -> list[Node]:
    if node.kind == "string":
        return [node]
    found: list[Node] = []
    for item in node.items:
        if item.kind == "string":
            found.append(item)
        elif item.kind == "object":
            found += [v for _, v in item.members if v.kind == "string"][:1]
    return found
