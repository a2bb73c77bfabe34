"""The words of results prose: what is named, how much, which way, compared with what."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from robotrader.core.background_scheduler.parsers import earnings_vocabulary as vocabulary
from robotrader.core.background_scheduler.parsers.numbers import MONEY, Amount, read_money
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods


@dataclass(frozen=True, slots=True)
class Token:
    """One word of meaning.

    Attributes:
        kind: metric, other, money, percent, period, up, down, yoy, qoq, prior, future, estimate, basis, cut, word or
            the mark itself.
        name: a metric's field, ``loss``, a basis, or the word itself in lower case.
        rank: how good a metric's name is.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    rank: int = 0
    amount: Amount | None = None
    percent: Decimal | None = None
    signed: bool = False
    period: Period | None = None


_BASIS = (
    r"\b(?:consolidated|standalone|stand-alone)\b|(?<=[(,])[ ]?(?:consol?|cons)\b\.?(?=[ ]{0,2}[,)])"
    r"|\bcons(?:ol)?\b\.?(?=[ ](?:net[ ]|total[ ])?(?:pat|profit|loss|rev|ebitda|sales|income))"
)
_RULES = (
    ("adjusted", vocabulary.ADJUSTED),
    ("margin", vocabulary.MARGIN),
    ("eps", vocabulary.EPS),
    ("perp", rf"EBITDA[ ]per\b|(?:{vocabulary.EBITDA})[ ]margins?"),
    ("eloss", vocabulary.EBITDA_LOSS),
    ("profit0", r"profit[ ]for[ ]the[ ](?:period|quarter|year)"),
    ("basis", _BASIS),
    ("yoy", vocabulary.YOY),
    ("qoq", vocabulary.QOQ),
    ("pre_other", vocabulary.OTHER_INCOME),
    ("revenue_full", vocabulary.REVENUE_FULL),
    ("other", vocabulary.OTHER),
    ("revenue", vocabulary.REVENUE.replace("sales\\b", "(?<![-\\w])sales\\b")),
    ("income", vocabulary.INCOME),
    ("profit", vocabulary.PROFIT),
    ("loss", vocabulary.LOSS),
    ("ebitda", vocabulary.EBITDA),
    ("up", vocabulary.UP),
    ("down", vocabulary.DOWN),
    ("prior", vocabulary.PRIOR),
    ("estimate", vocabulary.ESTIMATE),
    ("future", vocabulary.FUTURE),
    ("cut", vocabulary.CUT),
    ("mark", r"[;|,:()\u2026]|\n"),
    ("word", r"[A-Za-z][A-Za-z0-9'&.-]{0,40}"),
)
_BEGINS = r"(?=[A-Za-z;|,:()\u2026\u2191\u2193\n])"
"""What a token can begin with; most characters of a table are digits and spaces."""
_LEX = regex(
    _BEGINS + "(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _RULES) + ")", re.IGNORECASE | re.VERBOSE
)
_PERCENT = regex(
    r"(?P<sign>(?<![\w.)])[-+](?=\d))?(?P<range>(?<=\d)[ ]?-[ ]?"
    r"|(?<=%)[ ]?-[ ]?)?(?<![\w.,])(?P<n>\d{1,5}(?:,\d{3})?(?:\.\d{1,4})?)[ ]?(?P<more>[ ]?(?:-|to"
    r"|/)[ ]?\d{1,4}(?:\.\d+)?[ ]?)?"
    r"(?P<plus>\+)?(?:%(?P<open>\+)?|[ -]?per ?cent\b(?!age)|percent\b(?!age)|pc\b)(?![ ]?(?:points?|pts))",
    re.IGNORECASE,
)
_BPS = regex(r"\d{1,5}(?:\.\d+)?[ -]?(?:bps|bp\b|basis points|percentage points|pp\b|ppts?|% ?points?)", re.IGNORECASE)
_AFTER_OTHER = regex(
    r"[ ]{0,2}(?:/(?![ ]?\(?loss|[ ]?(?:adj\w*\.?[ ]{1,2}|pre-ind[ ]as[ ]|net[ ])?"
    r"(?:EBITDA|PAT|PBT|EBIT|net|profit|sales|revenue|EPS)\b)"
    r"|per\b|(?:growth[ ])?(?:guidance|targets?|forecasts?|outlook"
    r"|estimates?|visibility|mix|share|contribution|pool|base|model|streams?|multiple|run[- ]?rate"
    r"|potential|"
    r"sharing|from[ ](?!operations|sales\b(?![ ]of)|\u20b9|rs\b|inr\b|\d|a[ ]|the[ ]|last|previous|loss|profit|net|q\d"
    r"|year|continuing|around|about|nearly|over))\b)",
    re.IGNORECASE,
)
_OWNERS = regex(r"\b(?:minority|mi|nci|non-controlling)\b")
_FIELDS = {
    "revenue": "revenue_inr",
    "revenue_full": "revenue_inr",
    "income": "revenue_inr",
    "profit": "net_profit_inr",
    "profit0": "net_profit_inr",
    "loss": "net_profit_inr",
    "ebitda": "ebitda_inr",
    "eloss": "ebitda_loss",
    "eps": "eps_inr",
    "margin": "net_margin_pct",
}


