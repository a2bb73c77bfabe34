"""Rows and columns of results tables: what a row's label names, which period a column head stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from robotrader.core.background_scheduler.parsers.dates import MONTH_YEAR, find_dates, month_end
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods, half_of, quarter_of


@dataclass(frozen=True, slots=True)
class Label:
    """What a row's label names: a field, how good the name is, ``loss`` if the figure is the size of a loss."""

    field: str
    rank: int
    loss: bool = False
    against: str | None = None


_PROFIT = r"pr[o0][f][il1|!t]{1,4}"
_MARGIN = regex(rf"^npm\b|(?:\bpat|net {_PROFIT}|net income|{_PROFIT} after tax|^net|^{_PROFIT})\s*margins?")
_EPS = regex(r"\beps\b|earnings? ?\(?(?:loss\)? ?)?per (?:equity )?s?h?a?re?|earnings? per sh")
_EBITDA = regex(r"\bebitda\b|\bebidta\b|\bebdita\b|\bpbidt\b|\bpbdit\b|\bpbildt\b")
_EBITDA_LONG = regex(
    rf"(?:earnings?|{_PROFIT})[^|]{{0,14}} before (?=.{{0,90}}(?:interest"
    rf"|finance))(?=.{{0,90}}(?:depreciation|amorti))(?=.{{0,140}}\btax)"
)
_NOT_PROFIT = regex(
    r"comprehensive|operating prof|gross prof|segment|\bpbt\b|\bebit\b|discontinu"
    r"|share of (?:net )?(?:prof|loss)|share in (?:net )?prof|on (?:sale|disposal|redemption)"
    r"|non[- ]controlling(?!.*interests?\)$)"
    r"|(?<!after )(?<!and )minority(?!.*after)|reserve|per share|prior period|brought|available for|appropriat"
    r"|to sales|to total|\bratio\b|cash prof|from operations before|core prof|as per|previous"
)
_ADJUSTED = regex(
    r"\badj(?:usted)?\b|normali[sz]ed|^core\b|underlying|recurring|pro-?forma"
    r"|(?:before|excluding|ex|pre)[ -]?(?:\w+ ){0,2}(?:exceptional|extraordinary|one[ -]?(?:off|time))"
)
_BEFORE = regex(r"be[f]?ore|\(before|before|pre-tax|pretax")
_AFTER_TAX = regex(r"a[f][a-z]{1,5} (?:\w+ )?tax")
_PROFITS = regex(
    rf"\bnet {_PROFIT}|^net[ /]*\(?loss\)?|{_PROFIT}[ /]*\(? ?(?:l ?oss)?\)?[ ]*(?:after|for"
    rf"|attributable)|\bpat\b|n[e&][til1] {_PROFIT}|^{_PROFIT}s?$|^{_PROFIT}[ /]*\(?loss\)?$"
    rf"|loss for the (?:period|quarter|year)|loss after tax|^net (?:income|earnings|loss)"
    rf"|\(?loss\)?[ /]*{_PROFIT} (?:after|for)"
)
_REVENUES = (
    (
        0,
        regex(
            r"(?:revenues?|incomes?|sales) (?:earned )?from op(?:e|s\b)|^net sales|^(?:total "
            r"|net )?operating revenues?|^revenues?(?:$| \(|\*|,? net)|^net revenues?$|^net revenue from"
            r"|sales/income from"
        ),
    ),
    (
        1,
        regex(
            r"^(?:total|gross|overall) revenues?|^(?:gross )?sales$|^turnover|^gross revenue|^top ?-?line"
            r"|^total operating income|^(?:value of )?sales (?:&|and) services"
        ),
    ),
    (3, regex(r"^total incomes?")),
)
_GROWTH = regex(r"\b(?:growth|change|yoy|y-o-y|qoq|q-o-q)\b")
_GROWTH_WORDS = regex(r"\(?\b(?:growth|change|yoy|y-o-y|qoq|q-o-q)\b\)?|\(?%\)?")
_QOQ = regex(
    (
        r"\bqoq\b|q-o-q|q/q|sequential|quarter[ -]on[ -]quarter|over previous quarter"
        r"|vs\.? previous quarter|over preceding quarter"
    ),
    re.IGNORECASE,
)
_YOY = regex(r"\byoy\b|y-o-y|y/y|year[ -]on[ -]year|over (?:previous|last) year|year ago", re.IGNORECASE)
_NUMBERING = regex(
    r"^(?:[\s|.-]|\(?(?:[ivxlc]{1,5}|[a-h]|\d{1,2})[).:](?=\s|[a-z])|\d{1,2}(?=\s)|[ivx]{1,5}(?=\s{1,3}[a-z]))+\s*"
)


