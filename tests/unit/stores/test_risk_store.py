"""Rules and breaches on disk: what stands, what is promised, what covers what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.config.risk_kinds import Breach, Rule, RuleKind, Standing
from robotrader.core.background_scheduler.stores import order_store, risk_store
from robotrader.core.background_scheduler.trading import Order, OrderRequest, OrderStatus, Side
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import ResourceError
from tests.support.clock import START, FakeClock

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def db(tmp_path: Path, clock: FakeClock) -> AsyncIterator[DatabaseStateManager]:
    made = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    yield made
    await made.close()


def rule(rule_id: str, kind: RuleKind = RuleKind.STOP_LOSS, subject: str = "SBIN", **more: Any) -> Rule:
    made = Rule(rule_id, "paper", kind, subject, Decimal("780.50"), True, True, 0, None, START, START)
    return made._replace(**more)


def breach(breach_id: str, rule_id: str, **more: Any) -> Breach:
    made = Breach(
        breach_id, rule_id, "paper", RuleKind.STOP_LOSS, "SBIN", "CNC", 1, START, Decimal("780.10"), Decimal("780.50"),
        10, "pending", None, "c",
    )  # fmt: skip
    return made._replace(**more)


def order(order_id: str, quantity: int, **more: Any) -> Order:
    made = Order(
        order_id, "paper", order_id, OrderRequest("SBIN", Side.SELL, quantity), OrderStatus.OPEN, "by hand",
        START.date(), START, "c",
    )  # fmt: skip
    return made._replace(**more)


async def test_rules_come_back_as_they_were_and_in_their_order(db: DatabaseStateManager) -> None:
    given = [
        rule("c", RuleKind.DAILY_LOSS, ""),
        rule("b", RuleKind.TRAILING_PCT, high_inr=Decimal("801.05")),
        rule("a", RuleKind.STOP_LOSS, enabled=False, armed=False, episode=3),
    ]
    for each in given:
        assert await db.write(lambda tx, e=each: risk_store.put(tx, e)) == each
    assert await db.read(lambda tx: risk_store.rules(tx, "paper")) == tuple(given[::-1])
    assert await db.read(lambda tx: risk_store.rules(tx, "kite")) == ()


async def test_set_anew_it_keeps_its_name_and_its_episodes(db: DatabaseStateManager) -> None:
    await db.write(lambda tx: risk_store.put(tx, rule("a", armed=False, episode=3, high_inr=Decimal(900))))
    later = rule("b", value=Decimal(790), updated_at=START + MINUTE)
    after = await db.write(lambda tx: risk_store.put(tx, later))
    assert (after.id, after.episode, after.armed, after.high_inr) == ("a", 3, True, None)
    assert (after.value, after.created_at, after.updated_at) == (Decimal(790), START, START + MINUTE)


async def test_switched_on_it_is_armed(db: DatabaseStateManager) -> None:
    await db.write(lambda tx: risk_store.put(tx, rule("a", armed=False, episode=1, high_inr=Decimal(900))))
    assert await db.write(lambda tx: risk_store.enable(tx, ["a"], True)) == 0  # it was on
    assert await db.write(lambda tx: risk_store.enable(tx, ["a"], False)) == 1
    assert await db.write(lambda tx: risk_store.enable(tx, ["a"], True)) == 1
    (found,) = await db.read(lambda tx: risk_store.rules(tx, "paper"))
    assert (found.armed, found.high_inr) == (True, None)
    assert await db.write(lambda tx: risk_store.remove(tx, ["a", "b"])) == 1


async def test_what_stands_is_of_the_present_episode_and_covers_are_followed(db: DatabaseStateManager) -> None:
    def write(tx: Any) -> None:
        risk_store.put(tx, rule("a", armed=False, episode=2))
        risk_store.put(tx, rule("b", RuleKind.TRAILING_PCT, armed=False, episode=1))
        risk_store.put(tx, rule("c", RuleKind.TARGET, episode=1))
        risk_store.insert(
            tx,
            [
                breach("old", "a"),
                breach("new", "a", episode=2, outcome="blocked"),
                breach("covered", "b", at=START + MINUTE, outcome="covered", detail="new"),
                breach("armed", "c"),
            ],
        )

    await db.write(write)
    assert await db.read(lambda tx: risk_store.standing(tx, "paper")) == {
        "a": {("SBIN", "CNC"): Standing("new", START, "blocked")},
        "b": {("SBIN", "CNC"): Standing("new", START + MINUTE, "blocked")},
    }
    last = await db.read(lambda tx: risk_store.last_breaches(tx, "paper"))
    assert {rule_id: each.id for rule_id, each in last.items()} == {"a": "new", "b": "covered", "c": "armed"}


async def test_what_is_promised(db: DatabaseStateManager) -> None:
    def write(tx: Any) -> None:
        done = START + MINUTE
        for each in (
            order("o1", 10, filled=4),
            order("o2", 5, status=OrderStatus.COMPLETE, filled=5, updated_at=done, finished_at=done),
            order("o3", 7, status=OrderStatus.CANCELLED, filled=2, updated_at=START, finished_at=START),
            order("o4", 3, breach_id="with"),
            order("o5", 9, account="kite"),
            order("o6", 9)._replace(request=OrderRequest("SBIN", Side.BUY, 9)),
        ):
            order_store.insert(tx, each)
        risk_store.insert(
            tx,
            [
                breach("without", "a", quantity=2),
                breach("with", "b", quantity=3),
                breach("blocked", "c", quantity=50, outcome="blocked"),
            ],
        )

    await db.write(write)
    place = ("SBIN", "CNC")
    # A ledger is never behind: what is open (6 and 3), and the breach without an order (2).
    assert (await db.read(lambda tx: risk_store.promised(tx, "paper", None)))[place] == 11
    # A broker that told a moment after: the five sold since are still in what it told.
    as_of = START + timedelta(seconds=30)
    assert (await db.read(lambda tx: risk_store.promised(tx, "paper", as_of)))[place] == 16
    # One that told before all of it: the whole orders, and what was filled of those that ended.
    assert (await db.read(lambda tx: risk_store.promised(tx, "paper", START)))[place] == 22


async def test_a_rule_is_broken_once_an_episode_subject_and_product(db: DatabaseStateManager) -> None:
    await db.write(lambda tx: risk_store.insert(tx, [breach("1", "a"), breach("2", "a", product="MIS")]))
    with pytest.raises(ResourceError, match="UNIQUE"):
        await db.write(lambda tx: risk_store.insert(tx, [breach("3", "a")]))
    found = await db.read(lambda tx: risk_store.breaches(tx, "paper", subject="SBIN", limit=10))
    assert {each.id for each in found} == {"1", "2"}
    assert await db.read(lambda tx: risk_store.breaches(tx, "paper", since=START + MINUTE, limit=10)) == ()
