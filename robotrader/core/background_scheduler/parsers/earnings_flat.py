"""Bullets that lost their line ends, made lines again: "EBITDA up 20% to Rs 90 crore PAT rose 5% to Rs 41 crore"."""

from __future__ import annotations

from robotrader.core.background_scheduler.parsers.patterns import regex

_NAME = (
    r"(?:(?:Consolidated|Standalone|Total|Net|Gross|Operating|Reported|Adjusted|Cash|Overall) ){0,3}"
    r"(?:Revenues?(?: from [Oo]perations?)?|Income(?: from [Oo]perations?)?|Sales|EBITDA(?: [Mm]argins?)?"
    r"|PAT(?: [Mm]argins?)?|PBT|EBIT|EPS|Profits? [Bb]efore [Tt]ax|Profits? [Aa]fter [Tt]ax|Profits?|Loss|Debt)"
)
_GROWN = (
    r"(?:grew|rose|increased|decreased|declined|fell|dropped|surged|jumped|improved|expanded|contracted|stood|was|were"
    r"|is|came|up|down|narrowed|widened|slipped|climbed|soared|more|reduced|remained|at(?= (?:Rs|INR|\u20b9))"
    r"|of(?= (?:Rs|INR|\u20b9)))"
)
_SEAM = regex(
    rf"(?:(?<=crore)|(?<=crores)|(?<=\bcr)|(?<=\bCr)|(?<=million)|(?<=billion)|(?<=lakh)|(?<=lakhs)|(?<=\bmn)|(?<=\bbn)"
    rf"|(?<=\d%)|(?<=[yY]o[yY])|(?<=[qQ]o[qQ])|(?<=Y-o-Y)|(?<=Q-o-Q)|(?<=bps)|(?<=results)|(?<=Highlights:))[ ]"
    rf"(?={_NAME}(?: \([A-Za-z ]{{2,24}}\))?(?: (?:for|in) (?:Q[1-4]|H[12]|9M|FY)[\w' ]{{2,8}}?)?"
    rf"(?:[ ]?:[ ]| {_GROWN}\b))"
)
_LEAST = 2
"""Seams in one line that show it is such a text."""


def unflattened(view: str) -> str:
    """``view`` with each name of a figure that follows a figure without a mark on a line of its own, as long as before.

    Only lines with several such seams are changed.
    """
    chars: list[str] | None = None
    at = 0
    for piece in view.split("\n"):
        seams = [m.start() for m in _SEAM.finditer(piece)] if "|" not in piece else []
        if len(seams) >= _LEAST:
            chars = chars or list(view)
            for place in seams:
                chars[at + place] = "\n"
        at += len(piece) + 1
    return "".join(chars) if chars else view
