"""Watchlists from elsewhere: plain text, or CSV as brokers and screeners export it. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.errors import SymbolError

HEADERS = (
    "symbol", "tradingsymbol", "instrument", "ticker", "scrip", "stock", "nsesymbol", "nsecode", "stocksymbol",
    "symbols",
)  # fmt: skip
EXCHANGE_HEADERS = ("exchange", "exch")
DELIMITERS = ",;\t|"
COMMENT = "#"
LONGEST_CELL = 100


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that holds no symbol, with the reason in words."""

    line: int
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class SymbolFile:
    """What a file holds: symbols in its order, each once, and the lines that could not be read."""

    symbols: tuple[str, ...]
    bad: tuple[BadRow, ...]


def parse(text: str) -> SymbolFile:
    """Read symbols: one a line, or a single line of them, or the symbol column of a CSV with a header."""
    rows = [(number, cells) for number, cells in _rows(text.lstrip("\ufeff")) if _means(cells)]
    found: dict[str, None] = {}
    bad: list[BadRow] = []
    column, exchange = _columns(rows[0][1]) if rows else (None, None)
    if column is None and len(rows) == 1:
        rows = [(rows[0][0], [cell]) for cell in rows[0][1] if cell]
    for number, cells in rows if column is None else rows[1:]:
        index = column or 0
        word = cells[index] if index < len(cells) else ""
        market = cells[exchange].upper() if exchange is not None and exchange < len(cells) else ""
        try:
            found.setdefault(_symbol(word, market))
        except SymbolError as error:
            bad.append(BadRow(number, word, f"{error.context.message} ({error.context.remedy})"))
    return SymbolFile(tuple(found), tuple(bad))


def _symbol(word: str, market: str) -> str:
    if market in {"", "NSE"}:
        return parse_symbol(word)
    if market == "BSE":
        return parse_symbol(word if ":" in word else f"BSE:{word}")
    raise SymbolError(f"not a stock of NSE or BSE: {word[:30]!r} on {market[:10]!r}", remedy="remove the line")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    lines = text.splitlines()
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith(COMMENT)), "")
    delimiter = max(DELIMITERS, key=first.count)
    rows = []
    for number, line in enumerate(lines, 1):
        reader = csv.reader(io.StringIO(line.replace("\0", " ")), delimiter=delimiter, skipinitialspace=True)
        try:
            cells = next(reader, [])
        except csv.Error:  # a field of more than 128 kB
            cells = [line[:LONGEST_CELL]]
        rows.append((number, [cell.strip().strip("'\"").strip() for cell in cells]))
    return rows


def _means(cells: Sequence[str]) -> bool:
    return any(cells) and not cells[0].startswith(COMMENT)


def _columns(header: Sequence[str]) -> tuple[int | None, int | None]:
    names = ["".join(character for character in cell.lower() if character.isalnum()) for cell in header]
    column = next((names.index(name) for name in HEADERS if name in names), None)
    exchange = next((names.index(name) for name in EXCHANGE_HEADERS if name in names), None)
    return column, exchange if column is not None else None
