"""Columns that are headed by nothing but a date: which of them is the period the text reports on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.earnings_facts import same_quarter
from robotrader.core.background_scheduler.parsers.earnings_growth import step_between
from robotrader.core.background_scheduler.parsers.earnings_rows import VERSUS_HEAD, Column, read_head
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods

_DATE_LIKE = regex(
    r"\s*(?:\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|[A-Za-z]{3,9}\.?[ -]\d{1,2},? ?\d{4}"
    r"|\d{1,2}[ -][A-Za-z]{3,9}[ ,-]{1,2}\d{2,4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[-' ]{1,2}\d{2,4})\s*$",
    re.IGNORECASE,
)
_BESIDE = regex(r"\b(?:consolidated|stand-?alone)\b|\(?\b(?:un-?\s?)?(?:audited|reviewed)\b\)?", re.IGNORECASE)


def date_columns(
    columns: dict[int, Column], heads: dict[int, str], told: Period | None, periods: Sequence[Period]
) -> dict[int, Column] | None:
    """``columns`` with the dates of their heads made periods; None where the dates are not to be understood.

    ``told`` is the period the lines above the table speak of, ``periods`` are those of the whole text.
    """
    bare = [i for i, words in heads.items() if _DATE_LIKE.match(_BESIDE.sub(" ", words))]
    if len(bare) < 2 or any(columns[i].period and not columns[i].growth for i in bare if i in columns):
        return columns
    ends = {i: read_head(heads[i], "quarter").period for i in bare}
    stated = told or next((p for p in periods if p.kind == "quarter" and p.quarter), None)
    known = {i: p for i, p in ends.items() if p and p.year and p.quarter and i in columns}
    if len(known) < len(bare):
        return None
    if stated and stated.kind == "year":
        years = {i: replace(p, kind="year", quarter=None) for i, p in known.items() if p.quarter == 4}
        return {i: replace(c, period=years[i]) if i in years else c for i, c in columns.items()} if years else None
    if stated and (stated.kind != "quarter" or not stated.quarter):
        return None
    fitting = [i for i, p in known.items() if stated is None or same_quarter(stated, p)]
    if not fitting or (stated is None and all(known[i].quarter == 4 for i in known)):
        return None  # heads that all end in March without a word are years or quarters: they do not say which
    return _settled(columns, known, fitting, stated)


def _settled(
    columns: dict[int, Column], known: dict[int, Period], fitting: list[int], stated: Period | None
) -> dict[int, Column]:
    chosen = max(fitting, key=lambda i: _order(known[i]))
    settled = {}
    for i, column in columns.items():
        if i not in known:
            settled[i] = column
        elif stated is None:
            settled[i] = column if _order(known[i]) == _order(known[chosen]) else replace(column, growth=True)
        else:
            later = _order(known[i]) > _order(known[chosen])
            settled[i] = replace(column, period=replace(known[i], kind="other") if later else known[i])
    return settled


def _order(period: Period) -> tuple[int, int]:
    return (period.year or 0, period.quarter or 0)


def against_now(columns: dict[int, Column], heads: dict[int, str], told: Period | None) -> dict[int, Column]:
    """``columns`` with what those compare with that are headed by the quarter compared: "vs Q3 FY25"."""
    own = [c.period for c in columns.values() if c.period and c.period.quarter and not c.growth]
    now = max(own, key=_order, default=told)
    found = {}
    for i, column in columns.items():
        words = heads.get(i, "")
        versus = column.growth and column.against is None and VERSUS_HEAD.match(words)
        then = next(iter(find_periods(words)), None) if versus else None
        found[i] = replace(column, period=now, against=step_between(now, then)) if then else column
    return found


def heads_of_dates(dates: list[str], bases: int, periods: Sequence[Period]) -> list[Column]:
    """Columns of a statement without cells that dates alone head; a date that comes again is of a longer period.

    ``bases`` is how many bases stand side by side above them.
    """
    size = len(dates) // bases if bases > 1 and len(dates) % bases == 0 else len(dates)
    if not any(p.kind == "quarter" and p.quarter for p in periods):
        return []
    found = date_columns({i: Column() for i in range(len(dates))}, dict(enumerate(dates)), None, periods)
    if not found:
        return []
    columns = []
    for i in range(len(dates)):
        again = any(dates[k] == dates[i] for k in range(i - i % size, i))
        period = found[i].period
        columns.append(replace(found[i], period=replace(period, kind="other")) if again and period else found[i])
    return columns


def grouped(columns: list[Column], bases: list[str]) -> list[Column]:
    """``columns`` with the bases that stand above equal groups of them."""
    names = [b.lower().replace("-", "") for b in bases]
    if len(names) < 2 or len(set(names)) != len(names) or len(columns) % len(names) or len(columns) == len(names) == 0:
        return columns
    size = len(columns) // len(names)
    return [replace(c, basis=c.basis or names[i // size]) for i, c in enumerate(columns)] if size else columns