def clean_label(words: str) -> str:
    """A row label in lower case, without numbering, notes and doubled spaces."""
    words = re.sub(r"\s{2,}", " ", words[:300].lower().replace("*", " ").replace("_", " ")).strip()
    words = re.sub(
        r"(?<=[a-z])[1!|](?=[a-z])", "l", re.sub(r"(?<=[a-z])0(?=[a-z])|(?<![\d.,])0(?=[a-z]{4})", "o", words)
    )
    return re.sub(r"[\s:#^+\u00b9\u00b2\u00b3@]+$", "", _NUMBERING.sub("", words)).strip()


_EARLIER = regex(
    r"[a-z)][ ,(-]{1,3}(?:(?:in|for|of) )?(?:the )?(?:(?:previous|preceding|prior|last|prev\.?) (?:quarter|qtr|year|yr)"
    r"|(?:same|corresponding) (?:quarter|period)|year[ -]ago|a year (?:ago|earlier))"
)
"""A figure's name with an earlier period behind it: "Net sales previous quarter"."""
_UNIT_END = regex(
    r"[ ]?\((?:in )?(?:\u20b9|rs\.?|inr)?[ .]{0,2}(?:in )?(?:cr|crs|crores?|lakhs?|lacs?|mn|million|m|bn"
    r"|billion)?\.?\)$"
    r"|(?<=[a-z]{3}) (?:in )?(?:inr|rs\.?|\u20b9)?[ ]?(?:cr|crs|crores?|lakhs?|lacs?|mn|million|bn|billion)\.?$"
)


def row_label(words: str, in_eps: bool = False) -> Label | None:
    """The figure a row's label names; ``in_eps`` says that the row stands under a heading of earnings per share."""
    label = _UNIT_END.sub("", clean_label(words))
    grows = bool(_GROWTH.search(label))
    if not re.search(r"[a-z]{3}", label) or (not grows and _EARLIER.search(label)):
        return None
    if "margin" in label or re.match(r"npm\b", label):
        return Label("net_margin_pct", 0) if _MARGIN.search(label) and not grows else None
    if _EPS.search(label) or (in_eps and re.match(r"[-\s(]*(?:basic|diluted)", label)):
        if re.search(
            r"annuali[sz]ed(?<!not annualised)(?<!not annualized)|\(ann\.?\)|\bttm\b|trailing|\bcash eps", label
        ):
            return None
        rank = 2 if "diluted" in label and "basic" not in label else 0 if "basic" in label else 1
        adjusted = _ADJUSTED.search(label) and not re.search(r"\bafter (?:\w+ ){0,2}(?:except|extra)", label)
        return None if grows else Label("adjusted:eps_inr" if adjusted else "eps_inr", rank)
    if "dividend" in label:
        told = re.search(r"per (?:equity )?share|/share|dps", label) and "yield" not in label
        return Label("dividend_per_share_inr", 3 if "total" in label else 1) if told else None
    found = _money_label(_GROWTH_WORDS.sub(" ", label).strip() if grows else label)
    return _growth_label(found, label) if found and grows else found


def _growth_label(found: Label, label: str) -> Label | None:
    base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(found.field)
    against = "qoq" if _QOQ.search(label) else "yoy"
    return Label(f"{base}_{against}_pct", found.rank, against=against) if base else None


def _money_label(label: str) -> Label | None:
    if re.search(
        r"\bper\b(?! cent)|guidance|target|estimate|expected|debt|%$|as % of|mix|contribution|share of revenue", label
    ):
        return None
    if _EBITDA.search(label):
        return Label("ebitda_inr", 1 if re.search(r"operating|adjusted|normali|core|pre-ind", label) else 0)
    if _EBITDA_LONG.search(label):
        return Label("ebitda_inr", 1)
    if _PROFITS.search(label) and not _NOT_PROFIT.search(label):
        return _profit_label(label)
    if re.search(r"segment|other operating|other income|inter[- ]|interest|less|excise|unallocated", label):
        return None
    return next((Label("revenue_inr", rank) for rank, pattern in _REVENUES if pattern.search(label)), None)


