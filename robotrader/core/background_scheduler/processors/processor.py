"""What every processor is: check, fetch, parse, and say what to save; saving happens in the task's last transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, runtime_checkable

from robotrader.core.background_scheduler.models import Task, TaskStatus
from robotrader.core.database_state import Transaction
from robotrader.core.event_bus import Event


class Outcome(NamedTuple):
    """How a run ended, before it is written.

    Attributes:
        save: writes what was read, inside the transaction that also ends the task, and returns the events that tell of
            it; None where nothing is to be saved.
        record: what is shown of the run.
    """

    status: TaskStatus
    reason: str | None = None
    strategy: str | None = None
    document_id: str | None = None
    paid_calls: int = 0
    cost_usd: Decimal | None = None
    record: Any = None
    save: Callable[[Transaction], Sequence[Event]] | None = None


class Processor(Protocol):
    """Runs one task type."""

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Run one claimed task.

        Args:
            deadline: the instant on the clock's monotonic scale by which it should be done.

        Raises:
            TradingError: it failed; what was paid is in the ledger.
        """
        ...


@runtime_checkable
class Readied(Protocol):
    """A processor that gets ready while others work."""

    def expect(self) -> None:
        """Tasks for it were claimed, perhaps not for the first time."""
        ...
