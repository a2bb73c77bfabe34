"""XBRL instance documents as companies file them with the exchanges: one element a figure, one context a period."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.companies import matches, resembles
from robotrader.core.background_scheduler.parsers.dates import read_date
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact, Reading
from robotrader.core.background_scheduler.parsers.earnings_xbrl import spanned
from robotrader.core.background_scheduler.parsers.numbers import digits_value, plain
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period

_FIGURE = regex(
    r"<(?P<tag>[A-Za-z][\w.:-]{0,200})(?P<attrs>\s[^<>]{0,600}?\bcontextRef\s?=\s?[\"'](?P<ref>[^\"'<>]{1,80})[\"']"
    r"[^<>]{0,600})>(?P<value>[^<>]{1,400})</"
)
_CONTEXT = regex(
    r"<(?:\w+:)?context\s[^<>]{0,200}?\bid\s?=\s?[\"'](?P<id>[^\"'<>]{1,80})[\"'][^<>]{0,200}>"
    r"(?P<body>.{0,3000}?)</(?:\w+:)?context>",
    re.DOTALL,
)
_START = regex(r"startDate>\s{0,9}(\d{4}-\d\d-\d\d)")
_END = regex(r"endDate>\s{0,9}(\d{4}-\d\d-\d\d)")
_PART = regex(r"(?:explicit|typed)Member\b|\bsegment>|\bscenario>")
_QUARTER = "OneD"
"""The exchanges' taxonomy calls the quarter so; it says which one it is where the contexts themselves are not there."""
_NAMES: dict[str, tuple[str, int]] = {
    "RevenueFromOperations": ("revenue_inr", 0),
    "Income": ("revenue_inr", 3),
    "TotalIncome": ("revenue_inr", 3),
    "ProfitLossForPeriod": ("net_profit_inr", 0),
    "ProfitLossForThePeriod": ("net_profit_inr", 0),
    "NetProfitLossForThePeriod": ("net_profit_inr", 0),
    "ProfitLossForPeriodFromContinuingOperations": ("net_profit_inr", 1),
    "ProfitLossFromOrdinaryActivitiesAfterTax": ("net_profit_inr", 1),
    "ProfitOrLossAttributableToOwnersOfParent": ("net_profit_inr", 2),
    "BasicEarningsLossPerShareFromContinuingAndDiscontinuedOperations": ("eps_inr", 0),
    "BasicEarningsPerShareAfterExtraordinaryItems": ("eps_inr", 0),
    "BasicEarningsLossPerShareFromContinuingOperations": ("eps_inr", 1),
    "DilutedEarningsLossPerShareFromContinuingAndDiscontinuedOperations": ("eps_inr", 3),
    "DilutedEarningsPerShareAfterExtraordinaryItems": ("eps_inr", 3),
    "DilutedEarningsLossPerShareFromContinuingOperations": ("eps_inr", 4),
}


@dataclass(frozen=True, slots=True)
class Filing:
    """What an instance says, and whether it is about another company than the one asked for."""

    reading: Reading
    other: str | None = None


def read_instance(text: str, symbol: str | None) -> Filing | None:
    """The figures of the latest quarter in an XBRL instance, in rupees; None where the text is none."""
    if "contextRef" not in text:
        return None
    found = [m for m in _FIGURE.finditer(text) if _name(m) in _NAMES]
    periods = _periods(text)
    dated = [(m, p) for m in found if (p := _period(m["ref"], periods)) and p.kind == "quarter"]
    if not dated:
        return None
    told = {n: m for m in _FIGURE.finditer(text) if (n := _name(m)) in _TOLD}
    names = [html.unescape(told[n]["value"]).strip() for n in ("Symbol", "NameOfTheCompany") if n in told]
    if symbol and names and not any(n.upper() == symbol or matches(symbol, n) or resembles(symbol, n) for n in names):
        return Filing(Reading(), names[-1])
    latest = max((p.year or 0, p.quarter or 0) for _, p in dated)
    fields = _told(told)
    facts = [f for m, p in dated if (p.year or 0, p.quarter or 0) == latest and (f := _fact(m, text))]
    for fact in sorted(facts, key=lambda f: (f.rank, f.start)):
        fields.setdefault(fact.field, fact)
    if latest[0]:
        at = next(m for m, p in dated if (p.year or 0, p.quarter or 0) == latest)
        fields["fiscal_year"] = Fact("fiscal_year", latest[0], *at.span("ref"))
        fields["fiscal_quarter"] = Fact("fiscal_quarter", latest[1], *at.span("ref"))
    return Filing(Reading(fields))


def _name(match: re.Match[str]) -> str:
    inline = re.search(r"\bname\s?=\s?[\"']([^\"'<>]{1,200})[\"']", match["attrs"])
    return (inline[1] if inline else match["tag"]).rpartition(":")[2]


def _periods(text: str) -> dict[str, Period | None]:
    """The period of every context; None for a day, another length or a part of the company."""
    found: dict[str, Period | None] = {}
    for match in _CONTEXT.finditer(text):
        start, end = _START.search(match["body"]), _END.search(match["body"])
        first, last = read_date(start[1]) if start else None, read_date(end[1]) if end else None
        whole = bool(first and last) and not _PART.search(match["body"])
        found[match["id"]] = spanned(first, last) if whole and first and last else None
    return found


def _period(ref: str, periods: dict[str, Period | None]) -> Period | None:
    if ref in periods:
        return periods[ref]
    return Period("quarter", None, None, 0, 0) if ref == _QUARTER and not any(periods.values()) else None


_TOLD = frozenset(
    (
        "Symbol",
        "NameOfTheCompany",
        "NatureOfReportStandaloneConsolidated",
        "DateOfBoardMeetingWhenFinancialResultsWereApproved",
    )
)


def _told(told: dict[str, re.Match[str]]) -> dict[str, Fact]:
    fields = {}
    for name, match in told.items():
        words = html.unescape(match["value"]).strip()
        if name == "Symbol" and re.fullmatch(r"[A-Z0-9&-]{1,20}", words) and words != "NOTLISTED":
            fields["symbol"] = Fact("symbol", words, *match.span("value"))
        elif name == "NameOfTheCompany":
            fields["company"] = Fact("company", words, *match.span("value"))
        elif name.startswith("Nature") and words.lower() in ("standalone", "consolidated"):
            fields["basis"] = Fact("basis", words.lower(), *match.span("value"))
        elif name.startswith("Date") and (day := read_date(words)):
            fields["report_date"] = Fact("report_date", day.isoformat(), *match.span("value"))
    return fields


def _fact(match: re.Match[str], text: str) -> Fact | None:
    """The figure of an element, which an instance gives in single rupees, and a page with a power of ten beside it."""
    unit = re.search(r"\bunitRef\s?=\s?[\"']([^\"'<>]{1,80})[\"']", match["attrs"])
    if unit is None or ("INR" not in unit[1].upper() and "iso4217:INR" not in text):
        return None
    words = match["value"].strip()
    value = digits_value(words.lstrip("-"))
    scale = re.search(r"\bscale\s?=\s?[\"'](-?\d{1,2})[\"']", match["attrs"])
    if value is None:
        return None
    negative = words.startswith("-") or bool(re.search(r"\bsign\s?=\s?[\"']-[\"']", match["attrs"]))
    value *= Decimal(10) ** int(scale[1]) if scale else 1
    name, rank = _NAMES[_name(match)]
    return Fact(name, plain(-value if negative else value), *match.span("value"), rank=rank)
