"""What follows from judgements: which rules fire, what they sell, which are armed again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.risk_kinds import (
    EXITS,
    FAILED_EXITS,
    SOLD_OUT,
    Breach,
    Rule,
    RuleKind,
    Standing,
    Told,
)
from robotrader.core.background_scheduler.monitors.risk_rules import Judgement, Scene, highest
from robotrader.core.background_scheduler.trading import Product

AGAIN_AFTER = timedelta(minutes=5)
"""How long after an exit that did not come about it is tried anew, at the earliest."""

GONE, GOOD = "the position is gone", "back on the good side"
CLOSED = "the market is closed"

Place = tuple[str, str]
_SOLD = frozenset(each.value for each in Product)


class Present(NamedTuple):
    """What decides besides the judgements.

    Attributes:
        standing: of each rule that is not armed, its breaches in force by subject and product.
        sellable: shares that may be sold, by symbol and product.
        promised: shares of those that orders and breaches offer already.
        closed: symbols that cannot be traded now: their exits wait.
        halted: whether the emergency stop is on.
    """

    now: datetime
    correlation_id: str
    standing: Mapping[str, Mapping[Place, Standing]]
    sellable: Mapping[Place, int]
    promised: Mapping[Place, int]
    closed: frozenset[str] = frozenset()
    halted: bool = False


class Rearmed(NamedTuple):
    """A rule that may fire again, and why."""

    rule: Rule
    why: str


class Decided(NamedTuple):
    """What is to be written: breaches, rules armed again, and every rule that changed, as it is now.

    ``waiting`` are exits that hold and were not acted on because their market is closed.
    """

    breaches: tuple[Breach, ...]
    rearmed: tuple[Rearmed, ...]
    changed: tuple[Rule, ...]
    waiting: tuple[Judgement, ...]


def decide(
    rules: Sequence[Rule], judgements: Iterable[Judgement], scene: Scene, present: Present, new_id: Callable[[], str]
) -> Decided:
    """What follows for rules that are in the order in which one goes before another."""
    by_rule: dict[str, list[Judgement]] = {}
    for each in judgements:
        by_rule.setdefault(each.rule.id, []).append(each)
    left = {
        place: max(0, quantity - max(0, present.promised.get(place, 0))) for place, quantity in present.sellable.items()
    }
    takers: dict[Place, str] = {}
    breaches: list[Breach] = []
    rearmed: list[Rearmed] = []
    changed: list[Rule] = []
    waiting: list[Judgement] = []
    # All exits of one moment see the same shares to sell, whichever of them takes them.
    to_sell = dict(left)
    for rule in rules:
        after, found = rule, by_rule.get(rule.id, [])
        if rule.kind is RuleKind.TRAILING_PCT:
            after = after._replace(high_inr=highest(rule, scene))
        held_back = [each for each in found if rule.kind in EXITS and each.subject in present.closed]
        waiting += [each for each in held_back if each.broken]
        if not held_back:
            firing = _firing(rule, found, present, to_sell)
            if firing:
                anew = rule.armed or any(_place(each) in present.standing.get(rule.id, {}) for each in firing)
                after = after._replace(armed=False, episode=rule.episode + anew)
                breaches += [_breach(after, each, present, left, takers, new_id()) for each in firing]
            elif not rule.armed and not any(each.broken or each.broken is None for each in found):
                after = after._replace(armed=True)
                rearmed.append(Rearmed(after, GONE if rule.kind in EXITS and not found else GOOD))
        if after != rule:
            changed.append(after)
    return Decided(tuple(breaches), tuple(rearmed), tuple(changed), tuple(waiting))


def _firing(rule: Rule, found: Sequence[Judgement], present: Present, to_sell: Mapping[Place, int]) -> list[Judgement]:
    """Of what is broken, what a breach is to be written of now: all of it at the beginning of an episode."""
    broken = [each for each in found if each.broken]
    if rule.armed:
        return broken
    standing = present.standing.get(rule.id, {})
    if any(_again(standing.get(_place(each)), to_sell.get(_place(each), 0), present) for each in broken):
        return broken
    return [each for each in broken if _place(each) not in standing]


def _again(last: Standing | None, to_sell: int, present: Present) -> bool:
    """Whether an exit is to be tried anew."""
    return (
        last is not None
        and to_sell > 0
        and not present.halted
        and abs(present.now - last.at) >= AGAIN_AFTER
        and (last.outcome in FAILED_EXITS or last.outcome in SOLD_OUT)
    )


def _breach(
    rule: Rule, judged: Judgement, present: Present, left: dict[Place, int], takers: dict[Place, str], breach_id: str
) -> Breach:
    """One breach with what comes of it; takes the shares that it sells."""
    place = _place(judged)
    quantity, detail, outcome = None, None, Told.TOLD
    if rule.kind in EXITS:
        last = present.standing.get(rule.id, {}).get(place)
        free = left.get(place, 0)
        if judged.product not in _SOLD:
            outcome, detail = Told.NOT_SOLD, f"{judged.product} positions are sold by hand"
        elif free > 0 and (last is None or _again(last, free, present)):
            outcome, quantity, left[place] = Told.PENDING, free, 0
            takers[place] = breach_id
        elif place in takers or last is not None:
            outcome, detail = Told.COVERED, takers.get(place) or (last.id if last else None)
        elif present.promised.get(place, 0) > 0:
            outcome, detail = Told.COVERED, "an order that sells it is under way"
        else:
            outcome, detail = Told.NOTHING_TO_SELL, "none of it may be sold today"
    return Breach(
        breach_id, rule.id, rule.account, rule.kind, judged.subject, judged.product, rule.episode, present.now,
        _or(judged.observed, rule.value), _or(judged.bound, rule.value), quantity, outcome.value, detail,
        present.correlation_id,
    )  # fmt: skip


def _or(value: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if value is None else value


def _place(judged: Judgement) -> Place:
    return judged.subject, judged.product