def _profit_label(label: str) -> Label | None:
    after, before = _AFTER_TAX.search(label), _BEFORE.search(label)
    nci = re.search(r"(before|after) (?:non[- ]controlling|minority|share of)", label)
    if (before and not after and not (nci and nci[1] == "before")) or re.search(r"before (?:\w+ )?tax", label):
        return None
    if _ADJUSTED.search(label) and not re.search(r"\bafter (?:\w+ ){0,2}(?:except|extra)", label):
        return Label("adjusted:net_profit_inr", 0)
    rank = 0
    if re.search(r"attributable|owners|equity ?holders|shareholders|parent", label):
        rank = 2
    elif (
        (nci and (nci[1] == "after" or after))
        or label == "consolidated net profit"
        or re.search(r"continuing op|before share", label)
    ):
        rank = 1
    return Label("net_profit_inr", rank, loss=bool(re.match(r"net loss|loss", label)) and "profit" not in label)


def opens_eps(words: str) -> bool:
    """The row heads a block of earnings per share."""
    return bool(_EPS.search(clean_label(words)))


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a period with its basis, or a growth against year or quarter, or nothing that is known.

    ``percent`` is false where the head of a growth may stand over differences in rupees as well.
    """

    period: Period | None = None
    growth: bool = False
    against: str | None = None
    basis: str | None = None
    percent: bool = True


_KIND_ONLY = regex(
    r"(?:for the )?(?:(?P<q>quarters?|three months|3 months|qtr)|(?P<y>(?:full |financial |fiscal "
    r"|previous )?(?:accounting )?years?|twelve months|12 months|f\.? ?y\.?)|(?P<n>nine months?"
    r"|9 ?months?|9m)"
    r"|(?P<h>half[ -]?years?|six months|6 months)|(?P<o>period|year[ -]to[ -]date"
    r"|ytd))(?: period)?(?: ?/ ?\w+)?(?:\s(?:ended|ending|to date))?\s*$",
    re.IGNORECASE,
)
_GROWTH_HEAD = regex(
    r"\b(?:yoy|y-o-y|y/y|qoq|q-o-q|q/q|growth|change|chg|var(?:iance)?|increase|inc)\b|^\s*%\s*$|\u0394", re.IGNORECASE
)
_SURPRISE_HEAD = regex(
    r"\bsurprise\b|\bbeat ?/ ?\(?miss|\b(?:vs\.?|versus|over|above|deviation from|variance (?:to|vs)) (?:our |the )?"
    r"(?:est|consensus|expect|forecast|street|poll|bloomberg|brokers?)",
    re.IGNORECASE,
)
_EXPECTED_HEAD = regex(
    r"\b(?:est|estimates?|estimated|consensus|forecasts?|projected|projections?|expected|expectations?|guidance"
    r"|budget(?:ed)?"
    r"|street|polls?|targets?|preview|bloomberg)\b|\d[EFP]\b",
    re.IGNORECASE,
)
_REPORTED_HEAD = regex(
    r"(?:actuals?|as reported|reported|values?|amounts?|figures?|results?|numbers?|current(?: (?:quarter|period))?"
    r"|this (?:quarter|period)|latest(?: (?:quarter|period))?)(?: (?:figures?|values?|results?|amounts?|numbers?))?"
    r"(?: ?\((?![^()]*(?:est|cons|exp|prev))[^()]{0,30}\)| ?in [\w \u20b9.]{2,20})?$",
    re.IGNORECASE,
)
VERSUS_HEAD = regex(r"(?:(?:% ?)?(?:change|chg\.?|growth) |% ?)?(?:vs\.?|versus|v/s|over)[ ]{1,2}\S", re.IGNORECASE)
"""A column of changes against the quarter in its head: "vs Q3 FY25"."""
_NOISE = regex(r"\(?(?:un-?\s?audi\w+|audi\w+|restated|reviewed|refer note.{0,12}|unaud\w+)\W{0,6}", re.IGNORECASE)


def kind_only(words: str) -> str | None:
    """``quarter``, ``half``, ``nine``, ``year`` or ``other`` for a head that names only a length of time."""
    match = _KIND_ONLY.match(words.strip(" *:-()"))
    if match is None or not words.strip():
        return None
    return next(
        kind
        for kind, group in (("quarter", "q"), ("year", "y"), ("nine", "n"), ("half", "h"), ("other", "o"))
        if match[group]
    )


def basis_of(words: str) -> str | None:
    """The one basis that words name."""
    found = set(re.findall(r"consolidated|stand-?alone", words.lower()))
    return found.pop().replace("-", "") if len(found) == 1 else None


UNIT_HEAD = regex(
    r"\(?(?:in )?(?:\u20b9|rs\.?|inr)[ .]{0,2}(?:in )?\(?(?:crs?|crores?|lakhs?|lacs?|mn|millions?|bn|billion)\.?\)?",
    re.IGNORECASE,
)
"""A column of amounts that is headed by their unit alone."""


def read_head(words: str, kind: str | None = None, spaced: bool = False) -> Column:
    """The column a head stands for; ``kind`` is the length of time told above it, ``spaced`` allows bare months."""
    words = _NOISE.sub(" ", words[:200]).strip()
    basis = basis_of(words)
    found = find_periods(words)
    if _SURPRISE_HEAD.search(words):
        return Column(None, True, "surprise", basis)
    if _EXPECTED_HEAD.search(words):
        return Column(Period("other", None, None, 0, 0), basis=basis)
    if not found and (_REPORTED_HEAD.match(words) or UNIT_HEAD.fullmatch(words)):
        return Column(Period("quarter", None, None, 0, 0), basis=basis)
    growth = _growth_head(words, found, basis)
    if growth:
        return growth
    compact = [p for p in found if p.kind != "quarter" or p.quarter]
    if compact:
        return Column(_of_kind(compact[0], kind, words), basis=basis)
    return Column(_ending(words, kind, spaced), basis=basis)


def _growth_head(words: str, found: list[Period], basis: str | None) -> Column | None:
    """The column of a growth: what it grew by over a year or a quarter, or against the quarter in its head."""
    if len(found) == 1 and found[0].quarter and VERSUS_HEAD.match(words):
        return Column(None, True, None, basis, percent=False)
    told = not found or len(found) > 1 or re.search(r"yoy|y-o-y|qoq|q-o-q|growth|change|%", words, re.IGNORECASE)
    if not (told and _GROWTH_HEAD.search(words)):
        return None
    named = {p.quarter for p in found if p.quarter and p.kind == "quarter"}
    year = max((p.year for p in found if p.year), default=None)
    one = Period("quarter", year, named.pop(), 0, 0) if len(named) == 1 else None
    percent = bool(re.search(r"%|per ?cent|growth|yo-?y|y-o-y|y/y|qo-?q|q-o-q|q/q|pct", words, re.IGNORECASE))
    return Column(one, True, _head_against(words, found), basis, percent)


def _of_kind(period: Period, kind: str | None, words: str) -> Period:
    """A period in a head; the length of time told above counts where the head has only a date."""
    longer = kind is not None and kind != "quarter" and period.kind == "quarter"
    if kind and longer and not re.search(r"quarter|Q[1-4]|three", words, re.IGNORECASE):
        return Period(kind, period.year, None, 0, 0)
    if period.kind == "quarter" and not period.year:
        match = re.search(MONTH_YEAR, words, re.IGNORECASE) or re.search(r"\b[A-Z][a-z]{2}[-' ]{1,2}\d\d\b", words)
        day = month_end(match[0]) if match else None
        end = quarter_of(day) if day else None  # "Mar-26 (Q4)"
        period = replace(period, year=end[0]) if end and end[1] == period.quarter else period
    return replace(period, start=0, end=0)


def _ending(words: str, kind: str | None, spaced: bool) -> Period | None:
    """The period that ends on the date in a head."""
    days = find_dates(words)
    day, whole = (days[0].day, True) if days else (None, False)
    if day is None:
        match = re.search(MONTH_YEAR, words, re.IGNORECASE) or re.search(r"\b[A-Z][a-z]{2}[-' ]{1,2}\d\d\b", words)
        day = month_end(match[0]) if match else None
    if day is None or not (whole or kind or spaced):
        return None
    rest = re.sub(r"[\d.,/-]+|\b(?:" + MONTH_YEAR + r")", " ", words, flags=re.IGNORECASE)
    own = kind or kind_only(rest) or ("quarter" if spaced else None)
    end = quarter_of(day)
    if own == "quarter":
        return Period("quarter", end[0], end[1], 0, 0) if end else None
    year = day.year if day.month <= 3 else day.year + 1
    return Period(own, year, None, 0, 0, half_of(own, day)) if own else None


def _head_against(words: str, found: list[Period]) -> str | None:
    if _QOQ.search(words):
        return "qoq"
    if _YOY.search(words):
        return "yoy"
    named = [p.quarter for p in found if p.quarter]
    if len(named) == 2:
        return "yoy" if named[0] == named[1] else "qoq"
    return None
