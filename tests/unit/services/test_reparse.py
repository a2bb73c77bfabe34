"""Archived answers read again: what changes is stored and told, what nobody asked for anew does not follow from it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.config.task_specs import TaskSpec, task_specs
from robotrader.core.background_scheduler.models import Answer, Dataset, TaskType
from robotrader.core.background_scheduler.parsers import news_stories
from robotrader.core.background_scheduler.processors.dataset_processor import (
    DatasetProcessor,
    Kept,
    fetched,
    follow_up,
)
from robotrader.core.background_scheduler.processors.earnings_processor import EarningsProcessor
from robotrader.core.background_scheduler.records import EarningsReport, NewsItem, ParseResult, Provenance
from robotrader.core.background_scheduler.stores import news_store
from robotrader.core.background_scheduler.stores.archive_store import ArchiveStore
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.news_store import NewsStore
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError, ValidationError
from robotrader.core.event_bus import Event, EventBus, EventType
from robotrader.core.services.reparse_service import ReparseService
from robotrader.core.services.views import ReparseView
from robotrader.settings import SchedulesSettings
from tests.support.clock import FakeClock
from tests.support.shelf import NOON, Shelf, shelf

DAY = timedelta(days=1)
TABLES = ("earnings", "news", "news_tellings", "fundamentals", "search_texts", "stock_state", "asks")


def spec_of(kind: TaskType) -> TaskSpec:
    return task_specs(SchedulesSettings())[kind]


def earnings(text: str, symbol: str | None) -> ParseResult[EarningsReport]:
    """A parser of texts such as ``{"SBIN": {"eps_inr": "20.1"}}``."""
    found = json.loads(text).get(symbol, {})
    read = {name: Decimal(value) if name.endswith("_inr") else value for name, value in found.items()}
    sources = {name: Provenance("structured", str(value), text.find(str(value))) for name, value in found.items()}
    return ParseResult("earnings", "structured", (), EarningsReport(**read, sources=sources))


def lines(text: str, symbol: str | None) -> ParseResult[tuple[NewsItem, ...]]:
    """A parser of texts such as ``SBIN: a headline``, a story a line."""
    found = (line.partition(": ") for line in text.splitlines())
    items = tuple(
        NewsItem(said, impact="high", sources={"headline": Provenance("regex", said, text.find(said))})
        for whose, _, said in found
        if whose == symbol
    )
    return ParseResult("news", "regex", (), items)


class Stories(DatasetProcessor[tuple[NewsItem, ...]]):
    """News as its processor handles it, without its rules about links."""

    dataset = Dataset.NEWS

    def read(self, answer: Answer, symbol: str) -> ParseResult[tuple[NewsItem, ...]]:
        parsed = self._parser(answer.text, symbol)
        if not parsed.record:
            raise NoDataError(f"no news of {symbol}")
        return parsed

    def plain(self, parsed: ParseResult[tuple[NewsItem, ...]]) -> Any:
        return [news_store.plain(item) for item in parsed.record]

    def provenance(self, parsed: ParseResult[tuple[NewsItem, ...]]) -> Iterable[Provenance]:
        return (source for item in parsed.record for source in item.sources.values())

    def save(self, tx: Transaction, kept: Kept) -> Sequence[Event]:
        new = news_store.save(
            tx, symbol=kept.symbol, provider=kept.answer.provider, document_id=kept.answer.document_id,
            parsed=kept.parsed, fetched_at=kept.fetched_at, now=kept.now, rules=news_stories,
        )  # fmt: skip
        fetched(tx, self.dataset, kept)
        return [follow_up(EventType.DATA_NEWS_HIGH_IMPACT, kept, {"stories": [each.id for each in new]})]


@dataclass
class Desk:
    """The service over a database, with the parsers in the test's hands."""

    shelf: Shelf
    clock: FakeClock
    parsers: dict[Dataset, Any] = field(default_factory=lambda: {Dataset.EARNINGS: earnings, Dataset.NEWS: lines})
    told: list[Event] = field(default_factory=list)

    async def processor(self, dataset: Dataset) -> DatasetProcessor[Any]:
        kind = TaskType.EARNINGS_ANALYSIS if dataset is Dataset.EARNINGS else TaskType.NEWS_PROCESSING
        make = EarningsProcessor if dataset is Dataset.EARNINGS else Stories
        return make(None, self.parsers[dataset], self.clock, spec_of(kind))  # type: ignore[abstract, arg-type]

    async def reparse(self, dataset: str | None = None, symbol: str | None = None) -> ReparseView:
        events = EventStore(self.shelf.db, self.clock, durable_types=frozenset(), grace_seconds=60.0)
        bus = EventBus(events, self.clock, durable_types=frozenset())

        async def hear(event: Event) -> None:
            self.told.append(event)

        for kind in EventType:
            bus.subscribe(kind, hear)
        service = ReparseService(
            self.shelf.db, self.clock, archive=ArchiveStore(self.shelf.db), documents=self.shelf.documents,
            events=events, event_bus=bus, processor=self.processor,
        )  # fmt: skip
        return await service.reparse(dataset, symbol)

    async def eps(self, symbol: str = "SBIN") -> list[Decimal | None]:
        found = await EarningsStore(self.shelf.db).history(symbol, provider=None, limit=9)
        return [each.record["eps_inr"] for each in found]

    async def headlines(self, symbol: str = "SBIN") -> list[str]:
        found = await NewsStore(self.shelf.db).newest(symbol, provider=None, since=None, limit=9)
        return [each.record["headline"] for each in found]


