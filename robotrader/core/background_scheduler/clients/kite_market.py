"""Quotes, candles and the daily list of instruments of Kite."""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.exchange import ERROR_BODY_BYTES, Decoder, End, Exchange
from robotrader.core.background_scheduler.clients.kite_client import Gate, KiteClient, Streamed
from robotrader.core.background_scheduler.clients.kite_errors import read_error
from robotrader.core.background_scheduler.trading import Quote, Quotes
from robotrader.core.errors import ConnectionFailedError, ResponseError, ValidationError

log = logging.getLogger(__name__)
MOST_QUOTES, MOST_PRICES = 500, 1000
"""Instruments in one call (https://kite.trade/docs/connect/v3/market-quotes/)."""

LONGEST_SPAN: Mapping[str, timedelta] = {
    "minute": timedelta(days=60),
    "3minute": timedelta(days=100),
    "5minute": timedelta(days=100),
    "10minute": timedelta(days=100),
    "15minute": timedelta(days=200),
    "30minute": timedelta(days=200),
    "60minute": timedelta(days=400),
    "day": timedelta(days=2000),
}
"""What one call for candles may span (kite.trade/forum, discussion 3105)."""

MOST_LIST_BYTES = 200_000_000
LIST_SECONDS = 120.0
CHUNK_LIMIT = 16_000_000
Sink = Callable[[bytes], Awaitable[None]]


class Candle(NamedTuple):
    """One candle; ``at`` is when it began, in UTC. ``oi`` is None where it was not asked for."""

    at: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    oi: int | None = None


async def quotes(k: KiteClient, symbols: Sequence[str]) -> Quotes:
    """Full quotes, 500 a call. What Kite is silent about (no such symbol, never traded) is missing.

    Raises:
        RequestRefusedError: the app's plan has no quotes. Else as ``KiteClient.read``.
    """
    return await _asked(k, "/quote", symbols, MOST_QUOTES)


async def ohlc(k: KiteClient, symbols: Sequence[str]) -> Quotes:
    """Last prices with open, high, low and the previous close, 1000 a call. Raises as ``quotes``."""
    return await _asked(k, "/quote/ohlc", symbols, MOST_PRICES)


async def ltp(k: KiteClient, symbols: Sequence[str]) -> Quotes:
    """Last prices alone, 1000 a call; every other field is None. Raises as ``quotes``."""
    return await _asked(k, "/quote/ltp", symbols, MOST_PRICES)


async def _asked(k: KiteClient, path: str, symbols: Sequence[str], at_once: int) -> Quotes:
    wanted = list(dict.fromkeys(symbols))
    found: dict[str, Quote] = {}
    for start in range(0, len(wanted), at_once):
        part = wanted[start : start + at_once]
        query = [("i", wire.key_of(symbol)) for symbol in part]
        answered = wire.table(await k.get(path, query, gate=Gate.QUOTES), "quotes")
        now = k.clock.now()
        for symbol in part:
            quote = _quote(answered.get(wire.key_of(symbol)), symbol, k.provider, now)
            if quote is not None:
                found[symbol] = quote
    return Quotes(found, tuple(symbol for symbol in wanted if symbol not in found))


def _quote(row: object, symbol: str, provider: str, now: datetime) -> Quote | None:
    """A quote; None where there is none, or no price: one of 0 would look like a fall to nothing."""
    if not isinstance(row, dict):
        return None
    try:
        return read_quote(row, symbol, provider, now)
    except ResponseError as error:
        log.warning("the quote of %s was passed over: %s", symbol, error)
        return None


def read_quote(row: Mapping[str, Any], symbol: str, provider: str, now: datetime) -> Quote | None:
    """One quote of any of the three calls.

    ``ohlc.close`` is the close of the previous session. ``net_change`` is not looked at: it may be 0 all day.

    Raises:
        ResponseError: a field is not of its type.
    """
    last = wire.above_zero(row, "last_price")
    if last is None:
        return None
    day: Mapping[str, Any] = wire.table(row.get("ohlc") or {}, "ohlc")
    depth: Mapping[str, Any] = wire.table(row.get("depth") or {}, "depth")
    return Quote(
        provider,
        symbol,
        last,
        wire.above_zero(day, "close"),
        wire.above_zero(day, "open"),
        wire.above_zero(day, "high"),
        wire.above_zero(day, "low"),
        wire.whole(row, "volume") if row.get("volume") is not None else None,
        wire.above_zero(row, "lower_circuit_limit"),
        wire.above_zero(row, "upper_circuit_limit"),
        wire.instant(row.get("last_trade_time")),
        wire.instant(row.get("timestamp")),
        now,
        _best(depth, "buy"),
        _best(depth, "sell"),
    )


def _best(depth: Mapping[str, Any], side: str) -> Decimal | None:
    """The best price of a side; the five rows are always there and are 0 where nobody offers."""
    levels = wire.rows(depth.get(side), f"depth.{side}")
    return next((price for price in (wire.above_zero(level, "price") for level in levels) if price is not None), None)


