"""The binary packets of the WebSocket."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients.kite_ticks import Level, as_quote, read_frame
from robotrader.core.errors import ResponseError

SBIN = 3045 << 8 | 1
NIFTY = 256265
AT = 1795060800
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def frame(*packets: bytes) -> bytes:
    return struct.pack(">H", len(packets)) + b"".join(struct.pack(">H", len(each)) + each for each in packets)


def full(token: int = SBIN) -> bytes:
    head = struct.pack(">16I", token, 82005, 5, 81990, 1_250_000, 700, 900, 81500, 82500, 81200, 81235, AT, 1, 2, 3, AT)
    bids = b"".join(struct.pack(">IIHxx", 100 + n, 82000 - 5 * n, 3) for n in range(5))
    offers = b"".join(struct.pack(">IIHxx", 200 + n, 82010 + 5 * n, 4) for n in range(5))
    return head + bids + offers


def test_the_three_lengths_of_a_share() -> None:
    last, quote, whole = read_frame(frame(struct.pack(">2I", SBIN, 82005), full()[:44], full()))
    assert (last.token, last.last_price, last.volume, last.open) == (SBIN, Decimal("820.05"), None, None)
    assert (quote.open, quote.high, quote.low, quote.previous_close) == (815, 825, 812, Decimal("812.35"))
    assert (quote.last_quantity, quote.average_price, quote.volume) == (5, Decimal("819.9"), 1_250_000)
    assert (quote.buy_quantity, quote.sell_quantity, quote.bids) == (700, 900, ())
    assert whole.exchange_at == whole.last_trade_at == datetime.fromtimestamp(AT, UTC)
    assert whole.oi == 1
    assert whole.bids[0] == Level(Decimal(820), 100, 3)
    assert whole.offers[4] == Level(Decimal("820.3"), 204, 4)
    assert len(full()) == 184


def test_both_lengths_of_an_index() -> None:
    values = (NIFTY, 2510035, 2520000, 2500000, 2505000, 2505010, 5025)
    short, long = read_frame(frame(struct.pack(">7I", *values), struct.pack(">8I", *values, AT)))
    for tick in (short, long):
        assert (tick.high, tick.low, tick.open, tick.previous_close) == (25200, 25000, 25050, Decimal("25050.1"))
        assert tick.volume is None
    assert (short.exchange_at, long.exchange_at) == (None, datetime.fromtimestamp(AT, UTC))


@pytest.mark.parametrize(
    ("segment", "price"), [(1, "8432500"), (2, "8432500"), (3, "84.325"), (4, "8432500"), (6, "84325"), (12, "84325")]
)
def test_divisors_by_segment(segment: int, price: str) -> None:
    (tick,) = read_frame(frame(struct.pack(">2I", 1000 << 8 | segment, 843_250_000)))
    assert tick.last_price == Decimal(price)


@pytest.mark.parametrize("heartbeat", [b"", b"\x00", b"\x01", b"\x00\x00"])
def test_a_heartbeat_has_no_ticks(heartbeat: bytes) -> None:
    assert read_frame(heartbeat) == ()


def test_a_packet_of_an_unknown_length_is_left_out() -> None:
    found = read_frame(frame(b"x" * 10, struct.pack(">2I", SBIN, 82005)))
    assert [each.token for each in found] == [SBIN]


@given(st.binary(max_size=400))
def test_any_bytes_are_ticks_or_an_error(data: bytes) -> None:
    try:
        read_frame(data)
    except ResponseError:
        assert len(data) >= 2


@given(st.integers(0, 190))
def test_a_frame_that_ends_early_is_an_error(cut: int) -> None:
    whole = frame(full(), struct.pack(">2I", SBIN, 82005))
    if cut >= 2:
        with pytest.raises(ResponseError):
            read_frame(whole[:cut])


def test_no_trade_yet_has_no_time() -> None:
    values = list(struct.unpack(">16I", full()[:64]))
    values[11] = values[15] = 0
    (tick,) = read_frame(frame(struct.pack(">16I", *values) + full()[64:]))
    assert tick.last_trade_at is None
    assert tick.exchange_at is None


def test_a_tick_as_a_quote() -> None:
    (tick,) = read_frame(frame(full()))
    quote = as_quote(tick, "SBIN", NOW)
    assert quote is not None
    assert (quote.last_price, quote.previous_close, quote.bid, quote.ask) == (
        Decimal("820.05"), Decimal("812.35"), Decimal(820), Decimal("820.1"),
    )  # fmt: skip
    assert (quote.lower_circuit, quote.fetched_at) == (None, NOW)
    assert as_quote(tick._replace(last_price=Decimal(0)), "SBIN", NOW) is None
