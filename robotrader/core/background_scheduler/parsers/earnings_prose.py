"""Results told in sentences and bullets: which figure belongs to which name, period and comparison."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.periods import Period

_GAP = {"money": 7, "percent": 5}
_SEGMENTS = frozenset(
    "retail services service digital mobile export exports domestic india us usa europe north pharma product products subscription license advertising "
    "premium online offline beauty fashion cloud o2c telecom jio energy upstream downstream segment division vertical business unit subsidiary arm growth-brand "
    "brand international overseas rental ev fmcg agri food foods hotel hotels insurance lending wealth automotive auto tractor power cement chemical chemicals "
    "steel aluminium zinc copper oil gas petrochemicals refinery marketing edible segmental category per store hospital hospitals diagnostics api formulations "
    "generics branded constituent subsidiaries associate associates industry sector peer company-wide commercial residential leasing annuity defence railway "
    "emerging deposit loan gross operating credit ad engine".split()
)
_PLAIN = frozenset(
    "the its their a an in of to and on with strong robust record higher lower quarterly reported posted recorded recording reporting posting saw seen total overall "
    "net gross for by at as is was were stood healthy sharp steady solid weak muted flat quarter highest ever highest-ever company company's firm firm's bank bank's "
    "lender's group group's our we that which both year-on-year year-over-year yoy qoq underlying headline core-adjusted standalone consolidated clocked registered "
    "achieved delivered generated earned marks key or plus includes also while current same double-digit single-digit significant modest marginal estimated "
    "better-than-expected combined aggregate quarter's impressive q1 q2 q3 q4 s".split()
)
_EACH = re.compile(r"[ ]?(?:/-)?[ ]?(?:each|per share of|\(face)|[ ]?/-", re.I)


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines around say: the period, the basis, the comparison, the figure that is spoken of."""

    period: Period | None = None
    basis: str | None = None
    against: str | None = None
    metric: Token | None = None


@dataclass(slots=True)
class _State:
    """How far the reading of a sentence has come."""

    period: Period | None
    basis: str | None
    own_period: bool = False
    metric: Token | None = None
    has_money: bool = False
    grown: set[str] = field(default_factory=set)
    gap: int = 0
    prior: int = -1
    prior_amount: bool = False
    future: bool = False
    held: Period | None = None
    leading: Token | None = None
    leading_money: Token | None = None
    facts: list[Fact] = field(default_factory=list)


def read_sentence(items: list[Token], context: Context, text: str) -> tuple[list[Fact], Period | None]:
    """The facts of one sentence, and the period that the next sentence starts from."""
    if any(t.name == "respectively" for t in items):
        return [], context.period
    state = _State(context.period, context.basis, metric=context.metric)
    for i, token in enumerate(items):
        if token.kind == "period":
            _period(state, items, i)
        elif token.kind == "basis":
            state.basis = token.name
        elif token.kind == "metric":
            _metric(state, items, i, text)
        elif token.kind == "other":
            state.metric, state.leading, state.leading_money = None, None, None
        elif token.kind == "money":
            _money(state, items, i, text)
        elif token.kind in ("percent", "range", "bps"):
            _percent(state, items, i, context)
        else:
            _glue(state, items, i, text)
    return state.facts, state.held or state.period


