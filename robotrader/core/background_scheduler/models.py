"""The words of the scheduler as frozen values: task types, statuses, symbols, tasks, documents, paid calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from robotrader.core.errors import SymbolError


class Dataset(StrEnum):
    """What is fetched and read per symbol."""

    EARNINGS = "earnings"
    NEWS = "news"
    FUNDAMENTALS = "fundamentals"


class TaskType(StrEnum):
    """What a task does; ``WORDS`` has the names used on the command line."""

    EARNINGS_ANALYSIS = "EARNINGS_ANALYSIS"
    NEWS_PROCESSING = "NEWS_PROCESSING"
    FUNDAMENTAL_ANALYSIS = "FUNDAMENTAL_ANALYSIS"
    MARKET_MONITORING = "MARKET_MONITORING"
    RISK_MONITORING = "RISK_MONITORING"
    HEALTH_CHECK = "HEALTH_CHECK"


WORDS: Mapping[str, TaskType] = {
    "earnings": TaskType.EARNINGS_ANALYSIS,
    "news": TaskType.NEWS_PROCESSING,
    "fundamentals": TaskType.FUNDAMENTAL_ANALYSIS,
    "market": TaskType.MARKET_MONITORING,
    "risk": TaskType.RISK_MONITORING,
    "health": TaskType.HEALTH_CHECK,
}


FREE = frozenset({TaskType.MARKET_MONITORING, TaskType.RISK_MONITORING, TaskType.HEALTH_CHECK})
"""What costs nothing and trades nothing by itself; it has no symbol, and goes on under the emergency stop."""


class TaskStatus(StrEnum):
    """The life of a task. DEFERRED waits for ``not_before``; UNKNOWN was paid for, perhaps, and is never sent again."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEFERRED = "DEFERRED"
    COMPLETED = "COMPLETED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


FINAL = frozenset(
    {TaskStatus.COMPLETED, TaskStatus.SKIPPED, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.UNKNOWN}
)


class CallStatus(StrEnum):
    """A row of the ledger of paid calls. REFUSED is known not to be billed; UNKNOWN may have been."""

    CLAIMED = "claimed"
    SENT = "sent"
    ANSWERED = "answered"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_SYMBOL = re.compile(r"(?:(NSE|BSE):)?([A-Z0-9](?:[A-Z0-9&-]{0,18}[A-Z0-9])?)\Z")


def parse_symbol(text: str) -> str:
    """The canonical form of a trading symbol: ``SBIN``, ``M&M``, ``BSE:SBIN``; ``NSE:`` is the default and dropped.

    Raises:
        SymbolError: the text is not 1 to 20 of ``A-Z 0-9 & -`` with a letter or digit at both ends.
    """
    match = _SYMBOL.match(text)
    if match is None:
        shown = text if len(text) <= 30 else text[:30] + "..."
        upper = text.strip().upper()
        hint = f"did you mean {upper}?" if _SYMBOL.match(upper) else "use the NSE trading symbol, such as SBIN or M&M"
        raise SymbolError(f"not a trading symbol: {shown!r}", remedy=hint)
    exchange, name = match.groups()
    return f"BSE:{name}" if exchange == "BSE" else name


class Task(NamedTuple):
    """One run of one task type for one symbol (None where the type has no symbol) and one slot.

    A named tuple, because three are made for each run, and a frozen dataclass of this width takes ten times as long.
    """

    id: str
    type: TaskType
    symbol: str | None
    slot: datetime
    status: TaskStatus
    created_at: datetime
    correlation_id: str
    priority: int = 0
    forced: bool = False
    attempts: int = 0
    not_before: datetime | None = None
    owner: str | None = None
    lease_until: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    error: Mapping[str, Any] | None = None
    provider: str | None = None
    paid_calls: int = 0
    cost_usd: Decimal | None = None
    strategy: str | None = None
    document_id: str | None = None


