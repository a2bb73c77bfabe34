"""By how many percent profit or EPS beat (+) or missed (-) what analysts expected; a surprise in revenue is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.json_text import plain_key
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import sentences

_N = r"(?P<sign>[-+(]{0,2})[ ]?(?P<n>\d{1,3}(?:\.\d{1,4})?)\)?[ ]?(?:%|per ?cent\b|pct\b)"
_VIEW = (
    r"(?:(?:the|our|its|their|of|all|most|average|median|mean|analysts?'?s?|street'?s?|market|bloomberg|consensus"
    r"|brokerages?'?|dalal|poll(?:ed)?|earnings|profit|EPS|PAT) ){0,5}"
    r"(?:estimates?|expectations?|consensus|forecasts?|street|polls?|projections?)\b"
)
_BEAT = (
    r"beat(?:s|ing)?|exceed(?:s|ed|ing)?|top(?:s|ped|ping)|surpass(?:es|ed|ing)?|outpac(?:es|ed|ing)"
    r"|(?:came in |was |were |stood )?(?:above|ahead of|better than|higher than)"
)
_MISS = (
    r"miss(?:es|ed|ing)?|lag(?:s|ged|ging)|trail(?:s|ed|ing)|undershot|(?:falls|fell|falling|came in) short of"
    r"|(?:came in |was |were |stood )?(?:below|lower than|worse than|short of|under)"
)
_SHAPES = tuple(
    regex(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:(?P<up>{_BEAT})|(?P<down>{_MISS})) {_VIEW}(?: [^\W\d]\w*){{0,4}}? by (?:about |around |nearly )?{_N}",
        (
            rf"{_N} (?:(?P<up>above|ahead of|higher than|better than|more than|beat (?:on|vs|to|over|versus))"
            rf"|(?P<down>below|lower than|worse than|less than|short of|under|behind|miss (?:on|vs|to|versus))) {_VIEW}"
        ),
        (
            r"\b(?:(?P<up>positive|upside)|(?P<down>negative|downside)) (?:earnings |EPS |profit )?surprise"
            rf" (?:of|was|:) ?{_N}"
        ),
        (
            rf"\b(?:earnings|EPS|PAT|profit|net profit) surprise(?: ?\(%\)| percent\w*)?[ ]{{0,2}}(?:of|was|is|at|:"
            rf"|\|)[ |]{{0,4}}{_N}"
        ),
        rf"\(?(?<!revenue )(?<!sales )\bsurprise(?: ?\(%\))?[ ]?[:|][ |]{{0,4}}{_N}",
        (
            rf"{_N} (?:positive )?(?:earnings |EPS |profit )?(?:(?P<up>beat)|(?P<down>miss))\b(?! (?:on|in"
            rf"|for) (?:revenue|sales|top))"
        ),
    )
)
_PROFIT = regex(
    r"\b(?:net profits?|profits?|PAT|earnings(?! call)|EPS|net income|bottom ?-?line|loss)\b", re.IGNORECASE
)
_OTHER = regex(
    r"\b(?:revenues?|sales|turnover|top ?-?line|EBITDA|EBIT|NII|interest income|margins?|income(?! tax)|volumes?"
    r"|deposits?"
    r"|provisions?|asset quality|orders?|AUM)\b",
    re.IGNORECASE,
)
_KEY = regex(r"(?:^|_)(?:surprise|beat|miss)(?:_|$)|(?:eps|earnings|profit|pat)surprise")
_NO_KEY = regex(
    r"revenue|sales|topline|top_line|turnover|ebitda|margin|nii|(?<!net_)income|prev|prior|last|ago|history|target|next"
)
_NET = regex(r"\bnet[ ]$", re.IGNORECASE)
_CLAUSE = regex(r";|\||,? (?:while|whereas|but|although|though)\b", re.IGNORECASE)


_VALUE = regex(
    r"(?:(?:beat|above|positive|up)|(?P<down>miss(?:ed)?|below|negative|down))?(?: by)? ?"
    r"(?P<sign>[-+(]{0,2})[ ]?(?P<n>\d{1,3}(?:\.\d{1,17})?)[ ]?(?:%|per ?cent|percent)?\)?"
    r"(?: ?\(?(?:beat|above (?:consensus|estimates?)|(?P<after>miss|below (?:consensus|estimates?)))\)?)?$",
    re.IGNORECASE,
)
_MISSES = regex(r"(?<![a-z])miss(?![a-z])(?!.*beat)(?<!beat_or_miss)", re.IGNORECASE)
_MOST = 500
"""A surprise of more percent than this is the ratio of two tiny figures, or misread."""


def surprises(view: str) -> list[Fact]:
    """Every surprise that a sentence states for profit or EPS; profit has the better rank."""
    found: list[Fact] = []
    at = 0
    for line in view.split("\n"):
        if "%" in line or "cent" in line or "pct" in line:
            for start, end in sentences(view, at, at + len(line)):
                found += _of_sentence(view, start, end)
        at += len(line) + 1
    return found


def is_surprise(path: Sequence[str]) -> bool:
    """The keys of JSON lead to the surprise in profit or EPS."""
    keys = [plain_key(k) for k in path]
    return bool(keys and _KEY.search(keys[-1])) and not any(_NO_KEY.search(k) for k in keys)


def surprise_value(path: Sequence[str], words: str) -> Decimal | None:
    """The percentage that JSON gives as a surprise; None where the value or its key does not say that it is one."""
    told = re.search(r"pct|percent|%", "_".join(path).lower()) or re.search(r"%|per ?cent", words)
    match = _VALUE.match(words.strip()) if told else None
    if match is None or Decimal(match["n"]) > _MOST:
        return None
    negative = (
        "-" in match["sign"] or match["down"] or match["after"] or "(" in match["sign"] or _MISSES.search(path[-1])
    )
    return -Decimal(match["n"]) if negative else Decimal(match["n"])


def _of_sentence(view: str, start: int, end: int) -> Iterator[Fact]:
    taken: list[tuple[int, int]] = []
    for shape in _SHAPES:
        for match in shape.finditer(view, start, end):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            taken.append(match.span())
            rank = _about(view, start, match, end)
            groups = match.groupdict()
            value = Decimal(match["n"])
            negative = "-" in match["sign"] or "(" in match["sign"] or bool(groups.get("down"))
            if rank is not None and value <= _MOST:
                span = (match.start("n"), match.end())
                yield Fact("surprise_pct", -value if negative else value, *span, rank=rank)


def _about(view: str, start: int, match: re.Match[str], end: int) -> int | None:
    """0 where the surprise is that of profit, 1 of EPS, None of anything else."""
    said = _last_named(match[0])
    if said is None:
        cuts = [start, *(m.end() for m in _CLAUSE.finditer(view, start, match.start())), match.start()]
        for a, b in reversed(list(pairwise(cuts))):
            said = _last_named(view[a:b])
            if said is not None:
                break
    if said is None and re.match(r"[^,;.\n]{0,6}(?:on|in|for) ", view[match.end() : match.end() + 12]):
        said = _last_named(view[match.end() : min(end, match.end() + 40)])
    return None if said in (None, "other") else 1 if said == "eps" else 0


def _last_named(words: str) -> str | None:
    """``profit``, ``eps`` or ``other``: what the words name last."""
    named = [(m.start(), "eps" if m[0].lower() == "eps" else "profit") for m in _PROFIT.finditer(words)]
    named += [
        (m.start(), "profit" if m[0].lower() == "income" and _NET.search(words[: m.start()]) else "other")
        for m in _OTHER.finditer(words)
    ]
    return max(named)[1] if named else None
