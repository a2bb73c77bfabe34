"""Quotes, candles and the list of instruments."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients import kite_market
from robotrader.core.background_scheduler.clients.kite_client import Gate, KiteClient
from robotrader.core.background_scheduler.clients.kite_market import LONGEST_SPAN, spans
from robotrader.core.errors import (
    ConnectionFailedError,
    LoginRequiredError,
    RequestRefusedError,
    ResponseError,
    TradingError,
    ValidationError,
)
from robotrader.settings import KiteSettings
from tests.support import kite_shapes as shapes
from tests.support.kite_desk import MemoryGates, MemorySession, kite_desk
from tests.support.ports import FakeClock

NOW = "2026-11-20 09:30:00"


def over(body: object, status: int = 200, **headers: str) -> KiteClient:
    """A client that gets one answer, whatever it asks."""
    content = body if isinstance(body, bytes) else json.dumps({"status": "success", "data": body}).encode()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))

    return KiteClient(
        KiteSettings(api_key="k"),
        session=MemorySession(),
        gates=MemoryGates(),
        clock=FakeClock(),
        transport=httpx.MockTransport(answer),
    )


# -- quotes


async def test_a_full_quote() -> None:
    async with kite_desk(now=NOW, prices={"NSE:SBIN": 821.05}) as d:
        quote = (await kite_market.quotes(d.client, ["SBIN"])).found["SBIN"]
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    assert (quote.provider, quote.last_price, quote.previous_close) == ("kite", Decimal("821.05"), Decimal("812.35"))
    assert (quote.exchange_at, quote.last_trade_at, quote.fetched_at) == (at, at, d.clock.now())
    assert (quote.lower_circuit, quote.upper_circuit) == (Decimal("731.12"), Decimal("893.59"))
    assert (quote.bid, quote.ask, quote.volume) == (Decimal(820), Decimal(820), 1_250_000)


async def test_the_same_of_the_shorter_calls() -> None:
    async with kite_desk() as d:
        last = (await kite_market.ltp(d.client, ["SBIN"])).found["SBIN"]
        day = (await kite_market.ohlc(d.client, ["BSE:SBIN"])).found["BSE:SBIN"]
    assert (last.last_price, last.previous_close, last.volume) == (Decimal(820), None, None)
    assert (day.previous_close, day.lower_circuit) == (Decimal("812.3"), None)


async def test_an_index_has_no_times_and_no_name_without_a_blank() -> None:
    async with kite_desk() as d:
        quote = (await kite_market.quotes(d.client, ["NIFTY 50"])).found["NIFTY 50"]
    assert quote.last_trade_at is None
    assert quote.last_price == Decimal("25100.35")


@pytest.mark.parametrize(
    "row",
    [
        {"last_price": 0},
        {"last_price": None},
        {"last_price": -5},
        {"last_price": "820"},
        {"last_price": True},
        {"last_price": 820, "ohlc": [1]},
        {"last_price": 820, "volume": 1.5},
        [],
        "820",
    ],
)
async def test_a_price_is_never_made_up(row: object) -> None:
    found = await kite_market.quotes(over({"NSE:SBIN": row}), ["SBIN"])
    assert found.found == {}
    assert found.missing == ("SBIN",)


@pytest.mark.parametrize("data", [[], "x", None, 5])
async def test_quotes_that_are_no_map(data: object) -> None:
    with pytest.raises(ResponseError):
        await kite_market.quotes(over(data), ["SBIN"])


async def test_no_symbols_no_call() -> None:
    async with kite_desk() as d:
        assert await kite_market.quotes(d.client, []) == ({}, ())
        assert d.server.requests == []


async def test_a_symbol_is_asked_for_once() -> None:
    async with kite_desk() as d:
        await kite_market.quotes(d.client, ["SBIN", "TCS", "SBIN"])
        assert [value for _, value in d.server.requests[0].query] == ["NSE:SBIN", "NSE:TCS"]


async def test_more_quotes_than_allowed_are_refused_by_the_double() -> None:
    async with kite_desk() as d:
        with pytest.raises(RequestRefusedError):
            await d.client.get("/quote", [("i", f"NSE:S{n}") for n in range(501)], gate=Gate.QUOTES)


# -- candles


@given(st.integers(0, 3000), st.sampled_from(sorted(LONGEST_SPAN)))
def test_spans_cover_all_of_it(days: int, interval: str) -> None:
    first = datetime(2018, 1, 1, tzinfo=UTC)
    last = first + timedelta(days=days, hours=3)
    parts = spans(first, last, LONGEST_SPAN[interval])
    assert (parts[0][0], parts[-1][1]) == (first, last)
    assert all(one[1] == two[0] for one, two in itertools.pairwise(parts))
    assert all(end - start <= LONGEST_SPAN[interval] for start, end in parts)


async def test_candles_of_several_spans_each_once() -> None:
    rows = [
        [f"2026-{month:02}-15T09:15:00+0530", 100, 101.5, 99, 100.5, 1000 + month, 5] for month in (1, 3, 5, 7, 9, 11)
    ]
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    async with kite_desk(candles={"779521": rows}) as d:
        found = await kite_market.candles(d.client, 779521, "minute", first, last)
        with_oi = await kite_market.candles(d.client, 779521, "day", first, last, oi=True)
        assert len([each for each in d.server.requests if "minute" in each.path]) == 6
    assert [each.volume for each in found] == [1001, 1003, 1005, 1007, 1009, 1011]
    assert found[0].at == datetime(2026, 1, 15, 3, 45, tzinfo=UTC)
    assert (found[0].high, found[0].oi, with_oi[0].oi) == (Decimal("101.5"), None, 5)
    assert {gate for gate, _ in d.gates.asked} == {Gate.HISTORICAL}


@pytest.mark.parametrize(
    "row", [[], ["x", 1, 2, 3, 4, 5], [None, 1, 2, 3, 4, 5], ["2026-01-15T09:15:00+0530", 1, 2, 3]]
)
async def test_candles_that_are_none(row: list[object]) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ResponseError):
        await kite_market.candles(over({"candles": [row]}), 1, "day", at, at)


async def test_no_candles_of_a_week() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValidationError):
        await kite_market.candles(over({}), 1, "week", at, at)


# -- the list of instruments


async def read_list(client: KiteClient, exchange: str | None = "NSE") -> bytes:
    pieces: list[bytes] = []

    async def sink(piece: bytes) -> None:
        pieces.append(piece)

    total = await kite_market.instruments(client, exchange, sink)
    assert total == sum(map(len, pieces))
    return b"".join(pieces)


async def test_the_list_comes_compressed_and_whole() -> None:
    async with kite_desk() as d:
        assert (await read_list(d.client)).decode() == shapes.instruments_csv("NSE")
        assert (await read_list(d.client, None)).decode() == shapes.instruments_csv()


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("dead-token", LoginRequiredError),
        ("400", RequestRefusedError),
        ("502-html", TradingError),
        ("reset", ConnectionFailedError),
        ("cut", TradingError),
    ],
)
async def test_a_list_that_does_not_come(trouble: str, error: type[TradingError]) -> None:
    async with kite_desk(trouble) as d:
        with pytest.raises(error):
            await read_list(d.client)
        assert bool(d.session.deaths) is (trouble == "dead-token")


async def test_a_list_whose_compression_is_damaged_or_cut() -> None:
    with pytest.raises(ResponseError):
        await read_list(over(b"no gzip", **{"content-encoding": "gzip"}))
    import gzip

    whole = gzip.compress(shapes.instruments_csv().encode())
    with pytest.raises(ResponseError):
        await read_list(over(whole[:-12], **{"content-encoding": "gzip"}))


async def test_a_list_that_becomes_too_large() -> None:
    import gzip

    with pytest.raises(ResponseError):
        await read_list(over(gzip.compress(b"x" * 20_000_000), **{"content-encoding": "gzip"}))
