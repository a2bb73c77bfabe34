"""The most lenient layer: a few fields that cannot be mistaken, from sentences with one name and one figure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from robotrader.core.background_scheduler.parsers.earnings_around import is_part
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact, Reading, same_quarter
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token, periods_in, periods_of, tokens
from robotrader.core.background_scheduler.parsers.earnings_parts import opens_part
from robotrader.core.background_scheduler.parsers.numbers import RUPEE, UNIT
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import lines, sentences

_WORTH = regex(rf"(?:{RUPEE})|\d[ ]?(?:{UNIT})", re.IGNORECASE)
_REACH = 15_000
"""Characters; what is said further down is not the first thing a text has to say."""
_PARTS = frozenset(
    ("segment", "division", "business", "vertical", "subsidiary", "arm", "unit", "respectively", "excluding", "ex")
)
_REJECT = frozenset(("prior", "future", "estimate", "other", "range"))


def read_basic(view: str, marks: str, period: Period | None = None) -> Reading:
    """Fields that one sentence states alone, and that no other sentence states differently."""
    periods = periods_of(view)
    seen: dict[str, list[Fact]] = {}
    for line in lines(view, marks)[:3000]:
        if line.start > _REACH:
            break
        if view[line.start : line.end].count("|") > 1:
            continue
        for start, end in sentences(view, line.body, line.end):
            if start <= _REACH and _WORTH.search(view, start, end):
                for fact in _alone(tokens(view, start, end, periods_in(periods, start, end)), view):
                    seen.setdefault(fact.field, []).append(fact)
    quarters = {p.quarter for p in periods if p.quarter} | ({period.quarter} if period and period.quarter else set())
    mixed = len(quarters) > 1 or any(p.kind != "quarter" for p in periods)
    fields = {name: facts[0] for name, facts in seen.items() if len({f.value for f in facts}) == 1}
    return Reading({n: f for n, f in fields.items() if _fits(f, period, mixed)})


def _fits(fact: Fact, period: Period | None, mixed: bool) -> bool:
    """The fact is of the period reported on: it says so, or the text speaks of no other."""
    if fact.period is None:
        return not mixed
    if fact.period.kind != "quarter":
        return False
    return period is None or same_quarter(fact.period, period)


def _alone(items: list[Token], view: str) -> Iterator[Fact]:
    metrics = [t for t in items if t.kind == "metric"]
    money = [t for t in items if t.kind == "money"]
    own = [t.period for t in items if t.kind == "period" and t.period]
    if len(metrics) != 1 or len(money) != 1 or any(t.kind in _REJECT for t in items) or len(own) > 1 or metrics[0].rank:
        return
    metric, amount = metrics[0], money[0].amount
    at = items.index(metric)
    if is_part(metric, items[at - 1] if at else None, view):
        return
    if amount is None or amount.vague or abs(money[0].start - metric.start) > 160 or metric.start > money[0].start:
        return
    if any(t.name in _PARTS or opens_part(items, i) for i, t in enumerate(items)):
        return
    period = own[0] if own else None
    if metric.name in ("revenue_inr", "net_profit_inr", "ebitda_inr", "loss") and amount.rupees is not None:
        name = "net_profit_inr" if metric.name == "loss" else metric.name
        value = -abs(amount.rupees) if metric.name == "loss" else amount.rupees
        yield Fact(name, value, money[0].start, money[0].end, period)
    elif (
        metric.name == "eps_inr" and amount.factor is None and amount.currency == "INR" and abs(amount.value) < 100_000
    ):
        yield Fact("eps_inr", amount.value, money[0].start, money[0].end, period)
