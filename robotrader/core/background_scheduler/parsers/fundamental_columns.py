"""Which column of a table of ratios is read: the company's own, the newest, the consolidated; never a benchmark's."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.fundamental_companies import is_company, likeness
from robotrader.core.background_scheduler.parsers.fundamental_terms import FORWARD, YEARS_BACK
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time
from robotrader.core.background_scheduler.parsers.patterns import regex

OTHERS = regex(
    rf"bench ?mark|industry|sector|peers?\b|average|\bavg|median|\bmean\b|threshold|target|ideal|\bnorms?\b|chang"
    rf"|premium"
    rf"|discount|\bvs\b|{YEARS_BACK}|cagr|yoy|qoq|y-o-y|growth|nifty|index|{FORWARD}|histor|range|high\b|\blow\b"
    rf"|rank|best"
    rf"|requirement|criteri|minimum|maximum|bull\b|bear\b|percentile|%ile|post[- ]?(?:ipo|issue|offer)|prior"
    rf"|previous|last year|year ago|weight"
    rf"|scor|rating",
    re.IGNORECASE,
)
"""Heads of columns whose figures are not the company's present ones."""
_REMARKS = regex(
    r"status|assess|comment|remark|interpret|trend|flag|notes?\b|sources?\b|signal|verdict|\bview|analysis|meaning"
    r"|why|insight"
    r"|implication|grade|winner|pass|verif|formula|definition|description|calculat|what it|takeaway|observation"
    r"|highlight|detail",
    re.IGNORECASE,
)
"""Heads of columns of words, read only where no other column is left."""
_ONE_YEAR = regex(r"\b(?:1|one)[- ]?(?:Y|yr|year)\b", re.IGNORECASE)
_VALUE = regex(
    r"value|current|latest|\bttm\b|\bltm\b|\bnow\b|actual|figure|reading|today|this|amount|result|number|data|level"
    r"|ratio|\u20b9|reported|as of",
    re.IGNORECASE,
)
COMPANY_HEAD = regex(
    r"\W*(?:compan(?:y|ies)|stocks?|banks?|names?|scrips?|symbols?|tickers?|firms?|entity|peers?|players?|issuer"
    r"|nse code)"
    r"(?: names?)?\W*$",
    re.IGNORECASE,
)


def own_column(heads: dict[int, str], usable: dict[int, str], base: int) -> int | None:
    """Of the columns of one company the newest, the one called its value, or the first."""
    timed = {c: h for c, h in usable.items() if head_time(h)}
    if timed:
        return newest(timed)
    whole = [c for c, h in usable.items() if re.search(r"\bconsol(?:idated)?\b", h, re.IGNORECASE)]
    if whole and len(whole) < len(usable):
        return min(whole)
    valued = [c for c, h in usable.items() if _VALUE.search(h) or (h and COMPANY_HEAD.match(h))]
    left = usable or {c: h for c, h in heads.items() if c > base and _REMARKS.search(h) and not OTHERS.search(h)}
    return min(valued or left) if left else None


def could_be_company(head: str) -> bool:
    """The head of a column can name a company."""
    return not (head_time(head) or _VALUE.search(head) or COMPANY_HEAD.match(head)) and is_company(head)


def columns_of(symbol: str, named: dict[int, str]) -> dict[int, str]:
    """The columns of the company asked for: the best likeness, which several years of it may share."""
    bare = {c: re.split(r"\s*[-(|]?\s*\b(?:FY|Q[1-4]|TTM)", h)[0] for c, h in named.items()}
    top = max((likeness(symbol, b) for b in bare.values()), default=0)
    hit = {c: named[c] for c, b in bare.items() if top and likeness(symbol, b) == top}
    return hit if top > 1 or len({bare[c] for c in hit}) == 1 else {}


def newest(columns: dict[int, str]) -> int:
    """The column of the latest period; the first of those that tell none."""
    return max(columns, key=lambda c: (head_time(columns[c]) or (0, 0), -c))


def excluded(head: str) -> bool:
    """The figures of the column are not the company's present ones, or it holds words."""
    return bool(_REMARKS.search(head) or OTHERS.search(head)) and not (
        _ONE_YEAR.search(head) and "cagr" not in head.lower()
    )
