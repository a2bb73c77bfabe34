"""The strictest layer: earnings as JSON, in whatever shape a model gave it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from robotrader.core.background_scheduler.parsers import earnings_json_shapes as shapes
from robotrader.core.background_scheduler.parsers import earnings_keys as keys
from robotrader.core.background_scheduler.parsers.companies import matches, resembles
from robotrader.core.background_scheduler.parsers.dates import find_dates, month_end
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact, Reading
from robotrader.core.background_scheduler.parsers.earnings_json_figures import figures
from robotrader.core.background_scheduler.parsers.json_text import Block, Node, leaves, plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.period_years import fiscal_year
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods, quarter_of
from robotrader.core.background_scheduler.parsers.text import word_set

_SYMBOL = regex(r"[A-Z0-9][A-Z0-9&-]{0,19}$")
_TICKERS = frozenset(("symbol", "ticker", "nse_symbol", "stock_symbol"))
_QUARTERS = frozenset(("Q1", "Q2", "Q3", "Q4"))
_LISTS = word_set("stocks companies data results earnings items symbols securities tickers")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The part of the JSON that is about the company asked for.

    Attributes:
        node: that part, None where there is none.
        other: the JSON names companies and the one asked for is not among them.
        several: more than one company, and none was asked for.
    """

    node: Node | None
    other: bool = False
    several: bool = False


def is_about(symbol: str, name: str) -> bool:
    """A key or value of JSON names the company."""
    bare = re.sub(r"^(?:NSE|BSE):|\.(?:NS|BO)$", "", name.strip().upper())
    return bare == symbol.upper() or matches(symbol, name)


def choose_node(node: Node, symbol: str | None, depth: int = 0) -> Chosen:
    """The part of ``node`` about ``symbol``: a map by symbol, a list of companies, or an object that names itself."""
    if depth > 12:
        return Chosen(node)
    if node.kind == "array":
        return _choose_row(node, symbol, depth)
    own = _identities(node)
    if own and symbol and not any(is_about(symbol, n) or resembles(symbol, n) for n in own):
        return Chosen(None, other=True)
    inner = [(k, v) for k, v in node.members if v.kind in ("object", "array")]
    named = [(k, v) for k, v in inner if symbol and is_about(symbol, k.text)]
    if named:
        return Chosen(replace(node, members=(named[-1],)))
    node = shapes.latest_of_map(node)
    inner = [(k, v) for k, v in node.members if v.kind in ("object", "array")]
    if (
        inner
        and len(inner) == len(node.members)
        and not any(shapes.key_period(k.text) for k, _ in inner)
        and all(_SYMBOL.match(k.text) and k.text not in _QUARTERS for k, _ in inner)
    ):
        return Chosen(None, other=bool(symbol), several=not symbol) if symbol or len(inner) > 1 else Chosen(node)
    return _choose_below(node, symbol, depth)


def _latest_only(node: Node) -> Node:
    """Of a list or a map of quarters the latest one; anything else as it is."""
    if node.kind == "object":
        return shapes.latest_of_map(node)
    if len({n for r in node.items if r.kind == "object" for n in _identities(r)}) > 1:
        return node
    periods = [r for r in node.items if r.kind == "object" and _row_period(r)]
    return replace(node, items=_newest(periods)) if len(periods) > 1 else node


def _choose_below(node: Node, symbol: str | None, depth: int) -> Chosen:
    latest = tuple((k, _latest_only(v)) for k, v in node.members)
    if any(a is not b for (_, a), (_, b) in zip(latest, node.members, strict=True)):
        node = replace(node, members=latest)
    for k, v in [(k, v) for k, v in node.members if v.kind in ("object", "array")]:
        if plain_key(k.text) in _LISTS:
            below = choose_node(v, symbol, depth + 1)
            rest = tuple((a, b) for a, b in node.members if b is not v)
            return below if below.node is None else Chosen(replace(node, members=(*rest, (k, below.node))))
    tickers = [t for _, v in node.members for t in _tickers(v)]
    if symbol and tickers and not any(is_about(symbol, t) for t in tickers):
        return Chosen(None, other=True)
    return Chosen(node)


def _tickers(node: Node) -> list[str]:
    """The symbols an object and the objects in it name as their own."""
    if node.kind != "object":
        return []
    named = [v.text for k, v in node.members if plain_key(k.text) in _TICKERS and v.kind in ("string", "word")]
    return named + [t for _, v in node.members for t in _tickers(v)]


