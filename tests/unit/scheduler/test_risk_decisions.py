"""What follows from judgements: a machine of random days, in which no share is sold twice and none is forgotten."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from robotrader.core.background_scheduler.config.risk_kinds import Breach, Rule, RuleKind, Standing
from robotrader.core.background_scheduler.monitors.risk_decisions import AGAIN_AFTER, Present, decide
from robotrader.core.background_scheduler.monitors.risk_rules import Scene, judge
from tests.support.clock import START
from tests.support.risk import position

PLACE = ("SBIN", "CNC")
MINUTE = timedelta(minutes=1)


class Risk(RuleBasedStateMachine):
    """One symbol, three rules, an execution that does what it likes with each exit."""

    @initialize(shares=st.integers(1, 50))
    def begin(self, shares: int) -> None:
        self.now = START
        self.numbers = itertools.count()
        self.held = shares
        self.unsettled = 0
        self.price = Decimal(800)
        self.halted = False
        kinds = {RuleKind.STOP_LOSS: "780", RuleKind.STOP_LOSS_PCT: "5", RuleKind.TRAILING_PCT: "4"}
        self.rules = {
            kind: Rule(kind, "kite", kind, "SBIN", Decimal(value), True, True, 0, None, START, START)
            for kind, value in kinds.items()
        }
        self.breaches: dict[str, Breach] = {}
        self.open: dict[str, int] = {}
        self.fired_at: dict[RuleKind, object] = {}

    @rule(price=st.integers(700, 900))
    def look(self, price: int) -> None:
        self.now += MINUTE
        self.price = Decimal(price)
        held = [position("SBIN", self.held, "800", sellable=self.held - self.unsettled)] if self.held else []
        scene = Scene(held, {"SBIN": self.price}, cash=Decimal(0))
        rules = list(self.rules.values())
        promised = sum(self.open.values())
        sellable = {PLACE: self.held - self.unsettled} if self.held else {}
        present = Present(self.now, "c", self._standing(), sellable, {PLACE: promised}, halted=self.halted)
        judged = judge(rules, scene)
        found = decide(rules, judged, scene, present, lambda: f"b{next(self.numbers)}")
        exits = [each for each in found.breaches if each.outcome == "pending"]
        assert len(exits) <= 1
        for each in exits:
            assert each.quantity == self.held - self.unsettled - promised > 0
            self.open[each.id] = each.quantity or 0
        for each in found.breaches:
            assert each.id not in self.breaches
            assert (each.rule_id, each.episode) not in {(b.rule_id, b.episode) for b in self.breaches.values()}
            before = self.rules[each.kind]
            assert each.episode == before.episode + 1
            last = self._last(before)
            assert before.armed or (last is not None and self.now - last.at >= AGAIN_AFTER and not self.halted)
            self.breaches[each.id] = each
        for each in found.changed:
            self.rules[each.kind] = each
        # Whatever is broken is not armed after a look, and what is good is.
        for each in judged:
            assert self.rules[each.rule.kind].armed is not each.broken

    @rule(outcome=st.sampled_from(["filled", "blocked", "rejected", "unplaced", "cancelled", "ordered"]))
    def answer(self, outcome: str) -> None:
        """The execution is done with the oldest exit."""
        for breach_id in list(self.open)[:1]:
            if outcome != "ordered":
                quantity = self.open.pop(breach_id)
                self.held -= quantity if outcome == "filled" else 0
            self.breaches[breach_id] = self.breaches[breach_id]._replace(outcome=outcome)

    @rule(minutes=st.integers(1, 10))
    def wait(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(shares=st.integers(1, 20))
    def buy(self, shares: int) -> None:
        self.held += shares
        self.unsettled += shares

    @rule()
    def settle(self) -> None:
        self.unsettled = 0

    @rule()
    def stop(self) -> None:
        self.halted = not self.halted

    @invariant()
    def nothing_is_sold_twice(self) -> None:
        if hasattr(self, "open"):
            assert sum(self.open.values()) <= self.held

    def _last(self, found: Rule) -> Breach | None:
        return next((b for b in self.breaches.values() if (b.rule_id, b.episode) == (found.id, found.episode)), None)

    def _standing(self) -> dict[str, dict[tuple[str, str], Standing]]:
        """As ``risk_store.standing`` reads it."""
        made = {}
        for each in self.rules.values():
            last = None if each.armed else self._last(each)
            if last is not None:
                cover = self.breaches.get(last.detail or "") if last.outcome == "covered" else None
                made[each.id] = {PLACE: Standing((cover or last).id, last.at, (cover or last).outcome)}
        return made


TestRisk = Risk.TestCase
TestRisk.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
