"""Whether rules are broken, from what is known at one instant. Pure.

What is not known is never guessed: a rule that would need it is not judged, and says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cached_property
from typing import NamedTuple

from robotrader.core.background_scheduler.config.risk_kinds import EXITS, Rule, RuleKind
from robotrader.core.background_scheduler.trading import HUNDRED, PAISA, ZERO, Position

NO_BUY_PRICE = "what was paid for it is not known"
SHORT = "a short position is not watched"


class Judgement(NamedTuple):
    """One rule on one thing.

    Attributes:
        subject: the symbol or the sector; empty for the whole account.
        product: of the position that an exit would sell; else empty.
        broken: None where it could not be judged, and ``why`` says why not.
        observed, bound: in the unit of the rule: rupees, percent, orders. None where not known.
    """

    rule: Rule
    subject: str
    product: str
    broken: bool | None
    observed: Decimal | None
    bound: Decimal | None
    why: str = ""


class Scene:
    """What rules are judged on.

    Args:
        positions: those of which anything is held.
        prices: of each symbol that may be decided on.
        unusable: why there is no such price, for each other symbol that is held.
        withheld: why a rule, by its id, is not to be judged.
        sectors: by symbol, where known.
        day_pnl: rupees won or lost today by the whole account; None where a part of it is not known.
        orders_sent: in the last minute.
    """

    def __init__(
        self,
        positions: Iterable[Position],
        prices: Mapping[str, Decimal],
        *,
        cash: Decimal,
        unusable: Mapping[str, str] | None = None,
        withheld: Mapping[str, str] | None = None,
        sectors: Mapping[str, str] | None = None,
        day_pnl: Decimal | None = None,
        orders_sent: int = 0,
    ) -> None:
        self.held: dict[str, list[Position]] = {}
        for each in positions:
            if each.quantity:
                self.held.setdefault(each.symbol, []).append(each)
        self.prices = prices
        self.cash = cash
        self.unusable = unusable or {}
        self.withheld = withheld or {}
        self.sectors = sectors or {}
        self.day_pnl = day_pnl
        self.orders_sent = orders_sent

    @cached_property
    def values(self) -> Mapping[str, Decimal]:
        """Rupees in each symbol whose price is known."""
        prices = self.prices
        return {
            symbol: prices[symbol] * sum(each.quantity for each in held)
            for symbol, held in self.held.items()
            if symbol in prices
        }

    @cached_property
    def value(self) -> Decimal | None:
        """Rupees in the whole account, cash included; None where a price is missing."""
        return self.cash + sum(self.values.values(), ZERO) if len(self.values) == len(self.held) else None

    @cached_property
    def by_sector(self) -> Mapping[str, Decimal]:
        """Rupees in each sector, those of symbols without one left out."""
        found: dict[str, Decimal] = {}
        for symbol, value in self.values.items():
            if (name := self.sectors.get(symbol)) is not None:
                found[name] = found.get(name, ZERO) + value
        return found

    def unknown(self) -> str:
        """Why the account's value is not known."""
        missing = sorted(symbol for symbol in self.held if symbol not in self.prices)
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        return f"no price to decide by of {', '.join(missing[:3])}{more}"


def judge(rules: Sequence[Rule], scene: Scene) -> tuple[Judgement, ...]:
    """What each rule says of each thing it is about, in the order of the rules; exits are about what is held."""
    found: list[Judgement] = []
    own = {kind: {each.subject for each in rules if each.kind is kind and each.subject} for kind in _SHARES}
    for rule in rules:
        if rule.kind in EXITS:
            found += [_exit(rule, held, scene) for held in scene.held.get(rule.subject, ())]
        elif rule.kind in _SHARES:
            found += _shares(rule, scene, own[rule.kind])
        elif rule.kind is RuleKind.DAILY_LOSS:
            found.append(_daily_loss(rule, scene))
        else:
            sent = Decimal(scene.orders_sent)
            found.append(Judgement(rule, "", "", sent > rule.value, sent, rule.value))
    return tuple(found)


