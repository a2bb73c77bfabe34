"""Percentages in results prose: which figure grew or shrank by them, and compared with what."""

from __future__ import annotations

import itertools
from dataclasses import replace

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_state import GAP, Context, State
from robotrader.core.background_scheduler.parsers.periods import Period


def read_percent(state: State, items: list[Token], i: int, context: Context) -> None:
    """Give a percentage to the figure it belongs to, or keep it for the name that follows."""
    token = items[i]
    if token is state.margin:
        _own_margin(state, token)
        return
    if token.kind != "percent" or state.future or (state.prior >= 0 and i - state.prior <= 4 and not _closes(items, i)):
        return
    if i + 1 < len(items) and items[i + 1].name == "of" and not (i + 2 < len(items) and items[i + 2].kind == "money"):
        return
    following = items[i + 1 : i + 5] if i + 1 < len(items) and items[i + 1].kind not in (",", ";", ")") else []
    following = list(itertools.takewhile(lambda t: t.kind in ("yoy", "qoq", "word", "other", "cut"), following))
    if any(
        t.name in ("excluding", "adjusted", "like-for-like", "constant", "ex", "cagr", "hoh", "h-o-h")
        or "margin" in t.name
        for t in following
    ):
        return
    if _of_estimate(items, i):
        return
    metric = state.metric
    if metric and metric.name == "net_margin_pct":
        if (
            not state.has_money
            and state.gap <= GAP["percent"]
            and _is_level(items, i, metric)
            and token.percent is not None
        ):
            state.has_money = True
            state.facts.append(Fact("net_margin_pct", token.percent, token.start, token.end, state.period, state.basis))
        return
    ahead = _named_after(items, i)
    if metric and not ahead and state.gap <= GAP["percent"]:
        at = items.index(metric) if metric in items else 0
        now = replace(context, period=state.period if state.own_period else context.period)
        rough = i > 0 and items[i - 1].name in _ABOUT
        grow(state, token, direction_of(items, i, i, at), compared_with(items, i, i, now, at), rough=rough)
    elif ahead or metric is None:
        state.leading = token if _leads(items, i) else None


def _own_margin(state: State, token: Token) -> None:
    """The margin told beside a figure, which is a field of its own only where the figure is the profit."""
    if state.metric and state.metric.name == "net_profit_inr" and token.percent is not None:
        state.facts.append(Fact("net_margin_pct", token.percent, token.start, token.end, state.period, state.basis))


def _closes(items: list[Token], i: int) -> bool:
    """The growth itself, behind both amounts: "Rs 90 crore vs Rs 80 crore (+12% YoY)"."""
    token = items[i]
    before = list(itertools.takewhile(lambda t: t.kind in ("(", "up", "down", "yoy", "qoq"), reversed(items[:i])))
    at = i - len(before) - 1
    behind = [t.kind for t in items[i + 1 : i + 3]]
    told = token.signed or any(t.kind in ("up", "down") for t in before)
    told = told or behind in (["up", ")"], ["down", ")"])
    return told and at >= 0 and items[at].kind == "money"


def _of_estimate(items: list[Token], i: int) -> bool:
    """The percentage is a surprise: "12% higher than analysts expected", "Revenue surprise: 2%"."""
    if any(t.name in ("surprise", "beat", "miss") for t in items[max(0, i - 3) : i]):
        return True
    ahead = items[i + 1 : i + 2]
    if not ahead or not (ahead[0].kind in ("up", "down") or ahead[0].name in _SET_AGAINST):
        return False
    near = itertools.takewhile(lambda t: t.kind in ("word", "prior", "up", "down", "estimate"), items[i + 1 : i + 10])
    return any(t.kind == "estimate" for t in near)


_SET_AGAINST = ("above", "below", "ahead", "better", "worse", "more", "less", "short", "beat", "miss")


def _is_level(items: list[Token], i: int, metric: Token) -> bool:
    between = items[items.index(metric) + 1 : i] if metric in items else []
    if not any(t.kind in ("up", "down") for t in between):
        return True
    return any(t.name in ("to", "at") for t in between[-2:])


