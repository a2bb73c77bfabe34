"""The emergency stop, for the owner: works while nothing else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.execution_views import StopView
from robotrader.core.services.lifecycle_service import LifecycleService
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.order_desk import OrderDesk


class LifecycleCoordinator(BaseCoordinator):
    """Stop and go on.

    Args:
        orders: makes the desk, where open orders are to be cancelled.
    """

    def __init__(
        self,
        config: Settings,
        event_bus: EventBus,
        *,
        lifecycle: LifecycleService,
        orders: Callable[[], Awaitable[OrderDesk]],
    ) -> None:
        super().__init__(config, event_bus)
        self._lifecycle = lifecycle
        self._orders = orders

    async def initialize(self) -> None:
        """Nothing to start: stopping must work when running does not."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def emergency_stop(self, reason: str = "", *, cancel_orders: bool = False) -> StopView:
        """Stop everything that spends or trades; orders that rest or wait are cancelled where asked."""
        halt, changed = await self._lifecycle.stop(reason)
        shown = StopView(True, halt.reason or None, halt.since, changed)
        if not cancel_orders:
            return shown
        cancelled, problems = await (await self._orders()).cancel_all()
        return shown._replace(cancelled=cancelled, problems=problems)

    async def resume(self) -> StopView:
        """Lift the stop."""
        resumed = await self._lifecycle.resume()
        lifted = resumed.lifted
        return StopView(
            False,
            None if lifted is None else lifted.reason or None,
            None if lifted is None else lifted.since,
            lifted is not None,
            resumed.released,
        )
