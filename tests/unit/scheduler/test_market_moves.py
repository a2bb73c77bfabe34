"""What is told of prices and volumes: each crossing once a day, and nothing that is not known."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.monitors.market_moves import change_pct, moves, spike, steps, usual
from tests.support.quotes import quote

THREE = Decimal(3)


@pytest.mark.parametrize(
    ("price", "close", "change", "crossed"),
    [
        ("102.99", "100", "2.99", 0),
        ("103", "100", "3.00", 1),
        ("97", "100", "-3.00", 1),
        ("97.01", "100", "-2.99", 0),
        ("109.5", "100", "9.50", 3),
        ("88", "100", "-12.00", 4),
        ("100", None, None, 0),
        ("100", "0", None, 0),
        ("0.31", "0.30", "3.33", 1),
    ],
)
def test_steps(price: str, close: str | None, change: str | None, crossed: int) -> None:
    made = quote("SBIN", price, close)
    assert change_pct(made) == (None if change is None else Decimal(change))
    assert steps(made, THREE) == crossed


def day(*prices: str, move_pct: Decimal = THREE) -> list[str]:
    """What is told through a day of prices, from a close of 100."""
    told: dict[tuple[str, str], int] = {}
    found = []
    for price in prices:
        for each in moves([quote("SBIN", price, "100")], told, move_pct):
            told[each.symbol, each.direction] = each.step
            found.append(str(each.crossed_pct))
    return found


def test_a_price_that_trembles_about_a_line_is_told_once() -> None:
    assert day("102.9", "103.1", "102.9", "103.0", "102", "103.2") == ["3"]


def test_further_multiples_and_the_other_way_are_told_apart() -> None:
    assert day("103", "107", "106.5", "104", "97", "96.9", "103", "93.9", "109.1") == ["3", "6", "-3", "-6", "9"]


def test_a_jump_over_several_lines_is_told_once() -> None:
    assert day("110", "111") == ["9"]


@given(st.lists(st.integers(8000, 12000), max_size=60), st.sampled_from([Decimal(1), Decimal("2.5"), THREE]))
def test_each_multiple_is_told_at_most_once_and_the_farthest_always(prices: list[int], move_pct: Decimal) -> None:
    texts = [str(Decimal(each) / 100) for each in prices]
    told = [Decimal(each) for each in day(*texts, move_pct=move_pct)]
    assert len(set(told)) == len(told)
    for sign in (1, -1):
        reached = [int(sign * (Decimal(each) - 100) // move_pct) for each in texts if sign * (Decimal(each) - 100) > 0]
        most = max([each for each in reached if each >= 1], default=None)
        said = [each for each in told if each * sign > 0]
        assert ([said[-1]] if said else []) == ([] if most is None else [sign * most * move_pct])


def test_a_usual_day_needs_five_days() -> None:
    assert usual([1, 2, 3, 4]) is None
    assert usual([10, 1, 3, 2, 1000]) == 3


@pytest.mark.parametrize(
    ("volume", "elapsed", "expected"),
    [
        (1499, 0.5, None),
        (1500, 0.5, Decimal("3.00")),  # three times half of a day of 1000
        (2999, 1.0, None),
        (3000, 1.0, Decimal("3.00")),
        (299, 0.01, None),  # the first minutes are compared with a tenth of a day
        (300, 0.01, Decimal("3.00")),
        (None, 0.5, None),
    ],
)
def test_spikes(volume: int | None, elapsed: float, expected: Decimal | None) -> None:
    found = spike(quote("SBIN", "100", volume=volume), [1000] * 5, elapsed, THREE)
    assert (None if found is None else found.times) == expected


def test_no_spike_where_too_little_is_known() -> None:
    assert spike(quote("SBIN", "100", volume=10**9), [1000] * 4, 0.5, THREE) is None
    assert spike(quote("SBIN", "100", volume=10**9), [0] * 5, 0.5, THREE) is None