def _leads(items: list[Token], i: int) -> bool:
    """A percentage before its name: "a 16.6% decline in net profit", "15% revenue rise"."""
    for token in items[i + 1 : i + 9]:
        if token.kind == "metric":
            return True
        if token.kind in ("up", "down", "yoy", "qoq", "basis", "period"):
            continue
        if (
            token.kind in ("(", ")")
            or token.name
            in ("in", "its", "the", "on", "a", "basis", "to", "of", "for", "sharp", "quarterly", "rise-on", "s")
            or token.name.endswith("'s")
        ):
            continue
        return False
    return False


def _named_after(items: list[Token], i: int) -> bool:
    """What follows names the percentage itself: "and 12% revenue growth"."""
    nearest = next((t for t in items[i + 1 : i + 4] if t.kind not in ("up", "down", "yoy", "qoq", "basis")), None)
    if nearest is None or not _leads(items, i) or _is_told(items, i, nearest):
        return False
    return nearest.kind == "metric" or (
        nearest.name == "in" and any(t.kind in ("up", "down") for t in items[i + 1 : i + 3])
    )


def _is_told(items: list[Token], i: int, nearest: Token) -> bool:
    """The growth is told already, and a new name follows without a mark: "grew 1.2% YoY Consolidated EBITDA is"."""
    at = items.index(nearest)
    against = any(t.kind in ("yoy", "qoq") for t in items[i + 1 : at])
    return against and nearest.kind == "metric" and items[i - 1].kind in ("up", "down") and i > 1


def direction_of(items: list[Token], i: int, metric_at: int, floor: int = 0) -> int | None:
    """1 for growth, -1 for a fall, None where no word says which way."""
    told = _told_way(items, i)
    if told is not None:
        return told
    if i > 1 and items[i - 1].name == "by" and items[i - 2].kind == "metric":
        floor = 0  # "EBITDA grew by 17% and PAT by 10%"
    for back in range(i - 1, max(floor, 0) - 1, -1):
        kind = items[back].kind
        if kind in ("up", "down"):
            return 1 if kind == "up" else -1
        if kind in (";", "|", "cut") or (kind == "money" and items[back].amount and i - back > 6):
            break
    for ahead in items[i + 1 : i + 6]:
        if ahead.kind in ("up", "down"):
            return 1 if ahead.kind == "up" else -1
        if ahead.kind in (";", "|", ",", "money", "percent") or (ahead.kind == "metric" and metric_at == i):
            break
    if metric_at > i:
        following = next((t for t in items[metric_at + 1 : metric_at + 3] if t.kind in ("up", "down")), None)
        return None if following is None else 1 if following.kind == "up" else -1
    return _bare_way(items, i)


def _bare_way(items: list[Token], i: int) -> int | None:
    """Growth with no word for it behind the amount: "Rs 90 crore, 17.8% YoY"; in brackets a fall: "(6.8%) QoQ"."""
    fell = [t.kind for t in items[max(0, i - 1) : i + 2]] == ["(", "percent", ")"]
    against = items[i + 1 + fell].name if i + 1 + fell < len(items) else ""
    if against not in _SHORT:
        return None
    behind = [t for t in items[:i] if t.kind not in (",", "(", ")")]
    while len(behind) >= 2 and behind[-1].kind in ("yoy", "qoq") and behind[-2].kind == "percent":
        behind = behind[:-2]
    if not behind or behind[-1].kind != "money":
        return None
    return -1 if fell else 1


_SHORT = frozenset(("yoy", "qoq", "y-o-y", "q-o-q", "y/y", "q/q"))


def _told_way(items: list[Token], i: int) -> int | None:
    """The direction that a percentage has of itself, by its key or on its other side: "a 10% jump and a 5% dip"."""
    if items[i].signed or _keyed(items, i) or _changed(items, i):
        return 1
    after = items[i + 1].kind if i + 1 < len(items) else ""
    if after not in ("up", "down") or any(t.kind in ("up", "down") for t in items[max(0, i - 2) : i]):
        return None
    return 1 if after == "up" else -1


def _changed(items: list[Token], i: int) -> bool:
    """The percentage is a change as statements tell it, with its sign if it has one: "change 15%", "a change of 9%"."""
    behind = [t for t in items[max(0, i - 3) : i] if not (t.kind == ":" or t.name in ("of", "in", "is"))]
    joined = len(behind) >= 2 and behind[-1].name == "and" and behind[-2].kind in ("yoy", "qoq")
    if joined:
        at = next((k for k in range(i - 3, -1, -1) if items[k].kind == "percent"), None)
        return at is not None and not items[at].signed and _changed(items, at)
    return bool(behind) and behind[-1].name == "change"


