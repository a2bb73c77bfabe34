"""Full-text search over everything stored: what is put into the index, and what a text that a person types finds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError

KINDS = ("news", "earnings", "fundamentals", "answer")
"""What can be found: stories, records of earnings and of fundamentals, the texts of archived answers."""

MARKS = ("\x02", "\x03")
"""What stands before and after each word that matched, in the snippet of a hit."""

SNIPPET_WORDS = 24
TITLE_WEIGHT = 3.0
"""How much more a word counts in a title than in a text."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_QUOTES = str.maketrans("\u201c\u201d\u201e\u201f", '""""')
_PIECE = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')


class Found(NamedTuple):
    """One hit. ``snippet`` is one line; the words that matched stand between ``MARKS``."""

    kind: str
    ref: str
    symbol: str
    provider: str
    at: datetime
    title: str
    snippet: str


_EMPTY = re.compile(r'"[^"\\\n]{1,80}"\s{0,4}:|\b(?:null|true|false)\b(?=\s{0,4}[,}\]])')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s{0,4}:)?')


def prose(text: str) -> str:
    """The words of an answer: of one in JSON the texts it holds, without the names of its fields and bare numbers."""
    if text.lstrip()[:1] in ("{", "[", "`"):
        return " \N{MIDDLE DOT} ".join([words for words, name in _STRING.findall(text) if words and not name])
    return _EMPTY.sub(" ", text)


def put(
    tx: Transaction, *, kind: str, ref: str, symbol: str, provider: str, at: datetime, title: str, body: str
) -> None:
    """Part of a transaction: let something be found by its words; the same again changes nothing."""
    tx.run(
        "INSERT INTO search_texts (kind, ref, symbol, provider, at, title, body) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, ref, symbol) DO UPDATE SET provider = excluded.provider, at = excluded.at,"
        " title = excluded.title, body = excluded.body WHERE provider <> excluded.provider OR at <> excluded.at"
        " OR title <> excluded.title OR body <> excluded.body",
        (kind, ref, symbol, provider, to_micros(at), _storable(title), _storable(body)),
    )


def remove(tx: Transaction, kind: str, ref: str, symbol: str) -> None:
    """Part of a transaction: what it was about is stored no more."""
    tx.run("DELETE FROM search_texts WHERE kind = ? AND ref = ? AND symbol = ?", (kind, ref, symbol))


def expression(text: str) -> str:
    """What a person types as an FTS5 expression: every word must be there, in any order.

    A word that ends in ``*`` stands for every word that begins so, words between double quotes for the phrase. Nothing
    else has a meaning: each word goes to the index as a quoted string. https://www.sqlite.org/fts5.html, section 3.

    Raises:
        ValidationError: there is no word to search for.
    """
    found = dict.fromkeys(_terms(_storable(text).translate(_QUOTES)))
    if not found:
        raise ValidationError(
            "nothing to search for: no letter and no digit", remedy="robotrader search 'order win' looks for both words"
        )
    return " ".join(found)


def _terms(text: str) -> Iterator[str]:
    for match in _PIECE.finditer(text):
        phrase, star, word = match.groups()
        if word is not None:
            phrase, star = word.rstrip("*"), "*" if word.endswith("*") else ""
        if any(map(_is_letter_or_digit, phrase)):
            yield f'"{phrase}"{star}'


def _is_letter_or_digit(character: str) -> bool:
    """Whether the tokenizer of the index takes a character for a part of a word."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Co"


def _storable(text: str) -> str:
    """The text without control characters and unpaired surrogates, neither of which SQLite keeps as they are."""
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()


_HITS = (
    "SELECT t.id, t.kind, t.ref, t.symbol, t.provider, t.at, t.title"
    " FROM (SELECT rowid AS id, bm25(search_index, {weight}, 1.0) AS score FROM search_index"
    "  WHERE search_index MATCH :words) f JOIN search_texts t ON t.id = f.id"
    " WHERE (:symbol IS NULL OR t.symbol = :symbol) AND (:kind IS NULL OR t.kind = :kind)"
    " ORDER BY f.score, t.at DESC, t.id DESC LIMIT :limit"
)
# Asked for the hits alone that are shown: a snippet means reading the whole text again.
_SNIPPET = (
    "SELECT snippet(search_index, -1, char(2), char(3), '…', {words}) FROM search_index"
    " WHERE search_index MATCH ? AND rowid = ?"
)


class SearchStore:
    """Searches the index."""

    def __init__(self, db: DatabaseStateManager) -> None:
        self._db = db

    async def search(
        self, text: str, *, symbol: str | None = None, kind: str | None = None, limit: int = 20
    ) -> tuple[Found, ...]:
        """What holds all the words of ``text`` (see ``expression``), best match first, newest first among equals.

        Raises:
            ValidationError: no word to search for, or no such kind.
        """
        words = expression(text)
        if kind is not None and kind not in KINDS:
            raise ValidationError(f"no such kind: {kind[:40]!r}", remedy=f"the kinds are: {', '.join(KINDS)}")
        given = {"words": words, "symbol": symbol, "kind": kind, "limit": limit}

        def query(tx: Transaction) -> tuple[Found, ...]:
            snippet = _SNIPPET.format(words=SNIPPET_WORDS)
            return tuple(
                Found(of, ref, whose, provider, from_micros(at), title, _line(tx.one(snippet, (words, number))))
                for number, of, ref, whose, provider, at, title in tx.all(_HITS.format(weight=TITLE_WEIGHT), given)
            )

        return await self._db.read(query)


def _line(row: tuple[str, ...] | None) -> str:
    return "" if row is None else " ".join(row[0].split())
