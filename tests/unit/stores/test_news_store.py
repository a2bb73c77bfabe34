"""Stories: each kept once, whoever tells it and in whatever order; reading a document again replaces what it told."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers import news_stories
from robotrader.core.background_scheduler.records import NewsItem, Provenance
from robotrader.core.background_scheduler.stores import news_store
from robotrader.core.background_scheduler.stores.news_store import NewsStore, StoredNews
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.background_scheduler.stores.stories import published
from robotrader.core.errors import NotFoundError
from tests.support.shelf import NOON, Shelf, shelf

DAY = timedelta(days=1)
ORDER = NewsItem(
    "SBI wins ₹500 crore order from Railways",
    summary="The bank says so.",
    published_at="2026-11-19",
    source="Mint",
    url="https://example.com/sbi-order",
    key_figures=("₹500 crore",),
    sources={"headline": Provenance("structured", "SBI wins ₹500 crore order from Railways", 7)},
)
RATES = NewsItem("State Bank of India cuts lending rates by 10 basis points", published_at="2026-11-18")
TABLES = ("news", "news_tellings", "search_texts")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with shelf(tmp_path) as made:
        for name in "abcd":
            await made.add(name)
        yield made


async def stored(made: Shelf, symbol: str | None = "SBIN", **wanted: Any) -> list[StoredNews]:
    asked = {"provider": "perplexity", "since": None, "limit": 100, **wanted}
    return await NewsStore(made.db).newest(symbol, **asked)


async def headlines(made: Shelf, **wanted: Any) -> list[str]:
    return [each.record["headline"] for each in await stored(made, **wanted)]


async def test_a_document_tells_its_stories_once(desk: Shelf) -> None:
    new = await desk.tell("a", ORDER, RATES)
    assert [each.record["headline"] for each in new] == [ORDER.headline, RATES.headline]
    before = await desk.dump(*TABLES)
    assert await desk.tell("a", ORDER, RATES) == ()
    assert await desk.dump(*TABLES) == before
    order, rates = await stored(desk)
    assert order == new[0]
    assert (order.at, order.first_seen) == (datetime(2026, 11, 18, 18, 30, tzinfo=UTC), NOON)
    assert order.record["key_figures"] == ["₹500 crore"]
    assert order.document_ids == ("a",)
    assert order.tellings[0].provenance["headline"] == ORDER.sources["headline"]
    assert rates.record["headline"] == RATES.headline


@pytest.mark.parametrize(
    "again",
    [
        ORDER,
        replace(ORDER, headline=ORDER.headline.upper() + "!"),
        replace(ORDER, url=None),
        replace(ORDER, url=f"{ORDER.url}?utm_source=x", headline="Railways give ₹500 crore order to SBI"),
        replace(ORDER, published_at=None, url=None),
        replace(ORDER, source=None, summary=None, sentiment="positive"),
    ],
)
async def test_a_story_told_again_is_no_new_one(desk: Shelf, again: NewsItem) -> None:
    (first,) = await desk.tell("a", ORDER)
    assert await desk.tell("b", again, at=NOON + DAY) == ()
    (found,) = await stored(desk)
    assert (found.id, found.at, found.first_seen) == (first.id, first.at, first.first_seen)
    assert found.document_ids == ("a", "b")
    assert found.record == {**first.record, "sentiment": again.sentiment}


TOLD_ANEW = replace(ORDER, headline="SBI wins big ₹500 crore order from the Railways", url=None)


@pytest.mark.parametrize(
    ("first", "then", "days"),
    [
        (replace(ORDER, published_at=None), replace(TOLD_ANEW, published_at="2026-11-05"), 1),
        (replace(ORDER, published_at="2026-11-05"), replace(TOLD_ANEW, published_at=None), 1),
        (replace(ORDER, published_at=None), replace(TOLD_ANEW, published_at=None), 20),
        (ORDER, replace(TOLD_ANEW, published_at="2026-11-16"), 1),
        (ORDER, replace(TOLD_ANEW, published_at="2026-11-22T23:00:00+05:30"), 9),
    ],
)
async def test_other_words_tell_the_same_story_as_far_as_the_dates_allow(
    desk: Shelf, first: NewsItem, then: NewsItem, days: int
) -> None:
    await desk.tell("a", first)
    assert await desk.tell("b", then, at=NOON + days * DAY) == ()


@pytest.mark.parametrize("published_at", ["2026-11-15", "2026-11-23", "2025-11-19"])
@pytest.mark.parametrize("again", [TOLD_ANEW, replace(ORDER, url=None)])
async def test_much_the_same_words_of_another_time_are_another_story(
    desk: Shelf, again: NewsItem, published_at: str
) -> None:
    await desk.tell("a", ORDER)
    assert len(await desk.tell("b", replace(again, published_at=published_at), at=NOON + 9 * DAY)) == 1


@pytest.mark.parametrize("days", [("2026-11-10", "2026-11-16"), ("2026-11-16", "2026-11-10")])
@pytest.mark.parametrize("headline", [ORDER.headline, RATES.headline])
async def test_of_two_stories_the_one_that_was_there_first_is_told_again(
    desk: Shelf, headline: str, days: tuple[str, str]
) -> None:
    assert len(await desk.tell("a", NewsItem(headline, published_at=days[1]), at=NOON + DAY)) == 1
    (first,) = await desk.tell("b", NewsItem(headline, published_at=days[0]))
    assert await desk.tell("c", NewsItem(headline.upper()), at=NOON + 2 * DAY) == ()
    assert (await NewsStore(desk.db).find("SBIN", first.id)).document_ids == ("b", "c")


@pytest.mark.parametrize(
    "other",
    [
        replace(ORDER, headline="SBI board approves raising ₹20,000 crore through bonds", url="https://example.com/b"),
        RATES,
    ],
)
async def test_another_story_is_another_story(desk: Shelf, other: NewsItem) -> None:
    await desk.tell("a", ORDER)
    assert len(await desk.tell("b", other)) == 1
    assert len(await stored(desk)) == 2


async def test_a_story_is_of_one_symbol_and_one_provider(desk: Shelf) -> None:
    await desk.add("t", "TCS", "SBIN")
    await desk.add("s", provider="sandbox")
    await desk.tell("a", ORDER)
    assert len(await desk.tell("t", ORDER, symbol="TCS")) == 1
    assert await desk.tell("t", ORDER, symbol="SBIN") == ()
    assert len(await desk.tell("s", ORDER, provider="sandbox")) == 1
    assert len(await stored(desk)) == len(await stored(desk, "TCS")) == 1
    assert len(await stored(desk, provider=None)) == 2
    ids = {each.id for each in [*await stored(desk, provider=None), *await stored(desk, "TCS")]}
    assert len(ids) == 3


async def test_two_wordings_in_one_document_are_one_story_with_two_tellings(desk: Shelf) -> None:
    shout = replace(ORDER, headline=ORDER.headline.upper())
    assert len(await desk.tell("a", ORDER, shout)) == 1
    (found,) = await stored(desk)
    assert [telling.record["headline"] for telling in found.tellings] == [ORDER.headline, shout.headline]
    assert found.document_ids == ("a",)


async def test_what_the_first_telling_leaves_open_is_taken_from_the_first_that_states_it(desk: Shelf) -> None:
    bare = replace(ORDER, published_at=None, url=None)
    await desk.tell("a", bare)
    (found,) = await stored(desk)
    assert found.at == NOON
    await desk.tell("b", replace(ORDER, impact="low", sentiment="mixed"), at=NOON + 2 * DAY)
    await desk.tell("c", replace(ORDER, impact="high", summary="Otherwise."), at=NOON + DAY)
    (found,) = await stored(desk)
    shown = found.record
    assert (shown["impact"], shown["sentiment"], shown["published_at"]) == ("high", "mixed", "2026-11-19")
    assert (shown["summary"], shown["url"]) == (ORDER.summary, None)
    assert found.at == published("2026-11-19")
    origins = [found.origin(name) for name in ("headline", "impact", "sentiment", "published_at", "url")]
    assert [None if each is None else each.document_id for each in origins] == ["a", "c", "b", "c", None]


async def test_nothing_was_published_after_it_had_been_read(desk: Shelf) -> None:
    await desk.tell("a", replace(ORDER, published_at=None))
    await desk.tell("b", replace(ORDER, published_at="2026-11-22"), at=NOON + 3 * DAY)
    (found,) = await stored(desk)
    assert (found.record["published_at"], found.at) == (None, NOON)


async def test_an_old_link_finds_its_story_however_long_ago(desk: Shelf) -> None:
    await desk.tell("a", replace(ORDER, published_at=None))
    assert await desk.tell("b", replace(ORDER, published_at=None), at=NOON + 300 * DAY) == ()
    assert len(await desk.tell("c", replace(ORDER, published_at="2027-09-10", url=None), at=NOON + 300 * DAY)) == 1


async def test_a_document_that_is_read_again_tells_only_what_is_read_now(desk: Shelf) -> None:
    order, rates = await desk.tell("a", ORDER, RATES)
    await desk.tell("b", replace(ORDER, summary="In other words."), at=NOON + DAY)
    better = replace(RATES, headline=RATES.headline.upper(), source="Reuters")
    assert await desk.tell("a", better) == ()
    found = {each.id: each for each in await stored(desk)}
    assert found.keys() == {order.id, rates.id}
    assert found[order.id].record["summary"] == "In other words."  # what the first told is gone; the next is promoted
    assert (found[order.id].document_ids, found[order.id].first_seen) == (("b",), NOON + DAY)
    assert found[rates.id].record["source"] == "Reuters"
    assert await desk.db.read(lambda tx: news_store.recorded(tx, "a", "SBIN")) == [news_store.plain(better)]
    await desk.tell("a")
    assert [each.id for each in await stored(desk)] == [order.id]


async def test_what_nothing_tells_any_more_is_gone_and_not_found(desk: Shelf) -> None:
    await desk.tell("a", ORDER, RATES)
    await desk.tell("b", ORDER, at=NOON + DAY)
    search = SearchStore(desk.db)
    assert len(await search.search("railways")) == len(await search.search("lending")) == 1
    await desk.do(news_store.remove, "a", "SBIN")
    assert await headlines(desk) == [ORDER.headline]
    assert len(await search.search("railways")) == 1
    assert await search.search("lending") == ()
    await desk.do(news_store.remove, "b", "SBIN")
    await desk.do(news_store.remove, "b", "SBIN")
    assert await desk.dump(*TABLES) == []
    assert await desk.db.read(lambda tx: news_store.recorded(tx, "a", "SBIN")) is None


async def test_stories_are_found_by_the_words_of_the_first_telling(desk: Shelf) -> None:
    await desk.tell("a", ORDER)
    (hit,) = await SearchStore(desk.db).search("railways bank 500", kind="news", symbol="SBIN")
    (found,) = await stored(desk)
    assert (hit.ref, hit.title, hit.at) == (found.id, ORDER.headline, found.at)


async def test_the_newest_come_first_and_may_be_limited(desk: Shelf) -> None:
    await desk.do(lambda tx: tx.run("INSERT INTO watchlist VALUES ('SBIN', 0)"))
    await desk.add("t", "TCS")
    instant = replace(RATES, headline="TCS buys back shares", published_at="2026-11-19T10:00:00+05:30")
    await desk.tell("t", instant, symbol="TCS")
    await desk.tell("a", RATES, ORDER)
    assert await headlines(desk) == [ORDER.headline, RATES.headline]
    assert await headlines(desk, limit=1) == [ORDER.headline]
    assert await headlines(desk, since=NOON - 2 * DAY) == [ORDER.headline]
    assert await headlines(desk, since=NOON) == []
    assert await headlines(desk, symbol=None) == [ORDER.headline, RATES.headline]
    await desk.do(lambda tx: tx.run("INSERT INTO watchlist VALUES ('TCS', 0)"))
    assert await headlines(desk, symbol=None) == [instant.headline, ORDER.headline, RATES.headline]


async def test_a_story_has_an_id_of_which_a_few_letters_will_do(desk: Shelf) -> None:
    order, rates = await desk.tell("a", ORDER, RATES)
    store = NewsStore(desk.db)
    assert await store.find("SBIN", order.id) == order
    assert (await store.find("SBIN", rates.id[:6])).id == rates.id
    for symbol, beginning in (("SBIN", ""), ("SBIN", "zz"), ("SBIN", "%"), ("TCS", order.id)):
        with pytest.raises(NotFoundError):
            await store.find(symbol, beginning)


async def test_a_company_with_a_long_history_is_not_read_as_a_whole(desk: Shelf) -> None:
    """The search for a story's first telling reads the index of symbol and time, and only its part of it."""
    plans = []

    def explain(tx: Any) -> None:
        real = tx.all

        class Spy:
            run, many, one = tx.run, tx.many, tx.one

            @staticmethod
            def all(sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
                if sql.startswith(("SELECT n.first_seen", "SELECT DISTINCT")):
                    plans.append(" | ".join(row[3] for row in real(f"EXPLAIN QUERY PLAN {sql}", parameters)))
                return list(real(sql, parameters))

        news_store.save(
            Spy(), symbol="SBIN", provider="perplexity", document_id="a",
            parsed=news_store.ParseResult("news", "basic", (), (ORDER,)), fetched_at=NOON, now=NOON, rules=news_stories,
        )  # type: ignore[arg-type]  # fmt: skip

    await desk.do(explain)
    assert len(plans) == 3, plans
    assert not any("SCAN" in plan and "SCAN n" in plan for plan in plans), plans
    assert "news_symbol (symbol=? AND provider=? AND at>? AND at<?)" in plans[2]


WORDINGS = 3
STORIES = [
    ("Alpha wins metro contract", "Bravo buys cement maker", "Charlie opens steel plant"),
    ("Delta splits shares", "Echo appoints finance chief", "Foxtrot recalls cars"),
]


def telling(story: int, wording: int, dated: bool) -> NewsItem:
    """One of a few stories, in one of a few wordings that are the same words."""
    words = STORIES[story // 3][story % 3]
    headline = (words, words.upper(), f"{words}.")[wording]
    day = date(2026, 11, 10 + story).isoformat() if dated else None
    return NewsItem(headline, published_at=day, url=f"https://example.com/{story}" if dated else None)


TELLINGS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, WORDINGS - 1), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None)
@given(documents=st.lists(TELLINGS, min_size=1, max_size=4), data=st.data())
def test_any_order_of_the_same_documents_gives_the_same_stories(
    documents: list[list[tuple[int, int, bool]]], data: st.DataObject
) -> None:
    orders = [list(range(len(documents))), data.draw(st.permutations(range(len(documents))))]
    again = data.draw(st.integers(0, len(documents) - 1))

    async def outcome(order: Sequence[int]) -> list[Any]:
        with tempfile.TemporaryDirectory() as folder:
            async with shelf(Path(folder)) as made:
                new = 0
                for number in order:
                    await made.add(f"d{9 - number}")
                    items = [telling(*each) for each in documents[number]]
                    new += len(await made.tell(f"d{9 - number}", *items, at=NOON + number * timedelta(hours=1)))
                before = await made.dump(*TABLES)
                items = [telling(*each) for each in documents[again]]
                assert await made.tell(f"d{9 - again}", *items, at=NOON + again * timedelta(hours=1)) == ()
                assert await made.dump(*TABLES) == before
                found = await stored(made)
                assert new == len(found) == len({story for each in documents for story, _, _ in each})
                return sorted((each.at, each.record["headline"], each.tellings) for each in found)

    first, second = (asyncio.run(outcome(order)) for order in orders)
    assert first == second