@pytest.fixture
async def desk(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with shelf(tmp_path) as made:
        yield Desk(made, clock)


def counts(view: ReparseView) -> tuple[int, int, int]:
    return view.documents, view.changed, view.unreadable


async def test_nothing_archived_is_nothing_read(desk: Desk) -> None:
    assert counts(await desk.reparse()) == (0, 0, 0)
    with pytest.raises(ValidationError, match="no such dataset"):
        await desk.reparse("prices")


async def test_what_today_is_read_is_stored_and_a_second_time_changes_nothing(desk: Desk) -> None:
    document = await desk.shelf.answer('{"SBIN": {"eps_inr": "20.1"}}', dataset=Dataset.EARNINGS)
    view = await desk.reparse()
    assert counts(view) == (1, 1, 0)
    assert view.changes == (
        {"document_id": document, "dataset": "earnings", "symbol": "SBIN", "before": {"eps_inr": None},
         "after": {"eps_inr": Decimal("20.1")}},
    )  # fmt: skip
    assert await desk.eps() == [Decimal("20.1")]
    assert [event.type for event in desk.told] == [EventType.DATA_PARSED]
    before = await desk.shelf.dump(*TABLES)
    assert counts(await desk.reparse()) == (1, 0, 0)
    assert await desk.shelf.dump(*TABLES) == before
    assert len(desk.told) == 1


async def test_a_better_parser_changes_what_it_reads_otherwise(desk: Desk) -> None:
    await desk.shelf.answer('{"SBIN": {"eps_inr": "20.1", "currency": "INR"}}', dataset=Dataset.EARNINGS)
    await desk.reparse()

    def better(text: str, symbol: str | None) -> ParseResult[EarningsReport]:
        parsed = earnings(text, symbol)
        return replace(parsed, record=replace(parsed.record, eps_inr=Decimal("21.0")))

    desk.parsers[Dataset.EARNINGS] = better
    (change,) = (await desk.reparse("earnings", "SBIN")).changes
    assert (change["before"], change["after"]) == ({"eps_inr": Decimal("20.1")}, {"eps_inr": Decimal("21.0")})
    assert await desk.eps() == [Decimal("21.0")]


async def test_an_answer_was_fetched_when_what_is_stored_of_it_says(desk: Desk) -> None:
    """The archive has the instant the file was written, which is earlier than that of the fetch: it must not count."""
    document = await desk.shelf.answer('{"SBIN": {"eps_inr": "20.1", "next_earnings_date": "2026-12-01"}}',
                                       dataset=Dataset.EARNINGS)  # fmt: skip
    later = NOON + timedelta(seconds=3)
    parsed = ParseResult("earnings", "basic", (), EarningsReport(eps_inr=Decimal("20.1")))
    answer = Answer("perplexity", "said", (), None, document)
    processor = await desk.processor(Dataset.EARNINGS)
    await desk.shelf.do(processor.keep, Kept(answer, "SBIN", parsed, later, later, "chain"))
    assert counts(await desk.reparse()) == (1, 1, 0)
    expected = (await EarningsStore(desk.shelf.db).expected("perplexity"))["SBIN"]
    assert (expected.date, expected.fetched_at) == ("2026-12-01", later)


async def test_only_that_it_was_read_is_told_and_all_in_one_chain(desk: Desk) -> None:
    text = '{"SBIN": {"eps_inr": "20.1", "fiscal_year": 2026, "fiscal_quarter": 2, "report_date": "2026-11-20"}}'
    await desk.shelf.answer(text, dataset=Dataset.EARNINGS)
    await desk.shelf.answer("SBIN: A bank is robbed")
    assert counts(await desk.reparse()) == (2, 2, 0)
    assert [event.type for event in desk.told] == [EventType.DATA_PARSED, EventType.DATA_PARSED]
    assert len({event.correlation_id for event in desk.told}) == 1
    stored = await desk.shelf.db.read(lambda tx: tx.all("SELECT type FROM events"))
    assert stored == [("data.parsed",), ("data.parsed",)]


async def test_a_text_that_yields_nothing_any_more_leaves_nothing(desk: Desk) -> None:
    await desk.shelf.answer('{"SBIN": {"eps_inr": "20.1", "guidance": "steady"}}', dataset=Dataset.EARNINGS)
    await desk.shelf.answer("SBIN: A bank is robbed")
    await desk.reparse()
    assert len(await SearchStore(desk.shelf.db).search("steady")) == 2
    desk.parsers = {
        Dataset.EARNINGS: lambda text, symbol: earnings("{}", symbol),
        Dataset.NEWS: lambda text, symbol: lines("", symbol),
    }
    view = await desk.reparse()
    assert counts(view) == (2, 2, 0)
    assert [change["after"] for change in view.changes] == [
        {"eps_inr": None, "guidance": None},
        {"headlines": None, "A bank is robbed: impact": None},
    ]
    assert (await desk.eps(), await desk.headlines()) == ([], [])
    assert await SearchStore(desk.shelf.db).search("steady") == ()
    assert counts(await desk.reparse()) == (2, 0, 0)


async def test_an_answer_about_several_symbols_is_read_for_each(desk: Desk) -> None:
    text = '{"SBIN": {"eps_inr": "20.1"}, "TCS": {"eps_inr": "30"}}'
    await desk.shelf.answer(text, "SBIN", "TCS", "INFY", dataset=Dataset.EARNINGS)
    await desk.shelf.answer("TCS: Shares are split\nSBIN: A bank is robbed", "TCS", "SBIN")
    view = await desk.reparse()
    assert counts(view) == (2, 4, 0)
    assert [change["symbol"] for change in view.changes] == ["SBIN", "TCS", "SBIN", "TCS"]
    assert (await desk.eps("SBIN"), await desk.eps("TCS"), await desk.eps("INFY")) == (
        [Decimal("20.1")], [Decimal(30)], [],
    )  # fmt: skip
    assert await desk.headlines("TCS") == ["Shares are split"]
    desk.parsers[Dataset.EARNINGS] = lambda text, symbol: earnings("{}" if symbol == "TCS" else text, symbol)
    assert counts(await desk.reparse("earnings", "TCS")) == (1, 1, 0)
    assert (await desk.eps("SBIN"), await desk.eps("TCS")) == ([Decimal("20.1")], [])
    assert counts(await desk.reparse(None, "INFY")) == (1, 0, 0)


async def test_an_answer_whose_task_has_not_ended_is_left_to_it(desk: Desk) -> None:
    document = await desk.shelf.answer("SBIN: A bank is robbed", "SBIN", "TCS", ended=False)
    assert counts(await desk.reparse()) == (0, 0, 0)
    assert (await desk.headlines(), desk.told) == ([], [])
    ended = "UPDATE tasks SET finished_at = 1 WHERE symbol = 'SBIN'"
    await desk.shelf.do(lambda tx: tx.run(ended))
    assert counts(await desk.reparse()) == (1, 1, 0)
    assert await ArchiveStore(desk.shelf.db).record(document, "TCS") is None
    assert (await ArchiveStore(desk.shelf.db).record(document, "SBIN"))[0]["headline"] == "A bank is robbed"


async def test_a_task_that_ends_while_its_answer_is_read_again_is_seen(desk: Desk) -> None:
    """What the transaction finds counts, not what was so before the text was read."""
    await desk.shelf.answer("SBIN: A bank is robbed")
    loop_parser = desk.parsers[Dataset.NEWS]
    import sqlite3
    from contextlib import closing

    path = desk.shelf.db._path

    def meanwhile(text: str, symbol: str | None) -> Any:
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:  # another process takes the task up again
            raw.execute("UPDATE tasks SET finished_at = NULL")
        return loop_parser(text, symbol)

    desk.parsers[Dataset.NEWS] = meanwhile
    assert counts(await desk.reparse()) == (0, 0, 0)
    assert (await desk.headlines(), desk.told) == ([], [])


async def test_a_damaged_file_is_counted_and_harms_no_other(desk: Desk, tmp_path: Path) -> None:
    bad = await desk.shelf.answer("SBIN: A bank is robbed", "SBIN", "TCS", at=NOON - DAY)
    await desk.shelf.answer("SBIN: Shares are split")
    (file,) = (path for path in tmp_path.rglob("*.json") if path.stem == bad)  # noqa: ASYNC240
    file.write_text("{", encoding="utf-8")
    assert counts(await desk.reparse()) == (2, 1, 1)
    assert await desk.headlines() == ["Shares are split"]


async def test_what_was_read_again_can_be_searched(desk: Desk) -> None:
    document = await desk.shelf.answer("SBIN: A bank is robbed")
    await desk.reparse()
    await desk.shelf.do(lambda tx: tx.run("DELETE FROM search_texts"))
    assert counts(await desk.reparse()) == (1, 0, 0)
    (answer,) = await SearchStore(desk.shelf.db).search("robbed", kind="answer")
    assert (answer.ref, answer.symbol, answer.at) == (document, "SBIN", NOON)


async def test_changes_of_news_are_named_by_headline(desk: Desk) -> None:
    await desk.shelf.answer("SBIN: A bank is robbed\nSBIN: Shares are split")
    await desk.reparse()

    def better(text: str, symbol: str | None) -> Any:
        parsed = lines(text, symbol)
        return replace(parsed, record=(replace(parsed.record[0], impact="low"), NewsItem("A new branch opens")))

    desk.parsers[Dataset.NEWS] = better
    (change,) = (await desk.reparse()).changes
    assert change["before"] == {
        "headlines": ["A bank is robbed", "Shares are split"],
        "A bank is robbed: impact": "high",
        "Shares are split: impact": "high",
    }
    assert change["after"] == {
        "headlines": ["A bank is robbed", "A new branch opens"],
        "A bank is robbed: impact": "low",
        "Shares are split: impact": None,
    }
