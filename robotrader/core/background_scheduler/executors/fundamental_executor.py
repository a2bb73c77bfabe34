"""Has fundamentals read again where something happened that makes the stored ones old.

A story of high impact asks for them at once; results ask for them from the open of the next trading day on, when the
press and the pages of ratios have taken them in. An event may be delivered more than once: the ask and the event that
tells of it are written together, once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.stores import ask_store
from robotrader.core.background_scheduler.stores.ask_store import Ask
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.clock import IST, Clock, iso
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import Event, EventBus, EventType


class FundamentalExecutor:
    """Turns events into asks for fundamentals.

    Args:
        calendar: gives the trading calendar; called where results are announced.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        events: EventStore,
        event_bus: EventBus,
        calendar: Callable[[], MarketCalendar],
    ) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._bus = event_bus
        self._calendar = calendar

    async def follow(self, event: Event) -> bool:
        """Ask for what an event makes necessary; returns False where it was asked for already, or read since.

        Raises:
            ConfigurationError: the calendar does not cover the next trading day; the event stays to be told again.
            ValidationError: no event that asks for fundamentals, or one that does not say for whom.
        """
        due, reason = due_after(event, self._calendar)
        symbol, provider = event.data.get("symbol"), event.data.get("provider")
        if not isinstance(symbol, str) or not isinstance(provider, str):
            raise ValidationError(f"the event {event.type} does not say whose fundamentals it is about")
        ask = Ask(symbol, Dataset.FUNDAMENTALS, provider, due, reason, event.correlation_id, event.id)
        data = {
            "symbol": symbol,
            "dataset": ask.dataset.value,
            "provider": provider,
            "due_at": iso(due),
            "reason": reason,
            "follows": event.id,
        }
        now = self._clock.now()
        told = Event(
            type=EventType.DATA_FLAGGED,
            timestamp=iso(now),
            source="fundamental_executor",
            data=data,
            correlation_id=event.correlation_id,
        )

        def unit(tx: Transaction) -> bool:
            if not ask_store.add(tx, ask, now):
                return False
            self._events.insert(tx, [told])
            return True

        added = await self._db.write(unit)
        if added:
            await self._bus.deliver([told])
        return added


def due_after(event: Event, calendar: Callable[[], MarketCalendar]) -> tuple[datetime, str]:
    """From when on fundamentals are to be asked for again after an event, and why; the same at each delivery.

    Raises:
        ConfigurationError: the calendar does not cover the next trading day.
        ValidationError: the event asks for nothing.
    """
    happened = datetime.fromisoformat(event.timestamp).astimezone(UTC)
    if event.type is EventType.DATA_NEWS_HIGH_IMPACT:
        return happened, f"news of high impact: {event.data.get('headline', '')}"
    if event.type is EventType.DATA_EARNINGS_ANNOUNCED:
        found = calendar()
        day = found.next_trading_day(happened.astimezone(IST).date())
        opens = found.open_at(day, None) or datetime.combine(day, time(), IST)
        return opens.astimezone(UTC), _results(event)
    raise ValidationError(f"{event.type} asks for nothing")


def _results(event: Event) -> str:
    year, quarter, surprise = (event.data.get(name) for name in ("fiscal_year", "fiscal_quarter", "surprise_pct"))
    period = f"Q{quarter} FY{int(year) % 100:02d}" if year and quarter else "the quarter"
    by = f", {surprise} % from what was expected" if surprise is not None else ""
    return f"results of {period} are out{by}"