def _keyed(items: list[Token], i: int) -> bool:
    """The percentage is the value of a key that says growth: "Revenue YoY: 7.4%"."""
    before = [t for t in items[max(0, i - 6) : i] if t.kind not in ("(", ")")]
    return (
        len(before) >= 2 and before[-1].kind in (":", "=") and before[-2].kind in ("yoy", "qoq") and len(items) <= i + 3
    )


def compared_with(items: list[Token], i: int, metric_at: int, context: Context, floor: int = 0) -> str:
    """``yoy`` or ``qoq``: what the words around a percentage compare with; a year earlier where they do not say."""
    near = _compared_beside(items, i, metric_at, context)
    if near:
        return near
    if len(items) > 2 and items[0].kind in ("yoy", "qoq") and items[1].kind == ":":
        return items[0].kind
    behind = _compared_before(items, i, max(floor, i - 8, 0), context.period)
    if not behind and len(items) > 1 and items[0].kind == "prior" and items[1].kind == "period":
        behind = step_between(context.period, items[1].period)  # "Compared with Q2 FY26, sales were up 25%"
    if behind:
        return behind
    opening = items[: max(floor, 0)]
    if (
        context.against is None
        and opening
        and all(t.kind in ("word", "qoq", ",") or t.name in ("however", "though") for t in opening)
        and any(t.kind == "qoq" for t in opening)
    ):
        return "qoq"
    return context.against or "yoy"


def _compared_beside(items: list[Token], i: int, metric_at: int, context: Context) -> str | None:
    """What the words right around a percentage compare with, those behind it first."""
    if i > 1 and items[i - 1].kind == "(" and items[i - 2].kind in ("yoy", "qoq"):
        return items[i - 2].kind  # "vs 132.6 Cr YoY (+48%)"
    for ahead in items[i + 1 : i + 14]:
        if ahead.kind in ("yoy", "qoq"):
            return ahead.kind
        against = step_between(context.period, ahead.period) if ahead.kind == "period" else None
        if against and items[items.index(ahead) - 1].kind in ("prior", "word"):
            return against
        if ahead.kind in ("percent", ";", "|", "cut") or (ahead.kind == "metric" and ahead is not items[metric_at]):
            break
    return None


def _compared_before(items: list[Token], i: int, first: int, now: Period | None) -> str | None:
    """What the words before a percentage compare with: "Rs 90 crore vs Rs 95 crore in Q1 FY26, down 5%"."""
    for back in range(i - 1, first - 1, -1):
        if items[back].kind in ("yoy", "qoq"):
            return items[back].kind
        if items[back].kind == "period" and any(t.kind == "prior" for t in items[max(0, back - 4) : back]):
            against = step_between(now, items[back].period)
            if against:
                return against
        if items[back].kind in ("percent", ";", "|"):
            return None
    return None


def step_between(now: Period | None, then: Period | None) -> str | None:
    """``qoq`` where one quarter is right before the other, ``yoy`` where it is a year before."""
    if now and then and now.part and then.part and now.part != then.part:
        return "half"  # a field that there is none of
    if now is None or then is None or not (now.quarter and then.quarter):
        return None
    years = (now.year - then.year) if now.year and then.year else None
    if then.quarter == now.quarter:
        return "yoy" if years == 1 else None
    before = 4 if now.quarter == 1 else now.quarter - 1
    return "qoq" if then.quarter == before and years in (None, int(now.quarter == 1)) else None


_ABOUT = (
    "nearly",
    "almost",
    "about",
    "around",
    "approximately",
    "approx",
    "approx.",
    "roughly",
    "over",
    "some",
    "close",
)


def grow(state: State, token: Token, direction: int | None, against: str, *, rough: bool = False) -> None:
    """Note the growth of the figure that is spoken of; a ``rough`` one only stands in for one told exactly."""
    base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(state.metric.name if state.metric else "")
    if base is None or direction is None or token.percent is None or state.metric is None or against in state.grown:
        return
    state.grown.add(against)
    state.facts.append(
        Fact(
            f"{base}_{against}_pct",
            token.percent * direction,
            token.start,
            token.end,
            state.period,
            state.basis,
            state.metric.rank + rough + 5 * state.foreign,  # growth of dollars stands in for that of rupees
        )
    )
