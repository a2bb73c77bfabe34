"""News: each story once for a symbol and a provider, however often and in whatever words it is told; and every telling.

Which tellings are of one story is decided when a document is saved: the rules are asked of those that share link or
headline with the new one, and of the first tellings of the stories of about that time. A story keeps its id while any
document tells it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.records import NewsItem, ParseResult
from robotrader.core.background_scheduler.stores import exact_json, search_store, stories
from robotrader.core.background_scheduler.stores.exact_json import dumps, loads, plain
from robotrader.core.background_scheduler.stores.stories import FIELDS, Rules, Story, Telling
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Row, Transaction
from robotrader.core.errors import NotFoundError

__all__ = ["FIELDS", "NewsStore", "StoredNews", "plain", "recorded", "remove", "save"]

StoredNews = Story

WINDOW = timedelta(days=30)
"""How far apart two tellings of one story may be that share no link, where one of them states no date.

It then has the time of its answer, and an answer looks weeks back.
"""

_ORDER = "fetched_at, document_id, position"
# Of each story one telling with this link is enough, however often it was told.
_BY_LINK = (
    "SELECT n.first_seen, n.id, t.record, min(t.fetched_at) FROM news_tellings t"
    " JOIN news n ON n.id = t.news_id"
    " WHERE t.symbol = :symbol AND t.provider = :provider AND t.link = :link AND t.link <> '' GROUP BY n.id"
)
_BY_WORDS = (
    "SELECT DISTINCT n.first_seen, n.id, t.record FROM news_tellings t JOIN news n ON n.id = t.news_id"
    " WHERE t.symbol = :symbol AND t.provider = :provider AND t.words = :words AND t.words <> ''"
    " AND n.at BETWEEN :from AND :to"
)
_BY_TIME = (
    "SELECT n.first_seen, n.id, t.record FROM news n JOIN news_tellings t"
    " ON t.document_id = n.document_id AND t.symbol = n.symbol AND t.position = n.position"
    " WHERE n.symbol = :symbol AND n.provider = :provider AND n.at BETWEEN :from AND :to"
    " AND (n.at BETWEEN :near_from AND :near_to OR n.at = n.first_seen)"
)


class _New(NamedTuple):
    """A telling to be stored; ``stored`` is link, words, record, provenance and strategy as they are written."""

    item: NewsItem
    stored: tuple[str, str, str, str, str]
    story: str


def save(
    tx: Transaction,
    *,
    symbol: str,
    provider: str,
    document_id: str,
    parsed: ParseResult[tuple[NewsItem, ...]],
    fetched_at: datetime,
    now: datetime,
    rules: Rules,
) -> tuple[StoredNews, ...]:
    """Part of a transaction: store what a document tells, in place of what an earlier parser read out of it.

    Returns the stories that were not stored before, and those of which it is known only now that their impact is high.
    Saving the same again changes nothing and returns none.

    Args:
        rules: what one story is (the module ``parsers.news_stories``).
    """
    rows = tx.all(
        "SELECT news_id, link, words, record, provenance, strategy FROM news_tellings"
        " WHERE document_id = ? AND symbol = ? ORDER BY position",
        (document_id, symbol),
    )
    read = [_stored(item, parsed.strategy, rules) for item in parsed.record]
    if [row[1:] for row in rows] == read:
        return ()
    matcher = _Matcher(tx, rules, (symbol, provider), document_id, fetched_at)
    tellings = [matcher.match(item, stored) for item, stored in zip(parsed.record, read, strict=True)]
    tx.many(
        "INSERT INTO news (id, symbol, provider, at, first_seen, document_id, position) VALUES (?, ?, ?, 0, 0, '', 0)",
        [(story, symbol, provider) for story in matcher.made],
    )
    touched = dict.fromkeys([*(row[0] for row in rows), *(each.story for each in tellings)])
    high = {story.id for story in _known(tx, [each for each in touched if each not in matcher.made]) if _high(story)}
    tx.run("DELETE FROM news_tellings WHERE document_id = ? AND symbol = ?", (document_id, symbol))
    times = (to_micros(fetched_at), to_micros(now))
    tx.many(
        "INSERT INTO news_tellings (document_id, symbol, provider, position, news_id, link, words, record, provenance,"
        " strategy, fetched_at, parsed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (document_id, symbol, provider, position, each.story, *each.stored, *times)
            for position, each in enumerate(tellings)
        ],
    )
    settled = [found for story in touched if (found := _settle(tx, story, symbol, provider)) is not None]
    return tuple(each for each in settled if each.id in matcher.made or (_high(each) and each.id not in high))


def remove(tx: Transaction, document_id: str, symbol: str) -> None:
    """Part of a transaction: this document tells nothing of this symbol any more; stories that others tell stay."""
    told = tx.all(
        "SELECT DISTINCT news_id, provider FROM news_tellings WHERE document_id = ? AND symbol = ?",
        (document_id, symbol),
    )
    tx.run("DELETE FROM news_tellings WHERE document_id = ? AND symbol = ?", (document_id, symbol))
    for story, provider in told:
        _settle(tx, story, symbol, provider)


def recorded(tx: Transaction, document_id: str, symbol: str) -> list[dict[str, Any]] | None:
    """Part of a transaction: what a document tells of a symbol, as ``plain`` gives it; None where it tells nothing."""
    rows = tx.all(
        "SELECT record FROM news_tellings WHERE document_id = ? AND symbol = ? ORDER BY position", (document_id, symbol)
    )
    return [_record(row[0]) for row in rows] or None


class _Matcher:
    """Finds the story of each telling of one document, or names a new one."""

    def __init__(
        self,
        tx: Transaction,
        rules: Rules,
        subject: tuple[str, str],
        document_id: str,
        fetched_at: datetime,
    ) -> None:
        self._tx = tx
        self._rules = rules
        self._subject = subject
        self._document_id = document_id
        self._fetched_at = fetched_at
        self._told: list[_New] = []
        self._items: dict[str, NewsItem] = {}
        self.made: list[str] = []

    def match(self, item: NewsItem, stored: tuple[str, str, str, str, str]) -> _New:
        """One telling with its story; tellings are given in their order."""
        link, words, *_ = stored
        story = self._here(item, link, words) or self._stored(item, link, words)
        if story is None:
            story = self._name(item.headline)
            self.made.append(story)
        self._told.append(_New(item, stored, story))
        return self._told[-1]

    def _here(self, item: NewsItem, link: str, words: str) -> str | None:
        """The story of an earlier telling of the same document."""
        for told in self._told:
            alike = (link and link == told.stored[0]) or (words and words == told.stored[1]) or told.story in self.made
            if alike and self._rules.same_story(item, told.item):
                return told.story
        return None

    def _stored(self, item: NewsItem, link: str, words: str) -> str | None:
        """The story that was there first among those of which this is a telling."""
        stated = stories.published(item.published_at)
        at = stated or self._fetched_at
        near = (
            WINDOW if stated is None else timedelta(days=self._rules.MOST_DAYS + 1)
        )  # a story without a date is as old as its first answer
        given = {
            "symbol": self._subject[0],
            "provider": self._subject[1],
            "link": link,
            "words": words,
            "from": to_micros(at - WINDOW),
            "to": to_micros(at + WINDOW),
            "near_from": to_micros(at - near),
            "near_to": to_micros(at + near),
        }
        for known, sql in ((link, _BY_LINK), (words, _BY_WORDS), (True, _BY_TIME)):
            if known and (found := self._first(item, self._tx.all(sql, given))) is not None:
                return found
        return None

    def _first(self, item: NewsItem, rows: Iterable[Row]) -> str | None:
        """Of (first seen, id, record) the id that was there first of those that are the same story."""
        for _, story, record, *_ in sorted(rows):
            if record not in self._items:
                self._items[record] = stories.item_of(_record(record))
            if self._rules.same_story(item, self._items[record]):
                return str(story)
        return None

    def _name(self, headline: str) -> str:
        """An id that is the same whenever the same document is read; 16 letters and digits, of which a few will do."""
        number = 0
        while True:
            key = "\0".join((*self._subject, self._document_id, headline, str(number)))
            name = hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()
            if name not in self.made and self._tx.one("SELECT 1 FROM news WHERE id = ?", (name,)) is None:
                return name
            number += 1


def _stored(item: NewsItem, strategy: str, rules: Rules) -> tuple[str, str, str, str, str]:
    link = rules.canonical_url(item.url) if item.url else ""
    provenance = exact_json.from_provenance(item.sources)
    return link, " ".join(sorted(rules.word_key(item.headline))), dumps(plain(item)), provenance, strategy


def _settle(tx: Transaction, story: str, symbol: str, provider: str) -> StoredNews | None:
    """Derive a story from its tellings; one that nothing tells any more is gone."""
    rows = tx.all(
        "SELECT position, document_id, record, provenance, strategy, fetched_at FROM news_tellings WHERE news_id = ?"
        f" ORDER BY {_ORDER}",
        (story,),
    )
    if not rows:
        tx.run("DELETE FROM news WHERE id = ?", (story,))
        search_store.remove(tx, "news", story, symbol)
        return None
    tellings = tuple(_telling(row[1:]) for row in rows)
    first, at = tellings[0], stories.dated(tellings)
    tx.run(
        "UPDATE news SET at = ?, first_seen = ?, document_id = ?, position = ? WHERE id = ?",
        (to_micros(at), rows[0][-1], first.document_id, rows[0][0], story),
    )
    search_store.put(
        tx,
        kind="news",
        ref=story,
        symbol=symbol,
        provider=provider,
        at=at,
        title=first.record["headline"],
        body="\n".join([first.record["summary"] or "", *first.record["key_figures"]]),
    )
    return Story(story, symbol, provider, at, first.fetched_at, tellings)


class NewsStore:
    """Reads stories."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def newest(
        self, symbol: str | None, *, provider: str | None, since: datetime | None, limit: int
    ) -> list[StoredNews]:
        """The stories of a symbol (None: of the whole watchlist), newest first."""
        wanted = {
            "symbol = :symbol": symbol,
            "provider = :provider": provider,
            "at >= :since": None if since is None else to_micros(since),
        }
        where = [text for text, value in wanted.items() if value is not None]
        if symbol is None:
            where.append("symbol IN (SELECT symbol FROM watchlist)")
        given = {text.rpartition(":")[2]: value for text, value in wanted.items() if value is not None}
        sql = (
            f"SELECT id, symbol, provider, at, first_seen FROM news WHERE {' AND '.join(where) or 'TRUE'}"
            " ORDER BY at DESC, id LIMIT :limit"
        )
        return await self._db.read(lambda tx: _with_tellings(tx, tx.all(sql, {**given, "limit": limit})))

    async def find(self, symbol: str, beginning: str) -> StoredNews:
        """One story of a symbol, by its id or an unmistakable beginning of it.

        Raises:
            NotFoundError: none, or more than one.
        """
        sql = "SELECT id, symbol, provider, at, first_seen FROM news WHERE id >= ? AND id < ? AND symbol = ? LIMIT 2"
        given = (beginning, beginning + "~", symbol)
        found = await self._db.read(lambda tx: _with_tellings(tx, tx.all(sql, given)))
        if len(found) != 1 or not beginning:
            raise NotFoundError(
                f"{'no' if not found else 'more than one'} story {beginning[:40]!r} of {symbol}",
                remedy=f"robotrader news {symbol} shows the ids",
            )
        return found[0]


