"""Several names and as many figures in their order: "revenue and PAT at Rs 410 crore and Rs 22 crore respectively"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_state import Context
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period

_JOIN = regex(r"[ ]?(?:/|\||,|&|and|,[ ]?and)[ ]?", re.IGNORECASE)
_GROWING = {"revenue_inr": "revenue", "net_profit_inr": "profit"}


@dataclass(frozen=True, slots=True)
class Listed:
    """The facts of a list, and the places of the tokens that belong to it."""

    facts: tuple[Fact, ...]
    used: frozenset[int]


def read_list(items: list[Token], context: Context, text: str) -> Listed | None:
    """The first list of names in a sentence with the lists of amounts and percentages behind it; None without one.

    Names that are joined by slashes are a list in any case: no single figure behind them is one name's.
    """
    names = _run(items, 0, ("metric", "other"), text)
    if len(names) < 2 or not any(items[i].kind == "metric" for i in names):
        return None
    slashed = any("/" in text[items[a].end : items[b].start] for a, b in pairwise(names))
    period = _period(items, names[-1], context)
    used: set[int] = set(names)
    facts: list[Fact] = []
    for run in _figures(items, names, text):
        if len(run) == len(names):
            found = [_fact(items, i, j, names[-1], period, context) for i, j in zip(names, run, strict=True)]
            facts += [f for f in found if f]
        if len(run) == len(names) or slashed:
            used |= set(run)
    return Listed(tuple(facts), frozenset(used)) if facts or slashed else None


def run_before(items: list[Token], told: int) -> int:
    """Where the figures begin that a "respectively" at ``told`` closes; 0 where no names with amounts stand before."""
    kind = next((t.kind for t in reversed(items[:told]) if t.kind in ("percent", "money")), "")
    first = told
    for i in range(told - 1, -1, -1):
        if items[i].kind == kind:
            first = i
        elif items[i].kind not in (",", "yoy", "qoq") and items[i].name not in _LIST_WORDS:
            break
    amounts = sum(t.kind == "money" for t in items[:first])
    return first if kind == "percent" and amounts > 1 else 0


_LIST_WORDS = ("and", "&", "by", "on", "a", "basis", "year", "quarter", "over")


def each_growth(items: list[Token], first: int, told: int, facts: list[Fact]) -> list[Fact]:
    """The percentages of ``items[first:told]`` as growths of the amounts told before them, one each."""
    run = [t for t in items[first:told] if t.kind == "percent"]
    amounts = [f for f in facts if f.field in _GROWN]
    near = items[max(0, first - 4) : first]
    ways = ["up" if t.name == "gains" else t.kind for t in near if t.kind in ("up", "down") or t.name == "gains"]
    if len(run) != len(amounts) or len({f.field for f in amounts}) != len(amounts) or len(set(ways)) > 1:
        return []
    kind = next((t.kind for t in items[first : told + 4] if t.kind in ("yoy", "qoq")), "yoy")
    found = []
    for token, fact in zip(run, amounts, strict=True):
        base = _GROWING.get(fact.field)
        if base and token.percent is not None and (ways or token.signed):
            value = -token.percent if ways and ways[0] == "down" else token.percent
            field = f"{base}_{kind}_pct"
            found.append(Fact(field, value, token.start, token.end, fact.period, fact.basis, fact.rank))
    return found


_GROWN = ("revenue_inr", "net_profit_inr", "ebitda_inr")


def _figures(items: list[Token], names: list[int], text: str) -> list[list[int]]:
    """The runs of amounts and of percentages behind the names, up to the next name."""
    stops = (";", "|", "\n", "cut", "metric")
    end = next((i for i in range(names[-1] + 1, len(items)) if items[i].kind in stops), len(items))
    if not any(t.kind in ("prior", "estimate", "future") for t in items[names[-1] + 1 : end]):
        every = [[i for i in range(names[-1] + 1, end) if items[i].kind == kind] for kind in ("money", "percent")]
        return [run for run in every if run]
    runs, at = [], names[-1] + 1
    while at < end:
        run = _run_at(items, at, ("money", "percent"), text)
        runs += [run] if run else []
        at = run[-1] + 1 if run else at + 1
    return runs


def _run(items: list[Token], start: int, kinds: tuple[str, ...], text: str) -> list[int]:
    for i in range(start, len(items)):
        if items[i].kind in kinds and len(run := _run_at(items, i, kinds, text)) > 1:
            return run
    return []


def _run_at(items: list[Token], start: int, kinds: tuple[str, ...], text: str) -> list[int]:
    """Tokens of one kind with nothing but a slash, a comma or "and" between them."""
    if items[start].kind not in kinds:
        return []
    run = [start]
    for i in range(start + 1, len(items)):
        if items[i].kind == items[start].kind or (kinds[0] == "metric" and items[i].kind in kinds):
            if not _JOIN.fullmatch(text, items[run[-1]].end, items[i].start):
                break
            run.append(i)
        elif items[i].kind not in (",", "|") and items[i].name not in ("and", "&"):
            break
    return run


def _period(items: list[Token], names_end: int, context: Context) -> Period | None:
    """The one quarter the sentence speaks of, else the one that is spoken of around."""
    told = [t.period for t in items if t.kind == "period" and t.period]
    return told[0] if len({(p.kind, p.year, p.quarter) for p in told}) == 1 else context.period if not told else None


def _fact(
    items: list[Token], name: int, figure: int, last: int, period: Period | None, context: Context
) -> Fact | None:
    """One name with its figure; ``last`` is the place of the last name."""
    metric, token, between = items[name], items[figure], items[last + 1 : figure]
    read = _growth if token.kind == "percent" else _amount
    told = read(metric, token, between) if metric.kind == "metric" else None
    if told is None:
        return None
    field, value = told
    if token.kind == "percent":
        behind = next((t.kind for t in items[figure + 1 : figure + 8] if t.kind in ("yoy", "qoq")), None)
        field = f"{field}_{behind or context.against or 'yoy'}_pct"
    return Fact(field, value, token.start, token.end, period, context.basis, metric.rank)


def _growth(metric: Token, token: Token, between: list[Token]) -> tuple[str, Decimal] | None:
    ways = [t.kind for t in between if t.kind in ("up", "down")]
    base = _GROWING.get(metric.name)
    if base is None or token.percent is None or not (ways or token.signed):
        return None
    return base, -token.percent if ways and ways[0] == "down" else token.percent


def _amount(metric: Token, token: Token, between: list[Token]) -> tuple[str, Decimal] | None:
    amount = token.amount
    if amount is None or amount.vague or any(t.kind in ("prior", "estimate", "future") for t in between):
        return None
    if metric.name == "eps_inr":
        return ("eps_inr", amount.value) if amount.factor is None and amount.currency == "INR" else None
    if amount.rupees is None or metric.name not in ("revenue_inr", "net_profit_inr", "ebitda_inr", "loss"):
        return None
    if metric.name == "loss":
        return "net_profit_inr", -abs(amount.rupees)
    return metric.name, amount.rupees
