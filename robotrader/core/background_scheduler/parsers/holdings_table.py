"""Where the table of holdings stands in a CSV text, and what each of its columns is. Pure functions."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.errors import ValidationError

DELIMITERS = ",;\t|"
MOST_LINES = 200_000
LONGEST_LINE = 20_000
HEADER_WITHIN = 200
LONGEST_NAME = 20
COMMENT = "#"
CONSOLE, KITE, PLAIN = "console", "kite", "plain"
_NAMES: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "instrument", "tradingsymbol", "stocksymbol", "nsesymbol", "scrip", "stock", "ticker"),
    "quantity": ("quantityavailable", "quantity", "qty", "availablequantity", "shares", "units"),
    "pledged for margin": ("quantitypledgedmargin", "pledgedmargin", "quantitypledged", "pledgedquantity"),
    "pledged for a loan": ("quantitypledgedloan", "pledgedloan"),
    "not settled": ("t1quantity", "quantityt1", "t1qty", "quantityunsettled"),
    "discrepant": ("quantitydiscrepant", "discrepantquantity"),
    "price": (
        "averageprice", "avgcost", "avgprice", "averagecost", "averagebuyprice", "avgbuyprice", "buyaverage", "buyavg",
        "buyprice", "purchaseprice", "price",
    ),
    "isin": ("isin", "isincode", "isinno"),
    "sector": ("sector", "sectorname", "industry"),
    "exchange": ("exchange", "exch"),
    "date": ("date", "buydate", "purchasedate", "acquiredon", "dateofpurchase", "boughton"),
    "type": ("instrumenttype", "assettype", "assetclass", "type"),
}  # fmt: skip
_COUNTS = ("quantity", "pledged for margin", "pledged for a loan", "not settled", "discrepant")
_TRADES = frozenset({"tradetype", "buysell", "transactiontype", "tradeid", "orderid", "side"})
_MARKS = regex(r"[\W_]+")
_POSITIONAL = ("symbol", "quantity", "price", "date", "sector")
_REMEDY = "give Console's holdings statement or Kite's holdings.csv, or a CSV with symbol,quantity,price"


class Line(NamedTuple):
    """One line of the table.

    Attributes:
        cells: as they stand, without what is around them.
        named: the cells that mean something, by name.
        counts: the cells that count shares, by name.
        extra: whether something stands behind the last column.
    """

    number: int
    cells: tuple[str, ...]
    named: Mapping[str, str]
    counts: tuple[tuple[str, str], ...]
    extra: bool


class Table(NamedTuple):
    """The table; ``before`` are the lines above it."""

    kind: str
    before: tuple[str, ...]
    lines: tuple[Line, ...]


class _Header(NamedTuple):
    names: tuple[str, ...]
    columns: Mapping[str, int]


def find_table(text: str) -> Table:
    """The table of a text.

    Raises:
        ValidationError: there is none, or it is one of trades.
    """
    content = text.lstrip("\ufeff").replace("\0", " ")
    _refuse_others(content)
    lines = content.splitlines()
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise ValidationError("too large for a file of holdings", remedy=_REMEDY)
    for delimiter in sorted(DELIMITERS, key=lambda mark: -content[:LONGEST_LINE].count(mark)):
        found = _with_header(_cells(lines, delimiter))
        if found is not None:
            return found
    for delimiter in sorted(DELIMITERS, key=lambda mark: -content[:LONGEST_LINE].count(mark)):
        found = _without_header(_cells(lines, delimiter))
        if found is not None:
            return found
    raise ValidationError("no holdings found: no column of symbols and one of quantities", remedy=_REMEDY)


def wording(cells: Iterable[str]) -> str:
    """A line in short, for a message about it."""
    return ", ".join(cell for cell in cells if cell)


def _refuse_others(content: str) -> None:
    start = content[:2000].lstrip().lower()
    if not start:
        raise ValidationError("the file is empty", remedy=_REMEDY)
    if start.startswith(("<!doctype", "<html", "<?xml", "<table", "<head", "<body")):
        raise ValidationError("a web page, not a CSV file", remedy=_REMEDY)
    if start.startswith(("pk\x03\x04", "%pdf", "{")):
        raise ValidationError("not a CSV file", remedy=_REMEDY)


def _cells(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith(COMMENT):
            continue
        cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        cleaned = tuple(" ".join(cell.split()).strip("'\"").strip() for cell in cells)
        if any(cleaned):
            yield number, cleaned


def _with_header(rows: Iterable[tuple[int, tuple[str, ...]]]) -> Table | None:
    header: _Header | None = None
    before: list[str] = []
    lines: list[Line] = []
    kind = PLAIN
    for index, (number, cells) in enumerate(rows):
        said = _header(cells)
        if said is not None:
            header, kind = said, _kind(said, kind if header else None)
        elif header is not None:
            lines.append(_line(number, cells, header))
        elif index > HEADER_WITHIN:
            return None
        else:
            before.append(wording(cells))
    return None if header is None else Table(kind, tuple(before), tuple(lines))


def _without_header(rows: Iterator[tuple[int, tuple[str, ...]]]) -> Table | None:
    """A file that begins with a symbol, a whole number and an amount needs no header."""
    number, first = next(rows, (0, ()))
    if len(first) < 2 or not first[0].isupper() or not first[1].replace(",", "").isdecimal():
        return None
    header = _Header(_POSITIONAL, {name: index for index, name in enumerate(_POSITIONAL)})
    lines = (_line(number, first, header), *(_line(line, cells, header) for line, cells in rows))
    return Table(PLAIN, (), lines)


def _header(cells: Sequence[str]) -> _Header | None:
    """The columns of a line that is a header; None where it is none.

    Raises:
        ValidationError: it is the header of a table of trades or of intraday positions.
    """
    if not any(_plain(cell) in _NAMES["symbol"] for cell in cells if len(cell) <= LONGEST_NAME):
        return None
    names = tuple(_plain(cell) for cell in cells)
    columns: dict[str, int] = {}
    for name, known in _NAMES.items():
        index = next((names.index(word) for word in known if word in names), None)
        if index is not None and index not in columns.values():
            columns[name] = index
    if "symbol" not in columns or "quantity" not in columns:
        return None
    if _TRADES & set(names):
        raise ValidationError("a list of trades, not of holdings", remedy=_REMEDY)
    if "product" in names:
        raise ValidationError("a list of positions, not of holdings", remedy=_REMEDY)
    return _Header(names, columns)


def _plain(cell: str) -> str:
    return _MARKS.sub("", cell.casefold())


def _kind(header: _Header, before: str | None) -> str:
    if before is not None:
        return before
    if "quantityavailable" in header.names:
        return CONSOLE
    return KITE if "avgcost" in header.names else PLAIN


def _line(number: int, cells: tuple[str, ...], header: _Header) -> Line:
    named = {name: cells[index] if index < len(cells) else "" for name, index in header.columns.items()}
    counts = tuple((name, named[name]) for name in _COUNTS if name in named)
    return Line(number, cells, named, counts, any(cells[len(header.names) :]))
