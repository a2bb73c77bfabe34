"""The most lenient layer: a sentence with one ratio's name and one figure that can only be its own."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers import fundamental_terms as words
from robotrader.core.background_scheduler.parsers.fundamental_facts import GROWTH, NOW, Fact, Reading
from robotrader.core.background_scheduler.parsers.fundamental_lines import LESSON, paragraphs
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_values import EXACT, amount, figures, fits
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import lines, sentences

_DOUBT = regex(
    r"\b(?:from|by|vs|versus|against|than|compared|not|no|never|n't|peak|once|earlier|was|were|had|below|above|over"
    r"|under|another"
    r"|other|competitor|rival|rose|fell|up|down|per cent of|of (?:its|the) (?:sales|revenue|profit))\b",
    re.IGNORECASE,
)
_KINDS = {"pe": ("times",), "pb": ("times",), "debt_to_equity": ("times",), "current_ratio": ("times",)}


def read_basic(view: str, marks: str) -> Reading:
    """Fields that one sentence states alone, and that no other sentence states differently."""
    flat = view.replace("\n", " ")
    seen: dict[str, list[Fact]] = {}
    for start, end in paragraphs(view, lines(view, marks)[:3000]):
        if LESSON.match(flat, start, end):
            continue
        for a, b in sentences(flat, start, end):
            if b - a < 240 and flat.count("|", a, b) <= 1:
                fact = _alone(flat, a, b)
                if fact:
                    seen.setdefault(fact.field, []).append(fact)
    return Reading({n: f[0] for n, f in seen.items() if len({x.value for x in f}) == 1})


def _alone(view: str, start: int, end: int) -> Fact | None:
    names = terms(view, start, end)
    values = figures(view, start, end) if len(names) == 1 else []
    if len(values) != 1 or values[0].status != EXACT:
        return None
    name, value = names[0].field, values[0]
    sentence = view[start:end]
    if name in GROWTH or name in ("other", "eps", "fair_value_inr") or not fits(name, value, alone=False):
        return None
    if value.kind not in _KINDS.get(name, (value.kind,)) or words.not_own(sentence) or _DOUBT.search(sentence):
        return None
    told = amount(name, value)
    if told is None or abs(names[0].start - value.start) > 100:
        return None
    return Fact(name, told, value.start, value.end, 0, NOW)
