"""Which parts of a text belong to which company: lines that open a part, paragraphs that start with a name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.companies import find_name, is_known_name
from robotrader.core.background_scheduler.parsers.company_mentions import lead_name, surely_company
from robotrader.core.background_scheduler.parsers.fundamental_companies import (
    ABBREVIATIONS,
    GENERAL,
    MINE,
    THIRD,
    is_company,
    likeness,
)
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Line

_TICKER = regex(r"\((?:NSE|BSE)?:?[ ]?([A-Z][A-Z0-9&-]{1,14})(?:\.(?:NS|BO))?\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text and the company it is under: ``mine``, another's name, or None where no heading tells."""

    start: int
    end: int
    owner: str | None


_SECTION = regex(
    r"^(?:\w+(?: \w+)? (?:&|and) )?(?:[A-Z]\w+(?:iency|vency|idity|ility|holding|ership|vernance|iveness|ation|onomics)"
    r"|Leverage|Returns?|Growth|Moat|Safety|Quality|Payouts?|Debt|Momentum|Technicals?|Fundamentals?|Peers?|Risks?"
    r"|Balance Sheet|Cash Flows?|Margins?|Caveats?|Scorecard|Checklist"
    r"|Strengths?|Weakness(?:es)?|Opportunit(?:y|ies)|Threats?|Pros|Cons|Positives|Negatives|\w+ Points)$"
)
"""A heading of one's own part that is no company's: "2. Efficiency"."""
_PIECES = regex(r"\s*(?::|\||\s-\s)\s*")


def parts(view: str, found: list[Line], symbol: str | None) -> list[Part]:
    """The text cut at the lines that open a company's part."""
    heads = [(line, _head_owner(view, line, symbol)) for line in found if _may_head(view, line)]
    own = [line for line, (owner, _) in heads if owner == MINE]
    own_level = min((line.level for line in own), default=None)
    own_apart = any(_apart(view, line) for line in own)
    opened: list[tuple[int, int, str | None]] = []
    plain = _parallel(view, heads) if own_apart else set()
    for line, (owner, sure) in heads:
        if owner is None:
            if (
                opened
                and opened[-1][2]
                and line.level <= min(opened[-1][1], 7)
                and GENERAL.search(view[line.body : line.end])
            ):
                opened.append((line.start, line.level, None))
        elif owner != MINE and _SECTION.match(owner):
            continue
        elif (
            owner == MINE
            or sure
            or (
                line.level == own_level
                and (line.level < 8 or (own_apart and _apart(view, line) and line.start in plain))
            )
        ):
            opened.append((line.start, line.level, owner))
    opened = sorted([*opened, *_run_in(view, found, symbol)], key=lambda o: o[0]) if symbol else opened
    marks = [(0, 0, None), *opened] if not opened or opened[0][0] > 0 else opened
    ends = [m[0] for m in marks[1:]] + [len(view)]
    return [Part(start, end, owner) for (start, _, owner), end in zip(marks, ends, strict=True)]


_VERDICT = regex(
    r"^(?:very |fairly |above |below )?(?:poor|good|average|excellent|strong|weak|high|low|moderate|fair|neutral|bad"
    r"|great|expensive|cheap|attractive|bullish|bearish|loading|locked?|premium|more|menu|home|login|share|buy|sell|hold|nse"
    r"|bse)\W*$|^(?:last )?updated\b|^(?:as (?:on|of)|authors?|by|sources?|download|back to|view|read|about|note)\b",
    re.IGNORECASE,
)
_BLOCK = regex(
    r"\b(?:score|structure|pattern|signals?|context|insights?|indicators?|markets?|checklist|classification|view|zone)$",
    re.IGNORECASE,
)


def _parallel(view: str, heads: list[tuple[Line, tuple[str | None, bool]]]) -> set[int]:
    """Where the plain lines start that can open another company's part.

    What is told below them is told of the own company as well; a page that sets every figure and every remark apart
    has many more such lines, and one company.
    """
    firm = [(line, owner) for line, (owner, _) in heads if owner == MINE or (owner and _nameable(view, line, owner))]
    ends = [line.start for line, _ in firm[1:]] + [len(view)]
    told = [{t.field for t in terms(view, ln.start, end)} - {"other"} for (ln, _), end in zip(firm, ends, strict=True)]
    mine = {name for (_, owner), names in zip(firm, told, strict=True) if owner == MINE for name in names}
    return {
        line.start
        for (line, owner), names in zip(firm, told, strict=True)
        if names and (2 * len(mine & names) >= min(len(mine), len(names)) if mine else " " in (owner or ""))
    }


