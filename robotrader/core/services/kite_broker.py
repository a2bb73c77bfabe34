"""The broker at Zerodha: real orders, over Kite Connect."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.config.charges import Before, Charges, charges, exact_stt
from robotrader.core.background_scheduler.stores import order_store
from robotrader.core.background_scheduler.trading import (
    ZERO,
    BrokerOrder,
    Fill,
    Instrument,
    Order,
    OrderRejectedError,
    OrderStatus,
    Product,
    Side,
)
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import RequestRefusedError, TradingError
from robotrader.core.ids import new_id
from robotrader.core.services import instrument_rules

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient
    from robotrader.core.background_scheduler.clients.kite_orders import BrokerTrade

_ADDRESS = re.compile(
    r"\bips?\b.{0,60}\b(?:configured|registered|allowed|whitelist|static|match)|static ip", re.IGNORECASE
)
ADDRESS_REMEDY = (
    "orders are taken from a registered static IP alone (SEBI, since 1 April 2026): register this machine's address at"
    " developers.kite.trade under your profile; it may be changed once a week. Everything but orders works without"
)


class KiteBroker:
    """Implements ``broker.Broker``.

    Args:
        client: makes the client of Kite, when it is first needed.
        protection: how far from the last price a market order may be filled, in percent (Kite refuses none since 2026).
        listed: an instrument of the list that is stored; what is not in it is left to Kite to judge.
    """

    account = "kite"

    def __init__(
        self,
        client: Callable[[], Awaitable[KiteClient]],
        *,
        protection: Decimal,
        listed: Callable[[str], Awaitable[Instrument | None]],
    ) -> None:
        self._client = client
        self._protection = protection
        self._listed = listed

    async def place(self, order: Order) -> Order:
        """As ``Broker.place``; accepted is not executed, so the order is OPEN until the book says more."""
        from robotrader.core.background_scheduler.clients import kite_orders

        known = await self._listed(order.request.symbol)
        if known is not None:
            instrument_rules.check_listed(known, order.request)
        client = await self._client()
        try:
            broker_order_id = await kite_orders.place_order(
                client, order.request, tag=order.tag, market_protection=self._protection
            )
        except (OrderRejectedError, RequestRefusedError) as error:
            raise explained(error) from error
        return order._replace(status=OrderStatus.OPEN, broker_order_id=broker_order_id)

    async def find(self, order: Order) -> BrokerOrder | None:
        """As ``Broker.find``."""
        return next((each for each in await self.book() if each.tag == order.tag), None)

    async def cancel(self, order: Order) -> None:
        """As ``Broker.cancel``."""
        from robotrader.core.background_scheduler.clients import kite_orders

        if order.broker_order_id is None:
            raise OrderRejectedError("the order has no number at the broker")
        try:
            await kite_orders.cancel_order(await self._client(), order.broker_order_id)
        except (OrderRejectedError, RequestRefusedError) as error:
            raise explained(error) from error

    async def book(self) -> tuple[BrokerOrder, ...]:
        """As ``Broker.book``."""
        from robotrader.core.background_scheduler.clients import kite_orders

        return await kite_orders.order_book(await self._client())

    async def trades(self, orders: Sequence[Order]) -> Callable[[Transaction], None]:
        """Ask for the trades of orders; what is returned writes down those that are not there yet.

        The charges are reckoned by the published rates; the contract note may differ by paise (and by the depository's
        charge, which is one a share and day, not one a trade).
        """
        from robotrader.core.background_scheduler.clients import kite_orders

        ours = {each.broker_order_id: each for each in orders if each.broker_order_id}
        found = [each for each in await kite_orders.trades(await self._client()) if each.broker_order_id in ours]
        fills = [_fill(each, ours[each.broker_order_id]) for each in found]

        def write(tx: Transaction) -> None:
            for fill in fills:
                costs = _charges(tx, fill)
                words = {name: str(amount) for name, amount in costs._asdict().items() if amount}
                order_store.insert_fill(tx, fill._replace(charges_inr=costs.total), json.dumps(words))

        return write


def explained(error: TradingError) -> TradingError:
    """A refusal for the machine's address, with what to do about it; every other error as it is."""
    if _ADDRESS.search(str(error)) is None:
        return error
    return OrderRejectedError(f"the broker takes no orders from this address: {error}", remedy=ADDRESS_REMEDY)


def _fill(trade: BrokerTrade, order: Order) -> Fill:
    given = order.request
    return Fill(
        new_id(trade.at),
        order.id,
        order.account,
        given.symbol,
        given.side,
        given.product,
        trade.quantity,
        trade.price,
        trade.at,
        trade.at.astimezone(IST).date(),
        None,
        trade.id,
    )


def _charges(tx: Transaction, fill: Fill) -> Charges:
    """What a trade cost by the published rates, given the trades of the day that are written down already."""
    exchange = "BSE" if fill.symbol.startswith("BSE:") else "NSE"
    earlier = order_store.fills(tx, fill.account, first=fill.day, last=fill.day, symbol=fill.symbol)
    before = Before(
        order_inr=sum((each.price * each.quantity for each in earlier if each.order_id == fill.order_id), ZERO),
        stt_inr=sum(
            (exact_stt(each.side, each.product, each.price * each.quantity, fill.day) for each in earlier), ZERO
        ),
        dp=any(each.side is Side.SELL and each.product is Product.CNC for each in earlier),
    )
    return charges(fill.side, fill.product, fill.quantity, fill.price, fill.day, exchange, before=before)