def _identities(node: Node) -> list[str]:
    wanted = keys.SYMBOL_KEYS | keys.NAME_KEYS
    return [v.text for k, v in node.members if plain_key(k.text) in wanted and v.kind in ("string", "word")]


def _choose_row(node: Node, symbol: str | None, depth: int) -> Chosen:
    rows = [(r, next(iter(_identities(r)), None)) for r in node.items if r.kind == "object"]
    named = [(r, n) for r, n in rows if n]
    if named:
        if symbol:
            fit = [r for r, _ in named if choose_node(r, symbol, depth + 1).node is not None]
            strong = [r for r, n in named if is_about(symbol, n)] or (fit if len(fit) == 1 else [])
            return Chosen(replace(node, items=(_latest(strong),))) if strong else Chosen(None, other=True)
        if len({n for _, n in named}) > 1:
            return Chosen(None, several=True)
    periods = [r for r, _ in rows if _row_period(r)]
    if len(periods) > 1:
        return Chosen(replace(node, items=_newest(periods)))
    if shapes.alike(node.items):
        own = shapes.row_of(node.items, lambda words: bool(symbol) and is_about(symbol or "", words))
        return Chosen(replace(node, items=(own,))) if own else Chosen(None, other=bool(symbol), several=not symbol)
    if len(rows) == 1:
        below = choose_node(rows[0][0], symbol, depth + 1)
        return below if below.node is None else Chosen(replace(node, items=(below.node,)))
    return Chosen(node)


def _row_period(row: Node) -> Period | None:
    reading = {f.field: f for f in _period_facts([(p, n) for p, n in leaves(row) if len(p) == 1])}
    year, quarter = reading.get("fiscal_year"), reading.get("fiscal_quarter")
    if not year:
        return None
    return Period("quarter", int(year.value), int(quarter.value) if quarter else None, 0, 0)


def _latest(rows: list[Node]) -> Node:
    dated = [(p.year or 0, p.quarter or 0, i) for i, r in enumerate(rows) if (p := _row_period(r))]
    return rows[max(dated)[2]] if dated else rows[-1]


def _newest(rows: list[Node]) -> tuple[Node, ...]:
    """The row of the latest quarter, or all its rows where each is one figure of it."""
    same = tuple(r for r in rows if _row_period(r) == _row_period(_latest(rows)))
    return same if all(shapes.is_line(r) for r in same) else (_latest(rows),)


def read_structured(blocks: list[Block], symbol: str | None) -> tuple[Reading, list[Chosen]]:
    """What the JSON of a text says of one company; the richest block first, later blocks before earlier ones."""
    blocks = [replace(b, node=shapes.of_grid(b.node)) for b in blocks]
    chosen = [_choose_block(b, symbol) for b in blocks]
    if shapes.alike([b.node for b in blocks]) and not any(_identities(b.node) or _row_period(b.node) for b in blocks):
        own = shapes.row_of([b.node for b in blocks], lambda words: bool(symbol) and is_about(symbol or "", words))
        others = Chosen(None, other=bool(symbol), several=not symbol)
        chosen = [c if b.node is own else others for b, c in zip(blocks, chosen, strict=True)]
    readings = [_read(c.node) for c in chosen if c.node is not None]
    warnings = [w for r in readings for w in r.warnings]
    if any(not b.node.complete for b in blocks):
        warnings.append("the JSON is cut; only what was complete before the cut is read")
    order = sorted(enumerate(readings), key=lambda pair: (*_age(pair[1]), -_richness(pair[1]), -pair[0]))
    if len({_age(r) for r in readings}) > 1 and any(_age(r) == (0, 0) for r in readings if _richness(r)):
        order = sorted(enumerate(readings), key=lambda pair: (-_richness(pair[1]), -pair[0]))
    fields: dict[str, Fact] = {}
    for _, reading in order:
        if _agree(fields, reading.fields):
            fields = {**reading.fields, **fields}
    return Reading(fields, tuple(dict.fromkeys(warnings))), chosen


def _choose_block(block: Block, symbol: str | None) -> Chosen:
    if (
        block.label
        and symbol
        and _SYMBOL.match(block.label.upper()[:20].replace(" ", ""))
        and not is_about(symbol, block.label)
    ):
        inner = choose_node(block.node, symbol)
        narrowed = inner.node is not None and len(inner.node.members) < len(block.node.members)
        return inner if narrowed or inner.node is None else Chosen(None, other=True)
    return choose_node(block.node, symbol)