def _nameable(view: str, line: Line, owner: str) -> bool:
    """The words of a plain line are no verdict, no heading of a block, no ratio and no figure."""
    told = terms(view, line.body, line.end) or figures(view, line.body, line.end)
    return not told and not any(p.search(owner) for p in (_BLOCK, _VERDICT, _SECTION))


_RUN_IN = regex(
    r"(?P<n>[A-Z][\w&'-]*(?:[ ](?:[A-Z&][\w&'-]*|of|and)){0,6})(?:[ ]?\((?P<t>[^()\n]{1,30})\))?[ ]{0,3}"
    r"(?:[.:]|-(?=[ ]))[ ]+(?=\S)"
)


def _run_in(view: str, found: list[Line], symbol: str) -> list[tuple[int, int, str | None]]:
    """Paragraphs that each start with a company's name, as parts of their own, if one of them is ``symbol``'s."""
    named: list[tuple[int, Line, str]] = []
    for i, line in enumerate(found):
        match = _RUN_IN.match(view, line.body, line.end) if line.level >= 8 else None
        name = match["n"] if match else ""
        named_so = is_company(name) and not _VERDICT.search(name)
        if match and named_so and not terms(name, 0, len(name)) and (line.level >= 10 or " " in name):
            named.append((i, line, f"{name} ({match['t']})" if match["t"] else name))
    top = max((likeness(symbol, name) for _, _, name in named), default=0)
    mine = [line for _, line, name in named if top and likeness(symbol, name) == top]
    others = [n for _, line, n in named if line not in mine and line.level == mine[0].level] if mine else []
    if not mine or not any(" " in n or is_known_name(n) for n in others):
        return []
    opened: list[tuple[int, int, str | None]] = []
    for i, line, name in named:
        if line.level != mine[0].level:
            continue
        opened.append((line.start, line.level, MINE if line in mine else name))
        after = found[i + 1] if i + 1 < len(found) else None
        if after is not None and after.level <= line.level and not any(after is n for _, n, _ in named):
            opened.append((after.start, after.level, None))
    return opened


def _apart(view: str, line: Line) -> bool:
    """A line at the beginning of the text or below an empty one."""
    return not view[: line.start].strip() or bool(
        re.search(r"\n[ \t]*\n[ \t]*$", view[max(0, line.start - 40) : line.start])
    )


def _may_head(view: str, line: Line) -> bool:
    length = len(view[line.body : line.end].strip())
    return (line.level <= 7 and length < 140) or (line.level >= 8 and length < 70)


_COUNTED = regex(
    r"^(?:(?:stock|pick|idea|company|rank|no\.?|number|#)[ ]?\d{1,2}|\d{1,2}[.)])[ ]{0,2}[:.)-]?[ ]{1,3}"
    r"|^(?:company|name|stock|symbol|ticker|scrip)(?:[ ]name)?[ ]{0,2}[:=][ ]{0,3}",
    re.IGNORECASE,
)


def _head_owner(view: str, line: Line, symbol: str | None) -> tuple[str | None, bool]:
    """Whose part a line opens, and whether that is beyond doubt."""
    words = _COUNTED.sub("", view[line.body : line.end].strip())
    heading = line.level <= 7
    name = lead_name(words)
    alone = heading or len(words) <= len(name) + 3 or bool(re.match(r"\s*[:-]\s*$", words[len(name) :]))
    if not alone or not name or words.lower().startswith("promoter"):
        return None, False
    pieces = _PIECES.split(words) if heading else []
    if symbol and (
        max(likeness(symbol, n) for n in (name, *pieces)) >= 2 or (heading and bool(find_name(symbol, words)))
    ):
        return MINE, True
    ticker = _TICKER.search(words)
    if ticker and ticker[1] not in ABBREVIATIONS and not re.fullmatch(r"FY\d+", ticker[1]):
        return (MINE if symbol == ticker[1] else ticker[1]), True
    if heading and not is_company(name):
        name = next((n for n in pieces[1:] if surely_company(n)), name)
    return _named_head(name, symbol)


def _named_head(name: str, symbol: str | None) -> tuple[str | None, bool]:
    if not is_company(name) or GENERAL.search(name):
        return None, False
    if symbol and likeness(symbol, name) == 1:
        return MINE, True
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    return bare, surely_company(name) and not THIRD.search(name) and (" " in bare or is_known_name(bare))
