"""The figures in the JSON of earnings: units from the value, the key, a unit field, or plain rupees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers import earnings_keys as keys
from robotrader.core.background_scheduler.parsers.earnings_facts import MONEY_FIELDS, Fact
from robotrader.core.background_scheduler.parsers.earnings_surprise import is_surprise, surprise_value
from robotrader.core.background_scheduler.parsers.json_text import Node, plain_key
from robotrader.core.background_scheduler.parsers.numbers import (
    MONEY,
    declared_units,
    digits_value,
    plain,
    read_cell,
    read_money,
    unit_factor,
)
from robotrader.core.background_scheduler.parsers.patterns import regex

Pairs = list[tuple[tuple[str, ...], Node]]

_RUPEES_FROM = Decimal(10) ** 8
"""A bare number this large can only be rupees: no company has that many lakh or crore."""
_INR_FROM = Decimal(10) ** 6
"""A figure named rupees that is smaller than this lost its unit."""
_PERCENT = regex(
    r"([-+])?\s?(\d{1,6}(?:\.\d{1,17})?)\s?(?:%|per ?cent|percent|pct)?(?:\s?(?:yoy|qoq|y-o-y|q-o-q))?$", re.IGNORECASE
)
_DOWN = regex(r"\b(?:down|fell|decline[ds]?|dropped|decreased?|lower)\b|\u2193", re.IGNORECASE)
_UP = regex(r"\b(?:up|rose|grew|increased?|higher)\b|\u2191", re.IGNORECASE)
_LOSS = regex(r"\bloss\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit told beside the figures: what it multiplies by (None: not told), and whether the money is foreign."""

    factor: Decimal | None
    foreign: bool


def told_scale(pairs: Pairs) -> Scale:
    """The unit field of an object, such as ``"unit": "₹ crore"``."""
    factor, foreign = None, False
    for path, node in pairs:
        key = plain_key(path[-1]) if path else ""
        if key in keys.UNIT_KEYS:
            words = node.text.strip().replace("_", " ")
            foreign = foreign or bool(re.search(r"USD|\$|dollar|EUR|GBP", words, re.IGNORECASE))
            units = declared_units("in " + words) or declared_units("Rs in " + words)
            bare = re.match(
                (
                    r"(?:\u20b9|rs\.?|inr|in)?\s*(?:in)?\s*(lakh ?crores?|crores?|crs?|lakhs?|lacs?|millions?|mn"
                    r"|billions?|bn)\b"
                ),
                words,
                re.IGNORECASE,
            )
            factor = factor or (unit_factor(bare[1]) if bare else units[0].factor if units else None)
    return Scale(factor, foreign)


def _scales(pairs: Pairs) -> dict[tuple[str, ...], Scale]:
    """The units by the keys above them: a unit beside a figure is of that figure only."""
    groups: dict[tuple[str, ...], Pairs] = {}
    for path, node in pairs:
        if path and plain_key(path[-1]) in keys.UNIT_KEYS:
            groups.setdefault(path[:-1], []).append((path, node))
    return {above: told_scale(group) for above, group in groups.items()}


def _scale_of(path: tuple[str, ...], scales: dict[tuple[str, ...], Scale]) -> Scale:
    """The unit that is told nearest above a figure, else the only one of the text."""
    for size in range(len(path) - 1, -1, -1):
        if path[:size] in scales:
            return scales[path[:size]]
    told = set(scales.values())
    return told.pop() if len(told) == 1 else Scale(None, False)


def figures(pairs: Pairs, warnings: list[str]) -> Iterator[Fact]:
    """Every figure whose keys say what it is."""
    scales = _scales(pairs)
    whole = [(p, n) for p, n in pairs if n.kind in ("number", "string", "word") and "\n" not in n.text]
    found = [(m, n, _scale_of(p, scales)) for p, n in whole if (m := keys.meaning(p))]
    rupees = any(
        m.field == "revenue_inr" and n.kind == "number" and abs(_number(n.text) or Decimal(0)) >= _RUPEES_FROM
        for m, n, _ in found
    )
    for means, node, scale in found:
        if means.field.startswith("adjusted:"):
            yield Fact(means.field, Decimal(0), node.start, node.end)
            continue
        if means.field.endswith("_pct"):
            value = percent(node.text)
        elif means.field in ("eps_inr", "dividend_per_share_inr"):
            value = _per_share(node.text, scale)
        else:
            value = _money(means, node, scale, rupees, warnings)
        if value is not None:
            name = "net_profit_inr" if means.field == "net_loss" else means.field
            yield Fact(name, value, node.start, node.end, rank=means.rank)
            yield from _grown(name, node, means.rank)
    for path, node in whole:
        surprise = surprise_value(path, node.text) if is_surprise(path) else None
        if surprise is not None:
            yield Fact("surprise_pct", surprise, node.start, node.end, rank=int("eps" in plain_key(path[-1])))


