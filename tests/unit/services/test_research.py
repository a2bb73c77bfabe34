"""What is shown of stored records, and the trail of each value."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.records import (
    EarningsReport,
    Fundamentals,
    NewsItem,
    ParseResult,
    Provenance,
)
from robotrader.core.background_scheduler.stores import earnings_store, fundamentals_store
from robotrader.core.background_scheduler.stores.earnings_store import EarningsStore
from robotrader.core.background_scheduler.stores.fundamentals_store import FundamentalsStore
from robotrader.core.background_scheduler.stores.news_store import NewsStore
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.errors import NoDataError, NotFoundError, ResourceError
from robotrader.core.services.research_service import ResearchService
from robotrader.core.services.trail_service import TrailService
from tests.support.shelf import NOON, Shelf, shelf

DAY = timedelta(days=1)
SOURCES = [{"title": "A page", "url": "https://example.com/page"}]
RATIOS = Fundamentals(
    symbol="SBIN",
    as_of="2026-11",
    pe=Decimal("10.50"),
    roe_pct=Decimal("17.3"),
    recommendation="Hold",
    strengths=("Largest branch network", "CASA of 40%"),
    sources={"pe": Provenance("structured", '"pe": 10.50', 12), "strengths": Provenance("regex", "Largest", -1)},
)


class Doubt(NamedTuple):
    field: str
    check: str
    message: str


class Desk:
    """The services over one database."""

    def __init__(self, made: Shelf) -> None:
        self.shelf = made
        stores: dict[str, Any] = {
            "earnings": EarningsStore(made.db), "news": NewsStore(made.db), "fundamentals": FundamentalsStore(made.db),
        }  # fmt: skip
        self.research = ResearchService(**stores, provider="perplexity")
        self.trails = TrailService(**stores, documents=made.documents, provider="perplexity")

    async def ratios(self, record: Fundamentals, *doubts: Doubt, days: int = 0, **given: Any) -> str:
        """Save a reading of fundamentals out of an answer of its own."""
        at, text = NOON + days * DAY, given.pop("text", "said")
        symbol, provider = given.get("symbol", "SBIN"), given.get("provider", "perplexity")
        document = await self.shelf.answer(text, symbol, at=at, dataset=Dataset.FUNDAMENTALS, provider=provider)
        await self.shelf.do(
            fundamentals_store.save, symbol=symbol, provider=provider, document_id=document,
            parsed=ParseResult("fundamentals", "structured", (), record), doubts=doubts, sources=SOURCES,
            fetched_at=at, now=at,
        )  # fmt: skip
        return document


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with shelf(tmp_path) as made:
        yield Desk(made)


async def test_where_nothing_is_stored_that_is_said_with_what_to_do(desk: Desk) -> None:
    research = desk.research
    for asked, remedy in (
        (research.earnings("SBIN", 8), "robotrader run-task earnings SBIN"),
        (research.news("SBIN", None, 8), "robotrader run-task news SBIN"),
        (research.news(None, None, 8), "robotrader run-task news"),
        (research.fundamentals("SBIN", 8), "robotrader run-task fundamentals SBIN"),
        (research.compare(["SBIN", "TCS"]), "robotrader run-task fundamentals SBIN TCS"),
    ):
        with pytest.raises(NoDataError) as caught:
            await asked
        assert caught.value.context.remedy == remedy


async def test_fundamentals_are_kept_with_every_digit_and_every_doubt(desk: Desk) -> None:
    doubt = Doubt("pe", "pe_times_eps", "P/E x EPS is not the price")
    first = await desk.ratios(RATIOS, doubt)
    second = await desk.ratios(replace(RATIOS, pe=Decimal("11.0")), days=1)
    newest, oldest = await desk.research.fundamentals("SBIN", 8)
    assert (newest.document_id, oldest.document_id) == (second, first)
    assert str(oldest.record["pe"]) == "10.50"
    assert oldest.record["strengths"] == ["Largest branch network", "CASA of 40%"]
    assert oldest.doubts == (doubt._asdict(),)
    assert (oldest.sources, oldest.provider, oldest.strategy, oldest.fetched_at) == (
        tuple(SOURCES), "perplexity", "structured", NOON,
    )  # fmt: skip
    assert len(await desk.research.fundamentals("SBIN", 1)) == 1


async def test_the_same_reading_again_writes_nothing_and_a_better_one_replaces_it(desk: Desk) -> None:
    document = await desk.ratios(RATIOS)
    given = {"symbol": "SBIN", "provider": "perplexity", "document_id": document, "sources": SOURCES,
             "fetched_at": NOON + DAY, "now": NOON + DAY}  # fmt: skip
    before = await desk.shelf.dump("fundamentals")
    same = ParseResult("fundamentals", "structured", (), RATIOS)
    await desk.shelf.do(fundamentals_store.save, parsed=same, doubts=(), **given)
    assert await desk.shelf.dump("fundamentals") == before
    await desk.shelf.do(fundamentals_store.save, parsed=same, doubts=(Doubt("pe", "bounds", "odd"),), **given)
    (view,) = await desk.research.fundamentals("SBIN", 8)
    assert (len(view.doubts), view.fetched_at) == (1, NOON)
    await desk.shelf.do(fundamentals_store.remove, document, "SBIN")
    with pytest.raises(NoDataError):
        await desk.research.fundamentals("SBIN", 8)
    assert await SearchStore(desk.shelf.db).search("branch network") == ()


async def test_what_swot_says_can_be_searched(desk: Desk) -> None:
    document = await desk.ratios(RATIOS)
    (hit,) = await SearchStore(desk.shelf.db).search('"branch network" casa hold')
    assert (hit.kind, hit.ref, hit.title) == ("fundamentals", document, "SBIN fundamentals 2026-11")


async def test_companies_stand_side_by_side_in_the_order_asked_for(desk: Desk) -> None:
    await desk.ratios(RATIOS)
    await desk.ratios(replace(RATIOS, pe=Decimal(9)), days=1)
    await desk.ratios(RATIOS, symbol="TCS")
    found = await desk.research.compare(["TCS", "INFY", "SBIN"])
    assert [None if view is None else (view.symbol, view.record["pe"]) for view in found] == [
        ("TCS", Decimal("10.50")), None, ("SBIN", Decimal(9)),
    ]  # fmt: skip


async def test_another_provider_is_shown_only_where_the_own_one_has_nothing(desk: Desk) -> None:
    await desk.ratios(RATIOS, days=3, provider="sandbox")
    assert [view.provider for view in await desk.research.fundamentals("SBIN", 8)] == ["sandbox"]
    await desk.ratios(RATIOS)
    assert [view.provider for view in await desk.research.fundamentals("SBIN", 8)] == ["perplexity"]
    await desk.shelf.add("s", provider="sandbox")
    await desk.shelf.add("p")
    story = NewsItem("SBI opens a branch", published_at="2026-11-19")
    await desk.shelf.tell("s", story, provider="sandbox")
    assert [view.provider for view in await desk.research.news("SBIN", None, 8)] == ["sandbox"]
    await desk.shelf.tell("p", story)
    assert [view.provider for view in await desk.research.news("SBIN", None, 8)] == ["perplexity"]
    assert await desk.research.news("SBIN", NOON, 8) == ()  # the sandbox does not step in for what is merely old


async def test_why_leads_from_a_value_to_its_words(desk: Desk) -> None:
    document = await desk.ratios(RATIOS)
    await desk.ratios(replace(RATIOS, pe=None, sources={}), days=1)
    found = await desk.trails.why("SBIN", "pe")
    assert (found.field, found.value, found.layer, found.words, found.offset) == (
        "pe", Decimal("10.50"), "structured", '"pe": 10.50', 12,
    )  # fmt: skip
    assert (found.document_id, found.fetched_at, found.sources) == (document, NOON, tuple(SOURCES))
    assert (await desk.trails.why("SBIN", "strengths")).value == ["Largest branch network", "CASA of 40%"]
    for field in ("pb", "recommendation", "fundamentals.weaknesses", "eps"):
        with pytest.raises(NoDataError, match="states"):
            await desk.trails.why("SBIN", field)


async def test_why_of_a_story_leads_to_the_telling_that_states_it(desk: Desk) -> None:
    first, second = await desk.shelf.answer("one"), await desk.shelf.answer("two", at=NOON + DAY)
    said = {name: Provenance("regex", f"the {name}", 3) for name in ("headline", "impact")}
    bare = NewsItem("SBI opens a branch", sources={"headline": said["headline"]})
    (story,) = await desk.shelf.tell(first, bare)
    await desk.shelf.tell(second, replace(bare, impact="high", sources=said), at=NOON + DAY)
    headline = await desk.trails.why("SBIN", f"news.{story.id[:5]}.headline")
    impact = await desk.trails.why("SBIN", f"news.{story.id}.impact")
    assert impact.of == headline.of == story.record["headline"]
    assert (headline.value, headline.document_id, headline.fetched_at) == ("SBI opens a branch", first, NOON)
    assert (impact.value, impact.words, impact.document_id) == ("high", "the impact", second)
    assert [row["url"] for row in headline.sources][:1] == ["https://example.com/results/sbin"]
    for field in ("summary", "url", "key_figures", "symbols"):
        with pytest.raises(NoDataError):
            await desk.trails.why("SBIN", f"news.{story.id}.{field}")
    with pytest.raises(NotFoundError):
        await desk.trails.why("SBIN", "news.ffff.headline")
    with pytest.raises(NotFoundError):
        await desk.trails.why("TCS", f"news.{story.id}.headline")


async def test_a_trail_whose_document_is_gone_says_so(desk: Desk, tmp_path: Path) -> None:
    await desk.ratios(RATIOS)
    for path in tmp_path.rglob("*.json"):  # noqa: ASYNC240
        path.unlink()
    with pytest.raises(ResourceError, match="is gone"):
        await desk.trails.why("SBIN", "pe")


QUARTER = EarningsReport(fiscal_year=2026, fiscal_quarter=2, basis="consolidated", net_profit_inr=Decimal(100))


async def quarters(made: Shelf, *reports: EarningsReport) -> None:
    for number, report in enumerate(reports):
        at = NOON + timedelta(hours=number)
        document = await made.answer("said", at=at, dataset=Dataset.EARNINGS)
        await made.do(
            earnings_store.save, symbol="SBIN", provider="perplexity", document_id=document,
            parsed=ParseResult("earnings", "structured", (), report), sources=[], fetched_at=at, now=at,
        )  # fmt: skip


def quarter(year: int, number: int, profit: int | None, **given: Any) -> EarningsReport:
    amount = None if profit is None else Decimal(profit)
    return replace(QUARTER, fiscal_year=year, fiscal_quarter=number, net_profit_inr=amount, **given)


FOUR = (quarter(2026, 2, 100), quarter(2026, 1, 20), quarter(2025, 4, 3), quarter(2025, 3, 4000))


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ((), None),
        (FOUR[:3], None),
        (FOUR, 4123),
        ((*FOUR, quarter(2026, 2, 200)), 4223),
        ((*FOUR, quarter(2026, 3, None)), 4123),
        ((*FOUR, quarter(2026, 3, 1)), 124),
        ((*FOUR, quarter(2026, 4, 1)), None),
        ((*FOUR[:3], quarter(2025, 2, 1)), None),
        ((*FOUR[:3], replace(FOUR[3], basis="standalone")), None),
        (tuple(replace(each, basis="standalone") for each in FOUR), 4123),
        ((*FOUR, *(replace(each, basis="standalone", net_profit_inr=Decimal(1)) for each in FOUR)), 4123),
        (tuple(replace(each, basis=None) for each in FOUR), 4123),
        ((replace(FOUR[0], fiscal_quarter=None), *FOUR[1:]), None),
    ],
)
async def test_the_profit_of_a_year_is_that_of_four_quarters_in_a_row(
    desk: Desk, reports: tuple[EarningsReport, ...], expected: int | None
) -> None:
    await quarters(desk.shelf, *reports)
    found = await desk.shelf.do(earnings_store.profit_ttm, "SBIN", "perplexity")
    assert found == expected
    assert await desk.shelf.do(earnings_store.profit_ttm, "SBIN", "sandbox") is None


async def test_the_profit_of_a_year_that_is_long_past_is_not_the_latest(desk: Desk) -> None:
    await quarters(desk.shelf, *FOUR, quarter(2025, 2, 50000))  # the last of them ended on 2025-09-30
    for day, expected in (
        ("2026-11-20", None),
        ("2026-05-19", None),
        ("2026-05-18", 4123),
        ("2025-09-30", 4123),
        ("2025-09-29", 54023),
        ("2025-06-29", None),
    ):
        at = datetime.fromisoformat(f"{day}T12:00:00+05:30")
        assert await desk.shelf.do(earnings_store.profit_ttm, "SBIN", "perplexity", at) == expected, day


async def test_the_latest_quarter_is_known_with_its_surprise(desk: Desk) -> None:
    assert await desk.shelf.do(earnings_store.latest, "SBIN", "perplexity") is None
    surprise = replace(QUARTER, surprise_pct=Decimal(7))
    await quarters(desk.shelf, surprise, replace(QUARTER, eps_inr=Decimal(2)), quarter(2025, 4, 9),
                   replace(QUARTER, fiscal_year=2027, fiscal_quarter=None))  # fmt: skip
    found = await desk.shelf.do(earnings_store.latest, "SBIN", "perplexity")
    assert found is not None
    assert (found["fiscal_year"], found["fiscal_quarter"], found["eps_inr"], found["surprise_pct"]) == (
        2026, 2, Decimal(2), Decimal(7),
    )  # fmt: skip


FY27 = replace(QUARTER, fiscal_year=2027)


def dated(number: int, day: str | None) -> EarningsReport:
    """An answer about a quarter of FY27 that states the next results date, or does not."""
    sources = {} if day is None else {"next_earnings_date": Provenance("structured", f"on {day}", 0)}
    return replace(FY27, fiscal_quarter=number, next_earnings_date=day, sources=sources)


@pytest.mark.parametrize(
    ("answers", "day", "nth"),
    [
        ((dated(1, "2026-11-28"), dated(2, "2026-11-20")), "2026-11-20", 1),
        ((dated(2, "2026-11-20"), dated(1, "2026-11-28")), "2026-11-28", 1),
        ((dated(2, "2026-12-01"), dated(2, None)), "2026-12-01", 0),
        ((dated(2, "2026-12-01"), dated(2, None), dated(2, "2026-12-01"), dated(3, None)), "2026-12-01", 2),
        ((dated(2, "2026-12-01"), dated(2, "2026-11-19")), "2026-12-01", 0),  # past by then: no next date
        ((dated(2, "2026-11-18"), dated(2, "2026-11-19")), "2026-11-19", 1),
        ((dated(2, None),), None, 0),
        ((), None, 0),
    ],
)
async def test_the_next_results_date_is_that_of_the_newest_answer_that_states_one(
    desk: Desk, answers: tuple[EarningsReport, ...], day: str | None, nth: int
) -> None:
    store = EarningsStore(desk.shelf.db)
    await quarters(desk.shelf, *answers)
    found = (await store.expected("perplexity")).get("SBIN")
    assert await store.expected("sandbox") == {}
    assert await desk.shelf.do(earnings_store.next_date, "SBIN", "perplexity") == day
    if day is None:
        assert found is None
        with pytest.raises(NoDataError):
            await desk.trails.why("SBIN", "next_earnings_date")
        return
    why = await desk.trails.why("SBIN", "next_earnings_date")
    assert found is not None
    assert found.date == why.value == day
    assert found.fetched_at == why.fetched_at == NOON + timedelta(hours=nth)
    assert found.document_id == why.document_id
    assert (why.words, why.of) == (f"on {day}", f"Q{answers[nth].fiscal_quarter} FY27 consolidated")


@pytest.mark.parametrize(
    ("given", "of"),
    [
        ({}, "Q2 FY26 consolidated"),
        ({"basis": None}, "Q2 FY26"),
        ({"fiscal_quarter": None, "basis": "standalone", "period_end": "2026-03-31"}, "FY26 standalone"),
        ({"fiscal_quarter": None, "period_end": "2025-09-30"}, "H1 FY26 consolidated"),
        ({"fiscal_quarter": None, "fiscal_year": None}, "consolidated, fetched 2026-11-20"),
        ({"fiscal_quarter": None, "fiscal_year": None, "basis": None}, "fetched 2026-11-20"),
    ],
)
async def test_a_trail_names_the_quarter_it_is_of(desk: Desk, given: dict[str, Any], of: str) -> None:
    stated = replace(QUARTER, ebitda_inr=Decimal(7), sources={"ebitda_inr": Provenance("regex", "7", 0)}, **given)
    await quarters(desk.shelf, stated, replace(QUARTER, fiscal_year=2027))  # the later quarter states none
    found = await desk.trails.why("SBIN", "ebitda")
    assert (found.value, found.of) == (Decimal(7), of)


@pytest.mark.parametrize(
    ("as_of", "of"), [("2026-04-01", "as of 2026-04-01"), ("2026-11", "as of 2026-11"), (None, "fetched 2026-11-20")]
)
async def test_a_trail_of_fundamentals_names_their_day(desk: Desk, as_of: str | None, of: str) -> None:
    await desk.ratios(replace(RATIOS, as_of=as_of))
    assert (await desk.trails.why("SBIN", "pe")).of == of


async def test_half_a_year_and_its_year_are_two_records(desk: Desk) -> None:
    """Who reports by half years has no quarter in either, and the newer one must not hide the other."""
    half = replace(QUARTER, fiscal_quarter=None, period_end="2025-09-30")
    await quarters(desk.shelf, half, replace(half, period_end="2026-03-31"), replace(half, net_profit_inr=Decimal(101)))
    found = await EarningsStore(desk.shelf.db).history("SBIN", provider="perplexity", limit=9)
    assert sorted((each.record["period_end"], each.record["net_profit_inr"]) for each in found) == [
        ("2025-09-30", 101),
        ("2026-03-31", 100),
    ]
    titles = await desk.shelf.db.read(lambda tx: tx.all("SELECT title FROM search_texts WHERE kind = 'earnings'"))
    assert {title for (title,) in titles} == {"SBIN results H1 FY26", "SBIN results FY26"}
