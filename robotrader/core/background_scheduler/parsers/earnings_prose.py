"""Results told in sentences and bullets: which figure belongs to which name, period and comparison."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.earnings_around import (
    adds_earlier,
    bracketed,
    ends_aside,
    goes_on,
    is_estimated,
    is_line,
    is_part,
    is_written,
    led_by,
    named_next,
    names_earlier,
    next_in_series,
    opens_aside,
    owns_amount,
    possessed,
    stated_in_brackets,
    takes_up,
)
from robotrader.core.background_scheduler.parsers.earnings_asides import (
    give_longer,
    grows_next,
    has_own_amount,
    is_own_margin,
    set_aside,
    told_behind,
)
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.earnings_growth import compared_with, direction_of, grow, read_percent
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_lists import each_growth, read_list, run_before
from robotrader.core.background_scheduler.parsers.earnings_parts import WHOLE, opens_part
from robotrader.core.background_scheduler.parsers.earnings_state import (
    GAP,
    ONE_OFF,
    PLAIN,
    SEGMENTS,
    Context,
    State,
)
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period

_LED = 3
"""How much worse a figure's name is behind a name that may be a part of the company."""
_MINUS = regex(r"\b(?:negative|minus|\(-\))[ ]$", re.IGNORECASE)
_EACH = regex(r"[ ]?(?:/-)?[ ]?(?:each|per share of|\(face)|[ ]?/-", re.IGNORECASE)


def read_sentence(items: list[Token], context: Context, text: str) -> tuple[list[Fact], Period | None]:
    """The facts of one sentence, and the period that the next sentence starts from."""
    state = State(context.period, context.basis, metric=context.metric)
    listed = max((i for i, t in enumerate(items) if t.name.rstrip(".") == "respectively"), default=-1)
    found = read_list(items, context, text)
    first = run_before(items, listed) if listed >= 0 and found is None else 0
    state.facts += found.facts if found else ()
    for i, token in enumerate(items):
        if (first <= i <= listed and token.kind not in ("period", "basis")) or (found and i in found.used):
            continue
        if token.kind in ("percent", "range", "bps"):
            read_percent(state, items, i, context)
        elif token.kind in _STEPS:
            _STEPS[token.kind](state, items, i, text)
        state.spoken = state.spoken or token.kind in ("metric", "other", "money", "percent", "period")
    if first:
        state.facts += each_growth(items, first, listed, state.facts)
    return state.facts, state.held or state.period


def _on_prior(state: State, items: list[Token], i: int, _: str) -> None:
    reach = 3 if items[i].name == "over" else 2
    if not any(t.kind in ("yoy", "qoq") for t in items[i + 1 : i + reach]):
        state.prior, state.prior_amount = i, False


def _on_estimate(state: State, _: list[Token], i: int, __: str) -> None:
    state.prior, state.prior_amount = i, False


def _on_comma(state: State, _: list[Token], __: int, ___: str) -> None:
    if state.prior_amount:
        state.prior = -1


def _on_stop(state: State, items: list[Token], i: int, text: str) -> None:
    if items[i].kind == ";" and bracketed(items, i):
        _on_comma(state, items, i, text)
        return
    if state.held is None and items[i].kind == "|":
        state.held = state.period
    kept = state.metric if items[i].kind in (";", "|") and goes_on(items, i) else None
    state.metric, state.prior, state.future, state.leading, state.leading_money = kept, -1, False, None, None
    state.part = False


def _on_close(state: State, items: list[Token], i: int, _: str) -> None:
    if state.aside:
        kept = state.metric if grows_next(items, i) else None
        state.period, state.aside, state.metric = state.aside, None, kept
    if state.prior >= 0 and any(t.kind == "(" for t in items[max(0, state.prior - 2) : state.prior]):
        state.prior = -1


def _on_future(state: State, _: list[Token], __: int, ___: str) -> None:
    state.future, state.leading, state.leading_money = True, None, None


def _on_colon(state: State, items: list[Token], i: int, _: str) -> None:
    if i and items[i - 1].kind == "estimate" and i + 1 < len(items) and items[i + 1].kind in ("metric", "period"):
        state.prior = -1
    if i and items[i - 1].kind == "period" and not state.prior_amount and not state.metric:
        state.prior = -1  # "for Q1 FY26 as compared to Q1 FY25: Revenue Rs 68 crore"
    if state.metric and not state.has_money and names_earlier(items, i):
        state.metric = None  # "Net sales previous quarter (Rs Cr): 189.91"
    lead = led_by(items, i)
    state.part, state.led = state.part or lead == "part", state.led or lead is not None


