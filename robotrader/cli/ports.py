"""What the commands need of the program behind them; ``robotrader.core.orchestrator`` fits these by shape.

What each operation does is said where it is done, in ``robotrader.core.coordinators``.
"""
# ruff: noqa: D102

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from datetime import date, datetime
    from decimal import Decimal

    from robotrader.cli.portfolio_ports import PnlPort, PortfolioPort
    from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
    from robotrader.core.services.execution_views import OrderDetail, Ordered, OrderView, StopView, WhatIf
    from robotrader.core.services.risk_views import (
        BreachesView,
        CheckView,
        MarketView,
        RiskView,
        RulesChangedView,
        RuleSetView,
    )
    from robotrader.core.services.session_service import LogoutView, SessionView
    from robotrader.core.services.views import (
        Check,
        EarningsView,
        EventView,
        FundamentalsView,
        NewsView,
        PlanView,
        ReparseView,
        ReportView,
        SearchHit,
        StatusView,
        UpcomingRow,
        WatchRow,
        WhyView,
    )
    from robotrader.settings import Settings


class TasksPort(Protocol):
    """Running, planning and looking at tasks."""

    async def run(self, word: str, symbols: Sequence[str], *, force: bool = False) -> RunReport: ...

    async def tick(self) -> RunReport: ...

    async def plan(self) -> PlanView: ...

    async def serve(
        self,
        stop: asyncio.Event,
        on_tick: Callable[[RunReport, datetime | None], None],
        before_tick: Callable[[], None],
    ) -> None: ...

    async def list_tasks(
        self, *, status: str | None = None, symbol: str | None = None, limit: int = 50
    ) -> RunReport: ...

    async def show(self, task_id: str) -> TaskOutcome: ...

    async def cancel(self, task_id: str) -> TaskOutcome: ...

    async def retry(self, task_id: str) -> RunReport: ...


class ResearchPort(Protocol):
    """What is known of companies."""

    async def earnings(self, symbol: str, *, limit: int = 8) -> tuple[EarningsView, ...]: ...

    async def news(self, symbol: str | None, *, since: datetime | None, limit: int) -> tuple[NewsView, ...]: ...

    async def fundamentals(self, symbol: str, *, limit: int = 8) -> tuple[FundamentalsView, ...]: ...

    async def compare(self, symbols: Sequence[str]) -> tuple[FundamentalsView | None, ...]: ...

    async def search(self, text: str, *, symbol: str | None, kind: str | None, limit: int) -> tuple[SearchHit, ...]: ...

    async def why(self, symbol: str, field: str) -> WhyView: ...

    async def reparse(self, dataset: str | None, symbol: str | None) -> ReparseView: ...


class WatchlistPort(Protocol):
    """Which symbols are researched by themselves, and when their next results are due."""

    async def watch(self, symbols: Sequence[str]) -> tuple[str, ...]: ...

    async def unwatch(self, symbols: Sequence[str]) -> tuple[str, ...]: ...

    async def rows(self) -> tuple[WatchRow, ...]: ...

    async def upcoming(self) -> tuple[UpcomingRow, ...]: ...

    async def report(self, symbols: Sequence[str]) -> ReportView: ...


class StatusPort(Protocol):
    """The state of the home, its events and its checks."""

    async def status(self) -> StatusView: ...

    async def doctor(self) -> tuple[Check, ...]: ...

    async def forgive_keys(self) -> int: ...

    async def events(
        self,
        *,
        type: str | None,
        correlation: str | None,
        delivery: str | None,
        limit: int = 50,
    ) -> tuple[EventView, ...]: ...

    async def event(self, event_id: str) -> EventView: ...

    async def retry_events(self, event_id: str | None) -> int: ...


class OrdersPort(Protocol):
    """Buying and selling."""

    def go_live(self) -> None: ...

    async def place(
        self, side: str, symbol: str, quantity: int, *, limit: Decimal | None, trigger: Decimal | None, product: str
    ) -> Ordered: ...

    async def orders(
        self, *, everything: bool, day: date | None, symbol: str | None, limit: int
    ) -> tuple[OrderView, ...]: ...

    async def show(self, order_id: str) -> OrderDetail: ...

    async def cancel(self, order_id: str) -> OrderView: ...

    async def what_if(
        self, side: str, symbol: str, quantity: int, *, price: Decimal | None, product: str
    ) -> WhatIf: ...


class RiskPort(Protocol):
    """Risk rules and their breaches."""

    async def show(self) -> RiskView: ...

    async def set(self, words: Sequence[str], *, force: bool = False) -> RuleSetView: ...

    async def remove(self, words: Sequence[str]) -> RulesChangedView: ...

    async def switch(self, words: Sequence[str], *, on: bool) -> RulesChangedView: ...

    async def check(self) -> CheckView: ...

    async def breaches(self, symbol: str | None, *, limit: int) -> BreachesView: ...


class MarketPort(Protocol):
    """The session and quotes."""

    async def show(self, symbols: Sequence[str]) -> MarketView: ...

    async def listen(self, say: Callable[[str], None]) -> None: ...


class LifecyclePort(Protocol):
    """The emergency stop."""

    async def emergency_stop(self, reason: str, *, cancel_orders: bool) -> StopView: ...

    async def resume(self) -> StopView: ...


class SessionPort(Protocol):
    """The session at the broker."""

    def address(self, state: str | None = None) -> str: ...

    async def login(self, given: str, state: str | None = None) -> SessionView: ...

    async def login_by_redirect(self, port: int, seconds: float, say: Callable[[str, int], None]) -> SessionView: ...

    async def logout(self) -> LogoutView: ...

    async def status(self) -> SessionView: ...


class TradingApp(Protocol):
    """What the opened program does with money."""

    async def orders(self) -> OrdersPort: ...

    async def lifecycle(self) -> LifecyclePort: ...

    async def portfolio(self) -> PortfolioPort: ...

    async def pnl(self) -> PnlPort: ...

    async def risk(self) -> RiskPort: ...

    async def market(self) -> MarketPort: ...

    async def session(self) -> SessionPort: ...


class App(TradingApp, Protocol):
    """The opened program: coordinators made when they are first asked for."""

    @property
    def event_bus(self) -> Any: ...

    async def tasks(self) -> TasksPort: ...

    async def research(self) -> ResearchPort: ...

    async def watchlist(self) -> WatchlistPort: ...

    async def status(self) -> StatusPort: ...


OpenApp = Callable[["Settings"], AbstractAsyncContextManager[App]]
Operation = Callable[[App], Awaitable[Any]]
