"""Real orders over the double of Kite: placed, refused in words, found by tag, their trades written down once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.bootstrap import build_container
from robotrader.core.background_scheduler.stores import order_store
from robotrader.core.background_scheduler.trading import OrderRequest, OrderStatus, OrderType, Product, Side
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.services.execution_service import ExecutionService
from robotrader.core.services.kite_broker import KiteBroker, explained
from robotrader.core.services.live_guard import LiveGuard
from robotrader.core.services.order_desk import OrderDesk
from tests.support import exits
from tests.support.clock import FakeClock
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import holding

SELL = OrderRequest("SBIN", Side.SELL, 10)


class Live:
    """A process that may place real orders, over one home."""

    def __init__(self, server: KiteServer, home: Path, clock: FakeClock) -> None:
        self.server, self.clock = server, clock
        self.settings = exits.live(home, server.url)

    async def __aenter__(self) -> Live:
        await exits.make_exit_home(self.settings, self.clock, "kite", ())
        await exits.log_in(self.settings, self.clock)
        self.container = build_container(self.settings, self.clock)
        (await self.container.get(LiveGuard)).allow()
        self.service = await self.container.get(ExecutionService)
        self.db = await self.container.get(DatabaseStateManager)
        await self.db.write(lambda tx: exits.hold(tx, "kite", ("SBIN",), self.clock.now(), 100))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.container.close()


@pytest.fixture
async def live(tmp_path, clock):
    held = [holding("SBIN", 100)]
    async with (
        kite_server(tmp_path / "kite", holdings=held) as server,
        Live(server, tmp_path / "home", clock) as made,
    ):
        yield made


async def test_a_market_order_carries_tag_and_protection(live: Live) -> None:
    placed = await live.service.place(SELL)
    assert placed.order.status is OrderStatus.OPEN
    (asked,) = [each for each in live.server.requests if each.method == "POST"]
    assert asked.form["tag"] == placed.order.tag
    assert Decimal(asked.form["market_protection"]) == 2
    assert asked.form["validity"] == "DAY"


@pytest.mark.parametrize(
    "request_",
    [
        SELL._replace(quantity=101),
        SELL._replace(product=Product.MIS, quantity=1),
        SELL._replace(symbol="INFY", quantity=1),
    ],
)
async def test_what_is_not_held_is_not_sold(live: Live, request_: OrderRequest) -> None:
    """Kite would take it for a short sale."""
    placed = await live.service.place(request_)
    assert placed.order.status is OrderStatus.BLOCKED
    assert placed.error is not None
    assert (placed.error.exit_code, placed.error.context.remedy is None) == (1, False)
    assert [each for each in live.server.requests if each.method == "POST"] == []


async def test_what_an_order_sells_already_is_not_sold_again(live: Live) -> None:
    live.server.set(fill="none")
    await live.service.place(SELL._replace(quantity=95))
    placed = await live.service.place(SELL)
    assert placed.order.status is OrderStatus.BLOCKED
    assert "other orders sell 95" in str(placed.error)
    other = await live.service.place(SELL._replace(symbol="BSE:SBIN", quantity=5))  # the same shares elsewhere
    assert other.order.status is OrderStatus.OPEN
    assert len([each for each in live.server.requests if each.method == "POST"]) == 2


async def test_fills_are_written_down_once_with_their_charges(live: Live) -> None:
    live.server.set(fill="none")
    placed = await live.service.place(SELL)
    number = placed.order.broker_order_id or ""
    for quantity, price in ((4, 800.0), (6, 801.5)):
        live.server.state.fill(number, quantity, price)
        await live.service.settle()
        await live.service.settle()
    fills = await live.db.read(lambda tx: order_store.fills(tx, "kite", order_id=placed.order.id))
    assert sorted((each.quantity, each.price) for each in fills) == [(4, Decimal(800)), (6, Decimal("801.5"))]
    charged = {each.quantity: each.charges_inr for each in fills}
    assert charged[4] is not None
    assert charged[4] > Decimal("15.34")  # the depository's charge is one a share and day
    assert charged[6] is not None
    assert charged[6] < Decimal("15.34")
    order = await live.db.read(lambda tx: order_store.get(tx, placed.order.id))
    assert (order.status, order.filled, order.average_price) == (OrderStatus.COMPLETE, 10, Decimal("800.9"))


async def test_an_address_that_is_not_registered_is_explained(live: Live) -> None:
    live.server.set(ip_refused=True)
    placed = await live.service.place(SELL)
    assert placed.order.status is OrderStatus.REJECTED
    assert placed.error is not None
    assert "takes no orders from this address" in str(placed.error)
    assert "static IP" in (placed.error.context.remedy or "")


async def test_a_dead_token_blocks_and_is_remembered(live: Live) -> None:
    live.server.set(tokens=[])
    placed = await live.service.place(SELL)
    assert placed.order.status is OrderStatus.BLOCKED
    assert placed.error is not None
    assert placed.error.exit_code == 7
    again = await live.service.place(SELL)
    assert again.order.status is OrderStatus.BLOCKED
    assert again.order.sent_at is None


@pytest.mark.parametrize("behaviour", ["accept-502", "accept-close", "accept-html", "accept-reset", "accept-504"])
async def test_what_was_taken_in_silence_is_found_and_not_sent_again(live: Live, behaviour: str) -> None:
    live.server.script("POST /orders", behaviour)
    placed = await live.service.place(SELL)
    await live.service.settle()
    order = await live.db.read(lambda tx: order_store.get(tx, placed.order.id))
    assert order.status is OrderStatus.COMPLETE
    assert len(live.server.book.by_tag()[order.tag]) == 1


async def test_429_was_never_taken(live: Live) -> None:
    live.server.script("POST /orders", "429")
    placed = await live.service.place(SELL)
    assert placed.order.status is OrderStatus.UNPLACED
    assert live.server.book.orders == {}


async def test_cancelled_at_the_broker(live: Live) -> None:
    live.server.set(fill="none")
    request = OrderRequest("SBIN", Side.BUY, 1, OrderType.LIMIT, price=Decimal(700))
    placed = await live.service.place(request)
    assert (await live.service.cancel(placed.order.id)).status is OrderStatus.CANCELLED


def limit(symbol: str, price: str, product: Product = Product.CNC) -> OrderRequest:
    return OrderRequest(symbol, Side.BUY, 1, OrderType.LIMIT, product, Decimal(price))


async def test_what_the_list_of_instruments_refuses_is_never_sent(live: Live) -> None:
    desk = await live.container.get(OrderDesk)
    live.server.set(fill="none")
    off = await desk.place(limit("BAJAJ-AUTO", "8900.30"))
    delivery = await desk.place(limit("CDSL-BE", "1600.3", Product.MIS))
    assert live.server.counts["GET /instruments/NSE"] == 1
    assert [each.order.status for each in (off, delivery)] == ["REJECTED", "REJECTED"]
    assert off.order.message == "the limit price 8900.30 is not a multiple of 0.5, the tick of BAJAJ-AUTO"
    assert "series BE" in (delivery.order.message or "")
    assert live.server.book.orders == {}
    assert (await desk.place(limit("BAJAJ-AUTO", "8900.50"))).order.status == "OPEN"
    assert (await desk.place(limit("NOTLISTED", "8900.37"))).order.status != "BLOCKED"  # Kite says what it is


async def test_a_list_that_cannot_be_had_keeps_no_order_back(live: Live) -> None:
    desk = await live.container.get(OrderDesk)
    live.server.script("GET /instruments", "502", forever=True)
    assert (await desk.place(limit("SBIN", "820.05"))).order.status == "OPEN"


async def test_a_sale_at_any_price_waits_for_no_list(live: Live) -> None:
    desk = await live.container.get(OrderDesk)
    assert (await desk.place(SELL)).order.status == "OPEN"
    assert live.server.counts["GET /instruments/NSE"] == 0


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("No IPs configured for this app. Add allowed IPs on the developer console.", True),
        ("Request IP 1.2.3.4 is not registered", True),
        ("Orders are allowed from a static IP only", True),
        ("RMS: Margin exceeds, required 100, available 5", False),
        ("The trading symbol SKIPPER is not allowed", False),
    ],
)
def test_which_refusals_are_about_the_address(words: str, meant: bool) -> None:
    from robotrader.core.background_scheduler.trading import OrderRejectedError

    error = OrderRejectedError(words)
    assert (explained(error) is not error) == meant
    assert KiteBroker.account == "kite"
