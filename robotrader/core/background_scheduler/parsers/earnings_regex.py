"""The middle layer: earnings told in prose, bullets and tables of every make."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers import earnings_extras as extras
from robotrader.core.background_scheduler.parsers.dates import DATE, MONTH_YEAR, find_dates, month_end, read_date
from robotrader.core.background_scheduler.parsers.earnings_aligned import aligned_tables
from robotrader.core.background_scheduler.parsers.earnings_cards import cards
from robotrader.core.background_scheduler.parsers.earnings_facts import (
    Fact,
    Reading,
    choose,
    of_period,
    reported_period,
)
from robotrader.core.background_scheduler.parsers.earnings_glued import glued_facts
from robotrader.core.background_scheduler.parsers.earnings_grid import Unit
from robotrader.core.background_scheduler.parsers.earnings_lexer import periods_in, periods_of
from robotrader.core.background_scheduler.parsers.earnings_rows import basis_of
from robotrader.core.background_scheduler.parsers.earnings_stream import read_stream, unread_rows
from robotrader.core.background_scheduler.parsers.earnings_surprise import surprises
from robotrader.core.background_scheduler.parsers.earnings_tables import Around, table_facts
from robotrader.core.background_scheduler.parsers.earnings_walk import tiles, walk
from robotrader.core.background_scheduler.parsers.numbers import declared_units, plain, unit_at
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.period_years import fiscal_year
from robotrader.core.background_scheduler.parsers.periods import Period, quarter_of
from robotrader.core.background_scheduler.parsers.tables import Table, find_tables
from robotrader.core.background_scheduler.parsers.text import Line, Span, blank, lines, places_in


@dataclass(frozen=True, slots=True)
class Body:
    """The text that is read: ``view`` holds only what is about the company, ``marks`` is the same with its marks in.

    ``named`` is the text with the company's own names in it, ``symbol`` the company asked for.
    """

    view: str
    marks: str
    named: str = ""
    symbol: str | None = None


def read_regex(body: Body, known: Period | None = None, known_basis: str | None = None) -> Reading:
    """What prose and tables say; ``known`` is the period that a stricter layer has read."""
    view = body.view
    found = lines(view, body.marks)
    if not found:
        return Reading()
    tables = [t for t in find_tables(view) if not _is_keyed(view, t)]
    tables += aligned_tables(view, found, [(t.start, t.end) for t in tables])
    tables.sort(key=lambda t: t.start)
    periods = _settled(view, periods_of(view))
    units = declared_units(view)
    several = len({u.factor for u in units}) > 1

    def unit(position: int) -> tuple[Decimal | None, bool]:
        told = unit_at(units, position, position + (400 if several else len(view)))
        return (told.factor, told.factor is None) if told else (None, False)

    facts: list[Fact] = []
    heads: list[Period] = []
    tabled = places_in((t.start, t.end) for t in tables)
    loose = [line for line in found if not tabled(line.start)]
    for table in tables:
        around = _around(view, loose, table.start, periods, unit)
        facts += table_facts(view, table, around)
    new, taken = glued_facts(view, loose, Around(None, _basis_before(view, loose, len(view)), unit, periods))
    facts += new
    view = blank(view, taken)
    cut = places_in(taken)
    loose = [line for line in loose if not cut(line.start)]
    for part in _parts(loose, [(t.start, t.end) for t in tables]):
        new, taken, columns = read_stream(
            view, part, Around(None, _basis_before(view, loose, part[0].start), unit, periods)
        )
        facts += new
        heads += columns
        view = blank(view, taken) if new else view
    prose = blank(view, [*((t.start, t.end) for t in tables), *unread_rows(view, loose)])
    walked = walk(prose, lines(prose, body.marks), periods)
    facts += walked.facts
    facts += tiles(prose, loose, periods)
    facts += cards(prose, loose, periods)
    facts = _units(facts, unit)
    short = places_in(s for t in tables for row in t.rows for s in row if s[1] - s[0] < 60)
    cells = [p for p in periods if p.kind == "quarter" and p.quarter and short(p.start)]
    period = known or reported_period(facts, [*walked.periods, *heads, *cells])
    period = _dated(body.view, period, periods, walked.periods)
    if period and period.kind == "half" and _NO_QUARTER.search(view):
        period = None  # what the company reports on is the quarter, which the text does not have
    facts += extras.dividends(body.view) + surprises(body.view)
    basis = known_basis or _basis(facts, body.view, period)
    chosen, doubted = choose([f for f in facts if ":" not in f.field], period, basis)
    chosen |= _told(body, period, basis, periods, facts)
    judged = tuple((f.start, f.end) for f in facts if f.start >= 0)
    doubts = [
        f"{name}: the text has {view[a.start : a.end]} and {view[b.start : b.end]}, and it is left empty"
        for name, (a, b) in doubted.items()
    ]
    return Reading(chosen, (*_lost(facts, chosen), *doubts), judged)


_NO_QUARTER = regex(
    r"\bquarter(?:ly|'s)?\b[^.\n]{0,40}\b(?:not|no|without)\b|\b(?:not|no|without)\b[^.\n]{0,30}\bquarter(?:ly|'s)?\b",
    re.IGNORECASE,
)
_BARE_YEAR = regex(r"Q[ -]?[1-4][ ,(/-]{0,2}(?:of )?20\d\d", re.IGNORECASE)


def _settled(view: str, periods: list[Period]) -> list[Period]:
    """A calendar year beside a quarter ("Q2 2025") made a fiscal one where the text gives the day the quarter ended."""
    ends = {(p.year, p.quarter) for p in periods if p.quarter and re.search(r"end", view[p.start : p.end])}
    return [
        replace(p, year=p.year + 1)
        if p.year and (p.year + 1, p.quarter) in ends and _BARE_YEAR.fullmatch(view[p.start : p.end])
        else p
        for p in periods
    ]


_YEAR_TOLD = regex(r"\b(?:fiscal|financial) year[ \t]{0,3}[:|-]?[ \t|]{0,6}$", re.IGNORECASE)
_YEAR_LINE = regex(
    r"^[ \t*-]{0,6}(?:fiscal"
    r"|financial)[ _]year[ \t*]{0,4}[:|=][ \t*|]{0,6}((?:20)?\d\d(?:[ ]?[-/][ ]?\d{2,4})?)[ \t|*]*$",
    re.IGNORECASE | re.MULTILINE,
)
_START_TOLD = regex(
    rf"\bstart of (?:the )?(?:reporting )?period\s{{0,4}}[:|-][\s|]{{0,8}}(?P<d>{DATE})",
    re.IGNORECASE,
)
_QUARTER_DAYS = 95
_END_TOLD = regex(
    rf"\b(?:(?:period|quarter)[ \t](?:ended|ending|end)(?: date| on)?|end of (?:the )?(?:reporting "
    rf"|financial )?(?:period|quarter))"
    rf"\s{{0,4}}[:|-][\s|]{{0,8}}(?P<d>{DATE})",
    re.IGNORECASE,
)


_IN_MONTH = regex(
    rf"(?:\b(?:crores?|crs?|lakhs?|million|mn|billion|bn)\.?|\d) in (?P<month>{MONTH_YEAR})", re.IGNORECASE
)
_QUARTERLY = regex(r"\bquarterly (?:net )?(?:profit|loss|results|numbers|figures|earnings|sales)\b", re.IGNORECASE)
"""Pages of results write "Net sales at Rs 12 crore in September 2025" of a quarter, and call the numbers quarterly."""


def _dated(view: str, period: Period | None, periods: list[Period], said: Iterable[Period]) -> Period | None:
    """A quarter with the year that stands elsewhere: "Fiscal year: FY26", "Period ended: 30.09.2025", "9M FY26"."""
    if period and (period.kind != "quarter" or period.year):
        return period
    if period is None or not period.quarter:
        months = [quarter_of(day) for m in _IN_MONTH.finditer(view) if (day := month_end(m["month"]))]
        ended = [q for q in months if q]
        if ended and len(ended) == len(months) and _QUARTERLY.search(view):
            return Period("quarter", *max(ended), 0, 0)
    for match in _END_TOLD.finditer(view):
        day = read_date(match["d"])
        start = _START_TOLD.search(view)
        begun = read_date(start["d"]) if start else None
        if day and begun and (day - begun).days > _QUARTER_DAYS:
            continue
        end = quarter_of(day) if day else None
        if end and (period is None or period.quarter == end[1]):
            return Period("quarter", *end, match.start(), match.end())
    years = {
        p.year
        for p in periods
        if p.kind == "year" and p.year and _YEAR_TOLD.search(view[max(0, p.start - 40) : p.start])
    }
    years = years or {y for m in _YEAR_LINE.finditer(view) if (y := fiscal_year(m[1]))}
    kind = _ENDING_WITH.get(period.quarter or 0) if period else None
    years = years or {p.year for p in said if p.kind == kind and p.year} or _tagged(view, period, periods)
    return replace(period, year=years.pop()) if period and len(years) == 1 else period


_ENDING_WITH = {2: "half", 3: "nine"}
"""The longer period of the same report: half a year ends with the second quarter, nine months with the third."""


def _tagged(view: str, period: Period | None, periods: list[Period]) -> set[int]:
    """The years of a hashtag such as #Q2FY26."""
    return {
        p.year
        for p in periods
        if period and p.quarter == period.quarter and p.year and view[p.start - 1 : p.start] == "#"
    }