def _on_cut(state: State, items: list[Token], i: int, _: str) -> None:
    further = items[i].name in ("but", "although", "though", "however") or takes_up(items, i)
    kept = state.metric if further and goes_on(items, i) else None
    state.metric, state.prior, state.leading, state.leading_money = kept, -1, None, None
    if items[i].name in ("but", "however"):
        state.settled = len(state.facts)
    if items[i].name in ("while", "whilst", "whereas", "but", "however", "meanwhile"):
        state.future = state.part = False
    elif items[i].name in ("excluding", "ex") and not state.spoken:
        state.part = True


def _on_other(state: State, items: list[Token], i: int, _: str) -> None:
    if is_own_margin(state, items, i):
        return
    state.metric, state.leading, state.leading_money = None, None, None
    token = items[i]
    if token.name.startswith("adjusted:") and not state.future:
        state.facts.append(Fact(token.name, Decimal(0), token.start, token.end, state.period, state.basis))


def _on_basis(state: State, items: list[Token], i: int, _: str) -> None:
    if told_behind(state, items, i):
        state.facts[-1 - len(state.grown) :] = [
            replace(f, basis=items[i].name) for f in state.facts[-1 - len(state.grown) :]
        ]
    state.basis, state.part = items[i].name, False


def _on_word(state: State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    state.gap += token.name not in PLAIN and len(token.name) > 1
    if opens_part(items, i):
        state.part, state.metric = True, None
    elif state.part and token.name in WHOLE:
        state.part = False
    ahead = items[i + 1].kind if i + 1 < len(items) else ""
    if token.name == "to" and (
        state.prior_amount or (ahead == "money" and items[state.prior].name in ("from", "over"))
    ):
        state.prior = -1
    named = text[token.start].isupper() and not (i and items[i - 1].name in ("from", "in", "at"))
    if token.name in SEGMENTS and state.metric and not state.has_money and not named:
        state.metric = None


def _period(state: State, items: list[Token], i: int, _: str) -> None:
    token, before = items[i], items[i - 1] if i else None
    if state.future or token.period is None:
        return
    if state.prior >= 0 and (state.prior_amount or state.listed):
        return
    if (
        state.prior >= 0
        and state.spoken
        and i - state.prior <= 6
        and not any(t.kind in (")", ",", ";") for t in items[state.prior : i])
    ):
        return
    if before and (
        (before.kind in ("prior", "estimate") and (state.spoken or before.name.startswith(("compare", "as compare"))))
        or before.name in ("since", "until", "by", "till")
    ):
        return
    if state.has_money and ends_aside(items, i):
        return
    period = token.period
    loose = period.kind == "quarter" and not period.quarter
    if loose and state.period and state.period.kind == "quarter":
        return
    last = items[i + 1] if i + 1 < len(items) else None
    if (
        before
        and before.kind == "word"
        and before.name in ("in", "for", "during", "the", "of", "quarter")
        and not (last and last.kind == ":")
    ):
        first = next((k for k in range(len(state.facts) - 1, -1, -1) if state.facts[k].period is not state.period), -1)
        first = max(first, state.settled - 1)
        if not state.own_period:
            state.facts = [f if k <= first else replace(f, period=period) for k, f in enumerate(state.facts)]
    give_longer(state, items, i, period)
    if opens_aside(state, items, i):
        state.aside = state.period
    state.period, state.own_period = period, True


def _metric(state: State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    before = items[i - 1] if i else None
    listed = state.prior_amount and adds_earlier(items, i, state.prior)
    if listed and state.prior >= 0:
        state.metric, state.prior_amount, state.listed = None, False, True
        return
    prior = (
        state.prior >= 0
        and i - state.prior <= 5
        and not any(t.kind in (")", ",", ";", "money") for t in items[state.prior : i])
    )
    leading, leading_money, spoken = state.leading, state.leading_money, state.metric
    state.leading, state.leading_money = None, None
    state.metric, state.has_money, state.grown, state.gap = token, False, set(), 0
    own_part = is_part(token, before, text)
    state.part = state.part or (own_part and (text[token.end : token.end + 1] == ":" or is_line(items, i)))
    if prior or state.part or own_part:
        state.metric = None
        return
    if state.led or possessed(items, i, text):
        state.metric = replace(token, rank=token.rank + _LED)
    if before and before.kind == "word" and before.name not in PLAIN and text[before.start].isupper():
        state.metric = replace(token, rank=token.rank + (2 if token.name == "revenue_inr" else 0))
    state.prior = -1
    if before and before.name == "of" and i >= 2 and items[i - 2].kind in ("percent", "range"):
        state.metric = spoken if bracketed(items, i) else None  # "PAT Rs 90 crore (12% of revenue), up 5%"
        return
    if leading and not state.future:
        grow(
            state,
            leading,
            direction_of(items, items.index(leading), i),
            compared_with(items, items.index(leading), i, Context()),
        )
    if leading_money and leading_money.amount and not state.future and not has_own_amount(items, i):
        _take(state, leading_money, text)


def _money(state: State, items: list[Token], i: int, text: str) -> None:
    token = items[i]
    after = items[i + 1] if i + 1 < len(items) else None
    if state.prior >= 0 and i - state.prior <= 8:
        state.prior_amount = True
        return
    state.foreign = token.amount is not None and token.amount.currency == "USD"
    if state.future or token.amount is None or token.amount.vague or is_estimated(items, i):
        return
    if set_aside(state, items, i, text):
        return
    if state.metric and not state.has_money and state.metric.name != "net_margin_pct" and state.gap <= GAP["money"]:
        if after and after.kind == "metric" and not state.gap and owns_amount(items, i, state.metric):
            state.leading_money = token
            return
        _take(
            state,
            token,
            text,
            loss=bool(after and after.kind == "metric" and after.name == "loss"),
            colon=stated_in_brackets(text, token),
        )
        return
    series = next_in_series(items, i) if state.metric and state.has_money else None
    if series:
        before = state.period
        state.period, state.gap = series, 0
        _take(state, token, text)
        state.period = before
        return
    told = token.amount.factor is not None or token.amount.currency is not None
    state.leading_money = token if told and named_next(items, i) else None


def _take(state: State, token: Token, text: str, loss: bool = False, colon: bool = False) -> None:
    metric, amount = state.metric, token.amount
    if metric is None or amount is None:
        return
    if metric.name in ("net_profit_inr", "loss") and ONE_OFF.match(text, token.end):
        state.facts.append(Fact("event:net_profit_inr", amount.value, token.start, token.end, state.period))
        return
    loss = loss or bool(_MINUS.search(text[max(0, token.start - 12) : token.start]))
    negative = loss or metric.name in ("loss", "ebitda_loss") or (colon and amount.bracketed)
    name = {"loss": "net_profit_inr", "ebitda_loss": "ebitda_inr"}.get(metric.name, metric.name)
    if name == "eps_inr":
        if (
            amount.factor is not None
            or amount.currency == "USD"
            or abs(amount.value) > 100_000
            or _EACH.match(text, amount.end)
        ):
            return
        value: Decimal | None = amount.value
    else:
        value = amount.rupees
        if value is None and (
            amount.currency is None and (state.gap or not is_written(text, token, metric) or amount.factor)
        ):
            return
    state.has_money = True
    if value is not None:
        value = -abs(value) if negative else value
        state.facts.append(Fact(name, value, token.start, token.end, state.period, state.basis, metric.rank))
    else:
        kind = "foreign" if amount.currency == "USD" else "unitless"
        bare = -abs(amount.value) if negative else amount.value
        state.facts.append(Fact(f"{kind}:{name}", bare, token.start, token.end, state.period, state.basis, metric.rank))


_STEPS: dict[str, Callable[[State, list[Token], int, str], None]] = {
    "period": _period,
    "metric": _metric,
    "money": _money,
    "basis": _on_basis,
    "other": _on_other,
    "prior": _on_prior,
    "estimate": _on_estimate,
    "future": _on_future,
    "cut": _on_cut,
    "word": _on_word,
    ",": _on_comma,
    ";": _on_stop,
    "|": _on_stop,
    ":": _on_colon,
    "\n": _on_stop,
    ")": _on_close,
}