def _agree(a: dict[str, Fact], b: dict[str, Fact] | object) -> bool:
    other = b if isinstance(b, dict) else {}
    return all(
        a[k].value == other[k].value for k in ("fiscal_year", "fiscal_quarter", "basis") if k in a and k in other
    )


def _age(reading: Reading) -> tuple[int, int]:
    """For sorting the latest quarter first; zeros where a reading does not say which it is of."""
    year, quarter = reading.fields.get("fiscal_year"), reading.fields.get("fiscal_quarter")
    return (-int(year.value), -int(quarter.value)) if year and quarter else (0, 0)


def _richness(reading: Reading) -> int:
    return sum(1 for name in reading.fields if name.endswith(("_inr", "_pct")))


def _read(node: Node) -> Reading:
    pairs = shapes.pairs_of(node)
    warnings: list[str] = []
    told, pairs = shapes.by_period(pairs)
    basis, pairs = shapes.by_basis(pairs)
    titled = shapes.title_facts(pairs)
    facts = [*told, *basis, *_period_facts(pairs), *titled, *_plain_facts(pairs, node), *figures(pairs, warnings)]
    fields: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda f: (f.rank, f.start)):
        fields.setdefault(fact.field, fact)
    for name in [n for n in fields if ":" in n]:
        del fields[name]
        if name.partition(":")[2] not in fields:
            warnings.append(f"{name.partition(':')[2]}: only an adjusted figure is told, and it is left empty")
    return Reading(fields, tuple(warnings))


def _fact(name: str, value: Decimal | int | str, node: Node, rank: int = 0) -> Fact:
    return Fact(name, value, node.start, node.end, rank=rank)


def _period_facts(pairs: list[tuple[tuple[str, ...], Node]]) -> Iterator[Fact]:
    for keys_above, node in pairs:
        path = tuple(plain_key(k) for k in keys_above)
        if any(re.search(r"next|prev|prior|year_ago|annual|history|forecast|guidance", k) for k in path):
            continue
        key = path[-1] if path else ""
        rank = len(path)
        yield from _own_period(node, key, rank)
        named = key in keys.QUARTER_KEYS or key.endswith(("_period", "_quarter"))
        if named or key in keys.END_KEYS | keys.YEAR_KEYS:
            found = next((p for p in find_periods(node.text) if p.kind == "quarter" and p.quarter), None)
            if found and found.quarter:
                yield _fact("fiscal_quarter", found.quarter, node, rank)
                if found.year:
                    yield _fact("fiscal_year", found.year, node, rank)
                continue
        if key in keys.QUARTER_KEYS and node.text.strip() in ("1", "2", "3", "4"):
            yield _fact("fiscal_quarter", int(node.text), node, rank)
        elif key in keys.QUARTER_KEYS | keys.YEAR_KEYS and (year := _year(node.text)):
            yield _fact("fiscal_year", year, node, rank)
        if key in keys.END_KEYS or (key in keys.QUARTER_KEYS and not find_periods(node.text)):
            yield from _end_facts(node, rank)


def _own_period(node: Node, key: str, rank: int) -> Iterator[Fact]:
    """A value that is a quarter and nothing else, under whatever key."""
    own = shapes.key_period(node.text) if node.kind in ("string", "word") else None
    if own and own.kind == "quarter" and own.quarter and key not in keys.QUARTER_KEYS:
        yield _fact("fiscal_quarter", own.quarter, node, rank + 60)
        if own.year:
            yield _fact("fiscal_year", own.year, node, rank + 60)


def _end_facts(node: Node, rank: int) -> Iterator[Fact]:
    """The day a quarter ended on, and which quarter that is."""
    days = find_dates(node.text)
    day = days[0].day if len(days) == 1 else None
    if not days and re.match(r"\s*[A-Za-z]{3,9}[ ,'-]{1,2}(?:20)?\d\d\s*$", node.text):
        day = month_end(node.text)
    end = quarter_of(day) if day else None
    if day and end:
        yield _fact("period_end", day.isoformat(), node, rank)
        yield _fact("fiscal_year", end[0], node, rank + 50)
        yield _fact("fiscal_quarter", end[1], node, rank + 50)


