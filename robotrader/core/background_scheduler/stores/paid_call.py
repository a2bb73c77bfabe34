"""One claimed row of the ledger of paid calls, as whoever asks sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.models import CallStatus, Dataset, RawAnswer, Task
from robotrader.core.background_scheduler.stores.paid_call_rows import ALONE, CallRow, mark_unknown
from robotrader.core.database_state import Transaction

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore


class PaidCall:
    """One claimed row of the ledger; the client moves it on (``clients.ports.CallPort``)."""

    def __init__(self, ledger: PaidCallStore, row: CallRow, task: Task, dataset: Dataset) -> None:
        self._ledger = ledger
        self._task = task
        self._dataset = dataset
        self._row = row
        self.id = row.id
        self.left_out = row.batch_id == ALONE
        self.sends = row.sends
        self.cost_usd: Decimal | None = None
        self.outcome = row.status

    async def sent(self, fingerprint: str) -> None:
        """Commit "sent"; after a refusal the budget is asked again.

        Raises:
            OutcomeUnknownError: the row is not ours, or was sent already.
            BudgetExceededError: the budget was spent meanwhile.
        """
        await self.sent_by(lambda _: fingerprint)

    async def sent_by(self, key_of: Callable[[Transaction], str | None]) -> bool:
        """The same in the transaction in which ``key_of`` names the key; False, and not "sent", where it names none."""

        def step(tx: Transaction, now: datetime) -> bool:
            fingerprint = key_of(tx)
            if fingerprint is not None:
                self._ledger.send(tx, self._task, self.id, fingerprint, now)
            return fingerprint is not None

        sent = await self._ledger.move(self._task, step, urgent=True)
        if sent:
            self.sends += 1
            self.outcome = CallStatus.SENT
        return sent

    async def refused(self, reason: str) -> None:
        """Known not to be billed: the reservation is given back."""
        await self._ledger.move(
            self._task, lambda tx, now: self._ledger.give_back(tx, self._task, self.id, reason, now)
        )
        self.outcome = CallStatus.REFUSED

    async def unknown(self, reason: str) -> None:
        """Sent, and the outcome cannot be known."""
        await self._ledger.move(self._task, lambda tx, now: mark_unknown(tx, self.id, reason, now))
        self.outcome = CallStatus.UNKNOWN

    async def answered(self, raw: RawAnswer) -> str:
        """Archive the answer, then record it and what it cost; returns the document's id."""
        document_id = await self._ledger.archive(self._task, self._dataset, self._row, raw)
        self.cost_usd, self.outcome = raw.cost_usd, CallStatus.ANSWERED
        return document_id
