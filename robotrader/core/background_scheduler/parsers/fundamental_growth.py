"""Growth told by a verb: "revenue grew 19.9% and net profit fell 4% in FY25", "sales +12% TTM"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.fundamental_facts import NOW, Fact, Time
from robotrader.core.background_scheduler.parsers.fundamental_terms import FORWARD, QUARTERLY, YEARS_BACK
from robotrader.core.background_scheduler.parsers.fundamental_times import time_of, times
from robotrader.core.background_scheduler.parsers.numbers import RUPEE, UNIT, digits_value
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line

_TOLD = regex(
    r"(?<![\w-])(?<!operating )(?<!gross )(?<!cash )(?<!export )(?<!segment )(?<!domestic )(?<!other )"
    r"(?:(?P<s>(?:net |consolidated |total )?(?:sales|revenues?(?: from operations)?|top[ -]?line|turnover))"
    r"|(?P<p>(?:consolidated )?(?:net profits?|PAT|profits? after tax|bottom[ -]?line|net income|profits?)))"
    r"(?P<gap> (?:(?:for|in|during) (?:the )?(?:FY ?'?\d\d(?:\d\d)?|TTM|(?:last |past )?(?:fiscal |financial )?year"
    r"|March 20\d\d year|year (?:ended|to) (?:31 )?March (?:31,? )?20\d\d),? )?"
    r"(?:(?:has|have|also|only|sharply|was|were|is|are) ){0,2})"
    r"(?:(?P<up>grew|grown|rose|risen|increased|jumped|surged|climbed|expanded|gained|soared|advanced|up|growing|rising|\u2191)"
    r"|(?P<down>fell|fallen|declined|dropped|slipped|decreased|contracted|shrank|shrunk|down|falling|\u2193)|(?=[+-]\d))"
    r"(?: by)?(?: an?)?(?: (?:healthy|robust|strong|modest|mere|only|sharp|steady))? ?(?P<sign>[+-])?"
    r"(?P<n>\d{1,5}(?:\.\d{1,2})?) ?(?:%|per cent|percent)(?!\w)",
    re.IGNORECASE,
)
_BESIDE = regex(
    r"(?<![\w-])(?:(?P<s>(?:net )?(?:sales|revenues?(?: from operations)?|turnover))"
    r"|(?P<p>net profits?|PAT|profits? after tax))"
    rf" ?\(?(?P<y>FY ?'?\d\d(?:\d\d)?)\)? ?[:-]? ?(?:{RUPEE}) ?[\d,.]{{1,14}} ?(?:{UNIT}),? ?\(?"
    r"(?P<sign>[+-])(?P<n>\d{1,5}(?:\.\d{1,2})?) ?%(?: ?(?:YoY|y-o-y|y/y))?(?!\w| ?(?:QoQ|CAGR))",
    re.IGNORECASE,
)
"""The change beside a year's amount: "Revenue FY25: \u20b910,890 crore, +67% YoY"."""
_YEARLY = regex(
    r"\bFY ?'?\d\d|\bTTM\b|\bLTM\b|trailing (?:twelve|12)|\b(?:fiscal|financial) year\b|\b20\d\d-\d\d\b"
    r"|\bMarch 20\d\d year|\byear (?:ended|to) (?:31 )?March",
    re.IGNORECASE,
)
_NOT_OF_A_YEAR = regex(
    rf"{QUARTERLY.pattern}|(?<!\d){YEARS_BACK}|{FORWARD}|\bCAGR\b|compound|\bannuali[sz]ed"
    r"|annual rate|\bover the (?:last|past)\b"
    r"|\b(?:will|would|could|should|may|might|to grow|likely|expects?|consensus|analysts?|industry|sector|peers?)\b",
    re.IGNORECASE,
)


_ASIDE = regex(rf"\([^()]*(?:\bCAGR\b|(?<!\d){YEARS_BACK})[^()]*\)", re.IGNORECASE)
"""What a clause adds in brackets on growth over several years."""
_TOO = regex(
    r"(?: (?:in|for|during) FY ?'?\d\d(?:\d\d)?)? and (?:its )?(?:(?P<s>(?:net )?(?:sales|revenues?))"
    r"|(?:net )?(?:profits?|PAT)) (?:by )?(?P<n>\d{1,5}(?:\.\d{1,2})?)"
    r" ?(?:%|per cent)(?!\w| (?:of|margin))",
    re.IGNORECASE,
)
"""The other of the two behind one verb: "sales grew 22% and profit 8%"."""


