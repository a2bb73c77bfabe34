"""The paper broker over a real database: what it takes, what it refuses, and what every fill brings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.stores import halt_store, instrument_store, ledger_store, order_store
from robotrader.core.background_scheduler.trading import Instrument, OrderRejectedError, OrderStatus, Side
from robotrader.core.database_state import Transaction
from robotrader.core.errors import ConfigurationError, HaltedError, LoginRequiredError, NoDataError
from robotrader.settings import PaperSettings
from tests.support.clock import FakeClock
from tests.support.paper import ACCOUNT, OTHER, Desk, at, desk, request

OPEN, COMPLETE, CANCELLED = OrderStatus.OPEN, OrderStatus.COMPLETE, OrderStatus.CANCELLED


@pytest.fixture
async def paper(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    """A paper account with a million rupees, on a Friday at 09:30 IST; SBIN costs 100."""
    async with desk(tmp_path, clock) as made:
        yield made
        await made.check()


def go_to(paper: Desk, text: str) -> None:
    """Move the clock to an instant by an Indian wall clock; prices stay as they were."""
    paper.clock.advance((at(text) - paper.clock.now()).total_seconds())


async def lot(paper: Desk, quantity: int, symbol: str = "SBIN", product: str = "CNC", **more: Any) -> None:
    """Shares that were settled long ago."""
    day = date(2026, 11, 2)
    given = {"price": Decimal(90), "acquired_on": day, "settles_on": day, "origin": "import", **more}

    def unit(tx: Any) -> None:
        ledger_store.open_account(tx, ACCOUNT, Decimal(1_000_000), paper.clock.now())
        ledger_store.add_lot(tx, ACCOUNT, symbol, product, quantity, **given)

    await paper.db.write(unit)


async def refused(paper: Desk, side: str, quantity: int, symbol: str = "SBIN", **more: Any) -> str:
    """Why an order is not taken; nothing is written then but the order itself."""
    order = await paper.order(request(side, quantity, symbol, **more))
    before = await paper.db.read(lambda tx: tx.all("SELECT * FROM cash_entries"))
    with pytest.raises(OrderRejectedError) as caught:
        await paper.broker.place(order)
    assert await paper.get(order) == order._replace(updated_at=order.created_at)
    assert await paper.broker.find(order) is None
    assert await paper.db.read(lambda tx: tx.all("SELECT * FROM cash_entries")) == before
    return str(caught.value)


async def test_a_purchase_takes_cash_and_charges_and_makes_a_lot(paper: Desk) -> None:
    order = await paper.place("BUY", 1000)
    assert (order.status, order.filled, order.average_price) == (COMPLETE, 1000, Decimal(100))
    assert await paper.cash() == Decimal(1_000_000) - Decimal(100_000) - Decimal("118.74")
    held = (await paper.positions())["SBIN", "CNC"]
    assert (held.quantity, held.sellable, held.unsettled, held.average_price) == (1000, 0, 1000, Decimal(100))
    assert (held.day_buy_quantity, held.day_buy_inr, held.overnight_quantity) == (1000, Decimal(100_000), 0)
    assert await paper.events() == ["order.placed", "order.filled"]
    (trade,) = await paper.db.read(lambda tx: order_store.fills(tx, ACCOUNT))
    assert (trade.order_id, trade.charges_inr) == (order.id, Decimal("118.74"))
    kinds = await paper.db.read(lambda tx: [e.kind for e in ledger_store.entries(tx, ACCOUNT, date.min, date.max)])
    assert kinds == ["opening", "buy", "stt", "exchange", "sebi", "stamp", "gst"]


async def test_a_sale_brings_cash_and_pays_the_depository_once_a_day(paper: Desk) -> None:
    await lot(paper, 1000)
    await paper.place("SELL", 500)
    await paper.place("SELL", 500)
    entries = await paper.db.read(lambda tx: ledger_store.entries(tx, ACCOUNT, date.min, date.max))
    assert [e.amount_inr for e in entries if e.kind == "dp"] == [Decimal("-15.34")]
    assert await paper.cash() == Decimal(1_000_000) + Decimal(100_000) - Decimal("119.10")  # rounded by order
    held = (await paper.positions())["SBIN", "CNC"]
    assert (held.quantity, held.day_sell_quantity, held.realised_inr) == (0, 1000, Decimal(10_000))


async def test_the_days_tax_is_rounded_over_all_trades_of_a_share(paper: Desk) -> None:
    for _ in range(3):
        await paper.place("BUY", 14)  # 1.40 rupees each, 4.20 together
    entries = await paper.db.read(lambda tx: ledger_store.entries(tx, ACCOUNT, date.min, date.max))
    assert [-e.amount_inr for e in entries if e.kind == "stt"] == [Decimal(1), Decimal(2), Decimal(1)]


async def test_the_same_isin_pays_the_depository_once_whatever_the_exchange(paper: Desk) -> None:
    paper.price("100", "BSE:SBIN")
    await lot(paper, 10, isin="INE062A01020")
    await lot(paper, 10, "BSE:SBIN", isin="INE062A01020")
    await paper.place("SELL", 10)
    await paper.place("SELL", 10, "BSE:SBIN")
    entries = await paper.db.read(lambda tx: ledger_store.entries(tx, ACCOUNT, date.min, date.max))
    assert len([e for e in entries if e.kind == "dp"]) == 1


async def test_what_was_bought_may_be_sold_from_its_settlement_on(paper: Desk) -> None:
    await paper.place("BUY", 10)
    words = await refused(paper, "SELL", 10)
    assert "T+1" in words
    assert "2026-11-23" in words
    go_to(paper, "2026-11-23 09:30")
    paper.price("110")
    assert (await paper.place("SELL", 10)).status is COMPLETE


async def test_an_order_for_the_day_of_settlement_may_be_given_the_evening_before(paper: Desk) -> None:
    await paper.place("BUY", 10)
    go_to(paper, "2026-11-20 20:00")
    order = await paper.place("SELL", 10)
    assert order.status is OPEN
    assert order.message == "waits for the open on 2026-11-23 at 09:15 IST"


async def test_only_what_is_held_is_sold(paper: Desk) -> None:
    assert "short sales are not taken" in await refused(paper, "SELL", 1)
    assert "short sales are not taken" in await refused(paper, "SELL", 1, product="MIS")
    await lot(paper, 10)
    assert "10 CNC shares of SBIN may be sold, not 11" in await refused(paper, "SELL", 11)
    assert "short sales are not taken" in await refused(paper, "SELL", 1, product="MIS")


async def test_shares_are_offered_once(paper: Desk) -> None:
    await lot(paper, 10)
    resting = await paper.place("SELL", 6, type="LIMIT", price="120")
    assert "open orders sell 6 already" in await refused(paper, "SELL", 5)
    assert (await paper.place("SELL", 4)).status is COMPLETE
    await paper.broker.cancel(resting)
    assert (await paper.place("SELL", 6)).status is COMPLETE


async def test_cash_is_spent_once(paper: Desk) -> None:
    resting = await paper.place("BUY", 9000, type="LIMIT", price="90")
    words = await refused(paper, "BUY", 2000)
    assert "cash does not suffice" in words
    await paper.broker.cancel(resting)
    assert (await paper.place("BUY", 2000)).status is COMPLETE


async def test_the_last_rupee_is_not_enough_without_the_charges(tmp_path: Path, clock: FakeClock) -> None:
    async with desk(tmp_path, clock, paper=PaperSettings(cash_inr=Decimal(1000))) as paper:
        words = await refused(paper, "BUY", 10, type="LIMIT", price="100")
        assert "₹1001.19 with charges, ₹1000.00 is free" in words
        assert (await paper.place("BUY", 9, type="LIMIT", price="100")).status is COMPLETE
        await paper.check()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"type": "LIMIT", "price": "100.001"}, "not a multiple of 0.01"),
        ({"type": "LIMIT", "price": "111"}, "above 110"),
        ({"type": "LIMIT", "price": "89"}, "below 90"),
        ({"type": "LIMIT"}, "needs limit price"),
        ({"price": "100"}, "has no limit price"),
        ({"type": "SL-M"}, "needs trigger price"),
        ({"type": "SL-M", "trigger": "99"}, "to buy lies above the last price"),
        ({"type": "SL", "trigger": "105", "price": "104"}, "at or below its limit"),
    ],
)
async def test_what_cannot_be_meant_is_refused(paper: Desk, more: dict[str, Any], words: str) -> None:
    paper.price("100", lower_circuit=Decimal(90), upper_circuit=Decimal(110))
    assert words in await refused(paper, "BUY", 10, **more)


async def test_the_brokers_list_decides_tick_lot_and_series(paper: Desk) -> None:
    tick, fine = Decimal("0.05"), Decimal("0.01")
    rows = [Instrument("SBIN", 1, "", tick, 1, "EQ", "NSE"), Instrument("ABC-SM", 2, "", tick, 400, "EQ", "NSE"),
            Instrument("XYZ-BE", 3, "", fine, 1, "EQ", "NSE")]  # fmt: skip
    await listed(paper, "sandbox", rows)
    paper.price("100", "ABC-SM")
    paper.price("100", "XYZ-BE")
    assert "multiple of 0.05" in await refused(paper, "BUY", 1, type="LIMIT", price="99.99")
    assert "lots of 400" in await refused(paper, "BUY", 401, "ABC-SM")
    assert (await paper.place("BUY", 400, "ABC-SM")).status is COMPLETE
    assert "series BE" in await refused(paper, "BUY", 1, "XYZ-BE", product="MIS")
    assert (await paper.place("BUY", 1, "XYZ-BE")).status is COMPLETE


async def test_the_list_of_another_source_decides_nothing(paper: Desk) -> None:
    await listed(paper, "kite", [Instrument("SBIN", 1, "", Decimal(5), 400, "EQ", "NSE")])
    assert (await paper.place("BUY", 1, type="LIMIT", price="99.99")).status is OPEN


async def listed(paper: Desk, provider: str, rows: list[Instrument]) -> None:
    """Have the list of a source."""

    def unit(tx: Transaction) -> None:
        instrument_store.add(tx, rows)
        instrument_store.finish(tx, provider, {row.symbol for row in rows}, paper.clock.now())

    await paper.db.write(unit)


async def test_without_a_price_nothing_is_traded(paper: Desk) -> None:
    assert "no price of NOBODY is known" in await refused(paper, "BUY", 1, "NOBODY")
    paper.error = NoDataError("the exchange is silent")
    assert "the exchange is silent" in await refused(paper, "BUY", 1)
    paper.error = LoginRequiredError("log in")
    with pytest.raises(LoginRequiredError):
        await paper.place("BUY", 1)


@pytest.mark.parametrize("kind", [{}, {"type": "SL-M", "trigger": "105"}])
async def test_a_stale_price_takes_no_market_order_and_lets_a_limit_rest(paper: Desk, kind: dict[str, Any]) -> None:
    paper.clock.advance(121)
    assert "121 s old" in await refused(paper, "BUY", 1, **kind)
    resting = await paper.place("BUY", 1, type="LIMIT", price="100")
    assert (resting.status, resting.filled) == (OPEN, 0)
    assert "121 s old" in (resting.message or "")
    paper.price("100")
    await paper.match()
    assert (await paper.get(resting)).status is COMPLETE


async def test_a_price_of_yesterday_fills_nothing(paper: Desk) -> None:
    yesterday = paper.clock.now() - timedelta(days=1)
    paper.price("100", last_trade_at=yesterday)
    assert "has not traded today" in await refused(paper, "BUY", 1)


async def test_what_rests_fills_at_its_limit_against_later_prices_only(paper: Desk) -> None:
    order = await paper.place("BUY", 10, type="LIMIT", price="95")
    before = dict(paper.quotes)
    paper.price("94")
    early = {"SBIN": paper.quotes["SBIN"]._replace(fetched_at=paper.clock.now() - timedelta(seconds=1))}
    await paper.match(early)
    assert (await paper.get(order)).status is OPEN
    await paper.match(before)
    assert (await paper.get(order)).status is OPEN
    paper.clock.advance(60)
    paper.price("94")
    (event,) = await paper.match()
    assert event.data["average_price_inr"] == "95"
    assert (await paper.get(order)).status is COMPLETE
    assert await paper.match() == ()


async def test_a_stop_that_is_gapped_through_sells_at_the_price_that_is_there(paper: Desk) -> None:
    await lot(paper, 10)
    stop = await paper.place("SELL", 10, type="SL-M", trigger="95")
    paper.clock.advance(60)
    paper.price("80", bid=Decimal("79.5"))
    await paper.match()
    done = await paper.get(stop)
    assert (done.status, done.average_price) == (COMPLETE, Decimal("79.5"))


async def test_an_order_larger_than_the_days_trade_is_filled_in_parts_and_pays_as_one(paper: Desk) -> None:
    paper.price("1000", volume=600)
    order = await paper.place("BUY", 900, product="MIS", type="LIMIT", price="1000")
    assert (order.status, order.filled, order.message) == (OPEN, 600, "filled in part")
    for volume in (600, 700, 5000):
        paper.clock.advance(60)
        paper.price("1000", volume=volume)
        await paper.match()
    done = await paper.get(order)
    assert (done.status, done.filled, done.message) == (COMPLETE, 900, None)
    trades = await paper.db.read(lambda tx: order_store.fills(tx, ACCOUNT))
    assert sorted(trade.quantity for trade in trades) == [100, 200, 600]
    entries = await paper.db.read(lambda tx: ledger_store.entries(tx, ACCOUNT, date.min, date.max))
    assert sum(e.amount_inr for e in entries if e.kind == "brokerage") == -20


async def test_an_order_that_comes_at_night_waits_for_the_open(paper: Desk) -> None:
    go_to(paper, "2026-11-20 22:00")
    order = await paper.place("BUY", 10)
    assert order.message == "waits for the open on 2026-11-23 at 09:15 IST"
    go_to(paper, "2026-11-23 09:14")
    paper.price("104")
    await paper.match()
    assert (await paper.get(order)).status is OPEN
    go_to(paper, "2026-11-23 09:15")
    await paper.match()  # the price is of before the open
    assert (await paper.get(order)).status is OPEN
    paper.price("105")
    await paper.match()
    assert (await paper.get(order)).average_price == Decimal(105)


async def test_before_the_open_of_the_same_day_it_waits_for_that_open(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(at("2026-11-20 09:05"))) as paper:
        order = await paper.place("BUY", 10)
        assert order.message == "waits for the open on 2026-11-20 at 09:15 IST"


async def test_a_gap_at_the_open_that_the_cash_does_not_cover_cancels_the_order(paper: Desk) -> None:
    go_to(paper, "2026-11-20 22:00")
    order = await paper.place("BUY", 9500)
    go_to(paper, "2026-11-23 09:16")
    paper.price("120")
    await paper.match()
    done = await paper.get(order)
    assert done.status is CANCELLED
    assert "cash does not suffice any more" in (done.message or "")
    assert await paper.cash() == 1_000_000


async def test_shares_that_are_gone_cancel_the_order_that_would_sell_them(paper: Desk) -> None:
    await lot(paper, 10)
    order = await paper.place("SELL", 10, type="LIMIT", price="105")
    await paper.db.write(lambda tx: ledger_store.remove_lots(tx, ACCOUNT, "SBIN", "import"))
    paper.clock.advance(60)
    paper.price("106")
    await paper.match()
    assert "only 0 shares of SBIN are left" in ((await paper.get(order)).message or "")


async def test_what_is_not_filled_by_the_close_is_cancelled(paper: Desk) -> None:
    order = await paper.place("BUY", 10, type="LIMIT", price="90")
    go_to(paper, "2026-11-20 15:15")  # SBIN is an F&O stock: its continuous trading ends now
    (event,) = await paper.match()
    assert event.type == "order.cancelled"
    done = await paper.get(order)
    assert (done.status, done.message) == (CANCELLED, "not filled by the close of 2026-11-20")
    assert (await paper.place("BUY", 9000, type="LIMIT", price="100")).status is OPEN  # the cash is free again


async def test_other_stocks_close_later(paper: Desk) -> None:
    paper.price("100", OTHER)
    order = await paper.place("BUY", 10, OTHER, type="LIMIT", price="90")
    go_to(paper, "2026-11-20 15:20")
    await paper.match()
    assert (await paper.get(order)).status is OPEN
    paper.price("100", OTHER)
    assert (await paper.place("BUY", 10, OTHER)).status is COMPLETE
    go_to(paper, "2026-11-20 15:30")
    await paper.match()
    assert (await paper.get(order)).status is CANCELLED


async def test_the_closing_auction_takes_no_stops_and_fills_at_its_price(paper: Desk) -> None:
    go_to(paper, "2026-11-20 15:21")
    last = at("2026-11-20 15:14:59")
    paper.price("100", last_trade_at=last)
    assert "no stop orders" in await refused(paper, "BUY", 1, type="SL-M", trigger="101")
    assert "squared off" in await refused(paper, "BUY", 1, product="MIS")
    assert "above 103" in await refused(paper, "BUY", 1, type="LIMIT", price="103.01")
    order = await paper.place("BUY", 10, type="LIMIT", price="102")
    low = await paper.place("BUY", 10, type="LIMIT", price="100")
    assert order.message == "waits for the price of the closing auction"
    paper.clock.advance(30)
    paper.price("100", last_trade_at=last)
    await paper.match()
    assert (await paper.get(order)).status is OPEN
    go_to(paper, "2026-11-20 15:31")
    paper.price("101")
    await paper.match()
    assert (await paper.get(order)).average_price == Decimal(101)
    go_to(paper, "2026-11-20 15:50")
    await paper.match()
    assert (await paper.get(low)).status is CANCELLED
    words = (await paper.place("BUY", 10)).message
    assert words == "waits for the open on 2026-11-23 at 09:15 IST"


async def test_intraday_positions_are_squared_off_for_a_fee(paper: Desk) -> None:
    await paper.place("BUY", 100, product="MIS")
    stop = await paper.place("SELL", 100, product="MIS", type="SL-M", trigger="95")
    go_to(paper, "2026-11-20 15:09:59")
    paper.price("101")
    assert await paper.match() == ()
    go_to(paper, "2026-11-20 15:10")
    paper.price("101")
    assert [event.type for event in await paper.match()] == ["order.cancelled", "order.filled"]
    assert (await paper.get(stop)).status is CANCELLED
    held = (await paper.positions())["SBIN", "MIS"]
    assert (held.quantity, held.realised_inr) == (0, Decimal(100))
    orders = await paper.db.read(lambda tx: order_store.newest(tx, ACCOUNT, day=None, symbol=None, limit=1))
    assert (orders[0].reason, orders[0].request.side) == ("square-off of intraday positions", Side.SELL)
    entries = await paper.db.read(lambda tx: ledger_store.entries(tx, ACCOUNT, date.min, date.max))
    assert [e.amount_inr for e in entries if e.kind == "square_off"] == [Decimal(-59)]
    assert "squared off at 15:10 IST" in await refused(paper, "BUY", 1, product="MIS")
    assert await paper.match() == ()


async def test_what_nobody_squared_off_in_time_is_squared_off_on_the_next_day(paper: Desk) -> None:
    await paper.place("BUY", 100, product="MIS")
    go_to(paper, "2026-11-20 15:12")
    assert await paper.match() == ()  # the price is stale
    go_to(paper, "2026-11-23 09:16")
    paper.price("97")
    await paper.place("BUY", 7, product="MIS")
    await paper.match()
    assert (await paper.positions())["SBIN", "MIS"].quantity == 7
    orders = await paper.db.read(lambda tx: order_store.newest(tx, ACCOUNT, day=None, symbol=None, limit=1))
    assert orders[0].reason == "square-off of intraday positions, left over from 2026-11-20"


async def test_nobody_buys_at_the_lower_band_so_that_the_square_off_waits(paper: Desk) -> None:
    await paper.place("BUY", 100, product="MIS")
    go_to(paper, "2026-11-20 15:11")
    paper.price("90", lower_circuit=Decimal(90))
    assert await paper.match() == ()
    assert (await paper.positions())["SBIN", "MIS"].quantity == 100


async def test_an_order_is_placed_once_however_often_it_is_sent(paper: Desk) -> None:
    order = await paper.order(request("BUY", 10))
    first = await paper.broker.place(order)
    assert await paper.broker.place(order) == first
    assert len(await paper.db.read(lambda tx: order_store.fills(tx, ACCOUNT))) == 1


@pytest.mark.parametrize("status", [OrderStatus.CREATED, OrderStatus.UNPLACED, OrderStatus.BLOCKED])
async def test_an_order_that_is_not_on_its_way_is_not_taken(paper: Desk, status: OrderStatus) -> None:
    order = await paper.order(request("BUY", 10), status)
    with pytest.raises(OrderRejectedError, match=status.value):
        await paper.broker.place(order)


async def test_the_emergency_stop_keeps_orders_out_and_lets_what_rests_go_on(paper: Desk) -> None:
    resting = await paper.place("BUY", 10, type="LIMIT", price="95")
    order = await paper.order(request("BUY", 10))
    await paper.db.set_state(halt_store.STOP, {"reason": "a test"})
    with pytest.raises(HaltedError, match="a test"):
        await paper.broker.place(order)
    assert await paper.broker.find(order) is None
    paper.clock.advance(60)
    paper.price("95")
    await paper.match()
    assert (await paper.get(resting)).status is COMPLETE


async def test_the_book_finds_orders_by_tag_and_lists_the_days(paper: Desk) -> None:
    done, resting = await paper.place("BUY", 10), await paper.place("BUY", 10, type="LIMIT", price="90")
    lost = await paper.order(request("BUY", 10))
    found = await paper.broker.find(done)
    assert found is not None
    assert (found.broker_order_id, found.status, found.filled) == (done.broker_order_id, COMPLETE, 10)
    assert await paper.broker.find(lost) is None
    assert {each.tag for each in await paper.broker.book()} == {done.tag, resting.tag}
    go_to(paper, "2026-11-23 10:00")
    assert await paper.broker.book() == ()
    assert (await paper.get(resting)).status is CANCELLED


async def test_reading_the_book_fills_what_rests(paper: Desk) -> None:
    order = await paper.place("BUY", 10, type="LIMIT", price="95")
    paper.clock.advance(60)
    paper.price("95")
    (row,) = await paper.broker.book()
    assert (row.tag, row.status) == (order.tag, COMPLETE)
    asked = paper.asked
    await paper.broker.book()
    assert paper.asked == asked  # nothing rests, nobody is asked


async def test_reading_the_book_survives_a_silent_market(paper: Desk) -> None:
    order = await paper.place("BUY", 10, type="LIMIT", price="95")
    paper.error = NoDataError("silence")
    assert [row.tag for row in await paper.broker.book()] == [order.tag]


async def test_what_fails_of_one_order_keeps_no_other_back(paper: Desk) -> None:
    broken, sound = [await paper.place("BUY", 10, type="LIMIT", price="95") for _ in range(2)]
    sql = "UPDATE paper_orders SET bound_inr = 'no price' WHERE order_id = ?"
    await paper.db.write(lambda tx: tx.run(sql, (broken.id,)))
    paper.clock.advance(60)
    paper.price("95")
    matched = await paper.db.write(lambda tx: paper.broker.match(tx, paper.quotes, paper.clock.now()))
    assert [event.type for event in matched.events] == ["order.filled"]
    assert matched.problems.keys() == {broken.id}
    assert ((await paper.get(broken)).status, (await paper.get(sound)).status) == (OPEN, COMPLETE)


async def test_cancelling(paper: Desk) -> None:
    resting, done = await paper.place("BUY", 10, type="LIMIT", price="90"), await paper.place("BUY", 10)
    await paper.broker.cancel(resting)
    await paper.broker.cancel(resting)
    await paper.broker.cancel(done)
    assert ((await paper.get(resting)).status, (await paper.get(done)).status) == (CANCELLED, COMPLETE)
    assert (await paper.events()).count("order.cancelled") == 1
    with pytest.raises(OrderRejectedError, match="does not know"):
        await paper.broker.cancel(await paper.order(request("BUY", 10)))


async def test_a_purchase_whose_settlement_day_is_not_known_is_not_taken(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(at("2026-12-31 10:00"))) as paper:
        with pytest.raises(ConfigurationError, match="2027"):
            await paper.place("BUY", 1)
        assert (await paper.place("BUY", 1, product="MIS")).status is COMPLETE


@pytest.mark.parametrize("text", ["25:00", "3pm", "", "15.10"])
async def test_the_time_of_the_square_off_is_a_time(tmp_path: Path, clock: FakeClock, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"paper\.square_off"):
        async with desk(tmp_path, clock, paper=PaperSettings(square_off=text)):
            pass


async def test_on_a_day_of_other_hours_the_square_off_comes_before_their_end(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(at("2026-11-08 18:20"))) as paper:  # Muhurat, 18:15 to 19:15
        await paper.place("BUY", 10, product="MIS")
        go_to(paper, "2026-11-08 19:09")
        paper.price("100")
        assert await paper.match() == ()
        go_to(paper, "2026-11-08 19:10")
        paper.price("100")
        assert [event.type for event in await paper.match()] == ["order.filled"]
        await paper.check()
