"""The facade a command talks to: makes coordinators when they are first needed, and keeps the authentication state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.di import DependencyContainer
from robotrader.core.event_bus import EventBus
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.coordinators.lifecycle_coordinator import LifecycleCoordinator
    from robotrader.core.coordinators.market_coordinator import MarketCoordinator
    from robotrader.core.coordinators.order_coordinator import OrderCoordinator
    from robotrader.core.coordinators.pnl_coordinator import PnlCoordinator
    from robotrader.core.coordinators.portfolio_coordinator import PortfolioCoordinator
    from robotrader.core.coordinators.research_coordinator import ResearchCoordinator
    from robotrader.core.coordinators.risk_coordinator import RiskCoordinator
    from robotrader.core.coordinators.session_coordinator import SessionCoordinator
    from robotrader.core.coordinators.status_coordinator import StatusCoordinator
    from robotrader.core.coordinators.task_coordinator import TaskCoordinator
    from robotrader.core.coordinators.watchlist_coordinator import WatchlistCoordinator

C = TypeVar("C", bound=BaseCoordinator)


class Authentication(NamedTuple):
    """Who can be asked with what the owner has set: True where a key is there, not whether it is still accepted."""

    perplexity: bool
    kite: bool


class TradingCoordinators(ABC):
    """The coordinators of money: what is held, ordered, watched and stopped."""

    async def orders(self) -> OrderCoordinator:
        """Buying and selling."""
        from robotrader.core.coordinators.order_coordinator import OrderCoordinator

        return await self._coordinator(OrderCoordinator)

    async def lifecycle(self) -> LifecycleCoordinator:
        """The emergency stop."""
        from robotrader.core.coordinators.lifecycle_coordinator import LifecycleCoordinator

        return await self._coordinator(LifecycleCoordinator)

    async def portfolio(self) -> PortfolioCoordinator:
        """What is held."""
        from robotrader.core.coordinators.portfolio_coordinator import PortfolioCoordinator

        return await self._coordinator(PortfolioCoordinator)

    async def pnl(self) -> PnlCoordinator:
        """What was won and lost."""
        from robotrader.core.coordinators.pnl_coordinator import PnlCoordinator

        return await self._coordinator(PnlCoordinator)

    async def risk(self) -> RiskCoordinator:
        """Rules, and what came of their breaches."""
        from robotrader.core.coordinators.risk_coordinator import RiskCoordinator

        return await self._coordinator(RiskCoordinator)

    async def market(self) -> MarketCoordinator:
        """The session, and quotes."""
        from robotrader.core.coordinators.market_coordinator import MarketCoordinator

        return await self._coordinator(MarketCoordinator)

    async def session(self) -> SessionCoordinator:
        """The session at the broker."""
        from robotrader.core.coordinators.session_coordinator import SessionCoordinator

        return await self._coordinator(SessionCoordinator)

    @abstractmethod
    async def _coordinator(self, kind: type[C]) -> C:
        """A coordinator, made and initialized when it is first asked for."""


class RoboTraderOrchestrator(TradingCoordinators):
    """One command's view of the program; use as ``async with``.

    Args:
        container: where coordinators come from; closed with the orchestrator.
    """

    def __init__(self, config: Settings, container: DependencyContainer, event_bus: EventBus) -> None:
        self.config = config
        self.event_bus = event_bus
        self.authentication = Authentication(
            perplexity=bool(config.perplexity.api_keys), kite=bool(config.kite.api_key and config.kite.api_secret)
        )
        self._container = container
        self._coordinators: list[BaseCoordinator] = []

    async def __aenter__(self) -> RoboTraderOrchestrator:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def tasks(self) -> TaskCoordinator:
        """Running tasks."""
        from robotrader.core.coordinators.task_coordinator import TaskCoordinator

        return await self._coordinator(TaskCoordinator)

    async def research(self) -> ResearchCoordinator:
        """Stored research."""
        from robotrader.core.coordinators.research_coordinator import ResearchCoordinator

        return await self._coordinator(ResearchCoordinator)

    async def watchlist(self) -> WatchlistCoordinator:
        """Which symbols are watched."""
        from robotrader.core.coordinators.watchlist_coordinator import WatchlistCoordinator

        return await self._coordinator(WatchlistCoordinator)

    async def status(self) -> StatusCoordinator:
        """The state of the home."""
        from robotrader.core.coordinators.status_coordinator import StatusCoordinator

        return await self._coordinator(StatusCoordinator)

    async def close(self) -> None:
        """Clean up the coordinators, last made first, then close everything they used."""
        try:
            while self._coordinators:
                await self._coordinators.pop().cleanup()
        finally:
            await self._container.close()

    async def _coordinator(self, kind: type[C]) -> C:
        coordinator = await self._container.get(kind)
        if coordinator not in self._coordinators:
            await coordinator.initialize()
            self._coordinators.append(coordinator)
        return coordinator
