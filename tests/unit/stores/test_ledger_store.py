"""Cash to the paisa and shares by purchase: what is entered, taken and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest

from robotrader.core.background_scheduler.stores import ledger_store
from robotrader.core.background_scheduler.stores.ledger_positions import plain
from robotrader.core.background_scheduler.trading import Position
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NotFoundError, ValidationError
from tests.support.clock import START, FakeClock

T = TypeVar("T")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))
D = Decimal


class Books:
    """One database, and the account ``paper`` in it with a thousand rupees."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self.db = db

    async def __call__(self, unit: Callable[[Transaction], T]) -> T:
        return await self.db.write(unit)

    async def lot(self, quantity: int, price: str | None, day: date = MONDAY, **more: Any) -> None:
        given = {"symbol": "SBIN", "product": "CNC", "settles_on": day, "origin": "order", **more}
        known = None if price is None else D(price)
        await self(
            lambda tx: ledger_store.add_lot(tx, "paper", quantity=quantity, price=known, acquired_on=day, **given)
        )

    async def sell(self, quantity: int, price: str, day: date = WEDNESDAY, product: str = "CNC") -> ledger_store.Sold:
        return await self(
            lambda tx: ledger_store.take_lots(tx, "paper", "SBIN", product, quantity, D(price), day, "an-order")
        )

    async def position(self, day: date = WEDNESDAY) -> Position:
        (found,) = await self(lambda tx: ledger_store.positions(tx, "paper", day))
        return found


@pytest.fixture
async def books(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Books]:
    db = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    await db.write(lambda tx: ledger_store.open_account(tx, "paper", D(1000), START))
    yield Books(db)
    await db.close()


async def test_an_account_is_opened_once(books: Books) -> None:
    assert not await books(lambda tx: ledger_store.open_account(tx, "paper", D(5), START))
    assert await books(lambda tx: ledger_store.open_account(tx, "kite", D(0), START))
    assert await books(lambda tx: ledger_store.account(tx, "nobody")) is None
    found = await books(lambda tx: ledger_store.account(tx, "paper"))
    assert found == ledger_store.Account("paper", D(1000), START, None)
    assert len(await books(lambda tx: tx.all("SELECT * FROM cash_entries"))) == 1


async def test_entries_carry_the_balance_and_make_the_cash(books: Books) -> None:
    enter = ledger_store.enter_cash
    assert await books(lambda tx: enter(tx, "paper", "deposit", D("0.01"), START, MONDAY)) == D("1000.01")
    assert await books(lambda tx: enter(tx, "paper", "withdrawal", D("-1000.01"), START, TUESDAY)) == 0
    found = await books(lambda tx: ledger_store.entries(tx, "paper", MONDAY, TUESDAY))
    assert [(each.kind, each.amount_inr, each.balance_inr) for each in found] == [
        ("deposit", D("0.01"), D("1000.01")), ("withdrawal", D("-1000.01"), D(0))
    ]  # fmt: skip
    assert await books(lambda tx: ledger_store.cash_before(tx, "paper", TUESDAY)) == D("0.01")


@pytest.mark.parametrize(
    ("amount", "error"), [("0.001", "whole paise"), ("NaN", "whole paise"), ("-1000.01", "there are")]
)
async def test_money_is_whole_paise_and_not_more_than_there_is(books: Books, amount: str, error: str) -> None:
    with pytest.raises(ValidationError, match=error):
        await books(lambda tx: ledger_store.enter_cash(tx, "paper", "withdrawal", D(amount), START, MONDAY))
    with pytest.raises(NotFoundError):
        await books(lambda tx: ledger_store.enter_cash(tx, "nobody", "deposit", D(1), START, MONDAY))


async def test_shares_are_sold_first_in_first_out(books: Books) -> None:
    await books.lot(10, "100", TUESDAY)
    await books.lot(10, "90", MONDAY, isin="INE062A01020")
    assert await books.sell(15, "110") == ledger_store.Sold(15, D(1400), "INE062A01020")
    (left,) = await books(lambda tx: ledger_store.lots(tx, "paper"))
    assert (left.acquired_on, left.remaining, left.quantity) == (TUESDAY, 5, 10)


