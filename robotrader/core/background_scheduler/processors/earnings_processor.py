"""Earnings: what an answer says of a quarter, and what follows from it: results that are out, a date that is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from robotrader.core.background_scheduler.config.schemas import EARNINGS
from robotrader.core.background_scheduler.models import Answer, Dataset
from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor, Kept, fetched, follow_up
from robotrader.core.background_scheduler.records import EarningsReport, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import ask_store, earnings_store, stock_state_store
from robotrader.core.background_scheduler.stores.ask_store import Ask
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError
from robotrader.core.event_bus import Event, EventType

FIGURES = tuple(name for name in earnings_store.FIELDS if name.endswith(("_inr", "_pct")) and name != "surprise_pct")
"""The fields of which at least one makes an answer data."""

SURPRISE = Decimal(5)
"""From this difference to what analysts expected on (in percent, either way), results count as a surprise."""

RECENT = timedelta(days=7)
"""Results of a symbol never seen before count as announced where they are no older than this."""

MORNING_AFTER = time(9)
"""When results are asked for on the day after their date (IST): companies often publish late in the evening."""


class EarningsProcessor(DatasetProcessor[EarningsReport]):
    """Runs EARNINGS_ANALYSIS: check, fetch, parse, save."""

    dataset = Dataset.EARNINGS
    schema = EARNINGS

    def read(self, answer: Answer, symbol: str) -> ParseResult[EarningsReport]:
        """What an answer says of a symbol.

        Raises:
            NoDataError: no figure of the company.
        """
        name = symbol.rpartition(":")[2]
        parsed = self._parser(answer.text, name)
        about = parsed.record.symbol
        metadata = {"document_id": answer.document_id}
        if about is not None and about.rpartition(":")[2] != name:
            raise NoDataError(f"the answer is about {about}, not {symbol}", metadata=metadata)
        if all(getattr(parsed.record, figure) is None for figure in FIGURES):
            raise NoDataError(f"the answer holds no figure of {symbol}", metadata=metadata)
        return parsed

    def plain(self, parsed: ParseResult[EarningsReport]) -> dict[str, Any]:
        """The fields by name."""
        return earnings_store.plain(parsed.record)

    def provenance(self, parsed: ParseResult[EarningsReport]) -> Iterable[Provenance]:
        """Where each field was read."""
        return parsed.record.sources.values()

    def save(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        """Part of a transaction: the record, the stock state, an ask for the day after the next results."""
        answer, report = kept.answer, kept.parsed.record
        events = []
        latest = earnings_store.latest(tx, kept.symbol, answer.provider)
        if (why := announces(report, latest, kept.fetched_at)) is not None:
            events.append(follow_up(EventType.DATA_EARNINGS_ANNOUNCED, kept, _told(report, kept.symbol, why, answer)))
        known = stock_state_store.next_known(tx, kept.symbol, self.dataset, answer.provider)
        earnings_store.save(
            tx,
            symbol=kept.symbol,
            provider=answer.provider,
            document_id=answer.document_id,
            parsed=kept.parsed,
            sources=answer.sources,
            fetched_at=kept.fetched_at,
            now=kept.now,
        )
        fetched(tx, self.dataset, kept)
        stated = earnings_store.note_next_date(tx, kept.symbol, answer.provider)
        expected = upcoming(stated, kept.fetched_at)
        if expected is not None and stated != known:
            data = {"symbol": kept.symbol, "date": stated, "provider": answer.provider}
            told = follow_up(EventType.DATA_RESULTS_DATE_KNOWN, kept, data)
            events.append(told)
            _expect(tx, kept, expected, told)
        return events


def announces(report: EarningsReport, latest: Mapping[str, Any] | None, fetched_at: datetime) -> str | None:
    """Why a report is news, or None where it is not: a later quarter than any stored, or a surprise not known before.

    Args:
        latest: the stored record of the latest quarter, None where none is stored.
    """
    period = (report.fiscal_year, report.fiscal_quarter)
    if report.fiscal_year is None or report.fiscal_quarter is None:
        return None
    surprised = report.surprise_pct is not None and abs(report.surprise_pct) >= SURPRISE
    if latest is None:
        age = None if report.report_date is None else fetched_at.astimezone(IST).date() - _day(report.report_date)
        return "announced" if age is not None and timedelta(0) <= age <= RECENT else None
    before = (latest.get("fiscal_year") or 0, latest.get("fiscal_quarter") or 0)
    if period > before:
        return "announced"
    known = latest.get("surprise_pct")
    return "surprise" if period == before and surprised and (known is None or abs(known) < SURPRISE) else None


def upcoming(stated: str | None, fetched_at: datetime) -> date | None:
    """The next results date where it is still to come; one that is past by the time of the answer is old news."""
    day = None if stated is None else _day(stated)
    return day if day is not None and day >= fetched_at.astimezone(IST).date() else None


def _expect(tx: Transaction, kept: Kept, expected: date, told: Event) -> None:
    """Results are asked for again on the day after their date; a date that was given before no longer counts."""
    provider = kept.answer.provider
    ask_store.withdraw(tx, kept.symbol, Dataset.EARNINGS, provider, kept.fetched_at)
    due = datetime.combine(expected + timedelta(days=1), MORNING_AFTER, IST)
    reason = f"results were due on {expected.isoformat()}"
    ask = Ask(kept.symbol, Dataset.EARNINGS, provider, due, reason, told.correlation_id, told.id)
    ask_store.add(tx, ask, kept.now)


def _told(report: EarningsReport, symbol: str, why: str, answer: Answer) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "provider": answer.provider,
        "because": why,
        "fiscal_year": report.fiscal_year,
        "fiscal_quarter": report.fiscal_quarter,
        "surprise_pct": None if report.surprise_pct is None else str(report.surprise_pct),
        "document_id": answer.document_id,
    }


def _day(text: str) -> date:
    return date.fromisoformat(text)
