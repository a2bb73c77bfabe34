"""A book, its quotes and its sectors put together. Pure functions; what is not known never counts as nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import (
    HUNDRED,
    PAISA,
    ZERO,
    Book,
    Position,
    Quote,
    day_pnl,
)
from robotrader.core.services.portfolio_views import Concentration, HoldingRow, PortfolioView, SectorRow, Sum

UNKNOWN = "unknown"
TOP = 5
FOURTH = Decimal("0.0001")


class LastSession(NamedTuple):
    """What the last session brought is known by: its day, what was held on it, the quotes that are of it.

    ``day`` and ``positions`` are None where they are not known.
    """

    day: date | None
    positions: Sequence[Position] | None
    quotes: Mapping[str, Quote]


def view(
    book: Book,
    quotes: Mapping[str, Quote],
    sectors: Mapping[str, str],
    *,
    now: datetime,
    provider: str,
    stale: Set[str] = frozenset(),
    notes: Sequence[str] = (),
    session: LastSession | None = None,
) -> PortfolioView:
    """An account as it is shown.

    Args:
        quotes: the last known price of each symbol, however old.
        stale: symbols whose quote is too old to decide by.
        session: what the profit of the day is of; without it none is known.
    """
    session = session or LastSession(None, None, {})
    then = {(each.symbol, each.product): each for each in session.positions or ()}
    now_held = {(each.symbol, each.product) for each in book.positions}
    gone = [Position(symbol, product, 0, 0, None) for symbol, product in then if (symbol, product) not in now_held]
    bare = [
        _row(held, quotes.get(held.symbol), sectors, held.symbol in stale)._replace(
            day_pnl_inr=_won(then.get((held.symbol, held.product)), session, held.symbol)
        )
        for held in (*book.positions, *gone)
    ]
    gross = sum((abs(row.value_inr) for row in bare if row.value_inr is not None), ZERO)
    rows = sorted((_shared(row, gross) for row in bare), key=_order)
    held = [row for row in rows if row.quantity]
    value = total(row.value_inr for row in held)
    cash = book.cash_inr
    return PortfolioView(
        book.account,
        now,
        book.as_of,
        provider,
        cash,
        total(row.cost_inr for row in held),
        value,
        Sum(cash + (value.inr or ZERO), value.missing),
        session.day,
        total(row.day_pnl_inr for row in rows),
        total(row.unrealised_inr for row in held),
        Sum(sum((row.realised_inr for row in rows), ZERO)),
        tuple(rows),
        by_sector(held, gross),
        concentration(held, gross),
        _symbols(row for row in held if row.value_inr is None),
        _symbols(row for row in rows if row.stale),
        tuple(notes),
    )


def total(parts: Iterable[Decimal | None]) -> Sum:
    """The sum of what is known, with how many are not; of nothing it is 0."""
    found = list(parts)
    known = [part for part in found if part is not None]
    return Sum(sum(known, ZERO) if known or not found else None, len(found) - len(known))


def minus(whole: Sum, part: Sum) -> Sum:
    """A difference of which both sides may miss something."""
    if whole.inr is None and part.inr is None:
        return Sum(None, whole.missing + part.missing)
    return Sum((whole.inr or ZERO) - (part.inr or ZERO), whole.missing + part.missing)


def plus(one: Sum, other: Sum) -> Sum:
    """A sum of which both sides may miss something."""
    return minus(one, Sum(None if other.inr is None else -other.inr, other.missing))


def by_sector(rows: Sequence[HoldingRow], gross: Decimal) -> tuple[SectorRow, ...]:
    """What is held of each sector, the largest first."""
    groups: dict[str, list[HoldingRow]] = {}
    for row in rows:
        if row.value_inr is not None:
            groups.setdefault(row.sector, []).append(row)
    found = [
        SectorRow(
            sector,
            sum((row.value_inr or ZERO for row in group), ZERO),
            _percent(sum((abs(row.value_inr or ZERO) for row in group), ZERO), gross),
            _symbols(group),
        )
        for sector, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda row: (-row.share_pct, row.sector)))


def concentration(rows: Sequence[HoldingRow], gross: Decimal) -> Concentration | None:
    """How much hangs on how few, by the shares whose price is known; None where there is none."""
    sizes: dict[str, Decimal] = {}
    for row in rows:
        if row.value_inr is not None:
            sizes[row.symbol] = sizes.get(row.symbol, ZERO) + abs(row.value_inr)
    if not gross:
        return None
    ranked = sorted(sizes.items(), key=lambda each: (-each[1], each[0]))
    symbol, largest = ranked[0]
    squares = sum(((size / gross) ** 2 for size in sizes.values()), ZERO)
    top = sum((size for _, size in ranked[:TOP]), ZERO)
    return Concentration(symbol, _percent(largest, gross), _percent(top, gross), squares.quantize(FOURTH))


def _row(held: Position, quote: Quote | None, sectors: Mapping[str, str], stale: bool) -> HoldingRow:
    average, quantity = held.average_price, held.quantity
    cost = None if average is None and quantity else ((average or ZERO) * quantity).quantize(PAISA)
    last = None if quote is None else quote.last_price
    value = None if last is None else last * quantity
    unrealised = None if value is None or cost is None else value - cost
    return HoldingRow(
        symbol=held.symbol,
        product=held.product,
        quantity=quantity,
        sellable=held.sellable,
        unsettled=held.unsettled,
        pledged=held.pledged,
        average_price_inr=average,
        last_price_inr=last,
        previous_close_inr=None if quote is None else quote.previous_close,
        cost_inr=cost,
        value_inr=value,
        share_pct=None,
        day_pnl_inr=None,
        unrealised_inr=unrealised,
        unrealised_pct=_percent(unrealised, abs(cost)) if unrealised is not None and cost else None,
        realised_inr=held.realised_inr,
        sector=sectors.get(held.symbol, UNKNOWN),
        isin=held.isin,
        quote_at=None if quote is None else quote.exchange_at or quote.fetched_at,
        stale=stale,
    )


def _won(held: Position | None, session: LastSession, symbol: str) -> Decimal | None:
    """Won or lost in the last session; nothing on what came after it."""
    if session.positions is None:
        return None
    if held is None:
        return ZERO
    quote = session.quotes.get(symbol)
    if quote is not None:
        return day_pnl(held, quote)
    return None if held.quantity or held.overnight_quantity else held.day_sell_inr - held.day_buy_inr


def _shared(row: HoldingRow, gross: Decimal) -> HoldingRow:
    if row.value_inr is None or not gross:
        return row
    return row._replace(share_pct=_percent(abs(row.value_inr), gross))


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole * HUNDRED).quantize(PAISA) if whole else ZERO


def _symbols(rows: Iterable[HoldingRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.symbol for row in rows))


def _order(row: HoldingRow) -> tuple[bool, Decimal, str, str]:
    return not row.quantity, -(row.share_pct or ZERO), row.symbol, row.product
