"""What the owner does with risk rules: look, set, remove, switch, check."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.config.price_rules import share_of
from robotrader.core.background_scheduler.config.risk_kinds import EXITS, STOPS, Breach, Rule, RuleKind
from robotrader.core.background_scheduler.config.sectors import SECTORS
from robotrader.core.background_scheduler.monitors.risk_rules import Judgement, bound_of, reached
from robotrader.core.background_scheduler.monitors.risk_words import record
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import halt_store, portfolio_store, risk_store, sector_store
from robotrader.core.background_scheduler.trading import HUNDRED, PAISA
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NoDataError, NotFoundError, TradingError, ValidationError
from robotrader.core.ids import new_id
from robotrader.core.services import risk_grammar
from robotrader.core.services.risk_grammar import Chosen, Wanted
from robotrader.core.services.risk_views import (
    BreachesView,
    BreachView,
    CheckView,
    RiskView,
    RulesChangedView,
    RuleSetView,
    RuleView,
)

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.monitors.risk_monitor import Look, RiskMonitor

YOUNG = timedelta(minutes=1)
FAR = Decimal(2)
"""A stop at less than half of the price, or a target at more than twice it, may be a slip of the finger."""

LIKE = 5
"""A sector whose name holds so many first letters of a word may be meant by it."""

_OTHER = {
    RuleKind.STOP_LOSS: RuleKind.STOP_LOSS_PCT,
    RuleKind.STOP_LOSS_PCT: RuleKind.STOP_LOSS,
    RuleKind.TARGET: RuleKind.TARGET_PCT,
    RuleKind.TARGET_PCT: RuleKind.TARGET,
}
_UNITS = {RuleKind.DAILY_LOSS: "inr", RuleKind.ORDER_RATE: "orders"}


class RiskService:
    """The rules of the account in force.

    Args:
        provider: who gives quotes.
        monitor: makes the monitor that judges, when it is first needed.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        provider: str,
        desk: QuoteDesk,
        monitor: Callable[[], Awaitable[RiskMonitor]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._account = account
        self._provider = provider
        self._desk = desk
        self._monitor = monitor

    async def show(self) -> RiskView:
        """Every rule, how far it is from its bound on live prices, and what came of its last breach.

        Where prices or the account cannot be had, the rules are shown without, with the reason.
        """

        def stored(tx: Transaction) -> tuple[tuple[Rule, ...], Mapping[str, Breach], halt_store.Halt | None]:
            found = risk_store.rules(tx, self._account)
            return found, risk_store.last_breaches(tx, self._account), halt_store.read(tx)

        rules, last, halt = await self._db.read(stored)
        session, problem, judged = None, None, dict[str, list[Judgement]]()
        if rules:
            try:
                seen, look = await (await self._monitor()).check()
            except TradingError as error:
                problem = str(error)
            else:
                session = seen.hours.state().value
                judged = _by_rule(look)
        stop = None if halt is None else str(halt_store.halted(halt))
        nothing = None if problem else "nothing is held"
        views = tuple(_view(each, judged.get(each.id, []), last.get(each.id), nothing) for each in rules)
        return RiskView(self._account, self._provider, self._clock.now(), session, stop, problem, views)

    async def set(self, words: Sequence[str], *, force: bool = False) -> RuleSetView:
        """Set a rule as it is typed; one of the same is set anew, and its other form, in rupees or percent, goes.

        Raises:
            ValidationError: no such rule; or, without ``force``, one that would fire at once or looks like a slip.
        """
        wanted = risk_grammar.parse(words)
        price, bound, notes = await self._look_at(wanted, force=force)
        now = self._clock.now()
        new = Rule(new_id(now), self._account, wanted.kind, wanted.subject, wanted.value, True, True, 0, None, now, now)

        def unit(tx: Transaction) -> tuple[Rule | None, Rule | None]:
            known = {(each.kind, each.subject): each for each in risk_store.rules(tx, self._account)}
            other = known.get((_OTHER.get(wanted.kind, wanted.kind), wanted.subject))
            other = None if other is None or other.kind is wanted.kind else other
            risk_store.remove(tx, [] if other is None else [other.id])
            risk_store.put(tx, new)
            return known.get((wanted.kind, wanted.subject)), other

        before, other = await self._db.write(unit)
        return RuleSetView(
            self._account,
            self._provider,
            risk_grammar.spelled(wanted.kind, wanted.subject),
            wanted.kind.value,
            wanted.subject,
            wanted.value,
            None if before is None else before.value,
            None if other is None else written(other.kind, other.value),
            price,
            bound,
            notes,
        )

    async def remove(self, words: Sequence[str]) -> RulesChangedView:
        """Forget rules; their breaches stay.

        Raises:
            NotFoundError: there is none.
        """
        return await self._change(words, "removed", risk_store.remove)

    async def switch(self, words: Sequence[str], *, on: bool) -> RulesChangedView:
        """Switch rules on, armed, or off. Raises as ``remove``."""
        done = "enabled" if on else "disabled"
        return await self._change(words, done, lambda tx, ids: risk_store.enable(tx, ids, on))

    async def check(self) -> CheckView:
        """Judge now and say what would follow; nothing is written.

        Raises:
            TradingError: the account or its prices cannot be had.
        """
        seen, look = await (await self._monitor()).check()
        return CheckView(self._account, self._provider, record(self._account, self._provider, seen, look))

    async def breaches(self, subject: str | None, limit: int) -> BreachesView:
        """The newest breaches, newest first."""
        found = await self._db.read(lambda tx: risk_store.breaches(tx, self._account, subject=subject, limit=limit))
        return BreachesView(self._account, self._provider, tuple(breach_view(each) for each in found))

    async def _change(
        self, words: Sequence[str], done: str, change: Callable[[Transaction, Sequence[str]], int]
    ) -> RulesChangedView:
        chosen = risk_grammar.choose(words)

        def unit(tx: Transaction) -> list[Rule]:
            found = [each for each in risk_store.rules(tx, self._account) if chosen.fits(each)]
            change(tx, [each.id for each in found])
            return found

        found = await self._db.write(unit)
        if not found:
            raise NotFoundError(f"no such rule: {_words_of(chosen, words)}", remedy="robotrader risk show lists them")
        names = tuple(
            f"{risk_grammar.spelled(each.kind, each.subject)} {written(each.kind, each.value)}" for each in found
        )
        return RulesChangedView(self._account, self._provider, done, names)

    async def _look_at(self, wanted: Wanted, *, force: bool) -> tuple[Decimal | None, Decimal | None, tuple[str, ...]]:
        """The price and the bound of a rule about to be set, and what is to be said of it."""
        if wanted.kind is RuleKind.SECTOR_PCT and wanted.subject and not force:
            await self._check_sector(wanted.subject)
        if not wanted.subject or wanted.kind is RuleKind.SECTOR_PCT:
            return None, None, ()
        paid, held, other = await self._paid(wanted.subject)
        if other is not None and wanted.kind in EXITS and not force:
            rule = f"{risk_grammar.spelled(wanted.kind, other)} {written(wanted.kind, wanted.value)}"
            raise ValidationError(
                f"{wanted.subject} is held as {other}: a rule on {wanted.subject} would not look after it",
                remedy=f"robotrader risk set {rule}; --force sets the rule as it was given",
            )
        price, notes = None, []
        try:
            quotes = await self._desk.get([wanted.subject], max_age=YOUNG)
        except TradingError as error:
            notes.append(f"its price is not known now: {error}")
        else:
            if quotes.missing and not force:
                raise ValidationError(
                    f"{self._provider} has no quote of {wanted.subject}, so the rule would never be judged",
                    remedy="check the symbol; --force sets the rule all the same",
                )
            notes += [f"there is no quote of {wanted.subject}: it is not judged"] if quotes.missing else []
            price = None if quotes.missing else quotes.found[wanted.subject].last_price
        if wanted.kind not in EXITS:
            return price, None, tuple(notes)
        notes += [] if held else [f"no {wanted.subject} is held: the rule waits until there is"]
        bound = bound_of(wanted.kind, wanted.value, paid=paid, high=price)
        if held and bound is None and wanted.kind is not RuleKind.TRAILING_PCT:
            notes.append("what was paid for it is not known, so it cannot be judged")
        if price is not None and bound is not None and not force:
            _refuse(wanted, price, bound)
        return price, bound, tuple(notes)

    async def _paid(self, symbol: str) -> tuple[Decimal | None, bool, str | None]:
        """What was paid a share, whether any is held, and where none is, under which other symbol it is."""
        try:
            book = await self._db.read(lambda tx: portfolio_store.book(tx, self._account, self._clock.now()))
        except NoDataError:
            return None, False, None
        held = [each for each in book.positions if each.symbol == symbol and each.quantity]
        if held:
            return held[0].average_price, True, None
        others = (each.symbol for each in book.positions if each.quantity and share_of(each.symbol) == share_of(symbol))
        return None, False, next(others, None)

    async def _check_sector(self, name: str) -> None:
        def known(tx: Transaction) -> set[str]:
            try:
                held = [each.symbol for each in portfolio_store.book(tx, self._account, self._clock.now()).positions]
            except NoDataError:
                held = []
            return {*SECTORS, *(each.name for each in sector_store.of(tx, held).values())}

        names = await self._db.read(known)
        if name not in names:
            begins = [each for each in sorted(names) if name.casefold()[:LIKE] in each.casefold()]
            near = begins or difflib.get_close_matches(name, names, n=1)
            raise ValidationError(
                f"no such sector: {name[:60]!r}",
                remedy=f"did you mean {near[0]!r}?" if near else "robotrader portfolio show names the sectors held",
            )


def written(kind: RuleKind, value: Decimal) -> str:
    """A rule's value as it is typed: ``780``, ``5%``."""
    text = f"{value:f}"
    return f"{text}%" if kind in risk_grammar.PERCENTAGES else text


def breach_view(found: Breach) -> BreachView:
    """A breach as it is shown; what covers it is not shown by its id alone."""
    return BreachView(
        found.id,
        found.rule_id,
        found.kind.value,
        found.subject,
        found.product,
        found.at,
        found.observed,
        found.bound,
        found.quantity,
        found.outcome,
        found.detail,
    )


def _refuse(wanted: Wanted, price: Decimal, bound: Decimal) -> None:
    """Refuse a rule that would fire at once, or whose bound is so far off that it may be a slip.

    Raises:
        ValidationError: it is one of these.
    """
    stop = wanted.kind in STOPS
    name = "stop" if stop else "target"
    if reached(wanted.kind, price, bound):
        raise ValidationError(
            f"a {name} at Rs {bound:,.2f} is {'above' if stop else 'below'} the price of Rs {price:,.2f}, or at it: it"
            " would sell at the next look",
            remedy="--force, if that is what is meant",
        )
    if (stop and bound * FAR < price) or (not stop and bound > price * FAR):
        typed = wanted.kind in (RuleKind.STOP_LOSS, RuleKind.TARGET) and wanted.value <= HUNDRED
        hint = f"for percent: robotrader risk set {wanted.subject} {name} {wanted.value}%; " if typed else ""
        raise ValidationError(
            f"a {name} at Rs {bound:,.2f} is far from the price of Rs {price:,.2f}",
            remedy=f"{hint}--force, if that is what is meant",
        )


def _by_rule(look: Look) -> dict[str, list[Judgement]]:
    found: dict[str, list[Judgement]] = {}
    for each in look.judgements:
        found.setdefault(each.rule.id, []).append(each)
    return found


def _view(rule: Rule, judged: Sequence[Judgement], last: Breach | None, nothing: str | None) -> RuleView:
    """``nothing`` is why an exit judged nothing; None where nothing was looked at."""
    apart = [(each, _distance(each)) for each in judged]
    known = [(distance, number) for number, (_, distance) in enumerate(apart) if distance is not None]
    shown = apart[min(known)[1]] if known else (apart[0] if apart else None)
    found, distance = shown or (None, None)
    state = "off" if not rule.enabled else "armed" if rule.armed else "breached"
    why = found.why or None if found is not None else None
    if found is None and rule.enabled and rule.kind in EXITS:
        why = nothing
    return RuleView(
        rule.id,
        risk_grammar.spelled(rule.kind, rule.subject),
        rule.kind.value,
        rule.subject,
        rule.value,
        rule.enabled,
        state,
        found.subject if found is not None and found.subject != rule.subject else None,
        None if found is None else found.observed,
        None if found is None else found.bound,
        distance,
        _UNITS.get(rule.kind, "pct" if rule.kind in EXITS else "points"),
        rule.high_inr,
        why,
        None if last is None else breach_view(last),
    )


def _distance(found: Judgement) -> Decimal | None:
    """How far the observed value is on the good side of the bound; negative beyond it."""
    if found.observed is None or found.bound is None:
        return None
    kind = found.rule.kind
    if kind in EXITS:
        apart = found.observed - found.bound if kind in STOPS else found.bound - found.observed
        return (apart * HUNDRED / found.observed).quantize(PAISA) if found.observed else None
    return found.observed - found.bound if kind is RuleKind.DAILY_LOSS else found.bound - found.observed


def _words_of(chosen: Chosen, words: Sequence[str]) -> str:
    return f"{chosen.subject} has none" if chosen.kinds is None else " ".join(words)
