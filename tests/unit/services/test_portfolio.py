"""What is held and what it is worth, over real SQLite; what is not known is never counted as nothing."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.stores import ledger_store, portfolio_store, sector_store
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import Book, Position
from robotrader.core.errors import (
    ConfigurationError,
    ConnectionFailedError,
    LoginRequiredError,
    NoDataError,
    ValidationError,
)
from robotrader.core.services import portfolio_sums
from robotrader.core.services.portfolio_quotes import stale
from robotrader.core.services.portfolio_views import Sum
from tests.support.clock import START, FakeClock
from tests.support.portfolio import CASH, buy, charge, desk, sell
from tests.support.quotes import quote

FILE = "symbol,quantity,price,sector\nSBIN,10,800,\nM&M,5,3000,Tractors\nODD,4,,\n"
TODAY = date(2026, 11, 20)
CLOSED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # 17:30 IST


async def test_what_a_file_says_is_held_and_valued(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        taken = await at.take_in(FILE)
        assert (taken.account, taken.added, taken.sectors) == ("sandbox", ("SBIN", "M&M", "ODD"), 1)
        at.prices.set("SBIN", "850", "840")
        at.prices.set("M&M", "2900", "3100")
        found = await at.portfolio.show(None)
    rows = {row.symbol: row for row in found.holdings}
    assert (found.cash_inr, found.provider, found.account) == (CASH, "sandbox", "sandbox")
    assert (rows["SBIN"].value_inr, rows["SBIN"].day_pnl_inr, rows["SBIN"].unrealised_inr) == (8500, 100, 500)
    assert (rows["M&M"].value_inr, rows["M&M"].day_pnl_inr, rows["M&M"].unrealised_inr) == (14500, -1000, -500)
    assert (rows["ODD"].value_inr, rows["ODD"].day_pnl_inr, rows["ODD"].unrealised_inr) == (None, None, None)
    assert found.value == Sum(Decimal(23000), 1)
    assert found.total == Sum(Decimal(1023000), 1)
    assert found.cost == Sum(Decimal(23000), 1)
    assert found.day_pnl == Sum(Decimal(-900), 1)
    assert found.unrealised == Sum(Decimal(0), 1)
    assert (found.missing, found.stale) == (("ODD",), ())
    assert [(row.sector, row.share_pct) for row in found.sectors] == [
        ("Tractors", Decimal("63.04")),
        ("Financial Services", Decimal("36.96")),
    ]
    assert found.concentration is not None
    assert (found.concentration.largest_symbol, found.concentration.top_five_pct) == ("M&M", Decimal(100))
    assert found.concentration.herfindahl == Decimal("0.5340")


async def test_an_empty_account_begins_with_its_cash(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        found = await at.portfolio.show(None)
        assert (found.cash_inr, found.holdings, found.concentration) == (CASH, (), None)
        assert found.value == found.day_pnl == found.unrealised == Sum(Decimal(0), 0)
        assert at.prices.asked == []
        assert await at.portfolio.show("sandbox") == found


async def test_nothing_known_at_all_is_not_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in("symbol,quantity\nODD,4\n")
        found = await at.portfolio.show(None)
    assert found.value == found.cost == found.day_pnl == Sum(None, 1)
    assert found.total == Sum(CASH, 1)
    assert found.sectors == ()


async def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in(FILE)
        before, told = await at.read(lambda tx: ledger_store.lots(tx, "sandbox")), await at.event_count()
        again = await at.take_in(FILE)
        assert (again.added, again.changed, again.removed, again.sectors) == ((), (), (), 0)
        assert again.unchanged == ("SBIN", "M&M", "ODD")
        at.clock.advance(3 * 86_400)
        assert (await at.take_in(FILE)).unchanged == again.unchanged
        assert await at.read(lambda tx: ledger_store.lots(tx, "sandbox")) == before
        assert await at.event_count() == told


async def test_what_was_sold_stays_sold_until_something_else_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in(FILE)
        await at.write(lambda tx: sell(tx, "sandbox", "SBIN", 10, "900", TODAY, "o1"))
        await at.write(lambda tx: sell(tx, "sandbox", "M&M", 2, "3100", TODAY, "o2"))
        assert (await at.take_in(FILE)).changed == ()
        held = await at.read(lambda tx: ledger_store.positions(tx, "sandbox", TODAY))
        assert {each.symbol: each.quantity for each in held} == {"SBIN": 0, "M&M": 3, "ODD": 4}
        other = "symbol,quantity,price\nSBIN,7,800\nM&M,6,3000\n"
        assert (await at.take_in(other)).changed == ("SBIN", "M&M")
        assert (await at.take_in(other)).unchanged == ("SBIN", "M&M")
        held = await at.read(lambda tx: ledger_store.positions(tx, "sandbox", TODAY))
        assert {each.symbol: each.quantity for each in held} == {"SBIN": 7, "M&M": 6, "ODD": 4}
        assert {each.symbol: each.realised_inr for each in held} == {"SBIN": 1000, "M&M": 200, "ODD": 0}


async def test_an_import_replaces_an_import_and_nothing_else(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in(FILE)
        await at.holdings.hold("SBIN", 1, Decimal(700), None)
        await at.write(lambda tx: buy(tx, "sandbox", "SBIN", 2, "810", TODAY, "o1"))
        plan = await at.take_in("symbol,quantity,price\nTCS,3,3500\n", replace=True, dry_run=True)
        assert (plan.dry_run, plan.added, plan.removed) == (True, ("TCS",), ("SBIN", "M&M", "ODD"))
        told = await at.event_count()
        assert len((await at.portfolio.show(None)).holdings) == 3
        assert await at.event_count() == told
        done = await at.take_in("symbol,quantity,price\nTCS,3,3500\n", replace=True)
        assert (done.added, done.removed) == (plan.added, plan.removed)
        found = await at.portfolio.show(None)
    assert {row.symbol: row.quantity for row in found.holdings} == {"SBIN": 3, "TCS": 3}


async def test_purchases_of_several_days_are_several_lots(tmp_path: Path) -> None:
    text = "symbol,quantity,price,date\nSBIN,10,800,2024-03-28\nSBIN,5,900,2025-04-01\n"
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in(text)
        assert (await at.take_in(text)).unchanged == ("SBIN",)
        lots = await at.read(lambda tx: ledger_store.lots(tx, "sandbox"))
        assert [(lot.quantity, lot.acquired_on) for lot in lots] == [(10, date(2024, 3, 28)), (5, date(2025, 4, 1))]
        assert (await at.take_in(text.replace("2025-04-01", "2025-04-02"))).changed == ("SBIN",)


async def test_typed_in_shares(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        first = await at.holdings.hold("SBIN", 10, Decimal("812.50"), date(2026, 1, 2))
        assert (first.changed, first.quantity, first.average_price_inr) == (True, 10, Decimal("812.50"))
        assert (await at.holdings.hold("SBIN", 10, Decimal("812.5"), date(2026, 1, 2))).changed is False
        assert (await at.holdings.hold("SBIN", 4, Decimal(800), None)).quantity == 4
        await at.write(lambda tx: buy(tx, "sandbox", "SBIN", 2, "810", TODAY, "o1"))
        assert (await at.holdings.drop("SBIN")).quantity == 2
        assert (await at.holdings.drop("SBIN")).changed is False
        for quantity, price, on in ((0, "1", None), (1, "0", None), (1, "nan", None), (1, "1", date(2026, 11, 21))):
            with pytest.raises(ValidationError):
                await at.holdings.hold("SBIN", quantity, Decimal(price), on)


async def test_shares_bought_today_win_from_what_was_paid(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.holdings.hold("SBIN", 10, Decimal(800), TODAY)
        at.prices.set("SBIN", "850", "700")
        (row,) = (await at.portfolio.show(None)).holdings
    assert (row.day_pnl_inr, row.sellable, row.unsettled) == (500, 0, 10)


async def test_cash_in_and_out(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.holdings.move_cash(Decimal(5000))
        await at.holdings.move_cash(Decimal("-1000.50"))
        found = await at.portfolio.cash(None)
        assert found.cash_inr == CASH + Decimal("3999.50")
        assert [each.kind for each in found.entries] == ["withdrawal", "deposit", "opening"]
        for amount in ("0", "-9999999999", "0.001", "nan", "inf"):
            with pytest.raises(ValidationError):
                await at.holdings.move_cash(Decimal(amount))
        assert (await at.portfolio.cash(None)).cash_inr == found.cash_inr


async def test_the_account_at_kite_is_never_said_anything(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(), account="kite", source="kite") as at:
        with pytest.raises(ValidationError, match="the account in force is the one at Kite"):
            await at.take_in(FILE)
        for work in (
            at.holdings.hold("SBIN", 1, Decimal(1), None),
            at.holdings.drop("SBIN"),
            at.holdings.move_cash(Decimal(1)),
        ):
            with pytest.raises(ValidationError):
                await work
        with pytest.raises(NoDataError):
            await at.portfolio.show(None)


async def test_what_kite_tells(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(), account="kite", source="kite") as at:
        with pytest.raises(LoginRequiredError) as raised:
            await at.portfolio.sync(to_paper=False)
        assert raised.value.exit_code == 7
        held = (
            Position("SBIN", "CNC", 16, 10, Decimal("801.78125"), 16, pledged=6, isin="INE062A01020"),
            Position("INFY", "MIS", -5, 0, Decimal(1500), 0, day_sell_quantity=5, day_sell_inr=Decimal(7500)),
            Position("TCS", "CNC", 0, 0, None, 2, 0, Decimal(0), 2, Decimal(7000), realised_inr=Decimal(90)),
        )
        at.kite.append(Book("kite", Decimal("245.5"), held, at.clock.now()))
        done = await at.portfolio.sync(to_paper=True)
        assert (done.changed, done.symbols, done.copied_to) == (True, 2, "paper")
        assert (done.copied, done.left_out) == (("SBIN",), ("INFY",))
        told = await at.event_count()
        again = await at.portfolio.sync(to_paper=True)
        assert (again.changed, again.copied, await at.event_count()) == (False, (), told)
        for symbol, price, close in (("SBIN", "810", "800"), ("INFY", "1490", "1510"), ("TCS", "3550", "3450")):
            at.prices.set(symbol, price, close, provider="kite")
        found = await at.portfolio.show(None)
        rows = {row.symbol: row for row in found.holdings}
        assert rows["SBIN"].cost_inr == Decimal("12828.50")
        assert {name: row.day_pnl_inr for name, row in rows.items()} == {"SBIN": 160, "INFY": 50, "TCS": 100}
        assert (found.realised, found.value) == (Sum(Decimal(90)), Sum(Decimal(810 * 16 - 1490 * 5)))
        paper = await at.portfolio.show("paper")
        assert [(row.symbol, row.quantity) for row in paper.holdings] == [("SBIN", 16)]


async def test_simulated_prices_never_stand_for_real_shares(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(), account="paper", source="sandbox") as at:
        await at.take_in(FILE)
        at.prices.set("SBIN", "850", "840")
        found = await at.portfolio.show(None)
        assert (at.prices.asked, found.provider, found.value) == ([], "kite", Sum(None, 3))
        assert "prices of kite are not asked for now" in found.notes[0]


async def test_no_source_of_prices_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(), account="paper", source="") as at:
        await at.take_in(FILE)
        found = await at.portfolio.show(None)
        assert (at.prices.asked, found.value) == ([], Sum(None, 3))
        assert "there is no source of prices" in found.notes[0]


async def test_old_prices_are_said_to_be_old(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in(FILE)
        at.prices.set("SBIN", "850", "840")
        assert (await at.portfolio.show(None)).stale == ()
        at.clock.advance(121)
        at.prices.error = ConnectionFailedError("no way out")
        found = await at.portfolio.show(None)
        assert (found.stale, found.value.inr) == (("SBIN",), 8500)
        assert found.notes == ("prices could not be asked for: no way out",)
        at.until(CLOSED)
        assert (await at.portfolio.show(None)).stale == ("SBIN",)
        at.prices.error = None
        assert (await at.portfolio.show(None)).stale == ()
        at.until(CLOSED + timedelta(days=2))  # a Sunday: the price of Friday evening is the last there is
        at.prices.error = ConnectionFailedError("no way out")
        assert (await at.portfolio.show(None)).stale == ()


def test_a_price_the_exchange_made_long_ago_is_old_however_new_it_is_fetched() -> None:
    close = START.replace(hour=9, minute=45)
    made = quote("SBIN", "850", at=START, exchange_at=START - timedelta(seconds=200))
    assert stale(made, START - timedelta(seconds=120), None)
    assert not stale(made._replace(exchange_at=None), START - timedelta(seconds=120), None)
    assert stale(made, close + timedelta(hours=2), close)
    assert not stale(made._replace(fetched_at=close), close + timedelta(hours=2), close)


async def test_a_day_is_written_down_after_its_close(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in("symbol,quantity,price\nSBIN,10,800\n")
        at.prices.set("SBIN", "850", "840")
        await at.portfolio.show(None)
        assert (await at.portfolio.history(None, 30)).days == ()
        at.until(CLOSED)
        await at.portfolio.show(None)
        (day,) = (await at.portfolio.history(None, 30)).days
        assert (day.day, day.total_inr, day.day_pnl_inr, day.complete) == (TODAY, CASH + 8500, 100, True)
        at.until(CLOSED + timedelta(days=1))
        await at.portfolio.show(None)
        assert len((await at.portfolio.history(None, 30)).days) == 1  # a Saturday
        at.until(CLOSED + timedelta(days=3))
        at.prices.set("SBIN", "860", "850")
        await at.portfolio.show(None)
        days = (await at.portfolio.history(None, 30)).days
        assert [(each.day.day, each.change_inr) for each in days] == [(23, 100), (20, None)]
        assert [each.day.day for each in (await at.portfolio.history(None, 1)).days] == [23]


async def test_a_day_known_in_part_never_replaces_one_known_in_full(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(CLOSED)) as at:
        await at.take_in("symbol,quantity,price\nSBIN,10,800\n")
        at.prices.set("SBIN", "850", "840")
        await at.portfolio.show(None)
        at.clock.advance(3600)
        del at.prices.quotes["SBIN"]
        now = at.clock.now()
        book = await at.read(lambda tx: portfolio_store.book(tx, "sandbox", now))
        written = await at.write(lambda tx: portfolio_store.snapshot(tx, "sandbox", book, {}, TODAY, now))
        assert (written.complete, written.value_inr, written.day_pnl_inr) == (False, 0, None)
        (day,) = (await at.portfolio.history(None, 30)).days
        assert (day.complete, day.value_inr) == (True, 8500)


async def test_sectors_are_heard_from_the_owner_first(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        assert (await at.portfolio.sector("SBIN", None, forget=False)).origin == "packaged"
        assert (await at.portfolio.sector("ODD", None, forget=False)).sector is None
        await at.take_in("symbol,quantity,price,sector\nSBIN,10,800,PSU banks\nODD,1,1,  financial   SERVICES \n")
        assert (await at.portfolio.sector("SBIN", None, forget=False))[1:3] == ("PSU banks", "import")
        assert (await at.portfolio.sector("ODD", None, forget=False)).sector == "Financial Services"
        named = await at.portfolio.sector("SBIN", "My  banks", forget=False)
        assert (named.sector, named.origin, named.changed) == ("My banks", "owner", True)
        await at.take_in("symbol,quantity,price,sector\nSBIN,11,800,PSU banks\n")
        assert (await at.portfolio.sector("SBIN", None, forget=False)).sector == "My banks"
        assert (await at.portfolio.sector("SBIN", None, forget=True))[1:] == ("Financial Services", "packaged", True)
        for words in ("", "   ", "\x1b[31mred"):
            with pytest.raises(ValidationError):
                await at.portfolio.sector("SBIN", words, forget=False)


async def test_the_company_of_bse_is_of_the_same_sector(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        found = await at.read(lambda tx: sector_store.of(tx, ["BSE:SBIN", "NOSUCH"]))
        assert {symbol: sector.name for symbol, sector in found.items()} == {"BSE:SBIN": "Financial Services"}


async def test_no_such_account(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        with pytest.raises(ValidationError, match="no such account"):
            await at.portfolio.show("mine")


async def test_nothing_of_a_bad_file_is_taken(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        for text in ("symbol,quantity,price\nSBIN,10,800\nTCS,1.5,3500\n", "symbol,quantity,price\n"):
            with pytest.raises(ValidationError):
                await at.take_in(text)
        assert (await at.portfolio.show(None)).holdings == ()


async def test_a_wrong_clock_writes_no_day(tmp_path: Path) -> None:
    """A year the calendar does not cover: the portfolio is shown, no day is written down."""
    async with desk(tmp_path, FakeClock(START + timedelta(days=3650))) as at:
        await at.take_in("symbol,quantity,price\nSBIN,10,800\n")
        at.prices.set("SBIN", "850", "840")
        assert (await at.portfolio.show(None)).value.inr == 8500
        assert (await at.portfolio.history(None, 30)).days == ()


@pytest.mark.parametrize("seed", range(6))
async def test_saying_the_same_again_changes_nothing_whatever_came_before(tmp_path: Path, seed: int) -> None:
    """Imports, sales and removals in any order: an import repeated is no change, and no share comes from nowhere."""
    dice = random.Random(seed)
    async with desk(tmp_path, FakeClock()) as at:
        for number in range(25):
            chosen = dice.sample(("SBIN", "TCS", "M&M", "ODD"), dice.randint(1, 4))
            lines = [f"{name},{dice.randint(1, 9)},{dice.choice(('', '100', '99.5'))}" for name in chosen for _ in "12"]
            text, whole = "symbol,quantity,price\n" + "\n".join(lines[: dice.randint(1, 8)]) + "\n", dice.random() < 0.4
            await at.take_in(text, replace=whole)
            held = await at.read(lambda tx: ledger_store.lots(tx, "sandbox"))
            if held and dice.random() < 0.6:
                lot = dice.choice(held)
                count = dice.randint(1, lot.remaining)
                await at.write(partial(_sold, symbol=lot.symbol, count=count, order=f"o{number}"))
            elif dice.random() < 0.3:
                await at.holdings.drop("SBIN")
                continue
            before, told = await at.read(lambda tx: ledger_store.lots(tx, "sandbox")), await at.event_count()
            again = await at.take_in(text, replace=whole)
            assert (again.added, again.changed, again.removed) == ((), (), ())
            assert await at.read(lambda tx: ledger_store.lots(tx, "sandbox")) == before
            assert await at.event_count() == told
            sums = await at.read(
                lambda tx: tx.all(
                    "SELECT l.id FROM lots l WHERE l.quantity != l.remaining"
                    " + (SELECT ifnull(sum(d.quantity), 0) FROM disposals d WHERE d.lot_id = l.id)"
                )
            )
            assert sums == []


def _sold(tx: Any, symbol: str, count: int, order: str) -> None:
    sell(tx, "sandbox", symbol, count, "120", TODAY, order)


SUNDAY = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
THURSDAY = date(2026, 11, 19)


def _on_friday(tx: Any) -> None:
    """Held before: 10 SBIN and 5 TCS; on Friday 20 SBIN are bought, 4 of the old ones and all TCS are sold."""
    buy(tx, "sandbox", "SBIN", 10, "800", THURSDAY - timedelta(days=1), "b1")
    buy(tx, "sandbox", "TCS", 5, "3500", THURSDAY - timedelta(days=1), "b2")
    buy(tx, "sandbox", "SBIN", 20, "830", TODAY, "b3")
    sell(tx, "sandbox", "SBIN", 4, "845", TODAY, "s1")
    sell(tx, "sandbox", "TCS", 5, "3600", TODAY, "s2")


async def test_on_a_sunday_the_day_is_friday_as_it_was_traded(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(SUNDAY)) as at:
        await at.portfolio.show(None)
        await at.write(_on_friday)
        at.prices.set("SBIN", "850", "840")
        at.prices.set("TCS", "3650", "3550")
        found = await at.portfolio.show(None)
    rows = {row.symbol: row for row in found.holdings}
    assert found.day == TODAY
    # 26 x 850 + 4 x 845 - 20 x 830 - 10 x 840, and 5 x (3600 - 3550): not 26 x (850 - 840)
    assert (rows["SBIN"].day_pnl_inr, rows["TCS"].day_pnl_inr) == (480, 250)
    assert (rows["SBIN"].quantity, rows["TCS"].quantity, found.day_pnl) == (26, 0, Sum(Decimal(730)))
    assert found.realised == Sum(Decimal(0))


async def test_before_the_open_prices_of_today_tell_nothing_of_the_last_session(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(datetime(2026, 11, 23, 3, 0, tzinfo=UTC))) as at:
        await at.portfolio.show(None)
        await at.write(_on_friday)
        at.prices.set("SBIN", "850", "840")
        found = await at.portfolio.show(None)
        assert (found.day, found.value.inr, found.day_pnl.inr) == (TODAY, 26 * 850, None)


async def test_what_came_after_the_session_won_nothing_in_it(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(SUNDAY)) as at:
        await at.holdings.hold("SBIN", 10, Decimal(800), SUNDAY.date())
        await at.holdings.hold("TCS", 2, Decimal(3500), None)
        at.prices.set("SBIN", "850", "840")
        at.prices.set("TCS", "3650", "3550")
        found = await at.portfolio.show(None)
        assert {row.symbol: row.day_pnl_inr for row in found.holdings} == {"SBIN": 0, "TCS": 200}


async def test_kite_tells_of_the_day_it_is_asked_on_alone(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(SUNDAY), account="kite", source="kite") as at:
        at.kite.append(Book("kite", Decimal(0), (Position("SBIN", "CNC", 10, 10, Decimal(800), 10),), at.clock.now()))
        await at.portfolio.sync(to_paper=False)
        at.prices.set("SBIN", "850", "840", provider="kite")
        found = await at.portfolio.show(None)
        assert (found.day, found.day_pnl, found.value.inr) == (TODAY, Sum(None, 1), 8500)


def test_a_day_is_not_reckoned_by_the_prices_of_another() -> None:
    book = Book("sandbox", Decimal(0), (Position("SBIN", "CNC", 10, 10, Decimal(800), 10),), SUNDAY)
    made = quote("SBIN", "850", "840", at=SUNDAY, exchange_at=CLOSED)
    found = portfolio_store.day_of("sandbox", book, {"SBIN": made}, SUNDAY.date(), SUNDAY)
    assert (found.value_inr, found.complete, found.day_pnl_inr) == (8500, True, None)


def test_a_share_nobody_trades_today_does_not_hide_the_day() -> None:
    held = tuple(Position(name, "CNC", 10, 10, Decimal(800), 10) for name in ("SBIN", "ODD"))
    book = Book("sandbox", Decimal(0), held, CLOSED)
    odd = quote("ODD", "50", "50", at=CLOSED, exchange_at=CLOSED - timedelta(days=2))
    quotes = {"SBIN": quote("SBIN", "850", "840", at=CLOSED), "ODD": odd}
    assert portfolio_store.day_of("sandbox", book, quotes, TODAY, CLOSED).day_pnl_inr == 100


async def test_the_age_of_a_price_is_that_of_the_exchange(tmp_path: Path) -> None:
    book = Book("sandbox", Decimal(0), (Position("SBIN", "CNC", 10, 10, Decimal(800), 10),), SUNDAY)
    made = quote("SBIN", "850", "840", at=SUNDAY, exchange_at=CLOSED)
    found = portfolio_sums.view(book, {"SBIN": made}, {}, now=SUNDAY, provider="sandbox")
    assert found.holdings[0].quote_at == CLOSED
    silent = portfolio_sums.view(book, {"SBIN": made._replace(exchange_at=None)}, {}, now=SUNDAY, provider="sandbox")
    assert silent.holdings[0].quote_at == SUNDAY


async def test_a_day_nobody_gave_is_not_known(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.holdings.hold("SBIN", 10, Decimal(800), None)
        await at.take_in("symbol,quantity,price,date\nTCS,2,3500,\nINFY,2,1500,2025-04-01\n")
        lots = {lot.symbol: lot for lot in await at.read(lambda tx: ledger_store.lots(tx, "sandbox"))}
        assert {name: lot.dated for name, lot in lots.items()} == {"SBIN": False, "TCS": False, "INFY": True}
        held = {each.symbol: each for each in await at.read(lambda tx: ledger_store.positions(tx, "sandbox", TODAY))}
        assert (held["SBIN"].sellable, held["SBIN"].overnight_quantity, held["SBIN"].unsettled) == (10, 10, 0)
        before = await at.read(lambda tx: ledger_store.positions(tx, "sandbox", THURSDAY))
        assert {each.symbol: each.overnight_quantity for each in before} == {"INFY": 2, "SBIN": 10, "TCS": 2}
        assert (await at.holdings.hold("SBIN", 10, Decimal(800), None)).changed is False
        await at.write(lambda tx: sell(tx, "sandbox", "SBIN", 4, "900", TODAY, "o1"))
        (sold,) = (await at.results.pnl(None, None, None)).disposals
        assert (sold.acquired_on, sold.realised_inr) == (None, 400)
        assert (await at.holdings.hold("SBIN", 10, Decimal(800), THURSDAY)).changed is True


@pytest.mark.parametrize(
    ("on", "settles"),
    [
        (date(2026, 11, 19), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 25)),  # a Sunday: as bought on Monday, and Tuesday is a holiday
        (date(2026, 11, 23), date(2026, 11, 25)),
    ],
)
async def test_what_is_said_to_be_just_bought_settles_by_the_calendar(tmp_path: Path, on: date, settles: date) -> None:
    async with desk(tmp_path, FakeClock(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))) as at:
        await at.holdings.hold("SBIN", 10, Decimal(800), on)
        await at.take_in(f"symbol,quantity,price,date\nTCS,2,3500,{on}\n")
        lots = await at.read(lambda tx: ledger_store.lots(tx, "sandbox"))
        assert {(lot.acquired_on, lot.settles_on, lot.dated) for lot in lots} == {(on, settles, True)}


async def test_where_the_calendar_ends_a_purchase_of_today_is_refused(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(START + timedelta(days=3650))) as at:
        with pytest.raises(ConfigurationError, match="calendar does not cover"):
            await at.holdings.hold("SBIN", 10, Decimal(800), at.today)
        assert (await at.holdings.hold("SBIN", 10, Decimal(800), TODAY)).quantity == 10


async def test_history_has_the_whole_day_of_the_ledger(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(CLOSED)) as at:
        await at.take_in("symbol,quantity,price\nSBIN,10,800\n")
        at.prices.set("SBIN", "850", "840")
        await at.portfolio.show(None)
        await at.write(lambda tx: sell(tx, "sandbox", "SBIN", 4, "850", TODAY, "o1"))
        await at.write(lambda tx: charge(tx, "sandbox", "SBIN", CashKind.STT, "3.40", TODAY, "o1"))
        (day,) = (await at.portfolio.history(None, 30)).days
        assert (day.realised_inr, day.charges_inr, day.value_inr) == (200, Decimal("3.40"), 8500)
        assert day.updated_at == CLOSED


async def test_typed_prices_are_of_a_paisa_at_least_and_of_four_decimals_at_most(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        for price in ("0.001", "0.0099", "812.12345"):
            with pytest.raises(ValidationError, match="a paisa or more, with four decimals at most"):
                await at.holdings.hold("SBIN", 10, Decimal(price), None)
        assert (await at.holdings.hold("SBIN", 10, Decimal("812.1234"), None)).average_price_inr == Decimal("812.1234")
