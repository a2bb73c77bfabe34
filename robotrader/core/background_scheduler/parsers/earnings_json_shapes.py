"""JSON whose keys are quarters or bases: which part is the latest quarter, and which the consolidated one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_keys import meaning
from robotrader.core.background_scheduler.parsers.earnings_rows import row_label
from robotrader.core.background_scheduler.parsers.json_text import Node, leaves, plain_key
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods

Pairs = list[tuple[tuple[str, ...], Node]]


def key_period(key: str) -> Period | None:
    """The period that a key names and nothing else: ``Q2FY26``, ``q2_fy26``, ``H1 FY26``, ``FY2025``."""
    words = re.sub(r"[_\s]+", " ", key[:40]).strip()
    if not re.search(r"\d", words):
        return None
    found = find_periods(words)
    if len(found) != 1 or re.search(r"[A-Za-z]", words[: found[0].start] + words[found[0].end :]):
        return None
    return found[0]


def latest_of_map(node: Node) -> Node:
    """An object with several quarters among its keys, without any but the latest; anything else as it is.

    What stands beside the quarters under other keys stays, longer periods go.
    """
    periods = [key_period(k.text) for k, _ in node.members]
    dated = [
        ((p.year, p.quarter), i) for i, p in enumerate(periods) if p and p.kind == "quarter" and p.quarter and p.year
    ]
    if (
        not dated
        or sum(p is not None for p in periods) < 2
        or any(p and p.kind == "quarter" and not p.year for p in periods)
    ):
        return node
    last = max(dated)[1]
    kept = tuple(m for i, m in enumerate(node.members) if i == last or periods[i] is None)
    return replace(node, members=kept)


_HEADS = ("columns", "headers", "header", "heads", "column_names", "fields")
_BODIES = ("rows", "data", "values", "body", "table")


def of_grid(node: Node) -> Node:
    """A table given as heads and rows of cells, as a list of objects keyed by the heads."""
    if node.kind == "array":
        return replace(node, items=tuple(of_grid(i) for i in node.items))
    if node.kind != "object":
        return node
    heads = next((v for k, v in node.members if plain_key(k.text) in _HEADS and _flat(v)), None)
    body = next((v for k, v in node.members if plain_key(k.text) in _BODIES and v.kind == "array"), None)
    grid = heads is not None and body is not None and body.items and all(_flat(r) for r in body.items)
    if heads is None or body is None or not grid:
        return replace(node, members=tuple((k, of_grid(v)) for k, v in node.members))
    rows = tuple(
        replace(r, kind="object", members=tuple(zip(heads.items, r.items, strict=True)), items=())
        for r in body.items
        if len(r.items) == len(heads.items)
    )
    members = tuple((k, replace(v, items=rows) if v is body else v) for k, v in node.members if v is not heads)
    return replace(node, members=members)


def _flat(node: Node) -> bool:
    return node.kind == "array" and len(node.items) > 1 and all(i.kind not in ("object", "array") for i in node.items)


def alike(rows: Sequence[Node]) -> bool:
    """Several objects with the same keys, at least two of which name figures: each is of another company or quarter."""
    named = [{k.text for k, _ in r.members} for r in rows]
    if len(rows) < 2 or any(r.kind != "object" for r in rows):
        return False
    common = set.intersection(*named)
    return sum(meaning((k,)) is not None for k in common) >= 2 and len(common) * 2 > max(len(n) for n in named)


def row_of(rows: Sequence[Node], fits: Callable[[str], bool]) -> Node | None:
    """The one row of which a short text of its own names the company."""
    found = [
        r
        for r in rows
        if any(v.kind in ("string", "word") and len(v.text) <= 60 and fits(v.text) for _, v in r.members)
    ]
    return found[0] if len(found) == 1 else None


_TITLES = ("title", "heading", "headline", "report_title", "subject", "report", "report_name", "statement", "section")
_LINKS = ("url", "link", "href", "source", "publisher", "source_url")
_LONGEST_TITLE = 140


def title_facts(pairs: Pairs) -> Iterator[Fact]:
    """The one quarter that the title of the figures names; titles of other pages, with their links, aside."""
    linked = {p[:-1] for p, _ in pairs if p and plain_key(p[-1]) in _LINKS}
    for path, node in pairs:
        if not path or plain_key(path[-1]) not in _TITLES or path[:-1] in linked or len(node.text) > _LONGEST_TITLE:
            continue
        if any(re.search(r"source|citation|reference|next|prev|related|history", k, re.IGNORECASE) for k in path[:-1]):
            continue
        told = {(p.year, p.quarter): p for p in find_periods(node.text) if p.kind == "quarter" and p.quarter}
        own = next(iter(told.values())) if len(told) == 1 else None
        if own and own.year and own.quarter:
            yield Fact("fiscal_quarter", own.quarter, node.start, node.end, rank=_TITLE_RANK + len(path))
            yield Fact("fiscal_year", own.year, node.start, node.end, rank=_TITLE_RANK + len(path))


_TITLE_RANK = 70
_NAMES = (
    "name",
    "metric",
    "item",
    "particular",
    "label",
    "particulars",
    "parameter",
    "field",
    "line_item",
    "measure",
    "kpi",
)


def pairs_of(node: Node) -> Pairs:
    """Every scalar with its keys; a row that names its figure (``{"name": "EBITDA", "value": 771}``) is keyed by it."""
    return [(p, n) for p, n in leaves(_latest_of_all(_by_name(node))) if n.kind != "literal" and n.text.strip()]


def _latest_of_all(node: Node) -> Node:
    """Every object in it with only the latest of the quarters among its keys."""
    if node.kind == "array":
        return replace(node, items=tuple(_latest_of_all(i) for i in node.items))
    if node.kind != "object":
        return node
    return latest_of_map(replace(node, members=tuple((k, _latest_of_all(v)) for k, v in node.members)))


def _by_name(node: Node) -> Node:
    if node.kind == "object":
        return replace(node, members=tuple((k, _by_name(v)) for k, v in node.members))
    if node.kind != "array" or not node.items:
        return node
    rows = [_named(item) for item in node.items]
    if any(r is None for r in rows):
        return replace(node, items=tuple(_by_name(i) for i in node.items))
    return replace(node, kind="object", members=tuple(r for r in rows if r), items=())


def is_line(row: Node) -> bool:
    """A row of one figure that it names: ``{"metric": "EBITDA", "value": 771}``."""
    return row.kind == "object" and _named(row) is not None


def _named(row: Node) -> tuple[Node, Node] | None:
    """The name of a row and the row without it; None where the row names no figure."""
    name = next(((k, v) for k, v in row.members if plain_key(k.text) in _NAMES and v.kind == "string"), None)
    if name is None or (row_label(name[1].text) is None and not re.search(r"[a-z]{3}", name[1].text, re.IGNORECASE)):
        return None
    rest = tuple((k, v) for k, v in row.members if k is not name[0])
    figures = [v for _, v in rest if v.kind in ("number", "string", "word")]
    plain = all(v.kind not in ("object", "array") for _, v in rest)
    return (name[1], replace(row, members=rest)) if figures and plain else None


def by_period(pairs: Pairs) -> tuple[list[Fact], Pairs]:
    """The quarter that keys above the figures name, and the pairs without these keys and without longer periods."""
    facts: list[Fact] = []
    kept: Pairs = []
    for path, node in pairs:
        periods = [(k, p) for i, k in enumerate(path) if (i or len(path) > 1) and (p := key_period(k))]
        if any(p.kind != "quarter" for _, p in periods):
            continue
        for _, period in periods:
            if period.quarter and period.year:
                facts.append(Fact("fiscal_quarter", period.quarter, node.start, node.end, rank=40))
                facts.append(Fact("fiscal_year", period.year, node.start, node.end, rank=40))
        named = {k for k, _ in periods}
        kept.append((tuple(k for k in path if k not in named), node))
    quarters = {f.value for f in facts if f.field == "fiscal_quarter"}
    return (facts if len(quarters) == 1 else []), kept


def by_basis(pairs: Pairs) -> tuple[list[Fact], Pairs]:
    """The basis that keys above the figures name; of two bases only the consolidated figures stay."""
    told = {b: n for p, n in pairs for b in _bases(p)}
    if "consolidated" in told:
        pairs = [(p, n) for p, n in pairs if "standalone" not in _bases(p)]
    basis = "consolidated" if "consolidated" in told else next(iter(told), None)
    if basis is None or told[basis].kind not in ("number", "string", "word"):
        return [], pairs
    return [Fact("basis", basis, told[basis].start, told[basis].end, rank=5)], pairs


def _bases(path: tuple[str, ...]) -> set[str]:
    return {b for k in path for b in ("consolidated", "standalone") if re.search(rf"(?:^|_){b}(?:_|$)", plain_key(k))}
