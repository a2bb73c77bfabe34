"""What was won and lost: first in, first out, before and after charges; sums that say what they miss."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.stores import portfolio_store
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import Book, Position, Quote
from robotrader.core.clock import to_micros
from robotrader.core.errors import ValidationError
from robotrader.core.services import portfolio_sums
from robotrader.core.services.portfolio_views import Sum
from tests.support.clock import START, FakeClock
from tests.support.portfolio import Desk, buy, charge, desk, sell
from tests.support.quotes import quote

TODAY = date(2026, 11, 20)
BEFORE = date(2026, 11, 18)
MONEY = st.decimals(min_value="0.05", max_value=10**6, places=2)
COUNT = st.integers(min_value=0, max_value=10**6)


async def _traded(at: Desk) -> None:
    """10 at 100 and 10 at 120 of SBIN, 15 sold at 130; an imported share of unknown cost sold."""
    await at.take_in("symbol,quantity,price\nODD,4,\n")

    def unit(tx) -> None:
        buy(tx, "sandbox", "SBIN", 10, "100", BEFORE, "b1")
        charge(tx, "sandbox", "SBIN", CashKind.STT, "1.00", BEFORE, "b1")
        charge(tx, "sandbox", "SBIN", CashKind.STAMP, "0.50", BEFORE, "b1")
        buy(tx, "sandbox", "SBIN", 10, "120", BEFORE, "b2")
        charge(tx, "sandbox", "SBIN", CashKind.STT, "3.00", BEFORE, "b2")
        sell(tx, "sandbox", "SBIN", 15, "130", TODAY, "s1")
        charge(tx, "sandbox", "SBIN", CashKind.STT, "6.00", TODAY, "s1")
        charge(tx, "sandbox", "SBIN", CashKind.DP, "15.34", TODAY, "s1")
        sell(tx, "sandbox", "ODD", 4, "50", TODAY, "s2")

    await at.write(unit)


async def test_what_was_sold_first_in_first_out(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await _traded(at)
        at.prices.set("SBIN", "125", "120")
        found = await at.results.pnl(None, None, None)
    first, second, odd = found.disposals
    assert (first.quantity, first.cost_inr, first.realised_inr) == (10, 1000, 300)
    assert (second.quantity, second.cost_inr, second.realised_inr) == (5, 600, 50)
    assert (odd.realised_inr, odd.net_inr, odd.charges_inr) == (None, None, 0)
    assert first.charges_inr == Decimal("15.73")  # 1.50 of the purchase and two thirds of 21.34
    assert second.charges_inr == Decimal("8.61")  # half of 3.00 and a third of 21.34
    assert first.net_inr == Decimal("284.27")
    assert found.realised == Sum(Decimal(350), 1)
    assert found.charges == Sum(Decimal("25.84"))
    assert found.net == Sum(Decimal("324.16"), 1)
    assert found.unrealised == Sum(Decimal(25))
    assert found.total == Sum(Decimal("349.16"), 1)
    assert [(row.key, row.realised, row.charges.inr, row.unrealised) for row in found.by_symbol] == [
        ("ODD", Sum(None, 1), Decimal(0), Sum(Decimal(0))),
        ("SBIN", Sum(Decimal(350)), Decimal("25.84"), Sum(Decimal(25))),
    ]
    assert {row.unrealised for row in found.by_day} == {None}
    assert [(row.key, row.net.inr) for row in found.by_day] == [
        ("2026-11-18", Decimal("-4.50")),
        ("2026-11-20", Decimal("328.66")),
    ]


async def test_a_span_and_a_symbol(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await _traded(at)
        found = await at.results.pnl("sandbox", TODAY, "SBIN")
        assert (found.realised, found.charges) == (Sum(Decimal(350)), Sum(Decimal("21.34")))
        assert (found.unrealised, found.first) == (Sum(None, 1), TODAY)
        nothing = await at.results.pnl(None, TODAY, "TCS")
        assert nothing.total == nothing.realised == Sum(Decimal(0))
        with pytest.raises(ValidationError):
            await at.results.pnl("mine", None, None)


async def test_what_is_only_held_is_listed_too(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await at.take_in("symbol,quantity,price\nSBIN,10,100\nODD,4,\n")
        at.prices.set("SBIN", "125", "120")
        found = await at.results.pnl(None, None, None)
    assert [(row.key, row.net, row.unrealised) for row in found.by_symbol] == [
        ("ODD", Sum(Decimal(0)), Sum(None, 1)),
        ("SBIN", Sum(Decimal(0)), Sum(Decimal(250))),
    ]


async def test_trades(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock()) as at:
        await _traded(at)
        found = await at.results.trades(None, None, None, None, 100)
        assert len(found.trades) == 4
        assert (found.bought_inr, found.sold_inr, found.charges) == (2200, 2150, Sum(None, 4))
        today = await at.results.trades(None, TODAY, TODAY, "SBIN", 100)
        assert [(row.side, row.quantity, row.value_inr) for row in today.trades] == [("SELL", 15, 1950)]


async def test_of_kite_days_are_those_written_down(tmp_path: Path) -> None:
    async with desk(tmp_path, FakeClock(), account="kite", source="kite") as at:
        sold = Position("TCS", "CNC", 0, 0, None, 2, 0, Decimal(0), 2, Decimal(7000), realised_inr=Decimal(90))
        at.kite.append(Book("kite", Decimal(100), (sold,), at.clock.now()))
        await at.portfolio.sync(to_paper=False)

        def unit(tx) -> None:
            tx.run(
                "INSERT INTO portfolio_days VALUES ('kite', '2026-11-18', '1', '1', '1', '0', '-40', '0', 1, ?)",
                (to_micros(at.clock.now()),),
            )

        await at.write(unit)
        found = await at.results.pnl(None, None, None)
        assert [(row.key, row.realised.inr) for row in found.by_day] == [("2026-11-18", -40), ("2026-11-20", 90)]
        assert [(row.key, row.realised.inr) for row in found.by_symbol] == [("TCS", 90)]
        assert found.realised == Sum(Decimal(50))
        assert any("today alone" in note for note in found.notes)


@st.composite
def held(draw: st.DrawFn) -> tuple[Position, Quote]:
    """A position as a day made it, and its quote."""
    overnight, bought = draw(COUNT), draw(COUNT)
    sold = draw(st.integers(min_value=0, max_value=overnight + bought))
    paid, got = draw(MONEY) * bought, draw(MONEY) * sold
    average = draw(st.none() | MONEY)
    quantity = overnight + bought - sold
    symbol = draw(st.sampled_from([f"S{number}" for number in range(30)]))
    position = Position(symbol, "CNC", quantity, quantity, average, overnight, bought, paid, sold, got)
    return position, quote(symbol, str(draw(MONEY)), str(draw(MONEY)))


@given(st.lists(held(), max_size=12, unique_by=lambda each: each[0].symbol), st.data())
def test_the_sums_are_those_of_their_parts(day: list[tuple[Position, Quote]], data: st.DataObject) -> None:
    quotes = {found.symbol: found for _, found in day if data.draw(st.booleans())}
    book = Book("sandbox", Decimal("1234.56"), tuple(position for position, _ in day), START)
    session = portfolio_sums.LastSession(TODAY, book.positions, quotes)
    view = portfolio_sums.view(book, quotes, {}, now=START, provider="sandbox", session=session)
    rows = {row.symbol: row for row in view.holdings}
    for position, found in day:
        row = rows[position.symbol]
        if found.symbol in quotes:
            began = (found.previous_close or 0) * position.overnight_quantity
            # What it was worth, what was put in and what was won make what it is worth and what was taken out.
            assert row.day_pnl_inr is not None
            assert began + position.day_buy_inr + row.day_pnl_inr == row.value_inr + position.day_sell_inr
        elif position.quantity:
            assert row.value_inr is None
            assert row.day_pnl_inr is None
        if None not in {row.value_inr, row.cost_inr}:
            assert row.cost_inr + row.unrealised_inr == row.value_inr
    priced = [row for row in view.holdings if row.quantity and row.value_inr is not None]
    unpriced = [row for row in view.holdings if row.quantity and row.value_inr is None]
    assert view.value.missing == len(unpriced) == len(view.missing)
    assert (view.value.inr or 0) == sum(row.value_inr for row in priced)
    assert view.total.inr == book.cash_inr + (view.value.inr or 0)
    assert sum(row.value_inr for row in view.sectors) == (view.value.inr or 0)
    if view.concentration is not None:
        assert abs(sum(row.share_pct for row in priced) - 100) <= Decimal("0.005") * len(priced)
        assert 0 < view.concentration.largest_pct <= view.concentration.top_five_pct <= Decimal(100)
        assert 0 < view.concentration.herfindahl <= 1


@given(st.lists(held(), max_size=8, unique_by=lambda each: each[0].symbol))
def test_a_day_is_what_the_screen_says(day: list[tuple[Position, Quote]]) -> None:
    quotes = {found.symbol: found for _, found in day}
    book = Book("sandbox", Decimal(5), tuple(position for position, _ in day), START)
    session = portfolio_sums.LastSession(TODAY, book.positions, quotes)
    view = portfolio_sums.view(book, quotes, {}, now=START, provider="sandbox", session=session)
    kept = portfolio_store.day_of("sandbox", book, quotes, TODAY, START)
    assert (kept.value_inr, kept.day_pnl_inr, kept.complete) == (view.value.inr, view.day_pnl.inr, True)
    assert (kept.cost_inr is None) == bool(view.cost.missing)
    other = portfolio_store.day_of("sandbox", book, quotes, TODAY + timedelta(days=1), START)
    assert other.complete is not any(position.quantity for position, _ in day)
