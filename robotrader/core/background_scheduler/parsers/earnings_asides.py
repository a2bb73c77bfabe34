"""Figures told beside others in one sentence: ranges, changes, the EPS of a profit, a margin, the longer period."""

from __future__ import annotations

import re
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.earnings_around import between, is_change
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_state import State
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period

_LINKS = frozenset(("of", "at", "is", "was", "were", "stood", "came", "for", "the", "in", "during", "reported", "q"))


def has_own_amount(items: list[Token], i: int) -> bool:
    """A name has its amount behind it, the one before it is another's: "EBITDA is Rs 14 crore PAT is Rs 9 crore"."""
    for token in items[i + 1 : i + 7]:
        if token.kind == "money":
            return True
        if not (token.kind in (":", "period") or (token.kind == "word" and token.name in _LINKS)):
            return False
    return False


def grows_next(items: list[Token], i: int) -> bool:
    """The growth of the figure follows the brackets with its earlier amount: "(H1 FY25: Rs 61 crore), +60.3%"."""
    ahead = [t for t in items[i + 1 : i + 6] if t.kind not in (",", "(", "yoy", "qoq")]
    if not ahead:
        return False
    return ahead[0].signed or (ahead[0].kind in ("up", "down") and ahead[1:2] != [] and ahead[1].kind == "percent")


def is_own_margin(state: State, items: list[Token], i: int) -> bool:
    """A margin of the figure that is spoken of: "PAT stood at Rs 25 crore, reflecting a margin of 15.7%"."""
    if items[i].name not in ("margin", "margins") or state.metric is None or state.prior >= 0 or state.future:
        return False
    behind = [t for t in items[max(0, i - 2) : i] if t.kind != "("]
    if not behind or behind[-1].name not in ("a", "at", "with", "of", "and", ","):
        return False
    ahead = items[i + 1 : i + 3]
    told = next((t for t in ahead if t.kind == "percent"), None)
    if told is None or (ahead[0] is not told and ahead[0].name not in ("of", "at", "was", "stood", "is")):
        return False
    state.margin = told
    return True


def told_behind(state: State, items: list[Token], i: int) -> bool:
    """The basis stands behind its figure: "PAT was Rs 16 crore (+27% YoY) on a consolidated basis"."""
    behind = [t.name for t in items[max(0, i - 2) : i]]
    ahead = items[i + 1].name if i + 1 < len(items) else ""
    if ahead != "basis" or "on" not in behind or not state.metric or not state.has_money or not state.facts:
        return False
    at = items.index(state.metric) if state.metric in items else -1
    near = items[at + 1 : i]
    run = state.facts[-1 - len(state.grown) :]
    own = len(run) == 1 + len(state.grown) and all(f.start >= state.metric.start and f.basis is None for f in run)
    return at >= 0 and own and not any(t.kind in (";", "|", "cut", "other", "basis") for t in near)


_LONGER = ("half", "nine", "year")


def give_longer(state: State, items: list[Token], i: int, period: Period) -> None:
    """Give the last amount the longer period behind it: "a profit of Rs 9 crore for Q2, and of Rs 17 crore for H1"."""
    near = items[max(0, i - 3) : i]
    behind = [t for t in near if not (t.kind == "word" and t.name in ("for", "in", "during", "the"))]
    if period.kind not in _LONGER or not state.facts or not state.metric or not behind or len(behind) == len(near):
        return
    if behind[-1].kind == "money" and behind[-1].start == state.facts[-1].start:
        state.facts[-1] = replace(state.facts[-1], period=period)


_A_SHARE = regex(r"[ ]?(?:/|per|a|an?)[ ]?(?:equity[ ])?share\b", re.IGNORECASE)


def set_aside(state: State, items: list[Token], i: int, text: str) -> bool:
    """An amount that is not the figure itself: one end of a range, the EPS beside a profit, the size of a change."""
    token = items[i]
    if between(items, i) or _of_several(state, items, i, text):
        state.metric = None
        return True
    beside = state.has_money and not state.prior_amount and items[i - 1].name in ("or", "(")
    if beside and _A_SHARE.match(text, token.end):
        _share_of(state, token)
        return True
    if token.amount and is_change(items, i):
        name = state.metric.name if state.metric else ""
        state.facts.append(Fact(f"change:{name}", token.amount.value, token.start, token.end, state.period))
        return True
    return False


def _of_several(state: State, items: list[Token], i: int, text: str) -> bool:
    """One of amounts that slashes join behind as many names: "Revenue | PAT at Rs 134 cr / Rs 21 cr"."""
    at = items.index(state.metric) if state.metric in items else 0
    if at < 1 or not state.metric:
        return False
    marked = items[at - 1].kind in ("|", ",") and at > 1
    before = items[at - 2] if marked else items[at - 1]
    if before.kind not in ("metric", "other") or not (marked or "/" in text[before.end : state.metric.start]):
        return False
    pairs = (items[i : i + 2], items[i - 1 : i + 1])
    return any(
        len(p) > 1 and p[0].kind == p[1].kind == "money" and text[p[0].end : p[1].start].strip() == "/" for p in pairs
    )


def _share_of(state: State, token: Token) -> None:
    """The EPS told beside a profit: "a net profit of Rs 62 crore, or Rs 6.45 per share"."""
    amount, metric = token.amount, state.metric
    if amount and metric and metric.name == "net_profit_inr" and amount.factor is None and amount.currency == "INR":
        state.facts.append(Fact("eps_inr", amount.value, token.start, token.end, state.period, state.basis, 1))
