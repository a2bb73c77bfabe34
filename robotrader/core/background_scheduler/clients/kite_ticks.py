"""The binary packets of Kite's WebSocket (https://kite.trade/docs/connect/v3/websocket/), decoded. Pure.

A frame is a count, then for each packet its length and its bytes, all big-endian. The length says what a packet holds;
packets of indices are shorter and have high, low and open in another order. Times are seconds of UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.trading import Quote
from robotrader.core.clock import EPOCH
from robotrader.core.errors import ResponseError

INDICES = 9
DIVISORS: Mapping[int, Decimal] = {3: Decimal(10_000_000), 6: Decimal(10_000), 12: Decimal(10_000)}
"""Of currencies (NSE 3, BSE 6) and of NSE commodities (12); every other segment counts in paise."""

PAISE = Decimal(100)
LTP, QUOTE, FULL, INDEX, INDEX_FULL = 8, 44, 184, 28, 32
LEVEL = struct.Struct(">IIH2x")
LEVELS = 5
DEPTH_AT = 64


class Level(NamedTuple):
    """One row of the order book."""

    price: Decimal
    quantity: int
    orders: int


class Tick(NamedTuple):
    """One packet; what its kind does not carry is None."""

    token: int
    last_price: Decimal
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    previous_close: Decimal | None = None
    last_quantity: int | None = None
    average_price: Decimal | None = None
    volume: int | None = None
    buy_quantity: int | None = None
    sell_quantity: int | None = None
    oi: int | None = None
    last_trade_at: datetime | None = None
    exchange_at: datetime | None = None
    bids: tuple[Level, ...] = ()
    offers: tuple[Level, ...] = ()


def read_frame(frame: bytes) -> tuple[Tick, ...]:
    """The ticks of a binary frame; a frame of one byte is a heartbeat and has none.

    Raises:
        ResponseError: the frame ends early. A packet of an unknown length is left out.
    """
    return tuple(tick for packet in _packets(frame) if (tick := _tick(packet)) is not None)


def _packets(frame: bytes) -> Iterator[bytes]:
    if len(frame) < 2:
        return
    (count,) = struct.unpack_from(">H", frame)
    at = 2
    for _ in range(count):
        if at + 2 > len(frame):
            raise ResponseError("a frame of ticks ends early")
        (size,) = struct.unpack_from(">H", frame, at)
        at += 2
        if at + size > len(frame):
            raise ResponseError("a frame of ticks ends early")
        yield frame[at : at + size]
        at += size


def _tick(packet: bytes) -> Tick | None:
    size = len(packet)
    if size not in (LTP, QUOTE, FULL, INDEX, INDEX_FULL):
        return None
    values = struct.unpack_from(f">{min(size, 64) // 4}I", packet)
    divisor = DIVISORS.get(values[0] & 0xFF, PAISE)
    if size == LTP:
        return Tick(values[0], values[1] / divisor)
    if size in (INDEX, INDEX_FULL):
        high, low, opened, close = (value / divisor for value in values[2:6])
        at = _at(values[7]) if size == INDEX_FULL else None
        return Tick(values[0], values[1] / divisor, opened, high, low, close, exchange_at=at)
    opened, high, low, close = (value / divisor for value in values[7:11])
    tick = Tick(
        values[0],
        values[1] / divisor,
        opened,
        high,
        low,
        close,
        last_quantity=values[2],
        average_price=values[3] / divisor,
        volume=values[4],
        buy_quantity=values[5],
        sell_quantity=values[6],
    )
    if size == QUOTE:
        return tick
    levels = [_level(packet, DEPTH_AT + LEVEL.size * each, divisor) for each in range(2 * LEVELS)]
    return tick._replace(
        last_trade_at=_at(values[11]),
        oi=values[12],
        exchange_at=_at(values[15]),
        bids=tuple(levels[:LEVELS]),
        offers=tuple(levels[LEVELS:]),
    )


def _level(packet: bytes, at: int, divisor: Decimal) -> Level:
    quantity, price, orders = LEVEL.unpack_from(packet, at)
    return Level(price / divisor, quantity, orders)


def _at(seconds: int) -> datetime | None:
    """The instant; 0 is none."""
    return EPOCH + timedelta(seconds=seconds) if seconds else None


def as_quote(tick: Tick, symbol: str, now: datetime, *, provider: str = "kite") -> Quote | None:
    """A tick as a quote; None where it has no price. A tick states no price band."""
    if tick.last_price <= 0:
        return None
    bid, offer = (next((each.price for each in side if each.price > 0), None) for side in (tick.bids, tick.offers))
    return Quote(
        provider,
        symbol,
        tick.last_price,
        tick.previous_close or None,
        tick.open or None,
        tick.high or None,
        tick.low or None,
        tick.volume,
        None,
        None,
        tick.last_trade_at,
        tick.exchange_at,
        now,
        bid,
        offer,
    )
