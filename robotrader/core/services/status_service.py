"""The state of the home at a glance, and what a tick would do."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from robotrader.core.background_scheduler.background_scheduler import SERVE_LOCK, BackgroundScheduler
from robotrader.core.background_scheduler.core.owners import OwnerRegistry
from robotrader.core.background_scheduler.models import FREE, WORDS, Task, TaskType
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore, Spent, split
from robotrader.core.background_scheduler.stores.status_store import StatusStore
from robotrader.core.clock import Clock
from robotrader.core.services.trading_status import TradingStatus
from robotrader.core.services.views import BudgetView, PlannedRun, PlanView, StatusView
from robotrader.settings import ScheduleSettings, SchedulesSettings, Settings

RECENT = 5


def word_of(kind: TaskType) -> str:
    """The name of a task type on the command line."""
    return next(word for word, each in WORDS.items() if each is kind)


class StatusService:
    """Puts together what the status and the plan screens show."""

    def __init__(
        self,
        config: Settings,
        clock: Clock,
        *,
        store: StatusStore,
        ledger: PaidCallStore,
        owners: OwnerRegistry,
        scheduler: BackgroundScheduler,
        provider: str,
        trading: TradingStatus | None = None,
    ) -> None:
        self._config = config
        self._clock = clock
        self._store = store
        self._ledger = ledger
        self._owners = owners
        self._scheduler = scheduler
        self._provider = provider
        self._trading = trading

    async def status(self) -> StatusView:
        """The state of the home."""
        found = await self._store.snapshot(self._provider, self._clock.now(), recent=RECENT)
        coming = (await self._scheduler.outlook()).next_due
        return StatusView(
            provider=self._provider,
            home=str(self._config.home),
            initialization=found.initialization,
            watchlist=found.watchlist,
            waiting=found.waiting,
            running=found.running,
            today=found.today,
            unknown_calls=found.unknown_calls,
            dead_events=found.dead_events,
            budget=_budget(self._config, found.spent),
            keys=tuple(
                {
                    "fingerprint": key.fingerprint,
                    "removed": key.removed,
                    "cool_until": key.cool_until,
                    "reason": key.reason,
                }
                for key in found.keys
            ),
            last_tick=found.last_tick,
            next_due=None if coming is None else coming.at,
            serve_running=await self._owners.held_elsewhere(SERVE_LOCK),
            recent=tuple(_recent(task) for task in found.recent),
            trading=None if self._trading is None else await self._trading.view(),
        )

    async def plan(self) -> PlanView:
        """What a tick would run now and what it would cost; nothing is written and nothing is asked."""
        waiting, due, coming = await self._scheduler.outlook()
        limits = self._config.budget
        call = limits.reserve_usd if self._config.live else Decimal(0)
        so_far = await self._ledger.spent(self._provider)
        usd = [
            limit - used
            for limit, used in ((limits.daily_usd, so_far.day_usd), (limits.monthly_usd, so_far.month_usd))
            if limit is not None
        ]
        calls = [
            limit - used
            for limit, used in ((limits.daily_calls, so_far.day_calls), (limits.monthly_calls, so_far.month_calls))
            if limit is not None
        ]
        runs = [
            PlannedRun(
                word_of(task.type), task.symbol, task.slot, f"waits: {task.reason or 'planned'}", _cost(task.type, call)
            )
            for task in waiting
        ]
        alone = [run for run, task in zip(runs, waiting, strict=True) if task.forced]
        runs += [
            PlannedRun(item.spec.word, item.symbol, item.slot, item.reason, _cost(item.spec.type, call)) for item in due
        ]
        paid = _shared(runs, alone, self._config.schedules)
        return PlanView(
            self._provider,
            tuple(paid),
            sum((run.cost_usd for run in paid), Decimal(0)),
            max(Decimal(0), min(usd)) if usd else None,
            max(0, min(calls)) if calls else None,
            None if coming is None else coming.at,
            None if coming is None else coming.word,
        )


def _cost(kind: TaskType, call: Decimal) -> Decimal:
    return Decimal(0) if kind in FREE else call


def _shared(runs: Sequence[PlannedRun], alone: Sequence[PlannedRun], schedules: SchedulesSettings) -> list[PlannedRun]:
    """Runs with their share of a paid call, as far as several symbols are asked for in one; ``alone`` share none."""
    found, groups = list(runs), dict[str, list[int]]()
    for number, run in enumerate(runs):
        if run not in alone:
            groups.setdefault(run.type, []).append(number)
    for word, numbers in groups.items():
        row = getattr(schedules, word, None)
        size = row.batch if isinstance(row, ScheduleSettings) else 1
        for start in range(0, len(numbers), size):
            group = numbers[start : start + size]
            for number, share in zip(group, split(runs[group[0]].cost_usd, len(group)), strict=True):
                found[number] = runs[number]._replace(cost_usd=share)
    return found


def _budget(config: Settings, so_far: Spent) -> BudgetView:
    limits = config.budget
    return BudgetView(
        so_far.day_usd,
        so_far.month_usd,
        so_far.day_calls,
        so_far.month_calls,
        limits.daily_usd,
        limits.monthly_usd,
        limits.daily_calls,
        limits.monthly_calls,
    )


def _recent(task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "type": task.type.value,
        "symbol": task.symbol,
        "status": task.status.value,
        "provider": task.provider,
        "reason": task.reason,
        "created_at": task.created_at,
        "finished_at": task.finished_at,
    }
