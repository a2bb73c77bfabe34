"""Holdings out of CSV texts: Zerodha Console's statement, Kite's ``holdings.csv``, and plain symbol, quantity, price.

Nothing is guessed: a line whose quantity or price is no clear number is reported by its number, and so is every line
that is left out. In a Console statement the pledged shares stand beside those available and belong to the owner; the
long-term ones are a part of those available; of discrepant ones Console does not know what was paid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.background_scheduler.parsers.dates import DATE, read_date
from robotrader.core.background_scheduler.parsers.holdings_table import Line, Table, find_table, wording
from robotrader.core.background_scheduler.parsers.holdings_values import read_isin, read_price, read_shares
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.errors import SymbolError, ValidationError

LONGEST_CELL = 60
LONGEST_SECTOR = 60
SIXTH = Decimal("0.000001")
_AS_ON = regex(rf"\bas (?:on|of|at)\b[:\s]*(?P<day>{DATE})", re.IGNORECASE)
_DAY = regex(DATE, re.IGNORECASE)
_NUMBER = regex(r"[-+\d.,₹ ]+")
_TOTALS = frozenset({"total", "totals", "grand total", "net total", "sub total", "subtotal"})
_UNKNOWN = frozenset({"", "-", "--", "na", "n/a", "nan", "none", "null", "unknown"})
_FUNDS = ("mutual", "mf")


class Held(NamedTuple):
    """What a file says is held of one symbol; ``price`` is what was paid a share in rupees, None where not known.

    Attributes:
        lines: where it stands; several are the same share listed more than once, added up.
        acquired_on: None where the file does not say.
    """

    lines: tuple[int, ...]
    symbol: str
    quantity: int
    price: Decimal | None
    isin: str | None = None
    acquired_on: date | None = None
    sector: str | None = None


class Remark(NamedTuple):
    """A line of the file and what there is to say of it."""

    line: int
    text: str
    message: str


class HoldingsFile(NamedTuple):
    """What a file holds. Where ``bad`` has anything, nothing of it should be used.

    Attributes:
        kind: ``console``, ``kite`` or ``plain``.
        as_of: the day a Console statement is of.
        skipped: lines that hold no share, each with its reason.
        notes: what to know about lines that were read.
    """

    kind: str
    as_of: date | None
    rows: tuple[Held, ...]
    skipped: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    bad: tuple[Remark, ...]


class _Read(NamedTuple):
    """One line as it was read: what is held, or why there is nothing."""

    line: Line
    held: Held | None = None
    skipped: str | None = None
    note: str | None = None
    bad: str | None = None


def parse_holdings(text: str, today: date) -> HoldingsFile:
    """Read a file's text; ``today`` (in India) is what no purchase is later than.

    Raises:
        ValidationError: the text is no such file: empty, a web page, no column of symbols and quantities, trades.
    """
    table = find_table(text)
    found = [_read(line, table, today) for line in table.lines]
    found = [_no_sum(each, found) for each in found]
    merged = tuple(_merged([each.held for each in found if each.held is not None]))
    doubled = [
        Remark(row.lines[0], row.symbol, f"lines {', '.join(map(str, row.lines))} are one share, added up")
        for row in merged
        if len(row.lines) > 1
    ]
    return HoldingsFile(
        table.kind,
        _as_of(table),
        merged,
        tuple(_remarks(found, "skipped")),
        (*_remarks(found, "note"), *doubled),
        tuple(_remarks(found, "bad")),
    )


def _read(line: Line, table: Table, today: date) -> _Read:
    cells = line.named
    word = cells.get("symbol", "")
    reason = _no_holding(line, cells, word)
    if reason is not None:
        return _Read(line, skipped=reason)
    if line.extra:
        return _Read(line, bad="more cells than the header has: put amounts with commas into quotes")
    try:
        symbol = _symbol(word, cells.get("exchange", ""))
        isin = read_isin(cells.get("isin", ""))
        quantity, parts = _quantity(line)
        price = read_price(cells.get("price", ""))
        sector = _sector(cells.get("sector", ""))
        acquired_on = _acquired(cells.get("date", ""), today)
    except ValidationError as error:
        remedy = error.context.remedy
        return _Read(line, bad=f"{error.context.message} ({remedy})" if remedy else error.context.message)
    if quantity == 0:
        return _Read(line, skipped="none held")
    note = None
    if parts.get("discrepant"):
        count = parts["discrepant"]
        note, price = f"{count} discrepant at Zerodha: what was paid is not known, nor are more shares counted", None
    elif price is None:
        note = "what was paid is not known"
    held = Held((line.number,), symbol, quantity, price, isin, acquired_on, sector)
    return _Read(line, held=held, note=note)


def _no_holding(line: Line, cells: Mapping[str, str], word: str) -> str | None:
    """Why a line is about no share at all; None where it is about one."""
    named = [value for value in line.cells if value]
    isin, kind = cells.get("isin", "").upper(), cells.get("type", "").casefold()
    if not word:
        return None if isin and cells.get("quantity") else "no symbol"
    if word.casefold() in _TOTALS and word != "TOTAL":
        return "a total"
    if word == "TOTAL" and not isin and (not cells.get("quantity") or not cells.get("price")):
        return "a total"
    if kind.startswith(_FUNDS) or (isin.startswith("INF") and not _is_symbol(word)):
        return "a mutual fund: only shares and ETFs are held here"
    if len(named) == 1 and not _is_symbol(word):
        return "a line of text"
    return None


def _no_sum(read: _Read, every: Sequence[_Read]) -> _Read:
    """TOTAL is a company's symbol too: at the end of a file without ISINs it is the sum where its figures are."""
    held = read.held
    if held is None or held.symbol != "TOTAL" or held.isin is not None or read is not every[-1]:
        return read
    others = sum(each.held.quantity for each in every[:-1] if each.held is not None)
    return _Read(read.line, skipped="a total") if others == held.quantity else read


