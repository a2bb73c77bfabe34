"""Price steps, bands and series."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.price_rules import (
    TICKS,
    band,
    on_tick,
    series_of,
    share_of,
    tick_size,
    to_tick,
)
from robotrader.core.errors import ConfigurationError, ValidationError

NOW, BEFORE = date(2026, 11, 20), date(2025, 4, 14)
TICK = st.sampled_from(sorted({row.tick for row in TICKS}))
PRICES = st.integers(1, 10_000_000).map(lambda paise: Decimal(paise) / 100)


@pytest.mark.parametrize(
    ("price", "day", "tick"),
    [
        ("0.05", NOW, "0.01"), ("249.99", NOW, "0.01"), ("250", NOW, "0.05"), ("1000", NOW, "0.05"),
        ("1000.05", NOW, "0.10"), ("5000", NOW, "0.10"), ("5000.10", NOW, "0.50"), ("10000", NOW, "0.50"),
        ("10000.5", NOW, "1"), ("20000", NOW, "1"), ("20001", NOW, "5"), ("150000", NOW, "5"),
        ("249.99", BEFORE, "0.01"), ("250", BEFORE, "0.05"), ("30000", BEFORE, "0.05"),
    ],
)  # fmt: skip
def test_the_step_follows_the_reference_price_and_the_day(price: str, day: date, tick: str) -> None:
    assert tick_size(Decimal(price), day) == Decimal(tick)


def test_a_day_before_the_table_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="2024-06-09"):
        tick_size(Decimal(100), date(2024, 6, 9))


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_what_is_no_price_has_no_step(price: str) -> None:
    with pytest.raises(ValidationError):
        tick_size(Decimal(price), NOW)


@given(PRICES, TICK)
def test_rounding_to_a_step(price: Decimal, tick: Decimal) -> None:
    down, near, up = to_tick(price, tick, up=False), to_tick(price, tick), to_tick(price, tick, up=True)
    assert down <= price <= up
    assert up - down in {Decimal(0), tick}
    assert near in {down, up}
    assert abs(near - price) <= tick / 2
    assert all(on_tick(each, tick) for each in (down, near, up))
    assert on_tick(price, tick) == (down == up)


@given(PRICES, st.integers(1, 20).map(Decimal), TICK)
def test_a_band_lies_on_steps_within_its_percentage(reference: Decimal, percent: Decimal, tick: Decimal) -> None:
    low, high = band(reference, percent, tick)
    reach = reference * percent / 100
    assert reference - reach <= low < reference - reach + tick
    assert reference + reach - tick < high <= reference + reach
    assert on_tick(low, tick)
    assert on_tick(high, tick)


@pytest.mark.parametrize(
    ("symbol", "series"),
    [
        ("CDSL-BE", "BE"),
        ("ABC-SM", "SM"),
        ("X-BZ", "BZ"),
        ("BAJAJ-AUTO", ""),
        ("SBIN", ""),
        ("NAM-INDIA", ""),
        ("BE", ""),
    ],
)
def test_the_series_behind_a_symbol(symbol: str, series: str) -> None:
    assert series_of(symbol) == series


@pytest.mark.parametrize(
    ("symbol", "share"),
    [("SBIN", "SBIN"), ("BSE:SBIN", "SBIN"), ("CDSL-BE", "CDSL"), ("BAJAJ-AUTO", "BAJAJ-AUTO"), ("BSE:ABC-BZ", "ABC")],
)
def test_a_share_by_any_of_its_symbols(symbol: str, share: str) -> None:
    assert share_of(symbol) == share
