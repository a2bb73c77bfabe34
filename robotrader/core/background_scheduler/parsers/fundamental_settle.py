"""Two companies in one text whose names tell nothing: figures that contradict each other are told apart or left out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.fundamental_facts import Fact, same
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

LEAST = 2
"""Contradicting fields from which on a text is taken to be of several companies."""


def settle(facts: list[Fact], mine: list[Span], view: str, found: list[Line]) -> tuple[list[Fact], list[str]]:
    """Without the figures of another company, where several fields are told twice; and what was left out.

    ``mine`` is where the company asked for is named, in order. Of two figures the one in a sentence that names it
    counts, else the first one behind its name; where its name stands nowhere, neither does.
    """
    groups = {name: _rivals([f for f in facts if f.field == name]) for name in dict.fromkeys(f.field for f in facts)}
    torn = {name: group for name, group in groups.items() if group}
    if len(torn) < LEAST:
        return facts, []
    starts = [a for a, _ in mine]
    told = [s for line in found for s in sentences(view, line.body, line.end)]
    named = [(a, b) for a, b in told if bisect_left(starts, a) < bisect_left(starts, b)]
    kept: list[Fact] = [f for f in facts if f.field not in torn]
    lost: list[str] = []
    for name, group in torn.items():
        own = _own(group, named, min((b for _, b in mine), default=None))
        kept += own
        if not own:
            values = " and ".join(dict.fromkeys(str(f.value) for f in group))
            lost.append(f"{name}: the text gives {values}, and not whose each is; it is left empty")
    return kept, lost


def _rivals(group: list[Fact]) -> list[Fact]:
    """The best readings of one field where they contradict each other."""
    best = min(group, key=lambda f: (f.rank, -f.time[0], -f.time[1], f.about, f.start))
    peers = [f for f in group if (f.rank, f.time, f.about) == (best.rank, best.time, best.about)]
    return peers if any(isinstance(f.value, Decimal) and not same(f.value, best.value) for f in peers) else []


def _own(group: Iterable[Fact], named: list[Span], first: int | None) -> list[Fact]:
    inside = [f for f in group if any(a <= f.start < b for a, b in named)]
    if inside and all(same(f.value, inside[0].value) for f in inside):
        return inside
    behind = sorted((f for f in (inside or group) if first is not None and f.start >= first), key=lambda f: f.start)
    return behind[:1]