def _metric(kind: str, m: re.Match[str], text: str, limit: int) -> Token:
    start, end = m.span()
    low = m[0].lower()
    if kind == "perp" or (kind not in ("eps", "margin") and _AFTER_OTHER.match(text, end, limit)):
        return Token("other", start, end, low)
    rank = 0
    if kind == "revenue":
        rank = 0 if re.search(r"operat|net sales|^revenues?$|^rev\.?$|top|turnover", low) else 1
    elif kind == "revenue_full":
        rank = 1 if low.endswith(("customers", "services")) else 0
    elif kind == "income":
        rank = 3 if low != "income" else 4
    elif kind in ("profit", "profit0", "ebitda"):
        rank = 1 if re.match(r"adjusted|operating|normali|pre-ind", low) else 0
        rank = 1 if re.match(r"net (?:income|earning)", low) else rank  # of lenders it is what they earn before costs
        rank = 2 if text.startswith(" attributable", end) or _OWNERS.search(low) else rank
    elif kind == "eps":
        rank = 2 if low.startswith("diluted") else 0
    return Token("metric", start, end, "loss" if kind == "loss" else _FIELDS[kind], rank)


class _Taken:
    """Which characters of a stretch of text a token has."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.marks = bytearray(end - start)

    def take(self, start: int, end: int) -> bool:
        """Take a span unless some of it is taken."""
        a, b = start - self.start, end - self.start
        if any(self.marks[a:b]):
            return False
        self.marks[a:b] = b"\x01" * (b - a)
        return True

    def free(self, start: int, end: int) -> int:
        """Up to where a span is free."""
        at = self.marks.find(1, start - self.start, end - self.start)
        return end if at < 0 else at + self.start


_SLASHED = regex(
    r"(?<![\w.,/])(?P<run>[-+]?\d{1,4}(?:\.\d{1,2})?[ ]?%?"
    r"(?:[ ]?/[ ]?[-+]?\d{1,4}(?:\.\d{1,2})?[ ]?%?){1,5})(?<=%)"
    r"(?![ ]?/[ ]?\d)"
)
"""Percentages in a row of which only the last may have its sign: "12/9/14%"."""
_EACH = regex(r"(?P<sign>[-+])?(?P<n>\d{1,4}(?:\.\d{1,2})?)(?:[ ]?%)?")


def _slashed(text: str, start: int, end: int, taken: _Taken) -> Iterator[Token]:
    """The percentages of such rows, where as many names that slashes join stand before them."""
    for row in _SLASHED.finditer(text, start, end):
        told = list(_EACH.finditer(text, row.start(), row.end()))
        names = re.search(
            r"(?:[A-Za-z][\w .-]{0,24}[ ]?/[ ]?){" + str(len(told) - 1) + r"}[A-Za-z]", text[start : row.start()]
        )
        if not names:
            continue
        for m in told:
            if taken.take(m.start(), m.end()):
                value = Decimal(m["n"])
                yield Token(
                    "percent", m.start(), m.end(), percent=-value if m["sign"] == "-" else value, signed=bool(m["sign"])
                )


def _percents(text: str, start: int, end: int, taken: _Taken) -> Iterator[Token]:
    yield from _slashed(text, start, end, taken)
    for m in _BPS.finditer(text, start, end):
        if taken.take(m.start(), m.end()):
            yield Token("bps", m.start(), m.end())
    for m in _PERCENT.finditer(text, start, end):
        if taken.take(m.start(), m.end()):
            kind = "range" if m["range"] or m["more"] or m["plus"] or m["open"] else "percent"
            value = Decimal(m["n"].replace(",", ""))
            signed = -value if m["sign"] == "-" else value
            yield Token(kind, m.start(), m.end(), percent=signed, signed=bool(m["sign"]))


def _named(kind: str, m: re.Match[str], text: str, limit: int) -> Token:
    if kind in _FIELDS or kind == "perp":
        return _metric(kind, m, text, limit)
    if kind == "adjusted":
        per_share = re.search(r"EPS|per share", m[0], re.IGNORECASE)
        return Token("other", m.start(), m.end(), "adjusted:eps_inr" if per_share else "adjusted:net_profit_inr")
    if kind == "mark":
        return Token(m[0], m.start(), m.end())
    if kind == "future" and m[0] == "Projects":
        return Token("word", m.start(), m.end(), "projects")  # a name: "Acme Projects"
    if kind == "basis":
        short = m[0].strip(" .").lower() in ("cons", "conso", "consol")
        return Token("basis", m.start(), m.end(), "consolidated" if short else m[0].lower().replace("-", ""))
    return Token("other" if kind == "pre_other" else kind, m.start(), m.end(), m[0].lower())


def _of_period(text: str, period: Period) -> Token:
    """The period, or a look ahead where it is marked as one: "FY27E"."""
    ahead = text[period.end - 2 : period.end - 1].isdigit() and text[period.end - 1] in "EFef"
    return Token("future" if ahead else "period", period.start, period.end, period=period)


def tokens(text: str, start: int, end: int, periods: list[Period]) -> list[Token]:
    """The tokens of ``text[start:end]``; ``periods`` are those of the whole text."""
    taken = _Taken(start, end)
    inside = periods_in(periods, start, end)
    found = [_of_period(text, p) for p in inside if p.end <= end]
    for token in found:
        taken.take(token.start, token.end)
    found += _percents(text, start, end, taken)
    for m in MONEY.finditer(text, start, end):
        amount = read_money(m, text)
        if amount and amount.end <= end and taken.take(amount.start, amount.end):
            found.append(Token("money", amount.start, amount.end, amount=amount))
    for m in _LEX.finditer(text, start, end):
        if taken.take(m.start(), m.end()):
            found.append(_named(m.lastgroup or "word", m, text, end))
            continue
        short = _LEX.match(text, m.start(), taken.free(m.start(), m.end()))  # "profit" of "profit [for the quarter]"
        if short and short.lastgroup in _FIELDS and taken.take(short.start(), short.end()):
            found.append(_named(short.lastgroup, short, text, end))
    return sorted(found, key=lambda t: t.start)


def periods_in(periods: list[Period], start: int, end: int) -> list[Period]:
    """Those of ``periods``, which are in order, that start within a span."""
    first = bisect_left(periods, start, key=lambda p: p.start)
    return periods[first : bisect_left(periods, end, key=lambda p: p.start)]


def periods_of(text: str) -> list[Period]:
    """The periods of a text, without ranges such as "Q2-Q3 FY27" that name no single one."""
    found = find_periods(text)
    ranged: set[int] = set()
    for i, (a, b) in enumerate(pairwise(found)):
        if a.kind == b.kind and re.fullmatch(r"[ ]?(?:-|to|/|or)[ ]?", text[a.end : b.start]):
            ranged |= {i, i + 1}
    return [p for i, p in enumerate(found) if i not in ranged]
