"""Risk: rules, how they stand, what came of their breaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.services.risk_service import RiskService
    from robotrader.core.services.risk_views import BreachesView, CheckView, RiskView, RulesChangedView, RuleSetView


class RiskCoordinator(BaseCoordinator):
    """The risk rules of the account in force."""

    def __init__(self, config: Settings, event_bus: EventBus, *, risk: RiskService) -> None:
        super().__init__(config, event_bus)
        self._risk = risk

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    async def show(self) -> RiskView:
        """Every rule as it stands."""
        return await self._risk.show()

    async def set(self, words: Sequence[str], *, force: bool = False) -> RuleSetView:
        """Set a rule; see ``RiskService.set``."""
        return await self._risk.set(words, force=force)

    async def remove(self, words: Sequence[str]) -> RulesChangedView:
        """Forget rules; raises NotFoundError where there is none."""
        return await self._risk.remove(words)

    async def switch(self, words: Sequence[str], *, on: bool) -> RulesChangedView:
        """Switch rules on or off; raises NotFoundError where there is none."""
        return await self._risk.switch(words, on=on)

    async def check(self) -> CheckView:
        """Judge now, write nothing; raises where the account or its prices cannot be had."""
        return await self._risk.check()

    async def breaches(self, symbol: str | None, *, limit: int) -> BreachesView:
        """The newest breaches, newest first; raises SymbolError."""
        return await self._risk.breaches(None if symbol is None else parse_symbol(symbol), limit)
