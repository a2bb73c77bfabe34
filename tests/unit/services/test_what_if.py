"""What an order would do: charges, cash, lots, shares of the account, limits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from robotrader.bootstrap import build_container, make_home
from robotrader.core.background_scheduler.config.risk_kinds import Rule, RuleKind
from robotrader.core.background_scheduler.processors.instrument_list import InstrumentList
from robotrader.core.background_scheduler.stores import halt_store, ledger_store, quote_store, risk_store
from robotrader.core.background_scheduler.trading import OrderRequest, OrderType, Product, Side
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import UnknownSymbolError, ValidationError
from robotrader.core.services.what_if_service import WhatIfService
from tests.support import exits
from tests.support.quotes import quote

D = Decimal


class Home:
    def __init__(self, container, clock) -> None:
        self.container, self.clock = container, clock

    async def write(self, unit):
        return await (await self.container.get(DatabaseStateManager)).write(unit)

    async def look(self, side: Side, quantity: int, price: str | None = "100", product: Product = Product.CNC):
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        request = OrderRequest("SBIN", side, quantity, kind, product, None if price is None else D(price))
        return await (await self.container.get(WhatIfService)).look(request)


@pytest.fixture
async def home(tmp_path, clock):
    settings = exits.paper(tmp_path, max_order_inr=D(200_000))
    make_home(tmp_path)
    container = build_container(settings, clock)
    yield Home(container, clock)
    await container.close()


async def test_the_worked_check_of_one_lakh(home: Home) -> None:
    await home.write(lambda tx: exits.hold(tx, "sandbox", ["SBIN"], home.clock.now(), 1000))
    bought, sold = await home.look(Side.BUY, 1000), await home.look(Side.SELL, 1000)
    assert (bought.charges_inr, sold.charges_inr) == (D("118.74"), D("119.08"))
    assert sum(each.amount_inr for each in sold.charges) == sold.charges_inr
    assert {each.name for each in sold.charges} == {"stt", "exchange", "sebi", "gst", "dp"}
    assert "NSE/FA/73061" in bought.charges_source
    assert bought.cash_inr.after == D(1_000_000) - D(100_000) - D("118.74")
    assert sold.cash_inr.after == D(1_000_000) + D(100_000) - D("119.08")


async def test_lots_are_sold_first_in_first_out_with_their_terms(home: Home) -> None:
    now = home.clock.now()
    today = now.astimezone(IST).date()

    def unit(tx) -> None:
        ledger_store.open_account(tx, "sandbox", D(1000), now)
        for days, price in ((400, "50"), (10, "120"), (0, "130")):
            day: date = today - timedelta(days=days)
            settles = day if days else day + timedelta(days=3)
            ledger_store.add_lot(tx, "sandbox", "SBIN", "CNC", 10, D(price), day, settles, "test")

    await home.write(unit)
    found = await home.look(Side.SELL, 15)
    assert [(each.quantity, each.gain_inr, each.long_term) for each in found.lots] == [
        (10, D(500), True), (5, D(-100), False),
    ]  # fmt: skip
    assert found.realised_inr == D(400)
    assert (found.held.before, found.held.after, found.refused) == (D(30), D(15), ())
    more = await home.look(Side.SELL, 25)
    assert more.realised_inr is None
    assert more.refused == ("only 20 of 30 held may be sold now",)


async def test_averages_and_missing_cash(home: Home) -> None:
    await home.write(lambda tx: exits.hold(tx, "sandbox", ["SBIN"], home.clock.now(), 10))
    found = await home.look(Side.BUY, 30, "200")
    assert (found.average_price.before, found.average_price.after) == (D(100), D(175))
    too_much = await home.look(Side.BUY, 10_000, "200")
    assert "are missing" in too_much.refused[0]
    assert "trading.max_order_inr" in too_much.breaks[0]


async def test_limits_and_the_stop_are_named(home: Home) -> None:
    now = home.clock.now()

    def unit(tx) -> None:
        for number, (kind, subject, value) in enumerate(
            ((RuleKind.POSITION_PCT, "", "5"), (RuleKind.SECTOR_PCT, "Financial Services", "4"))
        ):
            risk_store.put(tx, Rule(str(number), "sandbox", kind, subject, D(value), True, True, 0, None, now, now))
        halt_store.put(tx, "a test", now)

    await home.write(unit)
    inside = await home.look(Side.BUY, 300)
    assert (inside.position_pct.after, inside.sector) == (D("3.00"), "Financial Services")
    assert inside.breaks == ("the emergency stop is on: a test",)
    beyond = await home.look(Side.BUY, 1000)
    assert [each.split(":")[0] for each in beyond.breaks] == [
        "the emergency stop is on", "position_pct SBIN", "sector_pct Financial Services",
    ]  # fmt: skip


async def test_without_a_price_the_quote_is_taken_and_nothing_is_ordered(home: Home) -> None:
    now = home.clock.now()
    await home.write(lambda tx: exits.price(tx, "sandbox", ["SBIN"], now, "812.5"))
    found = await home.look(Side.BUY, 2, None)
    assert (found.price, found.price_from, found.price_at) == (D("812.5"), "sandbox quote", now)
    db = await home.container.get(DatabaseStateManager)
    assert await db.read(lambda tx: tx.one("SELECT count(*) FROM orders")) == (0,)
    service = await home.container.get(WhatIfService)
    with pytest.raises(UnknownSymbolError, match="NOSUCH"):
        await service.look(OrderRequest("NOSUCH", Side.BUY, 1))


async def test_what_the_exchange_would_not_take_is_named(home: Home) -> None:
    found = await home.look(Side.BUY, 1, "800.07")
    listed = await (await home.container.get(InstrumentList)).stored("SBIN")
    assert listed is not None
    assert found.refused == (f"the limit price 800.07 is not a multiple of {listed.tick_size}, the tick of SBIN",)
    assert (await home.look(Side.BUY, 1, "800")).refused == ()


async def test_a_purchase_of_no_known_day_has_no_term(home: Home) -> None:
    now = home.clock.now()
    today = now.astimezone(IST).date()

    def unit(tx) -> None:
        ledger_store.open_account(tx, "sandbox", D(1000), now)
        day = today - timedelta(days=1)
        ledger_store.add_lot(tx, "sandbox", "SBIN", "CNC", 10, D(50), day, day, "typed", dated=False)

    await home.write(unit)
    (lot,) = (await home.look(Side.SELL, 5)).lots
    assert (lot.acquired_on, lot.long_term, lot.gain_inr) == (None, None, D(250))


async def test_the_age_of_the_price_is_that_of_the_exchange(home: Home) -> None:
    now = home.clock.now()
    made = quote("SBIN", "812.5", at=now, exchange_at=now - timedelta(seconds=50))
    await home.write(lambda tx: quote_store.save(tx, [made]))
    assert (await home.look(Side.BUY, 2, None)).price_at == now - timedelta(seconds=50)


async def test_a_price_of_parts_of_a_paisa_is_refused(home: Home) -> None:
    with pytest.raises(ValidationError, match=r"at most two decimals, not 0\.001"):
        await home.look(Side.BUY, 10, "0.001")