def _high(story: StoredNews) -> bool:
    return bool(story.record["impact"] == "high")


def _known(tx: Transaction, ids: Sequence[str]) -> list[StoredNews]:
    """Stories by their ids."""
    sql = (
        "SELECT id, symbol, provider, at, first_seen FROM news"
        " WHERE id IN (SELECT value FROM json_each(?)) AND document_id <> ''"
    )
    return _with_tellings(tx, tx.all(sql, (dumps(list(ids)),))) if ids else []


def _with_tellings(tx: Transaction, rows: Sequence[Row]) -> list[StoredNews]:
    found: dict[str, list[Telling]] = {row[0]: [] for row in rows}
    for story, *telling in tx.all(
        "SELECT news_id, document_id, record, provenance, strategy, fetched_at FROM news_tellings"
        f" WHERE news_id IN (SELECT value FROM json_each(?)) ORDER BY {_ORDER}",
        (dumps(list(found)),),
    ):
        found[story].append(_telling(telling))
    return [
        Story(story, symbol, provider, from_micros(at), from_micros(seen), tuple(found[story]))
        for story, symbol, provider, at, seen in rows
    ]


def _telling(row: Sequence[Any]) -> Telling:
    document_id, record, provenance, strategy, fetched_at = row
    sources = exact_json.to_provenance(provenance)
    return Telling(document_id, _record(record), sources, strategy, from_micros(fetched_at))


def _record(text: str) -> dict[str, Any]:
    """A stored record; fields that are newer than it are empty."""
    found: dict[str, Any] = loads(text)
    return {**{name: found.get(name) for name in FIELDS}, "key_figures": found.get("key_figures") or [],
            "symbols": found.get("symbols") or []}  # fmt: skip
