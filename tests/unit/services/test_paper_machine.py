"""The paper broker under deposits, imports, orders, prices, days and cancels in any order: the books always balance."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from robotrader.core.background_scheduler.stores import ledger_store, order_store
from robotrader.core.background_scheduler.trading import FINAL_ORDERS, Order, OrderRejectedError, OrderStatus
from robotrader.core.clock import IST
from robotrader.core.errors import ValidationError
from robotrader.settings import PaperSettings
from tests.support.clock import FakeClock
from tests.support.paper import ACCOUNT, OTHER, Desk, desk, request
from tests.support.paper_books import imbalances

T = TypeVar("T")
SYMBOLS = st.sampled_from(["SBIN", "SBIN", OTHER])
PRODUCTS = st.sampled_from(["CNC", "MIS"])
QUANTITIES = st.integers(1, 60)
PRICES = st.integers(9_500, 10_500).map(lambda paise: Decimal(paise) / 100)


class Wish(NamedTuple):
    """An order, and the price that it meets."""

    side: str
    quantity: int
    symbol: str
    product: str
    kind: str
    price: Decimal
    trigger: Decimal
    last: Decimal
    volume: int | None
    again: bool
    matched: bool


WISHES = st.builds(
    Wish,
    side=st.sampled_from(["BUY", "SELL"]),
    quantity=QUANTITIES,
    symbol=SYMBOLS,
    product=PRODUCTS,
    kind=st.sampled_from(["MARKET", "MARKET", "MARKET", "LIMIT", "LIMIT", "SL", "SL-M"]),
    price=PRICES,
    trigger=PRICES,
    last=PRICES,
    volume=st.none() | st.integers(0, 80),
    again=st.booleans(),
    matched=st.booleans(),
)
OLD, LAST_DAY = date(2026, 11, 2), date(2026, 12, 10)


class PaperMachine(RuleBasedStateMachine):
    """One account with little cash, so that it is often short of it."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        self.clock = FakeClock()
        self.desk: Desk
        self.orders: list[Order] = []

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(step)

    @initialize()
    def begin(self) -> None:
        paper = PaperSettings(cash_inr=Decimal(20_000))
        opened = desk(Path(self.folder.name), self.clock, paper=paper)
        self.desk = self.run(self.stack.enter_async_context(opened))

        def unit(tx: Any) -> None:
            ledger_store.open_account(tx, ACCOUNT, paper.cash_inr, self.clock.now())
            for price in (Decimal(90), None, Decimal("95.5")):
                ledger_store.add_lot(tx, ACCOUNT, "SBIN", "CNC", 20, price, OLD, OLD, "import")

        self.run(self.desk.db.write(unit))
        for symbol in ("SBIN", OTHER):
            self.desk.price("100", symbol)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(IST).date()

    @rule(paise=st.integers(-500_000, 500_000))
    def cash_comes_or_goes(self, paise: int) -> None:
        kind = "deposit" if paise >= 0 else "withdrawal"
        enter = partial(ledger_store.enter_cash, account=ACCOUNT, kind=kind, amount_inr=Decimal(paise) / 100)
        try:
            self.run(self.desk.db.write(lambda tx: enter(tx, now=self.clock.now(), day=self.today)))
        except ValidationError:
            assert paise < 0

    @rule(symbol=SYMBOLS, quantity=QUANTITIES, price=st.none() | PRICES, days=st.integers(0, 3))
    def shares_are_imported(self, symbol: str, quantity: int, price: Decimal | None, days: int) -> None:
        since, settles = self.today - timedelta(days), self.today - timedelta(days) + timedelta(1)
        self.run(
            self.desk.db.write(
                lambda tx: ledger_store.add_lot(
                    tx, ACCOUNT, symbol, "CNC", quantity, price, since, settles, "import", isin=None
                )
            )
        )

    @rule(symbol=st.none() | SYMBOLS)
    def imported_shares_are_taken_out(self, symbol: str | None) -> None:
        self.run(self.desk.db.write(lambda tx: ledger_store.remove_lots(tx, ACCOUNT, symbol, "import")))

    @rule(symbol=SYMBOLS, price=PRICES, volume=st.none() | st.integers(0, 80), spread=st.integers(0, 50))
    def the_price_moves(self, symbol: str, price: Decimal, volume: int | None, spread: int) -> None:
        ask = price + Decimal(spread) / 100
        self.desk.price(str(price), symbol, volume=volume, ask=ask if spread else None)

    @rule(wishes=st.lists(WISHES, min_size=2, max_size=8))
    def orders_are_placed(self, wishes: list[Wish]) -> None:
        for wish in wishes:
            self.clock.advance(60)
            self.the_price_moves(wish.symbol, wish.last, wish.volume, 0)
            if wish.matched:
                self.run(self.desk.match())
            self.place(wish)

    def place(self, wish: Wish) -> None:
        """Place one order; a sale is mostly one of shares that are there."""
        quantity = wish.quantity
        if wish.side == "SELL":
            held = self.run(self.desk.positions()).get((wish.symbol, wish.product))
            quantity = 1 + quantity % ((0 if held is None else held.sellable) + 2)
        given = request(
            wish.side,
            quantity,
            wish.symbol,
            type=wish.kind,
            product=wish.product,
            price=wish.price if wish.kind in {"LIMIT", "SL"} else None,
            trigger=wish.trigger if wish.kind in {"SL", "SL-M"} else None,
        )
        order = self.run(self.desk.order(given))
        try:
            placed = self.run(self.desk.broker.place(order))
        except OrderRejectedError:
            self.rejected(self.run(self.desk.get(order)))
            return
        assert placed.status in {OrderStatus.OPEN, OrderStatus.COMPLETE}
        self.orders.append(placed)
        if wish.again:
            assert self.run(self.desk.broker.place(order)) == placed

    def rejected(self, order: Order) -> None:
        """What is not taken has changed nothing; the service then says so in its row."""
        assert (order.status, order.filled) == (OrderStatus.SENDING, 0)
        move = partial(order_store.move, order=order, status=OrderStatus.REJECTED, now=self.clock.now())
        self.run(self.desk.db.write(move))

    @rule(which=st.integers(0, 1000))
    def an_order_is_cancelled(self, which: int) -> None:
        if self.orders:
            order = self.orders[which % len(self.orders)]
            self.run(self.desk.broker.cancel(order))
            assert self.run(self.desk.get(order)).status in FINAL_ORDERS

    @rule(minutes=st.sampled_from([1, 1, 1, 5, 60, 300]))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(60 * minutes)
        self.refresh()

    @rule(hour=st.sampled_from([10, 10, 10, 9, 15]), minute=st.sampled_from([0, 11, 16, 25, 31]))
    def a_day_passes(self, hour: int, minute: int) -> None:
        local = self.clock.now().astimezone(IST)
        then = (local + timedelta(days=1)).replace(hour=hour, minute=minute)
        if then.date() <= LAST_DAY:
            self.clock.advance((then - local).total_seconds())
            self.refresh()

    def refresh(self) -> None:
        """The prices as they are, asked for now."""
        for symbol, seen in self.desk.quotes.items():
            self.desk.price(str(seen.last_price), symbol, volume=seen.volume, ask=seen.ask)

    @rule()
    def what_rests_is_matched(self) -> None:
        self.run(self.desk.match())

    @invariant()
    def the_books_balance(self) -> None:
        def query(tx: Any) -> list[str]:
            found = imbalances(tx, ACCOUNT)
            for each in ledger_store.positions(tx, ACCOUNT, self.today):
                if not 0 <= each.sellable <= each.quantity or each.unsettled + each.sellable != each.quantity:
                    found.append(f"{each}: what may be sold is more than what is held")
            return found

        assert self.run(self.desk.db.read(query)) == []


PaperMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPaperMachine = PaperMachine.TestCase