def read_growth(view: str, start: int, end: int) -> list[Fact]:
    """The growth of sales and profit that a sentence tells of a whole year or of twelve months, else nothing."""
    facts = list(_beside(view, start, end))
    at = start
    for stop in (*(m.start() for m in re.finditer(";", view[start:end])), end - start):
        facts += _of_clause(view, at, start + stop)
        at = start + stop
    return facts if len({f.field for f in facts}) == len(facts) else []


def _beside(view: str, start: int, end: int) -> Iterator[Fact]:
    for match in _BESIDE.finditer(view, start, end):
        value = digits_value(match["n"])
        told = time_of(match["y"])
        if value is not None and told:
            field = "sales_growth_pct" if match["s"] else "profit_growth_pct"
            value = -value if match["sign"] == "-" else value
            yield Fact(field, Decimal(value), match.start("sign"), match.end("n"), 1, told)


def _of_clause(view: str, start: int, end: int) -> list[Fact]:
    clause = _ASIDE.sub(lambda m: " " * len(m[0]), view[start:end])
    if not _YEARLY.search(clause) or _NOT_OF_A_YEAR.search(clause):
        return []
    told = set(times(clause))
    if len(told) > 1:
        return []
    time: Time = told.pop() if told else NOW
    facts: list[Fact] = []
    for match in _TOLD.finditer(view, start, end):
        value = digits_value(match["n"])
        if value is None:
            continue
        down = bool(match["down"]) or match["sign"] == "-"
        field = "sales_growth_pct" if match["s"] else "profit_growth_pct"
        facts.append(Fact(field, -value if down else Decimal(value), match.start("n"), match.end(), 1, time))
        too = _TOO.match(view, match.end(), end)
        if too and (value := digits_value(too["n"])) is not None:
            field = "sales_growth_pct" if too["s"] else "profit_growth_pct"
            facts.append(Fact(field, -value if down else Decimal(value), too.start("n"), too.end(), 1, time))
    return facts


_HEADING = regex(
    r"\W*(?:\d[.)] ?)?\W*(?:(?:revenue|sales|earnings|business|financial) )?growth"
    r"(?: (?:metrics|rates?|profile|numbers))?\W{1,4}(?:in |for |yoy,? )?(?P<y>FY ?'?\d\d(?:\d\d)?|TTM)(?: yoy)?\W*$",
    re.IGNORECASE,
)
_BELOW = regex(
    r"\W*(?:(?P<s>(?:net )?(?:sales|revenues?(?: from operations)?|turnover))"
    r"|(?P<p>(?:net )?profits?|PAT|profits? after tax))"
    r"(?: growth)?\s*(?::|-(?= ))\s*(?:(?P<down>down|fell|declined)|up|rose|grew)? ?(?:by )?(?P<sign>[+-])?"
    r"(?P<n>\d{1,4}(?:\.\d{1,2})?) ?%(?! ?(?:margin|CAGR|QoQ|of))",
    re.IGNORECASE,
)
_MOST_BELOW = 6


def growth_blocks(view: str, found: list[Line]) -> list[Fact]:
    """The growth below a heading that tells its year: "Growth (FY25)", then "Revenue: up 44%"."""
    facts: list[Fact] = []
    for i, line in enumerate(found):
        head = _HEADING.match(view, line.body, line.end) if line.end - line.body < 60 else None
        time = time_of(head["y"]) if head else None
        for below in found[i + 1 : i + 1 + _MOST_BELOW] if time else []:
            match = _BELOW.match(view, below.body, below.end)
            value = digits_value(match["n"]) if match else None
            if match is None or value is None or time is None:
                break
            down = bool(match["down"]) or match["sign"] == "-"
            field = "sales_growth_pct" if match["s"] else "profit_growth_pct"
            facts.append(Fact(field, -value if down else Decimal(value), match.start("n"), match.end(), 1, time))
    return facts
