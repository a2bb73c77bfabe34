"""Orders: buy, sell, look, cancel, and what an order would do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.trading import OrderRequest, OrderType, Product, Side
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import EventBus
from robotrader.core.services.execution_views import OrderDetail, Ordered, OrderView, WhatIf
from robotrader.core.services.order_desk import OrderDesk
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.what_if_service import WhatIfService


class OrderCoordinator(BaseCoordinator):
    """What the owner does with orders."""

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        desk: OrderDesk,
        what_if: Callable[[], Awaitable[WhatIfService]],
    ) -> None:
        super().__init__(config, event_bus)
        self._desk = desk
        self._what_if = what_if

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    def go_live(self) -> None:
        """Let orders of this process be real.

        Raises:
            ConfigurationError: the settings do not say so as well.
        """
        self._desk.go_live()

    async def place(
        self,
        side: str,
        symbol: str,
        quantity: int,
        *,
        limit: Decimal | None = None,
        trigger: Decimal | None = None,
        product: str = "CNC",
    ) -> Ordered:
        """Buy or sell; the type follows from the prices: MARKET, LIMIT, SL-M with a trigger alone, SL with both.

        Raises:
            ValidationError: it cannot be meant; nothing was written.
        """
        return await self._desk.place(requested(side, symbol, quantity, limit=limit, trigger=trigger, product=product))

    async def orders(
        self, *, everything: bool = False, day: date | None = None, symbol: str | None = None, limit: int = 50
    ) -> tuple[OrderView, ...]:
        """Orders, newest first: today's and those under way, or as asked for."""
        name = None if symbol is None else parse_symbol(symbol)
        return await self._desk.orders(everything=everything, day=day, symbol=name, limit=limit)

    async def show(self, order_id: str) -> OrderDetail:
        """One order with its trades, by its id, the beginning of it, or its tag.

        Raises:
            NotFoundError: none, or more than one.
        """
        return await self._desk.show(order_id)

    async def cancel(self, order_id: str) -> OrderView:
        """Cancel an order that has not come to its end; see ``ExecutionService.cancel``."""
        return await self._desk.cancel(order_id)

    async def what_if(
        self, side: str, symbol: str, quantity: int, *, price: Decimal | None = None, product: str = "CNC"
    ) -> WhatIf:
        """What an order would do; nothing is written but the quote that was asked for.

        Raises:
            ValidationError: it cannot be meant. TradingError: why no price is known.
        """
        request = requested(side, symbol, quantity, limit=price, trigger=None, product=product)
        return await (await self._what_if()).look(request)


def requested(
    side: str, symbol: str, quantity: int, *, limit: Decimal | None, trigger: Decimal | None, product: str
) -> OrderRequest:
    """The order that is meant.

    Raises:
        SymbolError, ValidationError: what cannot be.
    """
    words = product.strip().upper()
    if words not in set(Product):
        raise ValidationError(f"no such product: {product[:20]!r}", remedy="CNC (delivery) or MIS (intraday)")
    if limit is not None:
        kind = OrderType.LIMIT if trigger is None else OrderType.SL
    else:
        kind = OrderType.MARKET if trigger is None else OrderType.SL_M
    return OrderRequest(parse_symbol(symbol), Side(side), quantity, kind, Product(words), limit, trigger)
