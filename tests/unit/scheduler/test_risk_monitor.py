"""The risk monitor: once per breach, armed again properly, never on a price that is not one of now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.config.risk_kinds import RuleKind
from robotrader.core.background_scheduler.stores import halt_store, portfolio_store, risk_store
from robotrader.core.background_scheduler.stores.paper_store import Matched
from robotrader.core.background_scheduler.trading import OrderStatus, Quotes
from robotrader.core.clock import IST
from robotrader.core.errors import ConfigurationError, LoginRequiredError, TaskTimeoutError
from robotrader.core.event_bus import EventType, privacy_violation
from tests.support.risk import ACCOUNT, OPEN, Watch, position, watch

STOP, TRAILING, TARGET = RuleKind.STOP_LOSS, RuleKind.TRAILING_PCT, RuleKind.TARGET
TRIGGER, BREACH, REARMED = "RISK_STOP_LOSS_TRIGGER", "RISK_BREACH", "RISK_REARMED"


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Watch]:
    async with watch(tmp_path, [position("SBIN", 10, "800")]) as made:
        yield made


async def test_a_stop_fires_once_and_says_everything(w: Watch) -> None:
    rule = await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "781") == []
    assert await w.at("SBIN", "780") == [TRIGGER]
    (breach,) = await w.breaches()
    (event,) = w.events
    assert event.data == {
        "breach_id": breach.id,
        "rule_id": rule.id,
        "account": ACCOUNT,
        "kind": "stop_loss",
        "observed": "780",
        "bound": "780",
        "action": "exit",
        "symbol": "SBIN",
        "product": "CNC",
        "quantity": 10,
    }
    assert privacy_violation(event.data) is None
    assert event.correlation_id == breach.correlation_id == "c-2"
    assert (breach.outcome, breach.episode, breach.quantity) == ("pending", 1, 10)
    assert [each["id"] for each in w.record["breaches"]] == [breach.id]
    for price in ("779", "700", "780"):
        assert await w.at("SBIN", price) == []
    assert len(await w.breaches()) == 1
    assert [each.armed for each in await w.rules()] == [False]


async def test_it_is_armed_again_on_the_good_side_and_fires_again(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    told = [await w.at("SBIN", price) for price in ("779", "781", "779")]
    await w.outcome("cancelled")
    assert told == [[TRIGGER], [REARMED], [BREACH]]  # the first exit still offers all there is
    first, second = await w.breaches()
    assert (first.episode, second.episode) == (1, 2)
    assert second.outcome == "cancelled"  # was covered


async def test_it_is_armed_again_when_the_position_is_gone(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome("filled")
    w.positions = []
    assert await w.at("SBIN", "779") == [REARMED]
    assert w.events[-1].data["why"] == "the position is gone"
    w.positions = [position("SBIN", 5, "779")]
    assert await w.at("SBIN", "779") == [TRIGGER]
    assert w.events[-1].data["quantity"] == 5


async def test_it_is_armed_again_when_it_is_set_anew(w: Watch) -> None:
    rule = await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome("filled")
    again = await w.rule(STOP, "SBIN", "779.50")
    assert (again.id, again.armed, again.episode) == (rule.id, True, 1)
    assert await w.at("SBIN", "779") == [TRIGGER]


@pytest.mark.parametrize("outcome", ["blocked", "unplaced", "rejected"])
async def test_an_exit_that_did_not_come_about_is_tried_anew(w: Watch, outcome: str) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779", minutes=4)
    await w.outcome(outcome)
    assert await w.at("SBIN", "779") == []  # not before five minutes
    assert await w.at("SBIN", "778") == [TRIGGER]
    assert [each.episode for each in await w.breaches()] == [1, 2]
    assert await w.at("SBIN", "778", minutes=10) == []
    assert await w.at("SBIN", "778") == []  # that one is pending


@pytest.mark.parametrize("outcome", ["pending", "ordered", "doubt", "cancelled"])
async def test_an_exit_that_is_under_way_or_was_taken_back_is_not_tried_anew(w: Watch, outcome: str) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome(outcome)
    for _ in range(3):
        assert await w.at("SBIN", "770", minutes=10) == []


async def test_not_tried_anew_while_the_emergency_stop_is_on(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome("blocked")
    await w.db.set_state(halt_store.STOP, {"reason": "odd"})
    assert await w.at("SBIN", "779", minutes=10) == []
    assert await w.at("SBIN", "779") == []
    await w.db.set_state(halt_store.STOP, None)
    assert await w.at("SBIN", "779") == [TRIGGER]


async def test_what_could_not_be_sold_is_sold_when_it_can_be(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800", sellable=4)]
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "779", minutes=6) == [TRIGGER]
    assert w.events[-1].data["quantity"] == 4
    await w.outcome("filled")
    w.positions = [position("SBIN", 6, "800", sellable=0)]
    assert await w.at("SBIN", "779", minutes=6) == []
    w.positions = [position("SBIN", 6, "800")]
    assert await w.at("SBIN", "779") == [TRIGGER]
    assert w.events[-1].data["quantity"] == 6


async def test_nothing_to_sell_is_told(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800", sellable=0)]
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "779") == [BREACH]
    assert (w.events[-1].data["action"], w.events[-1].data["outcome"]) == ("tell", "nothing to sell")
    assert await w.at("SBIN", "778") == []


async def test_what_open_orders_offer_is_not_sold_twice(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.order("SBIN", 4)
    await w.order("SBIN", 3, status=OrderStatus.CANCELLED, finished_at=OPEN)
    assert await w.at("SBIN", "779") == [TRIGGER]
    assert w.events[-1].data["quantity"] == 6
    w.positions = [position("TCS", 5, "3000")]
    await w.rule(STOP, "TCS", "2900")
    await w.order("TCS", 5)
    assert await w.at("TCS", "2899") == [BREACH, REARMED]
    (last,) = [each for each in await w.breaches() if each.subject == "TCS"]
    assert (last.outcome, last.detail) == ("covered", "an order that sells it is under way")


async def test_shares_sold_since_the_broker_told_are_not_sold_again(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    ahead = OPEN.replace(minute=1)
    await w.order("SBIN", 7, status=OrderStatus.COMPLETE, filled=7, updated_at=ahead, finished_at=ahead)
    assert await w.at("SBIN", "779") == [TRIGGER]
    assert w.events[-1].data["quantity"] == 3


async def test_several_rules_at_once_make_one_exit(w: Watch) -> None:
    await w.rule(RuleKind.STOP_LOSS_PCT, "SBIN", "2")
    await w.rule(TRAILING, "SBIN", "5", high_inr=Decimal(850))
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "779", minutes=6) == [TRIGGER, BREACH, BREACH]
    first, *others = sorted(await w.breaches(), key=lambda each: each.outcome == "covered")
    assert (first.kind, first.outcome) == (STOP, "pending")
    assert [(each.outcome, each.detail) for each in others] == [("covered", first.id)] * 2
    assert await w.at("SBIN", "779") == []
    await w.outcome("blocked", first.id)  # then all three are tried anew, and one sells again
    assert await w.at("SBIN", "779") == [TRIGGER, BREACH, BREACH]
    await w.outcome("cancelled", (await w.breaches())[3].id)


async def test_a_second_rule_a_minute_later_does_not_sell_again(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.rule(RuleKind.STOP_LOSS_PCT, "SBIN", "5")
    assert await w.at("SBIN", "779") == [TRIGGER]
    assert await w.at("SBIN", "759") == [BREACH]
    assert sum(each.quantity or 0 for each in await w.breaches()) == 10


async def test_both_products_of_a_symbol_are_sold(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800"), position("SBIN", 5, "790", product="MIS")]
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "779", minutes=6) == [TRIGGER, TRIGGER]
    cnc, mis = await w.breaches()
    assert (cnc.episode, mis.episode) == (1, 1)
    assert {(each.product, each.quantity) for each in (cnc, mis)} == {("CNC", 10), ("MIS", 5)}
    await w.outcome("cancelled", next(each.id for each in (cnc, mis) if each.product == "CNC"))
    await w.outcome("blocked", next(each.id for each in (cnc, mis) if each.product == "MIS"))
    assert await w.at("SBIN", "779") == [BREACH, TRIGGER]  # what the owner took back stays taken back
    assert [(each.product, each.outcome) for each in (await w.breaches())[2:]] in (
        [("CNC", "covered"), ("MIS", "pending")],
        [("MIS", "pending"), ("CNC", "covered")],
    )


async def test_a_product_that_is_not_sold_by_itself(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800", product="MTF")]
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "779", minutes=30) == [BREACH]
    assert await w.at("SBIN", "779") == []
    assert (await w.breaches())[-1].outcome == "not sold by itself"


async def test_the_highest_price_is_kept(w: Watch) -> None:
    await w.rule(TRAILING, "SBIN", "5")
    for price in ("800", "850", "820", "808"):
        assert await w.at("SBIN", price) == []
    assert [each.high_inr for each in await w.rules()] == [Decimal(850)]
    assert await w.at("SBIN", "807.50") == [TRIGGER]
    assert w.events[-1].data["bound"] == "807.50"
    w.positions = []
    assert await w.at("SBIN", "807.50") == [REARMED]
    assert [each.high_inr for each in await w.rules()] == [None]


async def test_a_stale_quote_decides_nothing_and_is_told_once_a_day(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    old = OPEN.replace(minute=0, hour=9)

    async def stuck(symbols: Sequence[str]) -> Quotes:
        found = await w.prices.fetch(symbols)
        return found._replace(found={"SBIN": found.found["SBIN"]._replace(exchange_at=old)})

    w.monitor._desk._fetch = stuck
    assert await w.at("SBIN", "500") == ["DATA_FLAGGED"]
    assert w.record["stale"] == ["SBIN"]
    assert w.record["not_judged"][0]["why"] == "its quote is stale"
    assert await w.at("SBIN", "500") == []
    assert w.record["stale"] == ["SBIN"]
    assert await w.breaches() == []
    w.clock.advance(86_400)
    assert await w.at("SBIN", "500") == []  # a holiday: a last close is not stale, and nothing is sold on it
    w.clock.advance(86_400)
    assert await w.at("SBIN", "500") == ["DATA_FLAGGED"]


async def test_a_missing_quote_decides_nothing(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome("filled")
    del w.prices.quotes["SBIN"]
    assert [each.type for each in await w.look()] == [EventType.DATA_FLAGGED]
    assert w.record["missing"] == ["SBIN"]
    assert [each.armed for each in await w.rules()] == [False]  # neither fired nor armed again


async def test_exits_wait_while_the_market_is_closed(tmp_path: Path) -> None:
    async with watch(tmp_path, [position("SBIN", 10, "800")], at=datetime(2026, 11, 22, 11, 0, tzinfo=IST)) as w:
        await w.rule(STOP, "SBIN", "780")
        assert await w.at("SBIN", "700") == []
        assert [each["subject"] for each in w.record["waiting"]] == ["SBIN"]
        w.clock.advance(86_400)
        assert await w.at("SBIN", "700") == [TRIGGER]


async def test_rules_that_are_off_are_not_judged(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780", enabled=False)
    assert await w.at("SBIN", "700") == []
    assert w.record["rules"] == 0


async def test_shares_of_the_account(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800"), position("TCS", 10, "3000"), position("INFY", 10, "1500")]
    w.cash = Decimal(40_000)
    for symbol, price in (("SBIN", "1000"), ("INFY", "1000")):
        w.prices.set(symbol, price)
    await w.rule(RuleKind.POSITION_PCT, "", "50")
    await w.rule(RuleKind.POSITION_PCT, "TCS", "60")
    await w.rule(RuleKind.SECTOR_PCT, "Information Technology", "55")
    assert await w.at("TCS", "4000") == []
    assert await w.at("TCS", "6000") == [BREACH]  # 60 % of 1.2 lakh is TCS: not above 60; the sector has 58 %
    assert w.events[-1].data["subject"] == "Information Technology"
    assert (w.events[-1].data["observed"], w.events[-1].data["bound"]) == ("58.33", "55")
    assert await w.at("TCS", "15000") == [BREACH]
    assert w.events[-1].data["subject"] == "TCS"
    assert await w.at("TCS", "4000") == [REARMED, REARMED]
    w.prices.set("SBIN", "20000")
    assert await w.at("TCS", "4000") == [BREACH]  # the rule for all, of SBIN
    assert w.events[-1].data["subject"] == "SBIN"


async def test_a_second_subject_of_a_rule_for_all_is_told_too(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800"), position("ITC", 10, "300")]
    w.cash = Decimal(0)
    w.prices.set("ITC", "500")
    await w.rule(RuleKind.POSITION_PCT, "", "40")
    assert await w.at("SBIN", "800") == [BREACH]
    assert await w.at("SBIN", "600") == [BREACH]
    assert [each.subject for each in await w.breaches()] == ["SBIN", "ITC"]
    assert {each.episode for each in await w.breaches()} == {1}


async def test_the_loss_of_a_day_is_of_the_whole_account_or_not_judged(w: Watch) -> None:
    w.positions = [position("SBIN", 10, "800"), position("TCS", 10, "3000")]
    await w.rule(RuleKind.DAILY_LOSS, "", "1000")
    w.prices.set("TCS", "2950", "3000")
    assert await w.at("SBIN", "760", "800") == []
    assert await w.at("SBIN", "750", "800") == [BREACH]
    assert (w.events[-1].data["observed"], w.events[-1].data["bound"]) == ("-1000", "-1000")
    assert await w.at("SBIN", "700", "800") == []
    assert await w.at("SBIN", "760", "800") == [REARMED]
    assert await w.at("SBIN", "700") == []  # no previous close
    assert w.record["not_judged"][0]["why"] == "the previous close of a position is not known"
    del w.prices.quotes["TCS"]
    await w.at("SBIN", "700", "800")
    assert "TCS" in w.record["not_judged"][0]["why"]


async def test_orders_a_minute(w: Watch) -> None:
    await w.rule(RuleKind.ORDER_RATE, "", "2")
    for _ in range(2):
        await w.order("ITC", 1)
    w.prices.set("ITC", "300")
    assert await w.at("SBIN", "800", minutes=0.5) == []
    await w.order("ITC", 1)
    assert await w.at("SBIN", "800", minutes=2) == [BREACH]
    assert await w.at("SBIN", "800") == [REARMED]


async def test_the_account_is_kept_as_the_broker_told(w: Watch) -> None:
    await w.at("SBIN", "800")
    kept = await w.db.read(lambda tx: portfolio_store.book(tx, ACCOUNT, OPEN))
    assert (kept.cash_inr, [each.symbol for each in kept.positions]) == (w.cash, ["SBIN"])


async def test_a_check_writes_nothing(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    w.prices.set("SBIN", "779")
    _, look = await w.monitor.check()
    assert [each.outcome for each in look.decided.breaches] == ["pending"]
    assert await w.breaches() == []
    assert [each.armed for each in await w.rules()] == [True]


async def test_a_dead_session_judges_nothing(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    w.prices.error = LoginRequiredError("the session has ended")
    with pytest.raises(LoginRequiredError):
        await w.at("SBIN", "700")


async def test_a_source_that_hangs_ends_with_the_deadline(w: Watch) -> None:
    async def forever(_: object) -> Quotes:
        await asyncio.Event().wait()
        return Quotes({}, ())

    w.monitor._desk._fetch = forever
    with pytest.raises(TaskTimeoutError):
        await w.look(seconds=0.05)


async def test_a_year_without_a_calendar_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    async with watch(tmp_path, [position("SBIN", 10, "800")], at=datetime(2031, 6, 2, 11, 0, tzinfo=IST)) as w:
        with pytest.raises(ConfigurationError):
            await w.at("SBIN", "700")


async def test_nothing_is_held(tmp_path: Path) -> None:
    async with watch(tmp_path) as w:
        await w.rule(STOP, "SBIN", "780")
        assert await w.look() == []
        assert w.prices.asked == []


async def test_an_order_that_could_not_be_matched_keeps_no_rule_from_being_judged(w: Watch) -> None:
    w.monitor._match = lambda *_: Matched((), {"o-1": "what trading costs is not known"})
    await w.rule(STOP, "SBIN", "780")
    assert await w.at("SBIN", "780") == [TRIGGER]
    assert w.record["not_matched"] == {"o-1": "what trading costs is not known"}


def until(w: Watch, instant: datetime) -> None:
    w.clock.advance((instant - w.clock.now()).total_seconds())


async def next_morning(w: Watch, *, evening: str) -> None:
    """A last look at a price shortly before the close, then the next session begins; the 24th is a holiday."""
    until(w, datetime(2026, 11, 23, 15, 28, tzinfo=IST))
    await w.at("SBIN", evening)
    until(w, datetime(2026, 11, 25, 10, 0, tzinfo=IST))


@pytest.mark.parametrize(("kind", "bound"), [(STOP, "780"), (TRAILING, "5"), (RuleKind.STOP_LOSS_PCT, "5")])
async def test_a_split_sells_nothing_and_is_told_once_a_day(w: Watch, kind: RuleKind, bound: str) -> None:
    rule = await w.rule(kind, "SBIN", bound)
    await next_morning(w, evening="800")
    assert await w.at("SBIN", "402", close="400") == ["DATA_FLAGGED"]
    why = "it was last seen at 800 on 2026-11-23, of which the exchange makes 400: a split or a bonus perhaps"
    assert w.events[-1].data["reason"].startswith(why)
    assert [each["rule_id"] for each in w.record["not_judged"]] == [rule.id]
    assert await w.at("SBIN", "380", close="400") == []
    assert await w.breaches() == []
    (kept,) = await w.rules()
    assert (kept.armed, kept.high_inr) == (True, Decimal(800) if kind is TRAILING else None)
    until(w, datetime(2026, 11, 26, 10, 0, tzinfo=IST))
    assert await w.at("SBIN", "300", close="380") == ["DATA_FLAGGED"]  # the day after it is not forgotten
    assert await w.breaches() == []


async def test_a_rule_that_is_set_anew_after_a_split_is_judged(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.rule(TARGET, "SBIN", "900")
    await next_morning(w, evening="800")
    await w.at("SBIN", "402", close="400")
    await w.rule(STOP, "SBIN", "390")
    assert await w.at("SBIN", "391", close="400") == []
    assert await w.at("SBIN", "389", close="400") == [TRIGGER]


async def test_after_a_split_a_target_is_judged_and_after_a_consolidation_a_stop(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await w.rule(TARGET, "SBIN", "900")
    await next_morning(w, evening="800")
    assert await w.at("SBIN", "402", close="400") == ["DATA_FLAGGED"]
    assert [each["kind"] for each in w.record["not_judged"]] == ["stop_loss"]
    await w.rule(STOP, "SBIN", "390")
    until(w, datetime(2026, 11, 26, 10, 0, tzinfo=IST))
    assert await w.at("SBIN", "4010", close="4000") == ["DATA_FLAGGED"]
    assert [each["kind"] for each in w.record["not_judged"]] == ["target"]
    assert await w.at("SBIN", "380", close="4000") == [TRIGGER]


async def test_a_consolidation_reaches_no_target(w: Watch) -> None:
    await w.rule(TARGET, "SBIN", "900")
    await next_morning(w, evening="800")
    assert await w.at("SBIN", "8010", close="8000") == ["DATA_FLAGGED"]
    assert await w.breaches() == []


async def test_a_gap_at_the_open_still_sells(w: Watch) -> None:
    await w.rule(STOP, "SBIN", "780")
    await next_morning(w, evening="800")
    assert await w.at("SBIN", "400", close="798") == [TRIGGER]


async def test_a_rule_from_before_a_split_stays_withheld_until_it_is_set(w: Watch) -> None:
    """Also where it is armed again meanwhile because all was sold, or is switched off and on."""
    rule = await w.rule(STOP, "SBIN", "780")
    await w.at("SBIN", "779")
    await w.outcome("cancelled")
    await next_morning(w, evening="779")
    assert await w.at("SBIN", "390", close="389.5") == ["DATA_FLAGGED"]
    w.positions = []
    assert await w.at("SBIN", "390", close="389.5") == [REARMED]
    w.positions = [position("SBIN", 10, "390")]
    for on in (False, True):
        await w.db.write(lambda tx, on=on: risk_store.enable(tx, [rule.id], on))  # type: ignore[misc]
    assert await w.at("SBIN", "390", close="389.5") == []
    assert len(await w.breaches()) == 1
    await w.rule(STOP, "SBIN", "391")
    assert await w.at("SBIN", "390", close="389.5") == [TRIGGER]