def highest(rule: Rule, scene: Scene) -> Decimal | None:
    """The highest price a trailing stop has seen, now included; None where nothing of it is held any more."""
    if rule.subject not in scene.held:
        return None
    price = scene.prices.get(rule.subject)
    return rule.high_inr if price is None or rule.id in scene.withheld else max(price, rule.high_inr or price)


def bound_of(kind: RuleKind, value: Decimal, *, paid: Decimal | None, high: Decimal | None) -> Decimal | None:
    """The price at which an exit fires, in whole paise; None where what it is a percentage of is not known.

    Prices are whole paise, so that rounding a stop down and a target up changes nothing.
    """
    if kind in (RuleKind.STOP_LOSS, RuleKind.TARGET):
        return value
    base = high if kind is RuleKind.TRAILING_PCT else paid
    if base is None:
        return None
    if kind is RuleKind.TARGET_PCT:
        return (base * (HUNDRED + value) / HUNDRED).quantize(PAISA, ROUND_CEILING)
    return (base * (HUNDRED - value) / HUNDRED).quantize(PAISA, ROUND_FLOOR)


def reached(kind: RuleKind, price: Decimal, bound: Decimal) -> bool:
    """Whether a price is at or beyond the bound of an exit."""
    return price >= bound if kind in (RuleKind.TARGET, RuleKind.TARGET_PCT) else price <= bound


def _exit(rule: Rule, held: Position, scene: Scene) -> Judgement:
    price = scene.prices.get(rule.subject)
    bound = bound_of(rule.kind, rule.value, paid=held.average_price, high=highest(rule, scene))
    if held.quantity < 0:
        return Judgement(rule, rule.subject, held.product, None, price, bound, SHORT)
    if price is None:
        why = scene.unusable.get(rule.subject, "no quote")
        return Judgement(rule, rule.subject, held.product, None, None, bound, why)
    if rule.id in scene.withheld:
        return Judgement(rule, rule.subject, held.product, None, price, bound, scene.withheld[rule.id])
    if bound is None:
        return Judgement(rule, rule.subject, held.product, None, price, None, NO_BUY_PRICE)
    return Judgement(rule, rule.subject, held.product, reached(rule.kind, price, bound), price, bound)


def _shares(rule: Rule, scene: Scene, own: set[str]) -> list[Judgement]:
    """Shares of the account's value, of one symbol or sector or of each that has no rule of its own."""
    if scene.value is None or scene.value <= 0:
        why = scene.unknown() if scene.value is None else "the account is worth nothing"
        return [Judgement(rule, rule.subject, "", None, None, rule.value, why)] if scene.held else []
    positions = rule.kind is RuleKind.POSITION_PCT
    groups = scene.values if positions else scene.by_sector
    unsure = (
        ZERO
        if positions
        else sum((value for symbol, value in scene.values.items() if symbol not in scene.sectors), ZERO)
    )
    names = [rule.subject] if rule.subject else sorted(name for name in groups if name not in own)
    return [_share(rule, name, groups.get(name, ZERO), scene.value, unsure) for name in names]


def _share(rule: Rule, name: str, rupees: Decimal, total: Decimal, unsure: Decimal) -> Judgement:
    share = percent(rupees, total)
    broken: bool | None = rupees * HUNDRED > rule.value * total
    # Stocks of no known sector may belong to this one.
    if not broken and (rupees + unsure) * HUNDRED > rule.value * total:
        why = f"the sector of {percent(unsure, total)}% of the account is not known"
        return Judgement(rule, name, "", None, share, rule.value, why)
    return Judgement(rule, name, "", broken, share, rule.value)


def _daily_loss(rule: Rule, scene: Scene) -> Judgement:
    if scene.day_pnl is None:
        why = scene.unknown() if scene.value is None else "the previous close of a position is not known"
        return Judgement(rule, "", "", None, None, -rule.value, why)
    return Judgement(rule, "", "", scene.day_pnl <= -rule.value, scene.day_pnl, -rule.value)


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """A share of a whole in percent, to two decimals."""
    return (part * HUNDRED / whole).quantize(PAISA)


_SHARES = (RuleKind.POSITION_PCT, RuleKind.SECTOR_PCT)
