"""Orders for the owner: placed, looked at, cancelled; ready to be shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.stores import order_store
from robotrader.core.background_scheduler.trading import Fill, Order, OrderRequest
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import TradingError
from robotrader.core.services.execution_service import ExecutionService
from robotrader.core.services.execution_views import OrderDetail, Ordered, OrderView, TradeView
from robotrader.core.services.instrument_rules import wants_list
from robotrader.core.services.trading_status import MODES

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk


class OrderDesk:
    """What the owner does with the orders of the account in force.

    Args:
        quotes: makes the desk of quotes, where the worth of an order is to be known first.
        price_age: how old such a quote may be; None where nobody asks what an order is worth.
        renew: sees that the list of instruments is of today, for a symbol; raises nothing that is the list's.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        execution: ExecutionService,
        quotes: Callable[[], Awaitable[QuoteDesk]],
        price_age: timedelta | None,
        renew: Callable[[str], Awaitable[object]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._execution = execution
        self._quotes = quotes
        self._price_age = price_age
        self._renew = renew
        self.account = account

    def go_live(self) -> None:
        """The command said ``--live``. Raises ConfigurationError where the settings do not say so."""
        self._execution.go_live()

    async def place(self, request: OrderRequest) -> Ordered:
        """Order something.

        Raises:
            ValidationError: it cannot be meant; nothing was written.
        """
        if wants_list(request):
            await self._renew(request.symbol)  # before anything is written: between the row and the broker all is quick
        if self._price_age is not None and request.price is None:
            with suppress(TradingError):  # what it is worth is then not known, and the limit on it says so
                await (await self._quotes()).get([request.symbol], max_age=self._price_age)
        placed = await self._execution.place(request)
        error = placed.error
        if error is None:
            return Ordered(view(placed.order), None, None, 0)
        return Ordered(view(placed.order), error.to_dict(), error.context.remedy, error.exit_code)

    async def orders(
        self, *, everything: bool, day: date | None, symbol: str | None, limit: int
    ) -> tuple[OrderView, ...]:
        """Orders, newest first: of a day, of all days, or those of today and what is still under way."""
        today = self._clock.now().astimezone(IST).date()
        wanted = day if day is not None or everything or symbol is not None else today
        found = await self._db.read(
            lambda tx: order_store.newest(tx, self.account, day=wanted, symbol=symbol, limit=limit)
        )
        if wanted == today and day is None:
            known = {each.id for each in found}
            open_ones = await self._db.read(lambda tx: order_store.unfinished(tx, self.account))
            found = (*found, *(each for each in open_ones if each.id not in known))
        return tuple(view(each) for each in found)

    async def show(self, order_id: str) -> OrderDetail:
        """One order with its trades.

        Raises:
            NotFoundError: none, or more than one.
        """
        order = await self._db.read(lambda tx: order_store.get(tx, order_id))
        fills = await self._db.read(lambda tx: order_store.fills(tx, order.account, order_id=order.id))
        return OrderDetail(view(order), tuple(trade_view(each) for each in fills))

    async def cancel(self, order_id: str) -> OrderView:
        """Cancel an order; see ``ExecutionService.cancel``."""
        return view(await self._execution.cancel(order_id))

    async def cancel_all(self) -> tuple[tuple[OrderView, ...], tuple[str, ...]]:
        """Cancel every order that rests or waits; returns them, and what stood in the way."""
        found, problems = await self._execution.cancel_all()
        return tuple(view(each) for each in found), problems


def view(order: Order) -> OrderView:
    """An order as it is shown."""
    given = order.request
    return OrderView(
        id=order.id,
        mode=MODES.get(order.account, order.account),
        account=order.account,
        symbol=given.symbol,
        side=given.side.value,
        type=given.type.value,
        product=given.product.value,
        quantity=given.quantity,
        filled=order.filled,
        price=given.price,
        trigger_price=given.trigger_price,
        average_price=order.average_price,
        status=order.status.value,
        reason=order.reason,
        message=order.message,
        tag=order.tag,
        broker_order_id=order.broker_order_id,
        breach_id=order.breach_id,
        day=order.day,
        created_at=order.created_at,
        sent_at=order.sent_at,
        finished_at=order.finished_at,
    )


def trade_view(fill: Fill) -> TradeView:
    """A trade as it is shown."""
    return TradeView(
        id=fill.id,
        mode=MODES.get(fill.account, fill.account),
        order_id=fill.order_id,
        symbol=fill.symbol,
        side=fill.side.value,
        product=fill.product.value,
        quantity=fill.quantity,
        price=fill.price,
        value_inr=fill.price * fill.quantity,
        charges_inr=fill.charges_inr,
        at=fill.at,
        day=fill.day,
    )
