"""The last quote of each symbol, and how much of it is usually traded in a day, as parts of transactions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from robotrader.core.background_scheduler.stores import columns
from robotrader.core.background_scheduler.trading import Quote
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Row, Transaction

KEPT = timedelta(days=90)
_COLUMNS = (
    "provider, symbol, last_price, previous_close, open, high, low, volume, lower_circuit, upper_circuit, bid, ask,"
    " last_trade_at, exchange_at, fetched_at"
)
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[2:])


def read(
    tx: Transaction, provider: str, symbols: Iterable[str], *, traded_before: datetime | None = None
) -> dict[str, Quote]:
    """The stored quotes of those symbols of which there is one, however old; or only those traded before an instant."""
    sql = f"SELECT {_COLUMNS} FROM quotes WHERE provider = ? AND symbol IN (SELECT value FROM json_each(?))"
    values: list[str | int] = [provider, json.dumps(list(symbols))]
    if traded_before is not None:
        sql += " AND last_trade_at < ?"
        values.append(to_micros(traded_before))
    return {row[1]: _quote(row) for row in tx.all(sql, values)}


def save(tx: Transaction, quotes: Iterable[Quote]) -> int:
    """Write quotes down, each over an older one of the same symbol alone; returns how many were written."""
    return tx.many(
        f"INSERT INTO quotes ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (provider, symbol) DO UPDATE SET {_CHANGED} WHERE excluded.fetched_at >= fetched_at",
        [_values(each) for each in quotes],
    )


def keep_volumes(tx: Transaction, provider: str, day: date, volumes: Mapping[str, int]) -> None:
    """Keep how much was traded on a day so far; a smaller number than the one that is kept is an older one.

    Days that are longer ago than ``KEPT`` are forgotten.
    """
    if volumes:
        oldest = (day - KEPT).isoformat()
        tx.run("DELETE FROM day_volumes WHERE provider = ? AND day < ?", (provider, oldest))
    tx.many(
        "INSERT INTO day_volumes (provider, symbol, day, volume) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (provider, symbol, day) DO UPDATE SET volume = max(volume, excluded.volume)",
        [(provider, symbol, day.isoformat(), volume) for symbol, volume in volumes.items()],
    )


def volumes(
    tx: Transaction, provider: str, symbols: Sequence[str], *, before: date, days: int
) -> dict[str, tuple[int, ...]]:
    """The volumes of the last days that are kept of each symbol before a day, newest first."""
    rows = tx.all(
        "SELECT symbol, volume FROM (SELECT symbol, volume,"
        " row_number() OVER (PARTITION BY symbol ORDER BY day DESC) AS place"
        " FROM day_volumes WHERE provider = :provider AND day < :before"
        " AND symbol IN (SELECT value FROM json_each(:symbols))) WHERE place <= :days ORDER BY symbol, place",
        {"provider": provider, "before": before.isoformat(), "days": days, "symbols": json.dumps(list(symbols))},
    )
    found: dict[str, list[int]] = {}
    for symbol, volume in rows:
        found.setdefault(symbol, []).append(volume)
    return {symbol: tuple(each) for symbol, each in found.items()}


def _quote(row: Row) -> Quote:
    (
        provider, symbol, last, close, opened, high, low, volume, lower, upper, bid, ask, traded, told, fetched,
    ) = row  # fmt: skip
    return Quote(
        provider,
        symbol,
        Decimal(last),
        columns.decimal(close),
        columns.decimal(opened),
        columns.decimal(high),
        columns.decimal(low),
        volume,
        columns.decimal(lower),
        columns.decimal(upper),
        columns.instant(traded),
        columns.instant(told),
        from_micros(fetched),
        columns.decimal(bid),
        columns.decimal(ask),
    )


def _values(quote: Quote) -> tuple[str | int | None, ...]:
    return (
        quote.provider,
        quote.symbol,
        str(quote.last_price),
        columns.text(quote.previous_close),
        columns.text(quote.open),
        columns.text(quote.high),
        columns.text(quote.low),
        quote.volume,
        columns.text(quote.lower_circuit),
        columns.text(quote.upper_circuit),
        columns.text(quote.bid),
        columns.text(quote.ask),
        columns.micros(quote.last_trade_at),
        columns.micros(quote.exchange_at),
        to_micros(quote.fetched_at),
    )
