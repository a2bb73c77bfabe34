"""The quick way through an answer that is just the JSON object that was asked for, with nothing unusual in it.

Most answers are. Their values need no reading, only their places; so they are found by one pattern each, in a fraction
of the time. Whatever is not plainly in order (a name too many, a unit that may be meant, a period that does not fit,
prose that may state more) is left to the layers, which read it as they read everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.records import EarningsReport, Fundamentals, ParseResult, Provenance

LONGEST = 6_000
"""Characters; an answer that is longer holds more than values."""

LEAST_WORDS = 4
"""Guidance of fewer words may be none."""

_PAIR = regex(
    r'\s*"([a-z_]{1,40})"\s*:\s*(?:(null)|(-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?)|"([^"\\\x00-\x1f]{1,400})"'
    r'|\[\s*((?:"[^"\\\x00-\x1f]{1,200}"(?:\s*,\s*"[^"\\\x00-\x1f]{1,200}")*)?)\s*\])\s*([,}])'
)
_ITEM = regex(r'"([^"]*)"')
_DAY = regex(r"20\d\d-\d\d-\d\d")
_ORDINARY = regex(r"[A-Za-z0-9][A-Za-z0-9 .,&'()-]*")
_CRORE = Decimal(10_000_000)
_MOST = Decimal(10) ** 14

_EARNINGS = frozenset(field.name for field in fields(EarningsReport)) - {"sources"}
_FUNDAMENTALS = frozenset(field.name for field in fields(Fundamentals)) - {"sources"}
_AMOUNTS = frozenset({"revenue_inr", "net_profit_inr", "ebitda_inr", "market_cap_inr"})
_RATIOS = frozenset({"pe", "pb", "debt_to_equity", "current_ratio"})
_SIZES = {
    name: (_CRORE, _MOST) if name in _AMOUNTS else (Decimal(0), Decimal(100_000 if "_inr" in name else 900))
    for name in _EARNINGS | _FUNDAMENTALS
    if name in _RATIOS or name.endswith(("_inr", "_pct"))
}
"""The least and the most that each figure is, but for its sign."""

_SWOT = ("strengths", "weaknesses", "opportunities", "threats")


class _Value(NamedTuple):
    """A value with its place in the text."""

    value: Any
    start: int
    end: int


def read_earnings(text: str, symbol: str | None) -> ParseResult[EarningsReport] | None:
    """What ``earnings`` finds, as a parser gives it; None where the layers are to read it."""
    found = earnings(text, symbol)
    return None if found is None else ParseResult("earnings", "structured", (), found)


def read_fundamentals(text: str, symbol: str | None) -> ParseResult[Fundamentals] | None:
    """What ``fundamentals`` finds, in the same way."""
    found = fundamentals(text, symbol)
    return None if found is None else ParseResult("fundamentals", "structured", (), found)


def earnings(text: str, symbol: str | None) -> EarningsReport | None:
    """The report an answer states, or None where the layers are to read it."""
    found = _read(text, symbol, _EARNINGS)
    if found is None or not (_period_fits(found) and _words_fit(found) and _sizes(found)):
        return None
    if not _days(found, ("report_date", "next_earnings_date")):
        return None
    if all(_of(found, name) is None for name in _AMOUNTS & _EARNINGS):
        return None
    return EarningsReport(**_record(found), sources=_sources(found, text))


def _period_fits(found: Mapping[str, _Value]) -> bool:
    """Whether the quarter is one, and ends on the day that is stated."""
    year, quarter = _of(found, "fiscal_year"), _of(found, "fiscal_quarter")
    if not (_fits(year, 2010, 2040) and _fits(quarter, 1, 4)):
        return False
    last = Period("quarter", year, quarter, 0, 0).last_day
    return last is not None and _of(found, "period_end") == last.isoformat()


def _words_fit(found: Mapping[str, _Value]) -> bool:
    company, guidance = _of(found, "company"), _of(found, "guidance")
    return (
        _of(found, "basis") in ("consolidated", "standalone", None)
        and _of(found, "currency") in ("INR", None)
        and _is_name(company)
        and (guidance is None or (isinstance(guidance, str) and len(guidance.split()) >= LEAST_WORDS))
    )


def fundamentals(text: str, symbol: str | None) -> Fundamentals | None:
    """The fundamentals an answer states, or None where the layers are to read it."""
    found = _read(text, symbol, _FUNDAMENTALS)
    if found is None or not _days(found, ("as_of",)) or not _sizes(found):
        return None
    lists = [_of(found, name) for name in _SWOT]
    if not all(each is None or isinstance(each, tuple) for each in lists):
        return None
    if any(not _ORDINARY.fullmatch(item) or any(map(str.isdigit, item)) for each in lists for item in each or ()):
        return None  # words that state a figure may fill a field that is empty
    recommendation = _of(found, "recommendation")
    if recommendation is not None and recommendation not in ("Buy", "Hold", "Sell"):
        return None
    kept = {name: each for name, each in found.items() if each.value != ()}
    return Fundamentals(**_record(kept), sources=_sources(kept, text))


def _read(text: str, symbol: str | None, names: frozenset[str]) -> dict[str, _Value] | None:
    """All fields by name, where the text is one flat object that has each of them once and is about the symbol."""
    body = text.strip()
    if symbol is None or len(text) > LONGEST or not (body.startswith("{") and body.endswith("}")):
        return None
    at, found = text.index("{") + 1, dict[str, _Value]()
    while True:
        pair = _PAIR.match(text, at)
        if pair is None or pair[1] in found or pair[1] not in names:
            return None
        found[pair[1]] = _value(pair)
        at = pair.end()
        if pair[6] == "}":
            break
    whole = len(found) == len(names) and not text[at:].strip()
    return found if whole and _of(found, "symbol") == symbol else None


def _value(pair: re.Match[str]) -> _Value:
    if pair[2] is not None:
        return _Value(None, -1, -1)
    if pair[3] is not None:
        whole = "." not in pair[3] and pair[1] in ("fiscal_year", "fiscal_quarter")
        return _Value(int(pair[3]) if whole else Decimal(pair[3]), *pair.span(3))
    if pair[4] is not None:
        return _Value(pair[4], *pair.span(4))
    items = [(item[1], pair.start(5) + item.start(1), pair.start(5) + item.end(1)) for item in _ITEM.finditer(pair[5])]
    return _Value(tuple(item for item, _, _ in items), items[0][1] if items else -1, items[-1][2] if items else -1)


def _of(found: Mapping[str, _Value], name: str) -> Any:
    return found[name].value


def _fits(number: Any, least: int, most: int) -> bool:
    return isinstance(number, int) and least <= number <= most


def _is_name(company: Any) -> bool:
    return company is None or (isinstance(company, str) and bool(_ORDINARY.fullmatch(company)) and len(company) <= 80)


def _days(found: Mapping[str, _Value], names: tuple[str, ...]) -> bool:
    """Whether each of these is a date of the calendar, or not stated."""
    for name in names:
        stated = _of(found, name)
        if stated is None:
            continue
        if not isinstance(stated, str) or not _DAY.fullmatch(stated):
            return False
        try:
            date.fromisoformat(stated)
        except ValueError:
            return False
    return True


def _sizes(found: Mapping[str, _Value]) -> bool:
    """Whether every figure is a number of a size that needs no second look."""
    for name, (low, high) in _SIZES.items():
        value = found[name].value if name in found else None
        if value is not None and not (isinstance(value, Decimal) and low <= abs(value) <= high):
            return False
    return True


def _record(found: Mapping[str, _Value]) -> dict[str, Any]:
    return {name: each.value for name, each in found.items()}


def _sources(found: Mapping[str, _Value], text: str) -> dict[str, Provenance]:
    return {
        name: Provenance("structured", text[each.start : each.end], each.start)
        for name, each in found.items()
        if each.value is not None
    }
