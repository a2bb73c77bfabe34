"""Full-text search: what is found, in which order, and that no text a person types can break it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.stores import search_store
from robotrader.core.background_scheduler.stores.search_store import KINDS, SearchStore, expression
from robotrader.core.errors import ValidationError
from tests.support.shelf import NOON, Shelf, shelf

TEXTS = {
    "order": ("SBI wins order", "An order worth ₹500 crore from M&M, says the bank."),
    "profit": ("Net profit rises", "Profit of State Bank of India rose 12.5% to ₹19,160 crore. Café Zürich."),
    "hindi": ("भारतीय स्टेट बैंक", "तिमाही नतीजे 🚀 🚀"),
    "near": ("AND OR NOT NEAR", 'col: title - body ^ { } ( ) "quoted" near the end'),
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Shelf]:
    async with shelf(tmp_path) as made:
        for number, (ref, (title, body)) in enumerate(TEXTS.items()):
            await put(made, ref, title, body, days=number)
        yield made


async def put(made: Shelf, ref: str, title: str, body: str, *, days: int = 0, **given: str) -> None:
    fields = {"kind": "news", "symbol": "SBIN", "provider": "perplexity", **given}
    await made.do(search_store.put, ref=ref, title=title, body=body, at=NOON - timedelta(days=days), **fields)


async def refs(made: Shelf, text: str, **wanted: object) -> list[str]:
    return [hit.ref for hit in await SearchStore(made.db).search(text, **wanted)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("order", ["order"]),
        ("ORDER crore", ["order"]),
        ("crore order", ["order"]),
        ("order dividend", []),
        ("crore", ["order", "profit"]),
        ("M&M", ["order"]),
        ("m&m crore", ["order"]),
        ("M & M", ["order"]),
        ("₹500", ["order"]),
        ("19,160", ["profit"]),
        ("12.5%", ["profit"]),
        ("cafe zurich", ["profit"]),
        ("pro*", ["profit"]),
        ("pro", []),
        ("ind* rose", ["profit"]),
        ('"rose 12.5"', ["profit"]),
        ('"12.5 rose"', []),
        ("“state bank”", ["profit"]),
        ('"state ban"*', ["profit"]),
        ('"net profit', ["profit"]),
        ("भारतीय", ["hindi"]),
        ("नतीजे 🚀", ["hindi"]),
        ("AND", ["near"]),
        ("NEAR", ["near"]),
        ("near(the end)", ["near"]),
        ("near(end the)", []),
        ("NOT order", []),
        ("title:order", []),
        ("col:", ["near"]),
        ("-order", ["order"]),
        ("^SBI", ["order"]),
        ("sbi + order", ["order"]),
        ("order\x00\x01order", ["order"]),
        ("order \ud83d", ["order"]),
        ("order\ud83d", ["order"]),
        ("“bank state”", []),
        ("order order order", ["order"]),
    ],
)
async def test_every_word_must_be_there_and_nothing_else_means_anything(
    desk: Shelf, text: str, found: list[str]
) -> None:
    assert sorted(await refs(desk, text)) == sorted(found)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", '""', "*", "* * *", '" "', "₹", "🚀", "&", "--", "\x00", "\ud83d", "(", "'"]
)
async def test_a_query_without_a_word_is_refused(desk: Shelf, text: str) -> None:
    with pytest.raises(ValidationError, match="nothing to search for"):
        await SearchStore(desk.db).search(text)


@pytest.mark.parametrize(
    "text",
    [
        " ".join(f"w{number}" for number in range(2500)),
        "x" * 10_000,
        '"' * 9_999 + "x",
        "a*" * 5_000,
        "(" * 10_000 + "x",
        "NEAR(" * 2_000,
        '"a b ' * 2_500,
    ],
)
async def test_a_long_query_is_only_long(desk: Shelf, text: str) -> None:
    assert len(text) >= 9_999
    assert await refs(desk, text) == []
    assert await refs(desk, "order") == ["order"]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="ab*\"'(){}:^-+&₹ NEARANDORT,.\x00\x02", max_size=40))
@example('a" OR "b')
@example("NEAR(a b, 2)")
@example('""a')
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    try:
        made = expression(text)
    except ValidationError:
        return
    found = run(made)
    assert found in ([], ["one"])


def run(words: str) -> list[str]:
    """Ask SQLite itself, for a text that ``expression`` made."""
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.execute("CREATE VIRTUAL TABLE t USING fts5 (a, b, tokenize = 'unicode61 remove_diacritics 2')")
        raw.execute("INSERT INTO t VALUES ('one', 'a b')")
        return [row[0] for row in raw.execute("SELECT a FROM t WHERE t MATCH ?", (words,))]


async def test_the_best_match_comes_first_and_among_equals_the_newest(desk: Shelf) -> None:
    await put(desk, "old", "Dividend", "paid", days=9)
    await put(desk, "new", "Dividend", "paid", days=1)
    await put(desk, "middle", "Dividend", "paid", days=5)
    await put(desk, "aside", "Something else", "that names a dividend " + "in many other words " * 20)
    assert await refs(desk, "dividend") == ["new", "middle", "old", "aside"]
    assert await refs(desk, "dividend", limit=2) == ["new", "middle"]


async def test_a_word_of_the_title_counts_for_more(desk: Shelf) -> None:
    await put(desk, "title", "Dividend raised", "Board meets today", days=5)
    await put(desk, "text", "Board meets", "Dividend raised today", days=1)
    assert await refs(desk, "dividend") == ["title", "text"]


async def test_no_text_is_too_odd_to_be_stored(desk: Shelf) -> None:
    await put(desk, "odd", "half \ud83d a pair\x00", "and \x02 marks\x03 of\x1f its own \udfff")
    (hit,) = await SearchStore(desk.db).search("half marks")
    assert (hit.title, hit.snippet) == ("half ? a pair ", "\x02half\x03 ? a pair")


async def test_symbol_and_kind_narrow_the_search(desk: Shelf) -> None:
    await put(desk, "answer", "SBIN news", "order", kind="answer")
    await put(desk, "tcs", "TCS order", "", symbol="TCS")
    assert sorted(await refs(desk, "order")) == ["answer", "order", "tcs"]
    assert await refs(desk, "order", symbol="TCS") == ["tcs"]
    assert await refs(desk, "order", kind="answer") == ["answer"]
    assert await refs(desk, "order", kind="answer", symbol="TCS") == []
    for kind in KINDS:
        await refs(desk, "order", kind=kind)
    with pytest.raises(ValidationError, match="no such kind"):
        await refs(desk, "order", kind="tweets")


async def test_a_hit_shows_where_it_matched_in_one_line(desk: Shelf) -> None:
    await put(desk, "long", "Results", "word " * 200 + "the\nneedle\x02\x03 stands\there " + "word " * 200)
    (hit,) = await SearchStore(desk.db).search("needle stands")
    assert "\x02needle\x03" in hit.snippet
    assert "\x02stands\x03" in hit.snippet
    assert hit.snippet.count("\x02") == hit.snippet.count("\x03") == 2
    assert "\n" not in hit.snippet
    assert len(hit.snippet) < 200
    assert (hit.kind, hit.symbol, hit.provider, hit.at, hit.title) == ("news", "SBIN", "perplexity", NOON, "Results")


async def test_what_is_put_again_is_found_by_its_new_words_alone(desk: Shelf) -> None:
    await put(desk, "order", "SBI loses order", "to a rival")
    assert await refs(desk, "loses") == ["order"]
    assert await refs(desk, "wins") == []
    await desk.do(search_store.remove, "news", "order", "SBIN")
    assert await refs(desk, "loses") == []
    await desk.do(search_store.remove, "news", "order", "SBIN")
    assert await desk.db.problems() == []


async def test_the_same_again_writes_nothing(desk: Shelf) -> None:
    before = await desk.db.read(lambda tx: tx.one("SELECT total_changes()"))
    await put(desk, "order", *TEXTS["order"])
    assert await desk.db.read(lambda tx: tx.one("SELECT total_changes()")) == before
    await put(desk, "order", *TEXTS["order"], days=3)
    (hit,) = await SearchStore(desk.db).search("order")
    assert hit.at == NOON - timedelta(days=3)


async def test_the_index_agrees_with_what_it_is_made_of(desk: Shelf) -> None:
    for number in range(50):
        await put(desk, f"r{number % 7}", f"title {number}", f"body {number}" * (number % 3))
        if number % 5 == 0:
            await desk.do(search_store.remove, "news", f"r{number % 4}", "SBIN")
    await desk.do(lambda tx: tx.run("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"))
