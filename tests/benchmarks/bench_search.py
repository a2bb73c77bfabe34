"""Full-text search over 100,000 stored texts against the same over 1,000, and against LIKE, in one interleaved run.

The texts are headlines with summaries, answers of some length, and short records, in words as unequally frequent as
those of a language; each company is named in a five-hundredth of them. ``company`` asks for a company and a word,
``phrase`` for two words side by side, ``prefix`` for the beginning of words, ``common`` for two words of which each
stands in every third text or so: in the last two, what is found grows with what is stored. LIKE asks for the same as
parts of words, newest first, and ranks nothing. Run it with ``python tests/benchmarks/bench_search.py``.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from robotrader.core.background_scheduler.stores import search_store
from robotrader.core.background_scheduler.stores.search_store import SearchStore
from robotrader.core.clock import SystemClock
from robotrader.core.database_state import DatabaseStateManager, Transaction

SMALL, LARGE = 1_000, 100_000
COMPANIES, WORDS = 500, 20_000
ROUNDS = 15
START = datetime(2026, 1, 1, tzinfo=UTC)
SHAPES = (("news", 9, 40), ("answer", 4, 250), ("earnings", 6, 15))  # kind, words of the title, words of the text
QUERIES = {
    "company": "company007 w1200",
    "phrase": '"w40 w45"',
    "prefix": "w199*",
    "common": "w12 w15",
}

Ask = Callable[[], Awaitable[object]]


class Writer:
    """Texts in words whose frequency falls with their rank."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        self._words = [f"w{number}" for number in range(1, WORDS + 1)]
        self._weights = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))

    def words(self, count: int) -> str:
        """A run of words."""
        return " ".join(self._random.choices(self._words, cum_weights=self._weights, k=count))

    def put(self, tx: Transaction, first: int, last: int) -> None:
        """Some of the texts."""
        for number in range(first, last):
            kind, title, body = SHAPES[number % 10 // 7 + (number % 10 == 9)]
            company = f"company{self._random.randrange(COMPANIES):03}"
            search_store.put(
                tx,
                kind=kind,
                ref=str(number),
                symbol=company,
                provider="perplexity",
                at=START + timedelta(minutes=number),
                title=f"{company} {self.words(title)}",
                body=self.words(body),
            )


async def filled(folder: Path, rows: int) -> DatabaseStateManager:
    """A database with so many texts."""
    db, writer = DatabaseStateManager(folder / f"{rows}.db", clock=SystemClock(), synchronous="NORMAL"), Writer()
    started = time.perf_counter()
    for first in range(0, rows, 1_000):
        await db.write(lambda tx, first=first: writer.put(tx, first, first + 1_000))  # type: ignore[misc]
    each = (time.perf_counter() - started) / rows * 1e6
    print(f"{rows:7,} texts put: {each:.0f} us each, {(folder / f'{rows}.db').stat().st_size / 1e6:.0f} MB")
    return db


def like(db: DatabaseStateManager, text: str) -> Ask:
    """The same words looked for in every text."""
    parts = [text.strip('"')] if '"' in text else [word.rstrip("*") for word in text.split()]
    where = " AND ".join("(title LIKE ? OR body LIKE ?)" for _ in parts)
    sql = f"SELECT kind, ref, symbol, at, title, body FROM search_texts WHERE {where} ORDER BY at DESC LIMIT 20"  # noqa: S608
    given = [f"%{part}%" for part in parts for _ in range(2)]
    return lambda: db.read(lambda tx: tx.all(sql, given))


async def timed(ask: Ask) -> float:
    """Milliseconds of one question."""
    started = time.perf_counter()
    await ask()
    return (time.perf_counter() - started) * 1e3


async def main() -> None:
    """Print one line a query: milliseconds of each side and the two ratios, each the median of the rounds."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = [await filled(Path(folder), rows) for rows in (SMALL, LARGE)]
        try:
            for name, text in QUERIES.items():
                asks: tuple[Ask, ...] = (
                    lambda text=text: SearchStore(small).search(text),  # type: ignore[misc]
                    lambda text=text: SearchStore(large).search(text),  # type: ignore[misc]
                    like(large, text),
                )
                rounds = [[await timed(ask) for ask in asks] for _ in range(ROUNDS)]
                few, many, scan = (statistics.median(side) for side in zip(*rounds, strict=True))
                matches = await large.read(
                    lambda tx, text=text: tx.one(  # type: ignore[misc]
                        "SELECT count(*) FROM search_index WHERE search_index MATCH ?", (search_store.expression(text),)
                    )
                )
                found = 0 if matches is None else matches[0]
                print(
                    f"{name:8} {found:6,} matches: {SMALL:,} texts {few:6.2f} ms, {LARGE:,} texts {many:6.2f} ms"
                    f" ({many / few:5.1f} x), LIKE {scan:7.1f} ms ({scan / many:5.1f} x)"
                )
        finally:
            await asyncio.gather(small.close(), large.close())


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