async def test_what_shares_of_unknown_price_cost_is_not_known(books: Books) -> None:
    await books.lot(10, "100")
    await books.lot(10, None)
    assert (await books.position()).average_price is None
    assert (await books.sell(11, "110")).cost_inr is None
    assert (await books.position()).realised_inr == 100


async def test_delivery_waits_for_its_settlement_and_intraday_does_not(books: Books) -> None:
    await books.lot(10, "100", TUESDAY, settles_on=WEDNESDAY)
    with pytest.raises(ValidationError, match="there are 0"):
        await books.sell(1, "100", TUESDAY)
    await books.lot(10, "100", TUESDAY, settles_on=WEDNESDAY, product="MIS")
    assert (await books.sell(10, "100", TUESDAY, "MIS")).quantity == 10
    assert (await books.sell(10, "100", WEDNESDAY)).quantity == 10


async def test_more_than_there_is_changes_nothing(books: Books) -> None:
    await books.lot(10, "100")
    for quantity in (0, -1, 11):
        with pytest.raises(ValidationError):
            await books.sell(quantity, "100")
    assert (await books.position()).quantity == 10


@pytest.mark.parametrize(("quantity", "price"), [(0, "1"), (-1, "1"), (1, "-1"), (1, "NaN")])
async def test_what_is_no_lot_is_refused(books: Books, quantity: int, price: str) -> None:
    with pytest.raises(ValidationError):
        await books.lot(quantity, price)


async def test_taking_lots_out_keeps_what_was_sold_of_them(books: Books) -> None:
    await books.lot(10, "100", origin="import")
    await books.lot(10, "90", TUESDAY, origin="import")
    await books.lot(10, "80", TUESDAY)
    await books.sell(4, "110")
    assert await books(lambda tx: ledger_store.remove_lots(tx, "paper", "TCS", "import")) == 0
    assert await books(lambda tx: ledger_store.remove_lots(tx, "paper", "SBIN", "import")) == 16
    assert await books(lambda tx: tx.all("SELECT quantity, remaining FROM lots ORDER BY id")) == [(4, 0), (10, 10)]
    assert (await books.position()).realised_inr == 40
    assert await books(lambda tx: ledger_store.remove_lots(tx, "paper", None, None)) == 10


async def test_a_position_tells_the_day_apart_from_what_was_before(books: Books) -> None:
    await books.lot(10, "100", MONDAY)
    await books.lot(5, "120", WEDNESDAY, settles_on=date(2026, 11, 19))
    await books.sell(4, "130")
    held = await books.position()
    assert held == Position(
        "SBIN", "CNC", 11, 6, plain(D(1200) / 11), overnight_quantity=10, day_buy_quantity=5, day_buy_inr=D(600),
        day_sell_quantity=4, day_sell_inr=D(520), realised_inr=D(120), unsettled=5,
    )  # fmt: skip
    tomorrow = await books.position(date(2026, 11, 19))
    assert (tomorrow.overnight_quantity, tomorrow.day_buy_quantity, tomorrow.realised_inr) == (11, 0, 0)
    assert tomorrow.sellable == 11


async def test_what_was_closed_today_is_told_of_until_the_day_ends(books: Books) -> None:
    await books.lot(10, "100")
    await books.sell(10, "90")
    assert ((await books.position()).quantity, (await books.position()).realised_inr) == (0, -100)
    assert await books(lambda tx: ledger_store.positions(tx, "paper", date(2026, 11, 19))) == ()


@pytest.mark.parametrize(("value", "text"), [("100.00", "100"), ("1E+2", "100"), ("33.333333333333", "33.33333333"),
                                             ("0.50", "0.5")])  # fmt: skip
def test_averages_are_written_plainly(value: str, text: str) -> None:
    assert str(plain(D(value))) == text