def _glue(state: _State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    if token.kind == "prior":
        if not any(t.kind in ("yoy", "qoq") for t in items[i + 1 : i + (3 if token.name == "over" else 2)]):
            state.prior, state.prior_amount = i, False
    elif token.kind == "," or (token.kind == ";" and _bracketed(items, i)):
        if state.prior_amount:
            state.prior = -1
    elif token.kind in (";", "|", "\n"):
        state.held = state.period if state.held is None and token.kind == "|" else state.held
        state.metric, state.prior, state.future, state.leading, state.leading_money = None, -1, False, None, None
    elif token.kind == ")":
        if state.prior >= 0 and any(t.kind == "(" for t in items[max(0, state.prior - 2) : state.prior]):
            state.prior = -1
    elif token.kind == "future":
        state.future, state.leading, state.leading_money = True, None, None
    elif token.kind == "estimate":
        state.prior, state.prior_amount = i, False
    elif token.kind == "cut":
        state.metric, state.prior, state.leading, state.leading_money = None, -1, None, None
        if token.name in ("while", "whereas", "but", "however", "meanwhile"):
            state.future = False
    elif token.kind == "word":
        state.gap += token.name not in _PLAIN and len(token.name) > 1
        if token.name == "to" and state.prior_amount:
            state.prior = -1
        named = text[token.start].isupper() and not (items[i - 1].name in ("from", "in", "at") if i else False)
        if token.name in _SEGMENTS and state.metric and not state.has_money and not named:
            state.metric = None


def _bracketed(items: list[Token], i: int) -> bool:
    """The mark stands inside of brackets."""
    near = [t.kind for t in items[max(0, i - 14) : i]]
    return near.count("(") > near.count(")")


def _period(state: _State, items: list[Token], i: int) -> None:
    token, before = items[i], items[i - 1] if i else None
    if state.future or token.period is None:
        return
    if state.prior >= 0 and state.prior_amount:
        return
    if state.prior >= 0 and i - state.prior <= 6 and not any(t.kind in (")", ",", ";") for t in items[state.prior : i]):
        return
    if before and (before.kind in ("prior", "future", "estimate") or before.name in ("since", "until", "by", "till")):
        return
    period = token.period
    loose = period.kind == "quarter" and not period.quarter
    if loose and state.period and state.period.kind == "quarter":
        return
    last = items[i + 1] if i + 1 < len(items) else None
    if before and before.kind == "word" and before.name in ("in", "for", "during", "the", "of", "quarter") and not (last and last.kind == ":"):
        first = next((k for k in range(len(state.facts) - 1, -1, -1) if state.facts[k].period is not state.period), -1)
        if not state.own_period:
            state.facts = [f if k <= first else replace(f, period=period) for k, f in enumerate(state.facts)]
    state.period, state.own_period = period, True


def _metric(state: _State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    before = items[i - 1] if i else None
    prior = state.prior >= 0 and i - state.prior <= 5 and not any(t.kind in (")", ",", ";", "money") for t in items[state.prior : i])
    leading, leading_money = state.leading, state.leading_money
    state.leading, state.leading_money = None, None
    state.metric, state.has_money, state.grown, state.gap = token, False, set(), 0
    if prior or _is_part(token, before, text):
        state.metric = None
        return
    state.prior = -1
    if before and before.name == "of" and i >= 2 and items[i - 2].kind in ("percent", "range"):
        state.metric = None
        return
    if leading and not state.future:
        _grow(state, leading, _direction(items, items.index(leading), i), _against(items, items.index(leading), i, Context()))
    if leading_money and leading_money.amount and not state.future:
        _take(state, leading_money, text)


def _is_part(token: Token, before: Token | None, text: str) -> bool:
    """The name is only a part of the company: "retail revenue", "Jio's net profit"."""
    if before is None or before.kind != "word" or token.name in ("eps_inr", "net_margin_pct") or text[before.end : token.start].strip():
        return False
    word = before.name
    if word in _PLAIN or word.endswith(("'s", "s'")):
        return False
    if word in _SEGMENTS:
        return True
    if token.name == "loss" and word.islower() and text[before.start].islower():
        return word not in ("turned", "suffered", "suffers", "incurred", "widening", "wider", "narrower", "narrowing", "narrow", "widened", "narrowed")
    return token.name == "revenue_inr" and text[before.start].islower()


def _money(state: _State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    after = items[i + 1] if i + 1 < len(items) else None
    if state.prior >= 0 and i - state.prior <= 8:
        state.prior_amount = True
        return
    if state.future or token.amount is None or token.amount.vague or _estimated(items, i):
        return
    if state.metric and not state.has_money and state.metric.name != "net_margin_pct" and state.gap <= _GAP["money"]:
        if after and after.kind == "metric" and not state.gap and _own_amount(items, i, state.metric):
            state.leading_money = token
            return
        _take(state, token, text, loss=bool(after and after.kind == "metric" and after.name == "loss"), colon=_stated(text, token))
        return
    told = token.amount.factor is not None or token.amount.currency is not None
    state.leading_money = token if told and _named_next(items, i) else None


def _stated(text: str, token: Token) -> bool:
    """A bracketed amount is negative where it is the statement itself: "net profit: (₹22 crore)", "EPS of (₹4.1)"."""
    return bool(re.search(r"(?::|\b(?:of|at|was|to))[ ]{0,2}\([ ]?$", text[max(0, token.start - 8) : token.start]))


def _own_amount(items: list[Token], i: int, metric: Token) -> bool:
    """The amount is named by what follows: "revenue growth and ₹20 crore PAT"."""
    at = items.index(metric) if metric in items else 0
    return items[i + 1].name != "loss" and any(t.name == "and" or t.kind == "," for t in items[at:i])


def _named_next(items: list[Token], i: int) -> bool:
    for token in items[i + 1 : i + 4]:
        if token.kind == "metric":
            return True
        if not (token.kind == "basis" or token.name in ("in", "of", "as", "quarterly", "total")):
            return False
    return False


def _estimated(items: list[Token], i: int) -> bool:
    for token in items[i + 1 : i + 4]:
        if token.kind in ("estimate", "future"):
            return True
        if token.kind not in ("word", "basis"):
            return False
    return False


def _take(state: _State, token: Token, text: str, loss: bool = False, colon: bool = False) -> None:
    metric, amount = state.metric, token.amount
    if metric is None or amount is None:
        return
    negative = loss or metric.name in ("loss", "ebitda_loss") or (colon and amount.bracketed)
    name = {"loss": "net_profit_inr", "ebitda_loss": "ebitda_inr"}.get(metric.name, metric.name)
    if name == "eps_inr":
        if amount.factor is not None or amount.currency == "USD" or abs(amount.value) > 100_000 or _EACH.match(text, amount.end):
            return
        value: Decimal | None = amount.value
    else:
        value = amount.rupees
        if value is None and (amount.currency is None and (state.gap or not re.search(r"[.,]", str(amount.value)) or amount.factor)):
            return
    state.has_money = True
    if value is not None:
        value = -abs(value) if negative else value
        state.facts.append(Fact(name, value, token.start, token.end, state.period, state.basis, metric.rank))
    else:
        kind = "foreign" if amount.currency == "USD" else "unitless"
        bare = -abs(amount.value) if negative else amount.value
        state.facts.append(Fact(f"{kind}:{name}", bare, token.start, token.end, state.period, state.basis, metric.rank))


def _percent(state: _State, items: list[Token], i: int, context: Context) -> None:
    token = items[i]
    if token.kind != "percent" or state.future or (state.prior >= 0 and i - state.prior <= 4):
        return
    if i + 1 < len(items) and items[i + 1].name == "of" and not (i + 2 < len(items) and items[i + 2].kind == "money"):
        return
    following = items[i + 1 : i + 3] if i + 1 < len(items) and items[i + 1].kind not in (",", ";", ")") else []
    if any(t.name in ("excluding", "adjusted", "like-for-like", "constant", "ex", "cagr") or "margin" in t.name for t in following):
        return
    metric = state.metric
    if metric and metric.name == "net_margin_pct":
        if not state.has_money and state.gap <= _GAP["percent"] and _is_level(items, i, metric) and token.percent is not None:
            state.has_money = True
            state.facts.append(Fact("net_margin_pct", token.percent, token.start, token.end, state.period, state.basis))
        return
    ahead = _named_after(items, i)
    if metric and not ahead and state.gap <= _GAP["percent"]:
        at = items.index(metric) if metric in items else 0
        _grow(state, token, _direction(items, i, i, at), _against(items, i, i, context, at))
    elif ahead or metric is None:
        state.leading = token if _leads(items, i) else None


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
        if token.kind in ("(", ")") or token.name in ("in", "its", "the", "on", "a", "basis", "to", "of", "for", "sharp", "quarterly", "rise-on", "s") or token.name.endswith("'s"):
            continue
        return False
    return False


def _named_after(items: list[Token], i: int) -> bool:
    """What follows names the percentage itself: "and 12% revenue growth"."""
    nearest = next((t for t in items[i + 1 : i + 4] if t.kind not in ("up", "down", "yoy", "qoq", "basis")), None)
    if nearest is None or not _leads(items, i):
        return False
    return nearest.kind == "metric" or (nearest.name == "in" and any(t.kind in ("up", "down") for t in items[i + 1 : i + 3]))


def _direction(items: list[Token], i: int, metric_at: int, floor: int = 0) -> int | None:
    token = items[i]
    if token.signed:
        return 1
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
    return None


def _against(items: list[Token], i: int, metric_at: int, context: Context, floor: int = 0) -> str:
    for ahead in items[i + 1 : i + 14]:
        if ahead.kind in ("yoy", "qoq"):
            return ahead.kind
        if ahead.kind in ("percent", ";", "|", "cut") or (ahead.kind == "metric" and ahead is not items[metric_at]):
            break
    for back in range(i - 1, max(floor, i - 8, 0) - 1, -1):
        if items[back].kind in ("yoy", "qoq"):
            return items[back].kind
        if items[back].kind in ("percent", ";", "|"):
            break
    opening = items[: max(floor, 0)]
    if context.against is None and opening and all(t.kind in ("word", "qoq", ",") for t in opening) and any(t.kind == "qoq" for t in opening):
        return "qoq"
    return context.against or "yoy"


def _grow(state: _State, token: Token, direction: int | None, against: str) -> None:
    base = {"revenue_inr": "revenue", "net_profit_inr": "profit"}.get(state.metric.name if state.metric else "")
    if base is None or direction is None or token.percent is None or state.metric is None or against in state.grown:
        return
    state.grown.add(against)
    state.facts.append(
        Fact(f"{base}_{against}_pct", token.percent * direction, token.start, token.end, state.period, state.basis, state.metric.rank)
    )