def _quantity(line: Line) -> tuple[int, Mapping[str, int]]:
    """All shares of a line: available, pledged, bought and not settled; and those parts by name.

    Raises:
        ValidationError: one is no whole number, or negative, or none is given.
    """
    if not line.named.get("quantity"):
        raise ValidationError("no quantity", remedy="a whole number of shares")
    parts = {name: read_shares(words) for name, words in line.counts}
    total = sum(number for name, number in parts.items() if name != "discrepant")
    return total, parts


def _symbol(word: str, exchange: str) -> str:
    market = exchange.upper()
    if market in {"", "NSE"} or ":" in word:
        return parse_symbol(word)
    if market == "BSE":
        return parse_symbol(f"BSE:{word}")
    raise SymbolError(f"not a share of NSE or BSE: {word[:30]!r} on {market[:10]!r}", remedy="remove the line")


def _is_symbol(word: str) -> bool:
    try:
        parse_symbol(word)
    except SymbolError:
        return False
    return True


def _sector(words: str) -> str | None:
    if words.casefold() in _UNKNOWN:
        return None
    if _NUMBER.fullmatch(words):
        raise ValidationError(f"a number where the sector should be: {words[:20]!r}")
    if not words.isprintable():
        raise ValidationError(f"not the name of a sector: {words[:20]!r}")
    return words[:LONGEST_SECTOR]


def _acquired(words: str, today: date) -> date | None:
    if words.casefold() in _UNKNOWN:
        return None
    found = read_date(words) if _DAY.fullmatch(words) else None
    if found is None:
        raise ValidationError(f"not a date: {words[:20]!r}", remedy="write it as 2024-03-28")
    if found > today:
        raise ValidationError(f"a date to come: {found}", remedy="the day on which the shares were bought")
    return found


def _as_of(table: Table) -> date | None:
    for words in table.before:
        match = _AS_ON.search(words)
        if match is not None and (found := read_date(match["day"])) is not None:
            return found
    return None


def _merged(rows: Sequence[Held]) -> Iterator[Held]:
    """One row for each share and day of purchase: what has the same ISIN, or the same symbol, is one share."""
    names: dict[str, str] = {}
    for row in rows:
        if row.isin is not None and (row.isin not in names or names[row.isin].startswith("BSE:")):
            names[row.isin] = row.symbol
    isins = {row.symbol: row.isin for row in rows if row.isin is not None}
    groups: dict[tuple[str, date | None], list[Held]] = {}
    for row in rows:
        isin = row.isin or isins.get(row.symbol)
        groups.setdefault((row.symbol if isin is None else names[isin], row.acquired_on), []).append(row)
    for (symbol, _), group in groups.items():
        yield _added_up(symbol, group) if len(group) > 1 or symbol != group[0].symbol else group[0]


def _added_up(symbol: str, group: Sequence[Held]) -> Held:
    quantity = sum(row.quantity for row in group)
    known = [row.price * row.quantity for row in group if row.price is not None]
    price = (sum(known, Decimal(0)) / quantity).quantize(SIXTH).normalize() if len(known) == len(group) else None
    return Held(
        tuple(number for row in group for number in row.lines),
        symbol,
        quantity,
        None if price is None else Decimal(f"{price:f}"),
        next((row.isin for row in group if row.isin), None),
        group[0].acquired_on,
        next((row.sector for row in group if row.sector), None),
    )


def _remarks(found: Sequence[_Read], what: str) -> Iterator[Remark]:
    for each in found:
        message = getattr(each, what)
        if message is not None:
            yield Remark(each.line.number, wording(each.line.cells)[:LONGEST_CELL], message)