def _year(words: str) -> int | None:
    match = re.match(
        r"\s*(?:F\.?Y\.?|fiscal|financial)?\s*(?:year)?\s*'?(\d{4}\s?[-/]\s?\d{2,4}|\d{2}[-/]\d{2}|\d{4}|\d{2})\b",
        words,
        re.IGNORECASE,
    )
    year = fiscal_year(match[1]) if match and (len(match[1]) > 2 or not words.strip().isdigit()) else None
    return year if year and 1990 <= year <= 2100 else None


_WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_ON_DAY = regex(
    r"\b(?:reported|posted|announced|declared|recorded)\b[^.]{0,80}\bon (?P<a>Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\bon (?P<b>Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? (?:has )?(?:reported|posted|announced|declared|recorded)\b",
    re.IGNORECASE,
)


def _same_day(pairs: list[tuple[tuple[str, ...], Node]]) -> Iterator[Fact]:
    """News of the day: "reported on Wednesday" in an article that was published on a Wednesday."""
    told = {(m["a"] or m["b"]).lower() for _, n in pairs if n.kind == "string" for m in _ON_DAY.finditer(n.text[:3000])}
    for path, node in pairs:
        if path and plain_key(path[-1]) in ("published_at", "publishedat", "published_date", "pub_date"):
            days = find_dates(node.text)
            if len(days) == 1 and (told == {_WEEKDAYS[days[0].day.weekday()]} or _named_day(pairs, days[0].day)):
                start = node.start + days[0].start
                yield Fact("report_date", days[0].day.isoformat(), start, node.start + days[0].end)


def _named_day(pairs: list[tuple[tuple[str, ...], Node]], day: date) -> bool:
    """An article says "on July 26 reported", and was published on that day."""
    month = f"{day:%B}"
    said = (
        rf"\bon (?:{month[:3]}\w{{0,6}}\.? {day.day}"
        rf"|{day.day} {month[:3]}\w{{0,6}})\b,? (?:has )?(?:reported|posted|announced|declared)"
    )
    after = (
        rf"(?:reported|posted|announced|declared)\b[^.]{{0,80}}\bon (?:{month[:3]}\w{{0,6}}\.? {day.day}"
        rf"|{day.day} {month[:3]}\w{{0,6}})\b"
    )
    return any(n.kind == "string" and re.search(f"{said}|{after}", n.text[:3000], re.IGNORECASE) for _, n in pairs)


def _flagged(node: Node) -> Iterator[Fact]:
    """``"consolidated": true``."""
    for key, value in node.members:
        if plain_key(key.text) in ("consolidated", "is_consolidated") and value.text.lower() == "true":
            yield _fact("basis", "consolidated", key)


def _plain_facts(pairs: list[tuple[tuple[str, ...], Node]], node: Node) -> Iterator[Fact]:
    news = any(plain_key(k.text) in keys.NEWS_KEYS for k, _ in node.members)
    yield from _same_day(pairs)
    yield from _flagged(node)
    for path, leaf in pairs:
        key, depth = plain_key(path[-1]) if path else "", len(path)
        if key in keys.NEXT_KEYS | keys.REPORT_KEYS and not news:
            days = find_dates(leaf.text)
            if len(days) == 1:
                name = "next_earnings_date" if key in keys.NEXT_KEYS else "report_date"
                yield _fact(name, days[0].day.isoformat(), leaf, (10 if key == "date" else 0) + depth)
        elif (
            key in keys.BASIS_KEYS
            and (found := re.findall(r"consolidated|standalone", leaf.text, re.IGNORECASE))
            and len(set(found)) == 1
        ):
            yield _fact("basis", found[0].lower(), leaf)
        elif key in keys.GUIDANCE_KEYS and len(leaf.text.split()) >= 3:
            yield _fact("guidance", leaf.text.strip(), leaf)
        elif key in keys.NAME_KEYS - {"name", "stock"} and leaf.kind in ("string", "word") and not news:
            yield _fact("company", leaf.text.strip(), leaf)
        elif key in keys.SYMBOL_KEYS - {"code"} and _SYMBOL.match(leaf.text.strip()):
            yield _fact("symbol", leaf.text.strip(), leaf)
        elif key == "currency" and (found := re.findall(r"INR|USD|\u20b9|Rs|\$", leaf.text)):
            yield _fact("currency", "USD" if found[0] in ("USD", "$") else "INR", leaf)