async def candles(
    k: KiteClient, token: int, interval: str, first: datetime, last: datetime, *, oi: bool = False
) -> tuple[Candle, ...]:
    """Candles from ``first`` to ``last``, asked for in the spans that Kite allows; each once, oldest first.

    Args:
        token: of the instrument, not its symbol.
        interval: one of ``LONGEST_SPAN``; there is none of a week or a month.

    Raises:
        ValidationError: no such interval.
        RequestRefusedError: the app's plan has no candles. Else as ``KiteClient.read``.
    """
    if interval not in LONGEST_SPAN:
        raise ValidationError(f"no candles of {interval!r}", remedy=f"one of {', '.join(LONGEST_SPAN)}")
    found: dict[datetime, Candle] = {}
    for start, end in spans(first, last, LONGEST_SPAN[interval]):
        query = [("from", wire.india(start)), ("to", wire.india(end)), *([("oi", "1")] if oi else [])]
        data = await k.get(f"/instruments/historical/{token}/{interval}", query, gate=Gate.HISTORICAL)
        rows = wire.table(data, "candles").get("candles")
        if not isinstance(rows, list):
            raise wire.malformed("candles", "a list is needed")
        for row in rows:
            candle = _candle(row)
            found[candle.at] = candle
    return tuple(found[at] for at in sorted(found))


def spans(first: datetime, last: datetime, longest: timedelta) -> list[tuple[datetime, datetime]]:
    """The time from ``first`` to ``last`` in parts. They touch: whether Kite's ``to`` is included is not documented."""
    parts = []
    while first < last:
        end = min(last, first + longest)
        parts.append((first, end))
        first = end
    return parts or [(first, last)]


def _candle(row: object) -> Candle:
    if not isinstance(row, list) or len(row) < 6:
        raise wire.malformed("candles", "six values are needed")
    at = wire.instant(row[0])
    if at is None:
        raise wire.malformed("candles", "a time is needed")
    named = dict(zip(("open", "high", "low", "close", "volume", "oi"), row[1:], strict=False))
    opened, high, low, close = (wire.amount(named, name) for name in ("open", "high", "low", "close"))
    oi = wire.whole(named, "oi") if named.get("oi") is not None else None
    return Candle(at, opened, high, low, close, wire.whole(named, "volume"), oi)


async def instruments(k: KiteClient, exchange: str | None, sink: Sink) -> int:
    """The daily list as CSV, of one exchange or of all, handed to ``sink`` piece by piece; returns its bytes.

    Raises:
        ResponseError: it was cut, is too large, or is no list; what was handed on is of no use then.
        Else as ``KiteClient.read``, but for further tries: there are none.
    """
    path = "/instruments" if exchange is None else f"/instruments/{exchange}"
    async with k.streamed(path) as streamed:
        try:
            async with asyncio.timeout(LIST_SECONDS):
                return await _stream(k, path, streamed, sink)
        except (httpx.HTTPError, TimeoutError) as error:
            raise ConnectionFailedError(
                f"the list of instruments did not come: {type(error).__name__}", remedy="check the network"
            ) from error
        except zlib.error as error:
            raise wire.malformed("instruments", "the compressed body is damaged") from error


async def _stream(k: KiteClient, path: str, streamed: Streamed, sink: Sink) -> int:
    response = await streamed.transport.handle_async_request(streamed.request)
    try:
        if not isinstance(response.stream, httpx.AsyncByteStream):
            raise httpx.StreamError("a transport for synchronous clients")
        headers = {name.lower(): value for name, value in response.headers.items()}
        decoder = Decoder(headers.get("content-encoding", ""))
        if response.status_code != httpx.codes.OK:
            await _refused(k, path, streamed, response, decoder)
        total = 0
        async for chunk in response.stream:
            piece = decoder.decode(chunk, CHUNK_LIMIT)
            total += len(piece)
            if len(piece) == CHUNK_LIMIT or total > MOST_LIST_BYTES:
                raise wire.malformed("instruments", f"more than {MOST_LIST_BYTES} bytes")
            await sink(piece)
        if not decoder.finished:
            raise wire.malformed("instruments", "the compressed body ends early")
        return total
    finally:
        await response.aclose()


async def _refused(k: KiteClient, path: str, streamed: Streamed, response: httpx.Response, decoder: Decoder) -> None:
    body = bytearray()
    if isinstance(response.stream, httpx.AsyncByteStream):
        async for chunk in response.stream:
            body += decoder.decode(chunk, ERROR_BODY_BYTES)
            if len(body) >= ERROR_BODY_BYTES:
                break
    reply = wire.judge(Exchange(response.status_code, {}, body, len(body), End.WHOLE))
    await k.heed(reply, streamed.token)
    raise read_error(reply, path, None)