_BEHIND = regex(
    r"\d[^%]{0,24}?[(,;][ ]{0,2}(?:(?P<up>up|\u2191)|(?P<down>down|\u2193)|(?P<sign>[-+]))[ ]{0,2}"
    r"(?P<pct>\d{1,4}(?:\.\d{1,4})?)[ ]?%"
    r"[ ]{0,2}(?P<how>YoY|Y-o-Y|QoQ|Q-o-Q|year[- ]on[- ]year|quarter[- ]on[- ]quarter)?\)?$",
    re.IGNORECASE,
)


def _grown(name: str, node: Node, rank: int) -> Iterator[Fact]:
    """The growth that stands with an amount in one string: "Rs 90 crore (+12% YoY)"."""
    base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(name)
    match = _BEHIND.search(node.text.strip()) if base and node.kind == "string" else None
    if match:
        kind = "qoq" if (match["how"] or "y")[0] in "qQ" else "yoy"
        value = -Decimal(match["pct"]) if match["down"] or match["sign"] == "-" else Decimal(match["pct"])
        yield Fact(f"{base}_{kind}_pct", value, node.start, node.end, rank=rank + _IN_STRING)


_IN_STRING = 5


def percent(words: str) -> Decimal | None:
    """A percentage that is written alone, signed by a sign, an arrow or a word."""
    words = words.strip()
    match = _PERCENT.match(words.strip("~ "))
    if match:
        value = Decimal(match[2])
        return -value if match[1] == "-" else value
    match = re.match(r"\(\s?(\d{1,6}(?:\.\d{1,6})?)\s?%?\s?\)\s?%?$", words)
    if match:
        return -Decimal(match[1])
    found = re.findall(r"(?<![\d.,-])\d{1,6}(?:\.\d{1,6})?\s?(?:%|per ?cent)", words)
    if len(found) != 1 or len(words) > 60 or re.search(r"margin|bps|cagr|guid|expect", words, re.IGNORECASE):
        return None
    value = Decimal(re.sub(r"[^\d.]", "", found[0]))
    down, up = _DOWN.search(words), _UP.search(words)
    return None if bool(down) == bool(up) else -value if down else value


def _number(words: str) -> Decimal | None:
    words = words.strip()
    sign = -1 if words.startswith("-") else 1
    match = re.match(r"(\d{1,16}(?:\.\d{1,6})?)[eE]\+?(\d{1,2})$", words.lstrip("+-"))
    if match:
        return plain(Decimal(match[1]).scaleb(int(match[2]))) * sign
    value = digits_value(words.lstrip("+-"))
    return None if value is None else value * sign


def _per_share(words: str, scale: Scale) -> Decimal | None:
    if scale.foreign and not re.search(r"\u20b9|Rs|INR", words):
        return None
    words = re.sub(r"\s*\((?:basic|diluted|basic (?:and|&) diluted)\)$", "", words.strip(), flags=re.IGNORECASE)
    cell = read_cell(re.sub(r"\s*(?:/|per|a)\s?(?:equity\s)?share.{0,20}$", "", words.strip(), flags=re.IGNORECASE))
    if (
        cell is None
        or cell.value is None
        or cell.percent
        or cell.factor
        or cell.currency == "USD"
        or abs(cell.value) > 100_000
    ):
        return None
    return cell.value


def _money(means: keys.KeyMeaning, node: Node, scale: Scale, rupees: bool, warnings: list[str]) -> Decimal | None:
    loss = means.field == "net_loss" or bool(_LOSS.search(node.text))
    name = "net_profit_inr" if means.field == "net_loss" else means.field
    value = _number(node.text)
    foreign = scale.foreign
    factor = Decimal(10) ** means.power if means.power is not None else None
    if value is None:
        cell = read_cell(
            re.sub(
                r"\s*\((?:consolidated|standalone)\)$|^(?:net )?loss of ", "", node.text.strip(), flags=re.IGNORECASE
            )
        )
        match = None if cell else MONEY.match(node.text.strip())
        amount = read_money(match, node.text.strip()) if match else None
        if cell and not cell.percent and cell.value is not None:
            if factor is not None and cell.factor and cell.factor < factor:
                warnings.append(f"{name}: {node.text.strip()[:40]} has another unit than its key and is left empty")
                return None
            value, factor, foreign = (
                cell.value,
                cell.factor or factor,
                (foreign and cell.currency != "INR") or cell.currency == "USD",
            )
        elif amount and not amount.vague:
            value, factor, foreign = (
                amount.value,
                amount.factor or factor,
                amount.currency == "USD" or (foreign and amount.currency != "INR"),
            )
    if value is None or name not in MONEY_FIELDS:
        return None
    if foreign:
        warnings.append(f"{name} is not in rupees and is left empty")
        return None
    factor = factor or scale.factor
    if factor is None and (rupees or abs(value) >= _RUPEES_FROM or (means.rupees and abs(value) >= _INR_FROM)):
        factor = Decimal(1)
    if factor is None:
        warnings.append(f"{name}: {node.text.strip()[:40]} has no unit and is left empty")
        return None
    return plain(-abs(value * factor) if loss else value * factor)