_KEYED_CELL = regex(
    r"[^:|\d]{2,40}:[ ]?[^:|]{0,12}\d|[A-Za-z][A-Za-z .&/-]{1,30}[ ](?:Rs\.?|\u20b9|INR)?[ ]?[-(]?\d[\d,.]*\)?[ ]?%?$"
)


def _is_keyed(view: str, table: Table) -> bool:
    """Lines of "key: value | key: value", which are bullets on one line and no table."""
    cells = [view[a:b] for row in table.rows for a, b in row if b > a]
    return bool(cells) and sum(bool(_KEYED_CELL.match(c)) for c in cells) * 2 >= len(cells)


def _parts(found: list[Line], tables: list[Span]) -> Iterable[list[Line]]:
    """The lines between the tables."""
    part: list[Line] = []
    starts = sorted(a for a, _ in tables)
    for line in found:
        if part and bisect_right(starts, part[-1].start) < bisect_right(starts, line.start):
            yield part
            part = []
        part.append(line)
    if part:
        yield part


def _around(view: str, loose: list[Line], start: int, periods: list[Period], unit: Unit) -> Around:
    above = bisect_right(loose, start, key=lambda line: line.end)
    period = None
    for line in reversed(loose[max(0, above - 12) : above]):
        within = periods_in(periods, line.start, line.end)
        inside = [p for p in within if p.quarter or p.kind in ("nine", "half", "year")]
        if inside and (line.level <= 8):
            period = inside[0]
            break
    return Around(period, _basis_before(view, loose, start), unit, periods)