class Ending(NamedTuple):
    """How an attempt at a task ended. ``not_before`` is set where it is to go on later (DEFERRED, PENDING).

    ``counted`` is False for an attempt that is no try: held back for the owner, or stopped with its process.
    """

    status: TaskStatus
    reason: str | None = None
    error: Mapping[str, Any] | None = None
    not_before: datetime | None = None
    paid_calls: int = 0
    cost_usd: Decimal | None = None
    strategy: str | None = None
    document_id: str | None = None
    counted: bool = True


class Document(NamedTuple):
    """One archived raw answer; ``path`` is relative to the documents folder."""

    id: str
    task_id: str | None
    dataset: Dataset
    symbol: str
    provider: str
    path: str
    created_at: datetime
    cost_usd: Decimal | None
    usable: bool


class Answer(NamedTuple):
    """What a provider answered to one question, already archived.

    Attributes:
        text: the words of the answer, never empty.
        sources: the search results the provider cites (title, url, date), never links a model typed.
        cost_usd: the bill as the provider states it; None where it states none.
        offset: where ``text`` begins in the whole answer; more than 0 where that is about several companies.
    """

    provider: str
    text: str
    sources: tuple[Mapping[str, Any], ...]
    cost_usd: Decimal | None
    document_id: str
    model: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back over the wire for one paid call, before anybody judged it.

    Attributes:
        request: method, url and JSON body as sent; no header that carries a key.
        body: the body as text (undecodable bytes replaced), whole or as far as it came.
        complete: whether the whole body arrived.
        usable: whether it was judged a completed answer with text and a search result.
        cost_usd: the bill the answer states, or None.
        request_text: the request as JSON, from who has it; it is the longest part to put into words again.
    """

    provider: str
    request: Mapping[str, Any]
    status_code: int
    headers: Mapping[str, str]
    body: str
    complete: bool
    usable: bool
    cost_usd: Decimal | None
    request_text: str = field(default="", repr=False, compare=False)


class KeyState(NamedTuple):
    """What is remembered of one API key, by the fingerprint of the key, across processes."""

    fingerprint: str
    cool_until: datetime | None = None
    removed: bool = False
    reason: str | None = None


class BreakerState(NamedTuple):
    """A circuit breaker: closed while ``opened_until`` is None or past."""

    failures: int = 0
    opened_until: datetime | None = None


class TaskOutcome(NamedTuple):
    """A task as it ended, with the record it produced or found (JSON-ready; None where there is none)."""

    task: Task
    record: Any = None
    exit_code: int = 0
    remedy: str | None = None


class NextDue(NamedTuple):
    """The next instant at which there may be work; ``word`` names the task type, None for a task that waits already."""

    at: datetime
    word: str | None


class RunReport(NamedTuple):
    """What one command or one tick did; a tick that found nothing to do says what may be due next.

    ``held`` says why something that is due was held back, where the emergency stop did so.
    """

    outcomes: tuple[TaskOutcome, ...]
    next_due: NextDue | None = None
    held: str | None = None

    def counts(self) -> dict[str, int]:
        """How many tasks ended in each way, all six always named."""
        names = ("completed", "skipped", "failed", "deferred", "cancelled", "unknown")
        ends = [outcome.task.status.value.lower() for outcome in self.outcomes]
        return {name: ends.count(name) for name in names}


def part_of_year(fiscal_year: object, fiscal_quarter: object, period_end: object) -> str:
    """The part of its fiscal year that a record of earnings is about: ``Q2``, ``H1``, or empty for a whole year.

    Half a year has no quarter and ends on 30 September of the calendar year before the one that names its fiscal year.
    (A fiscal year that ends on that day is named by the same calendar year.)
    """
    if fiscal_quarter is not None:
        return f"Q{fiscal_quarter}"
    return "H1" if isinstance(fiscal_year, int) and str(period_end) == f"{fiscal_year - 1}-09-30" else ""
