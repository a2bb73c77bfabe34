"""Reading the broker's list of instruments, line by line: an array of 100,000 rows is never in memory. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from robotrader.core.background_scheduler.trading import Instrument
from robotrader.core.errors import ResponseError

NEEDED = frozenset({"instrument_token", "tradingsymbol", "tick_size", "lot_size", "segment", "exchange"})
NSE = "NSE"


def read_instruments(lines: Iterable[str]) -> Iterator[Instrument]:
    """The instruments of a CSV with the columns of Kite, in any order.

    The symbol is taken as it stands: a series in it (``CDSL-BE``) is part of what has to be quoted, and the dash of
    ``BAJAJ-AUTO`` is not one. A row without a symbol or a whole token is left out: nothing could be asked by it.

    Raises:
        ResponseError: it is no list of instruments.
    """
    rows = csv.DictReader(lines)
    if rows.fieldnames is None or not set(rows.fieldnames) >= NEEDED:
        raise ResponseError("the list of instruments has other columns than documented", remedy="try again later")
    for row in rows:
        found = _instrument(row)
        if found is not None:
            yield found


def _instrument(row: dict[str, str | None]) -> Instrument | None:
    symbol, exchange, token = (row.get(name) or "" for name in ("tradingsymbol", "exchange", "instrument_token"))
    if not symbol or not exchange or not token.isascii() or not token.isdigit():
        return None
    try:
        tick = Decimal(row.get("tick_size") or "0")
        lot = int(Decimal(row.get("lot_size") or "0"))
    except (InvalidOperation, ValueError, OverflowError):
        return None
    if not tick.is_finite():
        return None
    return Instrument(
        symbol if exchange == NSE else f"{exchange}:{symbol}",
        int(token),
        row.get("name") or "",
        tick,
        lot,
        row.get("instrument_type") or "",
        row.get("segment") or "",
    )
