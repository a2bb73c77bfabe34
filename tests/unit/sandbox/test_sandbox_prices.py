"""Simulated prices: the same for everybody, on the tick, within the band, and true to the session before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients import kite_market
from robotrader.core.background_scheduler.clients.kite_client import KiteClient
from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.config.price_rules import on_tick, tick_size
from robotrader.core.background_scheduler.parsers.instruments_csv import read_instruments
from robotrader.core.background_scheduler.stores import calendar_file
from robotrader.core.background_scheduler.trading import Instrument, Quote
from robotrader.core.errors import RequestRefusedError, UnknownSymbolError
from robotrader.sandbox import facts
from robotrader.sandbox.kite_session import SandboxSession
from robotrader.sandbox.kite_transport import KiteSandboxTransport
from robotrader.sandbox.prices import Walk, base_price, tick_of
from robotrader.settings import KiteSettings
from tests.support.clock import FakeClock

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def calendar() -> MarketCalendar:
    return calendar_file.load(Path("/nonexistent"))


def ist(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}+05:30").astimezone(UTC)


def client(now: datetime) -> KiteClient:
    clock, everything = FakeClock(now), SandboxSession()
    return KiteClient(
        KiteSettings(api_key="sandbox"),
        session=everything,
        gates=everything,
        clock=clock,
        transport=KiteSandboxTransport(clock=clock, calendar=calendar),
        provider="sandbox",
    )


async def quote(symbol: str, now: datetime) -> Quote:
    return (await kite_market.quotes(client(now), [symbol])).found[symbol]


async def test_a_quote_says_that_it_is_simulated() -> None:
    found = await quote("SBIN", ist(FRIDAY, "10:00:30"))
    assert found.provider == "sandbox"
    assert (found.exchange_at, found.last_trade_at) == (ist(FRIDAY, "10:00:00"), ist(FRIDAY, "10:00:00"))
    assert found.bid is not None
    assert found.ask is not None
    assert found.bid < found.last_price < found.ask


async def test_the_same_minute_is_the_same_for_everybody() -> None:
    first, second = [await quote("TCS", ist(FRIDAY, f"11:11:{each}")) for each in ("01", "59")]
    assert first._replace(fetched_at=second.fetched_at) == second
    assert (await quote("TCS", ist(FRIDAY, "11:12:00"))).volume > (second.volume or 0)  # type: ignore[operator]


async def test_both_exchanges_have_one_price() -> None:
    now = ist(FRIDAY, "11:11:00")
    assert (await quote("BSE:TCS", now)).last_price == (await quote("TCS", now)).last_price


async def test_symbols_that_are_not_known_are_missing() -> None:
    found = await kite_market.quotes(client(ist(FRIDAY, "10:00:00")), ["M&M", "SBIN", "NIFTY 50"])
    assert found.missing == ("M&M", "NIFTY 50")


@given(
    st.sampled_from(facts.symbols()),
    st.integers(0, 360 * 24 * 60).map(lambda minutes: datetime(2026, 1, 5, tzinfo=UTC) + timedelta(minutes=minutes)),
)
@settings(max_examples=60, deadline=None)
def test_any_instant_has_a_price_on_the_tick_within_the_band(symbol: str, now: datetime) -> None:
    found = Walk(calendar).price(symbol, now)
    prices = (found.last, found.open, found.high, found.low, found.previous_close)
    assert all(on_tick(each, found.tick) for each in (*prices, found.lower_circuit, found.upper_circuit))
    assert found.lower_circuit <= found.low <= found.last <= found.high <= found.upper_circuit
    assert found.low <= found.open <= found.high
    assert found.volume > 0
    assert found.at <= now


@pytest.mark.parametrize("symbol", facts.symbols())
def test_the_previous_close_is_what_the_session_before_ended_with(symbol: str) -> None:
    walk = Walk(calendar)
    day, before = MONDAY, walk.price(symbol, ist(FRIDAY, "16:00:00")).last
    for _ in range(20):
        assert walk.price(symbol, ist(day, "09:15:00")).previous_close == before
        before = walk.price(symbol, ist(day, "15:59:00")).last
        day += timedelta(days=1)
        while walk.hours(day) is None:
            day += timedelta(days=1)


def test_outside_the_session_it_is_the_last_close() -> None:
    walk = Walk(calendar)
    close = walk.price("SBIN", ist(FRIDAY, "15:59:00"))
    for when in (ist(FRIDAY, "20:00:00"), ist(FRIDAY + timedelta(days=1), "12:00:00"), ist(MONDAY, "09:14:59")):
        assert walk.price("SBIN", when) == close
    assert walk.price("SBIN", ist(MONDAY, "09:15:00")).previous_close == close.last


def test_prices_move() -> None:
    walk = Walk(calendar)
    day = {walk.price("SBIN", ist(FRIDAY, f"{hour}:{minute:02}:00")).last for hour in (10, 11) for minute in range(60)}
    assert len(day) > 30
    closes = [walk.price("SBIN", ist(FRIDAY - timedelta(days=back), "16:00:00")).last for back in range(60)]
    assert max(closes) / min(closes) > Decimal("1.03")


@pytest.mark.parametrize("symbol", facts.symbols())
def test_where_the_walk_starts(symbol: str) -> None:
    named = {ratio.metric: ratio.value for ratio in facts.company(symbol).ratios}
    base = base_price(symbol)
    assert base == named.get("price", base)
    assert Decimal(50) < base < Decimal(50_000)
    assert tick_of(symbol) == tick_size(base, date(2026, 1, 1))
    with pytest.raises(UnknownSymbolError):
        base_price("NOPE")


def test_a_year_without_a_calendar_is_traded_on_weekdays() -> None:
    walk = Walk(calendar)
    day = date(2044, 3, 2)  # a Wednesday
    assert walk.price("SBIN", ist(day, "10:00:00")).at == ist(day, "10:00:00")
    assert walk.hours(date(2044, 3, 5)) is None


async def test_the_list_names_ticks_and_tokens() -> None:
    pieces: list[bytes] = []

    async def sink(piece: bytes) -> None:
        pieces.append(piece)

    k = client(ist(FRIDAY, "10:00:00"))
    await kite_market.instruments(k, None, sink)
    rows: dict[str, Instrument] = {row.symbol: row for row in read_instruments(b"".join(pieces).decode().splitlines())}
    assert set(rows) == {*facts.symbols(), *(f"BSE:{symbol}" for symbol in facts.symbols())}
    assert len({row.token for row in rows.values()}) == len(rows)
    assert all(row.tick_size == tick_of(symbol.removeprefix("BSE:")) for symbol, row in rows.items())
    days = await kite_market.candles(
        k, rows["SBIN"].token, "day", ist(date(2026, 11, 16), "00:00:00"), ist(FRIDAY, "10:00:00")
    )
    assert len(days) == 5
    assert (await quote("SBIN", ist(FRIDAY, "10:00:00"))).last_price == days[-1].close
    minutes = await kite_market.candles(
        k, rows["SBIN"].token, "15minute", ist(FRIDAY, "09:15:00"), ist(FRIDAY, "10:00:00")
    )
    assert [each.at for each in minutes] == [
        ist(FRIDAY, each) for each in ("09:15:00", "09:30:00", "09:45:00", "10:00:00")
    ]
    assert sum(each.volume for each in minutes) == days[-1].volume


async def test_it_has_no_account_and_takes_no_order() -> None:
    k = client(ist(FRIDAY, "10:00:00"))
    for path in ("/portfolio/holdings", "/orders", "/user/margins"):
        with pytest.raises(RequestRefusedError, match="simulated"):
            await k.get(path)
    with pytest.raises(RequestRefusedError):
        await k.get("/quote", [])