_BASIS = regex(r"consolidated|stand-?alone", re.IGNORECASE)


def _basis_before(view: str, loose: list[Line], start: int) -> str | None:
    at = bisect_right(loose, start, key=lambda line: line.start)
    above = loose[max(0, at - 30) : at]
    told = above and _BASIS.search(view, above[0].start, above[-1].end)
    for line in reversed(above) if told else ():
        words = view[line.start : line.end]
        if _BASIS.search(words):
            return basis_of(words)
    return None


def _units(facts: list[Fact], unit: Unit) -> list[Fact]:
    """Give amounts without a unit the one told above them in the text, where one is told."""
    settled = []
    for fact in facts:
        kind, _, name = fact.field.partition(":")
        if kind == "unitless" and isinstance(fact.value, Decimal):
            factor, foreign = unit(fact.start)
            if factor is not None and not foreign:
                settled.append(replace(fact, field=name, value=plain(fact.value * factor)))
                continue
        settled.append(fact)
    return settled


_LOST = {
    "foreign": "{name} is not in rupees and is left empty",
    "event": "{name}: {value} is of one event and is left empty",
    "adjusted": "{name}: only an adjusted figure is told, and it is left empty",
}


def _lost(facts: list[Fact], chosen: dict[str, Fact]) -> list[str]:
    warnings = []
    for fact in facts:
        kind, _, name = fact.field.partition(":")
        if name and name not in chosen and kind != "change":
            warnings.append(
                _LOST.get(kind, "{name}: {value} has no unit and is left empty").format(name=name, value=fact.value)
            )
    return list(dict.fromkeys(warnings))[:6]


_BOTH = regex(r"\bstand-?alone (?:and|&) consolidated|\bconsolidated (?:and|&) stand-?alone", re.IGNORECASE)


def _basis(facts: list[Fact], view: str, period: Period | None) -> str | None:
    figures = [f for f in facts if f.field in ("revenue_inr", "net_profit_inr", "ebitda_inr", "eps_inr")]
    told = {f.basis for f in figures if f.basis}
    now = {f.basis for f in figures if of_period(f, period)}
    if now == {"standalone"} and not _BOTH.search(view):
        return "standalone"  # what is consolidated is of the half year or the year
    said = {f.value for f in extras.bases(view)}
    if "consolidated" in told or said == {"consolidated"}:
        return "consolidated"
    if said == {"standalone"} or told == {"standalone"}:
        return "standalone"
    return None


def _told(
    body: Body, period: Period | None, basis: str | None, periods: list[Period], facts: list[Fact]
) -> dict[str, Fact]:
    """Everything beside the figures."""
    view = body.view
    fields: dict[str, Fact] = {}
    if period:
        start, end = cite(view, period, periods)
        if period.year:
            fields["fiscal_year"] = Fact("fiscal_year", period.year, start, end)
        if period.quarter:
            fields["fiscal_quarter"] = Fact("fiscal_quarter", period.quarter, start, end)
        if period.last_day:
            fields["period_end"] = Fact("period_end", period.last_day.isoformat(), start, end)
    if basis:
        fields["basis"] = next((f for f in extras.bases(view) if f.value == basis), Fact("basis", basis, -1, -1))
    for found in (
        extras.report_date(view),
        extras.next_date(body.named or view),
        extras.guidance(view),
        extras.company_name(body.named or view, body.symbol),
    ):
        if found:
            fields[found.field] = found
    money = re.search(r"\u20b9|\bRs\b|\bINR\b|\brupees\b", view, re.IGNORECASE)
    if money and any(
        f.field in ("revenue_inr", "net_profit_inr", "ebitda_inr", "eps_inr", "dividend_per_share_inr") for f in facts
    ):
        fields["currency"] = Fact("currency", "INR", money.start(), money.end())
    return fields


def cite(view: str, period: Period, periods: list[Period]) -> Span:
    """The words a period was read from, or words of the text that name the same one."""
    if period.end > period.start:
        return (period.start, period.end)
    for other in periods:
        if (other.kind, other.year, other.quarter) == (period.kind, period.year, period.quarter):
            return (other.start, other.end)
    for day in find_dates(view):
        if period.quarter and quarter_of(day.day) == (period.year, period.quarter):
            return (day.start, day.end)
    return (-1, -1)
